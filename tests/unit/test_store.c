/* test_store.c - pins that a run comes back whole, that broken determinism is refused, and that
 * unusable files and a full disk give one clear error and lose nothing, that files are read where
 * nothing may be written, and under any name. Power cuts are SQLite's own tests' business.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "results/store.h"
#include "tests/support/database_rig.h"
#include "tests/support/sample_result.h"

static const char path[] = "test_store.db";
static const char other_path[] = "test_store_other.db";

static int
remove_files(void **state)
{
    static const char *const names[] = {"test_store.db",           "test_store.db-wal",
                                        "test_store.db-shm",       "test_store_other.db",
                                        "test_store_other.db-wal", "test_store_other.db-shm"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        remove(names[i]);
    }
    return 0;
}

static void
put_sample(const char *file, const char *architecture, int oio, int replication)
{
    struct gw_error err = {0};
    struct gw_result result;
    struct gw_store *store = gw_store_open(file, true, &err);

    assert_non_null(store);
    gw_sample_result(&result, "study", architecture, oio, replication);
    assert_true(gw_store_put(store, &result, &err));
    gw_result_clear(&result);
    gw_store_close(store);
}

static void
test_result_comes_back_whole(void **state)
{
    struct gw_error err = {0};
    struct gw_result_list list;
    struct gw_result sample;
    char wanted[33];
    char got[33];

    (void)state;
    put_sample(path, "dbt", 16, 3);
    gw_sample_result(&sample, "study", "dbt", 16, 3);
    gw_result_digest(&sample, wanted);
    struct gw_store *store = gw_store_open(path, false, &err);
    assert_non_null(store);
    assert_true(gw_store_read(store, &list, &err));
    assert_int_equal(list.count, 1);
    gw_result_digest(list.pointers[0], got);
    assert_string_equal(got, wanted);
    assert_string_equal(list.results[0].parameter_values[1], "16");
    gw_result_list_clear(&list);

    struct gw_series series = {0};
    assert_true(gw_store_read_series(store, sample.run_id, GW_SERIES_IOPS, &series, &err));
    assert_int_equal(series.rows, sample.series[GW_SERIES_IOPS].rows);
    assert_memory_equal(series.values, sample.series[GW_SERIES_IOPS].values,
                        series.rows * series.columns * sizeof(double));
    free(series.t_ns);
    free(series.values);
    gw_store_close(store);
    gw_result_clear(&sample);
}

static void
test_views_and_rows(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        put_sample(path, "dbt", 16, i);
    }
    assert_int_equal(database_ask(path, "SELECT count(*) FROM v_runs WHERE migration_time_s > 500"),
                     3);
    assert_int_equal(database_ask(path, "SELECT n FROM v_summary WHERE metric = 'downtime_s'"), 3);
    assert_int_equal(database_ask(path, "SELECT round(1e6 * sd) FROM v_summary"
                                        " WHERE metric = 'migration_time_s'"),
                     1230769);
    assert_int_equal(database_ask(path,
                                  "SELECT count(*) FROM scalar WHERE metric = 'penalty_defer_s'"
                                  " AND value IS NULL"),
                     3);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM iteration"), 30);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM phase WHERE phase = 'switch-over'"),
                     3);
    assert_int_equal(database_ask(path, "SELECT sum(count) FROM hist"), 3000);
    assert_int_equal(database_ask(path, "PRAGMA user_version"), 4);
    assert_int_equal(database_ask(path, "PRAGMA application_id"), 0x47445754);
}

static void
test_same_run_twice_is_one(void **state)
{
    (void)state;
    put_sample(path, "mirror", 4, 0);
    put_sample(path, "mirror", 4, 0);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM run"), 1);
}

static void
test_broken_determinism_is_refused(void **state)
{
    struct gw_error err = {0};
    struct gw_result result;

    (void)state;
    put_sample(path, "mirror", 4, 0);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    gw_sample_result(&result, "study", "mirror", 4, 0);
    result.metric[GW_METRIC_DOWNTIME_S] = 77.0;
    assert_false(gw_store_put(store, &result, &err));
    assert_int_equal(err.code, GW_EDB);
    assert_non_null(strstr(err.message, "determinism broken"));
    gw_result_clear(&result);
    gw_store_close(store);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM scalar WHERE value = 77"), 0);
}

static void
assert_refused(const char *file, bool writable, enum gw_code code, const char *words)
{
    struct gw_error err = {0};

    assert_null(gw_store_open(file, writable, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, words));
    assert_null(strchr(err.message, '\n'));
}

static void
test_unusable_files(void **state)
{
    (void)state;
    assert_refused("no_such.db", false, GW_ENOENT, "no such file");
    assert_refused(".", true, GW_EDB, "directory");
    assert_refused("no_such_directory/x.db", true, GW_EDB, "folder cannot be written to");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is not a database, but long enough to be looked at as one.......", file);
    fclose(file);
    assert_refused(path, false, GW_EDB, "not a database");
    assert_refused(path, true, GW_EDB, "not a database");
}

static void
test_strangers_and_newer_ones_are_left_alone(void **state)
{
    (void)state;
    database_tell(path, "CREATE TABLE holiday(day TEXT)");
    assert_refused(path, true, GW_EDB, "not a result database");
    put_sample(other_path, "dbt", 2, 0);
    database_tell(other_path, "PRAGMA user_version = 99");
    assert_refused(other_path, true, GW_EDB, "99");
    assert_refused(other_path, false, GW_EDB, "99");
}

/* A limit on file sizes stands for the full disk: the same failed write, and root has it too. */
static void
test_full_disk_loses_nothing(void **state)
{
    struct gw_error err = {0};
    struct rlimit before;
    int stored = 0;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = {400000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    bool ok = true;
    while (ok && stored < 1000) {
        struct gw_result result;
        gw_sample_result(&result, "study", "dbt", 2, stored);
        ok = gw_store_put(store, &result, &err);
        stored += ok;
        gw_result_clear(&result);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(ok);
    assert_int_equal(err.code, GW_EDB);
    assert_true(stored > 0);
    gw_store_close(store);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM run"), stored);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM phase"), 2 * stored);
}

static void
test_merge(void **state)
{
    struct gw_error err = {0};

    (void)state;
    put_sample(path, "dbt", 2, 0);
    put_sample(other_path, "dbt", 2, 0);
    put_sample(other_path, "dbt", 2, 1);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    assert_true(gw_store_merge(store, other_path, &err));
    assert_int_equal(database_ask(path, "SELECT count(*) FROM run"), 2);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM series"), 12);
    bool has = false;
    assert_true(gw_store_has(store, "nobody", &has, &err));
    assert_false(has);
    database_tell(other_path,
                  "UPDATE run SET digest = 'other' WHERE replication = 0; DROP TABLE seal;"
                  " PRAGMA user_version = 3");
    assert_false(gw_store_merge(store, other_path, &err));
    assert_non_null(strstr(err.message, "determinism broken"));
    gw_store_close(store);
}

static void
test_damaged_series_is_noticed(void **state)
{
    struct gw_error err = {0};
    struct gw_result_list list;

    (void)state;
    put_sample(path, "dbt", 2, 0);
    database_tell(path, "UPDATE series SET data = x'00112233' WHERE name = 'iops'");
    struct gw_store *store = gw_store_open(path, false, &err);
    assert_non_null(store);
    assert_false(gw_store_read(store, &list, &err));
    assert_int_equal(err.code, GW_EDB);
    assert_int_equal(list.count, 0);
    gw_store_close(store);
}

static void
test_half_a_run_is_never_seen(void **state)
{
    struct gw_error err = {0};
    struct gw_result result;

    (void)state;
    put_sample(path, "dbt", 2, 0);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    database_tell(path, "DROP TABLE phase"); /* the last rows of a run go there */
    gw_sample_result(&result, "study", "dbt", 2, 1);
    assert_false(gw_store_put(store, &result, &err));
    assert_int_equal(err.code, GW_EDB);
    gw_result_clear(&result);
    gw_store_close(store);
    assert_int_equal(database_ask(path, "SELECT count(*) FROM run"), 1);
    assert_int_equal(database_ask(path, "SELECT count(DISTINCT run_id) FROM scalar"), 1);
}

static void
test_infinity_becomes_null(void **state)
{
    struct gw_error err = {0};
    struct gw_result result;

    (void)state;
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    gw_sample_result(&result, "study", "dbt", 2, 1);
    result.metric[GW_METRIC_DOWNTIME_S] = __builtin_inf();
    assert_true(gw_store_put(store, &result, &err));
    gw_result_clear(&result);
    gw_store_close(store);
    assert_int_equal(database_ask(path, "SELECT downtime_s IS NULL FROM v_runs"), 1);
}

/* In a process of its own, which root leaves to be nobody: 0 when the runs are those wanted. */
static int
read_as_somebody(const char *file, size_t wanted)
{
    pid_t child = fork();

    if (child == 0) {
        struct gw_error err = {0};
        struct gw_result_list list = {0};
        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(3);
        }
        struct gw_store *store = gw_store_open(file, false, &err);
        bool fine = store != NULL && gw_store_read(store, &list, &err);
        if (!fine) {
            fprintf(stderr, "%s\n", err.message);
        }
        _exit(fine && list.count == wanted ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
test_read_where_nothing_may_be_written(void **state)
{
    char folder[] = "/tmp/test_store_XXXXXX";
    char file[60], merged[60];
    struct gw_error err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/\xc3\xbc 100%%41?x#y.db", folder);
    snprintf(merged, sizeof merged, "%s/merged.db", folder);
    put_sample(file, "dbt", 16, 1);
    put_sample(merged, "dbt", 16, 2);
    struct gw_store *store = gw_store_open(merged, true, &err);
    assert_non_null(store);
    assert_true(gw_store_merge(store, file, &err));
    gw_store_close(store);
    assert_int_equal(chmod(folder, 0555), 0);
    int one = read_as_somebody(file, 1);
    int two = read_as_somebody(merged, 2);
    chmod(folder, 0755);
    remove(file);
    remove(merged);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(one, 0);
    assert_int_equal(two, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, remove_files, remove_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_result_comes_back_whole),
        TEST(test_views_and_rows),
        TEST(test_same_run_twice_is_one),
        TEST(test_broken_determinism_is_refused),
        TEST(test_unusable_files),
        TEST(test_strangers_and_newer_ones_are_left_alone),
        TEST(test_full_disk_loses_nothing),
        TEST(test_half_a_run_is_never_seen),
        TEST(test_infinity_becomes_null),
        TEST(test_merge),
        TEST(test_read_where_nothing_may_be_written),
        TEST(test_damaged_series_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
