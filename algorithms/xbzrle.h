/* xbzrle.h - XBZRLE: a page as the runs of bytes that differ from its old content.
 *
 * Format and results are QEMU's, byte by byte (facts: docs/model-memory-migration.md). Runs are
 * maximal; the data are the new values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_XBZRLE_H
#define GW_XBZRLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GW_XBZRLE_OVERFLOW = -1 };

/* Encodes `length` bytes (<= 16383) of `fresh` against `old` into `out` of `capacity` bytes.
 * Returns the bytes written, 0 when equal, GW_XBZRLE_OVERFLOW when they do not fit; all of `out`
 * may be overwritten. Uses the best implementation of this processor. */
int32_t gw_xbzrle_encode(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                         size_t capacity);
/* Applies an encoding to `page` in place. Returns the position after the last change, or -1 for
 * what is not a legal encoding (the page may then be partly changed). */
int32_t gw_xbzrle_decode(const uint8_t *encoded, size_t encoded_bytes, uint8_t *page,
                         size_t length);

/* The implementations, for tests and benchmarks; NULL-terminated, the scalar reference first. */
struct gw_xbzrle_kind {
    const char *name; /* "scalar", "avx2", "avx512" */
    bool (*usable)(void);
    int32_t (*encode)(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                      size_t capacity);
};

extern const struct gw_xbzrle_kind gw_xbzrle_kinds[];

/* Whether all `length` bytes are 0; vectorised like the above. */
bool gw_is_zero(const uint8_t *bytes, size_t length);

/* As gw_xbzrle_kinds. */
struct gw_zero_kind {
    const char *name;
    bool (*usable)(void);
    bool (*is_zero)(const uint8_t *bytes, size_t length);
};

extern const struct gw_zero_kind gw_zero_kinds[];

#endif
