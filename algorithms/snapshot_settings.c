/* snapshot_settings.c - the table of snapshotting's settings, and the shape of its redo logs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/snapshot_settings.h"

#define ROW(key, type, field, preset, least, most, choices, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct gw_snapshot_settings, field), preset, least, most, choices,     \
            help                                                                                   \
    }

static const char *const volumes[] = {"source", "target", NULL};

const struct gw_setting gw_snapshot_settings_table[] = {
    ROW("small_time", GW_SETTING_TIME, small_time_ns, "5s", "0s", "1h", NULL,
        "commit the last log with the guest stopped when it is estimated to take no longer"),
    ROW("rounds_most", GW_SETTING_COUNT, rounds_most, "10", "1", "32", NULL,
        "rounds before the last log is committed whatever its size"),
    ROW("grain", GW_SETTING_BYTES, grain_bytes, "512B", "512B", "1MiB", NULL,
        "unit of the redo log's map; at least the granule of the disk is used"),
    ROW("leaf", GW_SETTING_BYTES, leaf_bytes, "2MiB", "64KiB", "1GiB", NULL,
        "bytes of the disk that one leaf of the map covers"),
    ROW("metadata_io", GW_SETTING_BYTES, metadata_io_bytes, "4KiB", "0B", "1MiB", NULL,
        "size of a read or write of the map; 0B: metadata cost nothing"),
    ROW("metadata_cache", GW_SETTING_BYTES, metadata_cache_bytes, "1MiB", "0B", "64GiB", NULL,
        "memory for leaves of the map, 4 bytes a grain, a disk and a log"),
    ROW("serial_metadata", GW_SETTING_FLAG, serial_metadata, "true", NULL, NULL, NULL,
        "changes of one log's map are written one at a time, under the file's lock"),
    ROW("redo_volume", GW_SETTING_CHOICE, redo_volume, "source", NULL, NULL, volumes,
        "where redo logs lie"),
    GW_SETTING_END,
};

bool
gw_snapshot_shape(const struct gw_snapshot_settings *settings, const struct gw_ports *ports,
                  struct gw_redo_shape *shape, struct gw_error *err)
{
    int64_t granule = ports->source[0]->granule_bytes;
    int64_t unit = settings->grain_bytes > granule ? settings->grain_bytes : granule;
    int64_t leaf_memory = settings->leaf_bytes / settings->grain_bytes * (int64_t)sizeof(uint32_t);

    if (settings->grain_bytes > granule) {
        return gw_fail(err, GW_EINVAL,
                       "snapshot: grain %lld B: must be at most the granule of the disk, %lld B",
                       (long long)settings->grain_bytes, (long long)granule);
    }
    if (unit % granule != 0 || settings->leaf_bytes % unit != 0 ||
        settings->metadata_io_bytes % granule != 0 || ports->common->mover_io_bytes % unit != 0) {
        return gw_fail(err, GW_EINVAL,
                       "snapshot: grain, leaf, metadata_io and mover_io must be multiples of the "
                       "granule of the disk, %lld B, and leaf and mover_io of the grain",
                       (long long)granule);
    }
    *shape = (struct gw_redo_shape){
        .unit_bytes = unit,
        .leaf_bytes = settings->leaf_bytes,
        .metadata_bytes = settings->metadata_io_bytes,
        .serial_metadata = settings->serial_metadata,
        .cached_leaves = (uint32_t)(settings->metadata_cache_bytes / leaf_memory),
    };
    return true;
}
