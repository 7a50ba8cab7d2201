/* store_merge.c - databases become one.
 *
 * Idea      The union is made first, then written in the order of its keys into an empty file, and
 *           that is vacuumed into the last: pages then depend on the rows alone.
 * Invariant A run has one digest wherever it ran; two of them are a conflict, never a choice.
 *           Seals are made again: a run that is in two files has the parameters of both.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "results/store.h"
#include "results/store_database.h"

/* In the order of their references; from `study` on not in files of the first version. Of failures
 * two files may hold the same in two states: they are copied by themselves. */
static const struct {
    const char *name;
    const char *key; /* what each row must have of `owner`; NULL: all rows are taken */
    const char *owner;
} tables[] = {
    {"config", "hash", "config_hash FROM shard.run"},
    {"run", NULL, NULL},
    {"parameter", "run_id", "run_id FROM shard.run"},
    {"scalar", "run_id", "run_id FROM shard.run"},
    {"distribution", "run_id", "run_id FROM shard.run"},
    {"series", "run_id", "run_id FROM shard.run"},
    {"iteration", "run_id", "run_id FROM shard.run"},
    {"phase", "run_id", "run_id FROM shard.run"},
    {"study", NULL, NULL},
    {"study_run", "study", "study FROM shard.study"},
};

enum { TABLE_COUNT = sizeof tables / sizeof tables[0], STUDY_TABLES = 2 };

/* Asks a question whose rows are conflicts; the first one is told by `tell`. */
static bool
no_row(struct gw_store *store, const char *path, const char *sql,
       void (*tell)(struct gw_store *store, const char *path, sqlite3_stmt *row,
                    struct gw_error *err),
       struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        return gw_store_fail(store, "cannot be merged", err);
    }
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        tell(store, path, statement, err);
    } else if (status != SQLITE_DONE) {
        gw_store_fail(store, "cannot be merged", err);
    }
    sqlite3_finalize(statement);
    return status == SQLITE_DONE;
}

static const char *
text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text == NULL ? "null" : text;
}

static void
tell_runs(struct gw_store *store, const char *path, sqlite3_stmt *row, struct gw_error *err)
{
    (void)store;
    gw_fail(err, GW_EDB,
            "determinism broken: run %s (%s, %s, %s, replication %s)\n"
            "  here   digest %s, outcome %s, %s %s, godwit %s\n"
            "  there  digest %s, outcome %s, %s %s, godwit %s, in %s",
            text_of(row, 0), text_of(row, 1), text_of(row, 2), text_of(row, 3), text_of(row, 4),
            text_of(row, 5), text_of(row, 6), text_of(row, 11), text_of(row, 12), text_of(row, 7),
            text_of(row, 8), text_of(row, 9), text_of(row, 11), text_of(row, 13), text_of(row, 10),
            path);
}

static void
tell_studies(struct gw_store *store, const char *path, sqlite3_stmt *row, struct gw_error *err)
{
    gw_fail(err, GW_EDB,
            "database %s: study '%s' has plan %s here and %s in %s: give them different names",
            store->path, text_of(row, 0), text_of(row, 1), text_of(row, 2), path);
}

/* The digest stands for all that a run computed. Metrics are compared all the same: where they
 * differ under one digest a file was damaged or edited, and which one is not for us to say. */
static bool
check_runs(struct gw_store *store, const char *path, struct gw_error *err)
{
    return no_row(
        store, path,
        "SELECT a.run_id, a.scenario, a.vm, a.architecture, a.replication,"
        " a.digest, a.outcome, a.engine_version,"
        " b.digest, b.outcome, b.engine_version, s.metric, s.value, t.value"
        " FROM main.run a JOIN shard.run b USING(run_id)"
        " LEFT JOIN main.scalar s ON s.run_id = a.run_id"
        " LEFT JOIN shard.scalar t ON t.run_id = a.run_id AND t.metric = s.metric"
        " WHERE a.digest <> b.digest OR a.outcome <> b.outcome"
        " OR EXISTS (SELECT 1 FROM main.scalar v JOIN shard.scalar w USING(run_id, metric)"
        " WHERE v.run_id = a.run_id AND v.value IS NOT w.value)"
        " ORDER BY a.run_id, s.value IS t.value, s.metric LIMIT 1",
        tell_runs, err);
}

static bool
check_studies(struct gw_store *store, const char *path, struct gw_error *err)
{
    return no_row(store, path,
                  "SELECT study, a.plan_hash, b.plan_hash FROM main.study a"
                  " JOIN shard.study b USING(study) WHERE a.plan_hash <> b.plan_hash"
                  " ORDER BY 1 LIMIT 1",
                  tell_studies, err);
}

/* Before the third version a histogram was a row for each bucket. */
static const char old_distributions[] =
    "(SELECT d.*, (SELECT json_group_array(json_array(lowest, count)) FROM (SELECT lowest, count"
    " FROM shard.hist h WHERE h.run_id = d.run_id AND h.distribution = d.distribution"
    " ORDER BY lowest)) FROM shard.distribution d)";

/* Rows that another program left without their run stay behind: they were never checked. */
static bool
copy_tables(struct gw_store *store, int64_t version, struct gw_error *err)
{
    size_t count = version < 2 ? TABLE_COUNT - STUDY_TABLES : TABLE_COUNT;

    for (size_t i = 0; i < count; i++) {
        const char *name = tables[i].name;
        const char *key = tables[i].key;
        char from[32];
        char where[64] = "true";
        char sql[480];
        snprintf(from, sizeof from, "shard.%s", name);
        if (key != NULL) {
            snprintf(where, sizeof where, "%s IN (SELECT %s)", key, tables[i].owner);
        }
        bool old = version < 3 && strcmp(name, "distribution") == 0;
        snprintf(sql, sizeof sql,
                 "INSERT OR IGNORE INTO main.%s SELECT * FROM %s WHERE %s ORDER BY 1, 2", name,
                 old ? old_distributions : from, where);
        if (!gw_store_execute(store, sql, err)) {
            return false;
        }
    }
    return true;
}

/* Of the same run the larger number of attempts is kept, not the sum: merging twice changes nothing.
 * Files of the second version do not count attempts. */
static bool
copy_failures(struct gw_store *store, int64_t version, struct gw_error *err)
{
    char sql[320];

    snprintf(sql, sizeof sql,
             "INSERT INTO main.failure(run_id, error, repro, attempts)"
             " SELECT run_id, error, repro, %s FROM shard.failure WHERE true ORDER BY run_id"
             " ON CONFLICT(run_id) DO UPDATE SET attempts = max(attempts, excluded.attempts)",
             version < 3 ? "1" : "attempts");
    return gw_store_execute(store, sql, err);
}

static bool
read_version(struct gw_store *store, int64_t *version, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(store->database, "PRAGMA shard.user_version", -1, &statement,
                                   NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;

    *version = fine ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return fine || gw_store_fail(store, "cannot be merged", err);
}

static bool
merge_attached(struct gw_store *store, const char *path, struct gw_error *err)
{
    int64_t version = 0;

    if (!read_version(store, &version, err) || !gw_store_begin(store, err)) {
        return false;
    }
    bool studies = version >= 2;
    bool fine = check_runs(store, path, err) && (!studies || check_studies(store, path, err)) &&
                gw_store_execute(store,
                                 "DELETE FROM main.seal WHERE run_id IN"
                                 " (SELECT run_id FROM shard.run)",
                                 err) &&
                copy_tables(store, version, err) && gw_seal_put_all(store, err) &&
                (!studies || copy_failures(store, version, err)) &&
                gw_store_execute(store,
                                 "DELETE FROM main.failure WHERE run_id IN"
                                 " (SELECT run_id FROM main.run)",
                                 err);
    return gw_store_end(store, fine, err);
}

bool
gw_store_merge(struct gw_store *store, const char *path, struct gw_error *err)
{
    struct gw_store *shard = gw_store_open_checked(path, err);
    if (shard == NULL) {
        return false;
    }
    gw_store_close(shard);
    char *name = gw_store_name(path, false);
    char *attach = name == NULL ? NULL : sqlite3_mprintf("ATTACH %Q AS shard", name);
    sqlite3_free(name);
    if (attach == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    bool fine = gw_store_execute(store, attach, err);
    sqlite3_free(attach);
    if (!fine) {
        return false;
    }
    fine = merge_attached(store, path, err);
    sqlite3_exec(store->database, "DETACH shard", NULL, NULL, NULL);
    return fine;
}

bool
gw_store_copy(struct gw_store *store, const char *path, struct gw_error *err)
{
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);

    if (sql == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    remove(path);
    bool fine = gw_store_execute(store, sql, err);
    sqlite3_free(sql);
    return fine;
}

/* ---- one of several ------------------------------------------------------------------------------ */

enum { UNION, ORDERED, FINAL, STAGES };

struct uniting {
    char *names[STAGES]; /* files beside the one that is made */
};

/* And what the result holds already, now that nobody else writes to it. */
static bool
collect(const struct uniting *uniting, const char *const *paths, size_t count, const char *path,
        struct gw_error *err)
{
    struct gw_store *store = gw_store_open(uniting->names[UNION], true, err);
    bool fine = store != NULL;

    for (size_t i = 0; i < count && fine; i++) {
        fine = gw_store_merge(store, paths[i], err);
    }
    fine = fine && (access(path, F_OK) != 0 || gw_store_merge(store, path, err));
    gw_store_close(store);
    return fine;
}

static bool
put_in_order(const struct uniting *uniting, struct gw_error *err)
{
    struct gw_store *store = gw_store_open(uniting->names[ORDERED], true, err);
    bool fine = store != NULL && gw_store_merge(store, uniting->names[UNION], err) &&
                gw_store_execute(store,
                                 "UPDATE run SET wall_s = NULL, started_utc = '';"
                                 "UPDATE study SET created_utc = ''",
                                 err) &&
                gw_store_copy(store, uniting->names[FINAL], err);

    gw_store_close(store);
    return fine;
}

static bool
flush(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool fine = file >= 0 && fsync(file) == 0;

    if (file >= 0) {
        close(file);
    }
    return fine;
}

bool
gw_store_publish(const char *part, const char *path, struct gw_error *err)
{
    char *copy = strdup(path);
    bool fine = copy != NULL && flush(part) && rename(part, path) == 0 && flush(dirname(copy));

    free(copy);
    return fine || gw_fail(err, GW_EIO, "%s cannot be written: %s", path, strerror(errno));
}

/* Two merges into one file would take each other's stages and runs away: the second waits. Of the
 * folder, because a file for it would stay after a kill. Where folders cannot be locked nobody
 * waits. Closed by the caller unless negative. */
static int
lock_folder(const char *path)
{
    char *copy = strdup(path);
    int folder = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(copy);
    if (folder >= 0) {
        flock(folder, LOCK_EX);
    }
    return folder;
}

bool
gw_store_unite(const char *const *paths, size_t count, const char *path, struct gw_error *err)
{
    static const char *const endings[STAGES] = {"union", "ordered", "part"};
    struct uniting uniting = {0};
    bool fine = true;

    for (size_t i = 0; i < STAGES; i++) {
        uniting.names[i] = sqlite3_mprintf("%s.%s", path, endings[i]);
        fine = fine && uniting.names[i] != NULL;
    }
    if (!fine) {
        gw_fail(err, GW_ENOMEM, "database %s: out of memory", path);
    }
    int folder = lock_folder(path);
    for (size_t i = 0; i < STAGES && fine; i++) {
        gw_store_discard(uniting.names[i]);
    }
    fine = fine && collect(&uniting, paths, count, path, err) && put_in_order(&uniting, err) &&
           gw_store_publish(uniting.names[FINAL], path, err);
    for (size_t i = 0; i < STAGES; i++) {
        if (uniting.names[i] != NULL) {
            gw_store_discard(uniting.names[i]);
        }
        sqlite3_free(uniting.names[i]);
    }
    if (folder >= 0) {
        close(folder);
    }
    return fine;
}
