/* test_fit.c - pins: a fit finds the least of smooth and stepped functions, stays within its
 * bounds and its budget, stops when told, and does the same again.
 * Does not pin: how many evaluations it needs beyond a generous limit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/fit.h"

enum { DIMENSIONS = 3 };

struct bowl {
    double centre[DIMENSIONS];
    double step;      /* > 0: the cost is rounded down to multiples of it */
    size_t fail_from; /* > 0: this evaluation fails */
    size_t calls;
    bool strayed; /* asked for values beyond the bounds */
};

static const struct gw_fit_parameter box[DIMENSIONS] = {
    {0, 10, 5, 0}, {-100, 100, 90, 30}, {1, 1.5, 1, 0}};

static bool
bowl_cost(void *self, const double *values, double *cost, struct gw_error *err)
{
    struct bowl *bowl = self;
    double sum = 0;

    if (++bowl->calls == bowl->fail_from) {
        return gw_fail(err, GW_EIO, "no more");
    }
    for (size_t i = 0; i < DIMENSIONS; i++) {
        double range = box[i].most - box[i].least;
        double off = (values[i] - bowl->centre[i]) / range * 10;

        bowl->strayed = bowl->strayed || values[i] < box[i].least || values[i] > box[i].most;
        sum += off * off;
    }
    *cost = bowl->step > 0 ? floor(sum / bowl->step) * bowl->step : sum;
    return true;
}

static struct gw_fit
fit_of(struct bowl *bowl, size_t budget)
{
    return (struct gw_fit){.parameters = box,
                           .parameter_count = DIMENSIONS,
                           .budget = budget,
                           .evaluate = bowl_cost,
                           .self = bowl};
}

static void
test_smooth(void **state)
{
    struct bowl bowl = {.centre = {7, -30, 1.25}};
    struct gw_fit fit = fit_of(&bowl, 400);
    struct gw_fit_outcome outcome;

    (void)state;
    assert_true(gw_fit_run(&fit, &outcome, NULL));
    assert_true(outcome.cost < 1e-3);
    assert_true(fabs(outcome.values[0] - 7) < 0.1);
    assert_true(fabs(outcome.values[1] + 30) < 2);
    assert_true(fabs(outcome.values[2] - 1.25) < 0.01);
    assert_int_equal(outcome.evaluations, bowl.calls);
    assert_false(bowl.strayed);
}

static void
test_steps(void **state)
{
    struct bowl bowl = {.centre = {7, -30, 1.25}, .step = 0.5};
    struct gw_fit fit = fit_of(&bowl, 400);
    struct gw_fit_outcome outcome;

    (void)state;
    assert_true(gw_fit_run(&fit, &outcome, NULL));
    assert_true(outcome.cost == 0);
}

static void
test_least_beyond_the_bounds(void **state)
{
    struct bowl bowl = {.centre = {12, -30, 0.9}};
    struct gw_fit fit = fit_of(&bowl, 400);
    struct gw_fit_outcome outcome;

    (void)state;
    assert_true(gw_fit_run(&fit, &outcome, NULL));
    assert_false(bowl.strayed);
    assert_true(outcome.values[0] > 9.9);
    assert_true(outcome.values[2] < 1.01);
}

static void
test_budget_and_enough(void **state)
{
    struct bowl bowl = {.centre = {7, -30, 1.25}};
    struct gw_fit fit = fit_of(&bowl, 11);
    struct gw_fit_outcome outcome;

    (void)state;
    assert_true(gw_fit_run(&fit, &outcome, NULL));
    assert_int_equal(bowl.calls, 11);
    assert_int_equal(outcome.evaluations, 11);
    bowl.calls = 0;
    fit.budget = 400;
    fit.enough = 1;
    assert_true(gw_fit_run(&fit, &outcome, NULL));
    assert_true(outcome.cost <= 1);
    assert_true(bowl.calls < 100);
}

static void
test_failure_keeps_the_best(void **state)
{
    struct bowl bowl = {.centre = {7, -30, 1.25}, .fail_from = 30};
    struct gw_fit fit = fit_of(&bowl, 400);
    struct gw_fit_outcome outcome;
    struct gw_error err = {.code = GW_OK};

    (void)state;
    assert_false(gw_fit_run(&fit, &outcome, &err));
    assert_int_equal(err.code, GW_EIO);
    assert_int_equal(bowl.calls, 30);
    assert_int_equal(outcome.evaluations, 29);
    assert_true(outcome.cost < 100);
}

static void
test_same_again(void **state)
{
    struct bowl first = {.centre = {7, -30, 1.25}, .step = 0.1};
    struct bowl second = first;
    struct gw_fit one = fit_of(&first, 150);
    struct gw_fit two = fit_of(&second, 150);
    struct gw_fit_outcome a, b;

    (void)state;
    assert_true(gw_fit_run(&one, &a, NULL));
    assert_true(gw_fit_run(&two, &b, NULL));
    assert_int_equal(a.evaluations, b.evaluations);
    for (size_t i = 0; i < DIMENSIONS; i++) {
        assert_true(a.values[i] == b.values[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smooth),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_least_beyond_the_bounds),
        cmocka_unit_test(test_budget_and_enough),
        cmocka_unit_test(test_failure_keeps_the_best),
        cmocka_unit_test(test_same_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
