/* test_design.c - pins what each design promises about its points: strata, nets, corners, moves,
 * the same points for the same seed; the L2 star discrepancy as a check of evenness. Does not pin
 * what is computed from runs (test_design_effects), nor single numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/design.h"

static struct gw_design
make(const char *kind, size_t dimensions, size_t points, uint64_t seed)
{
    struct gw_design_request request = {
        .dimensions = dimensions, .points = points, .levels = 4, .seed = seed};
    struct gw_design design;
    struct gw_error err;

    assert_true(gw_design_make(kind, &request, &design, &err));
    assert_int_equal(design.dimensions, dimensions);
    for (size_t i = 0; i < design.rows * dimensions; i++) {
        assert_true(design.points[i] >= 0.0 && design.points[i] <= 1.0);
    }
    return design;
}

/* How many points of one dimension are in the stratum that has the most. */
static size_t
fullest_stratum(const struct gw_design *design, size_t d)
{
    size_t *counts = calloc(design->rows, sizeof *counts);
    size_t most = 0;

    assert_non_null(counts);
    for (size_t row = 0; row < design->rows; row++) {
        double x = design->points[row * design->dimensions + d];
        size_t stratum = (size_t)(x * (double)design->rows);

        assert_true(stratum < design->rows);
        counts[stratum]++;
        most = counts[stratum] > most ? counts[stratum] : most;
    }
    free(counts);
    return most;
}

static double
farther(double a, double b)
{
    return 1.0 - (a > b ? a : b);
}

/* Square of the L2 star discrepancy: Warnock's formula. */
static double
discrepancy(const struct gw_design *design)
{
    const double count = (double)design->rows;
    size_t k = design->dimensions;
    double single = 0.0;
    double pairs = 0.0;

    for (size_t i = 0; i < design->rows; i++) {
        const double *x = design->points + i * k;
        double product = 1.0;

        for (size_t d = 0; d < k; d++) {
            product *= (1.0 - x[d] * x[d]) / 2.0;
        }
        single += product;
        for (size_t j = 0; j < design->rows; j++) {
            double both = 1.0;

            for (size_t d = 0; d < k; d++) {
                both *= farther(x[d], design->points[j * k + d]);
            }
            pairs += both;
        }
    }
    return pow(3.0, -(double)k) - 2.0 * single / count + pairs / (count * count);
}

static void
has_one_point_a_stratum(void **state)
{
    static const struct {
        const char *kind;
        size_t dimensions, points;
    } cases[] = {{"lhs", 5, 100}, {"lhs", 1, 1}, {"lhs", 3, 997}, {"sobol", 40, 128}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_design design = make(cases[i].kind, cases[i].dimensions, cases[i].points, 3);

        assert_int_equal(design.rows, cases[i].points);
        for (size_t d = 0; d < design.dimensions; d++) {
            assert_int_equal(fullest_stratum(&design, d), 1);
        }
        gw_design_clear(&design);
    }
}

/* Each of the six orders of three strata comes up alike: a sixth of 6000, give or take 29. */
static void
lhs_orders_are_equally_likely(void **state)
{
    size_t counts[27] = {0};
    (void)state;

    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct gw_design design = make("lhs", 1, 3, seed);
        size_t order = 0;

        for (size_t row = 0; row < 3; row++) {
            order = 3 * order + (size_t)(3.0 * design.points[row]);
        }
        counts[order]++;
        gw_design_clear(&design);
    }
    for (size_t order = 0; order < 27; order++) {
        assert_true(counts[order] == 0 || (counts[order] > 850 && counts[order] < 1150));
    }
    assert_true(counts[5] > 0 && counts[7] > 0 && counts[21] > 0);
}

/* The first 16 points of two dimensions are a (0, 4, 2)-net: one in each box of 1/16, whatever its
 * sides; a digital shift keeps that, leaving out point 0 would not. */
static void
sobol_is_a_net(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct gw_design design = make("sobol", 2, 16, seed);

        for (size_t wide = 1; wide <= 16; wide *= 2) {
            unsigned int seen = 0;

            for (size_t row = 0; row < 16; row++) {
                size_t x = (size_t)(design.points[2 * row] * (double)wide);
                size_t y = (size_t)(design.points[2 * row + 1] * (double)(16 / wide));

                seen |= 1U << (x * (16 / wide) + y);
            }
            assert_int_equal(seen, 0xffff);
        }
        gw_design_clear(&design);
    }
}

/* For N random points of k dimensions the expected square is (2^-k - 3^-k) / N. */
static void
is_more_even_than_chance(void **state)
{
    const double random = (pow(2.0, -4.0) - pow(3.0, -4.0)) / 256.0;
    static const struct {
        const char *kind;
        double most; /* of the square, as a share of that of random points */
    } cases[] = {{"lhs", 0.7}, {"halton", 0.25}, {"sobol", 0.12}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double sum = 0.0;

        for (uint64_t seed = 1; seed <= 10; seed++) {
            struct gw_design design = make(cases[i].kind, 4, 256, seed);

            sum += discrepancy(&design) / random;
            gw_design_clear(&design);
        }
        assert_true(sum > 0.0 && sum / 10.0 < cases[i].most);
    }
}

static void
chance_is_the_seed_alone(void **state)
{
    static const char *const kinds[] = {"lhs", "sobol", "halton", "morris", "saltelli"};
    (void)state;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct gw_design a = make(kinds[i], 3, 32, 1);
        struct gw_design b = make(kinds[i], 3, 32, 1);
        struct gw_design c = make(kinds[i], 3, 32, 2);
        size_t bytes = a.rows * 3 * sizeof(double);

        assert_memory_equal(a.points, b.points, bytes);
        assert_memory_not_equal(a.points, c.points, bytes);
        gw_design_clear(&a);
        gw_design_clear(&b);
        gw_design_clear(&c);
    }
}

static void
factorial_is_balanced(void **state)
{
    struct gw_design design = make("factorial", 4, 0, 1);
    (void)state;

    assert_int_equal(design.rows, 16);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = i + 1; j < 4; j++) {
            size_t corners[4] = {0};

            for (size_t row = 0; row < 16; row++) {
                double x = design.points[row * 4 + i];
                double y = design.points[row * 4 + j];

                assert_true((x <= 0.0 || x >= 1.0) && (y <= 0.0 || y >= 1.0));
                corners[(x > 0.5 ? 2 : 0) + (y > 0.5 ? 1 : 0)]++;
            }
            for (size_t corner = 0; corner < 4; corner++) {
                assert_int_equal(corners[corner], 4);
            }
        }
    }
    assert_true(design.points[4 * 1 + 3] > 0.5 && design.points[4 * 8 + 0] > 0.5);
    gw_design_clear(&design);
}

static void
one_at_a_time_leaves_the_others(void **state)
{
    const size_t ways[] = {3, 1, 2};
    static const size_t wanted[4][3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {0, 0, 1}};
    struct gw_design_request request = {.dimensions = 3, .ways = ways};
    struct gw_design design;
    (void)state;

    assert_true(gw_design_make("one-at-a-time", &request, &design, NULL));
    assert_int_equal(design.rows, 4);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal((size_t)(design.points[i] * (double)ways[i % 3]), wanted[i / 3][i % 3]);
    }
    gw_design_clear(&design);
}

/* Each trajectory moves each dimension once by delta = 2/3, and all levels are met alike. */
static void
morris_moves_each_once(void **state)
{
    struct gw_design design = make("morris", 5, 1000, 1);
    size_t met[4] = {0};
    (void)state;

    assert_int_equal(design.rows, 6000);
    for (size_t row = 0; row < design.rows; row += 6) {
        unsigned int moved = 0;

        for (size_t i = 0; i < 30; i++) {
            met[(size_t)lround(design.points[row * 5 + i] * 3.0)]++;
        }
        for (size_t i = 5; i < 30; i++) {
            double step = fabs(design.points[row * 5 + i] - design.points[row * 5 + i - 5]);

            assert_true(step < 1e-9 || fabs(step - 2.0 / 3.0) < 1e-9);
            moved += step < 1e-9 ? 0 : 1U << 5 * (i % 5);
        }
        assert_int_equal(moved, 0x108421);
    }
    for (size_t level = 0; level < 4; level++) {
        assert_true(met[level] > 7000 && met[level] < 8000);
    }
    gw_design_clear(&design);
}

static void
saltelli_mixes_two_points(void **state)
{
    struct gw_design design = make("saltelli", 3, 64, 1);
    (void)state;

    assert_int_equal(design.rows, 64 * 5);
    for (size_t row = 0; row < design.rows; row += 5) {
        const double *a = design.points + row * 3;
        const double *b = a + 4 * 3;

        for (size_t i = 0; i < 9; i++) {
            double wanted = i % 3 == i / 3 ? b[i % 3] : a[i % 3];

            assert_memory_equal(&a[3 + i], &wanted, sizeof wanted);
        }
    }
    gw_design_clear(&design);
}

static void
refuses_what_it_cannot_make(void **state)
{
    const size_t ways[] = {SIZE_MAX, 600000, 600000};
    static const struct {
        const char *kind;
        size_t dimensions, points, levels;
        const char *told;
    } cases[] = {
        {"latin", 1, 1, 0, "unknown design 'latin'"},
        {"lhs", 0, 1, 0, "nothing varies"},
        {"lhs", 2, 0, 0, "at least 1"},
        {"lhs", 2, 1000001, 0, "more than 1000000 runs"},
        {"sobol", 41, 8, 0, "at most 40; lhs takes more"},
        {"saltelli", 21, 8, 0, "at most 20"},
        {"saltelli", 4, SIZE_MAX / 6, 0, "more than 1000000"},
        {"factorial", 17, 0, 0, "at most 16; morris takes more"},
        {"morris", 2, 4, 3, "must be even"},
        {"morris", 2, 4, 0, "must be even"},
        {"one-at-a-time", 3, 0, 0, "more than 1000000"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_design_request request = {.dimensions = cases[i].dimensions,
                                            .points = cases[i].points,
                                            .levels = cases[i].levels,
                                            .ways = ways};
        struct gw_design design;
        struct gw_error err = {.code = GW_OK};

        assert_false(gw_design_make(cases[i].kind, &request, &design, &err));
        assert_int_equal(err.code, GW_EINVAL);
        assert_non_null(strstr(err.message, cases[i].told));
        assert_null(design.points);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_one_point_a_stratum),
        cmocka_unit_test(lhs_orders_are_equally_likely),
        cmocka_unit_test(sobol_is_a_net),
        cmocka_unit_test(is_more_even_than_chance),
        cmocka_unit_test(chance_is_the_seed_alone),
        cmocka_unit_test(factorial_is_balanced),
        cmocka_unit_test(one_at_a_time_leaves_the_others),
        cmocka_unit_test(morris_moves_each_once),
        cmocka_unit_test(saltelli_mixes_two_points),
        cmocka_unit_test(refuses_what_it_cannot_make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
