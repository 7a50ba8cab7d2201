/* chunk_copy.h - background copy of dirty chunks beside guest writes: the core of QEMU's mirror.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHUNK_COPY_H
#define GW_CHUNK_COPY_H

#include "algorithms/blockmap.h"
#include "algorithms/guest_path.h"
#include "algorithms/mover.h"
#include "algorithms/switchover.h"

enum gw_chunk_phase {
    GW_CHUNK_ATTACH,
    GW_CHUNK_START,
    GW_CHUNK_COPY, /* not yet ready, or dirty again */
    GW_CHUNK_FINAL,
    GW_CHUNK_QUIT,
    GW_CHUNK_OVER
};

struct gw_chunk_settings {
    int64_t threshold_bytes; /* switch over when no more is dirty */
    bool pause_to_switch;    /* copy what is dirty again while the guest is stopped */
    bool serial;             /* write-blocking: source first, then target */
};

extern const struct gw_setting gw_chunk_settings_table[];

struct gw_chunk_copy {
    const struct gw_ports *ports;
    const struct gw_chunk_settings *settings;
    bool write_blocking;
    struct gw_blockmap map;
    struct gw_bitmap dirty;   /* chunks that the target lacks */
    struct gw_bitmap copying; /* chunks that a data mover slot has in hand */
    struct gw_mover mover;
    struct gw_switchover over;
    enum gw_chunk_phase phase;
    enum gw_side side;
    uint64_t cursor;
    struct gw_guest_list writes;   /* write-blocking: guest writes in flight */
    struct gw_guest_queue waiting; /* for a chunk being copied or an overlapping write */
    int64_t mirrored_bytes;
    enum gw_code copy_result;
    const char *reason;
};

/* The calls of the architecture table: `state` is a struct gw_chunk_copy. */
bool gw_chunk_copy_start(struct gw_chunk_copy *copy, const struct gw_ports *ports,
                         const struct gw_chunk_settings *settings, bool write_blocking,
                         struct gw_error *err);
void gw_chunk_copy_stop(void *state);
void gw_chunk_copy_on_guest_io(void *state, struct gw_guest_io *io);
void gw_chunk_copy_on_timer(void *state, uint32_t timer);
void gw_chunk_copy_on_paused(void *state);
void gw_chunk_copy_on_resumed(void *state);
void gw_chunk_copy_cancel(void *state);
void gw_chunk_copy_progress(const void *state, struct gw_progress *out);

#endif
