/* figure_text.c - says what a figure shows.
 *
 * Idea      A reader who does not see it asks: what over what, from where to where, and who. Names
 *           that stand in several panels are said once; places of the x axis that have names are
 *           said by them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/figure_text.h"

#include <math.h>
#include <string.h>

#include "results/figure_shared.h"

enum { NAMES_MOST = 10 };

const char *
gw_figure_title(const struct gw_figure *figure)
{
    return figure->title;
}

const char *
gw_figure_caption(const struct gw_figure *figure)
{
    return figure->caption;
}

const char *
gw_figure_x_label(const struct gw_figure *figure)
{
    return figure->x_label;
}

const char *
gw_figure_x_name(const struct gw_figure *figure, double x)
{
    for (size_t i = 0; i < figure->x_tics.count; i++) {
        double tic = figure->x_tics.items[i].x;

        if (!(tic < x) && !(tic > x)) {
            return figure->x_tics.items[i].text;
        }
    }
    return NULL;
}

bool
gw_figure_each_series(const struct gw_figure *figure,
                      bool (*visit)(void *self, const struct gw_figure_rows *rows), void *self)
{
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];

        for (size_t k = 0; k < panel->count; k++) {
            const struct gw_figure_curve *curve = &panel->curves[k];
            struct gw_figure_rows rows = {
                .panel = i,
                .heading = panel->heading,
                .y_label = panel->y_label,
                .legend = curve->legend,
                .style = curve->style,
                .kind = curve->kind,
                .count = curve->count,
                .x = curve->x,
                .y = curve->y,
                .low = curve->banded ? curve->low : NULL,
                .high = curve->banded ? curve->high : NULL,
            };
            if (!visit(self, &rows)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- the sentence ---------------------------------------------------------------------------------- */

struct range {
    double least, most;
};

static void
widen(struct range *range, double value)
{
    range->least = isfinite(value) ? fmin(range->least, value) : range->least;
    range->most = isfinite(value) ? fmax(range->most, value) : range->most;
}

static void
find_ranges(const struct gw_figure_panel *panel, struct range *x, struct range *y)
{
    for (size_t k = 0; k < panel->count; k++) {
        const struct gw_figure_curve *curve = &panel->curves[k];

        for (size_t i = 0; i < curve->count; i++) {
            if (isfinite(curve->y[i])) {
                widen(x, curve->x[i]);
                widen(y, curve->y[i]);
            }
        }
    }
}

static void
print_range(const struct range *range, struct gw_text *out)
{
    if (range->least <= range->most) {
        gw_text_format(out, " from %.4g to %.4g", range->least, range->most);
    }
}

struct names {
    const char *items[NAMES_MOST];
    size_t count, more;
};

static void
note_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return;
        }
    }
    if (names->count == NAMES_MOST) {
        names->more++;
        return;
    }
    names->items[names->count++] = name;
}

static bool
note_legend(void *self, const struct gw_figure_rows *rows)
{
    if (rows->legend != NULL) {
        note_name(self, rows->legend);
    }
    return true;
}

static void
print_names(const struct names *names, struct gw_text *out)
{
    for (size_t i = 0; i < names->count; i++) {
        bool is_last = i + 1 == names->count && names->more == 0;

        gw_text_add(out, i == 0 ? "" : is_last ? " and " : ", ");
        gw_text_add(out, names->items[i]);
    }
    if (names->more > 0) {
        gw_text_add(out, " and others");
    }
}

/* "Migration Time (s) from 356 to 540"; panels with headings and one label are said together. */
static void
print_panels(const struct gw_figure *figure, struct range *x, struct gw_text *out)
{
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];
        struct range y = {INFINITY, -INFINITY};

        find_ranges(panel, x, &y);
        gw_text_add(out, i == 0 ? ": " : ", ");
        gw_text_add(out, panel->y_label);
        if (panel->heading[0] != '\0') {
            gw_text_format(out, " (%s)", panel->heading);
        }
        print_range(&y, out);
    }
}

char *
gw_figure_alt_text(const struct gw_figure *figure)
{
    struct gw_text out = {0};
    struct range x = {INFINITY, -INFINITY};
    struct names curves = {0};
    struct names places = {0};

    if (figure->failed) {
        return NULL;
    }
    gw_text_add(&out, figure->title);
    print_panels(figure, &x, &out);
    for (size_t i = 0; i < figure->x_tics.count; i++) {
        note_name(&places, figure->x_tics.items[i].text);
    }
    if (figure->x_label[0] != '\0') {
        gw_text_format(&out, "; over %s", figure->x_label);
        print_range(&x, &out);
    } else if (places.count > 0) {
        gw_text_add(&out, "; of ");
        print_names(&places, &out);
    }
    gw_figure_each_series(figure, note_legend, &curves);
    if (curves.count > 0) {
        gw_text_add(&out, "; for ");
        print_names(&curves, &out);
    }
    return gw_text_take(&out);
}
