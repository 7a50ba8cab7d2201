/* figures_time.c - one run over time, over its passes, over its disk.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"

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
    struct gw_figure *figure = gw_figure_create(plan->title, "Time (s)", "IOPS");
    if (figure == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        struct gw_points points;
        bool ok = gw_points_take(&result->series[GW_SERIES_IOPS], GW_COLUMN_TIME, curves[i].column,
                                 GW_POINTS_MEAN, &points);
        if (ok) {
            gw_points_focus(&points, result, gw_result_start_s(result));
            gw_points_add(figure, &points, GW_FIGURE_LINES, curves[i].style,
                          gw_style_label(curves[i].style));
        }
        gw_points_clear(&points);
        if (!ok) {
            return give_up(figure);
        }
    }
    double start_s = gw_result_start_s(result);
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    gw_figure_add_mark(figure, start_s, "Start");
    if (isfinite(time_s)) {
        gw_figure_add_mark(figure, start_s + time_s, "End");
    }
    gw_figure_set_y_range(figure, 0.0, NAN);
    gw_figure_describe_run(figure, result, "");
    return figure;
}

/* Both series begin with the bytes that remain. */
static enum gw_series_id
remaining_of(const struct gw_result *result)
{
    return result->series[GW_SERIES_PROGRESS].rows > 0 ? GW_SERIES_PROGRESS : GW_SERIES_MEMORY;
}

static bool
add_remaining(struct gw_figure *figure, const struct gw_result *result, const char *looks[2],
              double scale)
{
    struct gw_points points;
    bool ok = gw_points_take_remaining(result, remaining_of(result), &points);

    if (ok) {
        gw_points_scale(&points, 1.0, scale);
        gw_points_add(figure, &points, GW_FIGURE_LINES, looks[0], looks[1]);
    }
    gw_points_clear(&points);
    return ok;
}

static void
describe_comparison(struct gw_figure *figure, const struct gw_study *subset,
                    const struct gw_result *first, size_t count)
{
    char caption[500];
    char parameters[240];
    char shown[GW_SHOWN_BYTES];

    gw_study_list_common(subset, parameters, sizeof parameters);
    gw_study_say_shown(count, gw_study_count_cases(subset, remaining_of(first)), shown);
    snprintf(caption, sizeof caption, "%.80s%s; one run%s (replication %lld%s)%s", first->scenario,
             parameters, count > 1 ? " each" : "", (long long)first->replication,
             count > 1 ? ", the same guest" : "", shown);
    gw_figure_set_caption(figure, caption);
}

static double
most_remaining(const struct gw_result *const *cases, size_t count)
{
    double most = 0.0;

    for (size_t i = 0; i < count; i++) {
        const struct gw_series *series = &cases[i]->series[remaining_of(cases[i])];
        for (size_t row = 0; row < series->rows; row++) {
            most = fmax(most, gw_series_number(series, row, 0));
        }
    }
    return most;
}

struct gw_figure *
gw_figure_convergence(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *cases[GW_CASES_MOST];
    struct gw_study subset;
    size_t count = gw_study_cases(study, GW_SERIES_PROGRESS, cases);
    char label[40];

    count = count > 0 ? count : gw_study_cases(study, GW_SERIES_MEMORY, cases);
    if (count == 0 || !gw_study_typical(study, &subset)) {
        return NULL;
    }
    struct gw_unit unit = gw_unit_of_bytes(most_remaining(cases, count));
    snprintf(label, sizeof label, "Data Remaining (%s)", unit.name);
    struct gw_figure *figure = gw_figure_create(plan->title, "Time since the request (s)", label);
    bool ok = figure != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        char style[GW_STYLE_BYTES];
        char legend[GW_LEGEND_BYTES];
        gw_cases_style(cases, count, i, style);
        gw_study_legend(&subset, cases[i], NULL, legend);
        ok = add_remaining(figure, cases[i], (const char *[]){style, legend}, unit.scale);
    }
    if (ok) {
        describe_comparison(figure, &subset, cases[0], count);
        gw_figure_set_x_range(figure, 0.0, NAN);
        gw_figure_set_y_range(figure, 0.0, NAN);
    }
    free(subset.results);
    return ok ? figure : give_up(figure);
}

/* Passes after the bulk copy, which would dwarf them. */
static bool
passes_take(const struct gw_result *result, int column, struct gw_points *points)
{
    struct gw_series later = result->series[GW_SERIES_ITERATION];

    later.rows--;
    later.t_ns++;
    later.values += later.columns;
    if (!gw_points_take(&later, 0, column, GW_POINTS_MEAN, points)) {
        return false;
    }
    gw_points_scale(points, 1.0, 1e-6);
    for (size_t i = 0; i < points->count; i++) {
        points->x[i] -= 1.0;
    }
    return true;
}

static bool
add_passes(struct gw_figure *figure, const struct gw_result *result, int column,
           enum gw_figure_kind kind, const char *style)
{
    struct gw_points points;
    bool ok = passes_take(result, column, &points);

    if (ok) {
        gw_points_add(figure, &points, kind, style, gw_style_label(style));
    }
    gw_points_clear(&points);
    return ok;
}

/* Whether two runs differ in their architecture at most. */
static bool
same_but_architecture(const struct gw_study *study, const struct gw_result *a,
                      const struct gw_result *b)
{
    for (size_t i = 0; i < a->parameter_count; i++) {
        const char *name = a->parameter_names[i];
        if (!gw_study_is_architecture(study, name) &&
            strcmp(a->parameter_values[i], gw_result_parameter(b, name)) != 0) {
            return false;
        }
    }
    return a->replication == b->replication && a->seed == b->seed;
}

/* What heat was added to, as its scenario has it; else as the talk has it. */
static bool
is_on_plain_dbt(const struct gw_result *heat)
{
    return heat->canonical != NULL && strstr(heat->canonical, "\"base\":\"dbt\"") != NULL;
}

/* The run that met the guest of `heat` with the same settings; NULL: there is none. */
static const struct gw_result *
baseline_of(const struct gw_study *study, const struct gw_result *heat)
{
    bool plain = is_on_plain_dbt(heat);
    const char *const architectures[] = {plain ? "dbt" : "incremental-dbt",
                                         plain ? "incremental-dbt" : "dbt"};

    for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++) {
        for (size_t k = 0; k < study->count; k++) {
            const struct gw_result *result = study->results[k];
            if (strcmp(result->architecture, architectures[i]) == 0 &&
                result->series[GW_SERIES_ITERATION].rows > 1 &&
                same_but_architecture(study, heat, result)) {
                return result;
            }
        }
    }
    return NULL;
}

struct gw_figure *
gw_figure_iterations(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    enum { COPIED = 3, HOT = 5, PASSES_NAMED = 24 };
    const struct gw_result *heat = gw_study_run_with(study, "heat", GW_SERIES_ITERATION);
    const struct gw_result *baseline = baseline_of(study, heat);
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
    if (baseline != NULL) {
        passes = fmax(passes, (double)baseline->series[GW_SERIES_ITERATION].rows - 1.0);
    }
    gw_figure_set_x_range(figure, 0.4, passes + 0.6);
    for (int i = 1; i <= PASSES_NAMED && (double)i <= passes && passes <= PASSES_NAMED; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        gw_figure_add_x_tic(figure, (double)i, number);
    }
    gw_figure_set_y_range(figure, 0.0, NAN);
    char what[120];
    snprintf(what, sizeof what, "; cold: copied in the pass, hot: held back for later%s%s",
             baseline == NULL ? "" : "; baseline: ",
             baseline == NULL ? "" : gw_style_label(baseline->architecture));
    gw_figure_describe_run(figure, heat, what);
    return figure;
}

/* When the second disk begins; NAN without one. */
static double
second_disk_s(const struct gw_series *ranges)
{
    for (size_t row = 0; row < ranges->rows; row++) {
        if (gw_series_number(ranges, row, 0) >= 1.0) {
            return gw_series_number(ranges, row, GW_COLUMN_TIME);
        }
    }
    return NAN;
}

static bool
add_lock_panel(struct gw_figure *figure, const struct gw_series *ranges, int column,
               const char *style)
{
    struct gw_points points;
    bool ok = gw_points_take(ranges, GW_COLUMN_TIME, column, GW_POINTS_PEAK, &points);

    if (ok) {
        gw_points_add(figure, &points, GW_FIGURE_IMPULSES, style, NULL);
    }
    gw_points_clear(&points);
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
    gw_figure_describe_run(figure, result, "");
    return figure;
}
