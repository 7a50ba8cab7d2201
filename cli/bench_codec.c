/* bench_codec.c - the real codecs, zero scan and page copy, timed on this processor.
 *
 * Idea      A pass works through a set of pages; the best of several passes counts, since what
 *           disturbs a pass only ever makes it slower.
 * Why       Scans and copies are timed twice: over few pages that stay in the nearest cache, and
 *           over many whose lines were just pushed out. A migration meets the second kind.
 *           Codecs take long for a page, so they are timed in groups of few pages: a group fits
 *           between two turns of whatever else the machine does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "algorithms/xbzrle.h"
#include "base/compress.h"
#include "cli/benchmark.h"
#include "cli/wall_clock.h"

enum {
    PAGE = GW_PAGE_BYTES,
    HOT_PAGES = 32,
    COLD_PAGES = 16384, /* 64 MiB: beyond most caches */
    HOT_TURNS = 256,
    PASSES_LEAST = 2,
    CODEC_PAGES = 64,
    CODEC_PAGES_QUICK = 16,
    GROUP_PAGES = 8
};

static const int64_t MILLISECOND = 1000000;

double
gw_bench_best_ns(const struct gw_bench_pass *pass)
{
    int64_t begin = gw_wall_clock_ns();
    int64_t best = INT64_MAX;

    for (int i = 0; i < PASSES_LEAST || gw_wall_clock_ns() - begin < pass->budget_ns; i++) {
        int64_t start;
        int64_t taken;

        if (pass->prepare != NULL) {
            pass->prepare(pass->self);
        }
        start = gw_wall_clock_ns();
        pass->run(pass->self);
        taken = gw_wall_clock_ns() - start;
        best = taken < best ? taken : best;
    }
    return (double)best;
}

struct gw_page_content *
gw_bench_content(enum gw_content_kind kind, enum gw_change_kind change, int64_t change_bytes,
                 struct gw_error *err)
{
    const struct gw_region_settings settings = {.content = (int)kind,
                                                .change = (int)change,
                                                .change_content = GW_CONTENT_RANDOM,
                                                .change_bytes = change_bytes};

    return gw_page_content_create(&settings, 1, err);
}

const char *
gw_bench_content_name(int content)
{
    static const char *const names[GW_CONTENT_COUNT] = {
        "zero", "text", "random", "prose", "pointers", "word", "byte", "half", "file"};

    gw_assert(content >= 0 && content < GW_CONTENT_COUNT);
    return names[content];
}

/* ---- scans and copies ------------------------------------------------------------------------ */

struct scan {
    uint8_t *pages;
    size_t page_count, turns;
    uint8_t fill;
    uint8_t copy[PAGE];
    volatile size_t sink; /* keeps the work alive */
};

/* Rewrites all pages from the end, so that those scanned first are the longest out of cache. */
static void
push_out(void *self)
{
    struct scan *scan = self;

    for (size_t i = scan->page_count; i-- > 0;) {
        memset(scan->pages + i * PAGE, scan->fill, PAGE);
    }
    for (size_t i = scan->page_count / 2; i < scan->page_count; i++) {
        memset(scan->pages + i * PAGE, scan->fill, PAGE);
    }
}

static void
run_scan(void *self)
{
    struct scan *scan = self;
    size_t zeros = 0;

    for (size_t turn = 0; turn < scan->turns; turn++) {
        for (size_t i = 0; i < scan->page_count; i++) {
            zeros += gw_is_zero(scan->pages + i * PAGE, PAGE);
        }
    }
    scan->sink = zeros;
}

static void
run_copy(void *self)
{
    struct scan *scan = self;
    size_t sum = 0;

    for (size_t turn = 0; turn < scan->turns; turn++) {
        for (size_t i = 0; i < scan->page_count; i++) {
            memcpy(scan->copy, scan->pages + i * PAGE, PAGE);
            __asm__ volatile("" : : "r"(scan->copy) : "memory");
            sum += scan->copy[i % PAGE];
        }
    }
    scan->sink = sum;
}

static double
time_scan(struct scan *scan, void (*run)(void *self), uint8_t fill, bool quick)
{
    struct gw_bench_pass pass = {push_out, run, scan, (quick ? 40 : 400) * MILLISECOND};

    scan->fill = fill;
    return gw_bench_best_ns(&pass) / (double)(scan->page_count * scan->turns);
}

bool
gw_bench_scans(bool quick, struct gw_bench_scan *out, struct gw_error *err)
{
    struct scan scan = {.pages = aligned_alloc(PAGE, (size_t)COLD_PAGES * PAGE)};

    if (scan.pages == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    scan.page_count = COLD_PAGES;
    scan.turns = 1;
    out->non_zero_cold_ns = time_scan(&scan, run_scan, 1, quick);
    out->copy_cold_ns = time_scan(&scan, run_copy, 1, quick);
    out->zero_cold_ns = time_scan(&scan, run_scan, 0, quick);
    scan.page_count = HOT_PAGES;
    scan.turns = HOT_TURNS;
    out->zero_hot_ns = time_scan(&scan, run_scan, 0, quick);
    out->non_zero_hot_ns = time_scan(&scan, run_scan, 1, quick);
    out->copy_hot_ns = time_scan(&scan, run_copy, 1, quick);
    free(scan.pages);
    return true;
}

/* ---- codecs ---------------------------------------------------------------------------------- */

static const struct {
    int64_t level;
    enum gw_codec codec;
    bool slow; /* left out when quick */
} choices[] = {
    {1, GW_CODEC_ZLIB, false}, {6, GW_CODEC_ZLIB, false}, {9, GW_CODEC_ZLIB, false},
    {1, GW_CODEC_ZSTD, false}, {3, GW_CODEC_ZSTD, false}, {9, GW_CODEC_ZSTD, false},
    {19, GW_CODEC_ZSTD, true}, {1, GW_CODEC_LZ4, false},  {3, GW_CODEC_LZ4, false},
    {9, GW_CODEC_LZ4, false},  {12, GW_CODEC_LZ4, true},
};

enum { CHOICES = sizeof choices / sizeof choices[0] };

_Static_assert((int)CHOICES *GW_CONTENT_FILE <= (int)GW_BENCH_COSTS_MAX, "a room for every cost");

struct work {
    struct gw_compressor *compressor;
    size_t page_count, packed_bytes;
    size_t first; /* of the group at work */
    uint8_t pages[CODEC_PAGES][PAGE];
    uint8_t back[PAGE];
    uint8_t *packed; /* page_count times packed_bytes */
    int32_t bytes[CODEC_PAGES];
};

static void
run_encode(void *self)
{
    struct work *work = self;

    for (size_t i = work->first; i < work->first + GROUP_PAGES; i++) {
        work->bytes[i] = gw_compress(work->compressor, work->pages[i], PAGE,
                                     work->packed + i * work->packed_bytes, work->packed_bytes);
    }
}

static void
run_decode(void *self)
{
    struct work *work = self;

    for (size_t i = work->first; i < work->first + GROUP_PAGES; i++) {
        int32_t bytes = gw_decompress(work->compressor, work->packed + i * work->packed_bytes,
                                      (size_t)work->bytes[i], work->back, PAGE);

        gw_assert(bytes == PAGE);
    }
}

static bool
fill_pages(struct work *work, int kind, struct gw_error *err)
{
    struct gw_page_content *content =
        gw_bench_content((enum gw_content_kind)kind, GW_CHANGE_BLOCK, 0, err);

    for (size_t i = 0; content != NULL && i < work->page_count; i++) {
        gw_page_content_fill(content, i, 0, work->pages[i]);
    }
    gw_page_content_destroy(content);
    return content != NULL;
}

/* Mean of a page, from the best pass of each group. */
static double
time_groups(struct work *work, void (*run)(void *self), int64_t budget_ns)
{
    struct gw_bench_pass pass = {NULL, run, work, 0};
    double sum = 0;

    pass.budget_ns = budget_ns * GROUP_PAGES / (int64_t)work->page_count;
    for (work->first = 0; work->first < work->page_count; work->first += GROUP_PAGES) {
        sum += gw_bench_best_ns(&pass);
    }
    return sum / (double)work->page_count;
}

static void
time_kind(struct work *work, bool quick, struct gw_bench_cost *out)
{
    int64_t budget_ns = (quick ? 8 : 100) * MILLISECOND;

    out->cost.encode_ns = (int64_t)(time_groups(work, run_encode, budget_ns) + 0.5);
    out->cost.decode_ns = (int64_t)(time_groups(work, run_decode, budget_ns / 4) + 0.5);
    for (size_t i = 0; i < work->page_count; i++) {
        out->bytes += (double)work->bytes[i] / (double)work->page_count;
    }
}

/* All kinds of content with one codec and level. */
static bool
time_choice(struct work *work, size_t choice, bool quick, struct gw_codec_bench *out,
            struct gw_error *err)
{
    enum gw_codec codec = choices[choice].codec;
    bool fine;

    work->compressor = gw_compressor_create(codec, choices[choice].level, err);
    work->packed_bytes = gw_compress_bound(codec, PAGE);
    work->packed = malloc(work->page_count * work->packed_bytes);
    fine = work->compressor != NULL &&
           (work->packed != NULL || gw_fail(err, GW_ENOMEM, "out of memory"));
    for (int kind = 0; fine && kind < GW_CONTENT_FILE; kind++) {
        struct gw_bench_cost *row = &out->costs[out->cost_count++];

        *row = (struct gw_bench_cost){{(int)codec, choices[choice].level, kind, 0, 0}, 0};
        fine = fill_pages(work, kind, err);
        if (fine) {
            time_kind(work, quick, row);
        }
    }
    free(work->packed);
    gw_compressor_destroy(work->compressor);
    return fine;
}

bool
gw_bench_codecs(bool quick, struct gw_codec_bench *out, struct gw_error *err)
{
    struct work *work = calloc(1, sizeof *work);
    bool fine = work != NULL || gw_fail(err, GW_ENOMEM, "out of memory");

    out->cost_count = 0;
    for (size_t i = 0; fine && work != NULL && i < CHOICES; i++) {
        work->page_count = quick ? CODEC_PAGES_QUICK : CODEC_PAGES;
        fine = (quick && choices[i].slow) || time_choice(work, i, quick, out, err);
    }
    free(work);
    return fine;
}
