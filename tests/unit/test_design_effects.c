/* test_design_effects.c - pins factorial, Morris and Sobol effects against closed forms: linear and
 * product functions, Ishigami, Sobol's G; what NAN and constant results give; that the bootstrap
 * interval holds the truth. Does not pin the points (test_design).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "results/design_effects.h"

#define PI 3.14159265358979323846

static void
assert_close(double got, double wanted, double most)
{
    if (!(fabs(got - wanted) <= most)) {
        fail_msg("got %.9g, wanted %.9g", got, wanted);
    }
}

typedef double model(const double *x);

/* A design and the results of a model at its rows. */
struct runs {
    struct gw_design design;
    double *values;
};

static struct runs
run(model *of, const char *kind, size_t dimensions, size_t points, uint64_t seed)
{
    struct gw_design_request request = {
        .dimensions = dimensions, .points = points, .levels = 4, .seed = seed};
    struct runs runs;

    assert_true(gw_design_make(kind, &request, &runs.design, NULL));
    runs.values = malloc(runs.design.rows * sizeof *runs.values);
    assert_non_null(runs.values);
    for (size_t row = 0; row < runs.design.rows; row++) {
        runs.values[row] = of(runs.design.points + row * dimensions);
    }
    return runs;
}

static void
runs_clear(struct runs *runs)
{
    gw_design_clear(&runs->design);
    free(runs->values);
}

static double
linear(const double *x)
{
    return 1000.0 + 3.0 * x[0] - 2.0 * x[1];
}

/* Has effects 4 + 6/2 and -2 + 6/2 at the corners, and 6/2 together. */
static double
with_product(const double *x)
{
    return 7.0 + 4.0 * x[0] - 2.0 * x[1] + 6.0 * x[0] * x[1];
}

static double
product(const double *x)
{
    return x[0] * x[1];
}

static double
constant(const double *x)
{
    (void)x;
    return 0.1;
}

static double
ishigami(const double *u)
{
    double x = PI * (2.0 * u[0] - 1.0);
    double y = PI * (2.0 * u[1] - 1.0);
    double z = PI * (2.0 * u[2] - 1.0);

    return sin(x) + 7.0 * sin(y) * sin(y) + 0.1 * z * z * z * z * sin(x);
}

static const double g_factors[8] = {0, 1, 4.5, 9, 99, 99, 99, 99};

static double
sobol_g(const double *x)
{
    double value = 1.0;

    for (size_t d = 0; d < 8; d++) {
        value *= (fabs(4.0 * x[d] - 2.0) + g_factors[d]) / (1.0 + g_factors[d]);
    }
    return value;
}

static void
factorial_finds_effects(void **state)
{
    struct runs runs = run(with_product, "factorial", 3, 0, 0);
    static const double main_wanted[3] = {7, 1, 0};
    double main_found[3];
    double pairs[9];
    (void)state;

    gw_factorial_effects(runs.values, 3, main_found, pairs);
    for (size_t i = 0; i < 3; i++) {
        assert_close(main_found[i], main_wanted[i], 1e-12);
        for (size_t j = 0; j < 3; j++) {
            assert_close(pairs[i * 3 + j], i + j == 1 ? 3.0 : 0.0, 1e-12);
        }
    }
    runs.values[5] = NAN;
    gw_factorial_effects(runs.values, 3, main_found, pairs);
    assert_true(isnan(main_found[2]) && isnan(pairs[1]));
    runs_clear(&runs);
}

static void
morris_of_a_plane_is_its_slopes(void **state)
{
    struct runs runs = run(linear, "morris", 3, 10, 1);
    struct gw_morris_effect effects[3];
    static const double slopes[3] = {3, -2, 0};
    (void)state;

    gw_morris_effects(&runs.design, runs.values, effects);
    for (size_t d = 0; d < 3; d++) {
        assert_int_equal(effects[d].count, 10);
        assert_close(effects[d].mu, slopes[d], 1e-9);
        assert_close(effects[d].mu_star, fabs(slopes[d]), 1e-9);
        assert_close(effects[d].sigma, 0.0, 1e-9);
    }
    runs_clear(&runs);
}

/* The effect of either is where the other stands: 0, 1/3, 2/3 or 1, each a quarter of the time. */
static void
morris_of_a_product_spreads(void **state)
{
    struct runs runs = run(product, "morris", 2, 20000, 1);
    struct gw_morris_effect effects[2];
    (void)state;

    gw_morris_effects(&runs.design, runs.values, effects);
    for (size_t d = 0; d < 2; d++) {
        assert_close(effects[d].mu, 0.5, 0.01);
        assert_close(effects[d].sigma, sqrt(5.0) / 6.0, 0.005);
    }
    runs_clear(&runs);
}

/* mu_star sees what mu cancels: the middle parameter of Ishigami, symmetric about the centre. */
static void
morris_star_does_not_cancel(void **state)
{
    struct runs runs = run(ishigami, "morris", 3, 4000, 1);
    struct gw_morris_effect effects[3];
    (void)state;

    gw_morris_effects(&runs.design, runs.values, effects);
    assert_close(effects[1].mu, 0.0, 0.3);
    assert_close(effects[1].mu_star, 7.875, 1e-9);
    runs_clear(&runs);
}

static void
morris_leaves_gaps_out(void **state)
{
    struct runs runs = run(linear, "morris", 2, 2, 1);
    struct gw_morris_effect effects[2];
    (void)state;

    runs.values[4] = NAN;
    gw_morris_effects(&runs.design, runs.values, effects);
    assert_int_equal(effects[0].count + effects[1].count, 2);
    assert_close(effects[0].mu, 3.0, 1e-9);
    assert_true(isnan(effects[0].sigma));
    runs.values[1] = NAN;
    gw_morris_effects(&runs.design, runs.values, effects);
    assert_int_equal(effects[0].count, 0);
    assert_true(isnan(effects[0].mu) && isnan(effects[0].mu_star));
    runs_clear(&runs);
}

static struct gw_sobol_outcome
indices_of(const struct runs *runs, size_t resamples, struct gw_sobol_index *indices)
{
    struct gw_sobol_request request = {.dimensions = runs->design.dimensions,
                                       .points = runs->design.rows / (runs->design.dimensions + 2),
                                       .resamples = resamples,
                                       .confidence = 0.95,
                                       .seed = 1};
    struct gw_sobol_outcome outcome;

    assert_true(gw_sobol_indices(&request, runs->values, indices, &outcome, NULL));
    return outcome;
}

/* a = 7, b = 0.1: mean 3.5, variance 13.8446. */
static void
sobol_meets_ishigami(void **state)
{
    static const double first[3] = {0.3139, 0.4424, 0.0};
    static const double total[3] = {0.5576, 0.4424, 0.2437};
    struct runs runs = run(ishigami, "saltelli", 3, 4096, 1);
    struct gw_sobol_index indices[3];
    struct gw_sobol_outcome outcome = indices_of(&runs, 200, indices);
    (void)state;

    assert_int_equal(outcome.used, 4096);
    assert_close(outcome.mean, 3.5, 0.02);
    assert_close(outcome.variance, 13.8446, 0.1);
    for (size_t d = 0; d < 3; d++) {
        assert_close(indices[d].first.share, first[d], 0.01);
        assert_close(indices[d].total.share, total[d], 0.01);
        assert_true(indices[d].first.low < first[d] && first[d] < indices[d].first.high);
        assert_true(indices[d].total.low < total[d] && total[d] < indices[d].total.high);
        assert_true(indices[d].first.high - indices[d].first.low < 0.15);
    }
    runs_clear(&runs);
}

static void
sobol_meets_g(void **state)
{
    struct runs runs = run(sobol_g, "saltelli", 8, 8192, 1);
    struct gw_sobol_index indices[8];
    double all = 1.0;
    (void)state;

    indices_of(&runs, 0, indices);
    for (size_t d = 0; d < 8; d++) {
        all *= 1.0 + 1.0 / (3.0 * (1.0 + g_factors[d]) * (1.0 + g_factors[d]));
    }
    for (size_t d = 0; d < 8; d++) {
        double own = 1.0 / (3.0 * (1.0 + g_factors[d]) * (1.0 + g_factors[d]));

        assert_close(indices[d].first.share, own / (all - 1.0), 0.01);
        assert_close(indices[d].total.share, own * all / (1.0 + own) / (all - 1.0), 0.01);
        assert_true(isnan(indices[d].first.low) && isnan(indices[d].total.high));
    }
    runs_clear(&runs);
}

/* A large mean must not drown the products. */
static void
sobol_of_a_plane_adds_up(void **state)
{
    struct runs runs = run(linear, "saltelli", 2, 1024, 5);
    struct gw_sobol_index indices[2];
    (void)state;

    for (size_t i = 0; i < runs.design.rows; i++) {
        runs.values[i] += 1e7;
    }
    indices_of(&runs, 0, indices);
    assert_close(indices[0].first.share, 9.0 / 13.0, 0.005);
    assert_close(indices[1].first.share, 4.0 / 13.0, 0.005);
    assert_close(indices[1].total.share, 4.0 / 13.0, 0.005);
    runs_clear(&runs);
}

/* Of 100 seeds some 95 intervals hold the truth; quasi-random points make it more. */
static void
sobol_intervals_cover(void **state)
{
    size_t held = 0;
    (void)state;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct runs runs = run(ishigami, "saltelli", 3, 256, seed);
        struct gw_sobol_index indices[3];

        indices_of(&runs, 200, indices);
        held += indices[0].first.low <= 0.3139 && 0.3139 <= indices[0].first.high;
        runs_clear(&runs);
    }
    assert_true(held >= 90);
}

static void
sobol_survives_gaps_and_constants(void **state)
{
    struct runs runs = run(constant, "saltelli", 2, 8, 1);
    struct gw_sobol_request request = {
        .dimensions = 2, .points = 8, .resamples = 10, .confidence = 0.9, .seed = 1};
    struct gw_sobol_index indices[2];
    struct gw_sobol_outcome outcome = indices_of(&runs, 10, indices);
    struct gw_error err;
    (void)state;

    assert_true(isnan(indices[0].first.share) && isnan(indices[1].total.low));
    for (size_t i = 0; i < 7; i++) {
        runs.values[i * 4 + i % 4] = NAN;
        assert_int_equal(gw_sobol_indices(&request, runs.values, indices, &outcome, &err), i < 6);
        assert_int_equal(outcome.used, 7 - i);
    }
    assert_int_equal(err.code, GW_EINVAL);
    runs_clear(&runs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factorial_finds_effects),
        cmocka_unit_test(morris_of_a_plane_is_its_slopes),
        cmocka_unit_test(morris_of_a_product_spreads),
        cmocka_unit_test(morris_star_does_not_cancel),
        cmocka_unit_test(morris_leaves_gaps_out),
        cmocka_unit_test(sobol_meets_ishigami),
        cmocka_unit_test(sobol_meets_g),
        cmocka_unit_test(sobol_of_a_plane_adds_up),
        cmocka_unit_test(sobol_intervals_cover),
        cmocka_unit_test(sobol_survives_gaps_and_constants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
