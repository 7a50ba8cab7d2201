/* test_ram.c - pins, on real bytes and by hand: the order of a switch-over (pause, one more sync,
 * the rest, device state, resume), when each architecture leaves its loop, that nothing below the
 * limit of rounds gives up, when a cancel is too late, which pages a post-copy sends first, what
 * the first pages of a cache cost, how busy workers are counted. Does not pin: lost connections
 * (test_memory_faults), windows and rounds (test_oracle_precopy).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/memory_rig.h"

enum { RAW = 4104, SECTION = 18, STATE = 5000, SETUP = 58, NAMES = 16, PAGES = 64 };

static const int64_t MS = 1000000;

static struct memory_rig_plan plan;
static struct memory_rig_verdict verdict;

/* A guest that does not write; nothing is tested for zero. */
static int
prepare(void **state)
{
    (void)state;
    plan = (struct memory_rig_plan){
        .architecture = &gw_precopy,
        .pages = PAGES,
        .rate = 10000000,
        .steady = true,
        .limit_ns = 20000 * MS,
    };
    memory_rig_presets(&plan.settings);
    plan.settings.zero_detection = GW_ZERO_NONE;
    plan.settings.max_bandwidth = 0;
    plan.settings.downtime_limit_ns = 10 * MS;
    return 0;
}

static void
run(enum gw_outcome outcome)
{
    memory_rig_run(&plan, &verdict);
    assert_true(verdict.started);
    assert_int_equal(verdict.outcome, outcome);
}

static void
quiet_guest_is_sent_once(void **state)
{
    int64_t rest;

    (void)state;
    run(GW_COMPLETED);
    assert_int_equal(verdict.stats.normal_pages, PAGES);
    assert_int_equal(verdict.stats.pages_done, PAGES);
    assert_int_equal(verdict.stats.sync_count, 2);
    /* Setup; the pages, the names of both blocks; the ends of sections. */
    rest = verdict.stats.precopy_bytes - SETUP - PAGES * RAW - NAMES;
    assert_true(rest >= SECTION && rest <= 3 * SECTION && rest % SECTION == 0);
    assert_int_equal(verdict.stats.downtime_bytes, SECTION + STATE);
    assert_int_equal(verdict.stats.transferred_bytes, verdict.put_bytes);
    assert_int_equal(verdict.stats.postcopy_bytes, 0);
}

static void
no_pages_no_zero_test(void **state)
{
    (void)state;
    plan.settings.zero_detection = GW_ZERO_LEGACY;
    run(GW_COMPLETED);
    assert_true(verdict.stats.duplicate_pages > 0);
    assert_int_equal(verdict.stats.duplicate_pages + verdict.stats.normal_pages, PAGES);
    assert_int_equal(verdict.records[GW_PAGE_ZERO], verdict.stats.duplicate_pages);
}

static void
stop_and_copy_sends_all_standing(void **state)
{
    (void)state;
    plan.architecture = &gw_stop_and_copy;
    plan.writes_a_ms = 10;
    run(GW_COMPLETED);
    assert_int_equal(verdict.stats.normal_pages, PAGES);
    assert_true(verdict.stats.downtime_bytes >= PAGES * RAW);
    assert_int_equal(verdict.stats.precopy_bytes, SETUP);
}

static void
postcopy_sends_each_page_once(void **state)
{
    (void)state;
    plan.architecture = &gw_postcopy;
    plan.steady = false;
    plan.rate = 2000000;
    plan.settings.postcopy_bandwidth = 1000000;
    run(GW_COMPLETED);
    assert_int_equal(verdict.stats.normal_pages, PAGES);
    assert_int_equal(verdict.stats.postcopy_requests, verdict.requests);
    assert_true(verdict.requests > 0);
    assert_true(verdict.stats.postcopy_bytes >= PAGES * RAW);
    assert_int_equal(verdict.stats.precopy_bytes, SETUP);
    assert_int_equal(verdict.stats.downtime_bytes, SECTION + STATE);
}

/* A guest that never converges: the switch comes with the sync that was asked for. */
static void
hybrid_switches_after_its_rounds(void **state)
{
    (void)state;
    plan.architecture = &gw_hybrid;
    plan.writes_a_ms = 10;
    plan.rate = 1000000;
    plan.settings.downtime_limit_ns = MS;
    for (int64_t rounds = 1; rounds < 5; rounds++) {
        plan.settings.postcopy_after_rounds = rounds;
        run(GW_COMPLETED);
        assert_int_equal(verdict.stats.sync_count, rounds + 1);
        assert_true(verdict.stats.postcopy_bytes > 0);
    }
}

/* What fits is sent in the pause, also when the last sync is the one that post-copy waits for. */
static void
hybrid_that_fits_ends_as_precopy(void **state)
{
    int64_t syncs;

    (void)state;
    plan.writes_a_ms = 1;
    run(GW_COMPLETED);
    syncs = verdict.stats.sync_count;
    plan.architecture = &gw_hybrid;
    plan.settings.postcopy_after_rounds = syncs;
    run(GW_COMPLETED);
    assert_int_equal(verdict.stats.sync_count, syncs);
    assert_int_equal(verdict.stats.postcopy_bytes, 0);
    assert_true(verdict.stats.downtime_bytes > SECTION + STATE);
}

static void
rounds_are_given_up_after_the_last(void **state)
{
    (void)state;
    plan.writes_a_ms = 10;
    plan.rate = 1000000;
    plan.settings.downtime_limit_ns = MS;
    plan.settings.rounds_most = 7;
    run(GW_NOT_CONVERGED);
    assert_int_equal(verdict.stats.sync_count, 8);
    assert_int_equal(verdict.side, GW_SOURCE);
}

static void
pause_comes_after_its_rounds(void **state)
{
    (void)state;
    plan.writes_a_ms = 10;
    plan.rate = 1000000;
    plan.settings.downtime_limit_ns = MS;
    plan.settings.pause_after_rounds = 4;
    plan.settings.rounds_most = 100;
    run(GW_COMPLETED);
    /* The fifth sync, one that ends the pass of a guest that stands, the last. */
    assert_true(verdict.stats.sync_count >= 6 && verdict.stats.sync_count <= 8);
    assert_true(verdict.stats.downtime_bytes > PAGES / 2 * RAW);
}

/* What fits exactly does not fit: the threshold itself is too much. */
static void
threshold_is_exclusive(void **state)
{
    (void)state;
    plan.pages = 8;
    plan.writes_a_ms = 10; /* all pages in each pass; the first must outlast a window */
    plan.rate = 5 * 8 * RAW;
    plan.limit_ns = 3000 * MS;
    plan.settings.downtime_limit_ns = 10 * MS;
    plan.settings.switchover_bandwidth = 100 * 8 * GW_PAGE_BYTES;
    run(GW_NOT_CONVERGED);
    plan.settings.switchover_bandwidth += 100 * GW_PAGE_BYTES;
    run(GW_COMPLETED);
}

static void
cancel_is_too_late_on_the_target(void **state)
{
    uint32_t callbacks;

    (void)state;
    plan.architecture = &gw_postcopy;
    run(GW_COMPLETED);
    callbacks = verdict.callbacks;
    plan.cancel_at = callbacks;
    run(GW_COMPLETED);
    plan.cancel_at = 1;
    run(GW_FAILED);
    assert_string_equal(verdict.reason, "cancelled");
    assert_int_equal(verdict.side, GW_SOURCE);
}

/* The bulk pass fills no cache, the second only misses, the third has deltas. */
static void
cache_begins_with_the_second_pass(void **state)
{
    (void)state;
    plan.settings.xbzrle = true;
    plan.settings.xbzrle_cache_bytes = PAGES * GW_PAGE_BYTES;
    plan.writes_a_ms = 0.2;
    plan.hot_pages = 16;
    plan.rate = 500000;
    plan.settings.downtime_limit_ns = MS;
    plan.limit_ns = 5000 * MS;
    memory_rig_run(&plan, &verdict);
    assert_true(verdict.stats.xbzrle.cache_miss > 0);
    assert_true(verdict.stats.xbzrle.cache_miss <= PAGES);
    assert_true(verdict.stats.xbzrle.encoded_pages > 0);
    assert_int_equal(verdict.records[GW_PAGE_DELTA], verdict.stats.xbzrle.encoded_pages);
    assert_true(verdict.stats.normal_pages >= PAGES + verdict.stats.xbzrle.cache_miss);
}

/* Pages that nobody took went raw, after a zero test; the first page of each block always does. */
static void
busy_pages_go_raw(void **state)
{
    (void)state;
    plan.steady = false;
    plan.lazy_crew = true;
    plan.settings.compress = GW_CODEC_ZLIB;
    plan.settings.compress_threads = 1;
    plan.settings.compress_wait = false;
    plan.settings.zero_detection = GW_ZERO_LEGACY;
    run(GW_COMPLETED);
    assert_true(verdict.stats.compression.busy > PAGES / 2);
    assert_int_equal(verdict.stats.normal_pages + verdict.stats.duplicate_pages -
                         verdict.stats.compression.zero_pages,
                     verdict.stats.compression.busy + 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(quiet_guest_is_sent_once, prepare),
        cmocka_unit_test_setup(no_pages_no_zero_test, prepare),
        cmocka_unit_test_setup(stop_and_copy_sends_all_standing, prepare),
        cmocka_unit_test_setup(postcopy_sends_each_page_once, prepare),
        cmocka_unit_test_setup(hybrid_switches_after_its_rounds, prepare),
        cmocka_unit_test_setup(hybrid_that_fits_ends_as_precopy, prepare),
        cmocka_unit_test_setup(rounds_are_given_up_after_the_last, prepare),
        cmocka_unit_test_setup(pause_comes_after_its_rounds, prepare),
        cmocka_unit_test_setup(threshold_is_exclusive, prepare),
        cmocka_unit_test_setup(cancel_is_too_late_on_the_target, prepare),
        cmocka_unit_test_setup(cache_begins_with_the_second_pass, prepare),
        cmocka_unit_test_setup(busy_pages_go_raw, prepare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
