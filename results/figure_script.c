/* figure_script.c - a figure as a gnuplot script: the page, its panels and their texts.
 *
 * Idea      One script for all formats: the variable `format` says which. Places come from
 *           figure_page.c and are shares of the page here.
 * Invariant Texts are data: single-quoted, quotes doubled, control characters out, noenhanced.
 *           gnuplot runs nothing inside single quotes, so no text of a scenario is executed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>

#include "base/utf8.h"
#include "results/figure_page.h"
#include "results/style.h"

enum { OPTIONS_BYTES = 160 }; /* of a label */

static const char head[] =
    "# Drawn by godwit. Run `gnuplot -e \"format='png'\" FILE` here to draw it again.\n"
    "if (!exists('format')) format = 'svg'\n"
    "marker = format eq 'svg' || format eq 'pdf' ? 0.65 : 1.1 # terminals differ\n"
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
    "    set terminal pdfcairo size %.1fcm,%.1fcm font 'sans,10' fontscale 0.95\n"
    "    set output '%s.pdf'\n"
    "}\n"
    "if (format eq 'dumb') {\n"
    "    set terminal dumb noenhanced size 110,%d\n"
    "    set output '%s.txt'\n"
    "}\n"
    "set encoding utf8\n"
    "set datafile separator tab\n"
    "set datafile missing 'NaN'\n"
    "set border 3 lc rgb '#404040'\n"
    "set tics nomirror out scale 0.6\n"
    "set grid y lc rgb '#dddddd' lt 1\n"
    "set style fill solid 0.85 noborder\n"
    "set palette defined (0 '#e6f0f8', 0.25 '#b5d8ee', 0.5 '#56a5d8', 0.75 '#0072b2', 1 "
    "'#08243d')\n"
    "unset colorbox\n"
    "if (format eq 'dumb') unset grid\n";

/* ---- texts ----------------------------------------------------------------------------------------- */

void
gw_figure_quote(struct gw_text *out, const char *text)
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

static double
screen_x(const struct gw_figure_page *page, double pixels)
{
    return pixels / page->width;
}

static double
screen_y(const struct gw_figure_page *page, double pixels)
{
    return 1.0 - pixels / page->height;
}

/* ---- a panel --------------------------------------------------------------------------------------- */

static void
print_label(struct gw_text *out, const char *text, const char *options)
{
    gw_text_add(out, "set label ");
    gw_figure_quote(out, text);
    gw_text_format(out, " %s noenhanced\n", options);
}

/* In one line; the SVG file says all of it to readers of the screen. */
static void
print_title(const struct gw_figure_page *page, const char *options, struct gw_text *out)
{
    static const char cut[] = "\xE2\x80\xA6";
    const char *title = page->figure->title;
    size_t letters = (size_t)(page->width - 28) / GW_FIGURE_TITLE_LETTER_WIDTH;
    size_t bytes = gw_figure_line_bytes(title, letters);
    struct gw_text line = {0};

    gw_text_add_bytes(&line, title, bytes);
    gw_text_add(&line, title[bytes] == '\0' ? "" : cut);
    out->failed |= line.failed;
    if (!line.failed) {
        print_label(out, line.bytes, options);
    }
    gw_text_clear(&line);
}

static void
print_header(const struct gw_figure_page *page, struct gw_text *out)
{
    char options[120];

    snprintf(options, sizeof options, "at screen %.4f, screen %.4f left font ',16'",
             screen_x(page, 14.0), screen_y(page, 22.0));
    print_title(page, options, out);
    for (size_t i = 0; i < page->line_count; i++) {
        char line[4 * GW_FIGURE_CAPTION_LETTERS * 2];
        snprintf(line, sizeof line, "%.*s", (int)page->line_bytes[i], page->lines[i]);
        snprintf(
            options, sizeof options, "at screen %.4f, screen %.4f left font ',11' tc rgb '#555555'",
            screen_x(page, 14.0),
            screen_y(page, GW_FIGURE_TITLE_HEIGHT + 5.0 + GW_FIGURE_CAPTION_HEIGHT * (double)i));
        print_label(out, line, options);
    }
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

/* Without a point gnuplot finds no range and stops, so an empty panel gets one. */
static void
print_ranges(const struct gw_figure_page *page, const struct gw_figure_panel *panel,
             struct gw_text *out)
{
    const struct gw_figure *figure = page->figure;
    bool drawn = gw_figure_has_points(panel);
    bool known = isfinite(page->x_least) && page->x_least < page->x_most;

    gw_text_add(out, "unset logscale\n");
    if (figure->x_log > 0.0) {
        gw_text_format(out, "set logscale x %.15g\n", figure->x_log);
    }
    if (panel->y_log > 0.0) {
        gw_text_format(out, "set logscale y %.15g\n", panel->y_log);
    }
    gw_text_add(out, "set autoscale xfix\n");
    print_range(out, "x",
                known   ? page->x_least
                : drawn ? NAN
                        : 1.0,
                known   ? page->x_most
                : drawn ? NAN
                        : 10.0);
    print_range(out, "y", drawn || isfinite(panel->y_least) ? panel->y_least : 1.0,
                drawn || isfinite(panel->y_most) ? panel->y_most : 10.0);
}

static bool
equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* The panel to the left has the same scale, so its numbers hold here too. */
static bool
shares_y(const struct gw_figure_page *page, size_t index)
{
    const struct gw_figure_panel *panels = page->figure->panels;

    return index % page->figure->columns != 0 && isfinite(panels[index].y_most) &&
           equal(panels[index].y_least, panels[index - 1].y_least) &&
           equal(panels[index].y_most, panels[index - 1].y_most);
}

static void
print_tics(const struct gw_figure_labels *tics, char axis, bool labelled, struct gw_text *out)
{
    gw_text_format(out, "set format %c '%s'\n", axis, labelled ? "%g" : "");
    if (tics->count == 0) {
        gw_text_format(out, "set %ctics autofreq\n", axis);
        return;
    }
    gw_text_format(out, "set %ctics noenhanced (", axis);
    for (size_t i = 0; i < tics->count; i++) {
        gw_text_add(out, i == 0 ? "" : ", ");
        gw_figure_quote(out, labelled ? tics->items[i].text : "");
        gw_text_format(out, " %.15g", tics->items[i].x);
    }
    gw_text_add(out, ")\n");
}

/* A round step that gives four to seven tics; 0 leaves it to gnuplot. */
static double
tic_step(const struct gw_figure_panel *panel)
{
    static const double steps[] = {1.0, 2.0, 2.5, 5.0, 10.0};
    double ends[2];

    gw_figure_extent(panel, ends);
    double range = ends[1] - ends[0];

    if (!(range > 0.0) || !isfinite(range) || panel->y_log > 0.0) {
        return 0.0;
    }
    double power = pow(10.0, floor(log10(range / 6.0)));
    size_t i = 0;
    while (steps[i] * power < range / 6.0 * (1.0 - 1e-9)) {
        i++;
    }
    return steps[i] * power;
}

static void
print_axes(const struct gw_figure_page *page, size_t index, struct gw_text *out)
{
    const struct gw_figure *figure = page->figure;
    bool bottom = index + figure->columns >= figure->panel_count;

    print_tics(&figure->x_tics, 'x', bottom, out);
    gw_text_add(out, page->slant > 0.0 ? "set xtics rotate by 30 right\n" : "");
    print_tics(&figure->panels[index].y_tics, 'y', !shares_y(page, index), out);
    if (tic_step(&figure->panels[index]) > 0.0 && figure->panels[index].y_tics.count == 0) {
        gw_text_format(out, "set ytics %.10g\n", tic_step(&figure->panels[index]));
    }
}

/* Right of the stop, where no phase follows; at the right end above the names of the phases. */
static void
place_stop_name(const struct gw_figure_page *page, size_t index,
                const struct gw_figure_label *shade, char options[OPTIONS_BYTES])
{
    bool beside = gw_figure_place(page, shade->y) < 0.75;
    bool above = !beside && gw_figure_has_stop_or_phase(&page->figure->panels[index], false);
    double height = GW_FIGURE_STRIP_HEIGHT * (above ? 1.6 : 0.5);

    snprintf(options, OPTIONS_BYTES, "at first %.15g, screen %.4f %s font ',11' tc rgb '#a04818'",
             shade->y, screen_y(page, page->boxes[index].top - height),
             beside ? "left offset 0.6,0" : "right");
}

/* Shades lie behind everything. Their names stand above the panel, where they hide no curve; a
 * span that is too narrow for its name has none. */
static void
print_shade(const struct gw_figure_page *page, size_t index, size_t number, struct gw_text *out)
{
    const struct gw_figure_label *shade = &page->figure->panels[index].shades.items[number];
    const struct gw_figure_box *box = &page->boxes[index];
    double from = gw_figure_place(page, shade->x);
    double width = (gw_figure_place(page, shade->y) - from) * (box->right - box->left);
    const char *colour = shade->stop ? "#f5cdb8" : number % 2 == 0 ? "#ececec" : "#f6f6f6";
    char options[OPTIONS_BYTES];

    gw_text_format(out,
                   "set object rectangle from first %.15g, graph 0 to first %.15g, graph 1"
                   " behind fc rgb '%s' fs solid 1 noborder\n",
                   shade->x, shade->y, colour);
    if (shade->stop) {
        gw_text_format(out,
                       "set arrow from first %.15g, graph 0 to first %.15g, graph 1 nohead lw 1"
                       " lc rgb '#c06030' back\n",
                       shade->x, shade->x);
    }
    if (shade->text[0] == '\0' ||
        (!shade->stop && width < (double)(GW_FIGURE_LETTER_WIDTH * gw_utf8_count(shade->text)))) {
        return;
    }
    if (shade->stop) {
        place_stop_name(page, index, shade, options);
    } else {
        snprintf(options, sizeof options,
                 "at first %.15g, screen %.4f center font ',11' tc rgb '#555555'",
                 shade->x + (shade->y - shade->x) / 2.0,
                 screen_y(page, box->top - GW_FIGURE_STRIP_HEIGHT * 0.5));
    }
    print_label(out, shade->text, options);
}

static void
print_mark(const struct gw_figure_page *page, const struct gw_figure_label *mark,
           struct gw_text *out)
{
    bool right = gw_figure_place(page, mark->x) > 0.85;
    char options[120];

    gw_text_format(out,
                   "set arrow from first %.15g, graph 0 to first %.15g, graph 1 nohead dt (3,3)"
                   " lw 1.5 lc rgb '#404040'\n",
                   mark->x, mark->x);
    snprintf(options, sizeof options, "at first %.15g, graph 0.97 %s offset %s,0 front", mark->x,
             right ? "right" : "left", right ? "-0.5" : "0.5");
    print_label(out, mark->text, options);
}

/* As labels, because the room that gnuplot leaves for its own differs between its terminals. Letters
 * cannot be turned, so there the label lies inside. */
static void
print_axis_labels(const struct gw_figure_page *page, size_t index, struct gw_text *out)
{
    const struct gw_figure *figure = page->figure;
    const struct gw_figure_box *box = &page->boxes[index];
    char options[OPTIONS_BYTES];

    if (index % figure->columns == 0 && figure->panels[index].y_label[0] != '\0') {
        gw_text_add(out, "if (format eq 'dumb') {\n");
        print_label(out, figure->panels[index].y_label, "at graph 0.01, graph 0.95 left");
        gw_text_add(out, "} else {\n");
        snprintf(options, sizeof options, "at screen %.4f, screen %.4f center rotate by 90",
                 screen_x(page, 17.0), screen_y(page, (box->top + box->bottom) / 2.0));
        print_label(out, figure->panels[index].y_label, options);
        gw_text_add(out, "}\n");
    }
    if (index + figure->columns >= figure->panel_count && figure->x_label[0] != '\0') {
        snprintf(options, sizeof options, "at screen %.4f, screen %.4f center",
                 screen_x(page, (box->left + box->right) / 2.0),
                 screen_y(page, box->bottom + 46.0 + page->slant));
        print_label(out, figure->x_label, options);
    }
}

/* At the right edge, whatever the numbers beside the colours are. */
static void
print_colour_label(const struct gw_figure_page *page, struct gw_text *out)
{
    const struct gw_figure_box *last = &page->boxes[page->figure->panel_count - 1];
    char options[OPTIONS_BYTES];

    if (page->figure->colour_label[0] == '\0') {
        return;
    }
    snprintf(options, sizeof options, "at screen %.4f, screen %.4f center rotate by 90",
             screen_x(page, page->width - 14.0),
             screen_y(page, (page->boxes[0].top + last->bottom) / 2.0));
    gw_text_add(out, "if (format ne 'dumb') {\n");
    print_label(out, page->figure->colour_label, options);
    gw_text_add(out, "}\n");
}

static void
print_texts(const struct gw_figure_page *page, size_t index, struct gw_text *out)
{
    const struct gw_figure_panel *panel = &page->figure->panels[index];
    const struct gw_figure_box *box = &page->boxes[index];
    char options[120];

    gw_text_add(out, "unset arrow\nunset label\nunset object\n");
    if (index == 0) {
        print_header(page, out);
        print_colour_label(page, out);
    }
    print_axis_labels(page, index, out);
    if (panel->heading[0] != '\0') {
        double above = GW_FIGURE_HEADING_HEIGHT / 2.0 +
                       (gw_figure_has_stop_or_phase(panel, false) ? GW_FIGURE_STRIP_HEIGHT : 0);
        snprintf(options, sizeof options, "at screen %.4f, screen %.4f left font ',13'",
                 screen_x(page, box->left + 2.0), screen_y(page, box->top - above));
        print_label(out, panel->heading, options);
    }
    for (size_t i = 0; i < panel->shades.count; i++) {
        print_shade(page, index, i, out);
    }
    for (size_t i = 0; i < panel->marks.count; i++) {
        print_mark(page, &panel->marks.items[i], out);
    }
    for (size_t i = 0; i < panel->notes.count; i++) {
        const struct gw_figure_label *note = &panel->notes.items[i];
        snprintf(options, sizeof options, "at first %.15g, first %.15g center offset 0,0.7 front",
                 note->x, note->y);
        print_label(out, note->text, options);
    }
}

/* A sample as gnuplot would draw it: a box, or a line, a marker or both. */
static void
print_sample(const struct gw_figure_page *page, const struct gw_figure_curve *curve, double x,
             double y, struct gw_text *out)
{
    struct gw_style style = gw_style_of(curve->style);
    double from = screen_x(page, x);
    double to = screen_x(page, x + GW_FIGURE_SAMPLE_WIDTH);
    bool area = curve->kind == GW_FIGURE_BOXES || curve->kind == GW_FIGURE_FILLED;
    bool points = curve->kind == GW_FIGURE_POINTS || curve->kind == GW_FIGURE_CROSSES;

    if (area) {
        gw_text_format(out,
                       "set object rectangle from screen %.4f, screen %.4f to screen %.4f, screen"
                       " %.4f fc rgb '%s' fs solid %.2f border lc rgb '#404040'\n",
                       from, screen_y(page, y + 5.0), to, screen_y(page, y - 5.0), style.colour,
                       curve->kind == GW_FIGURE_FILLED ? fmin(style.fill, 0.4) : style.fill);
        return;
    }
    if (!points) {
        gw_text_format(out,
                       "set arrow from screen %.4f, screen %.4f to screen %.4f, screen %.4f nohead"
                       " lc rgb '%s' dt %s lw 2\n",
                       from, screen_y(page, y), to, screen_y(page, y), style.colour,
                       gw_style_dash(style.dash));
    }
    if (points || curve->kind == GW_FIGURE_LINESPOINTS) {
        gw_text_format(out,
                       "set label '' at screen %.4f, screen %.4f point lc rgb '%s' pt %d ps marker"
                       " front\n",
                       (from + to) / 2.0, screen_y(page, y), style.colour, style.marker);
    }
}

/* Only gnuplot knows with which letter it draws a curve, so of letters it makes the legend. */
static void
print_legend(const struct gw_figure_page *page, size_t index, struct gw_text *out)
{
    struct gw_figure_entries entries;

    gw_figure_lay_out_legend(page, index, &entries);
    gw_text_format(out,
                   "unset key\nif (format eq 'dumb') {\n"
                   "set key at screen %.4f, screen %.4f left top horizontal Left reverse"
                   " noenhanced\n} else {\n",
                   screen_x(page, page->left), screen_y(page, page->legend_top[index]));
    for (size_t i = 0; i < entries.count; i++) {
        double y =
            page->legend_top[index] + GW_FIGURE_LEGEND_HEIGHT * ((double)entries.line[i] + 0.5);
        char options[OPTIONS_BYTES];

        print_sample(page, entries.items[i], entries.x[i], y, out);
        snprintf(options, sizeof options, "at screen %.4f, screen %.4f left",
                 screen_x(page, entries.x[i] + GW_FIGURE_SAMPLE_WIDTH + 7.0), screen_y(page, y));
        print_label(out, entries.items[i]->legend, options);
    }
    gw_text_add(out, "}\n");
}

static void
print_colours(const struct gw_figure_page *page, struct gw_text *out)
{
    const struct gw_figure_box *first = &page->boxes[0];
    const struct gw_figure_box *last = &page->boxes[page->figure->panel_count - 1];

    if (page->figure->colour_label[0] == '\0') {
        return;
    }
    gw_text_format(out,
                   "set colorbox user origin screen %.4f, screen %.4f size screen %.4f, screen %.4f"
                   " noborder\nset cbrange [0:*]\n",
                   screen_x(page, page->width - GW_FIGURE_RIGHT_COLOURS + 18.0),
                   screen_y(page, last->bottom), screen_x(page, 14.0),
                   (last->bottom - first->top) / page->height);
    gw_text_add(out, "if (format eq 'dumb') set cblabel ");
    gw_figure_quote(out, page->figure->colour_label);
    gw_text_add(out, " noenhanced\n");
}

static void
print_panel(const struct gw_figure_page *page, size_t index, size_t first_index,
            struct gw_text *out)
{
    const struct gw_figure_panel *panel = &page->figure->panels[index];
    const struct gw_figure_box *box = &page->boxes[index];

    gw_text_format(out,
                   "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
                   "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
                   screen_x(page, box->left), screen_x(page, box->right), screen_y(page, box->top),
                   screen_y(page, box->bottom));
    print_axes(page, index, out);
    print_ranges(page, panel, out);
    print_texts(page, index, out);
    print_legend(page, index, out);
    if (!gw_figure_has_points(panel)) {
        gw_text_add(out, "plot NaN notitle");
    } else {
        gw_figure_print_plot(panel, page->name, first_index, out);
    }
    gw_text_add(out, "\n");
}

void
gw_figure_print_script(const struct gw_figure *figure, const char *name, struct gw_text *out)
{
    struct gw_figure_page page;
    size_t first_index = 0;

    gw_figure_lay_out(&page, figure, name);
    gw_text_format(out, head, page.width, page.height, name, page.width * 3 / 2,
                   page.height * 3 / 2, name, page.width / 50.0, page.height / 50.0, name,
                   page.height / 15, name);
    gw_text_add(out, "set multiplot\n");
    print_colours(&page, out);
    for (size_t i = 0; i < figure->panel_count; i++) {
        print_panel(&page, i, first_index, out);
        first_index += figure->panels[i].count;
    }
    gw_text_add(out, "unset multiplot\nset output\n");
}
