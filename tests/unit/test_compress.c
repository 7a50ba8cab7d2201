/* test_compress.c - pins: every codec and level gives back what it was given, page by page and
 * as a stream; contexts carry nothing from page to page; the bound holds for what does not
 * compress; damaged, cut and overlong streams and too small rooms are refused; wrong levels too.
 * Does not pin: sizes, which belong to the library's version, nor speed.
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

#include "base/compress.h"

enum { PAGE = 4096, PACKET = 16 * PAGE };

struct choice {
    enum gw_codec codec;
    int64_t level;
};

static const struct choice choices[] = {
    {GW_CODEC_ZLIB, 0}, {GW_CODEC_ZLIB, 1}, {GW_CODEC_ZLIB, 6},  {GW_CODEC_ZLIB, 9},
    {GW_CODEC_ZSTD, 1}, {GW_CODEC_ZSTD, 3}, {GW_CODEC_ZSTD, 19}, {GW_CODEC_LZ4, 1},
    {GW_CODEC_LZ4, 2},  {GW_CODEC_LZ4, 3},  {GW_CODEC_LZ4, 12},
};

enum { CHOICES = sizeof choices / sizeof choices[0], SAMPLES = 4 };

/* 0: zeros, 1: a pattern, 2: noise, 3: both by halves. */
static void
make_bytes(int sample, uint8_t *out, size_t length)
{
    uint32_t x = 0x12345678;

    for (size_t i = 0; i < length; i++) {
        bool noise = sample == 2 || (sample == 3 && i % 256 < 128);

        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        out[i] = sample == 0 ? 0 : noise ? (uint8_t)x : (uint8_t)(i / 7 % 13);
    }
}

static void
test_round_trip(void **state)
{
    uint8_t page[PAGE], back[PAGE];

    (void)state;
    for (size_t i = 0; i < CHOICES; i++) {
        size_t bound = gw_compress_bound(choices[i].codec, PAGE);
        uint8_t *packed = malloc(bound);
        struct gw_compressor *compressor =
            gw_compressor_create(choices[i].codec, choices[i].level, NULL);

        assert_non_null(packed);
        assert_non_null(compressor);
        for (int sample = 0; sample < SAMPLES; sample++) {
            int32_t bytes;

            make_bytes(sample, page, PAGE);
            bytes = gw_compress(compressor, page, PAGE, packed, bound);
            assert_true(bytes > 0 && (size_t)bytes <= bound);
            assert_true(sample > 1 || choices[i].level == 0 || bytes < PAGE / 4);
            memset(back, 0xee, PAGE);
            assert_int_equal(gw_decompress(compressor, packed, (size_t)bytes, back, PAGE), PAGE);
            assert_memory_equal(back, page, PAGE);
        }
        gw_compressor_destroy(compressor);
        free(packed);
    }
}

static void
test_pages_do_not_know_each_other(void **state)
{
    uint8_t first[PAGE], other[PAGE], packed[2][2 * PAGE];

    (void)state;
    make_bytes(3, first, PAGE);
    make_bytes(2, other, PAGE);
    for (size_t i = 0; i < CHOICES; i++) {
        struct gw_compressor *compressor =
            gw_compressor_create(choices[i].codec, choices[i].level, NULL);
        int32_t bytes = gw_compress(compressor, first, PAGE, packed[0], sizeof packed[0]);

        gw_compress(compressor, other, PAGE, packed[1], sizeof packed[1]);
        gw_compress_stream_start(compressor);
        gw_compress_packet(compressor, other, PAGE, packed[1], sizeof packed[1]);
        assert_int_equal(gw_compress(compressor, first, PAGE, packed[1], sizeof packed[1]), bytes);
        assert_memory_equal(packed[0], packed[1], (size_t)bytes);
        gw_compressor_destroy(compressor);
    }
}

static void
test_refusals(void **state)
{
    uint8_t page[PAGE], packed[2 * PAGE], back[PAGE];

    (void)state;
    make_bytes(3, page, PAGE);
    for (size_t i = 0; i < CHOICES; i++) {
        struct gw_compressor *compressor =
            gw_compressor_create(choices[i].codec, choices[i].level, NULL);
        int32_t bytes = gw_compress(compressor, page, PAGE, packed, sizeof packed);
        size_t length = (size_t)bytes;

        assert_int_equal(gw_decompress(compressor, packed, length, back, PAGE - 1), -1);
        assert_int_equal(gw_decompress(compressor, packed, length - 1, back, PAGE), -1);
        packed[length] = 0x55;
        assert_int_equal(gw_decompress(compressor, packed, length + 1, back, PAGE), -1);
        assert_int_equal(gw_decompress(compressor, packed, 0, back, PAGE), -1);
        memset(packed, 0xff, length);
        assert_int_equal(gw_decompress(compressor, packed, length, back, PAGE), -1);
        bytes = gw_compress(compressor, page, PAGE, packed, sizeof packed);
        assert_int_equal(gw_decompress(compressor, packed, (size_t)bytes, back, PAGE), PAGE);
        gw_compressor_destroy(compressor);
    }
}

static void
test_stream(void **state)
{
    static uint8_t source[2 * PACKET], packed[2 * PACKET], back[2 * PACKET];

    (void)state;
    make_bytes(3, source, 2 * PACKET);
    for (size_t i = 0; i < CHOICES; i++) {
        struct gw_compressor *out = gw_compressor_create(choices[i].codec, choices[i].level, NULL);
        struct gw_compressor *in = gw_compressor_create(choices[i].codec, choices[i].level, NULL);

        gw_compress_stream_start(out);
        gw_compress_stream_start(in);
        for (size_t at = 0; at < 2 * PACKET; at += PACKET) {
            int32_t bytes = gw_compress_packet(out, source + at, PACKET, packed, sizeof packed);

            assert_true(bytes > 0 && (size_t)bytes <= gw_compress_bound(choices[i].codec, PACKET));
            assert_int_equal(gw_decompress_packet(in, packed, (size_t)bytes, back, PACKET), PACKET);
            assert_memory_equal(back, source + at, PACKET);
        }
        gw_compressor_destroy(out);
        gw_compressor_destroy(in);
    }
}

/* A page that the stream has just seen packs to nearly nothing (zlib, zstd). */
static void
test_stream_remembers(void **state)
{
    uint8_t page[PAGE], packed[2 * PAGE];

    (void)state;
    make_bytes(2, page, PAGE);
    for (int codec = GW_CODEC_ZLIB; codec <= GW_CODEC_ZSTD; codec++) {
        struct gw_compressor *compressor = gw_compressor_create((enum gw_codec)codec, 1, NULL);

        gw_compress_stream_start(compressor);
        assert_true(gw_compress_packet(compressor, page, PAGE, packed, sizeof packed) >= PAGE);
        assert_true(gw_compress_packet(compressor, page, PAGE, packed, sizeof packed) < 200);
        gw_compress_stream_start(compressor);
        assert_true(gw_compress_packet(compressor, page, PAGE, packed, sizeof packed) >= PAGE);
        gw_compressor_destroy(compressor);
    }
}

static void
test_levels(void **state)
{
    static const struct choice wrong[] = {{GW_CODEC_ZLIB, -1}, {GW_CODEC_ZLIB, 10},
                                          {GW_CODEC_ZSTD, 0},  {GW_CODEC_ZSTD, 23},
                                          {GW_CODEC_LZ4, 0},   {GW_CODEC_LZ4, 13}};
    struct gw_error err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        err.code = GW_OK;
        assert_null(gw_compressor_create(wrong[i].codec, wrong[i].level, &err));
        assert_int_equal(err.code, GW_EINVAL);
        assert_non_null(strstr(err.message, gw_codec_name(wrong[i].codec)));
    }
    assert_string_equal(gw_codec_name(GW_CODEC_NONE), "none");
    assert_true(strlen(gw_codec_version(GW_CODEC_LZ4)) >= 3);
    gw_compressor_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_pages_do_not_know_each_other),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_remembers),
        cmocka_unit_test(test_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
