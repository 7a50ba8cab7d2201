/* test_settings.c - pins: defaults, ranges, choices, ownership of texts, all errors at once, and
 * that an echo is read back to the same struct. Does not pin: quantities (test_quantity).
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

#include "base/settings.h"

struct sample {
    int64_t size_bytes;
    int64_t count;
    double share;
    bool flag;
    int choice;
    char *text;
    char *absent;
    int64_t required_ns;
};

static const char *const words[] = {"random", "sequential", NULL};

#define ROW(key, type, field, preset, least, most, list)                                           \
    {                                                                                              \
        key, type, offsetof(struct sample, field), preset, least, most, list, "help of " key       \
    }

static const struct gw_setting table[] = {
    ROW("size", GW_SETTING_BYTES, size_bytes, "64KiB", "4KiB", "1MiB", NULL),
    ROW("count", GW_SETTING_COUNT, count, "3", "-5", NULL, NULL),
    ROW("share", GW_SETTING_SHARE, share, "30%", NULL, NULL, NULL),
    ROW("flag", GW_SETTING_FLAG, flag, "true", NULL, NULL, NULL),
    ROW("pattern", GW_SETTING_CHOICE, choice, "sequential", NULL, NULL, words),
    ROW("text", GW_SETTING_TEXT, text, "last", NULL, NULL, NULL),
    ROW("absent", GW_SETTING_TEXT, absent, NULL, NULL, NULL, NULL),
    ROW("time", GW_SETTING_TIME, required_ns, NULL, "1ms", NULL, NULL),
    GW_SETTING_END,
};

static const char *const other_keys[] = {"kind", NULL};

/* A map from key, value, key, value ... NULL. */
static struct gw_config_node *
map_of(const char *const *pairs)
{
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);

    for (; pairs[0] != NULL; pairs += 2) {
        assert_true(gw_config_put(map, pairs[0], pairs[1], false));
    }
    return map;
}

static bool
resolve(struct sample *sample, const char *const *pairs, struct gw_diagnostics *diagnostics)
{
    struct gw_settings_target target = {table, sample, sizeof *sample, other_keys, "a sample"};
    struct gw_config_node *map = map_of(pairs);
    bool fine = gw_settings_resolve(&target, map, diagnostics);

    gw_config_node_destroy(map);
    return fine;
}

static void
fills_defaults(void **state)
{
    static const char *const pairs[] = {"kind", "x", "time", "2ms", NULL};
    struct gw_diagnostics diagnostics = {0};
    struct sample sample;
    (void)state;

    assert_true(resolve(&sample, pairs, &diagnostics));
    assert_int_equal(sample.size_bytes, 65536);
    assert_int_equal(sample.count, 3);
    assert_true(sample.share == 0.3);
    assert_true(sample.flag);
    assert_int_equal(sample.choice, 1);
    assert_string_equal(sample.text, "last");
    assert_null(sample.absent);
    assert_int_equal(sample.required_ns, 2000000);
    gw_settings_clear(table, &sample);
    assert_null(sample.text);
}

struct bad_case {
    const char *pairs[5];
    const char *says;
};

static void
refuses(void **state)
{
    static const struct bad_case cases[] = {
        {{NULL}, "missing key 'time' of a sample: help of time"},
        {{"time", "1s", "sise", "4KiB", NULL}, "unknown key 'sise'; did you mean 'size'?"},
        {{"time", "1s", "kidn", "4KiB", NULL}, "did you mean 'kind'?"},
        {{"time", "1s", "elephant", "4KiB", NULL}, "unknown key 'elephant' of a sample"},
        {{"time", "1s", "size", "2MiB", NULL}, "'size' is 4KiB to 1MiB"},
        {{"time", "1s", "size", "4095B", NULL}, "'4095B' is out of range"},
        {{"time", "1s", "size", "-8KiB", NULL}, "negative size '-8KiB'"},
        {{"time", "1s", "count", "-6", NULL}, "at least -5"},
        {{"time", "1s", "share", "100.1%", NULL}, "0% to 100%"},
        {{"time", "1s", "pattern", "randon", NULL}, "did you mean 'random'?"},
        {{"time", "1s", "pattern", "x", NULL}, "expected one of random, sequential"},
        {{"time", "1s", "flag", "on", NULL}, "true or false"},
        {{"time", "", NULL}, "'time' has no value"},
        {{"time", "0s", NULL}, "'time' is at least 1ms"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_diagnostics diagnostics = {0};
        struct sample sample;

        assert_false(resolve(&sample, cases[i].pairs, &diagnostics));
        assert_int_equal(diagnostics.errors, 1);
        if (strstr(diagnostics.items[0].message, cases[i].says) == NULL) {
            fail_msg("case %zu says: %s", i, diagnostics.items[0].message);
        }
        gw_settings_clear(table, &sample);
        gw_diagnostics_clear(&diagnostics);
    }
}

static void
reports_all_errors_at_once(void **state)
{
    static const char *const pairs[] = {"size", "1", "count", "x", "flag", "1", "sahre", "1", NULL};
    struct gw_diagnostics diagnostics = {0};
    struct sample sample;
    (void)state;

    assert_false(resolve(&sample, pairs, &diagnostics));
    assert_int_equal(diagnostics.errors, 5);
    gw_settings_clear(table, &sample);
    gw_diagnostics_clear(&diagnostics);
}

static void
echoes_what_it_reads_back(void **state)
{
    static const char *const pairs[] = {"time",  "1.5s", "size",    "12KiB",  "share", "12.5%",
                                        "count", "-2",   "pattern", "random", "flag",  "false",
                                        "text",  "a: b", "absent",  "x",      NULL};
    (void)state;

    for (int style = GW_QUANTITY_SHOWN; style <= GW_QUANTITY_CANONICAL; style++) {
        struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
        struct gw_diagnostics diagnostics = {0};
        struct sample first, second;
        struct gw_settings_target target = {table, &second, sizeof second, NULL, "a sample"};

        assert_true(resolve(&first, pairs, &diagnostics));
        assert_true(gw_settings_echo(table, &first, (enum gw_quantity_style)style, map));
        assert_true(gw_settings_resolve(&target, map, &diagnostics));
        assert_string_equal(first.text, second.text);
        assert_string_equal(first.absent, second.absent);
        assert_int_equal(first.size_bytes, second.size_bytes);
        assert_int_equal(first.required_ns, second.required_ns);
        assert_int_equal(first.count, second.count);
        assert_int_equal(first.choice, second.choice);
        assert_true(first.share == second.share && first.flag == second.flag);
        gw_settings_clear(table, &first);
        gw_settings_clear(table, &second);
        gw_config_node_destroy(map);
    }
}

static void
wants_a_map(void **state)
{
    struct gw_config_node *list = gw_config_node_create(GW_CONFIG_LIST, NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct sample sample;
    struct gw_settings_target target = {table, &sample, sizeof sample, NULL, "a sample"};
    (void)state;

    assert_false(gw_settings_resolve(&target, list, &diagnostics));
    assert_string_equal(diagnostics.items[0].message, "a sample must be a map, not a list");
    gw_diagnostics_clear(&diagnostics);
    gw_config_node_destroy(list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_defaults),
        cmocka_unit_test(refuses),
        cmocka_unit_test(reports_all_errors_at_once),
        cmocka_unit_test(echoes_what_it_reads_back),
        cmocka_unit_test(wants_a_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
