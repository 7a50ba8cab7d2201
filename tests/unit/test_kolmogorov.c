/* test_kolmogorov.c - pins the two-sample Kolmogorov-Smirnov test to 1e-10 of
 * tests/statistics/reference.py, which counts all arrangements, and the limit that large samples
 * use.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/kolmogorov.h"
#include "tests/support/near.h"

/* Hollander and Wolfe's permeability data, as in the manual of R's wilcox.test. */
static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
static const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};

static const double tied_a[] = {1, 2, 2, 3, 5, 5, 5};
static const double tied_b[] = {2, 4, 5, 6, 6, 7};

static void
test_exact(void **state)
{
    struct gw_kolmogorov test;

    (void)state;
    gw_kolmogorov_test(term, 10, early, 5, &test);
    assert_true(test.exact);
    assert_near(test.distance, 0.6);
    assert_near(test.p, 166.0 / 1001.0);
    gw_kolmogorov_test(early, 5, term, 10, &test);
    assert_near(test.p, 166.0 / 1001.0);
}

static void
test_exact_with_ties(void **state)
{
    struct gw_kolmogorov test;

    (void)state;
    gw_kolmogorov_test(tied_a, 7, tied_b, 6, &test);
    assert_near(test.distance, 0.5);
    assert_near(test.p, 98.0 / 429.0);
}

/* Samples that do not overlap: two of C(2n, n) walks keep to the rim. A tiny p keeps its digits. */
static void
test_apart(void **state)
{
    double a[100];
    double b[101];
    struct gw_kolmogorov test;

    (void)state;
    for (size_t i = 0; i < 101; i++) {
        a[i % 100] = (double)i - 1000.0;
        b[i] = (double)i;
    }
    gw_kolmogorov_test(a, 20, b, 20, &test);
    assert_near(test.distance, 1.0);
    assert_near(test.p, 2.0 / 137846528820.0);
    gw_kolmogorov_test(a, 100, b, 100, &test);
    assert_true(test.exact);
    gw_kolmogorov_test(a, 100, b, 101, &test);
    assert_false(test.exact);
    assert_near(test.p, gw_kolmogorov_above(sqrt(100.0 * 101.0 / 201.0)));
}

static void
test_limit(void **state)
{
    (void)state;
    assert_near(gw_kolmogorov_above(0.0), 1.0);
    assert_near(gw_kolmogorov_above(0.3), 0.99999069419866543337);
    assert_near(gw_kolmogorov_above(0.8), 0.544142411574198149);
    assert_near(gw_kolmogorov_above(1.3581), 0.049999630431667435753);
    assert_near(gw_kolmogorov_above(3.0), 3.0459959489425256872e-8);
}

static void
test_degenerate(void **state)
{
    const double patchy[] = {NAN, 3, 1};
    struct gw_kolmogorov test;

    (void)state;
    gw_kolmogorov_test(patchy, 3, patchy, 3, &test);
    assert_int_equal(test.count_a, 2);
    assert_near(test.distance, 0.0);
    assert_near(test.p, 1.0);
    gw_kolmogorov_test(patchy + 1, 1, patchy + 1, 1, &test);
    assert_near(test.p, 1.0);
    gw_kolmogorov_test(patchy, 1, patchy, 3, &test);
    assert_true(isnan(test.p) && isnan(test.distance));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),      cmocka_unit_test(test_exact_with_ties),
        cmocka_unit_test(test_apart),      cmocka_unit_test(test_limit),
        cmocka_unit_test(test_degenerate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
