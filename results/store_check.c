/* store_check.c - what is damaged in a database, and how the rest of it is used again.
 *
 * Idea      SQLite's own check sees pages, keys and indexes that do not fit together; the seals
 *           see cells that were changed. A run that is damaged is taken out: then it is missing,
 *           and what is missing is run.
 * Cost      0.2 ms a run of 40 kB, for both checks. It reads the whole file.
 * Invariant A file without seals, of an older version, has passed when SQLite's check has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/schema_parts.h"
#include "results/store.h"

/* A shard does not know that it is one: to resume it would be to run the whole study into it. */
#define AGAIN                                                                                      \
    "run the command that made the file again, or, unless it is a shard,"                          \
    " 'godwit sweep resume --db %s'"

struct damage {
    sqlite3_value *run_id;
    char *words; /* "run ID (scenario, vm, architecture, replication 3)"; sqlite3_free */
};

struct damages {
    struct damage *items;
    size_t count;
};

static void
clear(struct damages *damages)
{
    for (size_t i = 0; i < damages->count; i++) {
        sqlite3_value_free(damages->items[i].run_id);
        sqlite3_free(damages->items[i].words);
    }
    free(damages->items);
    *damages = (struct damages){0};
}

static const char *
text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text == NULL ? "?" : text;
}

static bool
add(struct gw_store *store, struct damages *damages, sqlite3_stmt *run, struct gw_error *err)
{
    struct damage *items = realloc(damages->items, (damages->count + 1) * sizeof *items);

    if (items == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    damages->items = items;
    struct damage *damage = &items[damages->count++];
    damage->run_id = sqlite3_value_dup(sqlite3_column_value(run, 0));
    damage->words =
        sqlite3_mprintf("run %.32s (%.60s, %.60s, %.60s, replication %.20s)", text_of(run, 0),
                        text_of(run, 1), text_of(run, 2), text_of(run, 3), text_of(run, 4));
    return (damage->run_id != NULL && damage->words != NULL) ||
           gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
}

static bool
look_at_runs(struct gw_store *store, sqlite3_stmt *runs, struct damages *damages,
             struct gw_error *err)
{
    int status;

    while ((status = sqlite3_step(runs)) == SQLITE_ROW) {
        const struct gw_run_key key = {.value = sqlite3_column_value(runs, 0)};
        bool fits = true;

        if (!gw_seal_look(store, key, &fits, err) || (!fits && !add(store, damages, runs, err))) {
            return false;
        }
    }
    return status == SQLITE_DONE || gw_store_fail(store, "cannot be read", err);
}

static bool
find(struct gw_store *store, struct damages *damages, struct gw_error *err)
{
    sqlite3_stmt *runs = NULL;

    *damages = (struct damages){0};
    bool fine = sqlite3_prepare_v2(store->database,
                                   "SELECT run_id, scenario, vm, architecture, replication"
                                   " FROM run NOT INDEXED ORDER BY run_id",
                                   -1, &runs, NULL) == SQLITE_OK ||
                gw_store_fail(store, "cannot be read", err);
    fine = fine && look_at_runs(store, runs, damages, err);
    sqlite3_finalize(runs);
    if (!fine) {
        clear(damages);
    }
    return fine;
}

/* ---- the file ------------------------------------------------------------------------------------ */

/* A lock, a disk that cannot be read or too little memory say nothing about the file. */
static bool
fail_check(struct gw_store *store, struct gw_error *err)
{
    int code = sqlite3_errcode(store->database);
    bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

    return gw_fail(err, damaged ? GW_EDB : GW_EIO, "database %s: %s: %s", store->path,
                   damaged ? "the file is damaged" : "cannot be checked",
                   sqlite3_errmsg(store->database));
}

/* Runs a check whose answer is one row that is "ok", or no row at all. GW_EDB: it fails. */
static bool
passes(struct gw_store *store, const char *check, struct gw_error *err)
{
    sqlite3_stmt *answer = NULL;
    bool fine = sqlite3_prepare_v2(store->database, check, -1, &answer, NULL) == SQLITE_OK;
    int status = fine ? sqlite3_step(answer) : SQLITE_ERROR;

    if (status == SQLITE_ROW) {
        const char *text = text_of(answer, 0);
        const char *line = strrchr(text, '\n'); /* after "*** in database main ***" */

        text = line == NULL ? text : line + 1;
        fine = strcmp(text, "ok") == 0 ||
               gw_fail(err, GW_EDB, "database %s: the file is damaged: %.300s", store->path, text);
    } else if (status != SQLITE_DONE) {
        fine = fail_check(store, err);
    }
    sqlite3_finalize(answer);
    return fine;
}

static bool
is_sound(struct gw_store *store, struct gw_error *err)
{
    return passes(store, "PRAGMA integrity_check(1)", err);
}

/* Of a file that has seals. */
static bool
has_names(struct gw_store *store, struct gw_error *err)
{
    return passes(store,
                  "SELECT 'a study has lost its name' FROM pragma_foreign_key_check('study_run')",
                  err);
}

static bool
check_runs(struct gw_store *store, struct gw_error *err)
{
    struct damages damages;

    if (!find(store, &damages, err)) {
        return false;
    }
    bool fine = damages.count == 0;
    if (!fine) {
        bool one = damages.count == 1;

        gw_fail(err, GW_EDAMAGED,
                "database %s: %zu %s damaged, or changed since %s stored: %s%s; " AGAIN,
                store->path, damages.count, one ? "run is" : "runs are",
                one ? "it was" : "they were", one ? "" : "the first is ", damages.items[0].words,
                store->path);
    }
    clear(&damages);
    return fine;
}

bool
gw_store_check(struct gw_store *store, struct gw_error *err)
{
    int64_t seals = 0;
    struct gw_error was;

    if (!gw_schema_number(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'seal'", &seals,
                          err)) {
        return false;
    }
    if (!is_sound(store, &was) || (seals > 0 && !has_names(store, &was))) {
        return was.code == GW_EDB ? gw_fail(err, GW_EDB, "%s; to mend what can be mended, " AGAIN,
                                            was.message, store->path)
                                  : gw_fail(err, was.code, "%s", was.message);
    }
    return seals == 0 || check_runs(store, err);
}

struct gw_store *
gw_store_open_checked(const char *path, struct gw_error *err)
{
    struct gw_store *store = gw_store_open(path, false, err);

    if (store != NULL && !gw_store_check(store, err)) {
        gw_store_close(store);
        return NULL;
    }
    return store;
}

/* ---- mending ------------------------------------------------------------------------------------- */

/* Damage that is in the way of everything. */
static bool
fail_for_good(const struct gw_error *damage, struct gw_error *err)
{
    if (damage->code != GW_EDB) {
        return gw_fail(err, damage->code, "%s", damage->message);
    }
    return gw_fail(err, damage->code,
                   "%.700s; docs/database.md, under Damage, says how to save the runs that can be"
                   " read; or remove the file and run its study again",
                   damage->message);
}

/* Indexes follow from their tables. */
static bool
mend_file(struct gw_store *store, struct gw_error *err)
{
    struct gw_error first;

    if (is_sound(store, &first) ||
        (first.code == GW_EDB &&
         sqlite3_exec(store->database, "REINDEX", NULL, NULL, NULL) == SQLITE_OK &&
         is_sound(store, NULL))) {
        return true;
    }
    return fail_for_good(&first, err);
}

bool
gw_store_check_quickly(struct gw_store *store, struct gw_error *err)
{
    struct gw_error was;

    return passes(store, "PRAGMA quick_check(1)", &was) || fail_for_good(&was, err);
}

static bool
has_no_strays(struct gw_store *store)
{
    return passes(store, "SELECT 'rows without a run' FROM pragma_foreign_key_check", NULL);
}

/* Rows whose run has lost its id would be in the way of the run when it is put again. */
static bool
remove_strays(struct gw_store *store, struct gw_error *err)
{
    static const char *const tables[] = {"parameter", "scalar", "distribution", "series",
                                         "iteration", "phase",  "seal"};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char sql[96];

        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE run_id NOT IN (SELECT run_id FROM run)",
                 tables[i]);
        if (!gw_store_execute(store, sql, err)) {
            return false;
        }
    }
    return gw_store_execute(store,
                            "DELETE FROM config WHERE hash NOT IN (SELECT config_hash FROM run);"
                            "DELETE FROM study_run WHERE study NOT IN (SELECT study FROM study)",
                            err);
}

static bool
remove_runs(struct gw_store *store, const struct damages *damages, struct gw_error *err)
{
    bool fine = gw_store_begin(store, err);

    if (!fine) {
        return false;
    }
    for (size_t i = 0; i < damages->count && fine; i++) {
        const struct gw_run_key key = {.value = damages->items[i].run_id};

        fine = gw_store_remove(store, key, err);
    }
    return gw_store_end(store, fine && remove_strays(store, err), err);
}

bool
gw_store_mend(struct gw_store *store, void (*tell)(void *self, const char *run), void *self,
              struct gw_error *err)
{
    struct damages damages;

    if (!mend_file(store, err) || !find(store, &damages, err)) {
        return false;
    }
    for (size_t i = 0; i < damages.count; i++) {
        tell(self, damages.items[i].words);
    }
    bool fine = (damages.count == 0 && has_no_strays(store)) || remove_runs(store, &damages, err);
    clear(&damages);
    return fine;
}
