/* test_settings_difference.c - pins what is said of two canonical scenarios: changed values with
 * units, texts, members of lists, what only one has, what does not count, and long lists.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "results/settings_difference.h"

static void
assert_difference(const char *a, const char *b, const char *wanted)
{
    struct gw_text text = {0};

    gw_settings_difference(a, b, &text);
    assert_string_equal(text.length == 0 ? "" : text.bytes, wanted);
    gw_text_clear(&text);
}

static void
test_values(void **state)
{
    (void)state;
    assert_difference("{\"link\": {\"rate\": \"125000000B/s\"}, \"memory\": {\"size\": \"4096B\"}}",
                      "{\"link\": {\"rate\": \"250000000B/s\"}, \"memory\": {\"size\": \"4096B\"}}",
                      "link.rate 125 MB/s -> 250 MB/s");
    assert_difference("{\"migration\": {\"throttle\": \"none\"}}",
                      "{\"migration\": {\"throttle\": \"dirty-limit\"}}",
                      "migration.throttle none -> dirty-limit");
    assert_difference("{\"regions\": [{\"rate\": \"1/s\"}, {\"rate\": \"2/s\"}]}",
                      "{\"regions\": [{\"rate\": \"1/s\"}, {\"rate\": \"3/s\"}]}",
                      "regions.rate 2/s -> 3/s");
}

static void
test_one_side(void **state)
{
    (void)state;
    assert_difference("{\"a\": 1}", "{\"b\": true}", "a 1 -> nothing, b nothing -> true");
    assert_difference("{\"seed\": 1, \"warmup\": \"1ns\"}", "{\"seed\": 2}", "");
    assert_difference("{\"a\": 1}", "{\"a\": 1}", "");
    assert_difference("no json", "{\"a\": 1}", "");
    assert_difference(NULL, NULL, "");
}

static void
test_many(void **state)
{
    (void)state;
    assert_difference("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}",
                      "{}",
                      "a 1 -> nothing, b 1 -> nothing, c 1 -> nothing, d 1 -> nothing, "
                      "e 1 -> nothing, f 1 -> nothing, g 1 -> nothing, h 1 -> nothing and 1 more");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_one_side),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
