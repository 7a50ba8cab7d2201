/* migration_settings.c - the settings that all architectures share, as a table.
 *
 * Source  data mover 16 x 256 KiB: Mashtizadeh et al., USENIX ATC 2011, slide "Data Mover (DM)".
 *         Switch-over limit 100 s: VMware KB 1010045 (fsr.maxSwitchoverSeconds). Granularity
 *         64 KiB: QEMU's default. The downtime goal, the longest stun, the number of passes and
 *         the stall limit are estimates: no source gives ESX's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/port.h"

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_migration_settings, field), preset, least, most, NULL, help  \
    }

const struct gw_setting gw_migration_settings_table[] = {
    ROW("mover_outstanding", GW_SETTING_COUNT, mover_outstanding, "16", "1", "1024",
        "IOs that the data mover keeps in flight"),
    ROW("mover_io", GW_SETTING_BYTES, mover_io_bytes, "256KiB", "4KiB", "64MiB",
        "size of one data mover IO"),
    ROW("mover_rate", GW_SETTING_RATE, mover_rate, "0B/s", NULL, NULL,
        "cap of the data mover's reads; 0B/s means none"),
    ROW("skip_holes", GW_SETTING_FLAG, skip_holes, "false", NULL, NULL,
        "leave out blocks that were never stored"),
    ROW("granularity", GW_SETTING_BYTES, granularity_bytes, "64KiB", "4KiB", "16MiB",
        "bytes that one dirty bit stands for"),
    ROW("downtime_goal", GW_SETTING_TIME, downtime_goal_ns, "5s", "1ms", "1h",
        "switch over when the final copy is estimated to take no longer"),
    ROW("downtime_most", GW_SETTING_TIME, downtime_most_ns, "30s", "1ms", "1h",
        "longest stun that is accepted when passes make no progress"),
    ROW("iterations_most", GW_SETTING_COUNT, iterations_most, "32", "1", "100000",
        "passes before it is decided whether to accept or to give up"),
    ROW("stall_limit", GW_SETTING_COUNT, stall_limit, "2", "1", "1000",
        "passes without progress before it is decided"),
    ROW("progress_least", GW_SETTING_SHARE, progress_least, "10%", NULL, NULL,
        "a pass makes progress when it leaves so much less dirty than the best before"),
    ROW("switchover_limit", GW_SETTING_TIME, switchover_limit_ns, "100s", "1ms", "24h",
        "longest switch-over; then the guest resumes on the source"),
    GW_SETTING_END,
};
