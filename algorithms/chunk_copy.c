/* chunk_copy.c - background copy of dirty chunks beside guest writes: the core of QEMU's mirror.
 *
 * Idea      All chunks start dirty. The data mover clears a chunk's bit, reads and writes it. In
 *           background mode a guest write sets its bits again when it is done; in write-blocking
 *           mode it goes to the target as well, at once, wherever the copy stands.
 * Source    QEMU, block/mirror.c (behaviour, not text).
 * Departs   write-blocking may write both sides in parallel (`serial: false`).
 * Invariant dirty and copying never share a chunk that a write-blocking guest write touches: the
 *           write waits for the copy, the copy leaves out chunks under a write. A write that
 *           covers a chunk only in part never clears its bit.
 * Cost      O(writes in flight) a piece and a write.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/chunk_copy.h"

const struct gw_setting gw_chunk_settings_table[] = {
    {"threshold", GW_SETTING_BYTES, offsetof(struct gw_chunk_settings, threshold_bytes), "0B", NULL,
     NULL, NULL, "switch over when no more than this is dirty"},
    {"pause_to_switch", GW_SETTING_FLAG, offsetof(struct gw_chunk_settings, pause_to_switch),
     "true", NULL, NULL, NULL,
     "true: stop the guest and copy the rest; false: drain only, and go on if dirty again"},
    {"serial", GW_SETTING_FLAG, offsetof(struct gw_chunk_settings, serial), "true", NULL, NULL,
     NULL, "write-blocking: write the source first, then the target"},
    GW_SETTING_END,
};

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
        !gw_bitmap_create(&copy->dirty, gw_blockmap_count(&copy->map), err) ||
        !gw_bitmap_create(&copy->copying, gw_blockmap_count(&copy->map), err) ||
        !gw_mover_start(&copy->mover, ports, &mover_calls, copy, err)) {
        return false;
    }
    gw_bitmap_set_range(&copy->dirty, 0, gw_blockmap_count(&copy->map));
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
    gw_bitmap_destroy(&copy->copying);
    gw_bitmap_destroy(&copy->dirty);
}

static void
finish(struct gw_chunk_copy *copy, enum gw_outcome outcome, const char *reason)
{
    copy->phase = GW_CHUNK_OVER;
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
    if (copy->phase == GW_CHUNK_COPY && !copy->mover.running) {
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

/* Whether a guest write or a data mover slot works in the extent. Two slots in one chunk could
 * end in the wrong order and leave the older data. */
static bool
is_busy(const struct gw_chunk_copy *copy, uint32_t disk, struct gw_extent extent)
{
    uint64_t begin = gw_blockmap_begin(&copy->map, disk, extent);

    return gw_bitmap_find_next_set(&copy->copying, begin) <
               gw_blockmap_end(&copy->map, disk, extent) ||
           gw_guest_list_conflict(&copy->writes, disk, extent) != NULL;
}

/* The next dirty run that is not busy; one look round the disk. */
static bool
find_piece(struct gw_chunk_copy *copy, struct gw_piece *out)
{
    int64_t most = copy->ports->common->mover_io_bytes;

    while (gw_blockmap_next(&copy->map, &copy->dirty, &copy->cursor, most, out)) {
        if (!is_busy(copy, out->disk, out->extent)) {
            return true;
        }
        if (most > copy->map.granularity_bytes) {
            /* Chunk by chunk from here: leave out only what is busy. */
            copy->cursor = gw_blockmap_begin(&copy->map, out->disk, out->extent);
            most = copy->map.granularity_bytes;
        }
    }
    return false;
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct gw_chunk_copy *copy = owner;

    if (refused(copy)) {
        return false;
    }
    if (!find_piece(copy, out)) {
        copy->cursor = 0;
        if (!find_piece(copy, out)) {
            return false;
        }
    }
    gw_blockmap_unmark(&copy->map, &copy->dirty, out->disk, out->extent);
    gw_blockmap_mark(&copy->map, &copy->copying, out->disk, out->extent);
    return true;
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

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct gw_chunk_copy *copy = owner;

    gw_blockmap_unmark(&copy->map, &copy->copying, piece.disk, piece.extent);
    if (result != GW_OK) {
        gw_blockmap_mark(&copy->map, &copy->dirty, piece.disk, piece.extent);
        copy->copy_result = copy->copy_result == GW_OK ? result : copy->copy_result;
    }
    retry_waiting(copy);
}

static bool
ready(const struct gw_chunk_copy *copy)
{
    return gw_blockmap_bytes(&copy->map, &copy->dirty) <= copy->settings->threshold_bytes;
}

static void
mover_idle(void *owner)
{
    struct gw_chunk_copy *copy = owner;

    if (copy->phase == GW_CHUNK_FINAL) {
        /* While the guest still drains there may be more to come. */
        if (copy->over.step == GW_SWITCHOVER_COPY) {
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
    if (ready(copy)) {
        copy->phase = GW_CHUNK_FINAL;
        gw_switchover_begin(&copy->over);
    }
}

/* More may be there to copy, or little enough to switch over. */
static void
go_on(struct gw_chunk_copy *copy)
{
    if (copy->phase != GW_CHUNK_COPY) {
        return;
    }
    if (copy->settings->threshold_bytes > 0 && ready(copy)) {
        copy->phase = GW_CHUNK_FINAL;
        gw_switchover_begin(&copy->over);
        return;
    }
    gw_mover_run(&copy->mover);
}

/* ---- guest IO ------------------------------------------------------------------------------------ */

static void
background_done(void *owner, struct gw_io *part)
{
    struct gw_chunk_copy *copy = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    if (gw_io_modifies(io->op)) {
        gw_blockmap_mark(&copy->map, &copy->dirty, io->disk, io->extent);
    }
    gw_guest_complete(copy->ports, io, part->result);
    if (gw_io_modifies(part->op)) {
        go_on(copy);
    }
}

/* Clears the chunks that the write covered whole: the target has them now. */
static void
clear_covered(struct gw_chunk_copy *copy, const struct gw_guest_io *io)
{
    int64_t chunk = copy->map.granularity_bytes;
    int64_t first = (io->extent.offset_bytes + chunk - 1) / chunk * chunk;
    int64_t last = gw_extent_end(io->extent) / chunk * chunk;

    if (last > first) {
        struct gw_extent covered = {first, last - first};

        gw_blockmap_unmark(&copy->map, &copy->dirty, io->disk, covered);
    }
}

static void
blocking_done(struct gw_chunk_copy *copy, struct gw_guest_io *io)
{
    bool target_failed = io->part[1].result != GW_OK;

    gw_guest_list_remove(&copy->writes, io);
    if (io->worst == GW_OK && !target_failed) {
        clear_covered(copy, io);
        copy->mirrored_bytes += io->op == GW_IO_WRITE ? io->extent.length_bytes : 0;
    }
    if (target_failed) {
        drop_target(copy, "a mirrored write failed on the target");
    }
    if (io->worst != GW_OK) {
        drop_target(copy, "a guest write failed on the source");
    }
    gw_guest_complete(copy->ports, io, io->worst);
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
source_done(void *owner, struct gw_io *part)
{
    struct gw_chunk_copy *copy = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    io->worst = part->result;
    if (copy->settings->serial && part->result == GW_OK) {
        gw_guest_send(io, 1, copy->ports->target[io->disk], target_done, copy);
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
    gw_guest_list_add(&copy->writes, io);
    gw_guest_send(io, 0, copy->ports->source[io->disk], source_done, copy);
    if (!copy->settings->serial) {
        gw_guest_send(io, 1, copy->ports->target[io->disk], target_done, copy);
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
    if (copy->phase == GW_CHUNK_OVER && copy->writes.count == 0) {
        gw_guest_pass(copy->ports, io, copy->side);
        return;
    }
    if (!gw_io_modifies(io->op) || !copy->write_blocking) {
        gw_guest_send(io, 0, copy->ports->source[io->disk], background_done, copy);
        return;
    }
    if (is_busy(copy, io->disk, io->extent)) {
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

    if (!copy->settings->pause_to_switch && !gw_bitmap_is_empty(&copy->dirty)) {
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
        finish(copy, GW_COMPLETED, "nothing is dirty and nothing in flight");
        return;
    }
    if (reason == dirty_again && copy->reason == NULL) {
        gw_switchover_init(&copy->over, copy->ports, &switchover_calls, copy);
        copy->phase = GW_CHUNK_COPY;
        gw_mover_run(&copy->mover);
        return;
    }
    copy->reason = copy->reason == NULL ? reason : copy->reason;
    if (copy->mover.running) {
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
    gw_mover_run(&copy->mover);
}

void
gw_chunk_copy_on_timer(void *state, uint32_t timer)
{
    struct gw_chunk_copy *copy = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&copy->mover);
        return;
    }
    gw_switchover_on_timer(&copy->over, timer);
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
        .remaining_bytes = gw_blockmap_bytes(&copy->map, &copy->dirty),
        .copied_bytes = copy->mover.copied_bytes,
        .mirrored_bytes = copy->mirrored_bytes,
        .iteration = 1,
    };
}
