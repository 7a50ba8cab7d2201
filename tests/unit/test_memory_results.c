/* test_memory_results.c - pins what is shown of memory runs: columns of the table, null metrics of
 * disk runs, charts, figures with their phases, and that the store brings a run back whole.
 * Does not pin: looks (eyes), disk runs (test_output, test_figure, test_store).
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
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "results/chart.h"
#include "results/figures_run.h"
#include "results/output.h"
#include "results/store.h"
#include "tests/support/sample_result.h"

enum { RUNS = 4, TEXT_BYTES = 1 << 18 };

static const char path[] = "test_memory_results.db";
static const char directory[] = "test_memory_results.tmp";

struct samples {
    struct gw_result results[RUNS];
    const struct gw_result *pointers[RUNS];
    size_t count;
};

static void
samples_make(struct samples *samples, bool with_disk)
{
    gw_sample_memory_result(&samples->results[0], "precopy", 5, 0);
    gw_sample_memory_result(&samples->results[1], "precopy", 10, 0);
    gw_sample_memory_result(&samples->results[2], "postcopy", 10, 0);
    samples->count = 3;
    if (with_disk) {
        gw_sample_result(&samples->results[samples->count++], "busy-disk", "mirror", 4, 0);
    }
    for (size_t i = 0; i < samples->count; i++) {
        samples->pointers[i] = &samples->results[i];
    }
}

static void
samples_clear(struct samples *samples)
{
    for (size_t i = 0; i < samples->count; i++) {
        gw_result_clear(&samples->results[i]);
    }
}

static char *
print(const struct samples *samples, enum gw_output_format format)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    struct gw_output output = {.stream = stream, .format = format};

    assert_true(gw_output_runs(&output, samples->pointers, samples->count, NULL));
    fclose(stream);
    return text;
}

static void
test_table_of_memory_runs(void **state)
{
    struct samples samples;

    (void)state;
    samples_make(&samples, false);
    samples.results[2].metric[GW_METRIC_BYTES_SENT] = 3.0 * 1073741824.0;
    char *text = print(&samples, GW_OUTPUT_MD);
    assert_non_null(strstr(text, "| architecture | throttle_increment | outcome | time s |"));
    assert_non_null(strstr(text, "| syncs | bytes sent | throttle % | guest % | verified |"));
    assert_non_null(strstr(text, "| 8 | 3.00 GiB | 80.0 | 62.5 | yes |"));
    assert_null(strstr(text, "iterations"));
    free(text);
    samples.results[1].metric[GW_METRIC_COMPRESSION_BUSY_RATE] = 0.54;
    text = print(&samples, GW_OUTPUT_MD);
    assert_non_null(strstr(text, "| throttle % | busy % | guest % |"));
    assert_non_null(strstr(text, "| 54.0 |"));
    free(text);
    samples_clear(&samples);
}

static void
test_table_of_both_kinds(void **state)
{
    struct samples samples;

    (void)state;
    samples_make(&samples, true);
    char *text = print(&samples, GW_OUTPUT_MD);
    assert_non_null(strstr(text, "| iterations | syncs | bytes sent | throttle % | guest % |"));
    assert_non_null(strstr(text, "| - | 8 |"));
    assert_non_null(strstr(text, "| - | 38.00 GiB | - | - | yes |"));
    free(text);
    samples_clear(&samples);
}

/* Shares stay real where they happen to be whole; counts are whole. */
static void
test_json_types(void **state)
{
    struct samples samples;

    (void)state;
    samples_make(&samples, true);
    char *text = print(&samples, GW_OUTPUT_JSON);
    json_t *root = json_loads(text, 0, NULL);
    json_t *run = json_array_get(json_object_get(root, "runs"), 0);
    json_t *disk = json_array_get(json_object_get(root, "runs"), 3);
    assert_true(json_is_real(json_object_get(run, "source_main_cpu_share")));
    assert_true(json_is_real(json_object_get(run, "total_time_s")));
    assert_true(json_is_integer(json_object_get(run, "sync_count")));
    assert_true(json_is_integer(json_object_get(run, "xbzrle_cache_miss")));
    assert_true(json_is_null(json_object_get(run, "bytes_mirrored")));
    assert_true(json_is_null(json_object_get(disk, "sync_count")));
    assert_true(json_is_integer(json_object_get(disk, "stuns")));
    json_decref(root);
    free(text);
    samples_clear(&samples);
}

static void
test_charts(void **state)
{
    const struct gw_chart_look look = {70, 8, false, false};
    struct samples samples;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    samples_make(&samples, true);
    assert_true(gw_chart_memory_remaining(stream, samples.pointers, samples.count, &look, NULL));
    assert_true(gw_chart_memory(stream, samples.pointers, samples.count, &look, NULL));
    fflush(stream);
    assert_non_null(strstr(text, "Memory remaining: GiB"));
    assert_non_null(strstr(text, "* Pre-copy   o Post-copy\n"));
    assert_non_null(strstr(text, "Rates, Pre-copy: MB/s"));
    assert_non_null(strstr(text, "* dirtied   o sent\n"));
    assert_non_null(strstr(text, "    400 +*"));
    assert_non_null(strstr(text, "* throttle   o guest speed\n"));
    /* Nothing of a disk run. */
    long before = ftell(stream);
    assert_true(gw_chart_memory(stream, samples.pointers + 3, 1, &look, NULL));
    assert_true(gw_chart_memory_remaining(stream, samples.pointers + 3, 1, &look, NULL));
    assert_int_equal(ftell(stream), before);
    fclose(stream);
    free(text);
    samples_clear(&samples);
}

static const struct gw_figure_plan *
plan_named(const struct gw_figure_plans *plans, const char *name)
{
    for (size_t i = 0; i < plans->count; i++) {
        if (strcmp(plans->items[i].name, name) == 0) {
            return &plans->items[i];
        }
    }
    fail_msg("no figure %s", name);
    return NULL;
}

/* The script of a figure, or its data, as text; whether gnuplot draws it is not asked here. */
static char *
written(const struct samples *samples, const struct gw_figure_plan *plan, const char *suffix)
{
    struct gw_figure *figure = gw_figures_make(samples->pointers, samples->count, plan, NULL);
    char *text = calloc(1, TEXT_BYTES);
    char name[200];

    assert_non_null(figure);
    assert_non_null(text);
    gw_figure_write(figure, directory, "f", 0, NULL);
    gw_figure_destroy(figure);
    snprintf(name, sizeof name, "%s/f.%s", directory, suffix);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, TEXT_BYTES - 1, file) > 0);
    fclose(file);
    return text;
}

static void
test_figures(void **state)
{
    static const char *const wanted[] = {"migration-time-vs-throttle_increment",
                                         "downtime-vs-throttle_increment",
                                         "guest-speed-vs-throttle_increment",
                                         "convergence",
                                         "memory-migration-precopy",
                                         "memory-migration-postcopy",
                                         "dirty-rate-map",
                                         "guest-speed"};
    struct samples samples;
    struct gw_figure_plans plans;

    (void)state;
    samples_make(&samples, false);
    assert_true(gw_figures_plan(samples.pointers, samples.count, &plans, NULL));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        free(written(&samples, plan_named(&plans, wanted[i]), "gp"));
    }
    char *text = written(&samples, plan_named(&plans, "memory-migration-precopy"), "gp");
    assert_non_null(strstr(text, "'Memory Migration: busy-guest, Pre-copy'"));
    assert_non_null(strstr(text, "'pre-copy'"));
    assert_null(strstr(text, "'switch-over'")); /* too short for its name */
    assert_non_null(strstr(text, "rectangle from first 0, graph 0 to first 78.4,"));
    assert_non_null(strstr(text, "rectangle from first 78.4, graph 0 to first 80,"));
    assert_non_null(strstr(text, "'Throttle (%)'"));
    free(text);
    text = written(&samples, plan_named(&plans, "guest-speed"), "tsv");
    assert_non_null(strstr(text, "\t-8\t100")); /* from the request on */
    free(text);
    gw_figures_clear(&plans);
    samples_clear(&samples);
}

static void
test_store_keeps_it(void **state)
{
    struct gw_error err = {.message = ""};
    struct samples samples;
    struct gw_result_list list;
    char before[33];
    char after[33];

    (void)state;
    samples_make(&samples, true);
    struct gw_store *store = gw_store_open(path, true, &err);
    assert_non_null(store);
    for (size_t i = 0; i < samples.count; i++) {
        assert_true(gw_store_put(store, &samples.results[i], &err));
    }
    assert_true(gw_store_read(store, &list, &err));
    assert_int_equal(list.count, samples.count);
    for (size_t i = 0; i < list.count; i++) {
        size_t k = 0;
        while (strcmp(list.pointers[i]->run_id, samples.results[k].run_id) != 0) {
            k++;
        }
        gw_result_digest(&samples.results[k], before);
        gw_result_digest(list.pointers[i], after);
        assert_string_equal(before, after);
    }
    gw_result_list_clear(&list);
    gw_store_close(store);
    samples_clear(&samples);
}

static int
remove_files(void **state)
{
    static const char *const names[] = {
        "test_memory_results.db", "test_memory_results.db-wal", "test_memory_results.db-shm",
        "test_memory_results.tmp/f.gp", "test_memory_results.tmp/f.tsv"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        remove(names[i]);
    }
    rmdir(directory);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_of_memory_runs),
        cmocka_unit_test(test_table_of_both_kinds),
        cmocka_unit_test(test_json_types),
        cmocka_unit_test(test_charts),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_store_keeps_it),
    };

    return cmocka_run_group_tests(tests, remove_files, remove_files);
}
