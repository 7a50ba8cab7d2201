/* test_coverage.c - pins, with 1,000 synthetic experiments a row, that intervals hold the truth as
 * often as they say and that p-values are uniform when there is nothing to find. The bands are wide;
 * `make statistics-proof` takes 10,000 and narrow ones, and more rows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/statistics/coverage.h"

enum { EXPERIMENTS = 1000 };

/* Two standard errors of 1,000 experiments where the bound is 93 %. */
static const double slack = 0.016;

static void
test_intervals(void **state)
{
    (void)state;
    for (size_t i = 0; i < coverage_short_count(); i++) {
        struct coverage_row row;
        coverage_run(i, EXPERIMENTS, slack, &row);
        if (!row.ok) {
            fail_msg("%s of %s, n = %zu: holds the truth in %.1f %%, wanted %.1f .. %.1f",
                     row.interval, row.law, row.size, 100.0 * row.share, 100.0 * row.low,
                     100.0 * row.high);
        }
    }
}

static void
test_p_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < uniform_count(); i++) {
        struct uniform_row row;
        uniform_run(i, EXPERIMENTS, &row);
        if (!row.ok) {
            fail_msg("%s, n = %zu: p-values are %.4f off uniform", row.test, row.size,
                     row.distance);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_p_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
