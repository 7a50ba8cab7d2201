/* figures_time.c - one run over time, over its passes, over its disk.
 *
 * Idea      Series may be long; what a picture cannot show is thinned to at most 1500 points:
 *           averages for curves, peaks for latencies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"

enum { POINTS_MOST = 1500 };

static const double GIB = 1073741824.0;
static const double NS_PER_S = 1e9;

/* Two columns of a series. */
struct points {
    double *x, *y;
    size_t count;
};

enum { COLUMN_TIME = -1 };
enum thinning { TO_MEAN, TO_PEAK };

static double
value_of(const struct gw_series *series, size_t row, int column)
{
    if (column == COLUMN_TIME) {
        return (double)series->t_ns[row] / NS_PER_S;
    }
    return series->values[row * series->columns + (size_t)column];
}

static bool
points_take(const struct gw_series *series, int x_column, int y_column, enum thinning thinning,
            struct points *points)
{
    size_t stride = (series->rows + POINTS_MOST - 1) / POINTS_MOST;

    *points = (struct points){calloc(POINTS_MOST, sizeof(double)),
                              calloc(POINTS_MOST, sizeof(double)), 0};
    if (points->x == NULL || points->y == NULL) {
        return false;
    }
    for (size_t row = 0; row < series->rows; row += stride) {
        size_t end = row + stride < series->rows ? row + stride : series->rows;
        double sum = 0.0;
        double peak = -INFINITY;
        for (size_t i = row; i < end; i++) {
            sum += value_of(series, i, y_column);
            peak = fmax(peak, value_of(series, i, y_column));
        }
        points->x[points->count] = value_of(series, row, x_column);
        points->y[points->count++] = thinning == TO_PEAK ? peak : sum / (double)(end - row);
    }
    return true;
}

static void
points_scale(struct points *points, double x_scale, double y_scale)
{
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] *= x_scale;
        points->y[i] *= y_scale;
    }
}

static void
points_clear(struct points *points)
{
    free(points->x);
    free(points->y);
}

static void
points_add(struct gw_figure *figure, const struct points *points, enum gw_figure_kind kind,
           const char *style, const char *legend)
{
    gw_figure_add_series(figure, &(struct gw_figure_series){
                                     .legend = legend,
                                     .style = style,
                                     .kind = kind,
                                     .count = points->count,
                                     .x = points->x,
                                     .y = points->y,
                                 });
}

static void
describe_run(struct gw_figure *figure, const struct gw_result *result, const char *what)
{
    char caption[240];

    snprintf(caption, sizeof caption, "%s, %s, replication %lld, seed %llu: one run%s",
             result->scenario, gw_style_label(result->architecture), (long long)result->replication,
             (unsigned long long)result->seed, what);
    gw_figure_set_caption(figure, caption);
}

/* The migration begins with its first phase; a run without phases begins with its series. */
static double
migration_start_s(const struct gw_result *result)
{
    const struct gw_series *phases = &result->series[GW_SERIES_PHASE];
    const struct gw_series *progress = &result->series[GW_SERIES_PROGRESS];

    if (phases->rows > 0) {
        return (double)phases->t_ns[0] / NS_PER_S;
    }
    return progress->rows > 0 ? (double)progress->t_ns[0] / NS_PER_S : 0.0;
}

static struct gw_figure *
give_up(struct gw_figure *figure)
{
    gw_figure_destroy(figure);
    return NULL;
}

struct gw_figure *
gw_figure_iops(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct {
        const char *style;
        int column;
    } curves[] = {{"read-source", 2}, {"write-source", 3}, {"write-target", 4}};
    const struct gw_result *result = gw_study_run_with(study, "mirror", GW_SERIES_IOPS);
    if (result == NULL) {
        result = gw_study_run_with(study, NULL, GW_SERIES_IOPS);
    }
    struct gw_figure *figure = gw_figure_create(plan->title, "Time (seconds)", "IOPS");
    if (figure == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        struct points points;
        bool ok = points_take(&result->series[GW_SERIES_IOPS], COLUMN_TIME, curves[i].column,
                              TO_MEAN, &points);
        if (ok) {
            points_add(figure, &points, GW_FIGURE_LINES, curves[i].style,
                       gw_style_label(curves[i].style));
        }
        points_clear(&points);
        if (!ok) {
            return give_up(figure);
        }
    }
    double start_s = migration_start_s(result);
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    gw_figure_add_mark(figure, start_s, "Start");
    if (isfinite(time_s)) {
        gw_figure_add_mark(figure, start_s + time_s, "End");
    }
    gw_figure_set_y_range(figure, 0.0, NAN);
    describe_run(figure, result, "");
    return figure;
}

/* Same values in everything that is not the architecture itself. */
static bool
same_parameters(const struct gw_result *a, const struct gw_result *b)
{
    for (size_t i = 0; i < a->parameter_count; i++) {
        const char *ours = a->parameter_values[i];
        const char *theirs = gw_study_parameter(b, a->parameter_names[i]);
        bool names_architecture =
            strcmp(ours, a->architecture) == 0 && strcmp(theirs, b->architecture) == 0;
        if (!names_architecture && strcmp(ours, theirs) != 0) {
            return false;
        }
    }
    return true;
}

static bool
add_remaining(struct gw_figure *figure, const struct gw_result *result)
{
    struct points points;
    bool ok = points_take(&result->series[GW_SERIES_PROGRESS], COLUMN_TIME, 0, TO_MEAN, &points);

    if (ok) {
        double start_s = migration_start_s(result);
        for (size_t i = 0; i < points.count; i++) {
            points.x[i] -= start_s;
        }
        points_scale(&points, 1.0, 1.0 / GIB);
        points_add(figure, &points, GW_FIGURE_LINES, result->architecture,
                   gw_style_label(result->architecture));
    }
    points_clear(&points);
    return ok;
}

static void
describe_comparison(struct gw_figure *figure, const struct gw_result *reference)
{
    char caption[240];
    int used = snprintf(caption, sizeof caption, "%s: one run each, replication %lld",
                        reference->scenario, (long long)reference->replication);

    for (size_t i = 0; i < reference->parameter_count; i++) {
        if (used < 0 || (size_t)used >= sizeof caption) {
            break;
        }
        if (strcmp(reference->parameter_values[i], reference->architecture) != 0) {
            used += snprintf(caption + used, sizeof caption - (size_t)used, ", %s = %s",
                             reference->parameter_names[i], reference->parameter_values[i]);
        }
    }
    gw_figure_set_caption(figure, caption);
}

struct gw_figure *
gw_figure_convergence(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *reference = gw_study_run_with(study, NULL, GW_SERIES_PROGRESS);
    size_t *firsts = calloc(study->count, sizeof *firsts);
    struct gw_figure *figure = gw_figure_create(plan->title, "Time (s)", "Data Remaining (GiB)");
    bool ok = figure != NULL && firsts != NULL;
    size_t legends = ok ? gw_study_legends(study, NULL, firsts) : 0;

    for (size_t i = 0; ok && i < legends; i++) {
        const struct gw_result *result = study->results[firsts[i]];
        if (result->series[GW_SERIES_PROGRESS].rows > 0 && same_parameters(reference, result)) {
            ok = add_remaining(figure, result);
        }
    }
    free(firsts);
    if (!ok) {
        return give_up(figure);
    }
    describe_comparison(figure, reference);
    gw_figure_set_y_range(figure, 0.0, NAN);
    return figure;
}

struct gw_figure *
gw_figure_heat(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = gw_study_run_with(study, NULL, GW_SERIES_HEAT);
    struct gw_figure *figure = gw_figure_create(plan->title, "Disk Offset (GiB)", "Writes");
    struct points points;

    if (figure == NULL) {
        return NULL;
    }
    bool ok = points_take(&result->series[GW_SERIES_HEAT], 0, 1, TO_MEAN, &points);
    if (ok) {
        points_scale(&points, 1.0 / GIB, 1.0);
        points_add(figure, &points, GW_FIGURE_IMPULSES, "read-source", NULL);
    }
    points_clear(&points);
    if (!ok) {
        return give_up(figure);
    }
    gw_figure_set_y_range(figure, 0.0, NAN);
    describe_run(figure, result, "; writes of the guest in each region of the disk");
    return figure;
}

/* Passes after the bulk copy, which would dwarf them. */
static bool
passes_take(const struct gw_result *result, int column, struct points *points)
{
    struct gw_series later = result->series[GW_SERIES_ITERATION];

    later.rows--;
    later.t_ns++;
    later.values += later.columns;
    if (!points_take(&later, 0, column, TO_MEAN, points)) {
        return false;
    }
    points_scale(points, 1.0, 1e-6);
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] -= 1.0;
    }
    return true;
}

static bool
add_passes(struct gw_figure *figure, const struct gw_result *result, int column,
           enum gw_figure_kind kind, const char *style)
{
    struct points points;
    bool ok = passes_take(result, column, &points);

    if (ok) {
        points_add(figure, &points, kind, style, gw_style_label(style));
    }
    points_clear(&points);
    return ok;
}

static const struct gw_result *
baseline_of(const struct gw_study *study)
{
    static const char *const architectures[] = {"incremental-dbt", "dbt"};

    for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++) {
        const struct gw_result *result =
            gw_study_run_with(study, architectures[i], GW_SERIES_ITERATION);
        if (result != NULL && result->series[GW_SERIES_ITERATION].rows > 1) {
            return result;
        }
    }
    return NULL;
}

struct gw_figure *
gw_figure_iterations(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    enum { COPIED = 3, HOT = 5 };
    const struct gw_result *heat = gw_study_run_with(study, "heat", GW_SERIES_ITERATION);
    const struct gw_result *baseline = baseline_of(study);
    struct gw_figure *figure =
        gw_figure_create(plan->title, "Iteration (after the bulk copy)", "Data Copied (MB)");

    if (figure == NULL) {
        return NULL;
    }
    if (!add_passes(figure, heat, COPIED, GW_FIGURE_BOXES, "cold-block") ||
        !add_passes(figure, heat, HOT, GW_FIGURE_BOXES, "hot-block") ||
        (baseline != NULL &&
         !add_passes(figure, baseline, COPIED, GW_FIGURE_LINESPOINTS, "baseline"))) {
        return give_up(figure);
    }
    double passes = (double)heat->series[GW_SERIES_ITERATION].rows - 1.0;
    gw_figure_set_x_range(figure, 0.4, passes + 0.6);
    gw_figure_set_y_range(figure, 0.0, NAN);
    describe_run(figure, heat, "; cold: copied in the pass, hot: held back for later");
    return figure;
}

/* When the second disk begins; NAN without one. */
static double
second_disk_s(const struct gw_series *ranges)
{
    for (size_t row = 0; row < ranges->rows; row++) {
        if (value_of(ranges, row, 0) >= 1.0) {
            return value_of(ranges, row, COLUMN_TIME);
        }
    }
    return NAN;
}

static bool
add_lock_panel(struct gw_figure *figure, const struct gw_series *ranges, int column,
               const char *style)
{
    struct points points;
    bool ok = points_take(ranges, COLUMN_TIME, column, TO_PEAK, &points);

    if (ok) {
        points_add(figure, &points, GW_FIGURE_IMPULSES, style, NULL);
    }
    points_clear(&points);
    double second_s = second_disk_s(ranges);
    if (isfinite(second_s)) {
        gw_figure_add_mark(figure, second_s, "2nd Disk");
    }
    gw_figure_set_y_range(figure, 0.0, NAN);
    return ok;
}

struct gw_figure *
gw_figure_lock(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = gw_study_run_with(study, "mirror", GW_SERIES_RANGE);
    if (result == NULL) {
        result = gw_study_run_with(study, NULL, GW_SERIES_RANGE);
    }
    const struct gw_series *ranges = &result->series[GW_SERIES_RANGE];
    struct gw_figure *figure = gw_figure_create(plan->title, "Time (s)", "Lock Latency (ms)");
    if (figure == NULL) {
        return NULL;
    }
    bool ok = add_lock_panel(figure, ranges, 2, "lock-latency");
    gw_figure_add_panel(figure, "DM Copy (ms)", 1.0);
    ok = add_lock_panel(figure, ranges, 3, "mover-time") && ok;
    if (!ok) {
        return give_up(figure);
    }
    describe_run(figure, result, "");
    return figure;
}
