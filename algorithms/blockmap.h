/* blockmap.h - numbers the blocks of all disks of a guest in one row.
 *
 * Block b is `granularity` bytes of one disk; blocks of disk 0 come first. A block never crosses
 * the end of a disk: the last one of a disk may be short.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BLOCKMAP_H
#define GW_BLOCKMAP_H

#include "base/bitmap.h"
#include "base/port.h"

enum { GW_DISKS_MAX = 64 };

struct gw_blockmap {
    int64_t granularity_bytes;
    uint32_t disk_count;
    uint64_t first[GW_DISKS_MAX + 1]; /* number of a disk's first block; last entry = all blocks */
    int64_t size_bytes[GW_DISKS_MAX];
};

/* A piece of one disk: what a data mover copies at a time. */
struct gw_piece {
    uint32_t disk;
    struct gw_extent extent; /* where it belongs on the guest's disk */
    int64_t from_bytes;      /* where it lies on the disk that it is read from */
};

/* Errors: GW_EINVAL for too many disks, and for blocks that one data mover IO does not hold or
 * that are no multiple of the granule. */
bool gw_blockmap_init(struct gw_blockmap *map, const struct gw_ports *ports, struct gw_error *err);

static inline uint64_t
gw_blockmap_count(const struct gw_blockmap *map)
{
    return map->first[map->disk_count];
}

/* First block that an extent touches, and the number after the last. */
static inline uint64_t
gw_blockmap_begin(const struct gw_blockmap *map, uint32_t disk, struct gw_extent extent)
{
    return map->first[disk] + (uint64_t)(extent.offset_bytes / map->granularity_bytes);
}

static inline uint64_t
gw_blockmap_end(const struct gw_blockmap *map, uint32_t disk, struct gw_extent extent)
{
    return map->first[disk] + (uint64_t)((gw_extent_end(extent) + map->granularity_bytes - 1) /
                                         map->granularity_bytes);
}

/* The bytes of blocks [begin, end), all on one disk. */
struct gw_piece gw_blockmap_piece(const struct gw_blockmap *map, uint64_t begin, uint64_t end);

/* Next run of set bits at or after *cursor, at most limit_bytes long and on one disk; moves the
 * cursor past it. False when there is none. */
bool gw_blockmap_next(const struct gw_blockmap *map, const struct gw_bitmap *set, uint64_t *cursor,
                      int64_t limit_bytes, struct gw_piece *out);

/* Bytes that a set of blocks stands for. */
int64_t gw_blockmap_bytes(const struct gw_blockmap *map, const struct gw_bitmap *set);

/* Puts all blocks that an extent touches into a set, or takes them out. */
static inline void
gw_blockmap_mark(const struct gw_blockmap *map, struct gw_bitmap *set, uint32_t disk,
                 struct gw_extent extent)
{
    uint64_t begin = gw_blockmap_begin(map, disk, extent);

    gw_bitmap_set_range(set, begin, gw_blockmap_end(map, disk, extent) - begin);
}

static inline void
gw_blockmap_unmark(const struct gw_blockmap *map, struct gw_bitmap *set, uint32_t disk,
                   struct gw_extent extent)
{
    uint64_t begin = gw_blockmap_begin(map, disk, extent);

    gw_bitmap_clear_range(set, begin, gw_blockmap_end(map, disk, extent) - begin);
}

/* Number of the disk that holds a block. */
uint32_t gw_blockmap_disk(const struct gw_blockmap *map, uint64_t block);

#endif
