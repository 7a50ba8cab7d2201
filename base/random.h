/* random.h - named counter-based random streams: chance without hidden dice.
 *
 * A stream is keyed by (study seed, replication, name, object), so that every architecture meets
 * the same guest and an added draw in one place moves nothing elsewhere. Generator: Philox4x32-10
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). No global state.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RANDOM_H
#define GW_RANDOM_H

#include <stdint.h>

#include "base/wide.h"

enum { GW_STREAM_BATCH = 64 }; /* 32-bit words made at a time */

struct gw_stream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t used; /* words of `word` already handed out */
    uint32_t word[GW_STREAM_BATCH];
};

/* Opens the stream `name` of object number `object`. Same arguments, same draws, everywhere. */
void gw_stream_open(struct gw_stream *stream, uint64_t seed, uint64_t replication, const char *name,
                    uint64_t object);

/* Makes the next batch of words; called by the inline draws below. */
void gw_stream_refill(struct gw_stream *stream);

/* One block of the bare generator, for the published known-answer vectors. */
void gw_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

static inline uint32_t
gw_stream_u32(struct gw_stream *stream)
{
    if (__builtin_expect(stream->used == GW_STREAM_BATCH, 0)) {
        gw_stream_refill(stream);
    }
    return stream->word[stream->used++];
}

static inline uint64_t
gw_stream_u64(struct gw_stream *stream)
{
    uint32_t used = stream->used;

    if (__builtin_expect(used <= GW_STREAM_BATCH - 2, 1)) {
        stream->used = used + 2;
        return stream->word[used] | (uint64_t)stream->word[used + 1] << 32;
    }
    uint64_t low = gw_stream_u32(stream);

    return low | (uint64_t)gw_stream_u32(stream) << 32;
}

/* Uniform in [0, 1), 53 bits. */
static inline double
gw_stream_unit(struct gw_stream *stream)
{
    return (double)(gw_stream_u64(stream) >> 11) * 0x1p-53;
}

/* Uniform in 0 .. bound-1 by multiply-shift (bias below bound / 2^64); bound >= 1. */
static inline uint64_t
gw_stream_below(struct gw_stream *stream, uint64_t bound)
{
    return (uint64_t)(((gw_u128)gw_stream_u64(stream) * bound) >> 64);
}

#endif
