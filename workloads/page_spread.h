/* page_spread.h - independent uniform writes over a range of pages, one by one or in bulk.
 *
 * For page_writer.c and page_zipf.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_SPREAD_H
#define GW_PAGE_SPREAD_H

#include "base/variate.h"

enum { GW_SPREAD_DIGIT = 16, GW_SPREAD_SUPPORT_MAX = 512 };

/* Poisson counts of one mean: lowest + what the alias table draws. */
struct gw_poisson_table {
    uint32_t lowest;
    struct gw_alias alias;
};

/* Tables of the means 1 .. 15 and 16 .. 240. */
struct gw_page_spread {
    struct gw_poisson_table table[2][GW_SPREAD_DIGIT];
};

/* Errors: GW_ENOMEM; then nothing needs a release. */
bool gw_page_spread_create(struct gw_page_spread *spread, struct gw_error *err);
void gw_page_spread_destroy(struct gw_page_spread *spread);

/* n pages of 0 .. width-1, in order. */
void gw_page_spread_draw(struct gw_stream *stream, uint32_t width, uint32_t n, uint32_t *pages);

/* Counts of n writes over width >= 1 pages: the same law as drawing them. All counts are 0
 * before. Costs O(width), or O(n) when that is less. */
void gw_page_spread_fill(const struct gw_page_spread *spread, struct gw_stream *stream, uint32_t n,
                         uint32_t *counts, uint32_t width);

/* The next words of the stream, at least 1 and at most `most`; valid until the next draw. */
static inline const uint32_t *
gw_page_words(struct gw_stream *stream, uint32_t most, uint32_t *count)
{
    if (stream->used == GW_STREAM_BATCH) {
        gw_stream_refill(stream);
    }
    const uint32_t *word = stream->word + stream->used;
    uint32_t there = GW_STREAM_BATCH - stream->used;

    *count = there < most ? there : most;
    stream->used += *count;
    return word;
}

/* Uniform in 0 .. bound-1, exactly, from 32 bits mostly; bound >= 1. */
static inline uint32_t
gw_page_below(struct gw_stream *stream, uint32_t bound)
{
    uint64_t product = (uint64_t)gw_stream_u32(stream) * bound;

    if (__builtin_expect((uint32_t)product < bound, 0)) {
        uint32_t biased = (0 - bound) % bound;

        while ((uint32_t)product < biased) {
            product = (uint64_t)gw_stream_u32(stream) * bound;
        }
    }
    return (uint32_t)(product >> 32);
}

#endif
