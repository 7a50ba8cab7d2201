/* memory_world.h - one replication of a memory scenario: a guest, its migration, its result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_WORLD_H
#define GW_MEMORY_WORLD_H

#include "base/result.h"
#include "sim/kernel.h"
#include "sim/sim_memory.h"

/* The guest's counters at some moment. */
struct gw_memory_mark {
    int64_t at_ns;
    struct gw_guest_memory_counts counts;
    int64_t bytes;    /* of the stream */
    double main_ns;   /* migration thread's time */
    double worker_ns; /* all workers' */
};

struct gw_memory_timer {
    struct gw_event event;
    struct gw_memory_world *world;
    uint32_t number;
};

struct gw_memory_world {
    const struct gw_scenario *scenario;
    int64_t replication;
    struct gw_kernel *kernel;
    struct gw_sim_memory memory;
    const struct gw_memory_architecture *architecture;
    void *state; /* of the architecture */
    bool running;
    bool finished;
    bool limit_reached;
    /* ports */
    struct gw_clock clock;
    struct gw_report report;
    struct gw_memory_ports ports;
    struct gw_memory_timer timers[GW_TIMER_COUNT];
    /* time line */
    struct gw_event settle, request, sample, limit, end;
    int64_t requested_ns, finished_ns;
    struct gw_memory_mark settled, requested, ended, sampled;
    struct gw_memory_stats stats; /* at the end */
    struct gw_result result;
    struct gw_error error;
    bool failed;
};

struct gw_memory_world *gw_memory_world_create(const struct gw_scenario *scenario,
                                               int64_t replication, struct gw_error *err);
bool gw_memory_world_run(struct gw_memory_world *world, struct gw_error *err);
void gw_memory_world_destroy(struct gw_memory_world *world);

/* ---- memory_measure.c ------------------------------------------------------------------------------ */

void gw_memory_measure_mark(struct gw_memory_world *world, struct gw_memory_mark *mark);
/* One row of the series; false: memory out. */
bool gw_memory_measure_sample(struct gw_memory_world *world);
/* One row for a dirty sync. */
bool gw_memory_measure_sync(struct gw_memory_world *world, const struct gw_iteration *iteration);
/* All of the result when the run is over. Errors: GW_ENOMEM. */
bool gw_memory_measure_result(struct gw_memory_world *world, struct gw_error *err);

#endif
