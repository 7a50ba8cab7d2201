/* test_oracle_cores.c - pins, against closed forms: a compressing migration whose threads share one
 * processor takes the sum of their work, on two processors half of it, on as many as threads what
 * the slowest thread takes; a guest bound by its processor slows the migration and is slowed by it
 * by the same factor; hosts with processors of their own do not slow each other; more processors
 * than threads change nothing. Does not pin: costs of hosts (validation).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/memory_world.h"
#include "tests/support/memory_rig.h"
#include "tests/support/near.h"
#include "tests/support/scenario_rig.h"

enum { PAGES = 4096, ENCODE_US = 120, DECODE_US = 60 };

/* Only the codec takes time: 120 us of a worker and 60 us of a decompressor a page. */
static const char *const text =
    "name: cores\nwarmup: 100ms\ncooldown: 100ms\ntime_limit: 60s\n"
    "memory: {size: 16MiB, vcpus: 1}\n"
    "link: {rate: 100Gbps, latency: 1us, socket_buffer: 8MiB}\n"
    "host: {protection: dirty-bit, fault: 0s, setup: 0s, sync: 0s, sync_page_ns: 0, "
    "protect_page_ns: 0, page_ns: 0, zero_ns: 0, non_zero_ns: 0, send_ns: 0, send_byte_ns: 0, "
    "copy_ns: 0, scan_ns: 0, give_ns: 0, wake_ns: 0, wake_latency_ns: 0, collect_ns: 0, "
    "lock_ns: 0, load_ns: 0, load_zero_ns: 0, load_byte_ns: 0, load_page_ns: 0, "
    "load_give_ns: 0, suspend: 0s, resume: 0s, device_state: 0B, decompress_threads: 2}\n"
    "codec_costs:\n  - {codec: zlib, level: 1, content: random, encode: 120us, decode: 60us}\n"
    "regions:\n  - {name: a, size: 16380KiB, content: random}\n"
    "  - {name: b, size: 4KiB, content: random}\n"
    "migration: {architecture: stop-and-copy, max_bandwidth: 0B/s, compress: zlib, "
    "compress_threads: 2, pool: locked}\n";

struct figures {
    double page_us;     /* of the migration */
    double write_ratio; /* the guest's writes a second, while it was migrated and before */
};

static struct figures
run(const char *const *overrides)
{
    struct gw_error err = {.message = ""};
    struct gw_scenario *scenario = scenario_rig_parse(text, overrides);
    struct gw_memory_world *world = gw_memory_world_create(scenario, 0, &err);
    struct figures figures;

    if (world == NULL || !gw_memory_world_run(world, &err)) {
        fail_msg("%s", err.message);
        abort();
    }
    assert_true(world->result.verified);
    assert_int_equal(world->result.outcome, GW_COMPLETED);
    figures.page_us = (double)world->stats.total_time_ns / 1e3 / PAGES;
    figures.write_ratio = world->result.metric[GW_METRIC_GUEST_RATE_RATIO];
    gw_memory_world_destroy(world);
    gw_scenario_destroy(scenario);
    return figures;
}

static void
test_one_processor_does_all_the_work(void **state)
{
    const char *const one[] = {"host.cores=1", "host.target_on_source=true", NULL};

    (void)state;
    assert_within(run(one).page_us, ENCODE_US + DECODE_US, 0.05);
}

/* The target is the slow side: it holds up the source. */
static void
test_one_processor_slow_target(void **state)
{
    const char *const one[] = {
        "host.cores=1", "host.target_on_source=true", "link.socket_buffer=64KiB",
        "codec_costs.0={codec: zlib, level: 1, content: random, encode: 60us, decode: 240us}",
        NULL};

    (void)state;
    assert_within(run(one).page_us, 60 + 240, 0.1);
}

static void
test_two_processors_do_half_of_it(void **state)
{
    const char *const two[] = {"host.cores=2", "host.target_on_source=true", NULL};

    (void)state;
    assert_within(run(two).page_us, (ENCODE_US + DECODE_US) / 2.0, 0.1);
}

static void
test_processors_for_all(void **state)
{
    const char *const none[] = {NULL};
    const char *const six[] = {"host.cores=6", "host.target_on_source=true", NULL};
    double page_us = run(none).page_us;

    (void)state;
    assert_within(page_us, ENCODE_US / 2.0, 0.02);
    assert_true(run(six).page_us == page_us);
}

/* Both workers share the source's one processor; the target's one has time left. */
static void
test_hosts_of_their_own(void **state)
{
    const char *const one_each[] = {"host.cores=1", NULL};

    (void)state;
    assert_within(run(one_each).page_us, ENCODE_US, 0.05);
}

/* One processor, one worker that is always at work and a guest that always is: each has half. */
static void
test_guest_and_worker_share(void **state)
{
    const char *const shared[] = {
        "host.cores=1",
        "migration.compress_threads=1",
        "migration.architecture=precopy",
        "migration.downtime_limit=1ms",
        "regions.1={name: b, size: 4KiB, writes: sequential, pacing: cpu, write_time: 10us}",
        NULL};
    struct figures figures = run(shared);

    (void)state;
    assert_within(figures.write_ratio, 0.5, 0.05);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_processor_does_all_the_work),
        cmocka_unit_test(test_one_processor_slow_target),
        cmocka_unit_test(test_two_processors_do_half_of_it),
        cmocka_unit_test(test_processors_for_all),
        cmocka_unit_test(test_hosts_of_their_own),
        cmocka_unit_test(test_guest_and_worker_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
