/* describe.c - the statistics of one point, put together.
 *
 * Idea      Of a metric: the t-interval of the mean, the ranks of the median, and the bootstrap
 *           that shows what skewness does to the first. Before the migration nothing ends, so there
 *           every run is a long run: its warm-up is cut off, its mean is one value of the sample.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/describe.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "results/figures_run.h"
#include "results/steady.h"

enum { BOOTSTRAP_SEED = 1 };

static const double NS_PER_S = 1e9;

void
gw_describe_values(const double *values, size_t count, double confidence,
                   struct gw_description *out)
{
    const struct gw_bootstrap bootstrap = {.statistic = gw_bootstrap_mean,
                                           .resamples = GW_BOOTSTRAP_RESAMPLES,
                                           .confidence = confidence,
                                           .seed = BOOTSTRAP_SEED};

    gw_summary_of(values, count, confidence, &out->summary);
    gw_quantile_of(values, count, 0.5, confidence, &out->median);
    gw_bootstrap_run(&bootstrap, values, count, &out->mean);
}

void
gw_describe_distribution(const struct gw_result *const *results, size_t count,
                         enum gw_distribution id, struct gw_histogram *merged)
{
    for (size_t i = 0; i < count; i++) {
        gw_histogram_merge(merged, &results[i]->distribution[id]);
    }
}

/* ---- before the migration ------------------------------------------------------------------------- */

/* The rates of one run, in the order of time. */
struct rates {
    double *values, *times_s; /* owned; a rate is that of the time before its moment */
    size_t count;
};

static enum gw_curve_id
rate_of(const struct gw_result *result)
{
    static const enum gw_curve_id ids[] = {GW_CURVE_GUEST_IOPS, GW_CURVE_GUEST_RATE};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (gw_curve_has(result, ids[i])) {
            return ids[i];
        }
    }
    return GW_CURVE_COUNT;
}

static void
take_rates(struct rates *rates, const struct gw_result *result,
           const struct gw_curve_source *source)
{
    const struct gw_series *series = &result->series[source->series];
    double start_s = gw_result_start_s(result);

    for (size_t i = 0; i < series->rows; i++) {
        const double *row = series->values + i * series->columns;
        double value = row[source->column] + (source->plus < 0 ? 0.0 : row[source->plus]);
        double time_s = (double)series->t_ns[i] / NS_PER_S;

        if (time_s <= start_s && isfinite(value)) {
            rates->values[rates->count] = value;
            rates->times_s[rates->count++] = time_s;
        }
    }
}

/* Returns the run's mean after its warm-up. Disks count time from the start of the run, memory from
 * the request, so the start is found one step before the first row. */
static double
add_run(const struct rates *rates, double confidence, struct gw_description_before *out)
{
    struct gw_warm_up warm_up;
    struct gw_batch_means batches;

    gw_steady_warm_up(rates->values, rates->count, &warm_up);
    const double *kept = rates->values + warm_up.truncated;
    size_t kept_count = rates->count - warm_up.truncated;
    gw_steady_interval(kept, kept_count, confidence, &batches);
    if (warm_up.trusted) {
        double begin_s = 2.0 * rates->times_s[0] - rates->times_s[1];
        double end_s = warm_up.truncated == 0 ? begin_s : rates->times_s[warm_up.truncated - 1];

        out->warm_up_s = fmax(out->warm_up_s, end_s - begin_s);
        out->trusted++;
    }
    out->run_half_width = fmax(out->run_half_width, batches.half_width);
    out->samples = out->runs == 0 || rates->count < out->samples ? rates->count : out->samples;
    out->runs++;
    return gsl_stats_mean(kept, 1, kept_count);
}

/* NAN as mean: the run has no rates before its migration. False: memory is out. */
static bool
describe_run(const struct gw_result *result, double confidence, struct gw_description_before *out,
             double *mean)
{
    enum gw_curve_id curve = rate_of(result);
    struct rates rates = {.count = 0};

    *mean = NAN;
    if (curve == GW_CURVE_COUNT) {
        return true;
    }
    const struct gw_curve_source *source = &gw_curve_info[curve].sources[0];
    size_t rows = result->series[source->series].rows;
    rates.values = calloc(rows, sizeof *rates.values);
    rates.times_s = calloc(rows, sizeof *rates.times_s);
    bool fine = rates.values != NULL && rates.times_s != NULL;
    if (fine) {
        take_rates(&rates, result, source);
    }
    if (rates.count > 0) {
        *mean = add_run(&rates, confidence, out);
        out->curve = curve;
    }
    free(rates.values);
    free(rates.times_s);
    return fine;
}

bool
gw_describe_before(const struct gw_result *const *results, size_t count, double confidence,
                   struct gw_description_before *out, struct gw_error *err)
{
    double *means = calloc(count + 1, sizeof *means);
    bool fine = means != NULL;

    *out = (struct gw_description_before){
        .curve = GW_CURVE_COUNT, .warm_up_s = NAN, .run_half_width = NAN};
    for (size_t i = 0; i < count && fine; i++) {
        fine = describe_run(results[i], confidence, out, &means[i]);
    }
    if (fine) {
        gw_summary_of(means, count, confidence, &out->means);
    }
    free(means);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory to describe %zu runs", count);
}
