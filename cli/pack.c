/* pack.c - helpers of the packs: choosing runs, means over replications, cells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/pack.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
matches(const struct gw_result *result, const struct gw_pack_filter *filter)
{
    if (filter->architecture != NULL && strcmp(filter->architecture, result->architecture) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (filter->name[i] != NULL &&
            strcmp(gw_result_parameter(result, filter->name[i]), filter->value[i]) != 0) {
            return false;
        }
    }
    return true;
}

double
gw_pack_mean(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
             enum gw_metric metric)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < runs->count; i++) {
        if (matches(runs->results[i], filter)) {
            sum += runs->results[i]->metric[metric];
            count++;
        }
    }
    return count == 0 ? (double)NAN : sum / (double)count;
}

double
gw_pack_most(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
             enum gw_metric metric)
{
    double most = (double)NAN;

    for (size_t i = 0; i < runs->count; i++) {
        double value = runs->results[i]->metric[metric];

        if (matches(runs->results[i], filter) && !(value <= most)) {
            most = value;
        }
    }
    return most;
}

double
gw_pack_quantile_ms(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                    enum gw_distribution which, double share)
{
    struct gw_histogram all = {0};
    double quantile = (double)NAN;

    for (size_t i = 0; i < runs->count; i++) {
        if (matches(runs->results[i], filter)) {
            gw_histogram_merge(&all, &runs->results[i]->distribution[which]);
        }
    }
    if (all.total > 0) {
        quantile = (double)gw_histogram_quantile(&all, share) * 1e-6;
    }
    gw_histogram_clear(&all);
    return quantile;
}

double
gw_pack_outcome_share(const struct gw_pack_runs *runs, const struct gw_pack_filter *filter,
                      enum gw_outcome outcome)
{
    size_t count = 0;
    size_t such = 0;

    for (size_t i = 0; i < runs->count; i++) {
        if (matches(runs->results[i], filter)) {
            count++;
            such += runs->results[i]->outcome == outcome;
        }
    }
    return count == 0 ? (double)NAN : (double)such / (double)count;
}

bool
gw_pack_all_verified(const struct gw_pack_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (!runs->results[i]->verified) {
            return false;
        }
    }
    return runs->count > 0;
}

/* ---- cells ----------------------------------------------------------------------------------------- */

static const char *
keep(struct gw_pack_report *report, const char *text)
{
    char *copy = strdup(text);

    gw_assert(copy != NULL && report->text_count < GW_PACK_TEXTS_MAX);
    report->texts[report->text_count++] = copy;
    return copy;
}

static struct gw_cell *
new_cell(struct gw_pack_report *report, const char *case_name, const char *metric)
{
    struct gw_cell *cell = &report->cells[report->count++];

    gw_assert(report->count <= GW_PACK_CELLS_MAX);
    *cell = (struct gw_cell){
        .case_name = keep(report, case_name),
        .metric = metric,
        .expected = {NULL, (double)NAN},
        .got = {NULL, (double)NAN},
        .error_pct = (double)NAN,
    };
    return cell;
}

void
gw_pack_number(struct gw_pack_report *report, const char *case_name, const char *metric,
               const struct gw_pack_published *published, double got)
{
    struct gw_cell *cell = new_cell(report, case_name, metric);

    cell->expected.number = published->number;
    cell->got.number = got;
    cell->error_pct = 100 * (got - published->number) / published->number;
    cell->kind = published->kind;
    cell->verdict = GW_VERDICT_NONE;
    if (!isnan(published->tolerance_pct)) {
        cell->verdict =
            fabs(cell->error_pct) <= published->tolerance_pct ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
    }
}

void
gw_pack_bound(struct gw_pack_report *report, const char *case_name, const char *metric, double most,
              double got, const char *kind)
{
    struct gw_cell *cell = new_cell(report, case_name, metric);
    char text[40];

    snprintf(text, sizeof text, "below %g", most);
    cell->expected.text = keep(report, text);
    cell->got.number = got;
    cell->kind = kind;
    cell->verdict = got < most ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
}

void
gw_pack_word(struct gw_pack_report *report, const char *case_name, const char *metric,
             const char *expected, const char *got, const char *kind)
{
    struct gw_cell *cell = new_cell(report, case_name, metric);

    cell->expected.text = expected;
    cell->got.text = keep(report, got);
    cell->kind = kind;
    cell->verdict = strcmp(expected, got) == 0 ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
}

void
gw_pack_add_claim(struct gw_pack_report *report, const struct gw_pack_claim *claim,
                  const char *seen, ...)
{
    struct gw_cell *cell = new_cell(report, "claim", claim->id);
    char text[600];
    va_list arguments;

    va_start(arguments, seen);
    vsnprintf(text, sizeof text, seen, arguments);
    va_end(arguments);
    cell->expected.text = claim->claim;
    cell->got.text = keep(report, text);
    cell->kind = "claim";
    cell->note = claim->rule;
    cell->verdict = claim->verdict;
}

void
gw_pack_report_clear(struct gw_pack_report *report)
{
    for (size_t i = 0; i < report->text_count; i++) {
        free(report->texts[i]);
    }
}
