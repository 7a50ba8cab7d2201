/* text.h - a string that grows: what is built up piece by piece before it is printed or kept.
 *
 * A zeroed struct is an empty text. Memory out is remembered, not reported at each call: ask
 * gw_text_take at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TEXT_H
#define GW_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct gw_text {
    char *bytes; /* NUL-terminated once anything was added; owned */
    size_t length;
    size_t allocated;
    bool failed; /* memory was out: the text is not complete */
};

void gw_text_add(struct gw_text *text, const char *piece);
void gw_text_add_bytes(struct gw_text *text, const char *bytes, size_t length);
void gw_text_repeat(struct gw_text *text, char byte, size_t times);
void gw_text_format(struct gw_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a JSON string with its quotes; also a double-quoted YAML scalar. */
void gw_text_add_json(struct gw_text *text, const char *string);

/* Hands the string over ("" when nothing was added) and empties the text; NULL: memory out. */
char *gw_text_take(struct gw_text *text);
void gw_text_clear(struct gw_text *text);

#endif
