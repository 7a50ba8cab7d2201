/* xbzrle_walk.h - from a bit a byte ("is equal") to an XBZRLE encoding.
 *
 * What the vector encoders share: they make the map in their own way and hand it over.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_XBZRLE_WALK_H
#define GW_XBZRLE_WALK_H

#include <stddef.h>
#include <stdint.h>

enum { GW_XBZRLE_PAGE_BYTES = 4096, GW_XBZRLE_WORDS = GW_XBZRLE_PAGE_BYTES / 64 };

/* Bit i of equal[1 + w] stands for byte 64 w + i of the page; all bits of equal[0] are 1. */
struct gw_xbzrle_map {
    uint64_t equal[1 + GW_XBZRLE_WORDS];
};

/* Of a processor that has AVX2, BMI1, BMI2 and POPCNT. Result as gw_xbzrle_encode. */
int32_t gw_xbzrle_walk(const struct gw_xbzrle_map *map, const uint8_t *fresh, uint8_t *out,
                       size_t capacity);

/* The encoders behind gw_xbzrle_kinds; the latter two fall back on the first for other lengths
 * than GW_XBZRLE_PAGE_BYTES. */
int32_t gw_xbzrle_encode_scalar(const uint8_t *old, const uint8_t *fresh, size_t length,
                                uint8_t *out, size_t capacity);
int32_t gw_xbzrle_encode_avx2(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                              size_t capacity);
int32_t gw_xbzrle_encode_avx512(const uint8_t *old, const uint8_t *fresh, size_t length,
                                uint8_t *out, size_t capacity);

#endif
