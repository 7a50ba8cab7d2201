/* destage_map.c - a bitmap with summaries: bit i of level n+1 says that word i of level n is not 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/destage_map.h"

#include <stdlib.h>

bool
gw_destage_map_start(struct gw_destage_map *map, int64_t pages, struct gw_error *err)
{
    int64_t bits = pages;

    *map = (struct gw_destage_map){.pages = pages};
    for (int i = 0; i < GW_DESTAGE_LEVELS; i++) {
        map->words[i] = (bits + 63) / 64;
        map->level[i] = calloc((size_t)map->words[i] + 1, sizeof(uint64_t));
        if (map->level[i] == NULL) {
            gw_destage_map_stop(map);
            return gw_fail(err, GW_ENOMEM, "out of memory for a map of %lld pages",
                           (long long)pages);
        }
        bits = map->words[i];
    }
    return true;
}

void
gw_destage_map_stop(struct gw_destage_map *map)
{
    for (int i = 0; i < GW_DESTAGE_LEVELS; i++) {
        free(map->level[i]);
        map->level[i] = NULL;
    }
}

/* Bits of word `word` that lie in [first, end). */
static uint64_t
mask_of(int64_t word, int64_t first, int64_t end)
{
    int64_t low = first > word * 64 ? first - word * 64 : 0;
    int64_t high = end < word * 64 + 64 ? end - word * 64 : 64;
    uint64_t below_high = high == 64 ? UINT64_MAX : (UINT64_C(1) << high) - 1;

    return below_high & (UINT64_MAX << low);
}

static void
summarize(struct gw_destage_map *map, int64_t word, bool filled)
{
    for (int i = 1; i < GW_DESTAGE_LEVELS; i++) {
        uint64_t bit = UINT64_C(1) << (word % 64);
        uint64_t *summary = &map->level[i][word / 64];
        uint64_t before = *summary;

        *summary = filled ? before | bit : before & ~bit;
        if ((before != 0) == (*summary != 0)) {
            return;
        }
        word /= 64;
    }
}

int64_t
gw_destage_map_set(struct gw_destage_map *map, int64_t first, int64_t end)
{
    int64_t added = 0;

    for (int64_t word = first / 64; word * 64 < end; word++) {
        uint64_t before = map->level[0][word];
        uint64_t fresh = mask_of(word, first, end) & ~before;

        if (fresh == 0) {
            continue;
        }
        map->level[0][word] = before | fresh;
        added += __builtin_popcountll(fresh);
        if (before == 0) {
            summarize(map, word, true);
        }
    }
    map->dirty += added;
    return added;
}

int64_t
gw_destage_map_clear(struct gw_destage_map *map, int64_t first, int64_t end)
{
    int64_t removed = 0;

    for (int64_t word = first / 64; word * 64 < end; word++) {
        uint64_t before = map->level[0][word];
        uint64_t gone = mask_of(word, first, end) & before;

        if (gone == 0) {
            continue;
        }
        map->level[0][word] = before & ~gone;
        removed += __builtin_popcountll(gone);
        if (before == gone) {
            summarize(map, word, false);
        }
    }
    map->dirty -= removed;
    return removed;
}

bool
gw_destage_map_all(const struct gw_destage_map *map, int64_t first, int64_t end)
{
    for (int64_t word = first / 64; word * 64 < end; word++) {
        if ((~map->level[0][word] & mask_of(word, first, end)) != 0) {
            return false;
        }
    }
    return true;
}

/* First bit set at or after `from` of a level; -1 when none. The top level is scanned by words. */
static int64_t
next_at(const struct gw_destage_map *map, int level, int64_t from)
{
    int64_t word = from / 64;
    uint64_t bits;

    if (word >= map->words[level]) {
        return -1;
    }
    bits = map->level[level][word] & (UINT64_MAX << (from % 64));
    if (bits == 0 && level + 1 < GW_DESTAGE_LEVELS) {
        word = next_at(map, level + 1, word + 1);
        bits = word < 0 ? 0 : map->level[level][word];
    }
    while (bits == 0 && level + 1 == GW_DESTAGE_LEVELS && ++word < map->words[level]) {
        bits = map->level[level][word];
    }
    return bits == 0 ? -1 : word * 64 + __builtin_ctzll(bits);
}

int64_t
gw_destage_map_next(const struct gw_destage_map *map, int64_t from)
{
    return next_at(map, 0, from);
}

int64_t
gw_destage_map_run(const struct gw_destage_map *map, int64_t first, int64_t most)
{
    int64_t page = first;
    int64_t end = first + most < map->pages ? first + most : map->pages;

    while (page < end) {
        uint64_t clean = ~map->level[0][page / 64] >> (page % 64);

        if (clean != 0) {
            page += __builtin_ctzll(clean);
            break;
        }
        page += 64 - page % 64;
    }
    return (page < end ? page : end) - first;
}
