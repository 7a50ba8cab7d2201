/* test_limiter.c - pins token buckets: never too much, never idle, fair turns.
 *
 * Pins: bytes and IOs in any window of random arrivals; full use of the rate under backlog; the
 * saved-up burst; one-for-one turns of reads and writes on a shared budget (QEMU's groups); round
 * robin over flows; separate directions; questions for holes pass. Does not pin: QEMU's timers to the microsecond.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/device_rig.h"

enum { TRACE_MOST = 30000 };

static struct rig_load load, other;
static int64_t trace_ns[TRACE_MOST], trace_bytes[TRACE_MOST];
static int64_t trace_count;

static void
note(struct rig_load *from, const struct gw_request *request)
{
    if (trace_count < TRACE_MOST) {
        trace_ns[trace_count] = from->device->agenda->now_ns;
        trace_bytes[trace_count++] = request->length_bytes;
    }
}

static struct gw_device *
limited(struct test_agenda *agenda, const char *settings)
{
    return rig_make(agenda, "limiter", settings, rig_make(agenda, "ideal", "", NULL));
}

/* Most that any window holds beyond rate * window, over all pairs of completions nearby. */
static double
worst_excess(double rate, bool count_ios)
{
    double worst = 0;

    for (int64_t i = 0; i < trace_count; i++) {
        double sum = 0;

        for (int64_t j = i; j < trace_count && j < i + 400; j++) {
            double excess;

            sum += count_ios ? 1 : (double)trace_bytes[j];
            excess = sum - rate * (double)(trace_ns[j] - trace_ns[i]) / 1e9;
            worst = excess > worst ? excess : worst;
        }
    }
    return worst;
}

static void
run_trace(const char *settings, double arrivals_a_second, int64_t size_bytes)
{
    struct test_agenda agenda;
    struct gw_device *device;

    test_agenda_start(&agenda);
    device = limited(&agenda, settings);
    trace_count = 0;
    load = (struct rig_load){.device = device,
                             .arrivals_a_second = arrivals_a_second,
                             .size_bytes = size_bytes,
                             .span_bytes = MIB(512),
                             .read_share = 0.7,
                             .limit = 3000,
                             .on_done = note,
                             .seed = (uint64_t)size_bytes};
    load.outstanding = arrivals_a_second > 0 ? 0 : 64;
    rig_load_start(&load);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(load.completed, 3000);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static void
no_window_exceeds_rate_and_burst(void **state)
{
    static const double shares[] = {0, 0.6, 1.1};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int64_t size = 4096; size <= KIB(64); size *= 2) {
            /* 10 MB/s for 20 ms saves up 200 kB; all sizes are below that. */
            run_trace("rate=10MB/s burst=20ms borrow=false", shares[i] * 10e6 / (double)size, size);
            assert_true(worst_excess(10e6, false) <= 200e3 + 1);
            run_trace("rate=10MB/s burst=20ms", shares[i] * 10e6 / (double)size, size);
            assert_true(worst_excess(10e6, false) <= 200e3 + (double)size + 1);
            run_trace("iops=500/s burst=20ms borrow=false", shares[i] * 500, size);
            assert_true(worst_excess(500, true) <= 10.001);
        }
    }
}

static double
steady_iops(const char *settings, int64_t outstanding, int64_t size_bytes)
{
    struct test_agenda agenda;
    struct gw_device *device;
    double iops;

    test_agenda_start(&agenda);
    device = limited(&agenda, settings);
    load = (struct rig_load){.device = device,
                             .outstanding = outstanding,
                             .size_bytes = size_bytes,
                             .span_bytes = MIB(512),
                             .read_share = 0.7};
    rig_load_start(&load);
    iops = rig_iops(&agenda, &load, SECOND, outstanding == 4 ? SECOND / 10 : 10 * SECOND);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return iops;
}

static void
backlog_uses_the_whole_rate(void **state)
{
    (void)state;
    ASSERT_NEAR(steady_iops("rate=160MiB/s iops=4000/s", 8, 8192), 4000, 1e-3);
    ASSERT_NEAR(steady_iops("rate=160MiB/s iops=4000/s", 2, MIB(1)), 160, 1e-2);
    ASSERT_NEAR(steady_iops("rate=160MiB/s iops=4000/s borrow=false", 2, MIB(1)), 160, 1e-2);
    ASSERT_NEAR(steady_iops("rate=7654321B/s", 1, 8192), 7654321.0 / 8192, 1e-3);
    /* 512 bytes at 3 GB/s take 170.67 ns: the fractions add up. */
    ASSERT_NEAR(steady_iops("rate=3GB/s", 4, 512) / 1e6, 3000.0 / 512, 1e-4);
    /* A request larger than the burst waits for a full bucket, not for ever. */
    ASSERT_NEAR(steady_iops("rate=1MiB/s burst=10ms borrow=false", 2, MIB(1)), 1, 0.11);
    ASSERT_NEAR(steady_iops("read_iops=70/s write_iops=300/s", 8, 8192), 100, 0.03);
}

static void
idle_time_is_saved_up_to_the_burst(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = limited(&agenda, "iops=4000/s");
    test_agenda_run(&agenda, 10 * SECOND);
    load = (struct rig_load){
        .device = device, .outstanding = 8, .size_bytes = 8192, .span_bytes = MIB(1)};
    rig_load_start(&load);
    test_agenda_run(&agenda, 11 * SECOND);
    /* One second's worth and 100 ms of credit. */
    ASSERT_NEAR((double)load.completed, 4400, 0.003);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static void
start_two(struct gw_device *device, int64_t first_outstanding, int64_t second_outstanding)
{
    load = (struct rig_load){.device = device,
                             .outstanding = first_outstanding,
                             .size_bytes = KIB(64),
                             .span_bytes = MIB(512),
                             .read_share = 1};
    other = (struct rig_load){.device = device,
                              .outstanding = second_outstanding,
                              .size_bytes = KIB(64),
                              .span_bytes = MIB(512),
                              .flow = 1};
    rig_load_start(&load);
    rig_load_start(&other);
}

static void
directions_take_turns_on_the_shared_budget(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = limited(&agenda, "rate=64MiB/s");
    start_two(device, 30, 2);
    test_agenda_run(&agenda, 10 * SECOND);
    ASSERT_NEAR((double)load.completed, 5120, 0.03);
    ASSERT_NEAR((double)other.completed, 5120, 0.03);
    device->destroy(device);
    test_agenda_stop(&agenda);

    test_agenda_start(&agenda);
    device = limited(&agenda, "rate=64MiB/s queues=single");
    start_two(device, 30, 2);
    test_agenda_run(&agenda, 10 * SECOND);
    ASSERT_NEAR((double)load.completed / (double)other.completed, 15, 0.05);
    device->destroy(device);
    test_agenda_stop(&agenda);

    test_agenda_start(&agenda);
    device = limited(&agenda, "read_rate=64MiB/s write_rate=32MiB/s");
    start_two(device, 30, 2);
    test_agenda_run(&agenda, 10 * SECOND);
    ASSERT_NEAR((double)load.completed, 10240, 0.03);
    ASSERT_NEAR((double)other.completed, 5120, 0.03);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static void
flows_go_round_robin_when_told(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = limited(&agenda, "rate=64MiB/s queues=single order=flows");
    start_two(device, 30, 2);
    test_agenda_run(&agenda, 10 * SECOND);
    ASSERT_NEAR((double)load.completed, (double)other.completed, 0.05);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

/* A write meets a budget that a read of 1 MiB has overdrawn for 10 ms; both timers are due then.
 * The read that came first takes its 1 MiB, and the write passes all the same. */
static void
a_timer_asks_nobody(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = limited(&agenda, "rate=100MiB/s burst=0s queues=timed tick=1ms");
    trace_count = 0;
    load = (struct rig_load){.device = device,
                             .outstanding = 2,
                             .size_bytes = MIB(1),
                             .span_bytes = MIB(64),
                             .read_share = 1,
                             .limit = 3,
                             .on_done = note};
    other = (struct rig_load){.device = device,
                              .outstanding = 1,
                              .size_bytes = 8192,
                              .span_bytes = MIB(64),
                              .read_share = 0,
                              .limit = 1,
                              .on_done = note};
    rig_load_start(&load);
    rig_load_start(&other);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(trace_count, 4);
    assert_int_equal(trace_bytes[2], 8192);
    assert_in_range(trace_ns[1], 10000000, 10000001);
    assert_in_range(trace_ns[2], 10000000, 11000001);
    assert_in_range(trace_ns[3], 20000000, 22000000);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static int64_t answered_ns;

static void
answered(struct gw_request *request)
{
    answered_ns = request->device->agenda->now_ns;
}

/* Reads wait for seconds; a question for holes has no bytes and is no IO to a throttle group. */
static void
a_question_is_not_limited(void **state)
{
    static const char *const kinds[] = {"queues=split", "queues=single", "queues=timed"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct gw_request question = {.done = answered, .op = GW_IO_STATUS, .length_bytes = MIB(1)};
        struct test_agenda agenda;
        struct gw_device *device;
        char settings[80];

        test_agenda_start(&agenda);
        snprintf(settings, sizeof settings, "rate=1MiB/s iops=1/s burst=0s %s", kinds[i]);
        device = limited(&agenda, settings);
        load = (struct rig_load){.device = device,
                                 .outstanding = 3,
                                 .size_bytes = MIB(1),
                                 .span_bytes = MIB(64),
                                 .read_share = 1,
                                 .limit = 3};
        answered_ns = -1;
        rig_load_start(&load);
        device->submit(device, &question);
        test_agenda_run(&agenda, GW_TIME_NEVER);
        assert_int_equal(answered_ns, 0);
        assert_int_equal(load.completed, 3);
        device->destroy(device);
        test_agenda_stop(&agenda);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_window_exceeds_rate_and_burst),
        cmocka_unit_test(backlog_uses_the_whole_rate),
        cmocka_unit_test(idle_time_is_saved_up_to_the_burst),
        cmocka_unit_test(directions_take_turns_on_the_shared_budget),
        cmocka_unit_test(flows_go_round_robin_when_told),
        cmocka_unit_test(a_timer_asks_nobody),
        cmocka_unit_test(a_question_is_not_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
