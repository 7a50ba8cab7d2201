/* fit.c - downhill simplex on transformed parameters, restarted until nothing is gained.
 *
 * Idea      A sine maps the whole axis onto each pair of bounds, so the simplex never leaves
 *           them. A simplex that has collapsed on a step of the function is laid out anew round
 *           the best point, with edges half as long and turned round; two restarts without gain
 *           end the fit.
 * Source    Nelder and Mead, Computer Journal 7(4), 1965; gsl_multimin_fminimizer_nmsimplex2.
 * Invariant the best point is one that was evaluated, not one that was inferred.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/fit.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>

static const double LEAST_SIZE = 0.01; /* of the first simplex, where one has collapsed */
static const double LEAST_GAIN = 0.02; /* of the cost, that a restart has to bring */
enum { IDLE_RESTARTS_MAX = 2 };

struct search {
    const struct gw_fit *fit;
    struct gw_fit_outcome *outcome;
    struct gw_error *err;
    double best_angles[GW_FIT_PARAMETERS_MAX];
    double edges[GW_FIT_PARAMETERS_MAX]; /* of the first simplex */
    double first_size;
    bool failed;
};

static double
value_at(const struct gw_fit_parameter *parameter, double angle)
{
    return parameter->least + (parameter->most - parameter->least) * (1 + sin(angle)) / 2;
}

/* On a bound the sine is flat, and a simplex would stay there. */
static double
angle_at(const struct gw_fit_parameter *parameter, double value)
{
    double share = (value - parameter->least) / (parameter->most - parameter->least);

    return asin(2 * fmin(fmax(share, 0.02), 0.98) - 1);
}

/* Angle from the start to one step away, on the side with more room. */
static double
edge_of(const struct gw_fit_parameter *parameter)
{
    double range = parameter->most - parameter->least;
    double step = parameter->step > 0 ? fmin(parameter->step, range / 2) : range / 6;
    bool up = parameter->most - parameter->start >= parameter->start - parameter->least;

    return angle_at(parameter, parameter->start + (up ? step : -step)) -
           angle_at(parameter, parameter->start);
}

static bool
is_over(const struct search *search)
{
    return search->failed || search->outcome->evaluations >= search->fit->budget ||
           search->outcome->cost <= search->fit->enough;
}

static double
cost_at(const gsl_vector *angles, void *self)
{
    struct search *search = self;
    const struct gw_fit *fit = search->fit;
    struct gw_fit_outcome *outcome = search->outcome;
    double values[GW_FIT_PARAMETERS_MAX];
    double cost = DBL_MAX;

    if (is_over(search)) {
        return cost;
    }
    for (size_t i = 0; i < fit->parameter_count; i++) {
        values[i] = value_at(&fit->parameters[i], gsl_vector_get(angles, i));
    }
    if (!fit->evaluate(fit->self, values, &cost, search->err)) {
        search->failed = true;
        return DBL_MAX;
    }
    outcome->evaluations++;
    if (cost < outcome->cost) {
        outcome->cost = cost;
        for (size_t i = 0; i < fit->parameter_count; i++) {
            outcome->values[i] = values[i];
            search->best_angles[i] = gsl_vector_get(angles, i);
        }
    }
    return cost;
}

/* One simplex, from the best point until it has collapsed. */
static void
descend(struct search *search, gsl_multimin_fminimizer *minimizer, double scale)
{
    size_t count = search->fit->parameter_count;
    gsl_multimin_function function = {.f = cost_at, .n = count, .params = search};
    double edges[GW_FIT_PARAMETERS_MAX];
    gsl_vector_view start = gsl_vector_view_array(search->best_angles, count);
    gsl_vector_view steps = gsl_vector_view_array(edges, count);
    double from[GW_FIT_PARAMETERS_MAX];
    gsl_vector_view copy = gsl_vector_view_array(from, count);
    int status;

    for (size_t i = 0; i < count; i++) {
        edges[i] = search->edges[i] * scale;
    }
    gsl_vector_memcpy(&copy.vector, &start.vector);
    status = gsl_multimin_fminimizer_set(minimizer, &function, &copy.vector, &steps.vector);
    if (scale == 1) {
        search->first_size = gsl_multimin_fminimizer_size(minimizer);
    }
    while (status == GSL_SUCCESS && !is_over(search) &&
           gsl_multimin_fminimizer_size(minimizer) > LEAST_SIZE * search->first_size) {
        status = gsl_multimin_fminimizer_iterate(minimizer);
    }
}

static void
descend_again(struct search *search, gsl_multimin_fminimizer *minimizer)
{
    double scale = 1;
    int idle = 0;

    while (!is_over(search) && idle < IDLE_RESTARTS_MAX) {
        double before = search->outcome->cost;

        scale *= -0.5;
        search->outcome->restarts++;
        descend(search, minimizer, scale);
        idle = search->outcome->cost < before * (1 - LEAST_GAIN) ? 0 : idle + 1;
    }
}

bool
gw_fit_run(const struct gw_fit *fit, struct gw_fit_outcome *outcome, struct gw_error *err)
{
    struct search search = {.fit = fit, .outcome = outcome, .err = err};
    gsl_error_handler_t *handler;
    gsl_multimin_fminimizer *minimizer;

    gw_assert(fit->parameter_count >= 1 && fit->parameter_count <= GW_FIT_PARAMETERS_MAX);
    handler = gsl_set_error_handler_off();
    minimizer =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, fit->parameter_count);
    *outcome = (struct gw_fit_outcome){.cost = DBL_MAX};
    for (size_t i = 0; i < fit->parameter_count; i++) {
        outcome->values[i] = fit->parameters[i].start;
        search.best_angles[i] = angle_at(&fit->parameters[i], fit->parameters[i].start);
        search.edges[i] = edge_of(&fit->parameters[i]);
    }
    if (minimizer != NULL) {
        descend(&search, minimizer, 1);
        descend_again(&search, minimizer);
        gsl_multimin_fminimizer_free(minimizer);
    }
    gsl_set_error_handler(handler);
    if (minimizer == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the fit");
    }
    return !search.failed;
}
