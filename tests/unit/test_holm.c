/* test_holm.c - pins Holm's correction against values worked out by hand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/holm.h"
#include "tests/support/near.h"

/* Sorted 0.005 0.01 0.03 0.04, times 4 3 2 1: 0.02 0.03 0.06 0.04, the last lifted to 0.06. R:
 * p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"). */
static void
test_four(void **state)
{
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    double adjusted[4];

    (void)state;
    gw_holm_adjust(p, 4, adjusted);
    assert_near(adjusted[0], 0.03);
    assert_near(adjusted[1], 0.06);
    assert_near(adjusted[2], 0.06);
    assert_near(adjusted[3], 0.02);
}

static void
test_nan_is_no_test(void **state)
{
    double p[] = {NAN, 0.02, NAN, 0.9, 0.6};

    (void)state;
    gw_holm_adjust(p, 5, p);
    assert_true(isnan(p[0]) && isnan(p[2]));
    assert_near(p[1], 0.06);
    assert_near(p[3], 1.0);
    assert_near(p[4], 1.0);
}

static void
test_none_and_one(void **state)
{
    double p[] = {0.3};

    (void)state;
    gw_holm_adjust(p, 0, p);
    assert_near(p[0], 0.3);
    gw_holm_adjust(p, 1, p);
    assert_near(p[0], 0.3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four),
        cmocka_unit_test(test_nan_is_no_test),
        cmocka_unit_test(test_none_and_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
