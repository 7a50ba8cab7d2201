/* page_spread.c - how many of n uniform writes each page gets, without drawing them all.
 *
 * Idea      Independent Poisson counts whose sum happens to be t are distributed as t uniform
 *           writes. So: draw a Poisson count of mean m for each page, m a little below n / width;
 *           add the n - t writes that are still missing one by one. When t comes out above n, begin
 *           again: this looks at the sum only, so the law stays exact. m is whole and is the sum of
 *           two digits of base 16, each with a ready alias table. Above 256 writes a page the
 *           range is halved by binomial draws until it is a single page.
 * Source    Conditional Poisson sampling of a multinomial: Devroye 1986, XI.1. Bounded draws:
 *           Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/page_spread.h"

#include <string.h>

enum { MEAN_LEAST = 3, MARGIN_DEVIATIONS = 5 };

/* Probabilities below this share of the largest are left out. */
static const double NEGLIGIBLE = 1e-24;

static bool
make_table(struct gw_poisson_table *table, uint32_t mean, struct gw_error *err)
{
    double weight[GW_SPREAD_SUPPORT_MAX];
    uint32_t lowest = mean;
    uint32_t count = 0;
    double mass = 1;

    while (lowest > 0 && mass > NEGLIGIBLE) {
        mass *= (double)lowest / mean;
        lowest--;
    }
    while (mass > NEGLIGIBLE || lowest + count < mean) {
        gw_assert(count < GW_SPREAD_SUPPORT_MAX);
        weight[count++] = mass;
        mass *= (double)mean / (lowest + count);
    }
    table->lowest = lowest;
    return gw_alias_create(&table->alias, weight, count, err);
}

bool
gw_page_spread_create(struct gw_page_spread *spread, struct gw_error *err)
{
    memset(spread, 0, sizeof *spread);
    for (uint32_t digit = 1; digit < GW_SPREAD_DIGIT; digit++) {
        if (!make_table(&spread->table[0][digit], digit, err) ||
            !make_table(&spread->table[1][digit], digit * GW_SPREAD_DIGIT, err)) {
            gw_page_spread_destroy(spread);
            return false;
        }
    }
    return true;
}

void
gw_page_spread_destroy(struct gw_page_spread *spread)
{
    for (uint32_t digit = 1; digit < GW_SPREAD_DIGIT; digit++) {
        gw_alias_destroy(&spread->table[0][digit].alias);
        gw_alias_destroy(&spread->table[1][digit].alias);
    }
}

/* Whole batches of words at a time; a word that would favour a page is passed over without a
 * branch: what is written for it is written over. */
void
gw_page_spread_draw(struct gw_stream *stream, uint32_t width, uint32_t n, uint32_t *pages)
{
    uint32_t biased = (0 - width) % width;
    uint32_t done = 0;

    while (done < n) {
        uint32_t take;
        const uint32_t *word = gw_page_words(stream, n - done, &take);

        for (uint32_t i = 0; i < take; i++) {
            uint64_t product = (uint64_t)word[i] * width;

            pages[done] = (uint32_t)(product >> 32);
            done += (uint32_t)product >= biased;
        }
    }
}

static void
add_each(struct gw_stream *stream, uint32_t n, uint32_t *counts, uint32_t width)
{
    uint32_t biased = (0 - width) % width;
    uint32_t left = n;

    while (left > 0) {
        uint32_t take;
        const uint32_t *word = gw_page_words(stream, left, &take);

        for (uint32_t i = 0; i < take; i++) {
            uint64_t product = (uint64_t)word[i] * width;
            uint32_t fair = (uint32_t)product >= biased;

            counts[product >> 32] += fair;
            left -= fair;
        }
    }
}

/* As gw_alias_draw, but without its branch, which falls either way. */
static inline uint32_t
draw_count(const struct gw_poisson_table *table, struct gw_stream *stream)
{
    gw_u128 product = (gw_u128)gw_stream_u64(stream) * table->alias.count;
    uint32_t column = (uint32_t)(product >> 64);
    uint32_t height = (uint32_t)((uint64_t)product >> 32);
    uint32_t mask = 0 - (uint32_t)(height >= table->alias.threshold[column]);

    return table->lowest + (column ^ ((column ^ table->alias.other[column]) & mask));
}

/* Adds a count of this table to each page; returns their sum. */
static uint64_t
add_poisson(const struct gw_poisson_table *table, struct gw_stream *stream, uint32_t *counts,
            uint32_t width)
{
    uint64_t sum = 0;

    if (table->alias.count == 0) {
        return 0;
    }
    for (uint32_t i = 0; i < width; i++) {
        uint32_t count = draw_count(table, stream);

        counts[i] += count;
        sum += count;
    }
    return sum;
}

/* Returns how many writes are still missing. */
static uint32_t
fill_poisson(const struct gw_page_spread *spread, struct gw_stream *stream, uint32_t n,
             uint32_t *counts, uint32_t width)
{
    double margin = MARGIN_DEVIATIONS * __builtin_sqrt((double)n);
    uint32_t mean = n > margin ? (uint32_t)((n - margin) / width) : 0;

    if (mean < MEAN_LEAST) {
        return n;
    }
    for (;;) {
        uint64_t sum =
            add_poisson(&spread->table[1][mean / GW_SPREAD_DIGIT], stream, counts, width) +
            add_poisson(&spread->table[0][mean % GW_SPREAD_DIGIT], stream, counts, width);

        if (sum <= n) {
            return n - (uint32_t)sum;
        }
        memset(counts, 0, width * sizeof *counts);
    }
}

void
gw_page_spread_fill(const struct gw_page_spread *spread, struct gw_stream *stream, uint32_t n,
                    uint32_t *counts, uint32_t width)
{
    enum { MEAN_LIMIT = GW_SPREAD_DIGIT * GW_SPREAD_DIGIT };

    if (width == 1) {
        counts[0] = n;
        return;
    }
    if (n / width >= MEAN_LIMIT) {
        uint32_t half = width / 2;
        uint32_t lower = (uint32_t)gw_binomial(stream, n, (double)half / width);

        gw_page_spread_fill(spread, stream, lower, counts, half);
        gw_page_spread_fill(spread, stream, n - lower, counts + half, width - half);
        return;
    }
    add_each(stream, fill_poisson(spread, stream, n, counts, width), counts, width);
}
