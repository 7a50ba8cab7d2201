/* read_cache.h - which pages a cache of fixed size holds: exact least recently used.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_READ_CACHE_H
#define GW_READ_CACHE_H

#include <stdint.h>

#include "base/error.h"

struct gw_read_cache {
    struct gw_read_cache_entry *entries; /* `most` + 1, entry 0 is the list's head; owned */
    uint32_t *buckets;                   /* chains by hash; owned */
    uint32_t most, count, mask;
};

/* Room for `most` pages; 0 is a cache that never hits. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_read_cache_start(struct gw_read_cache *cache, int64_t most, struct gw_error *err);
void gw_read_cache_stop(struct gw_read_cache *cache);

/* Whether all pages [first, end) are held; those found count as used. */
bool gw_read_cache_hit(struct gw_read_cache *cache, int64_t first, int64_t end);
/* Puts pages [first, end) in, pushing out the least recently used. */
void gw_read_cache_add(struct gw_read_cache *cache, int64_t first, int64_t end);

#endif
