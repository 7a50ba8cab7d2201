/* zero_page.c - whether memory is all zero.
 *
 * Idea      Most pages that are not zero show it early, so each step of a few vectors ends in a
 *           test. The end of a buffer is read by a vector that overlaps the one before, so that
 *           no byte outside of the buffer is touched.
 * Invariant All kinds give the same answer for every length and alignment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "algorithms/xbzrle.h"

static bool
always(void)
{
    return true;
}

static bool
is_zero_scalar(const uint8_t *bytes, size_t length)
{
    uint8_t rest = 0;

    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;

        memcpy(&word, bytes, sizeof word);
        if (word != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < length; i++) {
        rest |= bytes[i];
    }
    return rest == 0;
}

#if defined(__x86_64__)

enum { YMM = 32, ZMM = 64, VECTORS = 4 /* a step */ };

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX2 static inline __m256i
load_256(const uint8_t *bytes)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

AVX2 static inline bool
step_is_zero_256(const uint8_t *bytes)
{
    __m256i low = _mm256_or_si256(load_256(bytes), load_256(bytes + YMM));
    __m256i high =
        _mm256_or_si256(load_256(bytes + (size_t)2 * YMM), load_256(bytes + (size_t)3 * YMM));
    __m256i all = _mm256_or_si256(low, high);

    return _mm256_testz_si256(all, all) != 0;
}

AVX2 static bool
is_zero_avx2(const uint8_t *bytes, size_t length)
{
    const size_t step = (size_t)VECTORS * YMM;
    size_t place = 0;

    if (length < step) {
        return is_zero_scalar(bytes, length);
    }
    for (; place + step <= length; place += step) {
        if (!step_is_zero_256(bytes + place)) {
            return false;
        }
    }
    return step_is_zero_256(bytes + length - step);
}

AVX512 static inline bool
step_is_zero_512(const uint8_t *bytes)
{
    __m512i low = _mm512_or_si512(_mm512_loadu_si512(bytes), _mm512_loadu_si512(bytes + ZMM));
    __m512i high = _mm512_or_si512(_mm512_loadu_si512(bytes + (size_t)2 * ZMM),
                                   _mm512_loadu_si512(bytes + (size_t)3 * ZMM));
    __m512i all = _mm512_or_si512(low, high);

    return _mm512_test_epi8_mask(all, all) == 0;
}

AVX512 static bool
is_zero_avx512(const uint8_t *bytes, size_t length)
{
    const size_t step = (size_t)VECTORS * ZMM;
    size_t place = 0;

    if (length < step) {
        return is_zero_scalar(bytes, length);
    }
    for (; place + step <= length; place += step) {
        if (!step_is_zero_512(bytes + place)) {
            return false;
        }
    }
    return step_is_zero_512(bytes + length - step);
}

static bool
has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

static bool
has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

#endif

const struct gw_zero_kind gw_zero_kinds[] = {
    {"scalar", always, is_zero_scalar},
#if defined(__x86_64__)
    {"avx2", has_avx2, is_zero_avx2},
    {"avx512", has_avx512, is_zero_avx512},
#endif
    {NULL, NULL, NULL},
};

bool
gw_is_zero(const uint8_t *bytes, size_t length)
{
    size_t best = sizeof gw_zero_kinds / sizeof gw_zero_kinds[0] - 2;

    while (!gw_zero_kinds[best].usable()) {
        best--;
    }
    return gw_zero_kinds[best].is_zero(bytes, length);
}
