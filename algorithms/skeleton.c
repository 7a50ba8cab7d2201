/* skeleton.c - a blank architecture with every hook explained: copy this file to begin.
 *
 * What it takes to add one: this file, one line in architecture_list.c, one in Makefile.am.
 * As it stands it passes guest IO through and ends as failed: it moves nothing and says so.
 *
 * Idea      (what the guest gains and what it pays)
 * Source    (paper and section, patent, code base)
 * Invariant (what holds between any two calls; the tests will try to break it)
 * Cost      (events and memory)
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"

/* The knobs: plain data, filled from the scenario's `migration: {skeleton: {...}}`. */
struct skeleton_settings {
    int64_t patience_ns;
};

/* One row a knob is parser, validator, help and manual. Every quantity has a unit. */
static const struct gw_setting settings_table[] = {
    {"patience", GW_SETTING_TIME, offsetof(struct skeleton_settings, patience_ns), "1s", NULL, "1h",
     NULL, "time after which the skeleton ends"},
    GW_SETTING_END,
};

/* Everything it remembers. The driver allocates it, zeroed, and frees it. */
struct skeleton {
    const struct gw_ports *ports;
    const struct skeleton_settings *settings;
};

/* The migration was requested. Take memory here and nowhere else; begin with a short stun
 * (ports->guest pause) if guest IO that is under way must not be missed. Completions never come
 * from inside a call of a port, so it is safe to submit. On failure write err, return false. */
static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct skeleton *skeleton = state;
    struct gw_clock *clock = ports->clock;

    (void)err;
    skeleton->ports = ports;
    skeleton->settings = settings;
    clock->ops->arm(clock, 0, clock->ops->now_ns(clock) + skeleton->settings->patience_ns);
    return true;
}

/* A guest IO arrives. Send it on, hold it, double it: but give it back some time with
 * ports->guest complete. The guest may have any number of IOs outstanding. */
static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct skeleton *skeleton = state;

    gw_guest_pass(skeleton->ports, io, GW_SOURCE);
}

/* A timer armed through ports->clock fired. */
static void
on_timer(void *state, uint32_t timer)
{
    struct skeleton *skeleton = state;

    (void)timer;
    skeleton->ports->report->ops->finish(skeleton->ports->report, GW_FAILED,
                                         "the skeleton moves nothing");
}

/* The guest stands still, everything it had issued was given back: the moment to change what
 * must not change under way. Then ports->guest resume. */
static void
on_guest_paused(void *state)
{
    (void)state;
}

/* The guest runs again. */
static void
on_guest_resumed(void *state)
{
    (void)state;
}

/* The user or the time limit asks to stop: undo, resume the guest on the source, finish. */
static void
cancel(void *state)
{
    (void)state;
}

/* What a plot shows of it; must not change anything. */
static void
progress(const void *state, struct gw_progress *out)
{
    (void)state;
    *out = (struct gw_progress){0};
}

/* Release what start took, in reverse; also called after a failed start. */
static void
stop(void *state)
{
    (void)state;
}

const struct gw_architecture gw_skeleton = {
    .name = "skeleton",
    .title = "a blank to begin from: moves nothing and ends as failed",
    .source = "own",
    .settings = settings_table,
    .settings_bytes = sizeof(struct skeleton_settings),
    .state_bytes = sizeof(struct skeleton),
    .start = start,
    .on_guest_io = on_guest_io,
    .on_timer = on_timer,
    .on_guest_paused = on_guest_paused,
    .on_guest_resumed = on_guest_resumed,
    .cancel = cancel,
    .progress = progress,
    .stop = stop,
};
