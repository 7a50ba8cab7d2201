/* xbzrle_avx512.c - the changed bytes of a page, 64 at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/xbzrle_walk.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define VECTOR_INLINE static inline __attribute__((target("avx512f,avx512bw"), always_inline))

VECTOR_INLINE uint64_t
equal_word(const uint8_t *old, const uint8_t *fresh, size_t w)
{
    __m512i a = _mm512_loadu_si512(old + 64 * w);
    __m512i b = _mm512_loadu_si512(fresh + 64 * w);

    return _mm512_cmpeq_epi8_mask(a, b);
}

__attribute__((target("avx512f,avx512bw"))) int32_t
gw_xbzrle_encode_avx512(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
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
