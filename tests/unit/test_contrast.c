/* test_contrast.c - pins paired differences and ratios with their intervals to 1e-10 of
 * tests/statistics/reference.py (section of the same name), and what constants, gaps, zeros and
 * too few pairs give; how often the intervals hold the truth is for test_coverage.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/contrast.h"
#include "tests/support/near.h"

/* Student's sleep data; t and p are those of R's t.test(..., paired = TRUE). */
static const double sleep_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void
test_difference(void **state)
{
    struct gw_contrast got;

    (void)state;
    gw_contrast_of(sleep_1, sleep_2, 10, 0.95, &got);
    assert_int_equal(got.pairs, 10);
    assert_near(got.mean_a, 0.75);
    assert_near(got.mean_b, 2.33);
    assert_near(got.difference, 1.58);
    assert_near(got.low, 0.70011423672301720129);
    assert_near(got.high, 2.4598857632769827987);
    assert_near(got.p, 0.0028328901973842727403);
    assert_true(isnan(got.ratio) && isnan(got.ratio_low) && isnan(got.ratio_high));
}

static void
test_ratio(void **state)
{
    const double a[] = {0.80, NAN, 0.83, 1.89, 1.04, 7.0, 1.45};
    const double b[] = {1.15, 9.0, 0.88, 0.90, 0.74, NAN, 1.21};
    struct gw_contrast got;

    (void)state;
    gw_contrast_of(a, b, 7, 0.9, &got);
    assert_int_equal(got.pairs, 5);
    assert_near(got.mean_a, 6.01 / 5.0);
    assert_near(got.difference, -0.226);
    assert_near(got.ratio, 0.84504877666764389988);
    assert_near(got.ratio_low, 0.56834306492562529889);
    assert_near(got.ratio_high, 1.2564725058111358574);
}

/* What a pair has in common cancels: all differ by 2, or are all doubled. */
static void
test_constants(void **state)
{
    const double a[] = {1.0, 4.0, 100.0};
    const double b[] = {3.0, 6.0, 102.0};
    const double c[] = {2.0, 8.0, 200.0};
    struct gw_contrast got;

    (void)state;
    gw_contrast_of(a, b, 3, 0.95, &got);
    assert_near(got.low, 2.0);
    assert_near(got.high, 2.0);
    assert_near(got.p, 0.0);
    gw_contrast_of(a, c, 3, 0.95, &got);
    assert_near(got.ratio_low, 2.0);
    assert_near(got.ratio_high, 2.0);
    gw_contrast_of(a, a, 3, 0.95, &got);
    assert_near(got.difference, 0.0);
    assert_near(got.p, 1.0);
    assert_near(got.ratio, 1.0);
}

static void
test_too_few(void **state)
{
    const double a[] = {NAN, 4.0};
    const double b[] = {1.0, 2.0};
    struct gw_contrast got;

    (void)state;
    gw_contrast_of(a, b, 2, 0.95, &got);
    assert_int_equal(got.pairs, 1);
    assert_near(got.mean_b, 2.0);
    assert_near(got.difference, -2.0);
    assert_near(got.ratio, 0.5);
    assert_true(isnan(got.low) && isnan(got.high) && isnan(got.p));
    assert_true(isnan(got.ratio_low) && isnan(got.ratio_high));
    gw_contrast_of(a, b, 1, 0.95, &got);
    assert_int_equal(got.pairs, 0);
    assert_true(isnan(got.mean_a) && isnan(got.difference) && isnan(got.ratio));
}

static void
test_zero_has_no_ratio(void **state)
{
    const double a[] = {0.0, 4.0};
    const double b[] = {1.0, 2.0};
    struct gw_contrast got;

    (void)state;
    gw_contrast_of(a, b, 2, 0.95, &got);
    assert_near(got.difference, -0.5);
    assert_true(got.low <= got.difference);
    assert_false(got.ratio >= 0.0 || got.ratio_high >= 0.0);
    gw_contrast_of(b, a, 2, 0.95, &got);
    assert_true(isnan(got.ratio) || isnan(got.p));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_constants),         cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_zero_has_no_ratio),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
