/* figure_shared.h - the inside of a figure, for figure.c and figure_script.c only.
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
};

struct gw_figure_label {
    double x, y; /* y: end of a shade, height of a note */
    char *text;
};

struct gw_figure_labels {
    struct gw_figure_label *items;
    size_t count;
};

struct gw_figure_panel {
    char *y_label;
    double share;
    struct gw_figure_curve *curves;
    size_t count;
    struct gw_figure_labels marks, shades, notes;
    double y_least, y_most, y_log;
};

struct gw_figure {
    char *title, *x_label, *caption;
    struct gw_figure_panel panels[GW_FIGURE_PANELS_MOST];
    size_t panel_count;
    struct gw_figure_labels x_tics;
    double x_least, x_most, x_log;
    bool square;
    bool failed; /* memory was out */
};

void gw_figure_print_script(const struct gw_figure *figure, const char *name, struct gw_text *out);
void gw_figure_print_data(const struct gw_figure *figure, struct gw_text *out);

#endif
