/* store_series.c - a time series as a compressed block of columns.
 *
 * Idea      All times, then each column whole: neighbours are alike, so zlib packs them well,
 *           and numpy reads a column with one frombuffer.
 * Why       zlib and not zstd: Python's standard library reads it. Level 1: storing must stay a
 *           small part of a run's time.
 * Invariant Little-endian on every machine.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "results/store_database.h"

enum { WORD_BYTES = 8 };

static void
word_put(unsigned char *plain, size_t index, uint64_t word)
{
    uint64_t little = htole64(word);

    memcpy(plain + index * WORD_BYTES, &little, WORD_BYTES);
}

static uint64_t
word_get(const unsigned char *plain, size_t index)
{
    uint64_t little;

    memcpy(&little, plain + index * WORD_BYTES, WORD_BYTES);
    return le64toh(little);
}

static void
series_lay_out(const struct gw_series *series, unsigned char *plain)
{
    for (size_t row = 0; row < series->rows; row++) {
        word_put(plain, row, (uint64_t)series->t_ns[row]);
        for (size_t i = 0; i < series->columns; i++) {
            uint64_t bits;
            memcpy(&bits, &series->values[row * series->columns + i], WORD_BYTES);
            word_put(plain, (i + 1) * series->rows + row, bits);
        }
    }
}

bool
gw_series_pack(const struct gw_series *series, void **bytes, size_t *length, struct gw_error *err)
{
    size_t plain_bytes = series->rows * (series->columns + 1) * WORD_BYTES;
    uLongf packed_bytes = compressBound(plain_bytes);
    unsigned char *plain = malloc(plain_bytes);
    unsigned char *packed = malloc(packed_bytes);

    if (plain == NULL || packed == NULL) {
        free(plain);
        free(packed);
        return gw_fail(err, GW_ENOMEM, "out of memory for a series of %zu rows", series->rows);
    }
    series_lay_out(series, plain);
    int status = compress2(packed, &packed_bytes, plain, plain_bytes, Z_BEST_SPEED);
    free(plain);
    if (status != Z_OK) {
        free(packed);
        return gw_fail(err, GW_ENOMEM, "zlib cannot pack a series: %s", zError(status));
    }
    *bytes = packed;
    *length = packed_bytes;
    return true;
}

static void
series_take_in(struct gw_series *series, const unsigned char *plain)
{
    for (size_t row = 0; row < series->rows; row++) {
        series->t_ns[row] = (int64_t)word_get(plain, row);
        for (size_t i = 0; i < series->columns; i++) {
            uint64_t bits = word_get(plain, (i + 1) * series->rows + row);
            memcpy(&series->values[row * series->columns + i], &bits, WORD_BYTES);
        }
    }
}

bool
gw_series_unpack(const void *bytes, size_t length, struct gw_series *series, struct gw_error *err)
{
    size_t plain_bytes = series->rows * (series->columns + 1) * WORD_BYTES;
    uLongf got = plain_bytes;
    unsigned char *plain = malloc(plain_bytes + 1);

    series->t_ns = malloc(series->rows * sizeof *series->t_ns);
    series->values = malloc(series->rows * series->columns * sizeof *series->values);
    series->rows_allocated = series->rows;
    if (plain == NULL || series->t_ns == NULL || series->values == NULL) {
        free(plain);
        return gw_fail(err, GW_ENOMEM, "out of memory for a series of %zu rows", series->rows);
    }
    int status = uncompress(plain, &got, bytes, length);
    if (status != Z_OK || got != plain_bytes) {
        free(plain);
        return gw_fail(err, GW_EDB, "series data are damaged: %s",
                       status == Z_OK ? "other length than stated" : zError(status));
    }
    series_take_in(series, plain);
    free(plain);
    return true;
}
