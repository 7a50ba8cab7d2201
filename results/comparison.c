/* comparison.c - judges pairs of runs: metrics, outcomes, the first moment at which they part.
 *
 * Idea      What is equal to the last bit needs no statistics. Of the rest the metrics are tested
 *           pair by pair and adjusted over the whole comparison, curves (comparison_curves.c)
 *           within their cell. An outcome that changed under the same guest is a finding; under
 *           other guests it may be chance, and is tested as such (McNemar, exact).
 * Why alike Runs that ended in different ways have no metric in common: how long it took is not
 *           comparable with how long it was tried. Such pairs count as a changed outcome.
 * Source    McNemar, Psychometrika 12, 1947.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/comparison.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/comparison_shared.h"
#include "results/holm.h"

static const enum gw_metric disk_metrics[] = {GW_METRIC_MIGRATION_TIME_S, GW_METRIC_DOWNTIME_S,
                                              GW_METRIC_GUEST_PENALTY_S, GW_METRIC_BYTES_SENT,
                                              GW_METRIC_ITERATIONS};
static const enum gw_metric memory_metrics[] = {GW_METRIC_TOTAL_TIME_S, GW_METRIC_DOWNTIME_S,
                                                GW_METRIC_GUEST_PENALTY_S, GW_METRIC_BYTES_SENT,
                                                GW_METRIC_SYNC_COUNT};
enum { USUAL = sizeof disk_metrics / sizeof disk_metrics[0] };

static bool
no_memory(struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "out of memory for the comparison");
}

bool
gw_compared_same(double a, double b)
{
    return isnan(a) ? isnan(b) : !isnan(b) && !(a < b) && !(a > b);
}

/* ---- metrics ------------------------------------------------------------------------------------- */

static bool
is_identical(const struct gw_pair_group *group, enum gw_metric metric)
{
    bool any = false;

    for (size_t i = 0; i < group->count; i++) {
        if (!gw_compared_same(group->a[i]->metric[metric], group->b[i]->metric[metric])) {
            return false;
        }
        any = any || !isnan(group->a[i]->metric[metric]);
    }
    return any;
}

/* Times of a run that did not complete say how long somebody waited before giving up. */
static bool
are_comparable(const struct gw_result *a, const struct gw_result *b, enum gw_metric metric)
{
    bool is_time = strcmp(gw_metric_info[metric].unit, "s") == 0;

    return a->outcome == b->outcome && (!is_time || a->outcome == GW_COMPLETED);
}

static void
compare_metric(const struct gw_pair_group *group, double confidence,
               struct gw_compared_metric *compared, double *a, double *b)
{
    gw_pair_group_metric(group, compared->metric, a, b);
    for (size_t i = 0; i < group->count; i++) {
        if (!are_comparable(group->a[i], group->b[i], compared->metric)) {
            a[i] = NAN;
        }
    }
    gw_contrast_of(a, b, group->count, confidence, &compared->contrast);
    compared->p = NAN;
    if (is_identical(group, compared->metric)) {
        compared->verdict = GW_COMPARED_IDENTICAL;
        return;
    }
    if (compared->contrast.pairs < 2) {
        compared->verdict =
            compared->contrast.pairs == 0 ? GW_COMPARED_NOTHING : GW_COMPARED_UNSURE;
        return;
    }
    compared->p = compared->contrast.p; /* adjusted when all are there */
    compared->verdict = GW_COMPARED_NONE_SEEN;
}

static bool
is_of_memory(const struct gw_result *result)
{
    return result->series[GW_SERIES_MEMORY].rows > 0 ||
           !isnan(result->metric[GW_METRIC_TOTAL_TIME_S]);
}

static bool
compare_metrics(const struct gw_comparison_request *request, struct gw_compared_cell *cell)
{
    const struct gw_pair_group *group = cell->group;
    const enum gw_metric *metrics = is_of_memory(group->a[0]) ? memory_metrics : disk_metrics;
    double *values = calloc(2 * group->count, sizeof *values);

    cell->metric_count = USUAL;
    if (request->metric_count > 0) {
        metrics = request->metrics;
        cell->metric_count = request->metric_count;
    }
    cell->metrics = calloc(cell->metric_count, sizeof *cell->metrics);
    bool fine = values != NULL && cell->metrics != NULL;
    for (size_t i = 0; fine && i < cell->metric_count; i++) {
        cell->metrics[i].metric = metrics[i];
        compare_metric(group, request->confidence, &cell->metrics[i], values,
                       values + group->count);
    }
    free(values);
    return fine;
}

bool
gw_compared_is_small(double p, double confidence)
{
    return p <= 1.0 - confidence + 1e-12;
}

/* Holm over all of them. */
static bool
adjust_metrics(struct gw_comparison *comparison)
{
    size_t count = 0;

    for (size_t i = 0; i < comparison->count; i++) {
        count += comparison->cells[i].metric_count;
    }
    double *p = calloc(count + 1, sizeof *p);
    if (p == NULL) {
        return false;
    }
    count = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        for (size_t k = 0; k < comparison->cells[i].metric_count; k++) {
            p[count++] = comparison->cells[i].metrics[k].p;
        }
    }
    gw_holm_adjust(p, count, p);
    count = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        for (size_t k = 0; k < comparison->cells[i].metric_count; k++) {
            struct gw_compared_metric *metric = &comparison->cells[i].metrics[k];

            metric->p = p[count++];
            if (gw_compared_is_small(metric->p, comparison->confidence)) {
                metric->verdict = GW_COMPARED_DIFFERS;
            }
        }
    }
    free(p);
    return true;
}

/* ---- outcomes ------------------------------------------------------------------------------------ */

static void
count_outcome(struct gw_compared_cell *cell, enum gw_outcome from, enum gw_outcome to)
{
    size_t i = 0;

    while (i < cell->outcome_count &&
           (cell->outcomes[i].from != from || cell->outcomes[i].to != to)) {
        i++;
    }
    if (i == cell->outcome_count && i < GW_COMPARED_OUTCOMES) {
        cell->outcomes[cell->outcome_count++] = (struct gw_compared_outcome){from, to, 0};
    }
    if (i < cell->outcome_count) {
        cell->outcomes[i].count++;
    }
}

static void
compare_outcomes(struct gw_compared_cell *cell)
{
    for (size_t i = 0; i < cell->group->count; i++) {
        enum gw_outcome from = cell->group->a[i]->outcome;
        enum gw_outcome to = cell->group->b[i]->outcome;

        if (from != to) {
            count_outcome(cell, from, to);
        }
    }
}

static size_t
count_back(const struct gw_compared_cell *cell, const struct gw_compared_outcome *change)
{
    for (size_t i = 0; i < cell->outcome_count; i++) {
        if (cell->outcomes[i].from == change->to && cell->outcomes[i].to == change->from) {
            return cell->outcomes[i].count;
        }
    }
    return 0;
}

static bool
outcome_differs(const struct gw_compared_cell *cell, double confidence)
{
    for (size_t i = 0; i < cell->outcome_count; i++) {
        size_t there = cell->outcomes[i].count;
        size_t back = count_back(cell, &cell->outcomes[i]);
        unsigned least = (unsigned)(there < back ? there : back);
        double p = 2.0 * gsl_cdf_binomial_P(least, 0.5, (unsigned)(there + back));

        if (cell->same_guests || gw_compared_is_small(p, confidence)) {
            return true;
        }
    }
    return false;
}

/* ---- cells --------------------------------------------------------------------------------------- */

static void
find_parting(struct gw_compared_cell *cell)
{
    for (size_t i = 0; i < cell->group->count; i++) {
        struct gw_divergence found;

        gw_divergence_find(cell->group->a[i], cell->group->b[i], &found);
        cell->identical += found.kind == GW_SAME ? 1 : 0;
        if (cell->same_guests && cell->parting.kind == GW_SAME && found.kind != GW_SAME) {
            cell->parting = found;
            cell->parting_replication = cell->group->a[i]->replication;
        }
    }
}

static bool
compare_cell(const struct gw_pair_group *group, const struct gw_comparison_request *request,
             struct gw_compared_cell *cell, struct gw_error *err)
{
    cell->group = group;
    cell->same_guests = gw_pair_group_same_seed(group);
    find_parting(cell);
    compare_outcomes(cell);
    if (!compare_metrics(request, cell)) {
        return no_memory(err);
    }
    return !request->with_curves || gw_compared_curves_make(request, cell, err);
}

/* A single pair of runs of the same guest says that something changed, if not how sure a number
 * is. */
static bool
cell_differs(const struct gw_compared_cell *cell, double confidence)
{
    if (outcome_differs(cell, confidence)) {
        return true;
    }
    for (size_t i = 0; i < cell->metric_count; i++) {
        enum gw_comparison_verdict verdict = cell->metrics[i].verdict;

        if (verdict == GW_COMPARED_DIFFERS ||
            (verdict == GW_COMPARED_UNSURE && cell->same_guests)) {
            return true;
        }
    }
    for (size_t i = 0; i < cell->curve_count; i++) {
        if (cell->curves[i].verdict == GW_COMPARED_DIFFERS) {
            return true;
        }
    }
    return false;
}

bool
gw_comparison_make(const struct gw_pair_groups *groups, const struct gw_comparison_request *request,
                   struct gw_comparison *comparison, struct gw_error *err)
{
    *comparison = (struct gw_comparison){.confidence = request->confidence};
    comparison->cells = calloc(groups->count + 1, sizeof *comparison->cells);
    if (comparison->cells == NULL) {
        return no_memory(err);
    }
    bool fine = true;
    for (size_t i = 0; fine && i < groups->count; i++) {
        const struct gw_pair_group *group = &groups->items[i];

        comparison->a_alone += group->a_alone;
        comparison->b_alone += group->b_alone;
        comparison->pairs += group->count;
        if (group->count > 0) {
            fine = compare_cell(group, request, &comparison->cells[comparison->count++], err);
        }
    }
    fine = fine && (adjust_metrics(comparison) || no_memory(err));
    for (size_t i = 0; fine && i < comparison->count; i++) {
        struct gw_compared_cell *cell = &comparison->cells[i];

        cell->differs = cell_differs(cell, comparison->confidence);
        comparison->differs = comparison->differs || cell->differs;
    }
    if (!fine) {
        gw_comparison_clear(comparison);
    }
    return fine;
}

void
gw_comparison_clear(struct gw_comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        free(comparison->cells[i].metrics);
        gw_compared_curves_clear(&comparison->cells[i]);
    }
    free(comparison->cells);
    *comparison = (struct gw_comparison){0};
}
