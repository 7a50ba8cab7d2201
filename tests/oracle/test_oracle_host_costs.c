/* test_oracle_host_costs.c - pins, against closed forms, the causes that measured migrations show
 * and that are off by default: fresh memory at the target beyond what is at hand, zero pages that
 * nobody touched, a socket that is written to in parts, a clock of whole milliseconds.
 * Each is held to its formula and to its absence. Does not pin: which values a host has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/memory_world.h"
#include "tests/support/near.h"
#include "tests/support/scenario_rig.h"

enum { RAW = 4104, PAGES = 32768 };

/* A host whose CPUs cost nothing but what a test adds, and a link that costs next to nothing. */
static const char *const text =
    "name: costs\nseed: 7\nwarmup: 1s\ncooldown: 0s\ntime_limit: 100s\n"
    "memory: {size: 128MiB}\nlink: {rate: 10Tbps, latency: 0s, socket_buffer: 208KiB}\n"
    "host: {protection: dirty-bit, fault: 0s, setup: 0s, sync: 0s, sync_page_ns: 0, "
    "protect_page_ns: 0, page_ns: 0, zero_ns: 0, non_zero_ns: 0, send_ns: 0, send_byte_ns: 0, "
    "copy_ns: 0, scan_ns: 0, give_ns: 0, wake_ns: 0, wake_latency_ns: 0, collect_ns: 0, "
    "lock_ns: 0, load_ns: 0, load_zero_ns: 0, load_byte_ns: 0, load_page_ns: 0, "
    "load_give_ns: 0, suspend: 0s, resume: 0s, device_state: 0B}\n"
    "regions: [{name: all, size: 128MiB, content: random}]\n"
    "migration: {architecture: stop-and-copy, max_bandwidth: 0B/s, downtime_limit: 20ms}\n";

static struct gw_memory_stats
stats_of(const char *const *overrides)
{
    struct gw_error err = {.message = ""};
    struct gw_scenario *scenario = scenario_rig_parse(text, overrides);
    struct gw_memory_world *world = gw_memory_world_create(scenario, 0, &err);
    struct gw_memory_stats stats;

    if (world == NULL || !gw_memory_world_run(world, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(world->result.verified);
    stats = world->stats;
    gw_memory_world_destroy(world);
    gw_scenario_destroy(scenario);
    return stats;
}

static double
seconds_of(const char *const *overrides)
{
    return (double)stats_of(overrides).total_time_ns * 1e-9;
}

static void
fresh_memory_beyond_what_is_at_hand(void **state)
{
    const char *none[] = {"host.load_ns=1000", NULL};
    const char *all[] = {"host.load_ns=1000", "host.load_fresh_ns=3000", NULL};
    const char *some[] = {"host.load_ns=1000", "host.load_fresh_ns=3000", "host.ready_memory=96MiB",
                          NULL};

    (void)state;
    assert_within(seconds_of(none), PAGES * 1e-6, 0.01);
    assert_within(seconds_of(all), PAGES * 4e-6, 0.01);
    assert_within(seconds_of(some), PAGES * 1e-6 + PAGES / 4 * 3e-6, 0.01);
}

/* In two rounds over a slow target every page is loaded twice, and is fresh once. */
static void
a_page_is_fresh_once(void **state)
{
    const char *overrides[] = {
        "host.load_ns=1000", "host.load_fresh_ns=3000", "migration.architecture=precopy",
        "regions=[{name: all, size: 128MiB, content: random, writes: sequential, rate: 400k/s}]",
        NULL};
    struct gw_memory_stats stats;

    (void)state;
    stats = stats_of(overrides);
    assert_true(stats.normal_pages > PAGES * 5 / 4);
    assert_within((double)stats.total_time_ns * 1e-9,
                  (double)stats.normal_pages * 1e-6 + PAGES * 3e-6, 0.02);
}

static void
compressed_pages_are_fresh_in_the_decompressors(void **state)
{
    const char *off[] = {"migration.compress=zlib", "migration.compress_threads=1",
                         "host.decompress_threads=1", "host.codec_speed=100", NULL};
    const char *on[] = {"migration.compress=zlib",   "migration.compress_threads=1",
                        "host.decompress_threads=1", "host.codec_speed=100",
                        "host.load_fresh_ns=30000",  NULL};

    (void)state;
    assert_true(seconds_of(off) < PAGES * 10e-6);
    assert_within(seconds_of(on), PAGES * 30e-6, 0.1);
}

/* Half of the memory is beyond the regions, a quarter is zero and untouched or filled. */
static void
untouched_pages_have_a_cost_of_their_own(void **state)
{
    static const char *const filled =
        "regions=[{name: fill, size: 32MiB, content: zero}, {name: data, size: 32MiB, content: "
        "random}]";
    static const char *const untouched =
        "regions=[{name: fill, size: 32MiB, content: zero, resident: false}, {name: data, size: "
        "32MiB, content: random}]";
    const char *off[] = {"host.zero_ns=400", filled, NULL};
    const char *on[] = {"host.zero_ns=400", "host.untouched_ns=100", filled, NULL};
    const char *never[] = {"host.zero_ns=400", "host.untouched_ns=100", untouched, NULL};

    (void)state;
    assert_within(seconds_of(off), PAGES * 3 / 4 * 400e-9, 0.02);
    assert_within(seconds_of(on), PAGES / 4 * 400e-9 + PAGES / 2 * 100e-9, 0.02);
    assert_within(seconds_of(never), PAGES * 3 / 4 * 100e-9, 0.02);
}

/* A step of 64 pages is more than the socket takes: in one piece, the thread waits until the target
 * has read most of it; in parts, both work all the time. */
static void
parts_let_both_ends_work(void **state)
{
    const char *whole[] = {"host.send_ns=1000", "host.load_ns=1000", NULL};
    const char *parts[] = {"host.send_ns=1000", "host.load_ns=1000", "link.write_size=128KiB",
                           NULL};
    const char *slow_link[] = {"link.write_size=128KiB", "link.rate=1GB/s", NULL};
    double together = PAGES * 1e-6;

    (void)state;
    assert_true(seconds_of(whole) > 1.15 * together);
    assert_within(seconds_of(parts), together, 0.02);
    assert_within(seconds_of(slow_link), PAGES * (double)RAW / 1e9, 0.01);
}

/* 64 pages take 2.1 ms: 50 ms are over after 24 looks (50.4 ms), 51 full ones after 25 (52.5 ms).
 * The estimate shows it. Two calls are a window: of 100.86 ms, which the exact clock cuts to 100,
 * or of 105.06 ms, which a clock of ms shows as 105 or 106. */
static void
a_clock_of_ms_makes_calls_longer(void **state)
{
    static const char *const link = "link.rate=125MB/s";
    static const char *const mode = "migration.architecture=precopy";
    const char *exact[] = {link, mode, NULL};
    const char *ticks[] = {link, mode, "migration.clock_tick=1ms", NULL};
    double call_bytes = 64.0 * RAW;
    double value;

    (void)state;
    assert_within(stats_of(exact).bandwidth, 2 * (24 * call_bytes + 18) / 0.100, 0.002);
    value = stats_of(ticks).bandwidth;
    assert_true(value < 1.001 * 2 * (25 * call_bytes + 18) / 0.105);
    assert_true(value > 0.999 * 2 * (25 * call_bytes + 18) / 0.106);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_memory_beyond_what_is_at_hand),
        cmocka_unit_test(a_page_is_fresh_once),
        cmocka_unit_test(compressed_pages_are_fresh_in_the_decompressors),
        cmocka_unit_test(untouched_pages_have_a_cost_of_their_own),
        cmocka_unit_test(parts_let_both_ends_work),
        cmocka_unit_test(a_clock_of_ms_makes_calls_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
