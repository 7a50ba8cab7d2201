/* page_zipf.c - counts of Zipf ranks without drawing them all.
 *
 * Idea      zipf_table.c draws by rejection: a segment by its envelope, a uniform rank in it,
 *           accepted by its weight over that of the segment's first rank. Here all n draws take
 *           these steps together: the envelopes share them by binomial draws, and in each
 *           segment a binomial draw says how many fall below the weight of the last rank: they
 *           are accepted whatever their rank, so they are uniform. The few others are tried one
 *           by one, and those refused, about one in thirty, are drawn anew by themselves.
 * Source    Rejection of many draws at once; the law of each is that of zipf_table.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_zipf.h"

static double
weight_of(const struct gw_zipf_table *table, uint64_t rank)
{
    return gw_pow((double)rank + 1, -table->exponent);
}

bool
gw_page_zipf_init(struct gw_page_zipf *zipf, uint32_t count, double exponent, struct gw_error *err)
{
    const struct gw_zipf_table *table = &zipf->table;
    double rest = 0;

    if (!gw_zipf_table_init(&zipf->table, count, exponent, err)) {
        return false;
    }
    for (uint32_t i = table->segments; i-- > 0;) {
        const struct gw_zipf_segment *segment = &table->segment[i];
        double first = weight_of(table, segment->first);
        double envelope = first * (double)segment->width;

        /* A weight may underflow to 0 far out. */
        zipf->sure[i] =
            first > 0 ? weight_of(table, segment->first + segment->width - 1) / first : 1;
        rest += envelope;
        zipf->share[i] = rest > 0 ? envelope / rest : 0;
    }
    return true;
}

/* Whether rank `into` of the segment weighs more than `height`, as shares of the first weight. The
 * weight is convex: above its tangent at the first rank, below the chord to the last. Between
 * them lies one in thirty or so. */
static inline bool
accepts(const struct gw_page_zipf *zipf, uint32_t at, uint32_t into, double height)
{
    const struct gw_zipf_segment *segment = &zipf->table.segment[at];
    double first = (double)segment->first + 1;
    double last = (double)segment->width - 1;

    if (height < 1 - zipf->table.exponent * into / first) {
        return true;
    }
    return height <= 1 - (1 - zipf->sure[at]) * into / last &&
           height < gw_pow((first + into) / first, -zipf->table.exponent);
}

/* Tries `draws` ranks of the segment at heights between the weights of its ends; returns how many
 * were refused. */
static uint32_t
try_each(const struct gw_page_zipf *zipf, uint32_t at, struct gw_stream *stream, uint32_t draws,
         uint32_t *counts)
{
    const struct gw_zipf_segment *segment = &zipf->table.segment[at];
    double sure = zipf->sure[at];
    uint32_t refused = 0;

    for (uint32_t i = 0; i < draws; i++) {
        uint32_t into = gw_page_below(stream, (uint32_t)segment->width);
        double height = sure + (1 - sure) * gw_stream_unit(stream);
        bool accepted = accepts(zipf, at, into, height);

        counts[segment->first + into] += accepted;
        refused += !accepted;
    }
    return refused;
}

/* Returns how many draws were refused. */
static uint32_t
fill_segment(const struct gw_page_zipf *zipf, const struct gw_page_spread *spread, uint32_t at,
             struct gw_stream *stream, uint32_t draws, uint32_t *counts)
{
    const struct gw_zipf_segment *segment = &zipf->table.segment[at];
    uint32_t sure = draws;

    if (segment->width > 1) {
        sure = (uint32_t)gw_binomial(stream, draws, zipf->sure[at]);
    }
    gw_page_spread_fill(spread, stream, sure, counts + segment->first, (uint32_t)segment->width);
    return try_each(zipf, at, stream, draws - sure, counts);
}

void
gw_page_zipf_fill(const struct gw_page_zipf *zipf, const struct gw_page_spread *spread,
                  struct gw_stream *stream, uint32_t n, uint32_t *counts)
{
    uint32_t left = n;
    uint32_t refused = 0;

    for (uint32_t i = 0; left > 0; i++) {
        uint32_t draws = (uint32_t)gw_binomial(stream, left, zipf->share[i]);

        left -= draws;
        if (draws > 0) {
            refused += fill_segment(zipf, spread, i, stream, draws, counts);
        }
    }
    for (uint32_t i = 0; i < refused; i++) {
        counts[gw_zipf_table_draw(&zipf->table, stream)]++;
    }
}
