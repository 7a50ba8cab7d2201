/* disk_chain.h - guest IO through a chain of redo logs over a base.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DISK_CHAIN_H
#define GW_DISK_CHAIN_H

#include "algorithms/blockmap.h"
#include "algorithms/guest_path.h"
#include "algorithms/redo_log.h"

enum { GW_CHAIN_LEVELS_MAX = 64 };

struct gw_chain_job;
struct gw_chain_part;

/* One snapshot: a redo log for each disk. */
struct gw_chain_level {
    struct gw_redo_log *log; /* disk_count */
    struct gw_volume *volume;
};

struct gw_chain {
    const struct gw_ports *ports;
    struct gw_redo_shape shape;
    struct gw_disk **base; /* disk_count; the owner re-parents by changing it */
    struct gw_chain_level level[GW_CHAIN_LEVELS_MAX]; /* oldest first */
    uint32_t level_count;
    struct gw_chain_level retired[GW_CHAIN_LEVELS_MAX]; /* taken off, still read from */
    uint32_t retired_count;
    struct gw_chain_job *free_jobs;
    struct gw_chain_part *free_parts;
    void **blocks; /* memory behind the two lists */
    uint32_t block_count;
    struct {
        bool busy;                         /* a job is writing metadata of the newest log */
        struct gw_chain_job *first, *last; /* wait for it, in order */
    } metadata[GW_DISKS_MAX];
    struct gw_guest_list writes;   /* in flight */
    struct gw_guest_queue waiting; /* for an overlapping write */
    int64_t written_bytes;         /* to redo logs, metadata included */
};

void gw_chain_init(struct gw_chain *chain, const struct gw_ports *ports,
                   const struct gw_redo_shape *shape);
void gw_chain_destroy(struct gw_chain *chain);

/* Puts a level on top; no guest IO may be in flight. Errors: GW_ENOSPC, GW_ENOMEM, GW_EINVAL. */
bool gw_chain_push(struct gw_chain *chain, struct gw_volume *volume, struct gw_error *err);
/* Takes the oldest level off: its data are in the base. Its files go when nobody reads them. */
void gw_chain_retire(struct gw_chain *chain);
/* Gives back the levels taken off that nobody reads any more; for the end of a guest IO. */
void gw_chain_sweep(struct gw_chain *chain);

/* Serves one guest IO, and completes it. With no level it goes to the base. */
void gw_chain_submit(struct gw_chain *chain, struct gw_guest_io *io);

/* Bytes in the logs now. */
int64_t gw_chain_bytes(const struct gw_chain *chain);

/* Where the guest's data of a granule lie. */
void gw_chain_locate(const struct gw_chain *chain, uint32_t disk, int64_t offset_bytes,
                     struct gw_disk **out, int64_t *out_offset_bytes);

#endif
