/* mini_disks.c - disks, volume, clock and buffers of the mini world, and what fails in them.
 *
 * Invariant a completion is delivered by mini_disks_deliver alone, never from inside a submit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/mini_parts.h"

#include <string.h>

/* ---- faults -------------------------------------------------------------------------------------- */

static bool
concerns(enum mini_fault_kind wanted, enum mini_fault_kind kind)
{
    if (wanted == MINI_FAULT_ANY) {
        return kind != MINI_FAULT_HOME_READ;
    }
    if (wanted == MINI_FAULT_HOME) {
        return kind == MINI_FAULT_HOME_READ || kind == MINI_FAULT_HOME_WRITE;
    }
    return wanted == kind;
}

static bool
is_met(struct mini_world *world, enum mini_fault_kind kind)
{
    const struct mini_fault *fault = &world->plan->fault;

    if (!concerns(fault->kind, kind)) {
        return false;
    }
    world->fault_calls++;
    if (world->fault_calls < fault->nth || world->fault_calls - fault->nth >= fault->length) {
        return false;
    }
    world->verdict->fault_met = true;
    return true;
}

static enum mini_fault_kind
kind_of(const struct mini_disk *disk, const struct gw_io *io)
{
    if (io->op == GW_IO_FLUSH) {
        return MINI_FAULT_FLUSH;
    }
    if (disk->role == MINI_HOME) {
        return io->op == GW_IO_READ ? MINI_FAULT_HOME_READ : MINI_FAULT_HOME_WRITE;
    }
    return io->op == GW_IO_READ ? MINI_FAULT_READ : MINI_FAULT_WRITE;
}

/* ---- disks --------------------------------------------------------------------------------------- */

static bool
has_content(const struct mini_disk *disk, const struct gw_io *io)
{
    return disk->role != MINI_HOME && io->op != GW_IO_FLUSH &&
           io->extent.offset_bytes >= disk->data_start_bytes &&
           (io->payload != NULL || io->op == GW_IO_ZERO || io->op == GW_IO_TRIM);
}

uint32_t
mini_disks_granule(const struct mini_disk *disk, int64_t offset_bytes)
{
    return (uint32_t)((offset_bytes - disk->data_start_bytes) / MINI_GRANULE_BYTES);
}

static void
sample(struct mini_disk *disk, struct gw_io *io)
{
    uint32_t at = (uint32_t)(io->payload_offset_bytes / MINI_GRANULE_BYTES);
    uint32_t count = (uint32_t)(io->extent.length_bytes / MINI_GRANULE_BYTES);

    io->record = disk->record;
    if (has_content(disk, io)) {
        memcpy(&io->payload->identity[at],
               &disk->identity[mini_disks_granule(disk, io->extent.offset_bytes)],
               count * sizeof(uint32_t));
    }
}

static void
land(struct mini_disk *disk, const struct gw_io *io)
{
    uint32_t at = (uint32_t)(io->payload_offset_bytes / MINI_GRANULE_BYTES);
    uint32_t count = (uint32_t)(io->extent.length_bytes / MINI_GRANULE_BYTES);

    if (disk->role == MINI_HOME && io->record != GW_RECORD_NONE) {
        disk->record = io->record;
    }
    if (!has_content(disk, io)) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t granule = mini_disks_granule(disk, io->extent.offset_bytes) + i;

        disk->identity[granule] =
            io->op == GW_IO_WRITE ? io->payload->identity[at + i] : (uint32_t)MINI_ZERO;
        disk->stored[granule] = true;
        disk->mover_writes[granule] += io->purpose == GW_FOR_MOVER;
    }
}

static void
check_io(struct mini_world *world, const struct mini_disk *disk, const struct gw_io *io)
{
    int64_t end = io->payload_offset_bytes + io->extent.length_bytes;

    if (disk->role == MINI_REMOVED) {
        mini_wrong(world, "IO on a file that was given back");
    }
    for (uint32_t i = 0; i < world->pending_count; i++) {
        if (world->pending[i].io == io) {
            mini_wrong(world, "an IO was submitted twice");
        }
    }
    if (world->pending_count == MINI_PENDING_MAX) {
        mini_wrong(world, "too many IOs in flight");
    }
    if (world->finished && io->purpose == GW_FOR_MOVER) {
        mini_wrong(world, "the data mover works after the end");
    }
    if (io->op == GW_IO_FLUSH) {
        return;
    }
    if (io->extent.offset_bytes < 0 || io->extent.length_bytes <= 0 ||
        gw_extent_end(io->extent) > disk->disk.size_bytes ||
        (io->extent.offset_bytes | io->extent.length_bytes) % MINI_GRANULE_BYTES != 0) {
        mini_wrong(world, "bad extent %lld+%lld", (long long)io->extent.offset_bytes,
                   (long long)io->extent.length_bytes);
    }
    if (io->payload != NULL && end > (int64_t)sizeof io->payload->identity /
                                         (int64_t)sizeof(uint32_t) * MINI_GRANULE_BYTES) {
        mini_wrong(world, "IO larger than its buffer");
    }
}

static void
disk_submit(struct gw_disk *port, struct gw_io *io)
{
    struct mini_disk *disk = gw_container(port, struct mini_disk, disk);
    struct mini_world *world = disk->world;
    bool fails;

    check_io(world, disk, io);
    if (!world->verdict->right) {
        return;
    }
    fails = is_met(world, kind_of(disk, io));
    io->disk = port;
    disk->in_flight++;
    if (io->op == GW_IO_READ && !world->plan->sample_late) {
        sample(disk, io);
    }
    world->pending[world->pending_count++] = (struct mini_pending){
        .io = io, .fails = fails, .lands = !fails || world->plan->fault.lands};
}

static bool
disk_is_hole(struct gw_disk *port, struct gw_extent extent)
{
    struct mini_disk *disk = gw_container(port, struct mini_disk, disk);

    if (extent.offset_bytes < disk->data_start_bytes) {
        return true;
    }
    for (int64_t at = extent.offset_bytes; at < gw_extent_end(extent); at += MINI_GRANULE_BYTES) {
        if (disk->stored[mini_disks_granule(disk, at)]) {
            return false;
        }
    }
    return true;
}

static const struct gw_disk_ops disk_ops = {disk_submit, disk_is_hole};

static void
open_disk(struct mini_world *world, struct mini_disk *disk, enum mini_role role, int64_t size_bytes)
{
    uint32_t granules = world->plan->granules;

    *disk = (struct mini_disk){.disk = {&disk_ops, size_bytes, MINI_GRANULE_BYTES},
                               .world = world,
                               .role = role,
                               .granules = granules};
    for (uint32_t i = 0; i < granules; i++) {
        disk->identity[i] = MINI_GARBAGE;
    }
}

static void
open_images(struct mini_world *world)
{
    int64_t size_bytes = (int64_t)world->plan->granules * MINI_GRANULE_BYTES;

    for (uint32_t i = 0; i < world->plan->disk_count; i++) {
        open_disk(world, &world->images[GW_SOURCE][i], MINI_IMAGE, size_bytes);
        open_disk(world, &world->images[GW_TARGET][i], MINI_IMAGE, size_bytes);
        for (uint32_t granule = 0; granule < world->plan->granules; granule++) {
            struct mini_disk *source = &world->images[GW_SOURCE][i];
            struct mini_disk *target = &world->images[GW_TARGET][i];

            source->identity[granule] = mini_judge_initial(&world->judge, i, granule);
            source->stored[granule] = source->identity[granule] != MINI_ZERO;
            target->stored[granule] = !world->plan->target_is_hole;
            if (world->plan->target_is_hole) {
                target->identity[granule] = MINI_ZERO;
            }
        }
        world->disks[GW_SOURCE][i] = &world->images[GW_SOURCE][i].disk;
        world->disks[GW_TARGET][i] = &world->images[GW_TARGET][i].disk;
    }
    open_disk(world, &world->homes[GW_SOURCE], MINI_HOME, 4096);
    open_disk(world, &world->homes[GW_TARGET], MINI_HOME, 4096);
}

/* ---- volume and buffers --------------------------------------------------------------------------- */

static struct gw_disk *
volume_create(struct gw_volume *volume, const char *name, int64_t size_bytes, struct gw_error *err)
{
    struct mini_world *world = gw_container(volume, struct mini_world, volume);
    struct mini_disk *file = &world->files[world->file_count];

    if (is_met(world, MINI_FAULT_CREATE)) {
        gw_fail(err, GW_ENOSPC, "no room for %s", name);
        return NULL;
    }
    gw_assert(world->file_count < MINI_FILES_MAX);
    world->file_count++;
    open_disk(world, file, MINI_REDO_FILE, size_bytes);
    file->data_start_bytes = size_bytes - (int64_t)world->plan->granules * MINI_GRANULE_BYTES;
    return &file->disk;
}

static void
volume_remove(struct gw_volume *volume, struct gw_disk *port)
{
    struct mini_world *world = gw_container(volume, struct mini_world, volume);
    struct mini_disk *file = gw_container(port, struct mini_disk, disk);

    if (file->role != MINI_REDO_FILE || file->in_flight > 0) {
        mini_wrong(world, "a file was given back twice or while IO was in flight");
    }
    file->role = MINI_REMOVED;
}

static const struct gw_volume_ops volume_ops = {volume_create, volume_remove};

static struct gw_payload *
payload_create(const struct gw_ports *ports, int64_t bytes)
{
    struct mini_world *world = gw_container((void *)(uintptr_t)ports, struct mini_world, ports);

    gw_assert(world->payload_count < MINI_PAYLOADS_MAX);
    gw_assert(bytes <= (int64_t)MINI_GRANULES_MAX * MINI_GRANULE_BYTES);
    return &world->payloads[world->payload_count++];
}

static void
payload_destroy(const struct gw_ports *ports, struct gw_payload *payload)
{
    (void)ports;
    (void)payload;
}

static void
payload_copy(const struct gw_ports *ports, const struct gw_payload_move *move)
{
    (void)ports;
    memcpy(&move->to->identity[move->to_bytes / MINI_GRANULE_BYTES],
           &move->from->identity[move->from_bytes / MINI_GRANULE_BYTES],
           (size_t)(move->length_bytes / MINI_GRANULE_BYTES) * sizeof(uint32_t));
}

/* ---- clock ----------------------------------------------------------------------------------------- */

static int64_t
clock_now_ns(const struct gw_clock *clock)
{
    return gw_container((void *)(uintptr_t)clock, struct mini_world, clock)->now_ns;
}

static void
clock_arm(struct gw_clock *clock, uint32_t timer, int64_t at_ns)
{
    gw_container(clock, struct mini_world, clock)->timer_at_ns[timer] = at_ns;
}

static void
clock_disarm(struct gw_clock *clock, uint32_t timer)
{
    gw_container(clock, struct mini_world, clock)->timer_at_ns[timer] = -1;
}

static const struct gw_clock_ops clock_ops = {clock_now_ns, clock_arm, clock_disarm};

/* ---- life ------------------------------------------------------------------------------------------- */

void
mini_disks_deliver(struct mini_world *world, uint32_t index)
{
    struct mini_pending done = world->pending[index];
    struct mini_disk *disk = gw_container(done.io->disk, struct mini_disk, disk);

    world->pending_count--;
    memmove(&world->pending[index], &world->pending[index + 1],
            (world->pending_count - index) * sizeof *world->pending);
    disk->in_flight--;
    if (done.io->op == GW_IO_READ && world->plan->sample_late) {
        sample(disk, done.io);
    }
    if (gw_io_modifies(done.io->op) && done.lands) {
        land(disk, done.io);
    }
    done.io->result = done.fails ? GW_EIO : GW_OK;
    done.io->done(done.io->owner, done.io);
}

void
mini_disks_open(struct mini_world *world)
{
    open_images(world);
    world->volume.ops = &volume_ops;
    world->clock.ops = &clock_ops;
    world->ports.payload_create = payload_create;
    world->ports.payload_destroy = payload_destroy;
    world->ports.payload_copy = payload_copy;
}
