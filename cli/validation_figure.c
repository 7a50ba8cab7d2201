/* validation_figure.c - predicted against measured figures, a point a case.
 *
 * Idea      Both axes are logarithmic, so a distance from the diagonal is a factor: the band is
 *           ten percent everywhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validation.h"
#include "results/figure.h"

static const struct picture {
    const char *name, *title;
    const char *measured, *predicted; /* axes */
    const char *metric;
} pictures[] = {
    {"measured-time", "Migration Time, Predicted and Measured", "Measured (s)", "Predicted (s)",
     "total_time_s"},
    {"measured-ready", "Time Until Ready, Predicted and Measured", "Measured (s)", "Predicted (s)",
     "ready_time_s"},
    {"measured-bytes", "Bytes Sent, Predicted and Measured", "Measured (bytes)",
     "Predicted (bytes)", "bytes_sent"},
    {"measured-iops", "Guest IOPS During the Migration, Predicted and Measured", "Measured (IO/s)",
     "Predicted (IO/s)", "guest_iops_during"},
};

/* The points of one group; room for one of each cell. */
struct points {
    double *x, *y;
    size_t count;
    double least, most; /* over all groups */
};

static void
take_points(const struct gw_validation *work, const struct picture *picture, const char *group,
            struct points *points)
{
    points->count = 0;
    for (size_t i = 0; i < work->cell_count; i++) {
        const struct gw_cell *cell = &work->cells[i];
        double x = cell->expected.number;
        double y = cell->got.number;

        if (strcmp(picture->metric, cell->metric) == 0 && x > 0 && y > 0 && isfinite(y) &&
            strcmp(work->measured[work->cell_cases[i]].group, group) == 0) {
            points->x[points->count] = x;
            points->y[points->count++] = y;
            points->least = fmin(points->least, fmin(x, y));
            points->most = fmax(points->most, fmax(x, y));
        }
    }
}

static void
add_diagonal(struct gw_figure *figure, double least, double most)
{
    const double ends[] = {least, most};
    const double low[] = {0.9 * least, 0.9 * most};
    const double high[] = {1.1 * least, 1.1 * most};

    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = "within 10 %",
                                                            .style = "band",
                                                            .kind = GW_FIGURE_FILLED,
                                                            .count = 2,
                                                            .x = ends,
                                                            .y = ends,
                                                            .low = low,
                                                            .high = high});
    gw_figure_add_series(
        figure,
        &(struct gw_figure_series){
            .style = "diagonal", .kind = GW_FIGURE_LINES, .count = 2, .x = ends, .y = ends});
}

static void
add_group(struct gw_figure *figure, const char *group, const struct points *points)
{
    char style[32];
    char legend[40];

    snprintf(style, sizeof style, "group-%.16s", group);
    snprintf(legend, sizeof legend, "%.16s (%zu)", group, points->count);
    if (points->count > 0) {
        gw_figure_add_series(figure, &(struct gw_figure_series){.legend = legend,
                                                                .style = style,
                                                                .kind = GW_FIGURE_POINTS,
                                                                .count = points->count,
                                                                .x = points->x,
                                                                .y = points->y});
    }
}

/* Adds the groups when figure is not NULL; the limits of the points in any case. */
static void
visit_groups(const struct gw_validation *work, const struct picture *picture, struct points *points,
             struct gw_figure *figure)
{
    for (size_t i = 0; i < work->count; i++) {
        if (gw_validation_opens_group(work, i)) {
            take_points(work, picture, work->measured[i].group, points);
            if (figure != NULL) {
                add_group(figure, work->measured[i].group, points);
            }
        }
    }
}

static bool
draw(const struct gw_validation *work, const struct picture *picture, const char *directory,
     struct points *points, struct gw_error *err)
{
    struct gw_figure *figure;
    bool fine;

    points->least = INFINITY;
    points->most = 0;
    visit_groups(work, picture, points, NULL);
    if (!(points->most > 0)) {
        return true;
    }
    figure = gw_figure_create(picture->title, picture->measured, picture->predicted);
    if (figure == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for figure %s", picture->name);
    }
    add_diagonal(figure, points->least / 1.25, points->most * 1.25);
    visit_groups(work, picture, points, figure);
    gw_figure_set_x_log(figure, 10);
    gw_figure_set_y_log(figure, 10);
    gw_figure_set_x_range(figure, points->least / 1.3, points->most * 1.3);
    gw_figure_set_y_range(figure, points->least / 1.3, points->most * 1.3);
    gw_figure_set_square(figure);
    gw_figure_set_caption(figure, "a point a case, by group; on the line: as measured");
    fine = gw_figure_write(figure, directory, picture->name, GW_FIGURE_SVG | GW_FIGURE_PNG, err);
    gw_figure_destroy(figure);
    return fine;
}

bool
gw_validation_draw_errors(const struct gw_validation *work, const char *directory,
                          struct gw_error *err)
{
    struct points points = {
        .x = calloc(work->cell_count + 1, sizeof(double)),
        .y = calloc(work->cell_count + 1, sizeof(double)),
    };
    bool fine = true;

    if (points.x == NULL || points.y == NULL) {
        free(points.x);
        free(points.y);
        return gw_fail(err, GW_ENOMEM, "out of memory for the figures");
    }
    for (size_t i = 0; fine && i < sizeof pictures / sizeof pictures[0]; i++) {
        fine = draw(work, &pictures[i], directory, &points, err);
    }
    free(points.x);
    free(points.y);
    return fine;
}
