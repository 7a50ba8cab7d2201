/* bootstrap.h - an interval for any statistic, by drawing from the sample itself.
 *
 * For what has no formula: medians, ratios, trimmed means. Below some ten values the sample says
 * too little about its own tails and both intervals are too short; prefer the t-interval for a
 * mean. Same values, same settings: same interval, on any machine.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BOOTSTRAP_H
#define GW_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

enum { GW_BOOTSTRAP_RESAMPLES = 1999 }; /* enough for a 95 % interval */

struct gw_bootstrap {
    /* Of count >= 1 values, none of them NAN; must not depend on their order or change them. */
    double (*statistic)(void *self, const double *values, size_t count);
    void *self;
    size_t resamples;  /* >= 2 */
    double confidence; /* between 0 and 1 */
    uint64_t seed;
};

/* NAN but for count and estimate if the sample has fewer than two values, or if the statistic of a
 * resample is NAN. */
struct gw_bootstrap_interval {
    size_t count;
    double estimate;  /* the statistic of the sample */
    double deviation; /* of the statistics of the resamples: the standard error */
    double percentile_low, percentile_high;
    double bca_low, bca_high; /* bias-corrected and accelerated */
    double bias;              /* z0: how far the estimate lies off the resamples' median */
    double acceleration;      /* how the standard error changes with the truth */
};

void gw_bootstrap_run(const struct gw_bootstrap *bootstrap, const double *values, size_t count,
                      struct gw_bootstrap_interval *out);

/* A statistic: the mean. self is not used. */
double gw_bootstrap_mean(void *self, const double *values, size_t count);

#endif
