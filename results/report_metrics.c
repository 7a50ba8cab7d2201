/* report_metrics.c - what a report says of a cell: means, the best, and how sure that is.
 *
 * Idea      A run that did not complete has no migration time that could be averaged; its row is
 *           never the best while another one completed all of its runs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/pairs.h"
#include "results/report_shared.h"

static const double CONFIDENCE = 0.95;

const struct gw_report_metric gw_report_metrics[GW_REPORT_METRICS] = {
    {GW_METRIC_MIGRATION_TIME_S, "Migration time", "Shortest migration time", "s", 1.0, 4, false,
     true},
    {GW_METRIC_DOWNTIME_S, "Downtime", "Shortest downtime", "s", 1.0, 4, false, true},
    {GW_METRIC_GUEST_PENALTY_S, "Guest penalty", "Least guest penalty", "s", 1.0, 4, false, true},
    {GW_METRIC_BYTES_SENT, "Sent", "Least data sent", "GiB", 1.0 / 1073741824.0, 3, false, true},
    {GW_METRIC_GUEST_RATE_RATIO, "Writes, of before", "Most guest writes, of those before", "%",
     100.0, 2, true, true},
    {GW_METRIC_THROTTLE_PCT_MOST, "Most throttle", NULL, "%", 1.0, 1, false, false},
};

bool
gw_report_has_metric(const struct gw_report_group *group, enum gw_metric metric)
{
    for (size_t i = 0; i < group->count; i++) {
        if (group->runs[i]->outcome == GW_COMPLETED && isfinite(group->runs[i]->metric[metric])) {
            return true;
        }
    }
    return false;
}

void
gw_report_summarize(const struct gw_report_row *row, enum gw_metric metric,
                    struct gw_summary *summary)
{
    double *values = calloc(row->count, sizeof *values);
    size_t count = 0;

    gw_assert(values != NULL);
    for (size_t i = 0; i < row->count; i++) {
        if (row->runs[i]->outcome == GW_COMPLETED) {
            values[count++] = row->runs[i]->metric[metric];
        }
    }
    gw_summary_of(values, count, CONFIDENCE, summary);
    free(values);
}

size_t
gw_report_best_row(const struct gw_report_group *group, const struct gw_report_cell *cell,
                   const struct gw_report_metric *metric)
{
    size_t best = SIZE_MAX;
    size_t candidates = 0;
    double best_mean = 0.0;

    for (size_t i = cell->first_row; i < cell->first_row + cell->row_count; i++) {
        const struct gw_report_row *row = &group->rows[i];
        struct gw_summary summary;

        gw_report_summarize(row, metric->metric, &summary);
        if (row->outcomes[GW_COMPLETED] < row->count || summary.count < row->count) {
            continue;
        }
        double mean = metric->more_is_better ? -summary.mean : summary.mean;
        if (candidates == 0 || mean < best_mean) {
            best = i;
            best_mean = mean;
        }
        candidates++;
    }
    return cell->row_count < 2 ? SIZE_MAX : best;
}

static void
hide_incomplete(const struct gw_result *const *runs, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = runs[i]->outcome == GW_COMPLETED ? values[i] : NAN;
    }
}

static bool
contrast_of(const struct gw_pair_group *pairs, enum gw_metric metric, struct gw_contrast *contrast)
{
    double *values = calloc(2 * pairs->count + 1, sizeof *values);

    if (values == NULL) {
        return false;
    }
    gw_pair_group_metric(pairs, metric, values, values + pairs->count);
    hide_incomplete(pairs->a, pairs->count, values);
    hide_incomplete(pairs->b, pairs->count, values + pairs->count);
    gw_contrast_of(values, values + pairs->count, pairs->count, CONFIDENCE, contrast);
    free(values);
    return contrast->pairs > 0;
}

bool
gw_report_contrast(const struct gw_report_group *group, const struct gw_report_row *a,
                   const struct gw_report_row *b, enum gw_metric metric,
                   struct gw_contrast *contrast)
{
    const struct gw_result **both = calloc(a->count + b->count + 1, sizeof *both);
    struct gw_pair_groups pairs = {0};
    bool fine = both != NULL && group->compared != NULL;

    if (fine) {
        memcpy(both, a->runs, a->count * sizeof *both);
        memcpy(both + a->count, b->runs, b->count * sizeof *both);
        fine =
            gw_pairs_within(both, a->count + b->count, group->compared, a->variant, &pairs, NULL);
    }
    fine = fine && pairs.count == 1 && gw_pair_group_same_seed(&pairs.items[0]) &&
           contrast_of(&pairs.items[0], metric, contrast);
    gw_pair_groups_clear(&pairs);
    free(both);
    return fine;
}

bool
gw_report_is_alike(const struct gw_report_group *group, const struct gw_report_row *best,
                   const struct gw_report_row *row, enum gw_metric metric)
{
    struct gw_contrast contrast;

    if (!gw_report_contrast(group, best, row, metric, &contrast)) {
        return false;
    }
    bool equal = !(contrast.difference < 0.0) && !(contrast.difference > 0.0);
    return equal || (contrast.low <= 0.0 && contrast.high >= 0.0);
}

/* ---- numbers as text ------------------------------------------------------------------------- */

/* As many digits behind the point as say something: two of the interval, four of a lone number. */
static int
decimals_for(double size, int digits)
{
    int whole = size > 0.0 && isfinite(size) ? (int)floor(log10(size)) + 1 : 1;

    return whole >= digits ? 0 : digits - whole > 6 ? 6 : digits - whole;
}

static int
least_of(int a, int b)
{
    return a < b ? a : b;
}

void
gw_report_value(struct gw_text *out, const struct gw_report_metric *metric,
                const struct gw_summary *summary)
{
    double mean = summary->mean * metric->scale;
    double half = summary->half_width * metric->scale;
    int lone = least_of(decimals_for(fabs(mean), 4), metric->decimals_most);

    if (summary->count == 0 || !isfinite(mean)) {
        gw_text_add(out, "-");
        return;
    }
    if (!(half > 0.0)) {
        gw_text_format(out, "%.*f %s", lone, mean, metric->unit);
        return;
    }
    int decimals = least_of(decimals_for(half, 2), metric->decimals_most);
    double step = pow(10.0, -decimals);
    bool tiny = half < step / 2;
    gw_text_format(out, "%.*f \xC2\xB1 %s%.*f %s", decimals, mean, tiny ? "<" : "", decimals,
                   tiny ? step : half, metric->unit);
}

void
gw_report_range(struct gw_text *out, const struct gw_report_metric *metric, double least,
                double most)
{
    const double values[] = {least * metric->scale, most * metric->scale};
    char ends[2][40];

    for (size_t i = 0; i < 2; i++) {
        int decimals = least_of(decimals_for(fabs(values[i]), 3), metric->decimals_most);
        snprintf(ends[i], sizeof ends[i], "%.*f", decimals, values[i]);
    }
    bool one = strcmp(ends[0], ends[1]) == 0;
    gw_text_format(out, "%s%s%s\xC2\xA0%s", ends[0], one ? "" : " to ", one ? "" : ends[1],
                   metric->unit);
}

void
gw_report_ratio(struct gw_text *out, double ratio, double width)
{
    int digits = decimals_for(ratio, 3);
    int wanted = width > 0.0 ? decimals_for(width, 2) : 0;

    gw_text_format(out, "%.*f", wanted > digits ? least_of(wanted, 4) : digits, ratio);
}
