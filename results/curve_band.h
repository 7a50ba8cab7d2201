/* curve_band.h - where two sets of curves differ, with one confidence for the whole curve.
 *
 * A band around every point alone would be left somewhere by almost every pair of equal sets; this
 * one is as wide as the largest standardised difference that chance makes anywhere (max-t, found by
 * permutation of the runs).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CURVE_BAND_H
#define GW_CURVE_BAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Curves one after the other, each of `points` values. NAN is not allowed. */
struct gw_curve_set {
    const double *values;
    size_t curves, points;
};

struct gw_curve_band_request {
    double confidence; /* 0.95 */
    size_t resamples;  /* >= 99; p is never below 1 / (resamples + 1). Where all rearrangements are
                          no more than this they are all made; p is never below 2 / their number */
    uint64_t seed;
    double floor; /* >= 0: standard errors below this do not count as smaller: guards points where
                     all curves agree; in the unit of the curve */
};

struct gw_curve_band {
    size_t points;
    double *difference; /* mean of b less mean of a */
    double *low, *high; /* simultaneous band of the difference */
    double p;           /* of no difference anywhere */
    size_t peak;        /* point of the largest standardised difference */
    size_t first, last; /* points whose band leaves 0, outermost; first > last: none, which is so
                           whenever p is above 1 - confidence */
};

/* Both sets need two curves at least and the same points. With paired curves (curve i of both is
 * one replication, equally many) signs are flipped instead of runs exchanged. Nothing is to be
 * cleared after an error. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_curve_band_make(const struct gw_curve_set *a, const struct gw_curve_set *b, bool paired,
                        const struct gw_curve_band_request *request, struct gw_curve_band *band,
                        struct gw_error *err);
void gw_curve_band_clear(struct gw_curve_band *band);

#endif
