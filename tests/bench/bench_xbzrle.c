/* bench_xbzrle.c - XBZRLE encoding: the best encoder of this machine beside the scalar one.
 *
 * Ten ways in which a page changes, each on 64 page pairs, which stay in the second-level cache,
 * and on 10 000 of them, which do not. Every changed byte gets another value. Patterns and sizes
 * are those of the published figures that docs/model-memory-migration.md compares with.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "algorithms/xbzrle.h"
#include "base/error.h"
#include "tests/bench/bench.h"

enum { PAGE = 4096, LINE = 64, HOT_PAGES = 64, OUT_PAGES = 10000 };

/* How one page of a set changes. */
struct pattern {
    uint32_t bytes;         /* so many single bytes, or */
    uint32_t line_permille; /* each line of 64 bytes with this probability */
};

static const struct pattern patterns[] = {
    {4, 0}, {41, 0}, {410, 0}, {2048, 0}, {4096, 0}, {0, 1}, {0, 10}, {0, 100}, {0, 500}, {0, 1000},
};

/* The page pairs of a row; both sides of the row use them, so they are made once. */
static struct {
    const struct gw_bench_row *row;
    uint8_t *old;
    uint8_t *fresh;
    uint32_t pages;
} set;

static uint64_t
next_random(uint64_t *state)
{
    uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static void
change_byte(uint8_t *byte, uint64_t *state)
{
    *byte = (uint8_t)(*byte ^ (1 + next_random(state) % 255));
}

static void
change_page(const struct pattern *pattern, const uint8_t *old, uint8_t *fresh, uint64_t *state)
{
    uint32_t left = pattern->bytes;

    while (left > 0) {
        uint64_t place = pattern->bytes == PAGE ? left - 1 : next_random(state) % PAGE;

        if (fresh[place] == old[place]) {
            change_byte(&fresh[place], state);
            left--;
        }
    }
    for (uint32_t i = 0; i < PAGE; i++) {
        if (i % LINE == 0) {
            left = next_random(state) % 1000 < pattern->line_permille;
        }
        if (left > 0) {
            change_byte(&fresh[i], state);
        }
    }
}

static void
make_set(const struct gw_bench_row *row)
{
    uint64_t state = row->size;

    free(set.old);
    free(set.fresh);
    set.row = row;
    set.pages = row->size % 2 == 0 ? HOT_PAGES : OUT_PAGES;
    set.old = aligned_alloc(PAGE, (size_t)set.pages * PAGE);
    set.fresh = aligned_alloc(PAGE, (size_t)set.pages * PAGE);
    gw_assert(set.old != NULL && set.fresh != NULL);
    for (size_t i = 0; i < (size_t)set.pages * PAGE; i++) {
        set.old[i] = (uint8_t)next_random(&state);
    }
    memcpy(set.fresh, set.old, (size_t)set.pages * PAGE);
    for (size_t i = 0; i < set.pages; i++) {
        change_page(&patterns[row->size / 2], set.old + i * PAGE, set.fresh + i * PAGE, &state);
    }
}

/* Returns bytes of pages, for at least 20 ms and one pass. */
static uint64_t
encode_set(const struct gw_bench_row *row, double *seconds,
           int32_t (*encode)(const uint8_t *old, const uint8_t *fresh, size_t length, uint8_t *out,
                             size_t capacity))
{
    static uint8_t out[PAGE];
    uint64_t bytes = 0;
    double start_s;

    if (set.row != row) {
        make_set(row);
    }
    start_s = gw_bench_now_s();
    do {
        for (size_t i = 0; i < set.pages; i++) {
            (void)encode(set.old + i * PAGE, set.fresh + i * PAGE, PAGE, out, PAGE);
        }
        bytes += (uint64_t)set.pages * PAGE;
        *seconds = gw_bench_now_s() - start_s;
    } while (*seconds < 0.02);
    return bytes;
}

uint64_t
gw_bench_xbzrle(const struct gw_bench_row *row, double *seconds)
{
    return encode_set(row, seconds, gw_xbzrle_encode);
}

uint64_t
gw_bench_xbzrle_scalar(const struct gw_bench_row *row, double *seconds)
{
    return encode_set(row, seconds, gw_xbzrle_kinds[0].encode);
}
