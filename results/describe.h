/* describe.h - what is said of the replications of one point: of a metric, of latencies, of the
 * guest before its migration.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DESCRIBE_H
#define GW_DESCRIBE_H

#include <stddef.h>

#include "base/error.h"
#include "base/result.h"
#include "results/bootstrap.h"
#include "results/curve_grid.h"
#include "results/quantiles.h"
#include "results/statistics.h"

struct gw_description {
    struct gw_summary summary;
    struct gw_quantile median;
    struct gw_bootstrap_interval mean;
};

/* NAN is left out. confidence is between 0 and 1: 0.95. */
void gw_describe_values(const double *values, size_t count, double confidence,
                        struct gw_description *out);

/* Adds the histograms of all runs to `merged`, which the caller clears. */
void gw_describe_distribution(const struct gw_result *const *results, size_t count,
                              enum gw_distribution id, struct gw_histogram *merged);

/* The guest's rate from the start of the run to the beginning of its migration. */
struct gw_description_before {
    enum gw_curve_id curve;  /* disk IOs or pages; GW_CURVE_COUNT: no run has such rows */
    size_t runs;             /* that have */
    size_t samples;          /* of the one that has fewest */
    size_t trusted;          /* runs whose warm-up is seen to be over; see steady.h */
    double warm_up_s;        /* the longest of them; NAN: none */
    struct gw_summary means; /* of the rates of the runs, each without its warm-up */
    double run_half_width;   /* the widest interval of one run by itself; NAN: too few samples */
};

/* Errors: GW_ENOMEM. */
bool gw_describe_before(const struct gw_result *const *results, size_t count, double confidence,
                        struct gw_description_before *out, struct gw_error *err);

#endif
