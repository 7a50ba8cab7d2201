/* least_squares.c - Levenberg-Marquardt on logarithms, with derivatives from wide differences.
 *
 * Idea      A simulated number moves in small steps (a pass more, a window more), so a derivative
 *           is the slope between two points well apart, not the limit. A value beyond a bound
 *           counts as the bound, and the slope there is the one inside: the fit finds back.
 *           What is expected of a parameter is one residual more, below the others; so where the
 *           others leave a valley, the fit ends at its point that is nearest to what was known.
 *           Which parameters can be told is found by Gram and Schmidt with pivots: of the columns
 *           of derivatives the longest is taken first, its share is taken out of all others, and
 *           so on until what is left of the longest is too short to fix a value.
 * Source    More (1978), gsl_multifit_nlinear; Golub (1965) for the pivots. Certified answers of
 *           NIST's reference data sets: tests/unit/test_least_squares.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/least_squares.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS_MAX = GW_LEAST_SQUARES_PARAMETERS_MAX };

static const double ENOUGH_GRADIENT = 1e-12;
static const double ENOUGH_RANK = 1e-10; /* of a diagonal of R against the largest */

struct search {
    const struct gw_least_squares *fit;
    double *points; /* values of both ends of each difference, and their residuals */
    double *ends;
    size_t evaluations;
    struct gw_error *err;
    bool failed;
};

/* ---- evaluations ----------------------------------------------------------------------------- */

static double
bounded(const struct gw_least_squares_parameter *parameter, double logarithm)
{
    return fmin(fmax(logarithm, log(parameter->least)), log(parameter->most));
}

/* Makes a row of values of logarithms. */
static void
put_point(const struct gw_least_squares *fit, const double *logarithms, double *values)
{
    for (size_t i = 0; i < fit->parameter_count; i++) {
        const struct gw_least_squares_parameter *parameter = &fit->parameters[i];

        values[i] = fmin(fmax(exp(logarithms[i]), parameter->least), parameter->most);
    }
}

/* The first `count` points. */
static bool
evaluate(struct search *search, size_t count)
{
    const struct gw_least_squares *fit = search->fit;

    search->evaluations += count;
    search->failed = search->failed ||
                     !fit->evaluate(fit->self, search->points, count, search->ends, search->err);
    return !search->failed;
}

/* d residual / d logarithm, residual by residual. */
static bool
differentiate(struct search *search, const double *logarithms, gsl_matrix *out)
{
    const struct gw_least_squares *fit = search->fit;
    size_t count = fit->parameter_count;
    double at[PARAMETERS_MAX];
    double width[PARAMETERS_MAX];

    memcpy(at, logarithms, count * sizeof *at);
    for (size_t k = 0; k < count; k++) {
        double here = bounded(&fit->parameters[k], logarithms[k]);
        double low = bounded(&fit->parameters[k], here - fit->step);

        at[k] = bounded(&fit->parameters[k], here + fit->step);
        width[k] = at[k] - low;
        put_point(fit, at, search->points + 2 * k * count);
        at[k] = low;
        put_point(fit, at, search->points + (2 * k + 1) * count);
        at[k] = logarithms[k];
    }
    if (!evaluate(search, 2 * count)) {
        return false;
    }
    for (size_t k = 0; k < count; k++) {
        const double *above = search->ends + 2 * k * fit->residual_count;
        const double *below = above + fit->residual_count;

        for (size_t i = 0; i < fit->residual_count; i++) {
            gsl_matrix_set(out, i, k, (above[i] - below[i]) / width[k]);
        }
    }
    return true;
}

static bool
open_search(struct search *search, struct gw_error *err)
{
    const struct gw_least_squares *fit = search->fit;
    size_t rows = 2 * fit->parameter_count;

    gw_assert(fit->parameter_count >= 1 && fit->parameter_count <= PARAMETERS_MAX);
    search->points = malloc(rows * fit->parameter_count * sizeof *search->points);
    search->ends = malloc(rows * (fit->residual_count + 1) * sizeof *search->ends);
    return (search->points != NULL && search->ends != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory for the fit");
}

static void
close_search(struct search *search)
{
    free(search->points);
    free(search->ends);
}

/* ---- the fit --------------------------------------------------------------------------------- */

static double
prior_of(const struct gw_least_squares_parameter *parameter, double value)
{
    return parameter->within > 0 ? log(value / parameter->expected) / parameter->within : 0;
}

double
gw_least_squares_prior(const struct gw_least_squares *fit, const double *values)
{
    double sum = 0;

    for (size_t i = 0; i < fit->parameter_count; i++) {
        double residual = prior_of(&fit->parameters[i], values[i]);

        sum += residual * residual;
    }
    return sum;
}

static int
residuals_at(const gsl_vector *logarithms, void *self, gsl_vector *out)
{
    struct search *search = self;
    const struct gw_least_squares *fit = search->fit;

    put_point(fit, logarithms->data, search->points);
    if (!evaluate(search, 1)) {
        return GSL_EBADFUNC;
    }
    for (size_t i = 0; i < fit->residual_count; i++) {
        gsl_vector_set(out, i, search->ends[i]);
    }
    for (size_t i = 0; i < fit->parameter_count; i++) {
        gsl_vector_set(out, fit->residual_count + i,
                       prior_of(&fit->parameters[i], search->points[i]));
    }
    return GSL_SUCCESS;
}

static int
slopes_at(const gsl_vector *logarithms, void *self, gsl_matrix *out)
{
    struct search *search = self;
    const struct gw_least_squares *fit = search->fit;

    gsl_matrix_set_zero(out);
    for (size_t i = 0; i < fit->parameter_count; i++) {
        double within = fit->parameters[i].within;

        gsl_matrix_set(out, fit->residual_count + i, i, within > 0 ? 1 / within : 0);
    }
    return differentiate(search, logarithms->data, out) ? GSL_SUCCESS : GSL_EBADFUNC;
}

static void
iterate(struct search *search, gsl_multifit_nlinear_workspace *workspace,
        struct gw_least_squares_outcome *outcome)
{
    int status = GSL_SUCCESS;

    while (!search->failed && !outcome->converged &&
           outcome->iterations < search->fit->iterations) {
        int why;

        status = gsl_multifit_nlinear_iterate(workspace);
        outcome->iterations++;
        if (status != GSL_SUCCESS) {
            /* No step, however short, makes it better: on steps that is what an end looks like. */
            outcome->converged = !search->failed;
            return;
        }
        outcome->converged = gsl_multifit_nlinear_test(search->fit->enough, ENOUGH_GRADIENT, 0,
                                                       &why, workspace) == GSL_SUCCESS;
    }
}

static bool
take_errors(const gsl_multifit_nlinear_workspace *workspace,
            struct gw_least_squares_outcome *outcome, struct gw_error *err)
{
    size_t count = workspace->x->size;
    double *deviations = outcome->deviations;
    gsl_matrix *covariance = gsl_matrix_alloc(count, count);

    if (covariance == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the fit");
    }
    gsl_multifit_nlinear_covar(workspace->J, ENOUGH_RANK, covariance);
    for (size_t i = 0; i < count; i++) {
        double variance = gsl_matrix_get(covariance, i, i);

        deviations[i] = variance > 0 ? sqrt(variance) : (double)INFINITY;
    }
    for (size_t i = 0; i < count * count; i++) {
        outcome->correlation[i] = gsl_matrix_get(covariance, i / count, i % count) /
                                  (deviations[i / count] * deviations[i % count]);
    }
    gsl_matrix_free(covariance);
    return true;
}

static bool
take_outcome(const struct search *search, const gsl_multifit_nlinear_workspace *workspace,
             struct gw_least_squares_outcome *outcome, struct gw_error *err)
{
    outcome->evaluations = search->evaluations;
    if (search->failed) {
        return false;
    }
    for (size_t i = 0; i < workspace->x->size; i++) {
        outcome->values[i] =
            exp(bounded(&search->fit->parameters[i], gsl_vector_get(workspace->x, i)));
    }
    for (size_t i = 0; i < search->fit->residual_count; i++) {
        double residual = gsl_vector_get(workspace->f, i);

        outcome->chi2 += residual * residual;
    }
    outcome->chi2_prior = gw_least_squares_prior(search->fit, outcome->values);
    return take_errors(workspace, outcome, err);
}

static bool
search_and_report(struct search *search, struct gw_least_squares_outcome *outcome,
                  struct gw_error *err)
{
    const struct gw_least_squares *fit = search->fit;
    gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf functions = {.f = residuals_at,
                                          .df = slopes_at,
                                          .n = fit->residual_count + fit->parameter_count,
                                          .p = fit->parameter_count,
                                          .params = search};
    gsl_multifit_nlinear_workspace *workspace =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &settings, functions.n, functions.p);
    double start[PARAMETERS_MAX];
    gsl_vector_view view = gsl_vector_view_array(start, fit->parameter_count);
    bool fine;

    if (workspace == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the fit");
    }
    for (size_t i = 0; i < fit->parameter_count; i++) {
        start[i] = log(fit->parameters[i].start);
    }
    if (gsl_multifit_nlinear_init(&view.vector, &functions, workspace) == GSL_SUCCESS) {
        iterate(search, workspace, outcome);
    }
    fine = take_outcome(search, workspace, outcome, err);
    gsl_multifit_nlinear_free(workspace);
    return fine;
}

bool
gw_least_squares_run(const struct gw_least_squares *fit, struct gw_least_squares_outcome *outcome,
                     struct gw_error *err)
{
    struct search search = {.fit = fit, .err = err};
    gsl_error_handler_t *handler;
    bool fine;

    *outcome = (struct gw_least_squares_outcome){0};
    if (fit->residual_count <= fit->parameter_count) {
        return gw_fail(err, GW_EINVAL, "%zu numbers cannot fix %zu parameters with their errors",
                       fit->residual_count, fit->parameter_count);
    }
    outcome->freedom = fit->residual_count - fit->parameter_count;
    handler = gsl_set_error_handler_off();
    fine = open_search(&search, err) && search_and_report(&search, outcome, err);
    gsl_set_error_handler(handler);
    close_search(&search);
    return fine;
}

/* ---- what can be told ------------------------------------------------------------------------ */

static double
length_of(const gsl_matrix *slopes, size_t column)
{
    double sum = 0;

    for (size_t i = 0; i < slopes->size1; i++) {
        sum += gsl_matrix_get(slopes, i, column) * gsl_matrix_get(slopes, i, column);
    }
    return sqrt(sum);
}

/* Leaves of `column` what is at right angles to `taken`. */
static void
take_out(gsl_matrix *slopes, size_t taken, size_t column)
{
    double length = length_of(slopes, taken);
    double share = 0;

    for (size_t i = 0; i < slopes->size1; i++) {
        share += gsl_matrix_get(slopes, i, taken) * gsl_matrix_get(slopes, i, column);
    }
    share /= length * length;
    for (size_t i = 0; i < slopes->size1; i++) {
        double rest = gsl_matrix_get(slopes, i, column) - share * gsl_matrix_get(slopes, i, taken);

        gsl_matrix_set(slopes, i, column, rest);
    }
}

/* The longest column that is not taken yet; the number of columns: none is long enough. */
static size_t
longest_column(const gsl_matrix *slopes, const enum gw_identified *identified, double enough)
{
    size_t longest = slopes->size2;

    for (size_t k = 0; k < slopes->size2; k++) {
        double length = identified[k] == GW_IDENTIFIED ? 0 : length_of(slopes, k);

        if (length > enough) {
            longest = k;
            enough = length;
        }
    }
    return longest;
}

static void
pick(gsl_matrix *slopes, double enough, enum gw_identified *identified)
{
    size_t taken;

    for (size_t k = 0; k < slopes->size2; k++) {
        identified[k] =
            length_of(slopes, k) > enough ? GW_IDENTIFIED_TOGETHER_ONLY : GW_IDENTIFIED_NOT;
    }
    taken = longest_column(slopes, identified, enough);
    while (taken < slopes->size2) {
        identified[taken] = GW_IDENTIFIED;
        for (size_t k = 0; k < slopes->size2; k++) {
            if (identified[k] != GW_IDENTIFIED) {
                take_out(slopes, taken, k);
            }
        }
        taken = longest_column(slopes, identified, enough);
    }
}

static void
measure_reach(const gsl_matrix *slopes, double *reach)
{
    for (size_t i = 0; i < slopes->size1; i++) {
        reach[i] = 0;
        for (size_t k = 0; k < slopes->size2; k++) {
            reach[i] = fmax(reach[i], fabs(gsl_matrix_get(slopes, i, k)));
        }
    }
}

static bool
look_around(struct search *search, double deviation, struct gw_least_squares_told *told)
{
    const struct gw_least_squares *fit = search->fit;
    gsl_matrix *slopes = gsl_matrix_calloc(fit->residual_count, fit->parameter_count);
    double start[PARAMETERS_MAX] = {0};
    bool fine;

    if (slopes == NULL) {
        return gw_fail(search->err, GW_ENOMEM, "out of memory for the fit");
    }
    for (size_t i = 0; i < fit->parameter_count; i++) {
        start[i] = log(fit->parameters[i].start);
    }
    fine = differentiate(search, start, slopes);
    if (fine) {
        measure_reach(slopes, told->reach);
        pick(slopes, 1 / deviation, told->parameters);
    }
    gsl_matrix_free(slopes);
    return fine;
}

bool
gw_least_squares_identify(const struct gw_least_squares *fit, double deviation,
                          struct gw_least_squares_told *told, struct gw_error *err)
{
    struct search search = {.fit = fit, .err = err};
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    bool fine = open_search(&search, err) && look_around(&search, deviation, told);

    gsl_set_error_handler(handler);
    close_search(&search);
    return fine;
}

double
gw_t_factor(double confidence, size_t freedom)
{
    return gsl_cdf_tdist_Pinv(0.5 + confidence / 2, (double)freedom);
}
