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
 * Cost      4 x curves x points operations a resample. Points at which all curves agree are left
 *           out: their t is 0 in every arrangement.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/curve_band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static const double NEARLY = 1e-9; /* relative: values of t^2 this near are the same */

/* Eight points of a curve, which stay in registers while curves are added up. */
typedef double two __attribute__((vector_size(16)));
struct tile {
    two at[4];
};

enum { LANES = 2, TILE_LANES = 4, TILE_POINTS = LANES * TILE_LANES };

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
    size_t *busy;      /* the points at which curves are not all the same */
    size_t busy_count, tiles;
    struct tile *value_tiles, *residual_tiles; /* tiles x curves, of the busy points */
    bool *marks;
    size_t *order;                       /* scratch of the shuffle, and members of the sets */
    double *mean;                        /* scratch, points */
    double *difference, *error_square;   /* of the last look, points; 0 where curves agree */
    double *most_values, *most_residual; /* largest t^2 of each rearrangement */
    struct gw_stream stream;
};

/* ---- one look at one arrangement ----------------------------------------------------------------- */

struct moments {
    struct tile mean, squares; /* sums of squared distances */
};

static void
take_moments(const struct tile *curves, const size_t *members, size_t count, struct moments *out)
{
    double divisor = (double)count;
    two a = {0}, b = {0}, c = {0}, d = {0};
    two squares_a = {0}, squares_b = {0}, squares_c = {0}, squares_d = {0};

    for (size_t i = 0; i < count; i++) {
        const struct tile *curve = &curves[members[i]];

        a += curve->at[0];
        b += curve->at[1];
        c += curve->at[2];
        d += curve->at[3];
    }
    a /= divisor;
    b /= divisor;
    c /= divisor;
    d /= divisor;
    for (size_t i = 0; i < count; i++) {
        const struct tile *curve = &curves[members[i]];
        two off_a = curve->at[0] - a, off_b = curve->at[1] - b;
        two off_c = curve->at[2] - c, off_d = curve->at[3] - d;

        squares_a += off_a * off_a;
        squares_b += off_b * off_b;
        squares_c += off_c * off_c;
        squares_d += off_d * off_d;
    }
    *out = (struct moments){{{a, b, c, d}}, {{squares_a, squares_b, squares_c, squares_d}}};
}

static void
look_at_sets(const struct deal *deal, const struct tile *curves, const size_t *members,
             struct moments *out)
{
    double a = (double)deal->in_a;
    double b = (double)(deal->curves - deal->in_a);
    struct moments of_a, of_b;

    take_moments(curves, members, deal->in_a, &of_a);
    take_moments(curves, members + deal->in_a, deal->curves - deal->in_a, &of_b);
    for (size_t lane = 0; lane < TILE_LANES; lane++) {
        out->mean.at[lane] = of_b.mean.at[lane] - of_a.mean.at[lane];
        out->squares.at[lane] =
            of_a.squares.at[lane] / (a * (a - 1.0)) + of_b.squares.at[lane] / (b * (b - 1.0));
    }
}

static void
look_at_pairs(const struct deal *deal, const struct tile *curves, struct moments *out)
{
    double pairs = (double)deal->curves;

    *out = (struct moments){0};
    for (size_t i = 0; i < deal->curves; i++) {
        for (size_t lane = 0; lane < TILE_LANES; lane++) {
            out->mean.at[lane] += (deal->marks[i] ? -1.0 : 1.0) * curves[i].at[lane];
        }
    }
    for (size_t lane = 0; lane < TILE_LANES; lane++) {
        out->mean.at[lane] /= pairs;
    }
    for (size_t i = 0; i < deal->curves; i++) {
        for (size_t lane = 0; lane < TILE_LANES; lane++) {
            two off = (deal->marks[i] ? -1.0 : 1.0) * curves[i].at[lane] - out->mean.at[lane];

            out->squares.at[lane] += off * off;
        }
    }
    for (size_t lane = 0; lane < TILE_LANES; lane++) {
        out->squares.at[lane] /= pairs * (pairs - 1.0);
    }
}

/* Members of set a first, each set in the order of the curves. */
static void
list_members(struct deal *deal)
{
    size_t a = 0, b = deal->in_a;

    for (size_t i = 0; i < deal->curves; i++) {
        deal->order[deal->marks[i] ? a++ : b++] = i;
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

/* Keeps differences and squared errors of one tile. */
static void
keep(struct deal *deal, size_t tile, const struct moments *moments)
{
    size_t first = tile * TILE_POINTS;

    for (size_t i = 0; i < TILE_POINTS && first + i < deal->busy_count; i++) {
        size_t point = deal->busy[first + i];

        deal->difference[point] = moments->mean.at[i / LANES][i % LANES];
        deal->error_square[point] = moments->squares.at[i / LANES][i % LANES];
    }
}

/* Returns the largest t^2; *peak, where it is, stays if all are 0; it may be NULL. Points that are not busy have t 0 in every look. */
static double
look(struct deal *deal, const struct tile *curves, size_t *peak)
{
    double most = 0.0;

    if (!deal->paired) {
        list_members(deal);
    }
    for (size_t tile = 0; tile < deal->tiles; tile++) {
        struct moments moments;

        if (deal->paired) {
            look_at_pairs(deal, curves + tile * deal->curves, &moments);
        } else {
            look_at_sets(deal, curves + tile * deal->curves, deal->order, &moments);
        }
        keep(deal, tile, &moments);
    }
    for (size_t i = 0; i < deal->busy_count; i++) {
        double t2 = t_square(deal, deal->busy[i]);

        if (t2 > most) {
            most = t2;
            if (peak != NULL) {
                *peak = deal->busy[i];
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
    double *mean = deal->mean;

    memset(mean, 0, deal->points * sizeof *mean);
    for (size_t i = first; i < end; i++) {
        for (size_t k = 0; k < deal->points; k++) {
            mean[k] += deal->values[i * deal->points + k] - zero[k];
        }
    }
    for (size_t k = 0; k < deal->points; k++) {
        mean[k] /= (double)(end - first);
    }
    for (size_t i = first; i < end; i++) {
        for (size_t k = 0; k < deal->points; k++) {
            deal->residuals[i * deal->points + k] =
                deal->values[i * deal->points + k] - zero[k] - mean[k];
        }
    }
}

/* Curves are counted from one of them: where all agree they are 0. */
static void
find_busy(struct deal *deal)
{
    for (size_t k = 0; k < deal->points; k++) {
        size_t i = 0;

        while (i < deal->curves && !(fabs(deal->values[i * deal->points + k]) > 0.0)) {
            i++;
        }
        if (i < deal->curves) {
            deal->busy[deal->busy_count++] = k;
        }
    }
    deal->tiles = (deal->busy_count + TILE_POINTS - 1) / TILE_POINTS;
}

static void
fill_tiles(const struct deal *deal, const double *values, struct tile *tiles)
{
    for (size_t i = 0; i < deal->curves; i++) {
        for (size_t k = 0; k < deal->busy_count; k++) {
            tiles[k / TILE_POINTS * deal->curves + i].at[k % TILE_POINTS / LANES][k % LANES] =
                values[i * deal->points + deal->busy[k]];
        }
    }
}

static void
deal_destroy(struct deal *deal)
{
    free(deal->values);
    free(deal->busy);
    free(deal->value_tiles);
    free(deal->marks);
    free(deal->order);
    free(deal->most_values);
}

static bool
get_room(struct deal *deal)
{
    size_t points = deal->points;
    size_t tiles = (points / TILE_POINTS + 1) * deal->curves + 1;

    deal->values = calloc((2 * deal->curves + 3) * points, sizeof(double));
    deal->busy = calloc(points, sizeof(size_t));
    deal->value_tiles = calloc(2 * tiles, sizeof(struct tile));
    deal->marks = calloc(deal->curves, sizeof(bool));
    deal->order = calloc(deal->curves, sizeof(size_t));
    deal->most_values = calloc(2 * deal->rearrangements, sizeof(double));
    if (deal->values == NULL || deal->busy == NULL || deal->value_tiles == NULL ||
        deal->marks == NULL || deal->order == NULL || deal->most_values == NULL) {
        deal_destroy(deal);
        return false;
    }
    deal->residuals = deal->values + deal->curves * points;
    deal->mean = deal->residuals + deal->curves * points;
    deal->residual_tiles = deal->value_tiles + tiles;
    deal->difference = deal->mean + points;
    deal->error_square = deal->difference + points;
    deal->most_residual = deal->most_values + deal->rearrangements;
    return true;
}

static bool
deal_create(struct deal *deal, const struct gw_curve_set *a, const struct gw_curve_set *b,
            const struct gw_curve_band_request *request)
{
    deal->curves = deal->paired ? a->curves : a->curves + b->curves;
    deal->in_a = deal->paired ? 0 : a->curves;
    deal->floor_square = request->floor * request->floor;
    deal->rearrangements = count_all(deal, request->resamples);
    deal->all = deal->rearrangements > 0;
    if (!deal->all) {
        deal->rearrangements = request->resamples + 1;
    }
    if (!get_room(deal)) {
        return false;
    }
    gw_stream_open(&deal->stream, request->seed, 0, "results.curve_band", 0);
    if (deal->paired) {
        take_pairs(deal, a, b);
        take_residuals(deal, 0, deal->curves);
    } else {
        take_sets(deal, a, b);
        take_residuals(deal, 0, deal->in_a);
        take_residuals(deal, deal->in_a, deal->curves);
    }
    find_busy(deal);
    fill_tiles(deal, deal->values, deal->value_tiles);
    fill_tiles(deal, deal->residuals, deal->residual_tiles);
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
        deal->most_values[i] = look(deal, deal->value_tiles, NULL);
        deal->most_residual[i] = look(deal, deal->residual_tiles, NULL);
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
    look(deal, deal->value_tiles, &band->peak);
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
