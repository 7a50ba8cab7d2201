/* test_stop_rule.c - pins: how many replications a look asks for: doubled at most, capped, runs
 * without a value expected to go on; what --stop comes to as settings; what a study that
 * remembers a rule still wants.
 * Does not pin: when the rule stops (test_stopping.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/stop_rule.h"
#include "tests/support/sample_result.h"

static const char path[] = "test_stop_rule.db";

static const struct gw_sweep_stop stop = {.metrics = {{GW_METRIC_DOWNTIME_S, 0.1}},
                                          .count = 1,
                                          .confidence = 0.95,
                                          .least = 4,
                                          .most = 50};

static int64_t
wanted(enum gw_stopping verdict, size_t values, size_t by_values, size_t runs)
{
    const struct gw_stopping_look look = {.verdict = verdict, .count = values, .wanted = by_values};

    return gw_stop_wanted(&stop, &look, runs);
}

static void
test_wanted(void **state)
{
    (void)state;
    assert_int_equal(wanted(GW_STOPPING_PRECISE, 10, 10, 10), 10);
    assert_int_equal(wanted(GW_STOPPING_CAPPED, 50, 50, 50), 50);
    assert_int_equal(wanted(GW_STOPPING_MORE, 10, 13, 10), 13);
    assert_int_equal(wanted(GW_STOPPING_MORE, 10, 45, 10), 20);
    assert_int_equal(wanted(GW_STOPPING_MORE, 30, 50, 30), 50);
    /* One more at least, or it would never end. */
    assert_int_equal(wanted(GW_STOPPING_MORE, 10, 10, 10), 11);
    /* Of 12 runs 8 gave a value: for 10 values 15 runs. */
    assert_int_equal(wanted(GW_STOPPING_MORE, 8, 10, 12), 15);
    assert_int_equal(wanted(GW_STOPPING_MORE, 0, 50, 12), 24);
    assert_int_equal(wanted(GW_STOPPING_MORE, 0, 50, 40), 50);
}

static void
test_words(void **state)
{
    const char *set_items[] = {"a=1", "sweep.stop.most=30"};
    const char *stop_items[] = {"downtime_s=3%", "iterations"};
    const struct gw_words set = {set_items, 2};
    const struct gw_words none = {NULL, 0};
    const struct gw_words asked = {stop_items, 2};
    struct gw_stop_words words;

    (void)state;
    assert_true(gw_stop_words_make(&words, &set, &asked, NULL));
    assert_int_equal(words.count, 3);
    assert_string_equal(words.items[1], "sweep.stop.most=30");
    assert_string_equal(words.items[2], "sweep.stop.metric=downtime_s=3%,iterations");
    gw_stop_words_clear(&words);
    assert_true(gw_stop_words_make(&words, &none, &none, NULL));
    assert_int_equal(words.count, 0);
    gw_stop_words_clear(&words);
}

/* ---- a study that remembers ------------------------------------------------------------------------ */

enum { RUNS = 8 };

static void
put_runs(struct gw_store *store, char (*ids)[33], double spread)
{
    for (int i = 0; i < RUNS; i++) {
        struct gw_result result;

        gw_sample_result(&result, "s", "dbt", 4, i);
        result.metric[GW_METRIC_DOWNTIME_S] = i % 2 == 0 ? 10.0 - spread : 10.0 + spread;
        assert_true(gw_store_put(store, &result, NULL));
        memcpy(ids[i], result.run_id, 33);
        gw_result_clear(&result);
    }
}

static void
find_open(const char *arguments, double spread, struct gw_stop_open *open)
{
    struct gw_study_state study = {.name = (char[]){"s"}};
    struct gw_study_plan plan = {.name = "s", .hash = "h", .arguments = arguments, .count = RUNS};
    struct gw_store *store;
    char ids[RUNS][33];
    bool replaced;

    remove(path);
    store = gw_store_open(path, true, NULL);
    assert_non_null(store);
    put_runs(store, ids, spread);
    plan.run_ids = (const char(*)[33])ids;
    assert_true(gw_store_put_study(store, &plan, &replaced, NULL));
    study.arguments = strdup(arguments);
    assert_true(gw_stop_find_open(store, &study, open, NULL));
    free(study.arguments);
    gw_store_close(store);
    remove(path);
}

static void
test_find_open(void **state)
{
    static const char rule[] = "[\"x.yaml\",\"--set\",\"a=1\","
                               "\"--set\",\"sweep.stop.metric=downtime_s=10%\","
                               "\"--set\",\"sweep.stop.least=4\",\"--set\",\"sweep.stop.most=50\"]";
    struct gw_stop_open open;

    (void)state;
    find_open("[\"x.yaml\"]", 9.0, &open);
    assert_int_equal(open.points, 0);
    find_open(rule, 0.1, &open);
    assert_int_equal(open.points, 0);
    assert_int_equal(open.runs, 0);
    /* 8 values with a half width of t(7) s / sqrt(8) = 2.365 * 5.345 / 2.83 = 4.47 of 10. */
    find_open(rule, 5.0, &open);
    assert_int_equal(open.points, 1);
    assert_int_equal(open.runs, RUNS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_find_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
