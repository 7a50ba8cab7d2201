/* sim_guest.c - the simulated guest: makes the IO that its workload demands, and is stunned.
 *
 * Idea      A slot is one IO of one stream. A closed stream has `concurrency` slots that ask for
 *           the next demand when their IO completes; an open stream has one slot that waits for
 *           the next arrival and hands the IO over to a slot of its own.
 * Invariant in_flight counts IOs handed out and not given back. A stunned guest issues nothing:
 *           what falls due meanwhile is held in order and issued on resume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_guest.h"

#include <stddef.h>
#include <stdlib.h>

#include "algorithms/guest_path.h"

enum { POOL_BLOCK = 64, INLINE_GRANULES = 16, HINTS = 4 };

struct hint {
    int64_t offset_bytes;
    uint32_t disk;
    bool known;
};

struct gw_guest_stream {
    struct gw_sim_guest *guest;
    struct gw_event arrival; /* open streams: the next demand falls due */
    struct gw_demand demand; /* open streams: that demand */
    uint32_t number;
    uint32_t hint;            /* hints taken so far                   */
    struct hint hints[HINTS]; /* announced, not expected yet          */
    bool open;
    uint32_t live; /* closed: slots still working; open: 1 until the end */
};

struct gw_guest_slot {
    struct gw_guest_io io; /* first */
    struct gw_guest_stream *stream;
    struct gw_event due;
    struct gw_payload payload;
    uint32_t *own_identities; /* where inline ones do not do */
    uint64_t own_granules;
    uint32_t inline_identities[INLINE_GRANULES];
    uint32_t identity; /* of a write */
    uint32_t disk;     /* of the guest: io.disk is the architecture's number while it has it */
    struct gw_guest_slot *next;
};

static void issue(struct gw_guest_slot *slot);

/* ---- slots ---------------------------------------------------------------------------------------- */

static void
slot_due(struct gw_event *event)
{
    issue(gw_container(event, struct gw_guest_slot, due));
}

static bool
refill(struct gw_sim_guest *guest)
{
    void **blocks = realloc(guest->blocks, (guest->block_count + 1) * sizeof *blocks);
    struct gw_guest_slot *slot;

    if (blocks == NULL) {
        return false;
    }
    guest->blocks = blocks;
    slot = calloc(POOL_BLOCK, sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    blocks[guest->block_count++] = slot;
    for (int i = POOL_BLOCK - 1; i >= 0; i--) {
        slot[i].due.fire = slot_due;
        slot[i].next = guest->slots_free;
        guest->slots_free = &slot[i];
    }
    return true;
}

static struct gw_guest_slot *
take_slot(struct gw_guest_stream *stream)
{
    struct gw_sim_guest *guest = stream->guest;
    struct gw_guest_slot *slot;

    gw_assert(guest->slots_free != NULL || refill(guest));
    slot = guest->slots_free;
    guest->slots_free = slot->next;
    slot->stream = stream;
    return slot;
}

static void
free_slot(struct gw_guest_slot *slot)
{
    struct gw_sim_guest *guest = slot->stream->guest;

    slot->next = guest->slots_free;
    guest->slots_free = slot;
}

/* Room for the identities of the IO. */
static void
size_payload(struct gw_guest_slot *slot, uint64_t granules)
{
    slot->payload.granules = granules;
    slot->payload.identities = slot->inline_identities;
    if (granules <= INLINE_GRANULES) {
        return;
    }
    if (granules > slot->own_granules) {
        uint32_t *more = realloc(slot->own_identities, granules * sizeof *more);

        gw_assert(more != NULL);
        slot->own_identities = more;
        slot->own_granules = granules;
    }
    slot->payload.identities = slot->own_identities;
}

static void
load(struct gw_guest_slot *slot, const struct gw_demand *demand)
{
    slot->io.op = demand->op;
    slot->disk = demand->disk;
    slot->io.extent = demand->extent;
    slot->io.payload = &slot->payload;
}

/* ---- issuing --------------------------------------------------------------------------------------- */

static void
direct_done(void *owner, struct gw_io *part)
{
    struct gw_sim_guest *guest = owner;

    guest->port.ops->complete(&guest->port, gw_guest_of_part(part, 0), part->result);
}

static void
hold(struct gw_sim_guest *guest, struct gw_guest_slot *slot)
{
    slot->next = NULL;
    if (guest->held == NULL) {
        guest->held = slot;
    } else {
        guest->held_tail->next = slot;
    }
    guest->held_tail = slot;
}

static void
count_region(struct gw_sim_guest *guest, const struct gw_guest_io *io)
{
    int64_t offset_bytes = io->extent.offset_bytes;

    if (guest->region_writes == NULL) {
        return;
    }
    for (size_t i = 0; i < io->disk; i++) {
        offset_bytes += guest->disk_bytes[i];
    }
    guest->region_writes[offset_bytes / guest->region_bytes]++;
}

static void
prepare(struct gw_guest_slot *slot)
{
    struct gw_sim_guest *guest = slot->stream->guest;
    uint64_t granules =
        (uint64_t)slot->io.extent.length_bytes >> __builtin_ctzll((uint64_t)guest->granule_bytes);

    size_payload(slot, granules);
    if (!gw_io_modifies(slot->io.op)) {
        return;
    }
    slot->identity = gw_oracle_new_write(guest->oracle);
    guest->oracle->zeroes = guest->oracle->zeroes || slot->io.op != GW_IO_WRITE;
    for (uint64_t i = 0; i < granules; i++) {
        slot->payload.identities[i] = slot->identity;
    }
    count_region(guest, &slot->io);
}

static bool
must_hold(struct gw_sim_guest *guest)
{
    if (guest->state != GW_GUEST_RUNNING || guest->quiet) {
        return true;
    }
    if (guest->interval_ns == 0) {
        return false;
    }
    if (guest->agenda->now_ns < guest->next_issue_ns) {
        if (!gw_event_pending(&guest->throttle_event)) {
            gw_schedule(guest->agenda, &guest->throttle_event, guest->next_issue_ns);
        }
        return true;
    }
    guest->next_issue_ns = guest->agenda->now_ns + guest->interval_ns;
    return false;
}

static void
issue(struct gw_guest_slot *slot)
{
    struct gw_sim_guest *guest = slot->stream->guest;

    /* Latency counts from when the guest wanted the IO, held back or not. */
    slot->io.arrived_ns = guest->agenda->now_ns;
    if (must_hold(guest)) {
        hold(guest, slot);
        return;
    }
    slot->io.disk = slot->disk;
    prepare(slot);
    guest->in_flight++;
    if (guest->handler.on_guest_io != NULL) {
        guest->handler.on_guest_io(guest->handler.self, &slot->io);
        return;
    }
    gw_guest_send(&slot->io, 0, guest->disks[guest->side][slot->io.disk], direct_done, guest);
}

static void
issue_held(struct gw_sim_guest *guest)
{
    struct gw_guest_slot *slot = guest->held;
    struct gw_guest_slot *next;

    guest->held = NULL;
    for (; slot != NULL; slot = next) {
        int64_t arrived_ns = slot->io.arrived_ns;

        next = slot->next;
        issue(slot);
        slot->io.arrived_ns = arrived_ns;
    }
}

static void
throttle_over(struct gw_event *event)
{
    issue_held(gw_container(event, struct gw_sim_guest, throttle_event));
}

/* Fetches into the cache, in two steps, what will be looked at some demands later: three images
 * that are read at random would cost more time than all the rest. */
static void
look_ahead(struct gw_guest_stream *stream, uint32_t disk, int64_t soon_bytes)
{
    struct gw_sim_guest *guest = stream->guest;
    struct hint *hint = &stream->hints[stream->hint++ % HINTS];

    if (hint->known) {
        gw_oracle_expect(guest->oracle, hint->disk, hint->offset_bytes);
        gw_sim_disk_expect(guest->disks[GW_SOURCE][hint->disk], hint->offset_bytes);
        gw_sim_disk_expect(guest->disks[GW_TARGET][hint->disk], hint->offset_bytes);
    }
    *hint = (struct hint){soon_bytes, disk, true};
    gw_oracle_announce(guest->oracle, disk, soon_bytes);
    gw_sim_disk_announce(guest->disks[GW_SOURCE][disk], soon_bytes);
    gw_sim_disk_announce(guest->disks[GW_TARGET][disk], soon_bytes);
}

/* The next demand of a stream. */
static bool
ask(struct gw_guest_stream *stream, struct gw_demand *demand)
{
    struct gw_sim_guest *guest = stream->guest;

    demand->soon_bytes = -1;
    if (!guest->workload->next(guest->workload, stream->number, guest->agenda->now_ns, demand)) {
        return false;
    }
    if (demand->soon_bytes >= 0) {
        look_ahead(stream, demand->disk, demand->soon_bytes);
    }
    return true;
}

/* Asks for the next demand of a closed stream and issues it when it is due. */
static void
next_of_closed(struct gw_guest_slot *slot)
{
    struct gw_guest_stream *stream = slot->stream;
    struct gw_sim_guest *guest = stream->guest;
    struct gw_demand demand;

    if (!ask(stream, &demand)) {
        stream->live--;
        free_slot(slot);
        return;
    }
    load(slot, &demand);
    if (demand.at_ns <= guest->agenda->now_ns) {
        issue(slot);
        return;
    }
    gw_schedule(guest->agenda, &slot->due, demand.at_ns);
}

static void
next_arrival(struct gw_guest_stream *stream)
{
    struct gw_sim_guest *guest = stream->guest;

    if (!ask(stream, &stream->demand)) {
        stream->live = 0;
        return;
    }
    gw_schedule(guest->agenda, &stream->arrival, stream->demand.at_ns);
}

static void
arrived(struct gw_event *event)
{
    struct gw_guest_stream *stream = gw_container(event, struct gw_guest_stream, arrival);
    struct gw_guest_slot *slot;

    /* Nothing is issued any more: without this, arrivals pile up for as long as the drain lasts. */
    if (stream->guest->quiet) {
        return;
    }
    slot = take_slot(stream);
    load(slot, &stream->demand);
    issue(slot);
    next_arrival(stream);
}

/* ---- completion ------------------------------------------------------------------------------------- */

static void
measure(struct gw_sim_guest *guest, const struct gw_guest_io *io)
{
    struct gw_guest_counts *counts = &guest->counts[guest->period];
    int64_t latency_ns = guest->agenda->now_ns - io->arrived_ns;

    gw_histogram_add(&guest->latency[guest->period], latency_ns);
    guest->recent.latency_ns += latency_ns;
    if (latency_ns > guest->recent.latency_most_ns) {
        guest->recent.latency_most_ns = latency_ns;
    }
    if (io->op == GW_IO_READ) {
        counts->reads++;
        guest->recent.reads++;
        return;
    }
    if (io->op != GW_IO_FLUSH) {
        counts->writes++;
        guest->recent.writes++;
        counts->bytes_written += io->op == GW_IO_WRITE ? io->extent.length_bytes : 0;
    }
}

static void
judge(struct gw_sim_guest *guest, const struct gw_guest_slot *slot)
{
    const struct gw_guest_io *io = &slot->io;

    if (gw_io_modifies(io->op)) {
        gw_oracle_acknowledge(guest->oracle, slot->disk, io->extent, io->op, slot->identity,
                              guest->agenda->now_ns);
    } else if (io->op == GW_IO_READ && guest->check_reads) {
        gw_oracle_check_read(guest->oracle, slot->disk, io->extent, slot->payload.identities,
                             io->arrived_ns);
    }
}

static void
maybe_drained(struct gw_sim_guest *guest)
{
    if (guest->state == GW_GUEST_DRAINING && guest->in_flight == 0 &&
        !gw_event_pending(&guest->stun_event)) {
        gw_schedule(guest->agenda, &guest->stun_event,
                    guest->agenda->now_ns + guest->stun_cost_ns[guest->stun]);
    }
}

static void
complete(struct gw_guest *port, struct gw_guest_io *io, enum gw_code result)
{
    struct gw_sim_guest *guest = gw_container(port, struct gw_sim_guest, port);
    struct gw_guest_slot *slot = gw_container(io, struct gw_guest_slot, io);

    guest->in_flight--;
    measure(guest, io);
    if (result == GW_OK) {
        judge(guest, slot);
    } else {
        guest->errors++;
        gw_oracle_forget(guest->oracle, slot->disk, io->extent, io->op, slot->identity,
                         guest->agenda->now_ns);
    }
    if (slot->stream->open) {
        free_slot(slot);
    } else {
        next_of_closed(slot);
    }
    maybe_drained(guest);
}

/* ---- stuns ------------------------------------------------------------------------------------------ */

static void
pause_guest(struct gw_guest *port, enum gw_stun why)
{
    struct gw_sim_guest *guest = gw_container(port, struct gw_sim_guest, port);

    gw_assert(guest->state == GW_GUEST_RUNNING);
    guest->state = GW_GUEST_DRAINING;
    guest->stun = why;
    guest->stunned_ns = guest->agenda->now_ns;
    maybe_drained(guest);
}

static void
resume(struct gw_guest *port, enum gw_side side)
{
    struct gw_sim_guest *guest = gw_container(port, struct gw_sim_guest, port);
    int64_t cost_ns = guest->stun == GW_STUN_SWITCHOVER ? guest->resume_cost_ns : 0;

    gw_assert(guest->state == GW_GUEST_STUNNED);
    guest->handler.before_resume(guest->handler.self, side);
    guest->state = GW_GUEST_RESUMING;
    guest->resume_side = side;
    gw_schedule(guest->agenda, &guest->stun_event, guest->agenda->now_ns + cost_ns);
}

static void
run_again(struct gw_sim_guest *guest)
{
    int64_t stun_ns = guest->agenda->now_ns - guest->stunned_ns;

    guest->state = GW_GUEST_RUNNING;
    guest->side = guest->resume_side;
    guest->downtime_ns += stun_ns;
    guest->stun_count++;
    guest->longest_stun_ns = stun_ns > guest->longest_stun_ns ? stun_ns : guest->longest_stun_ns;
    gw_histogram_add(&guest->stuns, stun_ns);
    guest->handler.on_resumed(guest->handler.self);
    issue_held(guest);
}

static void
stun_step(struct gw_event *event)
{
    struct gw_sim_guest *guest = gw_container(event, struct gw_sim_guest, stun_event);

    if (guest->state == GW_GUEST_RESUMING) {
        run_again(guest);
        return;
    }
    guest->state = GW_GUEST_STUNNED;
    guest->handler.on_paused(guest->handler.self);
}

static void
throttle(struct gw_guest *port, int64_t interval_ns)
{
    struct gw_sim_guest *guest = gw_container(port, struct gw_sim_guest, port);

    guest->interval_ns = interval_ns;
}

static int64_t
mean_latency_ns(const struct gw_guest *port, bool before_migration)
{
    const struct gw_sim_guest *guest =
        gw_container((void *)(uintptr_t)port, struct gw_sim_guest, port);
    int64_t ios = guest->recent.reads + guest->recent.writes;

    if (before_migration) {
        return (int64_t)gw_histogram_mean(&guest->latency[GW_BEFORE]);
    }
    return ios == 0 ? 0 : guest->recent.latency_ns / ios;
}

static const struct gw_guest_ops guest_ops = {complete, pause_guest, resume, throttle,
                                              mean_latency_ns};

/* ---- life ------------------------------------------------------------------------------------------- */

static void
start_stream(struct gw_guest_stream *stream, uint32_t concurrency)
{
    stream->arrival.fire = arrived;
    stream->open = concurrency == 0;
    stream->live = stream->open ? 1 : concurrency;
    if (stream->open) {
        next_arrival(stream);
        return;
    }
    for (uint32_t i = 0; i < concurrency; i++) {
        next_of_closed(take_slot(stream));
    }
}

bool
gw_sim_guest_start(struct gw_sim_guest *guest, struct gw_error *err)
{
    uint32_t count = guest->workload->stream_count;

    guest->port.ops = &guest_ops;
    guest->stun_event.fire = stun_step;
    guest->throttle_event.fire = throttle_over;
    guest->streams = calloc(count == 0 ? 1 : count, sizeof *guest->streams);
    if (guest->streams == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %u workload streams", count);
    }
    for (uint32_t i = 0; i < count; i++) {
        guest->streams[i].guest = guest;
        guest->streams[i].number = i;
        start_stream(&guest->streams[i], guest->workload->concurrency[i]);
    }
    return true;
}

void
gw_sim_guest_stop(struct gw_sim_guest *guest)
{
    for (uint32_t i = 0; i < guest->block_count; i++) {
        struct gw_guest_slot *slot = guest->blocks[i];

        for (int j = 0; j < POOL_BLOCK; j++) {
            free(slot[j].own_identities);
        }
        free(slot);
    }
    free(guest->blocks);
    free(guest->streams);
    free(guest->region_writes);
    for (int i = 0; i < GW_PERIOD_COUNT; i++) {
        gw_histogram_clear(&guest->latency[i]);
    }
    gw_histogram_clear(&guest->stuns);
}

int64_t
gw_sim_guest_concurrency(const struct gw_sim_guest *guest)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < guest->workload->stream_count; i++) {
        sum += guest->workload->concurrency[i];
    }
    return sum;
}

bool
gw_sim_guest_is_done(const struct gw_sim_guest *guest)
{
    for (uint32_t i = 0; i < guest->workload->stream_count; i++) {
        if (guest->streams[i].live > 0) {
            return false;
        }
    }
    return guest->in_flight == 0 && guest->held == NULL;
}
