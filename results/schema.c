/* schema.c - the tables of a result database and the steps between their versions.
 *
 * Idea      user_version counts the migrations that were applied; each is a function, run in a
 *           transaction together with the new number. Forward only, after a backup.
 * Invariant application_id marks the file as ours: no other program's database is ever changed.
 *           Views and the table of metrics are no steps: schema_views.c holds them to the program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gsl/gsl_cdf.h>
#include <stdio.h>

#include "results/schema_parts.h"
#include "results/store.h"

enum { APPLICATION_ID = 0x47445754 /* "GDWT" */ };

static const char tables_sql[] =
    "CREATE TABLE config(hash TEXT PRIMARY KEY, canonical TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE run("
    " run_id TEXT PRIMARY KEY, config_hash TEXT NOT NULL REFERENCES config(hash),"
    " scenario TEXT NOT NULL, vm TEXT NOT NULL, architecture TEXT NOT NULL,"
    " replication INTEGER NOT NULL, seed INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT,"
    " verified INTEGER NOT NULL, verify_note TEXT NOT NULL, digest TEXT NOT NULL,"
    " engine_version TEXT NOT NULL, wall_s REAL, started_utc TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX run_by_study ON run(scenario, vm, architecture, replication);"
    "CREATE TABLE parameter(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(run_id, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE scalar(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " metric TEXT NOT NULL, value REAL, PRIMARY KEY(run_id, metric)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE distribution(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " distribution TEXT NOT NULL, count INTEGER NOT NULL, least INTEGER NOT NULL,"
    " most INTEGER NOT NULL, sum TEXT NOT NULL, mean REAL NOT NULL, p50 INTEGER NOT NULL,"
    " p95 INTEGER NOT NULL, p99 INTEGER NOT NULL, PRIMARY KEY(run_id, distribution))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE hist(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " distribution TEXT NOT NULL, lowest INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY(run_id, distribution, lowest)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE series(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " name TEXT NOT NULL, columns TEXT NOT NULL, rows INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY(run_id, name)) STRICT;"
    "CREATE TABLE iteration(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, t_s REAL NOT NULL, number INTEGER, started_s REAL,"
    " duration_s REAL, copied_bytes INTEGER, dirty_bytes INTEGER, hot_bytes INTEGER,"
    " PRIMARY KEY(run_id, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE phase(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, t_s REAL NOT NULL, phase TEXT NOT NULL,"
    " PRIMARY KEY(run_id, position)) STRICT, WITHOUT ROWID;";

/* What is done and what failed is not stored but seen, so it cannot be wrong. */
static const char studies_sql[] =
    "CREATE TABLE study(study TEXT PRIMARY KEY, plan_hash TEXT NOT NULL, arguments TEXT NOT NULL,"
    " created_utc TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE study_run(study TEXT NOT NULL REFERENCES study ON DELETE CASCADE,"
    " position INTEGER NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY(study, position))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX study_run_by_run ON study_run(run_id);"
    "CREATE TABLE failure(run_id TEXT PRIMARY KEY, error TEXT NOT NULL, repro TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE VIEW v_study AS SELECT s.study, s.position, s.run_id,"
    " CASE WHEN r.run_id IS NOT NULL THEN 'done' WHEN f.run_id IS NOT NULL THEN 'failed'"
    "  ELSE 'planned' END AS status,"
    " CASE WHEN r.run_id IS NULL THEN f.error END AS error,"
    " CASE WHEN r.run_id IS NULL THEN f.repro END AS repro"
    " FROM study_run s LEFT JOIN run r USING(run_id) LEFT JOIN failure f USING(run_id);";

/* A histogram in one row instead of one for each bucket; the value of t for an interval of 95 % by its
 * degrees of freedom; how often a run crashed. */
static const char third_sql[] =
    "ALTER TABLE distribution ADD COLUMN buckets TEXT NOT NULL DEFAULT '[]';"
    "UPDATE distribution AS d SET buckets = (SELECT json_group_array(json_array(lowest, count))"
    " FROM (SELECT lowest, count FROM hist h WHERE h.run_id = d.run_id"
    "  AND h.distribution = d.distribution ORDER BY lowest));"
    "DROP TABLE hist;"
    "CREATE VIEW hist AS SELECT run_id, distribution, json_extract(value, '$[0]') AS lowest,"
    " json_extract(value, '$[1]') AS count"
    " FROM (SELECT run_id, distribution, buckets FROM distribution), json_each(buckets);"
    "CREATE TABLE metric(position INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE,"
    " unit TEXT NOT NULL, help TEXT NOT NULL) STRICT;"
    "CREATE TABLE student95(freedom INTEGER PRIMARY KEY, t REAL NOT NULL) STRICT;"
    "DROP VIEW v_study;"
    "ALTER TABLE failure ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;"
    "CREATE VIEW v_study AS SELECT s.study, s.position, s.run_id,"
    " CASE WHEN r.run_id IS NOT NULL THEN 'done' WHEN f.run_id IS NOT NULL THEN 'failed'"
    "  ELSE 'planned' END AS status,"
    " CASE WHEN r.run_id IS NULL THEN f.attempts END AS attempts,"
    " CASE WHEN r.run_id IS NULL THEN f.error END AS error,"
    " CASE WHEN r.run_id IS NULL THEN f.repro END AS repro"
    " FROM study_run s LEFT JOIN run r USING(run_id) LEFT JOIN failure f USING(run_id);";

/* What shows a flipped bit in the rows of a run. */
static const char fourth_sql[] =
    "CREATE TABLE seal(run_id TEXT PRIMARY KEY REFERENCES run ON DELETE CASCADE,"
    " seal TEXT NOT NULL) STRICT, WITHOUT ROWID;";

static bool
execute(struct gw_store *store, const char *sql, const char *what, struct gw_error *err)
{
    if (sqlite3_exec(store->database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return gw_store_fail(store, what, err);
    }
    return true;
}

static bool
migrate_first_tables(struct gw_store *store, struct gw_error *err)
{
    return execute(store, tables_sql, "cannot make the tables", err);
}

static bool
migrate_studies(struct gw_store *store, struct gw_error *err)
{
    return execute(store, studies_sql, "cannot make the tables of studies", err);
}

/* Ten decimals are the same whatever the library and the machine. */
static bool
fill_student(struct gw_store *store, struct gw_error *err)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);

    sqlite3_str_appendall(sql, "INSERT INTO student95 VALUES");
    for (int freedom = 1; freedom <= GW_STUDENT_ROWS; freedom++) {
        sqlite3_str_appendf(sql, "%s(%d, %.10f)", freedom == 1 ? "" : ",", freedom,
                            gsl_cdf_tdist_Pinv(0.975, freedom));
    }
    return gw_schema_finish(store, sql, err);
}

static bool
migrate_third(struct gw_store *store, struct gw_error *err)
{
    return execute(store, third_sql, "cannot make the tables of the third version", err) &&
           fill_student(store, err);
}

static bool
migrate_fourth(struct gw_store *store, struct gw_error *err)
{
    return execute(store, fourth_sql, "cannot make the table of seals", err) &&
           gw_seal_put_all(store, err);
}

/* Step i leads from version i to i + 1. Steps are never edited, only added. */
static bool (*const migrations[])(struct gw_store *, struct gw_error *) = {
    migrate_first_tables,
    migrate_studies,
    migrate_third,
    migrate_fourth,
};

/* Files from READABLE_FROM on can be read as they are. */
enum { VERSION = sizeof migrations / sizeof migrations[0], READABLE_FROM = 1 };

static bool
migrate(struct gw_store *store, struct gw_error *err)
{
    int64_t version = 0;

    if (!gw_schema_number(store, "PRAGMA user_version", &version, err)) {
        return false;
    }
    for (; version < VERSION; version++) {
        char sql[96];
        snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 APPLICATION_ID, (int)version + 1);
        if (!migrations[version](store, err) ||
            !execute(store, sql, "cannot set the version", err)) {
            return false;
        }
    }
    return gw_schema_views(store, err);
}

static bool
check_owner(struct gw_store *store, bool writable, struct gw_error *err)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t objects = 0;

    if (!gw_schema_number(store, "SELECT count(*) FROM sqlite_schema", &objects, err) ||
        !gw_schema_number(store, "PRAGMA application_id", &application, err) ||
        !gw_schema_number(store, "PRAGMA user_version", &version, err)) {
        return false;
    }
    bool empty = objects == 0 && version == 0 && application == 0;
    if (application != APPLICATION_ID && !(empty && writable)) {
        return gw_fail(err, GW_EDB, "database %s: is not a result database of godwit", store->path);
    }
    if (version > VERSION) {
        return gw_fail(err, GW_EDB,
                       "database %s: has schema version %lld, this godwit knows up to %d:"
                       " use the newer godwit",
                       store->path, (long long)version, (int)VERSION);
    }
    if (version < READABLE_FROM && !writable) {
        return gw_fail(err, GW_EDB, "database %s: has schema version %lld, wanted %d", store->path,
                       (long long)version, (int)VERSION);
    }
    return true;
}

/* "runs.db.v1.backup"; NULL when memory is out. Freed by sqlite3_free. */
static char *
backup_name(const char *path, int version)
{
    return sqlite3_mprintf("%s.v%d.backup", path, version);
}

/* `name` is freed. */
static void
remove_file(char *name)
{
    if (name != NULL) {
        remove(name);
    }
    sqlite3_free(name);
}

void
gw_store_discard(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        remove_file(sqlite3_mprintf("%s%s", path, endings[i]));
    }
    for (int version = 1; version < VERSION; version++) {
        remove_file(backup_name(path, version));
    }
}

/* A copy of the file as it was, beside it. */
static bool
back_up(struct gw_store *store, struct gw_error *err)
{
    int64_t version = 0;

    if (!gw_schema_number(store, "PRAGMA user_version", &version, err)) {
        return false;
    }
    if (version == 0 || version >= VERSION) {
        return true;
    }
    char *name = backup_name(store->path, (int)version);
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", name);
    bool fine = name != NULL && sql != NULL;

    if (fine) {
        remove(name);
        fine = execute(store, sql, "cannot be backed up before its schema is changed", err);
    } else {
        gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    sqlite3_free(name);
    sqlite3_free(sql);
    return fine;
}

bool
gw_schema_prepare(struct gw_store *store, bool writable, struct gw_error *err)
{
    if (!check_owner(store, writable, err)) {
        return false;
    }
    if (!writable) {
        return true;
    }
    if (!back_up(store, err) ||
        !execute(store, "PRAGMA journal_mode = WAL", "cannot be written", err) ||
        !execute(store, "BEGIN IMMEDIATE", "cannot be written", err)) {
        return false;
    }
    if (!check_owner(store, true, err) || !migrate(store, err)) {
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    return execute(store, "COMMIT", "cannot be written", err);
}
