/* overlay_settings.h - the settings of a migration by overlays and commits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OVERLAY_SETTINGS_H
#define GW_OVERLAY_SETTINGS_H

#include "algorithms/chunk_copy.h"

enum gw_overlay_final { GW_OVERLAY_FINAL_MIRROR, GW_OVERLAY_FINAL_STUN };

struct gw_overlay_settings {
    struct gw_chunk_settings mirror; /* of the last commit, when the guest runs */
    int64_t threshold_bytes;
    int64_t rounds_most;
    int64_t commit_outstanding, commit_io_bytes;
    int64_t commit_pause_ns;
    int64_t final_outstanding, final_io_bytes;
    int final;
    int volume; /* enum gw_side */
};

extern const struct gw_setting gw_overlay_settings_table[];

#endif
