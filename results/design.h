/* design.h - where to look: the points of a study in the unit cube.
 *
 * A design says which share of each parameter's range a run takes; what the range is, the caller
 * knows. Same request, same points. What the runs then tell is in design_effects.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DESIGN_H
#define GW_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    GW_DESIGN_DIMENSIONS_MAX = 1000,
    GW_DESIGN_SOBOL_MAX = 40, /* dimensions of GSL's direction numbers; saltelli takes two each */
    GW_DESIGN_FACTORIAL_MAX = 16, /* dimensions */
    GW_DESIGN_ROWS_MAX = 1000000
};

struct gw_design_request {
    size_t dimensions;  /* >= 1 */
    size_t points;      /* lhs, sobol, halton: rows; morris: trajectories of dimensions + 1 rows;
                           saltelli: base points of dimensions + 2 rows; else not looked at    */
    size_t levels;      /* morris: levels of the grid, even, >= 2; else not looked at */
    const size_t *ways; /* one-at-a-time: values of each dimension, >= 1; else not looked at */
    uint64_t seed;
};

struct gw_design {
    double *points; /* rows x dimensions, row by row, in 0..1; owned */
    size_t rows, dimensions;
};

/* kind is one of
 *   lhs            Latin hypercube: each dimension has one point in each of `points` equal strata
 *   sobol, halton  sequences that fill the cube evenly, moved by chance
 *   factorial      all corners, 0 and 1; the first dimension changes slowest
 *   one-at-a-time  the first value of all, then every other value of each dimension alone;
 *                  value i of n stands at (i + 1/2) / n
 *   morris         trajectories in which each dimension moves once, for gw_morris_effects
 *   saltelli       a point, that point with one dimension at a time from another, and the other:
 *                  for gw_sobol_indices
 * Errors: GW_EINVAL (unknown kind, too few or too many of something), GW_ENOMEM. */
bool gw_design_make(const char *kind, const struct gw_design_request *request,
                    struct gw_design *design, struct gw_error *err);
void gw_design_clear(struct gw_design *design);

#endif
