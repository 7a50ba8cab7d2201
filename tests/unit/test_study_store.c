/* test_study_store.c - pins: how far a study is, failures that are forgotten when the run is put,
 * a plan that is replaced; files of the first version get a backup and the new tables, and can
 * still be read; a united database is the same bytes whatever the shards were; conflicts are
 * refused and leave nothing; rows without a run are no part of a union; a file that was not closed is checked.
 * Does not pin: that a run comes back whole (test_store.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "results/study_store.h"
#include "tests/support/database_rig.h"
#include "tests/support/sample_result.h"

enum { RUNS = 6 };

static char ids[RUNS][33];

static int
remove_files(void **state)
{
    (void)state;
    return system("rm -f test_study.*");
}

static struct gw_store *
open_file(const char *file)
{
    struct gw_error err = {0};
    struct gw_store *store = gw_store_open(file, true, &err);

    if (store == NULL) {
        fail_msg("%s", err.message);
    }
    return store;
}

static void
sample(struct gw_result *result, int number)
{
    gw_sample_result(result, "study", number % 2 == 0 ? "dbt" : "mirror", 16, number);
    memcpy(ids[number], result->run_id, sizeof ids[number]);
}

static void
put(struct gw_store *store, int number)
{
    struct gw_error err = {0};
    struct gw_result result;

    sample(&result, number);
    assert_true(gw_store_put(store, &result, &err));
    gw_result_clear(&result);
}

static void
put_plan(struct gw_store *store, const char *hash, bool wanted)
{
    struct gw_study_plan plan = {"study", hash, "[\"a.yaml\"]", (const char(*)[33])ids, RUNS};
    struct gw_error err = {0};
    bool replaced = false;

    for (int i = 0; i < RUNS; i++) {
        struct gw_result result;
        sample(&result, i);
        gw_result_clear(&result);
    }
    assert_true(gw_store_put_study(store, &plan, &replaced, &err));
    assert_int_equal(replaced, wanted);
}

static void
assert_state(struct gw_store *store, int64_t done, int64_t failed)
{
    struct gw_study_states states;
    struct gw_error err = {0};

    assert_true(gw_store_studies(store, &states, &err));
    assert_int_equal(states.count, 1);
    assert_int_equal(states.items[0].runs, RUNS);
    assert_int_equal(states.items[0].done, done);
    assert_int_equal(states.items[0].failed, failed);
    assert_string_equal(states.items[0].arguments, "[\"a.yaml\"]");
    gw_study_states_clear(&states);
}

static void
test_how_far(void **state)
{
    struct gw_store *store = open_file("test_study.db");
    struct gw_error err = {0};

    (void)state;
    put_plan(store, "h1", false);
    assert_state(store, 0, 0);
    put(store, 0);
    assert_true(gw_store_put_failure(store, ids[1], "died", "godwit run a.yaml", &err));
    assert_true(gw_store_put_failure(store, ids[2], "died", "godwit run a.yaml", &err));
    assert_state(store, 1, 2);
    put(store, 1);
    assert_state(store, 2, 1);
    put_plan(store, "h1", false);
    put_plan(store, "h2", true);
    assert_state(store, 2, 1);
    gw_store_close(store);
    assert_int_equal(database_ask("test_study.db", "SELECT count(*) FROM failure"), 1);
    assert_int_equal(database_ask("test_study.db", "SELECT count(*) FROM study_run"), RUNS);
}

static void
test_first_version(void **state)
{
    struct gw_study_states states;
    struct gw_error err = {0};
    struct gw_store *store = open_file("test_study.db");

    (void)state;
    put(store, 0);
    gw_store_close(store);
    database_tell("test_study.db",
                  "CREATE TABLE old(run_id, distribution, lowest, count,"
                  " PRIMARY KEY(run_id, distribution, lowest)) WITHOUT ROWID;"
                  " INSERT INTO old SELECT * FROM hist; DROP VIEW hist;"
                  " ALTER TABLE distribution DROP COLUMN buckets;"
                  " DROP VIEW v_study; DROP VIEW v_summary; DROP TABLE failure;"
                  " DROP TABLE metric; DROP TABLE student95; DROP TABLE seal; DROP TABLE study_run;"
                  " DROP TABLE study; ALTER TABLE old RENAME TO hist;"
                  " PRAGMA user_version = 1");
    store = gw_store_open("test_study.db", false, &err);
    assert_non_null(store);
    assert_true(gw_store_studies(store, &states, &err));
    assert_int_equal(states.count, 0);
    gw_store_close(store);
    assert_int_equal(access("test_study.db.v1.backup", F_OK), -1);

    store = open_file("test_study.db");
    put_plan(store, "h1", false);
    assert_state(store, 1, 0);
    gw_store_close(store);
    assert_int_equal(database_ask("test_study.db", "PRAGMA user_version"), 4);
    assert_int_equal(database_ask("test_study.db.v1.backup", "PRAGMA user_version"), 1);
    assert_int_equal(database_ask("test_study.db.v1.backup", "SELECT count(*) FROM run"), 1);
}

static void
make_shards(int count)
{
    for (int index = 0; index < count; index++) {
        char name[64];
        snprintf(name, sizeof name, "test_study.%d-%d", count, index);
        struct gw_store *store = open_file(name);
        put_plan(store, "h1", false);
        for (int i = RUNS - 1; i >= 0; i--) {
            if (i % count == index || i == 0) {
                put(store, i);
            }
        }
        gw_store_close(store);
    }
}

static void
unite(int count, const char *out)
{
    char names[RUNS][32];
    const char *paths[RUNS];
    struct gw_error err = {0};

    for (int i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "test_study.%d-%d", count, count - 1 - i);
        paths[i] = names[i];
    }
    if (!gw_store_unite(paths, (size_t)count, out, &err)) {
        fail_msg("%s", err.message);
    }
}

static void
test_union_does_not_depend_on_shards(void **state)
{
    (void)state;
    for (int count = 1; count <= 4; count++) {
        char out[32];
        char command[100];
        make_shards(count);
        snprintf(out, sizeof out, "test_study.out%d", count);
        unite(count, out);
        assert_int_equal(database_ask(out, "SELECT count(*) FROM v_study WHERE status = 'done'"),
                         RUNS);
        snprintf(command, sizeof command, "cmp %s test_study.out1", out);
        assert_int_equal(system(command), 0);
    }
    assert_int_equal(system("ls test_study.out1.* 2>/dev/null | grep -q ."), 256);
}

static void
test_union_keeps_what_is_there(void **state)
{
    struct gw_error err = {0};

    (void)state;
    make_shards(2);
    for (int i = 0; i < 2; i++) {
        const char *const path = i == 0 ? "test_study.2-0" : "test_study.2-1";

        assert_true(gw_store_unite(&path, 1, "test_study.out", &err));
    }
    assert_int_equal(database_ask("test_study.out", "SELECT count(*) FROM run"), RUNS);
}

static void
test_rows_without_a_run_are_not_merged(void **state)
{
    static const struct {
        const char *sql;
        int runs;
    } cases[] = {
        {"DELETE FROM run WHERE run_id = (SELECT min(run_id) FROM run)", RUNS - 1},
        {"DELETE FROM run; UPDATE config SET canonical = '{}'; UPDATE scalar SET value = 7", 0},
    };
    const char *const paths[] = {"test_study.other", "test_study.1-0"};
    struct gw_error err = {0};

    (void)state;
    make_shards(1);
    unite(1, "test_study.whole");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        remove("test_study.out");
        assert_int_equal(system("cp test_study.1-0 test_study.other"), 0);
        database_tell("test_study.other", cases[i].sql);
        assert_true(gw_store_unite(paths, 1, "test_study.out", &err));
        assert_int_equal(database_ask("test_study.out", "SELECT count(*) FROM run"), cases[i].runs);
        assert_true(gw_store_unite(paths, 2, "test_study.out", &err));
        assert_int_equal(system("cmp test_study.out test_study.whole"), 0);
    }
}

static void
test_conflicts(void **state)
{
    static const struct {
        const char *sql;
        const char *said;
    } cases[] = {
        {"UPDATE run SET digest = 'x' WHERE run_id = (SELECT min(run_id) FROM run)",
         "determinism broken: run"},
        {"UPDATE scalar SET value = value + 1 WHERE metric = 'downtime_s'"
         " AND run_id = (SELECT max(run_id) FROM run)",
         "determinism broken: run"},
        {"UPDATE run SET outcome = 'failed' WHERE run_id = (SELECT min(run_id) FROM run)",
         "outcome failed"},
        {"UPDATE study SET plan_hash = 'h9'", "study 'study' has plan"},
    };
    const char *const paths[] = {"test_study.1-0", "test_study.other"};
    struct gw_error err = {0};

    (void)state;
    make_shards(1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(system("cp test_study.1-0 test_study.other"), 0);
        database_tell("test_study.other", cases[i].sql);
        database_tell("test_study.other", "DROP TABLE seal; PRAGMA user_version = 3");
        assert_false(gw_store_unite(paths, 2, "test_study.out", &err));
        assert_int_equal(err.code, GW_EDB);
        assert_non_null(strstr(err.message, cases[i].said));
        assert_non_null(strstr(err.message, "in test_study.other"));
        assert_int_equal(access("test_study.out", F_OK), -1);
    }
}

static void
test_left_open_and_damaged(void **state)
{
    struct gw_error err = {0};
    struct gw_store *store = open_file("test_study.db");

    (void)state;
    for (int i = 0; i < RUNS; i++) {
        put(store, i);
    }
    assert_int_equal(system("cp test_study.db-wal test_study.log"), 0);
    gw_store_close(store);
    store = open_file("test_study.db"); /* closed as it should be: not checked */
    gw_store_close(store);
    /* Break the tree of an index, and leave a log as a crash does. */
    FILE *file = fopen("test_study.db", "r+b");
    static const char zeros[4096];
    assert_non_null(file);
    assert_int_equal(fseek(file, 4096L * 4, SEEK_SET), 0);
    assert_int_equal(fwrite(zeros, 1, sizeof zeros, file), sizeof zeros);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(system("printf 'not a log, but something' >test_study.db-wal"), 0);
    assert_null(gw_store_open("test_study.db", true, &err));
    assert_int_equal(err.code, GW_EDB);
    assert_non_null(strstr(err.message, "is damaged"));
    assert_non_null(strstr(err.message, "under Damage"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_how_far, remove_files),
        cmocka_unit_test_teardown(test_first_version, remove_files),
        cmocka_unit_test_teardown(test_union_does_not_depend_on_shards, remove_files),
        cmocka_unit_test_teardown(test_union_keeps_what_is_there, remove_files),
        cmocka_unit_test_teardown(test_rows_without_a_run_are_not_merged, remove_files),
        cmocka_unit_test_teardown(test_conflicts, remove_files),
        cmocka_unit_test_teardown(test_left_open_and_damaged, remove_files),
    };

    return cmocka_run_group_tests(tests, remove_files, NULL);
}
