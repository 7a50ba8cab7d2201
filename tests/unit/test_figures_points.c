/* test_figures_points.c - pins: long series are thinned to means or peaks, and no mean of what remains
 * mixes the time before the migration knew its size with the time after.
 *
 * Does not pin how the points are drawn.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/figures_shared.h"

enum { ROWS = 6001, UNKNOWN_ROWS = 1001 };

static int64_t t_ns[ROWS];
static double values[ROWS];

/* A sample a second; from the 1001st on, 5000 bytes remain and one less each second. */
static struct gw_result
falling(void)
{
    struct gw_result result = {0};

    for (int i = 0; i < ROWS; i++) {
        t_ns[i] = (int64_t)i * 1000000000;
        values[i] = i < UNKNOWN_ROWS ? 0.0 : 5000.0 - (i - UNKNOWN_ROWS);
    }
    result.series[GW_SERIES_PROGRESS] = (struct gw_series){
        .rows = ROWS, .rows_allocated = ROWS, .columns = 1, .t_ns = t_ns, .values = values};
    return result;
}

static void
test_remaining_begins_when_known(void **state)
{
    struct gw_result result = falling();
    struct gw_points points;
    (void)state;

    assert_true(gw_points_take_remaining(&result, GW_SERIES_PROGRESS, &points));
    assert_true(points.count > 1000 && points.count <= 1500);
    assert_true(points.x[0] == 1001.0);
    /* 5000 rows are left: means of four. */
    assert_true(points.y[0] == 4998.5);
    for (size_t i = 1; i < points.count; i++) {
        assert_true(points.y[i] < points.y[i - 1]);
    }
    gw_points_clear(&points);
}

static void
test_peaks_are_kept(void **state)
{
    struct gw_result result = falling();
    struct gw_points points;
    (void)state;

    values[4002] = 1e6;
    assert_true(gw_points_take(&result.series[GW_SERIES_PROGRESS], GW_COLUMN_TIME, 0,
                               GW_POINTS_PEAK, &points));
    assert_true(gw_points_most(&points) == 1e6);
    gw_points_clear(&points);
}

static void
test_short_series_stay_as_they_are(void **state)
{
    struct gw_result result = falling();
    struct gw_points points;
    (void)state;

    result.series[GW_SERIES_PROGRESS].rows = 1500;
    assert_true(gw_points_take(&result.series[GW_SERIES_PROGRESS], GW_COLUMN_TIME, 0,
                               GW_POINTS_MEAN, &points));
    assert_int_equal(points.count, 1500);
    assert_true(points.y[1000] == 0.0 && points.y[1001] == 5000.0);
    gw_points_clear(&points);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remaining_begins_when_known),
        cmocka_unit_test(test_peaks_are_kept),
        cmocka_unit_test(test_short_series_stay_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
