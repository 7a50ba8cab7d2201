/* fit.h - finds the values of bounded parameters that make an expensive function small.
 *
 * For functions with steps and noise-like kinks, as simulations are: no derivatives are asked
 * for. The same function gives the same answer, always.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIT_H
#define GW_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { GW_FIT_PARAMETERS_MAX = 16 };

struct gw_fit_parameter {
    double least, most; /* least < most */
    double start;       /* between them */
    double step;        /* of the first simplex; 0: a sixth of the range */
};

struct gw_fit {
    const struct gw_fit_parameter *parameters;
    size_t parameter_count; /* 1 .. GW_FIT_PARAMETERS_MAX */
    size_t budget;          /* evaluations at most, >= 1 */
    double enough;          /* stop when the function is not above this */
    /* Puts a finite number >= 0 into *cost. False stops the fit with this error. */
    bool (*evaluate)(void *self, const double *values, double *cost, struct gw_error *err);
    void *self;
};

struct gw_fit_outcome {
    double values[GW_FIT_PARAMETERS_MAX]; /* the best that was evaluated */
    double cost;
    size_t evaluations;
    size_t restarts;
};

/* Errors: GW_ENOMEM, and those of evaluate; the outcome then holds the best so far. */
bool gw_fit_run(const struct gw_fit *fit, struct gw_fit_outcome *outcome, struct gw_error *err);

#endif
