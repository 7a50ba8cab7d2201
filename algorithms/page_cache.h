/* page_cache.h - which page lies in which slot of the XBZRLE cache, and how old it is.
 *
 * Direct mapped: slot = page modulo slots, a power of two. The contents are the memory port's.
 * A slot is protected against other pages in the generation (dirty sync count) in which it was
 * touched and in the next one.
 *
 * Source: QEMU migration/page_cache.c, as described in docs/model-memory-migration.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_CACHE_H
#define GW_PAGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct gw_page_slot {
    uint32_t page; /* UINT32_MAX: empty */
    uint32_t age;  /* generation of the last touch */
};

struct gw_page_cache {
    struct gw_page_slot *slots; /* owned */
    uint64_t count;             /* a power of two */
};

/* All empty. Errors: GW_EINVAL when bytes is no power of two or less than a page; GW_ENOMEM. */
bool gw_page_cache_create(struct gw_page_cache *cache, int64_t bytes, struct gw_error *err);
void gw_page_cache_destroy(struct gw_page_cache *cache);

static inline uint64_t
gw_page_cache_slot(const struct gw_page_cache *cache, uint64_t page)
{
    return page & (cache->count - 1);
}

/* Whether the page is there; touches it then. */
bool gw_page_cache_hit(struct gw_page_cache *cache, uint64_t page, int64_t generation);
/* Takes the page's slot for it (also when it has it already); false when the slot is protected
 * for another page. The caller then stores the content. */
bool gw_page_cache_insert(struct gw_page_cache *cache, uint64_t page, int64_t generation);

#endif
