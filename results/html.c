/* html.c - escapes texts for a page.
 *
 * Idea      One walk over the characters for all uses; a use is a table of replacements for ASCII.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

struct escape {
    unsigned char byte;
    const char *written;
};

static const struct escape in_text[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {0, NULL}};

static const struct escape in_attribute[] = {
    {'&', "&amp;"}, {'<', "&lt;"},  {'>', "&gt;"},   {'"', "&quot;"}, {'\'', "&#39;"},
    {'`', "&#96;"}, {'=', "&#61;"}, {'\n', "&#10;"}, {'\t', "&#9;"},  {0, NULL}};

static const struct escape in_json[] = {{'&', "\\u0026"}, {'<', "\\u003c"}, {'>', "\\u003e"},
                                        {'"', "\\\""},    {'\\', "\\\\"},   {'\n', "\\n"},
                                        {'\t', "\\t"},    {0, NULL}};

static const struct escape in_markup[] = {{0, NULL}};

static bool
is_shown(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x00, 0x08},     {0x0B, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200E, 0x200F},
        {0x2028, 0x202E}, {0x2066, 0x2069}, {0xD800, 0xDFFF}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF},
    };

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (character >= hidden[i].first && character <= hidden[i].last) {
            return false;
        }
    }
    return (character & 0xFFFE) != 0xFFFE;
}

void
gw_utf8_mend(char *text)
{
    size_t length = strlen(text);
    size_t kept = 0;

    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t bytes = gw_utf8_decode(text + at, length - at, &character);
        if (bytes == 0) {
            at++;
            continue;
        }
        if (bytes == 1 || is_shown(character)) {
            memmove(text + kept, text + at, bytes);
            kept += bytes;
        }
        at += bytes;
    }
    text[kept] = '\0';
}

static const char *
written_as(const struct escape *escapes, unsigned char byte)
{
    for (; escapes->written != NULL; escapes++) {
        if (escapes->byte == byte) {
            return escapes->written;
        }
    }
    return NULL;
}

static void
add(struct gw_text *out, const char *text, size_t length, const struct escape *escapes)
{
    size_t at = 0;

    while (at < length) {
        uint32_t character = 0;
        size_t bytes = gw_utf8_decode(text + at, length - at, &character);
        const char *written = bytes == 1 ? written_as(escapes, (unsigned char)text[at]) : NULL;

        if (bytes == 0 || !is_shown(character)) {
            gw_text_add(out, REPLACEMENT);
        } else if (written != NULL) {
            gw_text_add(out, written);
        } else {
            gw_text_add_bytes(out, text + at, bytes);
        }
        at += bytes == 0 ? 1 : bytes;
    }
}

void
gw_html_text(struct gw_text *out, const char *text)
{
    add(out, text, text == NULL ? 0 : strlen(text), in_text);
}

void
gw_html_attribute(struct gw_text *out, const char *text)
{
    add(out, text, text == NULL ? 0 : strlen(text), in_attribute);
}

void
gw_html_markup(struct gw_text *out, const char *bytes, size_t length)
{
    add(out, bytes, length, in_markup);
}

void
gw_html_json(struct gw_text *out, const char *text)
{
    gw_text_add(out, "\"");
    add(out, text, text == NULL ? 0 : strlen(text), in_json);
    gw_text_add(out, "\"");
}

void
gw_html_format(struct gw_text *out, const char *format, ...)
{
    va_list arguments;
    char *made;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    made = length < 0 ? NULL : malloc((size_t)length + 1);
    if (made == NULL) {
        out->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(made, (size_t)length + 1, format, arguments);
    va_end(arguments);
    gw_html_text(out, made);
    free(made);
}

void
gw_html_element(struct gw_text *out, const char *tag, const char *text)
{
    gw_text_format(out, "<%s>", tag);
    gw_html_text(out, text);
    gw_text_format(out, "</%s>", tag);
}
