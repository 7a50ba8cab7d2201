/* figures_heat.c - where the guest writes, and when: as far as a run keeps it.
 *
 * Idea      A run keeps the writes to each of 512 regions of its disks, over the whole run: they are
 *           shown along the disks, and as a map of lines that follow each other. When things were
 *           dirtied is known for all of a disk or memory only: a line of that map is a run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "results/figures_shared.h"
#include "results/style.h"

enum { MAP_LINES = 16, COLUMNS_MOST = 64, TIME_STEPS = 100 };

static const struct gw_result *
run_with_heat(const struct gw_study *study)
{
    for (size_t i = 0; i < study->count; i++) {
        const struct gw_series *heat = &study->results[i]->series[GW_SERIES_HEAT];
        for (size_t row = 0; row < heat->rows; row++) {
            if (gw_series_number(heat, row, 1) > 0.0) {
                return study->results[i];
            }
        }
    }
    return NULL;
}

static double
heat_bytes(const struct gw_series *heat)
{
    return heat->rows < 2 ? 1.0
                          : gw_series_number(heat, heat->rows - 1, 0) +
                                gw_series_number(heat, 1, 0) - gw_series_number(heat, 0, 0);
}

struct gw_figure *
gw_figure_heat(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = run_with_heat(study);
    struct gw_points points;
    char label[60];

    if (result == NULL) {
        return NULL;
    }
    struct gw_unit unit = gw_unit_of_bytes(heat_bytes(&result->series[GW_SERIES_HEAT]));
    snprintf(label, sizeof label, "Disk Offset (%s)", unit.name);
    struct gw_figure *figure = gw_figure_create(plan->title, label, "Writes in the region");
    bool ok = gw_points_take(&result->series[GW_SERIES_HEAT], 0, 1, GW_POINTS_MEAN, &points);
    if (ok && figure != NULL) {
        gw_points_scale(&points, unit.scale, 1.0);
        gw_points_add(figure, &points, GW_FIGURE_IMPULSES, "read-source", NULL);
        gw_figure_set_y_range(figure, 0.0, NAN);
        gw_figure_describe_run(figure, result,
                               "; writes of the guest by region of its disks, end to end, in the"
                               " whole run");
    }
    gw_points_clear(&points);
    return figure;
}

static void
add_map_line(struct gw_figure *figure, const struct gw_series *heat, size_t line, size_t columns)
{
    double x[COLUMNS_MOST], y[COLUMNS_MOST], low[COLUMNS_MOST], high[COLUMNS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < columns && line * columns + i < heat->rows; i++) {
        x[i] = (double)i + 0.5;
        y[i] = gw_series_number(heat, line * columns + i, 1);
        low[i] = (double)line;
        high[i] = (double)line + 1.0;
        count++;
    }
    gw_figure_add_series(figure, &(struct gw_figure_series){.style = "heat-line",
                                                            .kind = GW_FIGURE_CELLS,
                                                            .count = count,
                                                            .x = x,
                                                            .y = y,
                                                            .low = low,
                                                            .high = high,
                                                            .width = 1.0});
}

static void
name_map_axes(struct gw_figure *figure, const struct gw_series *heat, size_t columns)
{
    double region = heat_bytes(heat) / (double)heat->rows;
    struct gw_unit line = gw_unit_of_bytes(region * (double)columns);
    struct gw_unit all = gw_unit_of_bytes(heat_bytes(heat));

    for (size_t i = 0; i <= columns; i += columns / 4) {
        char text[40];
        snprintf(text, sizeof text, "%.3g %s", region * (double)i * line.scale, line.name);
        gw_figure_add_x_tic(figure, (double)i, text);
    }
    for (size_t i = 0; i < MAP_LINES; i += 2) {
        char text[40];
        snprintf(text, sizeof text, "%.3g %s", region * (double)(columns * i) * all.scale,
                 all.name);
        gw_figure_add_y_tic(figure, (double)i, text);
    }
    gw_figure_set_x_range(figure, 0.0, (double)columns);
    gw_figure_set_y_range(figure, MAP_LINES, 0.0);
}

struct gw_figure *
gw_figure_heat_map(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = run_with_heat(study);
    struct gw_figure *figure =
        gw_figure_create(plan->title, "Offset in the line", "Line begins at");

    if (result == NULL || figure == NULL) {
        gw_figure_destroy(figure);
        return NULL;
    }
    const struct gw_series *heat = &result->series[GW_SERIES_HEAT];
    size_t columns = (heat->rows + MAP_LINES - 1) / MAP_LINES;
    columns = columns < 4 ? 4 : columns > COLUMNS_MOST ? (size_t)COLUMNS_MOST : columns;
    for (size_t line = 0; line < MAP_LINES; line++) {
        add_map_line(figure, heat, line, columns);
    }
    name_map_axes(figure, heat, columns);
    gw_figure_set_colour_label(figure, "Writes in the region");
    gw_figure_describe_run(
        figure, result,
        "; its disks end to end, line by line; writes of the guest in the whole run");
    return figure;
}

/* ---- when ------------------------------------------------------------------------------------------ */

struct span {
    double step_s;
    enum gw_series_id id;
    int column;
};

/* Mean of the rows in each step; a step without rows has the value of the one before it. */
static void
add_time_line(struct gw_figure *figure, const struct gw_result *result, const struct span *span,
              double line)
{
    const struct gw_series *series = &result->series[span->id];
    double x[TIME_STEPS], y[TIME_STEPS], low[TIME_STEPS], high[TIME_STEPS];
    double start_s = gw_result_start_s(result);
    double known_s = span->id == GW_SERIES_PROGRESS ? gw_series_known_s(series) : -INFINITY;
    double found_s = span->id == GW_SERIES_MEMORY ? gw_result_dirty_known_s(result) : -INFINITY;
    size_t row = 0;
    double last = 0.0;

    for (size_t i = 0; i < TIME_STEPS; i++) {
        double sum = 0.0;
        size_t rows = 0;
        double end_s = start_s + ((double)i + 1.0) * span->step_s;
        while (row < series->rows && gw_series_number(series, row, GW_COLUMN_TIME) < end_s) {
            double t_s = gw_series_number(series, row, GW_COLUMN_TIME);
            sum +=
                t_s >= start_s && t_s > known_s ? gw_series_number(series, row, span->column) : 0.0;
            rows += t_s >= start_s;
            row++;
        }
        last = rows > 0 ? sum / (double)rows : last;
        x[i] = ((double)i + 0.5) * span->step_s;
        y[i] = (row == series->rows && rows == 0) || end_s <= found_s ? NAN : last / 1e6;
        low[i] = line + 0.06;
        high[i] = line + 0.94;
    }
    gw_figure_add_series(figure, &(struct gw_figure_series){.style = result->architecture,
                                                            .kind = GW_FIGURE_CELLS,
                                                            .count = TIME_STEPS,
                                                            .x = x,
                                                            .y = y,
                                                            .low = low,
                                                            .high = high,
                                                            .width = span->step_s});
}

static double
length_s(const struct gw_result *result, enum gw_series_id id)
{
    const struct gw_series *series = &result->series[id];
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];

    return isfinite(time_s) ? time_s
                            : gw_series_number(series, series->rows - 1, GW_COLUMN_TIME) -
                                  gw_result_start_s(result);
}

static void
describe_lines(struct gw_figure *figure, const struct gw_study *subset,
               const struct gw_result *first, const char *shown)
{
    char caption[600];
    char parameters[240];

    gw_study_list_common(subset, parameters, sizeof parameters);
    snprintf(caption, sizeof caption,
             "%.80s%s; a line a run (replication %lld): when the guest dirtied, not where%s%s",
             first->scenario, parameters, (long long)first->replication,
             first->series[GW_SERIES_PROGRESS].rows > 0
                 ? " (what remains now and was copied, less what remained)"
                 : "; blank before the first pass ended, as it is not known then",
             shown);
    gw_figure_set_caption(figure, caption);
}

struct gw_figure *
gw_figure_dirty_map(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *cases[GW_CASES_MOST];
    struct span span = {0.0, GW_SERIES_MEMORY, 1};
    size_t count = gw_study_cases(study, span.id, cases);
    struct gw_study subset;

    if (count == 0) {
        span = (struct span){0.0, GW_SERIES_PROGRESS, 3};
        count = gw_study_cases(study, span.id, cases);
    }
    for (size_t i = 0; i < count; i++) {
        span.step_s = fmax(span.step_s, length_s(cases[i], span.id) / TIME_STEPS);
    }
    struct gw_figure *figure = gw_figure_create(plan->title, "Time since the request (s)", "");
    if (figure == NULL || count == 0 || !gw_study_typical(study, &subset)) {
        gw_figure_destroy(figure);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        char legend[GW_LEGEND_BYTES];
        gw_study_legend(&subset, cases[i], NULL, legend);
        add_time_line(figure, cases[i], &span, (double)i);
        gw_figure_add_y_tic(figure, (double)i + 0.5, legend);
    }
    char shown[GW_SHOWN_BYTES];
    gw_study_say_shown(count, gw_study_count_cases(study, span.id), shown);
    describe_lines(figure, &subset, cases[0], shown);
    free(subset.results);
    gw_figure_set_x_range(figure, 0.0, span.step_s * TIME_STEPS);
    gw_figure_set_y_range(figure, (double)count, 0.0);
    gw_figure_set_colour_label(figure, "Dirtied (MB/s)");
    return figure;
}
