/* snapshot_settings.h - the settings of snapshotting, and what they make of its redo logs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SNAPSHOT_SETTINGS_H
#define GW_SNAPSHOT_SETTINGS_H

#include "algorithms/redo_log.h"

struct gw_snapshot_settings {
    int64_t small_time_ns;
    int64_t rounds_most;
    int64_t grain_bytes;
    int64_t leaf_bytes;
    int64_t metadata_io_bytes;
    int64_t metadata_cache_bytes;
    bool serial_metadata;
    int redo_volume;
};

extern const struct gw_setting gw_snapshot_settings_table[];

/* The shape of redo logs for the guest's disks. Error: GW_EINVAL, sizes that do not fit together. */
bool gw_snapshot_shape(const struct gw_snapshot_settings *settings, const struct gw_ports *ports,
                       struct gw_redo_shape *shape, struct gw_error *err);

#endif
