/* test_effects.c - pins effects from replicated runs: factorial ones against fractions and tables
 * of t, Morris's mu* with its interval, means of points, and what gaps leave. The effects of one
 * result a point are for test_design_effects.c.
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

#include "results/bootstrap.h"
#include "results/effects.h"

static void
assert_near(double got, double wanted)
{
    assert_true(fabs(got - wanted) <= 1e-10 * fabs(wanted) + 1e-14);
}

static const struct gw_design square = {
    .points = (double[]){0, 0, 0, 1, 1, 0, 1, 1}, .rows = 4, .dimensions = 2};

/* Effects of the rows by hand: first (c + d - a - b) / 2, second (b + d - a - c) / 2, pair
 * (a + d - b - c) / 2. */
static const double runs[3][4] = {
    {1.0, 3.0, 6.0, 12.0}, /* 7, 4, 2 */
    {2.0, 4.0, 5.0, 11.0}, /* 5, 4, 2 */
    {1.0, 2.0, 8.0, 13.0}, /* 9, 3, 2 */
};

/* Mean 7, deviation 2; mean 11/3, deviation 1 / sqrt(3); t(0.975, 2) = 4.30265272974946. */
static void
test_factorial(void **state)
{
    const struct gw_effects_input input = {&square, &runs[0][0], 3, 0.95};
    struct gw_effect_estimate main[2];
    struct gw_effect_estimate pairs[4];
    size_t used;

    (void)state;
    assert_true(gw_effects_factorial(&input, main, pairs, &used, NULL));
    assert_int_equal(used, 3);
    assert_near(main[0].value, 7.0);
    assert_true(fabs(main[0].low - (7.0 - 4.30265272974946 * 2.0 / sqrt(3.0))) < 1e-9);
    assert_true(fabs(main[0].high - (7.0 + 4.30265272974946 * 2.0 / sqrt(3.0))) < 1e-9);
    assert_near(main[1].value, 11.0 / 3.0);
    assert_true(fabs(main[1].high - (11.0 + 4.30265272974946) / 3.0) < 1e-9);
    assert_near(pairs[1].value, 2.0);
    assert_near(pairs[2].low, 2.0);
    assert_near(pairs[0].value, 0.0);
}

/* A replication with a gap is left out; when all have one, the means of the points are taken. */
static void
test_factorial_with_gaps(void **state)
{
    double values[12];
    const struct gw_effects_input input = {&square, values, 3, 0.95};
    struct gw_effect_estimate main[2];
    struct gw_effect_estimate pairs[4];
    size_t used;

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        values[i] = runs[i / 4][i % 4];
    }
    values[4] = NAN;
    assert_true(gw_effects_factorial(&input, main, pairs, &used, NULL));
    assert_int_equal(used, 2);
    assert_near(main[0].value, 8.0);
    values[0] = values[11] = NAN;
    assert_true(gw_effects_factorial(&input, main, pairs, &used, NULL));
    assert_int_equal(used, 0);
    assert_near(main[0].value, (19.0 / 3.0 + 11.5 - 1.0 - 3.0) / 2.0);
    assert_true(isnan(main[0].low) && isnan(main[0].high));
    values[8] = NAN;
    assert_true(gw_effects_factorial(&input, main, pairs, &used, NULL));
    assert_true(isnan(main[0].value) && isnan(pairs[1].value));
}

static void
test_means(void **state)
{
    const double values[2][4] = {{1.0, NAN, 3.0, NAN}, {2.0, 5.0, NAN, NAN}};
    const struct gw_effects_input input = {&square, &values[0][0], 2, 0.95};
    double means[4];

    (void)state;
    gw_effects_means(&input, means);
    assert_near(means[0], 1.5);
    assert_near(means[1], 5.0);
    assert_near(means[2], 3.0);
    assert_true(isnan(means[3]) || means[3] < means[0]);
    assert_false(means[3] >= 0.0);
}

enum { TRAJECTORIES = 6 };

/* y = 3 x0 - 2 x1 + x0 x1 on a grid of four levels. */
static double
model(const double *x)
{
    return 3.0 * x[0] - 2.0 * x[1] + x[0] * x[1];
}

static void
test_morris(void **state)
{
    const struct gw_design_request request = {
        .dimensions = 2, .points = TRAJECTORIES, .levels = 4, .seed = 5};
    double values[2 * 3 * TRAJECTORIES];
    double sizes[TRAJECTORIES];
    struct gw_design design;
    struct gw_morris_estimate estimates[2];
    struct gw_bootstrap_interval interval;
    const struct gw_bootstrap bootstrap = {gw_bootstrap_mean, NULL, GW_BOOTSTRAP_RESAMPLES, 0.9, 1};

    (void)state;
    assert_true(gw_design_make("morris", &request, &design, NULL));
    for (size_t row = 0; row < design.rows; row++) {
        values[row] = model(design.points + 2 * row) - 1.0;
        values[design.rows + row] = model(design.points + 2 * row) + 1.0;
    }
    assert_true(
        gw_effects_morris(&(struct gw_effects_input){&design, values, 2, 0.9}, estimates, NULL));
    /* The effect of x0 is 3 + x1, of x1 x0 - 2: x1, and x0, as they stand when the other moves. */
    for (size_t i = 0; i < TRAJECTORIES; i++) {
        const double *at = design.points + 6 * i;
        bool first = fabs(at[0] - at[2]) > 0.0;

        sizes[i] = 3.0 + (first ? at[1] : at[3]);
    }
    assert_near(estimates[0].effect.mu_star, gw_bootstrap_mean(NULL, sizes, TRAJECTORIES));
    gw_bootstrap_run(&bootstrap, sizes, TRAJECTORIES, &interval);
    assert_near(estimates[0].low, interval.percentile_low);
    assert_near(estimates[0].high, interval.percentile_high);
    assert_true(estimates[0].low >= 3.0 && estimates[0].high <= 4.0);
    assert_true(estimates[1].low >= 1.0 && estimates[1].high <= 2.0);
    assert_true(estimates[1].effect.mu < 0.0);
    gw_design_clear(&design);
}

/* One result that is missing costs the effects beside it, not the others. */
static void
test_morris_with_a_gap(void **state)
{
    const struct gw_design_request request = {
        .dimensions = 2, .points = TRAJECTORIES, .levels = 4, .seed = 5};
    double values[3 * TRAJECTORIES];
    struct gw_design design;
    struct gw_morris_estimate estimates[2];

    (void)state;
    assert_true(gw_design_make("morris", &request, &design, NULL));
    for (size_t row = 0; row < design.rows; row++) {
        values[row] = row < 4 ? model(design.points + 2 * row) : (double)NAN;
    }
    assert_true(
        gw_effects_morris(&(struct gw_effects_input){&design, values, 1, 0.9}, estimates, NULL));
    assert_int_equal(estimates[0].effect.count, 1);
    assert_true(estimates[0].effect.mu_star >= 3.0);
    assert_true(isnan(estimates[0].low) && isnan(estimates[1].high));
    gw_design_clear(&design);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factorial),
        cmocka_unit_test(test_factorial_with_gaps),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_morris),
        cmocka_unit_test(test_morris_with_a_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
