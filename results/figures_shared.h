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

#endif
