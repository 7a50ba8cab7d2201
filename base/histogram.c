/* histogram.c - log-linear histogram: a bucket is a shift and a mask away.
 *
 * Idea      Below 128 the value is its bucket. Above, the seven leading bits name the bucket: the
 *           octave says how far to shift, the six bits after the leading one where in the octave.
 * Source    HdrHistogram (Tene, 2012); layout our own, so that buckets never depend on a range.
 * Invariant total equals the sum of all counts; least and most are exact.
 * Cost      One allocation of 29 KiB on the first value; adding is a count-leading-zeroes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/histogram.h"

#include <stdlib.h>

#include "base/error.h"

enum { LINEAR_COUNT = 128, OCTAVE_COUNT = 64, OCTAVE_FIRST = 7, OCTAVE_BITS = 6 };

size_t
gw_histogram_bucket(int64_t value)
{
    gw_assert(value >= 0);
    if (value < LINEAR_COUNT) {
        return (size_t)value;
    }
    int octave = 63 - __builtin_clzll((unsigned long long)value);
    size_t within = (size_t)(value >> (octave - OCTAVE_BITS)) - OCTAVE_COUNT;
    return LINEAR_COUNT + (size_t)(octave - OCTAVE_FIRST) * OCTAVE_COUNT + within;
}

int64_t
gw_histogram_lowest(size_t bucket)
{
    gw_assert(bucket < GW_HISTOGRAM_BUCKETS);
    if (bucket < LINEAR_COUNT) {
        return (int64_t)bucket;
    }
    size_t above = bucket - LINEAR_COUNT;
    int shift = (int)(above / OCTAVE_COUNT) + OCTAVE_FIRST - OCTAVE_BITS;
    return (int64_t)(OCTAVE_COUNT + above % OCTAVE_COUNT) << shift;
}

static int64_t
bucket_highest(size_t bucket)
{
    if (bucket + 1 == GW_HISTOGRAM_BUCKETS) {
        return INT64_MAX;
    }
    return gw_histogram_lowest(bucket + 1) - 1;
}

void
gw_histogram_clear(struct gw_histogram *histogram)
{
    free(histogram->count);
    *histogram = (struct gw_histogram){0};
}

static void
histogram_allocate(struct gw_histogram *histogram)
{
    if (histogram->count == NULL) {
        histogram->count = calloc(GW_HISTOGRAM_BUCKETS, sizeof *histogram->count);
        gw_assert(histogram->count != NULL);
    }
}

static void
histogram_bounds(struct gw_histogram *histogram, int64_t least, int64_t most)
{
    if (histogram->total == 0 || least < histogram->least) {
        histogram->least = least;
    }
    if (histogram->total == 0 || most > histogram->most) {
        histogram->most = most;
    }
}

void
gw_histogram_add(struct gw_histogram *histogram, int64_t value)
{
    size_t bucket = gw_histogram_bucket(value);

    histogram_allocate(histogram);
    histogram_bounds(histogram, value, value);
    histogram->count[bucket]++;
    histogram->total++;
    histogram->sum += value;
}

void
gw_histogram_merge(struct gw_histogram *into, const struct gw_histogram *from)
{
    if (from->total == 0) {
        return;
    }
    histogram_allocate(into);
    histogram_bounds(into, from->least, from->most);
    for (size_t i = 0; i < GW_HISTOGRAM_BUCKETS; i++) {
        into->count[i] += from->count[i];
    }
    into->total += from->total;
    into->sum += from->sum;
}

/* The rank is found in integers where the product is exact, so that a share of 0.5 of four
 * values is the second and not, by rounding, the third. */
static uint64_t
rank_of(uint64_t total, double share)
{
    double wanted = share * (double)total;
    uint64_t rank = wanted <= 1.0 ? 1 : (uint64_t)wanted;

    if ((double)rank < wanted) {
        rank++;
    }
    return rank > total ? total : rank;
}

int64_t
gw_histogram_quantile(const struct gw_histogram *histogram, double share)
{
    if (histogram->total == 0) {
        return 0;
    }
    gw_assert(share >= 0.0 && share <= 1.0);
    uint64_t rank = rank_of(histogram->total, share);
    uint64_t seen = 0;
    size_t bucket = 0;
    while (seen + histogram->count[bucket] < rank) {
        seen += histogram->count[bucket];
        bucket++;
    }
    if (rank == histogram->total) {
        return histogram->most;
    }
    int64_t lowest = gw_histogram_lowest(bucket);
    int64_t middle = lowest + (bucket_highest(bucket) - lowest) / 2;
    if (middle < histogram->least) {
        return histogram->least;
    }
    return middle > histogram->most ? histogram->most : middle;
}

double
gw_histogram_mean(const struct gw_histogram *histogram)
{
    if (histogram->total == 0) {
        return 0.0;
    }
    return (double)histogram->sum / (double)histogram->total;
}
