/* curve_grid.c - a series as a step function, averaged over the steps of a grid.
 *
 * Idea      Rows are walked once. What lies between two points of the grid counts by its time, so
 *           a spike shorter than a step is not missed, and a curve of 100 ms rows can be compared
 *           with one of 1 s rows.
 * Departs   A rate in a series is the mean of the time before its row. It is shown after it, as
 *           everything else: late by one row, in all runs alike.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/curve_grid.h"

#include <math.h>

#include "results/figures_run.h"

static const double NS_PER_S = 1e9;

const struct gw_curve_info gw_curve_info[GW_CURVE_COUNT] = {
    [GW_CURVE_REMAINING] = {"remaining_bytes",
                            "remaining data",
                            "bytes",
                            true,
                            2,
                            {{GW_SERIES_MEMORY, 0, -1}, {GW_SERIES_PROGRESS, 0, -1}}},
    [GW_CURVE_DIRTY_RATE] = {"dirty_bytes_per_s",
                             "dirty rate",
                             "bytes/s",
                             true,
                             2,
                             {{GW_SERIES_MEMORY, 1, -1}, {GW_SERIES_PROGRESS, 3, -1}}},
    [GW_CURVE_SENT_RATE] = {"sent_bytes_per_s",
                            "rate sent",
                            "bytes/s",
                            true,
                            2,
                            {{GW_SERIES_MEMORY, 2, -1}, {GW_SERIES_PROGRESS, 4, -1}}},
    [GW_CURVE_THROTTLE] = {"throttle_pct", "throttle", "%", true, 1, {{GW_SERIES_MEMORY, 3, -1}}},
    [GW_CURVE_GUEST_RATE] =
        {"guest_rate", "guest speed", "pages/s", false, 1, {{GW_SERIES_MEMORY, 4, -1}}},
    [GW_CURVE_GUEST_IOPS] = {"guest_iops", "guest IOs", "1/s", false, 1, {{GW_SERIES_IOPS, 0, 1}}},
    [GW_CURVE_LATENCY] =
        {"latency_mean_ms", "guest IO latency", "ms", false, 1, {{GW_SERIES_IOPS, 5, -1}}},
};

/* NULL: the result has no such curve. */
static const struct gw_curve_source *
source_of(const struct gw_result *result, enum gw_curve_id id)
{
    const struct gw_curve_info *info = &gw_curve_info[id];

    for (size_t i = 0; i < info->source_count; i++) {
        if (result->series[info->sources[i].series].rows > 0) {
            return &info->sources[i];
        }
    }
    return NULL;
}

bool
gw_curve_has(const struct gw_result *result, enum gw_curve_id id)
{
    return source_of(result, id) != NULL;
}

/* NAN: it did not end. */
static double
duration_s(const struct gw_result *result)
{
    double migration_s = result->metric[GW_METRIC_MIGRATION_TIME_S];

    return isfinite(migration_s) ? migration_s : result->metric[GW_METRIC_TOTAL_TIME_S];
}

double
gw_curve_length_s(const struct gw_result *result)
{
    static const enum gw_series_id ids[] = {GW_SERIES_MEMORY, GW_SERIES_PROGRESS};
    double length_s = duration_s(result);

    if (isfinite(length_s)) {
        return length_s;
    }
    length_s = 0.0;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct gw_series *series = &result->series[ids[i]];

        if (series->rows > 0) {
            double last_s = (double)series->t_ns[series->rows - 1] / NS_PER_S;

            length_s = fmax(length_s, last_s - gw_result_start_s(result));
        }
    }
    return length_s;
}

struct walk {
    const struct gw_series *series;
    const struct gw_curve_source *source;
    double start_s;
    double over_s; /* the curve is 0 from here on */
    size_t row;    /* the first that does not hold yet */
    double value;  /* what holds */
};

static double
number_of(const struct walk *walk, size_t row)
{
    const double *values = walk->series->values + row * walk->series->columns;

    return walk->source->plus < 0 ? values[walk->source->column]
                                  : values[walk->source->column] + values[walk->source->plus];
}

static double
time_of(const struct walk *walk, size_t row)
{
    return (double)walk->series->t_ns[row] / NS_PER_S - walk->start_s;
}

static void
take_row(struct walk *walk)
{
    double value = number_of(walk, walk->row);

    walk->row++;
    if (isfinite(value)) {
        walk->value = value;
    }
}

static void
begin(struct walk *walk)
{
    while (walk->row < walk->series->rows && !isfinite(number_of(walk, walk->row))) {
        walk->row++;
    }
    if (walk->row < walk->series->rows) {
        take_row(walk);
    }
    while (walk->row < walk->series->rows && time_of(walk, walk->row) <= 0.0) {
        take_row(walk);
    }
}

/* Mean from from_s to to_s, which lies after it. */
static double
mean_of_step(struct walk *walk, double from_s, double to_s)
{
    double end_s = fmin(to_s, walk->over_s);
    double at_s = from_s;
    double sum = 0.0;

    while (walk->row < walk->series->rows && time_of(walk, walk->row) < end_s) {
        double next_s = time_of(walk, walk->row);

        sum += walk->value * (next_s - at_s);
        at_s = next_s;
        take_row(walk);
    }
    if (end_s > at_s) {
        sum += walk->value * (end_s - at_s);
    }
    return sum / (to_s - from_s);
}

bool
gw_curve_sample(const struct gw_result *result, enum gw_curve_id id, double end_s, size_t points,
                double *values, struct gw_error *err)
{
    const struct gw_curve_source *source = source_of(result, id);
    double over_s = gw_curve_info[id].zero_after ? duration_s(result) : NAN;

    gw_assert(source != NULL && points >= 2);
    if (!(end_s > 0.0) || isinf(end_s)) {
        return gw_fail(err, GW_EINVAL, "curve %s: ends at %g s, must be above 0",
                       gw_curve_info[id].key, end_s);
    }
    struct walk walk = {
        .series = &result->series[source->series],
        .source = source,
        .start_s = gw_result_start_s(result),
        .over_s = isfinite(over_s) ? over_s : (double)INFINITY,
    };
    begin(&walk);
    values[0] = walk.over_s > 0.0 ? walk.value : 0.0;
    for (size_t i = 1; i < points; i++) {
        double steps = (double)(points - 1);

        values[i] = mean_of_step(&walk, end_s * (double)(i - 1) / steps, end_s * (double)i / steps);
    }
    return true;
}
