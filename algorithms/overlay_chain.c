/* overlay_chain.c - the overlays of a chain: what each holds, put on top, taken off at the bottom.
 *
 * Source    QEMU, docs/interop/qcow2.txt (format), block/qcow2-cluster.c (behaviour, not text).
 * Departs   a cluster keeps its place; qcow2 gives places out in the order of writing. Metadata
 *           take space and cost no IO: QEMU keeps them in its cache until a flush.
 * Invariant an overlay that was taken off keeps its files while IO on them is in flight. A
 *           cluster is filled by one at a time, and never while the newest overlay has it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/overlay_chain.h"

#include <stdlib.h>

/* Header, refcount table, one refcount block, level 1 table; a level 2 table maps as many
 * clusters as it has entries of 8 bytes. */
enum { FIXED_CLUSTERS = 4, ENTRY_BYTES = 8 };

bool
gw_overlay_chain_start(struct gw_overlay_chain *chain, const struct gw_ports *ports,
                       struct gw_error *err)
{
    *chain = (struct gw_overlay_chain){.ports = ports, .base = ports->source};
    if (!gw_blockmap_init(&chain->map, ports, err) ||
        !gw_bitmap_create(&chain->filling, gw_blockmap_count(&chain->map), err)) {
        return false;
    }
    gw_overlay_face_init(chain);
    return true;
}

static void
drop(const struct gw_overlay_chain *chain, struct gw_overlay *overlay)
{
    for (uint32_t i = 0; overlay->volume != NULL && i < chain->ports->disk_count; i++) {
        if (overlay->file[i] != NULL) {
            overlay->volume->ops->remove(overlay->volume, overlay->file[i]);
        }
    }
    gw_bitmap_destroy(&overlay->allocated);
    free(overlay->file);
    free(overlay);
}

void
gw_overlay_chain_stop(struct gw_overlay_chain *chain)
{
    struct gw_overlay *overlay;

    if (chain->ports == NULL) {
        return;
    }
    while ((overlay = chain->retired) != NULL) {
        chain->retired = overlay->next;
        drop(chain, overlay);
    }
    for (uint32_t i = 0; i < chain->level_count; i++) {
        drop(chain, chain->level[i]);
    }
    gw_overlay_face_free(chain);
    gw_bitmap_destroy(&chain->filling);
}

/* ---- levels ------------------------------------------------------------------------------------- */

static struct gw_overlay *
new_overlay(const struct gw_overlay_chain *chain, struct gw_error *err)
{
    struct gw_overlay *overlay = calloc(1, sizeof *overlay);

    if (overlay != NULL) {
        overlay->file = calloc(chain->ports->disk_count, sizeof(struct gw_disk *));
    }
    if (overlay == NULL || overlay->file == NULL) {
        free(overlay);
        gw_fail(err, GW_ENOMEM, "out of memory for an overlay");
        return NULL;
    }
    if (!gw_bitmap_create(&overlay->allocated, gw_blockmap_count(&chain->map), err)) {
        drop(chain, overlay);
        return NULL;
    }
    return overlay;
}

static bool
fill_files(const struct gw_overlay_chain *chain, struct gw_overlay *overlay,
           struct gw_volume *volume, struct gw_error *err)
{
    overlay->volume = volume;
    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        overlay->file[i] =
            volume->ops->create(volume, "overlay", chain->ports->source[i]->size_bytes, err);
        if (overlay->file[i] == NULL) {
            return false;
        }
    }
    return true;
}

bool
gw_overlay_push(struct gw_overlay_chain *chain, struct gw_volume *volume, struct gw_error *err)
{
    struct gw_overlay *overlay;

    gw_assert(gw_bitmap_is_empty(&chain->filling));
    if (chain->level_count == GW_OVERLAYS_MAX) {
        return gw_fail(err, GW_EINVAL, "chain of %d overlays: no more are supported",
                       GW_OVERLAYS_MAX);
    }
    overlay = new_overlay(chain, err);
    if (overlay == NULL) {
        return false;
    }
    if (!fill_files(chain, overlay, volume, err)) {
        drop(chain, overlay);
        return false;
    }
    chain->level[chain->level_count++] = overlay;
    return true;
}

bool
gw_overlay_push_files(struct gw_overlay_chain *chain, struct gw_disk **files, struct gw_error *err)
{
    struct gw_overlay *overlay = new_overlay(chain, err);

    gw_assert(chain->level_count == 0);
    if (overlay == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < chain->ports->disk_count; i++) {
        overlay->file[i] = files[i];
    }
    chain->level[chain->level_count++] = overlay;
    return true;
}

void
gw_overlay_sweep(struct gw_overlay_chain *chain)
{
    struct gw_overlay **link = &chain->retired;

    while (*link != NULL) {
        struct gw_overlay *overlay = *link;

        if (overlay->in_flight > 0) {
            link = &overlay->next;
            continue;
        }
        *link = overlay->next;
        drop(chain, overlay);
    }
}

void
gw_overlay_retire(struct gw_overlay_chain *chain)
{
    gw_assert(chain->level_count > 0);
    chain->level[0]->next = chain->retired;
    chain->retired = chain->level[0];
    chain->level_count--;
    for (uint32_t i = 0; i < chain->level_count; i++) {
        chain->level[i] = chain->level[i + 1];
    }
    gw_overlay_sweep(chain);
}

/* ---- what they hold ------------------------------------------------------------------------------ */

static int64_t
file_bytes(const struct gw_overlay_chain *chain, const struct gw_overlay *overlay)
{
    int64_t cluster = chain->map.granularity_bytes;
    uint64_t entries = (uint64_t)(cluster / ENTRY_BYTES);
    uint64_t all = gw_blockmap_count(&chain->map);
    int64_t tables = 0;

    for (uint64_t i = 0; i < all; i += entries) {
        uint64_t length = all - i < entries ? all - i : entries;

        tables += gw_bitmap_count_range(&overlay->allocated, i, length) > 0;
    }
    if (tables == 0) {
        return 0;
    }
    return gw_blockmap_bytes(&chain->map, &overlay->allocated) +
           cluster * (FIXED_CLUSTERS * (int64_t)chain->ports->disk_count + tables);
}

int64_t
gw_overlay_bytes(const struct gw_overlay_chain *chain, uint32_t level)
{
    return file_bytes(chain, chain->level[level]);
}

int64_t
gw_overlay_chain_bytes(const struct gw_overlay_chain *chain)
{
    int64_t bytes = 0;

    for (uint32_t i = 0; i < chain->level_count; i++) {
        bytes += chain->level[i]->volume == NULL ? 0 : file_bytes(chain, chain->level[i]);
    }
    for (const struct gw_overlay *overlay = chain->retired; overlay != NULL;
         overlay = overlay->next) {
        bytes += file_bytes(chain, overlay);
    }
    return bytes;
}

struct gw_overlay *
gw_overlay_holder(const struct gw_overlay_chain *chain, uint32_t below, uint64_t cluster)
{
    for (uint32_t i = below; i > 0; i--) {
        if (gw_bitmap_test(&chain->level[i - 1]->allocated, cluster)) {
            return chain->level[i - 1];
        }
    }
    return NULL;
}

void
gw_overlay_locate(const struct gw_overlay_chain *chain, uint32_t disk, int64_t offset_bytes,
                  struct gw_disk **out, int64_t *out_offset_bytes)
{
    uint64_t cluster = gw_blockmap_begin(&chain->map, disk, (struct gw_extent){offset_bytes, 0});
    const struct gw_overlay *holder = gw_overlay_holder(chain, chain->level_count, cluster);

    *out = holder == NULL ? chain->base[disk] : holder->file[disk];
    *out_offset_bytes = offset_bytes;
}

/* ---- clusters that a data mover brings --------------------------------------------------------- */

void
gw_overlay_filled(struct gw_overlay_chain *chain, struct gw_overlay *into, uint64_t begin,
                  uint64_t end)
{
    gw_bitmap_clear_range(&chain->filling, begin, end - begin);
    if (into != NULL) {
        gw_bitmap_set_range(&into->allocated, begin, end - begin);
    }
}

static bool
is_free(const struct gw_overlay_chain *chain, uint64_t cluster)
{
    return !gw_bitmap_test(&chain->level[chain->level_count - 1]->allocated, cluster) &&
           !gw_bitmap_test(&chain->filling, cluster);
}

bool
gw_overlay_claim(struct gw_overlay_chain *chain, uint64_t *cursor, int64_t limit_bytes,
                 struct gw_piece *out)
{
    uint64_t all = gw_blockmap_count(&chain->map);
    uint64_t most = (uint64_t)(limit_bytes / chain->map.granularity_bytes);
    uint64_t begin = *cursor, end;

    while (begin < all && !is_free(chain, begin)) {
        begin++;
    }
    *cursor = begin;
    if (begin == all) {
        return false;
    }
    most += begin;
    end = chain->map.first[gw_blockmap_disk(&chain->map, begin) + 1];
    most = most < end ? most : end;
    for (end = begin + 1; end < most && is_free(chain, end); end++) {
    }
    *cursor = end;
    gw_bitmap_set_range(&chain->filling, begin, end - begin);
    *out = gw_blockmap_piece(&chain->map, begin, end);
    return true;
}

void
gw_overlay_settle(struct gw_overlay_chain *chain, const struct gw_piece *piece, bool stored)
{
    gw_overlay_filled(chain, stored ? chain->level[chain->level_count - 1] : NULL,
                      gw_blockmap_begin(&chain->map, piece->disk, piece->extent),
                      gw_blockmap_end(&chain->map, piece->disk, piece->extent));
    gw_overlay_face_wake(chain);
}
