/* utf8.c - characters of texts that come from outside.
 *
 * Source    Well-formed UTF-8: The Unicode Standard 15, table 3-7.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/utf8.h"

size_t
gw_utf8_count(const char *text)
{
    return gw_utf8_count_in(text, SIZE_MAX);
}

size_t
gw_utf8_count_in(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes && text[i] != '\0'; i++) {
        count += !gw_utf8_continues(text[i]);
    }
    return count;
}

size_t
gw_utf8_decode(const char *text, size_t length, uint32_t *character)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } shapes[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    unsigned char first = (unsigned char)text[0];

    for (size_t more = 0; more < sizeof shapes / sizeof shapes[0] && more < length; more++) {
        if ((first & shapes[more].mask) != shapes[more].lead) {
            continue;
        }
        uint32_t number = first & (0xFFU ^ shapes[more].mask);
        for (size_t i = 1; i <= more; i++) {
            if (!gw_utf8_continues(text[i])) {
                return 0;
            }
            number = number << 6 | ((unsigned char)text[i] & 0x3FU);
        }
        *character = number;
        return number < shapes[more].least || number > 0x10FFFF ? 0 : more + 1;
    }
    return 0;
}
