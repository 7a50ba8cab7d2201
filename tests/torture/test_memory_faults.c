/* test_memory_faults.c - pins, on real bytes, for all memory architectures and ways to send pages:
 * whenever the connection is lost (at each flush and drain) and whenever a cancel comes (at each
 * callback), the migration ends once, the guest runs on one side, nothing is left running, and
 * stop releases everything; where it completes, the target has the guest's bytes. Guests that write
 * between any two port calls, of all kinds. A start without memory for the cache fails clean. Does
 * not pin: times (test_oracle_precopy), the modelled adapters (test_memory_world).
 *
 * A failure names its run: repro: test_memory_faults VARIANT ARCHITECTURE SEED LOST CANCEL.
 * GW_TORTURE=long takes 20 times as many seeds.
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

#include "tests/support/memory_rig.h"

enum { SEEDS = 8, LONG_FACTOR = 20, FAULTS_MOST = 40, MS = 1000000 };

struct variant {
    const char *name;
    void (*set)(struct gw_memory_settings *settings);
    uint64_t pages, chunk_pages;
    int64_t rate; /* of the wire */
    double writes_a_ms;
    uint32_t hot_pages, same_percent;
    int64_t limit_ms;
    bool lazy_crew, restless;
};

/* ---- ways to send pages ----------------------------------------------------------------------------- */

static void
set_plain(struct gw_memory_settings *settings)
{
    settings->max_bandwidth = 400000;
}

static void
set_no_zero(struct gw_memory_settings *settings)
{
    settings->zero_detection = GW_ZERO_NONE;
    settings->max_bandwidth = 0;
}

static void
set_pages_estimate(struct gw_memory_settings *settings)
{
    settings->estimate = GW_ESTIMATE_PAGES;
    settings->switchover_bandwidth = 900000;
}

static void
set_compress(struct gw_memory_settings *settings, int pool, bool wait)
{
    settings->compress = GW_CODEC_ZLIB;
    settings->compress_threads = 3;
    settings->pool = pool;
    settings->compress_wait = wait;
    settings->max_bandwidth = 400000;
}

static void
set_locked(struct gw_memory_settings *settings)
{
    set_compress(settings, GW_POOL_LOCKED, true);
}

static void
set_locked_busy(struct gw_memory_settings *settings)
{
    set_compress(settings, GW_POOL_LOCKED, false);
    settings->compress_flush = true;
}

static void
set_lockless(struct gw_memory_settings *settings)
{
    set_compress(settings, GW_POOL_LOCKLESS, true);
}

static void
set_lockless_busy(struct gw_memory_settings *settings)
{
    set_compress(settings, GW_POOL_LOCKLESS, false);
}

static void
set_xbzrle(struct gw_memory_settings *settings)
{
    settings->xbzrle = true;
    settings->xbzrle_cache_bytes = 64 * GW_PAGE_BYTES;
    settings->downtime_limit_ns = 30 * MS;
    settings->max_bandwidth = 0;
}

static void
set_xbzrle_small(struct gw_memory_settings *settings)
{
    set_xbzrle(settings);
    settings->xbzrle_cache_bytes = 8 * GW_PAGE_BYTES;
    settings->max_bandwidth = 400000;
}

static void
set_xbzrle_threads(struct gw_memory_settings *settings)
{
    set_xbzrle(settings);
    settings->xbzrle_threads = 3;
    settings->pool = GW_POOL_LOCKLESS;
}

static void
set_xbzrle_threads_busy(struct gw_memory_settings *settings)
{
    set_xbzrle_small(settings);
    settings->xbzrle_threads = 2;
    settings->compress_wait = false;
}

/* Few pages, written while they are tested, copied and sent; some passes, then all is looked at. */
static void
set_xbzrle_restless(struct gw_memory_settings *settings)
{
    set_xbzrle(settings);
    settings->xbzrle_cache_bytes = 4 * GW_PAGE_BYTES;
    settings->pause_after_rounds = 30;
}

/* Syncs of the main loop in the middle of a pass make the cache older than the pass is. */
static void
set_xbzrle_sync(struct gw_memory_settings *settings)
{
    set_xbzrle_threads(settings);
    settings->xbzrle_cache_bytes = 16 * GW_PAGE_BYTES;
    settings->max_bandwidth = 200000;
    settings->throttle = GW_THROTTLE_AUTO_CONVERGE;
    settings->throttle_sync_ns = 5 * MS;
}

static void
set_multifd(struct gw_memory_settings *settings)
{
    settings->multifd_channels = 2;
    settings->zero_detection = GW_ZERO_MULTIFD;
    settings->max_bandwidth = 400000;
}

static void
set_multifd_legacy(struct gw_memory_settings *settings)
{
    settings->multifd_channels = 3;
    settings->zero_detection = GW_ZERO_LEGACY;
}

static void
set_multifd_packed(struct gw_memory_settings *settings)
{
    set_multifd(settings);
    settings->multifd_compress = GW_CODEC_ZLIB;
}

static void
set_multifd_bare(struct gw_memory_settings *settings)
{
    settings->multifd_channels = 1;
    settings->zero_detection = GW_ZERO_NONE;
}

static void
throttle_by(struct gw_memory_settings *settings, int kind)
{
    settings->throttle = kind;
    settings->throttle_initial = 60;
    settings->throttle_increment = 20;
    settings->throttle_sync_ns = 300 * MS;
    settings->downtime_limit_ns = 30 * MS;
    settings->vcpu_dirty_period_ns = 200 * MS;
    settings->io_vcpu_rate = 200;
}

static void
set_auto_converge(struct gw_memory_settings *settings)
{
    throttle_by(settings, GW_THROTTLE_AUTO_CONVERGE);
}

static void
set_io_aware(struct gw_memory_settings *settings)
{
    throttle_by(settings, GW_THROTTLE_IO_AWARE);
}

static void
set_dirty_limit(struct gw_memory_settings *settings)
{
    throttle_by(settings, GW_THROTTLE_DIRTY_LIMIT);
}

static void
set_rounds(struct gw_memory_settings *settings)
{
    settings->rounds_most = 4;
    settings->downtime_limit_ns = MS;
}

static void
set_pause(struct gw_memory_settings *settings)
{
    settings->pause_after_rounds = 3;
    settings->downtime_limit_ns = MS;
    settings->max_bandwidth = 400000;
}

static void
set_push_slowly(struct gw_memory_settings *settings)
{
    settings->postcopy_bandwidth = 2000000;
    settings->postcopy_preempt = false;
    settings->postcopy_after_rounds = 3;
    settings->downtime_limit_ns = 10 * MS;
}

static void
set_push_urgent(struct gw_memory_settings *settings)
{
    settings->postcopy_bandwidth = 1000000;
    settings->postcopy_after_rounds = 2;
    settings->downtime_limit_ns = 10 * MS;
}

static const struct variant variants[] = {
    {"plain", set_plain, 48, 16, 1000000, 0.06, 20, 10, 3000, false, false},
    {"no-zero", set_no_zero, 70, 0, 700000, 0.1, 0, 10, 3000, false, false},
    {"pages-estimate", set_pages_estimate, 100, 64, 1000000, 0.1, 30, 10, 3000, false, false},
    {"locked", set_locked, 48, 16, 300000, 0.06, 20, 10, 3000, false, false},
    {"locked-busy", set_locked_busy, 48, 0, 300000, 0.06, 20, 10, 3000, false, false},
    {"lockless", set_lockless, 48, 64, 300000, 0.06, 20, 10, 3000, false, false},
    {"lockless-busy", set_lockless_busy, 48, 16, 300000, 0.06, 20, 10, 3000, false, false},
    {"xbzrle", set_xbzrle, 48, 16, 500000, 0.1, 24, 40, 3000, false, false},
    {"xbzrle-small", set_xbzrle_small, 48, 0, 500000, 0.08, 20, 40, 3000, false, false},
    {"xbzrle-threads", set_xbzrle_threads, 48, 16, 500000, 0.1, 24, 40, 3000, false, false},
    {"xbzrle-threads-busy", set_xbzrle_threads_busy, 48, 0, 500000, 0.08, 20, 40, 3000, false,
     false},
    {"xbzrle-restless", set_xbzrle_restless, 6, 0, 80000, 0.01, 0, 10, 6000, false, true},
    {"xbzrle-sync", set_xbzrle_sync, 64, 16, 500000, 0.1, 40, 20, 3000, true, false},
    {"multifd", set_multifd, 160, 64, 3000000, 0.1, 40, 10, 3000, false, false},
    {"multifd-legacy", set_multifd_legacy, 140, 16, 3000000, 0.1, 40, 10, 3000, false, false},
    {"multifd-packed", set_multifd_packed, 48, 0, 600000, 0.06, 20, 10, 3000, false, false},
    {"multifd-bare", set_multifd_bare, 48, 16, 600000, 0.06, 20, 10, 3000, false, false},
    {"auto-converge", set_auto_converge, 32, 16, 400000, 0.3, 0, 10, 9000, false, false},
    {"io-aware", set_io_aware, 32, 16, 400000, 0.3, 0, 10, 9000, false, false},
    {"dirty-limit", set_dirty_limit, 32, 16, 400000, 0.3, 0, 10, 9000, false, false},
    {"rounds", set_rounds, 48, 16, 1000000, 0.2, 20, 10, 3000, false, false},
    {"pause", set_pause, 48, 16, 1000000, 0.2, 20, 10, 3000, false, false},
    {"push-slowly", set_push_slowly, 200, 16, 4000000, 0.5, 60, 10, 3000, false, false},
    {"push-urgent", set_push_urgent, 200, 16, 4000000, 0.5, 60, 10, 3000, false, false},
};

static const struct variant *
find_variant(const char *name)
{
    size_t i = 0;

    while (strcmp(variants[i].name, name) != 0) {
        i++;
        gw_assert(i < sizeof variants / sizeof variants[0]);
    }
    return &variants[i];
}

/* ---- runs ------------------------------------------------------------------------------------------- */

static char current[200];

static const char *
describe_current(void)
{
    return current;
}

static uint64_t
seed_count(void)
{
    const char *torture = getenv("GW_TORTURE");

    return torture != NULL && strcmp(torture, "long") == 0 ? SEEDS * LONG_FACTOR : SEEDS;
}

/* The variant's settings, rough at the edges so that the last stage has deltas to send. */
static void
make_plan(struct memory_rig_plan *plan, const struct variant *variant,
          const struct gw_memory_architecture *architecture, uint64_t seed)
{
    *plan = (struct memory_rig_plan){
        .architecture = architecture,
        .pages = variant->pages,
        .chunk_pages = variant->chunk_pages,
        .seed = seed,
        .rate = variant->rate,
        .writes_a_ms = variant->writes_a_ms,
        .hot_pages = variant->hot_pages,
        .same_percent = variant->same_percent,
        .limit_ns = variant->limit_ms * MS,
        .lazy_crew = variant->lazy_crew,
        .restless = variant->restless,
    };
    memory_rig_presets(&plan->settings);
    plan->settings.downtime_limit_ns = 80 * MS;
    plan->settings.postcopy_after_rounds = 3;
    variant->set(&plan->settings);
}

static void
run_one(const struct variant *variant, struct memory_rig_plan *plan,
        struct memory_rig_verdict *verdict)
{
    (void)snprintf(current, sizeof current, "repro: test_memory_faults %s %s %llu %u %u",
                   variant->name, plan->architecture->name, (unsigned long long)plan->seed,
                   plan->lost_at, plan->cancel_at);
    memory_rig_run(plan, verdict);
}

/* Every call up to a number that grows with the square root of how many there are. */
static uint32_t
next_fault(uint32_t at)
{
    return at < FAULTS_MOST ? at + 1 : at + at / 4;
}

static void
fail_everywhere(const struct variant *variant, struct memory_rig_plan *plan)
{
    struct memory_rig_verdict whole, verdict;

    run_one(variant, plan, &whole);
    assert_true(whole.started);
    for (uint32_t at = 1; at <= whole.wire_calls; at = next_fault(at)) {
        plan->lost_at = at;
        run_one(variant, plan, &verdict);
        assert_int_equal(verdict.outcome, GW_FAILED);
    }
    plan->lost_at = 0;
    for (uint32_t at = 1; at <= whole.callbacks; at = next_fault(at)) {
        plan->cancel_at = at;
        run_one(variant, plan, &verdict);
        assert_true(verdict.outcome == GW_FAILED ? verdict.side == GW_SOURCE
                                                 : verdict.outcome == whole.outcome);
    }
    plan->cancel_at = 0;
}

static void
torture(void **state)
{
    const struct variant *variant = *state;
    struct memory_rig_plan plan;

    gw_assert_context(describe_current);
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        make_plan(&plan, variant, gw_memory_architectures[i], 1);
        fail_everywhere(variant, &plan);
    }
}

/* Many guests, no faults. */
static void
is_right(void **state)
{
    const struct variant *variant = *state;
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;
    uint32_t completed = 0;

    gw_assert_context(describe_current);
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        for (uint64_t seed = 1; seed <= seed_count(); seed++) {
            make_plan(&plan, variant, gw_memory_architectures[i], seed);
            run_one(variant, &plan, &verdict);
            assert_int_not_equal(verdict.outcome, GW_FAILED);
            completed += verdict.outcome == GW_COMPLETED;
        }
    }
    assert_true(completed > 0);
}

/* A start that fails says why, begins nothing, and stop finds nothing to do. */
static void
test_no_room(void **state)
{
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;

    (void)state;
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        make_plan(&plan, find_variant("xbzrle-threads"), gw_memory_architectures[i], 1);
        plan.no_cache = true;
        memory_rig_run(&plan, &verdict);
        assert_false(verdict.started);
        plan.no_cache = false;
        plan.settings.xbzrle_cache_bytes = 3 * GW_PAGE_BYTES;
        memory_rig_run(&plan, &verdict);
        assert_false(verdict.started);
    }
}

/* VARIANT ARCHITECTURE SEED LOST CANCEL, as a failure names them. */
static int
repeat(char **argv)
{
    struct memory_rig_verdict verdict;
    struct memory_rig_plan plan;

    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        if (strcmp(gw_memory_architectures[i]->name, argv[2]) == 0) {
            make_plan(&plan, find_variant(argv[1]), gw_memory_architectures[i],
                      strtoull(argv[3], NULL, 10));
            plan.lost_at = (uint32_t)strtoul(argv[4], NULL, 10);
            plan.cancel_at = (uint32_t)strtoul(argv[5], NULL, 10);
            memory_rig_run(&plan, &verdict);
            printf(
                "%s after %u callbacks, %u wire calls, %lld syncs, %u requests; pages: %lld raw, "
                "%lld zero, %lld delta, %lld compressed\n",
                verdict.reason, verdict.callbacks, verdict.wire_calls,
                (long long)verdict.stats.sync_count, verdict.requests,
                (long long)verdict.records[GW_PAGE_NORMAL],
                (long long)verdict.records[GW_PAGE_ZERO], (long long)verdict.records[GW_PAGE_DELTA],
                (long long)verdict.records[GW_PAGE_COMPRESSED]);
        }
    }
    return 0;
}

int
main(int argc, char **argv)
{
    enum { COUNT = sizeof variants / sizeof variants[0] };
    struct CMUnitTest tests[2 * COUNT + 1] = {cmocka_unit_test(test_no_room)};

    if (argc == 6) {
        return repeat(argv);
    }
    for (size_t i = 0; i < COUNT; i++) {
        tests[2 * i + 1] = (struct CMUnitTest){.name = variants[i].name,
                                               .test_func = is_right,
                                               .initial_state = (void *)(uintptr_t)&variants[i]};
        tests[2 * i + 2] = tests[2 * i + 1];
        tests[2 * i + 2].test_func = torture;
    }
    return _cmocka_run_group_tests("memory faults", tests, 2 * COUNT + 1, NULL, NULL);
}
