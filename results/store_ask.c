/* store_ask.c - a question to the database, answered row by row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/store_database.h"

bool
gw_store_ask(struct gw_store *store, const char *sql, const char *const *texts,
             gw_row_function *take, void *self, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine = true;
    int status;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be used", err);
    }
    for (int i = 0; texts != NULL && texts[i] != NULL; i++) {
        sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
    }
    status = sqlite3_step(statement);
    while (fine && status == SQLITE_ROW) {
        fine = take == NULL || take(self, statement);
        status = sqlite3_step(statement);
    }
    if (!fine) {
        gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    } else if (status != SQLITE_DONE) {
        fine = gw_store_fail(store, "cannot be used", err);
    }
    sqlite3_finalize(statement);
    return fine;
}

const char *
gw_row_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text == NULL ? "" : text;
}
