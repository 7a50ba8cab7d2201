/* test_bitmap.c - pins every operation of the bitmap against an array of bytes. Not its speed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bitmap.h"
#include "base/random.h"

enum { BITS_MOST = 20000 };

struct model {
    struct gw_bitmap bitmap;
    unsigned char bit[BITS_MOST];
    uint64_t size;
};

static uint64_t
find(const struct model *model, uint64_t from)
{
    for (uint64_t i = from; i < model->size; i++) {
        if (model->bit[i] == 1) {
            return i;
        }
    }
    return GW_BITMAP_NONE;
}

static void
check_search(const struct model *model, struct gw_stream *stream)
{
    uint64_t from = gw_stream_below(stream, model->size + 1);

    assert_int_equal(gw_bitmap_find_next_set(&model->bitmap, from), find(model, from));
}

static uint64_t
fill(struct model *model, uint64_t first, uint64_t length, unsigned char value)
{
    uint64_t changed = 0;

    for (uint64_t i = first; i < first + length; i++) {
        changed += model->bit[i] != value;
        model->bit[i] = value;
    }
    return changed;
}

static void
operate(struct model *model, struct gw_stream *stream)
{
    uint64_t bit = gw_stream_below(stream, model->size);
    uint64_t length = gw_stream_below(stream, gw_stream_below(stream, model->size - bit + 1) + 1);
    uint64_t ones = 0;

    switch (gw_stream_below(stream, 16)) {
    case 0:
        assert_int_equal(gw_bitmap_set_range(&model->bitmap, bit, length),
                         fill(model, bit, length, 1));
        break;
    case 1:
    case 2:
        assert_int_equal(gw_bitmap_clear_range(&model->bitmap, bit, length),
                         fill(model, bit, length, 0));
        break;
    case 3:
        for (uint64_t i = bit; i < bit + length; i++) {
            ones += model->bit[i];
        }
        assert_int_equal(gw_bitmap_count_range(&model->bitmap, bit, length), ones);
        break;
    case 4:
    case 5:
    case 6:
        assert_int_equal(gw_bitmap_set(&model->bitmap, bit), model->bit[bit]);
        model->bit[bit] = 1;
        break;
    default:
        assert_int_equal(gw_bitmap_clear(&model->bitmap, bit), model->bit[bit]);
        model->bit[bit] = 0;
    }
    assert_int_equal(gw_bitmap_test(&model->bitmap, bit), model->bit[bit]);
}

static void
test_matches_bytes(void **state)
{
    static const uint64_t sizes[] = {1, 63, 64, 65, 128, 4096, 4097, 12345, BITS_MOST};
    struct gw_stream stream;
    static struct model model;

    (void)state;
    gw_stream_open(&stream, 1, 0, "bitmap", 0);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        memset(&model, 0, sizeof model);
        model.size = sizes[k];
        assert_true(gw_bitmap_create(&model.bitmap, model.size, NULL));
        for (int i = 0; i < 2000; i++) {
            uint64_t ones = 0;

            operate(&model, &stream);
            check_search(&model, &stream);
            for (uint64_t bit = 0; i % 50 == 0 && bit < model.size; bit++) {
                ones += model.bit[bit];
            }
            assert_true(i % 50 != 0 || model.bitmap.count == ones);
        }
        gw_bitmap_destroy(&model.bitmap);
    }
}

static void
test_take_moves_all_and_forgets_the_old(void **state)
{
    struct gw_bitmap into;
    struct gw_bitmap from;

    (void)state;
    assert_true(gw_bitmap_create(&into, 100000000, NULL));
    assert_true(gw_bitmap_create(&from, 100000000, NULL));
    (void)gw_bitmap_set(&into, 7);
    (void)gw_bitmap_set(&from, 99999999);
    gw_bitmap_take(&into, &from);
    assert_true(gw_bitmap_is_empty(&from));
    assert_int_equal(gw_bitmap_find_next_set(&from, 0), GW_BITMAP_NONE);
    assert_int_equal(into.count, 1);
    assert_int_equal(gw_bitmap_find_next_set(&into, 0), 99999999);
    gw_bitmap_destroy(&into);
    gw_bitmap_destroy(&from);
}

static void
randomise(struct model *model, struct gw_stream *stream)
{
    uint64_t one_in = (uint64_t)1 << gw_stream_below(stream, 12);

    gw_bitmap_clear_all(&model->bitmap);
    for (uint64_t bit = 0; bit < model->size; bit++) {
        model->bit[bit] = gw_stream_below(stream, one_in) == 0;
        if (model->bit[bit] == 1) {
            (void)gw_bitmap_set(&model->bitmap, bit);
        }
    }
}

static void
check_equal(const struct model *model)
{
    uint64_t ones = 0;
    uint64_t at = gw_bitmap_find_next_set(&model->bitmap, 0);

    for (uint64_t bit = find(model, 0); bit != GW_BITMAP_NONE; bit = find(model, bit + 1)) {
        assert_int_equal(at, bit);
        at = gw_bitmap_find_next_set(&model->bitmap, at + 1);
        ones++;
    }
    assert_int_equal(at, GW_BITMAP_NONE);
    assert_int_equal(model->bitmap.count, ones);
}

/* One round of merge, remove_range, copy and clear_all between two bitmaps. */
static void
combine(struct model *a, struct model *b, struct gw_stream *stream)
{
    uint64_t fresh = 0;
    uint64_t gone = 0;
    uint64_t first = gw_stream_below(stream, a->size);
    uint64_t length = gw_stream_below(stream, a->size - first + 1);

    randomise(a, stream);
    randomise(b, stream);
    for (uint64_t i = 0; i < a->size; i++) {
        fresh += a->bit[i] < b->bit[i];
        a->bit[i] |= b->bit[i];
    }
    assert_int_equal(gw_bitmap_merge(&a->bitmap, &b->bitmap), fresh);
    check_equal(a);
    check_equal(b);
    randomise(b, stream);
    for (uint64_t i = first; i < first + length; i++) {
        gone += a->bit[i] & b->bit[i];
        a->bit[i] &= (unsigned char)!b->bit[i];
    }
    assert_int_equal(gw_bitmap_remove_range(&a->bitmap, &b->bitmap, first, length), gone);
    check_equal(a);
    gw_bitmap_copy(&b->bitmap, &a->bitmap);
    memcpy(b->bit, a->bit, sizeof a->bit);
    check_equal(b);
    gone = fill(b, first, length, 0);
    assert_int_equal(gw_bitmap_remove_range(&b->bitmap, &b->bitmap, first, length), gone);
    check_equal(b);
    gw_bitmap_clear_all(&a->bitmap);
    memset(a->bit, 0, sizeof a->bit);
    check_equal(a);
}

static void
test_set_algebra_matches_bytes(void **state)
{
    static const uint64_t sizes[] = {1, 63, 64, 65, 4096, 4097, 12345, BITS_MOST};
    struct gw_stream stream;
    static struct model a;
    static struct model b;

    (void)state;
    gw_stream_open(&stream, 2, 0, "bitmap", 0);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        a.size = sizes[k];
        b.size = sizes[k];
        assert_true(gw_bitmap_create(&a.bitmap, a.size, NULL));
        assert_true(gw_bitmap_create(&b.bitmap, b.size, NULL));
        for (int i = 0; i < 40; i++) {
            combine(&a, &b, &stream);
        }
        gw_bitmap_destroy(&a.bitmap);
        gw_bitmap_destroy(&b.bitmap);
    }
}

static void
test_no_bits_at_all(void **state)
{
    struct gw_bitmap bitmap;

    (void)state;
    assert_true(gw_bitmap_create(&bitmap, 0, NULL));
    assert_int_equal(gw_bitmap_find_next_set(&bitmap, 0), GW_BITMAP_NONE);
    assert_int_equal(gw_bitmap_set_range(&bitmap, 0, 0), 0);
    gw_bitmap_destroy(&bitmap);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_bytes),
        cmocka_unit_test(test_take_moves_all_and_forgets_the_old),
        cmocka_unit_test(test_set_algebra_matches_bytes),
        cmocka_unit_test(test_no_bits_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
