/* validation_summary.c - the cells of a validation summed up by group and metric.
 *
 * Idea      A row is asked of the cells: groups that it is of, and a metric. Counts are hit or
 *           missed, and a percentage says little of them: a number of syncs should be off by one
 *           at most, a throttle be the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validation.h"

struct summing {
    const struct gw_validation *work;
    double at_least_s;
    double *errors, *predicted; /* room for one of each cell */
    struct gw_cells_summary *rows;
    size_t count;
};

/* Whether the list "A,B" has the word. */
static bool
lists(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* The first number of a case is how long it took. */
static bool
is_long_enough(const struct summing *summing, const struct gw_measured *measured)
{
    return measured->outcome != GW_COMPLETED || measured->count == 0 ||
           measured->numbers[0].expected >= summing->at_least_s;
}

/* groups: NULL for all. */
static bool
belongs(const struct summing *summing, size_t cell, const char *groups, const char *metric)
{
    const struct gw_validation *work = summing->work;
    const struct gw_measured *measured = &work->measured[work->cell_cases[cell]];

    return (groups == NULL || lists(groups, measured->group)) &&
           strcmp(work->cells[cell].metric, metric) == 0 && is_long_enough(summing, measured);
}

struct tally {
    bool hit_or_miss; /* a count: it has a meaning also where there is no percentage */
    size_t count, errors, predicted;
    size_t right, near;
};

static void
count_cell(const struct summing *summing, size_t cell, struct tally *tally)
{
    const struct gw_validation *work = summing->work;
    const struct gw_cell *of = &work->cells[cell];
    double off = fabs(of->got.number - of->expected.number);

    if (of->verdict == GW_VERDICT_NONE && !isfinite(of->error_pct) &&
        (!tally->hit_or_miss || of->note != NULL)) {
        return;
    }
    tally->count++;
    tally->right += of->verdict == GW_VERDICT_OK || off < 0.5;
    tally->near += off < 1.5;
    if (isfinite(of->error_pct)) {
        summing->errors[tally->errors++] = of->error_pct;
        if (!work->measured[work->cell_cases[cell]].fitted) {
            summing->predicted[tally->predicted++] = of->error_pct;
        }
    }
}

static void
add_row(struct summing *summing, const char *groups, const char *metric)
{
    struct gw_cells_summary *row = &summing->rows[summing->count];
    bool throttle = strcmp(metric, "throttle_pct") == 0;
    bool syncs = strcmp(metric, "sync_count") == 0;
    bool judged = throttle || strcmp(metric, "outcome") == 0;
    struct tally tally = {.hit_or_miss = throttle || syncs};

    for (size_t i = 0; i < summing->work->cell_count; i++) {
        if (belongs(summing, i, groups, metric)) {
            count_cell(summing, i, &tally);
        }
    }
    if (tally.count == 0) {
        return;
    }
    *row = (struct gw_cells_summary){
        .group = groups == NULL ? "all" : groups,
        .metric = metric,
        .count = tally.count,
        .right = judged ? (double)tally.right : (double)NAN,
        .within_one = syncs ? (double)tally.near : (double)NAN,
    };
    gw_spread_of(summing->errors, tally.errors, &row->errors);
    gw_spread_of(summing->predicted, tally.predicted, &row->predicted);
    summing->count++;
}

/* Whether no cell before this one is of its metric, in the groups or anywhere. */
static bool
is_first_of_metric(const struct summing *summing, size_t cell, const char *groups)
{
    const char *metric = summing->work->cells[cell].metric;

    for (size_t i = 0; i < cell; i++) {
        if (belongs(summing, i, groups, metric)) {
            return false;
        }
    }
    return belongs(summing, cell, groups, metric);
}

static void
add_groups(struct summing *summing, const char *groups)
{
    for (size_t i = 0; i < summing->work->cell_count; i++) {
        if (is_first_of_metric(summing, i, groups)) {
            add_row(summing, groups, summing->work->cells[i].metric);
        }
    }
}

bool
gw_validation_opens_group(const struct gw_validation *work, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(work->measured[i].group, work->measured[index].group) == 0) {
            return false;
        }
    }
    return true;
}

bool
gw_validation_summary(const struct gw_validation *work, const struct gw_summary_request *request,
                      struct gw_cells_summary **rows, size_t *count, struct gw_error *err)
{
    size_t most = work->cell_count * (2 + request->combine.count) + 1;
    struct summing summing = {
        .work = work,
        .at_least_s = request->at_least_s,
        .errors = calloc(work->cell_count + 1, sizeof(double)),
        .predicted = calloc(work->cell_count + 1, sizeof(double)),
        .rows = calloc(most, sizeof *summing.rows),
    };
    bool fine = summing.errors != NULL && summing.predicted != NULL && summing.rows != NULL;

    for (size_t i = 0; fine && i < work->count; i++) {
        if (gw_validation_opens_group(work, i)) {
            add_groups(&summing, work->measured[i].group);
        }
    }
    for (size_t i = 0; fine && i < request->combine.count; i++) {
        add_groups(&summing, request->combine.items[i]);
    }
    if (fine) {
        add_groups(&summing, NULL);
    }
    free(summing.errors);
    free(summing.predicted);
    *rows = summing.rows;
    *count = summing.count;
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the summary");
}
