/* validation_curves.c - what was recorded during a measured migration, and what we predict.
 *
 * Idea      Both begin with the request. The distance of the two curves of remaining bytes is
 *           taken at evenly spaced moments up to the end of the migration that took longer; one
 *           that is over has nothing left to send.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validation.h"
#include "results/figures_run.h"

enum { MOMENTS = 1000 };

/* Where a result has the same curve: the sum of some columns of a series. */
static const struct source {
    enum gw_measured_curve_id curve;
    enum gw_series_id series;
    size_t columns[2];
    size_t column_count;
} sources[] = {
    {GW_CURVE_REMAINING, GW_SERIES_MEMORY, {0}, 1},
    {GW_CURVE_REMAINING, GW_SERIES_PROGRESS, {0}, 1},
    {GW_CURVE_GUEST, GW_SERIES_MEMORY, {4}, 1},
    {GW_CURVE_GUEST, GW_SERIES_IOPS, {0, 1}, 2},
    {GW_CURVE_THROTTLE, GW_SERIES_MEMORY, {3}, 1},
};

static const struct panel {
    const char *label;
    double scale;
    double share;
} panels[GW_CURVE_COUNT] = {
    [GW_CURVE_REMAINING] = {"Remaining (MiB)", 1 / 1048576.0, 1.0},
    [GW_CURVE_GUEST] = {"Guest (1/s)", 1.0, 0.7},
    [GW_CURVE_THROTTLE] = {"Throttle (%)", 1.0, 0.5},
};

static const struct source *
source_of(const struct gw_result *result, enum gw_measured_curve_id curve)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (sources[i].curve == curve && result->series[sources[i].series].rows > 0) {
            return &sources[i];
        }
    }
    return NULL;
}

static void
curve_clear(struct gw_measured_curve *curve)
{
    free(curve->t_s);
    free(curve->values);
}

/* False: memory out. A curve without points: the result has none. */
static bool
predict_curve(const struct gw_result *result, enum gw_measured_curve_id id,
              struct gw_measured_curve *curve)
{
    const struct source *source = source_of(result, id);
    const struct gw_series *series = source == NULL ? NULL : &result->series[source->series];
    size_t rows = series == NULL ? 0 : series->rows;
    double start_s = gw_result_start_s(result);

    *curve = (struct gw_measured_curve){0, calloc(rows + 1, sizeof(double)),
                                        calloc(rows + 1, sizeof(double))};
    if (curve->t_s == NULL || curve->values == NULL) {
        curve_clear(curve);
        return false;
    }
    for (size_t row = 0; row < rows; row++) {
        double t_s = (double)series->t_ns[row] / 1e9 - start_s;
        double value = 0;

        for (size_t i = 0; i < source->column_count; i++) {
            value += series->values[row * series->columns + source->columns[i]];
        }
        if (id == GW_CURVE_GUEST || t_s >= 0) { /* before, nothing is to be sent */
            curve->t_s[curve->count] = t_s;
            curve->values[curve->count++] = value;
        }
    }
    return true;
}

/* Measured speeds are counts over 100 ms, so those predicted more often become means of that. */
static void
average(struct gw_measured_curve *curve)
{
    const double window_s = 0.1;
    size_t kept = 0;
    size_t next;

    for (size_t first = 0; first < curve->count; first = next) {
        double t_sum_s = 0;
        double sum = 0;

        for (next = first; next < curve->count && curve->t_s[next] < curve->t_s[first] + window_s;
             next++) {
            t_sum_s += curve->t_s[next];
            sum += curve->values[next];
        }
        curve->t_s[kept] = t_sum_s / (double)(next - first);
        curve->values[kept++] = sum / (double)(next - first);
    }
    curve->count = kept;
}

/* ---- distance -------------------------------------------------------------------------------- */

/* A curve of remaining bytes and when it came to its end; INFINITY: it was given up. */
struct descent {
    const struct gw_measured_curve *curve;
    double end_s;
};

/* Straight between two points. */
static double
value_at(const struct descent *descent, double t_s)
{
    const struct gw_measured_curve *curve = descent->curve;
    size_t next = 0;

    if (t_s >= descent->end_s) {
        return 0;
    }
    while (next < curve->count && curve->t_s[next] < t_s) {
        next++;
    }
    if (next == 0 || next == curve->count) {
        return curve->values[next == 0 ? 0 : next - 1];
    }
    double span_s = curve->t_s[next] - curve->t_s[next - 1];
    double share = (t_s - curve->t_s[next - 1]) / span_s;

    return curve->values[next - 1] + share * (curve->values[next] - curve->values[next - 1]);
}

static double
largest(const struct gw_measured_curve *curve)
{
    double most = 0;

    for (size_t i = 0; i < curve->count; i++) {
        most = fmax(most, curve->values[i]);
    }
    return most;
}

/* Block jobs one after the other each count the whole image: the curve starts again. */
static bool
has_gap(const struct gw_measured_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++) {
        if (isnan(curve->values[i])) {
            return true;
        }
    }
    return false;
}

static double
distance(const struct descent *one, const struct descent *other, double until_s)
{
    double sum = 0;

    for (int i = 0; i < MOMENTS; i++) {
        double t_s = until_s * (i + 0.5) / MOMENTS;

        sum += fabs(value_at(one, t_s) - value_at(other, t_s));
    }
    return sum / MOMENTS;
}

static double
end_of(enum gw_outcome outcome, double time_s)
{
    return outcome == GW_COMPLETED && isfinite(time_s) ? time_s : INFINITY;
}

/* Until when both say something. */
static double
compared_until_s(const struct descent *one, const struct descent *other)
{
    double one_last_s = fmin(one->end_s, one->curve->t_s[one->curve->count - 1]);
    double other_last_s = fmin(other->end_s, other->curve->t_s[other->curve->count - 1]);

    return isfinite(one->end_s) && isfinite(other->end_s) ? fmax(one->end_s, other->end_s)
                                                          : fmin(one_last_s, other_last_s);
}

static double
migration_time_s(const struct gw_result *result)
{
    double total_time_s = result->metric[GW_METRIC_TOTAL_TIME_S];

    return isfinite(total_time_s) ? total_time_s : result->metric[GW_METRIC_MIGRATION_TIME_S];
}

double
gw_validation_curve_distance(const struct gw_measured *measured, const struct gw_result *result)
{
    const struct gw_measured_curve *seen = &measured->curves[GW_CURVE_REMAINING];
    struct gw_measured_curve predicted;
    double apart = (double)NAN;

    if (seen->count == 0 || has_gap(seen) || !(largest(seen) > 0) ||
        !predict_curve(result, GW_CURVE_REMAINING, &predicted)) {
        return apart;
    }
    if (predicted.count > 0) {
        double last_s = seen->t_s[seen->count - 1];
        struct descent one = {seen, end_of(measured->outcome, last_s)};
        struct descent other = {&predicted, end_of(result->outcome, migration_time_s(result))};

        apart = 100 * distance(&one, &other, compared_until_s(&one, &other)) / largest(seen);
    }
    curve_clear(&predicted);
    return apart;
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void
add_series(struct gw_figure *figure, const struct gw_measured_curve *curve, const char *style,
           const char *legend)
{
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = legend,
                                                            .style = style,
                                                            .kind = GW_FIGURE_LINES,
                                                            .count = curve->count,
                                                            .x = curve->t_s,
                                                            .y = curve->values});
}

static void
scale(struct gw_measured_curve *curve, double factor)
{
    for (size_t i = 0; i < curve->count; i++) {
        curve->values[i] *= factor;
    }
}

static bool
copy_curve(const struct gw_measured_curve *from, struct gw_measured_curve *to)
{
    *to = (struct gw_measured_curve){from->count, calloc(from->count + 1, sizeof(double)),
                                     calloc(from->count + 1, sizeof(double))};
    if (to->t_s == NULL || to->values == NULL) {
        curve_clear(to);
        return false;
    }
    memcpy(to->t_s, from->t_s, from->count * sizeof(double));
    memcpy(to->values, from->values, from->count * sizeof(double));
    return true;
}

/* Both curves, into the panel that was begun last. */
static bool
add_curves(struct gw_figure *figure, const struct gw_measured *measured,
           const struct gw_result *result, enum gw_measured_curve_id id)
{
    bool first = id == GW_CURVE_REMAINING;
    struct gw_measured_curve seen;
    struct gw_measured_curve predicted;

    if (!copy_curve(&measured->curves[id], &seen)) {
        return false;
    }
    if (!predict_curve(result, id, &predicted)) {
        curve_clear(&seen);
        return false;
    }
    scale(&seen, panels[id].scale);
    scale(&predicted, panels[id].scale);
    if (id == GW_CURVE_GUEST) {
        average(&predicted);
    }
    add_series(figure, &seen, "measured", first ? "Measured" : NULL);
    add_series(figure, &predicted, "predicted", first ? "Predicted" : NULL);
    gw_figure_set_y_range(figure, 0, NAN);
    curve_clear(&seen);
    curve_clear(&predicted);
    return true;
}

/* Without most of the guest's time before and after. */
static void
show_the_migration(struct gw_figure *figure, const struct gw_measured *measured,
                   const struct gw_result *result)
{
    const struct gw_measured_curve *seen = &measured->curves[GW_CURVE_REMAINING];
    double until_s = fmax(seen->t_s[seen->count - 1], migration_time_s(result));

    gw_figure_set_x_range(figure, -0.05 * until_s, 1.1 * until_s);
}

static struct gw_figure *
make_figure(const struct gw_measured *measured, const struct gw_result *result)
{
    double apart = gw_validation_curve_distance(measured, result);
    struct gw_figure *figure =
        gw_figure_create(measured->id, "Time (s)", panels[GW_CURVE_REMAINING].label);
    bool fine = figure != NULL && add_curves(figure, measured, result, GW_CURVE_REMAINING);
    char caption[160];

    for (int id = GW_CURVE_REMAINING + 1; fine && id < GW_CURVE_COUNT; id++) {
        if (largest(&measured->curves[id]) > 0) {
            gw_figure_add_panel(figure, panels[id].label, panels[id].share);
            fine = add_curves(figure, measured, result, (enum gw_measured_curve_id)id);
        }
    }
    if (!fine) {
        gw_figure_destroy(figure);
        return NULL;
    }
    show_the_migration(figure, measured, result);
    snprintf(caption, sizeof caption, "measured once; predicted: one of the runs");
    if (isfinite(apart)) {
        snprintf(
            caption, sizeof caption,
            "remaining bytes: %.1f %% apart in the mean; measured once; predicted: one of the runs",
            apart);
    }
    gw_figure_set_caption(figure, caption);
    return figure;
}

/* What is not allowed in the name of a figure becomes '_'. */
static void
file_name(const char *id, char out[128])
{
    size_t length = strlen(id) < 120 ? strlen(id) : 120;

    snprintf(out, 128, "curve-%.*s", (int)length, id);
    for (char *at = out; *at != '\0'; at++) {
        if (strchr("-_.", *at) == NULL && !(*at >= '0' && *at <= '9') &&
            !(*at >= 'A' && *at <= 'Z') && !(*at >= 'a' && *at <= 'z')) {
            *at = '_';
        }
    }
}

static bool
draw(const struct gw_measured *measured, const struct gw_result *result, const char *directory,
     struct gw_error *err)
{
    struct gw_figure *figure = make_figure(measured, result);
    char name[128];
    bool fine;

    if (figure == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the curves of %s", measured->id);
    }
    file_name(measured->id, name);
    fine = gw_figure_write(figure, directory, name, GW_FIGURE_SVG, err);
    gw_figure_destroy(figure);
    return fine;
}

bool
gw_validation_draw_curves(const struct gw_validation *work, const char *directory,
                          struct gw_error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->measured[i].curves[GW_CURVE_REMAINING].count > 0 &&
            !draw(&work->measured[i], gw_validation_result(work, i), directory, err)) {
            return false;
        }
    }
    return true;
}
