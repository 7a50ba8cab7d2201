/* baseline.h - what a check compares with: samples of metrics and curves, kept as a JSON file.
 *
 * The file is meant to be read in a review: fixed order, short numbers, one line a replication.
 * What is in memory is rounded as in the file. A zeroed struct gw_baseline is an empty one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BASELINE_H
#define GW_BASELINE_H

#include "results/gate_rules.h"

enum { GW_BASELINE_FORMAT = 1, GW_BASELINE_POINTS = 60, GW_BASELINE_DIGEST = 17 };

/* The replications of one guest, architecture and variation. */
struct gw_baseline_group {
    char *name;                            /* "dbt, workload.oio=4": unique in its case */
    size_t runs;                           /* replications from 0 */
    char (*digests)[GW_BASELINE_DIGEST];   /* runs: of all that was computed, without names */
    size_t completed, failed, unverified;  /* of the runs; the rest did not converge */
    double *metrics[GW_GATE_METRIC_COUNT]; /* runs; NULL: no run has it */
    double end_s;                          /* of the grid of the curves */
    size_t points;
    double *curves[GW_CURVE_COUNT]; /* runs x points; NULL: not all runs have it */
};

struct gw_baseline_case {
    char *name;     /* unique in the file */
    char *scenario; /* as given: "guestperf/defaults" */
    char **settings;
    size_t setting_count;
    int64_t seed;
    int64_t replications;
    struct gw_baseline_group *groups;
    size_t group_count;
    char *trouble; /* why there are no runs; NULL: none. Never in a file */
};

struct gw_baseline {
    char *version; /* of the program that wrote it */
    char *reason;
    struct gw_gate_margins margins;
    struct gw_baseline_case *cases;
    size_t case_count;
};

void gw_baseline_group_clear(struct gw_baseline_group *group);
void gw_baseline_case_clear(struct gw_baseline_case *one);
void gw_baseline_clear(struct gw_baseline *baseline);

/* NULL: none of that name. */
struct gw_baseline_group *gw_baseline_group_find(const struct gw_baseline_case *one,
                                                 const char *name);
struct gw_baseline_case *gw_baseline_case_find(const struct gw_baseline *baseline,
                                               const char *name);

/* Fills the groups of a case that has none, from runs in the order of the study. Curves use the
 * grid of the group of the same name in `like`; without one (or NULL) a grid that the longest run
 * fits into. Errors: GW_ENOMEM; what is there then is cleared with the case. */
bool gw_baseline_measure(struct gw_baseline_case *one, const struct gw_result *const *results,
                         size_t count, const struct gw_baseline_case *like, struct gw_error *err);

/* Errors: GW_ENOENT, GW_EIO, GW_EINVAL (with line, or the path of the key), GW_ENOMEM. Nothing to
 * clear then. */
bool gw_baseline_read(struct gw_baseline *baseline, const char *path, struct gw_error *err);
/* Whether the file could be replaced, to be asked before runs are made for it: one that is protected
 * is not. Errors: GW_EIO, GW_EINVAL. */
bool gw_baseline_writable(const char *path, struct gw_error *err);
/* Replaces the file in one step. Same baseline, same bytes. Errors: GW_EIO, GW_EINVAL (a text that
 * is no UTF-8), GW_ENOMEM. */
bool gw_baseline_write(const struct gw_baseline *baseline, const char *path, struct gw_error *err);

#endif
