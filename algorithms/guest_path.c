/* guest_path.c - helpers for guest IO on its way through an architecture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/guest_path.h"

void
gw_guest_queue_push(struct gw_guest_queue *queue, struct gw_guest_io *io)
{
    io->next = NULL;
    if (queue->tail == NULL) {
        queue->head = io;
    } else {
        queue->tail->next = io;
    }
    queue->tail = io;
    queue->count++;
}

struct gw_guest_io *
gw_guest_queue_pop(struct gw_guest_queue *queue)
{
    struct gw_guest_io *io = queue->head;

    if (io == NULL) {
        return NULL;
    }
    queue->head = io->next;
    if (queue->head == NULL) {
        queue->tail = NULL;
    }
    queue->count--;
    return io;
}

void
gw_guest_list_add(struct gw_guest_list *list, struct gw_guest_io *io)
{
    io->previous = NULL;
    io->next = list->head;
    if (list->head != NULL) {
        list->head->previous = io;
    }
    list->head = io;
    list->count++;
}

void
gw_guest_list_remove(struct gw_guest_list *list, struct gw_guest_io *io)
{
    if (io->previous == NULL) {
        list->head = io->next;
    } else {
        io->previous->next = io->next;
    }
    if (io->next != NULL) {
        io->next->previous = io->previous;
    }
    list->count--;
}

struct gw_guest_io *
gw_guest_list_conflict(const struct gw_guest_list *list, uint32_t disk, struct gw_extent extent)
{
    struct gw_guest_io *io = list->head;

    while (io != NULL && !(io->disk == disk && gw_io_modifies(io->op) &&
                           gw_extent_overlaps(io->extent, extent))) {
        io = io->next;
    }
    return io;
}

static void
passed(void *owner, struct gw_io *part)
{
    const struct gw_ports *ports = owner;

    gw_guest_complete(ports, gw_guest_of_part(part, 0), part->result);
}

void
gw_guest_pass_to(const struct gw_ports *ports, struct gw_guest_io *io, struct gw_disk *disk)
{
    /* `owner` is not const in the port; the ports are only read there. */
    gw_guest_send(io, 0, disk, passed, (void *)(uintptr_t)ports);
}

void
gw_guest_pass(const struct gw_ports *ports, struct gw_guest_io *io, enum gw_side side)
{
    gw_guest_pass_to(ports, io, (side == GW_TARGET ? ports->target : ports->source)[io->disk]);
}

void
gw_guest_observe_wait(const struct gw_ports *ports, const struct gw_guest_io *io)
{
    int64_t now_ns = ports->clock->ops->now_ns(ports->clock);

    ports->report->ops->observe(ports->report, GW_OBSERVE_DEFERRED_NS, now_ns - io->since_ns);
}
