/* schema_parts.h - what the files of the schema share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCHEMA_PARTS_H
#define GW_SCHEMA_PARTS_H

#include "results/store_database.h"

/* Degrees of freedom in the table student95: 1 to this. */
enum { GW_STUDENT_ROWS = 200 };

/* The first cell of a query. */
bool gw_schema_number(struct gw_store *store, const char *sql, int64_t *value,
                      struct gw_error *err);

/* Runs what was put together, and frees it. */
bool gw_schema_finish(struct gw_store *store, sqlite3_str *sql, struct gw_error *err);

/* Makes the views v_runs and v_summary and the table metric what this program knows. */
bool gw_schema_views(struct gw_store *store, struct gw_error *err);

#endif
