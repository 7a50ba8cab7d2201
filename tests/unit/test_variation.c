/* test_variation.c - pins: how --set with lists becomes a cross product, and what it refuses. Does
 * not pin: what an override does to a scenario (test_scenario).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/scenario.h"

static void
expands_variations(void **state)
{
    static const char *const settings[] = {"a=1,2", "b.c=\"x,y\",z", "d=[1, 2]"};
    static const char *const first[] = {"a=1", "b.c=\"x,y\"", "d=[1, 2]"};
    static const char *const last[] = {"a=2", "b.c=z", "d=[1, 2]"};
    struct gw_diagnostics diagnostics = {0};
    struct gw_variations variations;
    (void)state;

    assert_true(gw_variations_expand(&variations, settings, 3, &diagnostics));
    assert_int_equal(variations.count, 4);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(variations.items[0].overrides[i], first[i]);
        assert_string_equal(variations.items[3].overrides[i], last[i]);
    }
    assert_string_equal(variations.items[1].values[0], "1");
    assert_string_equal(variations.items[1].values[1], "z");
    assert_string_equal(variations.items[2].values[0], "2");
    assert_string_equal(variations.items[2].values[1], "x,y");
    assert_string_equal(variations.items[2].names[1], "b.c");
    gw_variations_clear(&variations);
    assert_true(gw_variations_expand(&variations, NULL, 0, &diagnostics));
    assert_int_equal(variations.count, 1);
    assert_int_equal(variations.items[0].count, 0);
    gw_variations_clear(&variations);
}

static void
refuses_variations(void **state)
{
    static const char *const cases[][2] = {{"a", "x=1"},      {"=1", "x=1"},   {"a=", "x=1"},
                                           {"a=1,,2", "x=1"}, {"a=1,", "x=1"}, {"a=\"1,2", "x=1"},
                                           {"a=[1,2", "x=1"}, {"x=1", "x=2"}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_diagnostics diagnostics = {0};
        struct gw_variations variations;

        assert_false(gw_variations_expand(&variations, cases[i], 2, &diagnostics));
        assert_int_equal(diagnostics.errors, 1);
        assert_int_equal(variations.count, 0);
        gw_diagnostics_clear(&diagnostics);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_variations),
        cmocka_unit_test(refuses_variations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
