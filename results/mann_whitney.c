/* mann_whitney.c - the rank-sum test, exact by counting or normal with ties.
 *
 * Idea      Ranks are doubled, so that the mean rank of a tie is whole. Small samples: how many
 *           choices of count_a ranks have which sum is counted one rank at a time, as change is
 *           counted coin by coin. All counts are below 2^53, so they are exact.
 * Source    Mann and Whitney, Annals of Mathematical Statistics 18, 1947; variance under ties and
 *           continuity correction as in Hollander and Wolfe, Nonparametric Statistical Methods,
 *           section 4.1. Given the ties, the exact p is that of the permutation test.
 * Cost      Exact, 20 against 20: 1.3 million additions. Else one sort.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/mann_whitney.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/sample.h"

struct ranks {
    size_t *rank; /* doubled, in the order of the values: 2, 4, 6 ... without ties */
    double u;     /* of the first sample */
    double tied;  /* sum of t^3 - t over groups of t ties */
    size_t count; /* of both samples */
};

/* Pairs won by a, ties half: both samples are sorted. */
static double
pairs_won(const struct gw_sample *a, const struct gw_sample *b)
{
    size_t below = 0;
    size_t not_above = 0;
    double won = 0.0;

    for (size_t i = 0; i < a->count; i++) {
        while (below < b->count && b->values[below] < a->values[i]) {
            below++;
        }
        while (not_above < b->count && b->values[not_above] <= a->values[i]) {
            not_above++;
        }
        won += 0.5 * (double)below + 0.5 * (double)not_above;
    }
    return won;
}

static void
rank_pooled(struct ranks *ranks, const double *pooled)
{
    size_t first = 0;

    while (first < ranks->count) {
        size_t end = first + 1;
        while (end < ranks->count && pooled[end] <= pooled[first]) {
            end++;
        }
        for (size_t i = first; i < end; i++) {
            ranks->rank[i] = first + end + 1;
        }
        double ties = (double)(end - first);
        ranks->tied += ties * ties * ties - ties;
        first = end;
    }
}

static void
ranks_create(struct ranks *ranks, const struct gw_sample *a, const struct gw_sample *b)
{
    size_t count = a->count + b->count;
    double *pooled = malloc(count * sizeof *pooled);

    *ranks = (struct ranks){malloc(count * sizeof *ranks->rank), pairs_won(a, b), 0.0, count};
    gw_assert(pooled != NULL && ranks->rank != NULL);
    for (size_t i = 0; i < count; i++) {
        pooled[i] = i < a->count ? a->values[i] : b->values[i - a->count];
    }
    gsl_sort(pooled, 1, count);
    rank_pooled(ranks, pooled);
    free(pooled);
}

/* ways[k * sums + s]: how many sets of k ranks have the doubled sum s. */
static void
count_ways(const struct ranks *ranks, double *ways, size_t chosen, size_t sums)
{
    ways[0] = 1.0;
    for (size_t i = 0; i < ranks->count; i++) {
        size_t rank = ranks->rank[i];
        for (size_t k = chosen < i + 1 ? chosen : i + 1; k > 0; k--) {
            const double *before = ways + (k - 1) * sums;
            double *after = ways + k * sums;
            for (size_t s = rank; s < sums; s++) {
                after[s] += before[s - rank];
            }
        }
    }
}

/* The sums of k of n doubled ranks lie around k (n + 1); that of a lies 2 (u - mean of u) off. */
static double
exact_p(const struct ranks *ranks, size_t chosen, double away)
{
    size_t sums = ranks->count * (ranks->count + 1) + 1;
    double *ways = calloc((chosen + 1) * sums, sizeof *ways);
    double centre = (double)chosen * (double)(ranks->count + 1);
    double all = 0.0;
    double as_far = 0.0;

    gw_assert(ways != NULL);
    count_ways(ranks, ways, chosen, sums);
    for (size_t s = 0; s < sums; s++) {
        double here = ways[chosen * sums + s];
        all += here;
        as_far += fabs((double)s - centre) >= 2.0 * away ? here : 0.0;
    }
    free(ways);
    return as_far / all;
}

static double
normal_p(const struct ranks *ranks, double pairs, double away)
{
    double count = (double)ranks->count;
    double variance = pairs / 12.0 * (count + 1.0 - ranks->tied / (count * (count - 1.0)));

    if (variance <= 0.0) {
        return 1.0;
    }
    return 2.0 * gsl_cdf_ugaussian_Q(fmax(away - 0.5, 0.0) / sqrt(variance));
}

static void
test(const struct gw_sample *a, const struct gw_sample *b, struct gw_mann_whitney *out)
{
    double pairs = (double)a->count * (double)b->count;
    struct ranks ranks;

    ranks_create(&ranks, a, b);
    double away = fabs(ranks.u - pairs / 2.0);
    out->u = ranks.u;
    out->delta = 2.0 * ranks.u / pairs - 1.0;
    out->exact = a->count <= GW_MANN_WHITNEY_EXACT_MOST && b->count <= GW_MANN_WHITNEY_EXACT_MOST;
    out->p = out->exact ? exact_p(&ranks, a->count, away) : normal_p(&ranks, pairs, away);
    free(ranks.rank);
}

void
gw_mann_whitney_test(const double *a, size_t count_a, const double *b, size_t count_b,
                     struct gw_mann_whitney *out)
{
    struct gw_sample_pair pair;

    gw_sample_pair_create(&pair, a, count_a, b, count_b);
    *out = (struct gw_mann_whitney){pair.a.count, pair.b.count, NAN, NAN, NAN, false};
    if (pair.both) {
        test(&pair.a, &pair.b, out);
    }
    gw_sample_pair_destroy(&pair);
}
