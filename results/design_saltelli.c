/* design_saltelli.c - how much of the variance each parameter answers for.
 *
 * Idea      Two independent points a and b for each base point, and with them a's copies that take
 *           one dimension each from b. All numbers of a base point come from one Sobol point of
 *           twice the dimensions. The results are centred first: a large mean would drown the
 *           products.
 * Source    First: Saltelli et al., Computer Physics Communications 181 (2010), table 2 (b).
 *           Total: Jansen, Computer Physics Communications 117 (1999), as (f) there.
 *           Intervals: Efron's percentiles, base points drawn with replacement.
 * Departs   The points are quasi-random and the bootstrap takes them as independent: its
 *           intervals are wider than need be.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "results/design_effects.h"
#include "results/design_kinds.h"

/* The results of one base point: a, a with dimension d of b, ..., b; in the order of the rows. */
struct blocks {
    double *values; /* centred, without those that have a NAN; owned */
    size_t dimensions, count;
};

/* The shares of all dimensions from one choice of base points. */
struct shares {
    double *first; /* one a dimension, then `total`; owned */
    double *total;
    double variance;
};

static void
fill_block(double *rows, const double *pair, size_t dimensions)
{
    for (size_t row = 0; row < dimensions + 2; row++) {
        for (size_t d = 0; d < dimensions; d++) {
            bool other = row == d + 1 || row == dimensions + 1;

            rows[row * dimensions + d] = pair[other ? dimensions + d : d];
        }
    }
}

bool
gw_design_saltelli(const struct gw_design_request *request, struct gw_design *design,
                   struct gw_error *err)
{
    size_t dimensions = request->dimensions;
    struct gw_design_request twice = *request;
    struct gw_design pairs;

    twice.dimensions = 2 * dimensions;
    if (!gw_design_make("sobol", &twice, &pairs, err)) {
        return false;
    }
    for (size_t i = 0; i < request->points; i++) {
        fill_block(design->points + i * (dimensions + 2) * dimensions,
                   pairs.points + i * 2 * dimensions, dimensions);
    }
    gw_design_clear(&pairs);
    return true;
}

static bool
is_whole(const double *block, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (isnan(block[i])) {
            return false;
        }
    }
    return true;
}

/* Keeps the base points without NAN; false: memory out. */
static bool
blocks_take(struct blocks *blocks, const struct gw_sobol_request *request, const double *values)
{
    size_t size = request->dimensions + 2;

    *blocks = (struct blocks){.dimensions = request->dimensions};
    blocks->values = calloc(request->points * size + 1, sizeof *blocks->values);
    for (size_t i = 0; blocks->values != NULL && i < request->points; i++) {
        const double *block = values + i * size;
        double *kept = blocks->values + blocks->count * size;

        if (!is_whole(block, size)) {
            continue;
        }
        for (size_t k = 0; k < size; k++) {
            kept[k] = block[k];
        }
        blocks->count++;
    }
    return blocks->values != NULL;
}

/* Subtracts the mean of a and b from everything; returns it. */
static double
centre(struct blocks *blocks)
{
    size_t size = blocks->dimensions + 2;
    double mean = 0.0;

    for (size_t i = 0; i < blocks->count; i++) {
        double both = blocks->values[i * size] + blocks->values[i * size + size - 1];

        mean += (both / 2.0 - mean) / (double)(i + 1);
    }
    for (size_t i = 0; i < blocks->count * size; i++) {
        blocks->values[i] -= mean;
    }
    return mean;
}

static void
add_block(const double *block, size_t dimensions, struct shares *shares)
{
    double a = block[0];
    double b = block[dimensions + 1];

    shares->variance += (a * a + b * b) / 2.0;
    for (size_t d = 0; d < dimensions; d++) {
        double mixed = block[d + 1];

        shares->first[d] += b * (mixed - a);
        shares->total[d] += (a - mixed) * (a - mixed) / 2.0;
    }
}

/* From the base points chosen[0..count-1], or all of them in order when chosen is NULL. */
static void
estimate(const struct blocks *blocks, const size_t *chosen, struct shares *shares)
{
    size_t size = blocks->dimensions + 2;
    double mean = 0.0;

    shares->variance = 0.0;
    for (size_t d = 0; d < blocks->dimensions; d++) {
        shares->first[d] = shares->total[d] = 0.0;
    }
    for (size_t i = 0; i < blocks->count; i++) {
        const double *block = blocks->values + (chosen == NULL ? i : chosen[i]) * size;

        add_block(block, blocks->dimensions, shares);
        mean += (block[0] + block[size - 1]) / 2.0 / (double)blocks->count;
    }
    shares->variance = shares->variance / (double)blocks->count - mean * mean;
    for (size_t d = 0; d < blocks->dimensions; d++) {
        double whole = shares->variance * (double)blocks->count;

        shares->first[d] = whole > 0.0 ? shares->first[d] / whole : NAN;
        shares->total[d] = whole > 0.0 ? shares->total[d] / whole : NAN;
    }
}

/* Columns of `draws`, which has two for each dimension, to intervals. A resample without variance
 * counts for nothing. */
static void
take_interval(double *draws, size_t count, double confidence, struct gw_sobol_share *share)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(draws[i])) {
            draws[kept++] = draws[i];
        }
    }
    if (kept == 0) {
        return;
    }
    gsl_sort(draws, 1, kept);
    share->low = gsl_stats_quantile_from_sorted_data(draws, 1, kept, (1.0 - confidence) / 2.0);
    share->high = gsl_stats_quantile_from_sorted_data(draws, 1, kept, (1.0 + confidence) / 2.0);
}

static void
resample(const struct gw_sobol_request *request, const struct blocks *blocks, size_t *chosen,
         struct shares *shares, double *draws)
{
    for (size_t r = 0; r < request->resamples; r++) {
        struct gw_stream stream;

        gw_stream_open(&stream, request->seed, 0, "design.bootstrap", r);
        for (size_t i = 0; i < blocks->count; i++) {
            chosen[i] = (size_t)gw_stream_below(&stream, blocks->count);
        }
        estimate(blocks, chosen, shares);
        for (size_t d = 0; d < 2 * blocks->dimensions; d++) {
            draws[d * request->resamples + r] = shares->first[d];
        }
    }
}

static bool
bootstrap(const struct gw_sobol_request *request, const struct blocks *blocks,
          struct shares *shares, struct gw_sobol_index *indices)
{
    const size_t dimensions = blocks->dimensions;
    double *draws = calloc(2 * dimensions * request->resamples, sizeof *draws);
    size_t *chosen = calloc(blocks->count, sizeof *chosen);
    bool fine = draws != NULL && chosen != NULL;

    if (fine) {
        resample(request, blocks, chosen, shares, draws);
    }
    for (size_t d = 0; fine && d < dimensions; d++) {
        take_interval(draws + d * request->resamples, request->resamples, request->confidence,
                      &indices[d].first);
        take_interval(draws + (dimensions + d) * request->resamples, request->resamples,
                      request->confidence, &indices[d].total);
    }
    free(draws);
    free(chosen);
    return fine;
}

static bool
judge(const struct gw_sobol_request *request, const struct blocks *blocks,
      struct gw_sobol_index *indices, struct gw_sobol_outcome *outcome)
{
    struct shares shares = {.first = calloc(2 * blocks->dimensions, sizeof(double))};
    bool fine = shares.first != NULL;

    if (fine) {
        shares.total = shares.first + blocks->dimensions;
        estimate(blocks, NULL, &shares);
        outcome->variance = shares.variance;
        for (size_t d = 0; d < blocks->dimensions; d++) {
            indices[d].first = (struct gw_sobol_share){shares.first[d], NAN, NAN};
            indices[d].total = (struct gw_sobol_share){shares.total[d], NAN, NAN};
        }
        fine = request->resamples == 0 || bootstrap(request, blocks, &shares, indices);
    }
    free(shares.first);
    return fine;
}

bool
gw_sobol_indices(const struct gw_sobol_request *request, const double *values,
                 struct gw_sobol_index *indices, struct gw_sobol_outcome *outcome,
                 struct gw_error *err)
{
    struct blocks blocks;
    bool fine;

    gw_assert(request->confidence > 0.0 && request->confidence < 1.0);
    if (!blocks_take(&blocks, request, values)) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the indices");
    }
    *outcome = (struct gw_sobol_outcome){.used = blocks.count};
    if (blocks.count < 2) {
        free(blocks.values);
        return gw_fail(err, GW_EINVAL, "%zu of %zu base points have all their results: at least 2",
                       outcome->used, request->points);
    }
    outcome->mean = centre(&blocks);
    fine = judge(request, &blocks, indices, outcome);
    free(blocks.values);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the indices");
}
