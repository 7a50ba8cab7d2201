/* test_mann_whitney.c - pins the rank-sum test to 1e-10 of tests/statistics/reference.py, which
 * counts all arrangements, and its symmetry; how often it is wrong is for test_coverage.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/mann_whitney.h"
#include "tests/support/near.h"

/* Hollander and Wolfe's permeability data, as in the manual of R's wilcox.test. */
static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
static const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};

static const double tied_a[] = {1, 2, 2, 3, 5, 5, 5};
static const double tied_b[] = {2, 4, 5, 6, 6, 7};

/* R prints W = 35; twice its one-sided p of 0.1272 is this p. */
static void
test_exact(void **state)
{
    struct gw_mann_whitney test;

    (void)state;
    gw_mann_whitney_test(term, 10, early, 5, &test);
    assert_true(test.exact);
    assert_near(test.u, 35.0);
    assert_near(test.delta, 0.4);
    assert_near(test.p, 764.0 / 3003.0);
}

static void
test_exact_with_ties(void **state)
{
    struct gw_mann_whitney test;

    (void)state;
    gw_mann_whitney_test(tied_a, 7, tied_b, 6, &test);
    assert_near(test.u, 9.5);
    assert_near(test.p, 85.0 / 858.0);
    gw_mann_whitney_test(tied_b, 6, tied_a, 7, &test);
    assert_near(test.u, 42.0 - 9.5);
    assert_near(test.p, 85.0 / 858.0);
}

/* Twenty against twenty, all above: two of C(40, 20) arrangements are as far. */
static void
test_exact_at_its_limit(void **state)
{
    double a[20];
    double b[20];
    struct gw_mann_whitney test;

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        a[i] = (double)i + 100.0;
        b[i] = (double)i;
    }
    gw_mann_whitney_test(a, 20, b, 20, &test);
    assert_true(test.exact);
    assert_near(test.delta, 1.0);
    assert_near(test.p, 2.0 / 137846528820.0);
}

static void
test_normal_with_ties(void **state)
{
    double a[30];
    double b[25];
    struct gw_mann_whitney test;

    (void)state;
    for (size_t i = 0; i < 30; i++) {
        a[i] = (double)(i * i % 47);
    }
    for (size_t i = 0; i < 25; i++) {
        b[i] = (double)(5 + i * 7 % 53);
    }
    gw_mann_whitney_test(a, 30, b, 25, &test);
    assert_false(test.exact);
    assert_near(test.u, 230.0);
    assert_near(test.p, 0.014546955626032696427);
}

static void
test_degenerate(void **state)
{
    const double same[] = {3, 3, 3, NAN};
    double many[30];
    struct gw_mann_whitney test;

    (void)state;
    gw_mann_whitney_test(same, 4, same, 4, &test);
    assert_int_equal(test.count_a, 3);
    assert_near(test.p, 1.0);
    assert_near(test.delta, 0.0);
    for (size_t i = 0; i < 30; i++) {
        many[i] = 3.0;
    }
    gw_mann_whitney_test(many, 30, same, 4, &test);
    assert_false(test.exact);
    assert_near(test.p, 1.0);
    gw_mann_whitney_test(same + 3, 1, many, 30, &test);
    assert_true(isnan(test.p) && isnan(test.u));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_exact_with_ties),
        cmocka_unit_test(test_exact_at_its_limit),
        cmocka_unit_test(test_normal_with_ties),
        cmocka_unit_test(test_degenerate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
