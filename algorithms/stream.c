/* stream.c - the guest writes to the target from the start; its old data are pulled after it.
 *
 * Idea      An empty overlay is laid over the source disk, on the target. Writes go there at once;
 *           what it lacks is read from the source. A data mover pulls the rest over, cluster by
 *           cluster, until nothing is missing. What the guest reads meanwhile is brought too.
 * Source    QEMU, block/stream.c with an overlay on the target, and the copy-on-read filter that
 *           the job puts over it (behaviour, not text).
 * Departs   the guest is drained once more
 *           at the end, for the commit record; QEMU has no such moment.
 * Invariant from the first stun on the guest's data lie on both sides: the only way is forward.
 *           A failed pull is tried again.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"
#include "algorithms/mover.h"
#include "algorithms/overlay_chain.h"
#include "algorithms/switchover.h"

enum { TIMER_RETRY = 3, PULL_TRIES = 20 };

static const int64_t RETRY_NS = 500000000;

enum phase { STUN, PULL, FINAL, OVER };

struct stream_settings {
    bool copy_on_read;
};

struct stream {
    const struct gw_ports *ports;
    const struct stream_settings *settings;
    struct gw_overlay_chain chain;
    struct gw_mover mover;
    struct gw_switchover over;
    enum phase phase;
    bool cancelled;
    int64_t tries;
    int64_t since_ns;
    uint64_t cursor;
    enum gw_code copy_result;
};

static const struct gw_setting settings_table[] = {
    {"copy_on_read", GW_SETTING_FLAG, offsetof(struct stream_settings, copy_on_read), "true", NULL,
     NULL, NULL, "a read of what is missing on the target stores its clusters there (QEMU)"},
    GW_SETTING_END,
};

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);
static void clusters_filled(void *owner);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static int64_t
now_ns(const struct stream *stream)
{
    return stream->ports->clock->ops->now_ns(stream->ports->clock);
}

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct stream *stream = state;

    stream->ports = ports;
    stream->settings = settings;
    gw_switchover_init(&stream->over, ports, &switchover_calls, stream);
    if (!gw_overlay_chain_start(&stream->chain, ports, err) ||
        !gw_mover_start(&stream->mover, ports, &mover_calls, stream, err)) {
        return false;
    }
    stream->chain.copy_on_read = stream->settings->copy_on_read;
    stream->chain.filled = clusters_filled;
    stream->chain.owner = stream;
    ports->report->ops->phase(ports->report, "snapshot");
    ports->guest->ops->pause(ports->guest, GW_STUN_SNAPSHOT);
    return true;
}

static void
stop(void *state)
{
    struct stream *stream = state;

    gw_mover_stop(&stream->mover);
    gw_overlay_chain_stop(&stream->chain);
}

static void
finish(struct stream *stream, enum gw_outcome outcome, const char *reason)
{
    stream->phase = OVER;
    stream->ports->report->ops->finish(stream->ports->report, outcome, reason);
}

static int64_t
missing_bytes(const struct stream *stream)
{
    int64_t bytes = 0;

    for (uint32_t i = 0; i < stream->ports->disk_count; i++) {
        bytes += stream->ports->source[i]->size_bytes;
    }
    if (stream->chain.level_count > 0) {
        bytes -= gw_blockmap_bytes(&stream->chain.map, &stream->chain.level[0]->allocated);
    }
    return bytes;
}

/* ---- the pull ------------------------------------------------------------------------------------- */

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct stream *stream = owner;
    int64_t most = stream->ports->common->mover_io_bytes;

    if (stream->copy_result != GW_OK) {
        return false;
    }
    if (gw_overlay_claim(&stream->chain, &stream->cursor, most, out)) {
        return true;
    }
    stream->cursor = 0;
    return gw_overlay_claim(&stream->chain, &stream->cursor, most, out);
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct stream *stream = owner;

    if (result != GW_OK && stream->copy_result == GW_OK) {
        stream->copy_result = result;
    }
    gw_overlay_settle(&stream->chain, &piece, result == GW_OK);
}

static void
pull(struct stream *stream)
{
    stream->copy_result = GW_OK;
    gw_mover_run(&stream->mover);
}

/* The guest brought a cluster, or failed to: it may have been the last one. */
static void
clusters_filled(void *owner)
{
    struct stream *stream = owner;

    if (stream->phase == PULL && !stream->mover.running && stream->copy_result == GW_OK) {
        pull(stream);
    }
}

static void
pulled(struct stream *stream)
{
    struct gw_report *report = stream->ports->report;
    struct gw_iteration iteration = {
        .number = 1,
        .started_ns = stream->since_ns,
        .ended_ns = now_ns(stream),
        .copied_bytes = stream->mover.copied_bytes,
    };

    report->ops->iteration(report, &iteration);
    report->ops->phase(report, GW_PHASE_READY);
    stream->phase = FINAL;
    gw_switchover_begin(&stream->over);
}

static void
mover_idle(void *owner)
{
    struct stream *stream = owner;

    if (stream->copy_result == GW_OK) {
        if (missing_bytes(stream) == 0) {
            pulled(stream);
        }
        return;
    }
    if (stream->tries >= PULL_TRIES) {
        finish(stream, GW_FAILED, "a pull failed for good: the guest's data lie on both sides");
        return;
    }
    stream->tries++;
    stream->ports->clock->ops->arm(stream->ports->clock, TIMER_RETRY, now_ns(stream) + RETRY_NS);
}

/* ---- stuns and events ------------------------------------------------------------------------------- */

static void
final_copy(void *owner)
{
    struct stream *stream = owner;

    gw_switchover_copied(&stream->over, GW_OK);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    (void)code;
    if (side == GW_TARGET) {
        finish(owner, GW_COMPLETED, "everything was pulled");
        return;
    }
    finish(owner, GW_FAILED, reason);
}

static void
on_guest_paused(void *state)
{
    struct stream *stream = state;

    if (gw_switchover_on_paused(&stream->over)) {
        return;
    }
    if (!stream->cancelled) {
        gw_overlay_push_files(&stream->chain, stream->ports->target, NULL);
    }
    stream->ports->guest->ops->resume(stream->ports->guest, GW_SOURCE);
}

static void
on_guest_resumed(void *state)
{
    struct stream *stream = state;

    if (gw_switchover_on_resumed(&stream->over)) {
        return;
    }
    if (stream->chain.level_count == 0) {
        finish(stream, GW_FAILED, stream->cancelled ? "cancelled" : "no memory for an overlay");
        return;
    }
    stream->phase = PULL;
    stream->since_ns = now_ns(stream);
    stream->ports->report->ops->phase(stream->ports->report, "pull");
    pull(stream);
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct stream *stream = state;

    gw_guest_pass_to(stream->ports, io, stream->chain.faces[io->disk]);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct stream *stream = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&stream->mover);
        return;
    }
    if (timer == TIMER_RETRY) {
        pull(stream);
        return;
    }
    gw_switchover_on_timer(&stream->over, timer);
}

static void
cancel(void *state)
{
    struct stream *stream = state;

    stream->cancelled = true;
}

static void
progress(const void *state, struct gw_progress *out)
{
    const struct stream *stream = state;

    *out = (struct gw_progress){
        .remaining_bytes = missing_bytes(stream),
        .copied_bytes = stream->mover.copied_bytes,
        .iteration = stream->phase == STUN ? 0 : 1,
    };
}

static void
locate(const void *state, uint32_t disk, int64_t offset_bytes, struct gw_disk **out,
       int64_t *out_offset_bytes)
{
    const struct stream *stream = state;

    gw_overlay_locate(&stream->chain, disk, offset_bytes, out, out_offset_bytes);
}

const struct gw_architecture gw_stream_pull = {
    .name = "stream",
    .title = "overlay on the target at once, its base is pulled after it (QEMU block-stream)",
    .source = "QEMU block/stream.c over an overlay on the target",
    .settings = settings_table,
    .settings_bytes = sizeof(struct stream_settings),
    .state_bytes = sizeof(struct stream),
    .start = start,
    .on_guest_io = on_guest_io,
    .on_timer = on_timer,
    .on_guest_paused = on_guest_paused,
    .on_guest_resumed = on_guest_resumed,
    .cancel = cancel,
    .progress = progress,
    .locate = locate,
    .stop = stop,
};
