/* test_utf8.c - pins what a character is: the ends of each length, what is too long, cut off or no
 * beginning. Does not pin who refuses what.
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

#include "base/utf8.h"

static void
test_characters_are_decoded(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        uint32_t character;
    } rows[] = {
        {"a", 1, 'a'},
        {"\x7F", 1, 0x7F},
        {"\xC2\x80", 2, 0x80},
        {"\xDF\xBF", 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 0x800},
        {"\xED\xA0\x80", 3, 0xD800},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t character = 0;

        assert_int_equal(gw_utf8_decode(rows[i].text, strlen(rows[i].text), &character),
                         rows[i].bytes);
        assert_int_equal(character, rows[i].character);
        assert_int_equal(gw_utf8_count(rows[i].text), 1);
    }
}

static void
test_what_is_no_character(void **state)
{
    static const char *const rows[] = {"\x80",
                                       "\xC1\xBF",
                                       "\xC3",
                                       "\xC3z",
                                       "\xE0\x9F\xBF",
                                       "\xE2\x82",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80",
                                       "\xF8\x88\x80\x80\x80",
                                       "\xFF"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t character = 0;

        assert_int_equal(gw_utf8_decode(rows[i], strlen(rows[i]), &character), 0);
    }
}

static void
test_characters_are_counted(void **state)
{
    static const char text[] = "5 \xC2\xB5s \xE2\x89\xA4 \xF0\x9F\x90\xA7";

    (void)state;
    assert_int_equal(gw_utf8_count(""), 0);
    assert_int_equal(gw_utf8_count(text), 8);
    assert_int_equal(gw_utf8_count_in(text, 3), 3);
    assert_int_equal(gw_utf8_count_in(text, 4), 3);
    assert_int_equal(gw_utf8_count_in(text, 99), 8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_are_decoded),
        cmocka_unit_test(test_what_is_no_character),
        cmocka_unit_test(test_characters_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
