/* sim_disk.c - the simulated disk and volume: a device for the time, an image for the data.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_disk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_BLOCK = 128, FILE_ALIGNMENT = 1 << 20 };

/* The adapter's half of an IO: the request to the device. */
struct gw_sim_io {
    struct gw_request request;
    struct gw_event event; /* host path cost, or an error that has no device */
    struct gw_io *io;
    struct gw_sim_disk *disk;
    struct gw_sim_io *next;
};

static void enter_device(struct gw_event *event);
static void served(struct gw_request *request);

/* ---- pool --------------------------------------------------------------------------------------- */

void
gw_disk_room_clear(struct gw_disk_room *room)
{
    for (uint32_t i = 0; i < room->block_count; i++) {
        free(room->blocks[i]);
    }
    free(room->blocks);
    room->blocks = NULL;
    room->block_count = 0;
    room->free = NULL;
}

static void
refill_pool(struct gw_disk_room *room)
{
    void **blocks = realloc(room->blocks, (room->block_count + 1) * sizeof *blocks);
    struct gw_sim_io *box = calloc(POOL_BLOCK, sizeof *box);

    gw_assert(blocks != NULL && box != NULL);
    room->blocks = blocks;
    blocks[room->block_count++] = box;
    for (int i = POOL_BLOCK - 1; i >= 0; i--) {
        box[i].request.done = served;
        box[i].event.fire = enter_device;
        box[i].next = room->free;
        room->free = &box[i];
    }
}

static struct gw_sim_io *
take_box(struct gw_disk_room *room)
{
    struct gw_sim_io *box;

    if (room->free == NULL) {
        refill_pool(room);
    }
    box = room->free;
    room->free = box->next;
    return box;
}

/* ---- IO ------------------------------------------------------------------------------------------ */

static void
give_back(struct gw_sim_io *box, enum gw_code result)
{
    struct gw_disk_room *room = box->disk->room;
    struct gw_io *io = box->io;

    box->next = room->free;
    room->free = box;
    io->result = result;
    io->done(io->owner, io);
}

static uint64_t
granule_at(const struct gw_sim_disk *disk, int64_t bytes)
{
    return (uint64_t)bytes >> __builtin_ctzll((uint64_t)disk->disk.granule_bytes);
}

static void
sample(struct gw_sim_disk *disk, struct gw_io *io)
{
    if (io->payload != NULL) {
        gw_image_read(&disk->image, granule_at(disk, io->extent.offset_bytes),
                      granule_at(disk, io->extent.length_bytes),
                      io->payload->identities + granule_at(disk, io->payload_offset_bytes));
    }
    io->record = disk->record;
}

static bool
land(struct gw_sim_disk *disk, const struct gw_io *io)
{
    uint64_t granule = granule_at(disk, io->extent.offset_bytes);
    uint64_t count = granule_at(disk, io->extent.length_bytes);

    if (io->record != GW_RECORD_NONE) {
        disk->record = io->record;
    }
    if (io->op != GW_IO_WRITE) {
        return gw_image_set(&disk->image, granule, count, GW_ID_ZERO);
    }
    if (io->payload == NULL) {
        return true; /* metadata: content is the architecture's own */
    }
    return gw_image_write(&disk->image, granule, count,
                          io->payload->identities + granule_at(disk, io->payload_offset_bytes));
}

static void
count(struct gw_sim_disk *disk, const struct gw_io *io)
{
    struct gw_disk_counts *counts = &disk->counts[io->purpose];

    if (io->op == GW_IO_READ) {
        counts->reads++;
        counts->bytes_read += io->extent.length_bytes;
        return;
    }
    if (gw_io_modifies(io->op)) {
        counts->writes++;
        counts->bytes_written += io->op == GW_IO_WRITE ? io->extent.length_bytes : 0;
    }
}

static void
account_space(struct gw_sim_disk *disk, uint64_t stored_before)
{
    struct gw_sim_volume *volume = disk->volume;
    uint64_t grown = disk->image.stored_chunks - stored_before;

    if (!disk->scratch) {
        return;
    }
    volume->files_bytes += (int64_t)grown * GW_CHUNK_GRANULES * disk->disk.granule_bytes;
    if (volume->files_bytes > volume->files_peak_bytes) {
        volume->files_peak_bytes = volume->files_bytes;
    }
}

static void
served(struct gw_request *request)
{
    struct gw_sim_io *box = gw_container(request, struct gw_sim_io, request);
    struct gw_sim_disk *disk = box->disk;
    enum gw_code result = request->result;

    if (result == GW_OK) {
        count(disk, box->io);
        if (gw_io_modifies(box->io->op)) {
            uint64_t stored_before = disk->image.stored_chunks;

            result = land(disk, box->io) ? GW_OK : GW_ENOMEM;
            account_space(disk, stored_before);
        }
    }
    give_back(box, result);
}

static void
enter_device(struct gw_event *event)
{
    struct gw_sim_io *box = gw_container(event, struct gw_sim_io, event);

    if (box->request.result != GW_OK) {
        give_back(box, box->request.result);
        return;
    }
    box->disk->device->submit(box->disk->device, &box->request);
}

static bool
is_full(const struct gw_sim_disk *disk, const struct gw_io *io)
{
    const struct gw_sim_volume *volume = disk->volume;

    return gw_io_modifies(io->op) && volume->device->capacity_bytes != GW_CAPACITY_ANY &&
           volume->files_bytes > 0 &&
           volume->files_bytes + *volume->tail_bytes + io->extent.length_bytes >
               volume->device->capacity_bytes;
}

static enum gw_code
check(struct gw_sim_disk *disk, const struct gw_io *io)
{
    const struct gw_fault_hook *fault = &disk->room->fault;

    gw_assert(io->op == GW_IO_FLUSH ||
              (io->extent.offset_bytes >= 0 && io->extent.length_bytes > 0 &&
               gw_extent_end(io->extent) <= disk->disk.size_bytes &&
               ((io->extent.offset_bytes | io->extent.length_bytes) &
                (disk->disk.granule_bytes - 1)) == 0));
    if (is_full(disk, io)) {
        return GW_ENOSPC;
    }
    return fault->decide == NULL ? GW_OK : fault->decide(fault->self, &disk->disk, io);
}

static void
submit(struct gw_disk *port, struct gw_io *io)
{
    struct gw_sim_disk *disk = gw_container(port, struct gw_sim_disk, disk);
    struct gw_disk_room *room = disk->room;
    struct gw_sim_io *box = take_box(room);
    int64_t cost_ns = io->purpose == GW_FOR_GUEST ? room->path_cost_ns[disk->side] : 0;

    io->disk = port;
    box->io = io;
    box->disk = disk;
    box->request.op = io->op;
    box->request.flow = room->flow + io->purpose;
    box->request.offset_bytes = disk->base_bytes + io->extent.offset_bytes;
    box->request.length_bytes = io->extent.length_bytes;
    box->request.result = check(disk, io);
    if (io->op == GW_IO_READ) {
        sample(disk, io);
    }
    if (cost_ns == 0 && box->request.result == GW_OK) {
        disk->device->submit(disk->device, &box->request);
        return;
    }
    gw_schedule(room->agenda, &box->event, room->agenda->now_ns + cost_ns);
}

static bool
is_hole(struct gw_disk *port, struct gw_extent extent)
{
    struct gw_sim_disk *disk = gw_container(port, struct gw_sim_disk, disk);

    return gw_image_is_hole(&disk->image, granule_at(disk, extent.offset_bytes),
                            granule_at(disk, extent.length_bytes));
}

static const struct gw_disk_ops disk_ops = {submit, is_hole};

void
gw_sim_disk_announce(const struct gw_disk *port, int64_t offset_bytes)
{
    const struct gw_sim_disk *disk =
        gw_container((void *)(uintptr_t)port, struct gw_sim_disk, disk);

    if (port->ops == &disk_ops) {
        gw_image_announce(&disk->image, granule_at(disk, offset_bytes));
    }
}

void
gw_sim_disk_expect(const struct gw_disk *port, int64_t offset_bytes)
{
    const struct gw_sim_disk *disk =
        gw_container((void *)(uintptr_t)port, struct gw_sim_disk, disk);

    if (port->ops == &disk_ops) {
        gw_image_expect(&disk->image, granule_at(disk, offset_bytes));
    }
}

/* ---- disks and volumes ---------------------------------------------------------------------------- */

bool
gw_sim_disk_open(struct gw_sim_disk *disk, struct gw_sim_volume *volume, int64_t size_bytes,
                 uint32_t first_granule, enum gw_image_fill fill, struct gw_error *err)
{
    struct gw_disk_room *room = volume->room;
    int64_t capacity = volume->device->capacity_bytes;
    int64_t end = (size_bytes + FILE_ALIGNMENT - 1) / FILE_ALIGNMENT * FILE_ALIGNMENT;

    if (capacity - *volume->tail_bytes < end) {
        return gw_fail(err, GW_ENOSPC,
                       "a disk of %lld B does not fit: %lld B of %lld B are taken on its device",
                       (long long)size_bytes, (long long)*volume->tail_bytes, (long long)capacity);
    }
    *disk = (struct gw_sim_disk){
        .disk = {&disk_ops, size_bytes, room->granule_bytes},
        .room = room,
        .device = volume->device,
        .base_bytes = *volume->tail_bytes,
        .side = volume->side,
        .volume = volume,
    };
    if (!gw_image_create(&disk->image, (uint64_t)(size_bytes / room->granule_bytes), first_granule,
                         fill, err)) {
        return false;
    }
    *volume->tail_bytes += end;
    return true;
}

void
gw_sim_disk_close(struct gw_sim_disk *disk)
{
    gw_image_destroy(&disk->image);
}

/* A scratch file lies behind all images. Files may share addresses (space is counted by what is
 * stored): only seeks see the address. */
static struct gw_disk *
create_file(struct gw_volume *port, const char *name, int64_t size_bytes, struct gw_error *err)
{
    struct gw_sim_volume *volume = gw_container(port, struct gw_sim_volume, volume);
    struct gw_sim_disk *file = calloc(1, sizeof *file);
    int64_t granule = volume->room->granule_bytes;

    if (file == NULL || volume->refuse) {
        free(file);
        gw_fail(err, GW_ENOSPC, "no room for %s", name);
        return NULL;
    }
    *file = (struct gw_sim_disk){
        .disk = {&disk_ops, size_bytes / granule * granule, granule},
        .room = volume->room,
        .device = volume->device,
        .base_bytes = *volume->tail_bytes,
        .side = volume->side,
        .volume = volume,
        .scratch = true,
        .next = volume->files,
    };
    if (volume->device->capacity_bytes - file->base_bytes < size_bytes) {
        file->base_bytes = volume->device->capacity_bytes > size_bytes
                               ? volume->device->capacity_bytes - size_bytes
                               : 0;
    }
    if (!gw_image_create(&file->image, (uint64_t)(size_bytes / granule), 0, GW_IMAGE_HOLE, err)) {
        free(file);
        return NULL;
    }
    volume->files = file;
    return &file->disk;
}

static void
remove_file(struct gw_volume *port, struct gw_disk *disk)
{
    struct gw_sim_volume *volume = gw_container(port, struct gw_sim_volume, volume);
    struct gw_sim_disk *file = gw_container(disk, struct gw_sim_disk, disk);
    struct gw_sim_disk **link = &volume->files;

    while (*link != file) {
        link = &(*link)->next;
    }
    /* The analyzer believes that a file stays in the list that it was taken from. */
    *link = file->next; /* NOLINT(clang-analyzer-unix.Malloc) */
    volume->files_bytes -=
        (int64_t)file->image.stored_chunks * GW_CHUNK_GRANULES * file->disk.granule_bytes;
    gw_image_destroy(&file->image);
    free(file);
}

static const struct gw_volume_ops volume_ops = {create_file, remove_file};

void
gw_sim_volume_open(struct gw_sim_volume *volume, struct gw_disk_room *room,
                   struct gw_device *device, int64_t *tail_bytes, enum gw_side side)
{
    *volume = (struct gw_sim_volume){.volume = {&volume_ops},
                                     .room = room,
                                     .device = device,
                                     .tail_bytes = tail_bytes,
                                     .side = side};
}

void
gw_sim_volume_close(struct gw_sim_volume *volume)
{
    while (volume->files != NULL) {
        remove_file(&volume->volume, &volume->files->disk);
    }
}

struct gw_payload *
gw_sim_payload_create(const struct gw_ports *ports, int64_t bytes)
{
    uint64_t granules = (uint64_t)(bytes / ports->source[0]->granule_bytes);
    struct gw_payload *payload = malloc(sizeof *payload + granules * sizeof(uint32_t));

    if (payload != NULL) {
        payload->granules = granules;
        payload->identities = (uint32_t *)(void *)(payload + 1);
    }
    return payload;
}

void
gw_sim_payload_destroy(const struct gw_ports *ports, struct gw_payload *payload)
{
    (void)ports;
    free(payload);
}

void
gw_sim_payload_copy(const struct gw_ports *ports, const struct gw_payload_move *move)
{
    int64_t granule = ports->source[0]->granule_bytes;

    memcpy(&move->to->identities[move->to_bytes / granule],
           &move->from->identities[move->from_bytes / granule],
           (size_t)(move->length_bytes / granule) * sizeof(uint32_t));
}
