/* page_cache.c - a direct-mapped table of pages and ages.
 *
 * Source    QEMU migration/page_cache.c, by its behaviour.
 * Invariant a slot holds only pages that map to it.
 * Cost      8 bytes a slot; O(1) a call, one cache line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A slot is kept in the generation of its last touch and in the next. */
enum { LIFETIME_GENERATIONS = 2 };

bool
gw_page_cache_create(struct gw_page_cache *cache, int64_t bytes, struct gw_error *err)
{
    size_t size_bytes;

    *cache = (struct gw_page_cache){0};
    if (bytes < GW_PAGE_BYTES || (bytes & (bytes - 1)) != 0) {
        return gw_fail(err, GW_EINVAL,
                       "page cache of %lld B: must be a power of two, at least one page of %d B",
                       (long long)bytes, GW_PAGE_BYTES);
    }
    cache->count = (uint64_t)bytes / GW_PAGE_BYTES;
    size_bytes = (size_t)cache->count * sizeof *cache->slots;
    cache->slots = malloc(size_bytes);
    if (cache->slots == NULL) {
        cache->count = 0;
        return gw_fail(err, GW_ENOMEM, "out of memory for a page cache of %lld B",
                       (long long)bytes);
    }
    memset(cache->slots, 0xff, size_bytes);
    return true;
}

void
gw_page_cache_destroy(struct gw_page_cache *cache)
{
    free(cache->slots);
    *cache = (struct gw_page_cache){0};
}

bool
gw_page_cache_hit(struct gw_page_cache *cache, uint64_t page, int64_t generation)
{
    struct gw_page_slot *slot = &cache->slots[gw_page_cache_slot(cache, page)];

    gw_assert(page < UINT32_MAX);
    if (slot->page != page) {
        return false;
    }
    slot->age = (uint32_t)generation;
    return true;
}

bool
gw_page_cache_insert(struct gw_page_cache *cache, uint64_t page, int64_t generation)
{
    struct gw_page_slot *slot = &cache->slots[gw_page_cache_slot(cache, page)];
    bool other = slot->page != UINT32_MAX && slot->page != page;

    gw_assert(page < UINT32_MAX && generation >= 0 && generation < UINT32_MAX);
    if (other && (int64_t)slot->age + LIFETIME_GENERATIONS > generation) {
        return false;
    }
    *slot = (struct gw_page_slot){(uint32_t)page, (uint32_t)generation};
    return true;
}
