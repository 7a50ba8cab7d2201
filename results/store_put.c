/* store_put.c - the rows of one run, inside the transaction that store.c opened.
 *
 * Invariant NaN and infinity never reach a column: they become NULL.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/text.h"
#include "results/store.h"
#include "results/store_database.h"

static bool
finish(struct gw_store *store, sqlite3_stmt *statement, struct gw_error *err)
{
    if (sqlite3_step(statement) != SQLITE_DONE) {
        gw_store_fail(store, "cannot be written", err);
        sqlite3_reset(statement);
        return false;
    }
    sqlite3_reset(statement);
    return true;
}

static void
bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

/* NaN and infinity would break readers: JSON has no word for them. */
static void
bind_double(sqlite3_stmt *statement, int index, double value)
{
    if (isfinite(value)) {
        sqlite3_bind_double(statement, index, value);
        return;
    }
    sqlite3_bind_null(statement, index);
}

static void
bind_whole(sqlite3_stmt *statement, int index, double value)
{
    if (isfinite(value)) {
        sqlite3_bind_int64(statement, index, (int64_t)value);
        return;
    }
    sqlite3_bind_null(statement, index);
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void
utc_text(double seconds_ago, char out[24])
{
    time_t at = time(NULL) - (time_t)(isfinite(seconds_ago) ? seconds_ago : 0.0);
    struct tm parts;

    gmtime_r(&at, &parts);
    strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static bool
put_run(struct gw_store *store, const struct gw_result *result, const char *digest,
        struct gw_error *err)
{
    const char *canonical = or_empty(result->canonical);
    char config_hash[GW_HASH_TEXT];
    char started[24];
    gw_hash_bytes(canonical, strlen(canonical), config_hash);
    utc_text(result->wall_s, started);

    sqlite3_stmt *config = gw_store_prepared(store, GW_STATEMENT_CONFIG, err);
    if (config == NULL) {
        return false;
    }
    bind_text(config, 1, config_hash);
    bind_text(config, 2, canonical);
    sqlite3_stmt *run = NULL;
    if (!finish(store, config, err) ||
        (run = gw_store_prepared(store, GW_STATEMENT_RUN, err)) == NULL) {
        return false;
    }
    bind_text(run, 1, result->run_id);
    bind_text(run, 2, config_hash);
    bind_text(run, 3, or_empty(result->scenario));
    bind_text(run, 4, or_empty(result->vm));
    bind_text(run, 5, or_empty(result->architecture));
    sqlite3_bind_int64(run, 6, result->replication);
    sqlite3_bind_int64(run, 7, (int64_t)result->seed);
    bind_text(run, 8, gw_outcome_name(result->outcome));
    bind_text(run, 9, result->reason);
    sqlite3_bind_int(run, 10, result->verified ? 1 : 0);
    bind_text(run, 11, result->verify_note);
    bind_text(run, 12, digest);
    bind_text(run, 13, store->engine_version);
    bind_double(run, 14, result->wall_s);
    bind_text(run, 15, started);
    return finish(store, run, err);
}

static bool
put_run_again(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    char started[24];
    sqlite3_stmt *run = gw_store_prepared(store, GW_STATEMENT_RUN_AGAIN, err);

    if (run == NULL) {
        return false;
    }
    utc_text(result->wall_s, started);
    bind_text(run, 1, result->run_id);
    bind_double(run, 2, result->wall_s);
    bind_text(run, 3, started);
    bind_text(run, 4, store->engine_version);
    return finish(store, run, err);
}

static bool
put_parameters(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    for (size_t i = 0; i < result->parameter_count; i++) {
        sqlite3_stmt *parameter = gw_store_prepared(store, GW_STATEMENT_PARAMETER, err);
        if (parameter == NULL) {
            return false;
        }
        bind_text(parameter, 1, result->run_id);
        sqlite3_bind_int64(parameter, 2, (int64_t)i);
        bind_text(parameter, 3, result->parameter_names[i]);
        bind_text(parameter, 4, result->parameter_values[i]);
        if (!finish(store, parameter, err)) {
            return false;
        }
    }
    return true;
}

/* A run that is there failed no more. */
static bool
forget_failure(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    sqlite3_stmt *forget = gw_store_prepared(store, GW_STATEMENT_FORGET, err);

    if (forget == NULL) {
        return false;
    }
    bind_text(forget, 1, result->run_id);
    return finish(store, forget, err);
}

static bool
put_scalars(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        sqlite3_stmt *scalar = gw_store_prepared(store, GW_STATEMENT_SCALAR, err);
        if (scalar == NULL) {
            return false;
        }
        bind_text(scalar, 1, result->run_id);
        bind_text(scalar, 2, gw_metric_info[i].key);
        bind_double(scalar, 3, result->metric[i]);
        if (!finish(store, scalar, err)) {
            return false;
        }
    }
    return true;
}

static void
sum_text(gw_i128 sum, char out[48])
{
    char digits[48];
    size_t count = 0;
    size_t length = 0;

    do {
        digits[count++] = (char)('0' + (int)(sum % 10));
        sum /= 10;
    } while (sum > 0);
    while (count > 0) {
        out[length++] = digits[--count];
    }
    out[length] = '\0';
}

/* The buckets that are not empty, as SQLite's json_group_array would write them. NULL when memory is
 * out. A row for each would take four fifths of the time and of the file. */
static char *
buckets_text(const struct gw_histogram *histogram)
{
    struct gw_text text = {0};

    for (size_t i = 0; i < GW_HISTOGRAM_BUCKETS; i++) {
        char bucket[48];

        if (histogram->count[i] > 0) {
            snprintf(bucket, sizeof bucket, "%s[%lld,%llu]", text.length == 0 ? "[" : ",",
                     (long long)gw_histogram_lowest(i), (unsigned long long)histogram->count[i]);
            gw_text_add(&text, bucket);
        }
    }
    gw_text_add(&text, "]");
    return gw_text_take(&text);
}

static bool
put_distribution(struct gw_store *store, const struct gw_result *result, enum gw_distribution id,
                 struct gw_error *err)
{
    const struct gw_histogram *histogram = &result->distribution[id];
    if (histogram->total == 0) {
        return true;
    }
    sqlite3_stmt *row = gw_store_prepared(store, GW_STATEMENT_DISTRIBUTION, err);
    if (row == NULL) {
        return false;
    }
    char sum[48];
    char *buckets = buckets_text(histogram);
    if (buckets == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    sum_text(histogram->sum, sum);
    bind_text(row, 1, result->run_id);
    bind_text(row, 2, gw_distribution_info[id].key);
    sqlite3_bind_int64(row, 3, (int64_t)histogram->total);
    sqlite3_bind_int64(row, 4, histogram->least);
    sqlite3_bind_int64(row, 5, histogram->most);
    bind_text(row, 6, sum);
    bind_double(row, 7, gw_histogram_mean(histogram));
    sqlite3_bind_int64(row, 8, gw_histogram_quantile(histogram, 0.50));
    sqlite3_bind_int64(row, 9, gw_histogram_quantile(histogram, 0.95));
    sqlite3_bind_int64(row, 10, gw_histogram_quantile(histogram, 0.99));
    bind_text(row, 11, buckets);
    bool fine = finish(store, row, err);
    free(buckets);
    return fine;
}

static void
columns_text(enum gw_series_id id, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "[\"t_ns\"");

    for (size_t i = 0; gw_series_info[id].columns[i] != NULL; i++) {
        used += (size_t)snprintf(out + used, size - used, ",\"%s\"", gw_series_info[id].columns[i]);
        gw_assert(used + 2 < size);
    }
    snprintf(out + used, size - used, "]");
}

static bool
put_series(struct gw_store *store, const struct gw_result *result, enum gw_series_id id,
           struct gw_error *err)
{
    const struct gw_series *series = &result->series[id];
    void *bytes = NULL;
    size_t length = 0;
    char columns[512];

    if (series->rows == 0) {
        return true;
    }
    if (!gw_series_pack(series, &bytes, &length, err)) {
        return false;
    }
    sqlite3_stmt *row = gw_store_prepared(store, GW_STATEMENT_SERIES, err);
    if (row == NULL) {
        free(bytes);
        return false;
    }
    columns_text(id, columns, sizeof columns);
    bind_text(row, 1, result->run_id);
    bind_text(row, 2, gw_series_info[id].name);
    bind_text(row, 3, columns);
    sqlite3_bind_int64(row, 4, (int64_t)series->rows);
    sqlite3_bind_blob64(row, 5, bytes, length, SQLITE_STATIC);
    bool ok = finish(store, row, err);
    free(bytes);
    return ok;
}

static bool
put_iterations(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    const struct gw_series *series = &result->series[GW_SERIES_ITERATION];

    for (size_t row = 0; row < series->rows; row++) {
        const double *values = series->values + row * series->columns;
        sqlite3_stmt *iteration = gw_store_prepared(store, GW_STATEMENT_ITERATION, err);
        if (iteration == NULL) {
            return false;
        }
        bind_text(iteration, 1, result->run_id);
        sqlite3_bind_int64(iteration, 2, (int64_t)row);
        bind_double(iteration, 3, (double)series->t_ns[row] / 1e9);
        bind_whole(iteration, 4, values[0]);
        bind_double(iteration, 5, values[1]);
        bind_double(iteration, 6, values[2]);
        bind_whole(iteration, 7, values[3]);
        bind_whole(iteration, 8, values[4]);
        bind_whole(iteration, 9, values[5]);
        if (!finish(store, iteration, err)) {
            return false;
        }
    }
    return true;
}

static const char *
phase_name(const struct gw_result *result, double index)
{
    if (!(index >= 0.0) || index >= (double)result->phase_count) {
        return "";
    }
    return or_empty(result->phase_names[(size_t)index]);
}

static bool
put_phases(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    const struct gw_series *series = &result->series[GW_SERIES_PHASE];

    for (size_t row = 0; row < series->rows; row++) {
        sqlite3_stmt *phase = gw_store_prepared(store, GW_STATEMENT_PHASE, err);
        if (phase == NULL) {
            return false;
        }
        bind_text(phase, 1, result->run_id);
        sqlite3_bind_int64(phase, 2, (int64_t)row);
        bind_double(phase, 3, (double)series->t_ns[row] / 1e9);
        bind_text(phase, 4, phase_name(result, series->values[row * series->columns]));
        if (!finish(store, phase, err)) {
            return false;
        }
    }
    return true;
}

static bool
put_details(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        if (!put_distribution(store, result, (enum gw_distribution)i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        if (!put_series(store, result, (enum gw_series_id)i, err)) {
            return false;
        }
    }
    return put_scalars(store, result, err) && put_iterations(store, result, err) &&
           put_phases(store, result, err);
}

bool
gw_store_put_new(struct gw_store *store, const struct gw_result *result, const char *digest,
                 struct gw_error *err)
{
    return put_run(store, result, digest, err) && put_parameters(store, result, err) &&
           put_details(store, result, err) && forget_failure(store, result, err) &&
           gw_seal_put(store, (struct gw_run_key){.text = result->run_id}, err);
}

bool
gw_store_put_again(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    return put_run_again(store, result, err) && put_parameters(store, result, err) &&
           gw_seal_put(store, (struct gw_run_key){.text = result->run_id}, err);
}

bool
gw_store_put_parameters(struct gw_store *store, const struct gw_result *result,
                        struct gw_error *err)
{
    int before = sqlite3_total_changes(store->database);

    return put_parameters(store, result, err) &&
           (sqlite3_total_changes(store->database) == before ||
            gw_seal_put(store, (struct gw_run_key){.text = result->run_id}, err));
}
