/* divergence.h - the first moment at which two runs of one guest part.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DIVERGENCE_H
#define GW_DIVERGENCE_H

#include "base/result.h"
#include "base/text.h"

enum gw_divergence_kind {
    GW_SAME,              /* the same to the last bit in all that they computed */
    GW_PART_IN_SERIES,    /* at a row of a series; t_s is NAN if that is no moment */
    GW_PART_IN_HISTOGRAM, /* no series tells when */
    GW_PART_IN_METRIC,
    GW_PART_IN_OUTCOME /* or its reason, or what the check of the target found */
};

enum { GW_DIVERGENCE_TIME = -1, GW_DIVERGENCE_MISSING = -2 };

struct gw_divergence {
    enum gw_divergence_kind kind;
    enum gw_series_id series;
    size_t row;
    int column;  /* of the series; or GW_DIVERGENCE_TIME: the rows are at other times;
                   GW_DIVERGENCE_MISSING: one run has no such row */
    double t_s;  /* from the beginning of the migration: that of the earlier row */
    int number;  /* of the metric, or of the histogram */
    double a, b; /* both values; NAN: none */
    const char *a_text, *b_text; /* instead of values: phases, outcomes; borrowed, or NULL */
};

/* Compares all that is in the digest but names, ids, seeds and settings. Of several series the
 * earliest difference counts; at the same moment, that of the one that says most. */
void gw_divergence_find(const struct gw_result *a, const struct gw_result *b,
                        struct gw_divergence *divergence);

/* "3.214 s: sync 4: dirty_pages_found 1203 -> 1188", or without a time "stuns 1 -> 2". */
void gw_divergence_describe(const struct gw_divergence *divergence, struct gw_text *out);

#endif
