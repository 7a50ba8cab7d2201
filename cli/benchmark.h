/* benchmark.h - what `godwit bench` measures, and the parts that measure it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_BENCHMARK_H
#define GW_BENCHMARK_H

#include <stdint.h>

#include "sim/page_codec.h"

enum { GW_BENCH_COSTS_MAX = 128, GW_BENCH_DELTAS = 7 };

/* Several passes over the same work; the best one counts. */
struct gw_bench_pass {
    void (*prepare)(void *self); /* not timed; NULL: nothing */
    void (*run)(void *self);
    void *self;
    int64_t budget_ns; /* passes are begun until this is spent, two at least */
};

double gw_bench_best_ns(const struct gw_bench_pass *pass);

struct gw_bench_scan {
    double zero_hot_ns, zero_cold_ns, non_zero_hot_ns, non_zero_cold_ns, copy_hot_ns, copy_cold_ns;
};

struct gw_bench_cost {
    struct gw_codec_cost cost;
    double bytes; /* mean of a packed page */
};

struct gw_bench_delta {
    const char *change;
    double bytes, runs; /* means of a page */
    double encode_ns, decode_ns;
};

struct gw_codec_bench {
    struct gw_bench_scan scan;
    struct gw_bench_delta deltas[GW_BENCH_DELTAS];
    struct gw_delta_cost delta; /* fitted to them */
    struct gw_bench_cost costs[GW_BENCH_COSTS_MAX];
    size_t cost_count;
};

/* Parts of `bench codec`; `quick` takes fewer pages and passes. Errors: GW_ENOMEM. */
bool gw_bench_scans(bool quick, struct gw_bench_scan *out, struct gw_error *err);
bool gw_bench_deltas(bool quick, struct gw_codec_bench *out, struct gw_error *err);
bool gw_bench_codecs(bool quick, struct gw_codec_bench *out, struct gw_error *err);

/* The measurement as a file that scenarios include; owned by the caller, NULL: memory out. */
char *gw_bench_profile(const struct gw_codec_bench *bench);

/* A region with random first content whose writes change `change_bytes` bytes. */
struct gw_page_content *gw_bench_content(enum gw_content_kind kind, enum gw_change_kind change,
                                         int64_t change_bytes, struct gw_error *err);

const char *gw_bench_content_name(int content);

#endif
