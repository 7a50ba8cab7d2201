/* read_cache.c - hash chains and a doubly linked list over one table of entries.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/read_cache.h"

#include <stdlib.h>

struct gw_read_cache_entry {
    int64_t page;
    uint32_t newer, older; /* ring through entry 0: 0.older is the newest, 0.newer the oldest */
    uint32_t chain;        /* next in the bucket; 0 ends it */
};

bool
gw_read_cache_start(struct gw_read_cache *cache, int64_t most, struct gw_error *err)
{
    uint32_t buckets = 64;

    *cache = (struct gw_read_cache){0};
    if (most == 0) {
        return true;
    }
    if (most > INT64_C(1) << 30) {
        return gw_fail(err, GW_EINVAL, "read cache of %lld pages: at most 2^30", (long long)most);
    }
    while (buckets < most) {
        buckets *= 2;
    }
    cache->most = (uint32_t)most;
    cache->mask = buckets - 1;
    cache->entries = calloc((size_t)most + 1, sizeof *cache->entries);
    cache->buckets = calloc(buckets, sizeof *cache->buckets);
    if (cache->entries == NULL || cache->buckets == NULL) {
        gw_read_cache_stop(cache);
        return gw_fail(err, GW_ENOMEM, "out of memory for a read cache of %lld pages",
                       (long long)most);
    }
    return true;
}

void
gw_read_cache_stop(struct gw_read_cache *cache)
{
    free(cache->entries);
    free(cache->buckets);
    *cache = (struct gw_read_cache){0};
}

static uint32_t *
bucket_of(struct gw_read_cache *cache, int64_t page)
{
    uint64_t hash = (uint64_t)page * UINT64_C(0x9E3779B97F4A7C15);

    return &cache->buckets[(hash >> 32) & cache->mask];
}

static uint32_t
find(struct gw_read_cache *cache, int64_t page)
{
    uint32_t entry = *bucket_of(cache, page);

    while (entry != 0 && cache->entries[entry].page != page) {
        entry = cache->entries[entry].chain;
    }
    return entry;
}

static void
unlink_entry(struct gw_read_cache *cache, uint32_t entry)
{
    struct gw_read_cache_entry *entries = cache->entries;

    entries[entries[entry].newer].older = entries[entry].older;
    entries[entries[entry].older].newer = entries[entry].newer;
}

static void
link_newest(struct gw_read_cache *cache, uint32_t entry)
{
    struct gw_read_cache_entry *entries = cache->entries;

    entries[entry].newer = 0;
    entries[entry].older = entries[0].older;
    entries[entries[0].older].newer = entry;
    entries[0].older = entry;
}

static void
drop_from_bucket(struct gw_read_cache *cache, uint32_t entry)
{
    uint32_t *place = bucket_of(cache, cache->entries[entry].page);

    while (*place != entry) {
        place = &cache->entries[*place].chain;
    }
    *place = cache->entries[entry].chain;
}

static void
add_page(struct gw_read_cache *cache, int64_t page)
{
    uint32_t entry = find(cache, page);
    uint32_t *bucket;

    if (entry != 0) {
        unlink_entry(cache, entry);
        link_newest(cache, entry);
        return;
    }
    if (cache->count < cache->most) {
        entry = ++cache->count;
    } else {
        entry = cache->entries[0].newer;
        unlink_entry(cache, entry);
        drop_from_bucket(cache, entry);
    }
    bucket = bucket_of(cache, page);
    cache->entries[entry].page = page;
    cache->entries[entry].chain = *bucket;
    *bucket = entry;
    link_newest(cache, entry);
}

bool
gw_read_cache_hit(struct gw_read_cache *cache, int64_t first, int64_t end)
{
    if (cache->most == 0) {
        return false;
    }
    for (int64_t page = first; page < end; page++) {
        uint32_t entry = find(cache, page);

        if (entry == 0) {
            return false;
        }
        unlink_entry(cache, entry);
        link_newest(cache, entry);
    }
    return true;
}

void
gw_read_cache_add(struct gw_read_cache *cache, int64_t first, int64_t end)
{
    if (cache->most == 0) {
        return;
    }
    for (int64_t page = first; page < end; page++) {
        add_page(cache, page);
    }
}
