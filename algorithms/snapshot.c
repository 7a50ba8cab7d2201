/* snapshot.c - snapshot based storage migration as in ESX 3.5.
 *
 * Idea      Freeze the disk under a redo log, copy the frozen base, re-parent to the copy. Then
 *           take a further redo log and commit the older one into the copy, round by round, until
 *           the last one is small enough to be committed while the guest is stopped.
 * Source    Mashtizadeh et al., USENIX ATC 2011 (ESX 3.5 U1); consolidation rounds as VMware KB
 *           337175 describes them: docs/model-storage-migration.md.
 * Departs   how fast a commit goes is known after one: the first log always gets a round.
 * Invariant until the guest is re-parented a cancelled migration rolls back: the log is committed
 *           into the source. From then on the guest's data lie on both volumes and the only way
 *           is forward. A failed commit is tried again; commits can be repeated.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/disk_chain.h"
#include "algorithms/mover.h"
#include "algorithms/snapshot_settings.h"
#include "algorithms/switchover.h"

enum { TIMER_RETRY = 3, COMMIT_TRIES = 20 };

static const int64_t RETRY_NS = 500000000;

enum phase {
    FIRST_STUN, /* for the first redo log */
    COPY_BASE,
    STUN, /* for a further redo log; the base becomes the copy */
    RESUMING,
    COMMIT, /* the oldest log into the base, the guest runs */
    FINAL,  /* the last log, the guest is stopped */
    ROLL_BACK_STUN,
    ROLL_BACK, /* the log into the source, the guest is stopped */
    LEAVING,   /* resuming on the source after a roll-back */
    OVER
};

struct snapshot {
    const struct gw_ports *ports;
    const struct gw_snapshot_settings *settings;
    struct gw_blockmap map;
    struct gw_chain chain;
    struct gw_mover mover;
    struct gw_switchover over;
    enum phase phase;
    enum gw_side side;
    bool reparented;
    bool hurry; /* asked to end: no further round */
    int64_t round;
    int64_t tries;
    uint32_t disk;    /* where the mover is */
    uint64_t cursor;  /* byte of the base, or unit of the log */
    int64_t since_ns; /* this copy or commit began */
    int64_t since_bytes;
    int64_t rate; /* bytes/s of the last copy or commit */
    enum gw_code copy_result;
    enum gw_outcome outcome;
    const char *reason;
    struct gw_disk *from[GW_DISKS_MAX];
};

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static int64_t
now_ns(const struct snapshot *snapshot)
{
    return snapshot->ports->clock->ops->now_ns(snapshot->ports->clock);
}

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct snapshot *snapshot = state;
    struct gw_redo_shape shape;

    snapshot->ports = ports;
    snapshot->settings = settings;
    snapshot->side = GW_SOURCE;
    if (!gw_blockmap_init(&snapshot->map, ports, err) ||
        !gw_snapshot_shape(settings, ports, &shape, err)) {
        return false;
    }
    gw_chain_init(&snapshot->chain, ports, &shape);
    gw_switchover_init(&snapshot->over, ports, &switchover_calls, snapshot);
    if (!gw_mover_start(&snapshot->mover, ports, &mover_calls, snapshot, err)) {
        return false;
    }
    snapshot->phase = FIRST_STUN;
    ports->report->ops->phase(ports->report, "snapshot");
    ports->guest->ops->pause(ports->guest, GW_STUN_SNAPSHOT);
    return true;
}

static void
stop(void *state)
{
    struct snapshot *snapshot = state;

    gw_mover_stop(&snapshot->mover);
    gw_chain_destroy(&snapshot->chain);
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct snapshot *snapshot = state;

    gw_chain_submit(&snapshot->chain, io);
}

static void
finish(struct snapshot *snapshot, enum gw_outcome outcome, const char *reason)
{
    snapshot->phase = OVER;
    snapshot->ports->report->ops->finish(snapshot->ports->report, outcome, reason);
}

/* ---- what the data mover copies ----------------------------------------------------------------- */

static bool
next_of_base(struct snapshot *snapshot, struct gw_piece *out)
{
    const struct gw_ports *ports = snapshot->ports;
    int64_t left;

    if (snapshot->disk == ports->disk_count || snapshot->hurry) {
        return false;
    }
    left = ports->source[snapshot->disk]->size_bytes - (int64_t)snapshot->cursor;
    left = left < ports->common->mover_io_bytes ? left : ports->common->mover_io_bytes;
    *out = (struct gw_piece){
        snapshot->disk, {(int64_t)snapshot->cursor, left}, (int64_t)snapshot->cursor};
    snapshot->cursor += (uint64_t)left;
    if ((int64_t)snapshot->cursor == ports->source[snapshot->disk]->size_bytes) {
        snapshot->disk++;
        snapshot->cursor = 0;
    }
    return true;
}

static bool
next_of_log(struct snapshot *snapshot, struct gw_piece *out)
{
    int64_t unit_bytes = snapshot->chain.shape.unit_bytes;
    uint64_t most = (uint64_t)(snapshot->ports->common->mover_io_bytes / unit_bytes);

    while (snapshot->disk < snapshot->ports->disk_count) {
        struct gw_redo_log *log = &snapshot->chain.level[0].log[snapshot->disk];
        uint64_t unit = gw_redo_log_next(log, snapshot->cursor);
        uint64_t left = log->unit_count - unit;

        if (left > 0) {
            int64_t place;
            uint64_t run = gw_redo_log_run(log, unit, left < most ? left : most, &place);

            *out = (struct gw_piece){
                snapshot->disk, {(int64_t)unit * unit_bytes, (int64_t)run * unit_bytes}, place};
            snapshot->cursor = unit + run;
            return true;
        }
        snapshot->disk++;
        snapshot->cursor = 0;
    }
    return false;
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct snapshot *snapshot = owner;

    if (snapshot->copy_result != GW_OK) {
        return false;
    }
    if (snapshot->phase == COPY_BASE) {
        return next_of_base(snapshot, out);
    }
    return !gw_switchover_aborted(&snapshot->over) && next_of_log(snapshot, out);
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct snapshot *snapshot = owner;

    (void)piece;
    if (result != GW_OK && snapshot->copy_result == GW_OK) {
        snapshot->copy_result = result;
    }
}

static void
rewind_mover(struct snapshot *snapshot)
{
    snapshot->disk = 0;
    snapshot->cursor = 0;
    snapshot->copy_result = GW_OK;
    snapshot->since_ns = now_ns(snapshot);
    snapshot->since_bytes = snapshot->mover.copied_bytes;
}

static void
commit_oldest(struct snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->ports->disk_count; i++) {
        snapshot->from[i] = snapshot->chain.level[0].log[i].file;
    }
    snapshot->mover.from = snapshot->from;
    snapshot->mover.to = snapshot->chain.base;
    rewind_mover(snapshot);
    gw_mover_run(&snapshot->mover);
}

/* ---- rounds -------------------------------------------------------------------------------------- */

static void
report_copy(struct snapshot *snapshot)
{
    int64_t copied = snapshot->mover.copied_bytes - snapshot->since_bytes;
    int64_t took_ns = now_ns(snapshot) - snapshot->since_ns;
    struct gw_iteration iteration = {
        .number = snapshot->round + 1,
        .started_ns = snapshot->since_ns,
        .ended_ns = now_ns(snapshot),
        .copied_bytes = copied,
        .dirty_bytes = gw_chain_bytes(&snapshot->chain),
    };

    if (took_ns > 0 && copied > 0 && snapshot->phase != COPY_BASE) {
        snapshot->rate = (int64_t)((double)copied * 1e9 / (double)took_ns);
    }
    snapshot->ports->report->ops->iteration(snapshot->ports->report, &iteration);
}

static bool
last_is_small(const struct snapshot *snapshot)
{
    int64_t bytes = gw_chain_bytes(&snapshot->chain);

    if (bytes == 0) {
        return true;
    }
    return snapshot->rate > 0 && (double)bytes / (double)snapshot->rate * 1e9 <=
                                     (double)snapshot->settings->small_time_ns;
}

/* One log is left in the chain: one more round, or the last act. */
static void
decide(struct snapshot *snapshot)
{
    if (snapshot->hurry || last_is_small(snapshot) ||
        snapshot->round >= snapshot->settings->rounds_most) {
        snapshot->phase = FINAL;
        gw_switchover_begin(&snapshot->over);
        return;
    }
    snapshot->phase = STUN;
    snapshot->ports->report->ops->phase(snapshot->ports->report, "snapshot");
    snapshot->ports->guest->ops->pause(snapshot->ports->guest, GW_STUN_SNAPSHOT);
}

static void
roll_back(struct snapshot *snapshot, enum gw_outcome outcome, const char *reason)
{
    snapshot->outcome = outcome;
    snapshot->reason = reason;
    snapshot->phase = ROLL_BACK_STUN;
    snapshot->ports->guest->ops->pause(snapshot->ports->guest, GW_STUN_SWITCHOVER);
}

static void
base_copied(struct snapshot *snapshot)
{
    if (snapshot->copy_result != GW_OK) {
        roll_back(snapshot, GW_FAILED, "data mover: a read or a write failed");
        return;
    }
    if (snapshot->hurry) {
        roll_back(snapshot, GW_FAILED, "cancelled");
        return;
    }
    report_copy(snapshot);
    decide(snapshot);
}

/* A commit failed somewhere: do it again from the start, a while later. */
static bool
try_again(struct snapshot *snapshot)
{
    if (snapshot->tries >= COMMIT_TRIES) {
        return false;
    }
    snapshot->tries++;
    snapshot->ports->clock->ops->arm(snapshot->ports->clock, TIMER_RETRY,
                                     now_ns(snapshot) + RETRY_NS);
    return true;
}

static void
committed(struct snapshot *snapshot)
{
    if (snapshot->copy_result != GW_OK) {
        if (!try_again(snapshot)) {
            finish(snapshot, GW_FAILED, "a commit failed for good: the chain spans two volumes");
        }
        return;
    }
    report_copy(snapshot);
    snapshot->round++;
    gw_chain_retire(&snapshot->chain);
    decide(snapshot);
}

static void
final_committed(struct snapshot *snapshot)
{
    if (snapshot->copy_result != GW_OK && !gw_switchover_aborted(&snapshot->over) &&
        try_again(snapshot)) {
        return;
    }
    report_copy(snapshot);
    gw_switchover_copied(&snapshot->over, snapshot->copy_result);
}

static void
rolled_back(struct snapshot *snapshot)
{
    if (snapshot->copy_result != GW_OK) {
        if (try_again(snapshot)) {
            return;
        }
        snapshot->reason = "roll-back failed: the guest is left on its redo log";
    } else {
        gw_chain_retire(&snapshot->chain);
    }
    snapshot->phase = LEAVING;
    snapshot->ports->guest->ops->resume(snapshot->ports->guest, GW_SOURCE);
}

static void
mover_idle(void *owner)
{
    struct snapshot *snapshot = owner;

    switch (snapshot->phase) {
    case COPY_BASE:
        base_copied(snapshot);
        return;
    case COMMIT:
        committed(snapshot);
        return;
    case FINAL:
        final_committed(snapshot);
        return;
    case ROLL_BACK:
        rolled_back(snapshot);
        return;
    case FIRST_STUN:
    case STUN:
    case RESUMING:
    case ROLL_BACK_STUN:
    case LEAVING:
    case OVER:
        gw_assert(snapshot->phase == COPY_BASE); /* the data mover stands still */
    }
}

/* ---- stuns and the last act ---------------------------------------------------------------------- */

/* The guest's base is the copy from now on: nothing of it was committed before. */
static void
reparent(struct snapshot *snapshot)
{
    snapshot->reparented = true;
    snapshot->chain.base = snapshot->ports->target;
}

static void
take_snapshot(struct snapshot *snapshot)
{
    struct gw_volume *volume = snapshot->settings->redo_volume == 0
                                   ? snapshot->ports->source_volume
                                   : snapshot->ports->target_volume;

    if (!gw_chain_push(&snapshot->chain, volume, NULL)) {
        snapshot->outcome = GW_FAILED;
        snapshot->reason = "no space for a redo log";
        snapshot->hurry = true;
    }
}

static void
final_copy(void *owner)
{
    struct snapshot *snapshot = owner;

    reparent(snapshot);
    snapshot->tries = 0;
    commit_oldest(snapshot);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct snapshot *snapshot = owner;

    (void)code;
    if (side == GW_TARGET) {
        snapshot->side = GW_TARGET;
        gw_chain_retire(&snapshot->chain);
        finish(snapshot, GW_COMPLETED,
               snapshot->round >= snapshot->settings->rounds_most
                   ? "rounds used up, the last log was committed in a long stun"
                   : "the last log was small enough to be committed in a stun");
        return;
    }
    /* The base is the copy and the log is whole: the guest goes on over both volumes. */
    finish(snapshot, GW_FAILED, reason);
}

static void
on_guest_paused(void *state)
{
    struct snapshot *snapshot = state;

    if (gw_switchover_on_paused(&snapshot->over)) {
        return;
    }
    if (snapshot->phase == ROLL_BACK_STUN) {
        snapshot->phase = ROLL_BACK;
        snapshot->tries = 0;
        commit_oldest(snapshot);
        return;
    }
    if (snapshot->phase == STUN) {
        reparent(snapshot);
    }
    if (!snapshot->hurry) {
        take_snapshot(snapshot);
    }
    if (snapshot->phase == STUN) {
        snapshot->phase = RESUMING;
    }
    snapshot->ports->guest->ops->resume(snapshot->ports->guest, GW_SOURCE);
}

static void
on_guest_resumed(void *state)
{
    struct snapshot *snapshot = state;

    if (gw_switchover_on_resumed(&snapshot->over)) {
        return;
    }
    if (snapshot->phase == LEAVING) {
        finish(snapshot, snapshot->outcome, snapshot->reason);
        return;
    }
    if (snapshot->phase == FIRST_STUN) {
        if (snapshot->chain.level_count == 0) {
            finish(snapshot, GW_FAILED, snapshot->reason == NULL ? "cancelled" : snapshot->reason);
            return;
        }
        snapshot->phase = COPY_BASE;
        snapshot->ports->report->ops->phase(snapshot->ports->report, "base copy");
        rewind_mover(snapshot);
        gw_mover_run(&snapshot->mover);
        return;
    }
    if (snapshot->chain.level_count == 1) {
        /* No further log could be made: end with the one that there is. */
        decide(snapshot);
        return;
    }
    snapshot->phase = COMMIT;
    snapshot->tries = 0;
    snapshot->ports->report->ops->phase(snapshot->ports->report, "commit");
    commit_oldest(snapshot);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct snapshot *snapshot = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&snapshot->mover);
        return;
    }
    if (timer == TIMER_RETRY) {
        commit_oldest(snapshot);
        return;
    }
    gw_switchover_on_timer(&snapshot->over, timer);
}

/* Before the guest was re-parented the migration rolls back; later it ends as soon as it can. */
static void
cancel(void *state)
{
    struct snapshot *snapshot = state;

    snapshot->hurry = true;
}

static void
progress(const void *state, struct gw_progress *out)
{
    const struct snapshot *snapshot = state;
    int64_t base_bytes = 0;

    if (!snapshot->reparented && snapshot->phase == COPY_BASE) {
        for (uint32_t i = 0; i < snapshot->ports->disk_count; i++) {
            base_bytes += snapshot->ports->source[i]->size_bytes;
        }
        base_bytes -= snapshot->mover.copied_bytes;
    }
    *out = (struct gw_progress){
        .remaining_bytes = base_bytes + gw_chain_bytes(&snapshot->chain),
        .copied_bytes = snapshot->mover.copied_bytes,
        .iteration = snapshot->round + 1,
        .extra_bytes = gw_chain_bytes(&snapshot->chain),
    };
}

static void
locate(const void *state, uint32_t disk, int64_t offset_bytes, struct gw_disk **out,
       int64_t *out_offset_bytes)
{
    const struct snapshot *snapshot = state;

    gw_chain_locate(&snapshot->chain, disk, offset_bytes, out, out_offset_bytes);
}

const struct gw_architecture gw_snapshot = {
    .name = "snapshot",
    .title = "redo logs over a frozen base, consolidated into the copy round by round",
    .source = "Mashtizadeh et al., USENIX ATC 2011, snapshotting (ESX 3.5 U1)",
    .settings = gw_snapshot_settings_table,
    .settings_bytes = sizeof(struct gw_snapshot_settings),
    .state_bytes = sizeof(struct snapshot),
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
