/* blockmap.c - numbers the blocks of all disks of a guest in one row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/blockmap.h"

bool
gw_blockmap_init(struct gw_blockmap *map, const struct gw_ports *ports, struct gw_error *err)
{
    if (ports->disk_count == 0 || ports->disk_count > GW_DISKS_MAX) {
        return gw_fail(err, GW_EINVAL, "%u disks to migrate: must be 1 to %d", ports->disk_count,
                       GW_DISKS_MAX);
    }
    if (ports->common->mover_io_bytes < ports->common->granularity_bytes) {
        return gw_fail(err, GW_EINVAL, "mover_io %lld B: must be at least the granularity, %lld B",
                       (long long)ports->common->mover_io_bytes,
                       (long long)ports->common->granularity_bytes);
    }
    map->granularity_bytes = ports->common->granularity_bytes;
    map->disk_count = ports->disk_count;
    map->first[0] = 0;
    for (uint32_t i = 0; i < ports->disk_count; i++) {
        struct gw_extent all = {0, ports->source[i]->size_bytes};

        if (map->granularity_bytes % ports->source[i]->granule_bytes != 0) {
            return gw_fail(err, GW_EINVAL,
                           "granularity %lld B: must be a multiple of the disk's granule, %lld B",
                           (long long)map->granularity_bytes,
                           (long long)ports->source[i]->granule_bytes);
        }
        map->size_bytes[i] = all.length_bytes;
        map->first[i + 1] = gw_blockmap_end(map, i, all);
    }
    return true;
}

uint32_t
gw_blockmap_disk(const struct gw_blockmap *map, uint64_t block)
{
    uint32_t disk = 0;

    while (block >= map->first[disk + 1]) {
        disk++;
    }
    return disk;
}

struct gw_piece
gw_blockmap_piece(const struct gw_blockmap *map, uint64_t begin, uint64_t end)
{
    uint32_t disk = gw_blockmap_disk(map, begin);
    int64_t offset = (int64_t)(begin - map->first[disk]) * map->granularity_bytes;
    int64_t stop = (int64_t)(end - map->first[disk]) * map->granularity_bytes;

    gw_assert(end > begin && end <= map->first[disk + 1]);
    if (stop > map->size_bytes[disk]) {
        stop = map->size_bytes[disk];
    }
    return (struct gw_piece){disk, {offset, stop - offset}, offset};
}

bool
gw_blockmap_next(const struct gw_blockmap *map, const struct gw_bitmap *set, uint64_t *cursor,
                 int64_t limit_bytes, struct gw_piece *out)
{
    uint64_t count = gw_blockmap_count(map);
    uint64_t begin = gw_bitmap_find_next_set(set, *cursor);
    uint64_t limit = (uint64_t)(limit_bytes / map->granularity_bytes);
    uint64_t end;
    uint32_t disk;

    if (begin >= count) {
        *cursor = count;
        return false;
    }
    disk = gw_blockmap_disk(map, begin);
    limit = limit == 0 ? 1 : limit;
    end = begin + 1;
    while (end < begin + limit && end < map->first[disk + 1] && gw_bitmap_test(set, end)) {
        end++;
    }
    *cursor = end;
    *out = gw_blockmap_piece(map, begin, end);
    return true;
}

int64_t
gw_blockmap_bytes(const struct gw_blockmap *map, const struct gw_bitmap *set)
{
    int64_t bytes = (int64_t)set->count * map->granularity_bytes;

    /* The last block of a disk may be short. */
    for (uint32_t i = 0; i < map->disk_count; i++) {
        int64_t tail = map->size_bytes[i] % map->granularity_bytes;

        if (tail != 0 && gw_bitmap_test(set, map->first[i + 1] - 1)) {
            bytes -= map->granularity_bytes - tail;
        }
    }
    return bytes;
}
