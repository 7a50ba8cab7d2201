/* redo_log.h - a sparse file of what was written since a snapshot, with its map.
 *
 * Logical units of one disk map to places in the file, given out in order of first writing. The
 * map is kept in leaves; a leaf that fell out of the metadata cache costs a read before it can
 * be used, and a leaf that changes costs a write. This file keeps the books only: IO is the
 * caller's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REDO_LOG_H
#define GW_REDO_LOG_H

#include "base/bitmap.h"
#include "base/port.h"

struct gw_redo_shape {
    int64_t unit_bytes;     /* smallest piece that the map knows: the grain, or the granule */
    int64_t leaf_bytes;     /* guest's bytes that one leaf maps */
    int64_t metadata_bytes; /* size of one metadata IO */
    bool serial_metadata;   /* leaves of one log are written one at a time */
    uint32_t cached_leaves; /* leaves that the metadata cache holds */
};

struct gw_redo_log {
    struct gw_disk *file;
    struct gw_redo_shape shape;
    uint64_t unit_count; /* units of the guest's disk */
    uint64_t leaf_count;
    uint32_t **leaf; /* leaf_count; NULL = maps nothing; entry 0 = unmapped, else 1 + unit */
    struct gw_bitmap cached; /* leaves in the cache */
    uint64_t *fifo;          /* cached leaves, oldest first, a ring of shape.cached_leaves */
    uint32_t fifo_next;
    uint32_t fifo_count;
    int64_t data_start_bytes; /* in the file: metadata come before */
    uint64_t units_used;      /* given out in the file */
    uint64_t units_mapped;
    int64_t in_flight; /* caller's IO on the file */
};

/* How large the file may grow for a disk of `bytes`. */
int64_t gw_redo_log_most_bytes(const struct gw_redo_shape *shape, int64_t bytes);

/* `file` stays the caller's. Errors: GW_ENOMEM. */
bool gw_redo_log_create(struct gw_redo_log *log, const struct gw_redo_shape *shape,
                        struct gw_disk *file, int64_t disk_bytes, struct gw_error *err);
void gw_redo_log_destroy(struct gw_redo_log *log);

/* Run of units from `unit`, at most `count`, that are all unmapped, or all mapped to consecutive
 * places: returns its length; *place is the byte in the file, or -1 where unmapped. */
uint64_t gw_redo_log_run(const struct gw_redo_log *log, uint64_t unit, uint64_t count,
                         int64_t *place);

/* Reserves `count` consecutive units in the file; returns the byte where they begin, or -1 when
 * the file is full: places whose write failed are not used again. */
int64_t gw_redo_log_reserve(struct gw_redo_log *log, uint64_t count);
/* Units [unit, unit + count) are now found at `place`. False when memory is out. */
bool gw_redo_log_map(struct gw_redo_log *log, uint64_t unit, uint64_t count, int64_t place);

/* First mapped unit at or after `unit`, or unit_count. */
uint64_t gw_redo_log_next(const struct gw_redo_log *log, uint64_t unit);

/* Leaf of a unit; whether a look-up in it needs a metadata read first; where that leaf lies. */
static inline uint64_t
gw_redo_log_leaf(const struct gw_redo_log *log, uint64_t unit)
{
    return unit / (uint64_t)(log->shape.leaf_bytes / log->shape.unit_bytes);
}

bool gw_redo_log_must_fetch(const struct gw_redo_log *log, uint64_t leaf);
void gw_redo_log_fetched(struct gw_redo_log *log, uint64_t leaf);
struct gw_extent gw_redo_log_metadata(const struct gw_redo_log *log, uint64_t leaf);

/* Bytes that the file takes up now. */
int64_t gw_redo_log_bytes(const struct gw_redo_log *log);

#endif
