/* zipf_table.h - fast Zipf ranks: a small table in front of the law.
 *
 * For the inner loop of a workload: about ten times as fast as gw_zipf_draw (base/variate.h),
 * which needs no table. Same law, other draws.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ZIPF_TABLE_H
#define GW_ZIPF_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

enum { GW_ZIPF_SEGMENTS_MAX = 768 };

struct gw_zipf_segment {
    uint64_t first, width; /* ranks first .. first+width-1 */
    uint32_t threshold;    /* alias table: draws below stay here */
    uint32_t other;        /* alias table: where the others go */
    uint64_t sure_below;   /* 32-bit draws below are accepted for any rank of the segment */
};

/* Plain data: may be copied, needs no release. */
struct gw_zipf_table {
    uint32_t segments;
    double exponent;
    struct gw_zipf_segment segment[GW_ZIPF_SEGMENTS_MAX];
};

/* Ranks 0 .. count-1, P(rank) ~ 1 / (rank + 1)^exponent; count >= 1, exponent >= 0.
 * Errors: GW_ENOMEM. */
bool gw_zipf_table_init(struct gw_zipf_table *table, uint64_t count, double exponent,
                        struct gw_error *err);
uint64_t gw_zipf_table_draw(const struct gw_zipf_table *table, struct gw_stream *stream);

#endif
