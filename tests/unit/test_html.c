/* test_html.c - pins how texts come into a page: markup is text in elements, attributes and JSON;
 * bytes that are no UTF-8, control characters and turning marks are U+FFFD; what is fine stays.
 * What a browser makes of it is tests/browser.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/html.h"

#define BAD "\xEF\xBF\xBD"

struct row {
    const char *text, *written;
};

static void
check_rows(void (*write)(struct gw_text *out, const char *text), const struct row *rows,
           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gw_text out = {0};
        write(&out, rows[i].text);
        assert_false(out.failed);
        assert_string_equal(out.bytes == NULL ? "" : out.bytes, rows[i].written);
        gw_text_clear(&out);
    }
}

static void
test_text(void **state)
{
    static const struct row rows[] = {
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"a & b &lt; c", "a &amp; b &amp;lt; c"},
        {"\"it's\" `x`", "\"it's\" `x`"},
        {"two\nlines\tand a tab", "two\nlines\tand a tab"},
        {"]]> --> <!--", "]]&gt; --&gt; &lt;!--"},
        {"", ""},
        {NULL, ""},
    };

    (void)state;
    check_rows(gw_html_text, rows, sizeof rows / sizeof rows[0]);
}

static void
test_attribute(void **state)
{
    static const struct row rows[] = {
        {"\" onload=\"x()", "&quot; onload&#61;&quot;x()"},
        {"' `x` <a>", "&#39; &#96;x&#96; &lt;a&gt;"},
        {"two\nlines\t", "two&#10;lines&#9;"},
        {"javascript:x", "javascript:x"},
    };

    (void)state;
    check_rows(gw_html_attribute, rows, sizeof rows / sizeof rows[0]);
}

static void
test_json(void **state)
{
    static const struct row rows[] = {
        {"</script><!--", "\"\\u003c/script\\u003e\\u003c!--\""},
        {"a\"b\\c&d", "\"a\\\"b\\\\c\\u0026d\""},
        {"one\ntwo\t", "\"one\\ntwo\\t\""},
        {"\xE2\x80\xA8\x01", "\"" BAD BAD "\""},
    };

    (void)state;
    check_rows(gw_html_json, rows, sizeof rows / sizeof rows[0]);
}

static void
test_what_is_no_text(void **state)
{
    static const struct row rows[] = {
        {"\x80", BAD},                         /* no first byte */
        {"a\xC3", "a" BAD},                    /* cut off */
        {"\xC3(", BAD "("},                    /* no second byte */
        {"\xC0\xAF", BAD BAD},                 /* longer than needed */
        {"\xE0\x80\xAF", BAD BAD BAD},         /* longer than needed */
        {"\xED\xA0\x80", BAD},                 /* half a surrogate pair */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD}, /* beyond U+10FFFF */
        {"\xFF\xFE", BAD BAD},                 /* never */
        {"\x01\x1B\x7F\r", BAD BAD BAD BAD},   /* control characters */
        {"\xC2\x85", BAD},                     /* also these */
        {"\xE2\x80\xAE"
         "cod.exe",
         BAD "cod.exe"},                       /* turns the direction */
        {"\xE2\x81\xA6\xEF\xBB\xBF", BAD BAD}, /* isolates; byte order mark */
        {"\xEF\xBF\xBF", BAD},                 /* no character */
    };

    (void)state;
    check_rows(gw_html_text, rows, sizeof rows / sizeof rows[0]);
}

static void
test_what_stays(void **state)
{
    static const struct row rows[] = {
        {"\xC3\xA9\xC2\xB1", "\xC3\xA9\xC2\xB1"},
        {"\xE2\x98\x85 \xE6\xBC\xA2", "\xE2\x98\x85 \xE6\xBC\xA2"},
        {"\xF0\x9F\x90\xA6", "\xF0\x9F\x90\xA6"},
        {"\xEF\xBF\xBD", "\xEF\xBF\xBD"},
    };

    (void)state;
    check_rows(gw_html_text, rows, sizeof rows / sizeof rows[0]);
}

static void
test_mended_in_place(void **state)
{
    static const struct row rows[] = {
        {"a\xC3\xA4\xE2\x82: \n", "a\xC3\xA4: \n"}, /* cut in the middle of a letter */
        {"\xFF\xE6\xBC\xA2\xC3", "\xE6\xBC\xA2"},
        {"\xE2\x80\xAE"
         "exe\xEF\xBF\xBF",
         "exe"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[40];
        snprintf(text, sizeof text, "%s", rows[i].text);
        gw_utf8_mend(text);
        assert_string_equal(text, rows[i].written);
    }
}

static void
test_elements(void **state)
{
    struct gw_text out = {0};

    (void)state;
    gw_html_element(&out, "td", "1 < 2");
    gw_html_format(&out, "%s=%d", "<b>", 3);
    gw_html_markup(&out, "<g>\x02", 4);
    assert_string_equal(out.bytes, "<td>1 &lt; 2</td>&lt;b&gt;=3<g>" BAD);
    gw_text_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_attribute),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_what_is_no_text),
        cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_mended_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
