/* kernel.c - the loop that moves virtual time.
 *
 * Idea      The set of pending events (pending.h) gives the earliest; the loop sets the clock
 *           and fires it. Priority and sequence number share one 64-bit word, 20 and 44 bits,
 *           so that a tie in time costs one comparison; running out of either is a bug.
 * Invariant agenda.now_ns never goes back; an event that is due before now is a bug.
 * Cost      O(1) amortised for an event in the usual case, O(log n) at worst.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/kernel.h"

#include <stdlib.h>

void
gw_kernel_cancel(struct gw_kernel *kernel, struct gw_event *event)
{
    if (event->place != 0) {
        gw_pending_remove(&kernel->pending, event);
    }
}

static void
schedule(struct gw_agenda *agenda, struct gw_event *event, int64_t at_ns)
{
    gw_kernel_schedule((struct gw_kernel *)(void *)agenda, event, at_ns);
}

static void
cancel(struct gw_agenda *agenda, struct gw_event *event)
{
    gw_kernel_cancel((struct gw_kernel *)(void *)agenda, event);
}

struct gw_kernel *
gw_kernel_create(struct gw_error *err)
{
    static const struct gw_agenda_ops ops = {schedule, cancel};
    struct gw_kernel *kernel = calloc(1, sizeof *kernel);

    if (kernel == NULL) {
        (void)gw_fail(err, GW_ENOMEM, "no memory for the event kernel");
        return NULL;
    }
    if (!gw_pending_init(&kernel->pending, err)) {
        free(kernel);
        return NULL;
    }
    kernel->agenda.ops = &ops;
    return kernel;
}

void
gw_kernel_destroy(struct gw_kernel *kernel)
{
    if (kernel == NULL) {
        return;
    }
    gw_pending_clear(&kernel->pending);
    free(kernel);
}

static inline void
fire(struct gw_kernel *kernel, const struct gw_entry *front)
{
    struct gw_event *event = front->event;

    kernel->agenda.now_ns = front->at_ns;
    gw_pending_pop(&kernel->pending, front);
    event->place = 0;
    event->fire(event);
}

void
gw_kernel_run(struct gw_kernel *kernel, int64_t until_ns)
{
    kernel->stopped = false;
    while (!kernel->stopped) {
        const struct gw_entry *front = gw_pending_front(&kernel->pending, kernel->agenda.now_ns);

        if (front == NULL || front->at_ns > until_ns) {
            break;
        }
        fire(kernel, front);
    }
    if (!kernel->stopped && until_ns != GW_TIME_NEVER && until_ns > kernel->agenda.now_ns) {
        kernel->agenda.now_ns = until_ns;
    }
}

bool
gw_kernel_step(struct gw_kernel *kernel)
{
    const struct gw_entry *front = gw_pending_front(&kernel->pending, kernel->agenda.now_ns);

    if (front == NULL) {
        return false;
    }
    fire(kernel, front);
    return true;
}

void
gw_kernel_stop(struct gw_kernel *kernel)
{
    kernel->stopped = true;
}

int64_t
gw_kernel_next_ns(struct gw_kernel *kernel)
{
    const struct gw_entry *front = gw_pending_front(&kernel->pending, kernel->agenda.now_ns);

    return front == NULL ? GW_TIME_NEVER : front->at_ns;
}

uint64_t
gw_kernel_pending_count(const struct gw_kernel *kernel)
{
    const struct gw_pending *pending = &kernel->pending;

    return (uint64_t)(pending->run_count - pending->run_dead) + pending->heap_count +
           pending->ring_live;
}

uint64_t
gw_kernel_fired_count(const struct gw_kernel *kernel)
{
    return kernel->pending.popped;
}
