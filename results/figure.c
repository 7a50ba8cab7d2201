/* figure.c - builds a figure and writes its files.
 *
 * Invariant Stacked boxes carry their floor and top from the moment they are added, so what draws
 *           them needs no arithmetic.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/figure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results/figure_shared.h"
#include "results/figure_text.h"
#include "results/gnuplot.h"
#include "results/html.h"
#include "results/svg_text.h"

static struct gw_figure_panel *
last_panel(struct gw_figure *figure)
{
    return &figure->panels[figure->panel_count - 1];
}

static char *
copy_text(struct gw_figure *figure, const char *text)
{
    char *copy = strdup(text == NULL ? "" : text);

    if (copy != NULL) {
        gw_utf8_mend(copy);
    }
    figure->failed |= copy == NULL;
    return copy;
}

static double *
copy_numbers(struct gw_figure *figure, const double *numbers, size_t count)
{
    double *copy = calloc(count + 1, sizeof *copy);

    figure->failed |= copy == NULL;
    if (copy != NULL && numbers != NULL) {
        memcpy(copy, numbers, count * sizeof *copy);
    }
    return copy;
}

static void
begin_panel(struct gw_figure *figure, const char *y_label, double share)
{
    gw_assert(figure->panel_count < GW_FIGURE_PANELS_MOST);
    figure->panels[figure->panel_count++] = (struct gw_figure_panel){
        .y_label = copy_text(figure, y_label),
        .heading = copy_text(figure, ""),
        .share = share,
        .y_least = NAN,
        .y_most = NAN,
    };
}

struct gw_figure *
gw_figure_create(const char *title, const char *x_label, const char *y_label)
{
    struct gw_figure *figure = calloc(1, sizeof *figure);

    if (figure == NULL) {
        return NULL;
    }
    figure->title = copy_text(figure, title);
    figure->x_label = copy_text(figure, x_label);
    figure->caption = copy_text(figure, "");
    figure->colour_label = copy_text(figure, "");
    figure->columns = 1;
    figure->x_least = NAN;
    figure->x_most = NAN;
    begin_panel(figure, y_label, 1.0);
    return figure;
}

static void
labels_clear(struct gw_figure_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->items[i].text);
    }
    free(labels->items);
}

static void
curve_clear(struct gw_figure_curve *curve)
{
    free(curve->legend);
    free(curve->style);
    free(curve->x);
    free(curve->y);
    free(curve->low);
    free(curve->high);
}

void
gw_figure_destroy(struct gw_figure *figure)
{
    if (figure == NULL) {
        return;
    }
    for (size_t i = 0; i < figure->panel_count; i++) {
        struct gw_figure_panel *panel = &figure->panels[i];
        for (size_t k = 0; k < panel->count; k++) {
            curve_clear(&panel->curves[k]);
        }
        free(panel->curves);
        free(panel->y_label);
        free(panel->heading);
        labels_clear(&panel->marks);
        labels_clear(&panel->shades);
        labels_clear(&panel->notes);
        labels_clear(&panel->y_tics);
    }
    labels_clear(&figure->x_tics);
    free(figure->title);
    free(figure->x_label);
    free(figure->caption);
    free(figure->colour_label);
    free(figure);
}

void
gw_figure_add_panel(struct gw_figure *figure, const char *y_label, double share)
{
    gw_assert(share > 0.0);
    begin_panel(figure, y_label, share);
}

/* Top of the highest box at x so far. */
static double
floor_at(const struct gw_figure_panel *panel, double x)
{
    double floor = 0.0;

    for (size_t k = 0; k < panel->count; k++) {
        const struct gw_figure_curve *below = &panel->curves[k];
        for (size_t i = 0; below->kind == GW_FIGURE_BOXES && i < below->count; i++) {
            bool same_x = !(below->x[i] < x) && !(below->x[i] > x);
            if (same_x && below->high[i] > floor) {
                floor = below->high[i];
            }
        }
    }
    return floor;
}

static void
stack_boxes(const struct gw_figure_panel *panel, struct gw_figure_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++) {
        curve->low[i] = floor_at(panel, curve->x[i]);
        curve->high[i] = curve->low[i] + curve->y[i];
    }
}

void
gw_figure_add_series(struct gw_figure *figure, const struct gw_figure_series *series)
{
    struct gw_figure_panel *panel = last_panel(figure);
    size_t count = series->count;
    struct gw_figure_curve *curves = realloc(panel->curves, (panel->count + 1) * sizeof *curves);

    gw_assert((series->low == NULL) == (series->high == NULL));
    if (curves == NULL) {
        figure->failed = true;
        return;
    }
    panel->curves = curves;
    struct gw_figure_curve curve = {
        .legend = series->legend == NULL ? NULL : copy_text(figure, series->legend),
        .style = copy_text(figure, series->style),
        .kind = series->kind,
        .count = count,
        .x = copy_numbers(figure, series->x, count),
        .y = copy_numbers(figure, series->y, count),
        .low = copy_numbers(figure, series->low, count),
        .high = copy_numbers(figure, series->high, count),
        .banded = series->low != NULL,
        .width = series->width,
    };
    if (series->kind == GW_FIGURE_BOXES && !curve.banded && !figure->failed) {
        stack_boxes(panel, &curve);
    }
    panel->curves[panel->count++] = curve;
}

static void
labels_add(struct gw_figure *figure, struct gw_figure_labels *labels, double x, double y,
           const char *text)
{
    struct gw_figure_label *items = realloc(labels->items, (labels->count + 1) * sizeof *items);

    if (items == NULL) {
        figure->failed = true;
        return;
    }
    labels->items = items;
    labels->items[labels->count++] = (struct gw_figure_label){x, y, copy_text(figure, text), false};
}

void
gw_figure_add_mark(struct gw_figure *figure, double x, const char *label)
{
    labels_add(figure, &last_panel(figure)->marks, x, 0.0, label);
}

void
gw_figure_add_shade(struct gw_figure *figure, double from_x, double to_x, const char *label)
{
    labels_add(figure, &last_panel(figure)->shades, from_x, to_x, label);
}

void
gw_figure_add_stop(struct gw_figure *figure, double from_x, double to_x, const char *label)
{
    struct gw_figure_labels *shades = &last_panel(figure)->shades;
    size_t before = shades->count;

    labels_add(figure, shades, from_x, to_x, label);
    if (shades->count > before) {
        shades->items[before].stop = true;
    }
}

void
gw_figure_add_note(struct gw_figure *figure, double x, double y, const char *text)
{
    labels_add(figure, &last_panel(figure)->notes, x, y, text);
}

void
gw_figure_set_x_range(struct gw_figure *figure, double least, double most)
{
    figure->x_least = least;
    figure->x_most = most;
}

void
gw_figure_set_y_range(struct gw_figure *figure, double least, double most)
{
    last_panel(figure)->y_least = least;
    last_panel(figure)->y_most = most;
}

void
gw_figure_set_heading(struct gw_figure *figure, const char *heading)
{
    free(last_panel(figure)->heading);
    last_panel(figure)->heading = copy_text(figure, heading);
}

void
gw_figure_set_x_log(struct gw_figure *figure, double base)
{
    figure->x_log = base;
}

void
gw_figure_set_y_log(struct gw_figure *figure, double base)
{
    last_panel(figure)->y_log = base;
}

void
gw_figure_add_x_tic(struct gw_figure *figure, double x, const char *label)
{
    labels_add(figure, &figure->x_tics, x, 0.0, label);
}

void
gw_figure_add_y_tic(struct gw_figure *figure, double y, const char *label)
{
    labels_add(figure, &last_panel(figure)->y_tics, y, 0.0, label);
}

void
gw_figure_set_caption(struct gw_figure *figure, const char *caption)
{
    free(figure->caption);
    figure->caption = copy_text(figure, caption);
}

void
gw_figure_set_columns(struct gw_figure *figure, size_t columns)
{
    gw_assert(columns > 0);
    figure->columns = columns;
}

void
gw_figure_set_colour_label(struct gw_figure *figure, const char *label)
{
    free(figure->colour_label);
    figure->colour_label = copy_text(figure, label);
}

void
gw_figure_set_square(struct gw_figure *figure)
{
    figure->square = true;
}

static bool
word_format(const char *word, size_t length, unsigned *formats)
{
    static const struct {
        const char *word;
        enum gw_figure_format format;
    } rows[] = {{"svg", GW_FIGURE_SVG},
                {"png", GW_FIGURE_PNG},
                {"pdf", GW_FIGURE_PDF},
                {"dumb", GW_FIGURE_DUMB}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strlen(rows[i].word) == length && strncmp(rows[i].word, word, length) == 0) {
            *formats |= (unsigned)rows[i].format;
            return true;
        }
    }
    return false;
}

bool
gw_figure_formats_parse(const char *words, unsigned *formats, struct gw_error *err)
{
    const char *word = words;

    *formats = 0;
    for (;;) {
        size_t length = strcspn(word, ",");
        if (!word_format(word, length, formats)) {
            return gw_fail(err, GW_EINVAL,
                           "unknown picture format '%.*s': wanted svg, png, pdf or dumb",
                           (int)length, word);
        }
        if (word[length] == '\0') {
            return true;
        }
        word += length + 1;
    }
}

/* The name goes into a script and onto a command line: nothing but harmless letters. */
static bool
check_name(const char *name, struct gw_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";

    if (name[0] == '\0' || name[0] == '-' || name[0] == '.' ||
        name[strspn(name, allowed)] != '\0' || strlen(name) > 200) {
        return gw_fail(err, GW_EINVAL, "figure name '%s': wanted letters, digits, '-', '_' and '.'",
                       name);
    }
    return true;
}

static bool
write_file(const char *directory, const char *name, const char *suffix, struct gw_text *content,
           struct gw_error *err)
{
    char path[4096];
    char *bytes = gw_text_take(content);

    if (bytes == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for figure %s", name);
    }
    int length = snprintf(path, sizeof path, "%s/%s.%s", directory, name, suffix);
    if (length < 0 || (size_t)length >= sizeof path) {
        free(bytes);
        return gw_fail(err, GW_EINVAL, "%s: the path is too long", directory);
    }
    FILE *file = fopen(path, "w");
    bool ok = file != NULL && fputs(bytes, file) >= 0;
    ok = file != NULL && fclose(file) == 0 && ok;
    free(bytes);
    return ok || gw_fail(err, GW_EIO, "%s: %s", path, strerror(errno));
}

/* Title and text for readers of the screen, in place of gnuplot's own. */
static bool
describe_svg(const struct gw_figure *figure, const char *directory, const char *name,
             struct gw_error *err)
{
    char path[4096];
    char *words = gw_figure_alt_text(figure);

    snprintf(path, sizeof path, "%s/%s.svg", directory, name);
    bool ok = words != NULL || gw_fail(err, GW_ENOMEM, "out of memory for figure %s", name);
    ok = ok && gw_svg_describe(path, figure->title, words, err);
    free(words);
    return ok;
}

bool
gw_figure_write(const struct gw_figure *figure, const char *directory, const char *name,
                unsigned formats, struct gw_error *err)
{
    struct gw_text script = {0};
    struct gw_text data = {0};

    if (!check_name(name, err)) {
        return false;
    }
    if (figure->failed) {
        return gw_fail(err, GW_ENOMEM, "out of memory for figure %s", name);
    }
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        return gw_fail(err, GW_EIO, "%s: %s", directory, strerror(errno));
    }
    gw_figure_print_script(figure, name, &script);
    gw_figure_print_data(figure, &data);
    bool ok = write_file(directory, name, "gp", &script, err);
    ok = ok && write_file(directory, name, "tsv", &data, err);
    gw_text_clear(&script);
    gw_text_clear(&data);
    ok = ok && gw_gnuplot_run(directory, name, formats, err);
    return ok &&
           ((formats & (unsigned)GW_FIGURE_SVG) == 0 || describe_svg(figure, directory, name, err));
}
