/* overlay_copier.c - the data movers of a migration by overlays.
 *
 * Source    QEMU, block/block-copy.c (the base: so many workers), block/commit.c (a frozen overlay:
 *           one IO at a time, allocated clusters only), behaviour, not text.
 * Invariant one mover works at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/overlay_copier.h"

static bool next_piece(void *owner, struct gw_piece *out);
static void piece_copied(void *owner, struct gw_piece piece, enum gw_code result);
static void mover_idle(void *owner);

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};

static int64_t
now_ns(const struct gw_overlay_copier *copier)
{
    return copier->ports->clock->ops->now_ns(copier->ports->clock);
}

static bool
start_mover(struct gw_overlay_copier *copier, enum gw_overlay_mover which, int64_t outstanding,
            int64_t io_bytes, struct gw_error *err)
{
    struct gw_ports_view *view = &copier->view[which];
    int64_t least = copier->ports->common->granularity_bytes;

    gw_ports_view_init(view, copier->ports);
    view->common.mover_outstanding = outstanding;
    view->common.mover_io_bytes = io_bytes > least ? io_bytes : least;
    return gw_mover_start(&copier->mover[which], &view->ports, &mover_calls, copier, err);
}

bool
gw_overlay_copier_start(struct gw_overlay_copier *copier, struct gw_overlay_chain *chain,
                        const struct gw_overlay_settings *settings,
                        const struct gw_overlay_copier_owner *calls, void *owner,
                        struct gw_error *err)
{
    const struct gw_migration_settings *common = chain->ports->common;

    copier->ports = chain->ports;
    copier->chain = chain;
    copier->calls = calls;
    copier->owner = owner;
    copier->commit_pause_ns = settings->commit_pause_ns;
    return start_mover(copier, GW_OVERLAY_BASE, common->mover_outstanding, common->mover_io_bytes,
                       err) &&
           start_mover(copier, GW_OVERLAY_FROZEN, settings->commit_outstanding,
                       settings->commit_io_bytes, err) &&
           start_mover(copier, GW_OVERLAY_LAST, settings->final_outstanding,
                       settings->final_io_bytes, err);
}

void
gw_overlay_copier_stop(struct gw_overlay_copier *copier)
{
    for (int i = GW_OVERLAY_MOVER_COUNT - 1; i >= 0; i--) {
        gw_mover_stop(&copier->mover[i]);
    }
}

static bool
next_of_base(struct gw_overlay_copier *copier, struct gw_piece *out)
{
    const struct gw_ports *ports = copier->ports;
    int64_t at = (int64_t)copier->cursor;
    int64_t left;

    if (copier->disk == ports->disk_count) {
        return false;
    }
    left = ports->source[copier->disk]->size_bytes - at;
    left = left < ports->common->mover_io_bytes ? left : ports->common->mover_io_bytes;
    *out = (struct gw_piece){copier->disk, {at, left}, at};
    copier->cursor += (uint64_t)left;
    if ((int64_t)copier->cursor == ports->source[copier->disk]->size_bytes) {
        copier->disk++;
        copier->cursor = 0;
    }
    return true;
}

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct gw_overlay_copier *copier = owner;
    const struct gw_overlay_chain *chain = copier->chain;

    if (copier->result != GW_OK || copier->calls->refused(copier->owner)) {
        return false;
    }
    if (copier->which == GW_OVERLAY_BASE) {
        return next_of_base(copier, out);
    }
    return gw_blockmap_next(&chain->map, &chain->level[0]->allocated, &copier->cursor,
                            copier->view[copier->which].common.mover_io_bytes, out);
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct gw_overlay_copier *copier = owner;

    (void)piece;
    if (copier->which == GW_OVERLAY_FROZEN) {
        gw_mover_delay(&copier->mover[GW_OVERLAY_FROZEN], copier->commit_pause_ns);
    }
    if (result != GW_OK && copier->result == GW_OK) {
        copier->result = result;
    }
}

static void
mover_idle(void *owner)
{
    struct gw_overlay_copier *copier = owner;

    copier->calls->idle(copier->owner);
}

static void
run(struct gw_overlay_copier *copier, enum gw_overlay_mover which)
{
    copier->which = which;
    copier->disk = 0;
    copier->cursor = 0;
    copier->result = GW_OK;
    copier->since_ns = now_ns(copier);
    copier->since_bytes = copier->mover[which].copied_bytes;
    gw_mover_run(&copier->mover[which]);
}

void
gw_overlay_copier_run_base(struct gw_overlay_copier *copier)
{
    run(copier, GW_OVERLAY_BASE);
}

void
gw_overlay_copier_commit(struct gw_overlay_copier *copier, enum gw_overlay_mover which)
{
    copier->mover[which].from = copier->chain->level[0]->file;
    copier->mover[which].to = copier->chain->base;
    run(copier, which);
}

void
gw_overlay_copier_on_timer(struct gw_overlay_copier *copier)
{
    gw_mover_on_timer(&copier->mover[copier->which]);
}

int64_t
gw_overlay_copier_bytes(const struct gw_overlay_copier *copier)
{
    int64_t bytes = 0;

    for (int i = 0; i < GW_OVERLAY_MOVER_COUNT; i++) {
        bytes += copier->mover[i].copied_bytes;
    }
    return bytes;
}

void
gw_overlay_copier_report(const struct gw_overlay_copier *copier, int64_t number)
{
    struct gw_report *report = copier->ports->report;
    struct gw_iteration iteration = {
        .number = number,
        .started_ns = copier->since_ns,
        .ended_ns = now_ns(copier),
        .copied_bytes = copier->mover[copier->which].copied_bytes - copier->since_bytes,
        .dirty_bytes = gw_overlay_bytes(copier->chain, 0),
    };

    report->ops->iteration(report, &iteration);
}
