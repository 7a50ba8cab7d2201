/* test_divergence.c - pins which difference of two results is named: the earliest over all series,
 * events before samples, rows at other times, rows that one run lacks, phases by name, and what has
 * no time; and that equal results are the same whatever they are called.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/divergence.h"
#include "tests/support/sample_result.h"

struct two {
    struct gw_result a, b;
};

static int
set_up(void **state)
{
    static struct two two;

    gw_sample_memory_result(&two.a, "precopy", 10, 3);
    gw_sample_memory_result(&two.b, "precopy", 10, 3);
    *state = &two;
    return 0;
}

static int
tear_down(void **state)
{
    struct two *two = *state;

    gw_result_clear(&two->a);
    gw_result_clear(&two->b);
    return 0;
}

static void
assert_says(const struct two *two, const char *wanted)
{
    struct gw_divergence found;
    struct gw_text text = {0};

    gw_divergence_find(&two->a, &two->b, &found);
    gw_divergence_describe(&found, &text);
    assert_string_equal(text.bytes, wanted);
    gw_text_clear(&text);
}

static void
set_value(struct gw_result *result, enum gw_series_id id, size_t row, size_t column, double value)
{
    struct gw_series *series = &result->series[id];

    series->values[row * series->columns + column] = value;
}

/* Another name, seed, setting or id is no other trajectory. */
static void
test_same(void **state)
{
    struct two *two = *state;

    two->b.run_id[0] = two->b.run_id[0] == '0' ? '1' : '0';
    two->b.seed = 99;
    two->b.wall_s = 4;
    two->a.metric[GW_METRIC_STUNS] = two->b.metric[GW_METRIC_STUNS] = NAN;
    free(two->b.canonical);
    two->b.canonical = strdup("{}");
    assert_says(two, "the same");
}

static void
test_earliest(void **state)
{
    struct two *two = *state;

    set_value(&two->b, GW_SERIES_MEMORY, 400, 0, 17.0);
    set_value(&two->b, GW_SERIES_SYNC, 5, 1, 5.0);
    /* sync 6 of 8 of a migration of 83 s; the sample of row 400 is 360 / 400 of it */
    assert_says(two, "62.25 s: sync 6: dirty_pages_found 66666.66667 -> 5");
    set_value(&two->b, GW_SERIES_MEMORY, 100, 3, 11.0);
    assert_says(two, "12.45 s: memory 101: throttle_pct 10 -> 11");
}

/* Row 340 is 300 / 400 of the time, as is sync 6. */
static void
test_events_first(void **state)
{
    struct two *two = *state;

    set_value(&two->b, GW_SERIES_MEMORY, 340, 0, 1.0);
    set_value(&two->b, GW_SERIES_SYNC, 5, 4, 61.0);
    assert_says(two, "62.25 s: sync 6: throttle_pct 60 -> 61");
}

static void
test_times_and_rows(void **state)
{
    struct two *two = *state;

    two->b.series[GW_SERIES_SYNC].rows = 7;
    assert_says(two, "83 s: sync 8: only in A");
    two->a.series[GW_SERIES_SYNC].t_ns[2] -= 1000000000;
    assert_says(two, "30.125 s: sync 3: at 30.125 s -> at 31.125 s");
}

static void
test_phases(void **state)
{
    struct two *two = *state;

    two->b.phase_names[1] = "post-copy";
    assert_says(two, "81.34 s: phase 2: phase 'switch-over' -> 'post-copy'");
}

static void
test_without_time(void **state)
{
    struct two *two = *state;

    gw_histogram_add(&two->b.distribution[GW_STUN_NS], 500);
    assert_says(two, "histogram stun: mean, ns, nothing -> 500");
    two->b.metric[GW_METRIC_DOWNTIME_S] = NAN;
    assert_says(two, "downtime_s 0.25 -> nothing");
    two->b.outcome = GW_NOT_CONVERGED;
    assert_says(two, "outcome 'completed' -> 'not_converged'");
    assert_true(gw_series_add(&two->b.series[GW_SERIES_SYNC], GW_SERIES_SYNC,
                              (int64_t)200 * 1000000000, (double[]){9, 1, 0, 1, 2}));
    assert_says(two, "170 s: sync 9: only in B");
}

/* The map of the disk has no moment. */
static void
test_heat(void **state)
{
    struct two *two = *state;
    double row[] = {0, 7};

    assert_true(gw_series_add(&two->a.series[GW_SERIES_HEAT], GW_SERIES_HEAT, 0, row));
    row[1] = 8;
    assert_true(gw_series_add(&two->b.series[GW_SERIES_HEAT], GW_SERIES_HEAT, 0, row));
    assert_says(two, "heat 1: writes 7 -> 8");
    set_value(&two->b, GW_SERIES_SYNC, 5, 1, 5.0);
    assert_says(two, "62.25 s: sync 6: dirty_pages_found 66666.66667 -> 5");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_earliest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times_and_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_phases, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_heat, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
