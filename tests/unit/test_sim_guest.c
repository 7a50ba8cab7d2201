/* test_sim_guest.c - pins: closed streams keep their concurrency and open ones their arrivals,
 * think time, ends of streams, stuns with drain and cost, what is held while stunned or
 * throttled comes later and in order, latency counts from when the guest wanted the IO, failed
 * IO, and the quiet end. Does not pin: real workloads, the judge (test_oracle).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sim_guest.h"
#include "tests/support/device_rig.h"

enum { GRANULE = 4096, GRANULES = 256, MS = 1000000 };

static struct test_agenda agenda;
static struct gw_device *device;
static struct gw_disk_room room;
static struct gw_sim_volume volume;
static struct gw_sim_disk disk;
static struct gw_disk *ports[1];
static struct gw_oracle *oracle;
static struct gw_sim_guest guest;
static int64_t tail_bytes;

/* ---- a workload of the test --------------------------------------------------------------------- */

static uint32_t concurrency;
static int64_t demands, demands_most, gap_ns, last_at_ns;
static enum gw_io_op op;

static bool
next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    (void)workload;
    (void)stream;
    if (demands == demands_most) {
        return false;
    }
    last_at_ns = concurrency == 0 ? last_at_ns + gap_ns : now_ns + gap_ns;
    *out = (struct gw_demand){
        .at_ns = last_at_ns, .op = op, .extent = {demands % GRANULES * GRANULE, GRANULE}};
    demands++;
    return true;
}

static struct gw_workload workload = {
    .stream_count = 1, .alignment_bytes = GRANULE, .concurrency = &concurrency, .next = next};

/* ---- a handler of the test ---------------------------------------------------------------------- */

static int passed, paused, resumed;
static int64_t paused_ns, resumed_ns, offsets[64];

static void
handed_back(void *owner, struct gw_io *part)
{
    struct gw_guest_io *io = owner;

    guest.port.ops->complete(&guest.port, io, part->result);
}

static void
on_guest_io(void *self, struct gw_guest_io *io)
{
    (void)self;
    offsets[passed % 64] = io->extent.offset_bytes;
    passed++;
    io->part[0] = (struct gw_io){.op = io->op,
                                 .extent = io->extent,
                                 .payload = io->payload,
                                 .done = handed_back,
                                 .owner = io};
    disk.disk.ops->submit(&disk.disk, &io->part[0]);
}

static void
on_paused(void *self)
{
    (void)self;
    assert_int_equal(guest.in_flight, 0);
    paused++;
    paused_ns = agenda.agenda.now_ns;
}

static void
before_resume(void *self, enum gw_side side)
{
    (void)self;
    (void)side;
    assert_int_equal(guest.state, GW_GUEST_STUNNED);
}

static void
on_resumed(void *self)
{
    (void)self;
    resumed++;
    resumed_ns = agenda.agenda.now_ns;
}

/* ---- fixture ------------------------------------------------------------------------------------ */

static int
set_up(void **state)
{
    (void)state;
    test_agenda_start(&agenda);
    device = rig_make(&agenda, "ideal", "latency=1ms", NULL);
    room = (struct gw_disk_room){.agenda = &agenda.agenda, .granule_bytes = GRANULE};
    tail_bytes = demands = last_at_ns = gap_ns = 0;
    demands_most = INT64_MAX;
    concurrency = 4;
    op = GW_IO_READ;
    passed = paused = resumed = 0;
    gw_sim_volume_open(&volume, &room, device, &tail_bytes, GW_SOURCE);
    assert_true(
        gw_sim_disk_open(&disk, &volume, (int64_t)GRANULES * GRANULE, 0, GW_IMAGE_INITIAL, NULL));
    ports[0] = &disk.disk;
    oracle = calloc(1, sizeof *oracle);
    assert_non_null(oracle);
    oracle->image = calloc(1, sizeof *oracle->image);
    oracle->disk_count = 1;
    oracle->granule_bytes = GRANULE;
    assert_true(gw_image_create(&oracle->image[0], GRANULES, 0, GW_IMAGE_INITIAL, NULL));
    guest = (struct gw_sim_guest){
        .agenda = &agenda.agenda,
        .workload = &workload,
        .oracle = oracle,
        .disks = {ports, ports},
        .disk_count = 1,
        .stun_cost_ns = {2 * MS, 3 * MS, 5 * MS},
        .resume_cost_ns = 7 * MS,
        .granule_bytes = GRANULE,
        .check_reads = true,
    };
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_sim_guest_stop(&guest);
    gw_sim_disk_close(&disk);
    gw_disk_room_clear(&room);
    gw_image_destroy(&oracle->image[0]);
    free(oracle->image);
    free(oracle);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return 0;
}

static void
start_at(int64_t until_ns)
{
    guest.handler =
        (struct gw_guest_handler){on_guest_io, on_paused, before_resume, on_resumed, NULL};
    assert_true(gw_sim_guest_start(&guest, NULL));
    test_agenda_run(&agenda, until_ns);
}

/* ---- cases -------------------------------------------------------------------------------------- */

static void
a_closed_stream_keeps_so_many_outstanding(void **state)
{
    (void)state;
    start_at(0);
    assert_int_equal(guest.in_flight, 4);
    test_agenda_run(&agenda, 100 * MS + MS / 2);
    assert_int_equal(guest.in_flight, 4);
    assert_int_equal(guest.counts[GW_BEFORE].reads, 400);
    assert_int_equal(gw_sim_guest_concurrency(&guest), 4);
    assert_int_equal(guest.latency[GW_BEFORE].least, MS);
    assert_int_equal(guest.latency[GW_BEFORE].most, MS);
    assert_int_equal(oracle->reads_checked, 400);
    assert_int_equal(oracle->reads_wrong, 0);
}

static void
think_time_is_not_latency(void **state)
{
    (void)state;
    gap_ns = 3 * MS;
    start_at(100 * MS);
    assert_int_equal(guest.counts[GW_BEFORE].reads, 4 * 25);
    assert_int_equal(guest.latency[GW_BEFORE].most, MS);
}

static void
an_open_stream_keeps_its_arrivals(void **state)
{
    (void)state;
    concurrency = 0;
    gap_ns = MS / 4;
    start_at(10 * MS);
    assert_int_equal(passed, 40);
    assert_int_equal(guest.in_flight, 4);
    assert_int_equal(gw_sim_guest_concurrency(&guest), 0);
}

static void
streams_end(void **state)
{
    (void)state;
    demands_most = 10;
    start_at(MS);
    assert_false(gw_sim_guest_is_done(&guest));
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_true(gw_sim_guest_is_done(&guest));
    assert_int_equal(guest.counts[GW_BEFORE].reads, 10);
}

/* Asked at 10.2 ms; the last IO comes back at 11 ms; the stun costs 5 ms, the resume 7 ms. */
static void
a_stun_drains_costs_and_holds(void **state)
{
    (void)state;
    start_at(10 * MS + MS / 5);
    assert_int_equal(guest.in_flight, 4);
    guest.port.ops->pause(&guest.port, GW_STUN_SWITCHOVER);
    test_agenda_run(&agenda, 50 * MS);
    assert_int_equal(paused, 1);
    assert_int_equal(paused_ns, 16 * MS);
    assert_int_equal(passed, 44);
    guest.port.ops->resume(&guest.port, GW_SOURCE);
    test_agenda_run(&agenda, 57 * MS);
    assert_int_equal(resumed, 1);
    assert_int_equal(resumed_ns, 57 * MS);
    assert_int_equal(passed, 48);
    assert_int_equal(guest.stun_count, 1);
    assert_int_equal(guest.downtime_ns, 57 * MS - 10 * MS - MS / 5);
    assert_int_equal(guest.longest_stun_ns, guest.downtime_ns);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(offsets[44 + i], (44 + i) * GRANULE);
    }
    test_agenda_run(&agenda, 58 * MS);
    assert_int_equal(guest.latency[GW_BEFORE].most, 58 * MS - 11 * MS);
}

/* Only a switch-over pays for the resume; each kind of stun has its own cost. */
static void
stuns_have_their_own_cost(void **state)
{
    static const int64_t cost_ns[] = {2 * MS, 3 * MS};

    (void)state;
    demands_most = 0;
    start_at(MS);
    for (int i = 0; i < 2; i++) {
        int64_t began_ns = agenda.agenda.now_ns;

        guest.port.ops->pause(&guest.port, i == 0 ? GW_STUN_ATTACH : GW_STUN_SNAPSHOT);
        test_agenda_run(&agenda, began_ns + 20 * MS);
        assert_int_equal(paused_ns, began_ns + cost_ns[i]);
        guest.port.ops->resume(&guest.port, GW_TARGET);
        test_agenda_run(&agenda, began_ns + 30 * MS);
        assert_int_equal(resumed_ns, began_ns + 20 * MS);
        assert_int_equal(guest.side, GW_TARGET);
    }
}

static void
open_arrivals_are_held_in_order(void **state)
{
    (void)state;
    concurrency = 0;
    gap_ns = MS;
    start_at(5 * MS + MS / 2);
    guest.port.ops->pause(&guest.port, GW_STUN_ATTACH);
    test_agenda_run(&agenda, 20 * MS + MS / 2);
    assert_int_equal(passed, 5);
    guest.port.ops->resume(&guest.port, GW_SOURCE);
    test_agenda_run(&agenda, 20 * MS + MS * 3 / 4);
    assert_int_equal(passed, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(offsets[i], i * GRANULE);
    }
    test_agenda_run(&agenda, 22 * MS);
    assert_int_equal(guest.latency[GW_BEFORE].most, 21 * MS + MS / 2 - 6 * MS);
}

/* One IO each 5 ms, whatever the concurrency; lifted, four a millisecond again. */
static void
a_throttle_spaces_issues(void **state)
{
    (void)state;
    start_at(10 * MS + MS / 2);
    guest.port.ops->throttle(&guest.port, 5 * MS);
    passed = 0;
    test_agenda_run(&agenda, 111 * MS);
    assert_in_range(passed, 20, 22);
    guest.port.ops->throttle(&guest.port, 0);
    test_agenda_run(&agenda, 120 * MS);
    passed = 0;
    test_agenda_run(&agenda, 130 * MS);
    assert_int_equal(passed, 40);
}

static enum gw_code
refuse(void *self, const struct gw_disk *port, const struct gw_io *io)
{
    (void)self;
    (void)port;
    return io->extent.offset_bytes == GRANULE ? GW_EIO : GW_OK;
}

static void
failed_writes_are_counted_and_not_judged(void **state)
{
    (void)state;
    op = GW_IO_WRITE;
    demands_most = 4;
    room.fault.decide = refuse;
    start_at(GW_TIME_NEVER);
    assert_int_equal(guest.errors, 1);
    assert_int_equal(gw_image_get(&oracle->image[0], 1), GW_ID_GARBAGE);
    assert_int_equal(gw_image_get(&oracle->image[0], 2), gw_image_get(&disk.image, 2));
    assert_true(gw_image_get(&disk.image, 2) != (GW_ID_INITIAL | 2));
    assert_int_equal(gw_oracle_difference(oracle, 0, &disk.image), GRANULES);
}

static void
a_quiet_guest_drains(void **state)
{
    (void)state;
    start_at(10 * MS + MS / 2);
    guest.quiet = true;
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(guest.in_flight, 0);
    assert_int_equal(agenda.agenda.now_ns, 11 * MS);
}

/* Arrivals end as well: else they would be kept for as long as anything else goes on. */
static void
a_quiet_open_stream_ends(void **state)
{
    (void)state;
    concurrency = 0;
    gap_ns = MS;
    start_at(10 * MS + MS / 2);
    guest.quiet = true;
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(guest.in_flight, 0);
    assert_null(guest.held);
    assert_int_equal(demands, 11);
}

static void
without_a_migration_it_uses_its_disks(void **state)
{
    (void)state;
    assert_true(gw_sim_guest_start(&guest, NULL));
    test_agenda_run(&agenda, 10 * MS);
    assert_int_equal(passed, 0);
    assert_int_equal(guest.counts[GW_BEFORE].reads, 40);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_closed_stream_keeps_so_many_outstanding),
        CASE(think_time_is_not_latency),
        CASE(an_open_stream_keeps_its_arrivals),
        CASE(streams_end),
        CASE(a_stun_drains_costs_and_holds),
        CASE(stuns_have_their_own_cost),
        CASE(open_arrivals_are_held_in_order),
        CASE(a_throttle_spaces_issues),
        CASE(failed_writes_are_counted_and_not_judged),
        CASE(a_quiet_guest_drains),
        CASE(a_quiet_open_stream_ends),
        CASE(without_a_migration_it_uses_its_disks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
