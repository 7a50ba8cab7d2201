/* figures_latency.c - the guest's IO before, during and after the migration, side by side.
 *
 * Idea      Replications are pooled: latencies are quantiles of the merged histograms, IOPS are means
 *           with their interval. Each architecture has its own place in a group, so that markers do
 *           not cover each other. Phases of the run are places on the x axis, not times.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "results/figures_shared.h"
#include "results/statistics.h"
#include "results/style.h"

enum { PHASES = 3, QUANTILES = 3, PLACES = PHASES * QUANTILES };

static const char LATENCY_LABEL[] = "IO Latency (ms)";

static const double GROUP_SHARE = 0.7; /* of a place that markers and bars take */

static const struct {
    const char *name;
    enum gw_metric iops;
    enum gw_distribution latency;
} phases[PHASES] = {
    {"before", GW_METRIC_GUEST_IOPS_BEFORE, GW_LATENCY_BEFORE_NS},
    {"during", GW_METRIC_GUEST_IOPS_DURING, GW_LATENCY_DURING_NS},
    {"after", GW_METRIC_GUEST_IOPS_AFTER, GW_LATENCY_AFTER_NS},
};

static const struct {
    const char *name;
    double share;
} quantiles[QUANTILES] = {{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}};

/* The typical runs by legend. */
struct work {
    struct gw_study subset;
    size_t *firsts;
    double *values;
    size_t count, all; /* legends shown, and there */
    double most;       /* upper end of the intervals of IOPS */
};

static bool
is_of(const struct work *work, const struct gw_result *result, size_t index)
{
    return gw_study_same_legend(&work->subset, NULL, work->subset.results[work->firsts[index]],
                                result);
}

/* Middle of the group of a phase, with the curves spread around it. */
static double
place_of(const struct work *work, double middle, double width, size_t index)
{
    double step = GROUP_SHARE * width / (double)work->count;

    return middle + step * ((double)index - ((double)work->count - 1.0) / 2.0);
}

static void
add_iops(struct gw_figure *figure, struct work *work, size_t index, const char *style)
{
    double x[PHASES], y[PHASES], low[PHASES], high[PHASES], zero[PHASES] = {0};
    struct gw_figure_series series = {.style = style,
                                      .kind = GW_FIGURE_BOXES,
                                      .count = PHASES,
                                      .x = x,
                                      .y = y,
                                      .low = zero,
                                      .high = y,
                                      .width = GROUP_SHARE * QUANTILES / (double)work->count};
    char legend[GW_LEGEND_BYTES];

    for (size_t phase = 0; phase < PHASES; phase++) {
        struct gw_summary summary;
        size_t count = 0;
        for (size_t i = 0; i < work->subset.count; i++) {
            const struct gw_result *result = work->subset.results[i];
            double value = result->metric[phases[phase].iops];
            if (isfinite(value) && is_of(work, result, index)) {
                work->values[count++] = value;
            }
        }
        gw_summary_of(work->values, count, 0.95, &summary);
        double half = isnan(summary.half_width) ? 0.0 : summary.half_width;
        x[phase] = place_of(work, QUANTILES * (double)phase + 2.0, QUANTILES, index);
        y[phase] = count == 0 ? NAN : summary.mean;
        low[phase] = y[phase] - half;
        high[phase] = y[phase] + half;
        work->most = fmax(work->most, high[phase]);
    }
    gw_study_legend(&work->subset, work->subset.results[work->firsts[index]], NULL, legend);
    series.legend = legend;
    gw_figure_add_series(figure, &series);
    series.legend = NULL;
    series.kind = GW_FIGURE_POINTS;
    series.style = "interval";
    series.low = low;
    series.high = high;
    gw_figure_add_series(figure, &series);
}

static void
add_latency(struct gw_figure *figure, const struct work *work, size_t index, const char *style)
{
    double x[PLACES], y[PLACES];

    for (size_t phase = 0; phase < PHASES; phase++) {
        struct gw_histogram merged = {0};
        for (size_t i = 0; i < work->subset.count; i++) {
            const struct gw_result *result = work->subset.results[i];
            const struct gw_histogram *one = &result->distribution[phases[phase].latency];
            if (one->total > 0 && is_of(work, result, index)) {
                gw_histogram_merge(&merged, one);
            }
        }
        for (size_t i = 0; i < QUANTILES; i++) {
            size_t at = phase * QUANTILES + i;
            double ns = (double)gw_histogram_quantile(&merged, quantiles[i].share);
            x[at] = place_of(work, (double)at + 1.0, 1.0, index);
            y[at] = merged.total == 0 || ns <= 0.0 ? NAN : ns / 1e6;
        }
        gw_histogram_clear(&merged);
    }
    gw_figure_add_series(
        figure, &(struct gw_figure_series){
                    .style = style, .kind = GW_FIGURE_POINTS, .count = PLACES, .x = x, .y = y});
}

static void
add_phase_shades(struct gw_figure *figure, bool named)
{
    for (size_t phase = 0; phase < PHASES; phase++) {
        double from = QUANTILES * (double)phase + 0.5;
        gw_figure_add_shade(figure, from, from + QUANTILES, named ? phases[phase].name : "");
    }
}

/* A guest whose IOs are not counted may have latencies nevertheless. */
static bool
has_iops(const struct work *work)
{
    for (size_t i = 0; i < work->subset.count * PHASES; i++) {
        if (isfinite(work->subset.results[i / PHASES]->metric[phases[i % PHASES].iops])) {
            return true;
        }
    }
    return false;
}

/* "3 runs", "1 to 3 runs"; the most. */
static size_t
print_runs(const struct work *work, char *out, size_t size)
{
    size_t least = work->subset.count;
    size_t most = 0;

    for (size_t index = 0; index < work->count; index++) {
        size_t runs = 0;
        for (size_t i = 0; i < work->subset.count; i++) {
            runs += is_of(work, work->subset.results[i], index);
        }
        least = runs < least ? runs : least;
        most = runs > most ? runs : most;
    }
    if (least < most) {
        snprintf(out, size, "%zu to %zu runs", least, most);
    } else {
        snprintf(out, size, "%zu run%s", most, most == 1 ? "" : "s");
    }
    return most;
}

static void
describe(struct gw_figure *figure, const struct work *work)
{
    char caption[600];
    char parameters[240];
    char runs[60];
    char shown[GW_SHOWN_BYTES];
    size_t most = print_runs(work, runs, sizeof runs);

    gw_study_list_common(&work->subset, parameters, sizeof parameters);
    gw_study_say_shown(work->count, work->all, shown);
    snprintf(caption, sizeof caption,
             "%.80s%s; %s of each%s; latencies of all runs pooled, all operations (log scale)%s",
             work->subset.results[0]->scenario, parameters, runs,
             most > 1 && has_iops(work) ? ", bars: mean and 95 % t-interval" : "", shown);
    gw_figure_set_caption(figure, caption);
}

static void
add_iops_panel(struct gw_figure *figure, struct work *work)
{
    char style[GW_STYLE_BYTES];

    add_phase_shades(figure, true);
    for (size_t i = 0; i < work->count; i++) {
        gw_study_style(&work->subset, work->firsts, work->count, i, style);
        add_iops(figure, work, i, style);
    }
    gw_figure_set_y_range(figure, 0.0, work->most > 0.0 ? 1.05 * work->most : 1.0);
    gw_figure_add_panel(figure, LATENCY_LABEL, 1.3);
}

static void
fill(struct gw_figure *figure, struct work *work)
{
    char style[GW_STYLE_BYTES];
    bool counted = has_iops(work);

    if (counted) {
        add_iops_panel(figure, work);
    }
    add_phase_shades(figure, !counted);
    for (size_t i = 0; i < work->count; i++) {
        gw_study_style(&work->subset, work->firsts, work->count, i, style);
        add_latency(figure, work, i, style);
    }
    gw_figure_set_y_log(figure, 10.0);
    gw_figure_set_x_range(figure, 0.5, PLACES + 0.5);
    for (size_t i = 0; i < PLACES; i++) {
        gw_figure_add_x_tic(figure, (double)i + 1.0, quantiles[i % QUANTILES].name);
    }
    describe(figure, work);
}

struct gw_figure *
gw_figure_guest_phases(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    struct work work = {.firsts = calloc(study->count + 1, sizeof(size_t)),
                        .values = calloc(study->count + 1, sizeof(double))};
    struct gw_figure *figure = NULL;

    if (gw_study_typical(study, &work.subset) && work.firsts != NULL && work.values != NULL) {
        work.all = gw_study_legends(&work.subset, NULL, work.firsts);
        work.count = work.all < GW_CASES_MOST ? work.all : (size_t)GW_CASES_MOST;
        figure = gw_figure_create(plan->title, "", has_iops(&work) ? "Guest IOPS" : LATENCY_LABEL);
    }
    if (figure != NULL) {
        fill(figure, &work);
    }
    free(work.subset.results);
    free(work.firsts);
    free(work.values);
    return figure;
}
