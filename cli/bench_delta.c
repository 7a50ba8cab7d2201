/* bench_delta.c - XBZRLE timed on this processor, and the line that its times lie on.
 *
 * Idea      Pages and their old copies are too many for the caches, as in a migration. The cost of
 *           a page is a part for reading it and one for each run of changed bytes; both parts come
 *           from least squares of the relative errors over patterns from 1 to some 400 runs.
 * Source    docs/model-memory-migration.md: runs, not changed bytes, drive the cost.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "algorithms/xbzrle.h"
#include "cli/benchmark.h"

enum { PAGE = GW_PAGE_BYTES, PAIRS = 6000, PAIRS_QUICK = 1500 };

static const struct {
    const char *name;
    enum gw_change_kind change;
    int64_t bytes;
} changes[GW_BENCH_DELTAS] = {
    {"64 B in one place", GW_CHANGE_SLOT, 64},
    {"4 random bytes", GW_CHANGE_RANDOM, 4},
    {"41 random bytes", GW_CHANGE_RANDOM, 41},
    {"410 random bytes", GW_CHANGE_RANDOM, 410},
    {"6 lines", GW_CHANGE_LINES, 384},
    {"32 lines", GW_CHANGE_LINES, 2048},
    {"16 bytes, spread", GW_CHANGE_SCATTERED, 16},
};

struct pairs {
    size_t count;
    uint8_t *old, *fresh, *encoded; /* count pages each */
    int32_t *bytes;
};

static void
run_encode(void *self)
{
    struct pairs *pairs = self;

    for (size_t i = 0; i < pairs->count; i++) {
        pairs->bytes[i] = gw_xbzrle_encode(pairs->old + i * PAGE, pairs->fresh + i * PAGE, PAGE,
                                           pairs->encoded + i * PAGE, PAGE);
    }
}

/* Into `old`, which is `fresh` after the first pass: decoding costs the same then. */
static void
run_decode(void *self)
{
    struct pairs *pairs = self;

    for (size_t i = 0; i < pairs->count; i++) {
        gw_xbzrle_decode(pairs->encoded + i * PAGE, (size_t)pairs->bytes[i], pairs->old + i * PAGE,
                         PAGE);
    }
}

static double
count_runs(const struct pairs *pairs)
{
    size_t runs = 0;

    for (size_t i = 0; i < pairs->count * PAGE; i++) {
        bool differs = pairs->old[i] != pairs->fresh[i];

        runs += differs && (i % PAGE == 0 || pairs->old[i - 1] == pairs->fresh[i - 1]);
    }
    return (double)runs / (double)pairs->count;
}

static bool
fill_pairs(struct pairs *pairs, size_t change, struct gw_error *err)
{
    struct gw_page_content *content =
        gw_bench_content(GW_CONTENT_RANDOM, changes[change].change, changes[change].bytes, err);

    for (size_t i = 0; content != NULL && i < pairs->count; i++) {
        gw_page_content_fill(content, i, 0, pairs->old + i * PAGE);
        memcpy(pairs->fresh + i * PAGE, pairs->old + i * PAGE, PAGE);
        gw_page_content_write(content, i, 0, pairs->fresh + i * PAGE);
    }
    gw_page_content_destroy(content);
    return content != NULL;
}

static bool
time_change(struct pairs *pairs, size_t change, bool quick, struct gw_bench_delta *out,
            struct gw_error *err)
{
    struct gw_bench_pass pass = {NULL, run_encode, pairs, quick ? 30000000 : 250000000};
    double count = (double)pairs->count;

    if (!fill_pairs(pairs, change, err)) {
        return false;
    }
    *out = (struct gw_bench_delta){.change = changes[change].name, .runs = count_runs(pairs)};
    out->encode_ns = gw_bench_best_ns(&pass) / count;
    for (size_t i = 0; i < pairs->count; i++) {
        gw_assert(pairs->bytes[i] >= 0);
        out->bytes += pairs->bytes[i] / count;
    }
    pass.run = run_decode;
    out->decode_ns = gw_bench_best_ns(&pass) / count;
    return true;
}

/* The line time = start + slope * runs with the least sum of ((time - measured) / measured)^2. */
static void
fit_line(const double *runs, const double *times, double *start, double *slope)
{
    double weights = 0, x = 0, y = 0, xx = 0, xy = 0;

    for (size_t i = 0; i < GW_BENCH_DELTAS; i++) {
        double weight = 1 / (times[i] * times[i]);

        weights += weight;
        x += weight * runs[i];
        y += weight * times[i];
        xx += weight * runs[i] * runs[i];
        xy += weight * runs[i] * times[i];
    }
    *slope = (weights * xy - x * y) / (weights * xx - x * x);
    *slope = *slope > 0 ? *slope : 0;
    *start = (y - *slope * x) / weights;
    *start = *start > 0 ? *start : 0;
}

static void
fit_costs(struct gw_codec_bench *bench)
{
    double runs[GW_BENCH_DELTAS], encode[GW_BENCH_DELTAS], decode[GW_BENCH_DELTAS];

    for (size_t i = 0; i < GW_BENCH_DELTAS; i++) {
        runs[i] = bench->deltas[i].runs;
        encode[i] = bench->deltas[i].encode_ns;
        decode[i] = bench->deltas[i].decode_ns;
    }
    fit_line(runs, encode, &bench->delta.page_ns, &bench->delta.run_ns);
    fit_line(runs, decode, &bench->delta.decode_ns, &bench->delta.decode_run_ns);
}

bool
gw_bench_deltas(bool quick, struct gw_codec_bench *out, struct gw_error *err)
{
    size_t count = quick ? PAIRS_QUICK : PAIRS;
    struct pairs pairs = {.count = count,
                          .old = malloc(count * PAGE),
                          .fresh = malloc(count * PAGE),
                          .encoded = malloc(count * PAGE),
                          .bytes = malloc(count * sizeof *pairs.bytes)};
    bool fine =
        pairs.old != NULL && pairs.fresh != NULL && pairs.encoded != NULL && pairs.bytes != NULL;

    if (!fine) {
        gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; fine && i < GW_BENCH_DELTAS; i++) {
        fine = time_change(&pairs, i, quick, &out->deltas[i], err);
    }
    if (fine) {
        fit_costs(out);
    }
    free(pairs.old);
    free(pairs.fresh);
    free(pairs.encoded);
    free(pairs.bytes);
    return fine;
}
