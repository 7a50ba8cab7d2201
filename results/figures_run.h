/* figures_run.h - which figures a set of runs can feed, and those figures.
 *
 * Titles and axes are those of the slides of Mashtizadeh et al., USENIX ATC 2011, where a figure
 * has its model there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURES_RUN_H
#define GW_FIGURES_RUN_H

#include "base/result.h"
#include "results/figure.h"

/* One figure that can be made; texts of the results are borrowed. */
struct gw_figure_plan {
    char name[160]; /* "migration-time-vs-oio": file name and --figure */
    char title[160];
    const char *scenario;  /* runs of this scenario ... */
    const char *vm;        /* ... and this guest */
    const char *parameter; /* what lies on the x axis; NULL: none */
    size_t kind;           /* row in the table of figures_run.c */
    size_t number;         /* of the run, where there is a figure for each of several */
};

struct gw_figure_plans {
    struct gw_figure_plan *items;
    size_t count;
};

/* No figure at all is no error. Errors: GW_ENOMEM. */
bool gw_figures_plan(const struct gw_result *const *results, size_t count,
                     struct gw_figure_plans *plans, struct gw_error *err);
void gw_figures_clear(struct gw_figure_plans *plans);

/* From the results that were planned with. NULL and err: GW_ENOMEM. */
struct gw_figure *gw_figures_make(const struct gw_result *const *results, size_t count,
                                  const struct gw_figure_plan *plan, struct gw_error *err);

/* The migration begins with its first phase; a run without phases begins with its series. */
double gw_result_start_s(const struct gw_result *result);

#endif
