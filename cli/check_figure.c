/* check_figure.c - curves that moved: the baseline's and the new ones over each other, and below the
 *                  difference with its band.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "results/figure.h"

/* Mean, least and most of a set of curves; each has room for the points. */
struct envelope {
    double *mean, *least, *most;
};

static void
envelop(const double *curves, size_t runs, size_t points, const struct envelope *out)
{
    for (size_t i = 0; i < points; i++) {
        out->mean[i] = 0;
        out->least[i] = out->most[i] = curves[i];
        for (size_t run = 0; run < runs; run++) {
            double value = curves[run * points + i];

            out->mean[i] += value / (double)runs;
            out->least[i] = fmin(out->least[i], value);
            out->most[i] = fmax(out->most[i], value);
        }
    }
}

static void
add_set(struct gw_figure *figure, const double *x, size_t points, const struct envelope *set,
        const char *const words[2])
{
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = NULL,
                                                            .style = "band",
                                                            .kind = GW_FIGURE_FILLED,
                                                            .count = points,
                                                            .x = x,
                                                            .y = set->mean,
                                                            .low = set->least,
                                                            .high = set->most});
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = words[0],
                                                            .style = words[1],
                                                            .kind = GW_FIGURE_LINES,
                                                            .count = points,
                                                            .x = x,
                                                            .y = set->mean});
}

static void
add_difference(struct gw_figure *figure, const double *x, const struct gw_curve_band *band)
{
    const double ends[] = {x[0], x[band->points - 1]};
    const double zero[] = {0, 0};

    gw_figure_add_panel(figure, "New - Baseline", 0.6);
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = NULL,
                                                            .style = "band",
                                                            .kind = GW_FIGURE_FILLED,
                                                            .count = band->points,
                                                            .x = x,
                                                            .y = band->difference,
                                                            .low = band->low,
                                                            .high = band->high});
    gw_figure_add_series(figure, &(struct gw_figure_series){.legend = NULL,
                                                            .style = "predicted",
                                                            .kind = GW_FIGURE_LINES,
                                                            .count = band->points,
                                                            .x = x,
                                                            .y = band->difference});
    gw_figure_add_series(
        figure,
        &(struct gw_figure_series){
            .style = "diagonal", .kind = GW_FIGURE_LINES, .count = 2, .x = ends, .y = zero});
}

/* "case-group-curve" with nothing that a file name must not have; caller frees. */
static char *
file_name(const struct gw_baseline_case *one, const struct gw_gate_test *test)
{
    struct gw_text text = {0};
    char *name;

    gw_text_format(&text, "%s-", one->name);
    if (one->group_count > 1) {
        gw_text_format(&text, "%s-", one->groups[test->group_index].name);
    }
    gw_text_add(&text, test->key);
    name = gw_text_take(&text);
    for (char *at = name; at != NULL && *at != '\0'; at++) {
        *at = isalnum((unsigned char)*at) != 0 || strchr("-_.", *at) != NULL ? *at : '-';
    }
    return name;
}

struct drawing {
    const struct gw_baseline_group *before, *after;
    const struct gw_gate_test *test;
    double *x;
    struct envelope old, new;
};

static bool
draw(const struct drawing *drawing, const char *title, const char *directory, const char *name,
     struct gw_error *err)
{
    static const char *const old_words[] = {"baseline", "measured"};
    static const char *const new_words[] = {"new", "predicted"};
    const struct gw_curve_info *info = &gw_curve_info[drawing->test->which];
    size_t points = drawing->before->points;
    struct gw_text label = {0};
    struct gw_figure *figure;
    bool fine;

    gw_text_format(&label, "%s (%s)", info->label, info->unit);
    figure = gw_figure_create(title, "Time since the request (s)",
                              label.bytes == NULL ? "" : label.bytes);
    gw_text_clear(&label);
    if (figure == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a figure");
    }
    add_set(figure, drawing->x, points, &drawing->old, old_words);
    add_set(figure, drawing->x, points, &drawing->new, new_words);
    if (drawing->test->band.points > 0) {
        add_difference(figure, drawing->x, &drawing->test->band);
    }
    char caption[160];
    snprintf(caption, sizeof caption,
             "lines: means of %zu runs of the baseline, %zu new ones; grey: all runs. Below: the "
             "difference with its band, 95 %% for the whole curve",
             drawing->before->runs, drawing->after->runs);
    gw_figure_set_caption(figure, caption);
    fine = gw_figure_write(figure, directory, name, GW_FIGURE_SVG | GW_FIGURE_PNG, err);
    gw_figure_destroy(figure);
    return fine;
}

static bool
draw_test(const struct gw_check *check, const struct gw_gate_test *test, const char *directory,
          struct gw_error *err)
{
    const struct gw_baseline_case *one = &check->before->cases[test->case_index];
    const struct gw_baseline_group *before = &one->groups[test->group_index];
    const struct gw_baseline_group *after =
        gw_baseline_group_find(&check->after.cases[test->case_index], before->name);
    size_t points = before->points;
    double *room = calloc(7 * points, sizeof *room);
    char *name = file_name(one, test);
    bool fine = room != NULL && name != NULL;

    if (!fine) {
        free(room);
        free(name);
        return gw_fail(err, GW_ENOMEM, "out of memory for a figure");
    }
    const struct drawing drawing = {
        .before = before,
        .after = after,
        .test = test,
        .x = room,
        .old = {room + points, room + 2 * points, room + 3 * points},
        .new = {room + 4 * points, room + 5 * points, room + 6 * points},
    };
    for (size_t i = 0; i < points; i++) {
        room[i] = before->end_s * (double)i / (double)(points - 1);
    }
    envelop(before->curves[test->which], before->runs, points, &drawing.old);
    envelop(after->curves[test->which], after->runs, points, &drawing.new);
    fine = draw(&drawing, one->name, directory, name, err);
    free(room);
    free(name);
    return fine;
}

bool
gw_check_draw(const struct gw_check *check, const char *directory, struct gw_error *err)
{
    for (size_t i = 0; i < check->report.test_count; i++) {
        const struct gw_gate_test *test = &check->report.tests[i];

        if (test->kind == GW_GATE_CURVE && test->verdict == GW_GATE_MOVED &&
            test->band.points > 0 && !draw_test(check, test, directory, err)) {
            return false;
        }
    }
    return true;
}
