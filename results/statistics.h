/* statistics.h - what is said about replications: mean, spread, t-interval; errors.
 *
 * Samples with NAN are left out and do not count. A figure that the sample is too small for is
 * NAN: a mean needs one value, a deviation and an interval two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STATISTICS_H
#define GW_STATISTICS_H

#include <stddef.h>

struct gw_summary {
    size_t count;
    double mean;
    double deviation;  /* sample standard deviation, n - 1 */
    double half_width; /* of the two-sided t-interval of the mean */
    double least, most;
    double median;
    double spread; /* deviation / |mean| */
};

/* confidence is between 0 and 1: 0.95. */
void gw_summary_of(const double *values, size_t count, double confidence, struct gw_summary *out);

/* What is said of errors, whose signs do not matter. */
struct gw_spread {
    size_t count;
    double median, p90, worst; /* of the absolute values; p90 is one of them */
};

/* Sorts the values. */
void gw_spread_of(double *values, size_t count, struct gw_spread *out);

#endif
