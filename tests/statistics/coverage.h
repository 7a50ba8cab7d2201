/* coverage.h - how often intervals hold the truth, and whether p-values are what they say.
 *
 * Runs synthetic experiments with a known truth. Shared by proof.c (10,000 experiments a row) and
 * tests/unit/test_coverage.c (1,000, wider bands).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

/* One kind of interval, nominal 95 %, for one law and size. */
struct coverage_row {
    const char *interval;
    const char *law;
    size_t size;
    double low, high; /* where the share is wanted */
    const char *note; /* why not 93 % .. 97 %; empty: it is */
    double share;     /* of the experiments whose interval held the truth */
    bool ok;
};

/* Whether the p-values of one test are uniform when there is nothing to find. */
struct uniform_row {
    const char *test;
    size_t size;
    double distance; /* of the p-values from uniform, at the values that they take */
    double p;        /* of such a distance; the test passes above 0.001 */
    double rejected; /* share of p-values of at most 0.05 */
    bool ok;
};

size_t coverage_count(void);
/* The first so many rows take seconds with 1,000 experiments; the others are for proof.c. */
size_t coverage_short_count(void);
/* The band is `slack` wider on both sides. */
void coverage_run(size_t index, size_t experiments, double slack, struct coverage_row *row);

size_t uniform_count(void);
void uniform_run(size_t index, size_t experiments, struct uniform_row *row);

#endif
