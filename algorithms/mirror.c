/* mirror.c - IO mirroring as in ESX 5.0: one pass, every write behind it goes to both sides.
 *
 * Idea      [0, low) is copied: writes are mirrored. [low, high) is locked while the data mover
 *           copies it: guest IO waits. [high, end) is not copied yet: writes go to the source.
 *           The lock moves on when IO that could be overtaken has drained.
 * Source    Mashtizadeh et al., USENIX ATC 2011, "IO Mirroring" and "IO Mirroring Lock Behavior";
 *           US patent 10289684. Lock range, what drains and the deferral of reads are not stated:
 *           settings.
 * Departs   overlapping writes that are mirrored at the same time are put in order (`overlap`):
 *           ESX lets them race.
 * Invariant low <= high on every disk. A write in flight to the source alone never overlaps the
 *           locked range. A write across low with nothing locked waits for the next range.
 * Cost      O(1) an IO; O(writes in flight) to look for overlaps.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"
#include "algorithms/mover.h"
#include "algorithms/switchover.h"

enum phase { ATTACH, START, MOVE_LOCK, COPY_RANGE, FINAL, QUIT, OVER };
enum drain { DRAIN_OVERLAPPING, DRAIN_WRITES, DRAIN_ALL };

/* What was decided for a guest IO: io->mark. */
enum course { SOURCE_ONLY, MIRRORED };

struct mirror_settings {
    int64_t lock_range_bytes;
    int drain;
    bool defer_reads;
    bool serialise_overlaps;
};

struct mirror {
    const struct gw_ports *ports;
    const struct mirror_settings *settings;
    struct gw_mover mover;
    struct gw_switchover over;
    enum phase phase;
    enum gw_side side;
    bool mirroring;   /* writes behind the copy go to both sides */
    bool gate_closed; /* new guest IO of the disk waits for the lock to move */
    uint32_t disk;    /* the one being copied */
    int64_t low[GW_DISKS_MAX];
    int64_t high[GW_DISKS_MAX];
    int64_t cursor;         /* next byte of the range for the data mover */
    uint32_t ranges_copied; /* and not dealt with yet */
    int64_t gate_since_ns;
    int64_t copy_since_ns;
    int64_t lock_wait_ns;
    int64_t mirrored_bytes;
    struct gw_guest_queue gate;               /* waits for the lock to move */
    struct gw_guest_queue locked;             /* waits for the range to be copied */
    struct gw_guest_queue overlaps;           /* waits for a mirrored write */
    struct gw_guest_list alone[GW_DISKS_MAX]; /* in flight to the source alone */
    struct gw_guest_list doubled;             /* in flight to both */
    enum gw_code copy_result;
    const char *reason;
};

#define ROW(key, type, field, preset, least, most, choices, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct mirror_settings, field), preset, least, most, choices, help     \
    }

static const char *const drains[] = {"overlapping", "writes", "all", NULL};

static const struct gw_setting settings_table[] = {
    ROW("lock_range", GW_SETTING_BYTES, lock_range_bytes, "32MiB", "64KiB", "64GiB", NULL,
        "bytes that are locked and copied at a time"),
    ROW("drain", GW_SETTING_CHOICE, drain, "all", NULL, NULL, drains,
        "non-mirrored guest IO that must have drained before the lock moves"),
    ROW("defer_reads", GW_SETTING_FLAG, defer_reads, "true", NULL, NULL, NULL,
        "reads of the locked range wait as writes do"),
    ROW("serialise_overlaps", GW_SETTING_FLAG, serialise_overlaps, "true", NULL, NULL, NULL,
        "a write waits for an overlapping mirrored write in flight"),
    GW_SETTING_END,
};

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);
static void dispatch(struct mirror *mirror, struct gw_guest_io *io);
static void lock_when_drained(struct mirror *mirror);
static void end_failed(struct mirror *mirror);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct mirror *mirror = state;

    mirror->ports = ports;
    mirror->settings = settings;
    mirror->side = GW_SOURCE;
    if (ports->disk_count == 0 || ports->disk_count > GW_DISKS_MAX) {
        return gw_fail(err, GW_EINVAL, "%u disks to migrate: must be 1 to %d", ports->disk_count,
                       GW_DISKS_MAX);
    }
    if (mirror->settings->lock_range_bytes % ports->source[0]->granule_bytes != 0) {
        return gw_fail(err, GW_EINVAL, "lock_range must be a multiple of the granule, %lld B",
                       (long long)ports->source[0]->granule_bytes);
    }
    gw_switchover_init(&mirror->over, ports, &switchover_calls, mirror);
    if (!gw_mover_start(&mirror->mover, ports, &mover_calls, mirror, err)) {
        return false;
    }
    mirror->phase = ATTACH;
    ports->report->ops->phase(ports->report, "attach");
    ports->guest->ops->pause(ports->guest, GW_STUN_ATTACH);
    return true;
}

static void
stop(void *state)
{
    struct mirror *mirror = state;

    gw_mover_stop(&mirror->mover);
}

static int64_t
now_ns(const struct mirror *mirror)
{
    return mirror->ports->clock->ops->now_ns(mirror->ports->clock);
}

static void
finish(struct mirror *mirror, enum gw_outcome outcome, const char *reason)
{
    mirror->phase = OVER;
    mirror->ports->report->ops->finish(mirror->ports->report, outcome, reason);
}

/* ---- guest IO ---------------------------------------------------------------------------------- */

static void
put_off(struct mirror *mirror, struct gw_guest_queue *queue, struct gw_guest_io *io)
{
    if (io->since_ns == 0) {
        io->since_ns = now_ns(mirror);
    }
    gw_guest_queue_push(queue, io);
}

static void
release(struct mirror *mirror, struct gw_guest_queue *queue)
{
    struct gw_guest_queue all = *queue;
    struct gw_guest_io *io;

    *queue = (struct gw_guest_queue){0};
    while ((io = gw_guest_queue_pop(&all)) != NULL) {
        dispatch(mirror, io);
    }
}

/* Mirroring cannot go on: the target is dropped, the guest stays on the source. */
static void
drop_target(struct mirror *mirror, const char *reason)
{
    if (mirror->phase == OVER || mirror->phase == QUIT) {
        return;
    }
    if (mirror->phase == FINAL) {
        if (gw_switchover_abort(&mirror->over, GW_EIO, reason)) {
            mirror->mirroring = false;
        }
        return;
    }
    mirror->reason = reason;
    mirror->mirroring = false;
    if (mirror->phase == MOVE_LOCK) {
        end_failed(mirror);
        return;
    }
    mirror->phase = QUIT;
}

static void
alone_done(void *owner, struct gw_io *part)
{
    struct mirror *mirror = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    gw_guest_list_remove(&mirror->alone[io->disk], io);
    gw_guest_complete(mirror->ports, io, part->result);
    lock_when_drained(mirror);
}

static void
mirrored_done(struct mirror *mirror, struct gw_guest_io *io)
{
    enum gw_code at_source = io->part[0].result;
    bool target_lost = io->part[1].result != GW_OK;

    gw_guest_list_remove(&mirror->doubled, io);
    mirror->mirrored_bytes += io->op == GW_IO_WRITE ? io->extent.length_bytes : 0;
    if (at_source != GW_OK || target_lost) {
        drop_target(mirror, target_lost ? "a mirrored write failed on the target"
                                        : "a guest write failed on the source");
    }
    gw_guest_complete(mirror->ports, io, at_source);
    release(mirror, &mirror->overlaps);
}

static void
source_part_done(void *owner, struct gw_io *part)
{
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    io->pending--;
    if (io->pending == 0) {
        mirrored_done(owner, io);
    }
}

static void
target_part_done(void *owner, struct gw_io *part)
{
    struct gw_guest_io *io = gw_guest_of_part(part, 1);

    io->pending--;
    if (io->pending == 0) {
        mirrored_done(owner, io);
    }
}

static void
send_both(struct mirror *mirror, struct gw_guest_io *io)
{
    io->mark = MIRRORED;
    io->pending = 2;
    gw_guest_list_add(&mirror->doubled, io);
    gw_guest_send(io, 0, mirror->ports->source[io->disk], source_part_done, mirror);
    gw_guest_send(io, 1, mirror->ports->target[io->disk], target_part_done, mirror);
}

static void
send_alone(struct mirror *mirror, struct gw_guest_io *io)
{
    io->mark = SOURCE_ONLY;
    gw_guest_list_add(&mirror->alone[io->disk], io);
    gw_guest_send(io, 0, mirror->ports->source[io->disk], alone_done, mirror);
}

/* While one range is done and the next not yet locked, a write across the border counts as locked:
 * sent to the source alone its first part would be missing on the target. */
static bool
meets_lock(const struct mirror *mirror, const struct gw_guest_io *io)
{
    uint32_t disk = io->disk;
    struct gw_extent locked = {mirror->low[disk], mirror->high[disk] - mirror->low[disk]};

    if (io->op == GW_IO_FLUSH) {
        return false;
    }
    if (locked.length_bytes == 0) {
        return gw_io_modifies(io->op) && io->extent.offset_bytes < mirror->low[disk] &&
               gw_extent_end(io->extent) > mirror->low[disk];
    }
    return (gw_io_modifies(io->op) || mirror->settings->defer_reads) &&
           gw_extent_overlaps(io->extent, locked);
}

/* A flush concerns both sides once anything was mirrored; a write only behind the lock. */
static bool
goes_to_both(const struct mirror *mirror, const struct gw_guest_io *io)
{
    if (io->op == GW_IO_FLUSH) {
        return true;
    }
    return gw_io_modifies(io->op) && gw_extent_end(io->extent) <= mirror->low[io->disk];
}

static void
send_on(struct mirror *mirror, struct gw_guest_io *io)
{
    if (io->since_ns != 0) {
        gw_guest_observe_wait(mirror->ports, io);
        io->since_ns = 0;
    }
    if (mirror->mirroring && goes_to_both(mirror, io)) {
        send_both(mirror, io);
        return;
    }
    send_alone(mirror, io);
}

static void
dispatch(struct mirror *mirror, struct gw_guest_io *io)
{
    if (mirror->phase == OVER) {
        gw_guest_pass(mirror->ports, io, mirror->side);
        return;
    }
    if (mirror->gate_closed && io->disk == mirror->disk) {
        put_off(mirror, &mirror->gate, io);
        return;
    }
    if (mirror->mirroring && meets_lock(mirror, io)) {
        put_off(mirror, &mirror->locked, io);
        return;
    }
    if (mirror->settings->serialise_overlaps && gw_io_modifies(io->op) &&
        gw_guest_list_conflict(&mirror->doubled, io->disk, io->extent) != NULL) {
        put_off(mirror, &mirror->overlaps, io);
        return;
    }
    send_on(mirror, io);
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    io->since_ns = 0;
    dispatch(state, io);
}

/* ---- the lock ---------------------------------------------------------------------------------- */

static bool
drained(const struct mirror *mirror)
{
    struct gw_extent range = {mirror->low[mirror->disk],
                              mirror->high[mirror->disk] - mirror->low[mirror->disk]};
    const struct gw_guest_list *alone = &mirror->alone[mirror->disk];
    struct gw_extent everything = {0, INT64_MAX};

    if (mirror->settings->drain == DRAIN_ALL) {
        return alone->count == 0;
    }
    return gw_guest_list_conflict(
               alone, mirror->disk,
               mirror->settings->drain == DRAIN_OVERLAPPING ? range : everything) == NULL;
}

static void
copy_range(struct mirror *mirror)
{
    mirror->phase = COPY_RANGE;
    mirror->lock_wait_ns = now_ns(mirror) - mirror->gate_since_ns;
    mirror->copy_since_ns = now_ns(mirror);
    mirror->cursor = mirror->low[mirror->disk];
    mirror->gate_closed = false;
    release(mirror, &mirror->gate);
    gw_mover_run(&mirror->mover);
}

static void
lock_when_drained(struct mirror *mirror)
{
    if (mirror->phase == MOVE_LOCK && drained(mirror)) {
        copy_range(mirror);
    }
}

/* Locks the next range: at once for IO that comes, and copied when IO under way has drained. */
static void
advance(struct mirror *mirror)
{
    uint32_t disk = mirror->disk;
    int64_t size = mirror->ports->source[disk]->size_bytes;

    mirror->phase = MOVE_LOCK;
    mirror->gate_since_ns = now_ns(mirror);
    mirror->gate_closed = mirror->settings->drain != DRAIN_OVERLAPPING;
    mirror->low[disk] = mirror->high[disk];
    mirror->high[disk] = size - mirror->low[disk] < mirror->settings->lock_range_bytes
                             ? size
                             : mirror->low[disk] + mirror->settings->lock_range_bytes;
    lock_when_drained(mirror);
}

static void
end_range(struct mirror *mirror)
{
    uint32_t disk = mirror->disk;
    struct gw_range range = {
        .disk = disk,
        .extent = {mirror->low[disk], mirror->high[disk] - mirror->low[disk]},
        .lock_wait_ns = mirror->lock_wait_ns,
        .copy_ns = now_ns(mirror) - mirror->copy_since_ns,
    };

    mirror->ports->report->ops->range(mirror->ports->report, &range);
    mirror->low[disk] = mirror->high[disk];
    if (mirror->high[disk] == mirror->ports->source[disk]->size_bytes) {
        mirror->disk++;
    }
    release(mirror, &mirror->locked);
    if (mirror->disk < mirror->ports->disk_count) {
        advance(mirror);
        return;
    }
    mirror->phase = FINAL;
    gw_switchover_begin(&mirror->over);
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct mirror *mirror = owner;
    int64_t left = mirror->high[mirror->disk] - mirror->cursor;
    int64_t most = mirror->ports->common->mover_io_bytes;

    if (left == 0 || mirror->phase != COPY_RANGE || mirror->copy_result != GW_OK) {
        return false;
    }
    *out = (struct gw_piece){
        mirror->disk, {mirror->cursor, left < most ? left : most}, mirror->cursor};
    mirror->cursor += out->extent.length_bytes;
    return true;
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct mirror *mirror = owner;

    (void)piece;
    if (result != GW_OK && mirror->copy_result == GW_OK) {
        mirror->copy_result = result;
    }
}

/* Nothing is copied any more: everything that waits goes to the source. */
static void
end_failed(struct mirror *mirror)
{
    mirror->phase = QUIT;
    mirror->mirroring = false;
    mirror->gate_closed = false;
    release(mirror, &mirror->locked);
    release(mirror, &mirror->gate);
    release(mirror, &mirror->overlaps);
    finish(mirror, GW_FAILED, mirror->reason);
}

static void
range_copied(struct mirror *mirror)
{
    if (mirror->phase == COPY_RANGE && mirror->copy_result != GW_OK) {
        drop_target(mirror, "data mover: a read or a write failed");
    }
    if (mirror->phase == QUIT) {
        end_failed(mirror);
        return;
    }
    end_range(mirror);
}

/* A range of holes is copied at once, inside the call that began it: such calls do not nest. */
static void
mover_idle(void *owner)
{
    struct mirror *mirror = owner;

    mirror->ranges_copied++;
    if (mirror->ranges_copied > 1) {
        return;
    }
    for (; mirror->ranges_copied > 0; mirror->ranges_copied--) {
        range_copied(mirror);
    }
}

/* ---- switch-over and events --------------------------------------------------------------------- */

static void
final_copy(void *owner)
{
    struct mirror *mirror = owner;

    gw_switchover_copied(&mirror->over, GW_OK);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct mirror *mirror = owner;

    (void)code;
    mirror->side = side;
    mirror->mirroring = false;
    if (side == GW_TARGET) {
        finish(mirror, GW_COMPLETED, "every block is mirrored");
        return;
    }
    finish(mirror, GW_FAILED, reason);
}

static void
on_guest_paused(void *state)
{
    struct mirror *mirror = state;

    if (gw_switchover_on_paused(&mirror->over)) {
        return;
    }
    if (mirror->phase == ATTACH) {
        mirror->phase = START;
        mirror->mirroring = true;
    }
    mirror->ports->guest->ops->resume(mirror->ports->guest, GW_SOURCE);
}

static void
on_guest_resumed(void *state)
{
    struct mirror *mirror = state;

    if (gw_switchover_on_resumed(&mirror->over)) {
        return;
    }
    if (mirror->phase == QUIT) {
        end_failed(mirror);
        return;
    }
    mirror->ports->report->ops->phase(mirror->ports->report, "bulk copy");
    advance(mirror);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct mirror *mirror = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&mirror->mover);
        return;
    }
    gw_switchover_on_timer(&mirror->over, timer);
}

static void
cancel(void *state)
{
    drop_target(state, "cancelled");
}

static void
progress(const void *state, struct gw_progress *out)
{
    const struct mirror *mirror = state;

    *out = (struct gw_progress){
        .copied_bytes = mirror->mover.copied_bytes,
        .mirrored_bytes = mirror->mirrored_bytes,
        .iteration = 1,
    };
    for (uint32_t disk = 0; disk < mirror->ports->disk_count; disk++) {
        out->remaining_bytes += mirror->ports->source[disk]->size_bytes - mirror->low[disk];
    }
}

const struct gw_architecture gw_mirror = {
    .name = "mirror",
    .title = "IO mirroring: one pass, writes behind it go to both sides",
    .source = "Mashtizadeh et al., USENIX ATC 2011, IO mirroring (ESX 5.0)",
    .settings = settings_table,
    .settings_bytes = sizeof(struct mirror_settings),
    .state_bytes = sizeof(struct mirror),
    .start = start,
    .on_guest_io = on_guest_io,
    .on_timer = on_timer,
    .on_guest_paused = on_guest_paused,
    .on_guest_resumed = on_guest_resumed,
    .cancel = cancel,
    .progress = progress,
    .stop = stop,
};
