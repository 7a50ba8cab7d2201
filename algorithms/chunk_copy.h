/* chunk_copy.h - background copy of dirty chunks beside guest writes: the core of QEMU's mirror.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHUNK_COPY_H
#define GW_CHUNK_COPY_H

#include "algorithms/chunk_claims.h"
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
    bool skip_dirty;         /* write-blocking: parts of dirty chunks are left to the copy */
    int64_t buffer_bytes;    /* held by all operations in flight; 0: as much as the mover has */
    bool claim_ahead;        /* claims while earlier claims wait for a buffer */
    bool wait_oldest;        /* sleeps until the oldest operation in flight has ended */
    int64_t slice_ns;        /* mover_rate holds for whole slices of time; 0: for each operation */
    int64_t claim_ns;        /* the loop takes for a claim */
    bool ask_status;         /* asks the source what an operation covers, before it starts */
    int64_t rest_ns;         /* after ready: how long it rests when nothing is dirty */
    int64_t hold_ns;         /* from ready to the wish to switch over */
    int64_t ready_limit_ns;  /* then the guest is stopped; 0: never */
    int64_t switch_limit_ns; /* from the wish to switch over, then it is stopped; 0: never */
    int64_t poll_ns;         /* how often the threshold is looked at; 0: always */
};

extern const struct gw_setting gw_chunk_settings_table[];

/* What the user wants of the job, or its management does after a time. */
struct gw_chunk_driver {
    bool ready;    /* it has been clean once */
    bool complete; /* to be switched over as soon as it is clean */
    bool forced;   /* the guest is stopped for that */
    bool late;     /* ... because it was not ready in time */
};

struct gw_chunk_copy {
    const struct gw_ports *ports;
    const struct gw_chunk_settings *settings;
    bool write_blocking;
    struct gw_blockmap map;
    struct gw_chunk_claims claims;
    struct gw_mover mover;
    struct gw_switchover over;
    struct gw_chunk_driver driver;
    enum gw_chunk_phase phase;
    enum gw_side side;
    uint64_t writes;               /* write-blocking: guest writes in flight */
    struct gw_guest_queue waiting; /* for a chunk in flight */
    int64_t mirrored_bytes;
    enum gw_code copy_result;
    bool claiming;          /* the loop is busy with a claim */
    bool asking;            /* ... or waits for the source to say what the next operation covers */
    bool resting;           /* it sleeps: nothing was dirty when it looked */
    struct gw_io status;    /* the question to the source */
    int64_t claim_until_ns; /* by the quota of the slice: no claim before */
    int64_t slice_begin_ns, slice_end_ns, slice_bytes;
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
