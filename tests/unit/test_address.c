/* test_address.c - pins that address patterns follow their laws and stay in their region.
 *
 * Does not pin which block a seed gives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/variate.h"
#include "workloads/address.h"

enum { DRAWS = 400000 };

static struct gw_stream stream;

static int
open_stream(void **state)
{
    (void)state;
    gw_stream_open(&stream, 7, 0, "test.address", 0);
    return 0;
}

static double
square(double x)
{
    return x * x;
}

/* Chi-squared of counts against one expectation each, must stay below df + 6 sqrt(2 df). */
static bool
fits(const int *count, const double *expected, size_t cells)
{
    double chi2 = 0;
    double df = (double)cells - 1;

    for (size_t i = 0; i < cells; i++) {
        chi2 += square(count[i] - expected[i]) / expected[i];
    }
    return square(chi2 - df) < 36 * 2 * df || chi2 < df;
}

static void
uniform_is_uniform(void **state)
{
    enum { CELLS = 1000 };
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_UNIFORM, .count = CELLS};
    struct gw_address address;
    int count[CELLS] = {0};
    double expected[CELLS];

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < DRAWS; i++) {
        count[gw_address_next(&address, &stream)]++;
    }
    for (int i = 0; i < CELLS; i++) {
        expected[i] = (double)DRAWS / CELLS;
    }
    assert_true(fits(count, expected, CELLS));
}

/* Without rejection, 3 * 2^30 blocks would be drawn 2 : 1 : 1 by remainder of three. */
static void
uniform_has_no_bias_of_the_multiply(void **state)
{
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_UNIFORM, .count = UINT64_C(3) << 30};
    struct gw_address address;
    int count[3] = {0};
    double expected[3] = {DRAWS / 3.0, DRAWS / 3.0, DRAWS / 3.0};

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < DRAWS; i++) {
        count[gw_address_next(&address, &stream) % 3]++;
    }
    assert_true(fits(count, expected, 3));
}

static void
uniform_reaches_beyond_32_bits(void **state)
{
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_UNIFORM, .count = UINT64_C(1) << 34};
    struct gw_address address;
    int count[4] = {0};
    double expected[4] = {2500, 2500, 2500, 2500};

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < 10000; i++) {
        uint64_t block = gw_address_next(&address, &stream);

        assert_true(block < plan.count);
        count[block >> 32]++;
    }
    assert_true(fits(count, expected, 4));
}

static void
one_block_is_always_that_block(void **state)
{
    struct gw_address_plan plan = {.count = 1};
    struct gw_address address;
    const enum gw_address_pattern patterns[] = {GW_ADDRESS_UNIFORM, GW_ADDRESS_SEQUENTIAL,
                                                GW_ADDRESS_ZIPF};

    (void)state;
    for (size_t p = 0; p < 3; p++) {
        plan.pattern = patterns[p];
        plan.zipf_exponent = 0.9;
        assert_true(gw_address_init(&address, &plan, NULL));
        for (int i = 0; i < 100; i++) {
            assert_int_equal(gw_address_next(&address, &stream), 0);
        }
    }
}

static void
sequential_wraps(void **state)
{
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_SEQUENTIAL, .count = 5};
    struct gw_address address;

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (uint64_t i = 0; i < 23; i++) {
        assert_int_equal(gw_address_next(&address, &stream), i % 5);
    }
}

/* Ten blocks, three hot ones from block 8 on: 8, 9 and, round the end, 0. */
static void
hot_piece_has_its_share_and_wraps(void **state)
{
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_HOTCOLD,
                                   .count = 10,
                                   .hot_share = 0.3,
                                   .hot_io_share = 0.9,
                                   .hot_at = 0.8};
    struct gw_address address;
    int count[10] = {0};
    double expected[10];

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < DRAWS; i++) {
        count[gw_address_next(&address, &stream)]++;
    }
    for (int i = 0; i < 10; i++) {
        bool is_hot = i >= 8 || i == 0;

        expected[i] = is_hot ? DRAWS * 0.9 / 3 : DRAWS * 0.1 / 7;
    }
    assert_true(fits(count, expected, 10));
}

static void
scattered_hot_blocks_lie_all_over(void **state)
{
    enum { BLOCKS = 1000 };
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_HOTCOLD,
                                   .count = BLOCKS,
                                   .hot_share = 0.1,
                                   .hot_io_share = 1,
                                   .hot_scattered = true,
                                   .key = 42};
    struct gw_address address;
    int count[BLOCKS] = {0};
    int hot = 0, upper_half = 0;

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < DRAWS; i++) {
        count[gw_address_next(&address, &stream)]++;
    }
    for (int i = 0; i < BLOCKS; i++) {
        hot += count[i] > 0;
        upper_half += count[i] > 0 && i >= BLOCKS / 2;
    }
    assert_int_equal(hot, 100);
    assert_in_range(upper_half, 30, 70);
}

static void
zipf_follows_its_law(void **state)
{
    enum { BLOCKS = 10000, RANKS = 50 };
    struct gw_address_plan plan = {
        .pattern = GW_ADDRESS_ZIPF, .count = BLOCKS, .zipf_exponent = 0.99, .key = 99};
    struct gw_address address;
    static int block_count[BLOCKS];
    int count[RANKS + 1] = {0};
    double expected[RANKS + 1] = {0};
    double sum = 0;

    (void)state;
    assert_true(gw_address_init(&address, &plan, NULL));
    for (int i = 0; i < DRAWS; i++) {
        block_count[gw_address_next(&address, &stream)]++;
    }
    for (int rank = 0; rank < BLOCKS; rank++) {
        int cell = rank < RANKS ? rank : RANKS;
        double weight = gw_pow(rank + 1, -0.99);

        count[cell] += block_count[gw_scatter((uint64_t)rank, BLOCKS, 99)];
        expected[cell] += weight;
        sum += weight;
    }
    for (int cell = 0; cell <= RANKS; cell++) {
        expected[cell] *= DRAWS / sum;
    }
    assert_true(fits(count, expected, RANKS + 1));
}

/* Ranks by octave, over many exponents and counts, against the sum of the weights. */
static void
zipf_table_follows_the_law_in_the_tail(void **state)
{
    enum { OCTAVES = 18 };
    const double exponents[] = {0, 0.5, 0.99, 1, 1.5};
    const uint64_t counts[] = {65, 5000, 200000};
    static struct gw_zipf_table table;

    (void)state;
    for (int test = 0; test < 15; test++) {
        double exponent = exponents[test % 5];
        uint64_t ranks = counts[test / 5];
        int count[OCTAVES] = {0};
        double expected[OCTAVES] = {0};
        double sum = 0;
        size_t cells = 64 - (size_t)__builtin_clzll(ranks);

        assert_true(gw_zipf_table_init(&table, ranks, exponent, NULL));
        for (uint64_t rank = 0; rank < ranks; rank++) {
            double weight = gw_pow((double)rank + 1, -exponent);

            expected[63 - __builtin_clzll(rank + 1)] += weight;
            sum += weight;
        }
        for (int i = 0; i < DRAWS; i++) {
            uint64_t rank = gw_zipf_table_draw(&table, &stream);

            assert_true(rank < ranks);
            count[63 - __builtin_clzll(rank + 1)]++;
        }
        for (size_t cell = 0; cell < cells; cell++) {
            expected[cell] *= DRAWS / sum;
        }
        assert_true(fits(count, expected, cells));
    }
}

/* Inside a segment the weight still falls: with exponent 8, ranks 112 .. 127 are cut into
 * segments of seven, over which it halves. Drawn as is, nearly all draws are below rank 64. */
static void
zipf_table_falls_inside_segments(void **state)
{
    static struct gw_zipf_table table;
    int count[7] = {0};
    double expected[7];
    double sum = 0;
    size_t at = 0;
    int draws = 0;

    (void)state;
    assert_true(gw_zipf_table_init(&table, 2000, 8, NULL));
    while (table.segment[at].width != 7) {
        at++;
    }
    for (uint32_t i = 0; i < table.segments; i++) {
        table.segment[i].threshold = 0;
        table.segment[i].other = (uint32_t)at;
    }
    for (; draws < DRAWS; draws++) {
        count[gw_zipf_table_draw(&table, &stream) - table.segment[at].first]++;
    }
    for (int i = 0; i < 7; i++) {
        expected[i] = gw_pow((double)table.segment[at].first + i + 1, -8);
        sum += expected[i];
    }
    for (int i = 0; i < 7; i++) {
        expected[i] *= draws / sum;
    }
    assert_true(fits(count, expected, 7));
}

static void
huge_zipf_fits_the_table(void **state)
{
    static struct gw_zipf_table table;

    (void)state;
    assert_true(gw_zipf_table_init(&table, UINT64_C(1) << 62, 0.9, NULL));
    for (int i = 0; i < 1000; i++) {
        assert_true(gw_zipf_table_draw(&table, &stream) < UINT64_C(1) << 62);
    }
}

static void
empty_hot_or_cold_part_is_refused(void **state)
{
    struct gw_address_plan plan = {.pattern = GW_ADDRESS_HOTCOLD, .count = 10, .hot_share = 0.01};
    struct gw_address address;
    struct gw_error err;

    (void)state;
    assert_false(gw_address_init(&address, &plan, &err));
    assert_int_equal(err.code, GW_EINVAL);
    plan.hot_share = 1;
    assert_false(gw_address_init(&address, &plan, &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(uniform_is_uniform, open_stream),
        cmocka_unit_test_setup(uniform_has_no_bias_of_the_multiply, open_stream),
        cmocka_unit_test_setup(uniform_reaches_beyond_32_bits, open_stream),
        cmocka_unit_test_setup(one_block_is_always_that_block, open_stream),
        cmocka_unit_test_setup(sequential_wraps, open_stream),
        cmocka_unit_test_setup(hot_piece_has_its_share_and_wraps, open_stream),
        cmocka_unit_test_setup(scattered_hot_blocks_lie_all_over, open_stream),
        cmocka_unit_test_setup(zipf_follows_its_law, open_stream),
        cmocka_unit_test_setup(zipf_table_follows_the_law_in_the_tail, open_stream),
        cmocka_unit_test_setup(zipf_table_falls_inside_segments, open_stream),
        cmocka_unit_test_setup(huge_zipf_fits_the_table, open_stream),
        cmocka_unit_test_setup(empty_hot_or_cold_part_is_refused, open_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
