/* test_redo_log.c - pins: places in order of first writing, the map against a plain array, runs,
 * walking, the metadata cache (first in, first out), and sizes. Does not pin: the guest IO that
 * goes through it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algorithms/redo_log.h"
#include "base/random.h"

enum { UNIT = 4096, LEAF = 64 << 10, PER_LEAF = LEAF / UNIT, UNITS = 40 * PER_LEAF + 5 };

static const struct gw_redo_shape shape = {
    .unit_bytes = UNIT, .leaf_bytes = LEAF, .metadata_bytes = 4096, .cached_leaves = 3};
static struct gw_redo_log redo;

static int
set_up(void **state)
{
    (void)state;
    assert_true(gw_redo_log_create(&redo, &shape, NULL, (int64_t)UNITS * UNIT, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_redo_log_destroy(&redo);
    return 0;
}

static int64_t
put(uint64_t unit, uint64_t count)
{
    int64_t place = gw_redo_log_reserve(&redo, count);

    assert_true(gw_redo_log_map(&redo, unit, count, place));
    return place;
}

static void
an_empty_log(void **state)
{
    int64_t place;

    (void)state;
    assert_int_equal(redo.unit_count, UNITS);
    assert_int_equal(redo.leaf_count, 41);
    assert_int_equal(gw_redo_log_bytes(&redo), 0);
    assert_int_equal(gw_redo_log_next(&redo, 0), UNITS);
    assert_int_equal(gw_redo_log_run(&redo, 0, UNITS, &place), UNITS);
    assert_int_equal(place, -1);
}

static void
places_follow_the_order_of_writing(void **state)
{
    int64_t place, first = put(100, 2), second = put(7, 3);

    (void)state;
    assert_int_equal(first, redo.data_start_bytes);
    assert_int_equal(second, first + 2 * UNIT);
    assert_int_equal(gw_redo_log_run(&redo, 8, 100, &place), 2);
    assert_int_equal(place, second + UNIT);
    assert_int_equal(gw_redo_log_run(&redo, 0, 7, &place), 7);
    assert_int_equal(gw_redo_log_run(&redo, 0, 50, &place), 7);
    assert_int_equal(gw_redo_log_next(&redo, 0), 7);
    assert_int_equal(gw_redo_log_next(&redo, 10), 100);
    assert_int_equal(gw_redo_log_next(&redo, 102), UNITS);
    assert_int_equal(gw_redo_log_bytes(&redo), 5 * UNIT);
}

/* A reserved place is not visible; neighbours written at other times are not one run. */
static void
reserved_is_not_mapped_and_neighbours_are_not_one_run(void **state)
{
    int64_t place;

    (void)state;
    gw_redo_log_reserve(&redo, 4);
    assert_int_equal(gw_redo_log_next(&redo, 0), UNITS);
    put(21, 1);
    put(20, 1);
    assert_int_equal(gw_redo_log_run(&redo, 20, 2, &place), 1);
    assert_int_equal(redo.units_mapped, 2);
}

static int64_t truth[UNITS]; /* place of each unit, -1 = none */

/* Gives places to what has none of units [unit, end), as a write does. */
static void
write_units(uint64_t unit, uint64_t end)
{
    while (unit < end) {
        int64_t place;
        uint64_t count = gw_redo_log_run(&redo, unit, end - unit, &place);

        if (place == -1) {
            place = put(unit, count);
            for (uint64_t j = 0; j < count; j++) {
                assert_int_equal(truth[unit + j], -1);
                truth[unit + j] = place + (int64_t)j * UNIT;
            }
        }
        unit += count;
    }
}

/* Random writes over leaf borders, against an array with one entry a unit. */
static void
agrees_with_an_array(void **state)
{
    struct gw_stream stream;

    (void)state;
    memset(truth, 0xff, sizeof truth);
    gw_stream_open(&stream, 1, 0, "test.redo", 0);
    for (int i = 0; i < 60; i++) {
        uint64_t unit = gw_stream_below(&stream, UNITS);
        uint64_t end = unit + 1 + gw_stream_below(&stream, 2 * PER_LEAF);

        write_units(unit, end > UNITS ? UNITS : end);
    }
    assert_int_equal(redo.units_mapped, redo.units_used);
    assert_true(redo.units_used > UNITS / 2);
    for (uint64_t unit = 0; unit < UNITS;) {
        int64_t place;
        uint64_t length = gw_redo_log_run(&redo, unit, UNITS - unit, &place);

        for (uint64_t j = 0; j < length; j++) {
            assert_int_equal(truth[unit + j], place == -1 ? -1 : place + (int64_t)j * UNIT);
        }
        unit += length;
    }
}

/* A file holds each unit of the disk once: no place is given beyond its end. */
static void
a_full_log_gives_no_place(void **state)
{
    (void)state;
    put(0, UNITS - 1);
    assert_int_equal(gw_redo_log_reserve(&redo, 2), -1);
    assert_int_equal(gw_redo_log_bytes(&redo), (int64_t)(UNITS - 1) * UNIT);
    put(UNITS - 1, 1);
    assert_int_equal(gw_redo_log_reserve(&redo, 1), -1);
}

static void
the_cache_forgets_the_oldest_leaf(void **state)
{
    (void)state;
    assert_false(gw_redo_log_must_fetch(&redo, 0)); /* maps nothing: nothing to read */
    for (uint64_t leaf = 0; leaf < 5; leaf++) {
        put(leaf * PER_LEAF, 1);
        assert_int_equal(gw_redo_log_leaf(&redo, leaf * PER_LEAF + PER_LEAF - 1), leaf);
        assert_true(gw_redo_log_must_fetch(&redo, leaf));
    }
    for (uint64_t leaf = 0; leaf < 3; leaf++) {
        gw_redo_log_fetched(&redo, leaf);
    }
    gw_redo_log_fetched(&redo, 0); /* there already: stays the oldest */
    gw_redo_log_fetched(&redo, 3);
    assert_true(gw_redo_log_must_fetch(&redo, 0));
    assert_false(gw_redo_log_must_fetch(&redo, 1));
    assert_false(gw_redo_log_must_fetch(&redo, 2));
    assert_false(gw_redo_log_must_fetch(&redo, 3));
    assert_true(gw_redo_log_must_fetch(&redo, 4));
}

static void
metadata_lie_before_the_data(void **state)
{
    struct gw_extent last = gw_redo_log_metadata(&redo, redo.leaf_count - 1);

    (void)state;
    assert_int_equal(last.length_bytes, 4096);
    assert_int_equal(gw_redo_log_metadata(&redo, 0).offset_bytes, 0);
    assert_true(gw_extent_end(last) <= redo.data_start_bytes);
    assert_int_equal(gw_redo_log_most_bytes(&shape, (int64_t)UNITS * UNIT),
                     redo.data_start_bytes + (int64_t)UNITS * UNIT);
}

static void
metadata_may_cost_nothing(void **state)
{
    struct gw_redo_shape free_shape = shape;
    struct gw_redo_log other;

    (void)state;
    free_shape.metadata_bytes = 0;
    free_shape.cached_leaves = 0;
    assert_true(gw_redo_log_create(&other, &free_shape, NULL, (int64_t)UNITS * UNIT, NULL));
    assert_true(gw_redo_log_map(&other, 0, 1, gw_redo_log_reserve(&other, 1)));
    assert_false(gw_redo_log_must_fetch(&other, 0));
    gw_redo_log_fetched(&other, 0);
    gw_redo_log_destroy(&other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_log),
        CASE(places_follow_the_order_of_writing),
        CASE(reserved_is_not_mapped_and_neighbours_are_not_one_run),
        CASE(agrees_with_an_array),
        CASE(a_full_log_gives_no_place),
        CASE(the_cache_forgets_the_oldest_leaf),
        CASE(metadata_lie_before_the_data),
        CASE(metadata_may_cost_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
