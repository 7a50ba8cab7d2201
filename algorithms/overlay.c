/* overlay.c - migration by external snapshots, as a driver of QEMU does it with qcow2 overlays.
 *
 * Idea      Lay an overlay over the disk and copy the frozen base; go over to the copy as base.
 *           Then lay a further overlay and commit the frozen one into the copy, round by round,
 *           until the newest is small or shrinks no more. The last commit is a background mirror
 *           from the overlay to its base, or happens in a stun.
 * Source    QEMU, blockdev-snapshot, blockdev-backup, block/commit.c, active commit of
 *           block/mirror.c (behaviour, not text).
 * Departs   the overlays that snapshot.c knows are ESX's: small grains, costly metadata, rounds by
 *           estimated time. What goes wrong before the copy is the base is rolled back in a stun.
 * Invariant once the copy is the base the guest's data lie on both volumes and the only way is
 *           forward: asked to give up, it commits the last overlay in a stun.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"
#include "algorithms/overlay_chain.h"
#include "algorithms/overlay_copier.h"
#include "algorithms/switchover.h"

enum { TIMER_RETRY = 3, COMMIT_TRIES = 20, FIRST_COMPARED = 2 };

static const int64_t RETRY_NS = 500000000;

enum phase {
    FIRST_STUN, /* for the first overlay */
    COPY_BASE,
    STUN, /* for a further one */
    RESUMING,
    COMMIT, /* the frozen overlay into the base, the guest runs */
    MIRROR, /* the last one, the guest runs */
    FINAL,  /* the last one, the guest is stopped */
    ROLL_BACK_STUN,
    ROLL_BACK, /* the overlay into the source, the guest is stopped */
    LEAVING,   /* resuming on the source after a roll-back */
    OVER
};

struct overlay {
    const struct gw_ports *ports;
    const struct gw_overlay_settings *settings;
    struct gw_overlay_chain chain;
    struct gw_overlay_copier copier;
    struct gw_ports_view mirror_view;
    struct gw_chunk_copy mirror;
    struct gw_switchover over;
    enum phase phase;
    enum gw_side side;
    bool hurry; /* asked to end: no further round */
    int64_t round;
    int64_t tries;
    int64_t last_bytes; /* of the overlay before */
    const char *reason;
};

static bool copy_refused(const void *owner);
static void copy_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);
static void mirror_finished(void *owner, enum gw_outcome outcome, const char *reason);

static const struct gw_overlay_copier_owner copier_calls = {copy_refused, copy_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static int64_t
now_ns(const struct overlay *overlay)
{
    return overlay->ports->clock->ops->now_ns(overlay->ports->clock);
}

static void
set_phase(struct overlay *overlay, enum phase phase, const char *name)
{
    overlay->phase = phase;
    overlay->ports->report->ops->phase(overlay->ports->report, name);
}

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct overlay *overlay = state;

    overlay->ports = ports;
    overlay->settings = settings;
    overlay->side = GW_SOURCE;
    gw_switchover_init(&overlay->over, ports, &switchover_calls, overlay);
    if (!gw_overlay_chain_start(&overlay->chain, ports, err) ||
        !gw_overlay_copier_start(&overlay->copier, &overlay->chain, settings, &copier_calls,
                                 overlay, err)) {
        return false;
    }
    set_phase(overlay, FIRST_STUN, "snapshot");
    ports->guest->ops->pause(ports->guest, GW_STUN_SNAPSHOT);
    return true;
}

static void
stop(void *state)
{
    struct overlay *overlay = state;

    if (overlay->mirror.ports != NULL) {
        gw_chunk_copy_stop(&overlay->mirror);
    }
    gw_overlay_copier_stop(&overlay->copier);
    gw_overlay_chain_stop(&overlay->chain);
}

static void
finish(struct overlay *overlay, enum gw_outcome outcome, const char *reason)
{
    overlay->phase = OVER;
    overlay->ports->report->ops->finish(overlay->ports->report, outcome, reason);
}

/* ---- rounds --------------------------------------------------------------------------------------- */

static void
start_final(struct overlay *overlay)
{
    overlay->phase = FINAL;
    gw_switchover_begin(&overlay->over);
}

static void
start_mirror(struct overlay *overlay)
{
    struct gw_ports_view *view = &overlay->mirror_view;

    gw_ports_view_init(view, overlay->ports);
    view->ports.source = overlay->chain.faces;
    view->common = overlay->copier.view[GW_OVERLAY_LAST].common;
    view->finished = mirror_finished;
    view->owner = overlay;
    overlay->phase = MIRROR;
    if (!gw_chunk_copy_start(&overlay->mirror, &view->ports, &overlay->settings->mirror, false,
                             NULL)) {
        start_final(overlay);
    }
}

/* Only what the overlay holds is to be committed. */
static void
narrow_mirror(struct overlay *overlay)
{
    const struct gw_overlay_chain *chain = &overlay->chain;
    struct gw_chunk_copy *mirror = &overlay->mirror;
    uint64_t cursor = 0;
    struct gw_piece piece;

    gw_bitmap_clear_all(&mirror->claims.dirty);
    while (gw_blockmap_next(&chain->map, &chain->level[0]->allocated, &cursor,
                            mirror->ports->common->mover_io_bytes, &piece)) {
        gw_blockmap_mark(&mirror->map, &mirror->claims.dirty, piece.disk, piece.extent);
    }
}

static void
start_round(struct overlay *overlay)
{
    set_phase(overlay, STUN, "snapshot");
    overlay->ports->guest->ops->pause(overlay->ports->guest, GW_STUN_SNAPSHOT);
}

/* The base is the copy, one overlay is left in the chain: one more round, or the last act. */
static void
decide(struct overlay *overlay)
{
    int64_t bytes = gw_overlay_bytes(&overlay->chain, 0);
    bool shrinks = overlay->round < FIRST_COMPARED || bytes < overlay->last_bytes;

    overlay->last_bytes = bytes;
    if (overlay->hurry) {
        start_final(overlay);
        return;
    }
    if (shrinks && bytes > overlay->settings->threshold_bytes &&
        overlay->round + 1 < overlay->settings->rounds_most) {
        start_round(overlay);
        return;
    }
    if (overlay->settings->final == GW_OVERLAY_FINAL_MIRROR) {
        start_mirror(overlay);
        return;
    }
    start_final(overlay);
}

static void
roll_back(struct overlay *overlay, const char *reason)
{
    overlay->reason = reason;
    overlay->phase = ROLL_BACK_STUN;
    overlay->ports->guest->ops->pause(overlay->ports->guest, GW_STUN_SWITCHOVER);
}

static void
base_copied(struct overlay *overlay)
{
    if (overlay->copier.result != GW_OK) {
        roll_back(overlay, "data mover: a read or a write failed");
        return;
    }
    if (overlay->hurry) {
        roll_back(overlay, "cancelled");
        return;
    }
    /* The base and its copy are the same: what is in flight finds the same data in either. */
    overlay->chain.base = overlay->ports->target;
    gw_overlay_copier_report(&overlay->copier, overlay->round + 1);
    decide(overlay);
}

/* A commit failed somewhere: do it again from the start, a while later. */
static bool
try_again(struct overlay *overlay)
{
    if (overlay->tries >= COMMIT_TRIES) {
        return false;
    }
    overlay->tries++;
    overlay->ports->clock->ops->arm(overlay->ports->clock, TIMER_RETRY, now_ns(overlay) + RETRY_NS);
    return true;
}

static void
committed(struct overlay *overlay)
{
    if (overlay->copier.result != GW_OK) {
        if (!try_again(overlay)) {
            finish(overlay, GW_FAILED, "a commit failed for good: the chain spans two volumes");
        }
        return;
    }
    gw_overlay_retire(&overlay->chain);
    overlay->round++;
    gw_overlay_copier_report(&overlay->copier, overlay->round + 1);
    decide(overlay);
}

static void
final_committed(struct overlay *overlay)
{
    if (overlay->copier.result != GW_OK && !gw_switchover_aborted(&overlay->over) &&
        try_again(overlay)) {
        return;
    }
    if (overlay->copier.result == GW_OK) {
        overlay->ports->report->ops->phase(overlay->ports->report, GW_PHASE_READY);
    }
    gw_switchover_copied(&overlay->over, overlay->copier.result);
}

static void
rolled_back(struct overlay *overlay)
{
    if (overlay->copier.result != GW_OK) {
        if (try_again(overlay)) {
            return;
        }
        overlay->reason = "roll-back failed: the guest is left on its overlay";
    } else {
        gw_overlay_retire(&overlay->chain);
    }
    overlay->phase = LEAVING;
    overlay->ports->guest->ops->resume(overlay->ports->guest, GW_SOURCE);
}

static bool
copy_refused(const void *owner)
{
    const struct overlay *overlay = owner;

    return (overlay->phase == COPY_BASE && overlay->hurry) || gw_switchover_aborted(&overlay->over);
}

static void
copy_idle(void *owner)
{
    struct overlay *overlay = owner;

    switch (overlay->phase) {
    case COPY_BASE:
        base_copied(overlay);
        return;
    case COMMIT:
        committed(overlay);
        return;
    case FINAL:
        final_committed(overlay);
        return;
    case ROLL_BACK:
        rolled_back(overlay);
        return;
    case FIRST_STUN:
    case STUN:
    case RESUMING:
    case MIRROR:
    case ROLL_BACK_STUN:
    case LEAVING:
    case OVER:
        gw_assert(overlay->phase == COPY_BASE); /* the data mover stands still */
    }
}

/* ---- stuns and the last act ------------------------------------------------------------------------ */

static void
take_snapshot(struct overlay *overlay)
{
    struct gw_volume *volume = overlay->settings->volume == GW_SOURCE
                                   ? overlay->ports->source_volume
                                   : overlay->ports->target_volume;

    if (!gw_overlay_push(&overlay->chain, volume, NULL)) {
        overlay->reason = "no space for an overlay";
        overlay->hurry = true;
    }
}

static void
complete(struct overlay *overlay, enum gw_outcome outcome, const char *reason)
{
    overlay->side = GW_TARGET;
    gw_overlay_retire(&overlay->chain);
    finish(overlay, outcome, reason);
}

static void
final_copy(void *owner)
{
    struct overlay *overlay = owner;

    overlay->tries = 0;
    gw_overlay_copier_commit(&overlay->copier, GW_OVERLAY_LAST);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct overlay *overlay = owner;

    (void)code;
    if (side == GW_TARGET) {
        complete(overlay, GW_COMPLETED, "the last overlay was committed in a stun");
        return;
    }
    /* The overlay is whole: the guest goes on over both volumes. */
    finish(overlay, GW_FAILED, reason);
}

static void
mirror_finished(void *owner, enum gw_outcome outcome, const char *reason)
{
    struct overlay *overlay = owner;

    if (overlay->mirror.side == GW_TARGET) {
        complete(overlay, outcome, reason);
        return;
    }
    if (overlay->hurry) {
        start_final(overlay);
        return;
    }
    finish(overlay, outcome, reason);
}

static void
on_guest_paused(void *state)
{
    struct overlay *overlay = state;

    if (overlay->phase == MIRROR) {
        if (overlay->mirror.phase == GW_CHUNK_ATTACH) {
            narrow_mirror(overlay);
        }
        gw_chunk_copy_on_paused(&overlay->mirror);
        return;
    }
    if (gw_switchover_on_paused(&overlay->over)) {
        return;
    }
    if (overlay->phase == ROLL_BACK_STUN) {
        overlay->phase = ROLL_BACK;
        overlay->tries = 0;
        gw_overlay_copier_commit(&overlay->copier, GW_OVERLAY_LAST);
        return;
    }
    if (!overlay->hurry) {
        take_snapshot(overlay);
    }
    if (overlay->phase == STUN) {
        overlay->phase = RESUMING;
    }
    overlay->ports->guest->ops->resume(overlay->ports->guest, GW_SOURCE);
}

static void
first_resumed(struct overlay *overlay)
{
    if (overlay->chain.level_count == 0) {
        finish(overlay, GW_FAILED, overlay->reason == NULL ? "cancelled" : overlay->reason);
        return;
    }
    set_phase(overlay, COPY_BASE, "base copy");
    gw_overlay_copier_run_base(&overlay->copier);
}

static void
on_guest_resumed(void *state)
{
    struct overlay *overlay = state;

    if (overlay->phase == MIRROR) {
        gw_chunk_copy_on_resumed(&overlay->mirror);
        return;
    }
    if (gw_switchover_on_resumed(&overlay->over)) {
        return;
    }
    if (overlay->phase == LEAVING) {
        finish(overlay, GW_FAILED, overlay->reason);
        return;
    }
    if (overlay->phase == FIRST_STUN) {
        first_resumed(overlay);
        return;
    }
    if (overlay->chain.level_count == 1) {
        /* No further overlay could be made: end with the one that there is. */
        decide(overlay);
        return;
    }
    set_phase(overlay, COMMIT, "commit");
    overlay->tries = 0;
    gw_overlay_copier_commit(&overlay->copier, GW_OVERLAY_FROZEN);
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct overlay *overlay = state;

    if (overlay->phase == MIRROR) {
        gw_chunk_copy_on_guest_io(&overlay->mirror, io);
        return;
    }
    gw_guest_pass_to(overlay->ports, io,
                     overlay->side == GW_TARGET ? overlay->ports->target[io->disk]
                                                : overlay->chain.faces[io->disk]);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct overlay *overlay = state;

    if (overlay->phase == MIRROR) {
        gw_chunk_copy_on_timer(&overlay->mirror, timer);
        return;
    }
    if (timer == GW_TIMER_MOVER) {
        gw_overlay_copier_on_timer(&overlay->copier);
        return;
    }
    if (timer == TIMER_RETRY) {
        gw_overlay_copier_commit(&overlay->copier, overlay->copier.which);
        return;
    }
    gw_switchover_on_timer(&overlay->over, timer);
}

/* Before the copy is the base the migration rolls back; later it ends as soon as it can. */
static void
cancel(void *state)
{
    struct overlay *overlay = state;

    overlay->hurry = true;
    if (overlay->phase == MIRROR) {
        gw_chunk_copy_cancel(&overlay->mirror);
    }
}

/* ---- seen from outside ------------------------------------------------------------------------------- */

static int64_t
remaining_bytes(const struct overlay *overlay)
{
    struct gw_progress mirrored;
    int64_t bytes = 0;

    if (overlay->phase == MIRROR) {
        gw_chunk_copy_progress(&overlay->mirror, &mirrored);
        return mirrored.remaining_bytes;
    }
    for (uint32_t i = 0; overlay->phase == COPY_BASE && i < overlay->ports->disk_count; i++) {
        bytes += overlay->ports->source[i]->size_bytes;
    }
    bytes -= overlay->phase == COPY_BASE ? gw_overlay_copier_base_bytes(&overlay->copier) : 0;
    return bytes + gw_overlay_chain_bytes(&overlay->chain);
}

static void
progress(const void *state, struct gw_progress *out)
{
    const struct overlay *overlay = state;

    *out = (struct gw_progress){
        .remaining_bytes = remaining_bytes(overlay),
        .copied_bytes =
            gw_overlay_copier_bytes(&overlay->copier) + overlay->mirror.mover.copied_bytes,
        .iteration = overlay->round + 1,
        .extra_bytes = gw_overlay_chain_bytes(&overlay->chain),
    };
}

static void
locate(const void *state, uint32_t disk, int64_t offset_bytes, struct gw_disk **out,
       int64_t *out_offset_bytes)
{
    const struct overlay *overlay = state;

    gw_overlay_locate(&overlay->chain, disk, offset_bytes, out, out_offset_bytes);
}

const struct gw_architecture gw_overlay_commit = {
    .name = "overlay",
    .title = "qcow2 overlays over a frozen base, committed into the copy round by round (QEMU)",
    .source = "QEMU blockdev-snapshot, blockdev-backup, block/commit.c and block/mirror.c",
    .settings = gw_overlay_settings_table,
    .settings_bytes = sizeof(struct gw_overlay_settings),
    .state_bytes = sizeof(struct overlay),
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
