/* test_oracle_precopy.c - pins, against closed forms: pre-copy of a guest that writes in order is a
 * geometric series (pages and rounds); one that writes at random saturates as W(1-exp(-wT/W));
 * stop-and-copy takes bytes over rate; the real downtime is the limit times wire bytes a page over
 * 4096, and what `estimate: pages` makes of it; windows of 100 ms send what was counted by hand;
 * an iterate call ends after 50 ms, looked at every 64 pages; auto-converge takes its steps at
 * every second period of more than a second. One measured run of QEMU, where that data set is
 * present (GW_SHARED, or shared/ beside the tree). Does not pin: costs of hosts, codecs.
 *
 * Sources: Clark et al., NSDI 2005; QEMU 7.2 as described in docs/model-memory-migration.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "sim/memory_world.h"
#include "tests/support/memory_rig.h"
#include "tests/support/near.h"
#include "tests/support/scenario_rig.h"

enum { RAW = 4104, SECTION = 18, TEXT_BYTES = 4000 };

static const int64_t MS = 1000000;

/* A host whose CPUs cost nothing: what is left is the wire. */
#define FREE_HOST                                                                                  \
    "host: {protection: dirty-bit, fault: 0s, setup: 0s, sync: 0s, sync_page_ns: 0, "              \
    "protect_page_ns: 0, page_ns: 0, zero_ns: 0, non_zero_ns: 0, send_ns: 0, send_byte_ns: 0, "    \
    "copy_ns: 0, scan_ns: 0, give_ns: 0, wake_ns: 0, wake_latency_ns: 0, collect_ns: 0, "          \
    "lock_ns: 0, load_ns: 0, load_zero_ns: 0, load_byte_ns: 0, load_page_ns: 0, "                  \
    "load_give_ns: 0, suspend: 0s, resume: 0s, device_state: 0B}\n"

/* ---- on the simulator ------------------------------------------------------------------------------- */

struct run {
    struct gw_scenario *scenario;
    struct gw_memory_world *world;
    const struct gw_memory_stats *stats;
    const struct gw_result *result;
};

static void
begin(struct run *run, const char *text, const char *const *overrides)
{
    struct gw_error err = {.message = ""};

    run->scenario = scenario_rig_parse(text, overrides);
    run->world = gw_memory_world_create(run->scenario, 0, &err);
    if (run->world == NULL || !gw_memory_world_run(run->world, &err)) {
        fail_msg("%s", err.message);
    }
    run->stats = &run->world->stats;
    run->result = &run->world->result;
    assert_true(run->result->verified);
}

static void
end(struct run *run)
{
    gw_memory_world_destroy(run->world);
    gw_scenario_destroy(run->scenario);
}

static const char *const precopy_text =
    "name: oracle\nseed: 7\nwarmup: 1s\ncooldown: 0s\ntime_limit: 100s\n"
    "memory: {size: 128MiB}\nlink: {rate: 100MB/s, latency: 0s, socket_buffer: 1MiB}\n" FREE_HOST
    "regions: [{name: all, size: 128MiB, content: random, writes: sequential, rate: 12000/s,\n"
    "           change_size: 64B, change_content: random}]\n"
    "migration: {architecture: precopy, max_bandwidth: 0B/s, downtime_limit: 20ms}\n";

/* In order: no page is written twice in a round, so that nothing saturates. */
static void
geometric_series(void **state)
{
    static const int rates[] = {5000, 12000, 17000, 21000};
    const double pages = 32768, service = 100e6 / RAW, threshold = 100e6 * 0.020 / GW_PAGE_BYTES;

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        char rate[80];
        const char *overrides[] = {rate, NULL};
        double ratio = rates[i] / service;
        double rounds = ceil(log(pages / threshold) / log(1 / ratio));
        struct run run;

        snprintf(rate, sizeof rate, "regions.0.rate=%d/s", rates[i]);
        begin(&run, precopy_text, overrides);
        assert_int_equal(run.result->outcome, GW_COMPLETED);
        assert_within((double)run.stats->normal_pages, pages / (1 - ratio), 0.02);
        /* One at the start, one in the end; each of the others ends a round. */
        assert_true(fabs((double)run.stats->sync_count - (rounds + 2)) <= 1);
        assert_within((double)run.stats->total_time_ns * 1e-9,
                      (double)run.stats->normal_pages / service, 0.01);
        end(&run);
    }
}

static void
never_converges_above_one(void **state)
{
    const char *overrides[] = {"regions.0.rate=30000/s", "time_limit=20s", NULL};
    struct run run;

    (void)state;
    begin(&run, precopy_text, overrides);
    assert_int_equal(run.result->outcome, GW_NOT_CONVERGED);
    assert_within((double)run.stats->total_time_ns * 1e-9, 20, 0.01);
    end(&run);
}

/* What the second sync finds: the pages that random writes have hit while the first pass ran. */
static void
random_writes_saturate(void **state)
{
    static const double rates[] = {5000, 20000, 60000};
    const double set = 8192, memory = 32768, service = 100e6 / RAW;

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        char region[200];
        const char *overrides[] = {region, "time_limit=5s", NULL};
        struct run run;
        double time_s, expected;

        snprintf(region, sizeof region,
                 "regions=[{name: set, size: 32MiB, content: random, writes: uniform, rate: %g/s, "
                 "change_size: 64B}, {name: rest, size: 96MiB, content: random}]",
                 rates[i]);
        begin(&run, precopy_text, overrides);
        /* Less what is still to be sent when the sync is due: a threshold's worth. */
        time_s = (memory - 100e6 * 0.020 / GW_PAGE_BYTES) / service;
        expected = set * (1 - exp(-rates[i] * time_s / set));
        assert_within(scenario_rig_cell(run.result, GW_SERIES_SYNC, 1, 1), expected, 0.02);
        end(&run);
    }
}

static void
stop_and_copy_takes_bytes_over_rate(void **state)
{
    const char *overrides[] = {"migration.architecture=stop-and-copy", NULL};
    struct run run;
    double expected_s = 32768.0 * RAW / 100e6;

    (void)state;
    begin(&run, precopy_text, overrides);
    assert_int_equal(run.stats->normal_pages, 32768);
    assert_within((double)run.stats->downtime_ns * 1e-9, expected_s, 0.001);
    assert_within((double)run.stats->total_time_ns * 1e-9, expected_s, 0.001);
    end(&run);
}

/* Pages of one repeated word shrink to a fraction: the threshold, in raw bytes, is too strict by
 * the same fraction, unless the estimate counts raw bytes too. */
static void
downtime_shrinks_with_the_wire(void **state)
{
    static const char *const estimates[] = {"migration.estimate=wire", "migration.estimate=pages"};
    double downtime_s[2], share = 1;

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *overrides[] = {estimates[i],
                                   "migration.compress=zlib",
                                   "migration.compress_threads=1",
                                   "migration.downtime_limit=1s",
                                   "regions.0.content=half",
                                   "regions.0.rate=14000/s",
                                   NULL};
        struct run run;

        begin(&run, precopy_text, overrides);
        assert_int_equal(run.result->outcome, GW_COMPLETED);
        share =
            (double)run.stats->transferred_bytes / ((double)run.stats->pages_done * GW_PAGE_BYTES);
        downtime_s[i] = (double)run.stats->downtime_ns * 1e-9;
        end(&run);
    }
    assert_true(share < 0.8);
    assert_true(downtime_s[0] <= 1.05 * share && downtime_s[0] > 0.3 * share);
    assert_true(downtime_s[1] <= 1.05 && downtime_s[1] > 0.3);
}

/* ---- by hand, on the rig ---------------------------------------------------------------------------- */

struct tape {
    size_t count;
    int64_t at_ns[2000], value[2000];
};

static void
on_sent(void *owner, int64_t now_ns, int64_t bytes)
{
    struct tape *tape = owner;

    if (tape->count < 2000) {
        tape->at_ns[tape->count] = now_ns;
        tape->value[tape->count++] = bytes;
    }
}

static void
on_throttle(void *owner, int64_t now_ns, uint32_t vcpu, uint32_t percent)
{
    if (vcpu == 0) {
        on_sent(owner, now_ns, percent);
    }
}

static void
steady_plan(struct memory_rig_plan *plan, uint64_t pages)
{
    *plan = (struct memory_rig_plan){
        .architecture = &gw_precopy, .pages = pages, .steady = true, .limit_ns = 60000 * MS};
    memory_rig_presets(&plan->settings);
    plan->settings.zero_detection = GW_ZERO_NONE;
}

/* Total bytes that were sent before a moment after the start. */
static int64_t
sent_before(const struct tape *tape, int64_t after_ns)
{
    int64_t sum = 0;

    for (size_t i = 0; i < tape->count; i++) {
        sum += tape->at_ns[i] - tape->at_ns[0] < after_ns ? tape->value[i] : 0;
    }
    return sum;
}

/* A budget of ten pages: the first window begins with 58 bytes of setup, ten pages and the name of
 * the first block, and is over its budget then. The second has sent exactly its budget after ten
 * pages, which is not over, and sends an eleventh. */
static void
windows_by_hand(void **state)
{
    static struct tape tape;
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;
    int64_t first = 8 + 18 + 1 + 6 + 8 + 1 + 8 + 8 + 10 * RAW + 1 + 6 + SECTION;

    (void)state;
    tape.count = 0;
    steady_plan(&plan, 64);
    plan.rate = 1000000000000;
    plan.settings.max_bandwidth = 100 * RAW;
    plan.settings.downtime_limit_ns = MS;
    plan.on_sent = on_sent;
    plan.owner = &tape;
    memory_rig_run(&plan, &verdict);
    assert_int_equal(sent_before(&tape, 99 * MS), first);
    assert_int_equal(sent_before(&tape, 101 * MS), first + 11 * RAW + SECTION);
    assert_int_equal(sent_before(&tape, 199 * MS), first + 11 * RAW + SECTION);
    assert_int_equal(sent_before(&tape, 201 * MS), first + 22 * RAW + 2 * SECTION);
}

/* 64 pages take 20 ms: the clock says more than 50 after the third batch. */
static void
iterate_calls_by_hand(void **state)
{
    static struct tape tape;
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;

    (void)state;
    tape.count = 0;
    steady_plan(&plan, 256);
    plan.rate = 64 * RAW * 50;
    plan.settings.max_bandwidth = 0;
    plan.on_sent = on_sent;
    plan.owner = &tape;
    memory_rig_run(&plan, &verdict);
    assert_int_equal(tape.value[1], 64 * RAW + 1 + 6);
    assert_int_equal(tape.value[2], 64 * RAW);
    assert_int_equal(tape.value[3], 64 * RAW);
    assert_int_equal(tape.value[4], SECTION);
    assert_int_equal(tape.value[5], 64 * RAW + 1 + 8);
    assert_int_equal(verdict.stats.sync_count, 2);
}

/* All pages are dirty again after each pass, whatever the throttle. */
static void
throttle_ramp(void **state)
{
    static const int64_t steps[] = {20, 30, 40, 50, 60, 70, 80, 90, 99, 0};
    static struct tape tape;
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;
    int64_t pass_ns = 32 * RAW * 1000 * MS / 400000;
    int64_t periods = 1000 * MS / pass_ns + 1;

    (void)state;
    tape.count = 0;
    steady_plan(&plan, 32);
    plan.rate = 400000;
    plan.writes_a_ms = 100;
    plan.limit_ns = 30000 * MS;
    plan.settings.throttle = GW_THROTTLE_AUTO_CONVERGE;
    plan.settings.downtime_limit_ns = MS;
    plan.on_throttle = on_throttle;
    plan.owner = &tape;
    memory_rig_run(&plan, &verdict);
    assert_true(tape.count >= 10);
    for (size_t i = 0; i < 10; i++) {
        if (steps[i] > 0) {
            assert_int_equal(tape.value[i], steps[i]);
        }
    }
    for (size_t i = 1; i < 9; i++) {
        int64_t step_ns = tape.at_ns[i] - tape.at_ns[i - 1];

        assert_true(step_ns > 2000 * MS);
        assert_true(llabs(step_ns - 2 * periods * pass_ns) < pass_ns / 4);
    }
    assert_int_equal(verdict.stats.throttle_percent_most, 99);
}

/* ---- a measured run --------------------------------------------------------------------------------- */

static int64_t
number(const json_t *root, const char *group, const char *part, const char *key)
{
    const json_t *object = json_object_get(root, group);

    object = part == NULL ? object : json_object_get(object, part);
    return json_integer_value(json_object_get(object, key));
}

/* Below the area that the guest fills lie 16 MiB that it never touched, above it the rest. */
static void
write_scenario(const json_t *root, char *text)
{
    int64_t pages = number(root, "setup", "guest", "fill");
    int64_t set = number(root, "setup", "guest", "wss");

    snprintf(text, TEXT_BYTES,
             "name: measured\nwarmup: 1500ms\ncooldown: 1s\ntime_limit: %llds\n"
             "link: {rate: 40Gbps, latency: 20us, socket_buffer: 208KiB}\n"
             "memory: {size: %lldMiB, vcpus: 1}\nregions:\n"
             "  - {name: low, size: 16MiB, content: zero}\n"
             "  - {name: ws, size: %lldKiB, content: random, writes: uniform, rate: %lld/s, "
             "change_size: %lldB, change_content: random}\n"
             "  - {name: fill, size: %lldKiB, content: random}\n"
             "migration: {architecture: precopy, max_bandwidth: %lldB/s, downtime_limit: %lldms}\n",
             (long long)number(root, "setup", NULL, "time_limit_s"),
             (long long)number(root, "setup", NULL, "ram_mib"), (long long)set * 4,
             (long long)number(root, "setup", "guest", "rate"),
             (long long)number(root, "setup", "guest", "chg"), (long long)(pages - set) * 4,
             (long long)number(root, "setup", NULL, "max_bandwidth"),
             (long long)number(root, "setup", NULL, "downtime_limit_ms"));
}

static void
measured_run(void **state)
{
    static char text[TEXT_BYTES];
    const char *shared = getenv("GW_SHARED");
    const char *tree = getenv("GW_SOURCE_DIR");
    char path[4096];
    json_error_t error;
    struct run run;
    json_t *root;

    (void)state;
    snprintf(path, sizeof path, "%s%s/data/qemu-memory/a-1g-u-rho040.json",
             shared != NULL ? shared : (tree != NULL ? tree : "."),
             shared != NULL ? "" : "/../shared");
    root = json_load_file(path, 0, &error);
    if (root == NULL) {
        print_message("# skipped: no measured runs at %s\n", path);
        skip();
    }
    write_scenario(root, text);
    begin(&run, text, NULL);
    assert_within((double)run.stats->total_time_ns * 1e-6,
                  (double)number(root, "result", NULL, "total_time_ms"), 0.02);
    assert_within((double)run.stats->transferred_bytes,
                  (double)number(root, "result", NULL, "transferred"), 0.02);
    assert_int_equal(run.stats->sync_count, number(root, "result", NULL, "iterations"));
    end(&run);
    json_decref(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geometric_series),
        cmocka_unit_test(never_converges_above_one),
        cmocka_unit_test(random_writes_saturate),
        cmocka_unit_test(stop_and_copy_takes_bytes_over_rate),
        cmocka_unit_test(downtime_shrinks_with_the_wire),
        cmocka_unit_test(windows_by_hand),
        cmocka_unit_test(iterate_calls_by_hand),
        cmocka_unit_test(throttle_ramp),
        cmocka_unit_test(measured_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
