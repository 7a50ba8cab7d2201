/* page_fill.h - bytes of each kind of content, made from a key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_FILL_H
#define GW_PAGE_FILL_H

#include <stddef.h>
#include <stdint.h>

#include "workloads/memory_region.h"

/* Output number `index` of the generator that `key` starts. */
static inline uint64_t
gw_fill_word(uint64_t key, uint64_t index)
{
    uint64_t x = key + (index + 1) * 0x9E3779B97F4A7C15;

    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

/* Fills `length` bytes; the same key gives the same bytes, and a longer fill begins with the
 * shorter one for zero, text, random, prose, pointers and word. Any kind but GW_CONTENT_FILE. */
void gw_page_fill(enum gw_content_kind kind, uint64_t key, uint8_t *out, size_t length);

#endif
