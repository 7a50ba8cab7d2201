/* design_morris.c - trajectories through a coarse grid, and the elementary effects along them.
 *
 * Idea      A trajectory starts at a random point of the grid of p levels. In random order every
 *           dimension moves once by p / 2 levels, up from the lower half and down from the upper,
 *           so that with even p each level is met equally often.
 * Source    Morris, Technometrics 33 (1991); the mean of the sizes: Campolongo, Cariboni and
 *           Saltelli, Environmental Modelling and Software 22 (2007).
 * Departs   Trajectories are drawn independently, not chosen from many to lie far apart.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "results/design_effects.h"
#include "results/design_kinds.h"

/* Fills dimensions + 1 rows from `rows` on; level and order are work space. */
static void
draw_trajectory(struct gw_stream *stream, const struct gw_design_request *request, size_t *level,
                size_t *order, double *rows)
{
    size_t dimensions = request->dimensions;
    size_t half = request->levels / 2;

    for (size_t d = 0; d < dimensions; d++) {
        size_t other = (size_t)gw_stream_below(stream, d + 1);

        order[d] = order[other];
        order[other] = d;
        level[d] = (size_t)gw_stream_below(stream, request->levels);
    }
    for (size_t step = 0; step <= dimensions; step++) {
        for (size_t d = 0; d < dimensions; d++) {
            rows[step * dimensions + d] = (double)level[d] / (double)(request->levels - 1);
        }
        if (step < dimensions) {
            size_t *moved = &level[order[step]];

            *moved = *moved < half ? *moved + half : *moved - half;
        }
    }
}

bool
gw_design_morris(const struct gw_design_request *request, struct gw_design *design,
                 struct gw_error *err)
{
    size_t *level = malloc(request->dimensions * sizeof *level);
    size_t *order = malloc(request->dimensions * sizeof *order);
    bool fine = level != NULL && order != NULL;

    for (size_t i = 0; fine && i < request->points; i++) {
        struct gw_stream stream;

        gw_stream_open(&stream, request->seed, 0, "design.morris", i);
        draw_trajectory(&stream, request, level, order,
                        design->points + i * (request->dimensions + 1) * request->dimensions);
    }
    free(level);
    free(order);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the design");
}

/* The dimension in which the row differs from the one before. */
static size_t
moved_dimension(const struct gw_design *design, size_t row)
{
    const double *now = design->points + row * design->dimensions;
    const double *before = now - design->dimensions;
    size_t d = 0;

    while (now[d] <= before[d] && now[d] >= before[d]) {
        d++;
        gw_assert(d < design->dimensions);
    }
    return d;
}

/* Welford's running sums: sigma holds the sum of squares until the end. */
static void
add_effect(struct gw_morris_effect *effect, double size)
{
    double before = size - effect->mu;

    effect->count++;
    effect->mu += before / (double)effect->count;
    effect->mu_star += (fabs(size) - effect->mu_star) / (double)effect->count;
    effect->sigma += before * (size - effect->mu);
}

static void
conclude(struct gw_morris_effect *effect)
{
    if (effect->count == 0) {
        *effect = (struct gw_morris_effect){NAN, NAN, NAN, 0};
        return;
    }
    effect->sigma = effect->count < 2 ? NAN : sqrt(effect->sigma / (double)(effect->count - 1));
}

void
gw_morris_effects(const struct gw_design *design, const double *values,
                  struct gw_morris_effect *effects)
{
    for (size_t d = 0; d < design->dimensions; d++) {
        effects[d] = (struct gw_morris_effect){0};
    }
    for (size_t row = 0; row < design->rows; row++) {
        if (row % (design->dimensions + 1) == 0 || isnan(values[row]) || isnan(values[row - 1])) {
            continue;
        }
        size_t d = moved_dimension(design, row);
        const double *now = design->points + row * design->dimensions + d;
        double step = *now - *(now - design->dimensions);

        add_effect(&effects[d], (values[row] - values[row - 1]) / step);
    }
    for (size_t d = 0; d < design->dimensions; d++) {
        conclude(&effects[d]);
    }
}
