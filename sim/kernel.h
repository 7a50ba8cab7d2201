/* kernel.h - the discrete-event kernel: virtual time and the events in it.
 *
 * Implements base/event.h. Events are owned by their clients and fire in a total order: time,
 * then priority (lower first), then the order of scheduling. An event is no longer pending when
 * its fire function runs, so that it may schedule itself again or be freed. One kernel is used
 * by one thread; several kernels do not know of each other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_KERNEL_H
#define GW_KERNEL_H

#include "base/error.h"
#include "base/event.h"
#include "sim/pending.h"

/* Legal priorities are -GW_PRIORITY_MOST .. GW_PRIORITY_MOST; anything else is a bug. */
#define GW_PRIORITY_MOST ((1 << 19) - 1)

enum { GW_SEQUENCE_BITS = 44 };

struct gw_kernel {
    struct gw_agenda agenda; /* first; hand &kernel->agenda to the models */
    uint64_t sequence;       /* events scheduled so far */
    bool stopped;
    struct gw_pending pending;
};

/* A kernel at time 0 without events; NULL and GW_ENOMEM on failure. */
struct gw_kernel *gw_kernel_create(struct gw_error *err);

/* Pending events are forgotten and not touched: their owners may be gone already. */
void gw_kernel_destroy(struct gw_kernel *kernel);

/* Fires everything due at or before until_ns and leaves the time at until_ns. With
 * GW_TIME_NEVER, or when stopped, time stays at the last event fired. */
void gw_kernel_run(struct gw_kernel *kernel, int64_t until_ns);

/* Fires the next event; false if there is none. */
bool gw_kernel_step(struct gw_kernel *kernel);

/* Asked from inside an event: the run ends after it; pending events stay pending. */
void gw_kernel_stop(struct gw_kernel *kernel);

/* Time of the next event, GW_TIME_NEVER if there is none. */
int64_t gw_kernel_next_ns(struct gw_kernel *kernel);

uint64_t gw_kernel_pending_count(const struct gw_kernel *kernel);
uint64_t gw_kernel_fired_count(const struct gw_kernel *kernel);

/* As gw_schedule and gw_cancel of base/event.h, without the table of operations. */
void gw_kernel_cancel(struct gw_kernel *kernel, struct gw_event *event);

static inline void
gw_kernel_schedule(struct gw_kernel *kernel, struct gw_event *event, int64_t at_ns)
{
    uint64_t rank = (uint64_t)((int64_t)event->priority + GW_PRIORITY_MOST);

    gw_assert(event->place == 0);
    gw_assert(at_ns >= kernel->agenda.now_ns);
    gw_assert(rank <= 2 * (uint64_t)GW_PRIORITY_MOST);
    gw_assert(kernel->sequence < (uint64_t)1 << GW_SEQUENCE_BITS);
    event->at_ns = at_ns;
    event->order = rank << GW_SEQUENCE_BITS | kernel->sequence++;
    gw_pending_push(&kernel->pending, event, kernel->agenda.now_ns);
}

#endif
