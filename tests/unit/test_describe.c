/* test_describe.c - pins what is put together of one point: which values count, histograms that
 * add, and the guest before its migration: rows that count, where a warm-up ends with either
 * origin of time, what too few samples give. The formulas are pinned in test_statistics.c,
 * test_quantiles.c, test_bootstrap.c and test_steady.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/describe.h"

static const int64_t second = 1000000000;

static void
test_values(void **state)
{
    const double values[] = {3.0, NAN, 1.0, 2.0, 6.0, 5.0, 4.0};
    struct gw_description got;

    (void)state;
    gw_describe_values(values, 7, 0.95, &got);
    assert_int_equal(got.summary.count, 6);
    assert_true(fabs(got.summary.mean - 3.5) < 1e-12 && fabs(got.mean.estimate - 3.5) < 1e-12);
    assert_true(fabs(got.median.value - 3.5) < 1e-12);
    assert_true(fabs(got.median.low - 1.0) < 1e-12 && fabs(got.median.high - 6.0) < 1e-12);
    assert_true(got.mean.bca_low > 1.0 && got.mean.bca_low < 3.5);
    assert_true(got.mean.bca_high > 3.5 && got.mean.bca_high < 6.0);

    gw_describe_values(values, 2, 0.95, &got);
    assert_int_equal(got.summary.count, 1);
    assert_true(isnan(got.summary.half_width) && isnan(got.mean.bca_low) && isnan(got.median.low));
}

static void
test_distribution(void **state)
{
    struct gw_result results[2];
    const struct gw_result *const pointers[] = {&results[0], &results[1]};
    struct gw_histogram merged = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        gw_result_init(&results[i]);
        gw_histogram_add(&results[i].distribution[GW_STUN_NS], 10 + i);
        gw_histogram_add(&results[i].distribution[GW_LOCK_WAIT_NS], 99);
    }
    gw_describe_distribution(pointers, 2, GW_STUN_NS, &merged);
    assert_int_equal(merged.total, 2);
    assert_int_equal(merged.least, 10);
    assert_int_equal(merged.most, 11);
    gw_histogram_clear(&merged);
    gw_result_clear(&results[0]);
    gw_result_clear(&results[1]);
}

/* `cold` seconds at 10 IOs a second, then `warm` seconds that alternate around `rate`; the
 * migration begins there, and then all is wild. Reads are 4 of the IOs. */
static void
make_disk_run(struct gw_result *result, int cold, int warm, double rate)
{
    gw_result_init(result);
    for (int i = 1; i <= cold + warm + 20; i++) {
        double ios = i <= cold ? 10.0 : rate + (i % 2 == 0 ? 1.0 : -1.0);
        double row[] = {4.0, i <= cold + warm ? ios - 4.0 : 1e6, 0, 0, 0, 0, 0};

        assert_true(
            gw_series_add(&result->series[GW_SERIES_IOPS], GW_SERIES_IOPS, i * second, row));
    }
    assert_true(gw_result_add_phase(result, "copy", (cold + warm) * second));
}

static void
test_before_disks(void **state)
{
    struct gw_result results[3];
    const struct gw_result *const pointers[] = {&results[0], &results[1], &results[2]};
    struct gw_description_before got;
    struct gw_error err;

    (void)state;
    make_disk_run(&results[0], 20, 200, 100.0);
    make_disk_run(&results[1], 10, 200, 102.0);
    gw_result_init(&results[2]);
    assert_true(gw_describe_before(pointers, 3, 0.95, &got, &err));
    assert_int_equal(got.curve, GW_CURVE_GUEST_IOPS);
    assert_int_equal(got.runs, 2);
    assert_int_equal(got.samples, 210);
    assert_int_equal(got.trusted, 2);
    assert_true(fabs(got.warm_up_s - 20.0) < 1e-9);
    assert_int_equal(got.means.count, 2);
    assert_true(fabs(got.means.mean - 101.0) < 0.02);
    assert_true(fabs(got.means.least - 100.0) < 0.02);
    assert_true(got.run_half_width >= 0.0 && got.run_half_width < 0.5);

    assert_true(gw_describe_before(pointers + 2, 1, 0.95, &got, &err));
    assert_int_equal(got.runs, 0);
    assert_int_equal(got.curve, GW_CURVE_COUNT);
    assert_true(isnan(got.warm_up_s) && isnan(got.means.mean) && isnan(got.run_half_width));
    for (int i = 0; i < 3; i++) {
        gw_result_clear(&results[i]);
    }
}

/* Time is counted from the request: the run begins 150 seconds before 0. */
static void
test_before_memory(void **state)
{
    struct gw_result result;
    const struct gw_result *const pointers[] = {&result};
    struct gw_description_before got;
    struct gw_error err;

    (void)state;
    gw_result_init(&result);
    for (int i = 1; i <= 200; i++) {
        double row[11] = {[4] = i <= 15 ? 5e4 : 1e5 + i % 3};

        assert_true(gw_series_add(&result.series[GW_SERIES_MEMORY], GW_SERIES_MEMORY,
                                  (i - 150) * second, row));
    }
    assert_true(gw_result_add_phase(&result, "pre-copy", 0));
    assert_true(gw_describe_before(pointers, 1, 0.95, &got, &err));
    assert_int_equal(got.curve, GW_CURVE_GUEST_RATE);
    assert_int_equal(got.samples, 150);
    assert_int_equal(got.trusted, 1);
    assert_true(fabs(got.warm_up_s - 15.0) < 1e-9);
    assert_true(fabs(got.means.mean - 100001.0) < 0.1);
    assert_true(isnan(got.means.half_width));
    gw_result_clear(&result);
}

static void
test_before_too_few(void **state)
{
    struct gw_result result;
    const struct gw_result *const pointers[] = {&result};
    struct gw_description_before got;
    struct gw_error err;

    (void)state;
    make_disk_run(&result, 0, 6, 50.0);
    assert_true(gw_describe_before(pointers, 1, 0.95, &got, &err));
    assert_int_equal(got.runs, 1);
    assert_int_equal(got.samples, 6);
    assert_int_equal(got.trusted, 0);
    assert_true(isnan(got.warm_up_s) && isnan(got.run_half_width));
    assert_true(fabs(got.means.mean - 50.0) < 1e-9);
    gw_result_clear(&result);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),         cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_before_disks),   cmocka_unit_test(test_before_memory),
        cmocka_unit_test(test_before_too_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
