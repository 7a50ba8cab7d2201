/* test_stripe.c - pins which member IOs a request becomes, and what they cost.
 *
 * Pins: RAID-0 mapping byte by byte against a plain loop, one IO a column; capacity; mirrored
 * writes and reads that use both halves; RAID-5 read-modify-write, full rows, rotating parity.
 * Does not pin: failed members (there are none).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/admission.h"
#include "tests/support/device_rig.h"

enum { MEMBERS = 6, MEMBER_BYTES = 4096, NOTES = 4096 };

/* A member that writes down what it is asked, and answers 1 us later. */
struct recorder {
    struct gw_device device;
    struct gw_ledger ledger;
};

struct note {
    int member;
    enum gw_io_op op;
    int64_t offset, length;
};

static struct recorder recorders[MEMBERS];
static struct note notes[NOTES];
static int note_count, destroyed;
static struct rig_load load;

static void
recorded(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    gw_device_release(&gw_container(request->device, struct recorder, device)->ledger, request);
}

static void
record(struct gw_device *device, struct gw_request *request)
{
    struct recorder *recorder = gw_container(device, struct recorder, device);

    assert_true(note_count < NOTES);
    notes[note_count++] = (struct note){(int)(recorder - recorders), request->op,
                                        request->offset_bytes, request->length_bytes};
    assert_true(gw_device_admit(device, &recorder->ledger, request));
    gw_request_wait(request, recorded, request->arrived_ns + 1000);
}

static void
forget(struct gw_device *device)
{
    (void)device;
    destroyed++;
}

static struct gw_device *
striped(struct test_agenda *agenda, const char *settings)
{
    static struct gw_device *children[MEMBERS];

    for (int i = 0; i < MEMBERS; i++) {
        recorders[i] = (struct recorder){.device = {.agenda = &agenda->agenda,
                                                    .capacity_bytes = MEMBER_BYTES,
                                                    .submit = record,
                                                    .destroy = forget}};
        children[i] = &recorders[i].device;
    }
    note_count = 0;
    return rig_device(agenda, "stripe", settings, children, NULL);
}

static void
ignore(struct gw_request *request)
{
    request->tag++;
}

static void
ask(struct test_agenda *agenda, struct gw_device *device, enum gw_io_op op, int64_t offset,
    int64_t length)
{
    struct gw_request request = {
        .done = ignore, .op = op, .offset_bytes = offset, .length_bytes = length};

    note_count = 0;
    device->submit(device, &request);
    test_agenda_run(agenda, GW_TIME_NEVER);
    assert_int_equal(request.tag, 1);
    assert_int_equal(request.result, GW_OK);
}

static void
maps_every_byte_once(void **state)
{
    static unsigned char seen[MEMBERS][MEMBER_BYTES];
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = striped(&agenda, "members=6 unit=512B");
    assert_int_equal(device->capacity_bytes, 6 * 4096);
    for (int64_t offset = 0; offset < device->capacity_bytes; offset += 700) {
        for (int64_t length = 1; offset + length <= device->capacity_bytes; length += 1111) {
            memset(seen, 0, sizeof seen);
            ask(&agenda, device, GW_IO_WRITE, offset, length);
            assert_true(note_count <= MEMBERS);
            for (int i = 0; i < note_count; i++) {
                for (int64_t b = 0; b < notes[i].length; b++) {
                    seen[notes[i].member][notes[i].offset + b]++;
                }
            }
            for (int64_t b = 0; b < device->capacity_bytes; b++) {
                int64_t chunk = b / 512;
                bool inside = b >= offset && b < offset + length;

                assert_int_equal(seen[chunk % 6][chunk / 6 * 512 + b % 512], inside);
            }
        }
    }
    ask(&agenda, device, GW_IO_FLUSH, 0, 0);
    assert_int_equal(note_count, MEMBERS);
    destroyed = 0;
    device->destroy(device);
    assert_int_equal(destroyed, MEMBERS);
    test_agenda_stop(&agenda);
}

static int
count_op(enum gw_io_op op)
{
    int count = 0;

    for (int i = 0; i < note_count; i++) {
        count += notes[i].op == op;
    }
    return count;
}

static void
raid10_writes_twice_and_reads_once(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = striped(&agenda, "members=6 unit=512B level=raid10");
    assert_int_equal(device->capacity_bytes, 3 * 4096);
    ask(&agenda, device, GW_IO_WRITE, 512, 512);
    assert_int_equal(note_count, 2);
    assert_int_equal(notes[0].member + notes[1].member, 5);
    ask(&agenda, device, GW_IO_READ, 0, 3 * 512);
    assert_int_equal(note_count, 3);
    device->destroy(device);
    assert_null(striped(&agenda, "members=5 level=raid10"));
    test_agenda_stop(&agenda);
}

static void
raid5_reads_old_data_before_a_small_write(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = striped(&agenda, "members=6 unit=512B level=raid5");
    assert_int_equal(device->capacity_bytes, 5 * 4096);
    ask(&agenda, device, GW_IO_WRITE, 100, 50);
    assert_int_equal(note_count, 4);
    assert_int_equal(notes[0].op, GW_IO_READ);
    assert_int_equal(notes[1].op, GW_IO_READ);
    assert_int_equal(notes[2].op, GW_IO_WRITE);
    assert_int_equal(notes[1].member, 5);
    assert_int_equal(notes[0].offset, 100);
    assert_int_equal(agenda.agenda.now_ns, 2000);
    /* A whole row: no reads. */
    ask(&agenda, device, GW_IO_WRITE, 5 * 512, 5 * 512);
    assert_int_equal(count_op(GW_IO_READ), 0);
    assert_int_equal(count_op(GW_IO_WRITE), 6);
    assert_int_equal(notes[5].member, 4);
    /* A row and a bit: reads for the bit alone. */
    ask(&agenda, device, GW_IO_WRITE, 0, 5 * 512 + 100);
    assert_int_equal(count_op(GW_IO_READ), 2);
    assert_int_equal(count_op(GW_IO_WRITE), 8);
    /* Reads touch no parity. */
    ask(&agenda, device, GW_IO_READ, 0, 8 * 5 * 512);
    assert_int_equal(note_count, 40);
    device->destroy(device);
    assert_null(striped(&agenda, "members=2 level=raid5"));
    test_agenda_stop(&agenda);
}

/* Random 8 KiB IOPS over four spindles at depth 32. */
static double
spindle_iops(const char *settings, double read_share)
{
    struct test_agenda agenda;
    struct gw_device *children[4], *device;
    double iops;

    test_agenda_start(&agenda);
    for (int i = 0; i < 4; i++) {
        children[i] = rig_make(&agenda, "disk", "scheduling=fifo segments=0", NULL);
    }
    device = rig_device(&agenda, "stripe", settings, children, NULL);
    load = (struct rig_load){.device = device,
                             .outstanding = 64,
                             .size_bytes = 8192,
                             .span_bytes = device->capacity_bytes,
                             .read_share = read_share};
    rig_load_start(&load);
    iops = rig_iops(&agenda, &load, SECOND, 20 * SECOND);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return iops;
}

static void
levels_cost_what_they_should(void **state)
{
    double reads = spindle_iops("members=4", 1);
    double writes = spindle_iops("members=4", 0);

    (void)state;
    ASSERT_NEAR(reads, 4 * 182, 0.12);
    ASSERT_NEAR(spindle_iops("members=4 level=raid10", 1), reads, 0.1);
    ASSERT_NEAR(spindle_iops("members=4 level=raid10", 0), writes / 2, 0.1);
    ASSERT_NEAR(spindle_iops("members=4 level=raid5", 0), writes / 4, 0.25);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_every_byte_once),
        cmocka_unit_test(raid10_writes_twice_and_reads_once),
        cmocka_unit_test(raid5_reads_old_data_before_a_small_write),
        cmocka_unit_test(levels_cost_what_they_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
