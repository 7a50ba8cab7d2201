/* test_figure.c - pins that texts are only data to gnuplot, that SVG bytes repeat, that stacks
 * stack, that titles and names fit, and which figures runs feed. Looks are for eyes. Drawing is skipped without gnuplot.
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
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "results/figure_shared.h"
#include "results/figures_run.h"
#include "results/style.h"
#include "tests/support/sample_result.h"

static const char directory[] = "test_figure.tmp";
static const char evil[] = "it's `touch test_figure.pwned` \"$(touch test_figure.pwned)\" @x\n"
                           "system('touch test_figure.pwned')";

static int
remove_files(void **state)
{
    static const char *const suffixes[] = {"gp", "tsv", "svg", "png", "pdf", "txt"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s/f.%s", directory, suffixes[i]);
        remove(path);
        snprintf(path, sizeof path, "%s/g.%s", directory, suffixes[i]);
        remove(path);
    }
    remove("test_figure.pwned");
    remove("test_figure.tmp/test_figure.pwned");
    rmdir(directory);
    return 0;
}

static struct gw_figure *
evil_figure(void)
{
    const double x[] = {1, 2, 3};
    const double y[] = {1, NAN, 3};
    const double low[] = {0.5, NAN, 2};
    const double high[] = {2, NAN, 4};
    struct gw_figure *figure = gw_figure_create(evil, evil, evil);

    assert_non_null(figure);
    for (int kind = GW_FIGURE_LINES; kind <= GW_FIGURE_CELLS; kind++) {
        gw_figure_add_series(figure,
                             &(struct gw_figure_series){evil, evil, (enum gw_figure_kind)kind, 3, x,
                                                        y, low, high, 0.0});
    }
    gw_figure_add_mark(figure, 2.0, evil);
    gw_figure_add_shade(figure, 1.0, 2.0, evil);
    gw_figure_add_note(figure, 1.0, 1.0, evil);
    gw_figure_add_stop(figure, 2.0, 2.5, evil);
    gw_figure_set_heading(figure, evil);
    gw_figure_set_colour_label(figure, evil);
    gw_figure_add_y_tic(figure, 1.0, evil);
    gw_figure_add_x_tic(figure, 1.0, evil);
    gw_figure_set_caption(figure, evil);
    gw_figure_add_panel(figure, evil, 0.5);
    gw_figure_set_y_log(figure, 10.0);
    return figure;
}

static bool
is_missing(const struct gw_error *err)
{
    return strstr(err->message, "install gnuplot") != NULL;
}

static void
test_texts_are_never_executed(void **state)
{
    struct gw_error err = {0};
    struct gw_figure *figure = evil_figure();
    unsigned formats = 0;

    (void)state;
    assert_true(gw_figure_formats_parse("svg,png,pdf,dumb", &formats, &err));
    bool ok = gw_figure_write(figure, directory, "f", formats, &err);
    gw_figure_destroy(figure);
    if (!ok && is_missing(&err)) {
        skip();
    }
    assert_string_equal(err.message, "");
    assert_true(ok);
    assert_int_equal(access("test_figure.tmp/f.svg", R_OK), 0);
    assert_int_equal(access("test_figure.tmp/f.png", R_OK), 0);
    assert_int_equal(access("test_figure.tmp/f.pdf", R_OK), 0);
    assert_int_equal(access("test_figure.tmp/f.txt", R_OK), 0);
    assert_int_not_equal(access("test_figure.pwned", F_OK), 0);
    assert_int_not_equal(access("test_figure.tmp/test_figure.pwned", F_OK), 0);
}

static void
test_svg_bytes_repeat(void **state)
{
    struct gw_error err = {0};
    char hash[2][GW_HASH_TEXT];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct gw_figure *figure = evil_figure();
        bool ok = gw_figure_write(figure, directory, "f", GW_FIGURE_SVG, &err);
        gw_figure_destroy(figure);
        if (!ok && is_missing(&err)) {
            skip();
        }
        assert_true(ok);
        assert_true(gw_hash_file("test_figure.tmp/f.svg", hash[i], &err));
    }
    assert_string_equal(hash[0], hash[1]);
}

static void
test_names_and_formats_are_checked(void **state)
{
    static const char *const names[] = {"", "../x", "a b", "-x", ".x", "a'b", "a\nb"};
    struct gw_error err = {0};
    unsigned formats = 0;
    struct gw_figure *figure = gw_figure_create("t", "x", "y");

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(gw_figure_write(figure, directory, names[i], GW_FIGURE_SVG, &err));
        assert_int_equal(err.code, GW_EINVAL);
    }
    gw_figure_destroy(figure);
    assert_false(gw_figure_formats_parse("svg,gif", &formats, &err));
    assert_false(gw_figure_formats_parse("", &formats, &err));
}

static void
test_missing_gnuplot_is_said(void **state)
{
    struct gw_error err = {0};
    struct gw_figure *figure = gw_figure_create("t", "x", "y");
    char *old = strdup(getenv("PATH"));

    (void)state;
    setenv("PATH", "/nonexistent", 1);
    assert_false(gw_figure_write(figure, directory, "g", GW_FIGURE_SVG, &err));
    setenv("PATH", old, 1);
    free(old);
    gw_figure_destroy(figure);
    assert_int_equal(err.code, GW_EIO);
    assert_true(is_missing(&err));
    assert_int_equal(access("test_figure.tmp/g.gp", R_OK), 0);
}

static void
test_boxes_stack(void **state)
{
    const double x[] = {1, 2};
    const double y[] = {10, 20};
    const double more[] = {5, 7};
    char line[256];
    bool found = false;
    struct gw_figure *figure = gw_figure_create("t", "x", "y");

    (void)state;
    gw_figure_add_series(
        figure, &(struct gw_figure_series){
                    .style = "cold-block", .kind = GW_FIGURE_BOXES, .count = 2, .x = x, .y = y});
    gw_figure_add_series(
        figure, &(struct gw_figure_series){
                    .style = "hot-block", .kind = GW_FIGURE_BOXES, .count = 2, .x = x, .y = more});
    gw_figure_write(figure, directory, "f", 0, NULL);
    gw_figure_destroy(figure);
    FILE *file = fopen("test_figure.tmp/f.tsv", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        found |= strcmp(line, "1\thot-block\t2\t7\t20\t27\n") == 0;
    }
    fclose(file);
    assert_true(found);
}

static struct gw_text
script_of(const char *title, const char *name, size_t names)
{
    const double x[] = {0, 12};
    const double y[] = {1, 2};
    struct gw_figure *figure = gw_figure_create(title, "", "y");
    struct gw_text script = {0};

    assert_non_null(figure);
    gw_figure_add_series(figure,
                         &(struct gw_figure_series){
                             .style = "dbt", .kind = GW_FIGURE_LINES, .count = 2, .x = x, .y = y});
    for (size_t i = 0; i < names; i++) {
        gw_figure_add_x_tic(figure, (double)i, name);
    }
    gw_figure_print_script(figure, "f", &script);
    assert_false(script.failed);
    gw_figure_destroy(figure);
    return script;
}

static void
test_titles_and_names_fit(void **state)
{
    char title[400];

    (void)state;
    snprintf(title, sizeof title, "%0100d %0100d\xE2\x82", 1, 2);
    struct gw_text script = script_of(title, "DBT with heat", 12);
    assert_non_null(strstr(script.bytes, "0\xE2\x80\xA6' at"));
    assert_null(strstr(script.bytes, "2\xE2\x82"));
    assert_non_null(strstr(script.bytes, "rotate by 30 right"));
    gw_text_clear(&script);
    script = script_of("A short title", "DBT", 12);
    assert_non_null(strstr(script.bytes, "'A short title' at"));
    assert_null(strstr(script.bytes, "rotate by 30"));
    gw_text_clear(&script);
}

static void
test_plans(void **state)
{
    static const char *const wanted[] = {"migration-time-vs-oio",
                                         "downtime-vs-oio",
                                         "total-penalty-vs-oio",
                                         "exchange-results",
                                         "exchange-migration-with-heat",
                                         "io-mirroring-to-slow-destination",
                                         "block-write-frequency",
                                         "convergence",
                                         "lock-latency-and-data-mover-time"};
    enum { COUNT = 5 };
    struct gw_result results[COUNT];
    const struct gw_result *pointers[COUNT];
    struct gw_figure_plans plans;

    (void)state;
    gw_sample_result(&results[0], "study", "dbt", 2, 0);
    gw_sample_result(&results[1], "study", "mirror", 4, 0);
    gw_sample_result(&results[2], "exchange", "heat", 2, 0);
    gw_sample_result(&results[3], "exchange", "mirror", 2, 0);
    gw_sample_result(&results[4], "slow destination", "mirror", 2, 0);
    for (size_t i = 0; i < COUNT; i++) {
        pointers[i] = &results[i];
    }
    assert_true(gw_figures_plan(pointers, COUNT, &plans, NULL));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        size_t found = 0;
        for (size_t k = 0; k < plans.count; k++) {
            found += strcmp(plans.items[k].name, wanted[i]) == 0;
        }
        assert_int_equal(found, 1);
    }
    for (size_t k = 0; k < plans.count; k++) {
        struct gw_figure *figure = gw_figures_make(pointers, COUNT, &plans.items[k], NULL);
        assert_non_null(figure);
        gw_figure_destroy(figure);
    }
    gw_figures_clear(&plans);
    for (size_t i = 0; i < COUNT; i++) {
        gw_result_clear(&results[i]);
    }
}

static void
test_styles_are_stable(void **state)
{
    (void)state;
    assert_string_equal(gw_style_of("mirror").colour, "#009E73");
    assert_string_equal(gw_style_of("my-new-one").colour, gw_style_of("my-new-one").colour);
    assert_string_equal(gw_style_label("my-new-one"), "my-new-one");
    assert_true(gw_style_rank("snapshot") < gw_style_rank("dbt"));
    assert_true(gw_style_rank("dbt") < gw_style_rank("mirror"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, remove_files, remove_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_texts_are_never_executed),
        TEST(test_svg_bytes_repeat),
        TEST(test_names_and_formats_are_checked),
        TEST(test_missing_gnuplot_is_said),
        TEST(test_boxes_stack),
        TEST(test_titles_and_names_fit),
        TEST(test_plans),
        TEST(test_styles_are_stable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
