/* test_random.c - pins the generator to the known-answer vectors published with Random123, the
 * batch to the bare generator, streams to their keys; a smoke test of independence. It is no
 * statistical test suite.
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

#include "base/random.h"

static void
test_known_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint32_t out[4];

        gw_philox4x32_10(vectors[i].counter, vectors[i].key, out);
        assert_memory_equal(out, vectors[i].out, sizeof out);
    }
}

static void
test_batches_are_the_bare_generator(void **state)
{
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 5, 6, "batch", 7);
    /* Carries from the low counter word into the next one. */
    stream.counter[0] = 0xFFFFFFFF - 20;
    for (uint64_t block = 0xFFFFFFFF - 20; block < 0x100000000 + 100; block++) {
        uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 7, 6};
        uint32_t out[4];

        gw_philox4x32_10(counter, stream.key, out);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(gw_stream_u32(&stream), out[i]);
        }
    }
}

static void
test_same_key_same_draws(void **state)
{
    struct gw_stream one;
    struct gw_stream two;

    (void)state;
    gw_stream_open(&one, 1, 2, "guest.writes", 3);
    gw_stream_open(&two, 1, 2, "guest.writes", 3);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(gw_stream_u64(&one), gw_stream_u64(&two));
    }
    /* An odd number of words before: the 64-bit draw is still low word first. */
    uint32_t low = gw_stream_u32(&one);

    for (int i = 0; i < 62; i++) {
        (void)gw_stream_u32(&one);
    }
    assert_int_equal(low, gw_stream_u32(&two));
    for (int i = 0; i < 62; i++) {
        (void)gw_stream_u32(&two);
    }
    uint64_t value = gw_stream_u64(&one);

    assert_int_equal((uint32_t)value, gw_stream_u32(&two));
    assert_int_equal(value >> 32, gw_stream_u32(&two));
}

static int
compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void
test_streams_differ(void **state)
{
    static const char *const names[] = {"a", "b", "guest.reads", "guest.writes"};
    static uint64_t first[4096];
    size_t count = 0;

    (void)state;
    for (uint64_t i = 0; i < 4096; i++) {
        struct gw_stream stream;
        uint64_t wide = (1 + i / 64 % 8) << (i / 1024 % 2 == 0 ? 3 : 40);

        gw_stream_open(&stream, i / 2048, i % 16 + (wide << 1), names[i / 16 % 4],
                       i / 64 % 8 + (i / 512 % 2 << 33));
        first[count++] = gw_stream_u64(&stream);
    }
    qsort(first, count, sizeof first[0], compare);
    for (size_t i = 1; i < count; i++) {
        assert_true(first[i] != first[i - 1]);
    }
}

static double
chi_square(const uint32_t *seen, size_t cells, double expected)
{
    double sum = 0;

    for (size_t i = 0; i < cells; i++) {
        sum += ((double)seen[i] - expected) * ((double)seen[i] - expected) / expected;
    }
    return sum;
}

/* Cells: pairs of nibbles of neighbours in a stream, and of the same draw in two streams. */
static void
test_smoke_of_independence(void **state)
{
    enum { DRAWS = 256 * 400 };
    uint32_t serial[256] = {0};
    uint32_t across[256] = {0};
    struct gw_stream one;
    struct gw_stream two;
    uint32_t last = 0;
    double product = 0;

    (void)state;
    gw_stream_open(&one, 1, 0, "smoke", 0);
    gw_stream_open(&two, 1, 0, "smoke", 1);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t a = gw_stream_u32(&one);
        uint32_t b = gw_stream_u32(&two);

        serial[(a >> 28 << 4) | last >> 28]++;
        across[(a & 15) << 4 | (b & 15)]++;
        product += ((double)a * 0x1p-32 - 0.5) * ((double)last * 0x1p-32 - 0.5);
        last = a;
    }
    /* 255 degrees of freedom: 165 .. 363 holds 99.999 %. */
    assert_true(chi_square(serial, 256, 400) > 165 && chi_square(serial, 256, 400) < 363);
    assert_true(chi_square(across, 256, 400) > 165 && chi_square(across, 256, 400) < 363);
    /* Standard error of the mean product is 1/12 / sqrt(draws). */
    assert_true(product / DRAWS < 4.5 / 12 / 320 && product / DRAWS > -4.5 / 12 / 320);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_batches_are_the_bare_generator),
        cmocka_unit_test(test_same_key_same_draws),
        cmocka_unit_test(test_streams_differ),
        cmocka_unit_test(test_smoke_of_independence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
