/* effects.h - effects of the parameters of a design from replicated runs, with their intervals.
 *
 * What design_effects.h says of one result a point, said of several: what chance in the runs, or
 * in the choice of the points, leaves open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_EFFECTS_H
#define GW_EFFECTS_H

#include "results/design_effects.h"

struct gw_effects_input {
    const struct gw_design *design;
    const double *values; /* [replication * rows + row]; NAN: no result */
    size_t replications;
    double confidence; /* between 0 and 1 */
};

/* Means of each row over the replications that have a result; NAN where none has. */
void gw_effects_means(const struct gw_effects_input *input, double *means);

struct gw_effect_estimate {
    double value;
    double low, high; /* NAN: no interval */
};

/* Effects of a factorial design, as gw_factorial_effects has them: of each replication that has
 * all points, and their mean with its t-interval. If there is none: of the means of the points,
 * without intervals. *used: replications taken. main has `dimensions` places, pairs the square of
 * that. Errors: GW_ENOMEM. */
bool gw_effects_factorial(const struct gw_effects_input *input, struct gw_effect_estimate *main,
                          struct gw_effect_estimate *pairs, size_t *used, struct gw_error *err);

struct gw_morris_estimate {
    struct gw_morris_effect effect; /* of the means of the points */
    double low, high; /* of mu_star: percentile bootstrap over trajectories; NAN for one effect */
};

/* estimates: one for each dimension. Errors: GW_ENOMEM. */
bool gw_effects_morris(const struct gw_effects_input *input, struct gw_morris_estimate *estimates,
                       struct gw_error *err);

#endif
