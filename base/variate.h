/* variate.h - bit-stable random variates: no libm, only + - * / and square root.
 *
 * Every function draws from the stream that it is given. gw_log and gw_exp are accurate to one
 * unit in the last place or so and give the same bits on every compiler and CPU.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_VARIATE_H
#define GW_VARIATE_H

#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

double gw_log(double x); /* natural logarithm, x > 0 */
double gw_exp(double x);
double gw_pow(double x, double y); /* x > 0; exp(y log x) */

double gw_exponential(struct gw_stream *stream, double mean);
double gw_normal(struct gw_stream *stream, double mean, double sigma);
/* Lognormal with the given median and shape sigma (of the logarithm). */
double gw_lognormal(struct gw_stream *stream, double median, double sigma);

/* Exponential interval rounded to whole ns, at least 0. */
int64_t gw_exponential_ns(struct gw_stream *stream, int64_t mean_ns);

/* How many of n independent trials succeed, each with probability p (outside 0..1: the nearest).
 * Constant time; exact but for rounding. In binomial.c. */
uint64_t gw_binomial(struct gw_stream *stream, uint64_t n, double p);

/* Zipf over ranks 0 .. count-1, P(rank) ~ 1 / (rank + 1)^exponent, exponent >= 0 (1 allowed).
 * Rejection-inversion (Hoermann and Derflinger, 1996): constant time, no table. */
struct gw_zipf {
    uint64_t count;
    double exponent;
    double h_first, h_last, s; /* constants of the method */
};

void gw_zipf_init(struct gw_zipf *zipf, uint64_t count, double exponent);
uint64_t gw_zipf_draw(const struct gw_zipf *zipf, struct gw_stream *stream);

/* Alias table (Walker 1977, Vose 1991): draws index i with probability weight[i] / sum. */
struct gw_alias {
    uint32_t count;
    uint32_t *threshold; /* owned */
    uint32_t *other;     /* owned */
};

/* Errors: GW_EINVAL for no weights, a negative one or a zero sum. */
bool gw_alias_create(struct gw_alias *alias, const double *weight, uint32_t count,
                     struct gw_error *err);
void gw_alias_destroy(struct gw_alias *alias);
uint32_t gw_alias_draw(const struct gw_alias *alias, struct gw_stream *stream);

/* Bijection of 0 .. count-1 that scatters neighbours (a keyed Feistel walk): rank -> place. */
uint64_t gw_scatter(uint64_t rank, uint64_t count, uint64_t key);

#endif
