/* figures_sweep.c - metrics against what was varied.
 *
 * Idea      A point is the mean of the completed replications, its band the 95 % t-interval. Where a
 *           second parameter varies, each of its values has a panel; all panels have one scale. A
 *           cross at the upper edge says that not all runs of that point completed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/statistics.h"
#include "results/style.h"

enum { TICS_MOST = 12, PANELS_MOST = 6, LEGENDS_MOST = 24 };

struct metric {
    enum gw_metric id;
    const char *name;
    enum { SECONDS, BYTES, PLAIN } kind;
    double scale; /* of plain ones */
};

/* All that is known of a figure before it is drawn: where each run belongs. */
struct work {
    struct gw_study study; /* runs are borrowed */
    struct metric metric;
    struct gw_axis axis;
    double *places;  /* of each run on the axis */
    size_t *legends; /* of each run */
    size_t *panels;  /* of each run; panel_count: not shown */
    size_t *firsts;  /* run of each legend */
    double *x;       /* distinct places */
    double *values;  /* room for the runs of a point */
    double *room;    /* for a curve: y, low, high, crosses */
    size_t x_count, legend_count;
    const char *panel_values[PANELS_MOST];
    size_t panel_count, panel_values_all;
    double unit, most;      /* scale of y, largest y that is drawn */
    size_t n_least, n_most; /* completed runs behind a point */
    bool crosses;
};

static void
work_clear(struct work *work)
{
    free(work->places);
    free(work->legends);
    free(work->panels);
    free(work->firsts);
    free(work->x);
    free(work->values);
    free(work->room);
}

/* ---- where runs belong ----------------------------------------------------------------------------- */

static size_t
architectures_in(const struct gw_study *study)
{
    for (size_t i = 1; i < study->count; i++) {
        if (strcmp(study->results[i]->architecture, study->results[0]->architecture) != 0) {
            return 2;
        }
    }
    return 1;
}

/* Numbers have panels before words have: of one architecture alone, words are its curves. */
static const char *
panel_parameter(const struct gw_study *study, const char *x)
{
    const struct gw_result *first = study->results[0];
    const char *word = NULL;

    for (size_t i = 0; i < first->parameter_count; i++) {
        const char *name = first->parameter_names[i];
        if (strcmp(name, x) == 0 || gw_study_is_architecture(study, name) ||
            !gw_study_takes_several(study, name)) {
            continue;
        }
        if (gw_study_varies(study, name)) {
            return name;
        }
        word = word == NULL ? name : word;
    }
    return architectures_in(study) > 1 ? word : NULL;
}

static void
collect_x(struct work *work)
{
    for (size_t i = 0; i < work->study.count; i++) {
        work->places[i] = gw_axis_place(&work->axis, work->study.results[i]);
        work->values[i] = work->places[i];
    }
    gsl_sort(work->values, 1, work->study.count);
    for (size_t i = 0; i < work->study.count; i++) {
        double last = work->x_count == 0 ? 0.0 : work->x[work->x_count - 1];
        if (work->x_count == 0 || work->values[i] > last + 1e-12 * fabs(last)) {
            work->x[work->x_count++] = work->values[i];
        }
    }
}

static void
collect_legends(struct work *work)
{
    const struct gw_study *study = &work->study;

    work->legend_count = gw_study_legends(study, work->axis.parameter, work->firsts);
    for (size_t i = 0; i < study->count; i++) {
        size_t k = 0;
        while (k + 1 < work->legend_count &&
               !gw_study_same_legend(study, work->axis.parameter, study->results[i],
                                     study->results[work->firsts[k]])) {
            k++;
        }
        work->legends[i] = k;
    }
}

/* Whether runs with this value of the panels' parameter lie at several places of the x axis. */
static bool
has_places(const struct work *work, const char *value)
{
    double first = NAN;

    for (size_t i = 0; i < work->study.count; i++) {
        const char *own = gw_result_parameter(work->study.results[i], work->study.panel);
        if (strcmp(own, value) != 0) {
            continue;
        }
        if (first < work->places[i] || first > work->places[i]) {
            return true;
        }
        first = work->places[i];
    }
    return false;
}

/* A panel of one place has no curve: it is left out where others have. */
static size_t
keep_curves(const struct work *work, const char **values, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count && work->study.panel != NULL; i++) {
        kept += has_places(work, values[i]);
    }
    if (kept == 0 || kept == count) {
        return count;
    }
    kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (has_places(work, values[i])) {
            values[kept++] = values[i];
        }
    }
    return kept;
}

/* Distinct values in the order of the axis when they are numbers, else as they come. Of more than
 * there are panels, evenly chosen ones are shown. */
static bool
collect_panels(struct work *work)
{
    const char *parameter = work->study.panel;
    const char **values = calloc(work->study.count + 1, sizeof *values);
    double *places = calloc(work->study.count + 1, sizeof *places);
    struct gw_axis axis;
    bool numbers = parameter != NULL && gw_axis_make(&work->study, parameter, &axis);
    size_t count = 0;

    for (size_t i = 0; values != NULL && places != NULL && i < work->study.count; i++) {
        const char *value =
            parameter == NULL ? "" : gw_result_parameter(work->study.results[i], parameter);
        double place = numbers ? gw_axis_place(&axis, work->study.results[i]) : (double)count;
        size_t at = 0;
        while (at < count && strcmp(values[at], value) != 0) {
            at++;
        }
        if (at < count) {
            continue;
        }
        for (at = count++; at > 0 && places[at - 1] > place; at--) {
            values[at] = values[at - 1];
            places[at] = places[at - 1];
        }
        values[at] = value;
        places[at] = place;
    }
    work->panel_values_all = count;
    count = values != NULL ? keep_curves(work, values, count) : 0;
    work->panel_count = count < PANELS_MOST ? count : (size_t)PANELS_MOST;
    for (size_t i = 0; i < work->panel_count; i++) {
        size_t from = work->panel_count < 2 ? 0 : i * (count - 1) / (work->panel_count - 1);
        work->panel_values[i] = values[from];
    }
    bool ok = values != NULL && places != NULL;
    free(values);
    free(places);
    return ok;
}

static void
place_in_panels(struct work *work)
{
    for (size_t i = 0; i < work->study.count; i++) {
        const char *value = work->study.panel == NULL
                                ? ""
                                : gw_result_parameter(work->study.results[i], work->study.panel);
        size_t panel = 0;
        while (panel < work->panel_count && strcmp(work->panel_values[panel], value) != 0) {
            panel++;
        }
        work->panels[i] = panel;
    }
}

static bool
work_begin(struct work *work, const struct gw_study *study, const char *parameter)
{
    size_t count = study->count + 1;

    work->study = *study;
    work->study.panel = panel_parameter(study, parameter);
    work->n_least = SIZE_MAX;
    work->places = calloc(count, sizeof *work->places);
    work->legends = calloc(count, sizeof *work->legends);
    work->panels = calloc(count, sizeof *work->panels);
    work->firsts = calloc(count, sizeof *work->firsts);
    work->x = calloc(count, sizeof *work->x);
    work->values = calloc(count, sizeof *work->values);
    work->room = calloc(4 * count, sizeof *work->room);
    if (work->places == NULL || work->legends == NULL || work->panels == NULL ||
        work->firsts == NULL || work->x == NULL || work->values == NULL || work->room == NULL ||
        !gw_axis_make(study, parameter, &work->axis)) {
        return false;
    }
    collect_x(work);
    if (!collect_panels(work)) {
        return false;
    }
    place_in_panels(work);
    collect_legends(work);
    return true;
}

/* ---- points ---------------------------------------------------------------------------------------- */

struct point {
    double mean, low, high; /* in the unit that is drawn; NAN: no run completed */
    size_t n, missing;
};

static bool
is_at(const struct work *work, size_t run, size_t panel, size_t legend, double x)
{
    return work->panels[run] == panel && work->legends[run] == legend &&
           fabs(work->places[run] - x) <= 1e-12 * fabs(x);
}

static struct point
point_at(const struct work *work, size_t panel, size_t legend, double x)
{
    struct gw_summary summary;
    struct point point = {NAN, NAN, NAN, 0, 0};

    for (size_t i = 0; i < work->study.count; i++) {
        const struct gw_result *result = work->study.results[i];
        double value = result->metric[work->metric.id];
        if (!is_at(work, i, panel, legend, x)) {
            continue;
        }
        point.missing += result->outcome != GW_COMPLETED;
        if (result->outcome == GW_COMPLETED && isfinite(value)) {
            work->values[point.n++] = value * work->unit;
        }
    }
    gw_summary_of(work->values, point.n, 0.95, &summary);
    if (point.n > 0) {
        double half = isnan(summary.half_width) ? 0.0 : summary.half_width;
        point.mean = summary.mean;
        point.low = summary.mean - half;
        point.high = summary.mean + half;
    }
    return point;
}

static void
note_point(struct work *work, const struct point *point)
{
    work->crosses |= point->missing > 0;
    if (point->n > 0) {
        work->most = fmax(work->most, point->high);
        work->n_least = point->n < work->n_least ? point->n : work->n_least;
        work->n_most = point->n > work->n_most ? point->n : work->n_most;
    }
}

/* The largest y before it is scaled, and how many runs stand behind the points. */
static void
survey(struct work *work)
{
    size_t curves = work->panel_count * work->legend_count;

    work->unit = 1.0;
    work->most = 0.0;
    for (size_t curve = 0; curve < curves; curve++) {
        for (size_t i = 0; i < work->x_count; i++) {
            struct point point =
                point_at(work, curve / work->legend_count, curve % work->legend_count, work->x[i]);
            note_point(work, &point);
        }
    }
}

static void
label_y(struct work *work, char *out, size_t size)
{
    struct gw_unit unit = {"", work->metric.scale};

    if (work->metric.kind != PLAIN) {
        unit =
            work->metric.kind == BYTES ? gw_unit_of_bytes(work->most) : gw_unit_of_time(work->most);
    }
    snprintf(out, size, unit.name[0] == '\0' ? "%s%s" : "%s (%s)", work->metric.name, unit.name);
    work->unit = unit.scale;
    work->most *= unit.scale;
}

static void
add_curve(struct gw_figure *figure, const struct work *work, size_t panel, size_t legend)
{
    char text[GW_LEGEND_BYTES];
    char style[GW_STYLE_BYTES];
    double *room = work->room;
    double *low = room + work->x_count;
    double *high = room + 2 * work->x_count;
    double *cross = room + 3 * work->x_count;
    double edge = work->most * (1.10 + 0.045 * (double)legend);
    bool any = false;
    bool drawn = false;

    for (size_t i = 0; i < work->x_count; i++) {
        struct point point = point_at(work, panel, legend, work->x[i]);
        room[i] = point.mean;
        low[i] = point.low;
        high[i] = point.high;
        cross[i] = point.missing > 0 ? edge : NAN;
        any = any || point.missing > 0;
        drawn = drawn || point.n > 0;
    }
    if (!any && !drawn) {
        return; /* another panel has this one, or none that is shown */
    }
    gw_study_legend(&work->study, work->study.results[work->firsts[legend]], work->axis.parameter,
                    text);
    gw_study_style(&work->study, work->firsts, work->legend_count, legend, style);
    struct gw_figure_series series = {.legend = text,
                                      .style = style,
                                      .kind = GW_FIGURE_LINESPOINTS,
                                      .count = work->x_count,
                                      .x = work->x,
                                      .y = room,
                                      .low = low,
                                      .high = high};
    gw_figure_add_series(figure, &series);
    if (any) {
        gw_figure_add_series(figure, &(struct gw_figure_series){.style = style,
                                                                .kind = GW_FIGURE_CROSSES,
                                                                .count = work->x_count,
                                                                .x = work->x,
                                                                .y = cross});
    }
}

/* ---- the page -------------------------------------------------------------------------------------- */

static const char *
text_at(const struct work *work, double x)
{
    for (size_t i = 0; i < work->study.count; i++) {
        if (fabs(work->places[i] - x) <= 1e-12 * fabs(x)) {
            return gw_result_parameter(work->study.results[i], work->axis.parameter);
        }
    }
    return "";
}

static void
set_x_axis(struct gw_figure *figure, const struct work *work)
{
    double least = work->x[0];
    double most = work->x[work->x_count - 1];
    bool is_log = least > 0.0 && most / least >= 8.0;
    double margin = 0.05 * (most - least);
    double factor = is_log ? pow(most / least, 0.05) : 1.0;

    if (is_log) {
        gw_figure_set_x_log(figure, 2.0);
    }
    gw_figure_set_x_range(figure, is_log ? least / factor : least - margin,
                          is_log ? most * factor : most + margin);
    for (size_t i = 0; i < work->x_count && work->x_count <= TICS_MOST; i++) {
        char label[40];
        if (work->axis.one_unit) {
            snprintf(label, sizeof label, "%.6g", work->x[i]);
        } else {
            snprintf(label, sizeof label, "%.30s", text_at(work, work->x[i]));
        }
        gw_figure_add_x_tic(figure, work->x[i], label);
    }
}

static void
set_caption(struct gw_figure *figure, const struct work *work)
{
    const struct gw_study *study = &work->study;
    char caption[600];
    char n[60];
    size_t missing = 0;

    for (size_t i = 0; i < study->count; i++) {
        missing += study->results[i]->outcome != GW_COMPLETED;
    }
    snprintf(n, sizeof n, work->n_least == work->n_most ? "%zu" : "%zu to %zu",
             work->n_most == 0 ? 0 : work->n_least, work->n_most);
    int used = work->n_most <= 1
                   ? snprintf(caption, sizeof caption, "%.80s: one run a point",
                              study->results[0]->scenario)
                   : snprintf(caption, sizeof caption,
                              "%.80s: mean of %s replications a point, band: 95 %% t-interval%s",
                              study->results[0]->scenario, n,
                              gw_study_is_common(study) ? ", common random numbers" : "");
    if (used > 0 && work->crosses) {
        used += snprintf(caption + used, sizeof caption - (size_t)used,
                         "; cross at the edge, at no value: not all runs of the point completed"
                         " (%zu of %zu in all did not), the mean is of those that did",
                         missing, study->count);
    }
    if (used > 0 && work->panel_values_all > work->panel_count) {
        snprintf(caption + used, sizeof caption - (size_t)used, "; %zu of %zu values of %s",
                 work->panel_count, work->panel_values_all, study->panel);
    }
    gw_figure_set_caption(figure, caption);
}

static void
add_panels(struct gw_figure *figure, const struct work *work, const char *y_label)
{
    const char *parameter = work->study.panel;
    double room = work->crosses ? 1.12 + 0.045 * (double)work->legend_count : 1.06;

    gw_figure_set_columns(figure, work->panel_count < 2 ? 1 : work->panel_count > 4 ? 3 : 2);
    for (size_t panel = 0; panel < work->panel_count; panel++) {
        char heading[100];
        if (panel > 0) {
            gw_figure_add_panel(figure, y_label, 1.0);
        }
        for (size_t i = 0; i < work->legend_count && i < LEGENDS_MOST; i++) {
            add_curve(figure, work, panel, i);
        }
        gw_figure_set_y_range(figure, 0.0, work->most > 0.0 ? room * work->most : 1.0);
        if (parameter != NULL) {
            snprintf(heading, sizeof heading, "%.40s = %.50s", gw_result_short_name(parameter),
                     work->panel_values[panel]);
            gw_figure_set_heading(figure, heading);
        }
    }
}

static struct gw_figure *
metric_figure(const struct gw_study *study, const struct gw_figure_plan *plan,
              const struct metric *metric)
{
    struct work work = {.metric = *metric};
    struct gw_figure *figure = NULL;
    char y_label[80];

    if (work_begin(&work, study, plan->parameter)) {
        survey(&work);
        label_y(&work, y_label, sizeof y_label);
        figure = gw_figure_create(plan->title, work.axis.label, y_label);
    }
    if (figure != NULL) {
        set_x_axis(figure, &work);
        add_panels(figure, &work, y_label);
        set_caption(figure, &work);
    }
    work_clear(&work);
    return figure;
}

struct gw_figure *
gw_figure_migration_time(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_MIGRATION_TIME_S, "Migration Time", SECONDS, 1};

    return metric_figure(study, plan, &metric);
}

struct gw_figure *
gw_figure_downtime(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_DOWNTIME_S, "Downtime", SECONDS, 1};

    return metric_figure(study, plan, &metric);
}

struct gw_figure *
gw_figure_penalty(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_GUEST_PENALTY_S, "Effective Lost Workload Time",
                                         SECONDS, 1};

    return metric_figure(study, plan, &metric);
}

struct gw_figure *
gw_figure_bytes_sent(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_BYTES_SENT, "Sent to the Target", BYTES, 1};

    return metric_figure(study, plan, &metric);
}

struct gw_figure *
gw_figure_throttle(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_THROTTLE_PCT_MOST, "Largest Throttle (%)", PLAIN,
                                         1};

    return metric_figure(study, plan, &metric);
}

struct gw_figure *
gw_figure_guest_rate(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    static const struct metric metric = {GW_METRIC_GUEST_RATE_RATIO, "Guest Writes (% of before)",
                                         PLAIN, 100};

    return metric_figure(study, plan, &metric);
}
