/* tests_of_means.h - do two means differ, or are they as good as equal: Welch, paired, TOST.
 *
 * Welch is for independent samples, paired for replications that met the same guest. A large p
 * does not say that the means are equal; that is what gw_means_equivalence is for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TESTS_OF_MEANS_H
#define GW_TESTS_OF_MEANS_H

#include <stddef.h>

/* All figures but the counts are NAN if a sample has fewer than two values. */
struct gw_mean_test {
    size_t count_a, count_b; /* values used; equal if paired */
    double difference;       /* mean of a less mean of b */
    double error;            /* standard error of the difference */
    double freedom;          /* of Student's t; Welch: seldom whole */
    double statistic;        /* difference / error; infinite if the samples are two constants */
    double p;                /* of a difference at least as far from 0; 1 if all is one constant */
    double half_width;       /* of the two-sided interval of the difference */
};

/* Variances may differ. confidence is between 0 and 1: 0.95. */
void gw_means_welch(const double *a, size_t count_a, const double *b, size_t count_b,
                    double confidence, struct gw_mean_test *out);

/* Pairs with a NAN are left out. */
void gw_means_paired(const double *a, const double *b, size_t count, double confidence,
                     struct gw_mean_test *out);

/* p-value of "the difference lies outside low .. high" by two one-sided tests; at most alpha: the
 * means are equivalent within the margins. low < high, declared before the data are seen. */
double gw_means_equivalence(const struct gw_mean_test *test, double low, double high);

#endif
