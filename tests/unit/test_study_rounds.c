/* test_study_rounds.c - pins: runs added to a study, also twice; the values of a metric, point by
 * point and guest by guest, in the order of replications, without those of other studies and of
 * migrations that did not complete.
 * Does not pin: what is decided by them (test_stop_rule.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "results/study_rounds.h"
#include "results/study_store.h"
#include "tests/support/sample_result.h"

static const char path[] = "test_study_rounds.db";

enum { RUNS = 6, POINTS = 2 };

struct rig {
    struct gw_store *store;
    char ids[POINTS * RUNS][33]; /* by point, replication */
};

static double
value_of(int point, int replication)
{
    return 100.0 * point + replication;
}

/* Two points; the last replication of the first did not converge. */
static int
set_up(void **state)
{
    static struct rig rig;

    remove(path);
    rig.store = gw_store_open(path, true, NULL);
    assert_non_null(rig.store);
    for (int i = POINTS * RUNS - 1; i >= 0; i--) {
        struct gw_result result;

        gw_sample_result(&result, "s", "dbt", 1 + i / RUNS, i % RUNS);
        result.metric[GW_METRIC_DOWNTIME_S] = value_of(i / RUNS, i % RUNS);
        result.outcome = i == RUNS - 1 ? GW_NOT_CONVERGED : GW_COMPLETED;
        assert_true(gw_store_put(rig.store, &result, NULL));
        memcpy(rig.ids[i], result.run_id, 33);
        gw_result_clear(&result);
    }
    *state = &rig;
    return 0;
}

static int
tear_down(void **state)
{
    struct rig *rig = *state;

    gw_store_close(rig->store);
    return remove(path);
}

static int64_t
runs_of(struct gw_store *store)
{
    struct gw_study_states states;

    assert_true(gw_store_studies(store, &states, NULL));
    int64_t runs = states.items[0].runs;
    gw_study_states_clear(&states);
    return runs;
}

static void
put_study(struct rig *rig, size_t count)
{
    const struct gw_study_plan plan = {.name = "s",
                                       .hash = "h",
                                       .arguments = "[]",
                                       .run_ids = (const char(*)[33])rig->ids,
                                       .count = count};
    bool replaced;

    assert_true(gw_store_put_study(rig->store, &plan, &replaced, NULL));
}

static void
test_more(void **state)
{
    struct rig *rig = *state;
    struct gw_study_more more = {"s", 20, (const char(*)[33])rig->ids + 2, 3};

    put_study(rig, 2);
    assert_int_equal(runs_of(rig->store), 2);
    assert_true(gw_store_put_more(rig->store, &more, NULL));
    assert_int_equal(runs_of(rig->store), 5);
    more.count = 4;
    assert_true(gw_store_put_more(rig->store, &more, NULL));
    assert_int_equal(runs_of(rig->store), 6);
    put_study(rig, 2);
    assert_int_equal(runs_of(rig->store), 6);
}

struct told {
    size_t samples, values;
    bool seen[POINTS];
};

static void
tell(void *self, const struct gw_study_sample *sample)
{
    struct told *told = self;
    int point = sample->values[0] >= 100.0;

    told->samples++;
    told->values += sample->count;
    told->seen[point] = true;
    for (size_t i = 0; i < sample->count; i++) {
        if (point == 0 && i == RUNS - 1) {
            assert_true(isnan(sample->values[i]));
            continue;
        }
        assert_true(fabs(sample->values[i] - value_of(point, (int)i)) < 1e-12);
    }
}

static void
test_samples(void **state)
{
    struct rig *rig = *state;
    struct told told = {0};

    put_study(rig, (size_t)POINTS * RUNS);
    assert_true(gw_store_each_sample(rig->store, "s", GW_METRIC_DOWNTIME_S, tell, &told, NULL));
    assert_int_equal(told.samples, POINTS);
    assert_int_equal(told.values, POINTS * RUNS);
    assert_true(told.seen[0] && told.seen[1]);
    told = (struct told){0};
    assert_true(gw_store_each_sample(rig->store, "t", GW_METRIC_DOWNTIME_S, tell, &told, NULL));
    assert_int_equal(told.samples, 0);
}

static void
test_part_of_the_runs(void **state)
{
    struct rig *rig = *state;
    struct told told = {0};

    put_study(rig, 3);
    assert_true(gw_store_each_sample(rig->store, "s", GW_METRIC_DOWNTIME_S, tell, &told, NULL));
    assert_int_equal(told.samples, 1);
    assert_int_equal(told.values, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_samples, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_part_of_the_runs, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
