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

enum { FIRST_SLOT = 4 }; /* table entries below are a gw_image_fill */

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
    free(image->slots);
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

static uint32_t *
slot_of(const struct gw_image *image, uint32_t entry)
{
    return &image->slots[(size_t)(entry - FIRST_SLOT) * GW_CHUNK_GRANULES];
}

uint32_t
gw_image_get(const struct gw_image *image, uint64_t granule)
{
    uint32_t entry = image->chunk[granule / GW_CHUNK_GRANULES];

    if (entry < FIRST_SLOT) {
        return alike(image, entry, granule);
    }
    return slot_of(image, entry)[granule % GW_CHUNK_GRANULES];
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
            for (uint64_t i = 0; i < n; i++) {
                out[i] = alike(image, entry, granule + i);
            }
        } else {
            memcpy(out, slot_of(image, entry) + granule % GW_CHUNK_GRANULES, n * sizeof *out);
        }
        granule += n;
        count -= n;
        out += n;
    }
}

/* The slot of a chunk, made from what it held if it was all alike. */
static uint32_t *
open_slot(struct gw_image *image, uint64_t chunk)
{
    uint32_t entry = image->chunk[chunk];
    uint32_t *slot;

    if (entry >= FIRST_SLOT) {
        return slot_of(image, entry);
    }
    if (image->slot_count == image->slots_allocated) {
        uint32_t more = image->slots_allocated == 0 ? 256 : image->slots_allocated * 2;
        uint32_t *slots =
            realloc(image->slots, (size_t)more * GW_CHUNK_GRANULES * sizeof *image->slots);

        if (slots == NULL) {
            return NULL;
        }
        image->slots = slots;
        image->slots_allocated = more;
    }
    slot = &image->slots[(size_t)image->slot_count * GW_CHUNK_GRANULES];
    for (uint64_t i = 0; i < GW_CHUNK_GRANULES; i++) {
        slot[i] = alike(image, entry, chunk * GW_CHUNK_GRANULES + i);
    }
    image->stored_chunks += entry == GW_IMAGE_HOLE;
    image->chunk[chunk] = FIRST_SLOT + image->slot_count++;
    return slot;
}

/* Whether a write leaves a chunk that was all alike as it is: the common case of a bulk copy. */
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

uint64_t
gw_image_difference(const struct gw_image *a, const struct gw_image *b, uint64_t from)
{
    gw_assert(a->granules == b->granules && a->first == b->first);
    for (uint64_t chunk = from / GW_CHUNK_GRANULES; chunk < a->chunks; chunk++) {
        uint64_t granule = chunk * GW_CHUNK_GRANULES;
        uint64_t end = granule + GW_CHUNK_GRANULES;

        granule = granule < from ? from : granule;
        if (a->chunk[chunk] == b->chunk[chunk] && a->chunk[chunk] < FIRST_SLOT) {
            continue;
        }
        for (end = end < a->granules ? end : a->granules; granule < end; granule++) {
            if (gw_image_get(a, granule) != gw_image_get(b, granule)) {
                return granule;
            }
        }
    }
    return a->granules;
}
