/* test_heat_filter.c - pins: the heat of a block is never below its writes of the epoch; the
 * conservative update is never worse than the plain one; ageing halves, late or early; the hot
 * set of a skewed load is found, a uniform load has none; saturation and refusals.
 * Does not pin: thresholds that suit a migration.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "algorithms/heat_filter.h"
#include "base/random.h"

enum { BLOCKS = 65536, STAGES = 3 };

static const int64_t EPOCH_NS = 60000000000;

static struct gw_heat heat;
static uint32_t truth[BLOCKS];

static void
make(uint64_t counters, bool conservative)
{
    heat = (struct gw_heat){.threshold = 8, .conservative = conservative, .epoch_ns = EPOCH_NS};
    assert_true(gw_heat_create(&heat, STAGES, counters, NULL));
    memset(truth, 0, sizeof truth);
}

static int
tear_down(void **state)
{
    (void)state;
    gw_heat_destroy(&heat);
    return 0;
}

static void
write_block(uint64_t block)
{
    gw_heat_write(&heat, block, 1);
    truth[block]++;
}

/* Writes to blocks drawn uniformly from the first `span`. */
static void
write_some(int count, uint64_t span, uint64_t seed)
{
    struct gw_stream stream;

    gw_stream_open(&stream, seed, 0, "test.heat", 0);
    for (int i = 0; i < count; i++) {
        write_block(gw_stream_below(&stream, span));
    }
}

static uint64_t
sum_of_excess(void)
{
    uint64_t sum = 0;

    for (uint64_t block = 0; block < BLOCKS; block++) {
        assert_true(gw_heat_of(&heat, block) >= truth[block]);
        sum += gw_heat_of(&heat, block) - truth[block];
    }
    return sum;
}

static void
never_underestimates(void **state)
{
    (void)state;
    for (int conservative = 0; conservative < 2; conservative++) {
        make(1024, conservative != 0);
        write_some(50000, BLOCKS, 1);
        write_some(20000, 50, 2);
        sum_of_excess();
        gw_heat_destroy(&heat);
    }
    make(64, true);
}

static void
the_conservative_update_is_closer(void **state)
{
    uint64_t plain;

    (void)state;
    make(2048, false);
    write_some(60000, BLOCKS, 1);
    plain = sum_of_excess();
    gw_heat_destroy(&heat);
    make(2048, true);
    write_some(60000, BLOCKS, 1);
    assert_true(sum_of_excess() < plain);
}

static void
counters_halve_every_epoch(void **state)
{
    (void)state;
    make(BLOCKS, true);
    for (int i = 0; i < 100; i++) {
        gw_heat_write(&heat, 5, 7);
    }
    assert_int_equal(gw_heat_of(&heat, 5), 100);
    gw_heat_write(&heat, 6, 7 + EPOCH_NS - 1);
    assert_int_equal(gw_heat_of(&heat, 5), 100);
    gw_heat_write(&heat, 6, 7 + EPOCH_NS);
    assert_int_equal(gw_heat_of(&heat, 5), 50);
    gw_heat_write(&heat, 6, 7 + EPOCH_NS + 1);
    assert_int_equal(gw_heat_of(&heat, 5), 50);
    /* Three epochs without a write in between are three halvings. */
    gw_heat_write(&heat, 6, 7 + 4 * EPOCH_NS);
    assert_int_equal(gw_heat_of(&heat, 5), 6);
    gw_heat_write(&heat, 6, 7 + 1000 * EPOCH_NS);
    assert_int_equal(gw_heat_of(&heat, 5), 0);
    assert_int_equal(gw_heat_of(&heat, 6), 1);
}

/* 90 % of 20000 writes go to 500 blocks (36 each), the rest to 65036 (0.03 each): with a counter
 * for 16 blocks a stage, all of the hot ones are hot, and at most one in a hundred others. */
static void
finds_the_hot_set(void **state)
{
    uint64_t wrong = 0;

    (void)state;
    make(BLOCKS / 16, true);
    write_some(18000, 500, 3);
    write_some(2000, BLOCKS, 4);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        if (truth[block] >= 8) {
            assert_true(gw_heat_is_hot(&heat, block));
        }
        wrong += truth[block] < 8 && gw_heat_is_hot(&heat, block);
    }
    assert_true(wrong < BLOCKS / 100);
}

/* 8192 uniform writes are 2 a counter: the chance that all three counters of a block reach the
 * threshold of 8 is about (0.001)^3. */
static void
finds_nothing_hot_in_a_uniform_load(void **state)
{
    (void)state;
    make(BLOCKS / 16, true);
    write_some(8192, BLOCKS, 5);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        assert_false(gw_heat_is_hot(&heat, block));
    }
}

static void
counters_saturate(void **state)
{
    (void)state;
    make(64, false);
    for (int i = 0; i < 70000; i++) {
        gw_heat_write(&heat, 1, 1);
    }
    assert_int_equal(gw_heat_of(&heat, 1), 65535);
    assert_true(gw_heat_is_hot(&heat, 1));
}

static void
sizes_and_refusals(void **state)
{
    struct gw_heat other = {0};
    struct gw_error err = {0};

    (void)state;
    make(65, true);
    assert_int_equal(heat.mask, 127);
    assert_false(gw_heat_create(&other, 0, 64, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_heat_create(&other, GW_HEAT_STAGES_MAX + 1, 64, &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(never_underestimates, tear_down),
        cmocka_unit_test_teardown(the_conservative_update_is_closer, tear_down),
        cmocka_unit_test_teardown(counters_halve_every_epoch, tear_down),
        cmocka_unit_test_teardown(finds_the_hot_set, tear_down),
        cmocka_unit_test_teardown(finds_nothing_hot_in_a_uniform_load, tear_down),
        cmocka_unit_test_teardown(counters_saturate, tear_down),
        cmocka_unit_test_teardown(sizes_and_refusals, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
