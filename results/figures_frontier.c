/* figures_frontier.c - the map of a search: who converges where, who is fastest where.
 *
 * Idea      Values of the other axes are places in a row, named by what the sweep wrote, whatever
 *           their units. A boundary above the range is drawn at its upper edge, one below it at its
 *           lower edge; the caption says so. Fields reach half way to the next value that was tried.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/figures_frontier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/result.h"
#include "results/style.h"

enum { PLACES_MOST = 64, PANELS_MOST = 6, HEADING_BYTES = 160, OVER_BYTES = 160 };

/* ---- what was found -------------------------------------------------------------------------------- */

double
gw_frontier_common_value(const struct gw_frontier_rule *rule, size_t index)
{
    return rule->value_of(rule->self, (double)index / (double)(rule->values - 1));
}

const struct gw_frontier_probe *
gw_frontier_probe_at(const struct gw_frontier *frontier, double value)
{
    for (size_t i = 0; i < frontier->count; i++) {
        double other = frontier->probes[i].value;

        if (!(other < value) && !(other > value)) {
            return &frontier->probes[i];
        }
    }
    return NULL;
}

static bool
same_place(const struct gw_frontier_row *a, const struct gw_frontier_row *b)
{
    return strcmp(a->axis[0], b->axis[0]) == 0 && strcmp(a->axis[1], b->axis[1]) == 0;
}

const struct gw_frontier_row *
gw_frontier_fastest(const struct gw_frontier_map *map, const struct gw_frontier_row *row,
                    double value, size_t *good)
{
    const struct gw_frontier_row *fastest = NULL;
    double least = (double)INFINITY;

    *good = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct gw_frontier_probe *probe = gw_frontier_probe_at(&map->rows[i].frontier, value);

        if (!same_place(&map->rows[i], row) || probe == NULL ||
            probe->verdict != GW_FRONTIER_GOOD) {
            continue;
        }
        ++*good;
        if (probe->cost < least) {
            least = probe->cost;
            fastest = &map->rows[i];
        }
    }
    return fastest;
}

/* ---- places and panels ----------------------------------------------------------------------------- */

struct words {
    const char *items[PLACES_MOST];
    size_t count;
};

/* Number of a word in the order of first sight; it is added when it is new and there is room. */
static size_t
number_of(struct words *words, const char *word)
{
    size_t i = 0;

    while (i < words->count && strcmp(words->items[i], word) != 0) {
        i++;
    }
    if (i == words->count && i < PLACES_MOST) {
        words->items[words->count++] = word;
    }
    return i;
}

struct canvas {
    const struct gw_frontier_map *map;
    struct gw_figure *figure;
    struct words places, panels, architectures;
    double from, to;
};

static void
add_tic(const struct canvas *canvas, double value)
{
    char text[24];

    snprintf(text, sizeof text, "%.4g", value);
    gw_figure_add_y_tic(canvas->figure, value, text);
}

/* Both ends of the range, and the powers of ten that are not too near to them. */
static void
add_tics(const struct canvas *canvas)
{
    add_tic(canvas, canvas->from);
    add_tic(canvas, canvas->to);
    int last = (int)floor(log10(canvas->to));
    for (int exponent = (int)ceil(log10(canvas->from)); exponent <= last; exponent++) {
        double power = pow(10.0, exponent);

        if (power > 1.5 * canvas->from && power < canvas->to / 1.5) {
            add_tic(canvas, power);
        }
    }
}

static void
set_axes(const struct canvas *canvas)
{
    if (canvas->map->is_log) {
        gw_figure_set_y_log(canvas->figure, 10.0);
        add_tics(canvas);
    }
    gw_figure_set_y_range(canvas->figure, canvas->from, canvas->to);
}

static bool
begin(struct canvas *canvas, const struct gw_frontier_map *map, const char *title)
{
    const struct gw_frontier_rule *rule = map->rule;

    *canvas = (struct canvas){.map = map};
    for (size_t i = 0; i < map->count; i++) {
        number_of(&canvas->places, map->rows[i].axis[0]);
        number_of(&canvas->panels, map->rows[i].axis[1]);
        number_of(&canvas->architectures, map->rows[i].architecture);
    }
    canvas->from = rule->value_of(rule->self, 0.0);
    canvas->to = rule->value_of(rule->self, 1.0);
    canvas->panels.count =
        canvas->panels.count < PANELS_MOST ? canvas->panels.count : (size_t)PANELS_MOST;
    char over[OVER_BYTES];
    snprintf(over, sizeof over, map->unit == NULL ? "%s" : "%s (%s)", map->over,
             map->unit == NULL ? "" : map->unit);
    canvas->figure = gw_figure_create(title, map->axis[0] == NULL ? "" : map->axis[0], over);
    if (canvas->figure == NULL) {
        return false;
    }
    gw_figure_set_columns(canvas->figure, canvas->panels.count < 2   ? 1
                                          : canvas->panels.count > 4 ? 3
                                                                     : 2);
    gw_figure_set_x_range(canvas->figure, 0.5, (double)canvas->places.count + 0.5);
    for (size_t i = 0; i < canvas->places.count; i++) {
        gw_figure_add_x_tic(canvas->figure, (double)i + 1.0, canvas->places.items[i]);
    }
    return true;
}

/* Goes on to a panel; the first one is there already. */
static void
turn_to(const struct canvas *canvas, size_t panel)
{
    char heading[HEADING_BYTES];

    if (panel > 0) {
        gw_figure_add_panel(canvas->figure, canvas->map->over, 1.0);
    }
    set_axes(canvas);
    if (canvas->map->axis[1] != NULL) {
        snprintf(heading, sizeof heading, "%s = %s", gw_result_short_name(canvas->map->axis[1]),
                 canvas->panels.items[panel]);
        gw_figure_set_heading(canvas->figure, heading);
    }
}

/* ---- lines ----------------------------------------------------------------------------------------- */

struct line {
    double x[PLACES_MOST], y[PLACES_MOST], low[PLACES_MOST], high[PLACES_MOST];
};

static void
set_point(const struct canvas *canvas, const struct gw_frontier_row *row, struct line *line,
          size_t at)
{
    struct gw_frontier_bracket bracket;

    gw_frontier_bracket(&row->frontier, &bracket);
    line->low[at] = bracket.low == NULL ? canvas->from : bracket.low->value;
    line->high[at] = bracket.high == NULL ? canvas->to : bracket.high->value;
    line->y[at] = bracket.middle;
    if (bracket.end == GW_FRONTIER_ALWAYS) {
        line->y[at] = line->low[at] = canvas->to;
    }
    if (bracket.end == GW_FRONTIER_NEVER) {
        line->y[at] = line->high[at] = canvas->from;
    }
}

static void
add_line(struct canvas *canvas, size_t panel, const char *architecture)
{
    const struct gw_frontier_map *map = canvas->map;
    struct line line;
    struct gw_figure_series series = {.style = architecture,
                                      .kind = GW_FIGURE_LINESPOINTS,
                                      .count = canvas->places.count,
                                      .x = line.x,
                                      .y = line.y,
                                      .low = line.low,
                                      .high = line.high};

    for (size_t i = 0; i < canvas->places.count; i++) {
        line.x[i] = (double)i + 1.0;
        line.y[i] = line.low[i] = line.high[i] = (double)NAN;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct gw_frontier_row *row = &map->rows[i];
        size_t at = number_of(&canvas->places, row->axis[0]);

        if (strcmp(row->architecture, architecture) == 0 && at < PLACES_MOST &&
            number_of(&canvas->panels, row->axis[1]) == panel) {
            set_point(canvas, row, &line, at);
        }
    }
    series.legend = gw_style_label(architecture);
    gw_figure_add_series(canvas->figure, &series);
}

static void
set_caption(const struct canvas *canvas, const char *what)
{
    const struct gw_frontier_rule *rule = canvas->map->rule;
    char caption[300];

    snprintf(caption, sizeof caption, "%s: %s, %zu to %zu runs a value, confidence %g %%",
             canvas->map->scenario, what, rule->replications, rule->replications_most,
             100.0 * rule->confidence);
    gw_figure_set_caption(canvas->figure, caption);
}

struct gw_figure *
gw_figure_frontier(const struct gw_frontier_map *map)
{
    struct canvas canvas;

    if (!begin(&canvas, map, "Up to where it converges")) {
        return NULL;
    }
    for (size_t panel = 0; panel < canvas.panels.count; panel++) {
        turn_to(&canvas, panel);
        for (size_t i = 0; i < canvas.architectures.count; i++) {
            add_line(&canvas, panel, canvas.architectures.items[i]);
        }
    }
    set_caption(&canvas, "upper edge: it converges in the whole range, lower edge: nowhere");
    return canvas.figure;
}

/* ---- fields ---------------------------------------------------------------------------------------- */

/* Where the field of a value that was tried everywhere ends. */
static double
edge_between(const struct canvas *canvas, size_t lower, size_t upper)
{
    double low = gw_frontier_common_value(canvas->map->rule, lower);
    double high = gw_frontier_common_value(canvas->map->rule, upper);

    return canvas->map->is_log ? sqrt(low * high) : (low + high) / 2.0;
}

static void
add_field(const struct canvas *canvas, size_t place, size_t value, const char *architecture,
          bool is_first)
{
    size_t last = canvas->map->rule->values - 1;
    double x = (double)place + 1.0;
    double bottom = edge_between(canvas, value == 0 ? 0 : value - 1, value);
    double top = edge_between(canvas, value, value == last ? last : value + 1);

    gw_figure_add_series(canvas->figure,
                         &(struct gw_figure_series){
                             .legend = is_first ? gw_style_label(architecture) : NULL,
                             .style = architecture,
                             .kind = GW_FIGURE_BOXES,
                             .count = 1,
                             .x = &x,
                             .y = &top,
                             .low = &bottom,
                             .high = &top,
                             .width = 1.0,
                         });
}

static const struct gw_frontier_row *
row_at(struct canvas *canvas, size_t panel, size_t place)
{
    for (size_t i = 0; i < canvas->map->count; i++) {
        const struct gw_frontier_row *row = &canvas->map->rows[i];

        if (number_of(&canvas->places, row->axis[0]) == place &&
            number_of(&canvas->panels, row->axis[1]) == panel) {
            return row;
        }
    }
    return NULL;
}

static void
fill_panel(struct canvas *canvas, size_t panel, bool seen[PLACES_MOST])
{
    for (size_t place = 0; place < canvas->places.count; place++) {
        const struct gw_frontier_row *row = row_at(canvas, panel, place);

        for (size_t k = 0; row != NULL && k < canvas->map->rule->values; k++) {
            size_t good;
            const struct gw_frontier_row *fastest = gw_frontier_fastest(
                canvas->map, row, gw_frontier_common_value(canvas->map->rule, k), &good);

            if (fastest != NULL) {
                size_t which = number_of(&canvas->architectures, fastest->architecture);

                add_field(canvas, place, k, fastest->architecture, !seen[which]);
                seen[which] = true;
            }
        }
    }
}

struct gw_figure *
gw_figure_fastest(const struct gw_frontier_map *map)
{
    bool seen[PLACES_MOST] = {false};
    struct canvas canvas;

    if (!begin(&canvas, map, "Who is fastest of those that converge")) {
        return NULL;
    }
    for (size_t panel = 0; panel < canvas.panels.count; panel++) {
        turn_to(&canvas, panel);
        fill_panel(&canvas, panel, seen);
    }
    set_caption(&canvas, "least mean migration time; white: none converges for sure");
    return canvas.figure;
}
