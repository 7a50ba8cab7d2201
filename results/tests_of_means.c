/* tests_of_means.c - t tests of a difference of means.
 *
 * Source    Welch, "The generalization of Student's problem when several different population
 *           variances are involved", Biometrika 34, 1947; freedom by Satterthwaite, 1946.
 *           Schuirmann, "A comparison of the two one-sided tests procedure ...", Journal of
 *           Pharmacokinetics and Biopharmaceutics 15, 1987.
 * Departs   A simulator gives constants more often than nature does: a standard error of 0 is
 *           taken as the limit of small ones, not refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/tests_of_means.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "results/sample.h"
#include "results/student.h"

static void
nothing_known(struct gw_mean_test *out)
{
    *out = (struct gw_mean_test){0, 0, NAN, NAN, NAN, NAN, NAN, NAN};
}

/* (difference - from) / error, where 0 / 0 is 0. */
static double
distance(const struct gw_mean_test *test, double from)
{
    double away = test->difference - from;

    return fabs(away) > 0.0 ? away / test->error : away;
}

/* Wants difference, error and freedom. */
static void
conclude(struct gw_mean_test *out, double confidence)
{
    out->statistic = distance(out, 0.0);
    out->p = gw_student_beyond(out->statistic, out->freedom);
    out->half_width = gsl_cdf_tdist_Pinv(0.5 + confidence / 2.0, out->freedom) * out->error;
}

/* Satterthwaite's freedom lies between the smaller of the two and their sum; without any variance
 * it is 0 / 0, and the sum is taken. */
static double
welch_freedom(double square_a, double freedom_a, double square_b, double freedom_b)
{
    double square = square_a + square_b;

    if (square <= 0.0) {
        return freedom_a + freedom_b;
    }
    double share_a = square_a / square;
    double share_b = square_b / square;
    return 1.0 / (share_a * share_a / freedom_a + share_b * share_b / freedom_b);
}

static void
welch(const struct gw_sample *a, const struct gw_sample *b, struct gw_mean_test *out)
{
    double mean_a = gsl_stats_mean(a->values, 1, a->count);
    double mean_b = gsl_stats_mean(b->values, 1, b->count);
    double square_a = gsl_stats_variance_m(a->values, 1, a->count, mean_a) / (double)a->count;
    double square_b = gsl_stats_variance_m(b->values, 1, b->count, mean_b) / (double)b->count;

    out->difference = mean_a - mean_b;
    out->error = sqrt(square_a + square_b);
    out->freedom =
        welch_freedom(square_a, (double)(a->count - 1), square_b, (double)(b->count - 1));
}

void
gw_means_welch(const double *a, size_t count_a, const double *b, size_t count_b, double confidence,
               struct gw_mean_test *out)
{
    struct gw_sample kept_a;
    struct gw_sample kept_b;

    gw_assert(confidence > 0.0 && confidence < 1.0);
    gw_sample_create(&kept_a, a, count_a);
    gw_sample_create(&kept_b, b, count_b);
    nothing_known(out);
    out->count_a = kept_a.count;
    out->count_b = kept_b.count;
    if (kept_a.count >= 2 && kept_b.count >= 2) {
        welch(&kept_a, &kept_b, out);
        conclude(out, confidence);
    }
    gw_sample_destroy(&kept_a);
    gw_sample_destroy(&kept_b);
}

static void
paired(const double *differences, size_t count, double confidence, struct gw_mean_test *out)
{
    struct gw_sample kept;

    gw_sample_create(&kept, differences, count);
    out->count_a = kept.count;
    out->count_b = kept.count;
    if (kept.count >= 2) {
        out->difference = gsl_stats_mean(kept.values, 1, kept.count);
        out->error =
            gsl_stats_sd_m(kept.values, 1, kept.count, out->difference) / sqrt((double)kept.count);
        out->freedom = (double)(kept.count - 1);
        conclude(out, confidence);
    }
    gw_sample_destroy(&kept);
}

void
gw_means_paired(const double *a, const double *b, size_t count, double confidence,
                struct gw_mean_test *out)
{
    double *differences = malloc((count + 1) * sizeof *differences);

    gw_assert(differences != NULL);
    gw_assert(confidence > 0.0 && confidence < 1.0);
    for (size_t i = 0; i < count; i++) {
        differences[i] = a[i] - b[i];
    }
    nothing_known(out);
    paired(differences, count, confidence, out);
    free(differences);
}

double
gw_means_equivalence(const struct gw_mean_test *test, double low, double high)
{
    gw_assert(low < high);
    double p_low = gw_student_above(distance(test, low), test->freedom);
    double p_high = gw_student_above(-distance(test, high), test->freedom);

    return isnan(p_low) ? NAN : fmax(p_low, p_high);
}
