/* export_shared.h - what the files of the export share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_EXPORT_SHARED_H
#define GW_EXPORT_SHARED_H

#include "results/export_runs.h"
#include "results/store_database.h"

/* The columns that every row begins with, in the order of the query. */
enum gw_export_key {
    GW_EXPORT_SCENARIO,
    GW_EXPORT_VM,
    GW_EXPORT_ARCHITECTURE,
    GW_EXPORT_REPLICATION,
    GW_EXPORT_SEED,
    GW_EXPORT_OUTCOME,
    GW_EXPORT_REASON,
    GW_EXPORT_VERIFIED,
    GW_EXPORT_VERIFY_NOTE,
    GW_EXPORT_RUN_ID,
    GW_EXPORT_DIGEST,
    GW_EXPORT_KEYS
};

enum gw_export_rest {
    GW_EXPORT_METRIC_ROWS,   /* metric and value: a row for each */
    GW_EXPORT_METRIC_COLUMNS /* every metric, then the quantiles of every histogram in ms */
};

struct gw_export_rows {
    sqlite3_stmt *statement;
    int parameters; /* columns after the keys that are settings varied in a study */
    int columns;
};

/* Owner: gw_export_close. */
bool gw_export_open(struct gw_store *store, enum gw_export_rest rest, struct gw_export_rows *rows,
                    struct gw_error *err);
void gw_export_close(struct gw_export_rows *rows);

/* A cell as text: "" for NULL. `number` holds the text of numbers. */
const char *gw_export_text(sqlite3_stmt *row, int column, char number[32]);

bool gw_export_summary(struct gw_store *store, enum gw_export_format format, FILE *stream,
                       struct gw_error *err);

#endif
