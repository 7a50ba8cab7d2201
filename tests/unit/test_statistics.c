/* test_statistics.c - pins mean, deviation and t-interval against values worked out elsewhere, and
 * what small or patchy samples give; coverage of the interval is not tested here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/statistics.h"
#include "tests/support/near.h"

/* 1..10: s = sqrt(55/6); t(0.975, 9) = 2.2621571628 from printed tables. */
static void
test_interval_of_ten(void **state)
{
    const double values[] = {7, 1, 10, 2, 9, 3, 8, 4, 6, 5};
    struct gw_summary summary;

    (void)state;
    gw_summary_of(values, 10, 0.95, &summary);
    assert_int_equal(summary.count, 10);
    assert_near(summary.mean, 5.5);
    assert_near(summary.median, 5.5);
    assert_near(summary.deviation, sqrt(55.0 / 6.0));
    assert_near(summary.half_width, 2.2621571628 * sqrt(55.0 / 6.0) / sqrt(10.0));
    assert_near(summary.spread, sqrt(55.0 / 6.0) / 5.5);
    assert_near(summary.least, 1.0);
    assert_near(summary.most, 10.0);
}

static void
test_small_samples(void **state)
{
    const double values[] = {NAN, 4.0, NAN};
    struct gw_summary summary;

    (void)state;
    gw_summary_of(values, 3, 0.95, &summary);
    assert_int_equal(summary.count, 1);
    assert_near(summary.mean, 4.0);
    assert_true(isnan(summary.half_width) && isnan(summary.deviation));
    gw_summary_of(values, 1, 0.95, &summary);
    assert_int_equal(summary.count, 0);
    assert_true(isnan(summary.mean));
}

static void
test_spread_of_errors(void **state)
{
    double ten[] = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10};
    double few[] = {-3, NAN, 1};
    struct gw_spread spread;

    (void)state;
    gw_spread_of(ten, 10, &spread);
    assert_int_equal(spread.count, 10);
    assert_near(spread.median, 5.5);
    assert_near(spread.p90, 9.0);
    assert_near(spread.worst, 10.0);
    gw_spread_of(few, 3, &spread);
    assert_int_equal(spread.count, 2);
    assert_near(spread.median, 2.0);
    assert_near(spread.p90, 3.0);
    gw_spread_of(few, 0, &spread);
    assert_int_equal(spread.count, 0);
    assert_true(isnan(spread.median));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_of_ten),
        cmocka_unit_test(test_small_samples),
        cmocka_unit_test(test_spread_of_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
