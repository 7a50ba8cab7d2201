/* test_least_squares.c - pins: the fit finds the parameters and standard errors that NIST
 * certifies, from both of its starting points; it keeps its bounds and comes back from them,
 * finds the middle of a stepped function, and stops when told; which parameters the numbers tell,
 * and which only together; what was known before counts as one residual and is told apart in chi2; the best of several starts is found, the same each time; the t
 * quantile.
 * Does not pin: how many evaluations it needs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/least_squares.h"
#include "tests/support/near.h"

/* NIST Statistical Reference Datasets, nonlinear regression: Misra1a and Rat42. */
struct point {
    double y, x;
};

static const struct point misra_points[] = {
    {10.07, 77.6},  {14.73, 114.9}, {17.94, 141.1}, {23.93, 190.8}, {29.61, 239.9},
    {35.18, 289.0}, {40.02, 332.8}, {44.82, 378.4}, {50.76, 434.8}, {55.05, 477.3},
    {61.01, 536.8}, {66.40, 593.1}, {75.47, 689.1}, {81.78, 760.0}};
static const struct point rat_points[] = {{8.930, 9},   {10.800, 14}, {18.590, 21},
                                          {22.330, 28}, {39.350, 42}, {56.110, 57},
                                          {61.730, 63}, {64.620, 70}, {67.080, 79}};

enum { MOST = 14 };

struct curve {
    const struct point *points;
    size_t point_count, parameter_count;
    double (*at)(const double *b, double x);
    double starts[2][3], certified[3], deviation[3], sum_of_squares;
};

static double
misra(const double *b, double x)
{
    return b[0] * (1 - exp(-b[1] * x));
}

static double
rat(const double *b, double x)
{
    return b[0] / (1 + exp(b[1] - b[2] * x));
}

static const struct curve curves[] = {
    {misra_points,
     14,
     2,
     misra,
     {{500, 1e-4}, {250, 5e-4}},
     {2.3894212918e+02, 5.5015643181e-04},
     {2.7070075241e+00, 7.2668688436e-06},
     1.2455138894e-01},
    {rat_points,
     9,
     3,
     rat,
     {{100, 1, 0.1}, {75, 2.5, 0.07}},
     {7.2462237576e+01, 2.6180768402e+00, 6.7359200066e-02},
     {1.7340283401e+00, 8.8295217536e-02, 3.4465663377e-03},
     8.0565229338e+00},
};

static bool
curve_residuals(void *self, const double *values, size_t count, double *residuals,
                struct gw_error *err)
{
    const struct curve *curve = self;

    (void)err;
    for (size_t i = 0; i < count * curve->point_count; i++) {
        const struct point *point = &curve->points[i % curve->point_count];
        const double *b = values + i / curve->point_count * curve->parameter_count;

        residuals[i] = curve->at(b, point->x) - point->y;
    }
    return true;
}

static void
check_curve(struct curve curve, const double *start)
{
    struct gw_least_squares_parameter parameters[3];
    struct gw_least_squares fit = {.parameters = parameters,
                                   .parameter_count = curve.parameter_count,
                                   .residual_count = curve.point_count,
                                   .step = 1e-4,
                                   .enough = 1e-10,
                                   .iterations = 100,
                                   .evaluate = curve_residuals,
                                   .self = &curve};
    struct gw_least_squares_outcome outcome;
    double scale;

    for (size_t i = 0; i < curve.parameter_count; i++) {
        parameters[i] = (struct gw_least_squares_parameter){
            .least = start[i] / 100, .most = start[i] * 100, .start = start[i]};
    }
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_true(outcome.converged);
    assert_int_equal(outcome.freedom, curve.point_count - curve.parameter_count);
    assert_within(outcome.chi2, curve.sum_of_squares, 1e-8);
    scale = sqrt(outcome.chi2 / (double)outcome.freedom);
    for (size_t i = 0; i < curve.parameter_count; i++) {
        assert_within(outcome.values[i], curve.certified[i], 1e-6);
        assert_within(outcome.values[i] * outcome.deviations[i] * scale, curve.deviation[i], 1e-5);
    }
}

static void
test_certified(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        check_curve(curves[i], curves[i].starts[0]);
        check_curve(curves[i], curves[i].starts[1]);
    }
}

/* ---- a plain model: residuals are sums of logarithms ------------------------------------------ */

struct plane {
    double slopes[3][2]; /* residual by parameter */
    double wanted[2];    /* logarithms */
    double quantum;      /* > 0: residuals move in steps of it */
    size_t calls, fail_from;
    bool strayed;
};

static const struct gw_least_squares_parameter plane_parameters[2] = {
    {.least = 1, .most = 100, .start = 50}, {.least = 1, .most = 100, .start = 2}};

static bool
plane_at(struct plane *plane, const double *values, double *residuals, struct gw_error *err)
{
    if (++plane->calls == plane->fail_from) {
        return gw_fail(err, GW_EIO, "no more");
    }
    for (size_t k = 0; k < 2; k++) {
        plane->strayed = plane->strayed || values[k] < 1 || values[k] > 100;
    }
    for (size_t i = 0; i < 3; i++) {
        residuals[i] = 0;
        for (size_t k = 0; k < 2; k++) {
            residuals[i] += plane->slopes[i][k] * (log(values[k]) - plane->wanted[k]);
        }
        if (plane->quantum > 0) {
            residuals[i] = round(residuals[i] / plane->quantum) * plane->quantum;
        }
    }
    return true;
}

static bool
plane_residuals(void *self, const double *values, size_t count, double *residuals,
                struct gw_error *err)
{
    bool fine = true;

    for (size_t i = 0; fine && i < count; i++) {
        fine = plane_at(self, values + 2 * i, residuals + 3 * i, err);
    }
    return fine;
}

static struct gw_least_squares
fit_of(struct plane *plane)
{
    return (struct gw_least_squares){.parameters = plane_parameters,
                                     .parameter_count = 2,
                                     .residual_count = 3,
                                     .step = 0.1,
                                     .enough = 1e-4,
                                     .iterations = 30,
                                     .evaluate = plane_residuals,
                                     .self = plane};
}

static void
test_plane(void **state)
{
    struct plane plane = {.slopes = {{1, 1}, {1, -1}, {0, 0}}, .wanted = {1, 2}};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_outcome outcome;

    (void)state;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(outcome.values[0], exp(1), 1e-3);
    assert_within(outcome.values[1], exp(2), 1e-3);
    assert_within(outcome.deviations[0], sqrt(0.5), 1e-6);
    assert_true(fabs(outcome.correlation[1]) < 1e-6);
    assert_within(outcome.correlation[0], 1, 1e-9);
    assert_int_equal(outcome.freedom, 1);
    assert_int_equal(outcome.evaluations, plane.calls);
}

/* One number and one expectation: the mean of both by their weights. */
static void
test_prior(void **state)
{
    struct gw_least_squares_parameter parameters[2] = {plane_parameters[0], plane_parameters[1]};
    struct plane plane = {.slopes = {{1, 0}, {0, 1}, {0, 0}}, .wanted = {1, 2}};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_outcome outcome;

    (void)state;
    parameters[0].expected = exp(3);
    parameters[0].within = 0.5;
    fit.parameters = parameters;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(log(outcome.values[0]), 2.6, 1e-3);
    assert_within(log(outcome.values[1]), 2, 1e-3);
    assert_within(outcome.deviations[0], sqrt(0.2), 1e-6);
    assert_within(outcome.deviations[1], 1, 1e-6);
    assert_within(outcome.chi2, 2.56, 1e-2);
    assert_within(outcome.chi2_prior, 0.64, 1e-2);
    assert_within(gw_least_squares_prior(&fit, outcome.values), outcome.chi2_prior, 1e-9);
    assert_int_equal(outcome.freedom, 1);
}

/* A valley without a deepest point: the fit ends where both are as near as they can be to what was
 * known, whatever it starts from. It is not told by that. */
static void
test_prior_in_valley(void **state)
{
    struct gw_least_squares_parameter parameters[2];
    struct plane plane = {.slopes = {{100, 100}, {0, 0}, {0, 0}}, .wanted = {2, 1}};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_told told = {.reach = (double[3]){0}};
    struct gw_least_squares_outcome outcome;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        parameters[i] = plane_parameters[i];
        parameters[i].expected = exp(1);
        parameters[i].within = 0.5;
    }
    fit.parameters = parameters;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(log(outcome.values[0]), 1.5, 1e-3);
    assert_within(log(outcome.values[1]), 1.5, 1e-3);
    assert_true(outcome.correlation[1] < -0.99);
    assert_true(gw_least_squares_identify(&fit, 0.5, &told, NULL));
    assert_true((told.parameters[0] == GW_IDENTIFIED) != (told.parameters[1] == GW_IDENTIFIED));
}

static void
test_bounds(void **state)
{
    struct plane plane = {.slopes = {{10, 0}, {0, 10}, {0, 0}}, .wanted = {-1, 2}};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_outcome outcome;

    (void)state;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_false(plane.strayed);
    assert_within(outcome.values[0], 1, 1e-6);
    assert_within(outcome.values[1], exp(2), 1e-3);
}

static void
test_steps(void **state)
{
    struct plane plane = {.slopes = {{10, 1}, {1, 10}, {0, 0}}, .wanted = {1, 2}, .quantum = 0.2};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_outcome outcome;

    (void)state;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(outcome.values[0], exp(1), 0.05);
    assert_within(outcome.values[1], exp(2), 0.05);
}

static void
test_untold(void **state)
{
    struct plane alike = {.slopes = {{1, 0}, {2, 0}, {3, 0}}, .wanted = {1, 2}};
    struct gw_least_squares fit = fit_of(&alike);
    struct gw_least_squares_outcome outcome;

    (void)state;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(outcome.values[0], exp(1), 1e-3);
    assert_true(isfinite(outcome.deviations[0]));
    assert_true(isinf(outcome.deviations[1]));
    assert_true(fabs(outcome.correlation[1]) < 1e-9);
}

static void
test_failure(void **state)
{
    struct gw_error err = {.code = GW_OK};

    (void)state;
    for (size_t n = 1; n < 8; n++) {
        struct plane plane = {.slopes = {{1, 1}, {1, -1}, {0, 0}}, .fail_from = n};
        struct gw_least_squares fit = fit_of(&plane);
        struct gw_least_squares_outcome outcome;

        assert_false(gw_least_squares_run(&fit, &outcome, &err));
        assert_int_equal(err.code, GW_EIO);
        assert_int_equal(plane.calls, n);
    }
}

static void
test_too_few(void **state)
{
    struct plane plane = {.slopes = {{1, 1}, {1, -1}, {0, 0}}};
    struct gw_least_squares fit = fit_of(&plane);
    struct gw_least_squares_outcome outcome;
    struct gw_error err = {.code = GW_OK};

    (void)state;
    fit.residual_count = 2;
    assert_false(gw_least_squares_run(&fit, &outcome, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_int_equal(plane.calls, 0);
}

static void
check_identified(struct plane plane, enum gw_identified first, enum gw_identified second)
{
    struct gw_least_squares fit = fit_of(&plane);
    double reach[3];
    struct gw_least_squares_told told = {.reach = reach};

    assert_true(gw_least_squares_identify(&fit, 0.5, &told, NULL));
    assert_int_equal(told.parameters[0], first);
    assert_int_equal(told.parameters[1], second);
    for (size_t i = 0; i < 3; i++) {
        double wanted = fmax(fabs(plane.slopes[i][0]), fabs(plane.slopes[i][1]));

        assert_true(fabs(reach[i] - wanted) < 1e-9);
    }
}

static void
test_identify(void **state)
{
    (void)state;
    check_identified((struct plane){.slopes = {{10, 1}, {1, 10}, {0, 0}}}, GW_IDENTIFIED,
                     GW_IDENTIFIED);
    check_identified((struct plane){.slopes = {{10, 0}, {1, 0}, {0, 1}}}, GW_IDENTIFIED,
                     GW_IDENTIFIED_NOT);
    check_identified((struct plane){.slopes = {{5, 10}, {10, 20}, {0, 1}}},
                     GW_IDENTIFIED_TOGETHER_ONLY, GW_IDENTIFIED);
    check_identified((struct plane){.slopes = {{1, 0}, {0, 1}, {1, 1}}}, GW_IDENTIFIED_NOT,
                     GW_IDENTIFIED_NOT);
}

/* ---- starts: a model with a poor minimum near the start and a good one further off ------------- */

struct valleys {
    size_t calls, fail_from;
};

static bool
valley_residuals(void *self, const double *values, size_t count, double *residuals,
                 struct gw_error *err)
{
    struct valleys *valleys = self;

    if (++valleys->calls == valleys->fail_from) {
        return gw_fail(err, GW_EIO, "no more");
    }
    for (size_t i = 0; i < count; i++) {
        double x = log(values[2 * i]);
        double y = log(values[2 * i + 1]);
        bool good = x > 0.5;

        residuals[3 * i] = good ? 10 * (x - 0.7) : 10 * x;
        residuals[3 * i + 1] = 5 * (y - 0.2);
        residuals[3 * i + 2] = good ? 0.1 : 3;
    }
    return true;
}

static const struct gw_least_squares_starts four_starts = {
    .count = 4, .looks = 4, .reach = 1, .iterations = 5};

static struct gw_least_squares
fit_of_valleys(struct valleys *valleys, struct gw_least_squares_parameter *parameters)
{
    parameters[0] = (struct gw_least_squares_parameter){.least = 0.1, .most = 10, .start = 1};
    parameters[1] = parameters[0];
    return (struct gw_least_squares){.parameters = parameters,
                                     .parameter_count = 2,
                                     .residual_count = 3,
                                     .step = 0.02,
                                     .enough = 1e-4,
                                     .iterations = 30,
                                     .evaluate = valley_residuals,
                                     .self = valleys};
}

static void
test_starts(void **state)
{
    struct gw_least_squares_parameter parameters[2];
    struct valleys valleys = {.calls = 0};
    struct gw_least_squares fit = fit_of_valleys(&valleys, parameters);
    struct gw_least_squares_start tried[4];
    struct gw_least_squares_start again[4];
    struct gw_least_squares_outcome outcome;

    (void)state;
    assert_true(gw_least_squares_run(&fit, &outcome, NULL));
    assert_within(outcome.chi2, 9, 1e-3);
    assert_true(gw_least_squares_start(&fit, &four_starts, parameters, tried, NULL));
    assert_within(tried[0].from, 10, 1e-9);
    assert_within(tried[0].to, 9, 1e-3);
    for (size_t i = 1; i < 4; i++) {
        assert_true(tried[i].to <= tried[i].from);
    }
    assert_within(log(parameters[0].start), 0.7, 1e-3);
    assert_within(log(parameters[1].start), 0.2, 1e-3);
    assert_within(parameters[0].most, 10, 1e-9);
    fit = fit_of_valleys(&valleys, parameters);
    assert_true(gw_least_squares_start(&fit, &four_starts, parameters, again, NULL));
    assert_memory_equal(tried, again, sizeof tried);
}

/* The given start is kept where no other leads lower. */
static void
test_one_start(void **state)
{
    struct gw_least_squares_starts starts = four_starts;
    struct gw_least_squares_parameter parameters[2];
    struct valleys valleys = {.calls = 0};
    struct gw_least_squares fit = fit_of_valleys(&valleys, parameters);
    struct gw_least_squares_start tried;

    (void)state;
    starts.count = 1;
    assert_true(gw_least_squares_start(&fit, &starts, parameters, &tried, NULL));
    assert_within(tried.to, 9, 1e-3);
    assert_within(parameters[0].start, 1, 1e-3);
}

static void
test_starts_fail(void **state)
{
    struct gw_least_squares_parameter parameters[2];
    struct gw_error err = {.code = GW_OK};

    (void)state;
    for (size_t n = 1; n < 12; n++) {
        struct valleys valleys = {.fail_from = n};
        struct gw_least_squares fit = fit_of_valleys(&valleys, parameters);
        struct gw_least_squares_start tried[4];

        assert_false(gw_least_squares_start(&fit, &four_starts, parameters, tried, &err));
        assert_int_equal(err.code, GW_EIO);
        assert_int_equal(valleys.calls, n);
    }
}

static void
test_t(void **state)
{
    (void)state;
    assert_within(gw_t_factor(0.95, 1), 12.7062, 1e-5);
    assert_within(gw_t_factor(0.95, 10), 2.22814, 1e-5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certified), cmocka_unit_test(test_plane),
        cmocka_unit_test(test_prior),     cmocka_unit_test(test_prior_in_valley),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_steps),
        cmocka_unit_test(test_failure),   cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_identify),  cmocka_unit_test(test_t),
        cmocka_unit_test(test_untold),    cmocka_unit_test(test_starts),
        cmocka_unit_test(test_one_start), cmocka_unit_test(test_starts_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
