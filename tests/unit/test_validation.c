/* test_validation.c - pins the curves that are read from files of both kinds, the distance of two
 * curves, and what the summary counts: errors by group, combined groups, runs left out for being
 * short, fitted cases, hits and near hits. Does not pin cells of real files
 * (tests/cli/validate.sh) or pictures.
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

#include "cli/validation.h"

static void
assert_near(double got, double wanted)
{
    assert_true(fabs(got - wanted) < 1e-6);
}

/* ---- curves ---------------------------------------------------------------------------------- */

static void
read_curves(struct gw_measured *measured, const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    struct gw_error err;

    assert_non_null(root);
    *measured = (struct gw_measured){0};
    assert_true(gw_measured_curves_read(measured, root, &err));
    json_decref(root);
}

static void
test_curves_of_memory(void **state)
{
    struct gw_measured measured;
    const struct gw_measured_curve *remaining = &measured.curves[GW_CURVE_REMAINING];
    const struct gw_measured_curve *guest = &measured.curves[GW_CURVE_GUEST];

    (void)state;
    read_curves(&measured, "{\"series\":{\"columns\":[\"remaining\",\"t_ms\"],"
                           "\"rows\":[[900,100],[\"?\",150],[600,200],[500,180],[0,300]]},"
                           "\"guest_progress\":{\"columns\":[\"t_ms\",\"writes\"],"
                           "\"rows\":[[0,0],[100,50],[100,60],[300,150]]}}");
    assert_int_equal(remaining->count, 3); /* no text, and no time that goes back */
    assert_near(remaining->t_s[1], 0.2);
    assert_near(remaining->values[1], 600);
    assert_int_equal(guest->count, 2);
    assert_near(guest->values[0], 500);
    assert_near(guest->values[1], 450);
    assert_int_equal(measured.curves[GW_CURVE_THROTTLE].count, 0);
    gw_measured_clear(&measured);
}

static void
test_curves_of_storage(void **state)
{
    struct gw_measured measured;
    const struct gw_measured_curve *remaining = &measured.curves[GW_CURVE_REMAINING];

    (void)state;
    read_curves(&measured,
                "{\"marks\":{\"mig_start\":2},\"bins\":{\"dt\":0.5,\"r\":[1,2],\"w\":[3,4]},"
                "\"jobs\":{\"one\":{\"t\":[2,3],\"remaining_KiB\":[4,0]},"
                "\"two\":{\"t\":[4,5],\"remaining_KiB\":[2,1]}}}");
    assert_int_equal(remaining->count, 5); /* with the gap between the jobs */
    assert_near(remaining->t_s[0], 0);
    assert_near(remaining->values[0], 4096);
    assert_true(isnan(remaining->values[2]));
    assert_near(remaining->values[4], 1024);
    assert_int_equal(measured.curves[GW_CURVE_GUEST].count, 2);
    assert_near(measured.curves[GW_CURVE_GUEST].t_s[0], -1.75);
    assert_near(measured.curves[GW_CURVE_GUEST].values[1], 12);
    gw_measured_clear(&measured);
    read_curves(&measured, "{\"series\":3,\"jobs\":[],\"bins\":null}");
    assert_int_equal(remaining->count, 0);
    gw_measured_clear(&measured);
}

/* A prediction that falls from `from` to nothing within so many seconds. */
static void
predict(struct gw_result *result, double from, double time_s)
{
    double row[16] = {from};

    gw_result_init(result);
    result->outcome = GW_COMPLETED;
    result->metric[GW_METRIC_TOTAL_TIME_S] = time_s;
    assert_true(gw_result_add_phase(result, "first", 1000000000));
    assert_true(
        gw_series_add(&result->series[GW_SERIES_MEMORY], GW_SERIES_MEMORY, 1000000000, row));
    row[0] = 0;
    assert_true(gw_series_add(&result->series[GW_SERIES_MEMORY], GW_SERIES_MEMORY,
                              1000000000 + (int64_t)(time_s * 1e9), row));
}

static void
test_distance(void **state)
{
    struct gw_measured measured;
    struct gw_result result;

    (void)state;
    read_curves(&measured, "{\"series\":{\"columns\":[\"t_ms\",\"remaining\"],"
                           "\"rows\":[[0,1000],[1000,0]]}}");
    measured.outcome = GW_COMPLETED;
    predict(&result, 1000, 1);
    assert_near(gw_validation_curve_distance(&measured, &result), 0);
    gw_result_clear(&result);
    predict(&result, 800, 1); /* a triangle of height 200 */
    assert_near(gw_validation_curve_distance(&measured, &result), 10);
    gw_result_clear(&result);
    predict(&result, 1000, 2); /* twice as long: the areas differ by 500 within 2 s */
    assert_near(gw_validation_curve_distance(&measured, &result), 25);
    result.series[GW_SERIES_MEMORY].rows = 0;
    assert_true(isnan(gw_validation_curve_distance(&measured, &result)));
    gw_result_clear(&result);
    gw_measured_clear(&measured);
}

/* ---- summary --------------------------------------------------------------------------------- */

enum { CASES = 4 };

static double
index_itself(const struct gw_result *result, int64_t index)
{
    (void)result;
    return (double)index;
}

/* Cases a and b of A (b fitted), c of B which is short, d of B which was given up. */
static void
make_cases(struct gw_validation *work, struct gw_result results[CASES])
{
    static const struct {
        const char *id, *group;
        double time_s, syncs;
        int64_t predicted_time_s, predicted_syncs;
        bool fitted, completed;
    } rows[CASES] = {{"a", "A", 10, 5, 11, 6, false, true},
                     {"b", "A", 10, 5, 9, 7, true, true},
                     {"c", "B", 1, 3, 2, 3, false, true},
                     {"d", "B", 10, 5, 9, 5, false, false}};
    struct gw_error err;

    assert_true(gw_validation_init(work, CASES, 1, &err));
    for (size_t i = 0; i < CASES; i++) {
        struct gw_measured *measured = &work->measured[i];

        assert_true(gw_measured_name(measured, rows[i].id, rows[i].group, &err));
        measured->fitted = rows[i].fitted;
        measured->outcome = rows[i].completed ? GW_COMPLETED : GW_NOT_CONVERGED;
        gw_measured_add(measured, (struct gw_measured_number){.metric = "total_time_s",
                                                              .expected = rows[i].time_s,
                                                              .predicted = index_itself,
                                                              .index = rows[i].predicted_time_s});
        gw_measured_add(measured, (struct gw_measured_number){.metric = "sync_count",
                                                              .expected = rows[i].syncs,
                                                              .predicted = index_itself,
                                                              .index = rows[i].predicted_syncs});
        gw_result_init(&results[i]);
        results[i].verified = true;
        results[i].outcome = GW_COMPLETED;
        work->jobs[i].results = &results[i];
        work->count++;
    }
    gw_validation_compare(work, false);
}

static void
clear_cases(struct gw_validation *work, struct gw_result results[CASES])
{
    for (size_t i = 0; i < CASES; i++) {
        work->jobs[i].results = NULL;
        gw_result_clear(&results[i]);
    }
    gw_validation_clear(work);
}

static const struct gw_cells_summary *
row_of(const struct gw_cells_summary *rows, size_t count, const char *group, const char *metric)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].group, group) == 0 && strcmp(rows[i].metric, metric) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static void
test_summary(void **state)
{
    struct gw_result results[CASES];
    struct gw_summary_request request = {0};
    struct gw_validation work;
    struct gw_cells_summary *rows;
    const struct gw_cells_summary *row;
    struct gw_error err;
    size_t count;

    (void)state;
    make_cases(&work, results);
    assert_true(gw_validation_summary(&work, &request, &rows, &count, &err));
    row = row_of(rows, count, "A", "total_time_s");
    assert_int_equal(row->count, 2);
    assert_near(row->errors.median, 10);
    assert_int_equal(row->predicted.count, 1);
    assert_true(isnan(row->right) && isnan(row->within_one));
    row = row_of(rows, count, "A", "sync_count");
    assert_near(row->within_one, 1);
    row = row_of(rows, count, "B", "outcome");
    assert_int_equal(row->count, 2);
    assert_near(row->right, 1);
    row = row_of(rows, count, "all", "total_time_s");
    assert_int_equal(row->count, 3); /* not the one that was given up */
    assert_near(row->errors.worst, 100);
    free(rows);
    clear_cases(&work, results);
}

static void
test_summary_of_some(void **state)
{
    const char *combined[] = {"B,A"};
    struct gw_summary_request request = {{combined, 1}, 2.0};
    struct gw_result results[CASES];
    struct gw_validation work;
    struct gw_cells_summary *rows;
    struct gw_error err;
    size_t count;

    (void)state;
    make_cases(&work, results);
    assert_true(gw_validation_summary(&work, &request, &rows, &count, &err));
    assert_int_equal(row_of(rows, count, "B,A", "total_time_s")->count, 2);
    assert_int_equal(row_of(rows, count, "B,A", "outcome")->count, 3);
    assert_null(row_of(rows, count, "B", "total_time_s"));
    free(rows);
    clear_cases(&work, results);
}

static double
iterations_of(const struct gw_result *result, int64_t index)
{
    (void)index;
    return result->metric[GW_METRIC_ITERATIONS];
}

/* Chance decides: what most runs come to is predicted, and the median of their numbers. */
static void
most_runs_decide(void **state)
{
    static const struct {
        bool completed;
        double iterations;
    } runs[] = {{false, 100}, {true, 7}, {true, 3}, {false, 200}, {true, 4}};
    enum { RUNS = sizeof runs / sizeof runs[0] };
    struct gw_validation work;
    struct gw_result results[RUNS];
    struct gw_error err;

    (void)state;
    assert_true(gw_validation_init(&work, 1, RUNS, &err));
    assert_true(gw_measured_name(&work.measured[0], "x", "X", &err));
    work.count = 1;
    work.measured[0].outcome = GW_COMPLETED;
    gw_measured_add(&work.measured[0], (struct gw_measured_number){.metric = "iterations",
                                                                   .expected = 5,
                                                                   .predicted = iterations_of});
    for (size_t i = 0; i < RUNS; i++) {
        gw_result_init(&results[i]);
        results[i].verified = true;
        results[i].outcome = runs[i].completed ? GW_COMPLETED : GW_NOT_CONVERGED;
        results[i].metric[GW_METRIC_ITERATIONS] = runs[i].iterations;
        work.jobs[i].results = &results[i];
    }
    gw_validation_compare(&work, false);
    assert_int_equal(work.cell_count, 2);
    assert_int_equal(work.cells[0].verdict, GW_VERDICT_OK);
    assert_true(work.cells[1].got.number == 4);
    assert_true(work.cells[1].error_pct < -19.999 && work.cells[1].error_pct > -20.001);
    assert_ptr_equal(gw_validation_result(&work, 0), &results[1]);
    for (size_t i = 0; i < RUNS; i++) {
        work.jobs[i].results = NULL;
        gw_result_clear(&results[i]);
    }
    gw_validation_clear(&work);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curves_of_memory), cmocka_unit_test(test_curves_of_storage),
        cmocka_unit_test(test_distance),         cmocka_unit_test(test_summary),
        cmocka_unit_test(test_summary_of_some),  cmocka_unit_test(most_runs_decide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
