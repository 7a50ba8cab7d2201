/* test_output.c - pins keys, nulls and their order in JSON, CSV quoting, what the table leaves out,
 * the verdicts of cells and the chart's size; not the exact look of the table.
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
#include <jansson.h>

#include "results/chart.h"
#include "results/output.h"
#include "tests/support/sample_result.h"

enum { RUNS = 3 };

static char *
print_runs(enum gw_output_format format)
{
    struct gw_result results[RUNS];
    const struct gw_result *pointers[RUNS];
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    struct gw_output output = {.stream = stream, .format = format};

    for (int i = 0; i < RUNS; i++) {
        gw_sample_result(&results[i], "a,\"b\"", "dbt", i < 2 ? 4 : 8, i % 2);
        pointers[i] = &results[i];
    }
    results[2].outcome = GW_NOT_CONVERGED;
    results[2].reason = "dirtied faster than copied";
    results[2].metric[GW_METRIC_MIGRATION_TIME_S] = NAN;
    assert_true(gw_output_runs(&output, pointers, RUNS, NULL));
    for (int i = 0; i < RUNS; i++) {
        gw_result_clear(&results[i]);
    }
    fclose(stream);
    return text;
}

static void
test_json(void **state)
{
    char *text = print_runs(GW_OUTPUT_JSON);
    json_t *root = json_loads(text, 0, NULL);
    json_t *run = json_array_get(json_object_get(root, "runs"), 0);
    json_t *last = json_array_get(json_object_get(root, "runs"), 2);

    (void)state;
    assert_int_equal(json_array_size(json_object_get(root, "runs")), RUNS);
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        assert_non_null(json_object_get(run, gw_metric_info[i].key));
    }
    assert_true(json_is_integer(json_object_get(run, "iterations")));
    assert_true(json_is_integer(json_object_get(run, "bytes_sent")));
    assert_true(json_is_real(json_object_get(run, "downtime_s")));
    assert_true(json_is_null(json_object_get(last, "migration_time_s")));
    assert_string_equal(json_string_value(json_object_get(last, "outcome")), "not_converged");
    json_t *parameters = json_object_get(run, "parameters");
    assert_string_equal(json_string_value(json_object_get(parameters, "workload.oio")), "4");
    json_t *latency = json_object_get(run, "latency_during");
    assert_true(fabs(json_real_value(json_object_get(latency, "p50_ms")) - 500.0) < 5.0);
    assert_null(json_object_get(run, "latency_before"));
    assert_true(strstr(text, "\"scenario\"") < strstr(text, "\"digest\""));
    assert_true(strstr(text, "\"digest\"") < strstr(text, "\"migration_time_s\""));
    json_decref(root);
    free(text);
}

static void
test_jsonl_has_a_line_a_run(void **state)
{
    char *text = print_runs(GW_OUTPUT_JSONL);
    size_t lines = 0;
    char *rest = NULL;

    (void)state;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *run = json_loads(line, 0, NULL);
        assert_non_null(run);
        json_decref(run);
        lines++;
    }
    assert_int_equal(lines, RUNS);
    free(text);
}

static void
test_csv_quotes_and_leaves_empty(void **state)
{
    char *text = print_runs(GW_OUTPUT_CSV);

    (void)state;
    assert_non_null(strstr(text, "\r\n\"a,\"\"b\"\"\",vm,dbt,0,7,completed,"));
    assert_null(strstr(text, "nan"));
    assert_non_null(strstr(text, ",workload.oio,migration_time_s,"));
    free(text);
}

static void
test_table_shows_what_varies(void **state)
{
    char *text = print_runs(GW_OUTPUT_TABLE);

    (void)state;
    assert_non_null(strstr(text, "oio"));
    assert_null(strstr(text, "scenario"));
    assert_non_null(strstr(text, "38.00 GiB"));
    assert_non_null(strstr(text, "\u00b1"));
    assert_non_null(strstr(text, "not_converged: dirtied faster than copied"));
    assert_null(strstr(text, "\033"));
    free(text);
}

static void
test_markdown_is_a_table(void **state)
{
    char *text = print_runs(GW_OUTPUT_MD);

    (void)state;
    assert_non_null(strstr(text, "| architecture | oio |"));
    assert_non_null(strstr(text, "| :-"));
    free(text);
}

static char *
print_cells(enum gw_output_format format, enum gw_verdict second)
{
    const struct gw_cell cells[] = {
        {"OIO 2",
         "migration_time_s",
         {NULL, 100.0},
         {NULL, 110.0},
         10.0,
         GW_VERDICT_OK,
         "published",
         NULL},
        {"OIO 4", "outcome", {"failed", NAN}, {"completed", NAN}, NAN, second, "shape", "x"},
        {"OIO 8", "downtime_s", {NULL, NAN}, {NULL, 1.5}, NAN, GW_VERDICT_NONE, NULL, NULL},
    };
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    struct gw_output output = {.stream = stream, .format = format};

    assert_true(gw_output_cells(&output, cells, 3, NULL));
    fclose(stream);
    return text;
}

static void
test_cells(void **state)
{
    char *text = print_cells(GW_OUTPUT_JSON, GW_VERDICT_NOT_OK);
    json_t *root = json_loads(text, 0, NULL);
    json_t *cells = json_object_get(root, "cells");

    (void)state;
    assert_true(json_is_false(json_object_get(root, "ok")));
    assert_true(json_is_true(json_object_get(json_array_get(cells, 0), "ok")));
    assert_true(json_is_string(json_object_get(json_array_get(cells, 1), "expected")));
    assert_true(json_is_null(json_object_get(json_array_get(cells, 1), "error_pct")));
    assert_true(json_is_null(json_object_get(json_array_get(cells, 2), "expected")));
    assert_true(json_is_null(json_object_get(json_array_get(cells, 2), "ok")));
    json_decref(root);
    free(text);
    text = print_cells(GW_OUTPUT_TABLE, GW_VERDICT_NONE);
    assert_non_null(strstr(text, "verdict: ok"));
    free(text);
}

static void
test_full_stream_is_an_error(void **state)
{
    struct gw_error err = {0};
    FILE *stream = fopen("/dev/full", "w");
    struct gw_output output = {.stream = stream, .format = GW_OUTPUT_JSON};

    (void)state;
    if (stream == NULL) {
        skip();
    }
    assert_false(gw_output_runs(&output, NULL, 0, &err));
    assert_int_equal(err.code, GW_EIO);
    fclose(stream);
}

static void
test_chart_keeps_its_width(void **state)
{
    const double x[] = {0, 1, 2, 3};
    const double y[] = {0, 5, NAN, 10};
    const struct gw_chart_curve curve = {"mirror", x, y, 4};
    const struct gw_chart chart = {"t", "x", "y", &curve, 1};
    const struct gw_chart_look look = {60, 8, false, false};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    size_t lines = 0;
    char *rest = NULL;

    (void)state;
    assert_true(gw_chart_draw(stream, &chart, &look, NULL));
    fclose(stream);
    assert_non_null(strstr(text, "* mirror"));
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(strlen(line) <= 60);
        lines++;
    }
    assert_int_equal(lines, 1 + 8 + 2 + 1);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_jsonl_has_a_line_a_run),
        cmocka_unit_test(test_csv_quotes_and_leaves_empty),
        cmocka_unit_test(test_table_shows_what_varies),
        cmocka_unit_test(test_markdown_is_a_table),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_full_stream_is_an_error),
        cmocka_unit_test(test_chart_keeps_its_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
