/* page_cost.c - what packing and unpacking a page of each content takes: the tables.
 *
 * Source    zlib: 1.2.13 on one core of an Intel Xeon with AVX-512, a page at a time, best of
 *           three (docs/model-memory-migration.md, calibration); its zero page is the page with
 *           one byte, its level 9 decodes like level 6. zstd 1.5.4 and lz4 1.9.4: measured with
 *           `godwit bench codec` on a virtual machine on an AMD EPYC (family 25, model 1) on
 *           22 November 2026, best of four runs, other load present. Prose: measured on the EPYC;
 *           zlib brought to the Xeon by what text takes on both at level 1. XBZRLE: on the Xeon,
 *           AVX2, 10 000 pairs of pages out of cache.
 * Why       The lists come from two machines, and zlib took 1.4 to 1.7 times as long on the second
 *           one: whoever compares codecs, and not only settings of one, measures the host first
 *           and includes the profile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/page_cost.h"

#include "base/compress.h"

static const char *const codec_words[] = {"none", "zlib", "zstd", "lz4", NULL};
static const char *const content_words[] = {"zero", "text", "random", "prose", "pointers",
                                            "word", "byte", "half",   "file",  NULL};

#define COST(key, type, field, most, choices, help)                                                \
    {                                                                                              \
        key, type, offsetof(struct gw_codec_cost, field), NULL, NULL, most, choices, help          \
    }

const struct gw_setting gw_codec_cost_table[] = {
    COST("codec", GW_SETTING_CHOICE, codec, NULL, codec_words, "codec that was measured"),
    COST("level", GW_SETTING_COUNT, level, "22", NULL, "its level"),
    COST("content", GW_SETTING_CHOICE, content, NULL, content_words, "what the pages held"),
    COST("encode", GW_SETTING_TIME, encode_ns, "1s", NULL, "packing a page"),
    COST("decode", GW_SETTING_TIME, decode_ns, "1s", NULL, "unpacking it"),
    GW_SETTING_END,
};

#define DELTA(field, preset, help)                                                                 \
    {                                                                                              \
#field, GW_SETTING_NUMBER, offsetof(struct gw_delta_cost, field), preset, NULL, "1000000", \
            NULL, help                                                                             \
    }

const struct gw_setting gw_delta_cost_table[] = {
    DELTA(page_ns, "414", "XBZRLE: reading a page and its old copy, ns"),
    DELTA(run_ns, "7.5", "XBZRLE: encoding one run of changed bytes, ns"),
    DELTA(decode_ns, "85", "XBZRLE: decoding a page, ns"),
    DELTA(decode_run_ns, "7", "XBZRLE: decoding one run, ns"),
    GW_SETTING_END,
};

#define ZLIB GW_CODEC_ZLIB
#define ZSTD GW_CODEC_ZSTD
#define LZ4 GW_CODEC_LZ4

const struct gw_codec_cost gw_codec_costs_built_in[] = {
    {ZLIB, 1, GW_CONTENT_ZERO, 4700, 2700},
    {ZLIB, 1, GW_CONTENT_BYTE, 4700, 2700},
    {ZLIB, 1, GW_CONTENT_WORD, 4700, 1600},
    {ZLIB, 1, GW_CONTENT_TEXT, 32000, 13900},
    {ZLIB, 1, GW_CONTENT_POINTERS, 66000, 19000},
    {ZLIB, 1, GW_CONTENT_HALF, 59000, 15500},
    {ZLIB, 1, GW_CONTENT_RANDOM, 57000, 1500},
    {ZLIB, 6, GW_CONTENT_ZERO, 10300, 2700},
    {ZLIB, 6, GW_CONTENT_BYTE, 10300, 2700},
    {ZLIB, 6, GW_CONTENT_WORD, 9800, 1600},
    {ZLIB, 6, GW_CONTENT_TEXT, 133000, 13900},
    {ZLIB, 6, GW_CONTENT_POINTERS, 213000, 19000},
    {ZLIB, 6, GW_CONTENT_HALF, 198000, 15500},
    {ZLIB, 6, GW_CONTENT_RANDOM, 86000, 1500},
    {ZLIB, 9, GW_CONTENT_ZERO, 33000, 2700},
    {ZLIB, 9, GW_CONTENT_BYTE, 33000, 2700},
    {ZLIB, 9, GW_CONTENT_WORD, 14500, 1600},
    {ZLIB, 9, GW_CONTENT_TEXT, 125000, 13900},
    {ZLIB, 9, GW_CONTENT_POINTERS, 701000, 19000},
    {ZLIB, 9, GW_CONTENT_HALF, 568000, 15500},
    {ZLIB, 9, GW_CONTENT_RANDOM, 50000, 1500},
    {ZSTD, 1, GW_CONTENT_ZERO, 2790, 931},
    {ZSTD, 1, GW_CONTENT_TEXT, 28900, 10400},
    {ZSTD, 1, GW_CONTENT_RANDOM, 4350, 224},
    {ZSTD, 1, GW_CONTENT_POINTERS, 29400, 13500},
    {ZSTD, 1, GW_CONTENT_WORD, 2240, 586},
    {ZSTD, 1, GW_CONTENT_BYTE, 2270, 795},
    {ZSTD, 1, GW_CONTENT_HALF, 21100, 4060},
    {ZSTD, 3, GW_CONTENT_ZERO, 3190, 993},
    {ZSTD, 3, GW_CONTENT_TEXT, 31500, 11800},
    {ZSTD, 3, GW_CONTENT_RANDOM, 8520, 379},
    {ZSTD, 3, GW_CONTENT_POINTERS, 51700, 12600},
    {ZSTD, 3, GW_CONTENT_WORD, 2420, 567},
    {ZSTD, 3, GW_CONTENT_BYTE, 2210, 1090},
    {ZSTD, 3, GW_CONTENT_HALF, 42700, 5860},
    {ZSTD, 9, GW_CONTENT_ZERO, 7310, 710},
    {ZSTD, 9, GW_CONTENT_TEXT, 258000, 7750},
    {ZSTD, 9, GW_CONTENT_RANDOM, 31500, 223},
    {ZSTD, 9, GW_CONTENT_POINTERS, 300000, 7150},
    {ZSTD, 9, GW_CONTENT_WORD, 2630, 575},
    {ZSTD, 9, GW_CONTENT_BYTE, 5360, 782},
    {ZSTD, 9, GW_CONTENT_HALF, 201000, 3060},
    {ZSTD, 19, GW_CONTENT_ZERO, 5520, 963},
    {ZSTD, 19, GW_CONTENT_TEXT, 2270000, 11400},
    {ZSTD, 19, GW_CONTENT_RANDOM, 480000, 238},
    {ZSTD, 19, GW_CONTENT_POINTERS, 1760000, 16300},
    {ZSTD, 19, GW_CONTENT_WORD, 6440, 621},
    {ZSTD, 19, GW_CONTENT_BYTE, 32200, 978},
    {ZSTD, 19, GW_CONTENT_HALF, 1530000, 6310},
    {LZ4, 1, GW_CONTENT_ZERO, 658, 484},
    {LZ4, 1, GW_CONTENT_TEXT, 7970, 3080},
    {LZ4, 1, GW_CONTENT_RANDOM, 1820, 104},
    {LZ4, 1, GW_CONTENT_POINTERS, 11800, 4240},
    {LZ4, 1, GW_CONTENT_WORD, 528, 320},
    {LZ4, 1, GW_CONTENT_BYTE, 564, 296},
    {LZ4, 1, GW_CONTENT_HALF, 6880, 1110},
    {LZ4, 3, GW_CONTENT_ZERO, 5170, 509},
    {LZ4, 3, GW_CONTENT_TEXT, 54500, 1790},
    {LZ4, 3, GW_CONTENT_RANDOM, 36200, 86},
    {LZ4, 3, GW_CONTENT_POINTERS, 52300, 4160},
    {LZ4, 3, GW_CONTENT_WORD, 6140, 417},
    {LZ4, 3, GW_CONTENT_BYTE, 11400, 394},
    {LZ4, 3, GW_CONTENT_HALF, 36100, 975},
    {LZ4, 9, GW_CONTENT_ZERO, 4660, 387},
    {LZ4, 9, GW_CONTENT_TEXT, 75200, 1840},
    {LZ4, 9, GW_CONTENT_RANDOM, 34200, 97},
    {LZ4, 9, GW_CONTENT_POINTERS, 377000, 2400},
    {LZ4, 9, GW_CONTENT_WORD, 4650, 260},
    {LZ4, 9, GW_CONTENT_BYTE, 14100, 492},
    {LZ4, 9, GW_CONTENT_HALF, 204000, 757},
    {LZ4, 12, GW_CONTENT_ZERO, 305000, 467},
    {LZ4, 12, GW_CONTENT_TEXT, 410000, 2640},
    {LZ4, 12, GW_CONTENT_RANDOM, 62700, 127},
    {LZ4, 12, GW_CONTENT_POINTERS, 1210000, 2430},
    {LZ4, 12, GW_CONTENT_WORD, 2980000, 268},
    {LZ4, 12, GW_CONTENT_BYTE, 153000, 327},
    {LZ4, 12, GW_CONTENT_HALF, 1350000, 697},
    {ZLIB, 1, GW_CONTENT_PROSE, 36200, 14700},
    {ZLIB, 6, GW_CONTENT_PROSE, 67700, 14100},
    {ZLIB, 9, GW_CONTENT_PROSE, 67700, 14100},
    {ZSTD, 1, GW_CONTENT_PROSE, 33500, 14100},
    {ZSTD, 3, GW_CONTENT_PROSE, 38000, 13400},
    {ZSTD, 9, GW_CONTENT_PROSE, 215000, 8580},
    {ZSTD, 19, GW_CONTENT_PROSE, 1380000, 8780},
    {LZ4, 1, GW_CONTENT_PROSE, 8260, 3850},
    {LZ4, 3, GW_CONTENT_PROSE, 70700, 3310},
    {LZ4, 9, GW_CONTENT_PROSE, 92100, 3160},
    {LZ4, 12, GW_CONTENT_PROSE, 283000, 2940},
    {.codec = GW_CODEC_NONE},
};

/* ---- looking up ------------------------------------------------------------------------------ */

struct wanted {
    int codec;
    int64_t level;
    int content;
};

/* The line with the highest level up to the wanted one and that with the lowest from it on. */
struct bracket {
    const struct gw_codec_cost *below, *above;
};

static struct bracket
find_bracket(const struct gw_codec_cost *rows, size_t count, const struct wanted *wanted)
{
    struct bracket found = {NULL, NULL};

    for (size_t i = 0; i < count; i++) {
        const struct gw_codec_cost *row = &rows[i];

        if (row->codec != wanted->codec || row->content != wanted->content) {
            continue;
        }
        if (row->level <= wanted->level &&
            (found.below == NULL || row->level > found.below->level)) {
            found.below = row;
        }
        if (row->level >= wanted->level &&
            (found.above == NULL || row->level < found.above->level)) {
            found.above = row;
        }
    }
    found.below = found.below == NULL ? found.above : found.below;
    found.above = found.above == NULL ? found.below : found.above;
    return found;
}

static double
between(double below, double above, double share)
{
    return below + (above - below) * share;
}

static bool
find_in(const struct gw_codec_cost *rows, size_t count, const struct wanted *wanted,
        struct gw_page_cost *out)
{
    struct bracket found = find_bracket(rows, count, wanted);
    double share = 0;

    if (found.below == NULL) {
        return false;
    }
    if (found.above->level > found.below->level) {
        share = (double)(wanted->level - found.below->level) /
                (double)(found.above->level - found.below->level);
    }
    out->encode_ns[wanted->content] =
        between((double)found.below->encode_ns, (double)found.above->encode_ns, share);
    out->decode_ns[wanted->content] =
        between((double)found.below->decode_ns, (double)found.above->decode_ns, share);
    return true;
}

static size_t
built_in_count(void)
{
    size_t count = 0;

    while (gw_codec_costs_built_in[count].codec != GW_CODEC_NONE) {
        count++;
    }
    return count;
}

bool
gw_page_cost_find(const struct gw_page_codec_plan *plan, struct gw_page_cost *out,
                  struct gw_error *err)
{
    struct wanted wanted = {(int)plan->codec, plan->level, GW_CONTENT_FILE};

    *out = (struct gw_page_cost){.has_file = false};
    out->has_file = find_in(plan->costs, plan->cost_count, &wanted, out);
    for (int content = 0; content < GW_CONTENT_FILE; content++) {
        wanted.content = content;
        if (!find_in(plan->costs, plan->cost_count, &wanted, out) &&
            !find_in(gw_codec_costs_built_in, built_in_count(), &wanted, out)) {
            return gw_fail(err, GW_EINVAL,
                           "no cost is known for %s and content %s: measure it with godwit bench "
                           "codec --profile FILE and include that file",
                           gw_codec_name(plan->codec), content_words[content]);
        }
    }
    for (int content = 0; plan->speed > 0 && content < GW_CONTENT_COUNT; content++) {
        out->encode_ns[content] /= plan->speed;
        out->decode_ns[content] /= plan->speed;
    }
    return true;
}
