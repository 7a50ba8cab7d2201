/* dbt.c - dirty block tracking as in ESX 4.0.
 *
 * Idea      A bitmap of blocks written during a pass; the next pass copies exactly those.
 * Source    Mashtizadeh et al., USENIX ATC 2011; US patent 8478725.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/dirty_settings.h"

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    const struct gw_dirty_settings *own = settings;
    struct gw_dirty_policy policy = {.incremental = false, .switch_cost_ns = own->switch_cost_ns};

    return gw_dirty_copy_start(state, ports, policy, err);
}

const struct gw_architecture gw_dbt = {
    .name = "dbt",
    .title = "dirty block tracking: passes over what was written, until the rest fits a stun",
    .source = "Mashtizadeh et al., USENIX ATC 2011, DBT (ESX 4.0)",
    .settings = gw_dirty_settings_table,
    .settings_bytes = sizeof(struct gw_dirty_settings),
    .state_bytes = sizeof(struct gw_dirty_copy),
    .start = start,
    .on_guest_io = gw_dirty_copy_on_guest_io,
    .on_timer = gw_dirty_copy_on_timer,
    .on_guest_paused = gw_dirty_copy_on_paused,
    .on_guest_resumed = gw_dirty_copy_on_resumed,
    .cancel = gw_dirty_copy_cancel,
    .progress = gw_dirty_copy_progress,
    .stop = gw_dirty_copy_stop,
};
