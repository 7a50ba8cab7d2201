/* holm.c - Holm's step-down correction.
 *
 * Idea      The least of m p-values is multiplied by m, the next by m - 1, and so on; none may
 *           fall below the one before, none above 1.
 * Source    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
 *           of Statistics 6, 1979.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/holm.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* Indices of the numbers first, in rising order of p; returns how many. */
static size_t
rank_numbers(const double *p, size_t count, size_t *order)
{
    double *kept = calloc(count + 1, sizeof *kept);
    size_t *index = malloc((count + 1) * sizeof *index);
    size_t kept_count = 0;

    gw_assert(kept != NULL && index != NULL);
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i])) {
            index[kept_count] = i;
            kept[kept_count++] = p[i];
        }
    }
    gsl_sort_index(order, kept, 1, kept_count);
    for (size_t i = 0; i < kept_count; i++) {
        order[i] = index[order[i]];
    }
    free(index);
    free(kept);
    return kept_count;
}

void
gw_holm_adjust(const double *p, size_t count, double *adjusted)
{
    size_t *order = malloc((count + 1) * sizeof *order);
    double floor = 0.0;

    gw_assert(order != NULL);
    size_t tests = rank_numbers(p, count, order);
    for (size_t i = 0; i < count; i++) {
        adjusted[i] = p[i];
    }
    for (size_t i = 0; i < tests; i++) {
        double scaled = fmin(1.0, (double)(tests - i) * adjusted[order[i]]);
        floor = fmax(floor, scaled);
        adjusted[order[i]] = floor;
    }
    free(order);
}
