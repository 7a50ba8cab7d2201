/* figures_shared.h - what the figure generators share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURES_SHARED_H
#define GW_FIGURES_SHARED_H

#include "base/setting.h"
#include "results/figures_run.h"

/* The runs of one scenario and guest. */
struct gw_study {
    const struct gw_result **results; /* owned by whoever made the study */
    size_t count;
    const char
        *panel; /* parameter that has a panel for each value, so no legend names it; or NULL */
};

/* Whether a parameter takes several values that are numbers of one kind: sizes, times, rates ... */
bool gw_study_varies(const struct gw_study *study, const char *parameter);
bool gw_study_takes_several(const struct gw_study *study, const char *parameter);
/* Whether the parameter is what names the architecture. */
bool gw_study_is_architecture(const struct gw_study *study, const char *parameter);

/* A parameter that varies as an axis. */
struct gw_axis {
    const char *parameter;
    enum gw_setting_type type;
    bool one_unit;   /* all values are written with the same unit */
    double scale;    /* from base units to those of the axis */
    char unit[24];   /* of the axis, or "" */
    char label[120]; /* "write_rate (MB/s)" */
};
/* False: it does not vary over numbers. */
bool gw_axis_make(const struct gw_study *study, const char *parameter, struct gw_axis *axis);
/* Where a run lies on it. */
double gw_axis_place(const struct gw_axis *axis, const struct gw_result *result);

/* The runs at the middle of all numbers that vary; words (architectures, kinds) still differ.
 * Makes subset->results, which the caller frees. False: memory out. */
bool gw_study_typical(const struct gw_study *study, struct gw_study *subset);

/* One run for each legend of the typical runs that has rows of the series, at most GW_CASES_MOST;
 * returns how many. */
enum { GW_CASES_MOST = 12 };
size_t gw_study_cases(const struct gw_study *study, enum gw_series_id id,
                      const struct gw_result *cases[GW_CASES_MOST]);
/* "; 6 of 14 are shown", or "" when these are all of them. */
enum { GW_SHOWN_BYTES = 64 };
void gw_study_say_shown(size_t shown, size_t all, char out[GW_SHOWN_BYTES]);
/* The same of cases: how many there are. */
size_t gw_study_count_cases(const struct gw_study *study, enum gw_series_id id);

/* Style of curve `index` of the curves with these first runs: its architecture's, as a variant
 * where several have the same; of one architecture alone, a series of its own. */
enum { GW_STYLE_BYTES = 64 };
void gw_study_style(const struct gw_study *study, const size_t *firsts, size_t count, size_t index,
                    char out[GW_STYLE_BYTES]);
void gw_cases_style(const struct gw_result *const *cases, size_t count, size_t index,
                    char out[GW_STYLE_BYTES]);

/* Legend of the curve that a run belongs to when `parameter` (or NULL) is on the x axis:
 * architecture and whatever else varies. */
enum { GW_LEGEND_BYTES = 160 };
void gw_study_legend(const struct gw_study *study, const struct gw_result *result,
                     const char *parameter, char out[GW_LEGEND_BYTES]);

bool gw_study_same_legend(const struct gw_study *study, const char *parameter,
                          const struct gw_result *a, const struct gw_result *b);

/* Indices of the first run of each legend, in the order of the style table; count is returned.
 * `firsts` has room for study->count. */
size_t gw_study_legends(const struct gw_study *study, const char *parameter, size_t *firsts);

/* First run that has rows of the series; architecture NULL: any. NULL: none. */
const struct gw_result *gw_study_run_with(const struct gw_study *study, const char *architecture,
                                          enum gw_series_id id);

/* Time of the first row in which something remains: what seems dirtied up to it is all there is. */
double gw_series_known_s(const struct gw_series *series);

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
/* What remains over the time since the request, from when that is known: before, nothing is counted
 * yet, and no mean mixes the two. `id`: GW_SERIES_PROGRESS or GW_SERIES_MEMORY. */
bool gw_points_take_remaining(const struct gw_result *result, enum gw_series_id id,
                              struct gw_points *points);
void gw_points_scale(struct gw_points *points, double x_scale, double y_scale);
void gw_points_clear(struct gw_points *points);
/* As a series of the figure; legend may be NULL. */
void gw_points_add(struct gw_figure *figure, const struct gw_points *points,
                   enum gw_figure_kind kind, const char *style, const char *legend);

/* Shades the phases of a run, which names fit; marks where the guest stood, and says for how long in
 * all if `named`. Time 0 is the request. */
void gw_figure_add_phases(struct gw_figure *figure, const struct gw_result *result, bool named);

/* A unit for the largest value of a number of bytes. */
struct gw_unit {
    const char *name;
    double scale;
};
struct gw_unit gw_unit_of_bytes(double most);  /* MiB, GiB, TiB */
struct gw_unit gw_unit_of_time(double most_s); /* us, ms, s */
double gw_points_most(const struct gw_points *points);

/* What is shown before the request and after the end: a tenth of the migration, 1 s at least;
 * everything of a run that did not end. */
double gw_result_margin_s(const struct gw_result *result);
/* Drops the points beyond that; `start_s` is the request on the axis of the points. */
void gw_points_focus(struct gw_points *points, const struct gw_result *result, double start_s);
/* When the rate at which memory is dirtied is first known: at the end of the first pass. INFINITY:
 * never. -INFINITY: the run has no syncs. */
double gw_result_dirty_known_s(const struct gw_result *result);

/* Caption of a figure about one run; `what` is put at its end. */
void gw_figure_describe_run(struct gw_figure *figure, const struct gw_result *result,
                            const char *what);

typedef struct gw_figure *gw_figure_maker(const struct gw_study *study,
                                          const struct gw_figure_plan *plan);

/* ", oio = 8" for each parameter but the architecture that all runs of the study share. */
void gw_study_list_common(const struct gw_study *study, char *out, size_t size);
/* "common random numbers" is true of them: one seed, so replications meet the same guests. */
bool gw_study_is_common(const struct gw_study *study);

gw_figure_maker gw_figure_migration_time;
gw_figure_maker gw_figure_downtime;
gw_figure_maker gw_figure_penalty;
gw_figure_maker gw_figure_bytes_sent;
gw_figure_maker gw_figure_throttle;
gw_figure_maker gw_figure_guest_rate;
gw_figure_maker gw_figure_results;
gw_figure_maker gw_figure_iops;
gw_figure_maker gw_figure_convergence;
gw_figure_maker gw_figure_heat;
gw_figure_maker gw_figure_heat_map;
gw_figure_maker gw_figure_iterations;
gw_figure_maker gw_figure_passes;
gw_figure_maker gw_figure_lock;
gw_figure_maker gw_figure_memory;
gw_figure_maker gw_figure_storage;
gw_figure_maker gw_figure_guest_speed;
gw_figure_maker gw_figure_guest_iops;
gw_figure_maker gw_figure_guest_phases;
gw_figure_maker gw_figure_dirty_map;

#endif
