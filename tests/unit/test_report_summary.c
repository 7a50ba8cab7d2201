/* test_report_summary.c - pins of how many cells the summary of a report speaks: where no row, one
 * row or some rows of a cell completed all their runs, where a downtime has no interval, where a run
 * took no time, and who did the same. Other words of it: test_report.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "results/report_shared.h"
#include "tests/support/sample_result.h"

enum { RUNS = 24 };

/* Runs of one study, made up, and what is said of them. */
struct study {
    struct gw_result results[RUNS];
    const struct gw_result *pointers[RUNS];
    struct gw_result_list list;
    struct gw_text said;
};

static int
begin(void **state)
{
    static struct study study;

    memset(&study, 0, sizeof study);
    study.list = (struct gw_result_list){.results = study.results, .pointers = study.pointers};
    *state = &study;
    return 0;
}

static int
end(void **state)
{
    struct study *study = *state;

    for (size_t i = 0; i < study->list.count; i++) {
        gw_result_clear(&study->results[i]);
    }
    gw_text_clear(&study->said);
    return 0;
}

static struct gw_result *
add(struct study *study, const char *architecture, int oio, int replication, double time_s)
{
    struct gw_result *result = &study->results[study->list.count];

    assert_true(study->list.count < RUNS);
    gw_sample_result(result, "made-up", architecture, oio, replication);
    result->outcome = GW_COMPLETED;
    result->metric[GW_METRIC_MIGRATION_TIME_S] = time_s;
    study->pointers[study->list.count++] = result;
    return result;
}

static void
assert_says(struct study *study, const char *piece)
{
    struct gw_report_book book;
    struct gw_report_page page = {.book = &book, .out = &study->said};
    struct gw_error err;

    gw_text_clear(&study->said);
    assert_true(gw_report_book_make(&book, &study->list, &err));
    assert_true(gw_report_summary(&page, &err));
    gw_report_book_clear(&book);
    if (strstr(study->said.bytes, piece) == NULL) {
        fail_msg("no '%s' in: %s", piece, study->said.bytes);
    }
}

static void
test_only_cell_with_a_best_one(void **state)
{
    struct study *study = *state;

    add(study, "dbt", 2, 0, 4.0);
    add(study, "mirror", 2, 0, 2.0);
    add(study, "mirror", 4, 0, 2.0);
    assert_says(study, " at oio=2, the only one with several rows to compare, 2.00");
    add(study, "dbt", 4, 0, 4.0)->outcome = GW_NOT_CONVERGED;
    study->results[2].outcome = GW_FAILED;
    assert_says(study, " at oio=2, the only one where a variant completed all of its runs, 2.00");
}

static void
test_all_are_cells_with_several_rows(void **state)
{
    struct study *study = *state;

    for (int oio = 1; oio <= 5; oio++) {
        enum gw_outcome outcome = oio > 3 ? GW_NOT_CONVERGED : GW_COMPLETED;

        add(study, "dbt", oio, 0, 4.0)->outcome = outcome;
        add(study, "mirror", oio, 0, 2.0)->outcome = outcome;
    }
    add(study, "mirror", 6, 0, 2.0);
    assert_says(study, "<strong>IO Mirroring</strong> at 3 of 5 values of oio, 2.00");
}

/* One of three values of oio has the pairs for an interval. */
static void
test_downtime_without_interval(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 4; i++) {
        int oio = i < 2 ? 1 : i;

        add(study, "dbt", oio, i % 2, 4.0 + 0.01 * i)->metric[GW_METRIC_DOWNTIME_S] = 3.0;
        add(study, "mirror", oio, i % 2, 2.0)->metric[GW_METRIC_DOWNTIME_S] = 1.0;
    }
    assert_says(study, "; its downtime is 3.00\xC2\xA0s against 1.00\xC2\xA0s, longer at 1 of 3 "
                       "values of oio, without an interval at 2.</li>");
}

static void
test_no_interval_of_no_time(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 3; i++) {
        add(study, "dbt", 2, i, 4.0);
        add(study, "mirror", 2, i, i == 0 ? 0.0 : 2.0);
    }
    assert_says(study, " times as long as IO Mirroring (no interval: a run took no time)");
}

/* A run without a partner may have come to anything. */
static void
test_twins_have_as_many_runs(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 4; i++) {
        struct gw_result *result = add(study, i < 2 ? "dbt" : "heat", 2, i % 2, 4.0);

        memcpy(result->metric, study->results[0].metric, sizeof result->metric);
    }
    assert_says(study, " did the same as ");
    add(study, "heat", 2, 2, 9.0);
    assert_says(study, "DBT with heat");
    assert_null(strstr(study->said.bytes, " did the same as "));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_cell_with_a_best_one, begin, end),
        cmocka_unit_test_setup_teardown(test_all_are_cells_with_several_rows, begin, end),
        cmocka_unit_test_setup_teardown(test_downtime_without_interval, begin, end),
        cmocka_unit_test_setup_teardown(test_no_interval_of_no_time, begin, end),
        cmocka_unit_test_setup_teardown(test_twins_have_as_many_runs, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
