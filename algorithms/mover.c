/* mover.c - the data mover: copies pieces from source to target, so many at a time.
 *
 * Source    Mashtizadeh et al., USENIX ATC 2011: kernel service, 16 outstanding IOs of 256 KiB.
 * Invariant in_flight is the number of slots not on the free list; `idle` is called only with
 *           in_flight 0, and not from inside a submit.
 * Cost      no allocation after start.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/mover.h"

#include <stdlib.h>

#include "base/wide.h"

static void read_done(void *owner, struct gw_io *io);
static void write_done(void *owner, struct gw_io *io);

bool
gw_mover_start(struct gw_mover *mover, const struct gw_ports *ports,
               const struct gw_mover_owner *calls, void *owner, struct gw_error *err)
{
    int64_t count = ports->common->mover_outstanding;

    *mover = (struct gw_mover){.ports = ports,
                               .calls = calls,
                               .owner = owner,
                               .from = ports->source,
                               .to = ports->target,
                               .rate = ports->common->mover_rate};
    if (ports->common->mover_io_bytes % ports->source[0]->granule_bytes != 0) {
        return gw_fail(
            err, GW_EINVAL, "mover_io %lld B: must be a multiple of the disk's granule, %lld B",
            (long long)ports->common->mover_io_bytes, (long long)ports->source[0]->granule_bytes);
    }
    mover->slots = calloc((size_t)count, sizeof *mover->slots);
    if (mover->slots == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %lld data mover slots", (long long)count);
    }
    for (int64_t i = 0; i < count; i++) {
        struct gw_mover_slot *slot = &mover->slots[i];

        slot->payload = ports->payload_create(ports, ports->common->mover_io_bytes);
        if (slot->payload == NULL) {
            return gw_fail(err, GW_ENOMEM, "out of memory for data mover buffers of %lld B",
                           (long long)ports->common->mover_io_bytes);
        }
        slot->mover = mover;
        slot->next_free = mover->free;
        mover->free = slot;
    }
    return true;
}

void
gw_mover_stop(struct gw_mover *mover)
{
    if (mover->slots == NULL) {
        return;
    }
    for (int64_t i = 0; i < mover->ports->common->mover_outstanding; i++) {
        if (mover->slots[i].payload != NULL) {
            mover->ports->payload_destroy(mover->ports, mover->slots[i].payload);
        }
    }
    free(mover->slots);
    mover->slots = NULL;
}

static void
release(struct gw_mover *mover, struct gw_mover_slot *slot, enum gw_code result)
{
    slot->next_free = mover->free;
    mover->free = slot;
    mover->in_flight--;
    if (result == GW_OK) {
        mover->copied_bytes += slot->piece.extent.length_bytes;
    }
    mover->calls->copied(mover->owner, slot->piece, result);
    gw_mover_run(mover);
}

static void
read_done(void *owner, struct gw_io *io)
{
    struct gw_mover_slot *slot = owner;
    struct gw_mover *mover = slot->mover;

    if (io->result != GW_OK) {
        release(mover, slot, io->result);
        return;
    }
    io->op = GW_IO_WRITE;
    io->extent = slot->piece.extent;
    io->done = write_done;
    mover->to[slot->piece.disk]->ops->submit(mover->to[slot->piece.disk], io);
}

static void
write_done(void *owner, struct gw_io *io)
{
    struct gw_mover_slot *slot = owner;

    release(slot->mover, slot, io->result);
}

void
gw_mover_delay(struct gw_mover *mover, int64_t delay_ns)
{
    int64_t until_ns = mover->ports->clock->ops->now_ns(mover->ports->clock) + delay_ns;

    mover->held_ns = mover->held_ns > until_ns ? mover->held_ns : until_ns;
}

/* Whether cap and owner let a read start now; else arms the timer for the moment when they do. */
static bool
admitted(struct gw_mover *mover)
{
    struct gw_clock *clock = mover->ports->clock;
    int64_t capped_ns = mover->rate == 0 ? 0 : mover->next_read_ns;
    int64_t earliest_ns = mover->held_ns > capped_ns ? mover->held_ns : capped_ns;

    if (clock->ops->now_ns(clock) >= earliest_ns) {
        return true;
    }
    clock->ops->arm(clock, GW_TIMER_MOVER, earliest_ns);
    return false;
}

static void
charge(struct gw_mover *mover, int64_t bytes)
{
    int64_t now_ns;

    if (mover->rate == 0) {
        return;
    }
    now_ns = mover->ports->clock->ops->now_ns(mover->ports->clock);
    mover->next_read_ns = mover->next_read_ns > now_ns ? mover->next_read_ns : now_ns;
    mover->next_read_ns += (int64_t)((gw_i128)bytes * 1000000000 / mover->rate);
}

/* A hole on the source needs no read: nothing at all where the target is one too. */
static bool
start_hole(struct gw_mover *mover, struct gw_mover_slot *slot)
{
    struct gw_disk *from = mover->from[slot->piece.disk];
    struct gw_disk *to = mover->to[slot->piece.disk];
    struct gw_extent source = {slot->piece.from_bytes, slot->piece.extent.length_bytes};

    if (!mover->ports->common->skip_holes || !from->ops->is_hole(from, source)) {
        return false;
    }
    if (to->ops->is_hole(to, slot->piece.extent)) {
        mover->calls->copied(mover->owner, slot->piece, GW_OK);
        return true;
    }
    mover->free = slot->next_free;
    mover->in_flight++;
    slot->io = (struct gw_io){.op = GW_IO_ZERO,
                              .extent = slot->piece.extent,
                              .purpose = GW_FOR_MOVER,
                              .done = write_done,
                              .owner = slot};
    to->ops->submit(to, &slot->io);
    return true;
}

static void
start_copy(struct gw_mover *mover, struct gw_mover_slot *slot)
{
    struct gw_disk *from = mover->from[slot->piece.disk];

    mover->free = slot->next_free;
    mover->in_flight++;
    charge(mover, slot->piece.extent.length_bytes);
    slot->io = (struct gw_io){.op = GW_IO_READ,
                              .extent = {slot->piece.from_bytes, slot->piece.extent.length_bytes},
                              .payload = slot->payload,
                              .purpose = GW_FOR_MOVER,
                              .done = read_done,
                              .owner = slot};
    from->ops->submit(from, &slot->io);
}

void
gw_mover_run(struct gw_mover *mover)
{
    mover->running = true;
    while (mover->free != NULL) {
        struct gw_mover_slot *slot = mover->free;

        if (!admitted(mover)) {
            return;
        }
        if (!mover->calls->next(mover->owner, &slot->piece)) {
            break;
        }
        if (!start_hole(mover, slot)) {
            start_copy(mover, slot);
        }
    }
    if (mover->in_flight == 0 && mover->running) {
        mover->running = false;
        mover->calls->idle(mover->owner);
    }
}

void
gw_mover_on_timer(struct gw_mover *mover)
{
    if (mover->running) {
        gw_mover_run(mover);
    }
}
