/* test_schema.c - pins: files of the first and of the second version are brought up to date, with a
 * backup, and lose nothing; they can be read as they are, and merged; v_summary says what the
 * statistics of godwit say, in the order of the study and of the metrics, without metrics that have no
 * value; the table of metrics and the views follow the program; attempts of runs that crash.
 * Does not pin: a run that comes back whole (test_store.c), how far studies are (test_study_store.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <sqlite3.h>

#include "results/statistics.h"
#include "results/study_store.h"
#include "tests/support/database_rig.h"
#include "tests/support/near.h"
#include "tests/support/sample_result.h"

/* The tables as the first version made them, and what the second one added. */
static const char first_sql[] =
    "CREATE TABLE config(hash TEXT PRIMARY KEY, canonical TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE run("
    " run_id TEXT PRIMARY KEY, config_hash TEXT NOT NULL REFERENCES config(hash),"
    " scenario TEXT NOT NULL, vm TEXT NOT NULL, architecture TEXT NOT NULL,"
    " replication INTEGER NOT NULL, seed INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT,"
    " verified INTEGER NOT NULL, verify_note TEXT NOT NULL, digest TEXT NOT NULL,"
    " engine_version TEXT NOT NULL, wall_s REAL, started_utc TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX run_by_study ON run(scenario, vm, architecture, replication);"
    "CREATE TABLE parameter(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(run_id, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE scalar(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " metric TEXT NOT NULL, value REAL, PRIMARY KEY(run_id, metric)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE distribution(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " distribution TEXT NOT NULL, count INTEGER NOT NULL, least INTEGER NOT NULL,"
    " most INTEGER NOT NULL, sum TEXT NOT NULL, mean REAL NOT NULL, p50 INTEGER NOT NULL,"
    " p95 INTEGER NOT NULL, p99 INTEGER NOT NULL, PRIMARY KEY(run_id, distribution))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE hist(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " distribution TEXT NOT NULL, lowest INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY(run_id, distribution, lowest)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE series(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " name TEXT NOT NULL, columns TEXT NOT NULL, rows INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY(run_id, name)) STRICT;"
    "CREATE TABLE iteration(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, t_s REAL NOT NULL, number INTEGER, started_s REAL,"
    " duration_s REAL, copied_bytes INTEGER, dirty_bytes INTEGER, hot_bytes INTEGER,"
    " PRIMARY KEY(run_id, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE phase(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE,"
    " position INTEGER NOT NULL, t_s REAL NOT NULL, phase TEXT NOT NULL,"
    " PRIMARY KEY(run_id, position)) STRICT, WITHOUT ROWID;";

static const char second_sql[] =
    "CREATE TABLE study(study TEXT PRIMARY KEY, plan_hash TEXT NOT NULL, arguments TEXT NOT NULL,"
    " created_utc TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE study_run(study TEXT NOT NULL REFERENCES study ON DELETE CASCADE,"
    " position INTEGER NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY(study, position))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX study_run_by_run ON study_run(run_id);"
    "CREATE TABLE failure(run_id TEXT PRIMARY KEY, error TEXT NOT NULL, repro TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE VIEW v_study AS SELECT s.study, s.position, s.run_id,"
    " CASE WHEN r.run_id IS NOT NULL THEN 'done' WHEN f.run_id IS NOT NULL THEN 'failed'"
    "  ELSE 'planned' END AS status,"
    " CASE WHEN r.run_id IS NULL THEN f.error END AS error,"
    " CASE WHEN r.run_id IS NULL THEN f.repro END AS repro"
    " FROM study_run s LEFT JOIN run r USING(run_id) LEFT JOIN failure f USING(run_id);";

static const char old_views_sql[] =
    "CREATE VIEW v_runs AS SELECT run_id, scenario, vm, architecture, '{}' AS parameters FROM run;"
    "CREATE VIEW v_summary AS"
    " WITH cell AS (SELECT v.scenario, v.vm, v.architecture, v.parameters, s.metric, s.value,"
    "  avg(s.value) OVER (PARTITION BY v.scenario, v.vm, v.architecture, v.parameters, s.metric)"
    "  AS mean FROM v_runs v JOIN scalar s USING(run_id))"
    " SELECT scenario, vm, architecture, parameters, metric, count(value) AS n,"
    "  avg(value) AS mean,"
    "  CASE WHEN count(value) > 1"
    "   THEN sqrt(sum((value - mean) * (value - mean)) / (count(value) - 1)) END AS sd,"
    "  min(value) AS least, max(value) AS most"
    " FROM cell GROUP BY scenario, vm, architecture, parameters, metric;";

/* Three runs of one point and one that crashed. The last metric has no value. */
static const char rows_sql[] =
    "INSERT INTO config VALUES('c', '{}');"
    "INSERT INTO run SELECT 'run' || value, 'c', 'a', 'vm1', 'dbt', value, 1, 'completed', NULL, 1,"
    " '', 'd' || value, '1', 0.5, '' FROM (SELECT 0 AS value UNION SELECT 1 UNION SELECT 2);"
    "INSERT INTO parameter SELECT run_id, 0, 'workload.oio', '16' FROM run;"
    "INSERT INTO distribution SELECT run_id, 'stun', 5, 7, 901, '2000', 400, 7, 901, 901 FROM run;"
    "INSERT INTO hist SELECT run_id, 'stun', 900, 2 FROM run;"
    "INSERT INTO hist SELECT run_id, 'stun', 7, 3 FROM run;"
    "INSERT INTO scalar SELECT run_id, 'downtime_s', 0.1 + 0.25 * replication FROM run;"
    "INSERT INTO scalar SELECT run_id, 'penalty_defer_s', NULL FROM run;";

static const char study_rows_sql[] =
    "INSERT INTO study VALUES('s', 'h', '[]', '');"
    "INSERT INTO study_run SELECT 's', replication, run_id FROM run;"
    "INSERT INTO study_run VALUES('s', 3, 'run3');"
    "INSERT INTO failure VALUES('run3', 'died', 'godwit run a.yaml');";

static int
remove_files(void **state)
{
    (void)state;
    return system("rm -f test_schema.*");
}

static void
assert_answer(const char *file, const char *sql, int wanted)
{
    double got = database_number(file, sql);

    if (!(fabs(got - wanted) < 1e-9)) {
        fail_msg("%s: %g instead of %d", sql, got, wanted);
    }
}

static void
make_old(const char *file, int version)
{
    database_tell(file, first_sql);
    database_tell(file, old_views_sql);
    database_tell(file, rows_sql);
    if (version == 2) {
        database_tell(file, second_sql);
        database_tell(file, study_rows_sql);
    }
    database_tell(file, "PRAGMA application_id = 0x47445754");
    database_tell(file, version == 1 ? "PRAGMA user_version = 1" : "PRAGMA user_version = 2");
}

static struct gw_store *
open_file(const char *file, bool writable)
{
    struct gw_error err = {0};
    struct gw_store *store = gw_store_open(file, writable, &err);

    if (store == NULL) {
        fail_msg("%s", err.message);
    }
    return store;
}

static void
bring_up_to_date(const char *file)
{
    gw_store_close(open_file(file, true));
}

struct failures {
    int count;
    int64_t attempts;
};

static void
note(void *self, const char *error, const char *repro, int64_t attempts)
{
    struct failures *failures = self;

    assert_string_equal(repro, "godwit run a.yaml");
    assert_true(strlen(error) > 0);
    failures->count++;
    failures->attempts = attempts;
}

static void
assert_attempts(struct gw_store *store, int64_t wanted)
{
    struct failures failures = {0};
    struct gw_error err = {0};

    assert_true(gw_store_each_failure(store, "s", note, &failures, &err));
    assert_int_equal(failures.count, 1);
    assert_int_equal(failures.attempts, wanted);
}

static void
assert_histograms(const char *file)
{
    assert_answer(file, "SELECT count(*) FROM distribution WHERE buckets = '[[7,3],[900,2]]'", 3);
    assert_answer(file, "SELECT sum(lowest * count) FROM hist WHERE distribution = 'stun'",
                  3 * (7 * 3 + 900 * 2));
}

static void
test_first_and_second_version(void **state)
{
    (void)state;
    for (int version = 1; version <= 2; version++) {
        char backup[48];

        remove_files(NULL);
        make_old("test_schema.db", version);
        bring_up_to_date("test_schema.db");
        snprintf(backup, sizeof backup, "test_schema.db.v%d.backup", version);
        assert_answer(backup, "PRAGMA user_version", version);
        assert_answer(backup, "SELECT count(*) FROM run", 3);
        assert_answer("test_schema.db", "PRAGMA user_version", 4);
        assert_answer("test_schema.db", "SELECT count(*) FROM run", 3);
        assert_answer("test_schema.db", "SELECT count(*) FROM scalar", 6);
        assert_answer("test_schema.db", "SELECT count(*) FROM v_study", version == 2 ? 4 : 0);
        assert_answer("test_schema.db", "SELECT count(*) FROM v_summary", 1);
        assert_answer("test_schema.db", "SELECT n FROM v_summary", 3);
        assert_answer("test_schema.db", "SELECT count(*) FROM student95", 200);
        assert_histograms("test_schema.db");
        assert_int_equal(remove(backup), 0);
        bring_up_to_date("test_schema.db");
        assert_int_equal(access(backup, F_OK), -1);
    }
}

static void
test_attempts(void **state)
{
    struct gw_error err = {0};
    struct gw_store *store;

    (void)state;
    make_old("test_schema.db", 2);
    store = open_file("test_schema.db", false);
    assert_attempts(store, 1);
    gw_store_close(store);
    store = open_file("test_schema.db", true);
    assert_attempts(store, 1);
    assert_true(gw_store_put_failure(store, "run3", "died again", "godwit run a.yaml", &err));
    assert_true(gw_store_put_failure(store, "run3", "died again", "godwit run a.yaml", &err));
    assert_attempts(store, 3);
    gw_store_close(store);
    assert_answer("test_schema.db",
                  "SELECT attempts FROM v_study WHERE status = 'failed' AND error = 'died again'",
                  3);
    assert_answer("test_schema.db", "SELECT count(attempts) FROM v_study", 1);
}

static void
test_old_files_are_merged(void **state)
{
    struct gw_error err = {0};
    struct gw_store *store;

    (void)state;
    make_old("test_schema.one", 1);
    make_old("test_schema.two", 2);
    make_old("test_schema.three", 2);
    store = open_file("test_schema.three", true);
    assert_true(gw_store_put_failure(store, "run3", "died again", "godwit run a.yaml", &err));
    gw_store_close(store);
    store = open_file("test_schema.db", true);
    for (int i = 0; i < 2; i++) {
        assert_true(gw_store_merge(store, "test_schema.one", &err));
        assert_true(gw_store_merge(store, "test_schema.two", &err));
        assert_attempts(store, i == 0 ? 1 : 2);
        assert_true(gw_store_merge(store, "test_schema.three", &err));
        assert_attempts(store, 2);
    }
    gw_store_close(store);
    assert_histograms("test_schema.db");
    assert_answer("test_schema.db", "SELECT count(*) FROM run", 3);
    assert_answer("test_schema.db", "SELECT n FROM v_summary", 3);
}

static void
test_united_bytes_do_not_depend_on_versions(void **state)
{
    static const char *const files[] = {"test_schema.two", "test_schema.three"};
    static const char *const outs[] = {"test_schema.out2", "test_schema.out3"};
    struct gw_error err = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make_old(files[i], 2);
        if (i == 1) {
            bring_up_to_date(files[i]);
        }
        if (!gw_store_unite(&files[i], 1, outs[i], &err)) {
            fail_msg("%s", err.message);
        }
    }
    assert_histograms(outs[0]);
    assert_int_equal(system("cmp test_schema.out2 test_schema.out3"), 0);
}

static void
put_samples(int count)
{
    struct gw_store *store = open_file("test_schema.db", true);
    struct gw_error err = {0};

    for (int i = 0; i < count; i++) {
        struct gw_result result;

        gw_sample_result(&result, "study", "dbt", i % 2 == 0 ? 16 : 4, i);
        assert_true(gw_store_put(store, &result, &err));
        gw_result_clear(&result);
    }
    gw_store_close(store);
}

/* As the library of godwit sums up the same values. */
static void
summary_of(const char *sql, struct gw_summary *summary)
{
    double values[512];
    size_t count = 0;
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open("test_schema.db", &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW && count < 512) {
        values[count++] = sqlite3_column_double(statement, 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    gw_summary_of(values, count, 0.95, summary);
}

#define POINT " FROM v_summary WHERE metric = 'migration_time_s' AND point = 'workload.oio=16'"

static void
test_intervals(void **state)
{
    struct gw_summary wanted;

    (void)state;
    put_samples(14);
    summary_of("SELECT migration_time_s FROM v_runs"
               " WHERE parameters ->> '$.\"workload.oio\"' = '16'",
               &wanted);
    assert_int_equal(wanted.count, 7);
    assert_answer("test_schema.db", "SELECT n" POINT, 7);
    assert_near(database_number("test_schema.db", "SELECT mean" POINT), wanted.mean);
    assert_near(database_number("test_schema.db", "SELECT sd" POINT), wanted.deviation);
    assert_near(database_number("test_schema.db", "SELECT half_width_95" POINT), wanted.half_width);
    assert_near(database_number("test_schema.db", "SELECT low_95" POINT),
                wanted.mean - wanted.half_width);
    assert_near(database_number("test_schema.db", "SELECT high_95" POINT),
                wanted.mean + wanted.half_width);
    assert_near(database_number("test_schema.db", "SELECT most" POINT), wanted.most);
    for (int freedom = 1; freedom <= 200; freedom++) {
        char sql[80];
        snprintf(sql, sizeof sql, "SELECT t FROM student95 WHERE freedom = %d", freedom);
        assert_near(database_number("test_schema.db", sql), gsl_cdf_tdist_Pinv(0.975, freedom));
    }
}

static void
test_single_runs_and_many(void **state)
{
    struct gw_summary wanted;

    (void)state;
    put_samples(1);
    assert_answer("test_schema.db", "SELECT n" POINT, 1);
    assert_answer("test_schema.db",
                  "SELECT sd IS NULL AND half_width_95 IS NULL AND low_95 IS NULL" POINT, 1);
    database_tell(
        "test_schema.db",
        "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 400)"
        " INSERT INTO run SELECT 'run' || i, config_hash, 'many', vm, architecture, i, seed,"
        " outcome, reason, verified, verify_note, digest, engine_version, wall_s, started_utc"
        " FROM run, k;"
        "INSERT INTO scalar SELECT run_id, 'downtime_s', 1e9 + replication % 7 FROM run"
        " WHERE scenario = 'many'");
    summary_of("SELECT downtime_s FROM v_runs WHERE scenario = 'many'", &wanted);
    assert_int_equal(wanted.count, 400);
    assert_near(
        database_number("test_schema.db", "SELECT sd FROM v_summary WHERE scenario = 'many'"),
        wanted.deviation);
    double half = database_number("test_schema.db", "SELECT half_width_95 FROM v_summary"
                                                    " WHERE scenario = 'many'");
    assert_near(half, gsl_cdf_tdist_Pinv(0.975, 200) * wanted.deviation / 20.0);
    assert_true(half > wanted.half_width && half < 1.0062 * wanted.half_width);
}

static void
test_order_and_points(void **state)
{
    (void)state;
    make_old("test_schema.db", 2);
    database_tell(
        "test_schema.db",
        "INSERT INTO parameter SELECT run_id, 1, 'seed', replication FROM run;"
        "INSERT INTO parameter SELECT run_id, 2, 'migration.architecture', 'dbt' FROM run;"
        "INSERT INTO scalar SELECT run_id, 'unheard_of', 1 FROM run;"
        "INSERT INTO scalar SELECT run_id, 'migration_time_s', 2 FROM run;"
        "INSERT INTO scalar SELECT run_id, 'events', 2 FROM run;"
        "UPDATE parameter SET value = '4' WHERE name = 'workload.oio' AND run_id = 'run2'");
    bring_up_to_date("test_schema.db");
    assert_answer("test_schema.db", "SELECT count(DISTINCT point) FROM v_summary", 2);
    assert_answer("test_schema.db", "SELECT point = 'workload.oio=16' FROM v_summary LIMIT 1", 1);
    assert_answer("test_schema.db", "SELECT n FROM v_summary LIMIT 1", 2);
    assert_answer("test_schema.db",
                  "SELECT group_concat(metric) = 'migration_time_s,downtime_s,events,unheard_of'"
                  " FROM (SELECT metric FROM v_summary LIMIT 4)",
                  1);
    assert_answer(
        "test_schema.db",
        "SELECT parameters = '{\"migration.architecture\":\"dbt\",\"workload.oio\":\"16\"}'"
        " FROM v_summary LIMIT 1",
        1);
}

static void
test_a_file_that_cannot_be_sealed_says_why(void **state)
{
    struct gw_error err = {0};

    (void)state;
    put_samples(1);
    database_tell("test_schema.db", "DROP TABLE seal; DROP TABLE run; PRAGMA user_version = 3");
    assert_null(gw_store_open("test_schema.db", true, &err));
    assert_int_equal(err.code, GW_EDB);
    assert_string_equal(err.message, "database test_schema.db: cannot be read: no such table: run");
}

/* A run may be in two studies, and only one of them names the point. */
static void
test_a_name_does_not_split_a_point(void **state)
{
    (void)state;
    put_samples(6);
    database_tell("test_schema.db",
                  "INSERT INTO parameter SELECT run_id, 1, 'point', 'few' FROM run"
                  " WHERE replication = 2");
    assert_answer("test_schema.db", "SELECT count(*)" POINT, 1);
    assert_answer("test_schema.db", "SELECT n" POINT, 3);
    assert_answer("test_schema.db", "SELECT name = 'few'" POINT, 1);
    assert_answer("test_schema.db", "SELECT count(DISTINCT parameters) FROM v_summary", 2);
    assert_answer("test_schema.db", "SELECT count(name) FROM v_summary WHERE point LIKE '%=4'", 0);
}

static void
test_views_follow_the_program(void **state)
{
    static const char *const damages[] = {
        "DELETE FROM metric WHERE position = 3",
        "UPDATE metric SET help = 'other' WHERE position = 3",
        "INSERT INTO metric VALUES(1000, 'gone_by', 's', 'no more')",
        "DROP VIEW v_summary; CREATE VIEW v_summary AS SELECT 1 AS n",
        "DROP VIEW v_runs",
    };

    (void)state;
    put_samples(2);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        database_tell("test_schema.db", damages[i]);
        bring_up_to_date("test_schema.db");
        assert_answer("test_schema.db", "SELECT count(*) FROM metric", GW_METRIC_COUNT);
        assert_answer("test_schema.db", "SELECT count(*) FROM metric WHERE help = 'other'", 0);
        assert_answer("test_schema.db", "SELECT position FROM metric WHERE metric = 'downtime_s'",
                      GW_METRIC_DOWNTIME_S);
        assert_answer("test_schema.db", "SELECT count(*) FROM v_runs", 2);
        assert_answer("test_schema.db", "SELECT count(mean)" POINT, 1);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, remove_files, remove_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_first_and_second_version),
        TEST(test_attempts),
        TEST(test_old_files_are_merged),
        TEST(test_united_bytes_do_not_depend_on_versions),
        TEST(test_intervals),
        TEST(test_single_runs_and_many),
        TEST(test_order_and_points),
        TEST(test_a_file_that_cannot_be_sealed_says_why),
        TEST(test_a_name_does_not_split_a_point),
        TEST(test_views_follow_the_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
