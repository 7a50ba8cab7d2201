/* quantiles.h - how well a quantile is known, whatever the distribution: of values, of histograms.
 *
 * The interval lies between two values of the sample. It covers at least with the confidence, and
 * `coverage` says with which: few values leave few choices. A bound that the sample is too small
 * for is NAN: the 99th percentile has no upper one below 368 values at 95 %.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_QUANTILES_H
#define GW_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"

struct gw_quantile {
    size_t count;     /* values used */
    double value;     /* interpolated between the two nearest values; NAN of an empty sample */
    double low, high; /* each wrong in at most half of 1 - confidence of all samples */
    double coverage;  /* exact for continuous distributions, else at least; NAN without both */
};

/* share and confidence are between 0 and 1. */
void gw_quantile_of(const double *values, size_t count, double share, double confidence,
                    struct gw_quantile *out);

struct gw_histogram_quantile {
    uint64_t count;
    double value;     /* as gw_histogram_quantile; NAN if empty */
    double error;     /* the value of this rank among the added ones lies at most so far off */
    double low, high; /* not narrower than of the added values: outer ends of buckets */
    double coverage;  /* at least */
};

void gw_quantile_of_histogram(const struct gw_histogram *histogram, double share, double confidence,
                              struct gw_histogram_quantile *out);

#endif
