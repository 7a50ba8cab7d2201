/* laws.h - the distributions that the statistics are tried on, with their true mean and median.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef LAWS_H
#define LAWS_H

#include <stddef.h>

#include "base/random.h"

struct law {
    const char *name;
    double mean, median;
    double relative; /* error that the stopping rule is asked for */
    double (*draw)(struct gw_stream *stream);
};

extern const struct law law_normal, law_exponential, law_lognormal;

void law_fill(const struct law *law, struct gw_stream *stream, double *values, size_t count);

#endif
