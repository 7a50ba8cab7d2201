/* figures_points.c - curves from the series of a run.
 *
 * Idea      Series may be long; what a picture cannot show is thinned to at most 1500 points:
 *           averages for curves, peaks for latencies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"

enum { POINTS_MOST = 1500 };

static const double NS_PER_S = 1e9;
static const double MARGIN_SHARE = 0.1;

double
gw_series_number(const struct gw_series *series, size_t row, int column)
{
    if (column == GW_COLUMN_TIME) {
        return (double)series->t_ns[row] / NS_PER_S;
    }
    return series->values[row * series->columns + (size_t)column];
}

static size_t
known_row(const struct gw_series *series)
{
    size_t row = 0;

    while (row + 1 < series->rows && !(gw_series_number(series, row, 0) > 0.0)) {
        row++;
    }
    return row;
}

double
gw_series_known_s(const struct gw_series *series)
{
    return series->rows == 0 ? 0.0 : gw_series_number(series, known_row(series), GW_COLUMN_TIME);
}

bool
gw_points_take(const struct gw_series *series, int x_column, int y_column,
               enum gw_thinning thinning, struct gw_points *points)
{
    size_t stride = (series->rows + POINTS_MOST - 1) / POINTS_MOST;

    *points = (struct gw_points){calloc(POINTS_MOST, sizeof(double)),
                                 calloc(POINTS_MOST, sizeof(double)), 0};
    if (points->x == NULL || points->y == NULL) {
        return false;
    }
    for (size_t row = 0; row < series->rows; row += stride) {
        size_t end = row + stride < series->rows ? row + stride : series->rows;
        double sum = 0.0;
        double peak = -INFINITY;
        for (size_t i = row; i < end; i++) {
            sum += gw_series_number(series, i, y_column);
            peak = fmax(peak, gw_series_number(series, i, y_column));
        }
        points->x[points->count] = gw_series_number(series, row, x_column);
        points->y[points->count++] = thinning == GW_POINTS_PEAK ? peak : sum / (double)(end - row);
    }
    return true;
}

bool
gw_points_take_remaining(const struct gw_result *result, enum gw_series_id id,
                         struct gw_points *points)
{
    struct gw_series known = result->series[id];
    size_t skipped = known_row(&known);

    known.rows -= skipped;
    known.t_ns += skipped;
    known.values += skipped * known.columns;
    if (!gw_points_take(&known, GW_COLUMN_TIME, 0, GW_POINTS_MEAN, points)) {
        return false;
    }
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] -= gw_result_start_s(result);
    }
    return true;
}

void
gw_points_scale(struct gw_points *points, double x_scale, double y_scale)
{
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] *= x_scale;
        points->y[i] *= y_scale;
    }
}

double
gw_result_margin_s(const struct gw_result *result)
{
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];

    return isfinite(time_s) ? fmax(1.0, MARGIN_SHARE * time_s) : INFINITY;
}

void
gw_points_focus(struct gw_points *points, const struct gw_result *result, double start_s)
{
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    double margin_s = gw_result_margin_s(result);
    size_t kept = 0;

    for (size_t i = 0; i < points->count; i++) {
        double since_s = points->x[i] - start_s;
        if (!(since_s < -margin_s) && !(since_s > time_s + margin_s)) {
            points->x[kept] = points->x[i];
            points->y[kept++] = points->y[i];
        }
    }
    points->count = kept;
}

void
gw_points_clear(struct gw_points *points)
{
    free(points->x);
    free(points->y);
}

void
gw_points_add(struct gw_figure *figure, const struct gw_points *points, enum gw_figure_kind kind,
              const char *style, const char *legend)
{
    gw_figure_add_series(figure, &(struct gw_figure_series){
                                     .legend = legend,
                                     .style = style,
                                     .kind = kind,
                                     .count = points->count,
                                     .x = points->x,
                                     .y = points->y,
                                 });
}

double
gw_points_most(const struct gw_points *points)
{
    double most = 0.0;

    for (size_t i = 0; i < points->count; i++) {
        most = fmax(most, points->y[i]);
    }
    return most;
}

struct gw_unit
gw_unit_of_bytes(double most)
{
    static const struct gw_unit units[] = {
        {"TiB", 1.0 / 1099511627776.0}, {"GiB", 1.0 / 1073741824.0}, {"MiB", 1.0 / 1048576.0}};

    for (size_t i = 0; i + 1 < sizeof units / sizeof units[0]; i++) {
        if (most * units[i].scale >= 1.0) {
            return units[i];
        }
    }
    return units[2];
}

struct gw_unit
gw_unit_of_time(double most_s)
{
    static const struct gw_unit units[] = {{"s", 1.0}, {"ms", 1e3}, {"us", 1e6}};

    for (size_t i = 0; i + 1 < sizeof units / sizeof units[0]; i++) {
        if (!(most_s > 0.0) || most_s * units[i].scale >= 1.0) {
            return units[i];
        }
    }
    return units[2];
}

static void
list_parameters(const struct gw_result *result, const struct gw_study *study, char *out,
                size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < result->parameter_count && used < size; i++) {
        const char *parameter = result->parameter_names[i];
        bool hidden = strcmp(result->parameter_values[i], result->architecture) == 0 ||
                      (study != NULL && gw_study_takes_several(study, parameter));
        if (!hidden) {
            int added = snprintf(out + used, size - used, ", %s = %s",
                                 gw_result_short_name(parameter), result->parameter_values[i]);
            used = added < 0 ? size : used + (size_t)added;
        }
    }
}

void
gw_study_list_common(const struct gw_study *study, char *out, size_t size)
{
    list_parameters(study->results[0], study, out, size);
}

bool
gw_study_is_common(const struct gw_study *study)
{
    for (size_t i = 1; i < study->count; i++) {
        if (study->results[i]->seed != study->results[0]->seed) {
            return false;
        }
    }
    return true;
}

void
gw_figure_describe_run(struct gw_figure *figure, const struct gw_result *result, const char *what)
{
    char caption[500];
    char parameters[240];

    list_parameters(result, NULL, parameters, sizeof parameters);
    snprintf(caption, sizeof caption, "%.80s, %s%s; one run (replication %lld, seed %llu)%s%s",
             result->scenario, gw_style_label(result->architecture), parameters,
             (long long)result->replication, (unsigned long long)result->seed,
             result->outcome == GW_COMPLETED ? "" : ", which did not complete", what);
    gw_figure_set_caption(figure, caption);
}

double
gw_result_dirty_known_s(const struct gw_result *result)
{
    const struct gw_series *syncs = &result->series[GW_SERIES_SYNC];

    if (syncs->rows == 0) {
        return -INFINITY;
    }
    return syncs->rows == 1 ? INFINITY : (double)syncs->t_ns[1] / NS_PER_S;
}

/* Phases that begin with a stop of the guest. */
static bool
is_stop(const char *phase)
{
    static const char *const names[] = {"attach", "snapshot", GW_PHASE_SWITCH_OVER, "cold copy"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], phase) == 0) {
            return true;
        }
    }
    return false;
}

static double
end_of_run_s(const struct gw_result *result, double start_s)
{
    double end_s = result->metric[GW_METRIC_MIGRATION_TIME_S];

    for (size_t id = 0; id < GW_SERIES_COUNT && !isfinite(end_s); id++) {
        const struct gw_series *series = &result->series[id];
        if (series->rows > 0 && (id == GW_SERIES_PROGRESS || id == GW_SERIES_MEMORY)) {
            end_s = (double)series->t_ns[series->rows - 1] / NS_PER_S - start_s;
        }
    }
    return end_s;
}

/* Of several stops only the last has the text: it names their sum. */
static void
add_phase(struct gw_figure *figure, const struct gw_result *result, size_t phase,
          const double span[2], bool named)
{
    char text[64] = "";
    const char *name = phase < result->phase_count ? result->phase_names[phase] : "";
    double downtime_s = result->metric[GW_METRIC_DOWNTIME_S];

    if (!is_stop(name)) {
        gw_figure_add_shade(figure, span[0], span[1], named ? name : "");
        return;
    }
    if (named && strcmp(name, GW_PHASE_SWITCH_OVER) == 0 && isfinite(downtime_s)) {
        struct gw_unit unit = gw_unit_of_time(downtime_s);
        snprintf(text, sizeof text, "downtime %.3g %s in total", downtime_s * unit.scale,
                 unit.name);
    }
    gw_figure_add_stop(figure, span[0], span[1], text);
}

/* Phases of one name that follow each other are one. */
void
gw_figure_add_phases(struct gw_figure *figure, const struct gw_result *result, bool named)
{
    const struct gw_series *phases = &result->series[GW_SERIES_PHASE];
    double start_s = gw_result_start_s(result);
    double end_s = end_of_run_s(result, start_s);
    size_t row = 0;

    while (row < phases->rows) {
        size_t phase = (size_t)gw_series_number(phases, row, 0);
        size_t next = row + 1;
        double from_s = gw_series_number(phases, row, GW_COLUMN_TIME) - start_s;

        while (next < phases->rows && (size_t)gw_series_number(phases, next, 0) == phase) {
            next++;
        }
        double to_s = next < phases->rows ? gw_series_number(phases, next, GW_COLUMN_TIME) - start_s
                                          : fmax(end_s, from_s);
        add_phase(figure, result, phase, (const double[]){from_s, to_s}, named);
        row = next;
    }
}

double
gw_result_start_s(const struct gw_result *result)
{
    const struct gw_series *phases = &result->series[GW_SERIES_PHASE];
    const struct gw_series *progress = &result->series[GW_SERIES_PROGRESS];

    if (phases->rows > 0) {
        return (double)phases->t_ns[0] / NS_PER_S;
    }
    return progress->rows > 0 ? (double)progress->t_ns[0] / NS_PER_S : 0.0;
}
