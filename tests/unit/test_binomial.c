/* test_binomial.c - pins binomial draws to their law: chi-square against the mass function in each
 * way of drawing and at the seams between them, moments where n is large, the edges, and the bits
 * by a hash (our own output: the same with gcc and clang, all levels). Does not pin speed.
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

#include "base/variate.h"

enum { DRAWS = 200000, CELLS_MAX = 4096 };

/* Least expected count of a cell of a chi-square. */
static const double CELL_LEAST = 10;

static double
mass(double n, double p, double k)
{
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) +
               (n - k) * log1p(-p));
}

/* Chi-square in standard deviations from its mean; cells pooled until each expects enough. */
static double
chi_square_z(const uint32_t *seen, uint64_t n, double p)
{
    double sum = 0;
    double cells = 0;
    double expected = 0;
    double got = 0;
    double left = DRAWS;

    for (uint64_t k = 0; k <= n && k < CELLS_MAX; k++) {
        double here = DRAWS * mass((double)n, p, (double)k);

        expected += here;
        got += seen[k];
        left -= here;
        if (expected >= CELL_LEAST && left >= CELL_LEAST) {
            sum += (got - expected) * (got - expected) / expected;
            cells++;
            expected = got = 0;
        }
    }
    if (expected > 0) {
        sum += (got - expected) * (got - expected) / expected;
        cells++;
    }
    return (sum - (cells - 1)) / sqrt(2 * (cells - 1));
}

static void
every_way_follows_the_law(void **state)
{
    static const struct {
        uint64_t n;
        double p;
    } cases[] = {
        {1, 0.5},   {63, 0.5},   {64, 0.5},     {65, 0.5},      {512, 0.5},  {513, 0.5},
        {3, 0.3},   {30, 0.3},   {33, 0.3},     {34, 0.3},      {25, 0.45},  {100, 0.0999},
        {100, 0.1}, {100, 0.11}, {1000, 0.002}, {100000, 5e-5}, {1000, 0.4}, {2000, 0.97},
        {22, 0.46}, {40, 0.75},  {3000, 0.013}, {4000, 0.5},
    };
    uint32_t *seen = calloc(CELLS_MAX, sizeof *seen);

    (void)state;
    assert_non_null(seen);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_stream stream;

        memset(seen, 0, CELLS_MAX * sizeof *seen);
        gw_stream_open(&stream, 11, 0, "binomial", i);
        for (int draw = 0; draw < DRAWS; draw++) {
            uint64_t k = gw_binomial(&stream, cases[i].n, cases[i].p);

            assert_true(k <= cases[i].n && k < CELLS_MAX);
            seen[k]++;
        }
        double z = chi_square_z(seen, cases[i].n, cases[i].p);

        if (!(fabs(z) < 4)) {
            fail_msg("n %g p %g: chi-square %g deviations off", (double)cases[i].n, cases[i].p, z);
        }
    }
    free(seen);
}

/* Mean and variance within 4.5 standard errors, near normal. */
static void
large_counts_have_the_moments(void **state)
{
    static const struct {
        double n, p;
    } cases[] = {
        {1e6, 0.25},          {4e9, 0.5},           {4e9, 0.9},
        {4294967295.0, 1e-6}, {4294967295.0, 1e-9}, {1e12, 0.3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double n = cases[i].n;
        double mean = n * cases[i].p;
        double variance = mean * (1 - cases[i].p);
        double sum = 0;
        double squares = 0;
        struct gw_stream stream;

        gw_stream_open(&stream, 12, 0, "binomial", i);
        for (int draw = 0; draw < DRAWS; draw++) {
            double off = (double)gw_binomial(&stream, (uint64_t)n, cases[i].p) - mean;

            sum += off;
            squares += off * off;
        }
        double mean_z = sum / sqrt(DRAWS * variance);
        double fourth = variance * variance * 3 + variance * (1 - 6 * variance / n);
        double variance_z =
            (squares - DRAWS * variance) / sqrt(DRAWS * (fourth - variance * variance));

        if (!(fabs(mean_z) < 4.5 && fabs(variance_z) < 4.5)) {
            fail_msg("n %g p %g: mean %g, variance %g deviations off", n, cases[i].p, mean_z,
                     variance_z);
        }
    }
}

static void
edges_need_no_draw(void **state)
{
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 1, 0, "binomial", 0);
    assert_int_equal(gw_binomial(&stream, 0, 0.5), 0);
    assert_int_equal(gw_binomial(&stream, 9, 0), 0);
    assert_int_equal(gw_binomial(&stream, 9, -1), 0);
    assert_int_equal(gw_binomial(&stream, 9, 1), 9);
    assert_int_equal(gw_binomial(&stream, 9, 2), 9);
    assert_int_equal(stream.used, GW_STREAM_BATCH);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(gw_binomial(&stream, UINT64_MAX >> 12, 1e-30), 0);
    }
}

static void
bits_are_fixed(void **state)
{
    struct gw_stream stream;
    uint64_t hash = 0;

    (void)state;
    gw_stream_open(&stream, 3, 0, "binomial", 0);
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t bits = gw_stream_below(&stream, 32);
        uint64_t n = gw_stream_u64(&stream) >> (32 + bits);
        double p = gw_stream_unit(&stream);
        uint64_t k = gw_binomial(&stream, n, i % 2 == 0 ? p : p * p * p * p);

        hash = (hash ^ k) * 0x9E3779B97F4A7C15 + (hash >> 29);
    }
    assert_int_equal(hash, 0x83cc46fa2229bbca);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_follows_the_law),
        cmocka_unit_test(large_counts_have_the_moments),
        cmocka_unit_test(edges_need_no_draw),
        cmocka_unit_test(bits_are_fixed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
