/* study_rounds.c - studies whose plan grows with what was found.
 *
 * Idea      A point is what has one canonical scenario: a database knows its points without the
 *           files that they came from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/study_rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/store_database.h"

bool
gw_store_put_more(struct gw_store *store, const struct gw_study_more *more, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine =
        sqlite3_prepare_v2(store->database, "INSERT OR IGNORE INTO study_run VALUES(?1, ?2, ?3)",
                           -1, &statement, NULL) == SQLITE_OK;

    for (size_t i = 0; i < more->count && fine; i++) {
        sqlite3_bind_text(statement, 1, more->study, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, more->position + (int64_t)i);
        sqlite3_bind_text(statement, 3, more->run_ids[i], -1, SQLITE_STATIC);
        fine = sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_reset(statement);
    }
    if (!fine) {
        gw_store_fail(store, "the study cannot be written", err);
    }
    sqlite3_finalize(statement);
    return fine;
}

/* ---- samples ------------------------------------------------------------------------------------- */

enum { CONFIG, VM, VALUE };

static const char sample_sql[] =
    "SELECT r.config_hash, r.vm, CASE WHEN r.outcome = 'completed' THEN s.value END FROM run r"
    " LEFT JOIN scalar s ON s.run_id = r.run_id AND s.metric = ?2"
    " WHERE r.run_id IN (SELECT run_id FROM study_run WHERE study = ?1)"
    " ORDER BY r.config_hash, r.vm, r.replication";

struct gathering {
    void (*tell)(void *self, const struct gw_study_sample *sample);
    void *self;
    char *key; /* of the point and guest at work */
    double *values;
    size_t count, allocated;
};

static void
tell(struct gathering *gathering)
{
    const struct gw_study_sample sample = {gathering->values, gathering->count};

    if (gathering->count > 0) {
        gathering->tell(gathering->self, &sample);
    }
    gathering->count = 0;
}

/* Begins a new sample when the row is of another one. False: memory out. */
static bool
turn_to(struct gathering *gathering, sqlite3_stmt *row)
{
    char *key = sqlite3_mprintf("%s/%s", (const char *)sqlite3_column_text(row, CONFIG),
                                (const char *)sqlite3_column_text(row, VM));

    if (key != NULL && (gathering->key == NULL || strcmp(key, gathering->key) != 0)) {
        tell(gathering);
        sqlite3_free(gathering->key);
        gathering->key = key;
        return true;
    }
    sqlite3_free(key);
    return key != NULL;
}

static bool
add_value(struct gathering *gathering, double value)
{
    if (gathering->count == gathering->allocated) {
        size_t allocated = gathering->allocated == 0 ? 64 : 2 * gathering->allocated;
        double *values = realloc(gathering->values, allocated * sizeof *values);

        if (values == NULL) {
            return false;
        }
        gathering->values = values;
        gathering->allocated = allocated;
    }
    gathering->values[gathering->count++] = value;
    return true;
}

static bool
take_row(void *self, sqlite3_stmt *row)
{
    bool has = sqlite3_column_type(row, VALUE) != SQLITE_NULL;

    return turn_to(self, row) &&
           add_value(self, has ? sqlite3_column_double(row, VALUE) : (double)NAN);
}

bool
gw_store_each_sample(struct gw_store *store, const char *study, enum gw_metric metric,
                     void (*each)(void *self, const struct gw_study_sample *sample), void *self,
                     struct gw_error *err)
{
    const char *const texts[] = {study, gw_metric_info[metric].key, NULL};
    struct gathering gathering = {.tell = each, .self = self};
    bool fine = gw_store_ask(store, sample_sql, texts, take_row, &gathering, err);

    if (fine) {
        tell(&gathering);
    }
    sqlite3_free(gathering.key);
    free(gathering.values);
    return fine;
}
