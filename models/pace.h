/* pace.h - bytes (or IOs) to time at a fixed rate, without a division for each.
 *
 * The cost of a unit is kept in 32.32 fixed-point ns, rounded up, so that a modelled rate is
 * never exceeded; the relative error is below 3e-8 up to 100 GB/s.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PACE_H
#define GW_PACE_H

#include <stdint.h>

#include "base/wide.h"

struct gw_pace {
    uint64_t unit_cost; /* ns of one unit times 2^32; 0 = costs nothing */
};

/* Pace of `rate` units a second; 0 means no limit. */
static inline struct gw_pace
gw_pace_of(int64_t rate)
{
    uint64_t second = UINT64_C(1000000000) << 32;

    if (rate <= 0) {
        return (struct gw_pace){0};
    }
    return (struct gw_pace){(second + (uint64_t)rate - 1) / (uint64_t)rate};
}

/* Cost of `units` in 32.32 ns. */
static inline gw_u128
gw_pace_cost(struct gw_pace pace, int64_t units)
{
    return (gw_u128)pace.unit_cost * (uint64_t)units;
}

/* Time of `units`, rounded up to whole ns. */
static inline int64_t
gw_pace_ns(struct gw_pace pace, int64_t units)
{
    return (int64_t)((gw_pace_cost(pace, units) + UINT32_MAX) >> 32);
}

#endif
