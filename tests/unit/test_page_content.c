/* test_page_content.c - pins: the same page on every machine, fill and write agree for every kind
 * of content and change, a write changes as many bytes as it says and where it says, what is
 * known to be zero or unchanged is so, files are read in turn, and each kind packs to the size
 * that its name stands for.
 * Does not pin: the wording of the text, sizes beyond a band of 5 %.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compress.h"
#include "base/hash.h"
#include "workloads/page_content.h"

enum { PAGE = GW_CONTENT_PAGE_BYTES, SEED = 7 };

static const uint8_t zeros[PAGE];
static const int written_kinds[] = {GW_CONTENT_ZERO, GW_CONTENT_TEXT, GW_CONTENT_RANDOM};
static const int64_t change_sizes[] = {0, 1, 5, 64, 100, 410, 4095, 4096};

enum {
    WRITTEN_KINDS = sizeof written_kinds / sizeof written_kinds[0],
    CHANGE_SIZES = sizeof change_sizes / sizeof change_sizes[0]
};

static struct gw_page_content *
content_of(int kind, int change, int change_content, int64_t change_bytes)
{
    char name[] = "heap";
    struct gw_region_settings settings = {.name = name,
                                          .content = kind,
                                          .change = change,
                                          .change_content = change_content,
                                          .change_bytes = change_bytes};
    struct gw_error err;
    struct gw_page_content *content = gw_page_content_create(&settings, SEED, &err);

    assert_non_null(content);
    return content;
}

static size_t
count_different(const uint8_t *one, const uint8_t *two)
{
    size_t count = 0;

    for (size_t i = 0; i < PAGE; i++) {
        count += one[i] != two[i];
    }
    return count;
}

/* ---- fill, write, and what is said about them ---------------------------------------------------- */

static void
check_versions(struct gw_page_content *content, uint64_t page)
{
    uint8_t walked[PAGE], made[PAGE];

    gw_page_content_fill(content, page, 0, walked);
    for (uint32_t version = 0; version < 24; version++) {
        uint8_t before[PAGE];

        memcpy(before, walked, PAGE);
        gw_page_content_write(content, page, version, walked);
        gw_page_content_fill(content, page, version + 1, made);
        assert_memory_equal(made, walked, PAGE);
        assert_int_equal(gw_page_content_is_zero(content, page, version + 1),
                         memcmp(made, zeros, PAGE) == 0);
        if (!gw_page_content_changes(content, version)) {
            assert_memory_equal(before, made, PAGE);
        }
    }
    gw_page_content_fill(content, page, 0, made);
    assert_int_equal(gw_page_content_is_zero(content, page, 0), memcmp(made, zeros, PAGE) == 0);
}

static void
test_fill_is_all_writes(void **state)
{
    (void)state;
    for (int kind = 0; kind < GW_CONTENT_FILE; kind++) {
        for (int change = GW_CHANGE_BLOCK; change <= GW_CHANGE_LINES; change++) {
            for (size_t i = 0; i < WRITTEN_KINDS * CHANGE_SIZES; i++) {
                struct gw_page_content *content = content_of(
                    kind, change, written_kinds[i / CHANGE_SIZES], change_sizes[i % CHANGE_SIZES]);

                check_versions(content, i);
                gw_page_content_destroy(content);
            }
        }
    }
}

/* Far beyond the point where the first content is covered. */
static void
test_many_writes(void **state)
{
    uint8_t walked[PAGE], made[PAGE];

    (void)state;
    for (int change = GW_CHANGE_BLOCK; change <= GW_CHANGE_LINES; change++) {
        struct gw_page_content *content = content_of(GW_CONTENT_TEXT, change, GW_CONTENT_RANDOM, 4);

        gw_page_content_fill(content, 3, 0, walked);
        for (uint32_t version = 0; version < 30000; version++) {
            gw_page_content_write(content, 3, version, walked);
        }
        gw_page_content_fill(content, 3, 30000, made);
        assert_memory_equal(made, walked, PAGE);
        gw_page_content_fill(content, 3, UINT32_MAX, made);
        gw_page_content_destroy(content);
    }
}

static void
test_how_much_a_write_changes(void **state)
{
    (void)state;
    for (int change = GW_CHANGE_BLOCK; change <= GW_CHANGE_LINES; change++) {
        for (size_t i = 0; i < CHANGE_SIZES; i++) {
            struct gw_page_content *content =
                content_of(GW_CONTENT_ZERO, change, GW_CONTENT_RANDOM, change_sizes[i]);
            uint8_t one[PAGE], two[PAGE];
            bool same_place = change == GW_CHANGE_BLOCK || change == GW_CHANGE_SCATTERED ||
                              change_sizes[i] == PAGE;

            gw_page_content_fill(content, 9, 1, one);
            assert_int_equal(count_different(zeros, one), change_sizes[i]);
            gw_page_content_fill(content, 9, 2, two);
            if (same_place) {
                assert_int_equal(count_different(one, two), change_sizes[i]);
            }
            gw_page_content_destroy(content);
        }
    }
}

/* Where the changes of one write lie. */
static void
test_where_a_write_changes(void **state)
{
    uint8_t page[PAGE];
    bool moved = false;

    (void)state;
    for (uint64_t number = 0; number < 50; number++) {
        struct gw_page_content *content =
            content_of(GW_CONTENT_ZERO, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 70);
        size_t first = 0;

        gw_page_content_fill(content, number, 1, page);
        assert_memory_equal(page + 70, zeros, PAGE - 70);
        gw_page_content_destroy(content);

        content = content_of(GW_CONTENT_ZERO, GW_CHANGE_SLOT, GW_CONTENT_RANDOM, 64);
        gw_page_content_fill(content, number, 1, page);
        while (page[first] == 0) {
            first++;
        }
        assert_int_equal(first % 64, 0);
        assert_memory_equal(page + first + 64, zeros, PAGE - first - 64);
        moved = moved || first > 0;
        gw_page_content_destroy(content);

        content = content_of(GW_CONTENT_ZERO, GW_CHANGE_SCATTERED, GW_CONTENT_RANDOM, 4);
        gw_page_content_fill(content, number, 1, page);
        assert_true(page[0] != 0 && page[1024] != 0 && page[2048] != 0 && page[3072] != 0);
        gw_page_content_destroy(content);

        content = content_of(GW_CONTENT_ZERO, GW_CHANGE_LINES, GW_CONTENT_RANDOM, 256);
        gw_page_content_fill(content, number, 1, page);
        for (size_t line = 0; line < PAGE / 64; line++) {
            for (size_t i = 1; i < 64; i++) {
                assert_int_equal(page[line * 64 + i] == 0, page[line * 64] == 0);
            }
        }
        gw_page_content_destroy(content);
    }
    assert_true(moved);
}

static void
test_changes(void **state)
{
    struct gw_page_content *content;

    (void)state;
    content = content_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 0);
    assert_false(gw_page_content_changes(content, 0));
    gw_page_content_destroy(content);
    content = content_of(GW_CONTENT_ZERO, GW_CHANGE_SLOT, GW_CONTENT_ZERO, 64);
    assert_false(gw_page_content_changes(content, 5));
    gw_page_content_destroy(content);
    content = content_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_ZERO, 64);
    assert_true(gw_page_content_changes(content, 0));
    assert_false(gw_page_content_changes(content, 1));
    gw_page_content_destroy(content);
    content = content_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_TEXT, 64);
    assert_true(gw_page_content_changes(content, 8));
    gw_page_content_destroy(content);
}

/* ---- same bytes everywhere ------------------------------------------------------------------- */

static void
test_known_bytes(void **state)
{
    struct gw_hash *hash = gw_hash_create();
    char text[GW_HASH_TEXT];
    uint8_t page[PAGE];

    (void)state;
    for (int kind = 0; kind < GW_CONTENT_FILE; kind++) {
        for (int change = GW_CHANGE_BLOCK; change <= GW_CHANGE_LINES; change++) {
            struct gw_page_content *content = content_of(kind, change, GW_CONTENT_RANDOM, 100);

            gw_page_content_fill(content, 77, 3, page);
            gw_hash_add(hash, page, PAGE);
            gw_page_content_destroy(content);
        }
    }
    gw_hash_text(hash, text);
    gw_hash_destroy(hash);
    assert_string_equal(text, "5f872426ab712c71f649690489d36d3e");
}

static void
test_regions_and_seeds_differ(void **state)
{
    char heap[] = "heap", cache[] = "cache";
    struct gw_region_settings one = {.name = heap, .content = GW_CONTENT_RANDOM};
    struct gw_region_settings two = {.name = cache, .content = GW_CONTENT_RANDOM};
    struct gw_page_content *contents[3];
    uint8_t pages[4][PAGE];

    (void)state;
    contents[0] = gw_page_content_create(&one, SEED, NULL);
    contents[1] = gw_page_content_create(&two, SEED, NULL);
    contents[2] = gw_page_content_create(&one, SEED + 1, NULL);
    for (size_t i = 0; i < 3; i++) {
        gw_page_content_fill(contents[i], 5, 0, pages[i]);
    }
    gw_page_content_fill(contents[0], 6, 0, pages[3]);
    for (size_t i = 1; i < 4; i++) {
        assert_true(count_different(pages[0], pages[i]) > 4000);
    }
    for (size_t i = 0; i < 3; i++) {
        gw_page_content_destroy(contents[i]);
    }
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static double
packed_mean(int kind, int64_t level)
{
    enum { PAGES = 400 };
    struct gw_compressor *compressor = gw_compressor_create(GW_CODEC_ZLIB, level, NULL);
    struct gw_page_content *content = content_of(kind, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 0);
    uint8_t page[PAGE], packed[2 * PAGE];
    double sum = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        gw_page_content_fill(content, i, 0, page);
        sum += gw_compress(compressor, page, PAGE, packed, sizeof packed);
    }
    gw_page_content_destroy(content);
    gw_compressor_destroy(compressor);
    return sum / PAGES;
}

/* Sizes that zlib 1.2.13 gave for pages of these kinds (docs/model-memory-migration.md). */
static void
test_packed_sizes(void **state)
{
    static const struct {
        int kind;
        double level_1, level_6;
    } wanted[] = {
        {GW_CONTENT_BYTE, 47.7, 33.9},  {GW_CONTENT_WORD, 60.1, 42.8},
        {GW_CONTENT_TEXT, 1059, 873},   {GW_CONTENT_POINTERS, 1980, 1907},
        {GW_CONTENT_HALF, 2430, 2411},  {GW_CONTENT_RANDOM, 4107, 4107},
        {GW_CONTENT_PROSE, 1209, 1134},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        double level_1 = packed_mean(wanted[i].kind, 1);
        double level_6 = packed_mean(wanted[i].kind, 6);

        print_message("kind %d: level 1 %.1f (%.1f), level 6 %.1f (%.1f)\n", wanted[i].kind,
                      level_1, wanted[i].level_1, level_6, wanted[i].level_6);
        assert_true(level_1 > 0.95 * wanted[i].level_1 && level_1 < 1.05 * wanted[i].level_1);
        assert_true(level_6 > 0.95 * wanted[i].level_6 && level_6 < 1.05 * wanted[i].level_6);
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static void
write_file(char *path, const uint8_t *bytes, size_t length)
{
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), length);
    assert_int_equal(close(file), 0);
}

static void
test_file(void **state)
{
    char path[] = "page-content-XXXXXX", name[] = "dump";
    struct gw_region_settings settings = {.name = name,
                                          .content = GW_CONTENT_FILE,
                                          .file = path,
                                          .change_content = GW_CONTENT_ZERO,
                                          .change_bytes = 64};
    struct gw_page_content *content;
    uint8_t bytes[2 * PAGE + 10], page[PAGE];

    (void)state;
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 'a', PAGE);
    memset(bytes + 2 * PAGE, 'b', 10);
    write_file(path, bytes, sizeof bytes);
    content = gw_page_content_create(&settings, SEED, NULL);
    unlink(path);
    assert_non_null(content);
    for (uint64_t turn = 0; turn < 3; turn++) {
        gw_page_content_fill(content, 3 * turn, 0, page);
        assert_memory_equal(page, bytes, PAGE);
        assert_false(gw_page_content_is_zero(content, 3 * turn, 0));
        assert_true(gw_page_content_is_zero(content, 3 * turn + 1, 0));
        assert_true(gw_page_content_is_zero(content, 3 * turn + 1, 4));
        gw_page_content_fill(content, 3 * turn + 2, 0, page);
        assert_memory_equal(page, bytes + 2 * PAGE, 10);
        assert_memory_equal(page + 10, zeros, PAGE - 10);
        assert_true(gw_page_content_is_zero(content, 3 * turn + 2, 1));
    }
    check_versions(content, 0);
    gw_page_content_destroy(content);
}

static void
refuse(struct gw_region_settings settings, enum gw_code code, const char *words)
{
    struct gw_error err = {.code = GW_OK};

    assert_null(gw_page_content_create(&settings, SEED, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
}

static void
test_refusals(void **state)
{
    char nowhere[] = "nowhere/dump", folder[] = ".", empty[] = "page-content-XXXXXX";

    (void)state;
    write_file(empty, zeros, 0);
    refuse((struct gw_region_settings){.content = GW_CONTENT_FILE}, GW_EINVAL, "needs a file");
    refuse((struct gw_region_settings){.content = GW_CONTENT_FILE, .file = nowhere}, GW_ENOENT,
           "nowhere/dump");
    refuse((struct gw_region_settings){.content = GW_CONTENT_FILE, .file = folder}, GW_EIO,
           "directory");
    refuse((struct gw_region_settings){.content = GW_CONTENT_FILE, .file = empty}, GW_EINVAL,
           "empty");
    unlink(empty);
    refuse((struct gw_region_settings){.change_bytes = 5000}, GW_EINVAL, "0 .. 4096B");
    refuse((struct gw_region_settings){.change_content = GW_CONTENT_WORD}, GW_EINVAL,
           "zero, text, random or prose");
    gw_page_content_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill_is_all_writes),
        cmocka_unit_test(test_many_writes),
        cmocka_unit_test(test_how_much_a_write_changes),
        cmocka_unit_test(test_where_a_write_changes),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_known_bytes),
        cmocka_unit_test(test_regions_and_seeds_differ),
        cmocka_unit_test(test_packed_sizes),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
