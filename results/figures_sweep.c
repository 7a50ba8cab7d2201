/* figures_sweep.c - metrics against what was varied, and side by side.
 *
 * Idea      A point is the mean of the completed replications, its bar the 95 % t-interval; the
 *           caption says how many runs stand behind a point and how many did not complete.
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

enum { TICS_MOST = 12 };

/* Room for one curve; all arrays have room for every run of the study. */
struct curve_room {
    double *x, *y, *low, *high, *values;
    size_t *firsts;
    size_t x_count;
    size_t n_least, n_most; /* completed runs behind a point */
};

static bool
room_create(struct curve_room *room, size_t count)
{
    double *numbers = calloc(5 * count, sizeof *numbers);

    *room = (struct curve_room){numbers, NULL, NULL, NULL, NULL, NULL, 0, SIZE_MAX, 0};
    room->firsts = calloc(count, sizeof *room->firsts);
    if (numbers == NULL || room->firsts == NULL) {
        return false;
    }
    room->y = numbers + count;
    room->low = numbers + 2 * count;
    room->high = numbers + 3 * count;
    room->values = numbers + 4 * count;
    return true;
}

static void
room_destroy(struct curve_room *room)
{
    free(room->x);
    free(room->firsts);
}

static bool
equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

static void
collect_x(const struct gw_study *study, const char *parameter, struct curve_room *room)
{
    for (size_t i = 0; i < study->count; i++) {
        room->x[i] = strtod(gw_study_parameter(study->results[i], parameter), NULL);
    }
    gsl_sort(room->x, 1, study->count);
    room->x_count = 0;
    for (size_t i = 0; i < study->count; i++) {
        if (room->x_count == 0 || !equal(room->x[room->x_count - 1], room->x[i])) {
            room->x[room->x_count++] = room->x[i];
        }
    }
}

static size_t
collect_values(const struct gw_study *study, const struct gw_figure_plan *plan,
               enum gw_metric metric, const char *legend, double x, double *values)
{
    char other[GW_LEGEND_BYTES];
    size_t count = 0;

    for (size_t i = 0; i < study->count; i++) {
        const struct gw_result *result = study->results[i];
        gw_study_legend(study, result, plan->parameter, other);
        bool here = plan->parameter == NULL ||
                    equal(strtod(gw_study_parameter(result, plan->parameter), NULL), x);
        if (here && result->outcome == GW_COMPLETED && strcmp(legend, other) == 0 &&
            isfinite(result->metric[metric])) {
            values[count++] = result->metric[metric];
        }
    }
    return count;
}

static void
set_point(struct curve_room *room, size_t index, size_t count)
{
    struct gw_summary summary;

    gw_summary_of(room->values, count, 0.95, &summary);
    double half = isnan(summary.half_width) ? 0.0 : summary.half_width;
    room->y[index] = summary.mean;
    room->low[index] = summary.mean - half;
    room->high[index] = summary.mean + half;
    if (count > 0) {
        room->n_least = count < room->n_least ? count : room->n_least;
        room->n_most = count > room->n_most ? count : room->n_most;
    }
}

static size_t
not_completed(const struct gw_study *study)
{
    size_t count = 0;

    for (size_t i = 0; i < study->count; i++) {
        count += study->results[i]->outcome != GW_COMPLETED;
    }
    return count;
}

static void
set_caption(struct gw_figure *figure, const struct gw_study *study, const struct curve_room *room)
{
    char caption[240];
    int used =
        room->n_most <= 1
            ? snprintf(caption, sizeof caption, "%s: one run a point", study->results[0]->scenario)
            : snprintf(caption, sizeof caption,
                       "%s: mean and 95 %% t-interval of n = %zu to %zu runs a point",
                       study->results[0]->scenario, room->n_least, room->n_most);
    if (room->n_most > 1 && room->n_least == room->n_most) {
        used =
            snprintf(caption, sizeof caption, "%s: mean and 95 %% t-interval, n = %zu runs a point",
                     study->results[0]->scenario, room->n_most);
    }
    size_t missing = not_completed(study);
    if (missing > 0 && used > 0 && (size_t)used < sizeof caption) {
        snprintf(caption + used, sizeof caption - (size_t)used,
                 "; left out: %zu of %zu runs, which did not complete", missing, study->count);
    }
    gw_figure_set_caption(figure, caption);
}

static void
set_x_axis(struct gw_figure *figure, const struct curve_room *room)
{
    double least = room->x[0];
    double most = room->x[room->x_count - 1];
    bool is_log = least > 0.0 && most / least >= 8.0;

    if (is_log) {
        gw_figure_set_x_log(figure, 2.0);
        gw_figure_set_x_range(figure, least / 1.15, most * 1.15);
    } else {
        gw_figure_set_x_range(figure, least - 0.05 * (most - least), most + 0.05 * (most - least));
    }
    for (size_t i = 0; i < room->x_count && room->x_count <= TICS_MOST; i++) {
        char label[32];
        snprintf(label, sizeof label, "%g", room->x[i]);
        gw_figure_add_x_tic(figure, room->x[i], label);
    }
}

static void
add_curves(struct gw_figure *figure, const struct gw_study *study,
           const struct gw_figure_plan *plan, enum gw_metric metric, struct curve_room *room)
{
    char legend[GW_LEGEND_BYTES];
    size_t curves = gw_study_legends(study, plan->parameter, room->firsts);

    for (size_t k = 0; k < curves; k++) {
        const struct gw_result *first = study->results[room->firsts[k]];
        gw_study_legend(study, first, plan->parameter, legend);
        for (size_t i = 0; i < room->x_count; i++) {
            set_point(room, i,
                      collect_values(study, plan, metric, legend, room->x[i], room->values));
        }
        bool plain = strcmp(legend, gw_style_label(first->architecture)) == 0;
        gw_figure_add_series(figure, &(struct gw_figure_series){
                                         .legend = legend,
                                         .style = plain ? first->architecture : legend,
                                         .kind = GW_FIGURE_LINESPOINTS,
                                         .count = room->x_count,
                                         .x = room->x,
                                         .y = room->y,
                                         .low = room->low,
                                         .high = room->high,
                                     });
    }
}

static void
axis_label(const struct gw_study *study, const char *parameter, char *out, size_t size)
{
    const char *dot = strrchr(parameter, '.');
    char *unit = NULL;

    if (strcmp(parameter, "workload.oio") == 0) {
        snprintf(out, size, "Workload OIO");
        return;
    }
    strtod(gw_study_parameter(study->results[0], parameter), &unit);
    snprintf(out, size, *unit == '\0' ? "%s%s" : "%s (%s)", dot == NULL ? parameter : dot + 1,
             unit);
}

static struct gw_figure *
metric_figure(const struct gw_study *study, const struct gw_figure_plan *plan,
              enum gw_metric metric, const char *y_label)
{
    struct curve_room room = {0};
    char x_label[100];

    axis_label(study, plan->parameter, x_label, sizeof x_label);
    struct gw_figure *figure = gw_figure_create(plan->title, x_label, y_label);
    if (figure == NULL || !room_create(&room, study->count)) {
        room_destroy(&room);
        gw_figure_destroy(figure);
        return NULL;
    }
    collect_x(study, plan->parameter, &room);
    set_x_axis(figure, &room);
    gw_figure_set_y_range(figure, 0.0, NAN);
    add_curves(figure, study, plan, metric, &room);
    set_caption(figure, study, &room);
    room_destroy(&room);
    return figure;
}

struct gw_figure *
gw_figure_migration_time(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return metric_figure(study, plan, GW_METRIC_MIGRATION_TIME_S, "Migration Time (s)");
}

struct gw_figure *
gw_figure_downtime(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return metric_figure(study, plan, GW_METRIC_DOWNTIME_S, "Downtime (s)");
}

struct gw_figure *
gw_figure_penalty(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return metric_figure(study, plan, GW_METRIC_GUEST_PENALTY_S,
                         "Effective Lost Workload Time (s)");
}

struct gw_figure *
gw_figure_guest_rate(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    return metric_figure(study, plan, GW_METRIC_GUEST_RATE_RATIO,
                         "Guest Speed (share of undisturbed)");
}

/* The number stands on its bar, and "Failed" where no run completed: the figure is the table. */
static void
add_bars(struct gw_figure *figure, const struct gw_study *study, const struct gw_figure_plan *plan,
         enum gw_metric metric, struct curve_room *room)
{
    size_t bars = gw_study_legends(study, NULL, room->firsts);
    double tallest = 0.0;

    for (size_t i = 0; i < bars; i++) {
        char legend[GW_LEGEND_BYTES];
        char note[64];
        const struct gw_result *first = study->results[room->firsts[i]];
        gw_study_legend(study, first, NULL, legend);
        size_t n = collect_values(study, plan, metric, legend, 0.0, room->values);
        set_point(room, i, n);
        room->x[i] = (double)i + 1.0;
        snprintf(note, sizeof note, n == 0 ? "Failed" : "%.3f", room->y[i]);
        gw_figure_add_note(figure, room->x[i], n == 0 ? 0.0 : room->y[i], note);
        tallest = n > 0 ? fmax(tallest, room->y[i]) : tallest;
        gw_figure_add_series(figure, &(struct gw_figure_series){
                                         .style = first->architecture,
                                         .kind = GW_FIGURE_BOXES,
                                         .count = 1,
                                         .x = &room->x[i],
                                         .y = &room->y[i],
                                     });
    }
    gw_figure_set_y_range(figure, 0.0, tallest > 0.0 ? 1.2 * tallest : 1.0);
}

/* Bars are narrow: "Incr. DBT 2x" for incremental DBT at an intensity of 2, as the talk has it. */
static void
bar_label(const char *legend, char out[GW_LEGEND_BYTES])
{
    static const char load[] = " intensity=";
    static const char word[] = "Incremental";
    bool is_long = strncmp(legend, word, sizeof word - 1) == 0;
    const char *name = is_long ? legend + sizeof word - 1 : legend;
    const char *at = strstr(name, load);
    int length = at == NULL ? (int)strlen(name) : (int)(at - name);

    snprintf(out, GW_LEGEND_BYTES, "%s%.*s%s%s%s", is_long ? "Incr." : "", length, name,
             at == NULL ? "" : " ", at == NULL ? "" : at + sizeof load - 1, at == NULL ? "" : "x");
}

struct gw_figure *
gw_figure_results(const struct gw_study *study, const struct gw_figure_plan *plan)
{
    struct curve_room room = {0};
    struct gw_figure *figure = gw_figure_create(plan->title, "", "Migration Time (s)");

    if (figure == NULL || !room_create(&room, study->count)) {
        room_destroy(&room);
        gw_figure_destroy(figure);
        return NULL;
    }
    add_bars(figure, study, plan, GW_METRIC_MIGRATION_TIME_S, &room);
    gw_figure_add_panel(figure, "Downtime (s)", 1.0);
    add_bars(figure, study, plan, GW_METRIC_DOWNTIME_S, &room);
    size_t bars = gw_study_legends(study, NULL, room.firsts);
    for (size_t i = 0; i < bars; i++) {
        char legend[GW_LEGEND_BYTES];
        char label[GW_LEGEND_BYTES];
        gw_study_legend(study, study->results[room.firsts[i]], NULL, legend);
        bar_label(legend, label);
        gw_figure_add_x_tic(figure, (double)i + 1.0, label);
    }
    gw_figure_set_x_range(figure, 0.4, (double)bars + 0.6);
    set_caption(figure, study, &room);
    room_destroy(&room);
    return figure;
}
