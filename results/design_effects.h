/* design_effects.h - what the runs at the points of a design tell about each parameter.
 *
 * values[r] is the result at row r of the design. Effects are per unit of the cube: what the whole
 * range of a parameter would do. A run without a result is NAN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DESIGN_EFFECTS_H
#define GW_DESIGN_EFFECTS_H

#include "results/design.h"

/* From a factorial design: main[i] is the mean result at 1 less that at 0; pairs[i * dimensions +
 * j] is half the difference that j makes to the effect of i (0 for i = j). A NAN among the values
 * makes all of them NAN: there are no replications within the design. */
void gw_factorial_effects(const double *values, size_t dimensions, double *main, double *pairs);

struct gw_morris_effect {
    double mu;      /* mean of the elementary effects */
    double mu_star; /* mean of their sizes: how much the parameter matters */
    double sigma;   /* their standard deviation: interactions, curvature; NAN for one effect */
    size_t count;   /* effects; those next to a NAN are left out; 0: the rest is NAN */
};

/* effects: one for each dimension. */
void gw_morris_effects(const struct gw_design *design, const double *values,
                       struct gw_morris_effect *effects);

struct gw_sobol_share {
    double share;     /* of the variance; an estimate, so it may fall outside of 0..1 */
    double low, high; /* percentile interval of the bootstrap; NAN when there was none */
};

struct gw_sobol_index {
    struct gw_sobol_share first; /* that goes away once this parameter alone is known */
    struct gw_sobol_share total; /* that remains while this parameter alone is not known */
};

struct gw_sobol_request {
    size_t dimensions;
    size_t points;     /* base points: values has points x (dimensions + 2) */
    size_t resamples;  /* of the bootstrap; 0: no intervals */
    double confidence; /* 0.95 */
    uint64_t seed;     /* of the bootstrap */
};

struct gw_sobol_outcome {
    double mean, variance; /* of the model */
    size_t used;           /* base points; those with a NAN are left out */
};

/* From a saltelli design; indices: one for each dimension, all NAN where the variance is 0.
 * Errors: GW_EINVAL (fewer than two base points without a NAN), GW_ENOMEM. */
bool gw_sobol_indices(const struct gw_sobol_request *request, const double *values,
                      struct gw_sobol_index *indices, struct gw_sobol_outcome *outcome,
                      struct gw_error *err);

#endif
