/* design_factorial.c - all corners of the cube, and the effects they tell.
 *
 * Idea      Bit dimensions - 1 - d of the row number is the level of dimension d. Every effect is
 *           a sum over all runs with a sign for each, so each uses every run.
 * Source    Box, Hunter and Hunter, Statistics for Experimenters, chapter 5.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "results/design_effects.h"
#include "results/design_kinds.h"

static bool
is_high(size_t row, size_t dimensions, size_t d)
{
    return (row >> (dimensions - 1 - d) & 1) != 0;
}

bool
gw_design_factorial(const struct gw_design_request *request, struct gw_design *design,
                    struct gw_error *err)
{
    (void)request;
    (void)err;
    for (size_t row = 0; row < design->rows; row++) {
        for (size_t d = 0; d < design->dimensions; d++) {
            bool high = is_high(row, design->dimensions, d);

            design->points[row * design->dimensions + d] = high ? 1.0 : 0.0;
        }
    }
    return true;
}

/* Mean result where i and j are at the same level less that where they are not; i alone for
 * i = j. */
static double
contrast(const double *values, size_t dimensions, size_t i, size_t j)
{
    size_t rows = (size_t)1 << dimensions;
    double sum = 0.0;

    for (size_t row = 0; row < rows; row++) {
        bool plus = is_high(row, dimensions, i) == (i == j ? true : is_high(row, dimensions, j));

        sum += plus ? values[row] : -values[row];
    }
    return 2.0 * sum / (double)rows;
}

void
gw_factorial_effects(const double *values, size_t dimensions, double *main, double *pairs)
{
    gw_assert(dimensions >= 1 && dimensions <= GW_DESIGN_FACTORIAL_MAX);
    for (size_t i = 0; i < dimensions; i++) {
        main[i] = contrast(values, dimensions, i, i);
        for (size_t j = 0; j < dimensions; j++) {
            pairs[i * dimensions + j] = i == j ? 0.0 : contrast(values, dimensions, i, j);
        }
    }
}
