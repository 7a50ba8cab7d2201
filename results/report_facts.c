/* report_facts.c - engine versions and crashed runs of a database.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/report_facts.h"

#include <stdlib.h>
#include <string.h>

#include "results/store_database.h"

#define OF_STUDY " WHERE run_id IN (SELECT run_id FROM study_run WHERE study = ?1)"
#define VERSIONS(where)                                                                            \
    "SELECT engine_version, count(*) FROM run" where " GROUP BY engine_version"                    \
    " ORDER BY engine_version"
#define FAILURES(where) "SELECT error, repro FROM failure" where " ORDER BY run_id"

static bool
take_version(void *self, sqlite3_stmt *row)
{
    struct gw_report_facts *facts = self;
    struct gw_report_version *items =
        realloc(facts->versions, (facts->version_count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    facts->versions = items;
    items[facts->version_count] =
        (struct gw_report_version){strdup(gw_row_text(row, 0)), sqlite3_column_int64(row, 1)};
    return items[facts->version_count++].engine != NULL;
}

static bool
take_failure(void *self, sqlite3_stmt *row)
{
    struct gw_report_facts *facts = self;
    struct gw_report_failure *items =
        realloc(facts->failures, (facts->failure_count + 1) * sizeof *items);

    if (items == NULL) {
        return false;
    }
    facts->failures = items;
    items[facts->failure_count] =
        (struct gw_report_failure){strdup(gw_row_text(row, 0)), strdup(gw_row_text(row, 1))};
    facts->failure_count++;
    return items[facts->failure_count - 1].error != NULL &&
           items[facts->failure_count - 1].repro != NULL;
}

/* Files of the first schema version have no failures. */
static bool
has_failures(struct gw_store *store)
{
    sqlite3_stmt *statement = NULL;
    bool has = sqlite3_prepare_v2(store->database, "SELECT run_id FROM failure", -1, &statement,
                                  NULL) == SQLITE_OK;

    sqlite3_finalize(statement);
    return has;
}

bool
gw_report_facts_read(struct gw_report_facts *facts, struct gw_store *store, const char *study,
                     struct gw_error *err)
{
    const char *const texts[] = {study, NULL};
    bool all = study == NULL;

    *facts = (struct gw_report_facts){0};
    bool fine = gw_store_ask(store, all ? VERSIONS("") : VERSIONS(OF_STUDY), texts, take_version,
                             facts, err);
    if (fine && has_failures(store)) {
        fine = gw_store_ask(store, all ? FAILURES("") : FAILURES(OF_STUDY), texts, take_failure,
                            facts, err);
    }
    if (!fine) {
        gw_report_facts_clear(facts);
    }
    return fine;
}

void
gw_report_facts_clear(struct gw_report_facts *facts)
{
    for (size_t i = 0; i < facts->version_count; i++) {
        free(facts->versions[i].engine);
    }
    for (size_t i = 0; i < facts->failure_count; i++) {
        free(facts->failures[i].error);
        free(facts->failures[i].repro);
    }
    free(facts->versions);
    free(facts->failures);
    *facts = (struct gw_report_facts){0};
}
