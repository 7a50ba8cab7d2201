/* guest_path.h - helpers for guest IO on its way through an architecture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GUEST_PATH_H
#define GW_GUEST_PATH_H

#include "base/event.h"
#include "base/port.h"

/* First in, first out; links through io->next. */
struct gw_guest_queue {
    struct gw_guest_io *head, *tail;
    uint64_t count;
};

void gw_guest_queue_push(struct gw_guest_queue *queue, struct gw_guest_io *io);
struct gw_guest_io *gw_guest_queue_pop(struct gw_guest_queue *queue); /* NULL when empty */

/* Set of guest IOs in flight; links through io->next and io->previous. */
struct gw_guest_list {
    struct gw_guest_io *head;
    uint64_t count;
};

void gw_guest_list_add(struct gw_guest_list *list, struct gw_guest_io *io);
void gw_guest_list_remove(struct gw_guest_list *list, struct gw_guest_io *io);
/* A modifying member that overlaps the extent on that disk, or NULL. */
struct gw_guest_io *gw_guest_list_conflict(const struct gw_guest_list *list, uint32_t disk,
                                           struct gw_extent extent);

/* The guest IO that part 0 or part 1 belongs to. */
static inline struct gw_guest_io *
gw_guest_of_part(struct gw_io *part, uint32_t index)
{
    return gw_container(part - index, struct gw_guest_io, part);
}

/* Sends the guest's whole IO to `disk` as part `index`; `done` gets the part. */
static inline void
gw_guest_send(struct gw_guest_io *io, uint32_t index, struct gw_disk *disk,
              void (*done)(void *owner, struct gw_io *part), void *owner)
{
    struct gw_io *part = &io->part[index];

    part->op = io->op;
    part->extent = io->extent;
    part->payload = io->payload;
    part->payload_offset_bytes = 0;
    part->purpose = GW_FOR_GUEST;
    part->record = GW_RECORD_NONE;
    part->done = done;
    part->owner = owner;
    disk->ops->submit(disk, part);
}

/* Passes the IO to a disk and completes it with the result. */
void gw_guest_pass_to(const struct gw_ports *ports, struct gw_guest_io *io, struct gw_disk *disk);

/* Passes the IO to one side and completes it with the result: no migration in the way. */
void gw_guest_pass(const struct gw_ports *ports, struct gw_guest_io *io, enum gw_side side);

static inline void
gw_guest_complete(const struct gw_ports *ports, struct gw_guest_io *io, enum gw_code result)
{
    ports->guest->ops->complete(ports->guest, io, result);
}

/* Time for which the architecture held the IO back, into the report. */
void gw_guest_observe_wait(const struct gw_ports *ports, const struct gw_guest_io *io);

#endif
