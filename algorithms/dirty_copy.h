/* dirty_copy.h - iterative copy with a dirty bitmap: the core of DBT, incremental DBT and heat.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DIRTY_COPY_H
#define GW_DIRTY_COPY_H

#include "algorithms/blockmap.h"
#include "algorithms/guest_path.h"
#include "algorithms/heat_filter.h"
#include "algorithms/mover.h"
#include "algorithms/switchover.h"

enum gw_dirty_phase {
    GW_DIRTY_ATTACH, /* waiting for the guest to be stunned */
    GW_DIRTY_START,  /* waiting for it to run again */
    GW_DIRTY_PASS,   /* copying while it runs */
    GW_DIRTY_FINAL,  /* switch-over */
    GW_DIRTY_QUIT,   /* giving up: waiting for the mover */
    GW_DIRTY_OVER
};

struct gw_dirty_copy {
    const struct gw_ports *ports;
    struct gw_blockmap map;
    struct gw_bitmap dirty; /* blocks that the target lacks, as known now */
    struct gw_bitmap pass;  /* plain DBT: blocks of the current pass still to be copied */
    bool incremental;       /* one bitmap: a write to a block not yet reached is no news */
    struct gw_heat *heat;   /* NULL without heat */
    struct gw_mover mover;
    struct gw_switchover over;
    enum gw_dirty_phase phase;
    enum gw_side side;
    uint64_t cursor;
    int64_t iteration;
    int64_t pass_started_ns;
    int64_t pass_started_copied_bytes;
    int64_t held_back_bytes; /* by heat, in this pass */
    int64_t best_bytes;      /* fewest dirty bytes at the end of a pass */
    int64_t stalled;         /* passes without progress */
    int64_t switch_cost_ns;  /* expected cost of stun and resume in the estimate */
    int64_t hot_budget_ns;
    enum gw_outcome outcome; /* when giving up */
    const char *reason;
    enum gw_code copy_result;
};

struct gw_dirty_policy {
    bool incremental;
    struct gw_heat *heat;
    int64_t hot_budget_ns; /* copy time that hot blocks may cost in the stun; 0 = half the goal */
    int64_t switch_cost_ns;
};

bool gw_dirty_copy_start(struct gw_dirty_copy *copy, const struct gw_ports *ports,
                         struct gw_dirty_policy policy, struct gw_error *err);
/* The calls of the architecture table: `state` begins with a struct gw_dirty_copy. */
void gw_dirty_copy_stop(void *state);
void gw_dirty_copy_on_guest_io(void *state, struct gw_guest_io *io);
void gw_dirty_copy_on_timer(void *state, uint32_t timer);
void gw_dirty_copy_on_paused(void *state);
void gw_dirty_copy_on_resumed(void *state);
void gw_dirty_copy_cancel(void *state);
void gw_dirty_copy_progress(const void *state, struct gw_progress *out);

#endif
