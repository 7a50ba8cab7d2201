/* report_svg.c - a picture of gnuplot as part of a page.
 *
 * Idea      The tags are read one by one and written again from two lists: elements and attributes
 *           that draw. What is in neither list is dropped, so no script, style or address comes
 *           along. Ids get a prefix, so that several pictures fit in one page.
 * Departs   Groups that hold nothing are dropped: gnuplot writes a great many.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* memmem */
#endif

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"

enum {
    LINE_LEAST = 16,  /* shorter texts are not taken for a line of a long one */
    TITLE_HEIGHT = 32 /* of a picture, in its units */
};

/* A piece of the picture. */
struct piece {
    const char *at;
    size_t length;
};

struct inlining {
    struct gw_text *out;
    const char *at, *end;
    const struct gw_report_picture *picture;
    size_t group_at;   /* where the last group begins in `out`, */
    size_t group_body; /* and its content; 0: none is open that may be empty */
    bool opened;       /* <svg> was met */
};

static const char *const elements[] = {
    "g",    "defs",  "circle", "path",   "rect",    "use",         "polygon", "line",    "polyline",
    "text", "tspan", "image",  "filter", "feFlood", "feComposite", "ellipse", "clipPath"};

static const char *const attributes[] = {"id",
                                         "x",
                                         "y",
                                         "width",
                                         "height",
                                         "d",
                                         "points",
                                         "r",
                                         "cx",
                                         "cy",
                                         "rx",
                                         "ry",
                                         "x1",
                                         "y1",
                                         "x2",
                                         "y2",
                                         "dx",
                                         "dy",
                                         "transform",
                                         "fill",
                                         "fill-opacity",
                                         "fill-rule",
                                         "stroke",
                                         "stroke-width",
                                         "stroke-linecap",
                                         "opacity",
                                         "stroke-opacity",
                                         "color",
                                         "stroke-linejoin",
                                         "stroke-dasharray",
                                         "font-family",
                                         "font-size",
                                         "font-weight",
                                         "font-style",
                                         "text-anchor",
                                         "href",
                                         "xlink:href",
                                         "filter",
                                         "filterUnits",
                                         "clip-path",
                                         "flood-color",
                                         "flood-opacity",
                                         "result",
                                         "in",
                                         "in2",
                                         "operator",
                                         "xml:space",
                                         "clip-rule",
                                         "image-rendering",
                                         "preserveAspectRatio"};

static bool
is_word(struct piece piece, const char *word)
{
    return strlen(word) == piece.length && memcmp(word, piece.at, piece.length) == 0;
}

static bool
is_listed(struct piece piece, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_word(piece, words[i])) {
            return true;
        }
    }
    return false;
}

static bool
begins(struct piece piece, const char *word)
{
    return piece.length >= strlen(word) && memcmp(piece.at, word, strlen(word)) == 0;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static void
skip_space(struct inlining *in)
{
    while (in->at < in->end && isspace((unsigned char)*in->at)) {
        in->at++;
    }
}

static struct piece
take_name(struct inlining *in)
{
    struct piece name = {in->at, 0};

    while (in->at < in->end && !isspace((unsigned char)*in->at) &&
           strchr("=/><\"'", *in->at) == NULL) {
        in->at++;
        name.length++;
    }
    return name;
}

static struct piece
take_value(struct inlining *in)
{
    char quote = in->at < in->end ? *in->at : '\0';
    struct piece value = {in->at + 1, 0};

    if (quote != '"' && quote != '\'') {
        return (struct piece){in->at, 0};
    }
    const char *close = memchr(value.at, quote, (size_t)(in->end - value.at));
    value.length = close == NULL ? (size_t)(in->end - value.at) : (size_t)(close - value.at);
    in->at = close == NULL ? in->end : close + 1;
    return value;
}

/* The value is escaped for XML already; only a quote may be new to double ones. */
static void
add_value(struct inlining *in, struct piece value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '"' || value.at[i] == '<') {
            gw_text_add(in->out, value.at[i] == '"' ? "&quot;" : "&lt;");
            continue;
        }
        size_t run = 1;
        while (i + run < value.length && value.at[i + run] != '"' && value.at[i + run] != '<') {
            run++;
        }
        gw_html_markup(in->out, value.at + i, run);
        i += run - 1;
    }
}

static void
add_attribute(struct inlining *in, struct piece name, struct piece value)
{
    static const char url[] = "url(#";
    bool is_link = is_word(name, "href") || is_word(name, "xlink:href");
    bool is_local = is_link && begins(value, "#");

    if ((is_link && !is_local && !begins(value, "data:image/png;base64,")) ||
        (begins(value, "url(") && !begins(value, url))) {
        return;
    }
    gw_text_add(in->out, " ");
    gw_text_add_bytes(in->out, is_link ? "href" : name.at, is_link ? 4 : name.length);
    gw_text_add(in->out, "=\"");
    size_t lead = is_local ? 1 : begins(value, url) ? sizeof url - 1 : 0;
    gw_text_add_bytes(in->out, value.at, lead);
    gw_text_add(in->out, lead > 0 || is_word(name, "id") ? in->picture->prefix : "");
    add_value(in, (struct piece){value.at + lead, value.length - lead});
    gw_text_add(in->out, "\"");
}

/* Up to the end of the tag; returns whether it closes itself. `viewBox` is noted for the root. */
static bool
take_attributes(struct inlining *in, bool write, struct piece *view_box)
{
    bool closed = false;

    for (;;) {
        skip_space(in);
        if (in->at >= in->end || *in->at == '>') {
            in->at += in->at < in->end;
            return closed;
        }
        closed = *in->at == '/';
        struct piece name = take_name(in);
        if (name.length == 0) {
            in->at++;
            continue;
        }
        struct piece value = {in->at, 0};
        skip_space(in);
        if (in->at < in->end && *in->at == '=') {
            in->at++;
            skip_space(in);
            value = take_value(in);
        }
        if (is_word(name, "viewBox")) {
            *view_box = value;
        }
        if (write && is_listed(name, attributes, sizeof attributes / sizeof attributes[0])) {
            add_attribute(in, name, value);
        }
    }
}

/* ---- tags ------------------------------------------------------------------------------------ */

static void
skip_past(struct inlining *in, const char *word)
{
    const char *found = memmem(in->at, (size_t)(in->end - in->at), word, strlen(word));

    in->at = found == NULL ? in->end : found + strlen(word);
}

static void
close_element(struct inlining *in, struct piece name)
{
    bool is_group = is_word(name, "g");

    if (is_group && in->group_body > 0 &&
        strspn(in->out->bytes + in->group_body, " \n\t") == in->out->length - in->group_body) {
        in->out->length = in->group_at;
        in->out->bytes[in->group_at] = '\0';
    } else {
        gw_text_add(in->out, "</");
        gw_text_add_bytes(in->out, name.at, name.length);
        gw_text_add(in->out, ">");
    }
    in->group_body = 0;
}

static void
open_element(struct inlining *in, struct piece name)
{
    struct piece view_box = {"", 0};
    size_t begun = in->out->length;

    gw_text_add(in->out, "<");
    gw_text_add_bytes(in->out, name.at, name.length);
    bool closed = take_attributes(in, true, &view_box);
    gw_text_add(in->out, closed ? "/>" : ">");
    in->group_at = begun;
    in->group_body = !closed && is_word(name, "g") ? in->out->length : 0;
}

/* Where the title was, which the page says above the picture, there is no need for room. */
static void
add_view_box(struct inlining *in, struct piece view_box)
{
    struct gw_text title = {0};
    char text[80];
    char *rest = text;
    long sides[4] = {0};

    gw_html_text(&title, in->picture->said[0]);
    snprintf(text, sizeof text, "%.*s", (int)view_box.length, view_box.at);
    for (size_t i = 0; i < 4; i++) {
        sides[i] = strtol(rest, &rest, 10);
    }
    if (title.length > 0 && sides[1] == 0 && sides[3] > 2L * TITLE_HEIGHT && *rest == '\0' &&
        memmem(in->at, (size_t)(in->end - in->at), title.bytes, title.length) != NULL) {
        gw_text_format(in->out, "%ld %d %ld %ld", sides[0], (int)TITLE_HEIGHT, sides[2],
                       sides[3] - TITLE_HEIGHT);
    } else {
        add_value(in, view_box);
    }
    gw_text_clear(&title);
}

static void
open_root(struct inlining *in)
{
    struct piece view_box = {"", 0};

    take_attributes(in, false, &view_box);
    gw_text_add(in->out, "<svg class=\"figure\" role=\"img\" viewBox=\"");
    add_view_box(in, view_box);
    gw_text_add(in->out, "\" aria-label=\"");
    gw_html_attribute(in->out, in->picture->alt);
    gw_text_add(in->out, "\">");
    in->opened = true;
}

static void
take_tag(struct inlining *in)
{
    bool closes = in->at + 1 < in->end && in->at[1] == '/';
    struct piece unused;

    if (in->at + 1 < in->end && (in->at[1] == '?' || in->at[1] == '!')) {
        bool is_comment = begins((struct piece){in->at, (size_t)(in->end - in->at)}, "<!--");
        skip_past(in, is_comment ? "-->" : ">");
        return;
    }
    in->at += closes ? 2 : 1;
    struct piece name = take_name(in);
    if (is_word(name, "svg") && !closes && !in->opened) {
        open_root(in);
        return;
    }
    bool known = in->opened && is_listed(name, elements, sizeof elements / sizeof elements[0]);
    if (known && !closes) {
        open_element(in, name);
        return;
    }
    take_attributes(in, false, &unused);
    if (known) {
        close_element(in, name);
    } else if (!closes && (is_word(name, "title") || is_word(name, "desc"))) {
        skip_past(in, is_word(name, "title") ? "</title>" : "</desc>");
    }
}

/* The last line of a long text may be short. */
static bool
is_last_line(const struct gw_text *text, struct piece piece)
{
    return text->length > piece.length + LINE_LEAST && piece.length > 0 &&
           text->bytes[text->length - piece.length - 1] == ' ' &&
           memcmp(text->bytes + text->length - piece.length, piece.at, piece.length) == 0;
}

/* Whether the text, as XML, is one that the page says itself, or a line of it. */
static bool
is_said(const struct inlining *in, struct piece piece)
{
    for (size_t i = 0; i < GW_REPORT_SAID; i++) {
        struct gw_text written = {0};
        gw_html_text(&written, in->picture->said[i]);
        bool same = written.length > 0 &&
                    (is_word(piece, written.bytes) ||
                     (piece.length >= LINE_LEAST &&
                      memmem(written.bytes, written.length, piece.at, piece.length) != NULL) ||
                     is_last_line(&written, piece));
        gw_text_clear(&written);
        if (same) {
            return true;
        }
    }
    return false;
}

static void
take_text(struct inlining *in)
{
    const char *next = memchr(in->at, '<', (size_t)(in->end - in->at));
    const char *stop = next == NULL ? in->end : next;
    const char *first = in->at;

    while (first < stop && isspace((unsigned char)*first)) {
        first++;
    }
    if (in->opened && first == stop) {
        gw_text_add(in->out, memchr(in->at, '\n', (size_t)(stop - in->at)) != NULL ? "\n" : " ");
    } else if (in->opened) {
        struct piece piece = {in->at, (size_t)(stop - in->at)};
        if (!is_said(in, piece)) {
            gw_html_markup(in->out, piece.at, piece.length);
        }
        in->group_body = 0;
    }
    in->at = stop;
}

bool
gw_report_inline_svg(struct gw_text *out, const char *svg, size_t length,
                     const struct gw_report_picture *picture)
{
    struct inlining in = {.out = out, .at = svg, .end = svg + length, .picture = picture};

    while (in.at < in.end && !out->failed) {
        if (*in.at == '<') {
            take_tag(&in);
        } else {
            take_text(&in);
        }
    }
    gw_text_add(out, in.opened ? "</svg>\n" : "");
    return in.opened && !out->failed;
}
