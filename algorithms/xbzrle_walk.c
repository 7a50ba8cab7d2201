/* xbzrle_walk.c - from a bit a byte ("is equal") to an XBZRLE encoding.
 *
 * Idea      Three passes without a branch that random data could turn at random. First the bits
 *           where the map flips: each start and each end of a run is one. Then their positions,
 *           in order, as a list. The list gives the exact size of the encoding by eight runs at a
 *           time, so a page that does not fit costs no copying. Last the runs: a short one, head
 *           and data, is one store of 8 bytes.
 * Source    Format and capacity rule: docs/model-memory-migration.md. Positions are written some
 *           at a time and cut by the count, as fast JSON parsers do.
 * Invariant position[1 + 2 r] and [2 + 2 r] are start and end of run r; position[0] is 0; behind
 *           the last run the last end is repeated. No byte is read outside of the page and none
 *           written outside of `capacity`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/xbzrle_walk.h"

#include <string.h>

#include "algorithms/xbzrle.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define VECTOR __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define VECTOR_INLINE static inline __attribute__((target("avx2,bmi,bmi2,popcnt"), always_inline))

enum {
    AT_ONCE = 8,     /* runs that the sizing reads: so far the list is filled up behind its end */
    SLACK = 32,      /* positions that list_bits and the filling up may write behind the end */
    SHORT_RUN = 5,   /* with 3 bytes of head it fills one word */
    STORE_BYTES = 8, /* of a short run, whatever its size */
    COPY_BYTES = 256 /* of a middling run, whatever its size */
};

struct run_list {
    uint64_t flips[GW_XBZRLE_WORDS];
    uint32_t count; /* of positions, an even number */
    uint16_t position[1 + GW_XBZRLE_PAGE_BYTES + SLACK];
    /* Of a short run: both lengths as they are written, and their bytes and the run's in the
     * topmost byte; of any other 0. */
    uint32_t head[GW_XBZRLE_PAGE_BYTES / 2 + AT_ONCE];
};

VECTOR_INLINE __m256i
load(const void *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

/* Fills four words of flips; returns a bit for each that is 0. */
VECTOR_INLINE uint64_t
find_four(const struct gw_xbzrle_map *map, struct run_list *list, uint32_t w)
{
    __m256i here = load(&map->equal[1 + w]);
    __m256i carry = _mm256_srli_epi64(load(&map->equal[w]), 63);
    __m256i flips = _mm256_xor_si256(here, _mm256_add_epi64(_mm256_add_epi64(here, here), carry));
    __m256i none = _mm256_cmpeq_epi64(flips, _mm256_setzero_si256());

    _mm256_storeu_si256((__m256i *)(void *)&list->flips[w], flips);
    return (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(none));
}

/* Fills flips; returns a bit for each word of it that is not 0. */
VECTOR_INLINE uint64_t
find_flips(const struct gw_xbzrle_map *map, struct run_list *list)
{
    uint64_t quiet = 0;

    for (uint32_t w = 0; w < GW_XBZRLE_WORDS; w += 16) {
        uint64_t some = find_four(map, list, w) | find_four(map, list, w + 4) << 4 |
                        find_four(map, list, w + 8) << 8 | find_four(map, list, w + 12) << 12;

        quiet |= some << w;
    }
    return ~quiet;
}

/* Writes the positions of the lowest four bits and drops these; garbage where there are fewer. */
VECTOR_INLINE uint64_t
list_four(uint64_t bits, uint32_t base, uint16_t *position)
{
    position[0] = (uint16_t)(base + _tzcnt_u64(bits));
    bits = _blsr_u64(bits);
    position[1] = (uint16_t)(base + _tzcnt_u64(bits));
    bits = _blsr_u64(bits);
    position[2] = (uint16_t)(base + _tzcnt_u64(bits));
    bits = _blsr_u64(bits);
    position[3] = (uint16_t)(base + _tzcnt_u64(bits));
    return _blsr_u64(bits);
}

/* The same for sixteen bits: their numbers as nibbles, picked all at once. */
VECTOR_INLINE uint32_t
list_sixteen(uint64_t bits, uint32_t base, uint16_t *position)
{
    uint64_t nibbles = _pdep_u64(bits, UINT64_C(0x1111111111111111)) * 15;
    uint64_t numbers = _pext_u64(UINT64_C(0xfedcba9876543210), nibbles);
    __m128i packed = _mm_cvtsi64_si128((long long)numbers);
    __m128i low = _mm_and_si128(packed, _mm_set1_epi8(15));
    __m128i high = _mm_and_si128(_mm_srli_epi16(packed, 4), _mm_set1_epi8(15));
    __m256i wide = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(low, high));

    wide = _mm256_add_epi16(wide, _mm256_set1_epi16((short)base));
    _mm256_storeu_si256((__m256i *)(void *)position, wide);
    return (uint32_t)_mm_popcnt_u64(bits & 0xffff);
}

/* Returns how many there were. */
VECTOR_INLINE uint32_t
list_bits(uint64_t bits, uint32_t base, uint16_t *position)
{
    uint32_t count = (uint32_t)_mm_popcnt_u64(bits);

    if (count <= 4) {
        (void)list_four(bits, base, position);
        return count;
    }
    position += list_sixteen(bits, base, position);
    position += list_sixteen(bits >> 16, base + 16, position);
    position += list_sixteen(bits >> 32, base + 32, position);
    (void)list_sixteen(bits >> 48, base + 48, position);
    return count;
}

VECTOR_INLINE void
list_runs(const struct gw_xbzrle_map *map, struct run_list *list)
{
    uint64_t busy = find_flips(map, list);
    uint16_t *position = &list->position[1];
    uint32_t count = 0;

    list->position[0] = 0;
    while (busy != 0) {
        uint32_t w = (uint32_t)_tzcnt_u64(busy);

        count += list_bits(list->flips[w], 64 * w, position + count);
        busy = _blsr_u64(busy);
    }
    if (map->equal[GW_XBZRLE_WORDS] >> 63 == 0) {
        position[count++] = GW_XBZRLE_PAGE_BYTES;
    }
    list->count = count;
    __m256i last = _mm256_set1_epi16((short)list->position[count]);

    _mm256_storeu_si256((__m256i *)(void *)(position + count), last);
}

/* Fills eight heads from run `r`; returns what the size of each encoding is more than 2. */
VECTOR_INLINE __m256i
make_heads(struct run_list *list, uint32_t r)
{
    const __m256i second_less_first = _mm256_set1_epi32(0x0001ffff);
    const __m256i most = _mm256_set1_epi32(127);
    __m256i inner = load(&list->position[1 + (size_t)2 * r]);
    __m256i gap = _mm256_madd_epi16(load(&list->position[(size_t)2 * r]), second_less_first);
    __m256i length = _mm256_madd_epi16(inner, second_less_first);
    __m256i start = _mm256_and_si256(inner, _mm256_set1_epi32(0xffff));
    __m256i wide = _mm256_cmpgt_epi32(gap, most);
    __m256i is_short = _mm256_cmpgt_epi32(_mm256_set1_epi32(SHORT_RUN + 1), length);
    __m256i readable =
        _mm256_cmpgt_epi32(_mm256_set1_epi32(GW_XBZRLE_PAGE_BYTES - STORE_BYTES + 1), start);
    /* Everything above the low 7 bits moves up by one: it is added once more. */
    __m256i head = _mm256_add_epi32(gap, _mm256_andnot_si256(most, gap));
    __m256i bits =
        _mm256_add_epi32(_mm256_set1_epi32(8), _mm256_and_si256(wide, _mm256_set1_epi32(8)));
    __m256i size = _mm256_sub_epi32(length, wide);

    head = _mm256_or_si256(head, _mm256_and_si256(wide, _mm256_set1_epi32(128)));
    head = _mm256_or_si256(head, _mm256_sllv_epi32(length, bits));
    head =
        _mm256_add_epi32(head, _mm256_slli_epi32(_mm256_add_epi32(size, _mm256_set1_epi32(2)), 24));
    head = _mm256_and_si256(head, _mm256_and_si256(is_short, readable));
    _mm256_storeu_si256((__m256i *)(void *)&list->head[r], head);
    return _mm256_sub_epi32(size, _mm256_cmpgt_epi32(length, most));
}

/* Fills the heads; returns the bytes of the encoding. */
VECTOR_INLINE uint32_t
size_runs(struct run_list *list)
{
    __m256i sum = _mm256_setzero_si256();

    for (uint32_t r = 0; 2 * r < list->count; r += AT_ONCE) {
        sum = _mm256_add_epi32(sum, make_heads(list, r));
    }
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    __m128i one = _mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1));

    return (uint32_t)_mm_cvtsi128_si32(one) + list->count;
}

/* Writes 2 bytes, the second for nothing if the length takes but one: data always follow. */
VECTOR_INLINE uint8_t *
put_uleb(uint8_t *at, uint32_t length)
{
    uint32_t wide = length > 127;

    at[0] = (uint8_t)((length & 127) | wide << 7);
    at[1] = (uint8_t)(length >> 7);
    return at + 1 + wide;
}

/* A run that is not short, or where there is no room for more than it; returns the end of the
 * output. Reads and writes up to `room` bytes for the data. */
VECTOR static uint8_t *
put_run(const uint16_t *position, const uint8_t *fresh, uint8_t *at, const uint8_t *end)
{
    uint32_t start = position[1];
    uint32_t length = position[2] - start;
    uint8_t *data = put_uleb(put_uleb(at, start - position[0]), length);

    if (length <= COPY_BYTES && start <= GW_XBZRLE_PAGE_BYTES - COPY_BYTES &&
        end - data >= COPY_BYTES) {
        memcpy(data, fresh + start, COPY_BYTES);
        return data + length;
    }
    memcpy(data, fresh + start, length);
    return data + length;
}

/* The encoding is known to fit. */
VECTOR_INLINE int32_t
put_runs(const struct run_list *list, const uint8_t *fresh, uint8_t *out, size_t capacity)
{
    uint8_t *at = out;
    const uint8_t *end = out + capacity;

    for (uint32_t r = 0; 2 * r < list->count; r++) {
        uint32_t head = list->head[r];
        const uint16_t *position = &list->position[(size_t)2 * r];

        if (head == 0 || end - at < STORE_BYTES) {
            at = put_run(position, fresh, at, end);
            continue;
        }
        uint64_t word;

        memcpy(&word, fresh + position[1], sizeof word);
        /* Bit 7 says that the gap takes a second byte. */
        word = word << (16 + (head >> 4 & 8)) | (head & 0xffffff);
        memcpy(at, &word, sizeof word);
        at += head >> 24;
    }
    return (int32_t)(at - out);
}

VECTOR int32_t
gw_xbzrle_walk(const struct gw_xbzrle_map *map, const uint8_t *fresh, uint8_t *out, size_t capacity)
{
    struct run_list list;

    list_runs(map, &list);
    size_t size = size_runs(&list);
    uint32_t tail = list.position[list.count] < GW_XBZRLE_PAGE_BYTES ? 2 : 0;

    if (size + tail > capacity) {
        return GW_XBZRLE_OVERFLOW;
    }
    return put_runs(&list, fresh, out, capacity);
}

#endif
