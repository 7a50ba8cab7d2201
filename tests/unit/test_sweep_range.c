/* test_sweep_range.c - pins the short form of ranges, the values of each kind, rounding, and what
 * is refused. Does not pin where a sweep may use a range (test_sweep).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sweep_range.h"

/* All values with a space after each; of a range without steps those at 0, 1/4, ... 1. */
static void
list(const struct gw_sweep_range *range, char *out, size_t most)
{
    size_t used = 0;

    for (size_t i = 0; i < (range->count == 0 ? 5 : range->count) && used < most; i++) {
        char text[GW_QUANTITY_TEXT_MAX];

        if (range->count == 0) {
            gw_sweep_range_value_at(range, (double)i / 4.0, text);
        } else {
            gw_sweep_range_value(range, i, text);
        }
        used += (size_t)snprintf(out + used, most - used, "%s ", text);
    }
}

static void
lists_values(void **state)
{
    static const char *const cases[][2] = {
        {"1..64 x7 log", "1 2 4 8 16 32 64 "},
        {"1..10 x4", "1 4 7 10 "},
        {"1..2 x2", "1 2 "},
        {"0..10 x3", "0 5 10 "},
        {"1..4 x3", "1 3 4 "},
        {"-4..4 x3", "-4 0 4 "},
        {"0.0..2.0 x5", "0 0.5 1 1.5 2 "},
        {"0..2.0 x5", "0 0.5 1 1.5 2 "},
        {"0.01..100 x5 log", "0.01 0.1 1 10 100 "},
        {"1..9 by 2", "1 3 5 7 9 "},
        {"1..10 by 2", "1 3 5 7 9 "},
        {"1..10.9 by 2.5", "1 3.5 6 8.5 "},
        {"0.1..0.7 by 0.2", "0.1 0.3 0.5 0.7 "},
        {"4KiB..64KiB x5 log", "4KiB 8KiB 16KiB 32KiB 64KiB "},
        {"4KiB..64KiB x4 by 4KiB", "4KiB 24KiB 44KiB 64KiB "},
        {"4KiB..1MiB x4 log by 4KiB", "4KiB 24KiB 160KiB 1MiB "},
        {"1ms..1s x4 log", "1ms 10ms 100ms 1s "},
        {"1Gbps..10Gbps x4", "1Gbps 4Gbps 7Gbps 10Gbps "},
        {"100MB/s..1GB/s x2", "100MB/s 1GB/s "},
        {"400/s..12k/s x3", "400/s 6200/s 12000/s "},
        {"0%..30% x4", "0% 10% 20% 30% "},
        {"0..100", "0 25 50 75 100 "},
        {"1..16 log", "1 2 4 8 16 "},
        {"0..100 x3", "0 50 100 "},
        {"1..100 log by 3", "1 4 10 31 100 "},
        {"0B..4611686018427387904B x3", "0B 2048PiB 4096PiB "},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_sweep_range range;
        struct gw_error err = {.message = ""};
        char values[400] = "";

        assert_true(gw_sweep_range_is_short(cases[i][0]));
        if (gw_sweep_range_parse(cases[i][0], &range, &err)) {
            list(&range, values, sizeof values);
        }
        if (strcmp(values, cases[i][1]) != 0) {
            fail_msg("%s: %s%s", cases[i][0], values, err.message);
        }
    }
}

static void
shares_choose_among_steps(void **state)
{
    struct gw_sweep_range range;
    char text[GW_QUANTITY_TEXT_MAX];
    (void)state;

    assert_true(gw_sweep_range_parse("1..64 x7 log", &range, NULL));
    gw_sweep_range_value_at(&range, 0.14, text);
    assert_string_equal(text, "1");
    gw_sweep_range_value_at(&range, 0.15, text);
    assert_string_equal(text, "2");
    gw_sweep_range_value_at(&range, 1.0, text);
    assert_string_equal(text, "64");
}

static void
refuses(void **state)
{
    static const char *const cases[][2] = {
        {"1..", "is no range"},
        {"1..x", "is no range"},
        {"1..4KiB", "is no range"},
        {"4KiB..1s", "is no range"},
        {"1..4 by 4KiB", "is no range"},
        {"4..1", "the first end must be below"},
        {"4..4", "the first end must be below"},
        {"0..8 log", "a log scale begins above 0"},
        {"-1..8 x3 log", "a log scale begins above 0"},
        {"1..8 x1", "must be 2 to 100000"},
        {"1..8 x0", "must be 2 to 100000"},
        {"1..8 x-3", "must be 2 to 100000"},
        {"1..8 x100001", "must be 2 to 100000"},
        {"1..8 x", "steps"},
        {"1..8 x3.5", "steps"},
        {"1..8 by 0", "must be more than 0"},
        {"1..8 by -1", "must be more than 0"},
        {"1..8 by", "'by' in a range"},
        {"1..8 lin", "'lin' in a range"},
        {"1..8 x3 x3", "'x3' in a range"},
        {"1..8 log log", "'log' in a range"},
        {"1..4 x7 log", "two of the 7 steps are"},
        {"1..8 x9 by 2", "two of the 9 steps are"},
        {"0..1000000 by 1", "more than 100000 values"},
        {"0B..9223372036854775807B", "too large"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_sweep_range range;
        struct gw_error err = {.message = ""};

        if (gw_sweep_range_parse(cases[i][0], &range, &err) ||
            strstr(err.message, cases[i][1]) == NULL) {
            fail_msg("%s: '%s'", cases[i][0], err.message);
        }
    }
}

static void
knows_what_is_no_range(void **state)
{
    static const char *const cases[] = {"",    "16", "../traces/a", "a..b", "1.5",
                                        "dbt", "..", "/a/1..2",     "-",    "-x..2"};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(gw_sweep_range_is_short(cases[i]));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_values),
        cmocka_unit_test(shares_choose_among_steps),
        cmocka_unit_test(refuses),
        cmocka_unit_test(knows_what_is_no_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
