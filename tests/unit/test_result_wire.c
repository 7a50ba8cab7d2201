/* test_result_wire.c - pins: a result that went over the wire is the same, also one that is nearly
 * empty, and several in a row; a wire that was cut anywhere is refused and leaks nothing.
 * Does not pin: the bytes, which only this program reads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/result_wire.h"
#include "tests/support/sample_result.h"

static void
assert_same(const struct gw_result *got, const struct gw_result *wanted)
{
    char a[33];
    char b[33];

    gw_result_digest(got, a);
    gw_result_digest(wanted, b);
    assert_string_equal(a, b);
    assert_int_equal(got->parameter_count, wanted->parameter_count);
    for (size_t i = 0; i < wanted->parameter_count; i++) {
        assert_string_equal(got->parameter_names[i], wanted->parameter_names[i]);
        assert_string_equal(got->parameter_values[i], wanted->parameter_values[i]);
    }
    assert_true(got->wall_s == wanted->wall_s);
}

static void
test_there_and_back(void **state)
{
    struct gw_result samples[3];
    struct gw_result got;
    struct gw_text text = {0};
    struct gw_wire_words words = {0};

    (void)state;
    gw_sample_result(&samples[0], "study", "dbt", 16, 3);
    gw_sample_memory_result(&samples[1], "precopy", 10, 2);
    gw_result_init(&samples[2]);
    samples[0].wall_s = 1.5;
    for (int i = 0; i < 3; i++) {
        gw_wire_put_result(&text, &samples[i]);
    }
    assert_false(text.failed);
    struct gw_wire_bytes bytes = {text.bytes, text.length, false};
    for (int i = 0; i < 3; i++) {
        assert_true(gw_wire_take_result(&bytes, &words, &got));
        assert_same(&got, &samples[i]);
        gw_result_clear(&got);
        gw_result_clear(&samples[i]);
    }
    assert_int_equal(bytes.left, 0);
    gw_text_clear(&text);
    gw_wire_words_clear(&words);
}

static void
test_words_are_kept_once(void **state)
{
    struct gw_wire_words words = {0};
    struct gw_result sample;
    struct gw_result got[2];
    struct gw_text text = {0};

    (void)state;
    gw_sample_result(&sample, "study", "dbt", 16, 3);
    gw_wire_put_result(&text, &sample);
    for (int i = 0; i < 2; i++) {
        struct gw_wire_bytes bytes = {text.bytes, text.length, false};
        assert_true(gw_wire_take_result(&bytes, &words, &got[i]));
    }
    assert_ptr_equal(got[0].architecture, got[1].architecture);
    gw_result_clear(&got[0]);
    gw_result_clear(&got[1]);
    gw_result_clear(&sample);
    gw_text_clear(&text);
    gw_wire_words_clear(&words);
}

static void
test_cut_anywhere(void **state)
{
    struct gw_wire_words words = {0};
    struct gw_result sample;
    struct gw_result got;
    struct gw_text text = {0};

    (void)state;
    gw_sample_result(&sample, "study", "dbt", 16, 3);
    gw_wire_put_result(&text, &sample);
    for (size_t left = 0; left < text.length; left += 1 + left / 50) {
        struct gw_wire_bytes bytes = {text.bytes, left, false};
        assert_false(gw_wire_take_result(&bytes, &words, &got));
        assert_true(bytes.broken);
        assert_null(got.scenario);
    }
    gw_result_clear(&sample);
    gw_text_clear(&text);
    gw_wire_words_clear(&words);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_words_are_kept_once),
        cmocka_unit_test(test_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
