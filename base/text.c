/* text.c - a string that grows.
 *
 * Idea      Doubling buffer; the first failed allocation makes the text fail for good, so callers
 *           check once, at the end.
 * Invariant bytes is NULL or NUL-terminated, length < allocated.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
reserve(struct gw_text *text, size_t more)
{
    size_t wanted = text->length + more + 1;
    size_t allocated = text->allocated < 64 ? 64 : text->allocated;
    char *bytes;

    if (text->failed || more >= SIZE_MAX / 4 - text->length) {
        text->failed = true;
        return false;
    }
    if (wanted <= text->allocated) {
        return true;
    }
    while (allocated < wanted) {
        allocated *= 2;
    }
    bytes = realloc(text->bytes, allocated);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->allocated = allocated;
    return true;
}

void
gw_text_add_bytes(struct gw_text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length)) {
        return;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void
gw_text_add(struct gw_text *text, const char *piece)
{
    gw_text_add_bytes(text, piece, strlen(piece));
}

void
gw_text_repeat(struct gw_text *text, char byte, size_t times)
{
    if (!reserve(text, times)) {
        return;
    }
    memset(text->bytes + text->length, byte, times);
    text->length += times;
    text->bytes[text->length] = '\0';
}

void
gw_text_format(struct gw_text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void
gw_text_add_json(struct gw_text *text, const char *string)
{
    gw_text_add(text, "\"");
    for (const char *at = string; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;

        if (byte == '"' || byte == '\\') {
            gw_text_repeat(text, '\\', 1);
            gw_text_add_bytes(text, at, 1);
        } else if (byte < 0x20 || byte == 0x7f) {
            gw_text_format(text, "\\u%04x", (unsigned int)byte);
        } else {
            gw_text_add_bytes(text, at, 1);
        }
    }
    gw_text_add(text, "\"");
}

char *
gw_text_take(struct gw_text *text)
{
    char *bytes;

    gw_text_add_bytes(text, "", 0);
    if (text->failed) {
        gw_text_clear(text);
        return NULL;
    }
    bytes = text->bytes;
    *text = (struct gw_text){0};
    return bytes;
}

void
gw_text_clear(struct gw_text *text)
{
    free(text->bytes);
    *text = (struct gw_text){0};
}
