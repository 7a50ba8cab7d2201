/* curve_band.c - max-t by permutation.
 *
 * Idea      At each point a t of Welch's kind; the largest |t| of the curve is the statistic. What
 *           it is worth is asked of the same curves with the runs dealt anew to the two sets, or,
 *           when they are pairs, with the sides of some pairs exchanged: whole curves move, so
 *           that their points stay as dependent as they are.
 * Source    Westfall and Young, Resampling-Based Multiple Testing, 1993 (max-t); Phipson and
 *           Smyth, Statistical Applications in Genetics 9, 2010 (p counts what was observed).
 * Why two   p is judged among rearranged curves: right when nothing differs. A large difference
 *           makes rearranged curves hang together, and their largest |t| small; the band is
 *           therefore as wide as the larger of two quantiles, that one and that of the curves
 *           less the mean of their set. So no band leaves 0 while p says that nothing differs.
 * Invariant Curves are counted from one of them, so points where all agree are 0 exactly. Sums
 *           are made in the order of the curves, so the observed sets come out the same bits
 *           when they are met again among the rearrangements.
 * Cost      4 x curves x points operations a resample.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/curve_band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static const double NEARLY = 1e-9; /* relative: values of t^2 this near are the same */

/* Curves under rearrangement. Two sets: those of both, marked: in set a. Pairs: the differences,
 * marked: the sides are exchanged. */
struct deal {
    bool paired;
    size_t curves, points, in_a;
    size_t rearrangements;
    bool all; /* every one once; else drawn by chance */
    double floor_square;
    double *values;    /* curves x points */
    double *residuals; /* the same less the mean of the set */
    bool *marks;
    size_t *order;                       /* scratch of the shuffle */
    double *mean_a, *mean_b;             /* scratch, points each */
    double *square_a, *square_b;         /* scratch, points each */
    double *difference, *error_square;   /* of the last look */
    double *most_values, *most_residual; /* largest t^2 of each rearrangement */
    struct gw_stream stream;
};

/* ---- one look at one arrangement ----------------------------------------------------------------- */

static void
add_curve(double *restrict sum, const double *restrict curve, double sign, size_t points)
{
    for (size_t k = 0; k < points; k++) {
        sum[k] += sign * curve[k];
    }
}

static void
add_squares(double *restrict sum, const double *restrict curve, const double *restrict mean,
            double sign, size_t points)
{
    for (size_t k = 0; k < points; k++) {
        double off = sign * curve[k] - mean[k];

        sum[k] += off * off;
    }
}

static void
divide(double *values, double divisor, size_t points)
{
    for (size_t k = 0; k < points; k++) {
        values[k] /= divisor;
    }
}

static void
look_at_sets(struct deal *deal, const double *values)
{
    double a = (double)deal->in_a;
    double b = (double)(deal->curves - deal->in_a);

    for (size_t i = 0; i < deal->curves; i++) {
        add_curve(deal->marks[i] ? deal->mean_a : deal->mean_b, values + i * deal->points, 1.0,
                  deal->points);
    }
    divide(deal->mean_a, a, deal->points);
    divide(deal->mean_b, b, deal->points);
    for (size_t i = 0; i < deal->curves; i++) {
        bool in_a = deal->marks[i];

        add_squares(in_a ? deal->square_a : deal->square_b, values + i * deal->points,
                    in_a ? deal->mean_a : deal->mean_b, 1.0, deal->points);
    }
    for (size_t k = 0; k < deal->points; k++) {
        deal->difference[k] = deal->mean_b[k] - deal->mean_a[k];
        deal->error_square[k] =
            deal->square_a[k] / (a * (a - 1.0)) + deal->square_b[k] / (b * (b - 1.0));
    }
}

static void
look_at_pairs(struct deal *deal, const double *values)
{
    double pairs = (double)deal->curves;

    for (size_t i = 0; i < deal->curves; i++) {
        add_curve(deal->mean_a, values + i * deal->points, deal->marks[i] ? -1.0 : 1.0,
                  deal->points);
    }
    divide(deal->mean_a, pairs, deal->points);
    for (size_t i = 0; i < deal->curves; i++) {
        add_squares(deal->square_a, values + i * deal->points, deal->mean_a,
                    deal->marks[i] ? -1.0 : 1.0, deal->points);
    }
    for (size_t k = 0; k < deal->points; k++) {
        deal->difference[k] = deal->mean_a[k];
        deal->error_square[k] = deal->square_a[k] / (pairs * (pairs - 1.0));
    }
}

static double
t_square(const struct deal *deal, size_t point)
{
    double difference = deal->difference[point];
    double error_square = deal->error_square[point];

    if (error_square < deal->floor_square) {
        error_square = deal->floor_square;
    }
    if (error_square > 0.0) {
        return difference * difference / error_square;
    }
    return fabs(difference) > 0.0 ? (double)INFINITY : 0.0;
}

/* Returns the largest t^2; *peak may be NULL. */
static double
look(struct deal *deal, const double *values, size_t *peak)
{
    size_t bytes = deal->points * sizeof(double);
    double most = -1.0;

    memset(deal->mean_a, 0, bytes);
    memset(deal->mean_b, 0, bytes);
    memset(deal->square_a, 0, bytes);
    memset(deal->square_b, 0, bytes);
    if (deal->paired) {
        look_at_pairs(deal, values);
    } else {
        look_at_sets(deal, values);
    }
    for (size_t k = 0; k < deal->points; k++) {
        double t2 = t_square(deal, k);

        if (t2 > most) {
            most = t2;
            if (peak != NULL) {
                *peak = k;
            }
        }
    }
    return most;
}

/* ---- arrangements -------------------------------------------------------------------------------- */

/* All arrangements, or 0 when they are more than `most`. */
static size_t
count_all(const struct deal *deal, size_t most)
{
    double count = 1.0;
    size_t steps = deal->paired ? deal->curves : deal->in_a;

    for (size_t i = 0; i < steps && count <= (double)most; i++) {
        count *= deal->paired ? 2.0 : (double)(deal->curves - i) / (double)(i + 1);
    }
    return count > (double)most + 0.5 ? 0 : (size_t)(count + 0.5);
}

static void
arrange_first(struct deal *deal)
{
    for (size_t i = 0; i < deal->curves; i++) {
        deal->marks[i] = !deal->paired && i < deal->in_a;
    }
}

/* Counts up in binary. */
static void
next_signs(struct deal *deal)
{
    size_t i = 0;

    while (i < deal->curves && deal->marks[i]) {
        deal->marks[i++] = false;
    }
    if (i < deal->curves) {
        deal->marks[i] = true;
    }
}

/* The first mark that has room moves one up; those below it go back to the bottom. */
static void
next_choice(struct deal *deal)
{
    size_t below = 0;
    size_t i = 0;

    while (i + 1 < deal->curves && !(deal->marks[i] && !deal->marks[i + 1])) {
        below += deal->marks[i] ? 1 : 0;
        i++;
    }
    if (i + 1 == deal->curves) {
        return;
    }
    deal->marks[i] = false;
    deal->marks[i + 1] = true;
    for (size_t k = 0; k < i; k++) {
        deal->marks[k] = k < below;
    }
}

static void
draw_signs(struct deal *deal)
{
    for (size_t i = 0; i < deal->curves; i++) {
        deal->marks[i] = gw_stream_below(&deal->stream, 2) == 1;
    }
}

static void
draw_choice(struct deal *deal)
{
    for (size_t i = 0; i < deal->curves; i++) {
        deal->marks[i] = false;
        deal->order[i] = i;
    }
    for (size_t i = 0; i < deal->in_a; i++) {
        size_t place = i + (size_t)gw_stream_below(&deal->stream, deal->curves - i);
        size_t chosen = deal->order[place];

        deal->order[place] = deal->order[i];
        deal->marks[chosen] = true;
    }
}

static void
arrange_next(struct deal *deal)
{
    if (deal->all) {
        (deal->paired ? next_signs : next_choice)(deal);
        return;
    }
    (deal->paired ? draw_signs : draw_choice)(deal);
}

/* ---- the curves ---------------------------------------------------------------------------------- */

static void
take_sets(struct deal *deal, const struct gw_curve_set *a, const struct gw_curve_set *b)
{
    for (size_t i = 0; i < deal->curves; i++) {
        const double *curve = i < a->curves ? a->values + i * deal->points
                                            : b->values + (i - a->curves) * deal->points;

        for (size_t k = 0; k < deal->points; k++) {
            deal->values[i * deal->points + k] = curve[k] - a->values[k];
        }
    }
}

static void
take_pairs(struct deal *deal, const struct gw_curve_set *a, const struct gw_curve_set *b)
{
    for (size_t i = 0; i < deal->curves * deal->points; i++) {
        deal->values[i] = b->values[i] - a->values[i];
    }
}

/* Curves first .. end - 1 less their mean, which is counted from the first of them. */
static void
take_residuals(struct deal *deal, size_t first, size_t end)
{
    const double *zero = deal->values + first * deal->points;
    double *mean = deal->mean_a;

    memset(mean, 0, deal->points * sizeof *mean);
    for (size_t i = first; i < end; i++) {
        for (size_t k = 0; k < deal->points; k++) {
            mean[k] += deal->values[i * deal->points + k] - zero[k];
        }
    }
    divide(mean, (double)(end - first), deal->points);
    for (size_t i = first; i < end; i++) {
        for (size_t k = 0; k < deal->points; k++) {
            deal->residuals[i * deal->points + k] =
                deal->values[i * deal->points + k] - zero[k] - mean[k];
        }
    }
}

static void
deal_destroy(struct deal *deal)
{
    free(deal->values);
    free(deal->residuals);
    free(deal->marks);
    free(deal->order);
    free(deal->mean_a);
    free(deal->most_values);
}

static bool
deal_create(struct deal *deal, const struct gw_curve_set *a, const struct gw_curve_set *b,
            const struct gw_curve_band_request *request)
{
    size_t points = deal->points;

    deal->curves = deal->paired ? a->curves : a->curves + b->curves;
    deal->in_a = deal->paired ? 0 : a->curves;
    deal->floor_square = request->floor * request->floor;
    deal->rearrangements = count_all(deal, request->resamples);
    deal->all = deal->rearrangements > 0;
    if (!deal->all) {
        deal->rearrangements = request->resamples + 1;
    }
    deal->values = calloc(deal->curves * points, sizeof(double));
    deal->residuals = calloc(deal->curves * points, sizeof(double));
    deal->marks = calloc(deal->curves, sizeof(bool));
    deal->order = calloc(deal->curves, sizeof(size_t));
    deal->mean_a = calloc(6 * points, sizeof(double));
    deal->most_values = calloc(2 * deal->rearrangements, sizeof(double));
    if (deal->values == NULL || deal->residuals == NULL || deal->marks == NULL ||
        deal->order == NULL || deal->mean_a == NULL || deal->most_values == NULL) {
        deal_destroy(deal);
        return false;
    }
    deal->mean_b = deal->mean_a + points;
    deal->square_a = deal->mean_b + points;
    deal->square_b = deal->square_a + points;
    deal->difference = deal->square_b + points;
    deal->error_square = deal->difference + points;
    deal->most_residual = deal->most_values + deal->rearrangements;
    gw_stream_open(&deal->stream, request->seed, 0, "results.curve_band", 0);
    if (deal->paired) {
        take_pairs(deal, a, b);
        take_residuals(deal, 0, deal->curves);
    } else {
        take_sets(deal, a, b);
        take_residuals(deal, 0, deal->in_a);
        take_residuals(deal, deal->in_a, deal->curves);
    }
    return true;
}

/* ---- the verdict --------------------------------------------------------------------------------- */

static int
compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The least value that a share `confidence` of the values does not exceed. */
static double
quantile(double *values, size_t count, double confidence)
{
    size_t rank = (size_t)ceil(confidence * (double)count - NEARLY);

    qsort(values, count, sizeof *values, compare_numbers);
    return values[rank == 0 ? 0 : rank - 1];
}

/* The first arrangement is the observed one. */
static void
rearrange(struct deal *deal)
{
    arrange_first(deal);
    for (size_t i = 0; i < deal->rearrangements; i++) {
        deal->most_values[i] = look(deal, deal->values, NULL);
        deal->most_residual[i] = look(deal, deal->residuals, NULL);
        arrange_next(deal);
    }
}

static double
share_as_large(const struct deal *deal)
{
    double observed = deal->most_values[0];
    size_t count = 0;

    for (size_t i = 0; i < deal->rearrangements; i++) {
        count += deal->most_values[i] >= observed * (1.0 - NEARLY) ? 1 : 0;
    }
    return (double)count / (double)deal->rearrangements;
}

/* The band at one point, when t^2 may be up to `most`. */
static void
fill_point(const struct deal *deal, double most, size_t point, struct gw_curve_band *band)
{
    double error = sqrt(fmax(deal->error_square[point], deal->floor_square));
    double half = isinf(most) ? (double)INFINITY : sqrt(most) * error;
    bool leaves = t_square(deal, point) > most * (1.0 + NEARLY);

    band->difference[point] = deal->difference[point];
    band->low[point] = deal->difference[point] - half;
    band->high[point] = deal->difference[point] + half;
    if (!leaves) {
        band->low[point] = fmin(band->low[point], 0.0);
        band->high[point] = fmax(band->high[point], 0.0);
        return;
    }
    band->first = band->first < point ? band->first : point;
    band->last = point;
}

static void
judge(struct deal *deal, double confidence, struct gw_curve_band *band)
{
    rearrange(deal);
    band->p = share_as_large(deal);
    double most = fmax(quantile(deal->most_values, deal->rearrangements, confidence),
                       quantile(deal->most_residual, deal->rearrangements, confidence));

    arrange_first(deal);
    look(deal, deal->values, &band->peak);
    band->first = deal->points;
    band->last = 0;
    for (size_t k = 0; k < deal->points; k++) {
        fill_point(deal, most, k, band);
    }
}

static bool
all_finite(const struct gw_curve_set *set)
{
    for (size_t i = 0; i < set->curves * set->points; i++) {
        if (!isfinite(set->values[i])) {
            return false;
        }
    }
    return true;
}

static bool
check(const struct gw_curve_set *a, const struct gw_curve_set *b, bool paired,
      const struct gw_curve_band_request *request, struct gw_error *err)
{
    if (a->curves < 2 || b->curves < 2) {
        return gw_fail(err, GW_EINVAL, "band of curves: %zu and %zu curves, two are needed of each",
                       a->curves, b->curves);
    }
    if (a->points != b->points || a->points == 0) {
        return gw_fail(err, GW_EINVAL, "band of curves: curves of %zu and %zu points", a->points,
                       b->points);
    }
    if (paired && a->curves != b->curves) {
        return gw_fail(err, GW_EINVAL, "band of curves: %zu and %zu curves are no pairs", a->curves,
                       b->curves);
    }
    if (!(request->confidence > 0.0 && request->confidence < 1.0) || request->resamples < 99 ||
        !(request->floor >= 0.0)) {
        return gw_fail(err, GW_EINVAL,
                       "band of curves: confidence %g, %zu resamples, floor %g: wanted between 0 "
                       "and 1, at least 99, at least 0",
                       request->confidence, request->resamples, request->floor);
    }
    return (all_finite(a) && all_finite(b)) ||
           gw_fail(err, GW_EINVAL, "band of curves: a value is not finite");
}

bool
gw_curve_band_make(const struct gw_curve_set *a, const struct gw_curve_set *b, bool paired,
                   const struct gw_curve_band_request *request, struct gw_curve_band *band,
                   struct gw_error *err)
{
    struct deal deal = {.paired = paired, .points = a->points};

    *band = (struct gw_curve_band){.points = a->points};
    if (!check(a, b, paired, request, err)) {
        return false;
    }
    band->difference = calloc(a->points, sizeof(double));
    band->low = calloc(a->points, sizeof(double));
    band->high = calloc(a->points, sizeof(double));
    if (band->difference == NULL || band->low == NULL || band->high == NULL ||
        !deal_create(&deal, a, b, request)) {
        gw_curve_band_clear(band);
        return gw_fail(err, GW_ENOMEM, "out of memory for a band of curves");
    }
    judge(&deal, request->confidence, band);
    deal_destroy(&deal);
    return true;
}

void
gw_curve_band_clear(struct gw_curve_band *band)
{
    free(band->difference);
    free(band->low);
    free(band->high);
    *band = (struct gw_curve_band){0};
}
