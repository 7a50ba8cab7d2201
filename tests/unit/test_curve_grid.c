/* test_curve_grid.c - pins what a point of the grid is: means over steps, rows that hold, what is
 * before the first row and after the end, columns that are added, holes, both kinds of migration.
 * Does not pin: the text of labels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/curve_grid.h"
#include "tests/support/sample_result.h"

static const int64_t NS = 1000000000;

static void
add_memory(struct gw_result *result, int64_t t_ns, double remaining, double guest_rate)
{
    double row[11] = {remaining, 0, 0, 0, guest_rate};

    assert_true(gw_series_add(&result->series[GW_SERIES_MEMORY], GW_SERIES_MEMORY, t_ns, row));
}

static void
add_iops(struct gw_result *result, int64_t t_ns, double reads, double writes, double latency)
{
    double row[7] = {reads, writes, 0, 0, 0, latency, latency};

    assert_true(gw_series_add(&result->series[GW_SERIES_IOPS], GW_SERIES_IOPS, t_ns, row));
}

/* Begins at 5 s; 10 from there, 4 from 6.5 s; over after 4 s. */
static void
make_stairs(struct gw_result *result)
{
    gw_result_init(result);
    assert_true(gw_result_add_phase(result, "pre-copy", 5 * NS));
    add_memory(result, 2 * NS, 99, 1000);
    add_memory(result, 5 * NS, 10, 1000);
    add_memory(result, 13 * NS / 2, 4, 500);
    add_memory(result, 30 * NS, 3, 700);
    result->metric[GW_METRIC_MIGRATION_TIME_S] = 4.0;
}

static void
assert_curve(const struct gw_result *result, enum gw_curve_id id, double end_s,
             const double *wanted, size_t points)
{
    double values[8];

    assert_true(gw_curve_sample(result, id, end_s, points, values, NULL));
    for (size_t i = 0; i < points; i++) {
        if (!(fabs(values[i] - wanted[i]) < 1e-9)) {
            print_error("point %zu: %g instead of %g\n", i, values[i], wanted[i]);
        }
        assert_true(fabs(values[i] - wanted[i]) < 1e-9);
    }
}

static void
test_steps(void **state)
{
    struct gw_result result;

    (void)state;
    make_stairs(&result);
    assert_curve(&result, GW_CURVE_REMAINING, 6.0, (double[]){10, 10, 7, 4, 4, 0, 0}, 7);
    assert_curve(&result, GW_CURVE_REMAINING, 6.0, (double[]){10, 7, 4.0 / 3.0}, 3);
    assert_curve(&result, GW_CURVE_GUEST_RATE, 30.0, (double[]){1000, 550, 1700.0 / 3.0}, 3);
    assert_true(fabs(gw_curve_length_s(&result) - 4.0) < 1e-12);
    gw_result_clear(&result);
}

/* One that was given up: nothing is over. */
static void
test_without_end(void **state)
{
    struct gw_result result;

    (void)state;
    make_stairs(&result);
    result.metric[GW_METRIC_MIGRATION_TIME_S] = NAN;
    assert_true(fabs(gw_curve_length_s(&result) - 25.0) < 1e-12);
    assert_curve(&result, GW_CURVE_REMAINING, 40.0, (double[]){10, 4.45, 3.25}, 3);
    gw_result_clear(&result);
}

/* Latency of an interval without IO is no number: the one before holds; first rows hold back. */
static void
test_holes(void **state)
{
    struct gw_result result;

    (void)state;
    gw_result_init(&result);
    assert_true(gw_result_add_phase(&result, "copy", 0));
    assert_false(gw_curve_has(&result, GW_CURVE_LATENCY));
    add_iops(&result, 0, 100, 50, NAN);
    add_iops(&result, 1 * NS, 10, 5, 2.0);
    add_iops(&result, 2 * NS, 0, 0, NAN);
    add_iops(&result, 3 * NS, 20, 5, 6.0);
    assert_true(gw_curve_has(&result, GW_CURVE_LATENCY));
    assert_false(gw_curve_has(&result, GW_CURVE_REMAINING));
    assert_curve(&result, GW_CURVE_LATENCY, 4.0, (double[]){2, 2, 2, 2, 6}, 5);
    assert_curve(&result, GW_CURVE_GUEST_IOPS, 4.0, (double[]){150, 150, 15, 0, 25}, 5);
    gw_result_clear(&result);
}

static void
test_both_kinds(void **state)
{
    struct gw_result disk, memory;
    double values[11];

    (void)state;
    gw_sample_result(&disk, "oltp", "mirror", 4, 0);
    gw_sample_memory_result(&memory, "precopy", 10, 0);
    assert_true(gw_curve_has(&disk, GW_CURVE_REMAINING));
    assert_true(gw_curve_has(&disk, GW_CURVE_GUEST_IOPS));
    assert_false(gw_curve_has(&disk, GW_CURVE_THROTTLE));
    assert_true(gw_curve_has(&memory, GW_CURVE_THROTTLE));
    assert_false(gw_curve_has(&memory, GW_CURVE_GUEST_IOPS));
    assert_true(gw_curve_sample(&disk, GW_CURVE_DIRTY_RATE, 100.0, 11, values, NULL));
    assert_true(fabs(values[10] - 5e6) < 1e-3);
    assert_true(gw_curve_sample(&disk, GW_CURVE_SENT_RATE, 100.0, 11, values, NULL));
    assert_true(fabs(values[10] - 9e7) < 1e-3);
    assert_true(gw_curve_sample(&memory, GW_CURVE_SENT_RATE, 50.0, 11, values, NULL));
    assert_true(fabs(values[10] - 1.2e8) < 1e-3);
    gw_result_clear(&disk);
    gw_result_clear(&memory);
}

static void
test_refused(void **state)
{
    struct gw_result result;
    struct gw_error err = {.code = GW_OK};
    double values[3];

    (void)state;
    make_stairs(&result);
    assert_false(gw_curve_sample(&result, GW_CURVE_REMAINING, 0.0, 3, values, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_false(gw_curve_sample(&result, GW_CURVE_REMAINING, NAN, 3, values, &err));
    gw_result_clear(&result);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),   cmocka_unit_test(test_without_end),
        cmocka_unit_test(test_holes),   cmocka_unit_test(test_both_kinds),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
