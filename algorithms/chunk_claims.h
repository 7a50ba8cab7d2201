/* chunk_claims.h - which chunks are dirty, claimed for a copy and in flight, as QEMU's mirror does.
 *
 * A run of dirty chunks is claimed at once and then copied in operations; each holds a part of one
 * common buffer while it is in flight. Operations that find no room sleep until they are woken, and
 * then look again in the order of their claims. A chunk in flight belongs to one operation or to
 * one guest write.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CHUNK_CLAIMS_H
#define GW_CHUNK_CLAIMS_H

#include "algorithms/blockmap.h"

/* Operations are known by their first chunk. */
struct gw_chunk_queue {
    uint32_t first, last;
};

struct gw_chunk_claims {
    const struct gw_blockmap *map;
    struct gw_bitmap dirty;                /* chunks that the target lacks */
    struct gw_bitmap flying;               /* claimed, being copied, or under a guest write */
    struct gw_bitmap queued;               /* claimed and waiting for a buffer */
    struct gw_bitmap begins;               /* of them, those that an operation begins with */
    struct gw_chunk_operation *operations; /* by their first chunk */
    struct gw_chunk_queue awake;           /* they look next whether there is room */
    struct gw_chunk_queue asleep;          /* they look when any operation has ended */
    uint32_t flights;                      /* operations in flight, a list */
    uint32_t loop_on;                      /* the one whose end the owner waits for */
    uint64_t serial;                       /* of the next claim */
    uint64_t cursor;                       /* where the next dirty run is looked for */
    uint64_t next, end;                    /* of the claimed run, what is no operation yet */
    int64_t run_bytes;                     /* longest run that is claimed at once */
    int64_t operation_bytes;               /* longest operation */
    int64_t free_bytes;                    /* of the buffer */
    bool awaited;                          /* the next dirty run begins with a chunk in flight */
    bool wait_oldest; /* who finds no room sleeps until the oldest in flight has ended */
};

/* All chunks are dirty. Errors: GW_ENOMEM. */
bool gw_chunk_claims_start(struct gw_chunk_claims *claims, const struct gw_blockmap *map,
                           int64_t operation_bytes, int64_t buffer_bytes, struct gw_error *err);
void gw_chunk_claims_stop(struct gw_chunk_claims *claims);

/* Claims the next dirty run, going round. False: nothing is dirty, or its first chunk is in
 * flight; then everything waits for that one. */
bool gw_chunk_claims_next(struct gw_chunk_claims *claims);
/* What of the claimed run is not yet in operations. */
struct gw_piece gw_chunk_claims_run(const struct gw_chunk_claims *claims);
/* Makes the next operation of the claimed run. False: that was the last. */
bool gw_chunk_claims_launch(struct gw_chunk_claims *claims);
/* The next operation that is awake and finds room in the buffer. */
bool gw_chunk_claims_take(struct gw_chunk_claims *claims, struct gw_piece *out);
/* Whoever claims sleeps from now on until the oldest operation in flight has ended; not at all when
 * none is in flight. */
void gw_chunk_claims_sleep(struct gw_chunk_claims *claims);
bool gw_chunk_claims_asleep(const struct gw_chunk_claims *claims);
/* An operation is over, which may wake those that sleep; dirty: it failed. */
void gw_chunk_claims_done(struct gw_chunk_claims *claims, struct gw_piece piece, bool dirty);
/* A guest write in the extent is over. */
void gw_chunk_claims_land(struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent);
/* What waits for a buffer is dirty again. */
void gw_chunk_claims_drop(struct gw_chunk_claims *claims);

/* Whether a chunk of the extent is in flight. */
bool gw_chunk_claims_busy(const struct gw_chunk_claims *claims, uint32_t disk,
                          struct gw_extent extent);

/* What the target lacks and no operation in flight brings. */
int64_t gw_chunk_claims_left_bytes(const struct gw_chunk_claims *claims);
/* A guest write is on both sides: takes the dirty bits of the chunks that it covered whole. */
void gw_chunk_claims_clean(struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent);
/* What of a guest write is not a part of a dirty chunk; its length may be 0. */
struct gw_extent gw_chunk_claims_rest(const struct gw_chunk_claims *claims, uint32_t disk,
                                      struct gw_extent extent);

#endif
