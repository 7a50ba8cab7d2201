/* background.c - QEMU's background mirror: dirty chunks until none is left.
 *
 * Idea      Incremental DBT without a convergence rule: it may never end.
 * Source    QEMU, block/mirror.c, copy-mode=background.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/chunk_copy.h"

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    return gw_chunk_copy_start(state, ports, settings, false, err);
}

const struct gw_architecture gw_background = {
    .name = "background",
    .title = "QEMU background mirror: copies dirty chunks until none is left",
    .source = "QEMU block/mirror.c, copy-mode=background",
    .settings = gw_chunk_settings_table,
    .settings_bytes = sizeof(struct gw_chunk_settings),
    .state_bytes = sizeof(struct gw_chunk_copy),
    .start = start,
    .on_guest_io = gw_chunk_copy_on_guest_io,
    .on_timer = gw_chunk_copy_on_timer,
    .on_guest_paused = gw_chunk_copy_on_paused,
    .on_guest_resumed = gw_chunk_copy_on_resumed,
    .cancel = gw_chunk_copy_cancel,
    .progress = gw_chunk_copy_progress,
    .stop = gw_chunk_copy_stop,
};
