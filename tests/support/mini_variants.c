/* mini_variants.c - the architectures with the settings under which they are tortured.
 *
 * Values are put into the settings by the tables' rows, past their limits: lock ranges and blocks
 * of two granules are what makes borders frequent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/mini_variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/architecture_list.h"
#include "base/settings.h"

static const char tiny[] = "mover_outstanding=2 mover_io=1024 granularity=1024 iterations_most=4 "
                           "downtime_goal=1 downtime_most=3600000000000";

#define SMALL_LOG "grain=512 leaf=1024 metadata_cache=8 small_time=0 "

#define SMALL_OVERLAY "commit_io=1024 final_outstanding=2 final_io=1024 "

const struct mini_variant mini_variants[] = {
    {.name = "cold", .architecture = &gw_cold, .settings = "", .copies_once = true},
    {.name = "dbt", .architecture = &gw_dbt, .settings = ""},
    {.name = "dbt-quick",
     .architecture = &gw_dbt,
     .settings = "downtime_goal=5000000000",
     .long_only = true},
    {.name = "dbt-strict",
     .architecture = &gw_dbt,
     .settings = "downtime_most=1",
     .long_only = true},
    {.name = "dbt-one",
     .architecture = &gw_dbt,
     .settings = "mover_outstanding=1 mover_io=2048",
     .long_only = true},
    {.name = "dbt-capped",
     .architecture = &gw_dbt,
     .settings = "mover_rate=1024",
     .long_only = true},
    {.name = "dbt-holes",
     .architecture = &gw_dbt,
     .settings = "skip_holes=1",
     .copies_less = true,
     .long_only = true},
    {.name = "incremental-dbt", .architecture = &gw_incremental_dbt, .settings = ""},
    {.name = "incremental-dbt-holes",
     .architecture = &gw_incremental_dbt,
     .settings = "skip_holes=1 mover_io=2048",
     .copies_less = true,
     .long_only = true},
    {.name = "heat", .architecture = &gw_heat_dbt, .settings = "threshold=1 mover_io=2048"},
    {.name = "heat-incremental",
     .architecture = &gw_heat_dbt,
     .settings = "base=1 threshold=2 mover_io=2048 epoch=20000000"},
    {.name = "mirror-all",
     .architecture = &gw_mirror,
     .settings = "drain=2 lock_range=1024",
     .copies_once = true},
    {.name = "mirror-writes",
     .architecture = &gw_mirror,
     .settings = "drain=1 lock_range=1024",
     .copies_once = true},
    {.name = "mirror-overlapping",
     .architecture = &gw_mirror,
     .settings = "drain=0 lock_range=1024",
     .copies_once = true},
    {.name = "mirror-wide",
     .architecture = &gw_mirror,
     .settings = "drain=0 lock_range=1536 defer_reads=0 mover_io=512",
     .copies_once = true,
     .long_only = true},
    {.name = "mirror-capped",
     .architecture = &gw_mirror,
     .settings = "drain=2 lock_range=2048 mover_rate=1024",
     .copies_once = true,
     .long_only = true},
    {.name = "mirror-holes",
     .architecture = &gw_mirror,
     .settings = "drain=1 lock_range=2048 skip_holes=1",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking",
     .architecture = &gw_write_blocking,
     .settings = "serial=1",
     .copies_less = true},
    {.name = "write-blocking-parallel",
     .architecture = &gw_write_blocking,
     .settings = "serial=0 mover_io=2048",
     .copies_less = true},
    {.name = "write-blocking-drain",
     .architecture = &gw_write_blocking,
     .settings = "serial=0 pause_to_switch=0 threshold=1024",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking-capped",
     .architecture = &gw_write_blocking,
     .settings = "serial=1 mover_rate=1024 mover_io=2048",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking-ahead",
     .architecture = &gw_write_blocking,
     .settings =
         "serial=1 mover_io=2048 buffer=2048 claim_ahead=1 claim_time=1000000 hold=20000000 "
         "rest=20000000 pause_to_switch=0 switch_limit=900000000",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking-oldest",
     .architecture = &gw_write_blocking,
     .settings = "serial=1 mover_io=2048 buffer=4096 claim_ahead=1 wait_oldest=1 "
                 "claim_time=1000000 ready_limit=900000000",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking-late",
     .architecture = &gw_write_blocking,
     .settings = "serial=0 mover_io=2048 buffer=2048 claim_ahead=1 skip_dirty=0 "
                 "ready_limit=20000000 pause_to_switch=0",
     .copies_less = true,
     .long_only = true},
    {.name = "write-blocking-asks",
     .architecture = &gw_write_blocking,
     .settings = "serial=1 mover_io=1024 buffer=2048 claim_ahead=1 wait_oldest=1 ask_status=1 "
                 "claim_time=1000000 ready_limit=900000000",
     .copies_less = true,
     .long_only = true},
    {.name = "background", .architecture = &gw_background, .settings = ""},
    {.name = "background-asks",
     .architecture = &gw_background,
     .settings = "mover_io=1024 buffer=2048 ask_status=1"},
    {.name = "background-ahead",
     .architecture = &gw_background,
     .settings = "mover_io=2048 buffer=2048 claim_ahead=1 claim_time=1000000 hold=20000000 "
                 "rest=20000000 pause_to_switch=0 switch_limit=900000000",
     .long_only = true},
    {.name = "background-oldest",
     .architecture = &gw_background,
     .settings = "mover_io=2048 buffer=4096 claim_ahead=1 wait_oldest=1",
     .long_only = true},
    {.name = "background-slices",
     .architecture = &gw_background,
     .settings = "mover_rate=65536 slice=100000000 mover_io=2048 buffer=2048 claim_ahead=1 "
                 "wait_oldest=1",
     .long_only = true},
    {.name = "background-drain",
     .architecture = &gw_background,
     .settings = "pause_to_switch=0 mover_io=2048"},
    {.name = "background-early", .architecture = &gw_background, .settings = "threshold=2048"},
    {.name = "background-capped",
     .architecture = &gw_background,
     .settings = "mover_rate=1024",
     .long_only = true},
    {.name = "background-holes",
     .architecture = &gw_background,
     .settings = "skip_holes=1 threshold=1024",
     .copies_less = true,
     .long_only = true},
    {.name = "snapshot",
     .architecture = &gw_snapshot,
     .settings = SMALL_LOG "metadata_io=512 rounds_most=2"},
    {.name = "snapshot-cheap",
     .architecture = &gw_snapshot,
     .settings = SMALL_LOG "metadata_io=0 rounds_most=1 mover_io=2048"},
    {.name = "snapshot-long",
     .architecture = &gw_snapshot,
     .settings = SMALL_LOG "metadata_io=512 rounds_most=4 redo_volume=1",
     .long_only = true},
    {.name = "snapshot-holes",
     .architecture = &gw_snapshot,
     .settings = SMALL_LOG "metadata_io=512 rounds_most=2 skip_holes=1",
     .copies_less = true,
     .long_only = true},
    {.name = "overlay",
     .architecture = &gw_overlay_commit,
     .settings = SMALL_OVERLAY "threshold=0 rounds_most=2 final=1"},
    {.name = "overlay-mirror",
     .architecture = &gw_overlay_commit,
     .settings = SMALL_OVERLAY "threshold=1048576 final=0"},
    {.name = "overlay-mirror-asks",
     .architecture = &gw_overlay_commit,
     .settings =
         SMALL_OVERLAY "threshold=1048576 final=0 ask_status=1 mover_io=2048 granularity=2048"},
    {.name = "overlay-mirror-long",
     .architecture = &gw_overlay_commit,
     .settings = SMALL_OVERLAY "threshold=0 rounds_most=4 final=0 volume=1",
     .long_only = true},
    {.name = "overlay-wide",
     .architecture = &gw_overlay_commit,
     .settings = SMALL_OVERLAY "threshold=0 rounds_most=3 final=1 mover_io=2048 granularity=2048",
     .long_only = true},
    {.name = "overlay-holes",
     .architecture = &gw_overlay_commit,
     .settings = SMALL_OVERLAY "threshold=0 rounds_most=2 final=1 skip_holes=1",
     .copies_less = true,
     .long_only = true},
    {.name = "stream",
     .architecture = &gw_stream_pull,
     .settings = "mover_outstanding=1",
     .copies_less = true},
    {.name = "stream-wide",
     .architecture = &gw_stream_pull,
     .settings = "mover_outstanding=2 mover_io=2048 granularity=2048",
     .copies_less = true,
     .long_only = true},
    {.name = "stream-holes",
     .architecture = &gw_stream_pull,
     .settings = "mover_outstanding=2 skip_holes=1",
     .copies_less = true,
     .long_only = true},
    {.name = NULL},
};

static bool
put_in(const struct gw_setting *table, void *blob, const char *name, int64_t value)
{
    for (const struct gw_setting *row = table; row != NULL && row->name != NULL; row++) {
        unsigned char *field = (unsigned char *)blob + row->offset;

        if (strcmp(row->name, name) != 0) {
            continue;
        }
        if (row->type == GW_SETTING_FLAG) {
            bool flag = value != 0;

            memcpy(field, &flag, sizeof flag);
        } else if (row->type == GW_SETTING_CHOICE) {
            int choice = (int)value;

            memcpy(field, &choice, sizeof choice);
        } else {
            memcpy(field, &value, sizeof value);
        }
        return true;
    }
    return false;
}

static void
put_all(struct mini_settings *settings, const char *text)
{
    const struct gw_setting *own = settings->variant->architecture->settings;

    while (*text != '\0') {
        char name[64];
        long long value;
        int length = 0;

        gw_assert(sscanf(text, " %63[a-z_]=%lld %n", name, &value, &length) == 2);
        gw_assert(put_in(own, settings->own, name, value) ||
                  put_in(gw_migration_settings_table, &settings->common, name, value));
        text += length;
    }
}

static void
fill_presets(const struct gw_setting *table, void *blob, size_t blob_bytes)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    struct gw_settings_target target = {
        .table = table, .blob = blob, .blob_bytes = blob_bytes, .subject = "variant"};

    gw_assert(map != NULL && gw_settings_resolve(&target, map, &diagnostics));
    gw_config_node_destroy(map);
}

void
mini_settings_fill(const struct mini_variant *variant, struct mini_settings *settings)
{
    const struct gw_architecture *architecture = variant->architecture;

    *settings = (struct mini_settings){.variant = variant};
    gw_assert(architecture->settings_bytes <= sizeof settings->own);
    fill_presets(gw_migration_settings_table, &settings->common, sizeof settings->common);
    if (architecture->settings_bytes > 0) {
        fill_presets(architecture->settings, settings->own, architecture->settings_bytes);
    }
    put_all(settings, tiny);
    put_all(settings, variant->settings);
}

void
mini_plan_print(const struct mini_plan *plan, char *out, size_t out_bytes)
{
    static const char letters[] = {'r', 'w', 'z', 't', 'f'};
    size_t used = (size_t)snprintf(out, out_bytes, "%s: %u x %u granules, holes %x, ops",
                                   plan->settings->variant->name, plan->disk_count, plan->granules,
                                   plan->holes);

    for (uint32_t i = 0; i < plan->op_count && used < out_bytes; i++) {
        used +=
            (size_t)snprintf(out + used, out_bytes - used, " %c%u:%u+%u", letters[plan->ops[i].op],
                             plan->ops[i].disk, plan->ops[i].granule, plan->ops[i].count);
    }
    if (used < out_bytes) {
        (void)snprintf(out + used, out_bytes - used,
                       ", late %d, timers %d, cancel %d, fault %d at %u for %u%s",
                       plan->sample_late, plan->timers, plan->cancel, (int)plan->fault.kind,
                       plan->fault.nth, plan->fault.length, plan->fault.lands ? " lands" : "");
    }
}
