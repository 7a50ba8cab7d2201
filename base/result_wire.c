/* result_wire.c - a result as bytes, for another process of the same program on this machine.
 *
 * Idea      Numbers as they lie in memory: both ends are one program. Of histograms only the
 *           buckets that hold something.
 * Invariant The digest of what is taken is that of what was put.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/result_wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- out ---------------------------------------------------------------------------------------- */

void
gw_wire_put_number(struct gw_text *out, uint64_t number)
{
    gw_text_add_bytes(out, (const char *)&number, sizeof number);
}

void
gw_wire_put_text(struct gw_text *out, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    gw_wire_put_number(out, text == NULL ? 0 : length + 1);
    gw_text_add_bytes(out, text == NULL ? "" : text, length);
}

static void
put_histogram(struct gw_text *out, const struct gw_histogram *histogram)
{
    size_t used = 0;

    for (size_t i = 0; histogram->total > 0 && i < GW_HISTOGRAM_BUCKETS; i++) {
        used += histogram->count[i] > 0 ? 1 : 0;
    }
    gw_wire_put_number(out, used);
    gw_wire_put_number(out, histogram->total);
    gw_wire_put_number(out, (uint64_t)histogram->least);
    gw_wire_put_number(out, (uint64_t)histogram->most);
    gw_text_add_bytes(out, (const char *)&histogram->sum, sizeof histogram->sum);
    for (size_t i = 0; histogram->total > 0 && i < GW_HISTOGRAM_BUCKETS; i++) {
        if (histogram->count[i] > 0) {
            gw_wire_put_number(out, i);
            gw_wire_put_number(out, histogram->count[i]);
        }
    }
}

static void
put_series(struct gw_text *out, const struct gw_series *series)
{
    gw_wire_put_number(out, series->rows);
    gw_wire_put_number(out, series->columns);
    if (series->rows > 0) {
        gw_text_add_bytes(out, (const char *)series->t_ns, series->rows * sizeof *series->t_ns);
        gw_text_add_bytes(out, (const char *)series->values,
                          series->rows * series->columns * sizeof *series->values);
    }
}

static void
put_names(struct gw_text *out, const struct gw_result *result)
{
    gw_wire_put_number(out, result->phase_count);
    for (size_t i = 0; i < result->phase_count; i++) {
        gw_wire_put_text(out, result->phase_names[i]);
    }
    gw_wire_put_number(out, result->parameter_count);
    for (size_t i = 0; i < result->parameter_count; i++) {
        gw_wire_put_text(out, result->parameter_names[i]);
        gw_wire_put_text(out, result->parameter_values[i]);
    }
}

void
gw_wire_put_result(struct gw_text *out, const struct gw_result *result)
{
    gw_wire_put_text(out, result->run_id);
    gw_wire_put_text(out, result->scenario);
    gw_wire_put_text(out, result->canonical);
    gw_wire_put_text(out, result->vm);
    gw_wire_put_text(out, result->architecture);
    gw_wire_put_text(out, result->reason);
    gw_wire_put_text(out, result->verify_note);
    gw_wire_put_number(out, result->seed);
    gw_wire_put_number(out, (uint64_t)result->replication);
    gw_wire_put_number(out, (uint64_t)result->outcome);
    gw_wire_put_number(out, result->verified ? 1 : 0);
    gw_text_add_bytes(out, (const char *)&result->wall_s, sizeof result->wall_s);
    gw_text_add_bytes(out, (const char *)result->metric, sizeof result->metric);
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        put_histogram(out, &result->distribution[i]);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        put_series(out, &result->series[i]);
    }
    put_names(out, result);
}

/* ---- in ----------------------------------------------------------------------------------------- */

static bool
take(struct gw_wire_bytes *bytes, void *into, size_t length)
{
    if (bytes->broken || length > bytes->left) {
        bytes->broken = true;
        memset(into, 0, length);
        return false;
    }
    memcpy(into, bytes->at, length);
    bytes->at += length;
    bytes->left -= length;
    return true;
}

uint64_t
gw_wire_take_number(struct gw_wire_bytes *bytes)
{
    uint64_t number;

    take(bytes, &number, sizeof number);
    return number;
}

char *
gw_wire_take_text(struct gw_wire_bytes *bytes)
{
    uint64_t size = gw_wire_take_number(bytes);
    char *text;

    if (size == 0) {
        return NULL;
    }
    if (size - 1 > bytes->left || (text = malloc(size)) == NULL) {
        bytes->broken = true;
        return NULL;
    }
    take(bytes, text, size - 1);
    text[size - 1] = '\0';
    return text;
}

/* The text as one of the words; NULL stays NULL. */
static const char *
take_word(struct gw_wire_bytes *bytes, struct gw_wire_words *words)
{
    char *text = gw_wire_take_text(bytes);

    for (size_t i = 0; text != NULL && i < words->count; i++) {
        if (strcmp(words->items[i], text) == 0) {
            free(text);
            return words->items[i];
        }
    }
    if (text == NULL) {
        return NULL;
    }
    char **items = realloc(words->items, (words->count + 1) * sizeof *items);
    if (items == NULL) {
        bytes->broken = true;
        free(text);
        return NULL;
    }
    words->items = items;
    words->items[words->count++] = text;
    return text;
}

void
gw_wire_words_clear(struct gw_wire_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i]);
    }
    free(words->items);
    *words = (struct gw_wire_words){0};
}

static void
take_histogram(struct gw_wire_bytes *bytes, struct gw_histogram *histogram)
{
    uint64_t used = gw_wire_take_number(bytes);

    histogram->total = gw_wire_take_number(bytes);
    histogram->least = (int64_t)gw_wire_take_number(bytes);
    histogram->most = (int64_t)gw_wire_take_number(bytes);
    take(bytes, &histogram->sum, sizeof histogram->sum);
    if (bytes->broken || used == 0) {
        return;
    }
    histogram->count = calloc(GW_HISTOGRAM_BUCKETS, sizeof *histogram->count);
    bytes->broken = histogram->count == NULL;
    for (uint64_t i = 0; i < used && !bytes->broken; i++) {
        uint64_t bucket = gw_wire_take_number(bytes);

        if (bucket >= GW_HISTOGRAM_BUCKETS) {
            bytes->broken = true;
            return;
        }
        histogram->count[bucket] = gw_wire_take_number(bytes);
    }
}

static void
take_series(struct gw_wire_bytes *bytes, struct gw_series *series)
{
    uint64_t rows = gw_wire_take_number(bytes);
    uint64_t columns = gw_wire_take_number(bytes);

    if (bytes->broken || rows == 0) {
        series->columns = bytes->broken ? 0 : columns;
        return;
    }
    if (columns > bytes->left / sizeof(double) / rows) {
        bytes->broken = true;
        return;
    }
    series->t_ns = malloc(rows * sizeof *series->t_ns);
    series->values = malloc(rows * columns * sizeof *series->values);
    if (series->t_ns == NULL || series->values == NULL) {
        bytes->broken = true;
        return;
    }
    take(bytes, series->t_ns, rows * sizeof *series->t_ns);
    take(bytes, series->values, rows * columns * sizeof *series->values);
    series->rows = series->rows_allocated = rows;
    series->columns = columns;
}

static void
take_parameters(struct gw_wire_bytes *bytes, struct gw_result *result)
{
    uint64_t count = gw_wire_take_number(bytes);

    if (bytes->broken || count == 0) {
        return;
    }
    if (count > bytes->left) {
        bytes->broken = true;
        return;
    }
    result->parameter_names = calloc(count, sizeof(char *));
    result->parameter_values = calloc(count, sizeof(char *));
    if (result->parameter_names == NULL || result->parameter_values == NULL) {
        bytes->broken = true;
        return;
    }
    result->parameter_count = count;
    for (uint64_t i = 0; i < count; i++) {
        result->parameter_names[i] = gw_wire_take_text(bytes);
        result->parameter_values[i] = gw_wire_take_text(bytes);
    }
}

static void
take_phases(struct gw_wire_bytes *bytes, struct gw_wire_words *words, struct gw_result *result)
{
    uint64_t count = gw_wire_take_number(bytes);

    if (count > GW_PHASES_MAX) {
        bytes->broken = true;
        return;
    }
    result->phase_count = count;
    for (uint64_t i = 0; i < count; i++) {
        result->phase_names[i] = take_word(bytes, words);
    }
}

static void
take_line(struct gw_wire_bytes *bytes, char *into, size_t size)
{
    char *text = gw_wire_take_text(bytes);

    if (text == NULL || strlen(text) >= size) {
        bytes->broken = true;
    } else {
        memcpy(into, text, strlen(text) + 1);
    }
    free(text);
}

static void
take_identity(struct gw_wire_bytes *bytes, struct gw_wire_words *words, struct gw_result *result)
{
    take_line(bytes, result->run_id, sizeof result->run_id);
    result->scenario = gw_wire_take_text(bytes);
    result->canonical = gw_wire_take_text(bytes);
    result->vm = gw_wire_take_text(bytes);
    result->architecture = take_word(bytes, words);
    result->reason = take_word(bytes, words);
    take_line(bytes, result->verify_note, sizeof result->verify_note);
    result->seed = gw_wire_take_number(bytes);
    result->replication = (int64_t)gw_wire_take_number(bytes);
    result->outcome = (enum gw_outcome)gw_wire_take_number(bytes);
    result->verified = gw_wire_take_number(bytes) != 0;
    take(bytes, &result->wall_s, sizeof result->wall_s);
}

bool
gw_wire_take_result(struct gw_wire_bytes *bytes, struct gw_wire_words *words,
                    struct gw_result *result)
{
    gw_result_init(result);
    take_identity(bytes, words, result);
    take(bytes, result->metric, sizeof result->metric);
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        take_histogram(bytes, &result->distribution[i]);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        take_series(bytes, &result->series[i]);
    }
    take_phases(bytes, words, result);
    take_parameters(bytes, result);
    if (bytes->broken) {
        gw_result_clear(result);
    }
    return !bytes->broken;
}
