/* chart.c - a canvas of marks with two axes.
 *
 * Idea      Every point of a curve falls into a cell; the gap to the next point of the curve is
 *           filled, so a steep line stays a line. Each curve has its own mark: without colours the
 *           legend must still tell them apart.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/style.h"

enum { CURVES_MOST = 8, WIDTH_LEAST = 40, HEIGHT_LEAST = 4, AXIS_WIDTH = 9 };

static const char *const utf8_marks[CURVES_MOST] = {"\u25cf", "\u25cb", "\u25a0", "\u25a1",
                                                    "\u25b2", "\u25b3", "\u25c6", "\u25c7"};
static const char *const ascii_marks[CURVES_MOST] = {"*", "o", "#", "+", "x", "@", "%", "="};
static const int colours[CURVES_MOST] = {34, 33, 32, 31, 36, 35, 94, 90};

struct canvas {
    size_t width, height;
    signed char *cells; /* curve in the cell, or -1 */
    double x_least, x_most, y_least, y_most;
};

static bool
is_shown(const struct gw_chart_curve *curve, size_t i)
{
    return isfinite(curve->x[i]) && isfinite(curve->y[i]);
}

/* y starts at zero: the eye compares heights. */
static bool
find_range(const struct gw_chart *chart, struct canvas *canvas)
{
    canvas->x_least = INFINITY;
    canvas->x_most = -INFINITY;
    canvas->y_least = 0.0;
    canvas->y_most = -INFINITY;
    for (size_t k = 0; k < chart->count; k++) {
        const struct gw_chart_curve *curve = &chart->curves[k];
        for (size_t i = 0; i < curve->count; i++) {
            if (is_shown(curve, i)) {
                canvas->x_least = fmin(canvas->x_least, curve->x[i]);
                canvas->x_most = fmax(canvas->x_most, curve->x[i]);
                canvas->y_least = fmin(canvas->y_least, curve->y[i]);
                canvas->y_most = fmax(canvas->y_most, curve->y[i]);
            }
        }
    }
    if (!isfinite(canvas->x_least)) {
        return false;
    }
    canvas->x_most = canvas->x_most > canvas->x_least ? canvas->x_most : canvas->x_least + 1.0;
    canvas->y_most = canvas->y_most > canvas->y_least ? canvas->y_most : canvas->y_least + 1.0;
    return true;
}

static size_t
place(double value, double least, double most, size_t cells)
{
    double at = (value - least) / (most - least) * (double)(cells - 1) + 0.5;

    return at <= 0.0 ? 0 : (size_t)fmin(at, (double)(cells - 1));
}

static void
mark_point(struct canvas *canvas, double x, double y, size_t curve)
{
    size_t column = place(x, canvas->x_least, canvas->x_most, canvas->width);
    size_t row = place(y, canvas->y_least, canvas->y_most, canvas->height);

    canvas->cells[(canvas->height - 1 - row) * canvas->width + column] = (signed char)curve;
}

static void
mark_line(struct canvas *canvas, const struct gw_chart_curve *curve, size_t i, size_t index)
{
    double columns = fabs(curve->x[i + 1] - curve->x[i]) / (canvas->x_most - canvas->x_least);
    double rows = fabs(curve->y[i + 1] - curve->y[i]) / (canvas->y_most - canvas->y_least);
    double longest = fmax(columns * (double)canvas->width, rows * (double)canvas->height);
    size_t steps = (size_t)ceil(longest);

    for (size_t step = 1; step < steps; step++) {
        double share = (double)step / (double)steps;
        mark_point(canvas, curve->x[i] + share * (curve->x[i + 1] - curve->x[i]),
                   curve->y[i] + share * (curve->y[i + 1] - curve->y[i]), index);
    }
}

static void
mark_curve(struct canvas *canvas, const struct gw_chart_curve *curve, size_t index)
{
    for (size_t i = 0; i < curve->count; i++) {
        if (!is_shown(curve, i)) {
            continue;
        }
        mark_point(canvas, curve->x[i], curve->y[i], index);
        if (i + 1 < curve->count && is_shown(curve, i + 1)) {
            mark_line(canvas, curve, i, index);
        }
    }
}

static void
print_mark(FILE *stream, const struct gw_chart_look *look, size_t curve)
{
    const char *mark =
        look->utf8 ? utf8_marks[curve % CURVES_MOST] : ascii_marks[curve % CURVES_MOST];

    if (look->colour) {
        fprintf(stream, "\033[%dm%s\033[0m", colours[curve % CURVES_MOST], mark);
        return;
    }
    fputs(mark, stream);
}

/* Ticks at the top, the middle and the bottom. */
static void
print_row(FILE *stream, const struct canvas *canvas, const struct gw_chart_look *look, size_t row)
{
    bool tick = row == 0 || row + 1 == canvas->height || row == canvas->height / 2;
    double share = (double)(canvas->height - 1 - row) / (double)(canvas->height - 1);
    size_t end = canvas->width;

    if (tick) {
        fprintf(stream, "%*.4g ", AXIS_WIDTH - 2,
                canvas->y_least + share * (canvas->y_most - canvas->y_least));
    } else {
        fprintf(stream, "%*s ", AXIS_WIDTH - 2, "");
    }
    fputs(look->utf8 ? (tick ? "\u2524" : "\u2502") : (tick ? "+" : "|"), stream);
    while (end > 0 && canvas->cells[row * canvas->width + end - 1] < 0) {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        signed char curve = canvas->cells[row * canvas->width + i];
        if (curve < 0) {
            fputc(' ', stream);
            continue;
        }
        print_mark(stream, look, (size_t)curve);
    }
    fputc('\n', stream);
}

static void
print_x_axis(FILE *stream, const struct canvas *canvas, const struct gw_chart *chart, bool utf8)
{
    char left[32];
    char right[32];
    size_t label = strlen(chart->x_label);

    fprintf(stream, "%*s%s", AXIS_WIDTH - 1, "", utf8 ? "\u2514" : "+");
    for (size_t i = 0; i < canvas->width; i++) {
        fputs(utf8 ? "\u2500" : "-", stream);
    }
    snprintf(left, sizeof left, "%.4g", canvas->x_least);
    snprintf(right, sizeof right, "%.4g", canvas->x_most);
    size_t used = strlen(left) + strlen(right) + label;
    size_t free_cells = canvas->width > used ? canvas->width - used : 2;
    fprintf(stream, "\n%*s%s%*s%s%*s%s\n", AXIS_WIDTH, "", left, (int)(free_cells / 2), "",
            chart->x_label, (int)(free_cells - free_cells / 2), "", right);
}

static void
print_legend(FILE *stream, const struct gw_chart *chart, const struct gw_chart_look *look)
{
    fprintf(stream, "%*s", AXIS_WIDTH, "");
    for (size_t k = 0; k < chart->count; k++) {
        print_mark(stream, look, k);
        fprintf(stream, " %s%s", chart->curves[k].legend, k + 1 < chart->count ? "   " : "\n");
    }
}

bool
gw_chart_draw(FILE *stream, const struct gw_chart *chart, const struct gw_chart_look *look,
              struct gw_error *err)
{
    size_t width = look->width < WIDTH_LEAST ? WIDTH_LEAST : look->width;
    struct canvas canvas = {.width = width - AXIS_WIDTH,
                            .height = look->height < HEIGHT_LEAST ? HEIGHT_LEAST : look->height};

    if (!find_range(chart, &canvas)) {
        return true;
    }
    canvas.cells = malloc(canvas.width * canvas.height);
    if (canvas.cells == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a chart");
    }
    memset(canvas.cells, -1, canvas.width * canvas.height);
    for (size_t k = 0; k < chart->count; k++) {
        mark_curve(&canvas, &chart->curves[k], k % CURVES_MOST);
    }
    fprintf(stream, "%s: %s\n", chart->title, chart->y_label);
    for (size_t row = 0; row < canvas.height; row++) {
        print_row(stream, &canvas, look, row);
    }
    print_x_axis(stream, &canvas, chart, look->utf8);
    print_legend(stream, chart, look);
    free(canvas.cells);
    return true;
}
