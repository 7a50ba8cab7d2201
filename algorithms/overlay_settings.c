/* overlay_settings.c - the table of the settings of a migration by overlays and commits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/overlay_settings.h"

#define ROW(key, type, field, preset, least, most, choices, help)                                  \
    {                                                                                              \
        key, type, offsetof(struct gw_overlay_settings, field), preset, least, most, choices, help \
    }

static const char *const finals[] = {"mirror", "stun", NULL};
static const char *const volumes[] = {"source", "target", NULL};

const struct gw_setting gw_overlay_settings_table[] = {
    ROW("threshold", GW_SETTING_BYTES, threshold_bytes, "4MiB", "0B", "1TiB", NULL,
        "an overlay of at most so many bytes is the last one"),
    ROW("rounds_most", GW_SETTING_COUNT, rounds_most, "5", "1", "32", NULL,
        "overlays before the last one is committed whatever its size"),
    ROW("commit_outstanding", GW_SETTING_COUNT, commit_outstanding, "1", "1", "256", NULL,
        "IOs in flight of a commit whose overlay is frozen"),
    ROW("commit_io", GW_SETTING_BYTES, commit_io_bytes, "512KiB", "512B", "64MiB", NULL,
        "size of one, where neighbours are in the overlay"),
    ROW("commit_pause", GW_SETTING_TIME, commit_pause_ns, "0s", NULL, NULL, NULL,
        "of such a commit: time from the end of a copy to the start of the next"),
    ROW("final", GW_SETTING_CHOICE, final, "mirror", NULL, NULL, finals,
        "the last commit: a background mirror while the guest runs, or in a stun"),
    ROW("final_outstanding", GW_SETTING_COUNT, final_outstanding, "16", "1", "256", NULL,
        "IOs in flight of the last commit"),
    ROW("final_io", GW_SETTING_BYTES, final_io_bytes, "1MiB", "512B", "64MiB", NULL,
        "size of one of its IOs, where neighbours are dirty"),
    ROW("pause_to_switch", GW_SETTING_FLAG, mirror.pause_to_switch, "false", NULL, NULL, NULL,
        "final mirror: true: stop the guest and copy the rest; false: drain only"),
    ROW("buffer", GW_SETTING_BYTES, mirror.buffer_bytes, "16MiB", NULL, NULL, NULL,
        "final mirror: held by all copies in flight"),
    ROW("claim_ahead", GW_SETTING_FLAG, mirror.claim_ahead, "true", NULL, NULL, NULL,
        "final mirror: goes on claiming while a claimed run waits for the buffer"),
    ROW("wait_oldest", GW_SETTING_FLAG, mirror.wait_oldest, "false", NULL, NULL, NULL,
        "final mirror: sleeps until the oldest operation in flight has ended"),
    ROW("claim_time", GW_SETTING_TIME, mirror.claim_ns, "0s", NULL, NULL, NULL,
        "final mirror: time that a claim takes"),
    ROW("ask_status", GW_SETTING_FLAG, mirror.ask_status, "false", NULL, NULL, NULL,
        "final mirror: asks the overlay for holes before each operation, and waits"),
    ROW("rest", GW_SETTING_TIME, mirror.rest_ns, "100ms", NULL, NULL, NULL,
        "final mirror, once ready: pause when nothing is dirty"),
    ROW("hold", GW_SETTING_TIME, mirror.hold_ns, "0s", NULL, NULL, NULL,
        "final mirror: from ready to the wish to switch over"),
    ROW("ready_limit", GW_SETTING_TIME, mirror.ready_limit_ns, "0s", NULL, NULL, NULL,
        "not ready so long after the start: stop the guest, commit the rest; 0s: never"),
    ROW("switch_limit", GW_SETTING_TIME, mirror.switch_limit_ns, "0s", NULL, NULL, NULL,
        "not switched over so long after the wish: stop the guest as well; 0s: never"),
    ROW("volume", GW_SETTING_CHOICE, volume, "source", NULL, NULL, volumes, "where overlays lie"),
    GW_SETTING_END,
};
