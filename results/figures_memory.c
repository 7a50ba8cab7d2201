/* figures_memory.c - one migration over time, of memory or of disks: how it converges.
 *
 * Idea      Time runs from the request. Panels share it: what remains, what is dirtied against what is
 *           sent, and for memory the throttle. Phases are shaded, stops of the guest are marked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>

#include "results/figures_shared.h"
#include "results/style.h"

struct curve {
    int column;
    const char *style;
    enum gw_figure_kind kind;
    double scale;
    bool has_legend;
};

/* A curve in time from the request. A disk's dirty rate begins when its size is known, that of memory
 * with the second sync; before it there is none. */
static bool
take_curve(const struct gw_result *result, enum gw_series_id id, const struct curve *curve,
           struct gw_points *points)
{
    bool ok =
        gw_points_take(&result->series[id], GW_COLUMN_TIME, curve->column, GW_POINTS_MEAN, points);
    double start_s = gw_result_start_s(result);
    double known_s = gw_series_known_s(&result->series[id]);
    bool begins = id == GW_SERIES_PROGRESS && curve->column == 3;

    double found_s =
        id == GW_SERIES_MEMORY && curve->column == 1 ? gw_result_dirty_known_s(result) : -INFINITY;
    for (size_t i = 0; ok && i < points->count; i++) {
        points->y[i] *= begins && points->x[i] <= known_s ? 0.0 : curve->scale;
        points->y[i] = points->x[i] < found_s ? NAN : points->y[i];
        points->x[i] -= start_s;
    }
    if (ok) {
        gw_points_focus(points, result, 0.0);
    }
    return ok;
}

static bool
add_curve(struct gw_figure *figure, const struct gw_result *result, enum gw_series_id id,
          const struct curve *curve)
{
    struct gw_points points;
    bool ok = take_curve(result, id, curve, &points);

    if (ok) {
        gw_points_add(figure, &points, curve->kind, curve->style,
                      curve->has_legend ? gw_style_label(curve->style) : NULL);
    }
    gw_points_clear(&points);
    return ok;
}

/* The first panel, as its label needs the unit. NULL: memory out. */
static struct gw_figure *
begin_remaining(const char *title, const struct gw_result *result, enum gw_series_id id)
{
    struct gw_points points;
    char label[40];
    struct gw_figure *figure = NULL;

    if (gw_points_take_remaining(result, id, &points)) {
        struct gw_unit unit = gw_unit_of_bytes(gw_points_most(&points));
        gw_points_focus(&points, result, 0.0);
        gw_points_scale(&points, 1.0, unit.scale);
        snprintf(label, sizeof label, "Remaining (%s)", unit.name);
        figure = gw_figure_create(title, "Time since the request (s)", label);
        if (figure != NULL) {
            gw_figure_add_phases(figure, result, true);
            gw_points_add(figure, &points, GW_FIGURE_LINES, "remaining", NULL);
            gw_figure_set_y_range(figure, 0.0, NAN);
        }
    }
    gw_points_clear(&points);
    return figure;
}

static bool
add_rates(struct gw_figure *figure, const struct gw_result *result, enum gw_series_id id,
          const int columns[2])
{
    const struct curve dirty = {columns[0], "dirty-rate", GW_FIGURE_STEPS, 1e-6, true};
    const struct curve sent = {columns[1], "sent-rate", GW_FIGURE_LINES, 1e-6, true};

    gw_figure_add_panel(figure, "Rate (MB/s)", 1.0);
    gw_figure_add_phases(figure, result, false);
    bool ok = add_curve(figure, result, id, &sent) && add_curve(figure, result, id, &dirty);
    gw_figure_set_y_range(figure, 0.0, NAN);
    return ok;
}

static bool
add_throttle(struct gw_figure *figure, const struct gw_result *result)
{
    static const struct curve throttle = {3, "throttle", GW_FIGURE_STEPS, 1.0, false};
    static const struct curve speed = {5, "guest-speed", GW_FIGURE_LINES, 100.0, true};

    gw_figure_add_panel(figure, "Throttle (%)", 0.6);
    gw_figure_add_phases(figure, result, false);
    bool ok = add_curve(figure, result, GW_SERIES_MEMORY, &throttle);
    gw_figure_set_y_range(figure, 0.0, 100.0);
    gw_figure_add_panel(figure, "Guest Speed (%)", 0.6);
    gw_figure_add_phases(figure, result, false);
    struct curve plain = speed;
    plain.has_legend = false;
    ok = ok && add_curve(figure, result, GW_SERIES_MEMORY, &plain);
    gw_figure_set_y_range(figure, 0.0, NAN);
    return ok;
}

static const struct gw_result *
case_of(const struct gw_study *study, enum gw_series_id id, size_t number)
{
    const struct gw_result *cases[GW_CASES_MOST];
    size_t count = gw_study_cases(study, id, cases);

    return number < count ? cases[number] : NULL;
}

static struct gw_figure *
finish(struct gw_figure *figure, const struct gw_result *result, bool ok)
{
    if (!ok) {
        gw_figure_destroy(figure);
        return NULL;
    }
    double margin_s = gw_result_margin_s(result);
    const struct gw_series *series =
        &result->series[result->series[GW_SERIES_PROGRESS].rows > 0 ? GW_SERIES_PROGRESS
                                                                    : GW_SERIES_MEMORY];
    double first_s = gw_series_number(series, 0, GW_COLUMN_TIME) - gw_result_start_s(result);
    double time_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    double last_s =
        gw_series_number(series, series->rows - 1, GW_COLUMN_TIME) - gw_result_start_s(result);
    gw_figure_set_x_range(figure, fmin(0.0, fmax(-margin_s, first_s)),
                          isfinite(time_s) ? fmax(time_s, fmin(last_s, time_s + margin_s))
                                           : last_s);
    gw_figure_describe_run(figure, result, "");
    return figure;
}

struct gw_figure *
gw_figure_memory(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = case_of(study, GW_SERIES_MEMORY, plan->number);
    struct gw_figure *figure =
        result == NULL ? NULL : begin_remaining(plan->title, result, GW_SERIES_MEMORY);

    if (figure == NULL) {
        return NULL;
    }
    bool ok = add_rates(figure, result, GW_SERIES_MEMORY, (const int[]){1, 2});
    return finish(figure, result, ok && add_throttle(figure, result));
}

struct gw_figure *
gw_figure_storage(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    const struct gw_result *result = case_of(study, GW_SERIES_PROGRESS, plan->number);
    struct gw_figure *figure =
        result == NULL ? NULL : begin_remaining(plan->title, result, GW_SERIES_PROGRESS);

    if (figure == NULL) {
        return NULL;
    }
    return finish(figure, result,
                  add_rates(figure, result, GW_SERIES_PROGRESS, (const int[]){3, 4}));
}
