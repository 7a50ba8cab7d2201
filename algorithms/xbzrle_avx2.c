/* xbzrle_avx2.c - the changed bytes of a page, 32 at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/xbzrle_walk.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define VECTOR_INLINE static inline __attribute__((target("avx2"), always_inline))

VECTOR_INLINE uint64_t
equal_half(const uint8_t *old, const uint8_t *fresh)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)old);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)fresh);

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

VECTOR_INLINE uint64_t
equal_word(const uint8_t *old, const uint8_t *fresh, size_t w)
{
    old += 64 * w;
    fresh += 64 * w;
    return equal_half(old, fresh) | equal_half(old + 32, fresh + 32) << 32;
}

__attribute__((target("avx2"))) int32_t
gw_xbzrle_encode_avx2(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                      size_t capacity)
{
    struct gw_xbzrle_map map;

    if (length != GW_XBZRLE_PAGE_BYTES) {
        return gw_xbzrle_encode_scalar(old, fresh, length, out, capacity);
    }
    map.equal[0] = UINT64_MAX;
    for (size_t w = 0; w < GW_XBZRLE_WORDS; w += 4) {
        map.equal[1 + w] = equal_word(old, fresh, w);
        map.equal[2 + w] = equal_word(old, fresh, w + 1);
        map.equal[3 + w] = equal_word(old, fresh, w + 2);
        map.equal[4 + w] = equal_word(old, fresh, w + 3);
    }
    return gw_xbzrle_walk(&map, fresh, out, capacity);
}

#endif
