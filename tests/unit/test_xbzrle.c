/* test_xbzrle.c - pins the XBZRLE encoding byte by byte: published vectors, a plain transcription
 * of the format as oracle for every encoder of this machine, capacities at the edge, what the
 * decoder refuses; and gw_is_zero at every length, alignment and place. Pages and outputs end at
 * memory that may not be touched. Not pinned: speed, encoders that this processor cannot run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <zlib.h>

#include "algorithms/xbzrle.h"
#include "base/random.h"

enum { PAGE = 4096, LENGTH_MOST = 16383, ROOM = 5 * PAGE, ROUND_TRIPS = 100000 };

/* Each ends at a page that traps: take the last bytes. */
static uint8_t *old_end;
static uint8_t *fresh_end;
static uint8_t *out_end;

static uint8_t *
guarded_end(void)
{
    uint8_t *room =
        mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(room, MAP_FAILED);
    assert_int_equal(mprotect(room + ROOM, PAGE, PROT_NONE), 0);
    return room + ROOM;
}

static int
make_rooms(void **state)
{
    (void)state;
    old_end = guarded_end();
    fresh_end = guarded_end();
    out_end = guarded_end();
    return 0;
}

/* ---- the oracle: the format as it is written down, a byte at a time ---------------------------- */

static size_t
oracle_uleb(uint8_t *out, size_t value)
{
    if (value < 128) {
        out[0] = (uint8_t)value;
        return 1;
    }
    out[0] = (uint8_t)(value % 128 + 128);
    out[1] = (uint8_t)(value / 128);
    return 2;
}

static int32_t
oracle_encode(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
              size_t capacity)
{
    size_t i = 0;
    size_t done = 0;

    while (i < length) {
        size_t start = i;

        if (done + 2 > capacity) {
            return -1;
        }
        while (start < length && old[start] == fresh[start]) {
            start++;
        }
        if (start == length) {
            return (int32_t)done;
        }
        done += oracle_uleb(out + done, start - i);
        if (done + 2 > capacity) {
            return -1;
        }
        size_t end = start;

        while (end < length && old[end] != fresh[end]) {
            end++;
        }
        done += oracle_uleb(out + done, end - start);
        if (done + (end - start) > capacity) {
            return -1;
        }
        memcpy(out + done, fresh + start, end - start);
        done += end - start;
        i = end;
    }
    return (int32_t)done;
}

/* ---- every encoder against it ------------------------------------------------------------------- */

/* All kinds, and the one that is picked, on the last bytes of the rooms. */
static int32_t
check_encode(size_t length, size_t capacity)
{
    static uint8_t expected[ROOM];
    const uint8_t *old = old_end - length;
    const uint8_t *fresh = fresh_end - length;
    uint8_t *out = out_end - capacity;
    int32_t size = oracle_encode(old, fresh, length, expected, capacity);

    for (const struct gw_xbzrle_kind *kind = gw_xbzrle_kinds; kind->name != NULL; kind++) {
        if (!kind->usable()) {
            continue;
        }
        memset(out, 0xa5, capacity);
        assert_int_equal(kind->encode(old, fresh, length, out, capacity), size);
        if (size > 0) {
            assert_memory_equal(out, expected, (size_t)size);
        }
    }
    assert_int_equal(gw_xbzrle_encode(old, fresh, length, out, capacity), size);
    return size;
}

/* Decoding what is in the output on top of the old content gives the fresh one. */
static void
check_decode(size_t length, size_t capacity, int32_t size)
{
    static uint8_t page[ROOM];
    const uint8_t *old = old_end - length;
    const uint8_t *fresh = fresh_end - length;
    size_t end = length;

    memcpy(page, old, length);
    while (end > 0 && old[end - 1] == fresh[end - 1]) {
        end--;
    }
    assert_int_equal(gw_xbzrle_decode(out_end - capacity, (size_t)size, page, length), end);
    assert_memory_equal(page, fresh, length);
}

/* ---- published vectors ---------------------------------------------------------------------------- */

static void
set(uint8_t *page, size_t from, size_t to, int value)
{
    memset(page + from, value, to - from);
}

static void
set_up_to_64(uint8_t *old, uint8_t *fresh)
{
    (void)old;
    for (size_t i = 0; i < 64; i++) {
        fresh[128 + i] = (uint8_t)(i + 1);
    }
}

static void
set_three(uint8_t *old, uint8_t *fresh)
{
    (void)old;
    fresh[10] = 1;
    fresh[12] = 2;
    fresh[4000] = 3;
}

static void
set_zero_among_others(uint8_t *old, uint8_t *fresh)
{
    for (uint8_t i = 0; i < 8; i++) {
        old[i] = i;
        fresh[i] = i == 3 ? 0 : i;
    }
}

/* The example in the document that comes with QEMU. */
static void
set_document(uint8_t *old, uint8_t *fresh)
{
    static const uint8_t before[] = {5,  6,  7,  8,  9,   10, 11, 12,  13, 14, 15,
                                     16, 17, 18, 19, 104, 0,  0,  107, 0,  109};
    static const uint8_t after[] = {1,  2,  3,  4,  5,   6, 7, 8,   9, 10, 11,
                                    12, 13, 14, 15, 104, 0, 0, 103, 0, 105};

    memcpy(old + 1001, before, sizeof before);
    memcpy(fresh + 1001, after, sizeof after);
}

static uint32_t
xorshift(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

static void
set_xorshift(uint8_t *old, uint8_t *fresh)
{
    uint32_t x = 0x12345678;

    for (size_t i = 0; i < PAGE; i++) {
        old[i] = (uint8_t)xorshift(&x);
    }
    memcpy(fresh, old, PAGE);
    for (int i = 0; i < 41; i++) {
        uint32_t place = xorshift(&x) % PAGE;

        fresh[place] = (uint8_t)(xorshift(&x) >> 24);
    }
}

/* Change of a page of zeros: every step-th byte of [from, to) to value, or what a function says. */
static const struct {
    uint16_t from;
    uint16_t to;
    uint8_t step;
    uint8_t value;
    void (*fill)(uint8_t *old, uint8_t *fresh);
    int32_t size;
    int32_t end;  /* what the decoder returns */
    uint32_t crc; /* zlib's, or 0: not published */
    uint8_t start_bytes;
    uint8_t start[24];
} vectors[] = {
    {0, 0, 1, 0, NULL, 0, 0, 0, 0, {0}},
    {0, 1, 1, 0xaa, NULL, 3, 1, 0, 3, {0x00, 0x01, 0xaa}},
    {4095, 4096, 1, 1, NULL, 4, 4096, 0, 4, {0xff, 0x1f, 0x01, 0x01}},
    {127, 128, 1, 1, NULL, 3, 128, 0, 3, {0x7f, 0x01, 0x01}},
    {128, 129, 1, 1, NULL, 4, 129, 0, 4, {0x80, 0x01, 0x01, 0x01}},
    {0, 0, 1, 0, set_up_to_64, 67, 192, 0x8ac7ed56, 5, {0x80, 0x01, 0x40, 0x01, 0x02}},
    {100, 300, 1, 0x55, NULL, 203, 300, 0xd2d66462, 4, {0x64, 0xc8, 0x01, 0x55}},
    {0, 0, 1, 0, set_three, 10, 4001, 0, 10, {0x0a, 1, 1, 1, 1, 2, 0x93, 0x1f, 1, 3}},
    {0, 4096, 1, 0xff, NULL, -1, 0, 0, 0, {0}},
    {0, 4092, 1, 0xff, NULL, -1, 0, 0, 0, {0}},
    {0, 4091, 1, 0xff, NULL, 4094, 4091, 0, 4, {0x00, 0xfb, 0x1f, 0xff}},
    {0, 4096, 2, 1, NULL, -1, 0, 0, 0, {0}},
    {0, 4096, 3, 1, NULL, -1, 0, 0, 0, {0}},
    {0, 4096, 4, 1, NULL, 3072, 4093, 0x6f71f448, 6, {0, 1, 1, 3, 1, 1}},
    {3, 4096, 1, 0xff, NULL, 4096, 4096, 0xc56b7593, 4, {0x03, 0xfd, 0x1f, 0xff}},
    {4, 4096, 1, 0xff, NULL, 4095, 4096, 0xdabee737, 4, {0x04, 0xfc, 0x1f, 0xff}},
    {2, 4096, 1, 0xff, NULL, -1, 0, 0, 0, {0}},
    {0, 0, 1, 0, set_zero_among_others, 3, 4, 0, 3, {0x03, 0x01, 0x00}},
    {0, 0, 1, 0, set_document, 24, 1022, 0, 24, {0xe9, 0x07, 0x0f, 1, 2,    3,  4,  5,
                                                 6,    7,    8,    9, 10,   11, 12, 13,
                                                 14,   15,   3,    1, 0x67, 1,  1,  0x69}},
    {0, 0, 1, 0, set_xorshift, 130, 3916, 0xe6e50239, 5, {0x82, 0x01, 0x01, 0x06, 0x32}},
};

static void
fill_vector(size_t v, uint8_t *old, uint8_t *fresh)
{
    memset(old, 0, PAGE);
    memset(fresh, 0, PAGE);
    for (size_t i = vectors[v].from; i < vectors[v].to; i += vectors[v].step) {
        fresh[i] = vectors[v].value;
    }
    if (vectors[v].fill != NULL) {
        vectors[v].fill(old, fresh);
    }
}

static void
published_vectors(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
        const uint8_t *out = out_end - PAGE;

        fill_vector(v, old_end - PAGE, fresh_end - PAGE);
        assert_int_equal(check_encode(PAGE, PAGE), vectors[v].size);
        if (vectors[v].size <= 0) {
            continue;
        }
        assert_memory_equal(out, vectors[v].start, vectors[v].start_bytes);
        if (vectors[v].crc != 0) {
            assert_int_equal(crc32(0, out, (uInt)vectors[v].size), vectors[v].crc);
        }
        check_decode(PAGE, PAGE, vectors[v].size);
        assert_int_equal(gw_xbzrle_decode(out, (size_t)vectors[v].size, old_end - PAGE, PAGE),
                         vectors[v].end);
    }
}

/* ---- random pages ----------------------------------------------------------------------------------- */

static void
fill_random(struct gw_stream *stream, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)gw_stream_u32(stream);
    }
}

/* Bytes here and there; a new value may be the old one. */
static void
scatter(struct gw_stream *stream, uint8_t *fresh, size_t length)
{
    uint64_t scale = gw_stream_below(stream, 13);
    uint64_t count = gw_stream_below(stream, (uint64_t)1 << scale);

    while (count-- > 0) {
        fresh[gw_stream_below(stream, length)] = (uint8_t)gw_stream_u32(stream);
    }
}

/* Runs of changes and of none, both of lengths up to a scale. */
static void
stripe(struct gw_stream *stream, uint8_t *fresh, size_t length)
{
    uint64_t gap_most = (uint64_t)2 << gw_stream_below(stream, 10);
    uint64_t run_most = (uint64_t)2 << gw_stream_below(stream, 10);
    size_t i = gw_stream_below(stream, gap_most);

    while (i < length) {
        uint64_t run = 1 + gw_stream_below(stream, run_most);

        for (; run > 0 && i < length; run--) {
            fresh[i++] ^= (uint8_t)(1 + gw_stream_below(stream, 255));
        }
        i += 1 + gw_stream_below(stream, gap_most);
    }
}

static void
lines(struct gw_stream *stream, uint8_t *fresh, size_t length)
{
    uint64_t percent = gw_stream_below(stream, 101);
    bool changed = false;

    for (size_t i = 0; i < length; i++) {
        if (i % 64 == 0) {
            changed = gw_stream_below(stream, 100) < percent;
        }
        fresh[i] ^= (uint8_t)(changed ? 1 + gw_stream_below(stream, 255) : 0);
    }
}

/* An overflow is expected to be near: equal bytes alone in a changed page. */
static void
almost_all(struct gw_stream *stream, uint8_t *fresh, size_t length)
{
    size_t from = gw_stream_below(stream, 8);
    size_t to = length - gw_stream_below(stream, 8);

    for (size_t i = from; i < to && to <= length; i++) {
        fresh[i] ^= (uint8_t)(1 + gw_stream_below(stream, 255));
    }
}

static void
change(struct gw_stream *stream, size_t length)
{
    static void (*const ways[])(struct gw_stream * stream, uint8_t * fresh,
                                size_t length) = {scatter, stripe, lines, almost_all};
    uint64_t draw = gw_stream_below(stream, 100);
    size_t way = draw < 45 ? 0 : draw < 90 ? 1 : draw < 95 ? 2 : 3;

    memcpy(fresh_end - length, old_end - length, length);
    ways[way](stream, fresh_end - length, length);
}

static void
random_round_trips(void **state)
{
    struct gw_stream stream;
    int overflows = 0;

    (void)state;
    gw_stream_open(&stream, 1, 0, "test.xbzrle", 0);
    fill_random(&stream, old_end - PAGE, PAGE);
    for (int i = 0; i < ROUND_TRIPS; i++) {
        change(&stream, PAGE);
        int32_t size = check_encode(PAGE, PAGE);

        overflows += size < 0;
        if (size >= 0) {
            check_decode(PAGE, PAGE, size);
        }
    }
    assert_in_range(overflows, 500, ROUND_TRIPS / 4);
}

static void
any_length(void **state)
{
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 2, 0, "test.xbzrle", 0);
    fill_random(&stream, old_end - LENGTH_MOST, LENGTH_MOST);
    for (int i = 0; i < 3000; i++) {
        size_t length = 1 + gw_stream_below(&stream, i % 10 == 0 ? LENGTH_MOST : 300);
        size_t capacity = gw_stream_below(&stream, length + 8);

        change(&stream, length);
        int32_t size = check_encode(length, capacity);

        if (size >= 0) {
            check_decode(length, capacity, size);
        }
    }
    assert_int_equal(check_encode(0, 0), 0);
}

/* ---- capacity ------------------------------------------------------------------------------------------ */

/* Needed are the bytes of the encoding, and 2 more when equal bytes follow the last change. */
static void
capacity_at_the_edge(void **state)
{
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 3, 0, "test.xbzrle", 0);
    fill_random(&stream, old_end - PAGE, PAGE);
    for (int i = 0; i < 3000; i++) {
        change(&stream, PAGE);
        int32_t size = check_encode(PAGE, 3 * PAGE);
        size_t tail = old_end[-1] == fresh_end[-1] ? 2 : 0;

        assert_true(size >= 0);
        for (size_t less = 0; less <= (size_t)size + tail && less < 12; less++) {
            size_t capacity = (size_t)size + tail - less;

            assert_int_equal(check_encode(PAGE, capacity), less == 0 ? size : -1);
            check_encode(PAGE, capacity + 12);
        }
    }
}

static void
prefixes_and_suffixes(void **state)
{
    (void)state;
    memset(old_end - PAGE, 0, PAGE);
    for (size_t count = 3900; count <= PAGE; count++) {
        memset(fresh_end - PAGE, 0, PAGE);
        set(fresh_end - PAGE, 0, count, 7);
        assert_int_equal(check_encode(PAGE, PAGE), count > 4091 ? -1 : (int32_t)count + 3);
        memset(fresh_end - PAGE, 0, PAGE);
        set(fresh_end - PAGE, PAGE - count, PAGE, 7);
        assert_int_equal(check_encode(PAGE, PAGE),
                         count > 4093 ? -1 : (int32_t)count + (PAGE - count > 127 ? 4 : 3));
    }
}

/* ---- the decoder ----------------------------------------------------------------------------------------- */

static const struct {
    const char *why;
    int32_t result;
    uint8_t bytes;
    uint8_t encoded[8];
} decodings[] = {
    {"nothing at all", 0, 0, {0}},
    {"one byte", -1, 1, {0x00}},
    {"one byte where a second pair should begin", -1, 4, {0x00, 0x01, 0xaa, 0x01}},
    {"no length of changes", -1, 2, {0x80, 0x01}},
    {"one byte after a length of equal bytes", -1, 2, {0x01, 0x01}},
    {"a third byte of a length", -1, 6, {0x80, 0x80, 0x01, 0x01, 0xaa, 0xaa}},
    {"a third byte of a length of changes", -1, 6, {0x00, 0x80, 0x80, 0x01, 0xaa, 0xaa}},
    {"no equal bytes at first", 1, 3, {0x00, 0x01, 0xaa}},
    {"no equal bytes later", -1, 6, {0x00, 0x01, 0xaa, 0x00, 0x01, 0xaa}},
    {"no equal bytes later, written long", -1, 7, {0x00, 0x01, 0xaa, 0x80, 0x00, 0x01, 0xaa}},
    {"no changes", -1, 2, {0x01, 0x00}},
    {"no changes, bytes behind", -1, 4, {0x01, 0x00, 0xaa, 0xaa}},
    {"no changes, written long", -1, 4, {0x01, 0x80, 0x00, 0xaa}},
    {"longer than need be", 2, 5, {0x81, 0x00, 0x81, 0x00, 0xaa}},
    {"more changes than bytes", -1, 4, {0x00, 0x03, 0xaa, 0xaa}},
    {"up to the last byte", 4096, 4, {0xff, 0x1f, 0x01, 0xaa}},
    {"equal bytes to the end, changes behind it", -1, 4, {0x80, 0x20, 0x01, 0xaa}},
    {"equal bytes beyond the end", -1, 4, {0x81, 0x20, 0x01, 0xaa}},
    {"equal bytes far beyond the end", -1, 4, {0xff, 0x7f, 0x01, 0xaa}},
    {"changes beyond the end", -1, 5, {0xff, 0x1f, 0x02, 0xaa, 0xaa}},
    {"second pair beyond the end", -1, 7, {0xff, 0x1f, 0x01, 0xaa, 0x01, 0x01, 0xaa}},
};

static void
decoder_is_strict(void **state)
{
    uint8_t *page = old_end - PAGE;

    (void)state;
    for (size_t i = 0; i < sizeof decodings / sizeof decodings[0]; i++) {
        uint8_t *encoded = out_end - decodings[i].bytes;
        int32_t result;

        memset(page, 0, PAGE);
        memcpy(encoded, decodings[i].encoded, decodings[i].bytes);
        result = gw_xbzrle_decode(encoded, decodings[i].bytes, page, PAGE);
        if (result != decodings[i].result) {
            fail_msg("%s: %d, not %d", decodings[i].why, result, decodings[i].result);
        }
        if (result > 0) {
            assert_int_equal(page[result - 1], 0xaa);
        }
    }
}

/* ---- zero pages -------------------------------------------------------------------------------------------- */

enum { ZERO_MOST = 700, ALIGNMENTS = 64 };

static void
expect_zero(const uint8_t *bytes, size_t length, bool expected)
{
    for (const struct gw_zero_kind *kind = gw_zero_kinds; kind->name != NULL; kind++) {
        if (kind->usable() && kind->is_zero(bytes, length) != expected) {
            fail_msg("%s: wrong for %zu bytes", kind->name, length);
        }
    }
    assert_int_equal(gw_is_zero(bytes, length), expected);
}

static void
zero_surrounded_by_others(void **state)
{
    static uint8_t room[ALIGNMENTS + ZERO_MOST + ALIGNMENTS];

    (void)state;
    for (size_t alignment = 0; alignment < ALIGNMENTS; alignment++) {
        for (size_t length = 0; length <= ZERO_MOST; length++) {
            memset(room, 0xff, sizeof room);
            memset(room + alignment, 0, length);
            expect_zero(room + alignment, length, true);
        }
    }
}

static void
one_byte_that_is_not_zero(void **state)
{
    (void)state;
    memset(old_end - PAGE, 0, PAGE);
    for (size_t length = 1; length <= ZERO_MOST; length++) {
        uint8_t *bytes = old_end - length;

        for (size_t i = 0; i < length; i++) {
            bytes[i] = (uint8_t)(1 << i % 8);
            expect_zero(bytes, length, false);
            bytes[i] = 0;
        }
    }
    for (size_t i = 0; i < PAGE; i++) {
        old_end[-1 - (ptrdiff_t)i] = 0x80;
        expect_zero(old_end - PAGE, PAGE, false);
        old_end[-1 - (ptrdiff_t)i] = 0;
    }
    expect_zero(old_end - PAGE, PAGE, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(random_round_trips),
        cmocka_unit_test(any_length),
        cmocka_unit_test(capacity_at_the_edge),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(decoder_is_strict),
        cmocka_unit_test(zero_surrounded_by_others),
        cmocka_unit_test(one_byte_that_is_not_zero),
    };

    return cmocka_run_group_tests_name("xbzrle", tests, make_rooms, NULL);
}
