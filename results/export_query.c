/* export_query.c - the one question that all exports ask of a database.
 *
 * Idea      SQLite sorts and streams, so that an export of any size fits into memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/export_shared.h"

static const char keys_sql[] = "r.scenario, r.vm, r.architecture, r.replication, r.seed, r.outcome,"
                               " r.reason, r.verified, r.verify_note, r.run_id, r.digest";

static bool
has_studies(struct gw_store *store)
{
    return sqlite3_table_column_metadata(store->database, NULL, "study_run", "run_id", NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

/* The seed is a key already. */
static const char names_sql[] = "SELECT name FROM parameter WHERE name <> 'seed'"
                                " GROUP BY name ORDER BY min(position), name";

static void
add_parameters(sqlite3_str *sql, sqlite3_stmt *names, bool as_order)
{
    sqlite3_reset(names);
    while (sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);

        if (as_order) {
            sqlite3_str_appendf(sql, ", CAST(\"%w\" AS REAL), \"%w\"", name, name);
        } else {
            sqlite3_str_appendf(sql,
                                ", (SELECT value FROM parameter p WHERE p.run_id = r.run_id"
                                " AND p.name = %Q) AS \"%w\"",
                                name, name);
        }
    }
}

static void
add_metric_columns(sqlite3_str *sql)
{
    static const char *const quantiles[] = {"p50", "p95", "p99", "mean", "most"};

    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        const char *key = gw_metric_info[i].key;

        sqlite3_str_appendf(sql,
                            ", (SELECT value FROM scalar s WHERE s.run_id = r.run_id"
                            " AND s.metric = %Q) AS \"%w\"",
                            key, key);
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        const char *key = gw_distribution_info[i].key;

        for (size_t k = 0; k < sizeof quantiles / sizeof quantiles[0]; k++) {
            sqlite3_str_appendf(sql,
                                ", (SELECT %s / 1e6 FROM distribution d WHERE d.run_id = r.run_id"
                                " AND d.distribution = %Q) AS \"%w_%s_ms\"",
                                quantiles[k], key, key, quantiles[k]);
        }
    }
}

/* NULL: memory is out. Freed by sqlite3_free. */
static char *
make_sql(struct gw_store *store, enum gw_export_rest rest, sqlite3_stmt *names)
{
    sqlite3_str *sql = sqlite3_str_new(store->database);
    bool studies = has_studies(store);

    sqlite3_str_appendf(sql, "SELECT %s", keys_sql);
    add_parameters(sql, names, false);
    if (rest == GW_EXPORT_METRIC_ROWS) {
        sqlite3_str_appendall(sql, ", m.metric, m.value FROM run r JOIN scalar m USING(run_id)");
    } else {
        add_metric_columns(sql);
        sqlite3_str_appendall(sql, " FROM run r");
    }
    if (studies) {
        sqlite3_str_appendall(sql, " LEFT JOIN (SELECT run_id AS id, min(position) AS place"
                                   " FROM study_run GROUP BY run_id) ON id = r.run_id");
    }
    sqlite3_str_appendall(sql, rest == GW_EXPORT_METRIC_ROWS ? " WHERE m.value IS NOT NULL" : "");
    sqlite3_str_appendall(sql, " ORDER BY r.scenario, r.vm");
    sqlite3_str_appendall(sql, studies ? ", place IS NULL, place" : "");
    sqlite3_str_appendall(sql, ", r.architecture");
    add_parameters(sql, names, true);
    sqlite3_str_appendall(sql, ", r.replication, r.run_id");
    sqlite3_str_appendall(sql, rest == GW_EXPORT_METRIC_ROWS ? ", m.metric" : "");
    return sqlite3_str_finish(sql);
}

static int
count_rows(sqlite3_stmt *statement)
{
    int count = 0;

    while (sqlite3_step(statement) == SQLITE_ROW) {
        count++;
    }
    return count;
}

bool
gw_export_open(struct gw_store *store, enum gw_export_rest rest, struct gw_export_rows *rows,
               struct gw_error *err)
{
    sqlite3_stmt *names = NULL;

    *rows = (struct gw_export_rows){0};
    if (sqlite3_prepare_v2(store->database, names_sql, -1, &names, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be read", err);
    }
    rows->parameters = count_rows(names);
    char *sql = make_sql(store, rest, names);
    sqlite3_finalize(names);
    bool fine = sql != NULL &&
                sqlite3_prepare_v2(store->database, sql, -1, &rows->statement, NULL) == SQLITE_OK;
    sqlite3_free(sql);
    if (!fine) {
        return gw_store_fail(store, "cannot be exported", err);
    }
    rows->columns = sqlite3_column_count(rows->statement);
    return true;
}

void
gw_export_close(struct gw_export_rows *rows)
{
    sqlite3_finalize(rows->statement);
    *rows = (struct gw_export_rows){0};
}

/* The shortest decimal that reads back as the same number. */
static void
write_number(double value, char out[32])
{
    int digits = 15;

    do {
        snprintf(out, 32, "%.*g", digits, value);
    } while (digits++ < 17 && strtod(out, NULL) != value);
}

const char *
gw_export_text(sqlite3_stmt *row, int column, char number[32])
{
    if (column == GW_EXPORT_SEED) {
        snprintf(number, 32, "%llu", (unsigned long long)sqlite3_column_int64(row, column));
        return number;
    }
    if (column == GW_EXPORT_VERIFIED) {
        return sqlite3_column_int(row, column) != 0 ? "true" : "false";
    }
    if (sqlite3_column_type(row, column) == SQLITE_FLOAT) {
        write_number(sqlite3_column_double(row, column), number);
        return number;
    }
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text == NULL ? "" : text;
}
