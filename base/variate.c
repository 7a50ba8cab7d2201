/* variate.c - random variates that have the same bits everywhere.
 *
 * Idea      Exponential: ziggurat, one 64-bit draw in 98.9 % of the calls. Normal: the polar
 *           method, the second value is thrown away because a stream keeps no state but its
 *           place. Zipf: rejection-inversion. Discrete: alias table with integer thresholds.
 *           Scatter: a balanced Feistel network on the next even number of bits, walked until
 *           the value falls into the range (at most four times the range, so soon).
 * Source    Marsaglia and Tsang 2000; Marsaglia and Bray 1964; Hoermann and Derflinger 1996;
 *           Walker 1977, Vose 1991; Black and Rogaway, "Ciphers with arbitrary finite domains",
 *           CT-RSA 2002.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/variate.h"

#include <stdlib.h>
#include <string.h>

#include "base/ziggurat.h"

/* The draw fell outside the sure part of its layer. */
static __attribute__((noinline)) double
exponential_edge(struct gw_stream *stream, uint64_t draw)
{
    double offset = 0;

    for (;;) {
        uint64_t bits = draw >> 11;
        uint32_t i = draw % GW_ZIGGURAT_LAYERS;
        double x = (double)(int64_t)bits * gw_ziggurat[i].scale;

        if (bits < gw_ziggurat[i].accept) {
            return offset + x;
        }
        if (i == 0) {
            /* The tail is the whole distribution again, shifted. */
            offset += GW_ZIGGURAT_TAIL;
        } else {
            double low = gw_ziggurat[i].density;
            double height = gw_ziggurat[i + 1].density - low;

            if (low + height * gw_stream_unit(stream) < gw_exp(-x)) {
                return offset + x;
            }
        }
        draw = gw_stream_u64(stream);
    }
}

static inline double
standard_exponential(struct gw_stream *stream)
{
    uint64_t draw = gw_stream_u64(stream);
    const struct gw_ziggurat_layer *layer = &gw_ziggurat[draw % GW_ZIGGURAT_LAYERS];
    uint64_t bits = draw >> 11;

    if (__builtin_expect(bits < layer->accept, 1)) {
        return (double)(int64_t)bits * layer->scale;
    }
    return exponential_edge(stream, draw);
}

double
gw_exponential(struct gw_stream *stream, double mean)
{
    return standard_exponential(stream) * mean;
}

int64_t
gw_exponential_ns(struct gw_stream *stream, int64_t mean_ns)
{
    return (int64_t)(standard_exponential(stream) * (double)mean_ns + 0.5);
}

/* Newton's iteration from a guess within 7 %: the compiler's own may end in libm. */
static double
square_root(double x)
{
    uint64_t bits;
    double root;

    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> 1) + ((uint64_t)1023 << 51);
    memcpy(&root, &bits, sizeof root);
    for (int i = 0; i < 4; i++) {
        root = 0.5 * (root + x / root);
    }
    return root;
}

double
gw_normal(struct gw_stream *stream, double mean, double sigma)
{
    for (;;) {
        double x = 2 * gw_stream_unit(stream) - 1;
        double y = 2 * gw_stream_unit(stream) - 1;
        double square = x * x + y * y;

        if (square < 1 && square > 0) {
            return mean + sigma * (x * square_root(-2 * gw_log(square) / square));
        }
    }
}

double
gw_lognormal(struct gw_stream *stream, double median, double sigma)
{
    return median * gw_exp(gw_normal(stream, 0, sigma));
}

/* ---- Zipf ------------------------------------------------------------------------------------ */

/* (exp(x) - 1) / x and log(1 + x) / x, smooth through 0. */
static double
exp_quotient(double x)
{
    if (x < -1e-5 || x > 1e-5) {
        return (gw_exp(x) - 1) / x;
    }
    return 1 + x / 2 * (1 + x / 3 * (1 + x / 4));
}

static double
log_quotient(double x)
{
    if (x < -1e-5 || x > 1e-5) {
        return gw_log(1 + x) / x;
    }
    return 1 - x * (0.5 - x * (1.0 / 3 - x / 4));
}

/* Integral of the density 1 / x^exponent, zero at 1. */
static double
integral(const struct gw_zipf *zipf, double x)
{
    double logarithm = gw_log(x);

    return exp_quotient((1 - zipf->exponent) * logarithm) * logarithm;
}

static double
inverse_integral(const struct gw_zipf *zipf, double area)
{
    double t = area * (1 - zipf->exponent);

    /* Rounding may carry it beyond the pole. */
    return t <= -1 ? 0x1p1000 : gw_exp(log_quotient(t) * area);
}

static double
density(const struct gw_zipf *zipf, double x)
{
    return gw_exp(-zipf->exponent * gw_log(x));
}

void
gw_zipf_init(struct gw_zipf *zipf, uint64_t count, double exponent)
{
    gw_assert(count >= 1 && exponent >= 0);
    *zipf = (struct gw_zipf){.count = count, .exponent = exponent};
    zipf->h_first = integral(zipf, 1.5) - 1;
    zipf->h_last = integral(zipf, (double)count + 0.5);
    zipf->s = 2 - inverse_integral(zipf, integral(zipf, 2.5) - density(zipf, 2));
}

uint64_t
gw_zipf_draw(const struct gw_zipf *zipf, struct gw_stream *stream)
{
    double last = (double)zipf->count;

    for (;;) {
        double area = zipf->h_last + gw_stream_unit(stream) * (zipf->h_first - zipf->h_last);
        double x = inverse_integral(zipf, area);
        double nearest = x + 0.5;

        nearest = nearest < 1 ? 1 : nearest;
        nearest = nearest > last ? last : nearest;
        uint64_t rank = (uint64_t)nearest;
        double k = (double)rank;

        if (k - x <= zipf->s || area >= integral(zipf, k + 0.5) - density(zipf, k)) {
            return rank - 1;
        }
    }
}

/* ---- alias table ----------------------------------------------------------------------------- */

static bool
sum_weights(const double *weight, uint32_t count, double *sum, struct gw_error *err)
{
    *sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!(weight[i] >= 0)) {
            return gw_fail(err, GW_EINVAL, "weight %u is %g: must be at least 0", i, weight[i]);
        }
        *sum += weight[i];
    }
    if (!(*sum > 0 && *sum <= 0x1.fffffffffffffp1023)) {
        return gw_fail(err, GW_EINVAL, "the sum of %u weights is %g: must be above 0", count, *sum);
    }
    return true;
}

/* Vose: fills the columns; `share` has mean 1, `stack` holds small ones from the front and large
 * ones from the back. */
static void
fill_columns(struct gw_alias *alias, double *share, uint32_t *stack)
{
    uint32_t small = 0;
    uint32_t large = alias->count;
    uint32_t heaviest = 0;

    for (uint32_t i = 0; i < alias->count; i++) {
        heaviest = share[i] > share[heaviest] ? i : heaviest;
        stack[share[i] < 1 ? small++ : --large] = i;
        alias->other[i] = i;
        alias->threshold[i] = UINT32_MAX;
    }
    while (small > 0 && large < alias->count) {
        uint32_t poor = stack[--small];
        uint32_t rich = stack[large];

        alias->threshold[poor] = (uint32_t)(share[poor] * 0x1p32);
        alias->other[poor] = rich;
        share[rich] -= 1 - share[poor];
        if (share[rich] < 1) {
            large++;
            stack[small++] = rich;
        }
    }
    /* Rounding may leave a few over: nearly full ones stay, nearly empty ones must not be drawn. */
    while (small > 0) {
        uint32_t poor = stack[--small];

        if (share[poor] < 0.5) {
            alias->threshold[poor] = (uint32_t)(share[poor] * 0x1p32);
            alias->other[poor] = heaviest;
        }
    }
}

bool
gw_alias_create(struct gw_alias *alias, const double *weight, uint32_t count, struct gw_error *err)
{
    double sum;

    *alias = (struct gw_alias){0};
    if (!sum_weights(weight, count, &sum, err)) {
        return false;
    }
    double *share = malloc(count * sizeof *share);
    uint32_t *stack = malloc(count * sizeof *stack);
    struct gw_alias made = {.count = count,
                            .threshold = malloc(count * sizeof *made.threshold),
                            .other = malloc(count * sizeof *made.other)};
    bool ok = share != NULL && stack != NULL && made.threshold != NULL && made.other != NULL;

    if (ok) {
        for (uint32_t i = 0; i < count; i++) {
            share[i] = weight[i] / sum * count;
        }
        fill_columns(&made, share, stack);
        *alias = made;
    }
    free(share);
    free(stack);
    if (!ok) {
        gw_alias_destroy(&made);
        return gw_fail(err, GW_ENOMEM, "no memory for %u weights", count);
    }
    return true;
}

void
gw_alias_destroy(struct gw_alias *alias)
{
    free(alias->threshold);
    free(alias->other);
    *alias = (struct gw_alias){0};
}

uint32_t
gw_alias_draw(const struct gw_alias *alias, struct gw_stream *stream)
{
    gw_u128 product = (gw_u128)gw_stream_u64(stream) * alias->count;
    uint32_t column = (uint32_t)(product >> 64);
    uint32_t height = (uint32_t)((uint64_t)product >> 32);

    return height < alias->threshold[column] ? column : alias->other[column];
}

/* ---- scatter --------------------------------------------------------------------------------- */

static uint64_t
scramble(uint64_t x)
{
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
    return x ^ (x >> 32);
}

uint64_t
gw_scatter(uint64_t rank, uint64_t count, uint64_t key)
{
    enum { FEISTEL_ROUNDS = 4 };
    uint32_t half_bits = 1;

    gw_assert(rank < count);
    while (half_bits < 32 && (count - 1) >> (2 * half_bits) != 0) {
        half_bits++;
    }
    uint64_t mask = ((uint64_t)1 << half_bits) - 1;
    uint64_t place = rank;

    do {
        uint64_t left = place >> half_bits;
        uint64_t right = place & mask;

        for (uint64_t round = 1; round <= FEISTEL_ROUNDS; round++) {
            uint64_t mixed = left ^ (scramble(right + scramble(key + round)) & mask);

            left = right;
            right = mixed;
        }
        place = left << half_bits | right;
    } while (place >= count);
    return place;
}
