/* study_store.c - which runs a study consists of, and how far it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/study_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/store_database.h"
#include "results/study_rounds.h"

/* ---- plans --------------------------------------------------------------------------------------- */

static bool
put_run_ids(struct gw_store *store, const struct gw_study_plan *plan, struct gw_error *err)
{
    const struct gw_study_more all = {plan->name, 0, plan->run_ids, plan->count};

    return gw_store_put_more(store, &all, err);
}

/* Whether the ids that are noted are those of the plan: a bit of one may have flipped. */
static bool
has_run_ids(struct gw_store *store, const struct gw_study_plan *plan, bool *has,
            struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    size_t found = 0;
    int status = sqlite3_prepare_v2(store->database,
                                    "SELECT run_id FROM study_run WHERE study = ?1 AND position"
                                    " < ?2 ORDER BY position",
                                    -1, &statement, NULL);

    if (status == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, plan->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, (int64_t)plan->count);
        while ((status = sqlite3_step(statement)) == SQLITE_ROW &&
               strcmp(gw_row_text(statement, 0), plan->run_ids[found]) == 0) {
            found++;
        }
    }
    sqlite3_finalize(statement);
    *has = status == SQLITE_DONE && found == plan->count;
    return status == SQLITE_DONE || status == SQLITE_ROW ||
           gw_store_fail(store, "the study cannot be read", err);
}

static bool
take_hash(void *self, sqlite3_stmt *row)
{
    char **hash = self;

    free(*hash);
    *hash = strdup(gw_row_text(row, 0));
    return *hash != NULL;
}

static bool
put_study(struct gw_store *store, const struct gw_study_plan *plan, bool *replaced,
          struct gw_error *err)
{
    const char *const values[] = {plan->name, plan->hash, plan->arguments, NULL};
    char *known = NULL;
    bool fine = gw_store_ask(store, "SELECT plan_hash FROM study WHERE study = ?1", values,
                             take_hash, &known, err);
    bool same = known != NULL && strcmp(known, plan->hash) == 0;

    *replaced = known != NULL && !same;
    free(known);
    fine = fine && (!same || has_run_ids(store, plan, &same, err));
    if (!fine || same) {
        return fine;
    }
    return gw_store_ask(store, "DELETE FROM study WHERE study = ?1", values, NULL, NULL, err) &&
           gw_store_ask(
               store, "INSERT INTO study VALUES(?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
               values, NULL, NULL, err) &&
           put_run_ids(store, plan, err);
}

bool
gw_store_put_study(struct gw_store *store, const struct gw_study_plan *plan, bool *replaced,
                   struct gw_error *err)
{
    *replaced = false;
    return gw_store_begin(store, err) &&
           gw_store_end(store, put_study(store, plan, replaced, err), err);
}

bool
gw_store_put_failure(struct gw_store *store, const char *run_id, const char *error,
                     const char *repro, struct gw_error *err)
{
    const char *const values[] = {run_id, error, repro, NULL};

    return gw_store_ask(
        store,
        "INSERT INTO failure(run_id, error, repro) VALUES(?1, ?2, ?3) ON CONFLICT(run_id)"
        " DO UPDATE SET error = excluded.error, repro = excluded.repro,"
        " attempts = attempts + 1",
        values, NULL, NULL, err);
}

/* ---- how far ------------------------------------------------------------------------------------- */

static bool
take_state(void *self, sqlite3_stmt *row)
{
    struct gw_study_states *states = self;
    struct gw_study_state *items =
        realloc(states->items, (states->count + 1) * sizeof *states->items);

    if (items == NULL) {
        return false;
    }
    states->items = items;
    struct gw_study_state *state = &items[states->count++];
    *state = (struct gw_study_state){
        .name = strdup(gw_row_text(row, 0)),
        .hash = strdup(gw_row_text(row, 1)),
        .arguments = strdup(gw_row_text(row, 2)),
        .runs = sqlite3_column_int64(row, 3),
        .done = sqlite3_column_int64(row, 4),
        .failed = sqlite3_column_int64(row, 5),
    };
    return state->name != NULL && state->hash != NULL && state->arguments != NULL;
}

static bool
take_number(void *self, sqlite3_stmt *row)
{
    *(int64_t *)self = sqlite3_column_int64(row, 0);
    return true;
}

/* Whether the file is of a version that has studies. */
static bool
has_studies(struct gw_store *store, bool *has, struct gw_error *err)
{
    int64_t count = 0;
    bool fine = gw_store_ask(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'study'", NULL,
                             take_number, &count, err);

    *has = count > 0;
    return fine;
}

bool
gw_store_studies(struct gw_store *store, struct gw_study_states *states, struct gw_error *err)
{
    bool has = false;

    *states = (struct gw_study_states){0};
    if (!has_studies(store, &has, err)) {
        return false;
    }
    if (!has) {
        return true;
    }
    bool fine =
        gw_store_ask(store,
                     "SELECT study, plan_hash, arguments, count(run_id),"
                     " count(run_id) FILTER (WHERE status = 'done'),"
                     " count(run_id) FILTER (WHERE status = 'failed')"
                     " FROM study LEFT JOIN v_study USING(study) GROUP BY study ORDER BY study",
                     NULL, take_state, states, err);

    if (!fine) {
        gw_study_states_clear(states);
    }
    return fine;
}

void
gw_study_states_clear(struct gw_study_states *states)
{
    for (size_t i = 0; i < states->count; i++) {
        free(states->items[i].name);
        free(states->items[i].hash);
        free(states->items[i].arguments);
    }
    free(states->items);
    *states = (struct gw_study_states){0};
}

struct telling {
    void (*tell)(void *self, const char *error, const char *repro, int64_t attempts);
    void *self;
};

static bool
take_failure(void *self, sqlite3_stmt *row)
{
    const struct telling *telling = self;

    telling->tell(telling->self, gw_row_text(row, 0), gw_row_text(row, 1),
                  sqlite3_column_int64(row, 2));
    return true;
}

/* Older files, opened to be read, hold no attempts. */
static bool
counts_attempts(struct gw_store *store)
{
    return sqlite3_table_column_metadata(store->database, NULL, "failure", "attempts", NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

bool
gw_store_each_failure(struct gw_store *store, const char *study,
                      void (*tell)(void *self, const char *error, const char *repro,
                                   int64_t attempts),
                      void *self, struct gw_error *err)
{
    static const char counted[] = "SELECT error, repro, attempts FROM v_study"
                                  " WHERE study = ?1 AND status = 'failed' ORDER BY position";
    static const char uncounted[] = "SELECT error, repro, 1 FROM v_study"
                                    " WHERE study = ?1 AND status = 'failed' ORDER BY position";
    const char *const values[] = {study, NULL};
    struct telling telling = {tell, self};

    return gw_store_ask(store, counts_attempts(store) ? counted : uncounted, values, take_failure,
                        &telling, err);
}

static bool
take_seconds(void *self, sqlite3_stmt *row)
{
    if (sqlite3_column_type(row, 0) != SQLITE_NULL) {
        *(double *)self = sqlite3_column_double(row, 0);
    }
    return true;
}

bool
gw_store_mean_wall(struct gw_store *store, const char *scenario, double *seconds,
                   struct gw_error *err)
{
    const char *const values[] = {scenario, NULL};

    *seconds = (double)NAN;
    return gw_store_ask(store, "SELECT avg(wall_s) FROM run WHERE scenario = ?1", values,
                        take_seconds, seconds, err);
}
