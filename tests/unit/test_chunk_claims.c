/* test_chunk_claims.c - pins how runs of dirty chunks are claimed and get a buffer.
 *
 * Pins: a run ends at the buffer's size, at a clean chunk, at one in flight and at a disk's end;
 * the loop waits for the next dirty chunk when that is in flight; operations look for room in the
 * order of their claims, and when only the end of the oldest in flight wakes them a small one
 * passes a large one; who claims can sleep until then; operations of a run are made one by one;
 * what is dropped is dirty again, and the buffer is whole; which part of a guest write is left to the copy. Does not pin: the pace of
 * claims.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "algorithms/chunk_claims.h"

enum { CHUNK = 64, RUN = 4, FIRST = 10, ALL = 13 };

/* Two disks, of 10 and of 3 chunks. */
static struct gw_blockmap map = {.granularity_bytes = CHUNK,
                                 .disk_count = 2,
                                 .first = {0, FIRST, ALL},
                                 .size_bytes = {FIRST * CHUNK, 3 * CHUNK}};
static struct gw_chunk_claims claims;

static int
set_up(void **state)
{
    (void)state;
    claims = (struct gw_chunk_claims){0};
    assert_true(gw_chunk_claims_start(&claims, &map, RUN * CHUNK, RUN * CHUNK, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_chunk_claims_stop(&claims);
    return 0;
}

/* Claims the next run and makes all its operations. */
static bool
claim(void)
{
    if (!gw_chunk_claims_next(&claims)) {
        return false;
    }
    while (gw_chunk_claims_launch(&claims)) {
    }
    return true;
}

/* Claims the next run, takes it, and is done with it. */
static void
expect_run(uint32_t disk, int64_t chunk, int64_t length)
{
    struct gw_piece piece;

    assert_true(claim());
    assert_true(gw_chunk_claims_take(&claims, &piece));
    assert_int_equal(piece.disk, disk);
    assert_int_equal(piece.extent.offset_bytes, chunk * CHUNK);
    assert_int_equal(piece.extent.length_bytes, length * CHUNK);
    gw_chunk_claims_done(&claims, piece, false);
}

static void
runs_end_where_they_must(void **state)
{
    (void)state;
    expect_run(0, 0, RUN);
    gw_bitmap_clear(&claims.dirty, 5);
    expect_run(0, 4, 1);
    gw_bitmap_set(&claims.flying, 8);
    expect_run(0, 6, 2);
    assert_false(claim());
    assert_true(claims.awaited);
    gw_bitmap_clear(&claims.flying, 8);
    expect_run(0, 8, 2);
    expect_run(1, 0, 3);
    assert_false(claim());
    assert_false(claims.awaited);
    assert_true(gw_bitmap_is_empty(&claims.flying));
}

static void
the_buffer_goes_by_the_order_of_claims(void **state)
{
    struct gw_piece small, large, more;

    (void)state;
    gw_bitmap_clear(&claims.dirty, 2);
    assert_true(claim());
    assert_true(gw_chunk_claims_take(&claims, &small));
    assert_int_equal(small.extent.length_bytes, 2 * CHUNK);
    assert_true(claim());
    assert_true(claim());
    assert_int_equal(claims.queued.count, RUN + 3);
    assert_false(gw_chunk_claims_take(&claims, &large));
    gw_chunk_claims_done(&claims, small, false);
    assert_true(gw_chunk_claims_take(&claims, &large));
    assert_int_equal(large.extent.offset_bytes, 3 * CHUNK);
    assert_false(gw_chunk_claims_take(&claims, &more));
    gw_chunk_claims_done(&claims, large, true);
    assert_true(gw_chunk_claims_take(&claims, &more));
    assert_int_equal(more.extent.offset_bytes, 7 * CHUNK);
    assert_true(gw_bitmap_test(&claims.dirty, 3));
}

static struct gw_piece
expect_start(int64_t chunk)
{
    struct gw_piece piece;

    assert_true(gw_chunk_claims_take(&claims, &piece));
    assert_int_equal(piece.extent.offset_bytes, chunk * CHUNK);
    return piece;
}

static struct gw_piece
claim_and_start(int64_t chunk)
{
    assert_true(claim());
    return expect_start(chunk);
}

/* Runs of 2, 1, 4 and 1 chunks; the third finds no room. */
static void
small_ones_pass_a_large_one(void **state)
{
    struct gw_piece oldest, second, last, large;

    (void)state;
    claims.wait_oldest = true;
    gw_bitmap_clear(&claims.dirty, 2);
    gw_bitmap_clear(&claims.dirty, 4);
    oldest = claim_and_start(0);
    second = claim_and_start(3);
    assert_true(claim());
    assert_false(gw_chunk_claims_take(&claims, &large));
    last = claim_and_start(9);
    assert_int_equal(claims.free_bytes, 0);

    gw_chunk_claims_sleep(&claims);
    gw_chunk_claims_done(&claims, second, false);
    assert_true(gw_chunk_claims_asleep(&claims));
    gw_chunk_claims_done(&claims, oldest, false);
    assert_false(gw_chunk_claims_asleep(&claims));
    assert_false(gw_chunk_claims_take(&claims, &large));
    gw_chunk_claims_done(&claims, last, false);
    large = expect_start(5);
    assert_int_equal(large.extent.length_bytes, RUN * CHUNK);
    gw_chunk_claims_done(&claims, large, false);
    gw_chunk_claims_sleep(&claims);
    assert_false(gw_chunk_claims_asleep(&claims));
}

/* The end of any operation wakes those that wait, also while an older one is in flight. */
static void
any_end_wakes(void **state)
{
    struct gw_piece second, large;

    (void)state;
    gw_bitmap_clear(&claims.dirty, 1);
    gw_bitmap_clear(&claims.dirty, 4);
    gw_bitmap_clear(&claims.dirty, 8);
    (void)claim_and_start(0);
    second = claim_and_start(2);
    assert_true(claim());
    assert_false(gw_chunk_claims_take(&claims, &large));
    gw_chunk_claims_done(&claims, second, false);
    large = expect_start(5);
    assert_int_equal(large.extent.length_bytes, 3 * CHUNK);
}

static void
the_buffer_is_whole_after_a_drop(void **state)
{
    struct gw_piece flying, large;

    (void)state;
    claims.wait_oldest = true;
    gw_bitmap_clear(&claims.dirty, 2);
    flying = claim_and_start(0);
    assert_true(claim());
    assert_false(gw_chunk_claims_take(&claims, &large));
    gw_chunk_claims_drop(&claims);
    gw_chunk_claims_done(&claims, flying, false);
    assert_false(gw_chunk_claims_take(&claims, &large));
    assert_int_equal(claims.free_bytes, RUN * CHUNK);
    assert_int_equal(claims.dirty.count, ALL - 3);
}

static void
operations_of_a_run_come_one_by_one(void **state)
{
    struct gw_chunk_claims whole = claims;
    struct gw_piece piece;

    (void)state;
    claims.operation_bytes = 3 * CHUNK;
    assert_true(gw_chunk_claims_next(&claims));
    assert_int_equal(gw_chunk_claims_left_bytes(&claims), ALL * CHUNK);
    assert_false(gw_chunk_claims_take(&claims, &piece));
    assert_int_equal(gw_chunk_claims_run(&claims).extent.length_bytes, RUN * CHUNK);
    assert_true(gw_chunk_claims_busy(&claims, 0, (struct gw_extent){3 * CHUNK, CHUNK}));
    assert_true(gw_chunk_claims_launch(&claims));
    piece = gw_chunk_claims_run(&claims);
    assert_int_equal(piece.extent.offset_bytes, 3 * CHUNK);
    assert_int_equal(piece.extent.length_bytes, CHUNK);
    assert_true(gw_chunk_claims_take(&claims, &piece));
    assert_int_equal(piece.extent.length_bytes, 3 * CHUNK);
    assert_int_equal(gw_chunk_claims_left_bytes(&claims), (ALL - 3) * CHUNK);
    assert_false(gw_chunk_claims_launch(&claims));
    assert_false(gw_chunk_claims_launch(&claims));
    assert_int_equal(claims.queued.count, 1);
    claims.operation_bytes = whole.operation_bytes;
}

/* Also what was claimed and is in no operation yet. */
static void
what_is_dropped_is_dirty_again(void **state)
{
    struct gw_piece piece;

    (void)state;
    assert_true(claim());
    assert_true(gw_chunk_claims_next(&claims));
    assert_int_equal(claims.dirty.count, ALL - 2 * RUN);
    gw_chunk_claims_drop(&claims);
    assert_int_equal(claims.dirty.count, ALL);
    assert_int_equal(gw_chunk_claims_left_bytes(&claims), ALL * CHUNK);
    assert_false(gw_chunk_claims_take(&claims, &piece));
    assert_true(gw_bitmap_is_empty(&claims.flying));
    assert_true(gw_bitmap_is_empty(&claims.queued));
}

static void
parts_of_dirty_chunks_are_left_to_the_copy(void **state)
{
    struct gw_extent write = {CHUNK / 2, 3 * CHUNK};
    struct gw_extent rest;

    (void)state;
    rest = gw_chunk_claims_rest(&claims, 0, write);
    assert_int_equal(rest.offset_bytes, CHUNK);
    assert_int_equal(rest.length_bytes, 2 * CHUNK);
    gw_bitmap_clear(&claims.dirty, 0);
    rest = gw_chunk_claims_rest(&claims, 0, write);
    assert_int_equal(rest.offset_bytes, CHUNK / 2);
    rest = gw_chunk_claims_rest(&claims, 0, (struct gw_extent){CHUNK + 8, 8});
    assert_int_equal(rest.length_bytes, 0);
    gw_chunk_claims_clean(&claims, 0, write);
    assert_false(gw_bitmap_test(&claims.dirty, 1));
    assert_false(gw_bitmap_test(&claims.dirty, 2));
    assert_true(gw_bitmap_test(&claims.dirty, 3));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_end_where_they_must, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_buffer_goes_by_the_order_of_claims, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_ones_pass_a_large_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_end_wakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_buffer_is_whole_after_a_drop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(operations_of_a_run_come_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_dirty_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_of_dirty_chunks_are_left_to_the_copy, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
