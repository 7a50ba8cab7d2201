/* test_blockmap.c - pins: numbering over disks, the short last block, runs that end at disks and
 * limits, bytes of a set, and refusals. Does not pin: the bitmap (test_bitmap).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "algorithms/blockmap.h"
#include "tests/support/port_rig.h"

static struct port_rig rig;
static struct gw_blockmap map;
static struct gw_bitmap set;

/* Disks of 64, 3 and 64 granules of 4 KiB; blocks of 8 KiB: 32, 2 (the last one short), 32. */
static int
set_up(void **state)
{
    (void)state;
    port_rig_start(&rig, 3);
    rig.source[1].disk.size_bytes = 3 * PORT_RIG_GRANULE;
    assert_true(gw_blockmap_init(&map, &rig.ports, NULL));
    assert_true(gw_bitmap_create(&set, gw_blockmap_count(&map), NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_bitmap_destroy(&set);
    return 0;
}

static void
numbering(void **state)
{
    (void)state;
    assert_int_equal(gw_blockmap_count(&map), 66);
    assert_int_equal(gw_blockmap_disk(&map, 0), 0);
    assert_int_equal(gw_blockmap_disk(&map, 31), 0);
    assert_int_equal(gw_blockmap_disk(&map, 32), 1);
    assert_int_equal(gw_blockmap_disk(&map, 33), 1);
    assert_int_equal(gw_blockmap_disk(&map, 34), 2);
    assert_int_equal(gw_blockmap_disk(&map, 65), 2);
}

static void
an_extent_covers_what_it_touches(void **state)
{
    struct gw_extent inside = {4096, 4096}, across = {4096, 8192};

    (void)state;
    assert_int_equal(gw_blockmap_begin(&map, 2, inside), 34);
    assert_int_equal(gw_blockmap_end(&map, 2, inside), 35);
    gw_blockmap_mark(&map, &set, 2, across);
    assert_int_equal(set.count, 2);
    assert_true(gw_bitmap_test(&set, 34) && gw_bitmap_test(&set, 35));
    gw_blockmap_unmark(&map, &set, 2, inside);
    assert_int_equal(set.count, 1);
    assert_true(gw_bitmap_test(&set, 35));
}

static void
the_last_block_is_short(void **state)
{
    struct gw_piece piece = gw_blockmap_piece(&map, 32, 34);

    (void)state;
    assert_int_equal(piece.disk, 1);
    assert_int_equal(piece.extent.offset_bytes, 0);
    assert_int_equal(piece.extent.length_bytes, 3 * 4096);
    assert_int_equal(piece.from_bytes, 0);
    piece = gw_blockmap_piece(&map, 33, 34);
    assert_int_equal(piece.extent.offset_bytes, 8192);
    assert_int_equal(piece.extent.length_bytes, 4096);
    assert_int_equal(piece.from_bytes, 8192);
    gw_bitmap_set(&set, 33);
    assert_int_equal(gw_blockmap_bytes(&map, &set), 4096);
    gw_bitmap_set_range(&set, 0, 66);
    assert_int_equal(gw_blockmap_bytes(&map, &set), (64 + 3 + 64) * 4096);
}

/* Blocks of 3 granules: 64 = 21 x 3 + 1, 3 = 3, so the short blocks are a third. */
static void
bytes_of_a_shorter_tail(void **state)
{
    (void)state;
    rig.common.granularity_bytes = 3 * PORT_RIG_GRANULE;
    assert_true(gw_blockmap_init(&map, &rig.ports, NULL));
    gw_bitmap_set(&set, 21);
    assert_int_equal(gw_blockmap_bytes(&map, &set), PORT_RIG_GRANULE);
    gw_bitmap_set_range(&set, 0, gw_blockmap_count(&map));
    assert_int_equal(gw_blockmap_bytes(&map, &set), (64 + 3 + 64) * 4096);
}

/* All set: pieces of at most 5 blocks, none over the end of a disk, nothing left out. */
static void
runs_end_at_limits_and_disks(void **state)
{
    uint64_t cursor = 0;
    int64_t bytes = 0;
    int pieces = 0;
    struct gw_piece piece;

    (void)state;
    gw_bitmap_set_range(&set, 0, 66);
    while (gw_blockmap_next(&map, &set, &cursor, 5 * 8192 + 8191, &piece)) {
        assert_true(piece.extent.length_bytes <= 5 * 8192);
        assert_true(gw_extent_end(piece.extent) <= map.size_bytes[piece.disk]);
        bytes += piece.extent.length_bytes;
        pieces++;
    }
    assert_int_equal(bytes, (64 + 3 + 64) * 4096);
    assert_int_equal(pieces, 7 + 1 + 7);
    assert_int_equal(cursor, 66);
}

static void
a_limit_below_a_block_gives_a_block(void **state)
{
    uint64_t cursor = 3;
    struct gw_piece piece;

    (void)state;
    gw_bitmap_set(&set, 2);
    gw_bitmap_set_range(&set, 7, 2);
    assert_true(gw_blockmap_next(&map, &set, &cursor, 4096, &piece));
    assert_int_equal(piece.extent.offset_bytes, 7 * 8192);
    assert_int_equal(piece.extent.length_bytes, 8192);
    assert_int_equal(cursor, 8);
}

static void
refusals(void **state)
{
    struct gw_error err = {0};

    (void)state;
    rig.common.granularity_bytes = 6144;
    assert_false(gw_blockmap_init(&map, &rig.ports, &err));
    assert_int_equal(err.code, GW_EINVAL);
    rig.common.granularity_bytes = 8192;
    rig.common.mover_io_bytes = 4096;
    assert_false(gw_blockmap_init(&map, &rig.ports, &err));
    rig.common.mover_io_bytes = 16384;
    rig.ports.disk_count = 0;
    assert_false(gw_blockmap_init(&map, &rig.ports, &err));
    rig.ports.disk_count = GW_DISKS_MAX + 1;
    assert_false(gw_blockmap_init(&map, &rig.ports, &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbering, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_extent_covers_what_it_touches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_block_is_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_of_a_shorter_tail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(runs_end_at_limits_and_disks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_limit_below_a_block_gives_a_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
