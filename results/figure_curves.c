/* figure_curves.c - the curves of a figure: gnuplot's plot command, and the data it reads.
 *
 * Idea      Every series is a block of the .tsv file, addressed by its index; the file also reads as
 *           one long table. Bands lie under lines, lines under markers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>

#include "results/figure_shared.h"
#include "results/style.h"

/* The given width, or seven tenths of the narrowest gap (cells: all of it); 0.7 for a single box. */
static double
box_width(const struct gw_figure_curve *curve)
{
    double share = curve->kind == GW_FIGURE_CELLS ? 1.0 : 0.7;
    double gap = INFINITY;

    if (curve->width > 0.0) {
        return curve->width;
    }
    for (size_t i = 1; i < curve->count; i++) {
        gap = fmin(gap, fabs(curve->x[i] - curve->x[i - 1]));
    }
    return isfinite(gap) && gap > 0.0 ? share * gap : share;
}

/* Cells overlap the next one a little: edges that only touch show as white hairs. */
static void
print_cells(const struct gw_figure_curve *curve, struct gw_text *out)
{
    double width = box_width(curve);

    gw_text_format(out,
                   " using 3:5:($3-%.10g):($3+%.10g):5:6:4 with boxxyerror lc palette fs solid 1"
                   " noborder",
                   width / 2.0, width * 0.52);
}

static void
print_boxes(const struct gw_figure_curve *curve, const struct gw_style *style, struct gw_text *out)
{
    double half = box_width(curve) / 2.0;

    gw_text_format(out,
                   " using 3:6:($3-%.10g):($3+%.10g):5:6 with boxxyerror lc rgb '%s'"
                   " fs solid %.2f border lc rgb '#404040'",
                   half, half, style->colour, style->fill);
}

/* Columns of the data file: panel, series, x, y, low, high. */
static void
print_look(const struct gw_figure_curve *curve, struct gw_text *out)
{
    struct gw_style style = gw_style_of(curve->style);
    const char *dash = gw_style_dash(style.dash);

    switch (curve->kind) {
    case GW_FIGURE_LINES:
        gw_text_format(out, " using 3:4 with lines lc rgb '%s' dt %s lw 2", style.colour, dash);
        break;
    case GW_FIGURE_LINESPOINTS:
        gw_text_format(out, " using 3:4 with linespoints lc rgb '%s' dt %s lw 2 pt %d ps marker",
                       style.colour, dash, style.marker);
        break;
    case GW_FIGURE_STEPS:
        gw_text_format(out, " using 3:4 with steps lc rgb '%s' dt %s lw 2", style.colour, dash);
        break;
    case GW_FIGURE_BOXES:
        print_boxes(curve, &style, out);
        break;
    case GW_FIGURE_IMPULSES:
        gw_text_format(out, " using 3:4 with impulses lc rgb '%s' lw 1.5", style.colour);
        break;
    case GW_FIGURE_POINTS:
        gw_text_format(out, " using 3:4 with points lc rgb '%s' pt %d ps %.1f*marker", style.colour,
                       style.marker, style.marker == 0 ? 0.1 : 1.0);
        break;
    case GW_FIGURE_CROSSES:
        gw_text_format(out, " using 3:4 with points lc rgb '%s' pt 2 ps 1.3*marker lw 2",
                       style.colour);
        break;
    case GW_FIGURE_FILLED:
        gw_text_format(out, " using %s with filledcurves%s lc rgb '%s' fs transparent solid %.2f",
                       curve->banded ? "3:5:6" : "3:4", curve->banded ? "" : " y1=0", style.colour,
                       style.fill < 0.5 ? style.fill : 0.25);
        break;
    case GW_FIGURE_CELLS:
        print_cells(curve, out);
        break;
    }
    if (curve->legend == NULL) {
        gw_text_add(out, " notitle");
        return;
    }
    gw_text_add(out, " title ");
    gw_figure_quote(out, curve->legend);
}

static bool
has_interval(const struct gw_figure_curve *curve)
{
    return curve->banded &&
           (curve->kind == GW_FIGURE_LINESPOINTS || curve->kind == GW_FIGURE_POINTS);
}

bool
gw_figure_has_points(const struct gw_figure_panel *panel)
{
    for (size_t i = 0; i < panel->count; i++) {
        for (size_t k = 0; k < panel->curves[i].count; k++) {
            if (isfinite(panel->curves[i].x[k]) && isfinite(panel->curves[i].y[k])) {
                return true;
            }
        }
    }
    return false;
}

/* The interval of a line is a band; its bars keep that of a point that stands alone. They are
 * vectors, as gnuplot's own error bars wipe out what lies behind their middle. */
static void
print_interval(const struct gw_figure_curve *curve, const char *source, struct gw_text *out)
{
    const char *colour = gw_style_of(curve->style).colour;

    if (curve->kind == GW_FIGURE_LINESPOINTS && curve->count > 1) {
        gw_text_format(out,
                       "%s using 3:5:6 with filledcurves lc rgb '%s' fs transparent solid 0.18"
                       " notitle, \\\n    ",
                       source, colour);
    }
    gw_text_format(out,
                   "%s using 3:5:(0):($6-$5) with vectors heads size screen 0.004,90 nofilled lc"
                   " rgb '%s' lw 1.2 notitle, \\\n    ",
                   source, colour);
}

void
gw_figure_print_plot(const struct gw_figure_panel *panel, const char *name, size_t first_index,
                     struct gw_text *out)
{
    gw_text_add(out, "plot ");
    for (size_t i = 0; i < panel->count; i++) {
        const struct gw_figure_curve *curve = &panel->curves[i];
        char source[300];

        snprintf(source, sizeof source, "'%s.tsv' index %zu", name, first_index + i);
        gw_text_add(out, i == 0 ? "" : ", \\\n    ");
        if (has_interval(curve)) {
            print_interval(curve, source, out);
        }
        gw_text_add(out, source);
        print_look(curve, out);
    }
    gw_text_add(out, panel->count == 0 ? "NaN notitle" : "");
}

/* A quote or a tab inside a legend would break the column. */
static void
print_field(struct gw_text *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        char shown = byte < 32 || byte == 127 || byte == '"' ? ' ' : *text;
        gw_text_add_bytes(out, &shown, 1);
    }
}

static void
print_number(struct gw_text *out, double value)
{
    if (isfinite(value)) {
        gw_text_format(out, "\t%.10g", value);
        return;
    }
    gw_text_add(out, "\tNaN");
}

void
gw_figure_print_data(const struct gw_figure *figure, struct gw_text *out)
{
    gw_text_add(out, "# panel\tseries\tx\ty\tlow\thigh\n");
    for (size_t panel = 0; panel < figure->panel_count; panel++) {
        for (size_t k = 0; k < figure->panels[panel].count; k++) {
            const struct gw_figure_curve *curve = &figure->panels[panel].curves[k];
            bool with_range = curve->banded || curve->kind == GW_FIGURE_BOXES;
            for (size_t i = 0; i < curve->count; i++) {
                gw_text_format(out, "%zu\t", panel + 1);
                print_field(out, curve->legend == NULL ? curve->style : curve->legend);
                print_number(out, curve->x[i]);
                print_number(out, curve->y[i]);
                print_number(out, with_range ? curve->low[i] : NAN);
                print_number(out, with_range ? curve->high[i] : NAN);
                gw_text_add(out, "\n");
            }
            if (curve->count == 0) {
                gw_text_format(out, "%zu\t-\tNaN\tNaN\tNaN\tNaN\n", panel + 1);
            }
            gw_text_add(out, "\n\n");
        }
    }
}
