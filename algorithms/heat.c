/* heat.c - dirty block tracking that leaves blocks alone while they are hot.
 *
 * Idea      Blocks that are written again and again would be copied in every pass for nothing:
 *           keep them for the final copy, as long as they fit their budget.
 * Source    Mashtizadeh et al., USENIX ATC 2011, slides "Heat Optimization"; US patents 8386731
 *           and 8560791. Filter size, epoch and threshold are estimates: no source gives them.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/dirty_copy.h"

struct heat_settings {
    int64_t switch_cost_ns;
    int base;
    int64_t stages;
    int64_t blocks_per_counter;
    int64_t threshold;
    int64_t epoch_ns;
    int64_t hot_budget_ns;
    bool conservative;
};

struct heat_state {
    struct gw_dirty_copy copy; /* first: the shared calls take the state for it */
    struct gw_heat filter;
};

static const char *const bases[] = {"dbt", "incremental-dbt", NULL};

#define ROW(key, type, field, preset, least, most, choices, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct heat_settings, field), preset, least, most, choices, help       \
    }

static const struct gw_setting settings_table[] = {
    ROW("base", GW_SETTING_CHOICE, base, "dbt", NULL, NULL, bases,
        "the tracking that heat is added to"),
    ROW("switch_cost", GW_SETTING_TIME, switch_cost_ns, "200ms", NULL, "1h", NULL,
        "expected cost of stun and resume, added to the estimate of the final copy"),
    ROW("stages", GW_SETTING_COUNT, stages, "3", "1", "8", NULL, "stages of the filter"),
    ROW("blocks_per_counter", GW_SETTING_COUNT, blocks_per_counter, "16", "1", "1024", NULL,
        "tracked blocks for each counter of a stage"),
    ROW("threshold", GW_SETTING_COUNT, threshold, "8", "1", "32767", NULL,
        "writes in an epoch, older ones halved, that make a block hot"),
    ROW("epoch", GW_SETTING_TIME, epoch_ns, "60s", "1ms", "24h", NULL,
        "time after which all counters are halved"),
    ROW("hot_budget", GW_SETTING_TIME, hot_budget_ns, "0s", NULL, "1h", NULL,
        "copy time that hot blocks may cost in the stun; 0s: half the downtime goal"),
    ROW("conservative", GW_SETTING_FLAG, conservative, "true", NULL, NULL, NULL,
        "raise only the smallest counters of a block"),
    GW_SETTING_END,
};

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    const struct heat_settings *own = settings;
    struct heat_state *heat = state;
    struct gw_dirty_policy policy = {.incremental = own->base == 1,
                                     .heat = &heat->filter,
                                     .hot_budget_ns = own->hot_budget_ns,
                                     .switch_cost_ns = own->switch_cost_ns};
    struct gw_blockmap map;

    if (!gw_blockmap_init(&map, ports, err) ||
        !gw_heat_create(&heat->filter, (uint32_t)own->stages,
                        gw_blockmap_count(&map) / (uint64_t)own->blocks_per_counter, err)) {
        return false;
    }
    heat->filter.threshold = (uint32_t)own->threshold;
    heat->filter.conservative = own->conservative;
    heat->filter.epoch_ns = own->epoch_ns;
    return gw_dirty_copy_start(&heat->copy, ports, policy, err);
}

static void
stop(void *state)
{
    struct heat_state *heat = state;

    gw_dirty_copy_stop(&heat->copy);
    gw_heat_destroy(&heat->filter);
}

const struct gw_architecture gw_heat_dbt = {
    .name = "heat",
    .title = "dirty block tracking that keeps hot blocks for the final copy",
    .source = "Mashtizadeh et al., USENIX ATC 2011, heat optimization",
    .settings = settings_table,
    .settings_bytes = sizeof(struct heat_settings),
    .state_bytes = sizeof(struct heat_state),
    .start = start,
    .on_guest_io = gw_dirty_copy_on_guest_io,
    .on_timer = gw_dirty_copy_on_timer,
    .on_guest_paused = gw_dirty_copy_on_paused,
    .on_guest_resumed = gw_dirty_copy_on_resumed,
    .cancel = gw_dirty_copy_cancel,
    .progress = gw_dirty_copy_progress,
    .stop = stop,
};
