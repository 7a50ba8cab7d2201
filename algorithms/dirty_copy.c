/* dirty_copy.c - iterative copy with a dirty bitmap: the core of DBT, incremental DBT and heat.
 *
 * Idea      Copy everything once, then again what the guest wrote meanwhile, until the rest fits
 *           the downtime goal; then stun and finish.
 * Source    Mashtizadeh et al., USENIX ATC 2011 (DBT, incremental DBT, heat); US patents 8478725,
 *           8386731 and 8560791. Convergence rule: docs/model-storage-migration.md.
 * Invariant A block's bit is set when its guest write has reached the source and before the
 *           guest is told; it is cleared before the block is read. So a write that meets the read
 *           of its block is copied twice at worst, never lost.
 * Cost      O(1) an event; one bit a block (two for plain DBT).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/dirty_copy.h"

#include "base/wide.h"

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);
static void final_copy(void *owner);
static void switched(void *owner, enum gw_side side, enum gw_code code, const char *reason);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static int64_t
now_ns(const struct gw_dirty_copy *copy)
{
    return copy->ports->clock->ops->now_ns(copy->ports->clock);
}

static bool
allocate(struct gw_dirty_copy *copy, struct gw_error *err)
{
    uint64_t count = gw_blockmap_count(&copy->map);

    return gw_bitmap_create(&copy->dirty, count, err) &&
           (copy->incremental || gw_bitmap_create(&copy->pass, count, err)) &&
           gw_mover_start(&copy->mover, copy->ports, &mover_calls, copy, err);
}

bool
gw_dirty_copy_start(struct gw_dirty_copy *copy, const struct gw_ports *ports,
                    struct gw_dirty_policy policy, struct gw_error *err)
{
    copy->ports = ports;
    copy->incremental = policy.incremental;
    copy->heat = policy.heat;
    copy->switch_cost_ns = policy.switch_cost_ns;
    copy->hot_budget_ns =
        policy.hot_budget_ns > 0 ? policy.hot_budget_ns : ports->common->downtime_goal_ns / 2;
    copy->best_bytes = INT64_MAX;
    copy->side = GW_SOURCE;
    gw_switchover_init(&copy->over, ports, &switchover_calls, copy);
    if (!gw_blockmap_init(&copy->map, ports, err) || !allocate(copy, err)) {
        return false;
    }
    copy->phase = GW_DIRTY_ATTACH;
    ports->report->ops->phase(ports->report, "attach");
    ports->guest->ops->pause(ports->guest, GW_STUN_ATTACH);
    return true;
}

void
gw_dirty_copy_stop(void *state)
{
    struct gw_dirty_copy *copy = state;

    gw_mover_stop(&copy->mover);
    gw_bitmap_destroy(&copy->pass);
    gw_bitmap_destroy(&copy->dirty);
}

/* ---- guest IO --------------------------------------------------------------------------------- */

static void
mark_dirty(struct gw_dirty_copy *copy, const struct gw_guest_io *io)
{
    uint64_t begin = gw_blockmap_begin(&copy->map, io->disk, io->extent);
    uint64_t end = gw_blockmap_end(&copy->map, io->disk, io->extent);

    for (uint64_t block = begin; block < end; block++) {
        gw_bitmap_set(&copy->dirty, block);
        if (copy->heat != NULL) {
            gw_heat_write(copy->heat, block, now_ns(copy));
        }
    }
}

static void
guest_part_done(void *owner, struct gw_io *part)
{
    struct gw_dirty_copy *copy = owner;
    struct gw_guest_io *io = gw_guest_of_part(part, 0);

    /* A failed write may have changed some of its blocks: they count as dirty as well. */
    if (gw_io_modifies(io->op)) {
        mark_dirty(copy, io);
    }
    gw_guest_complete(copy->ports, io, part->result);
}

void
gw_dirty_copy_on_guest_io(void *state, struct gw_guest_io *io)
{
    struct gw_dirty_copy *copy = state;

    if (copy->phase == GW_DIRTY_OVER) {
        gw_guest_pass(copy->ports, io, copy->side);
        return;
    }
    gw_guest_send(io, 0, copy->ports->source[io->disk], guest_part_done, copy);
}

/* ---- passes ------------------------------------------------------------------------------------ */

static void
finish(struct gw_dirty_copy *copy, enum gw_outcome outcome, const char *reason)
{
    copy->phase = GW_DIRTY_OVER;
    copy->ports->report->ops->finish(copy->ports->report, outcome, reason);
}

static void
quit(struct gw_dirty_copy *copy, enum gw_outcome outcome, const char *reason)
{
    copy->outcome = outcome;
    copy->reason = reason;
    copy->phase = GW_DIRTY_QUIT;
}

static void
begin_pass(struct gw_dirty_copy *copy)
{
    copy->phase = GW_DIRTY_PASS;
    copy->iteration++;
    copy->cursor = 0;
    copy->held_back_bytes = 0;
    copy->pass_started_ns = now_ns(copy);
    copy->pass_started_copied_bytes = copy->mover.copied_bytes;
    if (copy->iteration == 1) {
        gw_bitmap_set_range(copy->incremental ? &copy->dirty : &copy->pass, 0,
                            gw_blockmap_count(&copy->map));
    } else if (!copy->incremental) {
        gw_bitmap_take(&copy->pass, &copy->dirty);
    }
    copy->ports->report->ops->phase(copy->ports->report,
                                    copy->iteration == 1 ? "bulk copy" : "re-copy");
    gw_mover_run(&copy->mover);
}

static bool
held_back(const struct gw_dirty_copy *copy, uint64_t block)
{
    return copy->heat != NULL && copy->phase == GW_DIRTY_PASS && gw_heat_is_hot(copy->heat, block);
}

/* Hot blocks at the cursor are left for later: in plain DBT their bit moves to the next pass. */
static void
hold_back(struct gw_dirty_copy *copy, struct gw_bitmap *set)
{
    uint64_t count = gw_blockmap_count(&copy->map);
    uint64_t block = gw_bitmap_find_next_set(set, copy->cursor);

    while (block < count && held_back(copy, block)) {
        copy->held_back_bytes +=
            gw_blockmap_piece(&copy->map, block, block + 1).extent.length_bytes;
        if (!copy->incremental) {
            gw_bitmap_clear(set, block);
            gw_bitmap_set(&copy->dirty, block);
        }
        copy->cursor = block + 1;
        block = gw_bitmap_find_next_set(set, copy->cursor);
    }
}

/* Shortens a piece to its leading cold blocks; the cursor goes to the first hot one. */
static void
cut_at_hot(struct gw_dirty_copy *copy, struct gw_piece *piece)
{
    uint64_t begin = gw_blockmap_begin(&copy->map, piece->disk, piece->extent);
    uint64_t end = gw_blockmap_end(&copy->map, piece->disk, piece->extent);

    for (uint64_t block = begin + 1; block < end; block++) {
        if (held_back(copy, block)) {
            *piece = gw_blockmap_piece(&copy->map, begin, block);
            copy->cursor = block;
            return;
        }
    }
}

static bool
refused(const struct gw_dirty_copy *copy)
{
    return copy->phase == GW_DIRTY_QUIT || gw_switchover_aborted(&copy->over) ||
           copy->copy_result != GW_OK;
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct gw_dirty_copy *copy = owner;
    struct gw_bitmap *set = copy->incremental ? &copy->dirty : &copy->pass;

    if (refused(copy)) {
        return false;
    }
    if (copy->heat != NULL) {
        hold_back(copy, set);
    }
    if (!gw_blockmap_next(&copy->map, set, &copy->cursor, copy->ports->common->mover_io_bytes,
                          out)) {
        return false;
    }
    if (copy->heat != NULL) {
        cut_at_hot(copy, out);
    }
    gw_blockmap_unmark(&copy->map, set, out->disk, out->extent);
    return true;
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct gw_dirty_copy *copy = owner;

    (void)piece;
    if (result != GW_OK && copy->copy_result == GW_OK) {
        copy->copy_result = result;
    }
}

static void
report_pass(struct gw_dirty_copy *copy, int64_t dirty_bytes)
{
    struct gw_iteration iteration = {
        .number = copy->iteration,
        .started_ns = copy->pass_started_ns,
        .ended_ns = now_ns(copy),
        .copied_bytes = copy->mover.copied_bytes - copy->pass_started_copied_bytes,
        .dirty_bytes = dirty_bytes,
        .hot_bytes = copy->held_back_bytes,
    };

    copy->ports->report->ops->iteration(copy->ports->report, &iteration);
}

/* Time that `bytes` take at the rate of the pass that just ended; never for ever. */
static int64_t
copy_time_ns(const struct gw_dirty_copy *copy, int64_t bytes)
{
    int64_t copied = copy->mover.copied_bytes - copy->pass_started_copied_bytes;
    int64_t took_ns = now_ns(copy) - copy->pass_started_ns;
    gw_i128 time_ns;

    if (copied == 0 || took_ns == 0) {
        return 0;
    }
    time_ns = (gw_i128)bytes * took_ns / copied;
    return time_ns > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)time_ns;
}

static void
begin_final(struct gw_dirty_copy *copy, const char *reason)
{
    copy->phase = GW_DIRTY_FINAL;
    copy->reason = reason;
    gw_switchover_begin(&copy->over);
}

/* A hot set that would cost more than its budget is too large to be left for the stun. */
static void
bound_hot_set(struct gw_dirty_copy *copy)
{
    if (copy->heat != NULL && copy->heat->threshold <= UINT16_MAX / 2 &&
        copy_time_ns(copy, copy->held_back_bytes) > copy->hot_budget_ns) {
        copy->heat->threshold *= 2;
    }
}

static bool
made_progress(const struct gw_dirty_copy *copy, int64_t dirty_bytes)
{
    double least = 1.0 - copy->ports->common->progress_least;

    return copy->best_bytes == INT64_MAX || (double)dirty_bytes < least * (double)copy->best_bytes;
}

static void
end_pass(struct gw_dirty_copy *copy)
{
    const struct gw_migration_settings *common = copy->ports->common;
    int64_t dirty_bytes = gw_blockmap_bytes(&copy->map, &copy->dirty);
    int64_t estimate_ns = copy_time_ns(copy, dirty_bytes) + copy->switch_cost_ns;

    report_pass(copy, dirty_bytes);
    if (estimate_ns <= common->downtime_goal_ns || dirty_bytes == 0) {
        begin_final(copy, "final copy fits the downtime goal");
        return;
    }
    copy->stalled = made_progress(copy, dirty_bytes) ? 0 : copy->stalled + 1;
    copy->best_bytes = dirty_bytes < copy->best_bytes ? dirty_bytes : copy->best_bytes;
    if (copy->stalled >= common->stall_limit || copy->iteration >= common->iterations_most) {
        if (estimate_ns <= common->downtime_most_ns) {
            begin_final(copy, "passes made no progress, a longer stun was accepted");
            return;
        }
        finish(copy, GW_NOT_CONVERGED,
               copy->stalled >= common->stall_limit
                   ? "dirtying keeps up with copying: passes made no progress"
                   : "still too much to copy after the last pass allowed");
        return;
    }
    bound_hot_set(copy);
    begin_pass(copy);
}

static void
mover_idle(void *owner)
{
    struct gw_dirty_copy *copy = owner;

    if (copy->phase == GW_DIRTY_FINAL) {
        report_pass(copy, 0);
        gw_switchover_copied(&copy->over, copy->copy_result);
        return;
    }
    if (copy->phase == GW_DIRTY_QUIT) {
        finish(copy, copy->outcome, copy->reason);
        return;
    }
    if (copy->copy_result != GW_OK) {
        finish(copy, GW_FAILED, "data mover: a read or a write failed");
        return;
    }
    end_pass(copy);
}

/* ---- switch-over -------------------------------------------------------------------------------- */

static void
final_copy(void *owner)
{
    struct gw_dirty_copy *copy = owner;

    copy->iteration++;
    copy->cursor = 0;
    copy->held_back_bytes = 0;
    copy->pass_started_ns = now_ns(copy);
    copy->pass_started_copied_bytes = copy->mover.copied_bytes;
    if (!copy->incremental) {
        gw_bitmap_take(&copy->pass, &copy->dirty);
    }
    gw_mover_run(&copy->mover);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct gw_dirty_copy *copy = owner;

    (void)code;
    copy->side = side;
    if (side == GW_TARGET) {
        finish(copy, GW_COMPLETED, copy->reason);
        return;
    }
    finish(copy, GW_FAILED, reason);
}

/* ---- events ------------------------------------------------------------------------------------- */

void
gw_dirty_copy_on_paused(void *state)
{
    struct gw_dirty_copy *copy = state;

    if (gw_switchover_on_paused(&copy->over)) {
        return;
    }
    if (copy->phase == GW_DIRTY_ATTACH) {
        copy->phase = GW_DIRTY_START;
    }
    copy->ports->guest->ops->resume(copy->ports->guest, GW_SOURCE);
}

void
gw_dirty_copy_on_resumed(void *state)
{
    struct gw_dirty_copy *copy = state;

    if (gw_switchover_on_resumed(&copy->over)) {
        return;
    }
    if (copy->phase == GW_DIRTY_QUIT) {
        finish(copy, copy->outcome, copy->reason);
        return;
    }
    begin_pass(copy);
}

void
gw_dirty_copy_on_timer(void *state, uint32_t timer)
{
    struct gw_dirty_copy *copy = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&copy->mover);
        return;
    }
    gw_switchover_on_timer(&copy->over, timer);
}

void
gw_dirty_copy_cancel(void *state)
{
    struct gw_dirty_copy *copy = state;

    if (copy->phase == GW_DIRTY_FINAL) {
        gw_switchover_abort(&copy->over, GW_ECANCELED, "cancelled");
        return;
    }
    if (copy->phase != GW_DIRTY_OVER) {
        quit(copy, GW_FAILED, "cancelled");
    }
}

void
gw_dirty_copy_progress(const void *state, struct gw_progress *out)
{
    const struct gw_dirty_copy *copy = state;

    *out = (struct gw_progress){
        .remaining_bytes = gw_blockmap_bytes(&copy->map, &copy->dirty),
        .copied_bytes = copy->mover.copied_bytes,
        .iteration = copy->iteration,
    };
    if (!copy->incremental) {
        out->remaining_bytes += gw_blockmap_bytes(&copy->map, &copy->pass);
    }
}
