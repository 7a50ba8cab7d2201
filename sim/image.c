/* image.c - the content of a simulated disk: one identity for each granule.
 *
 * A chunk of 64 granules is either all alike, told by its table entry, or has a slot with one
 * identity a granule. Slots are not given back: a chunk that was written once is written again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_SLOT = GW_IMAGE_FIRST_SLOT, AUDIT_AHEAD = 8 };

bool
gw_image_create(struct gw_image *image, uint64_t granules, uint32_t first, enum gw_image_fill fill,
                struct gw_error *err)
{
    *image = (struct gw_image){.granules = granules, .first = first};
    if (granules > GW_ID_WRITE_MOST - first) {
        return gw_fail(err, GW_EINVAL,
                       "disks of %llu granules in all: at most %u can be told apart",
                       (unsigned long long)granules + first, GW_ID_WRITE_MOST);
    }
    image->chunks = (granules + GW_CHUNK_GRANULES - 1) / GW_CHUNK_GRANULES;
    image->chunk = malloc(image->chunks * sizeof *image->chunk);
    if (image->chunk == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for an image of %llu granules",
                       (unsigned long long)granules);
    }
    for (uint64_t i = 0; i < image->chunks; i++) {
        image->chunk[i] = fill;
    }
    image->stored_chunks = fill == GW_IMAGE_HOLE ? 0 : image->chunks;
    return true;
}

void
gw_image_destroy(struct gw_image *image)
{
    free(image->chunk);
    for (uint32_t i = 0; i < image->block_count; i++) {
        free(image->blocks[i]);
    }
    free(image->blocks);
    *image = (struct gw_image){0};
}

void
gw_image_fill_chunk(struct gw_image *image, uint64_t chunk, enum gw_image_fill fill)
{
    image->stored_chunks -= image->chunk[chunk] != GW_IMAGE_HOLE;
    image->stored_chunks += fill != GW_IMAGE_HOLE;
    image->chunk[chunk] = fill;
}

static uint32_t
alike(const struct gw_image *image, uint32_t entry, uint64_t granule)
{
    static const uint32_t identity[FIRST_SLOT] = {GW_ID_ZERO, GW_ID_INITIAL, GW_ID_GARBAGE,
                                                  GW_ID_ZERO};

    if (entry == GW_IMAGE_INITIAL) {
        return GW_ID_INITIAL | (image->first + (uint32_t)granule);
    }
    return identity[entry];
}

uint32_t
gw_image_get(const struct gw_image *image, uint64_t granule)
{
    uint32_t entry = image->chunk[granule / GW_CHUNK_GRANULES];

    if (entry < FIRST_SLOT) {
        return alike(image, entry, granule);
    }
    return gw_image_slot(image, entry)[granule % GW_CHUNK_GRANULES];
}

/* The identities of granules of a chunk that is all alike. */
static void
spread(const struct gw_image *image, uint32_t entry, uint64_t granule, uint64_t count,
       uint32_t *out)
{
    uint32_t first = alike(image, entry, granule);
    uint32_t step = entry == GW_IMAGE_INITIAL;

    for (uint64_t i = 0; i < count; i++) {
        out[i] = first + step * (uint32_t)i;
    }
}

static uint64_t
within_chunk(uint64_t granule, uint64_t count)
{
    uint64_t left = GW_CHUNK_GRANULES - granule % GW_CHUNK_GRANULES;

    return count < left ? count : left;
}

void
gw_image_read(const struct gw_image *image, uint64_t granule, uint64_t count, uint32_t *out)
{
    while (count > 0) {
        uint32_t entry = image->chunk[granule / GW_CHUNK_GRANULES];
        uint64_t n = within_chunk(granule, count);

        if (entry < FIRST_SLOT) {
            spread(image, entry, granule, n, out);
        } else {
            memcpy(out, gw_image_slot(image, entry) + granule % GW_CHUNK_GRANULES, n * sizeof *out);
        }
        granule += n;
        count -= n;
        out += n;
    }
}

/* Huge pages spare a walk of the page tables at every step of a random load; the first block does
 * without them, since most images, redo logs above all, stay small. */
static bool
add_block(struct gw_image *image)
{
    size_t bytes = (size_t)GW_IMAGE_BLOCK_SLOTS * GW_CHUNK_GRANULES * sizeof(uint32_t);
    uint32_t **blocks = realloc(image->blocks, (image->block_count + 1) * sizeof *blocks);

    if (blocks == NULL) {
        return false;
    }
    image->blocks = blocks;
    blocks[image->block_count] =
        image->block_count == 0 ? malloc(bytes) : aligned_alloc(bytes, bytes);
    if (blocks[image->block_count] == NULL) {
        return false;
    }
#ifdef MADV_HUGEPAGE
    if (image->block_count > 0) {
        (void)madvise(blocks[image->block_count], bytes, MADV_HUGEPAGE);
    }
#endif
    image->block_count++;
    return true;
}

/* The slot of a chunk, made from what it held if it was all alike. */
static uint32_t *
open_slot(struct gw_image *image, uint64_t chunk)
{
    uint32_t entry = image->chunk[chunk];
    uint32_t *slot;

    if (entry >= FIRST_SLOT) {
        return gw_image_slot(image, entry);
    }
    if (image->slot_count == image->block_count * GW_IMAGE_BLOCK_SLOTS && !add_block(image)) {
        return NULL;
    }
    slot = gw_image_slot(image, FIRST_SLOT + image->slot_count);
    spread(image, entry, chunk * GW_CHUNK_GRANULES, GW_CHUNK_GRANULES, slot);
    image->stored_chunks += entry == GW_IMAGE_HOLE;
    image->chunk[chunk] = FIRST_SLOT + image->slot_count++;
    return slot;
}

/* Whether identities are those of the beginning: the common case of a bulk copy. */
static bool
is_initial(const struct gw_image *image, uint64_t granule, uint64_t count,
           const uint32_t *identities)
{
    uint32_t first = GW_ID_INITIAL | (image->first + (uint32_t)granule);
    uint32_t wrong = 0;

    for (uint64_t i = 0; i < count; i++) {
        wrong |= identities[i] ^ (first + (uint32_t)i);
    }
    return wrong == 0;
}

bool
gw_image_write(struct gw_image *image, uint64_t granule, uint64_t count, const uint32_t *identities)
{
    while (count > 0) {
        uint64_t chunk = granule / GW_CHUNK_GRANULES;
        uint64_t n = within_chunk(granule, count);
        bool whole = n == GW_CHUNK_GRANULES || granule + n == image->granules;

        if (image->chunk[chunk] < FIRST_SLOT && whole && granule % GW_CHUNK_GRANULES == 0 &&
            is_initial(image, granule, n, identities)) {
            gw_image_fill_chunk(image, chunk, GW_IMAGE_INITIAL);
        } else {
            uint32_t *slot = open_slot(image, chunk);

            if (slot == NULL) {
                return false;
            }
            memcpy(slot + granule % GW_CHUNK_GRANULES, identities, n * sizeof *slot);
        }
        granule += n;
        count -= n;
        identities += n;
    }
    return true;
}

bool
gw_image_set(struct gw_image *image, uint64_t granule, uint64_t count, uint32_t identity)
{
    while (count > 0) {
        uint64_t n = within_chunk(granule, count);
        uint32_t *slot = open_slot(image, granule / GW_CHUNK_GRANULES);

        if (slot == NULL) {
            return false;
        }
        slot += granule % GW_CHUNK_GRANULES;
        for (uint64_t i = 0; i < n; i++) {
            slot[i] = identity;
        }
        granule += n;
        count -= n;
    }
    return true;
}

bool
gw_image_is_hole(const struct gw_image *image, uint64_t granule, uint64_t count)
{
    uint64_t last = (granule + count - 1) / GW_CHUNK_GRANULES;

    for (uint64_t chunk = granule / GW_CHUNK_GRANULES; chunk <= last; chunk++) {
        if (image->chunk[chunk] != GW_IMAGE_HOLE) {
            return false;
        }
    }
    return true;
}

/* Whether a look at the whole chunk tells that two images agree in it. */
static bool
same_chunk(const struct gw_image *a, const struct gw_image *b, uint64_t chunk)
{
    uint32_t entry_a = a->chunk[chunk];
    uint32_t entry_b = b->chunk[chunk];

    if (entry_a < FIRST_SLOT || entry_b < FIRST_SLOT) {
        return entry_a == entry_b;
    }
    return memcmp(gw_image_slot(a, entry_a), gw_image_slot(b, entry_b),
                  GW_CHUNK_GRANULES * sizeof(uint32_t)) == 0;
}

uint64_t
gw_image_difference(const struct gw_image *a, const struct gw_image *b, uint64_t from)
{
    gw_assert(a->granules == b->granules && a->first == b->first);
    for (uint64_t chunk = from / GW_CHUNK_GRANULES; chunk < a->chunks; chunk++) {
        uint64_t granule = chunk * GW_CHUNK_GRANULES;
        uint64_t end = granule + GW_CHUNK_GRANULES;
        uint64_t next = chunk + AUDIT_AHEAD < a->chunks ? chunk + AUDIT_AHEAD : chunk;

        gw_image_expect(a, next * GW_CHUNK_GRANULES);
        gw_image_expect(b, next * GW_CHUNK_GRANULES);
        if (same_chunk(a, b, chunk)) {
            continue;
        }
        granule = granule < from ? from : granule;
        for (end = end < a->granules ? end : a->granules; granule < end; granule++) {
            if (gw_image_get(a, granule) != gw_image_get(b, granule)) {
                return granule;
            }
        }
    }
    return a->granules;
}
