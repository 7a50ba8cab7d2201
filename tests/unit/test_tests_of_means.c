/* test_tests_of_means.c - pins Welch, paired and equivalence tests to 1e-10 of
 * tests/statistics/reference.py (section of the same name), Student tails also where the freedom
 * is large, and what constants and small or patchy samples give; how often they are wrong is for
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

#include "results/student.h"
#include "results/tests_of_means.h"
#include "tests/support/near.h"

/* Student's sleep data, as in R's `sleep`. */
static const double sleep_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void
test_student(void **state)
{
    (void)state;
    assert_near(gw_student_beyond(2.1, 4.0), 0.10365328631760219771);
    assert_near(gw_student_beyond(-2.1, 4.0), 0.10365328631760219771);
    assert_near(gw_student_beyond(12.0, 31.0), 3.4779268004197403515e-13);
    assert_near(gw_student_beyond(5.0, 58.0), 5.6184206972654504869e-6);
    assert_near(gw_student_beyond(0.3, 17.5), 0.76771147286768993235);
    assert_near(gw_student_beyond(4.0, 20000.0), 0.000063570285512681105801);
    assert_near(gw_student_above(2.1, 4.0), 0.10365328631760219771 / 2.0);
    assert_near(gw_student_above(-2.1, 4.0), 1.0 - 0.10365328631760219771 / 2.0);
    assert_near(gw_student_above(0.0, 4.0), 0.5);
    assert_near(gw_student_above(INFINITY, 4.0), 0.0);
    assert_near(gw_student_above(-INFINITY, 4.0), 1.0);
    assert_true(isnan(gw_student_beyond(NAN, 4.0)));
}

/* R's manual prints t = -1.8608, df = 17.776, p-value = 0.07939 for the same data. */
static void
test_welch(void **state)
{
    struct gw_mean_test test;

    (void)state;
    gw_means_welch(sleep_1, 10, sleep_2, 10, 0.95, &test);
    assert_int_equal(test.count_a, 10);
    assert_near(test.difference, -1.58);
    assert_near(test.error, 0.84909101723876195742);
    assert_near(test.freedom, 17.776473516178490143);
    assert_near(test.statistic, -1.8608134674868531015);
    assert_near(test.p, 0.079394140187358138337);
    assert_near(test.half_width, 1.7854832307117109713);
}

/* R: t = -4.0621, df = 9, p-value = 0.002833. */
static void
test_paired(void **state)
{
    struct gw_mean_test test;

    (void)state;
    gw_means_paired(sleep_1, sleep_2, 10, 0.95, &test);
    assert_int_equal(test.count_b, 10);
    assert_near(test.difference, -1.58);
    assert_near(test.error, 0.38895872388839524381);
    assert_near(test.freedom, 9.0);
    assert_near(test.statistic, -4.0621276833820361097);
    assert_near(test.p, 0.0028328901973842727403);
    assert_near(test.half_width, 0.87988576327698279871);
}

static void
test_equivalence(void **state)
{
    struct gw_mean_test test;

    (void)state;
    gw_means_paired(sleep_1, sleep_2, 10, 0.95, &test);
    assert_near(gw_means_equivalence(&test, -2.0, 1.0), 0.15415723566909745609);
    assert_near(gw_means_equivalence(&test, -9.0, 1.0), 0.000047785956955468398858);
    assert_true(gw_means_equivalence(&test, 0.0, 1.0) > 0.99);
}

static void
test_constants(void **state)
{
    const double five[] = {5, 5, 5};
    const double six[] = {6, 6};
    struct gw_mean_test test;

    (void)state;
    gw_means_welch(five, 3, six, 2, 0.95, &test);
    assert_near(test.difference, -1.0);
    assert_near(test.p, 0.0);
    assert_near(test.half_width, 0.0);
    assert_true(isinf(test.statistic) && test.statistic < 0.0);
    assert_near(gw_means_equivalence(&test, -2.0, 2.0), 0.0);
    assert_near(gw_means_equivalence(&test, -0.5, 0.5), 1.0);
    gw_means_paired(five, five, 3, 0.95, &test);
    assert_near(test.p, 1.0);
    assert_near(test.statistic, 0.0);
}

static void
test_patchy_samples(void **state)
{
    const double a[] = {NAN, 4.0, 6.0, NAN};
    const double b[] = {1.0, NAN, 5.0, 2.0};
    struct gw_mean_test test;

    (void)state;
    gw_means_welch(a, 4, b, 4, 0.95, &test);
    assert_int_equal(test.count_a, 2);
    assert_int_equal(test.count_b, 3);
    assert_near(test.difference, 5.0 - 8.0 / 3.0);
    gw_means_paired(a, b, 4, 0.95, &test);
    assert_int_equal(test.count_a, 1);
    assert_true(isnan(test.difference) && isnan(test.p) && isnan(test.half_width));
    assert_true(isnan(gw_means_equivalence(&test, -1.0, 1.0)));
    gw_means_welch(a, 1, b, 4, 0.95, &test);
    assert_int_equal(test.count_a, 0);
    assert_true(isnan(test.p));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),   cmocka_unit_test(test_welch),
        cmocka_unit_test(test_paired),    cmocka_unit_test(test_equivalence),
        cmocka_unit_test(test_constants), cmocka_unit_test(test_patchy_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
