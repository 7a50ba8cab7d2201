/* steady.c - where a run becomes steady, and how well its mean is known.
 *
 * Idea      MSER: leave out the start that makes the standard error of the rest smallest, worked
 *           out on means of five. Batch means: cut the run into so few pieces that their means
 *           hardly know of each other; they are then a sample of independent values. Whether they
 *           are is asked by von Neumann's ratio of the squared steps to the squared deviations,
 *           which is near 2 for independent values and less if neighbours resemble each other.
 * Source    White, "An effective truncation heuristic for bias reduction in simulation output",
 *           Simulation 69, 1997; the rule of one half and the last five means: Hoad, Robinson,
 *           Davies, "Automating warm-up length estimation", JORS 61, 2010. Law, Simulation Modeling
 *           and Analysis, section 9.5.3. Von Neumann, Annals of Mathematical Statistics 12, 1941.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/steady.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/sample.h"

/* The last means alone may be alike by chance, so a cut leaves at least TAIL of them. */
enum { MSER_SIZE = 5, MSER_TAIL = 5, MSER_LEAST = 20, BATCHES_MOST = 40, BATCHES_LEAST = 10 };

static const double independent_p = 0.1;

static void
fill_means(const double *values, size_t batches, size_t size, double *means)
{
    for (size_t i = 0; i < batches; i++) {
        means[i] = gsl_stats_mean(values + i * size, 1, size);
    }
}

/* From the end to the start, so that every tail's squared deviations are one step from the last;
 * of equal cuts the shortest. */
static size_t
best_cut(const double *means, size_t count)
{
    double mean = 0.0;
    double squares = 0.0;
    double least = INFINITY;
    size_t best = 0;

    for (size_t cut = count; cut-- > 0;) {
        double kept = (double)(count - cut);
        double away = means[cut] - mean;
        mean += away / kept;
        squares += away * (means[cut] - mean);
        double error = squares / (kept * kept);
        if (count - cut >= MSER_TAIL && error <= least) {
            least = error;
            best = cut;
        }
    }
    return best;
}

void
gw_steady_warm_up(const double *values, size_t count, struct gw_warm_up *out)
{
    struct gw_sample kept;

    gw_sample_create(&kept, values, count);
    *out = (struct gw_warm_up){kept.count, 0, false};
    size_t batches = kept.count / MSER_SIZE;
    if (batches >= MSER_LEAST) {
        /* In place: a mean is written where its values have been read. */
        fill_means(kept.values, batches, MSER_SIZE, kept.values);
        size_t cut = best_cut(kept.values, batches);
        out->trusted = cut <= batches / 2;
        out->truncated = out->trusted ? cut * MSER_SIZE : 0;
    }
    gw_sample_destroy(&kept);
}

/* Squared steps over squared deviations; 2 if the means are one constant. */
static double
von_neumann_ratio(const double *means, size_t batches, double mean, double *correlation)
{
    double squares = 0.0;
    double steps = 0.0;
    double products = 0.0;

    for (size_t i = 0; i < batches; i++) {
        squares += (means[i] - mean) * (means[i] - mean);
    }
    for (size_t i = 1; i < batches; i++) {
        steps += (means[i] - means[i - 1]) * (means[i] - means[i - 1]);
        products += (means[i] - mean) * (means[i - 1] - mean);
    }
    *correlation = squares > 0.0 ? products / squares : 0.0;
    return squares > 0.0 ? steps / squares : 2.0;
}

static void
judge(const double *means, double confidence, struct gw_batch_means *out)
{
    double count = (double)out->batches;
    double t = gsl_cdf_tdist_Pinv(0.5 + confidence / 2.0, count - 1.0);

    out->mean = gsl_stats_mean(means, 1, out->batches);
    out->half_width = t * gsl_stats_sd_m(means, 1, out->batches, out->mean) / sqrt(count);
    double ratio = von_neumann_ratio(means, out->batches, out->mean, &out->correlation);
    double deviation = sqrt(4.0 * (count - 2.0) / (count * count - 1.0));
    out->p = gsl_cdf_ugaussian_Q((2.0 - ratio) / deviation);
}

void
gw_steady_batch_means(const double *values, size_t count, size_t batches, double confidence,
                      struct gw_batch_means *out)
{
    struct gw_sample kept;
    double *means = malloc(batches * sizeof *means);

    gw_assert(batches >= 3 && means != NULL);
    gw_assert(confidence > 0.0 && confidence < 1.0);
    gw_sample_create(&kept, values, count);
    *out = (struct gw_batch_means){batches, kept.count / batches, NAN, NAN, NAN, NAN};
    if (out->batch_size > 0) {
        fill_means(kept.values + kept.count % batches, batches, out->batch_size, means);
        judge(means, confidence, out);
    }
    gw_sample_destroy(&kept);
    free(means);
}

void
gw_steady_interval(const double *values, size_t count, double confidence,
                   struct gw_batch_means *out)
{
    size_t batches = BATCHES_MOST;

    gw_steady_batch_means(values, count, batches, confidence, out);
    while (batches > BATCHES_LEAST && !(out->p > independent_p)) {
        batches /= 2;
        gw_steady_batch_means(values, count, batches, confidence, out);
    }
}
