/* test_curve_band.c - pins p to a brute count over all rearrangements of small sets, false alarms
 * over 400 pairs of equal sets, that the band holds the truth of very different sets, that a local
 * bump is found and where, pairs, constants, the floor, that the same seed gives the same bits, and
 * what is refused.
 * Does not pin: how fast it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/variate.h"
#include "results/curve_band.h"

enum { CURVES = 8, POINTS = 30, SMALL = 3, SMALL_POINTS = 4, PAIRS = 7 };

static const struct gw_curve_band_request request = {
    .confidence = 0.95, .resamples = 199, .seed = 11, .floor = 0.0};

/* AR(1) with 0.7, variance 1 from the first point on. */
static void
draw_curve(struct gw_stream *stream, double *values, size_t points)
{
    double innovation = sqrt(1.0 - 0.7 * 0.7);

    values[0] = gw_normal(stream, 0.0, 1.0);
    for (size_t k = 1; k < points; k++) {
        values[k] = 0.7 * values[k - 1] + gw_normal(stream, 0.0, innovation);
    }
}

static void
draw_set(double *values, size_t curves, size_t points, uint64_t number)
{
    struct gw_stream stream;

    gw_stream_open(&stream, 5, number, "test", 0);
    for (size_t i = 0; i < curves; i++) {
        draw_curve(&stream, values + i * points, points);
    }
}

static struct gw_curve_set
set_of(const double *values, size_t curves, size_t points)
{
    return (struct gw_curve_set){values, curves, points};
}

/* ---- the brute count ----------------------------------------------------------------------------- */

/* Welch's t^2 at one point, of the values (curve by curve) whose bit is set against the rest. */
static double
brute_t2(const double *values, size_t curves, size_t points, size_t point, unsigned set)
{
    double sum[2] = {0, 0};
    double square[2] = {0, 0};
    double count[2] = {0, 0};
    double mean[2];

    for (size_t i = 0; i < curves; i++) {
        count[set >> i & 1] += 1.0;
        sum[set >> i & 1] += values[i * points + point];
    }
    mean[0] = sum[0] / count[0];
    mean[1] = sum[1] / count[1];
    for (size_t i = 0; i < curves; i++) {
        size_t side = set >> i & 1;
        double off = values[i * points + point] - mean[side];

        square[side] += off * off / (count[side] * (count[side] - 1.0));
    }
    return (mean[0] - mean[1]) * (mean[0] - mean[1]) / (square[0] + square[1]);
}

static double
brute_most(const double *values, unsigned set)
{
    double most = 0.0;

    for (size_t k = 0; k < SMALL_POINTS; k++) {
        most = fmax(most, brute_t2(values, (size_t)2 * SMALL, SMALL_POINTS, k, set));
    }
    return most;
}

static void
test_all_rearrangements(void **state)
{
    double values[2 * SMALL * SMALL_POINTS];
    struct gw_curve_band band;
    (void)state;
    for (uint64_t number = 0; number < 40; number++) {
        int as_large = 0;

        draw_set(values, (size_t)2 * SMALL, SMALL_POINTS, number);
        double observed = brute_most(values, 7);
        for (unsigned set = 0; set < 64; set++) {
            bool deals = __builtin_popcount(set) == SMALL;
            as_large += deals && brute_most(values, set) >= observed * (1 - 1e-9) ? 1 : 0;
        }
        struct gw_curve_set a = set_of(values, SMALL, SMALL_POINTS);
        struct gw_curve_set b = set_of(values + (size_t)SMALL * SMALL_POINTS, SMALL, SMALL_POINTS);
        assert_true(gw_curve_band_make(&a, &b, false, &request, &band, NULL));
        assert_true(fabs(band.p - as_large / 20.0) < 1e-12);
        assert_true(
            fabs(brute_t2(values, (size_t)2 * SMALL, SMALL_POINTS, band.peak, 7) / observed - 1.0) <
            1e-9);
        assert_true(band.first > band.last); /* 3 against 3: p is 0.1 at least */
        gw_curve_band_clear(&band);
    }
}

/* The largest |t| of the observed signs among those of all 128; sums here are of squares. */
static double
brute_pairs_most(const double *differences, unsigned signs)
{
    double most = 0.0;

    for (size_t k = 0; k < SMALL_POINTS; k++) {
        double sum = 0.0;
        double squares = 0.0;

        for (size_t i = 0; i < PAIRS; i++) {
            double value = differences[i * SMALL_POINTS + k] * ((signs >> i & 1) != 0 ? -1.0 : 1.0);
            sum += value;
            squares += value * value;
        }
        double mean = sum / PAIRS;
        double variance = (squares - sum * mean) / (PAIRS - 1);
        most = fmax(most, mean * mean / (variance / PAIRS));
    }
    return most;
}

static void
test_all_signs(void **state)
{
    double a_values[PAIRS * SMALL_POINTS];
    double b_values[PAIRS * SMALL_POINTS];
    double differences[PAIRS * SMALL_POINTS];
    struct gw_curve_set a = set_of(a_values, PAIRS, SMALL_POINTS);
    struct gw_curve_set b = set_of(b_values, PAIRS, SMALL_POINTS);
    struct gw_curve_band band;

    (void)state;
    for (uint64_t number = 0; number < 40; number++) {
        int as_large = 0;

        draw_set(a_values, PAIRS, SMALL_POINTS, 2 * number);
        draw_set(b_values, PAIRS, SMALL_POINTS, 2 * number + 1);
        for (size_t i = 0; i < (size_t)PAIRS * SMALL_POINTS; i++) {
            b_values[i] += number % 4 == 0 ? 3.0 : 0.0;
            differences[i] = b_values[i] - a_values[i];
        }
        for (unsigned signs = 0; signs < 128; signs++) {
            as_large += brute_pairs_most(differences, signs) >=
                                brute_pairs_most(differences, 0) * (1 - 1e-9)
                            ? 1
                            : 0;
        }
        assert_true(gw_curve_band_make(&a, &b, true, &request, &band, NULL));
        assert_true(fabs(band.p - as_large / 128.0) < 1e-12);
        assert_true(band.p <= 0.05 || band.first > band.last);
        gw_curve_band_clear(&band);
    }
}

/* ---- how often it is wrong, what it finds -------------------------------------------------------- */

static void
test_false_alarms(void **state)
{
    double a_values[CURVES * POINTS];
    double b_values[CURVES * POINTS];
    struct gw_curve_set a = set_of(a_values, CURVES, POINTS);
    struct gw_curve_set b = set_of(b_values, CURVES, POINTS);
    int alarms[2] = {0, 0};
    int left = 0;

    (void)state;
    for (uint64_t number = 0; number < 400; number++) {
        struct gw_curve_band_request own = request;

        own.seed = number;
        draw_set(a_values, CURVES, POINTS, 2 * number);
        draw_set(b_values, CURVES, POINTS, 2 * number + 1);
        for (int paired = 0; paired < 2; paired++) {
            struct gw_curve_band band;

            assert_true(gw_curve_band_make(&a, &b, paired == 1, &own, &band, NULL));
            alarms[paired] += band.p <= 0.05 ? 1 : 0;
            left += band.first <= band.last ? 1 : 0;
            assert_true(band.p <= 0.05 || band.first > band.last);
            gw_curve_band_clear(&band);
        }
    }
    /* 20 expected; outside 9 .. 34 once in 200 */
    assert_in_range(alarms[0], 9, 34);
    assert_in_range(alarms[1], 9, 34);
    assert_in_range(left, 5, 60);
}

/* Set b is higher by 20 deviations: rearranged curves then go up and down as one, and their largest
 * t alone would make a band for one point. */
static void
test_holds_the_truth(void **state)
{
    double a_values[CURVES * POINTS];
    double b_values[CURVES * POINTS];
    struct gw_curve_set a = set_of(a_values, CURVES, POINTS);
    struct gw_curve_set b = set_of(b_values, CURVES, POINTS);
    int held = 0;

    (void)state;
    for (uint64_t number = 0; number < 200; number++) {
        struct gw_curve_band band;
        bool holds = true;

        draw_set(a_values, CURVES, POINTS, 5000 + 2 * number);
        draw_set(b_values, CURVES, POINTS, 5001 + 2 * number);
        for (size_t i = 0; i < (size_t)CURVES * POINTS; i++) {
            b_values[i] += 20.0;
        }
        assert_true(gw_curve_band_make(&a, &b, false, &request, &band, NULL));
        for (size_t k = 0; k < POINTS; k++) {
            holds = holds && band.low[k] <= 20.0 && band.high[k] >= 20.0;
        }
        held += holds ? 1 : 0;
        gw_curve_band_clear(&band);
    }
    assert_in_range(held, 180, 199); /* 190 expected */
}

/* Twelve curves of each; between points 12 and 17 set b is higher by three deviations. */
static void
test_bump(void **state)
{
    double a_values[12 * POINTS];
    double b_values[12 * POINTS];
    struct gw_curve_set a = set_of(a_values, 12, POINTS);
    struct gw_curve_set b = set_of(b_values, 12, POINTS);
    int found = 0;

    (void)state;
    for (uint64_t number = 0; number < 50; number++) {
        struct gw_curve_band band;

        draw_set(a_values, 12, POINTS, 1000 + 2 * number);
        draw_set(b_values, 12, POINTS, 1001 + 2 * number);
        for (size_t i = 0; i < 12; i++) {
            for (size_t k = 12; k < 18; k++) {
                b_values[i * POINTS + k] += 3.0;
            }
        }
        assert_true(gw_curve_band_make(&a, &b, false, &request, &band, NULL));
        found += band.p <= 0.05 && band.first >= 12 && band.last < 18 && band.first <= band.last &&
                         band.peak >= 12 && band.peak < 18 && band.low[band.peak] > 0.0
                     ? 1
                     : 0;
        gw_curve_band_clear(&band);
    }
    assert_in_range(found, 43, 50);
}

/* What the sides share goes: pairs see a shift that is small against the spread of the runs. */
static void
test_pairs_share(void **state)
{
    double a_values[CURVES * POINTS];
    double b_values[CURVES * POINTS];
    struct gw_curve_set a = set_of(a_values, CURVES, POINTS);
    struct gw_curve_set b = set_of(b_values, CURVES, POINTS);
    struct gw_curve_band pairs, sets;

    (void)state;
    draw_set(a_values, CURVES, POINTS, 77);
    draw_set(b_values, CURVES, POINTS, 78);
    for (size_t i = 0; i < (size_t)CURVES * POINTS; i++) {
        b_values[i] = a_values[i] + 0.02 * b_values[i] + 0.2;
    }
    assert_true(gw_curve_band_make(&a, &b, true, &request, &pairs, NULL));
    assert_true(gw_curve_band_make(&a, &b, false, &request, &sets, NULL));
    assert_true(pairs.p < 0.02);
    assert_int_equal(pairs.first, 0);
    assert_int_equal(pairs.last, POINTS - 1);
    assert_true(sets.p > 0.2);
    assert_true(fabs(sets.difference[3] - pairs.difference[3]) < 1e-12);
    gw_curve_band_clear(&pairs);
    gw_curve_band_clear(&sets);
}

/* ---- constants, the floor ------------------------------------------------------------------------ */

static void
fill(double *values, size_t count, double value)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = value;
    }
}

static void
test_constants(void **state)
{
    double a_values[CURVES * POINTS];
    double b_values[CURVES * POINTS];
    struct gw_curve_set a = set_of(a_values, CURVES, POINTS);
    struct gw_curve_set b = set_of(b_values, CURVES, POINTS);

    (void)state;
    for (int paired = 0; paired < 2; paired++) {
        for (int floored = 0; floored < 2; floored++) {
            struct gw_curve_band_request own = request;
            struct gw_curve_band band;

            own.floor = floored == 1 ? 0.01 : 0.0;
            fill(a_values, (size_t)CURVES * POINTS, 0.1);
            fill(b_values, (size_t)CURVES * POINTS, 0.1);
            assert_true(gw_curve_band_make(&a, &b, paired == 1, &own, &band, NULL));
            assert_true(fabs(band.p - 1.0) < 1e-12);
            assert_true(band.first > band.last);
            assert_true(!(band.low[4] < -0.1) && !(band.high[4] > 0.1));
            gw_curve_band_clear(&band);

            fill(b_values, (size_t)CURVES * POINTS, 0.3);
            assert_true(gw_curve_band_make(&a, &b, paired == 1, &own, &band, NULL));
            assert_true(band.p < 0.05);
            assert_int_equal(band.first, 0);
            assert_int_equal(band.last, POINTS - 1);
            assert_true(fabs(band.difference[9] - 0.2) < 1e-12);
            gw_curve_band_clear(&band);
        }
    }
}

/* One point where all agree but for dust: without a floor it outweighs the rest. */
static void
test_floor(void **state)
{
    double a_values[CURVES * POINTS];
    double b_values[CURVES * POINTS];
    struct gw_curve_set a = set_of(a_values, CURVES, POINTS);
    struct gw_curve_set b = set_of(b_values, CURVES, POINTS);
    struct gw_curve_band_request own = request;
    struct gw_curve_band band;

    (void)state;
    draw_set(a_values, CURVES, POINTS, 300);
    draw_set(b_values, CURVES, POINTS, 301);
    for (size_t i = 0; i < CURVES; i++) {
        a_values[i * POINTS + 20] = 5.0 + 1e-9 * (double)i;
        b_values[i * POINTS + 20] = 5.0 + 1e-7 + 1e-9 * (double)i;
    }
    assert_true(gw_curve_band_make(&a, &b, false, &own, &band, NULL));
    assert_int_equal(band.peak, 20);
    assert_true(band.p < 0.05);
    gw_curve_band_clear(&band);
    own.floor = 0.001;
    assert_true(gw_curve_band_make(&a, &b, false, &own, &band, NULL));
    assert_int_not_equal(band.peak, 20);
    assert_true(band.p > 0.05);
    gw_curve_band_clear(&band);
}

/* ---- sameness, refusals -------------------------------------------------------------------------- */

static void
test_same_seed(void **state)
{
    double values[2 * CURVES * POINTS];
    struct gw_curve_set a = set_of(values, CURVES, POINTS);
    struct gw_curve_set b = set_of(values + (size_t)CURVES * POINTS, CURVES, POINTS);
    struct gw_curve_band one, two;

    (void)state;
    draw_set(values, (size_t)2 * CURVES, POINTS, 9);
    assert_true(gw_curve_band_make(&a, &b, false, &request, &one, NULL));
    assert_true(gw_curve_band_make(&a, &b, false, &request, &two, NULL));
    assert_memory_equal(&one.p, &two.p, sizeof one.p);
    assert_memory_equal(one.low, two.low, sizeof(double) * POINTS);
    assert_memory_equal(one.high, two.high, sizeof(double) * POINTS);
    gw_curve_band_clear(&one);
    gw_curve_band_clear(&two);
}

static void
test_refused(void **state)
{
    double values[CURVES * POINTS];
    struct gw_curve_set good = set_of(values, 4, 5);
    struct gw_curve_set single = set_of(values, 1, 5);
    struct gw_curve_set longer = set_of(values, 4, 6);
    struct gw_curve_set more = set_of(values, 5, 5);
    struct gw_curve_band_request few = request;
    struct gw_curve_band band;
    struct gw_error err = {.code = GW_OK};

    (void)state;
    draw_set(values, CURVES, POINTS, 1);
    few.resamples = 98;
    assert_false(gw_curve_band_make(&single, &good, false, &request, &band, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_curve_band_make(&good, &longer, false, &request, &band, &err));
    assert_false(gw_curve_band_make(&good, &more, true, &request, &band, &err));
    assert_false(gw_curve_band_make(&good, &good, false, &few, &band, &err));
    values[7] = NAN;
    assert_false(gw_curve_band_make(&good, &good, false, &request, &band, &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_rearrangements),
        cmocka_unit_test(test_all_signs),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_holds_the_truth),
        cmocka_unit_test(test_bump),
        cmocka_unit_test(test_pairs_share),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_same_seed),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
