/* html.h - texts that come from anywhere, put into an HTML page as texts.
 *
 * Bytes that are no UTF-8, control characters and marks that turn the direction of writing become
 * U+FFFD. Newlines and tabs stay.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_HTML_H
#define GW_HTML_H

#include "base/text.h"

/* Drops, in place, what is no UTF-8 (a character that was cut) and what XML or a reader cannot bear
 * beyond ASCII: marks that turn the direction of writing, and characters that are none. */
void gw_utf8_mend(char *text);

/* Between tags. NULL is "". */
void gw_html_text(struct gw_text *out, const char *text);
void gw_html_format(struct gw_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As a value between double quotes; the quotes are the caller's. */
void gw_html_attribute(struct gw_text *out, const char *text);

/* <tag>text</tag>; tag is ours: "td", "p class=\"note\"" is no tag. */
void gw_html_element(struct gw_text *out, const char *tag, const char *text);

/* A JSON string with its quotes, in which no script element ends. */
void gw_html_json(struct gw_text *out, const char *text);

/* Markup of others, as it is but for what no page may hold. */
void gw_html_markup(struct gw_text *out, const char *bytes, size_t length);

#endif
