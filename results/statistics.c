/* statistics.c - replications summed up by GSL.
 *
 * Source    Student's t-interval as in Law, Simulation Modeling and Analysis, section 4.5.
 * Why       Most migration metrics are of terminating simulations: independent replications are
 *           the right sample, with no warm-up to delete.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

static void
summarise(double *sorted, size_t count, double confidence, struct gw_summary *out)
{
    gsl_sort(sorted, 1, count);
    out->count = count;
    out->mean = gsl_stats_mean(sorted, 1, count);
    out->least = sorted[0];
    out->most = sorted[count - 1];
    out->median = gsl_stats_median_from_sorted_data(sorted, 1, count);
    if (count < 2) {
        return;
    }
    double freedom = (double)(count - 1);
    double t = gsl_cdf_tdist_Pinv(0.5 + confidence / 2.0, freedom);
    out->deviation = gsl_stats_sd_m(sorted, 1, count, out->mean);
    out->half_width = t * out->deviation / sqrt((double)count);
    if (out->mean < 0.0 || out->mean > 0.0) {
        out->spread = out->deviation / fabs(out->mean);
    }
}

void
gw_summary_of(const double *values, size_t count, double confidence, struct gw_summary *out)
{
    gw_assert(confidence > 0.0 && confidence < 1.0);
    *out = (struct gw_summary){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    double *kept = malloc((count + 1) * sizeof *kept);
    gw_assert(kept != NULL);
    size_t kept_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            kept[kept_count++] = values[i];
        }
    }
    if (kept_count > 0) {
        summarise(kept, kept_count, confidence, out);
    }
    free(kept);
}

void
gw_spread_of(double *values, size_t count, struct gw_spread *out)
{
    size_t kept = 0;

    *out = (struct gw_spread){0, NAN, NAN, NAN};
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i])) {
            values[kept++] = fabs(values[i]);
        }
    }
    if (kept > 0) {
        gsl_sort(values, 1, kept);
        *out = (struct gw_spread){
            .count = kept,
            .median = gsl_stats_median_from_sorted_data(values, 1, kept),
            .p90 = values[(9 * kept + 9) / 10 - 1],
            .worst = values[kept - 1],
        };
    }
}
