/* schema_views.c - the views that follow the vocabulary of metrics, and its table.
 *
 * Idea      They hold nothing of their own, so they need no version: when a database is written to
 *           they are compared with what this program would make, and made anew if they differ.
 * Why       v_summary takes the means first and squares differences from them: the one-pass
 *           formula loses the deviation of large, close values.
 * Invariant Half widths are never too small: beyond the last row of student95 its t is used, which
 *           is at most 0.62 % too large.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/schema_parts.h"

/* A point leaves out the seed, as exports do, and the architecture, which has its own column; and its
 * name, as a run may be in one study that names it and in one that does not. */
static const char summary_sql[] =
    "CREATE VIEW v_summary AS WITH"
    " place AS (SELECT run_id, min(position) AS place FROM study_run GROUP BY run_id),"
    " point AS (SELECT run_id, scenario, vm, architecture, place,"
    "  coalesce((SELECT group_concat(name || '=' || value, ', ') FROM (SELECT name, value"
    "   FROM parameter p WHERE p.run_id = r.run_id AND name NOT IN ('seed',"
    "   'point', 'migration.architecture') ORDER BY name)), '') AS point,"
    "  (SELECT json_group_object(name, value) FROM (SELECT name, value FROM parameter p"
    "   WHERE p.run_id = r.run_id AND name NOT IN ('seed', 'point') ORDER BY name)) AS parameters,"
    "  (SELECT value FROM parameter p WHERE p.run_id = r.run_id AND name = 'point') AS name"
    "  FROM run r LEFT JOIN place USING(run_id)),"
    " numbered AS MATERIALIZED (SELECT run_id, scenario, vm, architecture, point, parameters,"
    "  min(place) OVER same AS place, min(name) OVER same AS name,"
    "  dense_rank() OVER (ORDER BY scenario, vm, architecture, parameters) AS number FROM point"
    "  WINDOW same AS (PARTITION BY scenario, vm, architecture, parameters)),"
    " cell AS (SELECT n.*, metric, value, avg(value) OVER (PARTITION BY number, metric) AS centre"
    "  FROM numbered n JOIN scalar USING(run_id) WHERE value IS NOT NULL),"
    " spread AS (SELECT scenario, vm, architecture, point, metric, count(*) AS n,"
    "  min(centre) AS mean, CASE WHEN count(*) > 1"
    "   THEN sqrt(sum((value - centre) * (value - centre)) / (count(*) - 1)) END AS sd,"
    "  min(value) AS least, max(value) AS most, parameters, name, place"
    "  FROM cell GROUP BY number, metric),"
    " width AS (SELECT spread.*, (SELECT t FROM student95 WHERE freedom = min(n - 1, %d))"
    "  * sd / sqrt(n) AS half FROM spread)"
    " SELECT scenario, vm, architecture, point, w.metric, n, mean, half AS half_width_95,"
    "  mean - half AS low_95, mean + half AS high_95, sd, least, most, parameters, name"
    " FROM width w LEFT JOIN metric m ON m.metric = w.metric"
    " ORDER BY scenario, vm, place IS NULL, place, architecture, point, m.position IS NULL,"
    "  m.position, w.metric";

/* NULL when memory is out. Freed by sqlite3_free. */
static char *
runs_view_sql(void)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);

    sqlite3_str_appendall(
        sql, "CREATE VIEW v_runs AS SELECT r.run_id, r.scenario, r.vm, r.architecture,"
             " r.replication, r.seed, r.outcome, r.reason, r.verified, r.verify_note, r.digest,"
             " r.engine_version, r.wall_s, r.started_utc,"
             " (SELECT json_group_object(name, value) FROM"
             " (SELECT name, value FROM parameter p WHERE p.run_id = r.run_id ORDER BY name))"
             " AS parameters");
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        const char *key = gw_metric_info[i].key;
        sqlite3_str_appendf(sql,
                            ", (SELECT value FROM scalar s WHERE s.run_id = r.run_id"
                            " AND s.metric = %Q) AS \"%w\"",
                            key, key);
    }
    sqlite3_str_appendall(sql, " FROM run r");
    return sqlite3_str_finish(sql);
}

bool
gw_schema_number(struct gw_store *store, const char *sql, int64_t *value, struct gw_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;

    if (fine) {
        *value = sqlite3_column_int64(statement, 0);
    } else {
        gw_store_fail(store, "cannot be read", err);
    }
    sqlite3_finalize(statement);
    return fine;
}

static bool
no_memory(struct gw_store *store, struct gw_error *err)
{
    return gw_fail(err, GW_ENOMEM, "database %s: out of memory", store->path);
}

bool
gw_schema_finish(struct gw_store *store, sqlite3_str *sql, struct gw_error *err)
{
    char *text = sqlite3_str_finish(sql);
    bool fine = text == NULL ? no_memory(store, err) : gw_store_execute(store, text, err);

    sqlite3_free(text);
    return fine;
}

/* `sql` is freed. */
static bool
hold_view(struct gw_store *store, const char *name, char *sql, struct gw_error *err)
{
    char *known = sqlite3_mprintf("SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND"
                                  " name = %Q AND sql = %Q",
                                  name, sql);
    char *make = sqlite3_mprintf("DROP VIEW IF EXISTS %s; %s", name, sql);
    int64_t same = 0;
    bool fine = sql != NULL && known != NULL && make != NULL ? true : no_memory(store, err);

    fine = fine && gw_schema_number(store, known, &same, err);
    fine = fine && (same > 0 || gw_store_execute(store, make, err));
    sqlite3_free(sql);
    sqlite3_free(known);
    sqlite3_free(make);
    return fine;
}

/* Rows of the table metric, as VALUES. NULL when memory is out. Freed by sqlite3_free. */
static char *
metric_rows_sql(void)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);

    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        const struct gw_metric_info *info = &gw_metric_info[i];
        sqlite3_str_appendf(sql, "%s(%d, %Q, %Q, %Q)", i == 0 ? "VALUES" : ", ", (int)i, info->key,
                            info->unit, info->help);
    }
    return sqlite3_str_finish(sql);
}

static bool
hold_metrics(struct gw_store *store, struct gw_error *err)
{
    char *rows = metric_rows_sql();
    char *known = sqlite3_mprintf("SELECT (SELECT count(*) FROM metric) = %d AND"
                                  " NOT EXISTS(SELECT * FROM (%s) EXCEPT SELECT * FROM metric)",
                                  (int)GW_METRIC_COUNT, rows);
    char *make = sqlite3_mprintf("DELETE FROM metric; INSERT INTO metric %s", rows);
    int64_t same = 0;
    bool fine = rows != NULL && known != NULL && make != NULL ? true : no_memory(store, err);

    fine = fine && gw_schema_number(store, known, &same, err);
    fine = fine && (same != 0 || gw_store_execute(store, make, err));
    sqlite3_free(rows);
    sqlite3_free(known);
    sqlite3_free(make);
    return fine;
}

bool
gw_schema_views(struct gw_store *store, struct gw_error *err)
{
    return hold_metrics(store, err) && hold_view(store, "v_runs", runs_view_sql(), err) &&
           hold_view(store, "v_summary", sqlite3_mprintf(summary_sql, GW_STUDENT_ROWS), err);
}
