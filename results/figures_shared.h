/* figures_shared.h - what the figure generators share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURES_SHARED_H
#define GW_FIGURES_SHARED_H

#include "results/figures_run.h"

/* The runs of one scenario and guest. */
struct gw_study {
    const struct gw_result **results; /* owned by whoever made the study */
    size_t count;
};

/* Text of a parameter in a run, or "". */
const char *gw_study_parameter(const struct gw_result *result, const char *name);

/* Whether a parameter takes several values that are numbers with one and the same unit. */
bool gw_study_varies(const struct gw_study *study, const char *parameter);

/* Legend of the curve that a run belongs to when `parameter` (or NULL) is on the x axis:
 * architecture and whatever else varies. */
enum { GW_LEGEND_BYTES = 160 };
void gw_study_legend(const struct gw_study *study, const struct gw_result *result,
                     const char *parameter, char out[GW_LEGEND_BYTES]);

/* Indices of the first run of each legend, in the order of the style table; count is returned.
 * `firsts` has room for study->count. */
size_t gw_study_legends(const struct gw_study *study, const char *parameter, size_t *firsts);

/* First run that has rows of the series; architecture NULL: any. NULL: none. */
const struct gw_result *gw_study_run_with(const struct gw_study *study, const char *architecture,
                                          enum gw_series_id id);

/* Two columns of a series. */
struct gw_points {
    double *x, *y;
    size_t count;
};

enum { GW_COLUMN_TIME = -1 }; /* seconds; the others count from 0 */
enum gw_thinning { GW_POINTS_MEAN, GW_POINTS_PEAK };

double gw_series_number(const struct gw_series *series, size_t row, int column);
/* False: memory out; clear them all the same. */
bool gw_points_take(const struct gw_series *series, int x_column, int y_column,
                    enum gw_thinning thinning, struct gw_points *points);
void gw_points_scale(struct gw_points *points, double x_scale, double y_scale);
void gw_points_clear(struct gw_points *points);
/* As a series of the figure; legend may be NULL. */
void gw_points_add(struct gw_figure *figure, const struct gw_points *points,
                   enum gw_figure_kind kind, const char *style, const char *legend);

/* Caption of a figure about one run; `what` is put at its end. */
void gw_figure_describe_run(struct gw_figure *figure, const struct gw_result *result,
                            const char *what);

typedef struct gw_figure *gw_figure_maker(const struct gw_study *study,
                                          const struct gw_figure_plan *plan);

gw_figure_maker gw_figure_migration_time;
gw_figure_maker gw_figure_downtime;
gw_figure_maker gw_figure_penalty;
gw_figure_maker gw_figure_results;
gw_figure_maker gw_figure_iops;
gw_figure_maker gw_figure_convergence;
gw_figure_maker gw_figure_heat;
gw_figure_maker gw_figure_iterations;
gw_figure_maker gw_figure_lock;
gw_figure_maker gw_figure_guest_rate;
gw_figure_maker gw_figure_memory;
gw_figure_maker gw_figure_guest_speed;

#endif
