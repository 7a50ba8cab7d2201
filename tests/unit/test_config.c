/* test_config.c - pins: the tree, both writers, the caret under the right column, and "did you
 * mean". Does not pin: the reading of YAML (test_scenario).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"

static struct gw_config_node *
sample_tree(void)
{
    struct gw_config_node *root = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    struct gw_config_node *list;
    struct gw_config_node *map;

    assert_true(gw_config_put(root, "zeta", "1", false));
    assert_true(gw_config_put(root, "alpha", "a \"b\"\n", true));
    list = gw_config_put_group(root, "list", GW_CONFIG_LIST);
    map = gw_config_put_group(list, NULL, GW_CONFIG_MAP);
    assert_true(gw_config_put(map, "y", "8KiB", true));
    assert_true(gw_config_put(map, "x", "true", false));
    assert_non_null(gw_config_put_group(root, "empty", GW_CONFIG_MAP));
    return root;
}

static void
writes_json_sorted(void **state)
{
    struct gw_config_node *root = sample_tree();
    struct gw_text out = {0};
    char *text;
    (void)state;

    gw_config_write_json(root, &out);
    text = gw_text_take(&out);
    assert_string_equal(text, "{\"alpha\":\"a \\\"b\\\"\\u000a\",\"empty\":{},"
                              "\"list\":[{\"x\":true,\"y\":\"8KiB\"}],\"zeta\":1}");
    free(text);
    gw_config_node_destroy(root);
}

static void
writes_yaml_in_order(void **state)
{
    struct gw_config_node *root = sample_tree();
    struct gw_text out = {0};
    char *text;
    (void)state;

    gw_config_write_yaml(root, &out);
    text = gw_text_take(&out);
    assert_string_equal(text, "zeta: 1\nalpha: \"a \\\"b\\\"\\u000a\"\nlist:\n  - y: 8KiB\n"
                              "    x: true\nempty: {}\n");
    free(text);
    gw_config_node_destroy(root);
}

static void
finds_children(void **state)
{
    struct gw_config_node *root = sample_tree();
    (void)state;

    assert_string_equal(gw_config_get(root, "zeta")->text, "1");
    assert_null(gw_config_get(root, "beta"));
    assert_null(gw_config_get(gw_config_get(root, "zeta"), "x"));
    assert_null(gw_config_get(NULL, "x"));
    gw_config_node_destroy(root);
}

static void
expect_diagnostic(const char *text, struct gw_place place, const char *expected)
{
    struct gw_config config = {0};
    struct gw_diagnostics diagnostics = {0};
    struct gw_text out = {0};

    place.source = gw_config_add_source(&config, "f.yaml", text, strlen(text));
    gw_diagnostics_error(&diagnostics, place, "bad\033 %d", 7);
    gw_config_clear(&config);
    gw_diagnostics_write(&diagnostics, false, &out);
    assert_string_equal(out.bytes, expected);
    assert_int_equal(diagnostics.code, GW_EINVAL);
    gw_text_clear(&out);
    gw_diagnostics_clear(&diagnostics);
}

static void
points_with_a_caret(void **state)
{
    (void)state;

    expect_diagnostic("a: 1\nkey: value\n", (struct gw_place){NULL, 2, 6, 5},
                      "f.yaml:2:6: error: bad? 7\n  key: value\n       ^~~~~\n");
    expect_diagnostic("\tk: \xc3\xa9x\r\n", (struct gw_place){NULL, 1, 6, 1},
                      "f.yaml:1:6: error: bad? 7\n   k: \xc3\xa9x\n       ^\n");
    expect_diagnostic("a", (struct gw_place){NULL, 9, 1, 1}, "f.yaml:9:1: error: bad? 7\n");
    expect_diagnostic("", (struct gw_place){NULL, 1, 1, 1}, "f.yaml:1:1: error: bad? 7\n  \n  ^\n");
}

static void
counts_what_it_does_not_keep(void **state)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_text out = {0};
    (void)state;

    for (int i = 0; i < 250; i++) {
        gw_diagnostics_fail(&diagnostics, i == 3 ? GW_EIO : GW_EINVAL, "x", "no %d", i);
    }
    gw_diagnostics_write(&diagnostics, false, &out);
    assert_int_equal(diagnostics.errors, 250);
    assert_int_equal(diagnostics.count, 100);
    assert_int_equal(diagnostics.code, GW_EIO);
    assert_non_null(strstr(out.bytes, "150 more errors"));
    gw_text_clear(&out);
    gw_diagnostics_clear(&diagnostics);
}

static void
suggests_the_nearest_word(void **state)
{
    static const char *const words[] = {"lock_range", "seed", "oio", NULL};
    (void)state;

    assert_string_equal(gw_nearest_word("lok_range", words), "lock_range");
    assert_string_equal(gw_nearest_word("lcok_rnage", words), "lock_range");
    assert_string_equal(gw_nearest_word("sede", words), "seed");
    assert_null(gw_nearest_word("lorange", words));
    assert_null(gw_nearest_word("ab", words));
    assert_null(gw_nearest_word("", words));
    assert_null(gw_nearest_word("seed", NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_json_sorted),
        cmocka_unit_test(writes_yaml_in_order),
        cmocka_unit_test(finds_children),
        cmocka_unit_test(points_with_a_caret),
        cmocka_unit_test(counts_what_it_does_not_keep),
        cmocka_unit_test(suggests_the_nearest_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
