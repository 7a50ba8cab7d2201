/* test_quantiles.c - pins ranks and exact coverage of order-statistic intervals to
 * tests/statistics/reference.py, and that what a histogram says holds for the values it was
 * given.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "base/variate.h"
#include "results/quantiles.h"
#include "tests/support/near.h"

static void
assert_ranks(size_t count, double share, const double wanted[3])
{
    double values[400];
    struct gw_quantile quantile;

    for (size_t i = 0; i < count; i++) {
        values[i] = (double)(count - i);
    }
    gw_quantile_of(values, count, share, 0.95, &quantile);
    assert_int_equal(quantile.count, count);
    assert_near(quantile.low, wanted[0]);
    assert_near(quantile.high, wanted[1]);
    assert_near(quantile.coverage, wanted[2]);
}

static void
test_ranks(void **state)
{
    (void)state;
    assert_ranks(10, 0.5, (const double[]){2, 9, 0.978515625});
    assert_ranks(30, 0.5, (const double[]){10, 21, 0.95722605474293231964});
    assert_ranks(100, 0.9, (const double[]){84, 96, 0.95569010719122309072});
    assert_ranks(400, 0.99, (const double[]){392, 400, 0.96128088706651801073});
}

static void
test_value(void **state)
{
    const double values[] = {4, NAN, 1, 2, 8};
    struct gw_quantile quantile;

    (void)state;
    gw_quantile_of(values, 5, 0.5, 0.95, &quantile);
    assert_near(quantile.value, 3.0);
    assert_int_equal(quantile.count, 4);
    assert_true(isnan(quantile.low) && isnan(quantile.high) && isnan(quantile.coverage));
    gw_quantile_of(values + 1, 1, 0.5, 0.95, &quantile);
    assert_true(isnan(quantile.value));
}

/* 0.99^367 is above 0.025, 0.99^368 is not. */
static void
test_high_quantile_needs_values(void **state)
{
    double values[368];
    struct gw_quantile quantile;

    (void)state;
    for (size_t i = 0; i < 368; i++) {
        values[i] = (double)i;
    }
    gw_quantile_of(values, 367, 0.99, 0.95, &quantile);
    assert_true(isnan(quantile.high) && isnan(quantile.coverage));
    assert_true(quantile.low < 363.0);
    gw_quantile_of(values, 368, 0.99, 0.95, &quantile);
    assert_near(quantile.high, 367.0);
    assert_true(quantile.coverage >= 0.95);
}

static int
compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void
assert_histogram(const int64_t *sorted, size_t count, double share)
{
    struct gw_histogram histogram = {0};
    struct gw_histogram_quantile quantile;
    double *values = malloc(count * sizeof *values);
    struct gw_quantile exact;

    assert_non_null(values);
    for (size_t i = 0; i < count; i++) {
        gw_histogram_add(&histogram, sorted[i]);
        values[i] = (double)sorted[i];
    }
    gw_quantile_of_histogram(&histogram, share, 0.95, &quantile);
    gw_quantile_of(values, count, share, 0.95, &exact);
    double true_value = (double)sorted[(size_t)ceil(share * (double)count) - 1];
    assert_true(fabs(quantile.value - true_value) <= quantile.error);
    assert_true(quantile.error <= 0.0157 * fmax(true_value, 64.0));
    assert_true(quantile.low <= exact.low && quantile.low >= exact.low / 1.016);
    assert_true(quantile.high >= exact.high && quantile.high <= exact.high * 1.016);
    assert_near(quantile.coverage, exact.coverage);
    gw_histogram_clear(&histogram);
    free(values);
}

static void
test_histogram(void **state)
{
    static int64_t values[5000];
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 1, 0, "values", 0);
    for (size_t i = 0; i < 5000; i++) {
        values[i] = (int64_t)gw_lognormal(&stream, 1e6, 2.0);
    }
    qsort(values, 5000, sizeof *values, compare);
    assert_histogram(values, 5000, 0.5);
    assert_histogram(values, 5000, 0.9);
    assert_histogram(values, 5000, 0.999 - 0.003);
    assert_histogram(values, 500, 0.99);
    assert_histogram(values, 40, 0.2);
}

/* Merged, it is the histogram of all the values; a bucket that holds the largest value only up to
 * that value says so. */
static void
test_histogram_merged(void **state)
{
    struct gw_histogram a = {0};
    struct gw_histogram b = {0};
    struct gw_histogram_quantile quantile;

    (void)state;
    gw_quantile_of_histogram(&a, 0.5, 0.95, &quantile);
    assert_true(isnan(quantile.value) && quantile.count == 0);
    for (int64_t i = 0; i < 200; i++) {
        gw_histogram_add(i % 2 == 0 ? &a : &b, 1000000);
    }
    gw_histogram_merge(&a, &b);
    gw_quantile_of_histogram(&a, 0.5, 0.95, &quantile);
    assert_int_equal(quantile.count, 200);
    assert_near(quantile.value, 1e6);
    assert_near(quantile.error, 0.0);
    assert_near(quantile.low, 1e6);
    assert_near(quantile.high, 1e6);
    gw_histogram_clear(&a);
    gw_histogram_clear(&b);
}

static void
assert_error(const int64_t *values, size_t count, double value, double error)
{
    struct gw_histogram histogram = {0};
    struct gw_histogram_quantile quantile;

    for (size_t i = 0; i < count; i++) {
        gw_histogram_add(&histogram, values[i]);
    }
    gw_quantile_of_histogram(&histogram, 0.5, 0.95, &quantile);
    assert_near(quantile.value, value);
    assert_near(quantile.error, error);
    gw_histogram_clear(&histogram);
}

/* 128 and 129 share a bucket, its middle is 128; of 1,048,576 and what follows only the seen part
 * counts. */
static void
test_histogram_error(void **state)
{
    (void)state;
    assert_error((const int64_t[]){1, 129, 129, 129, 5000}, 5, 128.0, 1.0);
    assert_error((const int64_t[]){1048576, 1048576, 1048577}, 3, 1048577.0, 1.0);
    assert_error((const int64_t[]){7, 100, 5000}, 3, 100.0, 0.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_high_quantile_needs_values),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_histogram_merged),
        cmocka_unit_test(test_histogram_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
