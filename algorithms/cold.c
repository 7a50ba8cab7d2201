/* cold.c - cold copy: stop the guest, copy everything, run on the target.
 *
 * Idea      The simplest correct migration: the yardstick for time (best) and downtime (worst).
 * Source    own; "stop and copy" of Clark et al., NSDI 2005, section 3, for disks.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"
#include "algorithms/mover.h"
#include "algorithms/switchover.h"

struct cold {
    const struct gw_ports *ports;
    struct gw_blockmap map;
    struct gw_bitmap left; /* blocks not copied yet */
    struct gw_mover mover;
    struct gw_switchover over;
    uint64_t cursor;
    enum gw_side side;
    enum gw_code copy_result;
    bool cancelled;
};

static bool
next_piece(void *owner, struct gw_piece *out)
{
    struct cold *cold = owner;

    if (cold->cancelled || cold->copy_result != GW_OK) {
        return false;
    }
    return gw_blockmap_next(&cold->map, &cold->left, &cold->cursor,
                            cold->ports->common->mover_io_bytes, out);
}

static void
piece_copied(void *owner, struct gw_piece piece, enum gw_code result)
{
    struct cold *cold = owner;

    if (result != GW_OK) {
        cold->copy_result = result;
        return;
    }
    gw_blockmap_unmark(&cold->map, &cold->left, piece.disk, piece.extent);
}

static void
back_to_source(struct cold *cold)
{
    cold->ports->guest->ops->resume(cold->ports->guest, GW_SOURCE);
}

static void
mover_idle(void *owner)
{
    struct cold *cold = owner;

    if (cold->cancelled || cold->copy_result != GW_OK) {
        back_to_source(cold);
        return;
    }
    gw_switchover_begin_stunned(&cold->over);
}

static void
final_copy(void *owner)
{
    struct cold *cold = owner;

    gw_switchover_copied(&cold->over, GW_OK);
}

static void
switched(void *owner, enum gw_side side, enum gw_code code, const char *reason)
{
    struct cold *cold = owner;
    bool moved = side == GW_TARGET;

    (void)code;
    cold->side = side;
    cold->ports->report->ops->finish(cold->ports->report, moved ? GW_COMPLETED : GW_FAILED,
                                     moved ? "copied with the guest stopped" : reason);
}

static const struct gw_mover_owner mover_calls = {next_piece, piece_copied, mover_idle};
static const struct gw_switchover_owner switchover_calls = {final_copy, switched};

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct cold *cold = state;

    (void)settings;
    cold->ports = ports;
    cold->side = GW_SOURCE;
    gw_switchover_init(&cold->over, ports, &switchover_calls, cold);
    if (!gw_blockmap_init(&cold->map, ports, err) ||
        !gw_bitmap_create(&cold->left, gw_blockmap_count(&cold->map), err) ||
        !gw_mover_start(&cold->mover, ports, &mover_calls, cold, err)) {
        return false;
    }
    gw_bitmap_set_range(&cold->left, 0, gw_blockmap_count(&cold->map));
    ports->report->ops->phase(ports->report, "cold copy");
    ports->guest->ops->pause(ports->guest, GW_STUN_SWITCHOVER);
    return true;
}

static void
stop(void *state)
{
    struct cold *cold = state;

    gw_mover_stop(&cold->mover);
    gw_bitmap_destroy(&cold->left);
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct cold *cold = state;

    gw_guest_pass(cold->ports, io, cold->side);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct cold *cold = state;

    if (timer == GW_TIMER_MOVER) {
        gw_mover_on_timer(&cold->mover);
        return;
    }
    gw_switchover_on_timer(&cold->over, timer);
}

static void
on_guest_paused(void *state)
{
    struct cold *cold = state;

    gw_mover_run(&cold->mover);
}

static void
on_guest_resumed(void *state)
{
    struct cold *cold = state;

    if (gw_switchover_on_resumed(&cold->over)) {
        return;
    }
    cold->ports->report->ops->finish(cold->ports->report, GW_FAILED,
                                     cold->cancelled ? "cancelled"
                                                     : "data mover: a read or a write failed");
}

static void
cancel(void *state)
{
    struct cold *cold = state;

    cold->cancelled = true;
    gw_switchover_abort(&cold->over, GW_ECANCELED, "cancelled");
}

static void
progress(const void *state, struct gw_progress *out)
{
    const struct cold *cold = state;

    *out = (struct gw_progress){
        .remaining_bytes = gw_blockmap_bytes(&cold->map, &cold->left),
        .copied_bytes = cold->mover.copied_bytes,
        .iteration = 1,
    };
}

const struct gw_architecture gw_cold = {
    .name = "cold",
    .title = "cold copy: stop, copy everything, run on the target",
    .source = "own; the yardstick",
    .settings = NULL,
    .settings_bytes = 0,
    .state_bytes = sizeof(struct cold),
    .start = start,
    .on_guest_io = on_guest_io,
    .on_timer = on_timer,
    .on_guest_paused = on_guest_paused,
    .on_guest_resumed = on_guest_resumed,
    .cancel = cancel,
    .progress = progress,
    .stop = stop,
};
