/* report_figures.c - the figures of the runs, each with its words and its numbers.
 *
 * Idea      Figures are made and written as godwit plot does, then put into the page. When there
 *           are more than a reader looks at, the first of each kind comes first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figure_text.h"
#include "results/figures_run.h"
#include "results/html.h"
#include "results/report_shared.h"

enum { FIGURES_MOST = 20, ROWS_MOST = 60, BYTES_MOST = 660000, PATH_MOST = 4096 };

char *
gw_report_read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    struct gw_text text = {0};
    char chunk[4096];
    size_t got;

    if (file == NULL) {
        return NULL;
    }
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        gw_text_add_bytes(&text, chunk, got);
    }
    bool fine = ferror(file) == 0;
    fclose(file);
    *length = text.length;
    if (!fine) {
        gw_text_clear(&text);
        return NULL;
    }
    return gw_text_take(&text);
}

/* ---- numbers --------------------------------------------------------------------------------- */

struct curves {
    struct gw_figure_rows *items;
    size_t count;
};

static bool
collect(void *self, const struct gw_figure_rows *rows)
{
    struct curves *curves = self;
    struct gw_figure_rows *items = realloc(curves->items, (curves->count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    curves->items = items;
    items[curves->count++] = *rows;
    return true;
}

static bool
same_x(const struct gw_figure_rows *a, const struct gw_figure_rows *b)
{
    for (size_t i = 0; i < a->count && a->count == b->count; i++) {
        if (a->x[i] < b->x[i] || a->x[i] > b->x[i]) {
            return false;
        }
    }
    return a->count == b->count;
}

static void
add_number(struct gw_text *out, double number)
{
    if (isfinite(number)) {
        gw_text_format(out, "%.5g", number);
        return;
    }
    gw_text_add(out, "-");
}

static void
add_y(struct gw_text *out, const struct gw_figure_rows *curve, size_t index)
{
    gw_text_add(out, "<td>");
    add_number(out, curve->y[index]);
    if (curve->low != NULL && curve->low[index] < curve->high[index]) {
        gw_text_format(out, " (%.5g to %.5g)", curve->low[index], curve->high[index]);
    }
    gw_text_add(out, "</td>");
}

static void
add_x(struct gw_text *out, const struct gw_figure *figure, double x)
{
    const char *name = gw_figure_x_name(figure, x);

    gw_text_add(out, "<tr><th scope=\"row\">");
    if (name != NULL) {
        gw_html_text(out, name);
    } else {
        add_number(out, x);
    }
    gw_text_add(out, "</th>");
}

static const char *
name_of(const struct gw_figure_rows *curve)
{
    return curve->legend != NULL    ? curve->legend
           : curve->y_label != NULL ? curve->y_label
                                    : curve->style;
}

/* Curves over the same x: a column each. Returns whether rows were left out. */
static bool
add_columns(struct gw_text *out, const struct gw_figure *figure,
            const struct gw_figure_rows *curves, size_t count)
{
    size_t stride = (curves[0].count + ROWS_MOST - 1) / ROWS_MOST;
    const char *x_label = gw_figure_x_label(figure);

    gw_text_add(out, "<table><thead><tr>");
    gw_html_element(out, "th", x_label[0] == '\0' ? "x" : x_label);
    for (size_t i = 0; i < count; i++) {
        gw_html_element(out, "th", name_of(&curves[i]));
    }
    gw_text_add(out, "</tr></thead><tbody>\n");
    for (size_t row = 0; row < curves[0].count; row += stride) {
        add_x(out, figure, curves[0].x[row]);
        for (size_t i = 0; i < count; i++) {
            add_y(out, &curves[i], row);
        }
        gw_text_add(out, "</tr>\n");
    }
    gw_text_add(out, "</tbody></table>\n");
    return stride > 1;
}

/* Curves that share x stand in one table. */
static bool
add_panel(struct gw_text *out, const struct gw_figure *figure, const struct gw_figure_rows *curves,
          size_t count)
{
    bool thinned = false;

    gw_text_add(out, "<p class=\"panel\">");
    gw_html_format(out, "%s%s%s", curves[0].heading, curves[0].heading[0] == '\0' ? "" : ": ",
                   curves[0].y_label);
    gw_text_add(out, "</p>\n");
    for (size_t i = 0; i < count;) {
        size_t same = 1;
        while (i + same < count && same_x(&curves[i], &curves[i + same])) {
            same++;
        }
        if (curves[i].count > 0) {
            thinned |= add_columns(out, figure, &curves[i], same);
        }
        i += same;
    }
    return thinned;
}

static bool
add_data(struct gw_text *out, const struct gw_figure *figure, const char *name)
{
    struct curves curves = {0};
    bool thinned = false;

    if (!gw_figure_each_series(figure, collect, &curves)) {
        free(curves.items);
        return false;
    }
    gw_text_add(out, "<details><summary>Numbers</summary><div class=\"scroll\" tabindex=\"0\">\n");
    for (size_t i = 0; i < curves.count;) {
        size_t same = 1;
        while (i + same < curves.count && curves.items[i + same].panel == curves.items[i].panel) {
            same++;
        }
        thinned |= add_panel(out, figure, &curves.items[i], same);
        i += same;
    }
    gw_text_format(out,
                   "</div><p class=\"note\">%sAll numbers: <a href=\"figures/%s.tsv\">figures/"
                   "%s.tsv</a>.</p></details>\n",
                   thinned ? "Long curves are thinned here. " : "", name, name);
    free(curves.items);
    return true;
}

/* ---- pictures -------------------------------------------------------------------------------- */

static bool
add_picture(const struct gw_report_page *page, const struct gw_figure *figure, const char *name,
            size_t number, struct gw_error *err)
{
    char path[PATH_MOST];
    char prefix[32];
    size_t length = 0;
    char *alt = gw_figure_alt_text(figure);

    snprintf(path, sizeof path, "%s/figures/%s.svg", page->directory, name);
    snprintf(prefix, sizeof prefix, "f%zu-", number);
    char *svg = gw_report_read_file(path, &length);
    bool fine = alt != NULL && svg != NULL;
    if (svg == NULL) {
        gw_fail(err, GW_EIO, "%s: cannot be read: %s", path, strerror(errno));
    } else if (alt == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for figure %s", name);
    } else if (page->out->length + length > BYTES_MOST) {
        gw_text_format(page->out,
                       "<p>To keep this page small, the picture is in a file of its own: "
                       "<a href=\"figures/%s.svg\">figures/%s.svg</a>.</p>\n",
                       name, name);
    } else {
        gw_text_add(page->out, "<div class=\"scroll\" tabindex=\"0\">");
        struct gw_report_picture picture = {
            prefix, alt, {gw_figure_title(figure), gw_figure_caption(figure)}};
        fine = gw_report_inline_svg(page->out, svg, length, &picture) ||
               gw_fail(err, GW_EIO, "%s: is no picture", path);
        gw_text_add(page->out, "</div>");
    }
    free(alt);
    free(svg);
    return fine;
}

static bool
add_figure(const struct gw_report_page *page, const struct gw_figure_plan *plan, size_t number,
           struct gw_error *err)
{
    const struct gw_result_list *runs = page->report->runs;
    struct gw_figure *figure = gw_figures_make(runs->pointers, runs->count, plan, err);
    char folder[PATH_MOST];

    if (figure == NULL) {
        return false;
    }
    snprintf(folder, sizeof folder, "%s/figures", page->directory);
    bool fine = gw_figure_write(figure, folder, plan->name, GW_FIGURE_SVG, err);
    if (fine) {
        gw_text_format(page->out, "<figure id=\"figure-%zu\">\n<h3>", number);
        gw_html_text(page->out, plan->title);
        gw_text_add(page->out, "</h3>\n");
        fine = add_picture(page, figure, plan->name, number, err);
    }
    if (fine) {
        gw_text_add(page->out, "<figcaption>");
        gw_html_text(page->out, gw_figure_caption(figure));
        gw_text_add(page->out, "</figcaption>\n");
        fine = add_data(page->out, figure, plan->name) ||
               gw_fail(err, GW_ENOMEM, "out of memory for figure %s", plan->name);
        gw_text_add(page->out, "</figure>\n");
    }
    gw_figure_destroy(figure);
    return fine;
}

/* ---- which ----------------------------------------------------------------------------------- */

static size_t
place_in_kind(const struct gw_figure_plans *plans, size_t index)
{
    size_t place = 0;

    for (size_t i = 0; i < index; i++) {
        place += plans->items[i].kind == plans->items[index].kind;
    }
    return place;
}

/* Marks those that are shown: the first of every kind, then the second of every kind ... */
static size_t
choose(const struct gw_figure_plans *plans, bool *chosen)
{
    size_t count = 0;

    for (size_t place = 0; place < plans->count && count < FIGURES_MOST; place++) {
        for (size_t i = 0; i < plans->count && count < FIGURES_MOST; i++) {
            if (place_in_kind(plans, i) == place) {
                chosen[i] = true;
                count++;
            }
        }
    }
    return count;
}

static void
add_list(struct gw_text *out, const struct gw_figure_plans *plans, const bool *chosen)
{
    gw_text_add(out, "<nav class=\"list\" aria-label=\"Figures\"><ul>\n");
    for (size_t i = 0; i < plans->count; i++) {
        if (chosen[i]) {
            gw_text_format(out, "<li><a href=\"#figure-%zu\">", i + 1);
            gw_html_text(out, plans->items[i].title);
            gw_text_add(out, "</a></li>\n");
        }
    }
    gw_text_add(out, "</ul></nav>\n");
}

static void
add_left_out(struct gw_text *out, const struct gw_figure_plans *plans, const bool *chosen)
{
    const char *separator = "";

    gw_text_add(out, "<p class=\"note\">Left out; <code>godwit plot</code> draws them: ");
    for (size_t i = 0; i < plans->count; i++) {
        if (!chosen[i]) {
            gw_text_add(out, separator);
            gw_html_text(out, plans->items[i].name);
            separator = ", ";
        }
    }
    gw_text_add(out, ".</p>\n");
}

static bool
add_plans(const struct gw_report_page *page, const struct gw_figure_plans *plans,
          struct gw_error *err)
{
    bool *chosen = calloc(plans->count + 1, sizeof *chosen);
    bool fine = chosen != NULL;

    if (!fine) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the figures");
    }
    size_t count = choose(plans, chosen);
    if (count > 1) {
        add_list(page->out, plans, chosen);
    }
    for (size_t i = 0; fine && i < plans->count; i++) {
        fine = !chosen[i] || add_figure(page, &plans->items[i], i + 1, err);
    }
    if (plans->count == 0) {
        gw_text_add(page->out, "<p>These runs feed no figure.</p>\n");
    } else if (count < plans->count) {
        add_left_out(page->out, plans, chosen);
    }
    free(chosen);
    return fine;
}

bool
gw_report_figures(const struct gw_report_page *page, struct gw_error *err)
{
    const struct gw_result_list *runs = page->report->runs;
    struct gw_figure_plans plans;

    gw_text_add(page->out, "<section id=\"figures\">\n<h2>Figures</h2>\n");
    if (!gw_figures_plan(runs->pointers, runs->count, &plans, err)) {
        return false;
    }
    bool fine = add_plans(page, &plans, err);
    gw_figures_clear(&plans);
    gw_text_add(page->out, "</section>\n");
    return fine;
}
