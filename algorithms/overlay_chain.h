/* overlay_chain.h - a disk made of overlays over a base, in clusters, as qcow2 files are stacked.
 *
 * An overlay holds whole clusters: the first write to one that it lacks copies the rest of the
 * cluster up from below. A cluster is one block of the common setting `granularity`. Each disk of
 * the guest has a face: a struct gw_disk that guest IO and data movers submit to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OVERLAY_CHAIN_H
#define GW_OVERLAY_CHAIN_H

#include "algorithms/blockmap.h"

enum { GW_OVERLAYS_MAX = 64 };

struct gw_overlay_job;
struct gw_overlay_part;

/* One snapshot of all disks. A cluster lies in its file where it lies on the guest's disk. */
struct gw_overlay {
    struct gw_disk **file;    /* disk_count */
    struct gw_volume *volume; /* that gave the files; NULL: they are disks of the migration */
    struct gw_bitmap allocated;
    int64_t in_flight;       /* IO on its files */
    struct gw_overlay *next; /* among the retired */
};

struct gw_overlay_face {
    struct gw_disk disk; /* first */
    struct gw_overlay_chain *chain;
    uint32_t number;
};

struct gw_overlay_chain {
    const struct gw_ports *ports;
    struct gw_blockmap map;                    /* its blocks are the clusters */
    struct gw_disk **base;                     /* disk_count; the owner re-bases by changing it */
    struct gw_overlay *level[GW_OVERLAYS_MAX]; /* oldest first */
    uint32_t level_count;
    struct gw_overlay *retired; /* taken off, still read from */
    struct gw_bitmap filling;   /* clusters that are being put into the newest overlay */
    struct gw_overlay_face face[GW_DISKS_MAX];
    struct gw_disk *faces[GW_DISKS_MAX];
    struct gw_overlay_job *free_jobs, *all_jobs;
    struct gw_overlay_part *free_parts, *all_parts;
    struct gw_overlay_job *waiting, *waiting_last; /* for a cluster that is being filled */
    bool copy_on_read;           /* a read brings the clusters that the newest overlay lacks */
    void (*filled)(void *owner); /* NULL, or told when clusters stop being filled */
    void *owner;
};

/* Errors: GW_ENOMEM, GW_EINVAL for sizes that do not fit. */
bool gw_overlay_chain_start(struct gw_overlay_chain *chain, const struct gw_ports *ports,
                            struct gw_error *err);
void gw_overlay_chain_stop(struct gw_overlay_chain *chain);

/* Puts an empty overlay on top; nothing may be in flight on the faces. Its files come from the
 * volume, or are `files`, which stay the caller's. Errors: GW_ENOSPC, GW_ENOMEM, GW_EINVAL. */
bool gw_overlay_push(struct gw_overlay_chain *chain, struct gw_volume *volume,
                     struct gw_error *err);
bool gw_overlay_push_files(struct gw_overlay_chain *chain, struct gw_disk **files,
                           struct gw_error *err);
/* Takes the oldest off: its data are in the base. Its files go when nobody reads them. */
void gw_overlay_retire(struct gw_overlay_chain *chain);
/* Gives back what was taken off and is read no more. */
void gw_overlay_sweep(struct gw_overlay_chain *chain);

/* The files of one overlay: its clusters, and what a qcow2 file holds to find them. */
int64_t gw_overlay_bytes(const struct gw_overlay_chain *chain, uint32_t level);
/* The same of all overlays that take up space. */
int64_t gw_overlay_chain_bytes(const struct gw_overlay_chain *chain);

/* Claims the next clusters at or after *cursor that the newest overlay lacks and nobody fills, at
 * most limit_bytes on one disk; guest writes to them wait until they are settled. */
bool gw_overlay_claim(struct gw_overlay_chain *chain, uint64_t *cursor, int64_t limit_bytes,
                      struct gw_piece *out);
/* Clusters claimed are in the newest overlay, or are not. */
void gw_overlay_settle(struct gw_overlay_chain *chain, const struct gw_piece *piece, bool stored);

/* Where the guest's data of a granule lie. */
void gw_overlay_locate(const struct gw_overlay_chain *chain, uint32_t disk, int64_t offset_bytes,
                       struct gw_disk **out, int64_t *out_offset_bytes);

/* ---- between overlay_chain.c and overlay_face.c ------------------------------------------------ */

/* The newest overlay under `below` (counted from 1; level_count for all) that holds a cluster;
 * NULL: the base does. */
struct gw_overlay *gw_overlay_holder(const struct gw_overlay_chain *chain, uint32_t below,
                                     uint64_t cluster);
/* Clusters [begin, end) are no longer being filled; `into` holds them now, unless it is NULL. */
void gw_overlay_filled(struct gw_overlay_chain *chain, struct gw_overlay *into, uint64_t begin,
                       uint64_t end);
void gw_overlay_face_init(struct gw_overlay_chain *chain);
void gw_overlay_face_free(struct gw_overlay_chain *chain);
/* Goes on with what waited for clusters. */
void gw_overlay_face_wake(struct gw_overlay_chain *chain);

#endif
