/* sample.c - the statistics work on copies: they sort, and they must not see a NAN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/sample.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

void
gw_sample_create(struct gw_sample *sample, const double *values, size_t count)
{
    sample->values = malloc((count + 1) * sizeof *sample->values);
    gw_assert(sample->values != NULL);
    sample->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            sample->values[sample->count++] = values[i];
        }
    }
}

void
gw_sample_destroy(struct gw_sample *sample)
{
    free(sample->values);
    *sample = (struct gw_sample){0};
}

void
gw_sample_create_sorted(struct gw_sample *sample, const double *values, size_t count)
{
    gw_sample_create(sample, values, count);
    gsl_sort(sample->values, 1, sample->count);
}

void
gw_sample_pair_create(struct gw_sample_pair *pair, const double *a, size_t count_a, const double *b,
                      size_t count_b)
{
    gw_sample_create_sorted(&pair->a, a, count_a);
    gw_sample_create_sorted(&pair->b, b, count_b);
    pair->both = pair->a.count > 0 && pair->b.count > 0;
}

void
gw_sample_pair_destroy(struct gw_sample_pair *pair)
{
    gw_sample_destroy(&pair->a);
    gw_sample_destroy(&pair->b);
}
