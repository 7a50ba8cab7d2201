/* test_stopping.c - pins when the sequential rule stops, and what it says until then; what
 * looking again and again costs is measured by test_coverage.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/stopping.h"
#include "tests/support/near.h"

static const struct gw_stopping_rule rule = {0.95, 0.1, 5, 40};

/* 9 and 11 in turn: of ten values the mean is 10, the deviation sqrt(10/9), the half width
 * t(0.975, 9) = 2.2621571628 times a third. That is 7.5 %, below 10/11 of 10 %. */
static void
test_precise(void **state)
{
    const double values[] = {9, 11, 9, 11, 9, 11, 9, 11, 9, 11};
    struct gw_stopping_look look;

    (void)state;
    gw_stopping_decide(&rule, values, 10, &look);
    assert_int_equal(look.verdict, GW_STOPPING_PRECISE);
    assert_int_equal(look.wanted, 10);
    assert_near(look.mean, 10.0);
    assert_true(fabs(look.half_width - 2.2621571628 / 3.0) < 1e-9);
    assert_true(fabs(look.reached - 2.2621571628 / 30.0) < 1e-9);
}

/* Ten values around 10 whose half width is this share of their mean. */
static void
look_at(double share, struct gw_stopping_look *look)
{
    double step = share * 10.0 * 3.0 / 2.2621571628;
    double values[10];

    for (size_t i = 0; i < 10; i++) {
        values[i] = i % 2 == 0 ? 10.0 - step : 10.0 + step;
    }
    gw_stopping_decide(&rule, values, 10, look);
    assert_true(fabs(look->reached - share) < 1e-9);
}

/* The half width has to reach 1/11, not 10 %. What is wanted grows with its square:
 * 10 (0.095 * 11)^2 = 10.9, 10 (0.15 * 11)^2 = 27.2. */
static void
test_true_mean_is_meant(void **state)
{
    struct gw_stopping_look look;

    (void)state;
    look_at(0.095, &look);
    assert_int_equal(look.verdict, GW_STOPPING_MORE);
    assert_int_equal(look.wanted, 11);
    look_at(0.15, &look);
    assert_int_equal(look.wanted, 28);
    look_at(0.0909, &look);
    assert_int_equal(look.verdict, GW_STOPPING_PRECISE);
}

static void
test_least_and_most(void **state)
{
    double values[40];
    struct gw_stopping_look look;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        values[i] = i < 4 ? 10.0 : (double)(i % 2 * 1000);
    }
    gw_stopping_decide(&rule, values, 4, &look);
    assert_int_equal(look.verdict, GW_STOPPING_MORE);
    assert_int_equal(look.wanted, 5);
    gw_stopping_decide(&rule, values, 39, &look);
    assert_int_equal(look.verdict, GW_STOPPING_MORE);
    assert_int_equal(look.wanted, 40);
    gw_stopping_decide(&rule, values, 40, &look);
    assert_int_equal(look.verdict, GW_STOPPING_CAPPED);
}

/* Replications without a value are run, but say nothing. */
static void
test_without_values(void **state)
{
    double values[40];
    struct gw_stopping_look look;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        values[i] = i < 3 ? 10.0 : NAN;
    }
    gw_stopping_decide(&rule, values, 39, &look);
    assert_int_equal(look.verdict, GW_STOPPING_MORE);
    assert_int_equal(look.count, 3);
    gw_stopping_decide(&rule, values, 40, &look);
    assert_int_equal(look.verdict, GW_STOPPING_CAPPED);
    gw_stopping_decide(&rule, values + 3, 1, &look);
    assert_int_equal(look.verdict, GW_STOPPING_MORE);
    assert_int_equal(look.wanted, 40);
    assert_true(isnan(look.mean));
}

/* A metric that is always 0 is known. */
static void
test_zero(void **state)
{
    const double values[] = {0, 0, 0, 0, 0};
    struct gw_stopping_look look;

    (void)state;
    gw_stopping_decide(&rule, values, 5, &look);
    assert_int_equal(look.verdict, GW_STOPPING_PRECISE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precise),        cmocka_unit_test(test_true_mean_is_meant),
        cmocka_unit_test(test_least_and_most), cmocka_unit_test(test_without_values),
        cmocka_unit_test(test_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
