/* figure_script.c - a figure as a gnuplot script and its data.
 *
 * Idea      One script for all formats: the variable `format` says which. Every series is a block
 *           of the .tsv file, addressed by its index; the file also reads as one long table.
 * Invariant Texts are data: single-quoted, quotes doubled, control characters out, noenhanced.
 *           gnuplot runs nothing inside single quotes, so no text of a scenario is executed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/figure_shared.h"
#include "results/style.h"

static const char head[] =
    "# Drawn by godwit. Run `gnuplot -e \"format='png'\" FILE` here to draw it again.\n"
    "if (!exists('format')) format = 'svg'\n"
    "if (format eq 'svg') {\n"
    "    set terminal svg size %d,%d dynamic font 'sans-serif,13' name 'godwit'"
    " background '#ffffff'\n"
    "    set output '%s.svg'\n"
    "}\n"
    "if (format eq 'png') {\n"
    "    set terminal pngcairo size %d,%d font 'sans,14' linewidth 1.5\n"
    "    set output '%s.png'\n"
    "}\n"
    "if (format eq 'pdf') {\n"
    "    set terminal pdfcairo size %.1fcm,%.1fcm font 'sans,10'\n"
    "    set output '%s.pdf'\n"
    "}\n"
    "if (format eq 'dumb') {\n"
    "    set terminal dumb noenhanced size 100,%d\n"
    "    set output '%s.txt'\n"
    "}\n"
    "set encoding utf8\n"
    "set datafile separator tab\n"
    "set datafile missing 'NaN'\n"
    "set border 3 lc rgb '#404040'\n"
    "set tics nomirror out\n"
    "set grid y lc rgb '#dddddd' lt 1\n"
    "set style fill solid 0.85 noborder\n";

static void
quote(struct gw_text *out, const char *text)
{
    gw_text_add(out, "'");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\'') {
            gw_text_add(out, "'");
        }
        char shown = byte < 32 || byte == 127 ? ' ' : *text;
        gw_text_add_bytes(out, &shown, 1);
    }
    gw_text_add(out, "'");
}

static void
print_range(struct gw_text *out, const char *axis, double least, double most)
{
    gw_text_format(out, "set %srange [", axis);
    gw_text_format(out, isfinite(least) ? "%.15g" : "*", least);
    gw_text_add(out, ":");
    gw_text_format(out, isfinite(most) ? "%.15g" : "*", most);
    gw_text_add(out, "]\n");
}

static void
print_x_tics(const struct gw_figure *figure, struct gw_text *out, bool labelled)
{
    if (figure->x_tics.count > 0) {
        gw_text_add(out, "set xtics noenhanced (");
        for (size_t i = 0; i < figure->x_tics.count; i++) {
            gw_text_add(out, i == 0 ? "" : ", ");
            quote(out, labelled ? figure->x_tics.items[i].text : "");
            gw_text_format(out, " %.15g", figure->x_tics.items[i].x);
        }
        gw_text_add(out, ")\n");
        return;
    }
    gw_text_add(out, labelled ? "set format x '%g'\n" : "set format x ''\n");
}

static void
print_marks(const struct gw_figure_panel *panel, struct gw_text *out)
{
    gw_text_add(out, "unset arrow\nunset label\nunset object\n");
    for (size_t i = 0; i < panel->shades.count; i++) {
        const struct gw_figure_label *shade = &panel->shades.items[i];
        gw_text_format(out,
                       "set object %zu rectangle from first %.15g, graph 0 to first %.15g, graph 1"
                       " behind fc rgb '%s' fs solid 1 noborder\nset label ",
                       i + 1, shade->x, shade->y, i % 2 == 0 ? "#eeeeee" : "#f7f7f7");
        quote(out, shade->text);
        gw_text_format(out, " at first %.15g, graph 0.96 center noenhanced tc rgb '#666666'\n",
                       shade->x + (shade->y - shade->x) / 2.0);
    }
    for (size_t i = 0; i < panel->marks.count; i++) {
        const struct gw_figure_label *mark = &panel->marks.items[i];
        gw_text_format(out,
                       "set arrow from first %.15g, graph 0 to first %.15g, graph 1 nohead dt 3"
                       " lw 1.5 lc rgb '#404040'\nset label ",
                       mark->x, mark->x);
        quote(out, mark->text);
        gw_text_format(out, " at first %.15g, graph 0.97 left offset 0.5,0 noenhanced front\n",
                       mark->x);
    }
    for (size_t i = 0; i < panel->notes.count; i++) {
        const struct gw_figure_label *note = &panel->notes.items[i];
        gw_text_add(out, "set label ");
        quote(out, note->text);
        gw_text_format(out, " at first %.15g, first %.15g center offset 0,0.7 noenhanced front\n",
                       note->x, note->y);
    }
}

/* Seven tenths of the narrowest gap; 0.7 for a single box. */
static double
box_width(const struct gw_figure_curve *curve)
{
    double gap = INFINITY;

    for (size_t i = 1; i < curve->count; i++) {
        gap = fmin(gap, fabs(curve->x[i] - curve->x[i - 1]));
    }
    return isfinite(gap) && gap > 0.0 ? 0.7 * gap : 0.7;
}

/* Columns of the data file: panel, series, x, y, low, high. */
static void
print_curve(const struct gw_figure_curve *curve, const char *source, struct gw_text *out)
{
    struct gw_style style = gw_style_of(curve->style);
    double half = box_width(curve) / 2.0;

    gw_text_add(out, source);
    switch (curve->kind) {
    case GW_FIGURE_LINES:
        gw_text_format(out, " using 3:4 with lines lc rgb '%s' dt %d lw 2", style.colour,
                       style.dash);
        break;
    case GW_FIGURE_LINESPOINTS:
        gw_text_format(out, " using 3:4 with linespoints lc rgb '%s' dt %d lw 2 pt %d ps 1",
                       style.colour, style.dash, style.marker);
        break;
    case GW_FIGURE_STEPS:
        gw_text_format(out, " using 3:4 with steps lc rgb '%s' dt %d lw 2", style.colour,
                       style.dash);
        break;
    case GW_FIGURE_BOXES:
        gw_text_format(out, " using 3:6:($3-%.15g):($3+%.15g):5:6 with boxxyerror lc rgb '%s'",
                       half, half, style.colour);
        break;
    case GW_FIGURE_IMPULSES:
        gw_text_format(out, " using 3:4 with impulses lc rgb '%s' lw 1.5", style.colour);
        break;
    case GW_FIGURE_POINTS:
        gw_text_format(out, " using 3:4 with points lc rgb '%s' pt %d ps 0.8", style.colour,
                       style.marker);
        break;
    case GW_FIGURE_FILLED:
        gw_text_format(out, " using %s with filledcurves%s lc rgb '%s' fs transparent solid 0.3",
                       curve->banded ? "3:5:6" : "3:4", curve->banded ? "" : " y1=0", style.colour);
        break;
    }
    if (curve->legend == NULL) {
        gw_text_add(out, " notitle");
        return;
    }
    gw_text_add(out, " title ");
    quote(out, curve->legend);
}

static bool
has_error_bars(const struct gw_figure_curve *curve)
{
    return curve->banded &&
           (curve->kind == GW_FIGURE_LINESPOINTS || curve->kind == GW_FIGURE_POINTS);
}

static bool
has_points(const struct gw_figure_panel *panel)
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

static void
print_plot(const struct gw_figure_panel *panel, const char *name, size_t first_index,
           struct gw_text *out)
{
    if (!has_points(panel)) {
        gw_text_add(out, "plot NaN notitle\n");
        return;
    }
    gw_text_add(out, "plot ");
    for (size_t i = 0; i < panel->count; i++) {
        const struct gw_figure_curve *curve = &panel->curves[i];
        struct gw_text source = {0};
        gw_text_format(&source, "'%s.tsv' index %zu", name, first_index + i);
        char *source_text = gw_text_take(&source);
        out->failed |= source_text == NULL;
        if (out->failed) {
            return;
        }
        gw_text_add(out, i == 0 ? "" : ", \\\n    ");
        if (has_error_bars(curve)) { /* first: their points would cover the markers */
            gw_text_format(out,
                           "%s using 3:4:5:6 with yerrorbars lc rgb '%s' ps 0 lw 1.5 notitle,"
                           " \\\n    ",
                           source_text, gw_style_of(curve->style).colour);
        }
        print_curve(curve, source_text, out);
        free(source_text);
    }
    gw_text_add(out, "\n");
}

/* gnuplot sets a legend in columns as wide as its longest text; this is on the safe side. */
static size_t
legend_columns(const struct gw_figure_panel *panel, size_t *entries)
{
    size_t longest = 0;

    *entries = 0;
    for (size_t i = 0; i < panel->count; i++) {
        const char *legend = panel->curves[i].legend;
        if (legend != NULL) {
            ++*entries;
            longest = strlen(legend) > longest ? strlen(legend) : longest;
        }
    }
    size_t columns = 86 / (longest + 7);
    return columns == 0 ? 1 : columns;
}

/* Pixels between the panel and what is above it. */
static double
space_above(const struct gw_figure_panel *panel)
{
    size_t entries = 0;
    size_t columns = legend_columns(panel, &entries);

    return entries == 0 ? 18.0 : 8.0 + 18.0 * (double)((entries + columns - 1) / columns);
}

/* Without a point gnuplot finds no range and stops, so an empty panel gets one. */
static void
print_ranges(const struct gw_figure *figure, const struct gw_figure_panel *panel,
             struct gw_text *out)
{
    if (has_points(panel)) {
        gw_text_add(out, "set autoscale xfix\n");
        print_range(out, "x", figure->x_least, figure->x_most);
        print_range(out, "y", panel->y_least, panel->y_most);
        return;
    }
    print_range(out, "x", isfinite(figure->x_least) ? figure->x_least : 1.0,
                isfinite(figure->x_most) ? figure->x_most : 10.0);
    print_range(out, "y", isfinite(panel->y_least) ? panel->y_least : 1.0,
                isfinite(panel->y_most) ? panel->y_most : 10.0);
}

static void
print_panel(const struct gw_figure *figure, size_t index, double top, struct gw_text *out)
{
    const struct gw_figure_panel *panel = &figure->panels[index];
    bool is_last = index + 1 == figure->panel_count;

    size_t entries = 0;
    size_t columns = legend_columns(panel, &entries);
    if (entries > 0) {
        gw_text_format(out,
                       "set key at screen 0.54, screen %.4f center top horizontal Left reverse"
                       " noenhanced samplen 3 maxcols %zu\n",
                       top, columns);
    } else {
        gw_text_add(out, "unset key\n");
    }
    gw_text_add(out, "set ylabel ");
    quote(out, panel->y_label);
    gw_text_add(out, " noenhanced\nset xlabel ");
    quote(out, is_last ? figure->x_label : "");
    gw_text_add(out, " noenhanced\n");
    print_x_tics(figure, out, is_last);
    gw_text_add(out, "unset logscale\n");
    if (figure->x_log > 0.0) {
        gw_text_format(out, "set logscale x %.15g\n", figure->x_log);
    }
    if (panel->y_log > 0.0) {
        gw_text_format(out, "set logscale y %.15g\n", panel->y_log);
    }
    print_ranges(figure, panel, out);
    print_marks(panel, out);
}

static void
print_title(const struct gw_figure *figure, struct gw_text *out)
{
    gw_text_add(out, "set multiplot title ");
    quote(out, figure->title);
    gw_text_add(out, " noenhanced font ',16'\n");
}

/* As a label of the last panel: a multiplot has no place of its own for it. */
static void
print_caption(const struct gw_figure *figure, int height, struct gw_text *out)
{
    if (figure->caption[0] != '\0') {
        gw_text_add(out, "set label ");
        quote(out, figure->caption);
        gw_text_format(out,
                       " at screen 0.5, screen %.4f center noenhanced font ',10'"
                       " tc rgb '#666666'\n",
                       11.0 / height);
    }
}

/* Margins in pixels of the SVG, so that they look the same whatever the number of panels. */
void
gw_figure_print_script(const struct gw_figure *figure, const char *name, struct gw_text *out)
{
    const double title = 36.0;
    const double bottom = figure->caption[0] == '\0' ? 55.0 : 84.0;
    int width = figure->square ? 640 : 800;
    int height = figure->square ? 640 : 420 + 200 * (int)(figure->panel_count - 1);
    double shares = 0.0;
    double top = 1.0 - title / height;
    size_t first_index = 0;

    gw_text_format(out, head, width, height, name, width * 3 / 2, height * 3 / 2, name,
                   width / 50.0, height / 50.0, name, 28 + 14 * (int)(figure->panel_count - 1),
                   name);
    for (size_t i = 0; i < figure->panel_count; i++) {
        shares += figure->panels[i].share;
    }
    double room = top - bottom / height;
    print_title(figure, out);
    gw_text_format(out, "set lmargin at screen %.3f\nset rmargin at screen 0.97\n",
                   figure->square ? 0.15 : 0.13);
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct gw_figure_panel *panel = &figure->panels[i];
        double height_share = room * panel->share / shares;
        gw_text_format(out, "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
                       top - space_above(panel) / height, top - height_share);
        print_panel(figure, i, top, out);
        if (i + 1 == figure->panel_count) {
            print_caption(figure, height, out);
        }
        print_plot(panel, name, first_index, out);
        first_index += panel->count;
        top -= height_share;
    }
    gw_text_add(out, "unset multiplot\nset output\n");
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
