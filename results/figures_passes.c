/* figures_passes.c - a migration by its passes: what each one copied, and what it found dirty.
 *
 * Idea      The scale is logarithmic: the first pass moves everything, the last one next to nothing.
 *           Bars begin at the lower edge. A pass of memory ends with a sync of the dirty log, so the
 *           bytes between two syncs are what it sent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>

#include "results/figures_shared.h"
#include "results/style.h"

enum { PAGE_BYTES = 4096, PASSES_MOST = 60, TICS_MOST = 24 };

struct passes {
    double copied[PASSES_MOST], dirty[PASSES_MOST]; /* bytes */
    size_t count;
    size_t left_out;
};

static void
add_pass(struct passes *passes, double copied, double dirty)
{
    if (passes->count == PASSES_MOST) {
        passes->left_out++;
        return;
    }
    passes->copied[passes->count] = copied;
    passes->dirty[passes->count++] = dirty;
}

/* Columns as base/result.h lists them. */
static void
take_passes(const struct gw_result *result, enum gw_series_id id, struct passes *passes)
{
    const struct gw_series *series = &result->series[id];

    *passes = (struct passes){0};
    for (size_t row = 0; row < series->rows; row++) {
        if (id == GW_SERIES_ITERATION) {
            add_pass(passes, gw_series_number(series, row, 3), gw_series_number(series, row, 4));
            continue;
        }
        if (row > 0) {
            add_pass(passes,
                     gw_series_number(series, row, 3) - gw_series_number(series, row - 1, 3),
                     PAGE_BYTES * gw_series_number(series, row, 1));
        }
    }
}

static void
find_range(const struct passes *passes, double *least, double *most)
{
    *least = INFINITY;
    *most = 0.0;
    for (size_t i = 0; i < passes->count; i++) {
        const double both[] = {passes->copied[i], passes->dirty[i]};
        for (size_t k = 0; k < 2; k++) {
            *least = both[k] > 0.0 ? fmin(*least, both[k]) : *least;
            *most = fmax(*most, both[k]);
        }
    }
}

static void
add_bars(struct gw_figure *figure, const struct passes *passes, const double *bytes,
         const char *style, const double look[3])
{
    double x[PASSES_MOST], y[PASSES_MOST], low[PASSES_MOST];

    for (size_t i = 0; i < passes->count; i++) {
        double value = bytes[i] * look[1];
        x[i] = (double)i + 1.0 + look[0];
        y[i] = value > look[2] ? value : NAN;
        low[i] = look[2];
    }
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = gw_style_label(style),
                                                            .style = style,
                                                            .kind = GW_FIGURE_BOXES,
                                                            .count = passes->count,
                                                            .x = x,
                                                            .y = y,
                                                            .low = low,
                                                            .high = y,
                                                            .width = 0.36});
}

struct gw_figure *
gw_figure_passes(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *cases[GW_CASES_MOST];
    size_t count = gw_study_cases(study, GW_SERIES_ITERATION, cases);
    enum gw_series_id id = count > 0 ? GW_SERIES_ITERATION : GW_SERIES_SYNC;
    struct passes passes;
    double least;
    double most;

    count = count > 0 ? count : gw_study_cases(study, id, cases);
    if (plan->number >= count) {
        return NULL;
    }
    take_passes(cases[plan->number], id, &passes);
    find_range(&passes, &least, &most);
    double edge = pow(10.0, floor(log10(isfinite(least) ? least * 1e-6 : 1.0)));
    struct gw_figure *figure =
        gw_figure_create(plan->title, id == GW_SERIES_SYNC ? "Pass (ends with a sync)" : "Pass",
                         "Data (MB, log scale)");
    if (figure == NULL) {
        return NULL;
    }
    add_bars(figure, &passes, passes.copied, id == GW_SERIES_SYNC ? "sent-pass" : "copied",
             (const double[]){-0.19, 1e-6, edge});
    add_bars(figure, &passes, passes.dirty, "found-dirty", (const double[]){0.19, 1e-6, edge});
    gw_figure_set_x_range(figure, 0.4, (double)passes.count + 0.6);
    for (size_t i = 0; passes.count <= TICS_MOST && i < passes.count; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        gw_figure_add_x_tic(figure, (double)i + 1.0, number);
    }
    gw_figure_set_y_log(figure, 10.0);
    gw_figure_set_y_range(figure, edge, most > 0.0 ? 1.6e-6 * most : 10.0 * edge);
    gw_figure_describe_run(figure, cases[plan->number],
                           passes.left_out == 0 ? "" : "; the first 60 passes");
    return figure;
}
