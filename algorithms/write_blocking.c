/* write_blocking.c - mirror everything + bitmap: QEMU's write-blocking mirror.
 *
 * Idea      Every guest write goes to both sides at once, copied there or not; the background
 *           copy fills in the rest. The target can only come closer.
 * Source    QEMU, block/mirror.c, copy-mode=write-blocking.
 * Sees      base/port.h only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"
#include "algorithms/chunk_copy.h"

static bool
start(void *state, const struct gw_ports *ports, const void *settings, struct gw_error *err)
{
    return gw_chunk_copy_start(state, ports, settings, true, err);
}

const struct gw_architecture gw_write_blocking = {
    .name = "write-blocking",
    .title = "QEMU write-blocking mirror: every write to both sides, a bitmap for the rest",
    .source = "QEMU block/mirror.c, copy-mode=write-blocking",
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
