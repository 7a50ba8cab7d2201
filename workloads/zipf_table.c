/* zipf_table.c - fast Zipf ranks.
 *
 * Idea      The first 64 ranks are segments of their own, the rest is cut into segments each 1/16
 *           wider than its distance from the start. An alias table draws a segment by its
 *           envelope (width times the weight of its first rank); a uniform rank of the segment is
 *           accepted by its true weight. The weight falls little inside a segment, so nearly all
 *           draws are accepted by one comparison with the weight of the last rank; a tangent and a
 *           chord decide nearly all others without a power.
 * Source    Rejection with a piecewise constant envelope and a squeeze: Devroye, "Non-uniform
 *           random variate generation", 1986, chapters II.3 and VIII. Alias table: base/variate.h.
 * Cost      400 segments for 10^9 ranks; 2^64 ranks fit GW_ZIPF_SEGMENTS_MAX.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/zipf_table.h"

#include <string.h>

#include "base/variate.h"

enum { SINGLE_RANKS = 64, WIDTH_SHIFT = 4 };

static double
weight_of(const struct gw_zipf_table *table, uint64_t rank)
{
    return gw_pow((double)rank + 1, -table->exponent);
}

static void
cut_segments(struct gw_zipf_table *table, uint64_t count, double *envelope)
{
    uint64_t first = 0;

    while (first < count) {
        struct gw_zipf_segment *segment = &table->segment[table->segments];
        uint64_t width = first < SINGLE_RANKS ? 1 : first >> WIDTH_SHIFT;
        double most;

        gw_assert(table->segments < GW_ZIPF_SEGMENTS_MAX);
        width = width < count - first ? width : count - first;
        most = weight_of(table, first);
        segment->first = first;
        segment->width = width;
        segment->sure_below = (uint64_t)(weight_of(table, first + width - 1) / most * 0x1p32);
        envelope[table->segments++] = most * (double)width;
        first += width;
    }
}

bool
gw_zipf_table_init(struct gw_zipf_table *table, uint64_t count, double exponent,
                   struct gw_error *err)
{
    double envelope[GW_ZIPF_SEGMENTS_MAX];
    struct gw_alias alias;

    gw_assert(count >= 1 && exponent >= 0);
    memset(table, 0, sizeof *table);
    table->exponent = exponent;
    cut_segments(table, count, envelope);
    if (!gw_alias_create(&alias, envelope, table->segments, err)) {
        return false;
    }
    for (uint32_t i = 0; i < table->segments; i++) {
        table->segment[i].threshold = alias.threshold[i];
        table->segment[i].other = alias.other[i];
    }
    gw_alias_destroy(&alias);
    return true;
}

static inline const struct gw_zipf_segment *
draw_segment(const struct gw_zipf_table *table, struct gw_stream *stream)
{
    gw_u128 product = (gw_u128)gw_stream_u64(stream) * table->segments;
    const struct gw_zipf_segment *segment = &table->segment[(uint32_t)(product >> 64)];
    uint32_t height = (uint32_t)((uint64_t)product >> 32);

    return height < segment->threshold ? segment : &table->segment[segment->other];
}

/* Whether a draw that is not surely accepted is, by the weight of the rank over that of the first.
 * The weight is convex: above its tangent at the first rank, below the chord to the last. */
static bool
accepts(const struct gw_zipf_table *table, const struct gw_zipf_segment *segment, uint64_t into,
        uint32_t height)
{
    double first = (double)segment->first + 1;
    double draw = (double)height * 0x1p-32;
    double last_ratio = (double)(segment->sure_below + 1) * 0x1p-32;

    if (draw < 1 - table->exponent * (double)into / first) {
        return true;
    }
    if (draw > 1 - (1 - last_ratio) * (double)into / (double)(segment->width - 1)) {
        return false;
    }
    return draw < gw_pow(((double)into + first) / first, -table->exponent);
}

uint64_t
gw_zipf_table_draw(const struct gw_zipf_table *table, struct gw_stream *stream)
{
    for (;;) {
        const struct gw_zipf_segment *segment = draw_segment(table, stream);
        uint64_t into;
        uint32_t height;

        if (segment->width == 1) {
            return segment->first;
        }
        into = gw_stream_below(stream, segment->width);
        height = gw_stream_u32(stream);
        if (height < segment->sure_below || accepts(table, segment, into, height)) {
            return segment->first + into;
        }
    }
}
