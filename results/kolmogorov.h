/* kolmogorov.h - are two samples of one distribution: the two-sample Kolmogorov-Smirnov test.
 *
 * Sees any difference, of place, spread or shape, but each less well than a test made for it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_KOLMOGOROV_H
#define GW_KOLMOGOROV_H

#include <stdbool.h>
#include <stddef.h>

enum { GW_KOLMOGOROV_EXACT_MOST = 10000 }; /* count_a times count_b */

struct gw_kolmogorov {
    size_t count_a, count_b; /* values used */
    double distance;         /* largest gap between the two empirical distributions, 0 .. 1 */
    double p;                /* of a gap at least as large */
    bool exact;              /* given the ties; else the limit of large samples */
};

/* NAN figures if a sample is empty. */
void gw_kolmogorov_test(const double *a, size_t count_a, const double *b, size_t count_b,
                        struct gw_kolmogorov *out);

/* P(K > x) of Kolmogorov's limit, x >= 0: for one sample of n against a known distribution x is
 * the distance times the root of n. */
double gw_kolmogorov_above(double x);

#endif
