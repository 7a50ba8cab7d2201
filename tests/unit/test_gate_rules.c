/* test_gate_rules.c - pins how margins are named and read. Does not pin their values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/gate_rules.h"

enum { TOTAL_TIME_ROW = 1 };

static void
test_margins(void **state)
{
    struct gw_gate_margins margins;
    struct gw_error err;

    (void)state;
    gw_gate_margins_default(&margins);
    assert_true(gw_gate_margin_set(&margins, false, "total_time_s", "3.5%", &err));
    assert_true(fabs(margins.metric[TOTAL_TIME_ROW] - 0.035) < 1e-12);
    assert_true(gw_gate_margin_set(&margins, true, "throttle_pct", "1%", &err));
    assert_true(fabs(margins.curve[GW_CURVE_THROTTLE] - 0.01) < 1e-12);
    assert_false(gw_gate_margin_set(&margins, false, "total_time", "2%", &err));
    assert_false(gw_gate_margin_set(&margins, false, "total_time_s", "2", &err));
    assert_false(gw_gate_margin_set(&margins, false, "total_time_s", "0%", &err));
    assert_false(gw_gate_margin_set(&margins, false, "total_time_s", "nan%", &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
