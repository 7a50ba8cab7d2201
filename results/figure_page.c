/* figure_page.c - lays a figure out: heights from what stands above each panel, legends in lines.
 *
 * Idea      A panel keeps its height; the page grows by its title, caption, legends, headings and names
 *           of phases. Widths of texts are guessed from their letters, on the safe side.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/figure_page.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

enum {
    WIDTH = 800,
    WIDTH_SQUARE = 640,
    WIDTH_THREE = 1000, /* of three panels side by side */
    LEFT = 80,
    LEFT_MOST = 260, /* with names on the y axis */
    LABEL_AND_GAPS = 42,
    DIGIT_WIDTH = 9,
    RIGHT = 24,
    COLUMN_GAP = 22,
    PANEL_GAP = 16,
    FOOT_HEIGHT = 60,
    PLOT_ALONE = 320,
    PLOT_STACKED = 190,
    PLOT_GRID = 200,
};

size_t
gw_figure_line_bytes(const char *text, size_t letters_most)
{
    size_t letters = 0;
    size_t end = 0;
    size_t space = 0;

    while (text[end] != '\0' && letters <= letters_most) {
        space = text[end] == ' ' ? end : space;
        letters += !gw_utf8_continues(text[++end]);
    }
    return text[end] == '\0' || space == 0 ? end : space;
}

static void
break_caption(struct gw_figure_page *page)
{
    const char *rest = page->figure->caption;
    size_t letters = (size_t)(GW_FIGURE_CAPTION_LETTERS * page->width / WIDTH);

    while (*rest != '\0' && page->line_count < GW_FIGURE_CAPTION_LINES_MOST) {
        size_t bytes = gw_figure_line_bytes(rest, letters);
        page->lines[page->line_count] = rest;
        page->line_bytes[page->line_count++] = bytes;
        rest += bytes + strspn(rest + bytes, " ");
    }
}

static void
find_extent(struct gw_figure_page *page)
{
    const struct gw_figure *figure = page->figure;
    double least = INFINITY;
    double most = -INFINITY;

    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];
        for (size_t k = 0; k < panel->count; k++) {
            for (size_t row = 0; row < panel->curves[k].count; row++) {
                least = fmin(least, panel->curves[k].x[row]);
                most = fmax(most, panel->curves[k].x[row]);
            }
        }
    }
    page->x_least = isfinite(figure->x_least) ? figure->x_least : least;
    page->x_most = isfinite(figure->x_most) ? figure->x_most : most;
}

/* Share of the width at which an x lies. */
double
gw_figure_place(const struct gw_figure_page *page, double x)
{
    double least = page->x_least;
    double most = page->x_most;

    if (page->figure->x_log > 0.0 && least > 0.0 && x > 0.0) {
        return log(x / least) / log(most / least);
    }
    return (x - least) / (most - least);
}

static void
note_entry(struct gw_figure_entries *entries, const struct gw_figure_curve *curve)
{
    bool known = curve->legend == NULL || entries->count == GW_FIGURE_ENTRIES_MOST;

    for (size_t i = 0; !known && i < entries->count; i++) {
        known = strcmp(entries->items[i]->legend, curve->legend) == 0;
    }
    if (!known) {
        entries->items[entries->count++] = curve;
    }
}

/* The legend of a panel; of a grid there is one, which names what is drawn in any of its panels. */
void
gw_figure_lay_out_legend(const struct gw_figure_page *page, size_t index,
                         struct gw_figure_entries *entries)
{
    const struct gw_figure *figure = page->figure;
    double x = page->left;

    *entries = (struct gw_figure_entries){0};
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];
        bool mine = page->grid ? index == 0 : i == index;
        for (size_t k = 0; mine && k < panel->count; k++) {
            note_entry(entries, &panel->curves[k]);
        }
    }
    for (size_t i = 0; i < entries->count; i++) {
        double width = GW_FIGURE_SAMPLE_WIDTH + 8.0 +
                       GW_FIGURE_LETTER_WIDTH * (double)gw_utf8_count(entries->items[i]->legend);
        bool fits = x + width < page->width - 8.0;
        entries->lines += i == 0 || !fits;
        x = fits ? x : page->left;
        entries->x[i] = x;
        entries->line[i] = entries->lines - 1;
        x += width + 20.0;
    }
}

bool
gw_figure_has_stop_or_phase(const struct gw_figure_panel *panel, bool stop)
{
    for (size_t i = 0; i < panel->shades.count; i++) {
        if (panel->shades.items[i].stop == stop && panel->shades.items[i].text[0] != '\0') {
            return true;
        }
    }
    return false;
}

static double
space_above(const struct gw_figure_page *page, size_t index)
{
    const struct gw_figure_panel *panel = &page->figure->panels[index];
    struct gw_figure_entries entries;

    gw_figure_lay_out_legend(page, index, &entries);
    double space = (double)(GW_FIGURE_LEGEND_HEIGHT * entries.lines);
    space += gw_figure_has_stop_or_phase(panel, false) ? GW_FIGURE_STRIP_HEIGHT : 0.0;
    if (panel->heading[0] != '\0') {
        space += GW_FIGURE_HEADING_HEIGHT; /* and names of stops beside it */
    } else if (gw_figure_has_stop_or_phase(panel, true)) {
        space += GW_FIGURE_STRIP_HEIGHT;
    }
    return space + (index == 0 ? 4.0 : 0.0);
}

static double
plot_height(const struct gw_figure_page *page, size_t index)
{
    const struct gw_figure *figure = page->figure;

    if (figure->square) {
        return WIDTH_SQUARE - LEFT - RIGHT;
    }
    if (page->grid) {
        return PLOT_GRID;
    }
    return (figure->panel_count == 1 ? PLOT_ALONE : PLOT_STACKED) * figure->panels[index].share;
}

void
gw_figure_extent(const struct gw_figure_panel *panel, double ends[2])
{
    double least = 0.0;
    double most = 0.0;

    for (size_t i = 0; i < panel->count; i++) {
        const struct gw_figure_curve *curve = &panel->curves[i];
        for (size_t row = 0; curve->kind != GW_FIGURE_CELLS && row < curve->count; row++) {
            least = fmin(least, curve->y[row]);
            most = fmax(most, curve->y[row]);
        }
    }
    ends[0] = isfinite(panel->y_least) ? panel->y_least : least;
    ends[1] = isfinite(panel->y_most) ? panel->y_most : most;
}

/* Digits of the largest number that gnuplot puts beside the y axis. */
static size_t
digits_of(const struct gw_figure_panel *panel)
{
    double ends[2];

    gw_figure_extent(panel, ends);
    double most = fmax(ends[1], -10.0 * ends[0]); /* a minus is as wide as a digit */
    return most < 1e6 && most >= 1.0 ? 1 + (size_t)log10(most) : 1;
}

/* Room for the label of the y axis and the longest name or number beside it. */
static double
left_of(const struct gw_figure *figure)
{
    double widest = LEFT;

    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];
        double label = panel->y_label[0] == '\0' ? 20.0 : LABEL_AND_GAPS;
        double number = panel->y_tics.count > 0 ? 0.0 : DIGIT_WIDTH * (double)digits_of(panel);
        widest = fmax(widest, label + number);
        for (size_t k = 0; k < panel->y_tics.count; k++) {
            size_t letters = gw_utf8_count(panel->y_tics.items[k].text);
            widest = fmax(widest, label + GW_FIGURE_LETTER_WIDTH * (double)letters);
        }
    }
    return fmin(widest, LEFT_MOST);
}

static void
lay_out_row(struct gw_figure_page *page, size_t row, double *top)
{
    const struct gw_figure *figure = page->figure;
    size_t first = row * figure->columns;
    double space = 0.0;
    double right =
        page->width - (figure->colour_label[0] == '\0' ? RIGHT : GW_FIGURE_RIGHT_COLOURS);
    double width = (right - page->left - COLUMN_GAP * ((double)figure->columns - 1.0)) /
                   (double)figure->columns;

    for (size_t i = first; i < first + figure->columns && i < figure->panel_count; i++) {
        space = fmax(space, space_above(page, i));
    }
    for (size_t i = first; i < first + figure->columns && i < figure->panel_count; i++) {
        double left = page->left + (double)(i - first) * (width + COLUMN_GAP);
        page->legend_top[i] = *top;
        page->boxes[i] = (struct gw_figure_box){left, left + width, *top + space,
                                                *top + space + plot_height(page, i)};
    }
    *top = page->boxes[first].bottom + PANEL_GAP;
}

/* Names that would run into each other are slanted by 30 degrees. */
static double
slant_of(const struct gw_figure_page *page)
{
    const struct gw_figure_labels *tics = &page->figure->x_tics;
    double width = page->boxes[0].right - page->boxes[0].left;
    double needed = 0.0;
    bool fit = true;

    for (size_t i = 0; i < tics->count; i++) {
        double own = GW_FIGURE_LETTER_WIDTH * (double)gw_utf8_count(tics->items[i].text);
        needed = fmax(needed, own);
        if (i > 0) {
            double other = GW_FIGURE_LETTER_WIDTH * (double)gw_utf8_count(tics->items[i - 1].text);
            double gap = width * fabs(gw_figure_place(page, tics->items[i].x) -
                                      gw_figure_place(page, tics->items[i - 1].x));
            fit = fit && (own + other) / 2.0 < gap;
        }
    }
    return fit ? 0.0 : fmin(needed, page->left + 0.5 * width / (double)tics->count) / 2.0;
}

void
gw_figure_lay_out(struct gw_figure_page *page, const struct gw_figure *figure, const char *name)
{
    double top = GW_FIGURE_TITLE_HEIGHT;

    *page = (struct gw_figure_page){.figure = figure, .name = name, .grid = figure->columns > 1};
    page->width = figure->square ? WIDTH_SQUARE : figure->columns > 2 ? WIDTH_THREE : WIDTH;
    page->rows = (figure->panel_count + figure->columns - 1) / figure->columns;
    page->left = left_of(figure);
    break_caption(page);
    find_extent(page);
    top += (double)(GW_FIGURE_CAPTION_HEIGHT * page->line_count) + 6.0;
    for (size_t row = 0; row < page->rows; row++) {
        lay_out_row(page, row, &top);
    }
    page->slant = slant_of(page);
    page->height = (int)(top - PANEL_GAP + page->slant) + FOOT_HEIGHT;
}
