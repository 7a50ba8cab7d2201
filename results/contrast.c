/* contrast.c - by how much two sets of runs differ that met the same guests.
 *
 * Idea      What a pair has in common, its guest, cancels in the difference and in the logarithm
 *           of the ratio. Both are one sample then, and a sample has a t-interval.
 * Source    Law, Simulation Modeling and Analysis, sections 10.2.1 and 11.2 (common random
 *           numbers).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/contrast.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/statistics.h"
#include "results/tests_of_means.h"

/* The pairs that have both values. */
struct pairs {
    double *a, *b; /* owned */
    size_t count;
};

static void
pairs_create(struct pairs *pairs, const double *a, const double *b, size_t count)
{
    *pairs = (struct pairs){.a = calloc(count + 1, sizeof(double)),
                            .b = calloc(count + 1, sizeof(double))};
    gw_assert(pairs->a != NULL && pairs->b != NULL);
    for (size_t i = 0; i < count; i++) {
        if (!isnan(a[i]) && !isnan(b[i])) {
            pairs->a[pairs->count] = a[i];
            pairs->b[pairs->count++] = b[i];
        }
    }
}

static void
pairs_destroy(struct pairs *pairs)
{
    free(pairs->a);
    free(pairs->b);
}

static void
take_difference(const struct pairs *pairs, double confidence, struct gw_contrast *out)
{
    struct gw_mean_test test;

    gw_means_paired(pairs->b, pairs->a, pairs->count, confidence, &test);
    out->mean_a = gsl_stats_mean(pairs->a, 1, pairs->count);
    out->mean_b = gsl_stats_mean(pairs->b, 1, pairs->count);
    out->difference = pairs->count < 2 ? out->mean_b - out->mean_a : test.difference;
    out->low = out->difference - test.half_width;
    out->high = out->difference + test.half_width;
    out->p = test.p;
}

static bool
has_ratio(const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->a[i] <= 0.0 || pairs->b[i] <= 0.0) {
            return false;
        }
    }
    return true;
}

/* Overwrites b with the logarithms. */
static void
take_ratio(struct pairs *pairs, double confidence, struct gw_contrast *out)
{
    struct gw_summary summary;

    for (size_t i = 0; i < pairs->count; i++) {
        pairs->b[i] = log(pairs->b[i] / pairs->a[i]);
    }
    gw_summary_of(pairs->b, pairs->count, confidence, &summary);
    out->ratio = exp(summary.mean);
    out->ratio_low = exp(summary.mean - summary.half_width);
    out->ratio_high = exp(summary.mean + summary.half_width);
}

void
gw_contrast_of(const double *a, const double *b, size_t count, double confidence,
               struct gw_contrast *out)
{
    struct pairs pairs;

    pairs_create(&pairs, a, b, count);
    *out = (struct gw_contrast){pairs.count, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (pairs.count > 0) {
        take_difference(&pairs, confidence, out);
    }
    if (pairs.count > 0 && has_ratio(&pairs)) {
        take_ratio(&pairs, confidence, out);
    }
    pairs_destroy(&pairs);
}
