/* xbzrle.c - XBZRLE: the scalar encoder, the choice of encoder, the decoder.
 *
 * Idea      An encoding is a sequence of pairs: how many bytes are equal, how many are not, and
 *           the latter. Lengths are ULEB128 of at most 14 bits. The scalar encoder is the
 *           definition; the others must give its bytes. What is best is looked up at each call
 *           in a constant table: nothing to initialise, nothing to race for.
 * Source    QEMU migration/xbzrle.c as described in docs/model-memory-migration.md; written anew.
 * Invariant The decoder touches no byte outside of `page` and `encoded`, whatever it is given.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/xbzrle.h"

#include <string.h>

#include "algorithms/xbzrle_walk.h"

static uint64_t
word_at(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* First position from `place` where the two differ, or `length`. */
static size_t
equal_end(const uint8_t *old, const uint8_t *fresh, size_t place, size_t length)
{
    while (length - place >= 8 && word_at(old + place) == word_at(fresh + place)) {
        place += 8;
    }
    while (place < length && old[place] == fresh[place]) {
        place++;
    }
    return place;
}

/* First position from `place` where the two are equal, or `length`. */
static size_t
changed_end(const uint8_t *old, const uint8_t *fresh, size_t place, size_t length)
{
    const uint64_t ones = UINT64_MAX / 255;

    while (length - place >= 8) {
        uint64_t difference = word_at(old + place) ^ word_at(fresh + place);

        /* Not 0 if and only if one of the bytes is 0. */
        if (((difference - ones) & ~difference & ones << 7) != 0) {
            break;
        }
        place += 8;
    }
    while (place < length && old[place] != fresh[place]) {
        place++;
    }
    return place;
}

/* Returns how many bytes it took, 1 or 2. */
static size_t
put_length(uint8_t *out, size_t length)
{
    if (length < 128) {
        out[0] = (uint8_t)length;
        return 1;
    }
    out[0] = (uint8_t)(length | 128);
    out[1] = (uint8_t)(length >> 7);
    return 2;
}

int32_t
gw_xbzrle_encode_scalar(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                        size_t capacity)
{
    size_t place = 0;
    size_t size = 0;

    while (place < length) {
        if (size + 2 > capacity) {
            return GW_XBZRLE_OVERFLOW;
        }
        size_t start = equal_end(old, fresh, place, length);

        if (start == length) {
            break;
        }
        size += put_length(out + size, start - place);
        if (size + 2 > capacity) {
            return GW_XBZRLE_OVERFLOW;
        }
        size_t end = changed_end(old, fresh, start, length);

        size += put_length(out + size, end - start);
        if (size + (end - start) > capacity) {
            return GW_XBZRLE_OVERFLOW;
        }
        memcpy(out + size, fresh + start, end - start);
        size += end - start;
        place = end;
    }
    return (int32_t)size;
}

static bool
always(void)
{
    return true;
}

#if defined(__x86_64__)

static bool
has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

static bool
has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

#endif

const struct gw_xbzrle_kind gw_xbzrle_kinds[] = {
    {"scalar", always, gw_xbzrle_encode_scalar},
#if defined(__x86_64__)
    {"avx2", has_avx2, gw_xbzrle_encode_avx2},
    {"avx512", has_avx512, gw_xbzrle_encode_avx512},
#endif
    {NULL, NULL, NULL},
};

int32_t
gw_xbzrle_encode(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                 size_t capacity)
{
    size_t best = sizeof gw_xbzrle_kinds / sizeof gw_xbzrle_kinds[0] - 2;

    while (!gw_xbzrle_kinds[best].usable()) {
        best--;
    }
    return gw_xbzrle_kinds[best].encode(old, fresh, length, out, capacity);
}

/* What is left to decode. */
struct reader {
    const uint8_t *at;
    size_t left;
};

/* At least 2 bytes are left. Returns -1 for a length of more than 2 bytes. */
static int32_t
take_length(struct reader *reader)
{
    uint8_t low = reader->at[0];

    if (low < 128) {
        reader->at += 1;
        reader->left -= 1;
        return low;
    }
    if (reader->at[1] >= 128) {
        return -1;
    }
    int32_t length = (low & 127) | reader->at[1] << 7;

    reader->at += 2;
    reader->left -= 2;
    return length;
}

int32_t
gw_xbzrle_decode(const uint8_t *encoded, size_t encoded_bytes, uint8_t *page, size_t length)
{
    struct reader reader = {encoded, encoded_bytes};
    size_t place = 0;

    while (reader.left > 0) {
        if (reader.left < 2) {
            return -1;
        }
        int32_t equal = take_length(&reader);

        if (equal < 0 || (equal == 0 && place > 0) || (size_t)equal > length - place) {
            return -1;
        }
        place += (size_t)equal;
        if (reader.left < 2) {
            return -1;
        }
        int32_t changed = take_length(&reader);

        if (changed <= 0 || (size_t)changed > length - place || (size_t)changed > reader.left) {
            return -1;
        }
        memcpy(page + place, reader.at, (size_t)changed);
        place += (size_t)changed;
        reader.at += changed;
        reader.left -= (size_t)changed;
    }
    return (int32_t)place;
}
