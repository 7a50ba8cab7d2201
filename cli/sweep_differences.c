/* sweep_differences.c - godwit sweep differences: who is better, by how much, and is it chance?
 *
 * Idea      All architectures met the same guest in a replication, so what is compared is each
 *           replication with itself: the chance that both had in common cancels. Another test may
 *           be asked for; it sees the same runs, as two samples.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit_code.h"
#include "cli/metric_list.h"
#include "cli/sheet.h"
#include "cli/sweep_verb.h"
#include "results/contrast.h"
#include "results/holm.h"
#include "results/kolmogorov.h"
#include "results/mann_whitney.h"
#include "results/pairs.h"
#include "results/tests_of_means.h"

/* One metric of one cell, and what was found. */
struct row {
    const struct gw_pair_group *group;
    enum gw_metric metric;
    struct gw_contrast contrast;
    size_t converged_a, converged_b; /* of the pairs */
    double p, p_holm;
};

/* Where p comes from. */
struct test {
    const char *name;
    double (*p_of)(const double *a, const double *b, size_t count);
};

struct rows {
    struct row *items; /* owned */
    size_t count;
    double confidence;
    const struct test *test;
};

/* ---- the tests ------------------------------------------------------------------------------------ */

/* Of the interval alone; p does not depend on it. */
static const double any_confidence = 0.95;

static double
paired_p(const double *a, const double *b, size_t count)
{
    struct gw_mean_test test;

    gw_means_paired(a, b, count, any_confidence, &test);
    return test.p;
}

static double
welch_p(const double *a, const double *b, size_t count)
{
    struct gw_mean_test test;

    gw_means_welch(a, count, b, count, any_confidence, &test);
    return test.p;
}

static double
mann_whitney_p(const double *a, const double *b, size_t count)
{
    struct gw_mann_whitney test;

    gw_mann_whitney_test(a, count, b, count, &test);
    return test.p;
}

static double
kolmogorov_p(const double *a, const double *b, size_t count)
{
    struct gw_kolmogorov test;

    gw_kolmogorov_test(a, count, b, count, &test);
    return test.p;
}

/* The first is what is meant when none is named. */
static const struct test tests[] = {
    {"paired", paired_p},
    {"welch", welch_p},
    {"mann-whitney", mann_whitney_p},
    {"ks", kolmogorov_p},
};

static const struct test *
choose_test(const char *name, struct gw_error *err)
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (name == NULL || strcmp(tests[i].name, name) == 0) {
            return &tests[i];
        }
    }
    gw_fail(err, GW_EINVAL, "--test '%.40s': expected paired, welch, mann-whitney or ks", name);
    return NULL;
}

/* ---- computed ------------------------------------------------------------------------------------- */

/* A pair that does not count is NAN on both sides. */
static void
take_values(const struct row *row, double *a, double *b)
{
    const struct gw_pair_group *group = row->group;

    bool any_outcome = !gw_metric_needs_completion(row->metric);

    gw_pair_group_metric(group, row->metric, a, b);
    for (size_t i = 0; i < group->count; i++) {
        bool both = group->a[i]->outcome == GW_COMPLETED && group->b[i]->outcome == GW_COMPLETED;

        if (!(both || any_outcome) || isnan(a[i]) || isnan(b[i])) {
            a[i] = NAN;
            b[i] = NAN;
        }
    }
}

static bool
fill_row(struct row *row, double confidence, const struct test *test)
{
    const struct gw_pair_group *group = row->group;
    double *a = calloc(group->count + 1, sizeof *a);
    double *b = calloc(group->count + 1, sizeof *b);
    bool fine = a != NULL && b != NULL;

    if (fine) {
        take_values(row, a, b);
        gw_contrast_of(a, b, group->count, confidence, &row->contrast);
        row->p = test->p_of(a, b, group->count);
        row->converged_a = gw_count_completed(group->a, group->count);
        row->converged_b = gw_count_completed(group->b, group->count);
    }
    free(a);
    free(b);
    return fine;
}

static bool
adjust(struct rows *rows)
{
    double *p = calloc(rows->count + 1, sizeof *p);

    for (size_t i = 0; i < rows->count && p != NULL; i++) {
        p[i] = rows->items[i].p;
    }
    if (p != NULL) {
        gw_holm_adjust(p, rows->count, p);
    }
    for (size_t i = 0; i < rows->count && p != NULL; i++) {
        rows->items[i].p_holm = p[i];
    }
    free(p);
    return p != NULL;
}

static bool
fill_rows(struct rows *rows, const struct gw_pair_groups *groups,
          const struct gw_metric_list *metrics, struct gw_error *err)
{
    bool fine;

    rows->items = calloc(groups->count * metrics->count + 1, sizeof *rows->items);
    fine = rows->items != NULL;
    for (size_t i = 0; i < groups->count && fine; i++) {
        for (size_t k = 0; k < metrics->count && fine && groups->items[i].count > 0; k++) {
            struct row *row = &rows->items[rows->count++];

            *row = (struct row){.group = &groups->items[i], .metric = metrics->items[k]};
            fine = fill_row(row, rows->confidence, rows->test);
        }
    }
    if (!fine || !adjust(rows)) {
        gw_fail(err, GW_ENOMEM, "out of memory for the differences");
        return false;
    }
    return true;
}

/* ---- in words ------------------------------------------------------------------------------------- */

/* What is less of the metric called, and what more. */
static const char *const *
words_of(enum gw_metric metric)
{
    static const char *const moment[2] = {"sooner", "later"};
    static const char *const amount[2] = {"less", "more"};
    bool is_moment = metric == GW_METRIC_MIGRATION_TIME_S || metric == GW_METRIC_TOTAL_TIME_S ||
                     metric == GW_METRIC_READY_TIME_S;

    return is_moment ? moment : amount;
}

/* Why there is no interval. */
static void
put_absence(struct gw_sheet *sheet, const struct row *row)
{
    const struct gw_pair_group *group = row->group;
    bool counts = gw_metric_needs_completion(row->metric);

    if (row->contrast.pairs > 0) {
        gw_sheet_text(sheet, "one pair: no interval");
    } else if (counts && row->converged_a + row->converged_b == 0) {
        gw_sheet_text(sheet, "neither converged");
    } else if (counts && row->converged_a * row->converged_b == 0) {
        gw_sheet_format(sheet, "%s did not converge",
                        row->converged_a == 0 ? group->a_name : group->b_name);
    } else {
        gw_sheet_text(sheet, "no pair");
    }
}

/* "31 %" where there is a ratio that points the same way, else the difference in its unit. */
static void
size_text(const struct row *row, char *text, size_t size)
{
    const struct gw_contrast *contrast = &row->contrast;
    double percent = 100.0 * (contrast->ratio - 1.0);

    if (percent * contrast->difference > 0.0) {
        percent = fabs(percent);
        snprintf(text, size, percent < 9.95 ? "%.2g %%" : "%.0f %%", percent);
        return;
    }
    const char *unit = gw_metric_info[row->metric].unit;
    snprintf(text, size, "%.3g%s%s", fabs(contrast->difference), unit[0] == '\0' ? "" : " ", unit);
}

static void
put_verdict(struct gw_sheet *sheet, const struct row *row, const struct rows *rows)
{
    const struct gw_contrast *contrast = &row->contrast;
    bool is_chance = row->p_holm > 1.0 - rows->confidence;
    char size[64];

    if (isnan(contrast->low)) {
        put_absence(sheet, row);
        return;
    }
    if (contrast->low <= 0.0 && contrast->high >= 0.0) {
        bool is_asked = rows->test == &tests[0];

        gw_sheet_text(sheet, is_chance || is_asked ? "no difference seen"
                                                   : "no difference of pairs, but of samples");
        return;
    }
    size_text(row, size, sizeof size);
    gw_sheet_format(sheet, "%s %s %s%s", row->group->b_name, size,
                    words_of(row->metric)[contrast->difference > 0.0],
                    is_chance ? ", may be chance" : "");
}

/* ---- printed -------------------------------------------------------------------------------------- */

static void
put_row(struct gw_sheet *sheet, const struct row *row, const struct rows *rows)
{
    const struct gw_pair_group *group = row->group;
    const struct gw_contrast *contrast = &row->contrast;

    gw_sheet_text(sheet, group->cell);
    gw_sheet_text(sheet, gw_metric_info[row->metric].key);
    gw_sheet_text(sheet, group->a_name);
    gw_sheet_text(sheet, group->b_name);
    gw_sheet_format(sheet, "%zu/%zu", row->converged_a, group->count);
    gw_sheet_format(sheet, "%zu/%zu", row->converged_b, group->count);
    gw_sheet_number(sheet, (double)contrast->pairs);
    gw_sheet_number(sheet, contrast->mean_a);
    gw_sheet_number(sheet, contrast->mean_b);
    gw_sheet_interval(sheet, contrast->difference, contrast->low, contrast->high);
    gw_sheet_interval(sheet, contrast->ratio, contrast->ratio_low, contrast->ratio_high);
    gw_sheet_number(sheet, row->p);
    gw_sheet_number(sheet, row->p_holm);
    put_verdict(sheet, row, rows);
}

static bool
print(const struct rows *rows, enum gw_format format, struct gw_error *err)
{
    static const char *const texts[] = {"cell", "metric", "a", "b", "converged_a", "converged_b"};
    static const char *const numbers[] = {"pairs", "mean_a", "mean_b"};
    static const char *const difference[] = {"difference", "difference_low", "difference_high"};
    static const char *const ratio[] = {"ratio", "ratio_low", "ratio_high"};
    struct gw_sheet sheet = {.name = "differences", .format = format};
    bool fine;

    gw_sheet_columns(&sheet, texts, sizeof texts / sizeof texts[0], false);
    gw_sheet_columns(&sheet, numbers, sizeof numbers / sizeof numbers[0], true);
    gw_sheet_interval_columns(&sheet, difference);
    gw_sheet_interval_columns(&sheet, ratio);
    gw_sheet_column(&sheet, "p", true);
    gw_sheet_column(&sheet, "p_holm", true);
    gw_sheet_column(&sheet, "verdict", false);
    for (size_t i = 0; i < rows->count; i++) {
        put_row(&sheet, &rows->items[i], rows);
    }
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
}

static void
tell_left_out(const struct gw_pair_groups *groups)
{
    size_t alone = 0;

    for (size_t i = 0; i < groups->count; i++) {
        alone += groups->items[i].a_alone + groups->items[i].b_alone;
    }
    if (alone > 0) {
        fprintf(stderr, "godwit: %zu runs have no partner of the same replication: left out\n",
                alone);
    }
}

/* ---- what is compared ----------------------------------------------------------------------------- */

static bool
varies(const struct gw_result_list *list, const char *name)
{
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(gw_result_parameter(&list->results[0], name),
                   gw_result_parameter(&list->results[i], name)) != 0) {
            return true;
        }
    }
    return false;
}

/* The architecture when it varies, else the only parameter that does. */
static const char *
default_parameter(const struct gw_result_list *list)
{
    const char *only = NULL;
    size_t count = 0;

    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->results[0].architecture, list->results[i].architecture) != 0) {
            return "architecture";
        }
    }
    for (size_t i = 0; list->count > 0 && i < list->results[0].parameter_count; i++) {
        const char *name = list->results[0].parameter_names[i];

        if (varies(list, name)) {
            only = name;
            count++;
        }
    }
    return count == 1 ? only : "architecture";
}

static bool
choose_metrics(const struct gw_sweep_options *options, const struct gw_result_list *list,
               struct gw_metric_list *metrics, struct gw_error *err)
{
    if (options->metric != NULL) {
        return gw_metric_list_parse(options->metric, metrics, err);
    }
    gw_metric_list_choose(list->pointers, list->count, GW_METRIC_COUNT, metrics);
    return true;
}

static bool
report(const struct gw_sweep_options *options, const struct gw_result_list *list,
       struct gw_error *err)
{
    const char *parameter = options->by != NULL ? options->by : default_parameter(list);
    double confidence;
    struct gw_pair_groups groups = {0};
    struct gw_metric_list metrics;
    bool fine;

    if (list->count == 0) {
        return gw_fail(err, GW_EINVAL, "database %s: has no runs to compare", options->database);
    }
    if (!gw_confidence_parse(options->confidence, &confidence, err)) {
        return false;
    }
    struct rows rows = {.confidence = confidence};
    fine = (rows.test = choose_test(options->test, err)) != NULL &&
           choose_metrics(options, list, &metrics, err) &&
           gw_pairs_within(list->pointers, list->count, parameter, options->base, &groups, err) &&
           fill_rows(&rows, &groups, &metrics, err);
    if (fine && groups.count > 0 && rows.count == 0) {
        fine = gw_fail(err, GW_EINVAL,
                       "no two runs differ in %s alone, with the same seed and replication",
                       parameter);
    }
    if (fine) {
        tell_left_out(&groups);
        fine = print(&rows, options->format, err);
    }
    free(rows.items);
    gw_pair_groups_clear(&groups);
    return fine;
}

int
gw_sweep_differences(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_result_list list = {0};
    struct gw_error err = {.code = GW_OK};

    if (options->database == NULL || operands->count > 0) {
        gw_fail(&err, GW_EINVAL, "sweep differences: wanted --db FILE [--study NAME] alone");
        return gw_report_error(&err);
    }
    bool fine = gw_sweep_read_runs(options, false, &list, &err) && report(options, &list, &err);
    gw_result_list_clear(&list);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
