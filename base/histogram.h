/* histogram.h - log-linear histogram of non-negative integers: mergeable, at most 1 % error.
 *
 * Values below 128 have a bucket each; above, 64 buckets an octave (HDR style). Counts are exact
 * integers, so merging is order-free. A zeroed struct is an empty histogram; buckets are
 * allocated on first use.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HISTOGRAM_H
#define GW_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"

enum { GW_HISTOGRAM_BUCKETS = 128 + 56 * 64 };

struct gw_histogram {
    uint64_t *count; /* GW_HISTOGRAM_BUCKETS, or NULL while empty; owned */
    uint64_t total;
    int64_t least, most;
    gw_i128 sum;
};

void gw_histogram_clear(struct gw_histogram *histogram);
/* Adds a value >= 0 (negative ones are a bug). Memory out is a bug. */
void gw_histogram_add(struct gw_histogram *histogram, int64_t value);
void gw_histogram_merge(struct gw_histogram *into, const struct gw_histogram *from);
/* Middle of the bucket that holds the value at rank ceil(share * total), share 0..1, kept between
 * least and most; 0 if empty. */
int64_t gw_histogram_quantile(const struct gw_histogram *histogram, double share);
double gw_histogram_mean(const struct gw_histogram *histogram); /* 0 if empty */

/* Bucket of a value and lowest value of a bucket, for export. */
size_t gw_histogram_bucket(int64_t value);
int64_t gw_histogram_lowest(size_t bucket);

#endif
