/* bootstrap.c - percentile and BCa intervals.
 *
 * Idea      The statistic of many samples drawn with replacement shows how it would have scattered.
 *           The percentile interval cuts both tails alike. BCa moves the cuts by a bias, read off
 *           the share of resamples below the estimate, and an acceleration, read off the estimates
 *           with one value left out each.
 * Source    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 14.3.
 * Departs   Resamples equal to the estimate count half, for statistics with few values; the share
 *           is kept half a resample off 0 and 1, so that the bias is finite.
 * Invariant A resample draws count indices from one stream, in order; nothing else draws from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/bootstrap.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "results/sample.h"

static double
statistic_of(const struct gw_bootstrap *bootstrap, const double *values, size_t count)
{
    return bootstrap->statistic(bootstrap->self, values, count);
}

/* False if a statistic is NAN. drawn has room for the sample. */
static bool
resample(const struct gw_bootstrap *bootstrap, const struct gw_sample *sample, double *drawn,
         double *statistics)
{
    struct gw_stream stream;

    gw_stream_open(&stream, bootstrap->seed, 0, "bootstrap", 0);
    for (size_t i = 0; i < bootstrap->resamples; i++) {
        for (size_t k = 0; k < sample->count; k++) {
            drawn[k] = sample->values[gw_stream_below(&stream, sample->count)];
        }
        statistics[i] = statistic_of(bootstrap, drawn, sample->count);
        if (isnan(statistics[i])) {
            return false;
        }
    }
    return true;
}

static double
bias_of(const double *statistics, size_t count, double estimate)
{
    double below = 0.0;
    double all = (double)count;

    for (size_t i = 0; i < count; i++) {
        below += statistics[i] < estimate ? 0.5 : 0.0;
        below += statistics[i] <= estimate ? 0.5 : 0.0;
    }
    return gsl_cdf_ugaussian_Pinv(fmin(fmax(below, 0.5), all - 0.5) / all);
}

/* The skewness of the estimates with one value left out, over 6, with the sign turned. */
static double
acceleration_of(const struct gw_bootstrap *bootstrap, const struct gw_sample *sample, double *left)
{
    size_t count = sample->count;
    double *estimate = malloc(count * sizeof *estimate);
    double squares = 0.0;
    double cubes = 0.0;

    gw_assert(estimate != NULL);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k + 1 < count; k++) {
            left[k] = sample->values[k < i ? k : k + 1];
        }
        estimate[i] = statistic_of(bootstrap, left, count - 1);
    }
    double mean = gsl_stats_mean(estimate, 1, count);
    for (size_t i = 0; i < count; i++) {
        double away = mean - estimate[i];
        squares += away * away;
        cubes += away * away * away;
    }
    free(estimate);
    return squares > 0.0 ? cubes / (6.0 * squares * sqrt(squares)) : 0.0;
}

/* Where BCa cuts instead of at `share`. */
static double
moved(const struct gw_bootstrap_interval *interval, double share)
{
    double z = interval->bias + gsl_cdf_ugaussian_Pinv(share);

    return gsl_cdf_ugaussian_P(interval->bias + z / (1.0 - interval->acceleration * z));
}

static void
cut(const double *sorted, size_t count, double tail, struct gw_bootstrap_interval *out)
{
    out->percentile_low = gsl_stats_quantile_from_sorted_data(sorted, 1, count, tail);
    out->percentile_high = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 1.0 - tail);
    out->bca_low = gsl_stats_quantile_from_sorted_data(sorted, 1, count, moved(out, tail));
    out->bca_high = gsl_stats_quantile_from_sorted_data(sorted, 1, count, moved(out, 1.0 - tail));
}

static void
run(const struct gw_bootstrap *bootstrap, const struct gw_sample *sample,
    struct gw_bootstrap_interval *out)
{
    double *drawn = malloc(sample->count * sizeof *drawn);
    double *statistics = malloc(bootstrap->resamples * sizeof *statistics);

    gw_assert(drawn != NULL && statistics != NULL);
    if (resample(bootstrap, sample, drawn, statistics)) {
        gsl_sort(statistics, 1, bootstrap->resamples);
        out->deviation = gsl_stats_sd(statistics, 1, bootstrap->resamples);
        out->bias = bias_of(statistics, bootstrap->resamples, out->estimate);
        out->acceleration = acceleration_of(bootstrap, sample, drawn);
        cut(statistics, bootstrap->resamples, (1.0 - bootstrap->confidence) / 2.0, out);
    }
    free(statistics);
    free(drawn);
}

void
gw_bootstrap_run(const struct gw_bootstrap *bootstrap, const double *values, size_t count,
                 struct gw_bootstrap_interval *out)
{
    struct gw_sample sample;

    gw_assert(bootstrap->resamples >= 2);
    gw_assert(bootstrap->confidence > 0.0 && bootstrap->confidence < 1.0);
    gw_sample_create(&sample, values, count);
    *out = (struct gw_bootstrap_interval){sample.count, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (sample.count > 0) {
        out->estimate = statistic_of(bootstrap, sample.values, sample.count);
    }
    if (sample.count > 1 && !isnan(out->estimate)) {
        run(bootstrap, &sample, out);
    }
    gw_sample_destroy(&sample);
}

double
gw_bootstrap_mean(void *self, const double *values, size_t count)
{
    double sum = 0.0;

    (void)self;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum / (double)count;
}
