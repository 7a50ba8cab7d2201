/* page_codec.c - what the real codecs make of a region's pages, remembered by class.
 *
 * Idea      A class is a step of the number of writes: 0 .. 15 each for itself, then four steps an
 *           octave. Sample i of a class takes the i-th part of the step, so a class as a whole
 *           stands for all of it. For deltas the steps count the writes since the old copy, and a
 *           second, coarser scale the writes before it. Answers lie in flat arrays, made large
 *           enough at the start and filled when first asked for.
 * Why       A page picks its sample by a hash of its number: it stays the same kind of page
 *           through the run, and neighbours differ.
 * Departs   Beyond 65536 writes pages count as 65536 times written: nothing older shows then.
 * Cost      a multiplication and a read; 2 KiB to 50 KiB of codec work for each first question.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/page_codec.h"

#include <stdlib.h>

#include "algorithms/xbzrle.h"
#include "base/compress.h"
#include "sim/page_cost.h"
#include "workloads/page_fill.h"

enum {
    PLAIN_BITS = 4,
    PLAIN_VERSIONS = 1 << PLAIN_BITS,
    STEP_BITS = 2,  /* 4 steps an octave */
    MOST_BITS = 16, /* of a version that is told from higher ones */
    BUCKETS = PLAIN_VERSIONS + ((MOST_BITS - PLAIN_BITS) << STEP_BITS) + 1,
    OLD_CLASSES = 11,
    OLD_ZERO = OLD_CLASSES, /* the class of copies that are 4096 zero bytes */
    SAMPLE_BITS = 4,
    SAMPLE_BITS_FILE = 8, /* pages of a file are less alike */
    LOOK_FURTHER = 4096,  /* pages that are passed over when they are zero */
    PACKET_PAGES = 128,
    WARM_PAGES = 32, /* packed before a sampled packet: the stream has come from somewhere */
    DELTA_ROOM = 3 * GW_PAGE_BYTES, /* any encoding fits */
    UNKNOWN = INT32_MIN
};

struct memo {
    const struct gw_page_content *content;
    enum gw_content_kind kind, change_content;
    uint64_t page_count;
    uint32_t sample_bits;
    struct gw_codec_answer *compress; /* [bucket << sample_bits | sample]; NULL: no codec */
    struct gw_codec_answer *delta;    /* [(old class * BUCKETS + bucket) << sample_bits | sample] */
};

struct gw_page_codec {
    struct memo *memos;
    size_t memo_count;
    struct gw_codec_answer equal;
    struct gw_delta_cost delta;
    struct gw_compressor *compressor;
    struct gw_page_cost cost;
    int32_t kind_bytes[GW_CONTENT_COUNT]; /* a page of each kind packs to: tells what a file is */
    bool stream;
    uint8_t *pages; /* room for a packet, or for one page */
    uint8_t *packed;
    size_t packed_bytes;
};

/* ---- classes --------------------------------------------------------------------------------- */

static inline uint32_t
bucket_of(uint32_t version)
{
    uint32_t bits;

    if (version < PLAIN_VERSIONS) {
        return version;
    }
    if (version >> MOST_BITS != 0) {
        return BUCKETS - 1;
    }
    bits = 31 - (uint32_t)__builtin_clz(version);
    return PLAIN_VERSIONS + ((bits - PLAIN_BITS) << STEP_BITS) +
           (version >> (bits - STEP_BITS) & ((1 << STEP_BITS) - 1));
}

/* The number of writes that sample `index` of `count` stands for. */
static uint32_t
bucket_version(uint32_t bucket, uint32_t index, uint32_t count)
{
    uint32_t step = bucket - PLAIN_VERSIONS;
    uint32_t width;

    if (bucket < PLAIN_VERSIONS) {
        return bucket;
    }
    if (bucket == BUCKETS - 1) {
        return (uint32_t)1 << MOST_BITS;
    }
    width = (uint32_t)1 << (PLAIN_BITS + (step >> STEP_BITS) - STEP_BITS);
    return width * ((1 << STEP_BITS) + step % (1 << STEP_BITS)) +
           (uint32_t)((uint64_t)width * index / count);
}

/* Writes before the copy was taken: 0, then octaves, the last of them 512 writes and more. */
static inline uint32_t
old_class_of(uint32_t version)
{
    uint32_t class = version == 0 ? 0 : 32 - (uint32_t)__builtin_clz(version);

    return class < OLD_CLASSES ? class : OLD_CLASSES - 1;
}

static uint32_t
old_class_version(uint32_t class, uint32_t index, uint32_t count)
{
    uint32_t low = class == 0 ? 0 : (uint32_t)1 << (class - 1);
    uint32_t scattered = index * 5 % count; /* so that it does not follow the other scale */

    return low + (uint32_t)((uint64_t)low * scattered / count);
}

static inline uint32_t
sample_of(const struct memo *memo, uint64_t page)
{
    return (uint32_t)((page * 0x9E3779B97F4A7C15) >> (64 - memo->sample_bits));
}

/* A page of the region for sample `index` of `count`: zero pages never come to a codec. */
static uint64_t
sample_page(const struct memo *memo, uint32_t index, uint32_t count, uint32_t version)
{
    uint64_t page = (uint64_t)((gw_u128)memo->page_count * index / count);

    for (uint32_t i = 0; i < LOOK_FURTHER; i++) {
        uint64_t next = (page + i) % memo->page_count;

        if (!gw_page_content_is_zero(memo->content, next, version)) {
            return next;
        }
    }
    return page;
}

/* ---- compressing ----------------------------------------------------------------------------- */

/* The kind whose pages pack to the most similar size. */
static enum gw_content_kind
kind_by_size(const struct gw_page_codec *codec, int32_t bytes)
{
    enum gw_content_kind best = GW_CONTENT_ZERO;

    for (int kind = 0; kind < GW_CONTENT_FILE; kind++) {
        if (abs(codec->kind_bytes[kind] - bytes) < abs(codec->kind_bytes[best] - bytes)) {
            best = (enum gw_content_kind)kind;
        }
    }
    return best;
}

/* How much of the page is no longer as it was filled. */
static double
changed_share(const struct memo *memo, uint64_t page, uint32_t version, const uint8_t *bytes)
{
    uint8_t first[GW_PAGE_BYTES];
    size_t changed = 0;

    if (version == 0) {
        return 0;
    }
    gw_page_content_fill(memo->content, page, 0, first);
    for (size_t i = 0; i < GW_PAGE_BYTES; i++) {
        changed += first[i] != bytes[i];
    }
    return (double)changed / GW_PAGE_BYTES;
}

/* Adds the times of a page to the answer. */
static void
add_cost(const struct gw_page_codec *codec, const struct memo *memo, double changed, int32_t bytes,
         struct gw_codec_answer *answer)
{
    const struct gw_page_cost *cost = &codec->cost;
    enum gw_content_kind kind = memo->kind;

    if (kind == GW_CONTENT_FILE && !cost->has_file) {
        kind = kind_by_size(codec, bytes);
        changed = 0;
    }
    answer->encode_ns +=
        (1 - changed) * cost->encode_ns[kind] + changed * cost->encode_ns[memo->change_content];
    answer->decode_ns +=
        (1 - changed) * cost->decode_ns[kind] + changed * cost->decode_ns[memo->change_content];
}

static void
sample_single(struct gw_page_codec *codec, struct memo *memo, uint32_t bucket, uint32_t sample)
{
    uint32_t count = (uint32_t)1 << memo->sample_bits;
    uint32_t version = bucket_version(bucket, sample, count);
    uint64_t page = sample_page(memo, sample, count, version);
    struct gw_codec_answer answer = {0, 0, 0};

    gw_page_content_fill(memo->content, page, version, codec->pages);
    answer.bytes = gw_compress(codec->compressor, codec->pages, GW_PAGE_BYTES, codec->packed,
                               codec->packed_bytes);
    add_cost(codec, memo, changed_share(memo, page, version, codec->pages), answer.bytes, &answer);
    memo->compress[bucket << memo->sample_bits | sample] = answer;
}

/* Makes all samples of the bucket from one packet; their sizes differ by a byte at most. */
static void
sample_packet(struct gw_page_codec *codec, struct memo *memo, uint32_t bucket)
{
    uint32_t count = (uint32_t)1 << memo->sample_bits;
    struct gw_codec_answer sum = {0, 0, 0};
    double changed = 0;

    for (uint32_t i = 0; i < PACKET_PAGES; i++) {
        uint32_t version = bucket_version(bucket, i, PACKET_PAGES);
        uint64_t page = sample_page(memo, i, PACKET_PAGES, version);
        uint8_t *bytes = codec->pages + (size_t)i * GW_PAGE_BYTES;

        gw_page_content_fill(memo->content, page, version, bytes);
        changed += changed_share(memo, page, version, bytes) / PACKET_PAGES;
    }
    gw_compress_stream_start(codec->compressor);
    gw_compress_packet(codec->compressor,
                       codec->pages + (size_t)(PACKET_PAGES - WARM_PAGES) * GW_PAGE_BYTES,
                       (size_t)WARM_PAGES * GW_PAGE_BYTES, codec->packed, codec->packed_bytes);
    sum.bytes =
        gw_compress_packet(codec->compressor, codec->pages, (size_t)PACKET_PAGES * GW_PAGE_BYTES,
                           codec->packed, codec->packed_bytes);
    add_cost(codec, memo, changed, sum.bytes / PACKET_PAGES, &sum);
    for (uint32_t i = 0; i < count; i++) {
        struct gw_codec_answer answer = sum;

        answer.bytes = (int32_t)((int64_t)sum.bytes * (i + 1) / PACKET_PAGES -
                                 (int64_t)sum.bytes * i / PACKET_PAGES);
        memo->compress[bucket << memo->sample_bits | i] = answer;
    }
}

static __attribute__((noinline)) void
sample_compress(struct gw_page_codec *codec, struct memo *memo, uint32_t bucket, uint32_t sample)
{
    if (codec->stream) {
        sample_packet(codec, memo, bucket);
    } else {
        sample_single(codec, memo, bucket, sample);
    }
}

struct gw_codec_answer
gw_page_codec_compress(struct gw_page_codec *codec, size_t region, uint64_t page, uint32_t version)
{
    struct memo *memo = &codec->memos[region];
    uint32_t bucket = bucket_of(version);
    uint32_t sample = sample_of(memo, page);
    size_t at = (size_t)bucket << memo->sample_bits | sample;

    gw_assert(region < codec->memo_count && memo->compress != NULL);
    if (__builtin_expect(memo->compress[at].bytes == UNKNOWN, 0)) {
        sample_compress(codec, memo, bucket, sample);
    }
    return memo->compress[at];
}

/* ---- XBZRLE ---------------------------------------------------------------------------------- */

static size_t
read_length(const uint8_t *encoded, size_t *at)
{
    size_t low = encoded[(*at)++];

    if (low < 0x80) {
        return low;
    }
    return (low & 0x7f) | (size_t)encoded[(*at)++] << 7;
}

/* Runs of changed bytes that an encoder meets before its output is full. */
static uint32_t
count_runs(const uint8_t *encoded, size_t encoded_bytes)
{
    uint32_t runs = 0;

    for (size_t at = 0; at < encoded_bytes && at < GW_PAGE_BYTES; runs++) {
        size_t length;

        read_length(encoded, &at);
        length = read_length(encoded, &at);
        at += length;
    }
    return runs;
}

static struct gw_codec_answer
encode_delta(const struct gw_page_codec *codec, const uint8_t *old, const uint8_t *fresh)
{
    uint8_t encoded[DELTA_ROOM];
    struct gw_codec_answer answer;
    int32_t whole = gw_xbzrle_encode(old, fresh, GW_PAGE_BYTES, encoded, sizeof encoded);
    double runs = count_runs(encoded, (size_t)whole);

    gw_assert(whole >= 0);
    answer.bytes = gw_xbzrle_encode(old, fresh, GW_PAGE_BYTES, encoded, GW_PAGE_BYTES);
    answer.encode_ns = codec->delta.page_ns + codec->delta.run_ns * runs;
    answer.decode_ns =
        answer.bytes > 0 ? codec->delta.decode_ns + codec->delta.decode_run_ns * runs : 0;
    return answer;
}

static __attribute__((noinline)) void
sample_delta(struct gw_page_codec *codec, struct memo *memo, uint32_t class, uint32_t sample)
{
    uint32_t count = (uint32_t)1 << memo->sample_bits;
    uint32_t old_class = class / BUCKETS;
    uint32_t writes = bucket_version(class % BUCKETS, sample, count);
    bool old_zero = old_class == OLD_ZERO;
    uint32_t old_version = old_zero ? 0 : old_class_version(old_class, sample, count);
    uint64_t page = sample_page(memo, sample, count, old_version + writes);
    uint8_t old[GW_PAGE_BYTES] = {0};
    uint8_t fresh[GW_PAGE_BYTES];

    if (!old_zero) {
        gw_page_content_fill(memo->content, page, old_version, old);
    }
    gw_page_content_fill(memo->content, page, old_version + writes, fresh);
    memo->delta[class << memo->sample_bits | sample] = encode_delta(codec, old, fresh);
}

struct gw_codec_answer
gw_page_codec_delta(struct gw_page_codec *codec, size_t region, uint64_t page, uint32_t version,
                    uint32_t old_version, bool old_zero)
{
    struct memo *memo = &codec->memos[region];
    uint32_t sample = sample_of(memo, page);
    uint32_t class;
    size_t at;

    gw_assert(region < codec->memo_count && (old_zero || version >= old_version));
    if (!old_zero && version == old_version) {
        return codec->equal;
    }
    class = old_zero ? OLD_ZERO * BUCKETS + bucket_of(version)
                     : old_class_of(old_version) * BUCKETS + bucket_of(version - old_version);
    at = (size_t) class << memo->sample_bits | sample;
    if (__builtin_expect(memo->delta[at].bytes == UNKNOWN, 0)) {
        sample_delta(codec, memo, class, sample);
    }
    return memo->delta[at];
}

/* ---- create ---------------------------------------------------------------------------------- */

static struct gw_codec_answer *
unknown_answers(size_t count)
{
    struct gw_codec_answer *answers = malloc(count * sizeof *answers);

    for (size_t i = 0; answers != NULL && i < count; i++) {
        answers[i] = (struct gw_codec_answer){UNKNOWN, 0, 0};
    }
    return answers;
}

static bool
open_memo(struct memo *memo, const struct gw_page_content *content,
          const struct gw_region_settings *region, bool compresses)
{
    bool is_file = region->content == GW_CONTENT_FILE;
    uint64_t pages = (uint64_t)region->size_bytes / GW_PAGE_BYTES;

    memo->content = content;
    memo->kind = (enum gw_content_kind)region->content;
    memo->change_content = (enum gw_content_kind)region->change_content;
    memo->page_count = pages > 0 ? pages : 1;
    memo->sample_bits = is_file ? SAMPLE_BITS_FILE : SAMPLE_BITS;
    memo->delta = unknown_answers((size_t)(OLD_CLASSES + 1) * BUCKETS << memo->sample_bits);
    memo->compress = compresses ? unknown_answers((size_t)BUCKETS << memo->sample_bits) : NULL;
    return memo->delta != NULL && (memo->compress != NULL || !compresses);
}

static void
weigh_kinds(struct gw_page_codec *codec)
{
    for (int kind = 0; kind < GW_CONTENT_FILE; kind++) {
        gw_page_fill((enum gw_content_kind)kind, 1, codec->pages, GW_PAGE_BYTES);
        codec->kind_bytes[kind] = gw_compress(codec->compressor, codec->pages, GW_PAGE_BYTES,
                                              codec->packed, codec->packed_bytes);
    }
}

static bool
open_compressor(struct gw_page_codec *codec, const struct gw_page_codec_plan *plan,
                struct gw_error *err)
{
    size_t page_bytes = (size_t)(plan->stream ? PACKET_PAGES : 1) * GW_PAGE_BYTES;

    if (!gw_page_cost_find(plan, &codec->cost, err)) {
        return false;
    }
    codec->compressor = gw_compressor_create(plan->codec, plan->level, err);
    if (codec->compressor == NULL) {
        return false;
    }
    codec->packed_bytes = gw_compress_bound(plan->codec, page_bytes);
    codec->pages = malloc(page_bytes);
    codec->packed = malloc(codec->packed_bytes);
    if (codec->pages == NULL || codec->packed == NULL) {
        return gw_fail(err, GW_ENOMEM, "page codec: out of memory");
    }
    weigh_kinds(codec);
    return true;
}

static bool
open_codec(struct gw_page_codec *codec, const struct gw_page_codec_plan *plan, struct gw_error *err)
{
    bool compresses = plan->codec != GW_CODEC_NONE;

    codec->stream = plan->stream;
    codec->delta = plan->delta;
    codec->equal = (struct gw_codec_answer){0, plan->delta.page_ns, 0};
    codec->memos = calloc(plan->region_count + 1, sizeof *codec->memos);
    codec->memo_count = codec->memos == NULL ? 0 : plan->region_count;
    for (size_t i = 0; i < plan->region_count; i++) {
        if (codec->memos == NULL ||
            !open_memo(&codec->memos[i], plan->contents[i], plan->regions[i], compresses)) {
            return gw_fail(err, GW_ENOMEM, "page codec: out of memory");
        }
    }
    return !compresses || open_compressor(codec, plan, err);
}

struct gw_page_codec *
gw_page_codec_create(const struct gw_page_codec_plan *plan, struct gw_error *err)
{
    struct gw_page_codec *codec = calloc(1, sizeof *codec);

    if (codec == NULL) {
        gw_fail(err, GW_ENOMEM, "page codec: out of memory");
        return NULL;
    }
    if (!open_codec(codec, plan, err)) {
        gw_page_codec_destroy(codec);
        return NULL;
    }
    return codec;
}

void
gw_page_codec_destroy(struct gw_page_codec *codec)
{
    if (codec == NULL) {
        return;
    }
    for (size_t i = 0; i < codec->memo_count; i++) {
        free(codec->memos[i].compress);
        free(codec->memos[i].delta);
    }
    gw_compressor_destroy(codec->compressor);
    free(codec->memos);
    free(codec->pages);
    free(codec->packed);
    free(codec);
}
