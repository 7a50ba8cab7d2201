/* test_run_versions.c - pins that each run is found with the version that made it, and a study with
 * its runs alone.
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

#include "results/run_versions.h"
#include "results/study_store.h"
#include "tests/support/sample_result.h"

enum { RUNS = 4 };

static void
put_runs(struct gw_store *store, char (*ids)[33])
{
    for (int i = 0; i < RUNS; i++) {
        struct gw_result result;

        gw_sample_memory_result(&result, "precopy", 10, i);
        assert_true(gw_store_set_engine_version(store, i < 3 ? "1.0" : "1.1", NULL));
        assert_true(gw_store_put(store, &result, NULL));
        memcpy(ids[i], result.run_id, sizeof ids[i]);
        gw_result_clear(&result);
    }
}

static void
test_versions(void **state)
{
    char path[] = "/tmp/test_run_versions.XXXXXX";
    char ids[RUNS][33];
    struct gw_result_list list;
    struct gw_run_versions versions;
    bool replaced;
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    close(file);
    struct gw_store *store = gw_store_open(path, true, NULL);
    assert_non_null(store);
    put_runs(store, ids);
    const struct gw_study_plan plan = {.name = "two",
                                       .hash = "0",
                                       .arguments = "[]",
                                       .run_ids = (const char(*)[33])ids + 2,
                                       .count = 2};
    assert_true(gw_store_put_study(store, &plan, &replaced, NULL));

    assert_true(gw_store_read(store, &list, NULL));
    assert_true(gw_run_versions_read(store, &list, &versions, NULL));
    assert_int_equal(list.count, RUNS);
    assert_int_equal(versions.count, 2);
    for (size_t i = 0; i < RUNS; i++) {
        const char *wanted = list.results[i].replication < 3 ? "1.0" : "1.1";
        assert_string_equal(versions.names[versions.of[i]], wanted);
    }
    gw_run_versions_clear(&versions);
    gw_result_list_clear(&list);

    assert_true(gw_store_read_study(store, "two", &list, NULL));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.results[0].run_id, ids[2]);
    assert_true(list.results[0].series[GW_SERIES_SYNC].rows == 8);
    gw_result_list_clear(&list);
    gw_store_close(store);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_versions)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
