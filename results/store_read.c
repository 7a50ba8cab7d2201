/* store_read.c - results back from the database, whole: their digests are those of the runs.
 *
 * Idea      One statement a table and run, all keyed by run id; what result.h calls static
 *           strings is kept in the list's pool.
 * Invariant gw_result_digest of a result read back equals the digest stored with it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/store.h"
#include "results/store_database.h"

/* What a row is read into. */
struct reading {
    struct gw_store *store;
    struct gw_result_list *list;
    struct gw_result *result;
};

typedef bool row_function(struct reading *reading, sqlite3_stmt *row, struct gw_error *err);

static bool
no_memory(const struct gw_store *store, struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
}

/* Calls take for each row of sql; ?1 is run_id unless that is NULL. */
static bool
each_row(struct reading *reading, const char *sql, const char *run_id, row_function *take,
         struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(reading->store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return gw_store_fail(reading->store, "cannot be read", err);
    }
    if (run_id != NULL) {
        sqlite3_bind_text(statement, 1, run_id, -1, SQLITE_STATIC);
    }
    bool ok = true;
    int status = sqlite3_step(statement);
    while (ok && status == SQLITE_ROW) {
        ok = take(reading, statement, err);
        status = ok ? sqlite3_step(statement) : SQLITE_ROW;
    }
    if (ok && status != SQLITE_DONE) {
        ok = gw_store_fail(reading->store, "cannot be read", err);
    }
    sqlite3_finalize(statement);
    return ok;
}

/* A text that lives as long as the list; equal ones are kept once. NULL: memory out. */
static const char *
pool(struct gw_result_list *list, const char *text)
{
    for (size_t i = 0; i < list->text_count; i++) {
        if (strcmp(list->texts[i], text) == 0) {
            return list->texts[i];
        }
    }
    char **texts = realloc(list->texts, (list->text_count + 1) * sizeof *texts);
    if (texts == NULL) {
        return NULL;
    }
    list->texts = texts;
    list->texts[list->text_count] = strdup(text);
    return list->texts[list->text_count] == NULL ? NULL : list->texts[list->text_count++];
}

static enum gw_outcome
outcome_of(const char *name)
{
    static const enum gw_outcome outcomes[] = {GW_COMPLETED, GW_NOT_CONVERGED, GW_FAILED};

    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (strcmp(name, gw_outcome_name(outcomes[i])) == 0) {
            return outcomes[i];
        }
    }
    return GW_OUTCOME_RUNNING;
}

static bool
take_run(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    struct gw_result_list *list = reading->list;
    struct gw_result *results = realloc(list->results, (list->count + 1) * sizeof *results);
    if (results == NULL) {
        return no_memory(reading->store, err);
    }
    list->results = results;
    struct gw_result *result = &list->results[list->count++];
    gw_result_init(result);
    snprintf(result->run_id, sizeof result->run_id, "%s", gw_row_text(row, 0));
    result->scenario = strdup(gw_row_text(row, 1));
    result->vm = strdup(gw_row_text(row, 2));
    result->architecture = pool(list, gw_row_text(row, 3));
    result->replication = sqlite3_column_int64(row, 4);
    result->seed = (uint64_t)sqlite3_column_int64(row, 5);
    result->outcome = outcome_of(gw_row_text(row, 6));
    bool reasoned = sqlite3_column_type(row, 7) != SQLITE_NULL;
    result->reason = reasoned ? pool(list, gw_row_text(row, 7)) : NULL;
    result->verified = sqlite3_column_int(row, 8) != 0;
    snprintf(result->verify_note, sizeof result->verify_note, "%s", gw_row_text(row, 9));
    result->wall_s = sqlite3_column_double(row, 10);
    result->canonical = strdup(gw_row_text(row, 11));
    if (result->scenario == NULL || result->vm == NULL || result->architecture == NULL ||
        (reasoned && result->reason == NULL) || result->canonical == NULL) {
        return no_memory(reading->store, err);
    }
    return true;
}

/* The name of a point stays in the database: it follows from the other parameters, by which runs
 * are paired and drawn. */
static bool
take_parameter(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    struct gw_result *result = reading->result;
    size_t count = result->parameter_count;
    char **names = realloc(result->parameter_names, (count + 1) * sizeof *names);
    if (names == NULL) {
        return no_memory(reading->store, err);
    }
    result->parameter_names = names;
    char **values = realloc(result->parameter_values, (count + 1) * sizeof *values);
    if (values == NULL) {
        return no_memory(reading->store, err);
    }
    result->parameter_values = values;
    names[count] = strdup(gw_row_text(row, 0));
    values[count] = strdup(gw_row_text(row, 1));
    result->parameter_count++;
    if (names[count] == NULL || values[count] == NULL) {
        return no_memory(reading->store, err);
    }
    return true;
}

static bool
take_scalar(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    (void)err;
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        if (strcmp(gw_metric_info[i].key, gw_row_text(row, 0)) == 0) {
            bool missing = sqlite3_column_type(row, 1) == SQLITE_NULL;
            reading->result->metric[i] = missing ? NAN : sqlite3_column_double(row, 1);
        }
    }
    return true;
}

static struct gw_histogram *
histogram_named(struct gw_result *result, const char *name)
{
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        if (strcmp(gw_distribution_info[i].key, name) == 0) {
            return &result->distribution[i];
        }
    }
    return NULL;
}

static bool
take_distribution(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    struct gw_histogram *histogram = histogram_named(reading->result, gw_row_text(row, 0));

    if (histogram == NULL || histogram->count != NULL) {
        return true;
    }
    histogram->count = calloc(GW_HISTOGRAM_BUCKETS, sizeof *histogram->count);
    if (histogram->count == NULL) {
        return no_memory(reading->store, err);
    }
    histogram->total = (uint64_t)sqlite3_column_int64(row, 1);
    histogram->least = sqlite3_column_int64(row, 2);
    histogram->most = sqlite3_column_int64(row, 3);
    for (const char *digit = gw_row_text(row, 4); *digit >= '0' && *digit <= '9'; digit++) {
        histogram->sum = histogram->sum * 10 + (*digit - '0');
    }
    return true;
}

static bool
take_bucket(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    struct gw_histogram *histogram = histogram_named(reading->result, gw_row_text(row, 0));
    int64_t lowest = sqlite3_column_int64(row, 1);

    if (histogram == NULL || histogram->count == NULL || lowest < 0) {
        return gw_fail(err, GW_EDB, "database %s: histogram '%s' of run %s is damaged",
                       reading->store->path, gw_row_text(row, 0), reading->result->run_id);
    }
    histogram->count[gw_histogram_bucket(lowest)] += (uint64_t)sqlite3_column_int64(row, 2);
    return true;
}

enum { ROWS_MOST = 1 << 27 };

static bool
take_series(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        if (strcmp(gw_series_info[i].name, gw_row_text(row, 0)) != 0) {
            continue;
        }
        struct gw_series *series = &reading->result->series[i];
        int64_t rows = sqlite3_column_int64(row, 1);
        if (rows <= 0 || rows > ROWS_MOST || series->rows != 0) {
            return gw_fail(err, GW_EDB, "database %s: series '%s' has %lld rows",
                           reading->store->path, gw_series_info[i].name, (long long)rows);
        }
        series->rows = (size_t)rows;
        series->columns = gw_series_columns((enum gw_series_id)i);
        size_t length = (size_t)sqlite3_column_bytes(row, 2);
        if (!gw_series_unpack(sqlite3_column_blob(row, 2), length, series, err)) {
            return gw_fail_within(err, "database %s: run %s", reading->store->path,
                                  reading->result->run_id);
        }
    }
    return true;
}

static bool
take_phase(struct reading *reading, sqlite3_stmt *row, struct gw_error *err)
{
    struct gw_result *result = reading->result;
    const char *name = pool(reading->list, gw_row_text(row, 0));
    const struct gw_series *series = &result->series[GW_SERIES_PHASE];
    size_t position = (size_t)sqlite3_column_int64(row, 1);

    if (name == NULL) {
        return no_memory(reading->store, err);
    }
    if (position >= series->rows || series->columns == 0) {
        return true;
    }
    double index = series->values[position * series->columns];
    if (index >= 0.0 && index < GW_PHASES_MAX) {
        result->phase_names[(size_t)index] = name;
        if ((size_t)index >= result->phase_count) {
            result->phase_count = (size_t)index + 1;
        }
    }
    return true;
}

/* How much of a run is read. */
enum extent { METRICS_ONLY = 2, ALL_OF_IT = 6 };

static bool
read_details(struct reading *reading, enum extent extent, struct gw_error *err)
{
    static const struct {
        const char *sql;
        row_function *take;
    } parts[ALL_OF_IT] = {
        {"SELECT name, value FROM parameter WHERE run_id = ?1 AND name <> 'point'"
         " ORDER BY position, name",
         take_parameter},
        {"SELECT metric, value FROM scalar WHERE run_id = ?1", take_scalar},
        {"SELECT distribution, count, least, most, sum FROM distribution WHERE run_id = ?1",
         take_distribution},
        {"SELECT distribution, lowest, count FROM hist WHERE run_id = ?1", take_bucket},
        {"SELECT name, rows, data FROM series WHERE run_id = ?1", take_series},
        {"SELECT phase, position FROM phase WHERE run_id = ?1 ORDER BY position", take_phase},
    };

    for (size_t i = 0; i < (size_t)extent; i++) {
        if (!each_row(reading, parts[i].sql, reading->result->run_id, parts[i].take, err)) {
            return false;
        }
    }
    return true;
}

#define RUN_COLUMNS                                                                                \
    "SELECT run_id, scenario, vm, architecture, replication, seed, outcome, reason, verified,"     \
    " verify_note, wall_s, canonical"

static const char all_runs[] =
    RUN_COLUMNS " FROM run JOIN config ON config_hash = hash"
                " ORDER BY scenario, vm, architecture, replication, run_id";

static const char runs_of_study[] = RUN_COLUMNS
    " FROM (SELECT run_id, min(position) AS first FROM study_run WHERE study = ?1 GROUP BY run_id)"
    " JOIN run USING (run_id) JOIN config ON config_hash = hash ORDER BY first";

static bool
read_runs(struct reading *reading, const char *study, enum extent extent, struct gw_error *err)
{
    struct gw_result_list *list = reading->list;

    if (!each_row(reading, study == NULL ? all_runs : runs_of_study, study, take_run, err)) {
        return false;
    }
    list->pointers = malloc((list->count + 1) * sizeof *list->pointers);
    if (list->pointers == NULL) {
        return no_memory(reading->store, err);
    }
    for (size_t i = 0; i < list->count; i++) {
        reading->result = &list->results[i];
        list->pointers[i] = reading->result;
        if (!read_details(reading, extent, err)) {
            return false;
        }
    }
    return true;
}

static bool
read_list(struct gw_store *store, const char *study, enum extent extent,
          struct gw_result_list *list, struct gw_error *err)
{
    struct reading reading = {store, list, NULL};

    *list = (struct gw_result_list){0};
    if (sqlite3_exec(store->database, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be read", err);
    }
    bool ok = read_runs(&reading, study, extent, err);
    sqlite3_exec(store->database, "COMMIT", NULL, NULL, NULL);
    if (!ok) {
        gw_result_list_clear(list);
    }
    return ok;
}

bool
gw_store_read(struct gw_store *store, struct gw_result_list *list, struct gw_error *err)
{
    return read_list(store, NULL, ALL_OF_IT, list, err);
}

bool
gw_store_read_metrics(struct gw_store *store, const char *study, struct gw_result_list *list,
                      struct gw_error *err)
{
    return read_list(store, study, METRICS_ONLY, list, err);
}

bool
gw_store_read_study(struct gw_store *store, const char *study, struct gw_result_list *list,
                    struct gw_error *err)
{
    return read_list(store, study, ALL_OF_IT, list, err);
}

void
gw_result_list_clear(struct gw_result_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        gw_result_clear(&list->results[i]);
    }
    for (size_t i = 0; i < list->text_count; i++) {
        free(list->texts[i]);
    }
    free(list->texts);
    free(list->results);
    free(list->pointers);
    *list = (struct gw_result_list){0};
}

bool
gw_store_read_series(struct gw_store *store, const char *run_id, enum gw_series_id id,
                     struct gw_series *series, struct gw_error *err)
{
    struct gw_result result;
    struct reading reading = {store, NULL, &result};
    char sql[128];

    gw_result_init(&result);
    snprintf(result.run_id, sizeof result.run_id, "%s", run_id);
    snprintf(sql, sizeof sql,
             "SELECT name, rows, data FROM series WHERE run_id = ?1 AND name = '%s'",
             gw_series_info[id].name);
    bool ok = each_row(&reading, sql, run_id, take_series, err);
    if (ok) {
        *series = result.series[id];
        result.series[id] = (struct gw_series){0};
    }
    gw_result_clear(&result);
    return ok;
}
