/* quantiles.c - order-statistic intervals.
 *
 * Idea      How many of n values lie below the true quantile is binomial, so the r-th smallest is a
 *           lower bound that fails with P(B < r), and an upper one that fails with P(B >= r). The
 *           best ranks with tails that are small enough are found by bisection.
 * Source    Conover, Practical Nonparametric Statistics, section 3.2; Hahn and Meeker, Statistical
 *           Intervals, section 5.2. P(B <= k) of the binomial is an incomplete beta function, which
 *           takes counts that GSL's own binomial does not.
 * Invariant 1 <= low and high <= count, or 0 for "no such rank".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/quantiles.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/error.h"
#include "results/sample.h"

struct ranks {
    uint64_t low, high;
    double coverage;
};

/* P(fewer than `rank` of `count` values lie below the quantile), rank >= 1. */
static double
fewer_than(uint64_t rank, uint64_t count, double share)
{
    if (rank > count) {
        return 1.0;
    }
    return gsl_cdf_beta_P(1.0 - share, (double)(count - rank + 1), (double)rank);
}

/* The largest rank whose P(B < rank) is at most `most`; 0 if none. */
static uint64_t
last_below(uint64_t count, double share, double most)
{
    uint64_t good = 0;
    uint64_t bad = count + 1;

    while (bad - good > 1) {
        uint64_t middle = good + (bad - good) / 2;
        if (fewer_than(middle, count, share) <= most) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    return good;
}

/* The upper rank is the lower one of the mirrored sample: as many values lie above the quantile as
 * lie below that of 1 - share. So no tail is found as a difference from 1. */
static struct ranks
ranks_of(uint64_t count, double share, double confidence)
{
    double tail = (1.0 - confidence) / 2.0;
    uint64_t low = last_below(count, share, tail);
    uint64_t mirrored = last_below(count, 1.0 - share, tail);
    struct ranks ranks = {low, mirrored > 0 ? count + 1 - mirrored : 0, NAN};

    if (low > 0 && mirrored > 0) {
        ranks.coverage =
            1.0 - fewer_than(low, count, share) - fewer_than(mirrored, count, 1.0 - share);
    }
    return ranks;
}

void
gw_quantile_of(const double *values, size_t count, double share, double confidence,
               struct gw_quantile *out)
{
    struct gw_sample sorted;

    gw_assert(share > 0.0 && share < 1.0 && confidence > 0.0 && confidence < 1.0);
    gw_sample_create_sorted(&sorted, values, count);
    *out = (struct gw_quantile){sorted.count, NAN, NAN, NAN, NAN};
    if (sorted.count > 0) {
        struct ranks ranks = ranks_of(sorted.count, share, confidence);
        out->value = gsl_stats_quantile_from_sorted_data(sorted.values, 1, sorted.count, share);
        out->low = ranks.low > 0 ? sorted.values[ranks.low - 1] : NAN;
        out->high = ranks.high > 0 ? sorted.values[ranks.high - 1] : NAN;
        out->coverage = ranks.coverage;
    }
    gw_sample_destroy(&sorted);
}

struct span {
    double low, high;
};

/* What is known of the value at a rank, 1 .. total. */
static struct span
span_of_rank(const struct gw_histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;
    size_t bucket = 0;

    while (seen + histogram->count[bucket] < rank) {
        seen += histogram->count[bucket];
        bucket++;
    }
    int64_t low = gw_histogram_lowest(bucket);
    int64_t high =
        bucket + 1 == GW_HISTOGRAM_BUCKETS ? INT64_MAX : gw_histogram_lowest(bucket + 1) - 1;
    low = low > histogram->least ? low : histogram->least;
    high = high < histogram->most ? high : histogram->most;
    return (struct span){(double)low, (double)high};
}

/* The bucket that holds the value is found by the value itself, so that this file need not know
 * how the histogram rounds a share to a rank. */
static double
error_of(const struct gw_histogram *histogram, int64_t value)
{
    size_t bucket = gw_histogram_bucket(value);
    uint64_t rank = 0;

    for (size_t i = 0; i <= bucket; i++) {
        rank += histogram->count[i];
    }
    struct span span = span_of_rank(histogram, rank);
    return fmax((double)value - span.low, span.high - (double)value);
}

void
gw_quantile_of_histogram(const struct gw_histogram *histogram, double share, double confidence,
                         struct gw_histogram_quantile *out)
{
    gw_assert(share > 0.0 && share < 1.0 && confidence > 0.0 && confidence < 1.0);
    *out = (struct gw_histogram_quantile){histogram->total, NAN, NAN, NAN, NAN, NAN};
    if (histogram->total == 0) {
        return;
    }
    struct ranks ranks = ranks_of(histogram->total, share, confidence);
    int64_t value = gw_histogram_quantile(histogram, share);
    out->value = (double)value;
    out->error = error_of(histogram, value);
    out->low = ranks.low > 0 ? span_of_rank(histogram, ranks.low).low : NAN;
    out->high = ranks.high > 0 ? span_of_rank(histogram, ranks.high).high : NAN;
    out->coverage = ranks.coverage;
}
