/* store_database.h - what the files of the store share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STORE_DATABASE_H
#define GW_STORE_DATABASE_H

#include <sqlite3.h>

#include "base/error.h"
#include "base/result.h"

enum gw_statement {
    GW_STATEMENT_DIGEST,
    GW_STATEMENT_CONFIG,
    GW_STATEMENT_RUN,
    GW_STATEMENT_RUN_AGAIN,
    GW_STATEMENT_PARAMETER,
    GW_STATEMENT_SCALAR,
    GW_STATEMENT_DISTRIBUTION,
    GW_STATEMENT_SERIES,
    GW_STATEMENT_ITERATION,
    GW_STATEMENT_PHASE,
    GW_STATEMENT_FORGET,
    GW_STATEMENT_REMOVE_FIRST, /* a statement for each table that has rows of a run */
    GW_STATEMENT_REMOVE_LAST = GW_STATEMENT_REMOVE_FIRST + 7,
    GW_STATEMENT_SEAL,
    GW_STATEMENT_SEAL_PUT,
    GW_STATEMENT_SEAL_FIRST, /* a statement for each table that has rows of a run */
    GW_STATEMENT_SEAL_LAST = GW_STATEMENT_SEAL_FIRST + 6,
    GW_STATEMENT_COUNT
};

struct gw_store {
    sqlite3 *database;
    char *path;
    char *engine_version;
    sqlite3_stmt *statement[GW_STATEMENT_COUNT]; /* prepared on first use */
};

/* "database PATH: what: reason of SQLite"; false. Code GW_EDB. */
bool gw_store_fail(const struct gw_store *store, const char *what, struct gw_error *err);

/* A file as SQLite takes it with SQLITE_OPEN_URI, also to attach it; sqlite3_free. NULL: memory. */
char *gw_store_name(const char *path, bool writable);

/* The statement, reset, or NULL and err. */
sqlite3_stmt *gw_store_prepared(struct gw_store *store, enum gw_statement which,
                                struct gw_error *err);

/* All rows of a run that is not there; the little that may change of one that is. */
bool gw_store_put_new(struct gw_store *store, const struct gw_result *result, const char *digest,
                      struct gw_error *err);
bool gw_store_put_again(struct gw_store *store, const struct gw_result *result,
                        struct gw_error *err);

/* The id of a run as text, or where that is NULL as a cell: of a damaged run it may be anything. */
struct gw_run_key {
    const char *text;
    const sqlite3_value *value;
};

/* Binds it as the first parameter. */
void gw_run_key_bind(sqlite3_stmt *statement, struct gw_run_key key);

/* Whether the rows of a run are those that were put; a run without a seal does not fit. */
bool gw_seal_look(struct gw_store *store, struct gw_run_key key, bool *fits, struct gw_error *err);
/* Seals the rows of a run as they are now. */
bool gw_seal_put(struct gw_store *store, struct gw_run_key key, struct gw_error *err);
/* Seals all runs that have no seal. */
bool gw_seal_put_all(struct gw_store *store, struct gw_error *err);

/* SQLite's quick check of the file, and what to do when it fails. */
bool gw_store_check_quickly(struct gw_store *store, struct gw_error *err);
/* Takes away a run with all its rows; also rows that another program left without their run. */
bool gw_store_remove(struct gw_store *store, struct gw_run_key key, struct gw_error *err);

/* One or several statements without parameters and rows. */
bool gw_store_execute(struct gw_store *store, const char *sql, struct gw_error *err);

/* Takes one row; false: memory is out. */
typedef bool gw_row_function(void *self, sqlite3_stmt *row);

/* Hands each row of one statement to `take`, NULL for a statement without rows; the texts, up to a
 * NULL, are its ?1, ?2 ...; NULL: it has none. Errors: GW_EDB, GW_ENOMEM. */
bool gw_store_ask(struct gw_store *store, const char *sql, const char *const *texts,
                  gw_row_function *take, void *self, struct gw_error *err);

/* A cell as text, "" for NULL. */
const char *gw_row_text(sqlite3_stmt *row, int column);

/* Checks whose file it is and, when writable, brings the schema to this version. */
bool gw_schema_prepare(struct gw_store *store, bool writable, struct gw_error *err);

/* Series as bytes: see docs/database.md. Owner of *bytes is the caller. */
bool gw_series_pack(const struct gw_series *series, void **bytes, size_t *length,
                    struct gw_error *err);
bool gw_series_unpack(const void *bytes, size_t length, struct gw_series *series,
                      struct gw_error *err); /* rows and columns are set by the caller */

#endif
