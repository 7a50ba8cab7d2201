/* contrast.h - by how much two sets of runs differ that met the same guests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CONTRAST_H
#define GW_CONTRAST_H

#include <stddef.h>

/* Figures that the pairs are too few for are NAN: two are needed for an interval. */
struct gw_contrast {
    size_t pairs;                        /* without those with a NAN */
    double mean_a, mean_b;               /* of the pairs */
    double difference, low, high;        /* mean of b[i] - a[i], and its t-interval */
    double ratio, ratio_low, ratio_high; /* geometric mean of b[i] / a[i], t-interval of its
                                            logarithm; NAN unless all values are above 0 */
    double p;                            /* paired t-test of no difference */
};

/* a[i] and b[i] are one replication. confidence is between 0 and 1: 0.95. */
void gw_contrast_of(const double *a, const double *b, size_t count, double confidence,
                    struct gw_contrast *out);

#endif
