/* test_fisher.c - pins Fisher's exact test against values worked out by hand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/fisher.h"

static void
assert_near(double got, double wanted)
{
    assert_true(fabs(got - wanted) <= 1e-9 * fabs(wanted));
}

/* 34 / 70: the lady's tea. 2 / C(20, 10). 2 C(19, 12) / C(24, 12). */
static void
test_fisher(void **state)
{
    (void)state;
    assert_near(gw_fisher_exact(3, 4, 1, 4), 34.0 / 70);
    assert_near(gw_fisher_exact(10, 10, 0, 10), 2.0 / 184756);
    assert_near(gw_fisher_exact(12, 12, 7, 12), 2.0 * 50388 / 2704156);
    assert_near(gw_fisher_exact(5, 5, 9, 9), 1);
    assert_near(gw_fisher_exact(0, 0, 3, 9), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fisher),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
