/* destage_map.h - the dirty pages of a write-back cache, found again in address order.
 *
 * One bit a page under two levels of summary bits, so that the next dirty page of a sparse map
 * is a few word operations away.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DESTAGE_MAP_H
#define GW_DESTAGE_MAP_H

#include "base/error.h"

#include <stdint.h>

enum { GW_DESTAGE_LEVELS = 3 };

struct gw_destage_map {
    int64_t pages, dirty;
    uint64_t *level[GW_DESTAGE_LEVELS]; /* owned; level 0 has the pages */
    int64_t words[GW_DESTAGE_LEVELS];
};

/* Errors: GW_ENOMEM. */
bool gw_destage_map_start(struct gw_destage_map *map, int64_t pages, struct gw_error *err);
void gw_destage_map_stop(struct gw_destage_map *map);

/* Marks pages [first, end); returns how many were not dirty before. */
int64_t gw_destage_map_set(struct gw_destage_map *map, int64_t first, int64_t end);
/* Clears them; returns how many were dirty. */
int64_t gw_destage_map_clear(struct gw_destage_map *map, int64_t first, int64_t end);
bool gw_destage_map_all(const struct gw_destage_map *map, int64_t first, int64_t end);
/* First dirty page at or after `from`; -1 when there is none. */
int64_t gw_destage_map_next(const struct gw_destage_map *map, int64_t from);
/* Number of dirty pages in a row from `first` on, at most `most`. */
int64_t gw_destage_map_run(const struct gw_destage_map *map, int64_t first, int64_t most);

#endif
