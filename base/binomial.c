/* binomial.c - the number of successes in n trials.
 *
 * Idea      Fair trials: count random bits. A small mean: walk up the distribution function.
 *           Else rejection from a transformed uniform whose inner part is accepted unseen; the
 *           exact test takes the quotient to the mode by logarithms of numbers near 1, so that it
 *           keeps its digits when n is large.
 * Source    Hoermann, "The generation of binomial random variates", Journal of Statistical
 *           Computation and Simulation 46, 1993 (algorithm BTRS); inversion: Devroye 1986, X.4.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/variate.h"

#include <stddef.h>

enum { FAIR_TRIALS_MAX = 512, INVERSION_MOST = 250 };

/* Up to this mean the walk is faster; the rejection needs at least 10. */
static const double INVERSION_MEAN = 10;

/* log(1 + x), exact also for small x. */
static double
log_one_plus(double x)
{
    if (x < -1e-4 || x > 1e-4) {
        return gw_log(1 + x);
    }
    return x * (1 - x * (1.0 / 2 - x * (1.0 / 3 - x * (1.0 / 4 - x / 5))));
}

static uint64_t
count_bits(struct gw_stream *stream, uint64_t n)
{
    uint64_t sum = 0;

    for (; n >= 64; n -= 64) {
        sum += (uint64_t)__builtin_popcountll(gw_stream_u64(stream));
    }
    if (n > 0) {
        sum += (uint64_t)__builtin_popcountll(gw_stream_u64(stream) >> (64 - n));
    }
    return sum;
}

static uint64_t
walk(struct gw_stream *stream, uint64_t n, double p)
{
    double trials = (double)n;
    double odds = p / (1 - p);
    double none = gw_exp(trials * log_one_plus(-p));

    for (;;) {
        double left = gw_stream_unit(stream);
        double mass = none;
        uint64_t k = 0;

        while (left >= mass && k < INVERSION_MOST) {
            left -= mass;
            k++;
            mass *= odds * (trials - (double)k + 1) / (double)k;
        }
        /* Rounding may leave a remainder that no value takes. */
        if (k < INVERSION_MOST && k <= n) {
            return k;
        }
    }
}

/* log k! less (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2. */
static double
stirling_tail(double k)
{
    static const double small[] = {
        0.0810614667953272580, 0.0413406959554092941, 0.0276779256849983391, 0.0207906721037650931,
        0.0166446911898211922, 0.0138761288230707480, 0.0118967099458917701, 0.0104112652619720965,
        0.0092554621827127329, 0.0083305634333628713,
    };
    double x = k + 1;
    double square = x * x;

    if (k < (double)(sizeof small / sizeof small[0])) {
        return small[(size_t)k];
    }
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / x;
}

/* log of P(k) / P(mode). */
static double
log_ratio(double n, double p, double mode, double k)
{
    double more = k - mode;
    double hits = mode + 1;
    double misses = n - mode + 1;

    return more * gw_log(p * misses / ((1 - p) * hits)) - (k + 0.5) * log_one_plus(more / hits) -
           (n - k + 0.5) * log_one_plus(-more / misses) + stirling_tail(mode) - stirling_tail(k) +
           stirling_tail(n - mode) - stirling_tail(n - k);
}

static uint64_t
reject(struct gw_stream *stream, uint64_t n, double p)
{
    double trials = (double)n;
    double deviation = __builtin_sqrt(trials * p * (1 - p));
    double b = 1.15 + 2.53 * deviation;
    double a = -0.0873 + 0.0248 * b + 0.01 * p;
    double center = trials * p + 0.5;
    double sure = 0.92 - 4.2 / b;
    double alpha = (2.83 + 5.1 / b) * deviation;
    double mode = (double)(uint64_t)((trials + 1) * p);

    for (;;) {
        double u = gw_stream_unit(stream) - 0.5;
        double v = gw_stream_unit(stream);
        double edge = 0.5 - (u < 0 ? -u : u);
        double x = (2 * a / edge + b) * u + center;

        /* edge may be 0: then x is infinite and fails here. */
        if (!(x >= 0 && x < trials + 1)) {
            continue;
        }
        double k = (double)(uint64_t)x;

        if ((edge >= 0.07 && v <= sure) ||
            gw_log(v * alpha / (a / (edge * edge) + b)) <= log_ratio(trials, p, mode, k)) {
            return (uint64_t)k;
        }
    }
}

uint64_t
gw_binomial(struct gw_stream *stream, uint64_t n, double p)
{
    if (n == 0 || !(p > 0)) {
        return 0;
    }
    if (p >= 1) {
        return n;
    }
    if (p > 0.5) {
        return n - gw_binomial(stream, n, 1 - p);
    }
    if (p == 0.5 && n <= FAIR_TRIALS_MAX) {
        return count_bits(stream, n);
    }
    return (double)n * p < INVERSION_MEAN ? walk(stream, n, p) : reject(stream, n, p);
}
