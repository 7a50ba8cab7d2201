/* test_histogram.c - pins bucket borders, the 1 % promise and order-free merging; not speed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"

static void
test_buckets_tile_all_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_HISTOGRAM_BUCKETS; i++) {
        int64_t lowest = gw_histogram_lowest(i);
        assert_int_equal(gw_histogram_bucket(lowest), i);
        if (i > 0) {
            assert_true(lowest > gw_histogram_lowest(i - 1));
            assert_int_equal(gw_histogram_bucket(lowest - 1), i - 1);
        }
    }
    assert_int_equal(gw_histogram_bucket(INT64_MAX), GW_HISTOGRAM_BUCKETS - 1);
    assert_int_equal(gw_histogram_bucket(127), 127);
    assert_int_equal(gw_histogram_bucket(129), 128);
}

static void
test_empty_is_zero(void **state)
{
    struct gw_histogram empty = {0};

    (void)state;
    assert_int_equal(gw_histogram_quantile(&empty, 0.5), 0);
    assert_true(gw_histogram_mean(&empty) < 1e-300);
    gw_histogram_clear(&empty);
}

static void
test_quantile_within_one_percent(void **state)
{
    static const double shares[] = {0.01, 0.25, 0.5, 0.9, 0.99, 0.999};
    struct gw_histogram histogram = {0};
    const int64_t count = 100000;

    (void)state;
    for (int64_t i = 1; i <= count; i++) {
        gw_histogram_add(&histogram, i * 977);
    }
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        double exact = shares[i] * (double)count * 977.0;
        double got = (double)gw_histogram_quantile(&histogram, shares[i]);
        assert_true(got > 0.99 * exact && got < 1.01 * exact);
    }
    assert_int_equal(gw_histogram_quantile(&histogram, 1.0), count * 977);
    assert_int_equal(histogram.least, 977);
    assert_true(gw_histogram_mean(&histogram) > 48850488.0);
    assert_true(gw_histogram_mean(&histogram) < 48850489.0);
    gw_histogram_clear(&histogram);
}

static void
test_rank_is_the_smallest_that_covers_the_share(void **state)
{
    struct gw_histogram histogram = {0};

    (void)state;
    for (int64_t i = 1; i <= 4; i++) {
        gw_histogram_add(&histogram, 10 * i);
    }
    assert_int_equal(gw_histogram_quantile(&histogram, 0.0), 10);
    assert_int_equal(gw_histogram_quantile(&histogram, 0.25), 10);
    assert_int_equal(gw_histogram_quantile(&histogram, 0.5), 20);
    assert_int_equal(gw_histogram_quantile(&histogram, 0.51), 30);
    gw_histogram_clear(&histogram);
}

static void
test_merge_is_order_free(void **state)
{
    struct gw_histogram a = {0};
    struct gw_histogram b = {0};
    struct gw_histogram ab = {0};
    struct gw_histogram ba = {0};

    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        gw_histogram_add(&a, i * i);
        gw_histogram_add(&b, 5 + i * 1000);
    }
    gw_histogram_merge(&ab, &a);
    gw_histogram_merge(&ab, &b);
    gw_histogram_merge(&ba, &b);
    gw_histogram_merge(&ba, &a);
    assert_int_equal(ab.total, 2000);
    assert_int_equal(ab.least, 0);
    assert_int_equal(ab.most, 999005);
    assert_memory_equal(ab.count, ba.count, GW_HISTOGRAM_BUCKETS * sizeof *ab.count);
    assert_true(ab.sum == a.sum + b.sum && ba.sum == ab.sum);
    gw_histogram_clear(&a);
    gw_histogram_clear(&b);
    gw_histogram_clear(&ab);
    gw_histogram_clear(&ba);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets_tile_all_values),
        cmocka_unit_test(test_empty_is_zero),
        cmocka_unit_test(test_quantile_within_one_percent),
        cmocka_unit_test(test_rank_is_the_smallest_that_covers_the_share),
        cmocka_unit_test(test_merge_is_order_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
