/* report_page.c - puts the page together: policy, style, sections, scripts.
 *
 * Idea      The content security policy names the style sheet and the scripts by their SHA-256, and
 *           allows nothing else: no address, no handler in the markup, no other script. So a text
 *           that got through the escaping could still do nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* strcasestr */
#endif

#include "results/report_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results/html.h"
#include "results/report_shared.h"
#include "results/sha256.h"

static const char DYGRAPHS[] = "/usr/share/javascript/dygraphs";

/* The licence asks to go with the text. */
static const char DYGRAPHS_LICENCE[] =
    "/* dygraphs, https://dygraphs.com\n"
    " * Copyright (c) 2006, 2009, 2011, 2012, 2013, 2017 Dan Vanderkam and contributors\n"
    " *\n"
    " * Permission is hereby granted, free of charge, to any person obtaining a copy of this\n"
    " * software and associated documentation files (the \"Software\"), to deal in the Software\n"
    " * without restriction, including without limitation the rights to use, copy, modify, merge,\n"
    " * publish, distribute, sublicense, and/or sell copies of the Software, and to permit "
    "persons\n"
    " * to whom the Software is furnished to do so, subject to the following conditions:\n"
    " *\n"
    " * The above copyright notice and this permission notice shall be included in all copies or\n"
    " * substantial portions of the Software.\n"
    " *\n"
    " * THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED,\n"
    " * INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR\n"
    " * PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE\n"
    " * FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR\n"
    " * OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER\n"
    " * DEALINGS IN THE SOFTWARE. */\n";

/* The parts of the page that the policy names. */
struct parts {
    struct gw_text style, dygraphs, script, curves, body, contents;
    bool interactive;
};

/* ---- scripts --------------------------------------------------------------------------------- */

static void
add_lines(struct gw_text *out, const char *const *lines)
{
    for (; *lines != NULL; lines++) {
        gw_text_add(out, *lines);
    }
}

/* A text that can stand in an element and be hashed as it stands. */
static bool
is_embeddable(const char *bytes, size_t length)
{
    return memchr(bytes, '\0', length) == NULL && strchr(bytes, '\r') == NULL &&
           strcasestr(bytes, "</script") == NULL && strcasestr(bytes, "</style") == NULL &&
           strstr(bytes, "<!--") == NULL;
}

/* Without the line that names a source map. Nothing is added when the file is not there. */
static bool
add_file(struct gw_text *out, const char *folder, const char *name)
{
    char path[4096];
    size_t length = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *bytes = gw_report_read_file(path, &length);
    bool fine = bytes != NULL && is_embeddable(bytes, length);
    if (fine) {
        const char *map = strstr(bytes, "# sourceMappingURL=");
        const char *line = map == NULL ? NULL : map - 2;
        gw_text_add_bytes(out, bytes, line == NULL ? length : (size_t)(line - bytes));
        gw_text_add(out, "\n");
    }
    free(bytes);
    return fine;
}

static void
add_scripts(const struct gw_report_page *page, struct parts *parts)
{
    const char *named = page->report->dygraphs;
    const char *folder = named != NULL ? named : DYGRAPHS;
    struct gw_text sheet = {0};
    struct gw_report_page curves = *page;
    bool any = false;

    curves.out = &parts->curves;
    gw_text_add(&parts->dygraphs, DYGRAPHS_LICENCE);
    parts->interactive =
        page->report->scripts && add_file(&parts->dygraphs, folder, "dygraph.min.js") &&
        add_file(&sheet, folder, "dygraph.min.css") && gw_report_curves(&curves, &any) && any;
    if (parts->interactive) {
        gw_text_add(&parts->style, sheet.bytes);
        add_lines(&parts->script, gw_report_script);
    }
    parts->style.failed |= sheet.failed;
    gw_text_clear(&sheet);
}

/* ---- sections -------------------------------------------------------------------------------- */

static bool
add_curves_section(const struct gw_report_page *page, struct gw_error *err)
{
    (void)err;
    gw_text_add(page->out,
                "<section id=\"curves\" hidden>\n<h2>Curves</h2>\n<p class=\"note\">One run of "
                "each, the first replication; long curves are thinned. Point at a curve for its "
                "values, drag to zoom in, double-click to zoom out.</p>\n</section>\n");
    return true;
}

static const struct section {
    const char *id, *title; /* title NULL: not in the list of contents */
    bool (*add)(const struct gw_report_page *page, struct gw_error *err);
    bool needs_scripts;
} sections[] = {
    {"summary", "Summary", gw_report_summary, false},
    {"verdicts", "Verdicts", gw_report_verdicts, false},
    {"curves", "Curves", add_curves_section, true},
    {"figures", "Figures", gw_report_figures, false},
    {"cards", "Model cards", gw_report_cards, false},
    {"scenarios", "Scenarios", gw_report_scenarios, false},
    {"runs", "Runs", gw_report_runs, false},
};

static bool
add_sections(const struct gw_report_page *page, bool interactive, struct gw_text *contents,
             struct gw_error *err)
{
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const struct section *section = &sections[i];
        if (section->needs_scripts && !interactive) {
            continue;
        }
        gw_text_format(contents, "<li%s><a href=\"#%s\">%s</a></li>\n",
                       section->needs_scripts ? " data-curves hidden" : "", section->id,
                       section->title);
        if (!section->add(page, err)) {
            return false;
        }
    }
    return true;
}

/* ---- the page -------------------------------------------------------------------------------- */

static void
add_hash(struct gw_text *out, const struct gw_text *part)
{
    char hash[GW_SHA256_BASE64];

    gw_sha256_base64(part->bytes, part->length, hash);
    gw_text_format(out, " 'sha256-%s'", hash);
}

/* Studies, or the scenarios where no study was noted. */
static void
add_title(const struct gw_report_page *page, struct gw_text *out)
{
    const struct gw_study_states *studies = page->report->studies;

    for (size_t i = 0; i < studies->count; i++) {
        gw_text_add(out, i == 0 ? "" : ", ");
        gw_html_text(out, studies->items[i].name);
    }
    for (size_t i = 0; studies->count == 0 && i < page->book->group_count; i++) {
        const struct gw_report_group *group = &page->book->groups[i];
        if (i == 0 || strcmp(group[-1].scenario, group->scenario) != 0) {
            gw_text_add(out, i == 0 ? "" : ", ");
            gw_html_text(out, group->scenario);
        }
    }
}

static void
add_element(struct gw_text *out, const char *open, const struct gw_text *part, const char *close)
{
    gw_text_add(out, open);
    gw_text_add_bytes(out, part->bytes, part->length);
    gw_text_add(out, close);
}

static void
add_head(const struct gw_report_page *page, const struct parts *parts, struct gw_text *out)
{
    gw_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "img-src data:; base-uri 'none'; form-action 'none'; style-src");
    add_hash(out, &parts->style);
    if (parts->interactive) {
        gw_text_add(out, "; script-src");
        add_hash(out, &parts->dygraphs);
        add_hash(out, &parts->script);
    }
    gw_text_add(out, "\">\n<meta name=\"viewport\" content=\"width=device-width, "
                     "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    add_title(page, out);
    gw_text_add(out, " - godwit report</title>\n");
    add_element(out, "<style>", &parts->style, "</style>\n</head>\n<body>\n");
}

static void
add_page(const struct gw_report_page *page, const struct parts *parts, struct gw_text *intro,
         struct gw_text *out)
{
    add_head(page, parts, out);
    gw_text_add(out, "<p class=\"kicker\">godwit report</p>\n<h1>");
    add_title(page, out);
    gw_text_add(out, "</h1>\n");
    gw_text_add_bytes(out, intro->bytes, intro->length);
    add_element(out, "<nav aria-label=\"Contents\"><ul>\n", &parts->contents,
                "</ul></nav>\n<main>\n");
    gw_text_add_bytes(out, parts->body.bytes, parts->body.length);
    gw_text_add(out, "</main>\n<footer class=\"note\">Made by godwit report: one file, without "
                     "network. The pictures, their data and scripts are in figures/ beside it.");
    gw_text_add(out, parts->interactive ? " Curves are drawn by dygraphs (MIT licence).</footer>\n"
                                        : "</footer>\n");
    if (parts->interactive) {
        add_element(out, "<script type=\"application/json\" id=\"curve-data\">", &parts->curves,
                    "</script>\n");
        add_element(out, "<script>", &parts->dygraphs, "</script>\n");
        add_element(out, "<script>", &parts->script, "</script>\n");
    }
    gw_text_add(out, "</body>\n</html>\n");
}

static bool
make_page(const struct gw_report_page *page, struct parts *parts, struct gw_text *out,
          struct gw_error *err)
{
    struct gw_report_page section = *page;
    struct gw_text intro = {0};

    add_scripts(page, parts);
    add_lines(&parts->style, gw_report_style);
    section.out = &intro;
    bool fine = gw_report_intro(&section, err);
    section.out = &parts->body;
    fine = fine && add_sections(&section, parts->interactive, &parts->contents, err);
    if (fine) {
        bool failed = parts->style.failed || parts->dygraphs.failed || parts->script.failed ||
                      parts->curves.failed || parts->body.failed || parts->contents.failed ||
                      intro.failed;
        if (!failed) {
            add_page(page, parts, &intro, out);
        }
        fine = (!failed && !out->failed) || gw_fail(err, GW_ENOMEM, "out of memory for the report");
    }
    gw_text_clear(&intro);
    return fine;
}

static bool
make_folder(const char *path, struct gw_error *err)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           gw_fail(err, GW_EIO, "%s: cannot be made: %s", path, strerror(errno));
}

static bool
write_page(const char *directory, const struct gw_text *page, struct gw_error *err)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/report.html", directory);

    if (length < 0 || (size_t)length >= sizeof path) {
        return gw_fail(err, GW_EINVAL, "%.200s...: the path is too long", directory);
    }
    FILE *file = fopen(path, "wb");
    bool fine = file != NULL && fwrite(page->bytes, 1, page->length, file) == page->length;
    fine = file != NULL && fclose(file) == 0 && fine;
    return fine || gw_fail(err, GW_EIO, "%s: cannot be written: %s", path, strerror(errno));
}

bool
gw_report_write(const struct gw_report_input *report, const char *directory, struct gw_error *err)
{
    struct gw_report_book book;
    struct gw_text page_text = {0};
    struct parts parts = {0};

    if (report->runs->count == 0) {
        return gw_fail(err, GW_EINVAL, "%s: has no runs to report", report->database);
    }
    if (!gw_report_book_make(&book, report->runs, err)) {
        return false;
    }
    struct gw_report_page page = {.report = report, .book = &book, .directory = directory};
    bool fine = make_folder(directory, err) && make_page(&page, &parts, &page_text, err) &&
                write_page(directory, &page_text, err);
    gw_text_clear(&page_text);
    gw_text_clear(&parts.style);
    gw_text_clear(&parts.dygraphs);
    gw_text_clear(&parts.script);
    gw_text_clear(&parts.curves);
    gw_text_clear(&parts.body);
    gw_text_clear(&parts.contents);
    gw_report_book_clear(&book);
    return fine;
}
