/* crew_rig.h - a crew whose workers finish when a chooser says so.
 *
 * Whether a task is finished is decided when somebody looks, not before: so that all schedules
 * that a caller can tell apart are few enough to be counted out. wait() makes a promise: one of
 * the tasks there is finished, and the looks that follow must show one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CREW_RIG_H
#define GW_CREW_RIG_H

#include "base/memory.h"

enum { CREW_RIG_WORKERS = 16, CREW_RIG_QUEUE = 8 };

struct crew_rig {
    struct gw_crew crew; /* first */
    /* One of 0 .. options-1; 0 means finished. */
    uint32_t (*choose)(void *chooser, uint32_t options);
    void *chooser;
    uint32_t depth; /* most tasks with a worker */
    struct gw_task *queue[CREW_RIG_WORKERS][CREW_RIG_QUEUE];
    uint32_t load[CREW_RIG_WORKERS];
    uint32_t load_most;
    bool denied[CREW_RIG_WORKERS]; /* a look found nothing finished; the test resets it */
    bool promised;
    bool possible[CREW_RIG_WORKERS]; /* who may be the promised one */
    uint32_t waits_in_vain;          /* waits on a promise that nobody looked for */
    uint32_t given[CREW_RIG_WORKERS];
    uint32_t last_given; /* worker */
    uint32_t last_taken; /* worker */
    uint32_t with_workers;
};

void crew_rig_start(struct crew_rig *rig, uint32_t workers, uint32_t depth);

#endif
