/* test_page_codec.c - pins: classes of pages answer, on average over many pages, what the real
 * codecs give for those very pages, at few writes and at many; equal and overflowing pages; that
 * an answer does not depend on what was asked before; streams; which cost is taken.
 * Does not pin: the built-in costs, nor how many samples a class has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "algorithms/xbzrle.h"
#include "base/compress.h"
#include "base/settings.h"
#include "sim/page_codec.h"

enum { PAGE = GW_PAGE_BYTES, SEED = 11, PAGES = 300, REGION_MAX = 2 };

static const struct gw_delta_cost delta_cost = {400, 8, 80, 7};

/* A codec over one or two regions. */
struct rig {
    struct gw_region_settings regions[REGION_MAX];
    const struct gw_region_settings *region_list[REGION_MAX];
    struct gw_page_content *contents[REGION_MAX];
    const struct gw_page_content *content_list[REGION_MAX];
    struct gw_page_codec_plan plan;
    struct gw_page_codec *codec;
};

static struct gw_region_settings
region_of(int kind, int change, int change_content, int64_t change_bytes)
{
    return (struct gw_region_settings){.size_bytes = 1 << 24,
                                       .content = kind,
                                       .change = change,
                                       .change_content = change_content,
                                       .change_bytes = change_bytes};
}

static void
open_rig(struct rig *rig, struct gw_region_settings region, enum gw_codec codec, int64_t level)
{
    struct gw_error err;

    *rig = (struct rig){.regions = {region}};
    rig->contents[0] = gw_page_content_create(&rig->regions[0], SEED, &err);
    assert_non_null(rig->contents[0]);
    rig->content_list[0] = rig->contents[0];
    rig->region_list[0] = &rig->regions[0];
    rig->plan = (struct gw_page_codec_plan){.contents = rig->content_list,
                                            .regions = rig->region_list,
                                            .region_count = 1,
                                            .codec = codec,
                                            .level = level,
                                            .delta = delta_cost};
    rig->codec = gw_page_codec_create(&rig->plan, &err);
    assert_non_null(rig->codec);
}

static void
close_rig(struct rig *rig)
{
    gw_page_codec_destroy(rig->codec);
    gw_page_content_destroy(rig->contents[0]);
}

/* The same rig with other settings of the plan. */
static void
reopen(struct rig *rig)
{
    gw_page_codec_destroy(rig->codec);
    rig->codec = gw_page_codec_create(&rig->plan, NULL);
    assert_non_null(rig->codec);
}

/* ---- compressing ----------------------------------------------------------------------------- */

static double
real_packed_mean(const struct rig *rig, uint32_t version)
{
    struct gw_compressor *compressor = gw_compressor_create(rig->plan.codec, rig->plan.level, NULL);
    uint8_t page[PAGE], packed[2 * PAGE];
    double sum = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        gw_page_content_fill(rig->contents[0], i, version, page);
        sum += gw_compress(compressor, page, PAGE, packed, sizeof packed);
    }
    gw_compressor_destroy(compressor);
    return sum / PAGES;
}

static void
test_packed_sizes(void **state)
{
    static const uint32_t versions[] = {0, 1, 3, 9, 40, 700, 90000};
    static const struct {
        int kind, change, change_content;
        int64_t change_bytes;
    } regions[] = {
        {GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 64},
        {GW_CONTENT_ZERO, GW_CHANGE_SLOT, GW_CONTENT_RANDOM, 64},
        {GW_CONTENT_RANDOM, GW_CHANGE_LINES, GW_CONTENT_TEXT, 512},
        {GW_CONTENT_POINTERS, GW_CHANGE_RANDOM, GW_CONTENT_RANDOM, 16},
        {GW_CONTENT_RANDOM, GW_CHANGE_BLOCK, GW_CONTENT_TEXT, 4096},
    };

    (void)state;
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        struct rig rig;

        open_rig(&rig,
                 region_of(regions[i].kind, regions[i].change, regions[i].change_content,
                           regions[i].change_bytes),
                 GW_CODEC_ZLIB, 1);
        for (size_t k = 0; k < sizeof versions / sizeof versions[0]; k++) {
            double real = real_packed_mean(&rig, versions[k]);
            double sum = 0;

            if (regions[i].kind == GW_CONTENT_ZERO && versions[k] == 0) {
                continue;
            }
            for (uint64_t page = 0; page < PAGES; page++) {
                sum += gw_page_codec_compress(rig.codec, 0, page, versions[k]).bytes;
            }
            print_message("region %zu, %u writes: %.1f, really %.1f\n", i, versions[k], sum / PAGES,
                          real);
            assert_true(fabs(sum / PAGES / real - 1) < 0.08);
        }
        close_rig(&rig);
    }
}

/* A step as a whole is not off to one side. */
static void
test_mean_of_a_step(void **state)
{
    struct rig rig;
    double real = 0, sum = 0;

    (void)state;
    open_rig(&rig, region_of(GW_CONTENT_ZERO, GW_CHANGE_SLOT, GW_CONTENT_RANDOM, 32), GW_CODEC_ZLIB,
             1);
    for (uint32_t version = 32; version < 40; version++) {
        real += real_packed_mean(&rig, version);
        for (uint64_t page = 0; page < PAGES; page++) {
            sum += gw_page_codec_compress(rig.codec, 0, page, version).bytes;
        }
    }
    print_message("32 to 39 writes: %.1f, really %.1f\n", sum / PAGES / 8, real / 8);
    assert_true(fabs(sum / PAGES / real - 1) < 0.02);
    close_rig(&rig);
}

static void
test_stream(void **state)
{
    struct rig rig;
    struct gw_codec_answer single, first;
    double sum = 0;

    (void)state;
    open_rig(&rig, region_of(GW_CONTENT_TEXT, 0, GW_CONTENT_RANDOM, 0), GW_CODEC_ZLIB, 1);
    single = gw_page_codec_compress(rig.codec, 0, 0, 0);
    rig.plan.stream = true;
    reopen(&rig);
    first = gw_page_codec_compress(rig.codec, 0, 0, 0);
    for (uint64_t page = 0; page < PAGES; page++) {
        struct gw_codec_answer answer = gw_page_codec_compress(rig.codec, 0, page, 0);

        assert_true(abs(answer.bytes - first.bytes) <= 1);
        sum += answer.bytes;
    }
    print_message("text alone %d, in a stream %.2f\n", single.bytes, sum / PAGES);
    assert_true(sum / PAGES < single.bytes && sum / PAGES > 0.7 * single.bytes);
    assert_true(fabs(first.encode_ns - single.encode_ns) < 1);
    close_rig(&rig);
}

/* ---- XBZRLE ---------------------------------------------------------------------------------- */

static double
real_delta_mean(const struct rig *rig, uint32_t version, uint32_t old_version)
{
    uint8_t old[PAGE], fresh[PAGE], encoded[PAGE];
    double sum = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        gw_page_content_fill(rig->contents[0], i, old_version, old);
        gw_page_content_fill(rig->contents[0], i, version, fresh);
        sum += gw_xbzrle_encode(old, fresh, PAGE, encoded, PAGE);
    }
    return sum / PAGES;
}

static void
test_delta_sizes(void **state)
{
    static const uint32_t olds[] = {0, 1, 5, 30, 2000};
    static const uint32_t writes[] = {1, 2, 5, 11, 60};
    static const struct {
        int kind, change, change_content;
        int64_t change_bytes;
    } regions[] = {
        {GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 64},
        {GW_CONTENT_ZERO, GW_CHANGE_SLOT, GW_CONTENT_RANDOM, 64},
        {GW_CONTENT_TEXT, GW_CHANGE_SCATTERED, GW_CONTENT_RANDOM, 16},
        {GW_CONTENT_RANDOM, GW_CHANGE_RANDOM, GW_CONTENT_RANDOM, 4},
        {GW_CONTENT_POINTERS, GW_CHANGE_LINES, GW_CONTENT_RANDOM, 128},
    };
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        open_rig(&rig,
                 region_of(regions[i].kind, regions[i].change, regions[i].change_content,
                           regions[i].change_bytes),
                 GW_CODEC_NONE, 0);
        for (size_t k = 0; k < 25; k++) {
            uint32_t old = olds[k / 5], version = old + writes[k % 5];
            double real = real_delta_mean(&rig, version, old);
            double sum = 0;

            for (uint64_t page = 0; page < PAGES; page++) {
                sum += gw_page_codec_delta(rig.codec, 0, page, version, old, false).bytes;
            }
            if (fabs(sum / PAGES / real - 1) >= 0.12) {
                print_message("region %zu, %u + %u writes: %.1f, really %.1f\n", i, old,
                              writes[k % 5], sum / PAGES, real);
                fail();
            }
        }
        close_rig(&rig);
    }
}

static void
test_delta_edges(void **state)
{
    struct gw_codec_answer answer;
    struct rig rig;

    (void)state;
    open_rig(&rig, region_of(GW_CONTENT_ZERO, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 64),
             GW_CODEC_NONE, 0);
    answer = gw_page_codec_delta(rig.codec, 0, 4, 3, 3, false);
    assert_true(answer.bytes == 0 && answer.encode_ns == 400 && answer.decode_ns == 0);
    answer = gw_page_codec_delta(rig.codec, 0, 4, 1, 0, false);
    assert_true(answer.bytes == 2 + 64 && answer.encode_ns == 408 && answer.decode_ns == 87);
    answer = gw_page_codec_delta(rig.codec, 0, 4, 300, 300, true);
    assert_true(answer.bytes == 2 + 64 && answer.encode_ns == 408);
    close_rig(&rig);

    open_rig(&rig, region_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 0), GW_CODEC_NONE,
             0);
    answer = gw_page_codec_delta(rig.codec, 0, 4, 12, 3, false);
    assert_true(answer.bytes == 0 && answer.encode_ns == 400 && answer.decode_ns == 0);
    assert_int_equal(gw_page_codec_delta(rig.codec, 0, 4, 12, 3, true).bytes, -1);
    close_rig(&rig);

    open_rig(&rig, region_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_ZERO, 64), GW_CODEC_NONE,
             0);
    assert_int_equal(gw_page_codec_delta(rig.codec, 0, 4, 1, 0, false).bytes, 2 + 64);
    assert_int_equal(gw_page_codec_delta(rig.codec, 0, 4, 2, 1, false).bytes, 0);
    assert_int_equal(gw_page_codec_delta(rig.codec, 0, 4, 900, 700, false).bytes, 0);
    close_rig(&rig);

    open_rig(&rig, region_of(GW_CONTENT_TEXT, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, PAGE),
             GW_CODEC_NONE, 0);
    answer = gw_page_codec_delta(rig.codec, 0, 4, 12, 11, false);
    assert_true(answer.bytes == -1 && answer.decode_ns == 0);
    close_rig(&rig);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void
test_order_of_questions(void **state)
{
    struct gw_codec_answer answers[PAGES];
    struct rig rig;

    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        open_rig(&rig, region_of(GW_CONTENT_POINTERS, GW_CHANGE_SLOT, GW_CONTENT_TEXT, 128),
                 GW_CODEC_LZ4, 1);
        rig.plan.stream = stream == 1;
        reopen(&rig);
        for (uint32_t i = 0; i < PAGES; i++) {
            answers[i] = i % 2 == 0 ? gw_page_codec_compress(rig.codec, 0, i, i)
                                    : gw_page_codec_delta(rig.codec, 0, i, i, i / 2, false);
        }
        reopen(&rig);
        for (uint32_t i = PAGES; i-- > 0;) {
            struct gw_codec_answer again =
                i % 2 == 0 ? gw_page_codec_compress(rig.codec, 0, i, i)
                           : gw_page_codec_delta(rig.codec, 0, i, i, i / 2, false);

            assert_int_equal(again.bytes, answers[i].bytes);
            assert_true(again.encode_ns == answers[i].encode_ns &&
                        again.decode_ns == answers[i].decode_ns);
        }
        close_rig(&rig);
    }
}

/* ---- costs ----------------------------------------------------------------------------------- */

static double
encode_ns_at(struct rig *rig, int64_t level)
{
    rig->plan.level = level;
    reopen(rig);
    return gw_page_codec_compress(rig->codec, 0, 1, 0).encode_ns;
}

static void
test_which_cost(void **state)
{
    static const struct gw_codec_cost costs[] = {
        {GW_CODEC_ZLIB, 8, GW_CONTENT_TEXT, 90000, 10000},
        {GW_CODEC_ZLIB, 2, GW_CONTENT_TEXT, 30000, 10000},
        {GW_CODEC_ZLIB, 5, GW_CONTENT_HALF, 1, 1},
        {GW_CODEC_ZSTD, 5, GW_CONTENT_TEXT, 2, 2},
    };
    struct rig rig;
    double built_in;

    (void)state;
    open_rig(&rig, region_of(GW_CONTENT_TEXT, 0, GW_CONTENT_RANDOM, 0), GW_CODEC_ZLIB, 1);
    built_in = gw_page_codec_compress(rig.codec, 0, 1, 0).encode_ns;
    assert_true(built_in > 5000 && built_in < 200000);
    assert_true(encode_ns_at(&rig, 3) > built_in);
    assert_true(encode_ns_at(&rig, 3) < encode_ns_at(&rig, 6));
    rig.plan.costs = costs;
    rig.plan.cost_count = sizeof costs / sizeof costs[0];
    assert_true(encode_ns_at(&rig, 2) == 30000);
    assert_true(encode_ns_at(&rig, 5) == 60000);
    assert_true(encode_ns_at(&rig, 9) == 90000);
    assert_true(encode_ns_at(&rig, 0) == 30000);
    close_rig(&rig);
}

static void
test_shares_of_a_page(void **state)
{
    static const struct gw_codec_cost costs[] = {
        {GW_CODEC_ZLIB, 1, GW_CONTENT_ZERO, 1000, 100},
        {GW_CODEC_ZLIB, 1, GW_CONTENT_RANDOM, 9000, 900},
    };
    struct gw_codec_answer answer;
    struct rig rig;

    (void)state;
    open_rig(&rig, region_of(GW_CONTENT_ZERO, GW_CHANGE_BLOCK, GW_CONTENT_RANDOM, 1024),
             GW_CODEC_ZLIB, 1);
    rig.plan.costs = costs;
    rig.plan.cost_count = 2;
    reopen(&rig);
    answer = gw_page_codec_compress(rig.codec, 0, 1, 1);
    assert_true(answer.encode_ns == 3000 && answer.decode_ns == 300);
    close_rig(&rig);
}

/* A page of text in a file costs what a page of text costs, a zero page is never sampled. */
static void
test_file(void **state)
{
    char path[] = "page-codec-XXXXXX";
    struct gw_region_settings region = region_of(GW_CONTENT_FILE, 0, GW_CONTENT_RANDOM, 0);
    struct gw_codec_cost own = {GW_CODEC_ZLIB, 1, GW_CONTENT_FILE, 123, 45};
    struct rig text, file;
    uint8_t page[2 * PAGE] = {0};
    int handle = mkstemp(path);

    (void)state;
    open_rig(&text, region_of(GW_CONTENT_TEXT, 0, GW_CONTENT_RANDOM, 0), GW_CODEC_ZLIB, 1);
    gw_page_content_fill(text.contents[0], 0, 0, page + PAGE);
    assert_int_equal(write(handle, page, sizeof page), sizeof page);
    assert_int_equal(close(handle), 0);
    region.file = path;
    open_rig(&file, region, GW_CODEC_ZLIB, 1);
    unlink(path);
    for (uint64_t i = 0; i < PAGES; i++) {
        struct gw_codec_answer answer = gw_page_codec_compress(file.codec, 0, i, 0);

        assert_true(answer.bytes > 900 && answer.bytes < 1200);
        assert_true(answer.encode_ns == gw_page_codec_compress(text.codec, 0, i, 0).encode_ns);
    }
    file.plan.costs = &own;
    file.plan.cost_count = 1;
    reopen(&file);
    assert_true(gw_page_codec_compress(file.codec, 0, 1, 0).encode_ns == 123);
    close_rig(&file);
    close_rig(&text);
}

/* Every codec has built-in costs for every kind of page at level 1. */
static void
test_built_in(void **state)
{
    (void)state;
    for (int codec = GW_CODEC_ZLIB; codec < GW_CODEC_COUNT; codec++) {
        for (int kind = GW_CONTENT_TEXT; kind < GW_CONTENT_FILE; kind++) {
            struct gw_codec_answer answer;
            struct rig rig;

            open_rig(&rig, region_of(kind, 0, GW_CONTENT_RANDOM, 0), (enum gw_codec)codec, 1);
            answer = gw_page_codec_compress(rig.codec, 0, 3, 0);
            assert_true(answer.bytes > 0 && answer.encode_ns > 0 && answer.decode_ns > 0);
            close_rig(&rig);
        }
    }
}

static void
test_tables(void **state)
{
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct gw_codec_cost cost;
    struct gw_delta_cost delta;
    struct gw_settings_target target = {gw_delta_cost_table, &delta, sizeof delta, NULL, "delta"};

    (void)state;
    assert_true(gw_settings_resolve(&target, map, &diagnostics));
    assert_true(delta.page_ns > 0 && delta.run_ns > 0 && delta.decode_run_ns > 0);
    gw_config_put(map, "codec", "zstd", false);
    gw_config_put(map, "level", "3", false);
    gw_config_put(map, "content", "half", false);
    gw_config_put(map, "encode", "13.9us", false);
    gw_config_put(map, "decode", "900ns", false);
    target = (struct gw_settings_target){gw_codec_cost_table, &cost, sizeof cost, NULL, "cost"};
    assert_true(gw_settings_resolve(&target, map, &diagnostics));
    assert_true(cost.codec == GW_CODEC_ZSTD && cost.content == GW_CONTENT_HALF);
    assert_true(cost.level == 3 && cost.encode_ns == 13900 && cost.decode_ns == 900);
    gw_config_node_destroy(map);
    gw_diagnostics_clear(&diagnostics);
}

static void
test_wrong_level(void **state)
{
    struct gw_page_codec_plan plan = {.codec = GW_CODEC_ZLIB, .level = 11};
    struct gw_error err = {.code = GW_OK};

    (void)state;
    assert_null(gw_page_codec_create(&plan, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_non_null(strstr(err.message, "level 11"));
    gw_page_codec_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed_sizes), cmocka_unit_test(test_mean_of_a_step),
        cmocka_unit_test(test_stream),       cmocka_unit_test(test_delta_sizes),
        cmocka_unit_test(test_delta_edges),  cmocka_unit_test(test_order_of_questions),
        cmocka_unit_test(test_which_cost),   cmocka_unit_test(test_shares_of_a_page),
        cmocka_unit_test(test_file),         cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_wrong_level),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
