/* figures_guest.c - what the guest feels: its throughput over time and what it lost.
 *
 * Idea      A panel for each architecture, all with one scale. The filled area between a level and
 *           what the guest got is its penalty, in its own work. The level of IOs is the mean before
 *           the request, that of memory what the settings ask for: as the penalty is reckoned.
 *           Samples above the level are not counted against it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "results/figures_shared.h"
#include "results/style.h"

enum { PANELS_MOST = 6 };

/* Which series is looked at, and how it is said. */
struct view {
    enum gw_series_id id;
    int column, plus; /* plus: a column that is added, or -1 */
    double scale;
    const char *style, *label;
    double level; /* what penalty is held against; NAN: the mean before the request */
    const char *level_style, *against;
};

static const struct view views[] = {
    {GW_SERIES_IOPS, 0, 1, 1.0, "guest-iops", "Guest IOPS", NAN, "before-level",
     "the mean before the request"},
    {GW_SERIES_MEMORY, 5, -1, 100.0, "guest-speed", "Guest Speed (%)", 100.0, "asked-level",
     "the rate of its settings, 100 %"},
};

static bool
take(const struct view *view, const struct gw_result *result, struct gw_points *points)
{
    const struct gw_series *series = &result->series[view->id];
    double start_s = gw_result_start_s(result);
    struct gw_points more = {0};
    bool ok = gw_points_take(series, GW_COLUMN_TIME, view->column, GW_POINTS_MEAN, points);

    if (view->plus >= 0) {
        ok = gw_points_take(series, GW_COLUMN_TIME, view->plus, GW_POINTS_MEAN, &more) && ok;
    }
    for (size_t i = 0; ok && i < points->count; i++) {
        points->x[i] -= start_s;
        points->y[i] = view->scale * (points->y[i] + (view->plus >= 0 ? more.y[i] : 0.0));
    }
    gw_points_clear(&more);
    return ok;
}

/* NAN: nothing was seen before. */
static double
level_before(const struct gw_points *points)
{
    double sum = 0.0;
    size_t count = 0;

    for (size_t i = 0; i < points->count && points->x[i] <= 0.0; i++) {
        sum += points->y[i];
        count++;
    }
    return count == 0 ? NAN : sum / (double)count;
}

static double
end_of(const struct gw_result *result, const struct gw_points *points)
{
    double end_s = result->metric[GW_METRIC_MIGRATION_TIME_S];

    return isfinite(end_s) || points->count == 0 ? end_s : points->x[points->count - 1];
}

/* span: the level and the end. The level itself stands where nothing is lost, so that the area
 * closes. */
static bool
add_lost(struct gw_figure *figure, const struct gw_points *points, const double span[2], bool named)
{
    double *numbers = calloc(2 * points->count + 1, sizeof *numbers);

    if (numbers == NULL) {
        return false;
    }
    for (size_t i = 0; i < points->count; i++) {
        bool inside = points->x[i] > 0.0 && points->x[i] <= span[1];
        numbers[i] = inside ? fmin(points->y[i], span[0]) : span[0];
        numbers[points->count + i] = span[0];
    }
    gw_figure_add_series(figure,
                         &(struct gw_figure_series){.legend = named ? gw_style_label("lost") : NULL,
                                                    .style = "lost",
                                                    .kind = GW_FIGURE_FILLED,
                                                    .count = points->count,
                                                    .x = points->x,
                                                    .y = numbers,
                                                    .low = numbers,
                                                    .high = numbers + points->count});
    free(numbers);
    return true;
}

static void
add_level(struct gw_figure *figure, const struct gw_points *points, double level, const char *style,
          bool named)
{
    const double x[] = {points->x[0], points->x[points->count - 1]};
    const double y[] = {level, level};

    gw_figure_add_series(figure,
                         &(struct gw_figure_series){.legend = named ? gw_style_label(style) : NULL,
                                                    .style = style,
                                                    .kind = GW_FIGURE_LINES,
                                                    .count = 2,
                                                    .x = x,
                                                    .y = y});
}

static void
head_panel(struct gw_figure *figure, const struct gw_study *study, const struct gw_result *result)
{
    char legend[GW_LEGEND_BYTES];
    char heading[GW_LEGEND_BYTES + 80];
    double penalty_s = result->metric[GW_METRIC_GUEST_PENALTY_S];

    gw_study_legend(study, result, NULL, legend);
    int used = snprintf(heading, sizeof heading, "%s", legend);
    if (isfinite(penalty_s) && used > 0) {
        snprintf(heading + used, sizeof heading - (size_t)used, ": penalty %.3g s of work%s",
                 penalty_s, result->outcome == GW_COMPLETED ? "" : ", did not complete");
    }
    gw_figure_set_heading(figure, heading);
}

static bool
fill_panel(struct gw_figure *figure, const struct view *view, const struct gw_result *result,
           bool first)
{
    struct gw_points points;
    bool ok = take(view, result, &points);

    if (ok && points.count > 0) {
        double level = isfinite(view->level) ? view->level : level_before(&points);
        gw_points_focus(&points, result, 0.0);
        gw_figure_add_phases(figure, result, true);
        if (isfinite(level) && points.count > 0) {
            ok = add_lost(figure, &points, (const double[]){level, end_of(result, &points)}, first);
            add_level(figure, &points, level, view->level_style, first);
        }
        gw_points_add(figure, &points, GW_FIGURE_LINES, view->style,
                      first ? gw_style_label(view->style) : NULL);
    }
    gw_points_clear(&points);
    return ok;
}

static bool
fill(struct gw_figure *figure, const struct gw_study *study, const struct view *view)
{
    const struct gw_result *cases[GW_CASES_MOST];
    struct gw_study subset = {0};
    size_t count = gw_study_cases(study, view->id, cases);
    bool ok = count > 0 && gw_study_typical(study, &subset);
    double most = 0.0;

    count = count < PANELS_MOST ? count : (size_t)PANELS_MOST;
    for (size_t i = 0; ok && i < count; i++) {
        struct gw_points points;
        ok = take(view, cases[i], &points);
        most = ok ? fmax(most, gw_points_most(&points)) : most;
        gw_points_clear(&points);
    }
    for (size_t i = 0; ok && i < count; i++) {
        if (i > 0) {
            gw_figure_add_panel(figure, view->label, count > 2 ? 0.75 : 1.0);
        }
        ok = fill_panel(figure, view, cases[i], i == 0);
        gw_figure_set_y_range(figure, 0.0, 1.08 * most);
        head_panel(figure, &subset, cases[i]);
    }
    if (ok) {
        char caption[600];
        char parameters[240];
        char shown[GW_SHOWN_BYTES];
        gw_study_list_common(&subset, parameters, sizeof parameters);
        gw_study_say_shown(count, gw_study_count_cases(study, view->id), shown);
        snprintf(caption, sizeof caption,
                 "%.80s%s; one run%s (replication %lld, seed %llu%s); filled: what was lost against"
                 " %s%s",
                 cases[0]->scenario, parameters, count > 1 ? " each" : "",
                 (long long)cases[0]->replication, (unsigned long long)cases[0]->seed,
                 count > 1 ? ", the same guest" : "", view->against, shown);
        gw_figure_set_caption(figure, caption);
    }
    free(subset.results);
    return ok;
}

static struct gw_figure *
throughput(const struct gw_study *study, const struct gw_figure_plan *plan, const struct view *view)
{
    struct gw_figure *figure =
        gw_figure_create(plan->title, "Time since the request (s)", view->label);

    if (figure != NULL && !fill(figure, study, view)) {
        gw_figure_destroy(figure);
        return NULL;
    }
    return figure;
}

struct gw_figure *
gw_figure_guest_iops(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return throughput(study, plan, &views[0]);
}

struct gw_figure *
gw_figure_guest_speed(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return throughput(study, plan, &views[1]);
}
