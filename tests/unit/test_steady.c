/* test_steady.c - pins MSER-5 and batch means to tests/statistics/reference.py, and when neither
 * may be trusted; how often the interval covers is for test_coverage.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/steady.h"
#include "tests/support/near.h"

enum { COUNT = 200 };

/* A start that dies away over a level that only looks random. */
static void
fill(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double place = (double)(i + 1);
        values[i] = 1000.0 / (place * place) + (double)(i * 37 % 101);
    }
}

static void
test_warm_up(void **state)
{
    double values[COUNT];
    struct gw_warm_up warm_up;

    (void)state;
    fill(values, COUNT);
    gw_steady_warm_up(values, COUNT, &warm_up);
    assert_true(warm_up.trusted);
    assert_int_equal(warm_up.count, COUNT);
    assert_int_equal(warm_up.truncated, 20);
}

/* A run that still climbs has no steady part; a constant one is steady from the start. */
static void
test_warm_up_not_trusted(void **state)
{
    double values[COUNT];
    struct gw_warm_up warm_up;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (double)(i * i * i);
    }
    gw_steady_warm_up(values, COUNT, &warm_up);
    assert_false(warm_up.trusted);
    assert_int_equal(warm_up.truncated, 0);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = 4.0;
    }
    values[3] = NAN;
    gw_steady_warm_up(values, COUNT, &warm_up);
    assert_true(warm_up.trusted);
    assert_int_equal(warm_up.count, COUNT - 1);
    assert_int_equal(warm_up.truncated, 0);
    gw_steady_warm_up(values + 4, 99, &warm_up);
    assert_false(warm_up.trusted);
}

static void
test_batch_means(void **state)
{
    double values[COUNT + 1];
    struct gw_batch_means means;

    (void)state;
    values[0] = 1e9;
    fill(values + 1, COUNT);
    gw_steady_batch_means(values, COUNT + 1, 10, 0.95, &means);
    assert_int_equal(means.batch_size, 20);
    assert_near(means.mean, 58.24473273007498634);
    assert_near(means.half_width, 17.696790158089142607);
    assert_near(means.correlation, 0.014251838544005405523);
    assert_near(means.p, 0.051780873431695267575);
}

static void
test_batch_means_of_little(void **state)
{
    const double values[] = {7, 7, NAN, 7, 7};
    struct gw_batch_means means;

    (void)state;
    gw_steady_batch_means(values, 5, 5, 0.95, &means);
    assert_int_equal(means.batch_size, 0);
    assert_true(isnan(means.mean) && isnan(means.half_width) && isnan(means.p));
    gw_steady_batch_means(values, 5, 4, 0.95, &means);
    assert_int_equal(means.batch_size, 1);
    assert_near(means.half_width, 0.0);
    assert_near(means.correlation, 0.0);
    assert_near(means.p, 0.5);
}

/* Batches that differ from their neighbours are taken as they are; where three resemble each
 * other, longer ones are needed; a climb never looks independent, and says so. */
static void
test_interval_chooses_batches(void **state)
{
    double values[4000];
    struct gw_batch_means means;

    (void)state;
    for (size_t i = 0; i < 4000; i++) {
        values[i] = i / 100 % 2 == 0 ? 1.0 : 2.0;
    }
    gw_steady_interval(values, 4000, 0.95, &means);
    assert_int_equal(means.batches, 40);
    for (size_t i = 0; i < 4000; i++) {
        values[i] = i / 300 % 2 == 0 ? 1.0 : 2.0;
    }
    gw_steady_interval(values, 4000, 0.95, &means);
    assert_int_equal(means.batches, 20);
    for (size_t i = 0; i < 4000; i++) {
        values[i] = (double)i;
    }
    gw_steady_interval(values, 4000, 0.95, &means);
    assert_int_equal(means.batches, 10);
    assert_true(means.p < 0.01);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warm_up),
        cmocka_unit_test(test_warm_up_not_trusted),
        cmocka_unit_test(test_batch_means),
        cmocka_unit_test(test_batch_means_of_little),
        cmocka_unit_test(test_interval_chooses_batches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
