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

#include "results/figures_shared.h"
#include "results/style.h"

enum { POINTS_MOST = 1500 };

static const double NS_PER_S = 1e9;

double
gw_series_number(const struct gw_series *series, size_t row, int column)
{
    if (column == GW_COLUMN_TIME) {
        return (double)series->t_ns[row] / NS_PER_S;
    }
    return series->values[row * series->columns + (size_t)column];
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

void
gw_points_scale(struct gw_points *points, double x_scale, double y_scale)
{
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] *= x_scale;
        points->y[i] *= y_scale;
    }
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

void
gw_figure_describe_run(struct gw_figure *figure, const struct gw_result *result, const char *what)
{
    char caption[240];

    snprintf(caption, sizeof caption, "%s, %s, replication %lld, seed %llu: one run%s",
             result->scenario, gw_style_label(result->architecture), (long long)result->replication,
             (unsigned long long)result->seed, what);
    gw_figure_set_caption(figure, caption);
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
