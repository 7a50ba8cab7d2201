/* figures_bars.c - results side by side: a bar for each architecture and load.
 *
 * Idea      The number stands on its bar, and where no run completed the outcome stands in its place:
 *           the figure is the table. Several replications give a mean with its 95 % t-interval.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/statistics.h"
#include "results/style.h"

struct work {
    const struct gw_study *study;
    size_t *firsts;
    double *values;
    size_t bars;
    size_t n_least, n_most;
};

struct bar {
    double mean, half;
    size_t n;
    const char *outcome; /* of a run that did not complete */
};

static struct bar
bar_of(const struct work *work, enum gw_metric metric, const char *legend)
{
    char other[GW_LEGEND_BYTES];
    struct gw_summary summary;
    struct bar bar = {NAN, 0.0, 0, ""};

    for (size_t i = 0; i < work->study->count; i++) {
        const struct gw_result *result = work->study->results[i];
        gw_study_legend(work->study, result, NULL, other);
        if (strcmp(legend, other) != 0) {
            continue;
        }
        if (result->outcome != GW_COMPLETED) {
            bar.outcome = result->outcome == GW_NOT_CONVERGED ? "did not converge" : "failed";
        } else if (isfinite(result->metric[metric])) {
            work->values[bar.n++] = result->metric[metric];
        }
    }
    gw_summary_of(work->values, bar.n, 0.95, &summary);
    bar.mean = bar.n == 0 ? NAN : summary.mean;
    bar.half = bar.n == 0 || isnan(summary.half_width) ? 0.0 : summary.half_width;
    return bar;
}

static void
add_bar(struct gw_figure *figure, const struct bar *bar, double x, double scale, const char *style)
{
    double y = bar->mean * scale;
    double low = y - bar->half * scale;
    double high = y + bar->half * scale;
    char note[64];
    struct gw_figure_series series = {
        .style = style, .kind = GW_FIGURE_BOXES, .count = 1, .x = &x, .y = &y};

    if (bar->n == 0) {
        snprintf(note, sizeof note, "%s", bar->outcome);
    } else {
        snprintf(note, sizeof note, "%.4g", y);
    }
    gw_figure_add_note(figure, x, bar->n == 0 ? 0.0 : high, note);
    gw_figure_add_series(figure, &series);
    if (bar->n > 1) {
        series.style = "interval";
        series.kind = GW_FIGURE_POINTS;
        series.low = &low;
        series.high = &high;
        gw_figure_add_series(figure, &series);
    }
}

static double
tallest_of(const struct work *work, enum gw_metric metric)
{
    double tallest = 0.0;

    for (size_t i = 0; i < work->bars; i++) {
        char legend[GW_LEGEND_BYTES];
        gw_study_legend(work->study, work->study->results[work->firsts[i]], NULL, legend);
        struct bar bar = bar_of(work, metric, legend);
        tallest = bar.n > 0 ? fmax(tallest, bar.mean + bar.half) : tallest;
    }
    return tallest;
}

static void
add_bars(struct gw_figure *figure, struct work *work, enum gw_metric metric, double scale)
{
    double tallest = scale * tallest_of(work, metric);

    for (size_t i = 0; i < work->bars; i++) {
        char legend[GW_LEGEND_BYTES];
        char style[GW_STYLE_BYTES];
        gw_study_legend(work->study, work->study->results[work->firsts[i]], NULL, legend);
        gw_study_style(work->study, work->firsts, work->bars, i, style);
        struct bar bar = bar_of(work, metric, legend);
        if (bar.n > 0) {
            work->n_least = bar.n < work->n_least ? bar.n : work->n_least;
            work->n_most = bar.n > work->n_most ? bar.n : work->n_most;
        }
        add_bar(figure, &bar, (double)i + 1.0, scale, style);
    }
    gw_figure_set_y_range(figure, 0.0, tallest > 0.0 ? 1.2 * tallest : 1.0);
}

/* Bars are narrow: "Incr. DBT 2x" for incremental DBT at an intensity of 2, as the talk has it; an
 * architecture that all bars share is not said. */
static void
bar_label(const struct work *work, size_t index, char out[GW_LEGEND_BYTES])
{
    static const char load[] = " intensity=";
    static const char word[] = "Incremental";
    const struct gw_result *first = work->study->results[work->firsts[index]];
    const char *shared = gw_style_label(first->architecture);
    char legend[GW_LEGEND_BYTES];
    bool one = true;

    for (size_t i = 0; i < work->bars; i++) {
        const struct gw_result *other = work->study->results[work->firsts[i]];
        one = one && strcmp(other->architecture, first->architecture) == 0;
    }
    gw_study_legend(work->study, first, NULL, legend);
    if (one && strlen(legend) > strlen(shared)) {
        snprintf(out, GW_LEGEND_BYTES, "%s", legend + strlen(shared) + 1);
        return;
    }
    bool is_long = strncmp(legend, word, sizeof word - 1) == 0;
    const char *name = is_long ? legend + sizeof word - 1 : legend;
    const char *at = strstr(name, load);
    int length = at == NULL ? (int)strlen(name) : (int)(at - name);

    snprintf(out, GW_LEGEND_BYTES, "%s%.*s%s%s%s", is_long ? "Incr." : "", length, name,
             at == NULL ? "" : " ", at == NULL ? "" : at + sizeof load - 1, at == NULL ? "" : "x");
}

static void
describe(struct gw_figure *figure, const struct work *work)
{
    const struct gw_study *study = work->study;
    char caption[400];
    char n[60];

    snprintf(n, sizeof n, work->n_least == work->n_most ? "%zu" : "%zu to %zu",
             work->n_most == 0 ? 0 : work->n_least, work->n_most);
    if (work->n_most <= 1) {
        snprintf(caption, sizeof caption, "%.80s: one run each", study->results[0]->scenario);
    } else {
        snprintf(caption, sizeof caption, "%.80s: mean of %s replications, 95 %% t-interval%s",
                 study->results[0]->scenario, n,
                 gw_study_is_common(study) ? ", common random numbers" : "");
    }
    gw_figure_set_caption(figure, caption);
}

static void
fill(struct gw_figure *figure, struct work *work, struct gw_unit time)
{
    struct gw_unit stop = gw_unit_of_time(tallest_of(work, GW_METRIC_DOWNTIME_S));
    char label[40];

    add_bars(figure, work, GW_METRIC_MIGRATION_TIME_S, time.scale);
    snprintf(label, sizeof label, "Downtime (%s)", stop.name);
    gw_figure_add_panel(figure, label, 1.0);
    add_bars(figure, work, GW_METRIC_DOWNTIME_S, stop.scale);
    for (size_t i = 0; i < work->bars; i++) {
        char tic[GW_LEGEND_BYTES];
        bar_label(work, i, tic);
        gw_figure_add_x_tic(figure, (double)i + 1.0, tic);
    }
    gw_figure_set_x_range(figure, 0.4, (double)work->bars + 0.6);
    describe(figure, work);
}

struct gw_figure *
gw_figure_results(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    struct work work = {.study = study,
                        .firsts = calloc(study->count + 1, sizeof(size_t)),
                        .values = calloc(study->count + 1, sizeof(double)),
                        .n_least = SIZE_MAX};
    struct gw_figure *figure = NULL;

    if (work.firsts != NULL && work.values != NULL) {
        char label[40];
        work.bars = gw_study_legends(study, NULL, work.firsts);
        struct gw_unit time = gw_unit_of_time(tallest_of(&work, GW_METRIC_MIGRATION_TIME_S));
        snprintf(label, sizeof label, "Migration Time (%s)", time.name);
        figure = gw_figure_create(plan->title, "", label);
        if (figure != NULL) {
            fill(figure, &work, time);
        }
    }
    free(work.firsts);
    free(work.values);
    return figure;
}
