/* bitmap.h - a set of numbers 0 .. bit_count-1, with its size, quick to walk when sparse.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BITMAP_H
#define GW_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define GW_BITMAP_NONE UINT64_MAX

struct gw_bitmap {
    uint64_t *word; /* owned, with the two summaries behind it in the same block */
    uint64_t *some; /* bit i: word[i] is not zero */
    uint64_t *top;  /* bit i: some[i] is not zero */
    uint64_t bit_count;
    uint64_t count; /* bits set */
};

/* All clear. Errors: GW_ENOMEM. */
bool gw_bitmap_create(struct gw_bitmap *bitmap, uint64_t bit_count, struct gw_error *err);
void gw_bitmap_destroy(struct gw_bitmap *bitmap);

/* Bits first .. first + length - 1; return how many bits changed (count_range: are set). */
uint64_t gw_bitmap_set_range(struct gw_bitmap *bitmap, uint64_t first, uint64_t length);
uint64_t gw_bitmap_clear_range(struct gw_bitmap *bitmap, uint64_t first, uint64_t length);
uint64_t gw_bitmap_count_range(const struct gw_bitmap *bitmap, uint64_t first, uint64_t length);

/* Lowest set bit at or above `from`, GW_BITMAP_NONE if there is none. */
uint64_t gw_bitmap_find_next_set(const struct gw_bitmap *bitmap, uint64_t from);

/* Clears the next set bits at or above `from`, at most `most`, into bits[]; returns how many. */
uint32_t gw_bitmap_take_bits(struct gw_bitmap *bitmap, uint64_t from, uint32_t most,
                             uint64_t *bits);

/* Fetch and clear: `into` has the bits of `from` (its own are forgotten), `from` has none. Both
 * are of the same size. */
void gw_bitmap_take(struct gw_bitmap *into, struct gw_bitmap *from);

/* Set algebra on bitmaps of the same size, word by word. merge adds the bits of `from`; returns
 * how many were not set before. remove_range clears in first .. first + length - 1 what is set in
 * `what`, which may be `from` itself; returns how many. */
uint64_t gw_bitmap_merge(struct gw_bitmap *into, const struct gw_bitmap *from);
uint64_t gw_bitmap_remove_range(struct gw_bitmap *from, const struct gw_bitmap *what,
                                uint64_t first, uint64_t length);
void gw_bitmap_copy(struct gw_bitmap *into, const struct gw_bitmap *from);
void gw_bitmap_clear_all(struct gw_bitmap *bitmap);

/* Set and clear return the value that the bit had. */
static inline bool
gw_bitmap_test(const struct gw_bitmap *bitmap, uint64_t bit)
{
    gw_assert(bit < bitmap->bit_count);
    return bitmap->word[bit / 64] >> bit % 64 & 1;
}

static inline bool
gw_bitmap_set(struct gw_bitmap *bitmap, uint64_t bit)
{
    gw_assert(bit < bitmap->bit_count);
    uint64_t index = bit / 64;
    uint64_t before = bitmap->word[index];
    uint64_t mask = (uint64_t)1 << bit % 64;

    bitmap->word[index] = before | mask;
    if (before == 0) {
        bitmap->some[index / 64] |= (uint64_t)1 << index % 64;
        bitmap->top[index / 4096] |= (uint64_t)1 << index / 64 % 64;
    }
    bitmap->count += (before & mask) == 0;
    return (before & mask) != 0;
}

static inline bool
gw_bitmap_clear(struct gw_bitmap *bitmap, uint64_t bit)
{
    gw_assert(bit < bitmap->bit_count);
    uint64_t index = bit / 64;
    uint64_t before = bitmap->word[index];
    uint64_t mask = (uint64_t)1 << bit % 64;

    if ((before & mask) == 0) {
        return false;
    }
    bitmap->word[index] = before & ~mask;
    bitmap->count--;
    if (before == mask) {
        uint64_t *some = &bitmap->some[index / 64];

        *some &= ~((uint64_t)1 << index % 64);
        if (*some == 0) {
            bitmap->top[index / 4096] &= ~((uint64_t)1 << index / 64 % 64);
        }
    }
    return true;
}

static inline bool
gw_bitmap_is_empty(const struct gw_bitmap *bitmap)
{
    return bitmap->count == 0;
}

#endif
