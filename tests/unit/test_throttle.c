/* test_throttle.c - pins: the ramp of auto-converge with its integers, the rule of two bad periods,
 * who pays and who is spared when throttling is IO-aware, and the dirty-limit controller, by hand
 * and on a toy guest with rings. Does not pin: what a throttle does to a guest (guest memory).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algorithms/throttle.h"
#include "base/random.h"

enum { VCPUS = 8, MIB = 1048576 };

static uint32_t percent_of[VCPUS];
static int64_t sleep_of[VCPUS];
static double io_rate_of[VCPUS], dirty_rate_of[VCPUS];
static struct gw_throttle throttle;
static struct gw_memory_settings settings;

static void
put_percent(struct gw_vcpus *vcpus, uint32_t vcpu, uint32_t percent)
{
    assert_true(vcpu < vcpus->count);
    percent_of[vcpu] = percent;
}

static void
put_sleep(struct gw_vcpus *vcpus, uint32_t vcpu, int64_t sleep_ns)
{
    assert_true(vcpu < vcpus->count);
    sleep_of[vcpu] = sleep_ns;
}

static double
io_rate(const struct gw_vcpus *vcpus, uint32_t vcpu)
{
    (void)vcpus;
    return io_rate_of[vcpu];
}

static double
dirty_rate(const struct gw_vcpus *vcpus, uint32_t vcpu)
{
    (void)vcpus;
    return dirty_rate_of[vcpu];
}

static const struct gw_vcpus_ops ops = {
    .throttle = put_percent, .ring_sleep = put_sleep, .io_rate = io_rate, .dirty_rate = dirty_rate};
static struct gw_vcpus vcpus = {.ops = &ops, .count = VCPUS, .ring_bytes = 64 * MIB};

static void
start(enum gw_throttle_kind kind)
{
    settings = (struct gw_memory_settings){.throttle = (int)kind,
                                           .throttle_trigger = 50,
                                           .throttle_initial = 20,
                                           .throttle_increment = 10,
                                           .throttle_most = 99,
                                           .io_vcpu_rate = 100,
                                           .io_vcpu_most = 30,
                                           .vcpu_dirty_limit = 100 * MIB,
                                           .vcpu_dirty_period_ns = 1000000000};
    for (int i = 0; i < VCPUS; i++) {
        percent_of[i] = 0;
        sleep_of[i] = 0;
        io_rate_of[i] = 0;
        dirty_rate_of[i] = 0;
    }
    gw_throttle_start(&throttle, &settings, &vcpus);
}

static void
bad_step(int64_t dirtied_bytes, int64_t sent_bytes)
{
    gw_throttle_period(&throttle, dirtied_bytes, sent_bytes);
    gw_throttle_period(&throttle, dirtied_bytes, sent_bytes);
}

static void
test_ramp(void **state)
{
    static const uint32_t ramp[] = {20, 30, 40, 50, 60, 70, 80, 90, 99, 99};

    (void)state;
    start(GW_THROTTLE_AUTO_CONVERGE);
    for (size_t i = 0; i < sizeof ramp / sizeof ramp[0]; i++) {
        gw_throttle_period(&throttle, 1000, 100);
        assert_int_equal(throttle.percent, i == 0 ? 0 : ramp[i - 1]);
        gw_throttle_period(&throttle, 1000, 100);
        for (int j = 0; j < VCPUS; j++) {
            assert_int_equal(percent_of[j], ramp[i]);
        }
    }
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 0);
    gw_throttle_stop(&throttle);
    assert_int_equal(percent_of[3], 0);
    assert_int_equal(throttle.percent, 0);
    assert_int_equal(throttle.percent_most, 99);
}

static void
test_most_and_least(void **state)
{
    (void)state;
    start(GW_THROTTLE_AUTO_CONVERGE);
    settings.throttle_most = 35;
    for (int i = 0; i < 5; i++) {
        bad_step(1000, 100);
        assert_true(percent_of[0] <= 35);
    }
    assert_int_equal(percent_of[0], 35);
    start(GW_THROTTLE_AUTO_CONVERGE);
    settings.throttle_initial = 0;
    bad_step(1000, 100);
    assert_int_equal(percent_of[0], 1);
}

/* limit = trunc(100 * 50 / 100) = 50; share left 80: ideal trunc(80 * 50 / 53) = 75, so 5; share 75:
 * trunc(75 * 50 / 53) = 70, so 5 again; far away the full increment. */
static void
test_tailslow(void **state)
{
    (void)state;
    start(GW_THROTTLE_AUTO_CONVERGE);
    settings.throttle_tailslow = true;
    bad_step(53, 100);
    assert_int_equal(percent_of[0], 20);
    bad_step(53, 100);
    assert_int_equal(percent_of[0], 25);
    bad_step(53, 100);
    assert_int_equal(percent_of[0], 30);
    bad_step(51, 100); /* share 70: ideal 68 */
    assert_int_equal(percent_of[0], 32);
    bad_step(1000, 100);
    assert_int_equal(percent_of[0], 42);
    bad_step(INT64_MAX, INT64_MAX); /* share 58: ideal trunc(58 * 0.4999..) = 28 */
    assert_int_equal(percent_of[0], 52);
}

static void
test_good_periods_do_not_forgive(void **state)
{
    (void)state;
    start(GW_THROTTLE_AUTO_CONVERGE);
    gw_throttle_period(&throttle, 51, 100);
    for (int i = 0; i < 10; i++) {
        gw_throttle_period(&throttle, 50, 100); /* equal is good */
    }
    assert_int_equal(throttle.percent, 0);
    gw_throttle_period(&throttle, 51, 100);
    assert_int_equal(throttle.percent, 20);
    gw_throttle_period(&throttle, 51, 101); /* limit trunc(50.5) = 50 */
    gw_throttle_period(&throttle, 51, 101);
    assert_int_equal(throttle.percent, 30);
}

static void
test_none(void **state)
{
    (void)state;
    start(GW_THROTTLE_NONE);
    bad_step(1000, 1);
    gw_throttle_adjust(&throttle);
    assert_int_equal(throttle.percent, 0);
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 0);
    gw_throttle_stop(&throttle);
}

static uint32_t
sum_of_percent(void)
{
    uint32_t sum = 0;

    for (int i = 0; i < VCPUS; i++) {
        sum += percent_of[i];
    }
    return sum;
}

static void
test_io_is_spared(void **state)
{
    (void)state;
    start(GW_THROTTLE_IO_AWARE);
    io_rate_of[2] = 5000;
    io_rate_of[3] = 100; /* not above the limit */
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 0);
    bad_step(1000, 100);
    assert_int_equal(percent_of[2], 20);
    assert_true(throttle.spared[2] && !throttle.spared[3]);
    io_rate_of[3] = 50;
    bad_step(1000, 100);
    bad_step(1000, 100); /* 40: 8 * 40 = 320, 30 by the one, 290 by seven */
    assert_int_equal(percent_of[2], 30);
    assert_int_equal(sum_of_percent(), 8 * 40);
    for (int i = 0; i < VCPUS; i++) {
        assert_true(i == 2 || (percent_of[i] >= 41 && percent_of[i] <= 42));
    }
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 500000000);
    io_rate_of[2] = 0;
    io_rate_of[5] = 5000;
    gw_throttle_adjust(&throttle);
    assert_int_equal(percent_of[5], 30);
    assert_true(percent_of[2] >= 41);
    gw_throttle_stop(&throttle);
    assert_int_equal(sum_of_percent(), 0);
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 0);
}

/* A vCPU let run 10 % of the time and serving 50 a second would serve 500. */
static void
test_io_is_seen_through_the_throttle(void **state)
{
    (void)state;
    start(GW_THROTTLE_IO_AWARE);
    for (int i = 0; i < 8; i++) {
        bad_step(1000, 100);
    }
    assert_int_equal(percent_of[1], 90);
    io_rate_of[1] = 50;
    gw_throttle_adjust(&throttle);
    assert_int_equal(percent_of[1], 30);
    io_rate_of[1] = 40; /* 57 a second of running time: spared until half of the limit */
    gw_throttle_adjust(&throttle);
    assert_int_equal(percent_of[1], 30);
    io_rate_of[1] = 34;
    gw_throttle_adjust(&throttle);
    assert_true(percent_of[1] >= 90);
}

static void
test_io_on_random_guests(void **state)
{
    struct gw_stream dice;

    (void)state;
    gw_stream_open(&dice, 5, 0, "test.throttle", 0);
    for (int run = 0; run < 2000; run++) {
        start(GW_THROTTLE_IO_AWARE);
        settings.throttle_most = 50 + (int64_t)gw_stream_below(&dice, 50);
        settings.io_vcpu_most = (int64_t)gw_stream_below(&dice, 60);
        for (int step = 0; step < 12; step++) {
            uint32_t most_of_payers = 0, payers = 0;

            for (int i = 0; i < VCPUS; i++) {
                io_rate_of[i] = gw_stream_below(&dice, 2) ? 1e6 : 0;
            }
            bad_step(1000, 100);
            for (int i = 0; i < VCPUS; i++) {
                assert_true(percent_of[i] <= settings.throttle_most);
                assert_true(io_rate_of[i] <= 0 || percent_of[i] <= settings.io_vcpu_most);
                assert_true(io_rate_of[i] > 0 || percent_of[i] >= throttle.percent);
                payers += !(io_rate_of[i] > 0);
                most_of_payers += !(io_rate_of[i] > 0) && percent_of[i] == settings.throttle_most;
            }
            assert_true(sum_of_percent() <= VCPUS * throttle.percent);
            assert_true(sum_of_percent() == VCPUS * throttle.percent || payers == 0 ||
                        most_of_payers > 0);
        }
    }
}

/* Ring of 64 MiB, 1000 MiB/s at most: full in 64 ms. */
static void
test_limit_by_hand(void **state)
{
    (void)state;
    start(GW_THROTTLE_DIRTY_LIMIT);
    dirty_rate_of[0] = 1000.0 * MIB;
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 0);
    bad_step(1000, 100);
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 1000000000);
    gw_throttle_adjust(&throttle); /* 90 %: 64 ms * 90 / 10 */
    assert_int_equal(sleep_of[0], 576000000);
    assert_int_equal(sleep_of[1], 0);
    dirty_rate_of[0] = 125.0 * MIB; /* within the tolerance */
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 576000000);
    dirty_rate_of[0] = 126.0 * MIB; /* near: a tenth of 64 ms */
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 582400000);
    dirty_rate_of[0] = 60.0 * MIB; /* near from below */
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 576000000);
    dirty_rate_of[0] = 49.0 * MIB; /* far: 51 % */
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 576000000 - 66612244 - 1);
    assert_int_equal(gw_throttle_ring_sleep_ns(&throttle), sleep_of[0]);
    dirty_rate_of[0] = 0;
    gw_throttle_adjust(&throttle);
    assert_int_equal(sleep_of[0], 0);
    gw_throttle_stop(&throttle);
    assert_int_equal(gw_throttle_adjust_interval_ns(&throttle), 0);
}

static void
test_limit_is_bounded(void **state)
{
    (void)state;
    start(GW_THROTTLE_DIRTY_LIMIT);
    settings.vcpu_dirty_limit = MIB;
    bad_step(1000, 100);
    dirty_rate_of[0] = 1000.0 * MIB;
    for (int i = 0; i < 5; i++) {
        gw_throttle_adjust(&throttle);
        assert_true(sleep_of[0] <= 99 * 64000000LL);
    }
    assert_int_equal(sleep_of[0], 99 * 64000000LL);
    gw_throttle_stop(&throttle);
    assert_int_equal(sleep_of[0], 0);
}

/* A writer of rate r fills its ring in ring/r and then sleeps. */
static void
test_limit_converges(void **state)
{
    static const double free_rate[VCPUS] = {0, 50, 110, 180, 400, 1000, 3000, 8000};

    (void)state;
    start(GW_THROTTLE_DIRTY_LIMIT);
    bad_step(1000, 100);
    for (int period = 0; period < 300; period++) {
        for (int i = 0; i < VCPUS; i++) {
            double full_s = 64 / (free_rate[i] > 0 ? free_rate[i] : 1);
            double rate = 64 / (full_s + (double)sleep_of[i] / 1e9) * MIB;

            dirty_rate_of[i] = free_rate[i] > 0 ? rate : 0;
        }
        gw_throttle_adjust(&throttle);
    }
    for (int i = 0; i < VCPUS; i++) {
        assert_true(dirty_rate_of[i] <= 125.0 * MIB);
        assert_true(free_rate[i] < 100 || dirty_rate_of[i] >= 75.0 * MIB);
    }
    assert_int_equal(sleep_of[1], 0);
    assert_int_equal(sleep_of[2], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_most_and_least),
        cmocka_unit_test(test_tailslow),
        cmocka_unit_test(test_good_periods_do_not_forgive),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_io_is_spared),
        cmocka_unit_test(test_io_is_seen_through_the_throttle),
        cmocka_unit_test(test_io_on_random_guests),
        cmocka_unit_test(test_limit_by_hand),
        cmocka_unit_test(test_limit_is_bounded),
        cmocka_unit_test(test_limit_converges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
