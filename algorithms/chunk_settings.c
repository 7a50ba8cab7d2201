/* chunk_settings.c - the settings of QEMU's mirror and of the driver that waits for it.
 *
 * Source  QEMU, block/mirror.c (behaviour, not text): the buffer is `buf-size`, at most 16
 *         operations of at most 1 MiB share it; a mirror that is ready and clean looks again after
 *         100 ms. The limits and the poll are those of the management that drives the job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/chunk_copy.h"

#define ROW(key, type, field, preset, help)                                                        \
    {                                                                                              \
        key, type, offsetof(struct gw_chunk_settings, field), preset, NULL, NULL, NULL, help       \
    }

const struct gw_setting gw_chunk_settings_table[] = {
    ROW("threshold", GW_SETTING_BYTES, threshold_bytes, "0B",
        "switch over when no more than this is dirty"),
    ROW("pause_to_switch", GW_SETTING_FLAG, pause_to_switch, "true",
        "true: stop the guest and copy the rest; false: drain only, and go on if dirty again"),
    ROW("serial", GW_SETTING_FLAG, serial, "true",
        "write-blocking: write the source first, then the target"),
    ROW("skip_dirty", GW_SETTING_FLAG, skip_dirty, "true",
        "write-blocking: do not mirror a part of a chunk that is still to be copied"),
    ROW("buffer", GW_SETTING_BYTES, buffer_bytes, "0B",
        "held by all copies in flight, and the longest run claimed at once; 0B: a mover_io for "
        "each"),
    ROW("claim_ahead", GW_SETTING_FLAG, claim_ahead, "false",
        "goes on claiming while a claimed run waits for the buffer"),
    ROW("wait_oldest", GW_SETTING_FLAG, wait_oldest, "false",
        "what waits for room or for more to copy waits for the oldest copy in flight to end"),
    ROW("slice", GW_SETTING_TIME, slice_ns, "0s",
        "mover_rate is a quota for each slice of time, until ready; 0s: kept evenly"),
    ROW("claim_time", GW_SETTING_TIME, claim_ns, "0s", "time that a claim takes"),
    ROW("ask_status", GW_SETTING_FLAG, ask_status, "false",
        "asks the source for holes before each operation, and waits for the answer"),
    ROW("rest", GW_SETTING_TIME, rest_ns, "0s",
        "after it was ready: pause when nothing is dirty, before it looks again"),
    ROW("hold", GW_SETTING_TIME, hold_ns, "0s", "from ready to the wish to switch over"),
    ROW("ready_limit", GW_SETTING_TIME, ready_limit_ns, "0s",
        "not ready by then: stop the guest, copy the rest, switch over; 0s: never"),
    ROW("switch_limit", GW_SETTING_TIME, switch_limit_ns, "0s",
        "not switched over so long after the wish: stop the guest as well; 0s: never"),
    ROW("poll", GW_SETTING_TIME, poll_ns, "0s", "how often the threshold is looked at; 0s: always"),
    GW_SETTING_END,
};
