/* bitmap.c - bits in words, with two levels of "is there anything".
 *
 * Idea      A summary bit a word and another one per 64 of those: a search skips 4096 empty words
 *           a step, so that one bit in 10^8 is found in some 400 steps.
 * Invariant Bits at and above bit_count are zero. A summary bit is set exactly when what it stands
 *           for is not zero. count equals the bits set.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/bitmap.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
words_for(uint64_t bits)
{
    return bits / 64 + (bits % 64 != 0);
}

/* Bytes of words and summaries together: they are one block. */
static size_t
size_bytes(const struct gw_bitmap *bitmap)
{
    uint64_t words = words_for(bitmap->bit_count);
    uint64_t some = words_for(words);

    return (words + some + words_for(some)) * sizeof *bitmap->word;
}

bool
gw_bitmap_create(struct gw_bitmap *bitmap, uint64_t bit_count, struct gw_error *err)
{
    uint64_t words = words_for(bit_count);
    uint64_t some = words_for(words);
    uint64_t top = words_for(some);
    uint64_t *memory = calloc(words + some + top + 1, sizeof *memory);

    if (memory == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory for a bitmap of %llu bits",
                       (unsigned long long)bit_count);
    }
    *bitmap = (struct gw_bitmap){.word = memory,
                                 .some = memory + words,
                                 .top = memory + words + some,
                                 .bit_count = bit_count};
    return true;
}

void
gw_bitmap_destroy(struct gw_bitmap *bitmap)
{
    free(bitmap->word);
    *bitmap = (struct gw_bitmap){0};
}

/* A word has become zero, or is so no longer: makes the summaries true. */
static void
turn_summary(struct gw_bitmap *bitmap, uint64_t index)
{
    uint64_t mask = (uint64_t)1 << index / 64 % 64;

    bitmap->some[index / 64] ^= (uint64_t)1 << index % 64;
    bitmap->top[index / 4096] &= ~mask;
    if (bitmap->some[index / 64] != 0) {
        bitmap->top[index / 4096] |= mask;
    }
}

/* Gives a word a new value; keeps count and summaries true; returns how many bits changed. */
static uint64_t
put_word(struct gw_bitmap *bitmap, uint64_t index, uint64_t value)
{
    uint64_t before = bitmap->word[index];
    uint64_t changed = (uint64_t)__builtin_popcountll(before ^ value);

    bitmap->word[index] = value;
    bitmap->count += (uint64_t)__builtin_popcountll(value);
    bitmap->count -= (uint64_t)__builtin_popcountll(before);
    if ((before != 0) != (value != 0)) {
        turn_summary(bitmap, index);
    }
    return changed;
}

/* The bits of word `index` that lie in first .. end - 1 (which has a bit there). */
static uint64_t
range_mask(uint64_t index, uint64_t first, uint64_t end)
{
    uint64_t mask = UINT64_MAX;

    if (index == first / 64) {
        mask &= UINT64_MAX << first % 64;
    }
    if (index == end / 64) {
        mask &= ((uint64_t)1 << end % 64) - 1;
    }
    return mask;
}

static uint64_t
range_end(const struct gw_bitmap *bitmap, uint64_t first, uint64_t length)
{
    gw_assert(first <= bitmap->bit_count && length <= bitmap->bit_count - first);
    return first + length;
}

uint64_t
gw_bitmap_set_range(struct gw_bitmap *bitmap, uint64_t first, uint64_t length)
{
    uint64_t end = range_end(bitmap, first, length);
    uint64_t changed = 0;

    for (uint64_t i = first / 64; length > 0 && i < words_for(end); i++) {
        changed += put_word(bitmap, i, bitmap->word[i] | range_mask(i, first, end));
    }
    return changed;
}

uint64_t
gw_bitmap_clear_range(struct gw_bitmap *bitmap, uint64_t first, uint64_t length)
{
    uint64_t end = range_end(bitmap, first, length);
    uint64_t changed = 0;

    for (uint64_t i = first / 64; length > 0 && i < words_for(end); i++) {
        changed += put_word(bitmap, i, bitmap->word[i] & ~range_mask(i, first, end));
    }
    return changed;
}

uint64_t
gw_bitmap_count_range(const struct gw_bitmap *bitmap, uint64_t first, uint64_t length)
{
    uint64_t end = range_end(bitmap, first, length);
    uint64_t count = 0;

    for (uint64_t i = first / 64; length > 0 && i < words_for(end); i++) {
        count += (uint64_t)__builtin_popcountll(bitmap->word[i] & range_mask(i, first, end));
    }
    return count;
}

/* First set bit of a plain array of words at or above `from`, or GW_BITMAP_NONE. */
static uint64_t
scan(const uint64_t *word, uint64_t word_count, uint64_t from)
{
    uint64_t i = from / 64;

    if (i >= word_count) {
        return GW_BITMAP_NONE;
    }
    uint64_t bits = word[i] & UINT64_MAX << from % 64;

    while (bits == 0) {
        if (++i == word_count) {
            return GW_BITMAP_NONE;
        }
        bits = word[i];
    }
    return i * 64 + (uint64_t)__builtin_ctzll(bits);
}

uint64_t
gw_bitmap_find_next_set(const struct gw_bitmap *bitmap, uint64_t from)
{
    if (from >= bitmap->bit_count || bitmap->count == 0) {
        return GW_BITMAP_NONE;
    }
    uint64_t index = from / 64;
    uint64_t bits = bitmap->word[index] & UINT64_MAX << from % 64;

    if (bits != 0) {
        return index * 64 + (uint64_t)__builtin_ctzll(bits);
    }
    index++;
    uint64_t words = words_for(bitmap->bit_count);
    uint64_t block = index / 64;

    if (index >= words) {
        return GW_BITMAP_NONE;
    }
    bits = bitmap->some[block] & UINT64_MAX << index % 64;
    if (bits == 0) {
        block = scan(bitmap->top, words_for(words_for(words)), block + 1);
        if (block == GW_BITMAP_NONE) {
            return GW_BITMAP_NONE;
        }
        bits = bitmap->some[block];
    }
    index = block * 64 + (uint64_t)__builtin_ctzll(bits);
    return index * 64 + (uint64_t)__builtin_ctzll(bitmap->word[index]);
}

void
gw_bitmap_clear_all(struct gw_bitmap *bitmap)
{
    if (bitmap->count > words_for(bitmap->bit_count) / 64) {
        memset(bitmap->word, 0, size_bytes(bitmap));
        bitmap->count = 0;
    }
    for (uint64_t bit = 0; bitmap->count > 0;) {
        bit = gw_bitmap_find_next_set(bitmap, bit);
        (void)put_word(bitmap, bit / 64, 0);
    }
}

void
gw_bitmap_take(struct gw_bitmap *into, struct gw_bitmap *from)
{
    gw_assert(into->bit_count == from->bit_count);
    gw_bitmap_clear_all(into);
    struct gw_bitmap taken = *from;

    *from = *into;
    *into = taken;
}

/* Takes bits of one word at or above `bit`, which is set; returns how many. */
static uint32_t
take_of_word(struct gw_bitmap *bitmap, uint64_t bit, uint32_t most, uint64_t *bits)
{
    uint64_t index = bit / 64;
    uint64_t before = bitmap->word[index];
    uint64_t wanted = before & UINT64_MAX << bit % 64;
    uint64_t todo = wanted;
    uint32_t count = 0;

    while (todo != 0 && count < most) {
        bits[count++] = index * 64 + (uint64_t)__builtin_ctzll(todo);
        todo &= todo - 1;
    }
    bitmap->word[index] = before ^ wanted ^ todo;
    bitmap->count -= count;
    if (bitmap->word[index] == 0) {
        turn_summary(bitmap, index);
    }
    return count;
}

uint32_t
gw_bitmap_take_bits(struct gw_bitmap *bitmap, uint64_t from, uint32_t most, uint64_t *bits)
{
    uint32_t count = 0;

    while (count < most) {
        uint64_t bit = gw_bitmap_find_next_set(bitmap, from);

        if (bit == GW_BITMAP_NONE) {
            break;
        }
        count += take_of_word(bitmap, bit, most - count, bits + count);
        from = bits[count - 1] + 1;
    }
    return count;
}

void
gw_bitmap_copy(struct gw_bitmap *into, const struct gw_bitmap *from)
{
    gw_assert(into->bit_count == from->bit_count);
    if (into->bit_count > 0) {
        memcpy(into->word, from->word, size_bytes(into));
    }
    into->count = from->count;
}

/* Ors `count` words; returns the bits that were not set before. Like remove_words it is inlined into
 * two versions, since without the instruction a population count is a call. */
__attribute__((always_inline)) static inline uint64_t
merge_words(uint64_t *into, const uint64_t *from, uint64_t count)
{
    uint64_t fresh = 0;

    for (uint64_t i = 0; i < count; i++) {
        fresh += (uint64_t)__builtin_popcountll(from[i] & ~into[i]);
        into[i] |= from[i];
    }
    return fresh;
}

/* Clears in words first .. end - 1 of a block of 64 what is set in `what`, and their summary bits
 * where nothing is left; returns the bits cleared. */
__attribute__((always_inline)) static inline uint64_t
remove_words(uint64_t *from, const uint64_t *what, uint64_t *some, uint64_t first, uint64_t end)
{
    uint64_t gone = 0;

    for (uint64_t i = first; i < end; i++) {
        uint64_t common = from[i] & what[i];

        gone += (uint64_t)__builtin_popcountll(common);
        from[i] ^= common;
        *some &= ~((uint64_t)(from[i] == 0) << i);
    }
    return gone;
}

#if defined(__x86_64__)

__attribute__((target("popcnt"))) static uint64_t
merge_words_popcnt(uint64_t *into, const uint64_t *from, uint64_t count)
{
    return merge_words(into, from, count);
}

__attribute__((target("popcnt"))) static uint64_t
remove_words_popcnt(uint64_t *from, const uint64_t *what, uint64_t *some, uint64_t first,
                    uint64_t end)
{
    return remove_words(from, what, some, first, end);
}

static uint64_t
merge_block(uint64_t *into, const uint64_t *from, uint64_t count)
{
    return __builtin_cpu_supports("popcnt") ? merge_words_popcnt(into, from, count)
                                            : merge_words(into, from, count);
}

static uint64_t
remove_block(uint64_t *from, const uint64_t *what, uint64_t *some, uint64_t first, uint64_t end)
{
    return __builtin_cpu_supports("popcnt") ? remove_words_popcnt(from, what, some, first, end)
                                            : remove_words(from, what, some, first, end);
}

#else

static uint64_t
merge_block(uint64_t *into, const uint64_t *from, uint64_t count)
{
    return merge_words(into, from, count);
}

static uint64_t
remove_block(uint64_t *from, const uint64_t *what, uint64_t *some, uint64_t first, uint64_t end)
{
    return remove_words(from, what, some, first, end);
}

#endif

uint64_t
gw_bitmap_merge(struct gw_bitmap *into, const struct gw_bitmap *from)
{
    uint64_t words = words_for(into->bit_count);
    uint64_t blocks = words_for(words);
    uint64_t fresh = 0;

    gw_assert(into->bit_count == from->bit_count);
    for (uint64_t block = scan(from->top, words_for(blocks), 0); block < blocks;
         block = scan(from->top, words_for(blocks), block + 1)) {
        uint64_t first = block * 64;

        fresh += merge_block(into->word + first, from->word + first,
                             words - first < 64 ? words - first : 64);
        into->some[block] |= from->some[block];
        into->top[block / 64] |= (uint64_t)1 << block % 64;
    }
    into->count += fresh;
    return fresh;
}

/* Whole words first .. end - 1, block by block. */
static uint64_t
remove_span(struct gw_bitmap *from, const struct gw_bitmap *what, uint64_t first, uint64_t end)
{
    uint64_t gone = 0;

    for (uint64_t at = first; at < end; at = (at / 64 + 1) * 64) {
        uint64_t block = at / 64;
        uint64_t *some = &from->some[block];

        if ((*some & what->some[block]) == 0) {
            continue;
        }
        gone += remove_block(from->word + block * 64, what->word + block * 64, some, at % 64,
                             end - block * 64 < 64 ? end - block * 64 : 64);
        if (*some == 0) {
            from->top[block / 64] &= ~((uint64_t)1 << block % 64);
        }
    }
    from->count -= gone;
    return gone;
}

static uint64_t
remove_word(struct gw_bitmap *from, const struct gw_bitmap *what, uint64_t index, uint64_t mask)
{
    return put_word(from, index, from->word[index] & ~(what->word[index] & mask));
}

uint64_t
gw_bitmap_remove_range(struct gw_bitmap *from, const struct gw_bitmap *what, uint64_t first,
                       uint64_t length)
{
    uint64_t end = range_end(from, first, length);
    uint64_t whole = first / 64 + (first % 64 != 0);
    uint64_t gone = 0;

    gw_assert(from->bit_count == what->bit_count);
    if (length == 0) {
        return 0;
    }
    if (first % 64 != 0) {
        gone += remove_word(from, what, first / 64, range_mask(first / 64, first, end));
    }
    if (end / 64 > whole) {
        gone += remove_span(from, what, whole, end / 64);
    }
    if (end % 64 != 0 && end / 64 >= whole) {
        gone += remove_word(from, what, end / 64, range_mask(end / 64, first, end));
    }
    return gone;
}
