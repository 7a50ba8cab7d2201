/* run_brief.c - how a stored run ended, without reading all of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/run_brief.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/store_database.h"

/* Steps once; *found says whether there is a row. */
static bool
look(struct gw_store *store, sqlite3_stmt *statement, bool *found, struct gw_error *err)
{
    int status = sqlite3_step(statement);

    *found = status == SQLITE_ROW;
    return status == SQLITE_ROW || status == SQLITE_DONE ||
           gw_store_fail(store, "a run cannot be read", err);
}

static sqlite3_stmt *
prepare(struct gw_store *store, const char *sql, const char *run_id, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        gw_store_fail(store, "a run cannot be read", err);
        return NULL;
    }
    sqlite3_bind_text(statement, 1, run_id, -1, SQLITE_STATIC);
    return statement;
}

static bool
read_outcome(struct gw_store *store, const char *run_id, struct gw_run_brief *brief,
             struct gw_error *err)
{
    sqlite3_stmt *statement =
        prepare(store, "SELECT architecture, outcome FROM run WHERE run_id = ?1", run_id, err);
    bool found = false;
    bool fine = statement != NULL && look(store, statement, &found, err);

    if (found) {
        snprintf(brief->architecture, sizeof brief->architecture, "%s",
                 (const char *)sqlite3_column_text(statement, 0));
        brief->is_completed = strcmp((const char *)sqlite3_column_text(statement, 1),
                                     gw_outcome_name(GW_COMPLETED)) == 0;
    }
    sqlite3_finalize(statement);
    return fine &&
           (found || gw_fail(err, GW_ENOENT, "database %s: has no run %s", store->path, run_id));
}

static bool
read_metric(struct gw_store *store, const char *run_id, enum gw_metric metric, double *value,
            struct gw_error *err)
{
    sqlite3_stmt *statement =
        prepare(store, "SELECT value FROM scalar WHERE run_id = ?1 AND metric = ?2", run_id, err);
    bool found = false;

    if (statement == NULL) {
        return false;
    }
    sqlite3_bind_text(statement, 2, gw_metric_info[metric].key, -1, SQLITE_STATIC);
    bool fine = look(store, statement, &found, err);
    *value = found && sqlite3_column_type(statement, 0) != SQLITE_NULL
                 ? sqlite3_column_double(statement, 0)
                 : (double)NAN;
    sqlite3_finalize(statement);
    return fine;
}

bool
gw_store_brief(struct gw_store *store, const char *run_id, const enum gw_metric *metrics,
               size_t count, struct gw_run_brief *brief, struct gw_error *err)
{
    *brief = (struct gw_run_brief){0};
    gw_assert(count <= GW_BRIEF_METRICS_MOST);
    bool fine = read_outcome(store, run_id, brief, err);
    for (size_t i = 0; i < count && fine; i++) {
        fine = read_metric(store, run_id, metrics[i], &brief->values[i], err);
    }
    return fine;
}
