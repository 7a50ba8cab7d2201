/* chunk_copy.c - background copy of dirty chunks beside guest writes: the core of QEMU's mirror.
 *
 * Idea      All chunks start dirty. The copy claims runs of them and clears their bits, reads and
 *           writes them. In background mode a guest write sets its bits again when it is done; in
 *           write-blocking mode it goes to the target as well. A part of a dirty chunk is left to
 *           the copy, which has to bring that chunk anyway.
 *           What stops a mirror that never gets clean is not the mirror: its management waits so
 *           long for it, then stops the guest. That driver is part of the settings.
 * Source    QEMU, block/mirror.c (behaviour, not text).
 * Departs   write-blocking may write both sides in parallel (`serial: false`).
 * Invariant a chunk in flight belongs to one copy or to one write-blocking guest write: the write
 *           waits for the copy and for other writes in its chunks, and the whole copy waits while
 *           the next dirty chunk is in flight. A write that covers a chunk only in part never
 *           clears its bit.
 * Cost      O(writes that wait) a piece and a write.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/chunk_copy.h"
#include "algorithms/chunk_loop.h"

enum { TIMER_REST = GW_TIMER_CHUNK_CLAIM + 1, TIMER_DRIVER, TIMER_POLL };

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);
static void dispatch(struct gw_chunk_copy *copy, struct gw_guest_io *io);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};
static const char *const dirty_again = "written to while draining";

bool
gw_chunk_copy_start(struct gw_chunk_copy *copy, const struct gw_ports *ports,
                    const struct gw_chunk_settings *settings, bool write_blocking,
                    struct gw_error *err)
{
    copy->ports = ports;
    copy->settings = settings;
    copy->write_blocking = write_blocking;
    copy->side = GW_SOURCE;
    gw_switchover_init(&copy->over, ports, &switchover_calls, copy);
    if (!gw_blockmap_init(&copy->map, ports, err) ||
        !gw_chunk_claims_start(&copy->claims, &copy->map, ports->common->mover_io_bytes,
                               settings->buffer_bytes, err) ||
        !gw_mover_start(&copy->mover, ports, &mover_calls, copy, err)) {
        return false;
    }
    copy->claims.wait_oldest = settings->wait_oldest;
    copy->mover.rate = settings->slice_ns > 0 ? 0 : copy->mover.rate;
    copy->phase = GW_CHUNK_ATTACH;
    ports->report->ops->phase(ports->report, "attach");
    ports->guest->ops->pause(ports->guest, GW_STUN_ATTACH);
    return true;
}

void
gw_chunk_copy_stop(void *state)
{
    struct gw_chunk_copy *copy = state;

    gw_mover_stop(&copy->mover);
    gw_chunk_claims_stop(&copy->claims);
}

static void
arm_in(struct gw_chunk_copy *copy, uint32_t timer, int64_t delay_ns)
{
    struct gw_clock *clock = copy->ports->clock;

    clock->ops->arm(clock, timer, clock->ops->now_ns(clock) + delay_ns);
}

static void
finish(struct gw_chunk_copy *copy, enum gw_outcome outcome, const char *reason)
{
    copy->phase = GW_CHUNK_OVER;
    for (uint32_t timer = GW_TIMER_CHUNK_CLAIM; timer <= TIMER_POLL; timer++) {
        copy->ports->clock->ops->disarm(copy->ports->clock, timer);
    }
    copy->ports->report->ops->finish(copy->ports->report, outcome, reason);
}

/* Gives up: the guest stays on the source; ends when the mover is idle or the guest runs. */
static void
drop_target(struct gw_chunk_copy *copy, const char *reason)
{
    if (copy->phase == GW_CHUNK_QUIT || copy->phase == GW_CHUNK_OVER) {
        return;
    }
    copy->reason = reason;
    if (copy->phase == GW_CHUNK_FINAL) {
        gw_switchover_abort(&copy->over, GW_EIO, reason);
        return;
    }
    if (copy->phase == GW_CHUNK_COPY && !copy->mover.running && !copy->asking) {
        finish(copy, GW_FAILED, reason);
        return;
    }
    copy->phase = GW_CHUNK_QUIT;
}

/* ---- the background copy ------------------------------------------------------------------------ */

static bool
refused(const struct gw_chunk_copy *copy)
{
    return copy->phase == GW_CHUNK_QUIT || copy->phase == GW_CHUNK_OVER ||
           copy->copy_result != GW_OK || gw_switchover_aborted(&copy->over);
}

static void
retry_waiting(struct gw_chunk_copy *copy)
{
    struct gw_guest_queue all = copy->waiting;
    struct gw_guest_io *io;

    copy->waiting = (struct gw_guest_queue){0};
    while ((io = gw_guest_queue_pop(&all)) != NULL) {
        dispatch(copy, io);
    }
}

/* A chunk that the loop has waited for is its own before any guest write gets it that came later:
 * a guest that writes in sequence would keep it out for ever. */
static void
claim_awaited(struct gw_chunk_copy *copy)
{
    bool taken_soon = copy->phase == GW_CHUNK_COPY || copy->mover.running;

    if (copy->claims.awaited && taken_soon && !refused(copy)) {
        gw_chunk_loop_claim(copy);
    }
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct gw_chunk_copy *copy = owner;

    if (refused(copy)) {
        gw_chunk_claims_drop(&copy->claims);
        retry_waiting(copy);
        return false;
    }
    while (!gw_chunk_claims_take(&copy->claims, out)) {
        if (!gw_chunk_loop_claim(copy)) {
            return false;
        }
    }
    return true;
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct gw_chunk_copy *copy = owner;

    gw_chunk_claims_done(&copy->claims, piece, result != GW_OK);
    copy->copy_result = copy->copy_result == GW_OK ? result : copy->copy_result;
    claim_awaited(copy);
    retry_waiting(copy);
}

static void
begin_switch(struct gw_chunk_copy *copy)
{
    copy->phase = GW_CHUNK_FINAL;
    copy->driver.complete = true;
    copy->resting = false;
    gw_switchover_begin(&copy->over);
    if (!gw_bitmap_is_empty(&copy->claims.queued)) {
        gw_mover_run(&copy->mover); /* a guest write may wait for it, and the drain for that */
    }
}

static bool
below_threshold(const struct gw_chunk_copy *copy)
{
    return copy->settings->threshold_bytes > 0 &&
           gw_chunk_claims_left_bytes(&copy->claims) <= copy->settings->threshold_bytes;
}

static void
become_ready(struct gw_chunk_copy *copy)
{
    if (copy->driver.ready) {
        return;
    }
    copy->driver.ready = true;
    copy->ports->report->ops->phase(copy->ports->report, GW_PHASE_READY);
    copy->driver.complete = copy->driver.complete || copy->settings->hold_ns == 0;
    if (!copy->driver.complete) {
        arm_in(copy, TIMER_DRIVER, copy->settings->hold_ns);
        return;
    }
    if (copy->settings->switch_limit_ns > 0 && !copy->driver.forced) {
        arm_in(copy, TIMER_DRIVER, copy->settings->switch_limit_ns);
    }
}

/* Nothing is dirty and nothing in flight. */
static void
clean(struct gw_chunk_copy *copy)
{
    become_ready(copy);
    if (copy->driver.complete) {
        begin_switch(copy);
        return;
    }
    if (copy->settings->rest_ns > 0) {
        copy->resting = true;
        arm_in(copy, TIMER_REST, copy->settings->rest_ns);
    }
}

static void
mover_idle(void *owner)
{
    struct gw_chunk_copy *copy = owner;
    bool more = copy->copy_result == GW_OK && !gw_bitmap_is_empty(&copy->claims.dirty);

    if (copy->asking) {
        return;
    }
    if (copy->phase == GW_CHUNK_FINAL) {
        /* While the guest still drains there may be more to come. */
        if (copy->over.step == GW_SWITCHOVER_COPY &&
            (!more || gw_switchover_aborted(&copy->over))) {
            become_ready(copy);
            gw_switchover_copied(&copy->over, copy->copy_result);
        }
        return;
    }
    if (copy->phase == GW_CHUNK_QUIT) {
        finish(copy, GW_FAILED, copy->reason);
        return;
    }
    if (copy->phase == GW_CHUNK_OVER) {
        return;
    }
    if (copy->copy_result != GW_OK) {
        finish(copy, GW_FAILED, "data mover: a read or a write failed");
        return;
    }
    if (!more) {
        clean(copy);
    }
}

/* More may be there to copy, or little enough to switch over. */
static void
go_on(struct gw_chunk_copy *copy)
{
    if (copy->phase != GW_CHUNK_COPY) {
        return;
    }
    if (copy->settings->poll_ns == 0 && below_threshold(copy)) {
        begin_switch(copy);
        return;
    }
    if (!copy->resting) {
        gw_mover_run(&copy->mover);
    }
}

/* ---- guest IO ------------------------------------------------------------------------------------ */

static void
background_done(void *owner, struct gw_io *part)
{
    struct gw_chunk_copy *copy = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    if (gw_io_modifies(io->op)) {
        gw_blockmap_mark(&copy->map, &copy->claims.dirty, io->disk, io->extent);
    }
    gw_guest_complete(copy->ports, io, part->result);
    if (gw_io_modifies(part->op)) {
        go_on(copy);
    }
}

static void
blocking_done(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    bool target_failed = io->part[1].result != GW_OK;

    copy->writes--;
    gw_chunk_claims_land(&copy->claims, io->disk, io->extent);
    if (io->worst == GW_OK && !target_failed) {
        gw_chunk_claims_clean(&copy->claims, io->disk, io->extent);
        copy->mirrored_bytes += io->op == GW_IO_WRITE ? io->part[1].extent.length_bytes : 0;
    }
    if (target_failed) {
        drop_target(copy, "a mirrored write failed on the target");
    }
    if (io->worst != GW_OK) {
        drop_target(copy, "a guest write failed on the source");
    }
    gw_guest_complete(copy->ports, io, io->worst);
    claim_awaited(copy);
    retry_waiting(copy);
    go_on(copy);
}

static void
blocking_part_done(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    io->pending--;
    if (io->pending == 0) {
        blocking_done(copy, io);
    }
}

static void
target_done(void *owner, struct gw_io *part)
{
    blocking_part_done(owner, gw_guest_of_part(part, 1));
}

static void
send_to_target(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    struct gw_disk *target = copy->ports->target[io->disk];
    struct gw_io *part = &io->part[1];

    *part = (struct gw_io){.op = io->op,
                           .result = GW_OK,
                           .extent = io->extent,
                           .payload = io->payload,
                           .purpose = GW_FOR_GUEST,
                           .done = target_done,
                           .owner = copy};
    if (copy->settings->skip_dirty) {
        part->extent = gw_chunk_claims_rest(&copy->claims, io->disk, io->extent);
    }
    part->payload_offset_bytes = part->extent.offset_bytes - io->extent.offset_bytes;
    if (part->extent.length_bytes == 0) {
        blocking_part_done(copy, io);
        return;
    }
    target->ops->submit(target, part);
}

static void
source_done(void *owner, struct gw_io *part)
{
    struct gw_chunk_copy *copy = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    io->worst = part->result;
    if (copy->settings->serial && part->result == GW_OK) {
        send_to_target(copy, io);
        return;
    }
    if (copy->settings->serial) {
        /* The source refused: nothing to mirror. */
        io->part[1].result = GW_OK;
    }
    blocking_part_done(copy, io);
}

static void
write_both(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    if (io->since_ns != 0) {
        gw_guest_observe_wait(copy->ports, io);
    }
    io->pending = copy->settings->serial ? 1 : 2;
    io->worst = GW_OK;
    copy->writes++;
    gw_blockmap_mark(&copy->map, &copy->claims.flying, io->disk, io->extent);
    gw_guest_send(io, 0, copy->ports->source[io->disk], source_done, copy);
    if (!copy->settings->serial) {
        send_to_target(copy, io);
    }
}

static bool
mirrors(const struct gw_chunk_copy *copy)
{
    return copy->write_blocking && (copy->phase == GW_CHUNK_COPY || copy->phase == GW_CHUNK_FINAL);
}

static void
dispatch(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    if (copy->phase == GW_CHUNK_OVER && copy->writes == 0) {
        gw_guest_pass(copy->ports, io, copy->side);
        return;
    }
    if (!gw_io_modifies(io->op) || !copy->write_blocking) {
        gw_guest_send(io, 0, copy->ports->source[io->disk], background_done, copy);
        return;
    }
    if (gw_chunk_claims_busy(&copy->claims, io->disk, io->extent)) {
        io->since_ns =
            io->since_ns == 0 ? copy->ports->clock->ops->now_ns(copy->ports->clock) : io->since_ns;
        gw_guest_queue_push(&copy->waiting, io);
        return;
    }
    if (mirrors(copy)) {
        write_both(copy, io);
        return;
    }
    gw_guest_send(io, 0, copy->ports->source[io->disk], background_done, copy);
}

void
gw_chunk_copy_on_guest_io(void *state, struct gw_guest_io *io)
{
    io->since_ns = 0;
    dispatch(state, io);
}

/* ---- switch-over and events ----------------------------------------------------------------------- */

static void
final_copy(void *owner)
{
    struct gw_chunk_copy *copy = owner;

    if (!copy->settings->pause_to_switch && !copy->driver.forced &&
        !gw_bitmap_is_empty(&copy->claims.dirty)) {
        gw_switchover_abort(&copy->over, GW_ECANCELED, dirty_again);
        gw_switchover_copied(&copy->over, GW_OK);
        return;
    }
    gw_mover_run(&copy->mover);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct gw_chunk_copy *copy = owner;

    (void)code;
    copy->side = side;
    if (side == GW_TARGET) {
        finish(copy, copy->driver.late ? GW_NOT_CONVERGED : GW_COMPLETED,
               copy->driver.late     ? "not ready within ready_limit: the guest was stopped"
               : copy->driver.forced ? "dirty until switch_limit: the guest was stopped"
                                     : "nothing is dirty and nothing in flight");
        return;
    }
    if (reason == dirty_again && copy->reason == NULL) {
        gw_switchover_init(&copy->over, copy->ports, &switchover_calls, copy);
        copy->phase = GW_CHUNK_COPY;
        if (copy->driver.forced) {
            begin_switch(copy);
            return;
        }
        gw_mover_run(&copy->mover);
        return;
    }
    copy->reason = copy->reason == NULL ? reason : copy->reason;
    if (copy->mover.running || copy->asking) {
        copy->phase = GW_CHUNK_QUIT;
        return;
    }
    finish(copy, GW_FAILED, copy->reason);
}

void
gw_chunk_copy_on_paused(void *state)
{
    struct gw_chunk_copy *copy = state;

    if (gw_switchover_on_paused(&copy->over)) {
        return;
    }
    if (copy->phase == GW_CHUNK_ATTACH) {
        copy->phase = GW_CHUNK_START;
    }
    copy->ports->guest->ops->resume(copy->ports->guest, GW_SOURCE);
}

void
gw_chunk_copy_on_resumed(void *state)
{
    struct gw_chunk_copy *copy = state;

    if (gw_switchover_on_resumed(&copy->over)) {
        return;
    }
    if (copy->phase == GW_CHUNK_QUIT) {
        finish(copy, GW_FAILED, copy->reason);
        return;
    }
    copy->phase = GW_CHUNK_COPY;
    copy->ports->report->ops->phase(copy->ports->report, "background copy");
    if (copy->settings->ready_limit_ns > 0) {
        arm_in(copy, TIMER_DRIVER, copy->settings->ready_limit_ns);
    }
    if (copy->settings->poll_ns > 0 && copy->settings->threshold_bytes > 0) {
        arm_in(copy, TIMER_POLL, copy->settings->poll_ns);
    }
    gw_mover_run(&copy->mover);
}

static void
driver_due(struct gw_chunk_copy *copy)
{
    if (!copy->driver.ready || copy->driver.complete) {
        copy->driver.late = !copy->driver.ready;
        copy->driver.forced = true;
        if (copy->phase == GW_CHUNK_COPY) {
            begin_switch(copy);
        }
        return;
    }
    copy->driver.complete = true;
    copy->ports->report->ops->phase(copy->ports->report, GW_PHASE_COMPLETE);
    if (copy->settings->switch_limit_ns > 0) {
        arm_in(copy, TIMER_DRIVER, copy->settings->switch_limit_ns);
    }
    copy->resting = false;
    go_on(copy);
}

static void
poll_due(struct gw_chunk_copy *copy)
{
    if (copy->phase == GW_CHUNK_COPY && below_threshold(copy)) {
        begin_switch(copy);
        return;
    }
    arm_in(copy, TIMER_POLL, copy->settings->poll_ns);
}

static void
claim_due(struct gw_chunk_copy *copy)
{
    copy->claiming = false;
    if (copy->mover.running || copy->phase == GW_CHUNK_COPY ||
        (copy->phase == GW_CHUNK_FINAL && copy->over.step == GW_SWITCHOVER_COPY)) {
        gw_mover_run(&copy->mover);
    }
}

void
gw_chunk_copy_on_timer(void *state, uint32_t timer)
{
    struct gw_chunk_copy *copy = state;
    bool works = copy->phase == GW_CHUNK_COPY || copy->phase == GW_CHUNK_FINAL;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&copy->mover);
    } else if (timer == GW_TIMER_CHUNK_CLAIM) {
        claim_due(copy);
    } else if (timer == TIMER_REST) {
        copy->resting = false;
        go_on(copy);
    } else if (timer == TIMER_DRIVER && works) {
        driver_due(copy);
    } else if (timer == TIMER_POLL) {
        poll_due(copy);
    } else {
        gw_switchover_on_timer(&copy->over, timer);
    }
}

void
gw_chunk_copy_cancel(void *state)
{
    drop_target(state, "cancelled");
}

void
gw_chunk_copy_progress(const void *state, struct gw_progress *out)
{
    const struct gw_chunk_copy *copy = state;

    *out = (struct gw_progress){
        .remaining_bytes = gw_chunk_claims_left_bytes(&copy->claims),
        .copied_bytes = copy->mover.copied_bytes,
        .mirrored_bytes = copy->mirrored_bytes,
        .iteration = 1,
    };
}
