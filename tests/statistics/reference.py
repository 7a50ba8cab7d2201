#!/usr/bin/env python3
# reference.py - works out the constants that the tests of statistics compare with, another way.
#
# Run:  python3 tests/statistics/reference.py     (needs mpmath)
#
# Whole-number questions are counted out (itertools, fractions), distributions are taken from mpmath
# with 40 digits, the generator of base/random.h is written down once more. Nothing of results/ or
# of GSL is used. Data: Student's sleep data (R: sleep); Hollander and Wolfe's permeability data (R:
# wilcox.test); the spatial data of Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
# table 14.1; the rest is made up. Each section prints what the test of the same name quotes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
from fractions import Fraction as F
from itertools import combinations
from math import comb

from mpmath import betainc, erfinv, exp, findroot, log, mp, mpf, ncdf, nsum, sqrt

mp.dps = 40

SLEEP_1 = ["0.7", "-1.6", "-0.2", "-1.2", "-0.1", "3.4", "3.7", "0.8", "0.0", "2.0"]
SLEEP_2 = ["1.9", "0.8", "1.1", "0.1", "-0.1", "4.4", "5.5", "1.6", "4.6", "3.4"]
TERM = ["0.80", "0.83", "1.89", "1.04", "1.45", "1.38", "1.91", "1.64", "0.73", "1.46"]
EARLY = ["1.15", "0.88", "0.90", "0.74", "1.21"]
SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
           0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]


def say(name, value):
    print(f"  {name:34s} {mp.nstr(mpf(value), 20) if not isinstance(value, F) else value}")
    if isinstance(value, F):
        say(name + " =", real(value))


def real(fraction):
    return mpf(fraction.numerator) / fraction.denominator


def fractions(texts):
    return [F(text) for text in texts]


def mean(values):
    return sum(values) / len(values)


def variance(values):
    middle = mean(values)
    return sum((value - middle) ** 2 for value in values) / (len(values) - 1)


def t_beyond(t, freedom):
    return betainc(freedom / 2, mpf(1) / 2, 0, freedom / (freedom + t * t), regularized=True)


def t_above(t, freedom):
    return t_beyond(t, freedom) / 2 if t > 0 else 1 - t_beyond(t, freedom) / 2


def t_quantile(confidence, freedom):
    return findroot(lambda t: t_beyond(t, freedom) - (1 - confidence), 2)


def t_test(difference, square, freedom):
    error = sqrt(real(square))
    t = real(difference) / error
    say("difference", difference)
    say("error", error)
    say("freedom", freedom)
    say("statistic", t)
    say("p", t_beyond(t, freedom))
    say("half width, 95 %", t_quantile(mpf("0.95"), freedom) * error)
    return error


def student():
    print("student")
    for t, freedom in (("2.1", "4"), ("12", "31"), ("5", "58"), ("0.3", "17.5"), ("4", "20000")):
        say(f"P(|T| > {t}), freedom {freedom}", t_beyond(mpf(t), mpf(freedom)))


def means():
    a, b = fractions(SLEEP_1), fractions(SLEEP_2)
    print("welch: sleep")
    square_a, square_b = variance(a) / len(a), variance(b) / len(b)
    freedom = (square_a + square_b) ** 2 / (
        square_a ** 2 / (len(a) - 1) + square_b ** 2 / (len(b) - 1))
    t_test(mean(a) - mean(b), square_a + square_b, real(freedom))
    print("paired: sleep")
    differences = [x - y for x, y in zip(a, b)]
    error = t_test(mean(differences), variance(differences) / len(a), mpf(len(a) - 1))
    print("equivalence: sleep, paired, -2 .. 1")
    middle = real(mean(differences))
    say("p of the lower test", t_above((middle + 2) / error, mpf(9)))
    say("p of the upper test", t_above((1 - middle) / error, mpf(9)))


def doubled_ranks(pooled):
    ordered = sorted(pooled)
    rank = {value: F(2 * ordered.index(value) + ordered.count(value) + 1) for value in pooled}
    return [rank[value] for value in pooled]


def mann_whitney(name, a, b):
    print("mann_whitney:", name)
    pairs = len(a) * len(b)
    u = sum(F(1) if x > y else F(1, 2) if x == y else F(0) for x in a for y in b)
    say("u", u)
    ranks = doubled_ranks(a + b)
    centre = len(a) * (len(ranks) + 1)
    if comb(len(ranks), len(a)) < 2000000:
        sums = [sum(chosen) for chosen in combinations(ranks, len(a))]
        far = abs(sum(ranks[:len(a)]) - centre)
        say("exact p", F(sum(abs(s - centre) >= far for s in sums), len(sums)))
    count = len(ranks)
    ties = sum(ranks.count(rank) ** 3 - ranks.count(rank) for rank in set(ranks))
    square = F(pairs, 12) * (count + 1 - F(ties, count * (count - 1)))
    z = max(real(abs(u - F(pairs, 2)) - F(1, 2)), mpf(0)) / sqrt(real(square))
    say("normal p", 2 * ncdf(-z))


def gap(pooled, labels, count_a, count_b):
    """The largest |i count_b - j count_a| at the ends of ties."""
    most = i = 0
    for k, label in enumerate(labels):
        i += label
        if k + 1 == len(pooled) or pooled[k] < pooled[k + 1]:
            most = max(most, abs(i * count_b - (k + 1 - i) * count_a))
    return most


def kolmogorov(name, a, b):
    print("kolmogorov:", name)
    both = sorted([(x, 1) for x in a] + [(x, 0) for x in b])
    pooled = [x for x, _ in both]
    seen = gap(pooled, [label for _, label in both], len(a), len(b))
    say("distance", F(seen, len(a) * len(b)))
    as_far = 0
    for chosen in combinations(range(len(pooled)), len(a)):
        labels = [0] * len(pooled)
        for place in chosen:
            labels[place] = 1
        as_far += gap(pooled, labels, len(a), len(b)) >= seen
    say("exact p", F(as_far, comb(len(pooled), len(a))))


def kolmogorov_above(x):
    return 2 * nsum(lambda k: (-1) ** (int(k) - 1) * exp(-2 * k * k * x * x), [1, 60])


def philox(counter, key):
    a, b, c, d = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (p1 >> 32) ^ b ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ d ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [a, b, c, d]


def stream(seed, name):
    mask = 2 ** 64 - 1

    def mix(x):
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        return x ^ (x >> 31)

    hashed = 0xCBF29CE484222325
    for letter in name.encode():
        hashed = ((hashed ^ letter) * 0x100000001B3) & mask
    key = mix(mix(mix((seed + 0x9E3779B97F4A7C15) & mask) ^ hashed))
    block = 0
    while True:
        words = philox([block & 0xFFFFFFFF, block >> 32, 0, 0], [key & 0xFFFFFFFF, key >> 32])
        yield words[0] | words[1] << 32
        yield words[2] | words[3] << 32
        block += 1


def quantile_7(ordered, share):
    place = share * (len(ordered) - 1)
    whole = int(mp.floor(place))
    if whole + 1 == len(ordered):
        return real(ordered[whole])
    return real(ordered[whole]) + (place - whole) * real(ordered[whole + 1] - ordered[whole])


def plug_in_variance(values):
    middle = mean(values)
    return sum((value - middle) ** 2 for value in values) / len(values)


def normal_quantile(share):
    return sqrt(mpf(2)) * erfinv(2 * mpf(share) - 1)


def bootstrap(resamples=1999, tail=mpf("0.05"), seed=7):
    print("bootstrap: spatial, variance, 90 %, seed 7, 1999 resamples")
    values = [F(value) for value in SPATIAL]
    draw = stream(seed, "bootstrap")
    estimate = plug_in_variance(values)
    count = len(values)
    statistics = sorted(
        plug_in_variance([values[next(draw) * count >> 64] for _ in values])
        for _ in range(resamples))
    left_out = [plug_in_variance(values[:i] + values[i + 1:]) for i in range(count)]
    away = [mean(left_out) - value for value in left_out]
    acceleration = real(sum(x ** 3 for x in away)) / (
        6 * real(sum(x ** 2 for x in away)) ** mpf("1.5"))
    below = sum(F(1) if x < estimate else F(1, 2) if x == estimate else F(0) for x in statistics)
    bias = normal_quantile(real(below / resamples))

    def moved(share):
        z = bias + normal_quantile(share)
        return ncdf(bias + z / (1 - acceleration * z))

    say("estimate", real(estimate))
    say("deviation", sqrt(real(variance(statistics))))
    say("percentile low", quantile_7(statistics, tail))
    say("percentile high", quantile_7(statistics, 1 - tail))
    say("bca low", quantile_7(statistics, moved(tail)))
    say("bca high", quantile_7(statistics, moved(1 - tail)))
    say("bias", bias)
    say("acceleration", acceleration)


def steady():
    print("steady: 200 values 1000 / (i + 1)^2 + (i * 37 mod 101), MSER-5")
    values = [F(1000, (i + 1) ** 2) + i * 37 % 101 for i in range(200)]
    fives = [mean(values[i:i + 5]) for i in range(0, 200, 5)]
    errors = [sum((x - mean(fives[d:])) ** 2 for x in fives[d:]) / (len(fives) - d) ** 2
              for d in range(len(fives) - 4)]
    say("truncated", 5 * errors.index(min(errors)))
    print("steady: the same, 10 batches")
    means = [mean(values[i:i + 20]) for i in range(0, 200, 20)]
    middle = mean(means)
    squares = sum((x - middle) ** 2 for x in means)
    say("mean", real(middle))
    say("half width, 95 %",
        t_quantile(mpf("0.95"), mpf(9)) * sqrt(real(variance(means) / 10)))
    pairs = list(zip(means, means[1:]))
    say("correlation", real(sum((x - middle) * (y - middle) for x, y in pairs) / squares))
    ratio = real(sum((x - y) ** 2 for x, y in pairs) / squares)
    say("p", ncdf(-(2 - ratio) / sqrt(mpf(32) / 99)))


def quantiles():
    print("quantiles: exact coverage of the r-th and s-th smallest, and those ranks")
    for count, share in ((10, F(1, 2)), (30, F(1, 2)), (100, F(9, 10)), (400, F(99, 100))):
        chance = [comb(count, k) * share ** k * (1 - share) ** (count - k)
                  for k in range(count + 1)]
        low = max(r for r in range(1, count + 1) if sum(chance[:r]) <= F(1, 40))
        high = min(s for s in range(1, count + 1) if sum(chance[s:]) <= F(1, 40))
        say(f"{count} values, share {share}: {low} .. {high}", real(sum(chance[low:high])))


def contrast():
    print("contrast: the sleep data, 95 %")
    shifts = [b - a for a, b in zip(fractions(SLEEP_1), fractions(SLEEP_2))]
    half = t_quantile(mpf("0.95"), 9) * sqrt(real(variance(shifts)) / 10)
    say("low", real(mean(shifts)) - half)
    say("high", real(mean(shifts)) + half)
    print("contrast: ratio of five of the permeability data, 90 %")
    logs = [log(real(b) / real(a)) for a, b in zip(fractions(TERM), fractions(EARLY))]
    half = t_quantile(mpf("0.9"), 4) * sqrt(variance(logs) / 5)
    say("ratio", exp(mean(logs)))
    say("low", exp(mean(logs) - half))
    say("high", exp(mean(logs) + half))


def main():
    student()
    means()
    mann_whitney("permeability", fractions(TERM), fractions(EARLY))
    mann_whitney("ties", fractions("1 2 2 3 5 5 5".split()), fractions("2 4 5 6 6 7".split()))
    mann_whitney("30 against 25", [F(i * i % 47) for i in range(30)],
                 [F(5 + i * 7 % 53) for i in range(25)])
    kolmogorov("permeability", fractions(TERM), fractions(EARLY))
    kolmogorov("ties", fractions("1 2 2 3 5 5 5".split()), fractions("2 4 5 6 6 7".split()))
    print("kolmogorov: limit")
    for x in ("0.3", "0.8", "1.3581", "3"):
        say(f"P(K > {x})", kolmogorov_above(mpf(x)))
    bootstrap()
    steady()
    quantiles()
    contrast()


main()
