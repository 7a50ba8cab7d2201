/* wall_clock.h - time as the machine counts it: for progress, time limits and benchmarks alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WALL_CLOCK_H
#define GW_WALL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Since some moment of the machine; never goes back. */
static inline int64_t
gw_wall_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
