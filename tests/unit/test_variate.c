/* test_variate.c - pins log, exp, pow to long double libm; the bits of a million of each by a
 * hash (our own output: the same on gcc and clang, all levels); distributions to their closed
 * forms by chi-square or moments with fixed seeds.
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
#include "base/ziggurat.h"

static double
error_ulp(double got, long double wanted)
{
    double rounded = (double)wanted;
    long double ulp = (long double)nextafter(fabs(rounded), INFINITY) - (long double)fabs(rounded);

    return (double)fabsl(((long double)got - wanted) / ulp);
}

static uint64_t
hash_in(uint64_t hash, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (hash ^ bits) * 0x9E3779B97F4A7C15 + (hash >> 29);
}

static void
test_log_exp_pow_are_near_and_fixed(void **state)
{
    struct gw_stream stream;
    double worst[3] = {0};
    uint64_t hash[3] = {0};

    (void)state;
    gw_stream_open(&stream, 1, 0, "log", 0);
    for (int i = 0; i < 1000000; i++) {
        int exponent = (int)gw_stream_below(&stream, 2000);
        double unit = gw_stream_unit(&stream);
        double wide = ldexp(0.5 + unit, exponent - 1000);
        double near = 1 + (unit - 0.5) * ldexp(1, -exponent / 50);
        double x = i % 2 == 0 ? wide : near;
        double power = (gw_stream_unit(&stream) - 0.5) * (i % 3 == 0 ? 1400 : 2);
        double base = gw_stream_unit(&stream) * 1000 + 1e-9;
        double got[3] = {gw_log(x), gw_exp(power), gw_pow(base, power / 20)};
        long double wanted[3] = {logl((long double)x), expl((long double)power),
                                 powl((long double)base, (long double)(power / 20))};

        for (int k = 0; k < 3; k++) {
            double error = error_ulp(got[k], wanted[k]);

            worst[k] = error > worst[k] ? error : worst[k];
            hash[k] = hash_in(hash[k], got[k]);
        }
    }
    print_message("worst ulp: log %.3f exp %.3f pow %.3f\n", worst[0], worst[1], worst[2]);
    print_message("hashes %016llx %016llx %016llx\n", (unsigned long long)hash[0],
                  (unsigned long long)hash[1], (unsigned long long)hash[2]);
    assert_true(worst[0] < 1 && worst[1] < 1 && worst[2] < 1.5);
    assert_int_equal(hash[0], 0xb36fb3cc84b661e4);
    assert_int_equal(hash[1], 0x61fad2fd0167164d);
    assert_int_equal(hash[2], 0xcaeff546581f0da5);
}

static void
test_edges_of_log_and_exp(void **state)
{
    (void)state;
    assert_true(gw_log(1) == 0 && gw_exp(0) == 1);
    assert_true(gw_exp(-800) == 0 && isinf(gw_exp(800)));
    assert_true(error_ulp(gw_log(0x1p-1074), logl(0x1p-1074L)) < 1);
    assert_true(gw_pow(2, 10) == 1024 && gw_pow(10, 0) == 1);
}

static void
test_ziggurat_layers_have_equal_areas(void **state)
{
    long double r = (long double)GW_ZIGGURAT_TAIL;
    long double area = (r + 1) * expl(-r);

    (void)state;
    for (size_t i = 1; i < GW_ZIGGURAT_LAYERS; i++) {
        long double x = (long double)gw_ziggurat[i].scale * 0x1p53L;
        long double next = (long double)gw_ziggurat[i + 1].scale * 0x1p53L;

        assert_true(fabsl(expl(-x) - (long double)gw_ziggurat[i].density) < 1e-16L);
        assert_true(fabsl(x * (expl(-next) - expl(-x)) / area - 1) < 1e-12L);
        assert_true(fabsl((long double)gw_ziggurat[i].accept - next / x * 0x1p53L) < 8);
    }
}

enum { DRAWS = 400000, CELLS = 100 };

/* chi-square over 100 cells of equal probability: 99 degrees of freedom, 48 .. 176 is 99.999 %. */
static void
check_uniform(const char *what, const uint32_t *seen)
{
    double sum = 0;

    for (size_t i = 0; i < CELLS; i++) {
        double off = (double)seen[i] - (double)DRAWS / CELLS;

        sum += off * off / ((double)DRAWS / CELLS);
    }
    print_message("%s: chi-square %.1f\n", what, sum);
    assert_true(sum > 48 && sum < 176);
}

static void
add_cell(uint32_t *seen, double cumulative)
{
    int cell = (int)(cumulative * CELLS);

    seen[cell < CELLS ? cell : CELLS - 1]++;
}

static void
test_continuous_distributions(void **state)
{
    uint32_t seen[4][CELLS] = {{0}};
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 2, 0, "continuous", 0);
    for (int i = 0; i < DRAWS; i++) {
        add_cell(seen[0], -expm1(-gw_exponential(&stream, 3) / 3));
        add_cell(seen[1], 0.5 * erfc(-(gw_normal(&stream, 5, 2) - 5) / 2 / sqrt(2)));
        add_cell(seen[2], 0.5 * erfc(-log(gw_lognormal(&stream, 7, 0.5) / 7) / 0.5 / sqrt(2)));
        add_cell(seen[3], -expm1(-(double)gw_exponential_ns(&stream, 1000000) / 1e6));
    }
    check_uniform("exponential", seen[0]);
    check_uniform("normal", seen[1]);
    check_uniform("lognormal", seen[2]);
    check_uniform("exponential ns", seen[3]);
}

/* The tail beyond the ziggurat's last layer has its own code: exp(-7.697) of all draws. */
static void
test_tail_of_the_exponential(void **state)
{
    struct gw_stream stream;
    double beyond = 0;
    double excess = 0;

    (void)state;
    gw_stream_open(&stream, 3, 0, "tail", 0);
    for (int i = 0; i < 5000000; i++) {
        double x = gw_exponential(&stream, 1);

        beyond += x > 8;
        excess += x > 8 ? x - 8 : 0;
    }
    assert_true(fabs(beyond / 5e6 / exp(-8) - 1) < 4.5 / sqrt(beyond));
    assert_true(fabs(excess / beyond - 1) < 4.5 / sqrt(beyond));
}

static void
check_zipf(uint64_t count, double exponent)
{
    enum { RANKS = 20 };
    struct gw_zipf zipf;
    struct gw_stream stream;
    uint32_t seen[RANKS + 1] = {0};
    double all = 0;
    double sum = 0;
    double rest = DRAWS;

    gw_stream_open(&stream, 4, 0, "zipf", count);
    gw_zipf_init(&zipf, count, exponent);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t rank = gw_zipf_draw(&zipf, &stream);

        assert_true(rank < count);
        seen[rank < RANKS ? rank : RANKS]++;
    }
    for (uint64_t i = 1; i <= count; i++) {
        all += pow((double)i, -exponent);
    }
    for (uint64_t i = 0; i < RANKS && i < count; i++) {
        double expected = DRAWS * pow((double)i + 1, -exponent) / all;

        sum += (seen[i] - expected) * (seen[i] - expected) / expected;
        rest -= expected;
    }
    sum += rest > 5 ? (seen[RANKS] - rest) * (seen[RANKS] - rest) / rest : 0;
    print_message("zipf %llu %.2f: chi-square %.1f\n", (unsigned long long)count, exponent, sum);
    assert_true(sum < 55); /* 20 degrees of freedom: 99.996 % */
}

static void
test_zipf(void **state)
{
    static const double exponents[] = {0, 0.5, 0.99, 1, 1.0000001, 1.2, 2, 3};

    (void)state;
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        check_zipf(1, exponents[i]);
        check_zipf(10, exponents[i]);
        check_zipf(1000, exponents[i]);
        check_zipf(1000000, exponents[i]);
    }
}

static void
test_alias(void **state)
{
    static const double weight[] = {1, 0, 2.5, 1000, 3, 0, 7, 11, 0.5};
    enum { COUNT = 9 };
    uint32_t seen[COUNT] = {0};
    struct gw_alias alias;
    struct gw_error err;
    struct gw_stream stream;
    double sum = 0;

    (void)state;
    gw_stream_open(&stream, 5, 0, "alias", 0);
    assert_true(gw_alias_create(&alias, weight, COUNT, &err));
    for (int i = 0; i < DRAWS; i++) {
        seen[gw_alias_draw(&alias, &stream)]++;
    }
    for (size_t i = 0; i < COUNT; i++) {
        double expected = DRAWS * weight[i] / 1025;

        assert_true(weight[i] > 0 || seen[i] == 0);
        sum += weight[i] > 0 ? (seen[i] - expected) * (seen[i] - expected) / expected : 0;
    }
    assert_true(sum < 28); /* 6 degrees of freedom: 99.99 % */
    gw_alias_destroy(&alias);
    assert_false(gw_alias_create(&alias, weight, 0, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_alias_create(&alias, weight + 1, 1, &err));
    assert_false(gw_alias_create(&alias, (const double[]){1, -1}, 2, &err));
}

static void
test_scatter_is_a_bijection(void **state)
{
    static const uint64_t counts[] = {1, 2, 3, 5, 16, 17, 1000, 65536, 65537};
    static unsigned char seen[65537];

    (void)state;
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        uint64_t stayed = 0;

        memset(seen, 0, sizeof seen);
        for (uint64_t rank = 0; rank < counts[k]; rank++) {
            uint64_t place = gw_scatter(rank, counts[k], 99);

            assert_true(place < counts[k]);
            assert_int_equal(seen[place]++, 0);
            stayed += place == rank;
        }
        assert_true(counts[k] < 1000 || stayed < 12);
    }
    assert_true(gw_scatter(UINT64_MAX - 1, UINT64_MAX, 1) < UINT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_exp_pow_are_near_and_fixed),
        cmocka_unit_test(test_edges_of_log_and_exp),
        cmocka_unit_test(test_ziggurat_layers_have_equal_areas),
        cmocka_unit_test(test_continuous_distributions),
        cmocka_unit_test(test_tail_of_the_exponential),
        cmocka_unit_test(test_zipf),
        cmocka_unit_test(test_alias),
        cmocka_unit_test(test_scatter_is_a_bijection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
