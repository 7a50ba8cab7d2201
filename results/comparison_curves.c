/* comparison_curves.c - judges the curves of one cell.
 *
 * Idea      All runs of the cell are laid on one grid, up to the end of the longest, and the means
 *           of both sides get one simultaneous band. p is adjusted over the curves of the cell:
 *           over all cells, the least p that a few pairs can have would never suffice.
 * Departs   The floor of the standard error is a ten-thousandth of the largest value: below that
 *           two curves are told apart by rounding.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>

#include "results/comparison_shared.h"
#include "results/holm.h"

static const double FLOOR_SHARE = 1e-4;
static const uint64_t BAND_SEED = 1;

/* The curves of both sides: a's, then b's. */
struct laid {
    double *values; /* owned */
    size_t curves;  /* of each side */
    size_t points;
};

static bool
all_have(const struct gw_pair_group *group, enum gw_curve_id id)
{
    for (size_t i = 0; i < group->count; i++) {
        if (!gw_curve_has(group->a[i], id) || !gw_curve_has(group->b[i], id)) {
            return false;
        }
    }
    return true;
}

static double
longest_s(const struct gw_pair_group *group)
{
    double end_s = 0.0;

    for (size_t i = 0; i < group->count; i++) {
        end_s = fmax(end_s, gw_curve_length_s(group->a[i]));
        end_s = fmax(end_s, gw_curve_length_s(group->b[i]));
    }
    return end_s;
}

static bool
lay(const struct gw_pair_group *group, const struct gw_compared_curve *curve, struct laid *laid,
    struct gw_error *err)
{
    bool fine = true;

    for (size_t i = 0; fine && i < group->count; i++) {
        double *a = laid->values + i * laid->points;
        double *b = laid->values + (group->count + i) * laid->points;

        fine = gw_curve_sample(group->a[i], curve->id, curve->end_s, laid->points, a, err) &&
               gw_curve_sample(group->b[i], curve->id, curve->end_s, laid->points, b, err);
    }
    return fine;
}

static bool
is_equal_pair(const struct laid *laid, size_t pair)
{
    const double *a = laid->values + pair * laid->points;
    const double *b = laid->values + (laid->curves + pair) * laid->points;

    for (size_t k = 0; k < laid->points; k++) {
        if (!gw_compared_same(a[k], b[k])) {
            return false;
        }
    }
    return true;
}

static size_t
count_unequal(const struct laid *laid)
{
    size_t count = 0;

    for (size_t i = 0; i < laid->curves; i++) {
        count += is_equal_pair(laid, i) ? 0 : 1;
    }
    return count;
}

/* The least p that so many curves of a side can have; of pairs those count that are not equal, as
 * an equal one exchanged is the same arrangement. */
static double
least_p(size_t curves, bool paired)
{
    double p = 2.0;

    for (size_t i = 0; i < curves; i++) {
        p *= paired ? 0.5 : (double)(i + 1) / (double)(curves + i + 1);
    }
    return p;
}

/* Whether the least p that they can have is a finding, when it is that of `tests` curves (Holm).
 * Drawn rearrangements are fewer than all, and p is not below the share of one. */
static bool
could_differ(const struct gw_comparison_request *request, size_t tests, size_t curves, bool paired)
{
    double least = fmax(least_p(curves, paired), 1.0 / ((double)request->resamples + 1.0));

    return gw_compared_is_small((double)tests * least, request->confidence);
}

/* Curves of a side that p is made of. */
static size_t
telling(const struct gw_compared_cell *cell, const struct gw_compared_curve *curve)
{
    return cell->same_guests ? curve->unequal_pairs : cell->group->count;
}

static double
largest(const struct laid *laid)
{
    double most = 0.0;

    for (size_t i = 0; i < 2 * laid->curves * laid->points; i++) {
        most = fmax(most, fabs(laid->values[i]));
    }
    return most;
}

static void
take_means(const struct laid *laid, struct gw_compared_curve *curve)
{
    for (size_t k = 0; k < laid->points; k++) {
        double a = 0.0;
        double b = 0.0;

        for (size_t i = 0; i < laid->curves; i++) {
            a += laid->values[i * laid->points + k];
            b += laid->values[(laid->curves + i) * laid->points + k];
        }
        curve->mean_a[k] = a / (double)laid->curves;
        curve->mean_b[k] = b / (double)laid->curves;
    }
}

static bool
leaves_zero(const struct gw_curve_band *band, size_t point)
{
    return band->low[point] > 0.0 || band->high[point] < 0.0;
}

static size_t
peak_of(const struct gw_curve_band *band)
{
    size_t peak = band->peak;
    double most = 0.0;

    for (size_t k = 0; k < band->points; k++) {
        if (leaves_zero(band, k) && fabs(band->difference[k]) > most) {
            most = fabs(band->difference[k]);
            peak = k;
        }
    }
    return peak;
}

static void
clear_curve(struct gw_compared_curve *curve)
{
    free(curve->mean_a);
    free(curve->mean_b);
    gw_curve_band_clear(&curve->band);
}

static bool
judge(const struct laid *laid, const struct gw_compared_cell *cell,
      const struct gw_comparison_request *request, struct gw_compared_curve *curve,
      struct gw_error *err)
{
    bool paired = cell->same_guests;
    size_t half = laid->curves * laid->points;
    struct gw_curve_set a = {laid->values, laid->curves, laid->points};
    struct gw_curve_set b = {laid->values + half, laid->curves, laid->points};
    struct gw_curve_band_request band = {.confidence = request->confidence,
                                         .resamples = request->resamples,
                                         .seed = BAND_SEED,
                                         .floor = FLOOR_SHARE * largest(laid)};

    curve->unequal_pairs = count_unequal(laid);
    if (curve->unequal_pairs == 0) {
        curve->verdict = GW_COMPARED_IDENTICAL;
        return true;
    }
    if (!could_differ(request, 1, telling(cell, curve), paired)) {
        curve->verdict = GW_COMPARED_UNSURE;
        return true;
    }
    curve->mean_a = calloc(laid->points, sizeof(double));
    curve->mean_b = calloc(laid->points, sizeof(double));
    if (curve->mean_a == NULL || curve->mean_b == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the means of curves");
    }
    take_means(laid, curve);
    if (!gw_curve_band_make(&a, &b, paired, &band, &curve->band, err)) {
        return false;
    }
    curve->peak = peak_of(&curve->band);
    curve->p = curve->band.p;
    curve->verdict = GW_COMPARED_NONE_SEEN;
    return true;
}

/* Curves of a side with which the least p of so many tests is a finding; 0: with none, as no p of so
 * few rearrangements is. */
static size_t
curves_needed(const struct gw_comparison_request *request, size_t tests, bool paired)
{
    size_t curves = 1;

    while (!could_differ(request, tests, curves, paired)) {
        if (!(least_p(curves, paired) * ((double)request->resamples + 1.0) > 1.0)) {
            return 0;
        }
        curves++;
    }
    return curves;
}

/* None of the curves could be found to differ: "no difference seen" would say too much. */
static void
leave_unsure(struct gw_compared_cell *cell)
{
    for (size_t i = 0; i < cell->curve_count; i++) {
        struct gw_compared_curve *curve = &cell->curves[i];

        if (curve->verdict != GW_COMPARED_IDENTICAL) {
            clear_curve(curve);
            *curve = (struct gw_compared_curve){.id = curve->id,
                                                .end_s = curve->end_s,
                                                .unequal_pairs = curve->unequal_pairs,
                                                .p = (double)NAN,
                                                .verdict = GW_COMPARED_UNSURE};
        }
    }
}

/* Leaves as unsure what could not be found to differ, and says with how many pairs it could, if all
 * further ones are not equal. */
static void
judge_power(const struct gw_comparison_request *request, struct gw_compared_cell *cell)
{
    size_t unequal = 0;
    size_t most = 0;

    for (size_t i = 0; i < cell->curve_count; i++) {
        if (cell->curves[i].verdict != GW_COMPARED_IDENTICAL) {
            size_t curves = telling(cell, &cell->curves[i]);

            most = curves > most ? curves : most;
            unequal++;
        }
    }
    if (unequal == 0) {
        return;
    }
    size_t needed = curves_needed(request, unequal, cell->same_guests);
    if (needed == 0 || most < needed) {
        leave_unsure(cell);
    }
    for (size_t i = 0; i < cell->curve_count; i++) {
        struct gw_compared_curve *curve = &cell->curves[i];

        if (curve->verdict == GW_COMPARED_UNSURE && needed > 0) {
            curve->pairs_needed = cell->group->count - telling(cell, curve) + needed;
        }
    }
}

static void
adjust(struct gw_compared_cell *cell, double confidence)
{
    double p[GW_CURVE_COUNT];

    for (size_t i = 0; i < cell->curve_count; i++) {
        p[i] = cell->curves[i].p;
    }
    gw_holm_adjust(p, cell->curve_count, p);
    for (size_t i = 0; i < cell->curve_count; i++) {
        cell->curves[i].p = p[i];
        if (gw_compared_is_small(p[i], confidence)) {
            cell->curves[i].verdict = GW_COMPARED_DIFFERS;
        }
    }
}

bool
gw_compared_curves_make(const struct gw_comparison_request *request, struct gw_compared_cell *cell,
                        struct gw_error *err)
{
    const struct gw_pair_group *group = cell->group;
    struct laid laid = {.curves = group->count, .points = request->points};
    double end_s = longest_s(group);
    bool fine = true;

    gw_assert(group->count > 0 && request->points >= 2);
    if (!(end_s > 0.0)) {
        return true;
    }
    laid.values = calloc(2 * laid.curves * laid.points, sizeof *laid.values);
    if (laid.values == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for curves");
    }
    for (int id = 0; fine && id < GW_CURVE_COUNT; id++) {
        if (all_have(group, (enum gw_curve_id)id)) {
            struct gw_compared_curve *curve = &cell->curves[cell->curve_count++];

            *curve = (struct gw_compared_curve){
                .id = (enum gw_curve_id)id, .end_s = end_s, .p = (double)NAN};
            fine = lay(group, curve, &laid, err) && judge(&laid, cell, request, curve, err);
        }
    }
    free(laid.values);
    judge_power(request, cell);
    adjust(cell, request->confidence);
    return fine;
}

void
gw_compared_curves_clear(struct gw_compared_cell *cell)
{
    for (size_t i = 0; i < cell->curve_count; i++) {
        clear_curve(&cell->curves[i]);
    }
}

double
gw_compared_curve_time(const struct gw_compared_curve *curve, size_t point)
{
    return curve->end_s * (double)point / (double)(curve->band.points - 1);
}
