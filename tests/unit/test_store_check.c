/* test_store_check.c - pins that no flipped bit of a stored run goes unnoticed by those who draw
 * conclusions, that a damaged run is named, taken out and can be put again, alone, and that files
 * that nobody can mend, or even check, say so. Does not pin what SQLite says of a broken page.
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

#include <cmocka.h>
#include <sqlite3.h>

#include "base/hash.h"
#include "results/study_store.h"
#include "tests/support/database_rig.h"
#include "tests/support/sample_result.h"

enum { RUNS = 4, FLIPS = 600, MENDS = 60 };

static const char path[] = "test_store_check.db";
static const char good_path[] = "test_store_check.good";

static char run_ids[RUNS][33];
static int damaged_runs; /* of the last mending */
static unsigned char *good;
static size_t good_bytes;

static void
put_sample(struct gw_store *store, int replication)
{
    struct gw_error err = {0};
    struct gw_result result;

    gw_sample_result(&result, "study", replication < 2 ? "dbt" : "mirror", 4, replication);
    assert_true(gw_store_put(store, &result, &err));
    memcpy(run_ids[replication], result.run_id, sizeof run_ids[0]);
    gw_result_clear(&result);
}

static void
put_plan(struct gw_store *store)
{
    const struct gw_study_plan plan = {"study", "h1", "[]", (const char(*)[33])run_ids, RUNS};
    struct gw_error err = {0};
    bool replaced = false;

    assert_true(gw_store_put_study(store, &plan, &replaced, &err));
}

static void
write_file(const unsigned char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    remove("test_store_check.db-wal");
    remove("test_store_check.db-shm");
}

static int
make_good(void **state)
{
    struct gw_error err = {0};
    struct gw_store *store;

    (void)state;
    remove(good_path);
    store = gw_store_open(good_path, true, &err);
    assert_non_null(store);
    for (int i = 0; i < RUNS; i++) {
        put_sample(store, i);
    }
    put_plan(store);
    gw_store_close(store);
    FILE *file = fopen(good_path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    good_bytes = (size_t)ftell(file);
    rewind(file);
    good = malloc(good_bytes);
    assert_non_null(good);
    assert_int_equal(fread(good, 1, good_bytes, file), good_bytes);
    fclose(file);
    return 0;
}

static int
remove_good(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[60];

        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        remove(name);
        snprintf(name, sizeof name, "%s%s", good_path, endings[i]);
        remove(name);
    }
    free(good);
    return 0;
}

/* ---- what a reader sees -------------------------------------------------------------------------- */

static bool
add_rows(sqlite3 *database, const char *sql, struct gw_hash *hash)
{
    sqlite3_stmt *rows = NULL;
    int status = sqlite3_prepare_v2(database, sql, -1, &rows, NULL);

    while (status == SQLITE_OK || status == SQLITE_ROW) {
        status = sqlite3_step(rows);
        for (int i = 0; status == SQLITE_ROW && i < sqlite3_column_count(rows); i++) {
            gw_hash_add_u64(hash, (uint64_t)sqlite3_column_bytes(rows, i));
            gw_hash_add(hash, sqlite3_column_blob(rows, i), (size_t)sqlite3_column_bytes(rows, i));
        }
    }
    sqlite3_finalize(rows);
    return status == SQLITE_DONE;
}

/* But for the times. */
static const char results[] =
    "SELECT run_id, config_hash, scenario, vm, architecture, replication, seed, outcome, reason,"
    " verified, verify_note, digest, engine_version FROM run ORDER BY run_id";

/* A hash of all results as scripts and programs see them; false when they cannot be read. */
static bool
see(const char *file, char out[GW_HASH_TEXT])
{
    static const char *const questions[] = {
        results,
        "SELECT * FROM parameter",
        "SELECT * FROM distribution",
        "SELECT * FROM iteration",
        "SELECT * FROM phase",
        "SELECT run_id, name, columns, rows, data FROM series ORDER BY run_id, name",
        "SELECT * FROM study_run",
        "SELECT scenario, vm, architecture, replication FROM run ORDER BY 1, 2, 3, 4",
        "SELECT canonical FROM config JOIN run ON hash = config_hash",
        "SELECT * FROM scalar",
    };
    struct gw_hash *hash = gw_hash_create();
    sqlite3 *database = NULL;
    bool fine = sqlite3_open_v2(file, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;

    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        fine = fine && add_rows(database, questions[i], hash);
    }
    sqlite3_close(database);
    gw_hash_text(hash, out);
    gw_hash_destroy(hash);
    return fine;
}

static uint64_t
draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 20;
}

static void
count(void *self, const char *run)
{
    assert_non_null(strstr(run, "run "));
    ++*(int *)self;
}

/* Mends the file and puts again what is missing; whether it could be mended. */
static bool
mend(void)
{
    struct gw_error err = {0};
    struct gw_store *store = gw_store_open(path, true, &err);

    damaged_runs = 0;
    bool mended = store != NULL && gw_store_mend(store, count, &damaged_runs, &err);

    assert_true(mended || err.code == GW_EDB);
    for (int i = 0; i < RUNS && mended; i++) {
        put_sample(store, i);
    }
    if (mended) {
        put_plan(store);
    }
    gw_store_close(store);
    return mended;
}

/* Whether the damage is noticed; a reader who was not warned sees what was stored, or fails. */
static bool
is_noticed(const char *wanted)
{
    char got[GW_HASH_TEXT];
    struct gw_error err = {0};
    struct gw_store *store = gw_store_open_checked(path, &err);

    if (store != NULL && see(path, got) && strcmp(got, wanted) != 0) {
        fail_msg("it is overlooked");
    }
    gw_store_close(store);
    return store == NULL;
}

static void
test_no_flipped_bit_is_overlooked(void **state)
{
    char wanted[GW_HASH_TEXT];
    char got[GW_HASH_TEXT];
    uint64_t random = 5;
    int noticed = 0;
    int mended = 0;

    (void)state;
    assert_true(see(good_path, wanted));
    for (int i = 0; i < FLIPS; i++) {
        size_t at = draw(&random) % good_bytes;
        unsigned char bit = (unsigned char)(1U << (draw(&random) % 8));

        good[at] ^= bit;
        write_file(good, good_bytes);
        good[at] ^= bit;
        if (!is_noticed(wanted)) {
            continue;
        }
        if (noticed++ < MENDS && mend()) {
            mended++;
            assert_true(see(path, got));
            assert_string_equal(got, wanted);
        }
    }
    assert_true(noticed > FLIPS / 2);
    assert_true(mended > MENDS / 2);
}

/* Each table, and what is found only by what belongs to it. */
static void
test_a_damaged_run_is_named_and_put_again(void **state)
{
    static const struct {
        const char *sql;
        int damaged;
        bool noticed;
    } cases[] = {
        {"UPDATE scalar SET value = value + 1e-9 WHERE metric = 'downtime_s' AND run_id IN", 1,
         true},
        {"UPDATE scalar SET metric = 'downtime_z' WHERE metric = 'downtime_s' AND run_id IN", 1,
         true},
        {"UPDATE scalar SET value = -0.0 WHERE metric = 'stuns' AND run_id IN", 1, true},
        {"UPDATE parameter SET value = '5' WHERE run_id IN", 1, true},
        {"DELETE FROM phase WHERE run_id IN", 1, true},
        {"UPDATE iteration SET dirty_bytes = dirty_bytes + 1 WHERE run_id IN", 1, true},
        {"UPDATE distribution SET p99 = p99 + 1 WHERE run_id IN", 1, true},
        {"UPDATE series SET rows = rows + 1 WHERE run_id IN", 1, true},
        {"UPDATE run SET engine_version = 'x' WHERE run_id IN", 1, true},
        {"UPDATE seal SET seal = 'x' WHERE run_id IN", 1, true},
        {"DELETE FROM seal WHERE run_id IN", 1, true},
        {"UPDATE run SET run_id = 'x' WHERE run_id IN", 1, true},
        {"DELETE FROM run WHERE run_id IN", 0,
         false}, /* without its other rows: foreign_keys are off */
        {"UPDATE study_run SET study = 'other' WHERE position = 1 AND 'x' NOT IN", 0, true},
        {"UPDATE study_run SET run_id = 'other' WHERE position = 1 AND 'x' NOT IN", 0, false},
        {"UPDATE run SET wall_s = 7, started_utc = 'then' WHERE run_id IN", 0, false},
        {"UPDATE config SET canonical = '{}' WHERE 'x' NOT IN", RUNS, true},
    };
    static const char advice[] = "run the command that made the file again, or, unless it is a"
                                 " shard, 'godwit sweep resume --db test_store_check.db'";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char sql[200];
        char wanted[GW_HASH_TEXT], got[GW_HASH_TEXT];
        struct gw_error err = {0};

        write_file(good, good_bytes);
        assert_true(see(path, wanted));
        snprintf(sql, sizeof sql, "%s (SELECT run_id FROM run WHERE replication = 1)",
                 cases[i].sql);
        database_tell(path, sql);
        struct gw_store *store = gw_store_open_checked(path, &err);
        assert_true((store == NULL) == cases[i].noticed);
        gw_store_close(store);
        assert_true(!cases[i].noticed || strstr(err.message, advice) != NULL);

        assert_true(cases[i].damaged != 1 ||
                    strstr(err.message, "(study, vm, dbt, replication 1)"));
        assert_true(mend());
        assert_int_equal(damaged_runs, cases[i].damaged);
        assert_true(see(path, got));
        assert_string_equal(got, wanted);
        store = gw_store_open_checked(path, &err);
        assert_non_null(store);
        gw_store_close(store);
    }
}

/* Runs that are put without asking are put whole, and their seals do not bless the damage. */
static void
assert_put_mends(const char *damage)
{
    char wanted[GW_HASH_TEXT], got[GW_HASH_TEXT];
    struct gw_error err = {0};

    write_file(good, good_bytes);
    assert_true(see(path, wanted));
    database_tell(path, damage);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    for (int i = 0; i < RUNS; i++) {
        put_sample(store, i);
    }
    assert_true(gw_store_check(store, &err));
    gw_store_close(store);
    assert_true(see(path, got));
    assert_string_equal(got, wanted);
}

static void
test_put_replaces_damage(void **state)
{
    (void)state;
    assert_put_mends("UPDATE scalar SET value = 7 WHERE metric = 'downtime_s';"
                     " UPDATE run SET digest = 'x'");
}

/* As the shell of SQLite leaves them, where foreign_keys are off. */
static void
test_put_replaces_rows_without_a_run(void **state)
{
    (void)state;
    assert_put_mends("DELETE FROM run WHERE replication = 1;"
                     " UPDATE parameter SET name = name || '2'");
}

static void
test_put_replaces_a_damaged_scenario(void **state)
{
    (void)state;
    assert_put_mends("UPDATE config SET canonical = '{}'");
}

/* What a study varied is no part of the run, and yet sealed. */
static void
test_parameters_are_sealed_anew(void **state)
{
    static char name[] = "workload.rate";
    static char value[] = "9";
    char *names[] = {name};
    char *values[] = {value};
    struct gw_error err = {0};
    struct gw_result result;

    (void)state;
    write_file(good, good_bytes);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    gw_result_init(&result);
    memcpy(result.run_id, run_ids[2], sizeof result.run_id);
    result.parameter_names = names;
    result.parameter_values = values;
    result.parameter_count = 1;
    for (int i = 0; i < 2; i++) {
        assert_true(gw_store_put_parameters(store, &result, &err));
        assert_true(gw_store_check(store, &err));
    }
    gw_store_close(store);
}

static void
test_a_file_without_seals_is_taken_as_it_is(void **state)
{
    struct gw_error err = {0};

    (void)state;
    write_file(good, good_bytes);
    database_tell(path, "UPDATE run SET vm = 'x'; DROP TABLE seal; PRAGMA user_version = 3");
    struct gw_store *store = gw_store_open_checked(path, &err);
    assert_non_null(store);
    gw_store_close(store);
    store = gw_store_open(path, true, &err);
    assert_non_null(store);
    assert_true(gw_store_check(store, &err));
    gw_store_close(store);
    database_tell(path, "UPDATE run SET vm = 'y' WHERE replication = 3");
    assert_null(gw_store_open_checked(path, &err));
    assert_non_null(strstr(err.message, "1 run is damaged"));
    remove("test_store_check.db.v3.backup");
}

static void
test_beyond_mending(void **state)
{
    struct gw_error err = {0};

    (void)state;
    memset(good + 8192, 0x5a, 4096); /* the root of the table run */
    write_file(good, good_bytes);
    assert_null(gw_store_open_checked(path, &err));
    assert_non_null(strstr(err.message, "the file is damaged"));
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_true(store == NULL || !gw_store_mend(store, count, &damaged_runs, &err));
    assert_non_null(strstr(err.message, "under Damage"));
    gw_store_close(store);
}

/* Here that memory is out; so it is with a lock or a disk that fails. */
static void
test_what_cannot_be_checked_is_not_damaged(void **state)
{
    struct gw_error err = {0};

    (void)state;
    write_file(good, good_bytes);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    sqlite3_hard_heap_limit64(1);
    bool mended = gw_store_mend(store, count, &damaged_runs, &err);
    sqlite3_hard_heap_limit64(0);
    assert_false(mended);
    assert_int_equal(err.code, GW_EIO);
    assert_string_equal(err.message, "database test_store_check.db: cannot be checked: out of"
                                     " memory");
    assert_true(gw_store_check(store, &err));
    gw_store_close(store);
}

#define TEST(function) cmocka_unit_test(function)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_flipped_bit_is_overlooked),
        TEST(test_a_damaged_run_is_named_and_put_again),
        TEST(test_put_replaces_damage),
        TEST(test_put_replaces_rows_without_a_run),
        TEST(test_put_replaces_a_damaged_scenario),
        TEST(test_parameters_are_sealed_anew),
        TEST(test_a_file_without_seals_is_taken_as_it_is),
        TEST(test_what_cannot_be_checked_is_not_damaged),
        TEST(test_beyond_mending),
    };

    return cmocka_run_group_tests(tests, make_good, remove_good);
}
