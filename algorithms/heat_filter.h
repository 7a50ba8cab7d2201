/* heat_filter.h - which blocks are written often: a multi-stage filter of counters.
 *
 * Each of k stages has m counters and its own hash; the heat of a block is the least of its k
 * counters, an upper bound of its true write count. Counters halve every epoch.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HEAT_FILTER_H
#define GW_HEAT_FILTER_H

#include "base/error.h"

#include <stdint.h>

enum { GW_HEAT_STAGES_MAX = 8 };

struct gw_heat {
    uint32_t stages;
    uint32_t mask;      /* counters in a stage - 1 (a power of two) */
    uint32_t threshold; /* writes that make a block hot */
    bool conservative;  /* raise only the counters that equal the least */
    int64_t epoch_ns;
    int64_t next_epoch_ns;
    uint16_t *counter; /* stages x (mask + 1), saturating */
};

/* counters is rounded up to a power of two. Errors: GW_ENOMEM, GW_EINVAL. */
bool gw_heat_create(struct gw_heat *heat, uint32_t stages, uint64_t counters, struct gw_error *err);
void gw_heat_destroy(struct gw_heat *heat);
/* One write to a block at a moment; ages the counters when an epoch has passed. */
void gw_heat_write(struct gw_heat *heat, uint64_t block, int64_t now_ns);
bool gw_heat_is_hot(const struct gw_heat *heat, uint64_t block);
/* The heat of a block now: never below its writes of this epoch, but for saturation. */
uint32_t gw_heat_of(const struct gw_heat *heat, uint64_t block);

#endif
