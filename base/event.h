/* event.h - what a model may ask of time: the agenda.
 *
 * An event is embedded in the object that it concerns and is owned by that object; it must not
 * move or be freed while pending. Order is total: time, then priority (lower first), then the
 * order of scheduling. The kernel in sim/ implements the agenda; models see this page alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_EVENT_H
#define GW_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define GW_TIME_NEVER INT64_MAX

struct gw_event {
    void (*fire)(struct gw_event *event); /* set by the owner; called once each time it is due */
    int64_t at_ns;                        /* valid while pending */
    uint64_t order;                       /* kernel's: priority and sequence number */
    uint32_t place;                       /* kernel's: where it waits; 0 = not pending */
    int32_t priority;                     /* owner's: lower fires first at the same time */
};

struct gw_agenda;

struct gw_agenda_ops {
    /* Makes `event` due at at_ns >= now. The event must not be pending. */
    void (*schedule)(struct gw_agenda *agenda, struct gw_event *event, int64_t at_ns);
    /* Takes a pending event back; does nothing to one that is not pending. */
    void (*cancel)(struct gw_agenda *agenda, struct gw_event *event);
};

struct gw_agenda {
    const struct gw_agenda_ops *ops;
    int64_t now_ns; /* read by everybody, written by the kernel */
};

static inline bool
gw_event_pending(const struct gw_event *event)
{
    return event->place != 0;
}

static inline void
gw_schedule(struct gw_agenda *agenda, struct gw_event *event, int64_t at_ns)
{
    agenda->ops->schedule(agenda, event, at_ns);
}

static inline void
gw_cancel(struct gw_agenda *agenda, struct gw_event *event)
{
    agenda->ops->cancel(agenda, event);
}

/* The object that embeds a member: gw_container(event, struct disk, event). */
#define gw_container(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
