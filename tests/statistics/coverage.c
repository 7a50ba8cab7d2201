/* coverage.c - experiments whose truth is known, one function an interval, one row a claim.
 *
 * Where the theory does not promise 95 % the row says so and why; its band then holds what was
 * measured, so that a change is seen. The share of 10,000 experiments is known to 0.22 points. A row
 * draws from a stream of its own interval and size, so that a row more moves no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/statistics/coverage.h"

#include <math.h>

#include "base/error.h"
#include "base/variate.h"
#include "results/bootstrap.h"
#include "results/quantiles.h"
#include "results/statistics.h"
#include "results/steady.h"
#include "results/stopping.h"
#include "results/tests_of_means.h"
#include "tests/statistics/laws.h"

enum {
    SIZE_MOST = 100,
    SERIES_MOST = 32000,
    BATCHES = 20,
    STOPPING_LEAST = 10,
    STOPPING_MOST = 1000,
    LONG_ONLY = 10
};

static const double confidence = 0.95;

static bool
holds(double middle, double half_width, double truth)
{
    return fabs(middle - truth) <= half_width;
}

static bool
t_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    double values[SIZE_MOST];
    struct gw_summary summary;

    law_fill(law, stream, values, size);
    gw_summary_of(values, size, confidence, &summary);
    return holds(summary.mean, summary.half_width, law->mean);
}

/* What both have in common is not in the difference. */
static bool
paired_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mean_test test;

    for (size_t i = 0; i < size; i++) {
        double common = 10.0 * law->draw(stream);
        a[i] = common + law->draw(stream);
        b[i] = common + law->draw(stream);
    }
    gw_means_paired(a, b, size, confidence, &test);
    return holds(test.difference, test.half_width, 0.0);
}

/* The second sample is twice as large, and so scatters twice as much. */
static bool
welch_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    double a[SIZE_MOST];
    double b[SIZE_MOST];
    struct gw_mean_test test;

    law_fill(law, stream, a, size);
    for (size_t i = 0; i < size; i++) {
        b[i] = 2.0 * law->draw(stream);
    }
    gw_means_welch(a, size, b, size, confidence, &test);
    return holds(test.difference, test.half_width, -law->mean);
}

static void
bootstrap_of(const struct law *law, size_t size, struct gw_stream *stream,
             struct gw_bootstrap_interval *interval)
{
    double values[SIZE_MOST];
    struct gw_bootstrap bootstrap = {gw_bootstrap_mean, NULL, 999, confidence, 0};

    law_fill(law, stream, values, size);
    bootstrap.seed = gw_stream_u64(stream);
    gw_bootstrap_run(&bootstrap, values, size, interval);
}

static bool
percentile_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    struct gw_bootstrap_interval interval;

    bootstrap_of(law, size, stream, &interval);
    return interval.percentile_low <= law->mean && law->mean <= interval.percentile_high;
}

static bool
bca_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    struct gw_bootstrap_interval interval;

    bootstrap_of(law, size, stream, &interval);
    return interval.bca_low <= law->mean && law->mean <= interval.bca_high;
}

static bool
median_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    double values[SIZE_MOST];
    struct gw_quantile quantile;

    law_fill(law, stream, values, size);
    gw_quantile_of(values, size, 0.5, confidence, &quantile);
    return quantile.low <= law->median && law->median <= quantile.high;
}

/* Replications until the rule is content. */
static bool
stopping_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    const struct gw_stopping_rule rule = {confidence, law->relative, size, STOPPING_MOST};
    double values[STOPPING_MOST];
    struct gw_stopping_look look = {.verdict = GW_STOPPING_MORE};

    law_fill(law, stream, values, size);
    for (size_t count = size; look.verdict == GW_STOPPING_MORE; count++) {
        gw_stopping_decide(&rule, values, count, &look);
        values[count % STOPPING_MOST] = law->draw(stream);
    }
    return holds(look.mean, look.half_width, law->mean);
}

/* Each value is `memory` of the last, and the rest new; it starts in its steady state. */
static void
fill_series(double memory, struct gw_stream *stream, double *values, size_t count)
{
    double value = gw_normal(stream, 0.0, 1.0 / __builtin_sqrt(1.0 - memory * memory));

    for (size_t i = 0; i < count; i++) {
        values[i] = value;
        value = memory * value + gw_normal(stream, 0.0, 1.0);
    }
}

static bool
batches_hold(double memory, size_t size, struct gw_stream *stream)
{
    double values[SERIES_MOST];
    struct gw_batch_means means;

    fill_series(memory, stream, values, size);
    gw_steady_batch_means(values, size, BATCHES, confidence, &means);
    return holds(means.mean, means.half_width, 0.0);
}

static bool
batches_hold_05(const struct law *law, size_t size, struct gw_stream *stream)
{
    (void)law;
    return batches_hold(0.5, size, stream);
}

static bool
batches_hold_09(const struct law *law, size_t size, struct gw_stream *stream)
{
    (void)law;
    return batches_hold(0.9, size, stream);
}

static bool
batches_hold_alone(const struct law *law, size_t size, struct gw_stream *stream)
{
    double values[SERIES_MOST];
    struct gw_batch_means means;

    law_fill(law, stream, values, size);
    gw_steady_batch_means(values, size, BATCHES, confidence, &means);
    return holds(means.mean, means.half_width, law->mean);
}

static bool
chosen_hold_09(const struct law *law, size_t size, struct gw_stream *stream)
{
    double values[SERIES_MOST];
    struct gw_batch_means means;

    (void)law;
    fill_series(0.9, stream, values, size);
    gw_steady_interval(values, size, confidence, &means);
    return holds(means.mean, means.half_width, 0.0);
}

/* Waiting times of M/M/1 at half load from an empty queue: the warm-up is found, then left out. The
 * true mean is 1 service time. */
static bool
queue_holds(const struct law *law, size_t size, struct gw_stream *stream)
{
    double values[SERIES_MOST];
    double wait = 0.0;
    struct gw_warm_up warm_up;
    struct gw_batch_means means;

    (void)law;
    for (size_t i = 0; i < size; i++) {
        values[i] = wait;
        wait = fmax(0.0, wait + gw_exponential(stream, 1.0) - gw_exponential(stream, 2.0));
    }
    gw_steady_warm_up(values, size, &warm_up);
    gw_steady_interval(values + warm_up.truncated, size - warm_up.truncated, confidence, &means);
    return holds(means.mean, means.half_width, 1.0);
}

/* What is drawn where there is no law to choose. */
static const struct law series_05 = {"AR(1) 0.5", 0.0, 0.0, 0.0, NULL};
static const struct law series_09 = {"AR(1) 0.9", 0.0, 0.0, 0.0, NULL};
static const struct law queue = {"M/M/1, load 0.5", 1.0, 0.0, 0.0, NULL};

struct claim {
    const char *interval;
    bool (*holds)(const struct law *law, size_t size, struct gw_stream *stream);
    const struct law *law;
    size_t size;
    double low, high; /* 0: 93 % .. 97 % */
    const char *note;
};

static const char skewed[] = "low: skewed, few values";
static const char short_tails[] = "low: few values do not show their tails";
static const char few_ranks[] = "high: few ranks to choose from; exactly 97.9 %";
static const char looked[] = "low: skewed, and stops early on lucky samples";
static const char cut_peaks[] = "low: the warm-up rule prefers to cut off early peaks";

static const struct claim claims[] = {
    {"t", t_holds, &law_normal, 5, 0.0, 0.0, NULL},
    {"t", t_holds, &law_normal, 10, 0.0, 0.0, NULL},
    {"t", t_holds, &law_normal, 30, 0.0, 0.0, NULL},
    {"t", t_holds, &law_exponential, 5, 0.865, 0.895, skewed},
    {"t", t_holds, &law_exponential, 10, 0.89, 0.915, skewed},
    {"t", t_holds, &law_exponential, 30, 0.915, 0.94, skewed},
    {"t", t_holds, &law_lognormal, 5, 0.9, 0.925, skewed},
    {"t", t_holds, &law_lognormal, 10, 0.905, 0.93, skewed},
    {"t", t_holds, &law_lognormal, 30, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_normal, 5, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_normal, 10, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_normal, 30, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_exponential, 5, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_exponential, 10, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_exponential, 30, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_lognormal, 5, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_lognormal, 10, 0.0, 0.0, NULL},
    {"paired t", paired_holds, &law_lognormal, 30, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_normal, 5, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_normal, 10, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_normal, 30, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_exponential, 5, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_exponential, 10, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_exponential, 30, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_lognormal, 5, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_lognormal, 10, 0.0, 0.0, NULL},
    {"Welch", welch_holds, &law_lognormal, 30, 0.0, 0.0, NULL},
    {"BCa", bca_holds, &law_normal, 5, 0.82, 0.85, short_tails},
    {"BCa", bca_holds, &law_normal, 10, 0.89, 0.92, short_tails},
    {"BCa", bca_holds, &law_normal, 30, 0.92, 0.945, short_tails},
    {"BCa", bca_holds, &law_normal, 100, 0.0, 0.0, NULL},
    {"BCa", bca_holds, &law_exponential, 5, 0.78, 0.81, short_tails},
    {"BCa", bca_holds, &law_exponential, 10, 0.86, 0.89, short_tails},
    {"BCa", bca_holds, &law_exponential, 30, 0.91, 0.935, skewed},
    {"BCa", bca_holds, &law_exponential, 100, 0.0, 0.0, NULL},
    {"BCa", bca_holds, &law_lognormal, 5, 0.795, 0.825, short_tails},
    {"BCa", bca_holds, &law_lognormal, 10, 0.865, 0.895, short_tails},
    {"BCa", bca_holds, &law_lognormal, 30, 0.91, 0.935, skewed},
    {"BCa", bca_holds, &law_lognormal, 100, 0.0, 0.0, NULL},
    {"median by ranks", median_holds, &law_normal, 10, 0.971, 0.986, few_ranks},
    {"median by ranks", median_holds, &law_normal, 30, 0.0, 0.0, NULL},
    {"median by ranks", median_holds, &law_exponential, 10, 0.971, 0.986, few_ranks},
    {"median by ranks", median_holds, &law_exponential, 30, 0.0, 0.0, NULL},
    {"median by ranks", median_holds, &law_lognormal, 10, 0.971, 0.986, few_ranks},
    {"median by ranks", median_holds, &law_lognormal, 30, 0.0, 0.0, NULL},
    {"batch means", batches_hold_alone, &law_normal, 600, 0.0, 0.0, NULL},
    {"batch means", batches_hold_alone, &law_exponential, 600, 0.0, 0.0, NULL},
    {"batch means", batches_hold_alone, &law_lognormal, 600, 0.0, 0.0, NULL},
    {"batch means", batches_hold_05, &series_05, 2000, 0.0, 0.0, NULL},
    {"batch means", batches_hold_09, &series_09, 8000, 0.0, 0.0, NULL},
    {"chosen batches", chosen_hold_09, &series_09, 8000, 0.0, 0.0, NULL},
    {"chosen batches", queue_holds, &queue, 8000, 0.91, 0.935, cut_peaks},
    {"t, sequential", stopping_holds, &law_normal, STOPPING_LEAST, 0.0, 0.0, NULL},
    {"t, sequential", stopping_holds, &law_exponential, STOPPING_LEAST, 0.0, 0.0, NULL},
    {"t, sequential", stopping_holds, &law_lognormal, STOPPING_LEAST, 0.915, 0.935, looked},
    /* From here: the long form only. */
    {"percentile", percentile_holds, &law_normal, 5, 0.825, 0.855, short_tails},
    {"percentile", percentile_holds, &law_normal, 10, 0.885, 0.915, short_tails},
    {"percentile", percentile_holds, &law_normal, 30, 0.92, 0.945, short_tails},
    {"percentile", percentile_holds, &law_exponential, 5, 0.77, 0.8, short_tails},
    {"percentile", percentile_holds, &law_exponential, 10, 0.845, 0.875, short_tails},
    {"percentile", percentile_holds, &law_exponential, 30, 0.9, 0.93, skewed},
    {"percentile", percentile_holds, &law_lognormal, 5, 0.79, 0.82, short_tails},
    {"percentile", percentile_holds, &law_lognormal, 10, 0.86, 0.89, short_tails},
    {"percentile", percentile_holds, &law_lognormal, 30, 0.9, 0.93, skewed},
    {"chosen batches", queue_holds, &queue, 32000, 0.0, 0.0, NULL},
};

size_t
coverage_count(void)
{
    return sizeof claims / sizeof *claims;
}

size_t
coverage_short_count(void)
{
    return coverage_count() - LONG_ONLY;
}

void
coverage_run(size_t index, size_t experiments, double slack, struct coverage_row *row)
{
    const struct claim *claim = &claims[index];
    size_t held = 0;

    gw_assert(index < coverage_count());
    for (size_t i = 0; i < experiments; i++) {
        struct gw_stream stream;
        gw_stream_open(&stream, 1, i, claim->interval, claim->size);
        held += claim->holds(claim->law, claim->size, &stream) ? 1 : 0;
    }
    *row = (struct coverage_row){.interval = claim->interval,
                                 .law = claim->law->name,
                                 .size = claim->size,
                                 .low = claim->high > 0.0 ? claim->low : 0.93,
                                 .high = claim->high > 0.0 ? claim->high : 0.97,
                                 .note = claim->note != NULL ? claim->note : "",
                                 .share = (double)held / (double)experiments};
    row->ok = row->share >= row->low - slack && row->share <= row->high + slack;
}
