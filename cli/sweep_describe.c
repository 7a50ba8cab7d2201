/* sweep_describe.c - godwit sweep describe: every point of a study by itself, in numbers.
 *
 * Idea      A study that is paired with itself falls into its cells: so they are the same, in the
 *           same order and with the same names, as in the reports that compare.
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
#include "results/describe.h"
#include "results/pairs.h"

/* What is described: one of the three lists. */
struct subjects {
    struct gw_metric_list metrics;
    enum gw_distribution distributions[GW_DISTRIBUTION_COUNT];
    size_t distribution_count;
    bool steady;
};

struct report {
    const struct subjects *subjects;
    struct gw_sheet sheet;
    double confidence;
};

/* A way to describe: its columns, and the rows of one cell. */
struct manner {
    void (*add_columns)(struct gw_sheet *sheet);
    bool (*add_rows)(struct report *report, const struct gw_pair_group *cell, struct gw_error *err);
};

static void
begin_row(struct gw_sheet *sheet, const struct gw_pair_group *cell, const char *subject)
{
    gw_sheet_text(sheet, cell->cell);
    gw_sheet_text(sheet, subject);
    gw_sheet_format(sheet, "%zu/%zu", gw_count_completed(cell->b, cell->count), cell->count);
}

/* ---- metrics -------------------------------------------------------------------------------------- */

static void
add_metric_columns(struct gw_sheet *sheet)
{
    static const char *const texts[] = {"cell", "metric", "converged"};
    static const char *const mean[] = {"n", "mean", "half_width"};
    static const char *const median[] = {"median", "median_low", "median_high"};
    static const char *const rest[] = {"bca_low", "bca_high", "sd", "least", "most"};

    gw_sheet_columns(sheet, texts, sizeof texts / sizeof texts[0], false);
    gw_sheet_columns(sheet, mean, sizeof mean / sizeof mean[0], true);
    gw_sheet_interval_columns(sheet, median);
    gw_sheet_columns(sheet, rest, sizeof rest / sizeof rest[0], true);
}

static void
add_metric(struct gw_sheet *sheet, const struct gw_description *description)
{
    const struct gw_summary *summary = &description->summary;
    const struct gw_quantile *median = &description->median;

    gw_sheet_number(sheet, (double)summary->count);
    gw_sheet_number(sheet, summary->mean);
    gw_sheet_number(sheet, summary->half_width);
    gw_sheet_interval(sheet, median->value, median->low, median->high);
    gw_sheet_number(sheet, description->mean.bca_low);
    gw_sheet_number(sheet, description->mean.bca_high);
    gw_sheet_number(sheet, summary->deviation);
    gw_sheet_number(sheet, summary->least);
    gw_sheet_number(sheet, summary->most);
}

static void
take_values(const struct gw_pair_group *cell, enum gw_metric metric, double *values)
{
    for (size_t i = 0; i < cell->count; i++) {
        bool counts = !gw_metric_needs_completion(metric) || cell->b[i]->outcome == GW_COMPLETED;

        values[i] = counts ? cell->b[i]->metric[metric] : (double)NAN;
    }
}

static bool
add_metrics(struct report *report, const struct gw_pair_group *cell, struct gw_error *err)
{
    const struct gw_metric_list *metrics = &report->subjects->metrics;
    double *values = calloc(cell->count + 1, sizeof *values);

    if (values == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory to describe %zu runs", cell->count);
    }
    for (size_t i = 0; i < metrics->count; i++) {
        struct gw_description description;

        take_values(cell, metrics->items[i], values);
        gw_describe_values(values, cell->count, report->confidence, &description);
        begin_row(&report->sheet, cell, gw_metric_info[metrics->items[i]].key);
        add_metric(&report->sheet, &description);
    }
    free(values);
    return true;
}

/* ---- latencies ------------------------------------------------------------------------------------ */

static void
add_distribution_columns(struct gw_sheet *sheet)
{
    static const char *const texts[] = {"cell", "distribution", "converged", "quantile"};
    static const char *const numbers[] = {"count", "value_ms", "error_ms", "low_ms", "high_ms"};

    gw_sheet_columns(sheet, texts, sizeof texts / sizeof texts[0], false);
    gw_sheet_columns(sheet, numbers, sizeof numbers / sizeof numbers[0], true);
}

static bool
add_distributions(struct report *report, const struct gw_pair_group *cell, struct gw_error *err)
{
    static const struct {
        const char *name;
        double share;
    } quantiles[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};
    const double ns_per_ms = 1e6;

    (void)err;
    for (size_t i = 0; i < report->subjects->distribution_count; i++) {
        enum gw_distribution id = report->subjects->distributions[i];
        struct gw_histogram merged = {0};

        gw_describe_distribution(cell->b, cell->count, id, &merged);
        for (size_t k = 0; k < sizeof quantiles / sizeof quantiles[0]; k++) {
            struct gw_histogram_quantile found;

            gw_quantile_of_histogram(&merged, quantiles[k].share, report->confidence, &found);
            begin_row(&report->sheet, cell, gw_distribution_info[id].key);
            gw_sheet_text(&report->sheet, quantiles[k].name);
            gw_sheet_number(&report->sheet, (double)found.count);
            gw_sheet_number(&report->sheet, found.value / ns_per_ms);
            gw_sheet_number(&report->sheet, found.error / ns_per_ms);
            gw_sheet_number(&report->sheet, found.low / ns_per_ms);
            gw_sheet_number(&report->sheet, found.high / ns_per_ms);
        }
        gw_histogram_clear(&merged);
    }
    return true;
}

/* ---- before the migration ------------------------------------------------------------------------- */

static void
add_steady_columns(struct gw_sheet *sheet)
{
    static const char *const texts[] = {"cell", "rate", "converged"};
    static const char *const numbers[] = {"replications", "samples",    "warm_up_s",     "trusted",
                                          "mean",         "half_width", "run_half_width"};

    gw_sheet_columns(sheet, texts, sizeof texts / sizeof texts[0], false);
    gw_sheet_columns(sheet, numbers, sizeof numbers / sizeof numbers[0], true);
    gw_sheet_column(sheet, "verdict", false);
}

static void
put_verdict(struct gw_sheet *sheet, const struct gw_description_before *before)
{
    enum { SAMPLES_WANTED = 100 };

    if (before->runs == 0) {
        gw_sheet_text(sheet, "nothing was sampled before the migration");
    } else if (before->samples < SAMPLES_WANTED) {
        gw_sheet_text(sheet, "too few samples: lengthen warmup or shorten sample_interval");
    } else if (before->trusted < before->runs) {
        gw_sheet_format(sheet, "%zu of %zu runs not seen steady: lengthen warmup",
                        before->runs - before->trusted, before->runs);
    } else {
        gw_sheet_text(sheet, "steady");
    }
}

static bool
add_steady(struct report *report, const struct gw_pair_group *cell, struct gw_error *err)
{
    struct gw_description_before before;
    struct gw_sheet *sheet = &report->sheet;

    if (!gw_describe_before(cell->b, cell->count, report->confidence, &before, err)) {
        return false;
    }
    begin_row(sheet, cell, before.runs == 0 ? NULL : gw_curve_info[before.curve].key);
    gw_sheet_number(sheet, (double)before.runs);
    gw_sheet_number(sheet, (double)before.samples);
    gw_sheet_number(sheet, before.warm_up_s);
    gw_sheet_number(sheet, (double)before.trusted);
    gw_sheet_number(sheet, before.means.mean);
    gw_sheet_number(sheet, before.means.half_width);
    gw_sheet_number(sheet, before.run_half_width);
    put_verdict(sheet, &before);
    return true;
}

/* ---- what is described ---------------------------------------------------------------------------- */

static bool
add_subject(struct subjects *subjects, const char *word, struct gw_error *err)
{
    struct gw_metric_list named;

    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        if (strcmp(gw_distribution_info[i].key, word) == 0) {
            bool has_room = subjects->distribution_count < GW_DISTRIBUTION_COUNT;

            if (has_room) {
                subjects->distributions[subjects->distribution_count++] = (enum gw_distribution)i;
            }
            return has_room || gw_fail(err, GW_EINVAL, "metric %s: named too often", word);
        }
    }
    if (!gw_metric_list_parse(word, &named, err)) {
        return false;
    }
    if (subjects->metrics.count == GW_METRIC_COUNT) {
        return gw_fail(err, GW_EINVAL, "metric %s: named too often", word);
    }
    subjects->metrics.items[subjects->metrics.count++] = named.items[0];
    return true;
}

static bool
parse_subjects(struct subjects *subjects, const char *words, struct gw_error *err)
{
    for (bool more = true; more;) {
        size_t length = strcspn(words, ",");
        char word[64];

        snprintf(word, sizeof word, "%.*s", (int)(length < 63 ? length : 63), words);
        if (!add_subject(subjects, word, err)) {
            return false;
        }
        more = words[length] == ',';
        words += length + more;
    }
    if (subjects->distribution_count > 0 && subjects->metrics.count > 0) {
        return gw_fail(err, GW_EINVAL,
                       "--metric: '%s' is a distribution and '%s' is not: their columns differ,"
                       " ask for them one after the other",
                       gw_distribution_info[subjects->distributions[0]].key,
                       gw_metric_info[subjects->metrics.items[0]].key);
    }
    return true;
}

/* What needs no runs to be chosen or refused. */
static bool
choose_subjects(struct subjects *subjects, const struct gw_sweep_options *options,
                struct gw_error *err)
{
    *subjects = (struct subjects){.steady = options->steady};
    if (options->metric == NULL) {
        return true;
    }
    if (options->steady) {
        return gw_fail(err, GW_EINVAL,
                       "sweep describe: --steady is about the guest's rate before the migration:"
                       " leave --metric out");
    }
    return parse_subjects(subjects, options->metric, err);
}

static const struct manner *
manner_of(const struct subjects *subjects)
{
    static const struct manner of_metrics = {add_metric_columns, add_metrics};
    static const struct manner of_distributions = {add_distribution_columns, add_distributions};
    static const struct manner of_steady = {add_steady_columns, add_steady};

    if (subjects->steady) {
        return &of_steady;
    }
    return subjects->distribution_count > 0 ? &of_distributions : &of_metrics;
}

static bool
print(struct report *report, const struct gw_result_list *list, struct gw_error *err)
{
    const struct manner *manner = manner_of(report->subjects);
    const struct gw_pair_side all = {"", list->pointers, list->count};
    struct gw_pair_groups cells = {0};
    bool fine = gw_pairs_between(&all, &all, &cells, err);

    manner->add_columns(&report->sheet);
    for (size_t i = 0; i < cells.count && fine; i++) {
        fine = manner->add_rows(report, &cells.items[i], err);
    }
    fine = fine && gw_sheet_print(&report->sheet, err);
    gw_sheet_clear(&report->sheet);
    gw_pair_groups_clear(&cells);
    return fine;
}

static bool
describe(const struct gw_sweep_options *options, struct gw_result_list *list, struct gw_error *err)
{
    struct subjects subjects;
    struct report report = {.subjects = &subjects,
                            .sheet = {.name = "cells", .format = options->format}};

    if (!choose_subjects(&subjects, options, err) ||
        !gw_confidence_parse(options->confidence, &report.confidence, err) ||
        !gw_sweep_read_runs(options, subjects.steady || subjects.distribution_count > 0, list,
                            err)) {
        return false;
    }
    if (list->count == 0) {
        return gw_fail(err, GW_EINVAL, "database %s: has no runs to describe", options->database);
    }
    if (options->metric == NULL) {
        gw_metric_list_choose(list->pointers, list->count, GW_METRIC_COUNT, &subjects.metrics);
    }
    return print(&report, list, err);
}

int
gw_sweep_describe(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_result_list list = {0};
    struct gw_error err = {.code = GW_OK};

    if (options->database == NULL || operands->count > 0) {
        gw_fail(&err, GW_EINVAL, "sweep describe: wanted --db FILE [--study NAME] alone");
        return gw_report_error(&err);
    }
    bool fine = describe(options, &list, &err);
    gw_result_list_clear(&list);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
