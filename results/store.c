/* store.c - opens a result database and puts runs into it, one transaction each.
 *
 * Idea      WAL with synchronous=FULL: a run that was acknowledged survives kill -9 and a power
 *           cut, and readers never wait. BEGIN IMMEDIATE takes the write lock first, so two
 *           writers queue up instead of one of them failing in the middle.
 * Invariant After a failed put the database is as before it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/store.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "results/store_database.h"

enum { BUSY_TIMEOUT_MS = 60000 };

static const char *const statement_sql[GW_STATEMENT_COUNT] = {
    [GW_STATEMENT_DIGEST] = "SELECT digest FROM run WHERE run_id = ?1",
    [GW_STATEMENT_CONFIG] = "INSERT INTO config VALUES(?1, ?2) ON CONFLICT(hash) DO"
                            " UPDATE SET canonical = excluded.canonical"
                            " WHERE canonical <> excluded.canonical",
    [GW_STATEMENT_RUN] = "INSERT INTO run VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
                         "?15)",
    [GW_STATEMENT_RUN_AGAIN] = "UPDATE run SET wall_s = ?2, started_utc = ?3, engine_version = ?4"
                               " WHERE run_id = ?1",
    [GW_STATEMENT_PARAMETER] = "INSERT INTO parameter VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO"
                               " UPDATE SET position = ?2, value = ?4"
                               " WHERE position <> ?2 OR value <> ?4",
    [GW_STATEMENT_SCALAR] = "INSERT INTO scalar VALUES(?1, ?2, ?3)",
    [GW_STATEMENT_DISTRIBUTION] = "INSERT INTO distribution VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,"
                                  "?10,?11)",
    [GW_STATEMENT_SERIES] = "INSERT INTO series VALUES(?1, ?2, ?3, ?4, ?5)",
    [GW_STATEMENT_ITERATION] = "INSERT INTO iteration VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [GW_STATEMENT_PHASE] = "INSERT INTO phase VALUES(?1, ?2, ?3, ?4)",
    [GW_STATEMENT_FORGET] = "DELETE FROM failure WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST] = "DELETE FROM run WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 1] = "DELETE FROM parameter WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 2] = "DELETE FROM scalar WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 3] = "DELETE FROM distribution WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 4] = "DELETE FROM series WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 5] = "DELETE FROM iteration WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_FIRST + 6] = "DELETE FROM phase WHERE run_id = ?1",
    [GW_STATEMENT_REMOVE_LAST] = "DELETE FROM seal WHERE run_id = ?1",
    [GW_STATEMENT_SEAL] = "SELECT seal FROM seal WHERE run_id = ?1",
    [GW_STATEMENT_SEAL_PUT] = "INSERT OR REPLACE INTO seal VALUES(?1, ?2)",
    [GW_STATEMENT_SEAL_FIRST] = "SELECT run_id, config_hash, canonical, scenario, vm, architecture,"
                                " replication, seed, outcome, reason, verified, verify_note,"
                                " digest, engine_version"
                                " FROM run JOIN config ON config_hash = hash WHERE run_id = ?1",
    [GW_STATEMENT_SEAL_FIRST + 1] = "SELECT * FROM parameter WHERE run_id = ?1 ORDER BY name",
    [GW_STATEMENT_SEAL_FIRST + 2] = "SELECT * FROM scalar WHERE run_id = ?1 ORDER BY metric",
    [GW_STATEMENT_SEAL_FIRST + 3] = "SELECT * FROM distribution WHERE run_id = ?1"
                                    " ORDER BY distribution",
    [GW_STATEMENT_SEAL_FIRST + 4] = "SELECT * FROM series WHERE run_id = ?1 ORDER BY name",
    [GW_STATEMENT_SEAL_FIRST + 5] = "SELECT * FROM iteration WHERE run_id = ?1 ORDER BY position",
    [GW_STATEMENT_SEAL_LAST] = "SELECT * FROM phase WHERE run_id = ?1 ORDER BY position",
};

bool
gw_store_fail(const struct gw_store *store, const char *what, struct gw_error *err)
{
    return gw_fail(err, GW_EDB, "database %s: %s: %s", store->path, what,
                   sqlite3_errmsg(store->database));
}

/* SQLite would only say that it is unable to open the file. */
static bool
check_folder(const char *path, struct gw_error *err)
{
    char *copy = strdup(path);
    bool fine = copy != NULL && access(dirname(copy), W_OK | X_OK) == 0;

    free(copy);
    return fine || gw_fail(err, GW_EDB, "database %s: its folder cannot be written to: %s", path,
                           strerror(errno));
}

static bool
check_path(const char *path, bool writable, struct gw_error *err)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return writable ? check_folder(path, err)
                        : gw_fail(err, GW_ENOENT, "database %s: there is no such file", path);
    }
    if (S_ISDIR(status.st_mode)) {
        return gw_fail(err, GW_EDB, "database %s: is a directory, wanted a file", path);
    }
    return true;
}

/* A log that is still there means that the last writer did not come to close the file, or that
 * another one is at work. */
static bool
was_left_open(const char *path)
{
    char *log = sqlite3_mprintf("%s-wal", path);
    struct stat status;
    bool left = log != NULL && stat(log, &status) == 0 && status.st_size > 0;

    sqlite3_free(log);
    return left;
}

/* A reader of a file with a write-ahead log wants to make files beside it. Where it may not, as on a
 * read-only medium or in somebody else's folder, the file is read as one that nobody changes: with
 * an empty log, or none, everything is in it. */
static bool
is_frozen(const char *path)
{
    char *copy = strdup(path);
    bool frozen = copy != NULL && access(dirname(copy), W_OK) != 0 && !was_left_open(path);

    free(copy);
    return frozen;
}

char *
gw_store_name(const char *path, bool writable)
{
    char *name = sqlite3_mprintf("file:");

    for (size_t i = 0; path[i] != '\0' && name != NULL; i++) {
        unsigned char byte = (unsigned char)path[i];
        /* SQLite's own %c would take a byte of UTF-8 for a character. */
        bool plain = byte < 0x80 && strchr("%?#", byte) == NULL && !(i == 1 && byte == '/');

        name = sqlite3_mprintf(plain ? "%z%c" : "%z%%%02X", name, byte);
    }
    if (name == NULL || writable || !is_frozen(path)) {
        return name;
    }
    return sqlite3_mprintf("%z?immutable=1", name);
}

static bool
connect_file(struct gw_store *store, bool writable)
{
    int flags = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    char *name = gw_store_name(store->path, writable);
    bool fine = name != NULL &&
                sqlite3_open_v2(name, &store->database, flags | SQLITE_OPEN_URI, NULL) == SQLITE_OK;

    sqlite3_free(name);
    return fine;
}

static bool
store_connect(struct gw_store *store, bool writable, struct gw_error *err)
{
    bool suspect = writable && was_left_open(store->path);

    if (!connect_file(store, writable)) {
        return gw_store_fail(store, "cannot be opened", err);
    }
    sqlite3_busy_timeout(store->database, BUSY_TIMEOUT_MS);
    if (writable && sqlite3_db_readonly(store->database, "main") == 1) {
        return gw_fail(err, GW_EDB, "database %s: is read-only, wanted to write to it",
                       store->path);
    }
    if (sqlite3_exec(store->database, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", NULL,
                     NULL, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be opened", err);
    }
    return (!suspect || gw_store_check_quickly(store, err)) &&
           gw_schema_prepare(store, writable, err);
}

struct gw_store *
gw_store_open(const char *path, bool writable, struct gw_error *err)
{
    if (!check_path(path, writable, err)) {
        return NULL;
    }
    struct gw_store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL ||
        (store->engine_version = strdup("unknown")) == NULL) {
        gw_store_close(store);
        gw_fail(err, GW_ENOMEM, "database %s: out of memory", path);
        return NULL;
    }
    if (!store_connect(store, writable, err)) {
        gw_store_close(store);
        return NULL;
    }
    return store;
}

void
gw_store_close(struct gw_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < GW_STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statement[i]);
    }
    sqlite3_close(store->database);
    free(store->path);
    free(store->engine_version);
    free(store);
}

bool
gw_store_set_engine_version(struct gw_store *store, const char *version, struct gw_error *err)
{
    char *copy = strdup(version);

    if (copy == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    free(store->engine_version);
    store->engine_version = copy;
    return true;
}

sqlite3_stmt *
gw_store_prepared(struct gw_store *store, enum gw_statement which, struct gw_error *err)
{
    sqlite3_stmt **slot = &store->statement[which];

    if (*slot == NULL && sqlite3_prepare_v3(store->database, statement_sql[which], -1,
                                            SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK) {
        gw_store_fail(store, "cannot be used", err);
        return NULL;
    }
    sqlite3_reset(*slot);
    sqlite3_clear_bindings(*slot);
    return *slot;
}

/* known becomes "" when the run is not there. */
static bool
read_digest(struct gw_store *store, const char *run_id, char known[GW_HASH_TEXT],
            struct gw_error *err)
{
    sqlite3_stmt *statement = gw_store_prepared(store, GW_STATEMENT_DIGEST, err);

    known[0] = '\0';
    if (statement == NULL) {
        return false;
    }
    sqlite3_bind_text(statement, 1, run_id, -1, SQLITE_STATIC);
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        snprintf(known, GW_HASH_TEXT, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    if (status != SQLITE_ROW && status != SQLITE_DONE) {
        gw_store_fail(store, "cannot be read", err);
    }
    sqlite3_reset(statement);
    return status == SQLITE_ROW || status == SQLITE_DONE;
}

static bool
remove_part(struct gw_store *store, struct gw_run_key key, int part, struct gw_error *err)
{
    sqlite3_stmt *statement =
        gw_store_prepared(store, (enum gw_statement)(GW_STATEMENT_REMOVE_FIRST + part), err);

    if (statement == NULL) {
        return false;
    }
    gw_run_key_bind(statement, key);
    bool fine =
        sqlite3_step(statement) == SQLITE_DONE || gw_store_fail(store, "cannot be written", err);
    sqlite3_reset(statement);
    return fine;
}

bool
gw_store_remove(struct gw_store *store, struct gw_run_key key, struct gw_error *err)
{
    bool fine = true;

    for (int i = 0; i <= GW_STATEMENT_REMOVE_LAST - GW_STATEMENT_REMOVE_FIRST && fine; i++) {
        fine = remove_part(store, key, i, err);
    }
    return fine;
}

/* A run that is stored but damaged is as good as none: known becomes "". Of none, rows may be left. */
static bool
remove_damaged(struct gw_store *store, const char *run_id, char known[GW_HASH_TEXT],
               struct gw_error *err)
{
    const struct gw_run_key key = {.text = run_id};
    bool fits = false;

    if (known[0] != '\0' && !gw_seal_look(store, key, &fits, err)) {
        return false;
    }
    if (fits) {
        return true;
    }
    known[0] = '\0';
    return gw_store_remove(store, key, err);
}

static bool
put_within(struct gw_store *store, const struct gw_result *result, const char *digest,
           struct gw_error *err)
{
    char known[GW_HASH_TEXT];

    if (!read_digest(store, result->run_id, known, err) ||
        !remove_damaged(store, result->run_id, known, err)) {
        return false;
    }
    if (known[0] == '\0') {
        return gw_store_put_new(store, result, digest, err);
    }
    if (strcmp(known, digest) != 0) {
        return gw_fail(err, GW_EDB,
                       "database %s: determinism broken: run %s is stored with digest %s, and"
                       " now gave %s",
                       store->path, result->run_id, known, digest);
    }
    return gw_store_put_again(store, result, err);
}

bool
gw_store_execute(struct gw_store *store, const char *sql, struct gw_error *err)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
           gw_store_fail(store, "cannot be written", err);
}

bool
gw_store_begin(struct gw_store *store, struct gw_error *err)
{
    return gw_store_execute(store, "BEGIN IMMEDIATE", err);
}

bool
gw_store_end(struct gw_store *store, bool fine, struct gw_error *err)
{
    fine = fine && gw_store_execute(store, "COMMIT", err);
    if (!fine) {
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return fine;
}

bool
gw_store_put(struct gw_store *store, const struct gw_result *result, struct gw_error *err)
{
    char digest[GW_HASH_TEXT];

    gw_result_digest(result, digest);
    return gw_store_begin(store, err) &&
           gw_store_end(store, put_within(store, result, digest, err), err);
}

bool
gw_store_has(struct gw_store *store, const char *run_id, bool *has, struct gw_error *err)
{
    char known[GW_HASH_TEXT];
    bool ok = read_digest(store, run_id, known, err);

    *has = ok && known[0] != '\0';
    return ok;
}
