/* test_overlay_chain.c - pins: copy-up of a cluster and its IOs, writes in place, whole clusters,
 * reads through the chain, waiting for a cluster that is being filled, failures, claims of a data
 * mover, copy-on-read, the size of an overlay.
 * Does not pin: files of a volume and their end; the torture tests do.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "algorithms/overlay_chain.h"
#include "tests/support/port_rig.h"

enum { CLUSTER = 2 * PORT_RIG_GRANULE, IOS = 4 };

/* The rig's target disks serve as the files of the overlay. */
static struct port_rig rig;
static struct gw_overlay_chain chain;
static struct gw_io ios[IOS];
static struct gw_payload *payloads[IOS];
static int done_count;
static enum gw_code last_result;

static void
io_done(void *owner, struct gw_io *io)
{
    (void)owner;
    done_count++;
    last_result = io->result;
}

static int
set_up(void **state)
{
    (void)state;
    port_rig_start(&rig, 1);
    for (int i = 0; i < PORT_RIG_GRANULES; i++) {
        rig.source[0].data[i] = 100 + i;
    }
    for (int i = 0; i < IOS; i++) {
        payloads[i] = rig.ports.payload_create(&rig.ports, 4 * (int64_t)PORT_RIG_GRANULE);
    }
    done_count = 0;
    assert_true(gw_overlay_chain_start(&chain, &rig.ports, NULL));
    assert_true(gw_overlay_push_files(&chain, rig.targets, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_overlay_chain_stop(&chain);
    for (int i = 0; i < IOS; i++) {
        rig.ports.payload_destroy(&rig.ports, payloads[i]);
    }
    assert_int_equal(rig.payloads, 0);
    return 0;
}

/* Submits IO number `i` on `count` granules from `first` on. */
static void
submit(int i, enum gw_io_op op, int first, int count)
{
    ios[i] = (struct gw_io){
        .op = op,
        .extent = {(int64_t)first * PORT_RIG_GRANULE, (int64_t)count * PORT_RIG_GRANULE},
        .payload = payloads[i],
        .purpose = GW_FOR_GUEST,
        .done = io_done};
    chain.faces[0]->ops->submit(chain.faces[0], &ios[i]);
}

/* Copies a granule of the source over the buffer of IO `i`: something to be written. */
static void
fill(int i, int granule)
{
    struct gw_io io = {.op = GW_IO_READ,
                       .extent = {(int64_t)granule * PORT_RIG_GRANULE, PORT_RIG_GRANULE},
                       .payload = payloads[i],
                       .done = io_done};

    rig.sources[0]->ops->submit(rig.sources[0], &io);
    port_rig_finish_all(&rig);
    done_count = 0;
    rig.source[0].reads = 0;
}

static void
first_write_copies_the_rest_up(void **state)
{
    (void)state;
    fill(0, 50);
    submit(0, GW_IO_WRITE, 5, 1);
    assert_int_equal(rig.queued, 1);
    assert_int_equal(rig.queue[0]->op, GW_IO_READ);
    assert_int_equal(rig.queue[0]->extent.offset_bytes, 4 * PORT_RIG_GRANULE);
    assert_int_equal(rig.queue[0]->extent.length_bytes, PORT_RIG_GRANULE);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(rig.queue[0]->op, GW_IO_WRITE);
    assert_int_equal(rig.queue[0]->extent.length_bytes, CLUSTER);
    assert_int_equal(done_count, 0);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(done_count, 1);
    assert_int_equal(rig.target[0].data[4], 104);
    assert_int_equal(rig.target[0].data[5], 150);
}

static void
later_writes_go_in_place(void **state)
{
    (void)state;
    submit(0, GW_IO_WRITE, 4, 1);
    port_rig_finish_all(&rig);
    submit(1, GW_IO_WRITE, 5, 1);
    assert_int_equal(rig.queued, 1);
    assert_int_equal(rig.queue[0]->extent.length_bytes, PORT_RIG_GRANULE);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.source[0].reads, 1);
    assert_int_equal(rig.target[0].writes, 2);
}

static void
whole_clusters_need_no_read(void **state)
{
    (void)state;
    submit(0, GW_IO_WRITE, 4, 4);
    assert_int_equal(rig.queued, 1);
    port_rig_finish_all(&rig);
    assert_int_equal(rig.source[0].reads, 0);
    assert_int_equal(chain.level[0]->allocated.count, 2);
}

static void
reads_find_the_newest_data(void **state)
{
    (void)state;
    fill(0, 50);
    submit(0, GW_IO_WRITE, 4, 1);
    port_rig_finish_all(&rig);
    submit(1, GW_IO_READ, 3, 2);
    assert_int_equal(rig.queued, 2);
    assert_ptr_equal(rig.queue[0]->disk, rig.sources[0]);
    assert_ptr_equal(rig.queue[1]->disk, rig.targets[0]);
    port_rig_finish_all(&rig);
    assert_int_equal(done_count, 2);
}

static void
writes_wait_for_a_cluster_being_filled(void **state)
{
    (void)state;
    submit(0, GW_IO_WRITE, 4, 1);
    submit(1, GW_IO_WRITE, 5, 1);
    submit(2, GW_IO_READ, 4, 2);
    assert_int_equal(rig.queued, 2);
    assert_ptr_equal(rig.queue[1]->disk, rig.sources[0]);
    port_rig_finish(&rig, 0, GW_OK);
    port_rig_finish(&rig, 1, GW_OK);
    assert_int_equal(done_count, 1);
    assert_ptr_equal(rig.queue[1]->disk, rig.targets[0]);
    assert_int_equal(rig.queue[1]->extent.length_bytes, PORT_RIG_GRANULE);
    port_rig_finish_all(&rig);
    assert_int_equal(done_count, 3);
}

static void
failed_store_leaves_the_cluster_below(void **state)
{
    struct gw_disk *disk;
    int64_t offset;

    (void)state;
    submit(0, GW_IO_WRITE, 4, 1);
    port_rig_finish(&rig, 0, GW_OK);
    port_rig_finish(&rig, 0, GW_EIO);
    assert_int_equal(last_result, GW_EIO);
    gw_overlay_locate(&chain, 0, 4 * (int64_t)PORT_RIG_GRANULE, &disk, &offset);
    assert_ptr_equal(disk, rig.sources[0]);
    assert_true(gw_bitmap_is_empty(&chain.filling));
}

static void
zeroes_clear_a_part_after_the_copy(void **state)
{
    (void)state;
    submit(0, GW_IO_TRIM, 5, 1);
    port_rig_finish_all(&rig);
    assert_int_equal(done_count, 1);
    assert_int_equal(rig.target[0].data[4], 104);
    assert_int_equal(rig.target[0].data[5], 0);
    assert_int_equal(rig.target[0].zeroes, 1);
}

static void
claims_leave_out_what_is_there(void **state)
{
    uint64_t cursor = 0;
    struct gw_piece piece;

    (void)state;
    submit(0, GW_IO_WRITE, 4, 2);
    port_rig_finish_all(&rig);
    assert_true(gw_overlay_claim(&chain, &cursor, 8 * (int64_t)CLUSTER, &piece));
    assert_int_equal(piece.extent.offset_bytes, 0);
    assert_int_equal(piece.extent.length_bytes, 2 * CLUSTER);
    submit(1, GW_IO_WRITE, 0, 1);
    assert_int_equal(rig.queued, 0);
    gw_overlay_settle(&chain, &piece, true);
    assert_int_equal(rig.queued, 1);
    assert_int_equal(rig.queue[0]->extent.length_bytes, PORT_RIG_GRANULE);
    port_rig_finish_all(&rig);
    assert_true(gw_overlay_claim(&chain, &cursor, 2 * (int64_t)CLUSTER, &piece));
    assert_int_equal(piece.extent.offset_bytes, 3 * CLUSTER);
    assert_int_equal(piece.extent.length_bytes, 2 * CLUSTER);
    gw_overlay_settle(&chain, &piece, false);
    assert_int_equal(chain.level[0]->allocated.count, 3);
}

static void
reads_bring_clusters_when_told_to(void **state)
{
    (void)state;
    chain.copy_on_read = true;
    submit(0, GW_IO_READ, 5, 1);
    submit(1, GW_IO_READ, 4, 1);
    assert_int_equal(rig.queued, 1);
    assert_int_equal(rig.queue[0]->extent.length_bytes, CLUSTER);
    port_rig_finish(&rig, 0, GW_OK);
    assert_int_equal(done_count, 0);
    assert_ptr_equal(rig.queue[0]->disk, rig.targets[0]);
    assert_int_equal(rig.queue[0]->extent.length_bytes, CLUSTER);
    port_rig_finish_all(&rig);
    assert_int_equal(done_count, 2);
    assert_int_equal(rig.source[0].reads, 1);
    assert_int_equal(rig.target[0].data[4], 104);
    assert_int_equal(rig.target[0].data[5], 105);
}

/* What the guest was given is what its cluster holds: written elsewhere it is found again. */
static void
a_read_that_brings_has_its_own_part(void **state)
{
    (void)state;
    chain.copy_on_read = true;
    submit(0, GW_IO_READ, 5, 3);
    assert_int_equal(rig.queued, 2);
    port_rig_finish_all(&rig);
    assert_int_equal(chain.level[0]->allocated.count, 2);
    submit(0, GW_IO_WRITE, 20, 3);
    port_rig_finish_all(&rig);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rig.target[0].data[20 + i], 105 + i);
    }
}

static void
size_counts_metadata(void **state)
{
    (void)state;
    assert_int_equal(gw_overlay_bytes(&chain, 0), 0);
    submit(0, GW_IO_WRITE, 4, 4);
    port_rig_finish_all(&rig);
    assert_int_equal(gw_overlay_bytes(&chain, 0), (2 + 5) * CLUSTER);
}

#define CHAIN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(first_write_copies_the_rest_up),
        CHAIN_TEST(later_writes_go_in_place),
        CHAIN_TEST(whole_clusters_need_no_read),
        CHAIN_TEST(reads_find_the_newest_data),
        CHAIN_TEST(writes_wait_for_a_cluster_being_filled),
        CHAIN_TEST(failed_store_leaves_the_cluster_below),
        CHAIN_TEST(zeroes_clear_a_part_after_the_copy),
        CHAIN_TEST(claims_leave_out_what_is_there),
        CHAIN_TEST(reads_bring_clusters_when_told_to),
        CHAIN_TEST(a_read_that_brings_has_its_own_part),
        CHAIN_TEST(size_counts_metadata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
