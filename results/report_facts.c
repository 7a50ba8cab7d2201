/* report_facts.c - engine versions and crashed runs of a database.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/report_facts.h"

#include <stdlib.h>
#include <string.h>

#include "results/store_database.h"

static char *
copy_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return strdup(text == NULL ? "" : text);
}

static bool
take_version(struct gw_report_facts *facts, sqlite3_stmt *row)
{
    struct gw_report_version *items =
        realloc(facts->versions, (facts->version_count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    facts->versions = items;
    items[facts->version_count] =
        (struct gw_report_version){copy_of(row, 0), sqlite3_column_int64(row, 1)};
    return items[facts->version_count++].engine != NULL;
}

static bool
take_failure(struct gw_report_facts *facts, sqlite3_stmt *row)
{
    struct gw_report_failure *items =
        realloc(facts->failures, (facts->failure_count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    facts->failures = items;
    items[facts->failure_count] = (struct gw_report_failure){copy_of(row, 0), copy_of(row, 1)};
    facts->failure_count++;
    return items[facts->failure_count - 1].error != NULL &&
           items[facts->failure_count - 1].repro != NULL;
}

static bool
each_row(struct gw_store *store, const char *sql,
         bool (*take)(struct gw_report_facts *facts, sqlite3_stmt *row),
         struct gw_report_facts *facts, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine = true;
    int status;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be read", err);
    }
    status = sqlite3_step(statement);
    while (fine && status == SQLITE_ROW) {
        fine = take(facts, statement);
        status = sqlite3_step(statement);
    }
    if (!fine) {
        gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    } else if (status != SQLITE_DONE) {
        fine = gw_store_fail(store, "cannot be read", err);
    }
    sqlite3_finalize(statement);
    return fine;
}

/* Files of the first schema version have no failures. */
static bool
has_failures(struct gw_store *store)
{
    sqlite3_stmt *statement = NULL;
    bool has = sqlite3_prepare_v2(store->database, "SELECT run_id FROM failure", -1, &statement,
                                  NULL) == SQLITE_OK;

    sqlite3_finalize(statement);
    return has;
}

bool
gw_report_facts_read(struct gw_report_facts *facts, struct gw_store *store, struct gw_error *err)
{
    *facts = (struct gw_report_facts){0};
    bool fine = each_row(store,
                         "SELECT engine_version, count(*) FROM run GROUP BY engine_version"
                         " ORDER BY engine_version",
                         take_version, facts, err);

    if (fine && has_failures(store)) {
        fine = each_row(store, "SELECT error, repro FROM failure ORDER BY run_id", take_failure,
                        facts, err);
    }
    if (!fine) {
        gw_report_facts_clear(facts);
    }
    return fine;
}

void
gw_report_facts_clear(struct gw_report_facts *facts)
{
    for (size_t i = 0; i < facts->version_count; i++) {
        free(facts->versions[i].engine);
    }
    for (size_t i = 0; i < facts->failure_count; i++) {
        free(facts->failures[i].error);
        free(facts->failures[i].repro);
    }
    free(facts->versions);
    free(facts->failures);
    *facts = (struct gw_report_facts){0};
}
