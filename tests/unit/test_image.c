/* test_image.c - pins: what fresh images hold, reads and writes against a plain array, chunks that
 * collapse again under a bulk copy, holes, counting of stored chunks, first differences, and the
 * limit of numbers. Does not pin: memory use.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/image.h"

enum { GRANULES = 10 * GW_CHUNK_GRANULES + 17, FIRST = 1000 };

static struct gw_image image;

static void
make(struct gw_image *out, enum gw_image_fill fill)
{
    assert_true(gw_image_create(out, GRANULES, FIRST, fill, NULL));
}

static int
tear_down(void **state)
{
    (void)state;
    gw_image_destroy(&image);
    return 0;
}

static void
what_a_fresh_image_holds(void **state)
{
    (void)state;
    make(&image, GW_IMAGE_HOLE);
    assert_int_equal(gw_image_get(&image, 5), GW_ID_ZERO);
    assert_int_equal(image.stored_chunks, 0);
    assert_true(gw_image_is_hole(&image, 0, GRANULES));
    gw_image_fill_chunk(&image, 1, GW_IMAGE_INITIAL);
    gw_image_fill_chunk(&image, 2, GW_IMAGE_GARBAGE);
    gw_image_fill_chunk(&image, 3, GW_IMAGE_ZERO);
    assert_int_equal(gw_image_get(&image, 64), GW_ID_INITIAL | (FIRST + 64));
    assert_int_equal(gw_image_get(&image, 128), GW_ID_GARBAGE);
    assert_int_equal(gw_image_get(&image, 192), GW_ID_ZERO);
    assert_int_equal(image.stored_chunks, 3);
    gw_image_fill_chunk(&image, 1, GW_IMAGE_HOLE);
    assert_int_equal(image.stored_chunks, 2);
    assert_true(gw_image_set(&image, 130, 1, 9)); /* stored already */
    assert_int_equal(image.stored_chunks, 2);
    assert_true(gw_image_set(&image, 64, 1, 9));
    assert_int_equal(image.stored_chunks, 3);
}

/* A chunk with anything in it is no hole, zeroes stored there included. */
static void
holes_are_told_by_chunk(void **state)
{
    uint32_t zero = GW_ID_ZERO;

    (void)state;
    make(&image, GW_IMAGE_HOLE);
    assert_true(gw_image_write(&image, 70, 1, &zero));
    assert_false(gw_image_is_hole(&image, 64, 1));
    assert_false(gw_image_is_hole(&image, 0, 65));
    assert_true(gw_image_is_hole(&image, 0, 64));
    assert_true(gw_image_is_hole(&image, 128, GRANULES - 128));
    assert_int_equal(image.stored_chunks, 1);
}

/* Random writes, sets and reads that cross chunks, against an array. */
static void
agrees_with_an_array(void **state)
{
    static uint32_t truth[GRANULES], seen[GRANULES], data[GRANULES];
    struct gw_stream stream;

    (void)state;
    make(&image, GW_IMAGE_INITIAL);
    for (uint32_t i = 0; i < GRANULES; i++) {
        truth[i] = GW_ID_INITIAL | (FIRST + i);
    }
    gw_stream_open(&stream, 1, 0, "test.image", 0);
    for (uint32_t i = 1; i < 3000; i++) {
        uint64_t from = gw_stream_below(&stream, GRANULES);
        uint64_t count = 1 + gw_stream_below(&stream, 200);
        bool uniform = gw_stream_below(&stream, 2) == 0;

        count = from + count > GRANULES ? GRANULES - from : count;
        for (uint64_t j = 0; j < count; j++) {
            data[j] = uniform ? i : GW_ID_INITIAL | (FIRST + (uint32_t)(from + j));
            truth[from + j] = data[j];
        }
        assert_true(uniform ? gw_image_set(&image, from, count, i)
                            : gw_image_write(&image, from, count, data));
        gw_image_read(&image, 0, GRANULES, seen);
        assert_memory_equal(seen, truth, sizeof truth);
    }
    for (uint64_t i = 0; i < GRANULES; i++) {
        assert_int_equal(gw_image_get(&image, i), truth[i]);
    }
}

/* A bulk copy of untouched data takes no slots, the last, short chunk included. */
static void
a_bulk_copy_takes_no_slots(void **state)
{
    static uint32_t data[GRANULES];

    (void)state;
    make(&image, GW_IMAGE_HOLE);
    for (uint32_t i = 0; i < GRANULES; i++) {
        data[i] = GW_ID_INITIAL | (FIRST + i);
    }
    assert_true(gw_image_write(&image, 0, GRANULES, data));
    assert_int_equal(image.slot_count, 0);
    assert_int_equal(image.stored_chunks, 11);
    data[3] ^= 1;
    assert_true(gw_image_write(&image, 0, GRANULES, data));
    assert_int_equal(image.slot_count, 1);
    assert_int_equal(gw_image_get(&image, 3), data[3]);
}

static void
the_first_difference(void **state)
{
    struct gw_image other;

    (void)state;
    make(&image, GW_IMAGE_INITIAL);
    make(&other, GW_IMAGE_INITIAL);
    assert_int_equal(gw_image_difference(&image, &other, 0), GRANULES);
    assert_true(gw_image_set(&other, 200, 1, 9));
    assert_true(gw_image_set(&other, GRANULES - 1, 1, 9));
    assert_int_equal(gw_image_difference(&image, &other, 0), 200);
    assert_int_equal(gw_image_difference(&image, &other, 200), 200);
    assert_int_equal(gw_image_difference(&image, &other, 201), GRANULES - 1);
    assert_true(gw_image_set(&image, 200, 1, 9));
    assert_true(gw_image_set(&image, GRANULES - 1, 1, 9));
    assert_int_equal(gw_image_difference(&image, &other, 0), GRANULES);
    /* Alike in different ways: a hole reads as zeroes that were stored. */
    gw_image_fill_chunk(&image, 0, GW_IMAGE_HOLE);
    gw_image_fill_chunk(&other, 0, GW_IMAGE_ZERO);
    assert_int_equal(gw_image_difference(&image, &other, 0), GRANULES);
    gw_image_fill_chunk(&other, 0, GW_IMAGE_GARBAGE);
    assert_int_equal(gw_image_difference(&image, &other, 0), 0);
    gw_image_destroy(&other);
}

static void
data_of_another_place_differ(void **state)
{
    struct gw_image other;
    uint32_t data[2];

    (void)state;
    make(&image, GW_IMAGE_INITIAL);
    make(&other, GW_IMAGE_INITIAL);
    gw_image_read(&image, 11, 2, data);
    assert_true(gw_image_write(&other, 10, 2, data));
    assert_int_equal(gw_image_difference(&image, &other, 0), 10);
    gw_image_destroy(&other);
}

static void
too_many_granules(void **state)
{
    struct gw_error err = {0};

    (void)state;
    assert_false(gw_image_create(&image, UINT64_C(1) << 31, 0, GW_IMAGE_HOLE, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_image_create(&image, 2, GW_ID_WRITE_MOST - 1, GW_IMAGE_HOLE, &err));
    assert_true(gw_image_create(&image, 1, GW_ID_WRITE_MOST - 1, GW_IMAGE_HOLE, &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_a_fresh_image_holds, tear_down),
        cmocka_unit_test_teardown(holes_are_told_by_chunk, tear_down),
        cmocka_unit_test_teardown(agrees_with_an_array, tear_down),
        cmocka_unit_test_teardown(a_bulk_copy_takes_no_slots, tear_down),
        cmocka_unit_test_teardown(the_first_difference, tear_down),
        cmocka_unit_test_teardown(data_of_another_place_differ, tear_down),
        cmocka_unit_test_teardown(too_many_granules, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
