/* divergence.c - walks two results side by side until something is not equal.
 *
 * Idea      In each series the first row that differs; of those the earliest. What a run did is
 *           noted at events (syncs, passes, phases, ranges) and sampled at intervals: at the same
 *           moment the event is named, because it says what happened.
 * Invariant A run and itself, and two runs with the same digest, are GW_SAME.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/divergence.h"

#include <math.h>
#include <string.h>

#include "results/figures_run.h"

static const double NS_PER_S = 1e9;

/* Those that say most come first. Heat is a map of the disk: its rows have no moment. */
static const enum gw_series_id order[] = {
    GW_SERIES_SYNC,   GW_SERIES_ITERATION, GW_SERIES_PHASE, GW_SERIES_RANGE,
    GW_SERIES_MEMORY, GW_SERIES_PROGRESS,  GW_SERIES_IOPS,
};
_Static_assert(sizeof order / sizeof order[0] + 1 == GW_SERIES_COUNT, "a series is left out");

static bool
same_number(double a, double b)
{
    return isnan(a) ? isnan(b) : !(a < b) && !(a > b) && !isnan(b);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* ---- series -------------------------------------------------------------------------------------- */

static const char *
phase_at(const struct gw_result *result, size_t row)
{
    double index = result->series[GW_SERIES_PHASE].values[row];

    return index >= 0.0 && index < GW_PHASES_MAX ? result->phase_names[(size_t)index] : NULL;
}

/* Compares what a row holds. */
static bool
values_part(const struct gw_result *a, const struct gw_result *b, enum gw_series_id id,
            struct gw_divergence *found)
{
    const struct gw_series *left = &a->series[id];
    const struct gw_series *right = &b->series[id];

    if (id == GW_SERIES_PHASE) {
        found->column = 0;
        found->a_text = phase_at(a, found->row);
        found->b_text = phase_at(b, found->row);
        return !same_text(found->a_text, found->b_text);
    }
    for (size_t i = 0; i < left->columns && i < right->columns; i++) {
        found->a = left->values[found->row * left->columns + i];
        found->b = right->values[found->row * right->columns + i];
        found->column = (int)i;
        if (!same_number(found->a, found->b)) {
            return true;
        }
    }
    return false;
}

/* Time of a row after the beginning; NAN: there is no such row. */
static double
time_of(const struct gw_result *result, enum gw_series_id id, size_t row)
{
    const struct gw_series *series = &result->series[id];

    return row < series->rows ? (double)series->t_ns[row] / NS_PER_S - gw_result_start_s(result)
                              : (double)NAN;
}

/* The first row of a series that differs. */
static bool
series_parts(const struct gw_result *a, const struct gw_result *b, enum gw_series_id id,
             struct gw_divergence *found)
{
    const struct gw_series *left = &a->series[id];
    const struct gw_series *right = &b->series[id];
    size_t rows = left->rows < right->rows ? left->rows : right->rows;

    *found = (struct gw_divergence){.kind = GW_PART_IN_SERIES, .series = id};
    for (found->row = 0; found->row < rows; found->row++) {
        if (left->t_ns[found->row] != right->t_ns[found->row] || values_part(a, b, id, found)) {
            break;
        }
    }
    if (found->row == rows && left->rows == right->rows) {
        return false;
    }
    double a_s = time_of(a, id, found->row);
    double b_s = time_of(b, id, found->row);
    found->t_s = id == GW_SERIES_HEAT ? (double)NAN : fmin(a_s, b_s);
    if (found->row == rows || left->t_ns[found->row] != right->t_ns[found->row]) {
        found->column = found->row == rows ? GW_DIVERGENCE_MISSING : GW_DIVERGENCE_TIME;
        found->a = a_s;
        found->b = b_s;
        found->a_text = found->b_text = NULL;
    }
    return true;
}

/* ---- what has no time ---------------------------------------------------------------------------- */

static bool
same_histogram(const struct gw_histogram *a, const struct gw_histogram *b)
{
    if (a->total != b->total || a->sum != b->sum || a->least != b->least || a->most != b->most) {
        return false;
    }
    for (size_t i = 0; a->total > 0 && i < GW_HISTOGRAM_BUCKETS; i++) {
        if (a->count[i] != b->count[i]) {
            return false;
        }
    }
    return true;
}

static bool
histogram_parts(const struct gw_result *a, const struct gw_result *b, struct gw_divergence *found)
{
    for (int i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        const struct gw_histogram *left = &a->distribution[i];
        const struct gw_histogram *right = &b->distribution[i];

        if (!same_histogram(left, right)) {
            *found = (struct gw_divergence){.kind = GW_PART_IN_HISTOGRAM,
                                            .number = i,
                                            .a = left->total > 0 ? gw_histogram_mean(left) : NAN,
                                            .b = right->total > 0 ? gw_histogram_mean(right) : NAN};
            return true;
        }
    }
    return false;
}

static bool
metric_parts(const struct gw_result *a, const struct gw_result *b, struct gw_divergence *found)
{
    for (int i = 0; i < GW_METRIC_COUNT; i++) {
        if (!same_number(a->metric[i], b->metric[i])) {
            *found = (struct gw_divergence){
                .kind = GW_PART_IN_METRIC, .number = i, .a = a->metric[i], .b = b->metric[i]};
            return true;
        }
    }
    return false;
}

static bool
outcome_parts(const struct gw_result *a, const struct gw_result *b, struct gw_divergence *found)
{
    *found = (struct gw_divergence){.kind = GW_PART_IN_OUTCOME, .a = NAN, .b = NAN};
    if (a->outcome != b->outcome) {
        found->a_text = gw_outcome_name(a->outcome);
        found->b_text = gw_outcome_name(b->outcome);
        return true;
    }
    if (!same_text(a->reason, b->reason)) {
        found->a_text = a->reason;
        found->b_text = b->reason;
        return true;
    }
    found->a_text = a->verify_note;
    found->b_text = b->verify_note;
    return a->verified != b->verified || strcmp(a->verify_note, b->verify_note) != 0;
}

void
gw_divergence_find(const struct gw_result *a, const struct gw_result *b,
                   struct gw_divergence *divergence)
{
    struct gw_divergence found;
    struct gw_divergence first = {.kind = GW_SAME};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (series_parts(a, b, order[i], &found) &&
            (first.kind == GW_SAME || found.t_s < first.t_s)) {
            first = found;
        }
    }
    if (first.kind == GW_SAME &&
        (outcome_parts(a, b, &found) || metric_parts(a, b, &found) ||
         histogram_parts(a, b, &found) || series_parts(a, b, GW_SERIES_HEAT, &found))) {
        first = found;
    }
    *divergence = first;
}

/* ---- words --------------------------------------------------------------------------------------- */

static void
add_number(double value, struct gw_text *out)
{
    if (isnan(value)) {
        gw_text_add(out, "nothing");
        return;
    }
    gw_text_format(out, "%.10g", value);
}

static void
add_values(const struct gw_divergence *divergence, const char *name, struct gw_text *out)
{
    gw_text_format(out, "%s ", name);
    if (divergence->a_text != NULL || divergence->b_text != NULL) {
        gw_text_format(out, "'%s' -> '%s'", divergence->a_text == NULL ? "" : divergence->a_text,
                       divergence->b_text == NULL ? "" : divergence->b_text);
        return;
    }
    add_number(divergence->a, out);
    gw_text_add(out, " -> ");
    add_number(divergence->b, out);
}

/* Rows of events are numbered as people count. */
static void
describe_row(const struct gw_divergence *divergence, struct gw_text *out)
{
    const struct gw_series_info *info = &gw_series_info[divergence->series];

    if (!isnan(divergence->t_s)) {
        gw_text_format(out, "%.9g s: ", divergence->t_s);
    }
    gw_text_format(out, "%s %zu: ", info->name, divergence->row + 1);
    if (divergence->column >= 0) {
        add_values(divergence, info->columns[divergence->column], out);
        return;
    }
    if (divergence->column == GW_DIVERGENCE_MISSING) {
        gw_text_format(out, "only in %s", isnan(divergence->a) ? "B" : "A");
        return;
    }
    gw_text_format(out, "at %.9g s -> at %.9g s", divergence->a, divergence->b);
}

void
gw_divergence_describe(const struct gw_divergence *divergence, struct gw_text *out)
{
    switch (divergence->kind) {
    case GW_SAME:
        gw_text_add(out, "the same");
        break;
    case GW_PART_IN_SERIES:
        describe_row(divergence, out);
        break;
    case GW_PART_IN_HISTOGRAM:
        gw_text_format(out, "histogram %s: ", gw_distribution_info[divergence->number].key);
        add_values(divergence, "mean, ns,", out);
        break;
    case GW_PART_IN_METRIC:
        add_values(divergence, gw_metric_info[divergence->number].key, out);
        break;
    case GW_PART_IN_OUTCOME:
        add_values(divergence, "outcome", out);
        break;
    }
}
