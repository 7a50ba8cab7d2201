/* test_mover.c - pins: how many pieces are in flight, read before write at the right places, one
 * `idle` a run, errors, holes, the rate cap and its timer, and memory that runs out.
 * Does not pin: which pieces an owner chooses.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "algorithms/mover.h"
#include "tests/support/port_rig.h"

enum { PIECE = 4 * PORT_RIG_GRANULE };

static struct port_rig rig;
static struct gw_mover mover;
static int offered, wanted, idles, failures;
static int64_t arrived_bytes;
static int64_t shift_bytes; /* where pieces are read from, beside their place */

static bool
next(void *owner, struct gw_piece *out)
{
    (void)owner;
    if (offered == wanted) {
        return false;
    }
    *out = (struct gw_piece){
        0, {(int64_t)offered * PIECE, PIECE}, (int64_t)offered * PIECE + shift_bytes};
    offered++;
    return true;
}

static void
copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    (void)owner;
    failures += result != GW_OK;
    arrived_bytes += result == GW_OK ? piece.extent.length_bytes : 0;
}

static void
idle(void *owner)
{
    (void)owner;
    assert_int_equal(mover.in_flight, 0);
    idles++;
}

static const struct gw_mover_owner calls = {next, copied, idle};

static int
set_up(void **state)
{
    (void)state;
    port_rig_start(&rig, 1);
    offered = idles = failures = 0;
    wanted = 8;
    arrived_bytes = shift_bytes = 0;
    for (int i = 0; i < PORT_RIG_GRANULES; i++) {
        rig.source[0].data[i] = 100 + i;
    }
    assert_true(gw_mover_start(&mover, &rig.ports, &calls, NULL, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_mover_stop(&mover);
    assert_int_equal(rig.payloads, 0);
    return 0;
}

static void
copies_with_so_many_in_flight(void **state)
{
    (void)state;
    gw_mover_run(&mover);
    assert_int_equal(rig.queued, 4);
    assert_int_equal(offered, 4);
    port_rig_finish(&rig, 2, GW_OK);
    assert_int_equal(rig.queue[3]->op, GW_IO_WRITE);
    assert_int_equal(rig.queue[3]->extent.offset_bytes, 2 * PIECE);
    assert_int_equal(offered, 4);
    port_rig_finish(&rig, 3, GW_OK);
    assert_int_equal(offered, 5);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.queued_most, 4);
    assert_int_equal(idles, 1);
    assert_int_equal(arrived_bytes, 8 * PIECE);
    assert_int_equal(mover.copied_bytes, 8 * PIECE);
    for (int i = 0; i < 32; i++) {
        assert_int_equal(rig.target[0].data[i], 100 + i);
    }
    assert_int_equal(rig.target[0].data[32], 0);
}

static void
reads_from_where_the_piece_lies(void **state)
{
    (void)state;
    shift_bytes = 2 * PIECE;
    gw_mover_run(&mover);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.target[0].data[0], 108);
}

static void
idle_at_once_when_there_is_nothing(void **state)
{
    (void)state;
    wanted = 0;
    gw_mover_run(&mover);
    assert_int_equal(idles, 1);
    wanted = 1;
    gw_mover_run(&mover);
    port_rig_finish_all(&rig);
    assert_int_equal(idles, 2);
}

static void
a_failed_read_is_not_written(void **state)
{
    (void)state;
    wanted = 1;
    gw_mover_run(&mover);
    port_rig_finish(&rig, 0, GW_EIO);
    assert_int_equal(rig.queued, 0);
    assert_int_equal(failures, 1);
    assert_int_equal(mover.copied_bytes, 0);
    assert_int_equal(idles, 1);
}

static void
a_failed_write_is_told(void **state)
{
    (void)state;
    wanted = 2;
    gw_mover_run(&mover);
    port_rig_finish(&rig, 0, GW_OK);
    port_rig_finish(&rig, 1, GW_ENOSPC);
    port_rig_finish_all(&rig);
    assert_int_equal(failures, 1);
    assert_int_equal(arrived_bytes, PIECE);
    assert_int_equal(mover.copied_bytes, PIECE);
    assert_int_equal(idles, 1);
}

/* Pieces: 0 data, 1 hole on both sides, 2 hole over data, 3 data. */
static void
holes_are_skipped_or_zeroed(void **state)
{
    (void)state;
    wanted = 4;
    rig.common.skip_holes = true;
    for (int i = 4; i < 12; i++) {
        rig.source[0].data[i] = 0;
    }
    rig.target[0].data[9] = 7;
    gw_mover_run(&mover);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.source[0].reads, 2);
    assert_int_equal(rig.target[0].writes, 2);
    assert_int_equal(rig.target[0].zeroes, 1);
    assert_int_equal(rig.target[0].data[9], 0);
    assert_int_equal(arrived_bytes, 4 * PIECE);
    assert_int_equal(idles, 1);
}

static void
holes_are_copied_when_not_asked_for(void **state)
{
    (void)state;
    wanted = 1;
    rig.source[0].data[0] = rig.source[0].data[1] = 0;
    rig.source[0].data[2] = rig.source[0].data[3] = 0;
    gw_mover_run(&mover);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.source[0].reads, 1);
}

/* 16 KiB pieces at 16 KiB/s: one read a second, however quick the disks are. */
static void
the_cap_spaces_reads(void **state)
{
    (void)state;
    mover.rate = PIECE;
    rig.now_ns = 500;
    gw_mover_run(&mover);
    for (int i = 1; i <= 8; i++) {
        assert_int_equal(offered, i);
        assert_int_equal(rig.timer_ns[GW_TIMER_MOVER], 500 + (int64_t)i * 1000000000);
        port_rig_finish_all(&rig);
        assert_int_equal(idles, 0);
        rig.now_ns = rig.timer_ns[GW_TIMER_MOVER];
        gw_mover_on_timer(&mover);
    }
    assert_int_equal(idles, 1);
    gw_mover_on_timer(&mover);
    assert_int_equal(idles, 1);
}

static void
a_delay_holds_the_next_read_back(void **state)
{
    (void)state;
    wanted = 1;
    rig.now_ns = 500;
    gw_mover_delay(&mover, 1000);
    gw_mover_delay(&mover, 200);
    gw_mover_run(&mover);
    assert_int_equal(offered, 0);
    assert_int_equal(rig.timer_ns[GW_TIMER_MOVER], 1500);
    rig.now_ns = 1500;
    gw_mover_on_timer(&mover);
    assert_int_equal(offered, 1);
    port_rig_finish_all(&rig);
    assert_int_equal(idles, 1);
}

/* A hole is looked for where the piece is read from, not where it belongs. */
static void
a_hole_elsewhere_is_no_hole(void **state)
{
    (void)state;
    wanted = 1;
    rig.common.skip_holes = true;
    shift_bytes = PIECE;
    for (int i = 0; i < 4; i++) {
        rig.source[0].data[i] = 0;
    }
    gw_mover_run(&mover);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.target[0].data[0], 104);
}

static void
an_odd_size_is_refused(void **state)
{
    struct gw_mover other = {0};
    struct gw_error err = {0};

    (void)state;
    rig.common.mover_io_bytes = 6000;
    assert_false(gw_mover_start(&other, &rig.ports, &calls, NULL, &err));
    assert_int_equal(err.code, GW_EINVAL);
    gw_mover_stop(&other);
}

static void
memory_runs_out(void **state)
{
    struct gw_mover other;
    struct gw_error err = {0};

    (void)state;
    rig.payloads_left = 2;
    assert_false(gw_mover_start(&other, &rig.ports, &calls, NULL, &err));
    assert_int_equal(err.code, GW_ENOMEM);
    gw_mover_stop(&other);
    gw_mover_stop(&other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(copies_with_so_many_in_flight),
        CASE(reads_from_where_the_piece_lies),
        CASE(idle_at_once_when_there_is_nothing),
        CASE(a_failed_read_is_not_written),
        CASE(a_failed_write_is_told),
        CASE(holes_are_skipped_or_zeroed),
        CASE(holes_are_copied_when_not_asked_for),
        CASE(the_cap_spaces_reads),
        CASE(a_delay_holds_the_next_read_back),
        CASE(a_hole_elsewhere_is_no_hole),
        CASE(an_odd_size_is_refused),
        CASE(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
