/* figure_page.h - where everything of a figure stands on its page, for figure*.c only.
 *
 * In pixels of the SVG from the top left; the other formats have the same page, scaled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURE_PAGE_H
#define GW_FIGURE_PAGE_H

#include "results/figure_shared.h"

enum {
    GW_FIGURE_RIGHT_COLOURS = 128, /* with a scale of colours */
    GW_FIGURE_TITLE_HEIGHT = 38,
    GW_FIGURE_CAPTION_HEIGHT = 16,
    GW_FIGURE_LEGEND_HEIGHT = 19,
    GW_FIGURE_STRIP_HEIGHT = 17, /* names of phases */
    GW_FIGURE_HEADING_HEIGHT = 22,
    GW_FIGURE_CAPTION_LINES_MOST = 4,
    GW_FIGURE_TITLE_LETTER_WIDTH = 9,
    GW_FIGURE_CAPTION_LETTERS = 106, /* in a line of the usual width */
    GW_FIGURE_LETTER_WIDTH = 7,      /* of a text of the usual size */
    GW_FIGURE_SAMPLE_WIDTH = 30,     /* of a line in the legend */
    GW_FIGURE_ENTRIES_MOST = 32
};

struct gw_figure_box {
    double left, right, top, bottom;
};

struct gw_figure_page {
    const struct gw_figure *figure;
    const char *name;
    int width, height;
    double left; /* of the first panel of a row */
    bool grid;
    size_t rows;
    double x_least, x_most; /* shown */
    double slant;           /* height that slanted names of the x axis need; 0: they fit */
    const char *lines[GW_FIGURE_CAPTION_LINES_MOST];
    size_t line_bytes[GW_FIGURE_CAPTION_LINES_MOST];
    size_t line_count;
    struct gw_figure_box boxes[GW_FIGURE_PANELS_MOST];
    double legend_top[GW_FIGURE_PANELS_MOST];
};

/* Legends are laid out here and not by gnuplot, whose columns differ between its terminals. */
struct gw_figure_entries {
    const struct gw_figure_curve *items[GW_FIGURE_ENTRIES_MOST];
    double x[GW_FIGURE_ENTRIES_MOST]; /* pixels */
    size_t line[GW_FIGURE_ENTRIES_MOST];
    size_t count, lines;
};

void gw_figure_lay_out(struct gw_figure_page *page, const struct gw_figure *figure,
                       const char *name);
/* The legend of a panel; of a grid the first panel has one for all. */
void gw_figure_lay_out_legend(const struct gw_figure_page *page, size_t index,
                              struct gw_figure_entries *entries);
/* How many bytes of a text fit into a line of so many letters, up to a space where there is one. */
size_t gw_figure_line_bytes(const char *text, size_t letters_most);
/* Share of the width at which an x lies. */
double gw_figure_place(const struct gw_figure_page *page, double x);
/* Whether a panel has names of stops, or of other phases. */
bool gw_figure_has_stop_or_phase(const struct gw_figure_panel *panel, bool stop);
/* Ends of the y axis where they are set, else the least and the largest y, with 0. */
void gw_figure_extent(const struct gw_figure_panel *panel, double ends[2]);

#endif
