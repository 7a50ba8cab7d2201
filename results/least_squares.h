/* least_squares.h - fits positive parameters of an expensive model to many measured numbers.
 *
 * Parameters are fitted by their logarithm: a cost is wrong by a factor, and never negative. What
 * the residuals do not tell is found before the fit, not hidden in its errors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_LEAST_SQUARES_H
#define GW_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { GW_LEAST_SQUARES_PARAMETERS_MAX = 32, GW_LEAST_SQUARES_STARTS_MAX = 64 };

struct gw_least_squares_parameter {
    double least, most; /* 0 < least < most */
    double start;       /* between them */
    /* What is known without the residuals: it is `expected`, with a standard error of its logarithm
     * of `within`. 0: nothing is. */
    double expected, within;
};

struct gw_least_squares {
    const struct gw_least_squares_parameter *parameters;
    size_t parameter_count; /* 1 .. GW_LEAST_SQUARES_PARAMETERS_MAX */
    size_t residual_count;
    double step;       /* of the differences, in logarithms: 0.1 is some 10 % up and down */
    double enough;     /* a step of the fit so short, relative to the logarithms, is the last */
    size_t iterations; /* at most, >= 1 */
    /* values has `count` points, parameter_count each; puts residual_count finite numbers for each
     * into residuals, in units of their standard error. False stops the fit with this error. */
    bool (*evaluate)(void *self, const double *values, size_t count, double *residuals,
                     struct gw_error *err);
    void *self;
};

struct gw_least_squares_outcome {
    double values[GW_LEAST_SQUARES_PARAMETERS_MAX];
    /* Standard errors of the logarithms for residuals of standard error 1, and how they hang
     * together: correlation[i * parameter_count + k]. INFINITY, 0: where the fit ended, the
     * residuals do not tell it. */
    double deviations[GW_LEAST_SQUARES_PARAMETERS_MAX];
    double correlation[GW_LEAST_SQUARES_PARAMETERS_MAX * GW_LEAST_SQUARES_PARAMETERS_MAX];
    double chi2;       /* sum of the squared residuals */
    double chi2_prior; /* the same of how far the parameters are from what was expected of them */
    size_t freedom;    /* residuals less parameters */
    size_t evaluations, iterations;
    bool converged; /* false: the iterations were used up */
};

/* Makes chi2 + chi2_prior least. Residuals must be more than parameters. Errors: GW_EINVAL (that), GW_ENOMEM, and those of evaluate. */
bool gw_least_squares_run(const struct gw_least_squares *fit,
                          struct gw_least_squares_outcome *outcome, struct gw_error *err);

/* What chi2_prior is at these values. */
double gw_least_squares_prior(const struct gw_least_squares *fit, const double *values);

enum gw_identified {
    GW_IDENTIFIED,
    GW_IDENTIFIED_NOT,          /* no residual depends on it enough */
    GW_IDENTIFIED_TOGETHER_ONLY /* what depends on it depends on parameters before it alike */
};

/* What a look around the start tells. */
struct gw_least_squares_told {
    enum gw_identified parameters[GW_LEAST_SQUARES_PARAMETERS_MAX];
    double *reach; /* of each residual: the largest slope over the logarithms; the caller's room */
};

/* Says of each parameter whether the residuals around the start tell it, given those that are
 * told before it: with a standard error of its logarithm of at most `deviation`. What is expected
 * of a parameter tells nothing here. Errors: as above but GW_EINVAL. */
bool gw_least_squares_identify(const struct gw_least_squares *fit, double deviation,
                               struct gw_least_squares_told *told, struct gw_error *err);

/* Where else to start from than the starts of the parameters, which are always tried too. */
struct gw_least_squares_starts {
    size_t count;      /* 1 .. GW_LEAST_SQUARES_STARTS_MAX, with the given one */
    size_t looks;      /* points that are looked at for each start but the given one, >= 1 */
    double reach;      /* of the logarithms: so far around the given one they lie at most */
    size_t iterations; /* of a short fit from each start, >= 1 */
};

/* One start: chi2 + chi2_prior there, and where a short fit from there ended. */
struct gw_least_squares_start {
    double from, to;
};

/* Moves the starts of the parameters to where the best of short fits ended. The points looked at
 * are those of a Halton sequence, the best of them are starts; tried: one each, the given start
 * first. Errors: as of a run. */
bool gw_least_squares_start(const struct gw_least_squares *fit,
                            const struct gw_least_squares_starts *starts,
                            struct gw_least_squares_parameter *parameters,
                            struct gw_least_squares_start *tried, struct gw_error *err);

/* Half the width of the two-sided t-interval of one standard error; freedom >= 1. */
double gw_t_factor(double confidence, size_t freedom);

#endif
