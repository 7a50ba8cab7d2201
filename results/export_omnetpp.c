/* export_omnetpp.c - runs as the result files of OMNeT++ 5 and 6, in their SQLite form.
 *
 * Idea      Two databases with the tables of OMNeT++'s result file schema: the scalar file has
 *           run, scalar, statistic and histogramBin, the vector file run, vector and vectorData;
 *           both say of each run what was varied. Tables, not views: its reader indexes
 *           vectorData. The module is the guest. Where the guest wrote (the series heat) has no time,
 *           so it is a histogram over the bytes of its last disk.
 * Invariant Edges of a histogram's bins rise strictly: the first from minus infinity, the last to
 *           infinity, and an empty bin wherever buckets are not neighbours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "results/export_shared.h"

static const char tables_sql[] =
    "PRAGMA page_size = 16384;"
    "BEGIN;"
    "CREATE TABLE run(runId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runName TEXT NOT NULL,"
    " simtimeExp INTEGER NOT NULL);"
    "CREATE TABLE runAttr(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT NULL"
    " REFERENCES run(runId) ON DELETE CASCADE, attrName TEXT NOT NULL, attrValue TEXT NOT NULL);"
    "CREATE TABLE runItervar(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, itervarName TEXT NOT NULL,"
    " itervarValue TEXT NOT NULL);"
    "CREATE TABLE runConfig(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, configKey TEXT NOT NULL,"
    " configValue TEXT NOT NULL, configOrder INTEGER NOT NULL);"
    "CREATE TABLE scalar(scalarId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, moduleName TEXT NOT NULL,"
    " scalarName TEXT NOT NULL, scalarValue REAL);"
    "CREATE TABLE scalarAttr(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, scalarId INTEGER"
    " NOT NULL REFERENCES scalar(scalarId) ON DELETE CASCADE, attrName TEXT NOT NULL,"
    " attrValue TEXT NOT NULL);"
    "CREATE TABLE parameter(paramId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, moduleName TEXT NOT NULL,"
    " paramName TEXT NOT NULL, paramValue TEXT NOT NULL);"
    "CREATE TABLE paramAttr(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, paramId INTEGER NOT"
    " NULL REFERENCES parameter(paramId) ON DELETE CASCADE, attrName TEXT NOT NULL,"
    " attrValue TEXT NOT NULL);"
    "CREATE TABLE statistic(statId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, moduleName TEXT NOT NULL,"
    " statName TEXT NOT NULL, isHistogram INTEGER NOT NULL, isWeighted INTEGER NOT NULL,"
    " statCount INTEGER NOT NULL, statMean REAL, statStddev REAL, statSum REAL,"
    " statSqrsum REAL, statMin REAL, statMax REAL, statWeights REAL, statWeightedSum REAL,"
    " statSqrSumWeights REAL, statWeightedSqrSum REAL);"
    "CREATE TABLE statisticAttr(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, statId INTEGER"
    " NOT NULL REFERENCES statistic(statId) ON DELETE CASCADE, attrName TEXT NOT NULL,"
    " attrValue TEXT NOT NULL);"
    "CREATE TABLE histogramBin(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, statId INTEGER"
    " NOT NULL REFERENCES statistic(statId) ON DELETE CASCADE, lowerEdge NUMERIC NOT NULL,"
    " binValue NUMERIC NOT NULL);"
    "CREATE TABLE vector(vectorId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, runId INTEGER NOT"
    " NULL REFERENCES run(runId) ON DELETE CASCADE, moduleName TEXT NOT NULL,"
    " vectorName TEXT NOT NULL, vectorCount INTEGER, vectorMin REAL, vectorMax REAL,"
    " vectorSum REAL, vectorSumSqr REAL, startEventNum INTEGER, endEventNum INTEGER,"
    " startSimtimeRaw INTEGER, endSimtimeRaw INTEGER);"
    "CREATE TABLE vectorAttr(rowId INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, vectorId INTEGER"
    " NOT NULL REFERENCES vector(vectorId) ON DELETE CASCADE, attrName TEXT NOT NULL,"
    " attrValue TEXT NOT NULL);"
    "CREATE TABLE vectorData(vectorId INTEGER NOT NULL REFERENCES vector(vectorId) ON DELETE"
    " CASCADE, eventNumber INTEGER NOT NULL, simtimeRaw INTEGER NOT NULL, value REAL NOT NULL);";

/* From the database that is exported, attached as `source`. A run's number is its place in the
 * order of run_id. Times are in ns: 10^-9 s. */
static const char runs_sql[] =
    "INSERT INTO run(runName, simtimeExp) SELECT scenario || '-' || architecture || '-' ||"
    " replication || '-' || run_id, -9 FROM source.run ORDER BY run_id;"
    "CREATE TEMP TABLE number AS SELECT row_number() OVER (ORDER BY run_id) AS runId, run_id"
    " FROM source.run;"
    "CREATE UNIQUE INDEX temp.number_by_run ON number(run_id);"
    "INSERT INTO runAttr(runId, attrName, attrValue) SELECT runId, name, value FROM ("
    " SELECT run_id, 'configname' AS name, scenario AS value FROM source.run UNION ALL"
    " SELECT run_id, 'experiment', scenario FROM source.run UNION ALL"
    " SELECT run_id, 'architecture', architecture FROM source.run UNION ALL"
    " SELECT run_id, 'replication', '#' || replication FROM source.run UNION ALL"
    " SELECT run_id, 'seedset', CAST(replication AS TEXT) FROM source.run UNION ALL"
    " SELECT run_id, 'seed', CAST(seed AS TEXT) FROM source.run UNION ALL"
    " SELECT run_id, 'outcome', outcome FROM source.run UNION ALL"
    " SELECT run_id, 'measurement', coalesce((SELECT group_concat(name || '=' || value, ', ') FROM"
    "  (SELECT name, value FROM source.parameter p WHERE p.run_id = r.run_id ORDER BY name)), '')"
    "  FROM source.run r)"
    " JOIN number USING(run_id) ORDER BY runId, name;"
    "INSERT INTO runItervar(runId, itervarName, itervarValue) SELECT runId, name, value"
    " FROM source.parameter JOIN number USING(run_id) ORDER BY runId, name;"
    "INSERT INTO runConfig(runId, configKey, configValue, configOrder)"
    " SELECT runId, name, value, position FROM source.parameter JOIN number USING(run_id)"
    " ORDER BY runId, position;";

static const char scalars_sql[] =
    "INSERT INTO scalar(runId, moduleName, scalarName, scalarValue)"
    " SELECT runId, vm, metric, value FROM source.scalar JOIN source.run USING(run_id)"
    " JOIN number USING(run_id) WHERE value IS NOT NULL ORDER BY runId, metric;"
    "INSERT INTO statistic(runId, moduleName, statName, isHistogram, isWeighted, statCount,"
    " statMean, statSum, statMin, statMax) SELECT runId, vm, distribution, 1, 0, count, mean,"
    " CAST(sum AS REAL), least, most FROM source.distribution JOIN source.run USING(run_id)"
    " JOIN number USING(run_id) ORDER BY runId, distribution;"
    "INSERT INTO statisticAttr(statId, attrName, attrValue)"
    " SELECT statId, 'unit', 'ns' FROM statistic ORDER BY statId;";

/* ---- plumbing ---------------------------------------------------------------------------------------- */

struct exporting {
    struct gw_store *source;
    struct gw_store target; /* its database and path alone are used, for messages */
};

static bool
begin_file(struct exporting *exporting, const char *path, struct gw_error *err)
{
    struct gw_store *target = &exporting->target;

    remove(path);
    target->path = (char *)(uintptr_t)path;
    char *name = gw_store_name(path, true);
    int status =
        name == NULL
            ? SQLITE_NOMEM
            : sqlite3_open_v2(name, &target->database,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL);
    sqlite3_free(name);
    if (status != SQLITE_OK) {
        return gw_store_fail(target, "cannot be made", err);
    }
    name = gw_store_name(exporting->source->path, false);
    char *attach = name == NULL ? NULL : sqlite3_mprintf("ATTACH %Q AS source", name);
    sqlite3_free(name);
    bool fine = attach != NULL && gw_store_execute(target, "PRAGMA synchronous = OFF", err) &&
                gw_store_execute(target, attach, err) &&
                gw_store_execute(target, tables_sql, err) &&
                gw_store_execute(target, runs_sql, err);
    sqlite3_free(attach);
    return fine;
}

static bool
end_file(struct exporting *exporting, bool fine, struct gw_error *err)
{
    fine = fine && gw_store_execute(&exporting->target, "COMMIT; DROP TABLE temp.number", err);
    sqlite3_close(exporting->target.database);
    if (!fine && exporting->target.path != NULL) {
        remove(exporting->target.path);
    }
    exporting->target = (struct gw_store){0};
    return fine;
}

/* Steps a statement that gives no rows, and makes it ready for the next time. */
static bool
insert(sqlite3_stmt *statement)
{
    bool fine = sqlite3_step(statement) == SQLITE_DONE;

    sqlite3_reset(statement);
    return fine;
}

static bool
prepare(struct gw_store *store, const char *sql, sqlite3_stmt **statement, struct gw_error *err)
{
    *statement = NULL;
    return sqlite3_prepare_v2(store->database, sql, -1, statement, NULL) == SQLITE_OK ||
           gw_store_fail(store, "cannot be exported", err);
}

/* ---- histograms -------------------------------------------------------------------------------------- */

struct bins {
    sqlite3_stmt *insert;
    sqlite3_int64 statistic;
    int64_t next; /* edge where the bin before ends */
};

static const char bin_sql[] =
    "INSERT INTO histogramBin(statId, lowerEdge, binValue) VALUES(?1, ?2, ?3)";

static bool
add_bin(const struct bins *bins, double edge, int64_t count)
{
    sqlite3_bind_int64(bins->insert, 1, bins->statistic);
    sqlite3_bind_double(bins->insert, 2, edge);
    sqlite3_bind_int64(bins->insert, 3, count);
    return insert(bins->insert);
}

/* The bin after the last one of a histogram: nothing lies above. */
static bool
close_bins(struct bins *bins)
{
    return bins->statistic == 0 || add_bin(bins, (double)bins->next, 0);
}

static bool
add_bucket(struct bins *bins, sqlite3_stmt *row)
{
    sqlite3_int64 statistic = sqlite3_column_int64(row, 0);
    int64_t lowest = sqlite3_column_int64(row, 1);
    bool fine = true;

    if (statistic != bins->statistic) {
        fine = close_bins(bins);
        bins->statistic = statistic;
        fine = fine && add_bin(bins, (double)-INFINITY, 0);
    } else if (lowest > bins->next) {
        fine = add_bin(bins, (double)bins->next, 0);
    }
    size_t bucket = gw_histogram_bucket(lowest);
    bins->next = bucket + 1 < GW_HISTOGRAM_BUCKETS ? gw_histogram_lowest(bucket + 1) : INT64_MAX;
    return fine && add_bin(bins, (double)lowest, sqlite3_column_int64(row, 2));
}

static bool
export_bins(struct gw_store *target, struct gw_error *err)
{
    struct bins bins = {0};
    sqlite3_stmt *row = NULL;
    bool fine =
        prepare(target,
                "SELECT statId, lowest, h.count FROM source.hist h JOIN source.run USING(run_id)"
                " JOIN number USING(run_id) JOIN statistic ON statistic.runId = number.runId"
                " AND statName = h.distribution ORDER BY statId, lowest",
                &row, err) &&
        prepare(target, bin_sql, &bins.insert, err);
    bool written = fine;

    while (written && sqlite3_step(row) == SQLITE_ROW) {
        written = add_bucket(&bins, row);
    }
    written = written && close_bins(&bins);
    if (fine && !written) {
        fine = gw_store_fail(target, "cannot be written", err);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(bins.insert);
    return fine;
}

/* ---- where the guest wrote --------------------------------------------------------------------------- */

struct heat {
    struct exporting *exporting;
    sqlite3_stmt *statistic;
    sqlite3_stmt *attribute;
    struct bins bins;
};

/* Regions are equally long; the length of a single one is not known, any will do. */
static double
end_of_heat(const struct gw_series *series)
{
    const double *last = &series->values[(series->rows - 1) * series->columns];

    return last[0] + (series->rows > 1 ? last[0] - last[-(ptrdiff_t)series->columns] : 1.0);
}

static bool
add_regions(struct heat *heat, const struct gw_series *series)
{
    bool fine = add_bin(&heat->bins, (double)-INFINITY, 0);

    for (size_t i = 0; i < series->rows && fine; i++) {
        const double *region = &series->values[i * series->columns];

        fine = add_bin(&heat->bins, region[0], (int64_t)region[1]);
    }
    return fine && add_bin(&heat->bins, end_of_heat(series), 0);
}

/* Where in its region a write was is not known, so a mean is not given. */
static bool
add_heat(struct heat *heat, sqlite3_stmt *run, const struct gw_series *series)
{
    double writes = 0;

    for (size_t i = 0; i < series->rows; i++) {
        writes += series->values[i * series->columns + 1];
    }
    if (!(writes > 0)) {
        return true;
    }
    sqlite3_bind_int64(heat->statistic, 1, sqlite3_column_int64(run, 0));
    sqlite3_bind_value(heat->statistic, 2, sqlite3_column_value(run, 2));
    sqlite3_bind_int64(heat->statistic, 3, (int64_t)writes);
    sqlite3_bind_double(heat->statistic, 4, series->values[0]);
    sqlite3_bind_double(heat->statistic, 5, end_of_heat(series));
    bool fine = insert(heat->statistic);
    heat->bins.statistic = sqlite3_last_insert_rowid(heat->exporting->target.database);
    sqlite3_bind_int64(heat->attribute, 1, heat->bins.statistic);
    return fine && insert(heat->attribute) && add_regions(heat, series);
}

static bool
export_heat_of(struct heat *heat, sqlite3_stmt *run, struct gw_error *err)
{
    struct gw_series series = {0};
    bool fine =
        gw_store_read_series(heat->exporting->source, (const char *)sqlite3_column_text(run, 1),
                             GW_SERIES_HEAT, &series, err);

    fine = fine && (add_heat(heat, run, &series) ||
                    gw_store_fail(&heat->exporting->target, "cannot be written", err));
    free(series.t_ns);
    free(series.values);
    return fine;
}

static const char guests_sql[] =
    "SELECT runId, run_id, vm FROM number JOIN source.run USING(run_id) ORDER BY runId";

static bool
export_heat(struct exporting *exporting, struct gw_error *err)
{
    struct gw_store *target = &exporting->target;
    struct heat heat = {.exporting = exporting};
    sqlite3_stmt *run = NULL;
    bool fine = prepare(target, guests_sql, &run, err) &&
                prepare(target,
                        "INSERT INTO statistic(runId, moduleName, statName, isHistogram,"
                        " isWeighted, statCount, statMin, statMax)"
                        " VALUES(?1, ?2, 'heat:histogram', 1, 0, ?3, ?4, ?5)",
                        &heat.statistic, err) &&
                prepare(target,
                        "INSERT INTO statisticAttr(statId, attrName, attrValue)"
                        " VALUES(?1, 'unit', 'B')",
                        &heat.attribute, err) &&
                prepare(target, bin_sql, &heat.bins.insert, err);

    while (fine && sqlite3_step(run) == SQLITE_ROW) {
        fine = export_heat_of(&heat, run, err);
    }
    sqlite3_finalize(run);
    sqlite3_finalize(heat.statistic);
    sqlite3_finalize(heat.attribute);
    sqlite3_finalize(heat.bins.insert);
    return fine;
}

/* ---- vectors ----------------------------------------------------------------------------------------- */

struct vectors {
    struct exporting *exporting;
    sqlite3_stmt *vector;
    sqlite3_stmt *data;
};

struct vector_sums {
    int64_t count;
    double least, most, sum, squares;
};

static bool
add_points(struct vectors *vectors, sqlite3_int64 vector, const struct gw_series *series,
           size_t column, struct vector_sums *sums)
{
    bool fine = true;

    *sums = (struct vector_sums){0, INFINITY, -INFINITY, 0, 0};
    for (size_t i = 0; i < series->rows && fine; i++) {
        double value = series->values[i * series->columns + column];

        if (!isfinite(value)) {
            continue;
        }
        sqlite3_bind_int64(vectors->data, 1, vector);
        sqlite3_bind_int64(vectors->data, 2, sums->count++);
        sqlite3_bind_int64(vectors->data, 3, series->t_ns[i]);
        sqlite3_bind_double(vectors->data, 4, value);
        fine = insert(vectors->data);
        sums->least = fmin(sums->least, value);
        sums->most = fmax(sums->most, value);
        sums->sum += value;
        sums->squares += value * value;
    }
    return fine;
}

/* One column of a series is a vector "iops.guest_read_iops". */
static bool
add_vector(struct vectors *vectors, sqlite3_stmt *run, const struct gw_series *series,
           enum gw_series_id id, size_t column)
{
    sqlite3 *database = vectors->exporting->target.database;
    struct vector_sums sums;
    char name[128];

    snprintf(name, sizeof name, "%s.%s", gw_series_info[id].name,
             gw_series_info[id].columns[column]);
    sqlite3_bind_int64(vectors->vector, 1, sqlite3_column_int64(run, 0));
    sqlite3_bind_value(vectors->vector, 2, sqlite3_column_value(run, 2));
    sqlite3_bind_text(vectors->vector, 3, name, -1, SQLITE_TRANSIENT);
    bool fine = insert(vectors->vector);
    sqlite3_int64 vector = sqlite3_last_insert_rowid(database);
    fine = fine && add_points(vectors, vector, series, column, &sums);
    if (!fine || sums.count == 0) {
        return fine;
    }
    char *sql = sqlite3_mprintf(
        "UPDATE vector SET vectorCount = %lld, vectorMin = %!.17g, vectorMax = %!.17g,"
        " vectorSum = %!.17g, vectorSumSqr = %!.17g, startEventNum = 0, endEventNum = %lld,"
        " startSimtimeRaw = %lld, endSimtimeRaw = %lld WHERE vectorId = %lld",
        (long long)sums.count, sums.least, sums.most, sums.sum, sums.squares,
        (long long)sums.count - 1, (long long)series->t_ns[0],
        (long long)series->t_ns[series->rows - 1], (long long)vector);
    fine = sql != NULL && sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(sql);
    return fine;
}

static bool
add_series(struct vectors *vectors, sqlite3_stmt *run, enum gw_series_id id, struct gw_error *err)
{
    struct gw_store *target = &vectors->exporting->target;
    struct gw_series series = {0};
    bool fine = gw_store_read_series(vectors->exporting->source,
                                     (const char *)sqlite3_column_text(run, 1), id, &series, err);

    for (size_t i = 0; fine && series.rows > 0 && i < series.columns; i++) {
        fine = add_vector(vectors, run, &series, id, i) ||
               gw_store_fail(target, "cannot be written", err);
    }
    free(series.t_ns);
    free(series.values);
    return fine;
}

static bool
export_vectors(struct exporting *exporting, struct gw_error *err)
{
    struct gw_store *target = &exporting->target;
    struct vectors vectors = {.exporting = exporting};
    sqlite3_stmt *run = NULL;
    bool fine =
        prepare(target, guests_sql, &run, err) &&
        prepare(target, "INSERT INTO vector(runId, moduleName, vectorName) VALUES(?1, ?2, ?3)",
                &vectors.vector, err) &&
        prepare(target, "INSERT INTO vectorData VALUES(?1, ?2, ?3, ?4)", &vectors.data, err);

    while (fine && sqlite3_step(run) == SQLITE_ROW) {
        for (size_t i = 0; i < GW_SERIES_COUNT && fine; i++) {
            fine = i == GW_SERIES_HEAT || add_series(&vectors, run, (enum gw_series_id)i, err);
        }
    }
    sqlite3_finalize(run);
    sqlite3_finalize(vectors.vector);
    sqlite3_finalize(vectors.data);
    return fine;
}

bool
gw_export_omnetpp(struct gw_store *store, const char *scalar_path, const char *vector_path,
                  struct gw_error *err)
{
    struct exporting exporting = {.source = store};
    bool fine = begin_file(&exporting, scalar_path, err) &&
                gw_store_execute(&exporting.target, scalars_sql, err) &&
                export_bins(&exporting.target, err) && export_heat(&exporting, err);

    if (!end_file(&exporting, fine, err)) {
        return false;
    }
    fine = begin_file(&exporting, vector_path, err) && export_vectors(&exporting, err);
    return end_file(&exporting, fine, err);
}
