/* sweep.h - a study planned: which settings vary, and every point that is to be run.
 *
 * A scenario says so under the key `sweep`, the command line with --sweep KEY=VALUES; --set with
 * several values is a sweep as well, and either replaces what the file says of the same key:
 *
 *   sweep:
 *     extends: base.yaml                 what the sweep of that file says and this one does not
 *     over:                              one line a parameter: a list, a range or a value
 *       workload.oio: [2, 4, 8]
 *       link.rate: 1Gbps..10Gbps x4 log  see sweep_range.h
 *     points: {small: {memory.size: 1GiB}, large: {memory: {size: 8GiB}}}
 *     where: workload.oio <= 4 or link.rate > 2Gbps      or a list: all must hold; sweep_where.h
 *     design: grid
 *     replications: 10                   instead of the scenario's
 *     stop: {metric: migration_time_s, half_width: 5%, most: 200}  see gw_sweep_stop
 *     frontier: {over: workload.rate, from: 100/s, to: 10k/s}      see gw_sweep_frontier
 *
 * Named points are one more parameter, `point`, before the others. Designs:
 *   grid, zip         all combinations, the first parameter changes slowest; first values with
 *                     first ones, second with second ones (parameters with one value stay)
 *   one-at-a-time     the first value of all, then every other value of each parameter alone
 *   factorial         two values each: lists of two, or the ends of ranges without steps
 *   lhs, sobol, halton, morris, saltelli   `points: N` places in the ranges, drawn from `seed` (1):
 *                     N runs; N trajectories (`levels`: 4); N base points. Lists and ranges with
 *                     steps take part with equal shares for their values
 * A condition is for the designs that do without a point: not for factorial, morris and saltelli.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_H
#define GW_SWEEP_H

#include "base/result.h"
#include "sim/scenario.h"
#include "sim/sweep_range.h"

/* What is asked of a sampler, which knows how the designs beside grid and zip are made. */
struct gw_sweep_sampling {
    const char *design;
    size_t dimensions;  /* parameters with more than one value */
    size_t points;      /* as written; 0: not given */
    size_t levels;      /* of morris */
    const size_t *ways; /* values of each dimension; 0: any of a range */
    uint64_t seed;
};

struct gw_sweep_sampler {
    /* Gives rows x dimensions numbers in 0..1, row by row, allocated with malloc. */
    bool (*sample)(void *self, const struct gw_sweep_sampling *sampling, double **cube,
                   size_t *rows, struct gw_error *err);
    void *self;
};

struct gw_sweep_request {
    const char *const *settings; /* --set words; sweep.KEY=VALUE changes the sweep itself */
    size_t setting_count;
    const char *const *sweeps; /* --sweep words */
    size_t sweep_count;
    struct gw_sweep_sampler sampler;
};

struct gw_sweep_point {
    struct gw_variation variation;
    const char *name;     /* of the named point, or NULL */
    size_t row;           /* of the design, counted before the condition */
    int64_t replications; /* 0: the sweep's */
};

/* Along which setting the boundary is searched up to which the runs of a point are good: of an
 * outcome, or of a metric with a limit. Texts are as written and may be NULL. */
struct gw_sweep_frontier {
    char *over; /* NULL: no boundary is searched */
    char *from, *to;
    int scale;      /* 1: log */
    int64_t values; /* that are tried at every point */
    char *metric;   /* NULL: outcome */
    char *limit;
    double confidence, precision;
    int64_t replications, replications_most; /* of one value */
    struct gw_sweep_range range;
    struct gw_place place;
};

enum { GW_SWEEP_STOP_METRICS_MOST = 8 };

/* When a point has replications enough: when the mean of each of these metrics is known to its
 * share, with this confidence. */
struct gw_sweep_stop {
    struct gw_sweep_stop_metric {
        enum gw_metric metric;
        double half_width;
    } metrics[GW_SWEEP_STOP_METRICS_MOST];
    size_t count; /* 0: there is no such rule */
    double confidence;
    int64_t least, most; /* replications of a point */
};

struct gw_sweep_parts;

struct gw_sweep {
    const char *design;
    int64_t replications; /* 0: the scenario's */
    struct gw_sweep_point *points;
    size_t count;    /* >= 1 */
    size_t left_out; /* by the condition */
    /* What the sampler gave, for what is computed from the runs; NULL for grid and zip. */
    double *cube;
    size_t rows, dimensions;
    const char **parameters; /* of each dimension of the cube */
    struct gw_sweep_frontier frontier;
    struct gw_sweep_stop stop;
    struct gw_sweep_parts *parts; /* all that the rest points at */
};

/* Plans the sweep of a file, or of a text in memory. Whether the scenarios of the points are sound
 * is not looked at. False: see diagnostics. */
bool gw_sweep_plan(struct gw_sweep *sweep, const char *path, const struct gw_sweep_request *request,
                   struct gw_diagnostics *diagnostics);
bool gw_sweep_plan_text(struct gw_sweep *sweep, const char *path, const char *text, size_t length,
                        const struct gw_sweep_request *request, struct gw_diagnostics *diagnostics);
void gw_sweep_clear(struct gw_sweep *sweep);

/* The scenario of one point, from the text as it was when the sweep was planned. NULL: see
 * diagnostics, which then also say where the sweep sets the value that is refused. */
struct gw_scenario *gw_sweep_scenario(const struct gw_sweep *sweep, size_t index,
                                      struct gw_diagnostics *diagnostics);

/* The rule as settings of a sweep, "sweep.stop.KEY=VALUE": number `index` is appended. False: there
 * are no more. */
bool gw_sweep_stop_setting(const struct gw_sweep_stop *stop, size_t index, struct gw_text *out);
/* Whether the word of --set is one of them. */
bool gw_sweep_stop_is_setting(const char *word);
/* Whether its numbers of replications can be. Errors: GW_EINVAL. */
bool gw_sweep_stop_check(const struct gw_sweep_stop *stop, struct gw_error *err);

/* The value at a share of the way from `from` to `to`, as text and as a number. */
double gw_sweep_frontier_value(const struct gw_sweep_frontier *frontier, double share,
                               char out[GW_QUANTITY_TEXT_MAX]);

#endif
