/* sample.h - a copy of the values of a sample that are numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SAMPLE_H
#define GW_SAMPLE_H

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

#endif
