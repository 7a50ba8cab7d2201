/* test_report_svg.c - pins what of a picture comes into the page: shapes and texts with their ids
 * and references prefixed; no scripts, styles, handlers, classes or addresses; no empty groups; no
 * text that the page says itself. That gnuplot's pictures look right is for eyes.
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

#include "results/report_shared.h"

static const struct gw_report_picture picture = {
    "f1-", "what it \"shows\"", {"The Title", "a & b, in several lines of a caption"}};

/* The inside of the picture; the caller frees. */
static char *
inlined(const char *inside)
{
    struct gw_text svg = {0};
    struct gw_text out = {0};

    gw_text_format(&svg,
                   "<?xml version=\"1.0\"?>\n<svg\n viewBox=\"0 0 8 4\" onload=\"x()\">%s</svg>",
                   inside);
    assert_true(gw_report_inline_svg(&out, svg.bytes, svg.length, &picture));
    gw_text_clear(&svg);
    static const char head[] =
        "<svg class=\"figure\" role=\"img\" viewBox=\"0 0 8 4\" aria-label=\""
        "what it &quot;shows&quot;\">";
    static const char tail[] = "</svg>\n";
    assert_memory_equal(out.bytes, head, strlen(head));
    size_t length = strlen(out.bytes) - strlen(head) - strlen(tail);
    assert_string_equal(out.bytes + strlen(head) + length, tail);
    char *body = strndup(out.bytes + strlen(head), length);
    gw_text_clear(&out);
    return body;
}

struct row {
    const char *inside, *written;
};

static void
check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *body = inlined(rows[i].inside);
        assert_string_equal(body, rows[i].written);
        free(body);
    }
}

static void
test_shapes(void **state)
{
    static const struct row rows[] = {
        {"<path d='M0,1 L2,3' stroke='rgb(1, 2, 3)'/>",
         "<path d=\"M0,1 L2,3\" stroke=\"rgb(1, 2, 3)\"/>"},
        {"<polygon fill = 'red' points = '1,2 3,4'/>",
         "<polygon fill=\"red\" points=\"1,2 3,4\"/>"},
        {"<g fill=\"none\"><text>5 &lt; 6 &amp; 7</text></g>",
         "<g fill=\"none\"><text>5 &lt; 6 &amp; 7</text></g>"},
        {"<circle id='gpDot' r='1'/><use xlink:href='#gpDot'/><g filter=\"url(#box)\"><path/></g>",
         "<circle id=\"f1-gpDot\" r=\"1\"/><use href=\"#f1-gpDot\"/>"
         "<g filter=\"url(#f1-box)\"><path/></g>"},
        {"<image xlink:href='data:image/png;base64,AAAA'/>",
         "<image href=\"data:image/png;base64,AAAA\"/>"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_what_is_left_out(void **state)
{
    static const struct row rows[] = {
        {"<title>godwit</title><desc>by gnuplot</desc><!-- <g> -->", ""},
        {"<script>x()</script><a href='javascript:x()'><path/></a>", "x()<path/>"},
        {"<path onclick='x()' style='fill:url(http://x)' class='k' d='M0'/>", "<path d=\"M0\"/>"},
        {"<use xlink:href='http://x/#y'/><image href='file:///etc/passwd'/>", "<use/><image/>"},
        {"<path fill='url(http://x)'/><path d='a\"b<c'/>", "<path/><path d=\"a&quot;b&lt;c\"/>"},
        {"<g id=\"a\">\n<g fill=\"red\">\n\t</g><path/></g>", "<g id=\"f1-a\">\n<path/></g>"},
        {"<text>The Title</text><text>The Titles</text>", "<text></text><text>The Titles</text>"},
        {"<text>a &amp; b, in several</text><text>lines of a caption</text><text>several</text>",
         "<text></text><text></text><text>several</text>"},
        {"<text>\x02\xFF</text>", "<text>\xEF\xBF\xBD\xEF\xBF\xBD</text>"},
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

/* Where the page says the title, the strip of the picture that held it is cut off. */
static void
test_title_strip(void **state)
{
    static const struct row rows[] = {
        {"<text>The Title</text>", "viewBox=\"0 32 800 388\""},
        {"<text>Another</text>", "viewBox=\"0 0 800 420\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gw_text svg = {0};
        struct gw_text out = {0};

        gw_text_format(&svg, "<svg viewBox='0 0 800 420'>%s</svg>", rows[i].inside);
        assert_true(gw_report_inline_svg(&out, svg.bytes, svg.length, &picture));
        assert_non_null(strstr(out.bytes, rows[i].written));
        gw_text_clear(&svg);
        gw_text_clear(&out);
    }
}

static void
test_no_picture(void **state)
{
    static const char *const texts[] = {"", "plain", "<html><p>x</p></html>", "<", "<svg", "</"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct gw_text out = {0};
        bool is_picture = strcmp(texts[i], "<svg") == 0;
        assert_int_equal(gw_report_inline_svg(&out, texts[i], strlen(texts[i]), &picture),
                         is_picture);
        gw_text_clear(&out);
    }
}

/* Cut anywhere, it ends, and whatever is left has no more tags than it closes. */
static void
test_cut_off(void **state)
{
    static const char whole[] = "<?xml?><!-- c --><svg viewBox='0 0 1 1'><title>t</title><g id='a'>"
                                "<use xlink:href='#a' x = \"1\"/><text>x</text></g></svg>";

    (void)state;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        struct gw_text out = {0};
        char *cut = strndup(whole, length);
        gw_report_inline_svg(&out, cut, length, &picture);
        assert_false(out.failed);
        free(cut);
        gw_text_clear(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),      cmocka_unit_test(test_what_is_left_out),
        cmocka_unit_test(test_title_strip), cmocka_unit_test(test_no_picture),
        cmocka_unit_test(test_cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
