/* test_baseline.c - pins baselines: which runs make a group and how it is called, what a digest
 * covers, grids, that a file is read as it was written and written again with the same bytes, and
 * that an edited file is refused with the place of the mistake. Does not pin curves themselves
 * (test_curve_grid.c).
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

#include "results/baseline.h"
#include "tests/support/sample_result.h"

enum { RUNS = 3, OIOS = 2, ARCHITECTURES = 2, COUNT = RUNS * OIOS * ARCHITECTURES };

/* Two architectures with two outstanding IOs each. */
struct runs {
    struct gw_result results[COUNT];
    const struct gw_result *pointers[COUNT];
};

static void
make_runs(struct runs *runs)
{
    static const char *const architectures[] = {"dbt", "mirror"};

    for (int i = 0; i < COUNT; i++) {
        gw_sample_result(&runs->results[i], "oltp", architectures[i / (RUNS * OIOS)],
                         i / RUNS % OIOS == 0 ? 4 : 16, i % RUNS);
        runs->pointers[i] = &runs->results[i];
    }
}

static void
clear_runs(struct runs *runs)
{
    for (int i = 0; i < COUNT; i++) {
        gw_result_clear(&runs->results[i]);
    }
}

static char *
copy(const char *text)
{
    char *made = strdup(text);

    assert_non_null(made);
    return made;
}

static void
measure(struct gw_baseline_case *one, const struct runs *runs, size_t count,
        const struct gw_baseline_case *like)
{
    struct gw_error err;

    *one = (struct gw_baseline_case){.name = copy("atc11/oltp"),
                                     .scenario = copy("atc11/oltp"),
                                     .settings = calloc(1, sizeof(char *)),
                                     .setting_count = 1,
                                     .seed = 7,
                                     .replications = RUNS};
    assert_non_null(one->settings);
    one->settings[0] = copy("description=\"a, b\"");
    assert_true(gw_baseline_measure(one, runs->pointers, count, like, &err));
}

/* ---- groups --------------------------------------------------------------------------------------- */

static void
test_groups(void **state)
{
    struct runs runs;
    struct gw_baseline_case one;

    (void)state;
    make_runs(&runs);
    measure(&one, &runs, COUNT, NULL);
    assert_int_equal(one.group_count, OIOS * ARCHITECTURES);
    assert_string_equal(one.groups[0].name, "dbt, workload.oio=4");
    assert_string_equal(one.groups[3].name, "mirror, workload.oio=16");
    for (size_t i = 0; i < one.group_count; i++) {
        assert_int_equal(one.groups[i].runs, RUNS);
        assert_int_equal(one.groups[i].completed, RUNS);
    }
    assert_non_null(gw_baseline_group_find(&one, "mirror, workload.oio=4"));
    assert_null(gw_baseline_group_find(&one, "mirror"));
    gw_baseline_case_clear(&one);
    measure(&one, &runs, RUNS, NULL); /* what does not vary is not named */
    assert_int_equal(one.group_count, 1);
    assert_string_equal(one.groups[0].name, "dbt");
    gw_baseline_case_clear(&one);
    clear_runs(&runs);
}

static void
test_guests_are_told_apart(void **state)
{
    struct runs runs;
    struct gw_baseline_case one;

    (void)state;
    make_runs(&runs);
    for (int i = 0; i < RUNS; i++) {
        free(runs.results[RUNS + i].vm);
        runs.results[RUNS + i].vm = copy("neighbour");
    }
    measure(&one, &runs, (size_t)RUNS * 2, NULL);
    assert_int_equal(one.group_count, 2);
    assert_non_null(strstr(one.groups[1].name, "neighbour: dbt"));
    gw_baseline_case_clear(&one);
    clear_runs(&runs);
}

/* ---- digests -------------------------------------------------------------------------------------- */

static bool
changes_digest(const char *before, const struct runs *runs)
{
    struct gw_baseline_case one;
    bool differs;

    measure(&one, runs, 1, NULL);
    differs = strcmp(before, one.groups[0].digests[0]) != 0;
    gw_baseline_case_clear(&one);
    return differs;
}

static void
test_a_digest_is_of_numbers(void **state)
{
    struct runs runs;
    struct gw_baseline_case one;
    char before[GW_BASELINE_DIGEST];
    struct gw_result *result = &runs.results[0];

    (void)state;
    make_runs(&runs);
    measure(&one, &runs, 1, NULL);
    memcpy(before, one.groups[0].digests[0], sizeof before);
    gw_baseline_case_clear(&one);

    memset(result->run_id, 'f', 32); /* another version, another name: the same run */
    free(result->scenario);
    result->scenario = copy("renamed");
    assert_false(changes_digest(before, &runs));
    result->metric[GW_METRIC_EVENTS] += 1;
    assert_true(changes_digest(before, &runs));
    result->metric[GW_METRIC_EVENTS] -= 1;
    assert_false(changes_digest(before, &runs));
    result->series[GW_SERIES_PROGRESS].values[0] += 1;
    assert_true(changes_digest(before, &runs));
    result->series[GW_SERIES_PROGRESS].values[0] -= 1;
    gw_histogram_add(&result->distribution[GW_LATENCY_DURING_NS], 5000);
    assert_true(changes_digest(before, &runs));
    clear_runs(&runs);
}

/* ---- grids ---------------------------------------------------------------------------------------- */

static void
test_grids(void **state)
{
    struct runs runs;
    struct gw_baseline_case own, like;

    (void)state;
    make_runs(&runs);
    measure(&own, &runs, COUNT, NULL);
    assert_int_equal(own.groups[0].points, GW_BASELINE_POINTS);
    for (int i = 0; i < RUNS; i++) {
        assert_true(own.groups[0].end_s >= gw_curve_length_s(&runs.results[i]));
    }
    own.groups[0].end_s = 5;
    own.groups[0].points = 11;
    measure(&like, &runs, COUNT, &own);
    assert_int_equal(like.groups[0].points, 11);
    assert_true(fabs(like.groups[0].end_s - 5) < 1e-12);
    assert_int_equal(like.groups[1].points, GW_BASELINE_POINTS);
    gw_baseline_case_clear(&own);
    gw_baseline_case_clear(&like);
    clear_runs(&runs);
}

/* ---- the file ------------------------------------------------------------------------------------- */

static char path[] = "/tmp/godwit-baseline-XXXXXX";

static int
make_file(void **state)
{
    int file = mkstemp(path);

    (void)state;
    return file < 0 ? -1 : close(file);
}

static int
remove_file(void **state)
{
    (void)state;
    return remove(path);
}

static void
write_sample(void)
{
    struct runs runs;
    struct gw_baseline baseline = {.version = copy("1.2.3"), .reason = copy("say \"why\"")};
    struct gw_error err;

    make_runs(&runs);
    runs.results[1].metric[GW_METRIC_DOWNTIME_S] = NAN;
    runs.results[2].outcome = GW_NOT_CONVERGED;
    gw_gate_margins_default(&baseline.margins);
    assert_true(gw_gate_margin_set(&baseline.margins, false, "bytes_sent", "7%", &err));
    assert_true(gw_gate_margin_set(&baseline.margins, true, "guest_iops", "30%", &err));
    baseline.cases = calloc(1, sizeof *baseline.cases);
    assert_non_null(baseline.cases);
    baseline.case_count = 1;
    measure(&baseline.cases[0], &runs, COUNT, NULL);
    assert_true(gw_baseline_write(&baseline, path, &err));
    gw_baseline_clear(&baseline);
    clear_runs(&runs);
}

/* Caller frees. */
static char *
file_text(void)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void
assert_same_group(const struct gw_baseline_group *a, const struct gw_baseline_group *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->runs, b->runs);
    assert_int_equal(a->completed, b->completed);
    assert_memory_equal(a->digests, b->digests, a->runs * GW_BASELINE_DIGEST);
    assert_true(fabs(a->end_s - b->end_s) <= 0);
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        assert_int_equal(a->metrics[i] == NULL, b->metrics[i] == NULL);
        for (size_t run = 0; a->metrics[i] != NULL && b->metrics[i] != NULL && run < a->runs;
             run++) {
            assert_true(fabs(a->metrics[i][run] - b->metrics[i][run]) <= 0 ||
                        (isnan(a->metrics[i][run]) && isnan(b->metrics[i][run])));
        }
    }
    for (size_t id = 0; id < GW_CURVE_COUNT; id++) {
        assert_int_equal(a->curves[id] == NULL, b->curves[id] == NULL);
        if (a->curves[id] != NULL && b->curves[id] != NULL) {
            assert_memory_equal(a->curves[id], b->curves[id], a->runs * a->points * sizeof(double));
        }
    }
}

static void
test_read_as_written(void **state)
{
    struct gw_baseline baseline;
    struct gw_baseline_case measured;
    struct runs runs;
    struct gw_error err;
    char *first, *second;

    (void)state;
    write_sample();
    first = file_text();
    assert_true(gw_baseline_read(&baseline, path, &err));
    assert_string_equal(baseline.version, "1.2.3");
    assert_string_equal(baseline.reason, "say \"why\"");
    assert_string_equal(baseline.cases[0].settings[0], "description=\"a, b\"");
    assert_int_equal(baseline.cases[0].seed, 7);
    make_runs(&runs);
    measure(&measured, &runs, COUNT, NULL);
    assert_same_group(&measured.groups[1], &baseline.cases[0].groups[1]);
    assert_int_equal(baseline.cases[0].groups[0].completed, RUNS - 1);
    assert_true(gw_baseline_write(&baseline, path, &err));
    second = file_text();
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "\"bytes_sent\": \"7%\""));
    assert_null(strstr(first, "\"total_time_s\": \"2%\""));
    free(first);
    free(second);
    gw_baseline_case_clear(&measured);
    gw_baseline_clear(&baseline);
    clear_runs(&runs);
}

/* The sample with its first `from` replaced by `to` is refused with a message that names `place`. */
static void
assert_refused(const char *from, const char *to, const char *place)
{
    struct gw_baseline baseline;
    struct gw_error err;
    char *text, *at;
    FILE *file;

    write_sample();
    text = file_text();
    at = strstr(text, from);
    assert_non_null(at);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fclose(file);
    free(text);
    assert_false(gw_baseline_read(&baseline, path, &err));
    assert_int_equal(err.code, GW_EINVAL);
    if (strstr(err.message, place) == NULL || strstr(err.message, path) == NULL) {
        fail_msg("no '%s' in: %s", place, err.message);
    }
}

static void
test_edited_files_are_refused(void **state)
{
    (void)state;
    assert_refused("\"format\": 1", "\"format\": 2", "this godwit reads format 1");
    assert_refused("\"format\": 1,", "\"format\": 1", ":3:");
    assert_refused("\"reason\": \"say", "\"reasons\": \"say", "'reasons': no such key");
    assert_refused("\"7%\"", "\"7\"", "must be a share as text");
    assert_refused("\"guest_iops\": \"30%\"", "\"iops\": \"30%\"", "no such curve");
    assert_refused("\"seed\": 7", "\"seed\": -7", "cases[0]: seed");
    assert_refused("\"replications\": 3", "\"replications\": 0", "cases[0]: replications");
    assert_refused("\"completed\": 2", "\"completed\": 4", "cases[0]: groups[0]: completed");
    assert_refused("\"points\": 60", "\"points\": 59", "cases[0]: groups[0]: curves.");
    assert_refused("\"points\": 60", "\"points\": 1", "grid: points");
    assert_refused("\"end_s\": ", "\"end_s\": -", "grid.end_s");
    assert_refused("\"digests\": [\"", "\"digests\": [\"0", "digests: number 1 must have 16");
    assert_refused("\"bytes_sent\": [", "\"bytes_sent\": [1,", "metrics.bytes_sent");
    assert_refused("\"groups\": [", "\"group\": [", "cases[0]: groups");
    assert_refused("\"margins\": {\"metrics\"", "\"margins\": {\"metric\"", "margins: 'metric'");
    assert_refused("\"margins\": {", "\"margins\": [], \"x\": {", "'x': no such key");
    assert_refused("\"cases\": [", "\"cases\": [], \"cases\": [", "duplicate");
    assert_refused("\"settings\": [", "\"settings\": 1, \"words\": [", "cases[0]: settings");
    assert_refused("\"metrics\": {\n", "\"metrics\": 3, \"x\": {\n", "groups[0]: metrics: must");
    assert_refused("\"bytes_sent\": [", "\"bytes_sent\": [1e99, 1, 1], \"was\": [",
                   "metrics.bytes_sent: number 1 of 3: is above");
    assert_refused("workload.oio=16", "workload.oio=4", "is there twice");
    assert_refused("\"seed\": 7", "\"margins\": {}, \"seed\": 7", "cases[0]: 'margins': no such");
    assert_refused(
        "\"failed\": ", "\"margins\": {}, \"failed\": ", "groups[0]: 'margins': no such");
}

/* A reason of bytes that are no UTF-8 would make a file that nobody can read. */
static void
test_the_old_file_stays(void **state)
{
    struct gw_baseline baseline;
    struct gw_error err;
    char *before, *after;

    (void)state;
    write_sample();
    before = file_text();
    assert_true(gw_baseline_read(&baseline, path, &err));
    free(baseline.reason);
    baseline.reason = copy("why \xff");
    assert_false(gw_baseline_write(&baseline, path, &err));
    assert_int_equal(err.code, GW_EINVAL);
    after = file_text();
    assert_string_equal(before, after);
    free(before);
    free(after);
    gw_baseline_clear(&baseline);
}

static void
test_no_file(void **state)
{
    struct gw_baseline baseline;
    struct gw_error err;

    (void)state;
    assert_false(gw_baseline_read(&baseline, "nonexistent/baseline.json", &err));
    assert_int_equal(err.code, GW_ENOENT);
    assert_false(gw_baseline_read(&baseline, "/", &err));
    assert_int_equal(err.code, GW_EIO);
    assert_string_equal(err.message, "/ cannot be read: Is a directory");
    assert_false(gw_baseline_writable("nonexistent/baseline.json", &err));
    assert_int_equal(err.code, GW_EIO);
    gw_gate_margins_default(&baseline.margins);
    baseline.version = copy("1");
    baseline.reason = copy("none");
    assert_false(gw_baseline_write(&baseline, "nonexistent/baseline.json", &err));
    assert_int_equal(err.code, GW_EIO);
    gw_baseline_clear(&baseline);
}

/* Another accept may be writing there. */
static void
test_the_probe_leaves_neighbours(void **state)
{
    char name[sizeof path + sizeof ".new"];
    struct gw_error err;
    FILE *file;

    (void)state;
    snprintf(name, sizeof name, "%s.new", path);
    file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs("half", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_true(gw_baseline_writable(path, &err));
    file = fopen(name, "r");
    assert_non_null(file);
    assert_int_equal(fgetc(file), 'h');
    fclose(file);
    remove(name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_guests_are_told_apart),
        cmocka_unit_test(test_a_digest_is_of_numbers),
        cmocka_unit_test(test_grids),
        cmocka_unit_test(test_read_as_written),
        cmocka_unit_test(test_edited_files_are_refused),
        cmocka_unit_test(test_the_old_file_stays),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_the_probe_leaves_neighbours),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
