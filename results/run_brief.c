/* run_brief.c - how a stored run ended, without reading all of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/run_brief.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/store_database.h"

struct looking {
    struct gw_run_brief *brief;
    bool found;
};

static bool
take_outcome(void *self, sqlite3_stmt *row)
{
    struct looking *looking = self;
    struct gw_run_brief *brief = looking->brief;

    snprintf(brief->architecture, sizeof brief->architecture, "%s", gw_row_text(row, 0));
    brief->is_completed = strcmp(gw_row_text(row, 1), gw_outcome_name(GW_COMPLETED)) == 0;
    looking->found = true;
    return true;
}

static bool
read_outcome(struct gw_store *store, const char *run_id, struct gw_run_brief *brief,
             struct gw_error *err)
{
    const char *const texts[] = {run_id, NULL};
    struct looking looking = {.brief = brief};

    return gw_store_ask(store, "SELECT architecture, outcome FROM run WHERE run_id = ?1", texts,
                        take_outcome, &looking, err) &&
           (looking.found ||
            gw_fail(err, GW_ENOENT, "database %s: has no run %s", store->path, run_id));
}

static bool
take_value(void *self, sqlite3_stmt *row)
{
    if (sqlite3_column_type(row, 0) != SQLITE_NULL) {
        *(double *)self = sqlite3_column_double(row, 0);
    }
    return true;
}

static bool
read_metric(struct gw_store *store, const char *run_id, enum gw_metric metric, double *value,
            struct gw_error *err)
{
    const char *const texts[] = {run_id, gw_metric_info[metric].key, NULL};

    *value = (double)NAN;
    return gw_store_ask(store, "SELECT value FROM scalar WHERE run_id = ?1 AND metric = ?2", texts,
                        take_value, value, err);
}

bool
gw_store_brief(struct gw_store *store, const char *run_id, const enum gw_metric *metrics,
               size_t count, struct gw_run_brief *brief, struct gw_error *err)
{
    *brief = (struct gw_run_brief){0};
    gw_assert(count <= GW_BRIEF_METRICS_MOST);
    bool fine = read_outcome(store, run_id, brief, err);
    for (size_t i = 0; i < count && fine; i++) {
        fine = read_metric(store, run_id, metrics[i], &brief->values[i], err);
    }
    return fine;
}
