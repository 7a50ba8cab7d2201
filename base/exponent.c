/* exponent.c - logarithm, exponential and power from + - * / alone.
 *
 * Idea      log: x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m-1)/(m+1), log m = 2 atanh s as
 *           a series in s^2. s is kept as a short head, whose products are exact, and a tail.
 *           exp: x = k log 2 + r, Taylor series in |r| <= 0.347. Sums whose error would show are
 *           made with their rounding error (Dekker's fast two-sum).
 *           pow carries log and product as head and tail.
 * Source    Own; reduction as in Muller, "Elementary Functions", chapters 4 and 11; Dekker, "A
 *           floating-point technique for extending the available precision", 1971.
 * Invariant Every operation is one IEEE 754 rounding, and the build forbids contraction, so that
 *           the bits are the same everywhere.
 * Limits    exp below -708 gives 0 and above 709.78 infinity: no denormal results.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "base/variate.h"

struct pair {
    double head, tail;
};

static const double log2_head = 0x1.62e42feep-1; /* 20 trailing zero bits: k times it is exact */
static const double log2_tail = 0x1.a39ef35793c76p-33;

static uint64_t
bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double
from_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The leading 26 bits or so: products of two such are exact. */
static double
short_of(double x)
{
    return from_bits(bits_of(x) & 0xFFFFFFFFF8000000);
}

static struct pair
fast_two_sum(double larger, double smaller)
{
    double sum = larger + smaller;

    return (struct pair){sum, smaller - (sum - larger)};
}

static struct pair
log_pair(double x)
{
    int64_t k = 0;

    gw_assert(x > 0 && x <= 0x1.fffffffffffffp1023);
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits = bits_of(x);

    k += (int64_t)(bits >> 52) - 1023;
    double m = from_bits((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);

    if (m > 0x1.6a09e667f3bcdp0) {
        m *= 0.5;
        k++;
    }
    double f = m - 1;
    double sum = m + 1;
    double sum_head = short_of(sum);
    double sum_tail = m - (sum_head - 1);
    double s = f / sum;
    double s_head = short_of(s);
    double s_tail = ((f - s_head * sum_head) - s_head * sum_tail) / sum;
    double z = s * s;
    double series = 1.0 / 23;

    for (int i = 21; i >= 3; i -= 2) {
        series = series * z + 1.0 / i;
    }
    double rest = 2 * (s_tail + s * z * series) + (double)k * log2_tail;
    double k_part = (double)k * log2_head;
    struct pair head = fast_two_sum(k == 0 ? 2 * s_head : k_part, k == 0 ? 0 : 2 * s_head);

    return fast_two_sum(head.head, head.tail + rest);
}

double
gw_log(double x)
{
    return log_pair(x).head;
}

/* exp(head + tail), |tail| far below |head|. */
static double
exp_pair(double head, double tail)
{
    if (head > 709.78) {
        return __builtin_inf();
    }
    if (head < -708) {
        return 0;
    }
    double scaled = head * 0x1.71547652b82fep0;
    int64_t k = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    struct pair r = fast_two_sum(head - (double)k * log2_head, tail - (double)k * log2_tail);
    double x = r.head;
    double series = 1.0 / 6227020800;
    static const double inverse_factorial[] = {
        1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,      1.0 / 5040,
        1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600};

    for (int i = 10; i >= 0; i--) {
        series = series * x + inverse_factorial[i];
    }
    struct pair one = fast_two_sum(1, x);
    double value = one.head + (one.tail + (r.tail + r.tail * x + x * x * series));

    /* Two steps, for 2^1024 is not a number. */
    return value * from_bits((uint64_t)(k / 2 + 1023) << 52) *
           from_bits((uint64_t)(k - k / 2 + 1023) << 52);
}

double
gw_exp(double x)
{
    return exp_pair(x, 0);
}

double
gw_pow(double x, double y)
{
    struct pair l = log_pair(x);
    double l_head = short_of(l.head);
    double l_tail = l.tail + (l.head - l_head);
    double y_head = short_of(y);
    double exact = y_head * l_head;

    if (!(exact < 1000 && exact > -1000)) {
        return exp_pair(exact, 0);
    }
    struct pair product = fast_two_sum(exact, (y - y_head) * l_head + y * l_tail);

    return exp_pair(product.head, product.tail);
}
