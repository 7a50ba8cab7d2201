/* incremental_dbt.c - incremental dirty block tracking as in ESX 4.1.
 *
 * Idea      A write to a block that the pass has not reached yet is no news: one bitmap, all ones
 *           at the start, a bit cleared just before its block is read.
 * Source    Mashtizadeh et al., USENIX ATC 2011, backup slide "Incremental DBT"; US patent
 *           8386731.
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
    struct gw_dirty_policy policy = {.incremental = true, .switch_cost_ns = own->switch_cost_ns};

    return gw_dirty_copy_start(state, ports, policy, err);
}

const struct gw_architecture gw_incremental_dbt = {
    .name = "incremental-dbt",
    .title = "dirty block tracking that ignores writes ahead of the copy",
    .source = "Mashtizadeh et al., USENIX ATC 2011, incremental DBT (ESX 4.1)",
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
