/* test_figure_text.c - pins what a figure says in words, the visit of its rows, and title and
 * description of SVG files: escaped, in place of gnuplot's, nothing else touched. Does not pin the
 * wording of captions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/figure_text.h"
#include "results/svg_text.h"

static const char path[] = "test_figure_text.svg";

static void
add(struct gw_figure *figure, const char *legend, const double *y)
{
    const double x[] = {2, 8, 32};
    const double low[] = {1, 1, 1};
    const double high[] = {9, 9, 9};

    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = legend,
                                                            .style = "dbt",
                                                            .kind = GW_FIGURE_LINESPOINTS,
                                                            .count = 3,
                                                            .x = x,
                                                            .y = y,
                                                            .low = low,
                                                            .high = high});
}

static struct gw_figure *
sample(void)
{
    struct gw_figure *figure = gw_figure_create("Time vs. OIO", "OIO", "Time (s)");

    assert_non_null(figure);
    add(figure, "DBT", (const double[]){356, NAN, 540});
    add(figure, "Mirror", (const double[]){360, 361, 362});
    gw_figure_add_panel(figure, "Downtime (s)", 1.0);
    gw_figure_set_heading(figure, "block = 4KiB");
    add(figure, "DBT", (const double[]){0.5, 1, 2});
    gw_figure_set_caption(figure, "n = 3");
    return figure;
}

static void
test_sentence(void **state)
{
    struct gw_figure *figure = sample();
    char *words = gw_figure_alt_text(figure);

    (void)state;
    assert_string_equal(words, "Time vs. OIO: Time (s) from 356 to 540, Downtime (s)"
                               " (block = 4KiB) from 0.5 to 2; over OIO from 2 to 32; for DBT and"
                               " Mirror");
    assert_string_equal(gw_figure_title(figure), "Time vs. OIO");
    assert_string_equal(gw_figure_caption(figure), "n = 3");
    assert_null(gw_figure_x_name(figure, 2.0));
    free(words);
    gw_figure_destroy(figure);
}

static void
test_named_places(void **state)
{
    struct gw_figure *figure = gw_figure_create("Results", "", "Time (s)");

    (void)state;
    add(figure, NULL, (const double[]){1, 2, 3});
    gw_figure_add_x_tic(figure, 2.0, "DBT");
    gw_figure_add_x_tic(figure, 8.0, "Mirror");
    char *words = gw_figure_alt_text(figure);
    assert_string_equal(words, "Results: Time (s) from 1 to 3; of DBT and Mirror");
    assert_string_equal(gw_figure_x_name(figure, 8.0), "Mirror");
    free(words);
    gw_figure_destroy(figure);
}

static void
test_empty_figure(void **state)
{
    struct gw_figure *figure = gw_figure_create("Nothing", "", "y");
    char *words = gw_figure_alt_text(figure);

    (void)state;
    assert_string_equal(words, "Nothing: y");
    free(words);
    gw_figure_destroy(figure);
}

struct seen {
    size_t curves, stop_after;
    double sum;
    size_t last_panel;
};

static bool
look(void *self, const struct gw_figure_rows *rows)
{
    struct seen *seen = self;

    seen->curves++;
    seen->last_panel = rows->panel;
    for (size_t i = 0; i < rows->count; i++) {
        seen->sum += isfinite(rows->y[i]) ? rows->y[i] : 0.0;
    }
    assert_non_null(rows->low);
    assert_string_equal(rows->heading, rows->panel == 0 ? "" : "block = 4KiB");
    return seen->curves < seen->stop_after;
}

static void
test_visit(void **state)
{
    struct gw_figure *figure = sample();
    struct seen all = {.stop_after = 10};
    struct seen one = {.stop_after = 1};

    (void)state;
    assert_true(gw_figure_each_series(figure, look, &all));
    assert_int_equal(all.curves, 3);
    assert_int_equal(all.last_panel, 1);
    assert_true(fabs(all.sum - (356.0 + 540.0 + 1083.0 + 3.5)) < 1e-9);
    assert_false(gw_figure_each_series(figure, look, &one));
    assert_int_equal(one.curves, 1);
    gw_figure_destroy(figure);
}

static void
put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
holds(const char *wanted)
{
    char text[1024] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, wanted);
}

static void
test_svg_is_described(void **state)
{
    struct gw_error err = {0};

    (void)state;
    put("<?xml?>\n<svg width='1'>\n<title>Gnuplot</title>\n<desc>Produced</desc>\n<g/></svg>\n");
    assert_true(gw_svg_describe(path, "a<b>\"&", "</desc><script>\n'x'", &err));
    holds("<?xml?>\n<svg role=\"img\" width='1'>\n<title>a&lt;b&gt;&quot;&amp;</title>\n"
          "<desc>&lt;/desc&gt;&lt;script&gt; 'x'</desc>\n<g/></svg>\n");
    put("no picture");
    assert_true(gw_svg_describe(path, "t", "d", &err));
    holds("no picture");
    remove(path);
    assert_false(gw_svg_describe(path, "t", "d", &err));
    assert_int_equal(err.code, GW_EIO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentence),         cmocka_unit_test(test_named_places),
        cmocka_unit_test(test_empty_figure),     cmocka_unit_test(test_visit),
        cmocka_unit_test(test_svg_is_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
