/* test_arrival.c - pins rates, laws, bursts, phases and the forgiving of late arrivals.
 *
 * Does not pin single moments of a random schedule.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"
#include "workloads/arrival.h"

enum { ARRIVALS = 200000 };

static const int64_t disk_bytes = GIB(1);
static const struct gw_workload_context context = {&disk_bytes, 1, 11, 0, 0};

static void
begin(struct gw_arrival *arrival, struct gw_arrival_plan plan)
{
    gw_arrival_init(arrival, &plan, &context, "test");
}

static void
constant_rate_is_exact(void **state)
{
    struct gw_arrival arrival;

    (void)state;
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_CONSTANT, 3000));
    for (int64_t k = 1; k <= ARRIVALS; k++) {
        int64_t wanted_ns = k * 1000000 / 3;
        int64_t at_ns = gw_arrival_next(&arrival);

        assert_true(at_ns >= wanted_ns - 1 && at_ns <= wanted_ns + 1);
    }
}

/* Exponential gaps: the share longer than t is exp(-t / mean). */
static void
poisson_gaps_are_exponential(void **state)
{
    const double multiple[] = {0.1, 0.5, 1, 2, 4};
    const double longer[] = {0.904837, 0.606531, 0.367879, 0.135335, 0.018316};
    int count[5] = {0};
    struct gw_arrival arrival;
    int64_t previous_ns = 0;

    (void)state;
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_POISSON, 1000));
    for (int k = 0; k < ARRIVALS; k++) {
        int64_t at_ns = gw_arrival_next(&arrival);

        assert_true(at_ns >= previous_ns);
        for (int i = 0; i < 5; i++) {
            count[i] += (double)(at_ns - previous_ns) > multiple[i] * 1e6;
        }
        previous_ns = at_ns;
    }
    assert_true(rig_near((double)previous_ns, ARRIVALS * 1e6, 0.01));
    for (int i = 0; i < 5; i++) {
        assert_true(rig_near(count[i], longer[i] * ARRIVALS, i == 4 ? 0.06 : 0.01));
    }
}

/* Variance over mean of the counts per second: 1 for Poisson, far more with bursts. */
static double
dispersion(struct gw_arrival *arrival, double *mean)
{
    enum { SECONDS = 2000 };
    static int count[SECONDS];
    double sum = 0, squares = 0;
    int64_t at_ns;

    memset(count, 0, sizeof count);
    while ((at_ns = gw_arrival_next(arrival)) < INT64_C(1000000000) * SECONDS) {
        count[at_ns / 1000000000]++;
    }
    for (int i = 0; i < SECONDS; i++) {
        sum += count[i];
        squares += (double)count[i] * count[i];
    }
    *mean = sum / SECONDS;
    return (squares / SECONDS - *mean * *mean) / *mean;
}

static void
bursts_keep_the_mean_rate(void **state)
{
    struct gw_arrival_plan steady = gw_arrival_steady(GW_ARRIVAL_POISSON, 100);
    struct gw_arrival arrival;
    double mean;

    (void)state;
    begin(&arrival, steady);
    assert_true(rig_near(dispersion(&arrival, &mean), 1, 0.15));
    assert_true(rig_near(mean, 100, 0.01));
    begin(&arrival, gw_arrival_bursts(steady, 1000000000, 4000000000, 10));
    assert_true(dispersion(&arrival, &mean) > 20);
    assert_true(rig_near(mean, 100, 0.10));
}

/* Fixed phases of 1 s at intensity 1 and 3 s at 0.25. */
static void
phases_follow_the_clock(void **state)
{
    struct gw_arrival_plan plan = {.law = GW_ARRIVAL_POISSON,
                                   .rate = 1000,
                                   .level = {1, 0.25},
                                   .length_ns = {1000000000, 3000000000}};
    struct gw_arrival arrival;
    int count[4] = {0};
    int64_t at_ns;

    (void)state;
    begin(&arrival, plan);
    while ((at_ns = gw_arrival_next(&arrival)) < INT64_C(400000000000)) {
        count[at_ns / 1000000000 % 4]++;
    }
    assert_true(rig_near(count[0], 100000, 0.02));
    for (int i = 1; i < 4; i++) {
        assert_true(rig_near(count[i], 25000, 0.03));
    }
}

static void
silent_phases_are_jumped_over(void **state)
{
    struct gw_arrival_plan plan = {.law = GW_ARRIVAL_CONSTANT,
                                   .rate = 10,
                                   .level = {1, 0},
                                   .length_ns = {250000000, 750000000}};
    struct gw_arrival arrival;
    const int64_t wanted_ms[] = {100, 200, 1050, 1150, 2000, 2100, 2200, 3050};

    (void)state;
    begin(&arrival, plan);
    for (int i = 0; i < 8; i++) {
        assert_true(rig_near((double)gw_arrival_next(&arrival), (double)wanted_ms[i] * 1e6, 1e-6));
    }
}

static void
no_rate_means_never(void **state)
{
    struct gw_arrival arrival;

    (void)state;
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_POISSON, 0));
    assert_int_equal(gw_arrival_next(&arrival), GW_TIME_NEVER);
    assert_int_equal(gw_arrival_due(&arrival, 5, 5), GW_TIME_NEVER);
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_CONSTANT, 1e-300));
    assert_int_equal(gw_arrival_next(&arrival), GW_TIME_NEVER);
    assert_int_equal(gw_arrival_next(&arrival), GW_TIME_NEVER);
}

/* One arrival a second; we come back at 100 s and may catch up 10 s. */
static void
old_backlog_is_forgiven(void **state)
{
    struct gw_arrival arrival;
    int64_t now_ns = INT64_C(100000000000);
    int at_once = 0;

    (void)state;
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_CONSTANT, 1));
    assert_int_equal(gw_arrival_due(&arrival, 0, 10000000000), 1000000000);
    while (gw_arrival_due(&arrival, now_ns, 10000000000) == now_ns) {
        at_once++;
    }
    assert_in_range(at_once, 10, 12);
    begin(&arrival, gw_arrival_steady(GW_ARRIVAL_CONSTANT, 1));
    at_once = 0;
    while (gw_arrival_due(&arrival, now_ns, INT64_MAX) == now_ns) {
        at_once++;
    }
    assert_in_range(at_once, 99, 100);
}

static void
think_times_have_their_mean(void **state)
{
    struct gw_think think;
    double sum = 0;

    (void)state;
    gw_think_init(&think, 5000, 0, &context, "test");
    assert_int_equal(gw_think_ns(&think), 5000);
    gw_think_init(&think, 5000, 1, &context, "test");
    for (int i = 0; i < ARRIVALS; i++) {
        sum += (double)gw_think_ns(&think);
    }
    assert_true(rig_near(sum / ARRIVALS, 5000, 0.01));
    gw_think_init(&think, 0, 1, &context, "test");
    assert_int_equal(gw_think_ns(&think), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_rate_is_exact),
        cmocka_unit_test(poisson_gaps_are_exponential),
        cmocka_unit_test(bursts_keep_the_mean_rate),
        cmocka_unit_test(phases_follow_the_clock),
        cmocka_unit_test(silent_phases_are_jumped_over),
        cmocka_unit_test(no_rate_means_never),
        cmocka_unit_test(old_backlog_is_forgiven),
        cmocka_unit_test(think_times_have_their_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
