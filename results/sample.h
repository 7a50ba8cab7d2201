/* sample.h - a copy of the values of a sample that are numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SAMPLE_H
#define GW_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

struct gw_sample {
    double *values; /* owned */
    size_t count;
};

/* Keeps the order and leaves NAN out. Memory out is a bug. */
void gw_sample_create(struct gw_sample *sample, const double *values, size_t count);
void gw_sample_destroy(struct gw_sample *sample);

/* The same in rising order. */
void gw_sample_create_sorted(struct gw_sample *sample, const double *values, size_t count);

/* Two samples in rising order, for the tests that compare them. */
struct gw_sample_pair {
    struct gw_sample a, b;
    bool both; /* neither is empty */
};

void gw_sample_pair_create(struct gw_sample_pair *pair, const double *a, size_t count_a,
                           const double *b, size_t count_b);
void gw_sample_pair_destroy(struct gw_sample_pair *pair);

#endif
