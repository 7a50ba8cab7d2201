/* test_world.c - pins, on the whole simulated world with drawn devices, workloads and seeds, for
 * every architecture: the data are verified; every block is sent, IO mirroring sends each once;
 * the penalty lies between downtime and migration time and is the sum of its parts; the same seed
 * gives the same digest, on any number of threads; a fault decorator that never fails changes
 * nothing; a world twice as fast takes half of the time. Does not pin: any absolute time.
 *
 * A failure prints one line to repeat it: repro: test_world --seed S. GW_TORTURE=long draws 20
 * times as many worlds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/study.h"
#include "sim/world.h"

enum { WORLDS = 24, LONG_FACTOR = 20, TEXT_BYTES = 4000, KINDS = 10 };

static const char *const architectures[KINDS] = {
    "snapshot",   "dbt",  "incremental-dbt", "heat",  "mirror", "write-blocking",
    "background", "cold", "overlay",         "stream"};

/* ---- drawing a world ------------------------------------------------------------------------------ */

static const char *const devices[] = {
    "{kind: servers, servers: 8, read_time: 2ms, write_time: 1ms, distribution: exponential}",
    "{kind: servers, servers: 2, read_time: 200us, write_time: 400us}",
    "{kind: servers, servers: 16, read_time: 4ms, write_time: 6ms, distribution: lognormal}",
    "{kind: ideal, rate: 200MB/s, latency: 300us}",
    "{kind: disk}",
    "{kind: stripe, members: 4, member: {kind: disk}}",
    "{kind: ssd, channels: 2}",
    ("{kind: array, write_cache: 8MiB, read_cache: 8MiB, backing: {kind: stripe, members: 4, "
     "member: {kind: disk}}}"),
    "{kind: limiter, rate: 60MB/s, backing: {kind: servers, servers: 8}}",
};

static const char *const workloads[] = {
    "{kind: closed, oio: 1}",
    "{kind: closed, oio: 8}",
    "{kind: closed, oio: 16, read_share: 20%, block: 4KiB}",
    "{kind: closed, oio: 4, block: 32KiB, pattern: zipf, read_share: 30%}",
    "{kind: closed, oio: 8, pattern: hotcold, trim_share: 10%, zero_share: 10%}",
    "{kind: closed, oio: 4, block: 512B, think_time: 2ms, read_share: 0%}",
    "{kind: closed, oio: 4, random_share: 20%, block: 256KiB, think_time: 20ms}",
    "{kind: open, rate: 100/s}",
    "{kind: open, rate: 300/s, outstanding: 16, pattern: hotcold, read_share: 10%}",
    "{kind: idle}",
};

static const char *const tunings[] = {
    "downtime_goal: 5s",
    "downtime_goal: 300ms, granularity: 16KiB, iterations_most: 6",
    "downtime_goal: 1s, mover_io: 64KiB, mover_outstanding: 3, granularity: 4KiB",
    "downtime_goal: 400ms, mover_rate: 50MB/s, stall_limit: 1, downtime_most: 1s",
    "downtime_goal: 1s, mover_io: 1MiB, mover_outstanding: 2, granularity: 128KiB",
    "downtime_goal: 1s, skip_holes: true",
};

static const char *const own_tunings[] = {
    "mirror: {lock_range: 4MiB, drain: all}, write-blocking: {serial: false}",
    "mirror: {lock_range: 1MiB, drain: writes, defer_reads: false}, snapshot: {small_time: 100ms}",
    "mirror: {lock_range: 2MiB, drain: overlapping}, heat: {base: incremental-dbt, threshold: 2}",
    ("mirror: {lock_range: 320KiB, drain: overlapping}, write-blocking: {serial: true}, "
     "snapshot: {small_time: 50ms, redo_volume: target, metadata_cache: 4KiB, rounds_most: 3}"),
};

#define PICK(stream, list) list[gw_stream_below(stream, sizeof list / sizeof list[0])]

struct drawn {
    char text[TEXT_BYTES];
    int64_t disk_bytes; /* all that is migrated */
    bool closed, holes;
    bool even; /* the source has no cache and no place, so a rest does not make it faster; nor does
                  a redo log on a faster target */
};

static void
draw(uint64_t seed, const char *architecture, struct drawn *out)
{
    struct gw_stream stream;
    int64_t small, large;
    const char *source, *target, *workload, *tuning, *own;

    gw_stream_open(&stream, seed, 0, "test.world", 0);
    small = 1 + (int64_t)gw_stream_below(&stream, 16);
    large = 64 + (int64_t)gw_stream_below(&stream, 96);
    source = PICK(&stream, devices);
    target = PICK(&stream, devices);
    workload = PICK(&stream, workloads);
    tuning = PICK(&stream, tunings);
    own = PICK(&stream, own_tunings);
    out->disk_bytes = (small * 68 + large * 1024) << 10;
    out->closed = strstr(workload, "closed") != NULL && strstr(workload, "random_share") == NULL;
    out->holes = strstr(tuning, "skip_holes") != NULL;
    out->even = strncmp(source, "{kind: servers", 14) == 0 &&
                strcmp(architecture, "snapshot") != 0 && strcmp(architecture, "overlay") != 0;
    (void)snprintf(out->text, sizeof out->text,
                   "name: drawn\nseed: %llu\nwarmup: 4s\ncooldown: 1s\ntime_limit: 3min\n"
                   "devices:\n  source: %s\n  target: %s\n"
                   "vm:\n  disks:\n    - {size: %lldKiB}\n"
                   "    - {size: %lldMiB, allocated: 70%%, zero: 10%%}\n"
                   "workload: %s\n"
                   "migration: {architecture: %s, %s, %s}\n",
                   (unsigned long long)seed, source, target, (long long)small * 68,
                   (long long)large, workload, architecture, tuning, own);
}

static struct gw_scenario *
parse(const char *text)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario =
        gw_scenario_parse("drawn.yaml", text, strlen(text), NULL, 0, &diagnostics);

    if (scenario == NULL) {
        fail_msg("%s: %s\n%s", diagnostics.items[0].where, diagnostics.items[0].message, text);
    }
    return scenario;
}

/* ---- what must hold of one result ------------------------------------------------------------------ */

static void
check_bytes(const struct gw_result *result, const struct drawn *drawn)
{
    double copied = result->metric[GW_METRIC_BYTES_COPIED];
    double mirrored = result->metric[GW_METRIC_BYTES_MIRRORED];
    double disk = (double)drawn->disk_bytes;
    bool mirror = strcmp(result->architecture, "mirror") == 0;

    if (result->outcome != GW_COMPLETED || drawn->holes) {
        return;
    }
    if (strcmp(result->architecture, "write-blocking") == 0) {
        /* What was trimmed or zeroed by the guest was sent without being counted. */
        assert_true(copied > 0 && copied + mirrored > 0.5 * disk);
        return;
    }
    if (strcmp(result->architecture, "stream") == 0) {
        /* Clusters that the guest wrote to first need no pull. */
        assert_true(copied > 0 && copied <= disk);
        return;
    }
    assert_true(mirror ? copied == disk : copied >= disk);
    assert_true(result->metric[GW_METRIC_BYTES_SENT] >= disk * 0.9);
}

static void
check_penalty(const struct gw_result *result, const struct drawn *drawn)
{
    double penalty = result->metric[GW_METRIC_GUEST_PENALTY_S];
    double downtime = result->metric[GW_METRIC_DOWNTIME_S];
    double time = result->metric[GW_METRIC_MIGRATION_TIME_S];
    double parts = result->metric[GW_METRIC_PENALTY_STUN_S] +
                   result->metric[GW_METRIC_PENALTY_DEFER_S] +
                   result->metric[GW_METRIC_PENALTY_SHARING_S];

    assert_true(downtime >= 0 && time >= downtime - 1e-9);
    if (!drawn->closed || !(penalty == penalty)) {
        return;
    }
    assert_true(penalty <= time + 1e-9);
    /* A few hundred IOs before and in a migration: the two rates differ by chance. */
    if (drawn->even && !(penalty >= downtime - 0.05 * time - 0.05)) {
        fail_msg("penalty %g s, downtime %g s, time %g s", penalty, downtime, time);
    }
    assert_true(parts - penalty < 1e-6 && penalty - parts < 1e-6);
}

static void
check_job(const struct gw_job *job, const struct drawn *drawn, uint64_t seed)
{
    const struct gw_result *result;

    if (job->error.code != GW_OK) {
        fail_msg("repro: test_world --seed %llu: %s\n%s", (unsigned long long)seed,
                 job->error.message, drawn->text);
    }
    assert_int_equal(job->result_count, 1);
    result = &job->results[0];
    if (!result->verified || result->outcome == GW_OUTCOME_RUNNING) {
        fail_msg("repro: test_world --seed %llu: %s, %s\n%s", (unsigned long long)seed,
                 result->verify_note, result->reason, drawn->text);
    }
    check_bytes(result, drawn);
    check_penalty(result, drawn);
}

/* ---- worlds ------------------------------------------------------------------------------------------ */

struct batch {
    struct drawn drawn[KINDS];
    struct gw_scenario *scenarios[KINDS];
    struct gw_job jobs[KINDS];
};

static void
run_batch(struct batch *batch, uint64_t seed, size_t threads)
{
    struct gw_study study = {.jobs = batch->jobs, .count = KINDS, .threads = threads};
    struct gw_error err;

    memset(batch->jobs, 0, sizeof batch->jobs);
    for (size_t i = 0; i < KINDS; i++) {
        draw(seed, architectures[i], &batch->drawn[i]);
        batch->scenarios[i] = parse(batch->drawn[i].text);
        batch->jobs[i].scenario = batch->scenarios[i];
    }
    assert_true(gw_study_run(&study, &err));
}

static void
clear_batch(struct batch *batch)
{
    for (size_t i = 0; i < KINDS; i++) {
        gw_job_clear(&batch->jobs[i]);
        gw_scenario_destroy(batch->scenarios[i]);
    }
}

static void
check_world(uint64_t seed, bool tell)
{
    static struct batch batch;

    run_batch(&batch, seed, 2);
    for (size_t i = 0; i < KINDS; i++) {
        if (tell && batch.jobs[i].result_count > 0) {
            print_message("%s%s: %s\n", batch.drawn[i].text, architectures[i],
                          batch.jobs[i].results[0].reason);
        }
        check_job(&batch.jobs[i], &batch.drawn[i], seed);
    }
    clear_batch(&batch);
}

static void
drawn_worlds_are_right(void **state)
{
    const char *length = getenv("GW_TORTURE");
    uint64_t worlds = length != NULL && strcmp(length, "long") == 0 ? WORLDS * LONG_FACTOR : WORLDS;

    (void)state;
    for (uint64_t seed = 1; seed <= worlds; seed++) {
        print_message("# repro: test_world --seed %llu\n", (unsigned long long)seed);
        check_world(seed, false);
    }
}

static void
threads_change_nothing(void **state)
{
    static struct batch one, three;

    (void)state;
    for (uint64_t seed = 101; seed <= 103; seed++) {
        run_batch(&one, seed, 1);
        run_batch(&three, seed, 3);
        for (size_t i = 0; i < KINDS; i++) {
            char a[33], b[33];

            gw_result_digest(&one.jobs[i].results[0], a);
            gw_result_digest(&three.jobs[i].results[0], b);
            assert_string_equal(a, b);
        }
        clear_batch(&one);
        clear_batch(&three);
    }
}

static enum gw_code
never_fail(void *self, const struct gw_disk *disk, const struct gw_io *io)
{
    (void)disk;
    (void)io;
    ++*(uint64_t *)self;
    return GW_OK;
}

static void
digest_of(const struct gw_scenario *scenario, struct gw_fault_hook hook, char out[33])
{
    struct gw_error err;
    struct gw_world *world = gw_world_create(scenario, 0, &err);

    assert_non_null(world);
    world->guests[0].room.fault = hook;
    assert_true(gw_world_run(world, &err));
    gw_result_digest(gw_world_result(world, 0), out);
    gw_world_destroy(world);
}

static void
null_faults_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        static struct drawn drawn;
        struct gw_scenario *scenario;
        uint64_t calls = 0;
        char a[33], b[33];

        draw(201 + i, architectures[i], &drawn);
        scenario = parse(drawn.text);
        digest_of(scenario, (struct gw_fault_hook){NULL, NULL}, a);
        digest_of(scenario, (struct gw_fault_hook){never_fail, &calls}, b);
        assert_string_equal(a, b);
        assert_true(calls > 100);
        gw_scenario_destroy(scenario);
    }
}

/* ---- a world twice as fast ------------------------------------------------------------------------------ */

/* The settings of an architecture that are times, in units of a tick. */
static const struct {
    const char *architecture;
    const char *before;
    int time_us;
    const char *after;
} own_times[KINDS] = {
    {"snapshot", "snapshot: {small_time: ", 40000, "}"},
    {"dbt", "dbt: {switch_cost: ", 40000, "}"},
    {"incremental-dbt", "incremental-dbt: {switch_cost: ", 40000, "}"},
    {"heat", "heat: {threshold: 2, epoch: ", 3000000, ", switch_cost: 0s}"},
    {"mirror", "switchover_limit: ", 20000000, ""},
    {"write-blocking", "switchover_limit: ", 20000000, ""},
    {"background", "switchover_limit: ", 20000000, ""},
    {"cold", "switchover_limit: ", 20000000, ""},
    {"overlay", "overlay: {rest: ", 100000, "}"},
    {"stream", "switchover_limit: ", 20000000, ""},
};

/* Runs one world whose times are all multiples of the tick. */
static void
run_at(size_t number, int tick, struct gw_job *job)
{
    char text[TEXT_BYTES], own[200];
    struct gw_study study = {.jobs = job, .count = 1, .threads = 1};
    struct gw_scenario *scenario;
    struct gw_error err;

    (void)snprintf(own, sizeof own, "%s%dus%s", own_times[number].before,
                   own_times[number].time_us * tick, own_times[number].after);
    (void)snprintf(text, sizeof text,
                   "name: scaled\nseed: 5\nwarmup: %dms\ncooldown: %dms\ntime_limit: %dms\n"
                   "sample_interval: %dms\n"
                   "host: {attach_stun: %dms, snapshot_stun: %dms, suspend: %dms, resume: %dms}\n"
                   "devices:\n"
                   "  source: {kind: servers, servers: 8, read_time: %dus, write_time: %dus}\n"
                   "  target: {kind: servers, servers: 8, read_time: %dus, write_time: %dus}\n"
                   "vm: {disks: [{size: 64MiB}]}\n"
                   "workload: {kind: closed, oio: 4}\n"
                   "migration: {architecture: %s, downtime_goal: %dms, downtime_most: %dms, %s}\n",
                   2000 * tick, 500 * tick, 60000 * tick, 500 * tick, 50 * tick, 60 * tick,
                   100 * tick, 120 * tick, 500 * tick, 700 * tick, 600 * tick, 900 * tick,
                   own_times[number].architecture, 150 * tick, 20000 * tick, own);
    scenario = parse(text);
    memset(job, 0, sizeof *job);
    job->scenario = scenario;
    assert_true(gw_study_run(&study, &err));
    assert_int_equal(job->result_count, 1);
    gw_scenario_destroy(scenario);
}

static void
twice_as_fast_takes_half(void **state)
{
    static const enum gw_metric times[] = {GW_METRIC_MIGRATION_TIME_S, GW_METRIC_DOWNTIME_S,
                                           GW_METRIC_GUEST_PENALTY_S, GW_METRIC_LONGEST_STUN_S};
    static const enum gw_metric counts[] = {GW_METRIC_BYTES_COPIED, GW_METRIC_ITERATIONS,
                                            GW_METRIC_BYTES_MIRRORED, GW_METRIC_STUNS};

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct gw_job slow, fast;

        run_at(i, 2, &slow);
        run_at(i, 1, &fast);
        for (size_t j = 0; j < 4; j++) {
            double a = slow.results[0].metric[times[j]];
            double b = 2 * fast.results[0].metric[times[j]];

            if (!(a - b < 1e-6 && b - a < 1e-6)) {
                fail_msg("%s: %g s against twice %g s", own_times[i].architecture, a, b / 2);
            }
            assert_true(slow.results[0].metric[counts[j]] == fast.results[0].metric[counts[j]]);
        }
        gw_job_clear(&slow);
        gw_job_clear(&fast);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_as_fast_takes_half),
        cmocka_unit_test(null_faults_change_nothing),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(drawn_worlds_are_right),
    };

    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        check_world(strtoull(argv[2], NULL, 10), true);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
