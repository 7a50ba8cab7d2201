/* run_versions.c - asks the database for the version of each run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/run_versions.h"

#include <stdlib.h>
#include <string.h>

#include "results/store_database.h"

/* Index of the name, added when it is new; SIZE_MAX: memory is out. */
static size_t
index_of(struct gw_run_versions *versions, const char *name)
{
    size_t i = 0;

    while (i < versions->count && strcmp(versions->names[i], name) != 0) {
        i++;
    }
    if (i < versions->count) {
        return i;
    }
    char **names = realloc(versions->names, (versions->count + 1) * sizeof *names);
    char *copy = strdup(name);
    if (names != NULL) {
        versions->names = names;
    }
    if (names == NULL || copy == NULL) {
        free(copy);
        return SIZE_MAX;
    }
    versions->names[versions->count++] = copy;
    return i;
}

static bool
read_version(sqlite3_stmt *statement, const char *run_id, struct gw_run_versions *versions,
             size_t *index)
{
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, run_id, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW) {
        return false;
    }
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    *index = index_of(versions, name == NULL ? "" : name);
    return *index != SIZE_MAX;
}

bool
gw_run_versions_read(struct gw_store *store, const struct gw_result_list *list,
                     struct gw_run_versions *versions, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine = true;

    *versions = (struct gw_run_versions){.of = calloc(list->count + 1, sizeof *versions->of)};
    if (versions->of == NULL) {
        return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
    }
    if (sqlite3_prepare_v2(store->database, "SELECT engine_version FROM run WHERE run_id = ?1", -1,
                           &statement, NULL) != SQLITE_OK) {
        fine = false;
    }
    for (size_t i = 0; fine && i < list->count; i++) {
        fine = read_version(statement, list->results[i].run_id, versions, &versions->of[i]);
    }
    if (!fine) {
        gw_store_fail(store, "cannot be read", err);
        gw_run_versions_clear(versions);
    }
    sqlite3_finalize(statement);
    return fine;
}

void
gw_run_versions_clear(struct gw_run_versions *versions)
{
    for (size_t i = 0; i < versions->count; i++) {
        free(versions->names[i]);
    }
    free(versions->names);
    free(versions->of);
    *versions = (struct gw_run_versions){0};
}
