/* port_rig.c - the ports of an architecture with nothing behind them: a test plays the world.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/port_rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/event.h"

struct gw_payload {
    int data[PORT_RIG_GRANULES];
};

static struct port_rig_disk *
disk_of(struct gw_disk *disk)
{
    return gw_container(disk, struct port_rig_disk, disk);
}

/* ---- disks -------------------------------------------------------------------------------------- */

static void
submit(struct gw_disk *disk, struct gw_io *io)
{
    struct port_rig *rig = disk_of(disk)->rig;

    gw_assert(rig->queued < PORT_RIG_QUEUE);
    gw_assert(gw_extent_end(io->extent) <= disk->size_bytes);
    io->disk = disk;
    rig->queue[rig->queued++] = io;
    rig->queued_most = rig->queued > rig->queued_most ? rig->queued : rig->queued_most;
}

static bool
is_hole(struct gw_disk *disk, struct gw_extent extent)
{
    int64_t first = extent.offset_bytes / PORT_RIG_GRANULE;
    int64_t last = (gw_extent_end(extent) - 1) / PORT_RIG_GRANULE;

    while (first <= last && disk_of(disk)->data[first] == 0) {
        first++;
    }
    return first > last;
}

static const struct gw_disk_ops disk_ops = {submit, is_hole};

static void
move_data(struct port_rig_disk *disk, struct gw_io *io)
{
    size_t first = (size_t)(io->extent.offset_bytes / PORT_RIG_GRANULE);
    size_t bytes = (size_t)(io->extent.length_bytes / PORT_RIG_GRANULE) * sizeof(int);
    size_t place = (size_t)(io->payload_offset_bytes / PORT_RIG_GRANULE);

    if (io->op == GW_IO_WRITE && io->record != GW_RECORD_NONE) {
        disk->record = io->record;
    }
    if (io->op == GW_IO_READ) {
        io->record = disk->record;
    }
    if (io->op == GW_IO_ZERO) {
        memset(&disk->data[first], 0, bytes);
    }
    if (io->payload == NULL) {
        return;
    }
    if (io->op == GW_IO_WRITE) {
        memcpy(&disk->data[first], &io->payload->data[place], bytes);
    } else if (io->op == GW_IO_READ) {
        memcpy(&io->payload->data[place], &disk->data[first], bytes);
    }
}

void
port_rig_finish(struct port_rig *rig, int index, enum gw_code result)
{
    struct gw_io *io = rig->queue[index];
    struct port_rig_disk *disk = disk_of(io->disk);

    gw_assert(index < rig->queued);
    rig->queued--;
    memmove(&rig->queue[index], &rig->queue[index + 1],
            (size_t)(rig->queued - index) * sizeof rig->queue[0]);
    disk->reads += io->op == GW_IO_READ;
    disk->writes += io->op == GW_IO_WRITE;
    disk->zeroes += io->op == GW_IO_ZERO;
    disk->flushes += io->op == GW_IO_FLUSH;
    if (result == GW_OK) {
        move_data(disk, io);
    }
    io->result = result;
    io->done(io->owner, io);
}

void
port_rig_finish_all(struct port_rig *rig)
{
    while (rig->queued > 0) {
        port_rig_finish(rig, 0, GW_OK);
    }
}

/* ---- payloads ----------------------------------------------------------------------------------- */

static struct port_rig *
rig_of_ports(const struct gw_ports *ports)
{
    return disk_of(ports->source[0])->rig;
}

static struct gw_payload *
payload_create(const struct gw_ports *ports, int64_t bytes)
{
    struct port_rig *rig = rig_of_ports(ports);

    (void)bytes;
    if (rig->payloads_left == 0) {
        return NULL;
    }
    rig->payloads_left--;
    rig->payloads++;
    return calloc(1, sizeof(struct gw_payload));
}

static void
payload_destroy(const struct gw_ports *ports, struct gw_payload *payload)
{
    rig_of_ports(ports)->payloads--;
    free(payload);
}

static void
payload_copy(const struct gw_ports *ports, const struct gw_payload_move *move)
{
    (void)ports;
    memcpy(&move->to->data[move->to_bytes / PORT_RIG_GRANULE],
           &move->from->data[move->from_bytes / PORT_RIG_GRANULE],
           (size_t)(move->length_bytes / PORT_RIG_GRANULE) * sizeof(int));
}

/* ---- clock, guest, report ----------------------------------------------------------------------- */

static int64_t
now_ns(const struct gw_clock *clock)
{
    return gw_container((void *)(uintptr_t)clock, struct port_rig, clock)->now_ns;
}

static void
arm(struct gw_clock *clock, uint32_t timer, int64_t at_ns)
{
    gw_container(clock, struct port_rig, clock)->timer_ns[timer] = at_ns;
}

static void
disarm(struct gw_clock *clock, uint32_t timer)
{
    gw_container(clock, struct port_rig, clock)->timer_ns[timer] = -1;
}

static void
complete(struct gw_guest *guest, struct gw_guest_io *io, enum gw_code result)
{
    (void)io;
    (void)result;
    gw_container(guest, struct port_rig, guest)->completions++;
}

static void
pause_guest(struct gw_guest *guest, enum gw_stun why)
{
    struct port_rig *rig = gw_container(guest, struct port_rig, guest);

    rig->pauses++;
    rig->stun = why;
}

static void
resume(struct gw_guest *guest, enum gw_side side)
{
    struct port_rig *rig = gw_container(guest, struct port_rig, guest);

    rig->resumes++;
    rig->side = side;
}

static void
phase(struct gw_report *report, const char *name)
{
    gw_container(report, struct port_rig, report)->phase = name;
}

static void
observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    (void)value;
    gw_container(report, struct port_rig, report)->stuns += what == GW_OBSERVE_STUN_NS;
}

static void
finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct port_rig *rig = gw_container(report, struct port_rig, report);

    rig->outcome = outcome;
    rig->reason = reason;
}

static const struct gw_clock_ops clock_ops = {now_ns, arm, disarm};
static const struct gw_guest_ops guest_ops = {
    .complete = complete, .pause = pause_guest, .resume = resume};
static const struct gw_report_ops report_ops = {
    .phase = phase, .observe = observe, .finish = finish};

static void
open_disk(struct port_rig *rig, struct port_rig_disk *disk)
{
    disk->disk =
        (struct gw_disk){&disk_ops, PORT_RIG_GRANULES * PORT_RIG_GRANULE, PORT_RIG_GRANULE};
    disk->rig = rig;
}

void
port_rig_start(struct port_rig *rig, uint32_t disk_count)
{
    *rig = (struct port_rig){.clock = {&clock_ops},
                             .guest = {&guest_ops},
                             .report = {&report_ops},
                             .payloads_left = 1000};
    for (int i = 0; i < PORT_RIG_DISKS; i++) {
        open_disk(rig, &rig->source[i]);
        open_disk(rig, &rig->target[i]);
        rig->sources[i] = &rig->source[i].disk;
        rig->targets[i] = &rig->target[i].disk;
    }
    for (int i = 0; i < GW_TIMER_COUNT; i++) {
        rig->timer_ns[i] = -1;
    }
    open_disk(rig, &rig->home[0]);
    open_disk(rig, &rig->home[1]);
    rig->common = (struct gw_migration_settings){.mover_outstanding = 4,
                                                 .mover_io_bytes = 4 * PORT_RIG_GRANULE,
                                                 .granularity_bytes = 2 * PORT_RIG_GRANULE,
                                                 .switchover_limit_ns = 100000000000};
    rig->ports = (struct gw_ports){.clock = &rig->clock,
                                   .guest = &rig->guest,
                                   .report = &rig->report,
                                   .disk_count = disk_count,
                                   .source = rig->sources,
                                   .target = rig->targets,
                                   .source_home = &rig->home[0].disk,
                                   .target_home = &rig->home[1].disk,
                                   .common = &rig->common,
                                   .payload_create = payload_create,
                                   .payload_destroy = payload_destroy,
                                   .payload_copy = payload_copy};
}
