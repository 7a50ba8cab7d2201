/* null.c - migrates nothing: it measures the harness.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/guest_path.h"

struct null {
    const struct gw_ports *ports;
};

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    struct null *null = state;

    (void)settings;
    (void)err;
    null->ports = ports;
    ports->clock->ops->arm(ports->clock, 0, ports->clock->ops->now_ns(ports->clock));
    return true;
}

static void
on_guest_io(void *state, struct gw_guest_io *io)
{
    struct null *null = state;

    gw_guest_pass(null->ports, io, GW_SOURCE);
}

static void
on_timer(void *state, uint32_t timer)
{
    struct null *null = state;

    (void)timer;
    null->ports->report->ops->finish(null->ports->report, GW_COMPLETED, "nothing was moved");
}

static void
ignore(void *state)
{
    (void)state;
}

static void
progress(const void *state, struct gw_progress *out)
{
    (void)state;
    *out = (struct gw_progress){0};
}

const struct gw_architecture gw_null = {
    .name = "null",
    .title = "moves nothing: measures the harness",
    .source = "own",
    .settings = NULL,
    .settings_bytes = 0,
    .state_bytes = sizeof(struct null),
    .start = start,
    .on_guest_io = on_guest_io,
    .on_timer = on_timer,
    .on_guest_paused = ignore,
    .on_guest_resumed = ignore,
    .cancel = ignore,
    .progress = progress,
    .stop = ignore,
};
