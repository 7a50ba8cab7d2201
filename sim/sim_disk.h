/* sim_disk.h - the simulated disk and volume: a device for the time, an image for the data.
 *
 * A read takes its data at the moment of submission, a write's data land when it completes: of
 * all orders that a real disk may choose this is the least convenient one for a migration.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_DISK_H
#define GW_SIM_DISK_H

#include "base/port.h"
#include "models/device.h"
#include "sim/image.h"

/* Simulated data on the move: an identity for each granule. */
struct gw_payload {
    uint32_t *identities;
    uint64_t granules;
};

/* Decides the fate of an IO before it reaches the device: GW_OK lets it pass; anything else
 * comes back as its result and nothing is stored. For fault tests. */
struct gw_fault_hook {
    enum gw_code (*decide)(void *self, const struct gw_disk *disk, const struct gw_io *io);
    void *self;
};

struct gw_disk_counts {
    int64_t reads, writes, bytes_read, bytes_written;
};

/* What the disks of one guest share. */
struct gw_disk_room {
    struct gw_agenda *agenda;
    uint32_t flow; /* first of GW_PURPOSE_COUNT flows */
    int64_t granule_bytes;
    int64_t path_cost_ns[2]; /* by side: host cost added to a guest IO */
    struct gw_fault_hook fault;
    struct gw_sim_io *free; /* pool */
    void **blocks;
    uint32_t block_count;
};

void gw_disk_room_clear(struct gw_disk_room *room);

struct gw_sim_disk {
    struct gw_disk disk; /* first */
    struct gw_disk_room *room;
    struct gw_device *device;
    struct gw_image image;
    int64_t base_bytes; /* where it begins on the device */
    enum gw_side side;
    enum gw_record record; /* a home disk: what its descriptor says */
    struct gw_disk_counts counts[GW_PURPOSE_COUNT];
    struct gw_sim_volume *volume;
    bool scratch;             /* a file of the volume: its space is counted */
    struct gw_sim_disk *next; /* files of a volume */
};

/* A disk in the room of its volume. Errors: GW_ENOMEM, GW_EINVAL, GW_ENOSPC. */
bool gw_sim_disk_open(struct gw_sim_disk *disk, struct gw_sim_volume *volume, int64_t size_bytes,
                      uint32_t first_granule, enum gw_image_fill fill, struct gw_error *err);
void gw_sim_disk_close(struct gw_sim_disk *disk);

/* Hints: an IO will come that begins there; announced first, expected soon. Any disk may be given. */
void gw_sim_disk_announce(const struct gw_disk *port, int64_t offset_bytes);
void gw_sim_disk_expect(const struct gw_disk *port, int64_t offset_bytes);

/* Space on a device: images lie one after the other, scratch files behind them. */
struct gw_sim_volume {
    struct gw_volume volume; /* first */
    struct gw_disk_room *room;
    struct gw_device *device;
    int64_t *tail_bytes; /* next free byte of the device, shared by its volumes */
    enum gw_side side;
    int64_t files_bytes; /* stored in scratch files now */
    int64_t files_peak_bytes;
    struct gw_sim_disk *files;
    bool refuse; /* tests: no file can be made */
};

void gw_sim_volume_open(struct gw_sim_volume *volume, struct gw_disk_room *room,
                        struct gw_device *device, int64_t *tail_bytes, enum gw_side side);
void gw_sim_volume_close(struct gw_sim_volume *volume);

struct gw_payload *gw_sim_payload_create(const struct gw_ports *ports, int64_t bytes);
void gw_sim_payload_destroy(const struct gw_ports *ports, struct gw_payload *payload);
void gw_sim_payload_copy(const struct gw_ports *ports, const struct gw_payload_move *move);

#endif
