/* sim_crew.h - worker threads in virtual time: a crew port without events.
 *
 * Each worker has a time line of its own that runs ahead of the clock; the caller's clock is
 * agenda->now_ns plus what its work has spent. What a call costs the caller is booked on its
 * work. A task is performed when it is given: its pages are copied then, the worker's time comes
 * later. Callers of one crew go forward in time: no call may come before the last one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_CREW_H
#define GW_SIM_CREW_H

#include "base/event.h"
#include "base/memory.h"
#include "models/memory_host.h"

/* Most tasks that may be with one worker, finished ones included; locked: one. */
enum { GW_SIM_CREW_QUEUE = 16 };

struct gw_sim_crew_plan {
    const struct gw_agenda *agenda;
    const struct gw_memory_host *host; /* copied */
    uint32_t workers;
    /* One global lock for giving, taking back and finishing; workers and callers sleep at once.
     * Else: no lock, and both poll. */
    bool locked;
    bool sleepy; /* idle workers sleep at once also without a lock (multifd) */
    /* Fills in the task's results and how long a worker is busy with it, sending included. */
    void (*perform)(void *owner, struct gw_task *task, double *service_ns);
    void *owner;
};

/* What a worker did so far; tasks given are counted whole, though they may end in the future. */
struct gw_sim_crew_usage {
    int64_t tasks;
    int64_t busy_ns; /* on tasks, and holding the lock */
    int64_t spin_ns; /* polling an empty queue */
};

struct gw_sim_crew;

/* Errors: GW_ENOMEM. */
struct gw_sim_crew *gw_sim_crew_create(const struct gw_sim_crew_plan *plan, struct gw_error *err);
void gw_sim_crew_destroy(struct gw_sim_crew *crew);

/* The caller's calls, and the wake-ups of the caller and of the workers, take so many times as
 * long as on processors of their own, from now on. */
void gw_sim_crew_stretch(struct gw_sim_crew *crew, double caller, double workers);

struct gw_crew *gw_sim_crew_port(struct gw_sim_crew *crew);

const struct gw_sim_crew_usage *gw_sim_crew_usage(const struct gw_sim_crew *crew, uint32_t worker);
/* Callers' time in `wait`: slept when locked, else polled. It is in their work as well. */
int64_t gw_sim_crew_waited_ns(const struct gw_sim_crew *crew);

/* Time between being woken and running. */
struct gw_sim_crew_woken {
    int64_t caller_ns; /* part of what it waited */
    int64_t workers_ns;
};

struct gw_sim_crew_woken gw_sim_crew_woken(const struct gw_sim_crew *crew);

#endif
