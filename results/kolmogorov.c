/* kolmogorov.c - the two-sample test as a walk on a lattice.
 *
 * Idea      The pooled sorted values are a walk: a step right for each of a, up for each of b. The
 *           gap after i and j steps is |i / count_a - j / count_b|, kept as a whole number of
 *           1 / (count_a count_b). If the samples are alike every walk is as likely, and the share
 *           of those that ever get as far is worked out node by node. Inside a tie no gap counts.
 *           It is the walks that do get there that are summed, so small p keep their digits.
 * Source    Hodges, "The significance probability of the Smirnov two-sample test", Arkiv foer
 *           Matematik 3, 1958. Limit: Kolmogorov 1933, Smirnov 1948.
 * Cost      Exact: count_a times count_b steps. Else one sort of each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/kolmogorov.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/sample.h"

struct walk {
    int64_t count_a, count_b;
    bool *counts; /* of each number of steps: the next value differs from the last */
    int64_t furthest;
};

static int64_t
gap(const struct walk *walk, int64_t i, int64_t j)
{
    return llabs(i * walk->count_b - j * walk->count_a);
}

static void
mark_ends_of_ties(struct walk *walk, const struct gw_sample *a, const struct gw_sample *b)
{
    size_t count = a->count + b->count;
    double *pooled = malloc(count * sizeof *pooled);

    gw_assert(pooled != NULL && walk->counts != NULL);
    for (size_t i = 0; i < count; i++) {
        pooled[i] = i < a->count ? a->values[i] : b->values[i - a->count];
    }
    gsl_sort(pooled, 1, count);
    for (size_t i = 1; i < count; i++) {
        walk->counts[i] = pooled[i - 1] < pooled[i];
    }
    free(pooled);
}

static void
follow(struct walk *walk, const struct gw_sample *a, const struct gw_sample *b)
{
    size_t i = 0;
    size_t j = 0;

    while (i < a->count && j < b->count) {
        double value = fmin(a->values[i], b->values[j]);
        while (i < a->count && a->values[i] <= value) {
            i++;
        }
        while (j < b->count && b->values[j] <= value) {
            j++;
        }
        int64_t here = gap(walk, (int64_t)i, (int64_t)j);
        walk->furthest = here > walk->furthest ? here : walk->furthest;
    }
}

static double
node(const struct walk *walk, int64_t i, int64_t j, const double *share)
{
    int64_t steps = i + j;

    if (steps == 0) {
        return 0.0;
    }
    if (walk->counts[steps] && gap(walk, i, j) >= walk->furthest) {
        return 1.0;
    }
    double from_left = i > 0 ? (double)i * share[j] : 0.0;
    double from_below = j > 0 ? (double)j * share[j - 1] : 0.0;
    return (from_left + from_below) / (double)steps;
}

static double
exact_p(const struct walk *walk)
{
    /* share[j] is that of the row before until it is overwritten. */
    double *share = calloc((size_t)walk->count_b + 1, sizeof *share);

    gw_assert(share != NULL);
    for (int64_t i = 0; i <= walk->count_a; i++) {
        for (int64_t j = 0; j <= walk->count_b; j++) {
            share[j] = node(walk, i, j, share);
        }
    }
    double p = share[walk->count_b];
    free(share);
    return p;
}

static double
limit_p(const struct gw_kolmogorov *out)
{
    double a = (double)out->count_a;
    double b = (double)out->count_b;

    return gw_kolmogorov_above(out->distance * sqrt(a * b / (a + b)));
}

static void
test(const struct gw_sample *a, const struct gw_sample *b, struct gw_kolmogorov *out)
{
    struct walk walk = {(int64_t)a->count, (int64_t)b->count,
                        calloc(a->count + b->count + 1, sizeof(bool)), 0};

    mark_ends_of_ties(&walk, a, b);
    follow(&walk, a, b);
    out->distance = (double)walk.furthest / ((double)a->count * (double)b->count);
    out->exact = walk.count_a * walk.count_b <= GW_KOLMOGOROV_EXACT_MOST;
    out->p = 1.0;
    if (walk.furthest > 0) {
        out->p = out->exact ? exact_p(&walk) : limit_p(out);
    }
    free(walk.counts);
}

void
gw_kolmogorov_test(const double *a, size_t count_a, const double *b, size_t count_b,
                   struct gw_kolmogorov *out)
{
    struct gw_sample_pair pair;

    gw_sample_pair_create(&pair, a, count_a, b, count_b);
    *out = (struct gw_kolmogorov){pair.a.count, pair.b.count, NAN, NAN, false};
    if (pair.both) {
        test(&pair.a, &pair.b, out);
    }
    gw_sample_pair_destroy(&pair);
}

/* Below 0.2 the series needs many terms to say what is 1 to twelve digits. */
double
gw_kolmogorov_above(double x)
{
    double sum = 0.0;
    double sign = 1.0;

    if (x < 0.2) {
        return 1.0;
    }
    for (int k = 1; k <= 24; k++) {
        sum += sign * exp(-2.0 * (double)k * (double)k * x * x);
        sign = -sign;
    }
    return fmin(1.0, 2.0 * sum);
}
