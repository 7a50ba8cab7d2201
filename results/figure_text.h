/* figure_text.h - a figure in words and in rows, for those who do not see the picture.
 *
 * Texts are as they were given: whoever prints them escapes them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURE_TEXT_H
#define GW_FIGURE_TEXT_H

#include "results/figure.h"

const char *gw_figure_title(const struct gw_figure *figure);
const char *gw_figure_caption(const struct gw_figure *figure); /* "": none */
const char *gw_figure_x_label(const struct gw_figure *figure);
/* Name of a place of the x axis that has a named tic: "IO Mirroring"; else NULL. */
const char *gw_figure_x_name(const struct gw_figure *figure, double x);

/* What the picture shows as a sentence, without a full stop: title, axes with their ranges, the
 * names of the curves. The caller frees it; NULL: memory out. */
char *gw_figure_alt_text(const struct gw_figure *figure);

/* One curve as it is drawn; borrowed from the figure. */
struct gw_figure_rows {
    size_t panel;        /* from 0 */
    const char *heading; /* of the panel; "": none */
    const char *y_label;
    const char *legend; /* NULL: none */
    const char *style;
    enum gw_figure_kind kind;
    size_t count;
    const double *x, *y;      /* NAN in y is a gap */
    const double *low, *high; /* the interval; NULL: none */
};

/* Visits all curves in the order of panels until the visitor returns false, and returns what it
 * returned last; true when there are none. */
bool gw_figure_each_series(const struct gw_figure *figure,
                           bool (*visit)(void *self, const struct gw_figure_rows *rows),
                           void *self);

#endif
