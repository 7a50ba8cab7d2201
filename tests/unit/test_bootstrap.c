/* test_bootstrap.c - pins both intervals to 1e-10 of tests/statistics/reference.py, which draws
 * from a generator of its own and works in fractions; how often they cover is for
 * test_coverage.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/bootstrap.h"
#include "tests/support/near.h"

/* Efron and Tibshirani, 1993, table 14.1. */
static const double spatial[] = {48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
                                 0,  33, 28, 34, 4,  32, 24, 47, 41, 24, 26, 30, 41};

static double
plug_in_variance(void *self, const double *values, size_t count)
{
    double mean = gw_bootstrap_mean(self, values, count);
    double sum = 0.0;

    for (size_t i = 0; i < count; i++) {
        sum += (values[i] - mean) * (values[i] - mean);
    }
    return sum / (double)count;
}

/* How many different values; the values are whole and below 32. self: the sign. */
static double
different(void *self, const double *values, size_t count)
{
    const double *sign = self;
    uint32_t seen = 0;

    for (size_t i = 0; i < count; i++) {
        seen |= UINT32_C(1) << (uint32_t)values[i];
    }
    return *sign * (double)__builtin_popcount(seen);
}

static double
not_a_number(void *self, const double *values, size_t count)
{
    (void)self;
    return values[0] > 20.0 ? NAN : (double)count;
}

/* The book has, with 2,000 resamples of its own: percentile 100.8 .. 233.9, BCa 115.8 .. 259.6,
 * acceleration 0.061. */
static void
test_spatial(void **state)
{
    const struct gw_bootstrap bootstrap = {plug_in_variance, NULL, 1999, 0.9, 7};
    struct gw_bootstrap_interval interval;

    (void)state;
    gw_bootstrap_run(&bootstrap, spatial, 26, &interval);
    assert_int_equal(interval.count, 26);
    assert_near(interval.estimate, 171.53402366863905325);
    assert_near(interval.deviation, 41.041240069004100274);
    assert_near(interval.percentile_low, 98.710207100591715976);
    assert_near(interval.percentile_high, 232.77928994082840237);
    assert_near(interval.bca_low, 117.55952693599199077);
    assert_near(interval.bca_high, 255.18407549252261929);
    assert_near(interval.bias, 0.19112940285086804888);
    assert_near(interval.acceleration, 0.061240119812307331413);
}

static void
test_seed_is_enough(void **state)
{
    struct gw_bootstrap bootstrap = {gw_bootstrap_mean, NULL, 99, 0.95, 1};
    struct gw_bootstrap_interval first;
    struct gw_bootstrap_interval second;

    (void)state;
    gw_bootstrap_run(&bootstrap, spatial, 26, &first);
    gw_bootstrap_run(&bootstrap, spatial, 26, &second);
    assert_memory_equal(&first, &second, sizeof first);
    bootstrap.seed = 2;
    gw_bootstrap_run(&bootstrap, spatial, 26, &second);
    assert_true(fabs(first.bca_low - second.bca_low) > 0.0);
}

/* Every resample has fewer different values than the sample: the bias is bounded, not infinite. */
static void
test_bias_is_bounded(void **state)
{
    double values[20];
    double sign = 1.0;
    const struct gw_bootstrap bootstrap = {different, &sign, 999, 0.95, 3};
    struct gw_bootstrap_interval interval;

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        values[i] = (double)i;
    }
    gw_bootstrap_run(&bootstrap, values, 20, &interval);
    assert_near(interval.estimate, 20.0);
    assert_true(interval.bias > 3.0 && interval.bias < 4.0);
    assert_true(interval.bca_high < 20.0);
    sign = -1.0;
    gw_bootstrap_run(&bootstrap, values, 20, &interval);
    assert_true(interval.bias < -3.0 && interval.bias > -4.0);
}

static void
test_constant(void **state)
{
    const double values[] = {5, 5, NAN, 5};
    const struct gw_bootstrap bootstrap = {gw_bootstrap_mean, NULL, 99, 0.95, 1};
    struct gw_bootstrap_interval interval;

    (void)state;
    gw_bootstrap_run(&bootstrap, values, 4, &interval);
    assert_int_equal(interval.count, 3);
    assert_near(interval.bca_low, 5.0);
    assert_near(interval.bca_high, 5.0);
    assert_near(interval.bias, 0.0);
}

static void
test_too_little(void **state)
{
    const double values[] = {10, 30};
    struct gw_bootstrap bootstrap = {gw_bootstrap_mean, NULL, 99, 0.95, 1};
    struct gw_bootstrap_interval interval;

    (void)state;
    gw_bootstrap_run(&bootstrap, values, 0, &interval);
    assert_true(isnan(interval.estimate));
    gw_bootstrap_run(&bootstrap, values, 1, &interval);
    assert_near(interval.estimate, 10.0);
    assert_true(isnan(interval.bca_low) && isnan(interval.percentile_high));
    bootstrap.statistic = not_a_number;
    gw_bootstrap_run(&bootstrap, values, 2, &interval);
    assert_near(interval.estimate, 2.0);
    assert_true(isnan(interval.bca_low) && isnan(interval.deviation) && isnan(interval.bias));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spatial),         cmocka_unit_test(test_seed_is_enough),
        cmocka_unit_test(test_bias_is_bounded), cmocka_unit_test(test_constant),
        cmocka_unit_test(test_too_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
