/* utf8.h - characters of texts that come from outside, and may not be well-formed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_UTF8_H
#define GW_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the byte belongs to a character that began before it. */
static inline bool
gw_utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0U) == 0x80U;
}

/* Characters that begin in the text, or in its first bytes: its width on most terminals. */
size_t gw_utf8_count(const char *text);
size_t gw_utf8_count_in(const char *text, size_t bytes);

/* Bytes of the character at `text`, of which `length` > 0 are left, and its number; 0: it is not
 * well-formed. Surrogates are characters here. */
size_t gw_utf8_decode(const char *text, size_t length, uint32_t *character);

#endif
