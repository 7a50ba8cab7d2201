/* image.h - the content of a simulated disk: one identity for each granule.
 *
 * An identity stands for bytes: what a certain guest write stored, what the disk held at the
 * beginning at that very place, or zero. Two granules are equal when their identities are. So
 * "target equals source" is proved granule by granule, and data at a wrong address shows up.
 * Chunks that are all alike take no memory beyond 4 bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_IMAGE_H
#define GW_IMAGE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    GW_CHUNK_GRANULES = 64,
    GW_IMAGE_FIRST_SLOT = 4,       /* table entries below are a gw_image_fill                  */
    GW_IMAGE_BLOCK_SLOTS = 1 << 13 /* slots in a block: 2 MiB                                  */
};

/* Identities: 1 .. GW_ID_WRITE_MOST are guest writes; with GW_ID_INITIAL set the rest of the
 * bits is the number of the granule that held it at the beginning. */
#define GW_ID_ZERO UINT32_C(0)
#define GW_ID_WRITE_MOST UINT32_C(0x7ffffffe)
#define GW_ID_GARBAGE UINT32_C(0x7fffffff)
#define GW_ID_INITIAL UINT32_C(0x80000000)

/* What a fresh image holds everywhere. */
enum gw_image_fill { GW_IMAGE_HOLE, GW_IMAGE_INITIAL, GW_IMAGE_GARBAGE, GW_IMAGE_ZERO };

struct gw_image {
    uint64_t granules;
    uint32_t first;  /* number of granule 0 among the granules of all disks of the guest */
    uint32_t *chunk; /* a gw_image_fill, or 4 + index of a slot */
    uint64_t chunks;
    uint32_t **blocks;   /* of GW_IMAGE_BLOCK_SLOTS slots, in the order of their making   */
    uint32_t slot_count; /* one identity a granule each                                 */
    uint32_t block_count;
    uint64_t stored_chunks; /* chunks that are not holes */
};

/* Errors: GW_ENOMEM; GW_EINVAL where granules cannot be numbered in 31 bits. */
bool gw_image_create(struct gw_image *image, uint64_t granules, uint32_t first,
                     enum gw_image_fill fill, struct gw_error *err);
void gw_image_destroy(struct gw_image *image);

/* Makes all granules of a chunk alike. */
void gw_image_fill_chunk(struct gw_image *image, uint64_t chunk, enum gw_image_fill fill);

/* The identities of a chunk that has a slot. */
static inline uint32_t *
gw_image_slot(const struct gw_image *image, uint32_t entry)
{
    uint32_t slot = entry - GW_IMAGE_FIRST_SLOT;

    return image->blocks[slot / GW_IMAGE_BLOCK_SLOTS] +
           (size_t)(slot % GW_IMAGE_BLOCK_SLOTS) * GW_CHUNK_GRANULES;
}

/* The granule will be asked for some time later: fetches what leads to its identity. */
static inline void
gw_image_announce(const struct gw_image *image, uint64_t granule)
{
    __asm__ volatile("");
    __builtin_prefetch(&image->chunk[granule / GW_CHUNK_GRANULES], 1);
}

/* The granule will be asked for soon: a disk's identities do not fit a CPU's caches. The empty asm
 * keeps gcc 12 from dropping a function that does nothing but prefetch. */
static inline void
gw_image_expect(const struct gw_image *image, uint64_t granule)
{
    uint32_t entry = image->chunk[granule / GW_CHUNK_GRANULES];

    if (entry >= GW_IMAGE_FIRST_SLOT) {
        __asm__ volatile("");
        __builtin_prefetch(gw_image_slot(image, entry) + granule % GW_CHUNK_GRANULES, 1);
    }
}

uint32_t gw_image_get(const struct gw_image *image, uint64_t granule);
void gw_image_read(const struct gw_image *image, uint64_t granule, uint64_t count, uint32_t *out);
/* False when memory is out. */
bool gw_image_write(struct gw_image *image, uint64_t granule, uint64_t count,
                    const uint32_t *identities);
bool gw_image_set(struct gw_image *image, uint64_t granule, uint64_t count, uint32_t identity);

/* Whether nothing was ever stored in the granules. */
bool gw_image_is_hole(const struct gw_image *image, uint64_t granule, uint64_t count);

/* First granule at or after `from` in which two images of the same size differ, or their size. */
uint64_t gw_image_difference(const struct gw_image *a, const struct gw_image *b, uint64_t from);

#endif
