/* figure_shared.h - the inside of a figure, for figure*.c only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURE_SHARED_H
#define GW_FIGURE_SHARED_H

#include "base/text.h"
#include "results/figure.h"

enum { GW_FIGURE_PANELS_MOST = 6 };

struct gw_figure_curve {
    char *legend; /* NULL: none */
    char *style;
    enum gw_figure_kind kind;
    size_t count;
    double *x, *y, *low, *high; /* low is the floor and high the top of a stacked box */
    bool banded;                /* low and high were given */
    double width;               /* of boxes and cells; 0: by the gaps of x */
};

struct gw_figure_label {
    double x, y; /* y: end of a shade, height of a note */
    char *text;
    bool stop; /* a shade in which the guest stands */
};

struct gw_figure_labels {
    struct gw_figure_label *items;
    size_t count;
};

struct gw_figure_panel {
    char *y_label, *heading; /* heading: "" when there is none */
    double share;
    struct gw_figure_curve *curves;
    size_t count;
    struct gw_figure_labels marks, shades, notes, y_tics;
    double y_least, y_most, y_log;
};

struct gw_figure {
    char *title, *x_label, *caption, *colour_label;
    struct gw_figure_panel panels[GW_FIGURE_PANELS_MOST];
    size_t panel_count, columns;
    struct gw_figure_labels x_tics;
    double x_least, x_most, x_log;
    bool square;
    bool failed; /* memory was out */
};

/* A text as data: in single quotes, without control characters. */
void gw_figure_quote(struct gw_text *out, const char *text);
bool gw_figure_has_points(const struct gw_figure_panel *panel);

void gw_figure_print_script(const struct gw_figure *figure, const char *name, struct gw_text *out);
/* The plot command of a panel; its first curve is block first_index of the data file. */
void gw_figure_print_plot(const struct gw_figure_panel *panel, const char *name, size_t first_index,
                          struct gw_text *out);
void gw_figure_print_data(const struct gw_figure *figure, struct gw_text *out);

#endif
