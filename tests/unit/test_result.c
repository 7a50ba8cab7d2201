/* test_result.c - pins the tables and what the digest covers; not the digest's value, which may
 * change when a metric is added.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "tests/support/sample_result.h"

static void
test_tables_are_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        assert_non_null(gw_metric_info[i].key);
        assert_non_null(gw_metric_info[i].help);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(gw_metric_info[i].key, gw_metric_info[k].key);
        }
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        assert_non_null(gw_distribution_info[i].key);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        assert_non_null(gw_series_info[i].name);
        assert_non_null(gw_series_info[i].columns);
    }
    assert_string_equal(gw_outcome_name(GW_NOT_CONVERGED), "not_converged");
}

static void
test_fresh_result_has_no_numbers(void **state)
{
    struct gw_result result;

    (void)state;
    gw_result_init(&result);
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        assert_true(__builtin_isnan(result.metric[i]));
    }
    gw_result_clear(&result);
}

static void
test_a_parameter_is_found_by_name(void **state)
{
    struct gw_result result;

    (void)state;
    gw_sample_result(&result, "s", "dbt", 4, 1);
    for (size_t i = 0; i < result.parameter_count; i++) {
        assert_string_equal(gw_result_parameter(&result, result.parameter_names[i]),
                            result.parameter_values[i]);
    }
    assert_string_equal(gw_result_parameter(&result, "workload.nothing"), "");
    assert_string_equal(gw_result_short_name("migration.over.lay"), "lay");
    assert_string_equal(gw_result_short_name("seed"), "seed");
    gw_result_clear(&result);
}

static void
digest_of_changed(int change, char out[33])
{
    struct gw_result result;

    gw_sample_result(&result, "s", "dbt", 4, 1);
    switch (change) {
    case 1:
        result.metric[3] += 1e-9;
        break;
    case 2:
        result.verified = false;
        break;
    case 3:
        result.reason = "another";
        break;
    case 4:
        gw_histogram_add(&result.distribution[GW_STUN_NS], 0);
        break;
    case 5:
        result.series[GW_SERIES_IOPS].values[17] += 1.0;
        break;
    case 6:
        result.series[GW_SERIES_IOPS].t_ns[3] += 1;
        break;
    case 7:
        result.seed++;
        break;
    case 8:
        result.phase_names[1] = "x";
        break;
    case 9:
        result.outcome = GW_FAILED;
        break;
    case 20:
        result.wall_s = 99.0;
        break;
    case 21:
        result.metric[GW_METRIC_PENALTY_DEFER_S] = -__builtin_nan("7");
        break;
    case 22:
        result.parameter_values[1][0] = '9';
        break;
    default:
        break;
    }
    gw_result_digest(&result, out);
    gw_result_clear(&result);
}

static void
test_digest_sees_results_only(void **state)
{
    char same[33];
    char other[33];

    (void)state;
    digest_of_changed(0, same);
    assert_int_equal(strlen(same), 32);
    for (int change = 1; change <= 9; change++) {
        digest_of_changed(change, other);
        assert_string_not_equal(same, other);
    }
    for (int change = 20; change <= 22; change++) {
        digest_of_changed(change, other);
        assert_string_equal(same, other);
    }
}

static void
test_zero_has_one_sign(void **state)
{
    struct gw_result result;
    char plus[33];
    char minus[33];

    (void)state;
    gw_result_init(&result);
    result.metric[0] = 0.0;
    gw_result_digest(&result, plus);
    result.metric[0] = -0.0;
    gw_result_digest(&result, minus);
    assert_string_equal(plus, minus);
    gw_result_clear(&result);
}

/* From the XXH3 reference: the 128-bit hash of no bytes with seed 0. */
static void
test_hash_known_answer(void **state)
{
    char text[GW_HASH_TEXT];
    char of_file[GW_HASH_TEXT];
    char path[] = "test_result.tmp";
    struct gw_error err;

    (void)state;
    gw_hash_bytes("", 0, text);
    assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("godwit", file);
    fclose(file);
    gw_hash_bytes("godwit", 6, text);
    assert_true(gw_hash_file(path, of_file, &err));
    assert_string_equal(text, of_file);
    remove(path);
    assert_false(gw_hash_file(path, of_file, &err));
    assert_int_equal(err.code, GW_ENOENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_full),
        cmocka_unit_test(test_fresh_result_has_no_numbers),
        cmocka_unit_test(test_a_parameter_is_found_by_name),
        cmocka_unit_test(test_digest_sees_results_only),
        cmocka_unit_test(test_zero_has_one_sign),
        cmocka_unit_test(test_hash_known_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
