/* effects.c - effects of the parameters of a design from replicated runs, with their intervals.
 *
 * Idea      Factorial: all points of a replication met the same guest, so an effect is worked out
 *           within it, and the effects are a sample. Morris: a trajectory is drawn independently
 *           of the others, so it is what the bootstrap draws.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/effects.h"

#include <math.h>
#include <stdlib.h>

#include "results/bootstrap.h"
#include "results/statistics.h"

enum { BOOTSTRAP_SEED = 1 };

static bool
no_memory(struct gw_error *err)
{
    gw_fail(err, GW_ENOMEM, "out of memory for the effects");
    return false;
}

void
gw_effects_means(const struct gw_effects_input *input, double *means)
{
    size_t rows = input->design->rows;

    for (size_t row = 0; row < rows; row++) {
        double sum = 0.0;
        size_t count = 0;

        for (size_t i = 0; i < input->replications; i++) {
            double value = input->values[i * rows + row];

            sum += isnan(value) ? 0.0 : value;
            count += isnan(value) ? 0 : 1;
        }
        means[row] = count == 0 ? (double)NAN : sum / (double)count;
    }
}

/* ---- factorial ------------------------------------------------------------------------------------- */

/* Effects of one set of results: the main ones, then the pairs. */
struct effects {
    double *values; /* sets x size; owned */
    double *means;  /* of the points; owned */
    size_t size;
    size_t count; /* sets */
};

static void
add_set(struct effects *effects, const double *values, size_t dimensions)
{
    double *main = effects->values + effects->count * effects->size;

    gw_factorial_effects(values, dimensions, main, main + dimensions);
    effects->count += isnan(main[0]) ? 0 : 1;
}

static struct gw_effect_estimate
estimate(const struct effects *effects, size_t index, double confidence, double *column)
{
    struct gw_summary summary;

    for (size_t i = 0; i < effects->count; i++) {
        column[i] = effects->values[i * effects->size + index];
    }
    gw_summary_of(column, effects->count, confidence, &summary);
    return (struct gw_effect_estimate){summary.mean, summary.mean - summary.half_width,
                                       summary.mean + summary.half_width};
}

static bool
effects_open(struct effects *effects, const struct gw_effects_input *input)
{
    size_t dimensions = input->design->dimensions;

    *effects = (struct effects){.size = dimensions + dimensions * dimensions};
    effects->values =
        calloc((input->replications + 1) * effects->size + 1, sizeof *effects->values);
    effects->means = calloc(input->design->rows + 1, sizeof *effects->means);
    return effects->values != NULL && effects->means != NULL;
}

/* Returns how many replications are whole. */
static size_t
take_sets(struct effects *effects, const struct gw_effects_input *input)
{
    const struct gw_design *design = input->design;
    size_t used;

    for (size_t i = 0; i < input->replications; i++) {
        add_set(effects, input->values + i * design->rows, design->dimensions);
    }
    used = effects->count;
    if (used == 0) {
        gw_effects_means(input, effects->means);
        add_set(effects, effects->means, design->dimensions);
    }
    return used;
}

bool
gw_effects_factorial(const struct gw_effects_input *input, struct gw_effect_estimate *main,
                     struct gw_effect_estimate *pairs, size_t *used, struct gw_error *err)
{
    size_t dimensions = input->design->dimensions;
    struct effects effects;
    double *column = calloc(input->replications + 2, sizeof *column);
    bool fine = effects_open(&effects, input) && column != NULL;

    if (fine) {
        *used = take_sets(&effects, input);
        for (size_t i = 0; i < effects.size; i++) {
            struct gw_effect_estimate *place = i < dimensions ? &main[i] : &pairs[i - dimensions];

            *place = estimate(&effects, i, input->confidence, column);
        }
    }
    free(effects.values);
    free(effects.means);
    free(column);
    return fine || no_memory(err);
}

/* ---- Morris ---------------------------------------------------------------------------------------- */

/* What the trajectories say of one parameter. */
struct column {
    double *sizes; /* of its effects, one a trajectory that has it; owned */
    size_t count;
};

/* sizes[trajectory * dimensions + d]; NAN where a result is missing. */
static void
take_sizes(const struct gw_design *design, const double *means, struct gw_morris_effect *effects,
           double *sizes)
{
    size_t length = design->dimensions + 1;

    for (size_t i = 0; i < design->rows / length; i++) {
        const struct gw_design one = {.points = design->points + i * length * design->dimensions,
                                      .rows = length,
                                      .dimensions = design->dimensions};

        gw_morris_effects(&one, means + i * length, effects);
        for (size_t d = 0; d < design->dimensions; d++) {
            sizes[i * design->dimensions + d] = effects[d].mu_star;
        }
    }
}

static void
bound(const struct gw_effects_input *input, const double *sizes, size_t d, struct column *column,
      struct gw_morris_estimate *out)
{
    size_t dimensions = input->design->dimensions;
    const struct gw_bootstrap bootstrap = {.statistic = gw_bootstrap_mean,
                                           .resamples = GW_BOOTSTRAP_RESAMPLES,
                                           .confidence = input->confidence,
                                           .seed = BOOTSTRAP_SEED};
    struct gw_bootstrap_interval interval;

    column->count = 0;
    for (size_t i = 0; i < input->design->rows / (dimensions + 1); i++) {
        double size = sizes[i * dimensions + d];

        if (!isnan(size)) {
            column->sizes[column->count++] = size;
        }
    }
    out->low = out->high = NAN;
    if (column->count > 0) {
        gw_bootstrap_run(&bootstrap, column->sizes, column->count, &interval);
        out->low = interval.percentile_low;
        out->high = interval.percentile_high;
    }
}

bool
gw_effects_morris(const struct gw_effects_input *input, struct gw_morris_estimate *estimates,
                  struct gw_error *err)
{
    const struct gw_design *design = input->design;
    double *means = calloc(design->rows + 1, sizeof *means);
    double *sizes = calloc(design->rows + 1, sizeof *sizes);
    struct gw_morris_effect *effects = calloc(design->dimensions + 1, sizeof *effects);
    struct column column = {calloc(design->rows + 1, sizeof(double)), 0};
    bool fine = means != NULL && sizes != NULL && effects != NULL && column.sizes != NULL;

    if (fine) {
        gw_effects_means(input, means);
        take_sizes(design, means, effects, sizes);
        gw_morris_effects(design, means, effects);
        for (size_t d = 0; d < design->dimensions; d++) {
            estimates[d].effect = effects[d];
            bound(input, sizes, d, &column, &estimates[d]);
        }
    }
    free(means);
    free(sizes);
    free(effects);
    free(column.sizes);
    return fine || no_memory(err);
}
