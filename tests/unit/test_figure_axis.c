/* test_figure_axis.c - pins how what was varied becomes an axis (units mixed, sizes, words), which
 * runs are the middle ones, that each of a few runs has a figure, that a second parameter has panels,
 * the order of legends, what captions count, and that styles tell curves apart. Does not pin looks.
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

#include "results/figure_shared.h"
#include "results/figure_text.h"
#include "results/figures_shared.h"
#include "results/style.h"
#include "tests/support/sample_result.h"

enum { RUNS = 18 };

struct runs {
    struct gw_result results[RUNS];
    const struct gw_result *pointers[RUNS];
    struct gw_study study;
};

static void
rename_parameter(struct gw_result *result, size_t index, const char *name, const char *value)
{
    free(result->parameter_names[index]);
    free(result->parameter_values[index]);
    result->parameter_names[index] = strdup(name);
    result->parameter_values[index] = strdup(value);
}

/* dbt and mirror at three rates, each at three block sizes. */
static void
make(struct runs *runs, const char *const rates[3], const char *const blocks[3])
{
    for (size_t i = 0; i < RUNS; i++) {
        struct gw_result *result = &runs->results[i];
        gw_sample_result(result, "study", i % 2 == 0 ? "dbt" : "mirror", (int)(i % 5) + 2, 0);
        rename_parameter(result, 0, "link.rate", rates[i / 2 % 3]);
        rename_parameter(result, 1, "workload.block", blocks[i / 6]);
        runs->pointers[i] = result;
    }
    runs->study = (struct gw_study){runs->pointers, RUNS, NULL};
}

static void
clear(struct runs *runs)
{
    for (size_t i = 0; i < RUNS; i++) {
        gw_result_clear(&runs->results[i]);
    }
}

static const char *const blocks[] = {"4KiB", "8KiB", "16KiB"};

static void
test_axis_has_the_unit_of_the_largest(void **state)
{
    static const char *const mixed[] = {"500Mbps", "1Gbps", "1GB/s"};
    struct runs runs;
    struct gw_axis axis;

    (void)state;
    make(&runs, mixed, blocks);
    assert_true(gw_axis_make(&runs.study, "link.rate", &axis));
    assert_false(axis.one_unit);
    assert_string_equal(axis.unit, "GB/s");
    assert_string_equal(axis.label, "link.rate");
    assert_true(fabs(gw_axis_place(&axis, runs.pointers[0]) - 0.0625) < 1e-12);
    assert_true(fabs(gw_axis_place(&axis, runs.pointers[2]) - 0.125) < 1e-12);
    assert_true(fabs(gw_axis_place(&axis, runs.pointers[4]) - 1.0) < 1e-12);
    assert_true(gw_axis_make(&runs.study, "workload.block", &axis));
    assert_true(axis.one_unit);
    assert_string_equal(axis.label, "workload.block (KiB)");
    assert_false(gw_axis_make(&runs.study, "nothing.of.the.kind", &axis));
    clear(&runs);
}

static void
test_words_are_no_axis(void **state)
{
    static const char *const words[] = {"none", "1Gbps", "2Gbps"};
    static const char *const others[] = {"1Gbps", "4KiB", "2"};
    struct runs runs;

    (void)state;
    make(&runs, words, blocks);
    assert_false(gw_study_varies(&runs.study, "link.rate"));
    assert_true(gw_study_takes_several(&runs.study, "link.rate"));
    clear(&runs);
    make(&runs, others, blocks);
    assert_false(gw_study_varies(&runs.study, "link.rate"));
    clear(&runs);
}

static void
test_middle_runs(void **state)
{
    static const char *const rates[] = {"2Gbps", "10Gbps", "4Gbps"};
    const struct gw_result *cases[GW_CASES_MOST];
    struct runs runs;
    struct gw_study subset;

    (void)state;
    make(&runs, rates, blocks);
    assert_true(gw_study_typical(&runs.study, &subset));
    assert_int_equal(subset.count, 2);
    for (size_t i = 0; i < subset.count; i++) {
        assert_string_equal(gw_result_parameter(subset.results[i], "link.rate"), "4Gbps");
        assert_string_equal(gw_result_parameter(subset.results[i], "workload.block"), "8KiB");
    }
    free(subset.results);
    assert_int_equal(gw_study_cases(&runs.study, GW_SERIES_PROGRESS, cases), 2);
    assert_string_equal(cases[0]->architecture, "dbt");
    assert_string_equal(cases[1]->architecture, "mirror");
    assert_int_equal(gw_study_cases(&runs.study, GW_SERIES_MEMORY, cases), 0);
    clear(&runs);
}

/* At the middle rate there is one architecture: the upper one of the other two is taken. */
static void
test_middle_of_what_can_be_compared(void **state)
{
    static const char *const rates[] = {"2Gbps", "10Gbps", "4Gbps"};
    struct runs runs;
    struct gw_study subset;

    (void)state;
    make(&runs, rates, blocks);
    for (size_t i = 1; i < RUNS; i += 2) {
        if (strcmp(gw_result_parameter(runs.pointers[i], "link.rate"), "4Gbps") == 0) {
            runs.results[i].architecture = "dbt";
        }
    }
    assert_true(gw_study_typical(&runs.study, &subset));
    assert_int_equal(subset.count, 2);
    assert_string_equal(gw_result_parameter(subset.results[0], "link.rate"), "10Gbps");
    free(subset.results);
    clear(&runs);
}

static bool
count_panels(void *self, const struct gw_figure_rows *rows)
{
    size_t *panels = self;

    *panels = rows->panel + 1 > *panels ? rows->panel + 1 : *panels;
    assert_true(rows->legend == NULL || strcmp(rows->legend, "DBT") == 0 ||
                strcmp(rows->legend, "IO Mirroring") == 0);
    return true;
}

static bool
keep_last(void *self, const struct gw_figure_rows *rows)
{
    *(struct gw_figure_rows *)self = *rows;
    return true;
}

/* The second parameter is in the headings, not in the legends. */
static void
test_second_parameter_has_panels(void **state)
{
    static const char *const rates[] = {"1Gbps", "2Gbps", "4Gbps"};
    struct runs runs;
    struct gw_figure_plans plans;
    size_t panels = 0;

    (void)state;
    make(&runs, rates, blocks);
    runs.results[0].outcome = GW_NOT_CONVERGED;
    assert_true(gw_figures_plan(runs.pointers, RUNS, &plans, NULL));
    assert_string_equal(plans.items[0].name, "migration-time-vs-rate");
    struct gw_figure *figure = gw_figures_make(runs.pointers, RUNS, &plans.items[0], NULL);
    assert_true(gw_figure_each_series(figure, count_panels, &panels));
    assert_int_equal(panels, 3);
    char *words = gw_figure_alt_text(figure);
    assert_non_null(strstr(words, "(block = 4KiB)"));
    assert_non_null(strstr(words, "(block = 16KiB)"));
    assert_non_null(strstr(gw_figure_caption(figure), "1 of 18 in all did not"));
    free(words);
    gw_figure_destroy(figure);
    gw_figures_clear(&plans);
    clear(&runs);
}

/* Mirror lies at one place only, so its panel is left out, with its name and the word on its run. */
static void
test_no_panel_for_a_single_point(void **state)
{
    enum { COUNT = 3 };
    struct gw_result results[COUNT];
    const struct gw_result *pointers[COUNT];
    struct gw_figure_plans plans;
    struct gw_figure_rows last = {0};

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        gw_sample_result(&results[i], "study", i < 2 ? "dbt" : "mirror", 2, 0);
        rename_parameter(&results[i], 0, "link.rate", i == 0 ? "1Gbps" : "2Gbps");
        rename_parameter(&results[i], 1, "workload.block", i < 2 ? "4KiB" : "8KiB");
        pointers[i] = &results[i];
    }
    results[2].outcome = GW_NOT_CONVERGED;
    assert_true(gw_figures_plan(pointers, COUNT, &plans, NULL));
    assert_string_equal(plans.items[0].name, "migration-time-vs-rate");
    struct gw_figure *figure = gw_figures_make(pointers, COUNT, &plans.items[0], NULL);
    assert_true(gw_figure_each_series(figure, keep_last, &last));
    assert_int_equal(last.panel, 0);
    assert_string_equal(last.heading, "block = 4KiB");
    assert_string_equal(last.legend, "DBT");
    assert_non_null(strstr(gw_figure_caption(figure), "1 of 2 values of workload.block"));
    assert_null(strstr(gw_figure_caption(figure), "cross"));
    gw_figure_destroy(figure);
    gw_figures_clear(&plans);
    for (size_t i = 0; i < COUNT; i++) {
        gw_result_clear(&results[i]);
    }
}

static void
check_caption(const struct gw_result *const *runs, size_t count, const char *name,
              const char *words)
{
    struct gw_figure_plans plans;
    size_t found = 0;

    assert_true(gw_figures_plan(runs, count, &plans, NULL));
    while (found < plans.count && strcmp(plans.items[found].name, name) != 0) {
        found++;
    }
    assert_true(found < plans.count);
    struct gw_figure *figure = gw_figures_make(runs, count, &plans.items[found], NULL);
    if (strstr(gw_figure_caption(figure), words) == NULL) {
        fail_msg("%s: %s", name, gw_figure_caption(figure));
    }
    gw_figure_destroy(figure);
    gw_figures_clear(&plans);
}

/* Of many architectures a caption says how many are shown, and how often each was run. */
static void
test_captions_count(void **state)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g",
                                        "h", "i", "j", "k", "l", "m", "n"};
    enum { COUNT = 2 * (sizeof words / sizeof words[0]) };
    struct gw_result results[COUNT];
    const struct gw_result *pointers[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        gw_sample_result(&results[i], "study", words[i / 2], 2, i % 2 == 0 ? 0 : 1);
        pointers[i] = &results[i];
    }
    check_caption(pointers, COUNT, "guest-io-by-phase", "; 2 runs of each");
    check_caption(pointers, COUNT, "guest-io-by-phase", "; 12 of 14 are shown");
    check_caption(pointers, COUNT - 1, "guest-io-by-phase", "; 2 runs of each");
    check_caption(pointers + 1, 4, "guest-io-by-phase", "; 1 to 2 runs of each");
    check_caption(pointers, COUNT, "guest-iops", "; 6 of 14 are shown");
    check_caption(pointers, COUNT, "convergence", "; 12 of 14 are shown");
    check_caption(pointers, COUNT, "dirty-rate-map", "; 12 of 14 are shown");
    for (size_t i = 0; i < COUNT; i++) {
        gw_result_clear(&results[i]);
    }
}

/* The last stop may be later than the last sample. */
static void
test_storage_ends_with_the_migration(void **state)
{
    struct gw_result result;
    const struct gw_result *runs[] = {&result};
    struct gw_study study = {runs, 1, NULL};

    (void)state;
    gw_sample_result(&result, "study", "dbt", 2, 0);
    result.metric[GW_METRIC_MIGRATION_TIME_S] += 7.0;
    struct gw_figure *figure = gw_figure_storage(&study, &(struct gw_figure_plan){.title = "t"});
    assert_non_null(figure);
    assert_true(figure->x_most >= result.metric[GW_METRIC_MIGRATION_TIME_S]);
    gw_figure_destroy(figure);
    gw_result_clear(&result);
}

static void
test_legends_are_in_order(void **state)
{
    static const char *const settings[] = {"20s", "none", "1s", "500ms"};
    static const char *const sorted[] = {"500ms", "1s", "20s", "none"};
    enum { COUNT = sizeof settings / sizeof settings[0] };
    struct gw_result results[COUNT];
    const struct gw_result *pointers[COUNT];
    size_t firsts[COUNT + 1];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        gw_sample_result(&results[i], "study", "dbt", 2, 0);
        rename_parameter(&results[i], 0, "migration.goal", settings[i]);
        pointers[i] = &results[i];
    }
    struct gw_study study = {pointers, COUNT, NULL};
    assert_int_equal(gw_study_legends(&study, NULL, firsts), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_string_equal(gw_result_parameter(pointers[firsts[i]], "migration.goal"), sorted[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        gw_result_clear(&results[i]);
    }
}

/* Lines without markers, in grey. */
static void
test_dashes_tell_apart(void **state)
{
    static const char *const keys[] = {"snapshot", "dbt", "incremental-dbt", "heat", "mirror"};

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(gw_style_of(keys[i]).dash, gw_style_of(keys[k]).dash);
        }
    }
}

static void
test_styles_tell_apart(void **state)
{
    static const char *const keys[] = {"snapshot",        "overlay", "stream", "dbt",
                                       "incremental-dbt", "heat",    "mirror", "write-blocking",
                                       "background",      "cold",    "null"};
    enum { COUNT = sizeof keys / sizeof keys[0] };

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_non_null(gw_style_of(keys[i]).label);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(gw_style_of(keys[i]).colour, gw_style_of(keys[k]).colour);
        }
    }
    assert_string_equal(gw_style_of("dbt#2").colour, gw_style_of("dbt").colour);
    assert_int_not_equal(gw_style_of("dbt#2").dash, gw_style_of("dbt").dash);
    assert_string_not_equal(gw_style_of("series#1").colour, gw_style_of("series#0").colour);
    assert_true(gw_style_of("dbt#99999999999999999999").dash >= 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axis_has_the_unit_of_the_largest),
        cmocka_unit_test(test_words_are_no_axis),
        cmocka_unit_test(test_middle_runs),
        cmocka_unit_test(test_middle_of_what_can_be_compared),
        cmocka_unit_test(test_second_parameter_has_panels),
        cmocka_unit_test(test_no_panel_for_a_single_point),
        cmocka_unit_test(test_captions_count),
        cmocka_unit_test(test_storage_ends_with_the_migration),
        cmocka_unit_test(test_legends_are_in_order),
        cmocka_unit_test(test_dashes_tell_apart),
        cmocka_unit_test(test_styles_tell_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
