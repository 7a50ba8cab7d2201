/* admission.h - what every device does at its door: check, count, queue.
 *
 * A device embeds a ledger and reports it as its statistics. FIFOs link requests by `next`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ADMISSION_H
#define GW_ADMISSION_H

#include <stddef.h>

#include "models/device.h"

struct gw_fifo {
    struct gw_request *head, *tail; /* tail is valid while head is set */
};

struct gw_ledger {
    struct gw_device_stats stats;
    int64_t held;          /* requests inside the device */
    int64_t busy_since_ns; /* valid while held > 0 */
};

/* The struct of a kind that embeds `device`, for statistics. */
#define gw_device_self(pointer, type)                                                              \
    ((const type *)(const void *)((const char *)(pointer)-offsetof(type, device)))

/* Takes a request in: sets device, arrived_ns, result. False: the request does not fit the device
 * (GW_EINVAL) and comes back on its own in the agenda's loop; the device must leave it alone. */
bool gw_device_admit(struct gw_device *device, struct gw_ledger *ledger,
                     struct gw_request *request);

/* Statistics so far, the current busy time included. */
void gw_ledger_report(const struct gw_ledger *ledger, int64_t now_ns, struct gw_device_stats *out);

/* Counts a request out and gives it back to its owner: the last thing that a handler does with
 * it, after its own state is in order, since `done` may submit again. */
void gw_device_release(struct gw_ledger *ledger, struct gw_request *request);

/* Has `fire` called with the request's own event at at_ns. */
static inline void
gw_request_wait(struct gw_request *request, void (*fire)(struct gw_event *), int64_t at_ns)
{
    request->event.fire = fire;
    gw_schedule(request->device->agenda, &request->event, at_ns);
}

static inline struct gw_request *
gw_request_of_event(struct gw_event *event)
{
    return gw_container(event, struct gw_request, event);
}

static inline void
gw_fifo_push(struct gw_fifo *fifo, struct gw_request *request)
{
    request->next = NULL;
    if (fifo->head == NULL) {
        fifo->head = request;
        fifo->tail = request;
        return;
    }
    fifo->tail->next = request;
    fifo->tail = request;
}

/* NULL when empty. */
static inline struct gw_request *
gw_fifo_pop(struct gw_fifo *fifo)
{
    struct gw_request *request = fifo->head;

    if (request != NULL) {
        fifo->head = request->next;
    }
    return request;
}

#endif
