/* figures_memory.c - one memory migration over time: how it converges, what the guest feels.
 *
 * Idea      Time runs from the request. The phases that the migration reported are shaded; those
 *           too short for a text are shaded without one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"

static const double LABELLED_SHARE = 0.08; /* of the time shown: a phase that has room for a text */

/* Columns of GW_SERIES_MEMORY. */
enum { REMAINING = 0, DIRTY_RATE = 1, SENT_RATE = 2, THROTTLE = 3, GUEST_SHARE = 5 };

struct curve {
    int column;
    double scale;
    const char *style;
    enum gw_figure_kind kind;
    bool has_legend;
};

/* Ends of the series, s after the request. */
static double
first_s(const struct gw_result *result)
{
    return gw_series_number(&result->series[GW_SERIES_MEMORY], 0, GW_COLUMN_TIME) -
           gw_result_start_s(result);
}

static double
last_s(const struct gw_result *result)
{
    const struct gw_series *series = &result->series[GW_SERIES_MEMORY];

    return gw_series_number(series, series->rows - 1, GW_COLUMN_TIME) - gw_result_start_s(result);
}

static bool
add_curve(struct gw_figure *figure, const struct gw_result *result, const struct curve *curve)
{
    struct gw_points points;
    bool ok = gw_points_take(&result->series[GW_SERIES_MEMORY], GW_COLUMN_TIME, curve->column,
                             GW_POINTS_MEAN, &points);

    if (ok) {
        double start_s = gw_result_start_s(result);
        for (size_t i = 0; i < points.count; i++) {
            points.x[i] -= start_s;
        }
        gw_points_scale(&points, 1.0, curve->scale);
        gw_points_add(figure, &points, curve->kind, curve->style,
                      curve->has_legend ? gw_style_label(curve->style) : NULL);
    }
    gw_points_clear(&points);
    return ok;
}

/* Phases of one name that follow each other are one. */
static void
add_phases(struct gw_figure *figure, const struct gw_result *result)
{
    const struct gw_series *phases = &result->series[GW_SERIES_PHASE];
    double start_s = gw_result_start_s(result);
    double shown_s = last_s(result) - first_s(result);
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    double end_s = isfinite(time_s) ? time_s : last_s(result);
    size_t row = 0;

    while (row < phases->rows) {
        size_t phase = (size_t)gw_series_number(phases, row, 0);
        double from_s = gw_series_number(phases, row, GW_COLUMN_TIME) - start_s;
        size_t next = row + 1;

        while (next < phases->rows && (size_t)gw_series_number(phases, next, 0) == phase) {
            next++;
        }
        double to_s = next < phases->rows ? gw_series_number(phases, next, GW_COLUMN_TIME) - start_s
                                          : fmax(end_s, from_s);
        bool fits = to_s - from_s >= LABELLED_SHARE * shown_s && phase < result->phase_count;
        gw_figure_add_shade(figure, from_s, to_s, fits ? result->phase_names[phase] : "");
        row = next;
    }
}

/* The run that is shown: pre-copy when there is one. */
static const struct gw_result *
shown_run(const struct gw_study *study)
{
    const struct gw_result *precopy = gw_study_run_with(study, "precopy", GW_SERIES_MEMORY);

    return precopy != NULL ? precopy : gw_study_run_with(study, NULL, GW_SERIES_MEMORY);
}

/* Which of the runs of a sweep it is. */
static void
describe(struct gw_figure *figure, const struct gw_result *result)
{
    char values[120] = "";
    size_t used = 0;

    for (size_t i = 0; i < result->parameter_count && used < sizeof values; i++) {
        const char *name = result->parameter_names[i];
        const char *dot = strrchr(name, '.');
        int added = snprintf(values + used, sizeof values - used, ", %s = %s",
                             dot == NULL ? name : dot + 1, result->parameter_values[i]);

        used = added < 0 ? sizeof values : used + (size_t)added;
    }
    gw_figure_describe_run(figure, result, values);
}

struct gw_figure *
gw_figure_memory(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct curve dirty = {DIRTY_RATE, 1e-6, "dirty-rate", GW_FIGURE_LINES, true};
    static const struct curve sent = {SENT_RATE, 1e-6, "sent-rate", GW_FIGURE_LINES, true};
    static const struct curve remaining = {REMAINING, 1.0 / 1073741824.0, "remaining",
                                           GW_FIGURE_LINES, false};
    static const struct curve throttle = {THROTTLE, 1.0, "throttle", GW_FIGURE_STEPS, false};
    const struct gw_result *result = shown_run(study);
    struct gw_figure *figure = gw_figure_create(plan->title, "Time (s)", "Rate (MB/s)");
    bool ok;

    if (figure == NULL) {
        return NULL;
    }
    ok = add_curve(figure, result, &dirty) && add_curve(figure, result, &sent);
    add_phases(figure, result);
    gw_figure_set_y_range(figure, 0.0, NAN);
    gw_figure_add_panel(figure, "Remaining (GiB)", 1.0);
    ok = ok && add_curve(figure, result, &remaining);
    gw_figure_set_y_range(figure, 0.0, NAN);
    gw_figure_add_panel(figure, "Throttle (%)", 0.6);
    ok = ok && add_curve(figure, result, &throttle);
    gw_figure_set_y_range(figure, 0.0, 100.0);
    if (!ok) {
        gw_figure_destroy(figure);
        return NULL;
    }
    describe(figure, result);
    return figure;
}

struct gw_figure *
gw_figure_guest_speed(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct curve speed = {GUEST_SHARE, 100.0, "guest-speed", GW_FIGURE_LINES, false};
    const struct gw_result *result = shown_run(study);
    struct gw_figure *figure =
        gw_figure_create(plan->title, "Time (s)", "Guest Speed (% of undisturbed)");

    if (figure == NULL) {
        return NULL;
    }
    if (!add_curve(figure, result, &speed)) {
        gw_figure_destroy(figure);
        return NULL;
    }
    add_phases(figure, result);
    gw_figure_set_y_range(figure, 0.0, NAN);
    describe(figure, result);
    return figure;
}
