/* page_zipf.h - how often each rank of a Zipf law comes in n draws.
 *
 * For page_writer.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_ZIPF_H
#define GW_PAGE_ZIPF_H

#include "workloads/page_spread.h"
#include "workloads/zipf_table.h"

/* Plain data: needs no release. */
struct gw_page_zipf {
    struct gw_zipf_table table;
    double share[GW_ZIPF_SEGMENTS_MAX]; /* of a segment's envelope in its own and all later ones */
    double sure[GW_ZIPF_SEGMENTS_MAX];  /* weight of the last rank over that of the first */
};

/* Errors: GW_ENOMEM. */
bool gw_page_zipf_init(struct gw_page_zipf *zipf, uint32_t count, double exponent,
                       struct gw_error *err);

/* Counts of n draws by rank; the same law as gw_zipf_table_draw. All counts are 0 before. */
void gw_page_zipf_fill(const struct gw_page_zipf *zipf, const struct gw_page_spread *spread,
                       struct gw_stream *stream, uint32_t n, uint32_t *counts);

#endif
