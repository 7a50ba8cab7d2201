/* figure.h - a figure as data: panels of series with their marks, whatever draws it.
 *
 * Made of calls in this order: create, then for each panel its series and options, then
 * gw_figure_write. Options apply to the panel that was begun last; create begins the first. All
 * texts and arrays are copied. A call that runs out of memory is remembered: gw_figure_write
 * reports it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURE_H
#define GW_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum gw_figure_kind {
    GW_FIGURE_LINES,
    GW_FIGURE_LINESPOINTS, /* with error bars where low and high are given */
    GW_FIGURE_STEPS,
    GW_FIGURE_BOXES, /* stacked on the boxes added before it in the panel, at the same x; where low
                        and high are given, from low to high */
    GW_FIGURE_IMPULSES,
    GW_FIGURE_POINTS,
    GW_FIGURE_CROSSES, /* points that are crosses whatever the style: something is missing here */
    GW_FIGURE_FILLED,  /* from 0 to y, or the band from low to high */
    GW_FIGURE_CELLS    /* a row of a map: y is a colour, low and high are the edges of the row */
};

struct gw_figure_series {
    const char *legend; /* NULL: none */
    const char *style;  /* architecture name or a key of style.h: colour, dash and marker */
    enum gw_figure_kind kind;
    size_t count;
    const double *x, *y;      /* NAN in y is a gap */
    const double *low, *high; /* both or none */
    double width;             /* of boxes and cells; 0: by the gaps of x */
};

struct gw_figure;

/* NULL when memory is out. */
struct gw_figure *gw_figure_create(const char *title, const char *x_label, const char *y_label);
void gw_figure_destroy(struct gw_figure *figure);

/* Begins a further panel below, sharing x; `share` is its height in parts of the first panel's. */
void gw_figure_add_panel(struct gw_figure *figure, const char *y_label, double share);
void gw_figure_add_series(struct gw_figure *figure, const struct gw_figure_series *series);
/* A vertical line with a text. */
void gw_figure_add_mark(struct gw_figure *figure, double x, const char *label);
/* A shaded span of x with a text: a phase. */
void gw_figure_add_shade(struct gw_figure *figure, double from_x, double to_x, const char *label);
/* A span in which the guest stands: darker, and with a line, so that a short one is seen. */
void gw_figure_add_stop(struct gw_figure *figure, double from_x, double to_x, const char *label);
/* A text at a place in the panel: "Failed". */
void gw_figure_add_note(struct gw_figure *figure, double x, double y, const char *text);

/* Of all panels, as they share x. NAN leaves an end to the data. */
void gw_figure_set_x_range(struct gw_figure *figure, double least, double most);
void gw_figure_set_y_range(struct gw_figure *figure, double least, double most);
/* A text above the panel that was begun last: "OIO 16". */
void gw_figure_set_heading(struct gw_figure *figure, const char *heading);
void gw_figure_set_x_log(struct gw_figure *figure, double base);
void gw_figure_set_y_log(struct gw_figure *figure, double base);
/* A named tic; with the first one, the automatic tics go. */
void gw_figure_add_x_tic(struct gw_figure *figure, double x, const char *label);
/* The same of the y axis of the panel that was begun last. */
void gw_figure_add_y_tic(struct gw_figure *figure, double y, const char *label);
/* Panels side by side, row by row; 1 when it is not called. They should share y as well. */
void gw_figure_set_columns(struct gw_figure *figure, size_t columns);
/* What the colours of cells mean. */
void gw_figure_set_colour_label(struct gw_figure *figure, const char *label);
/* As high as wide, for figures whose axes are of one kind. */
void gw_figure_set_square(struct gw_figure *figure);
/* Small text below the title: n, method, what is left out. */
void gw_figure_set_caption(struct gw_figure *figure, const char *caption);

enum gw_figure_format {
    GW_FIGURE_SVG = 1,
    GW_FIGURE_PNG = 2,
    GW_FIGURE_PDF = 4, /* bytes differ between two runs: it holds a date */
    GW_FIGURE_DUMB = 8 /* letters, as NAME.txt */
};

/* "svg,png" to a set of formats. Errors: GW_EINVAL. */
bool gw_figure_formats_parse(const char *words, unsigned *formats, struct gw_error *err);

/* Writes NAME.gp and NAME.tsv into the directory (made when missing) and draws NAME.svg ... with
 * gnuplot. `name` is letters, digits, '-', '_' and '.'. Errors: GW_EINVAL, GW_EIO (also: gnuplot is
 * missing; script and data are there nevertheless), GW_ENOMEM. */
bool gw_figure_write(const struct gw_figure *figure, const char *directory, const char *name,
                     unsigned formats, struct gw_error *err);

#endif
