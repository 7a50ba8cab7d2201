/* test_sim_disk.c - pins: a read sees the data of its submission and a write lands at its
 * completion, places on the device, host cost of guest IO, faults, records, holes, counts, and
 * the space of scratch files. Does not pin: the devices.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sim_disk.h"
#include "tests/support/device_rig.h"

enum { GRANULE = 4096 };

static struct test_agenda agenda;
static struct gw_device *device;
static struct gw_disk_room room;
static struct gw_sim_volume volume;
static struct gw_sim_disk disks[2];
static int64_t tail_bytes;
static int finished;
static int64_t finished_ns;

/* Two disks of 1.5 MiB and 1 MiB on 4 MiB that answer after 1 ms. */
static int
set_up(void **state)
{
    (void)state;
    test_agenda_start(&agenda);
    device = rig_make(&agenda, "ideal", "latency=1ms capacity=4MiB", NULL);
    room = (struct gw_disk_room){.agenda = &agenda.agenda, .granule_bytes = GRANULE};
    tail_bytes = 0;
    finished = 0;
    gw_sim_volume_open(&volume, &room, device, &tail_bytes, GW_TARGET);
    assert_true(gw_sim_disk_open(&disks[0], &volume, 3 * MIB(1) / 2, 0, GW_IMAGE_INITIAL, NULL));
    assert_true(gw_sim_disk_open(&disks[1], &volume, MIB(1), 384, GW_IMAGE_HOLE, NULL));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_sim_disk_close(&disks[0]);
    gw_sim_disk_close(&disks[1]);
    gw_sim_volume_close(&volume);
    gw_disk_room_clear(&room);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return 0;
}

static void
done(void *owner, struct gw_io *io)
{
    (void)owner;
    (void)io;
    finished++;
    finished_ns = agenda.agenda.now_ns;
}

static struct gw_io
io_of(enum gw_io_op op, int64_t granule, struct gw_payload *payload)
{
    return (struct gw_io){.op = op,
                          .extent = {granule * GRANULE, GRANULE},
                          .payload = payload,
                          .purpose = GW_FOR_MOVER,
                          .done = done};
}

static void
submit(struct gw_sim_disk *disk, struct gw_io *io)
{
    disk->disk.ops->submit(&disk->disk, io);
}

static void
reads_see_the_past_and_writes_land_late(void **state)
{
    uint32_t data = 7, seen = 0;
    struct gw_payload out = {&data, 1}, in = {&seen, 1};
    struct gw_io write = io_of(GW_IO_WRITE, 3, &out), read = io_of(GW_IO_READ, 3, &in);

    (void)state;
    submit(&disks[0], &write);
    test_agenda_run(&agenda, MILLISECOND / 2);
    submit(&disks[0], &read);
    assert_int_equal(finished, 0);
    assert_int_equal(gw_image_get(&disks[0].image, 3), GW_ID_INITIAL | 3);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(finished, 2);
    assert_int_equal(gw_image_get(&disks[0].image, 3), 7);
    assert_int_equal(seen, GW_ID_INITIAL | 3);
    assert_int_equal(disks[0].counts[GW_FOR_MOVER].writes, 1);
    assert_int_equal(disks[0].counts[GW_FOR_MOVER].bytes_read, GRANULE);
    assert_int_equal(disks[0].counts[GW_FOR_GUEST].writes, 0);
}

static void
images_lie_one_after_the_other(void **state)
{
    struct gw_error err = {0};
    struct gw_sim_disk more;

    (void)state;
    assert_int_equal(disks[0].base_bytes, 0);
    assert_int_equal(disks[1].base_bytes, MIB(2));
    assert_int_equal(tail_bytes, MIB(3));
    assert_false(gw_sim_disk_open(&more, &volume, MIB(1) + GRANULE, 0, GW_IMAGE_HOLE, &err));
    assert_int_equal(err.code, GW_ENOSPC);
}

static void
zeroes_and_holes(void **state)
{
    struct gw_io zero = io_of(GW_IO_TRIM, 64, NULL);
    struct gw_extent first = {0, GRANULE}, second = {64 * GRANULE, GRANULE};

    (void)state;
    assert_true(disks[1].disk.ops->is_hole(&disks[1].disk, second));
    submit(&disks[1], &zero);
    submit(&disks[0], &zero);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(gw_image_get(&disks[0].image, 64), GW_ID_ZERO);
    assert_int_equal(disks[0].counts[GW_FOR_MOVER].writes, 1);
    assert_int_equal(disks[0].counts[GW_FOR_MOVER].bytes_written, 0);
    assert_true(disks[1].disk.ops->is_hole(&disks[1].disk, first));
    assert_false(disks[0].disk.ops->is_hole(&disks[0].disk, first));
}

static void
host_cost_is_the_guests(void **state)
{
    struct gw_io read = io_of(GW_IO_READ, 0, NULL);

    (void)state;
    room.path_cost_ns[GW_TARGET] = 250000;
    submit(&disks[0], &read);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(finished_ns, MILLISECOND);
    read.purpose = GW_FOR_GUEST;
    submit(&disks[0], &read);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(finished_ns, 2 * MILLISECOND + 250000);
}

static enum gw_code
refuse(void *self, const struct gw_disk *disk, const struct gw_io *io)
{
    (void)self;
    (void)disk;
    return io->op == GW_IO_WRITE ? GW_EIO : GW_OK;
}

/* A fault comes back from an event of its own, never from inside the submit. */
static void
a_fault_stores_nothing(void **state)
{
    uint32_t data = 7;
    struct gw_payload out = {&data, 1};
    struct gw_io write = io_of(GW_IO_WRITE, 3, &out);

    (void)state;
    room.fault.decide = refuse;
    submit(&disks[0], &write);
    assert_int_equal(finished, 0);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(finished, 1);
    assert_int_equal(write.result, GW_EIO);
    assert_int_equal(gw_image_get(&disks[0].image, 3), GW_ID_INITIAL | 3);
    assert_int_equal(disks[0].counts[GW_FOR_MOVER].writes, 0);
}

static void
records_are_kept(void **state)
{
    struct gw_io write = io_of(GW_IO_WRITE, 0, NULL), read = io_of(GW_IO_READ, 0, NULL);

    (void)state;
    write.record = GW_RECORD_COMMITTED;
    submit(&disks[0], &write);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    submit(&disks[0], &read);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(read.record, GW_RECORD_COMMITTED);
    assert_int_equal(gw_image_get(&disks[0].image, 0), GW_ID_INITIAL);
}

/* 1 MiB is left for scratch files: 4 chunks of 256 KiB. */
static void
scratch_files_take_space_as_they_fill(void **state)
{
    uint32_t data = 7;
    struct gw_payload out = {&data, 1};
    struct gw_disk *file;
    struct gw_io write[5];

    (void)state;
    file = volume.volume.ops->create(&volume.volume, "log", MIB(3), NULL);
    assert_non_null(file);
    assert_int_equal(volume.files_bytes, 0);
    for (int i = 0; i < 5; i++) {
        write[i] = io_of(GW_IO_WRITE, 64 * i, &out);
        file->ops->submit(file, &write[i]);
        test_agenda_run(&agenda, GW_TIME_NEVER);
        assert_int_equal(write[i].result, i < 4 ? GW_OK : GW_ENOSPC);
    }
    assert_int_equal(volume.files_bytes, MIB(1));
    volume.volume.ops->remove(&volume.volume, file);
    assert_int_equal(volume.files_bytes, 0);
    assert_int_equal(volume.files_peak_bytes, MIB(1));
    assert_null(volume.files);
}

static void
a_volume_may_refuse(void **state)
{
    struct gw_error err = {0};

    (void)state;
    volume.refuse = true;
    assert_null(volume.volume.ops->create(&volume.volume, "log", MIB(1), &err));
    assert_int_equal(err.code, GW_ENOSPC);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(reads_see_the_past_and_writes_land_late),
        CASE(images_lie_one_after_the_other),
        CASE(zeroes_and_holes),
        CASE(host_cost_is_the_guests),
        CASE(a_fault_stores_nothing),
        CASE(records_are_kept),
        CASE(scratch_files_take_space_as_they_fill),
        CASE(a_volume_may_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
