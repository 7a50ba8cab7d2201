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

#include "tests/support/report_rig.h"

/* The runs, and what is said of them. */
struct study {
    struct report_rig rig;
    struct gw_text said;
};

static int
set_up(void **state)
{
    static struct study study;

    report_rig_begin(&study.rig);
    *state = &study;
    return 0;
}

static int
tear_down(void **state)
{
    struct study *study = *state;

    report_rig_end(&study->rig);
    gw_text_clear(&study->said);
    return 0;
}

static void
assert_says(struct study *study, const char *piece)
{
    struct gw_report_book book;
    struct gw_report_page page = {.book = &book, .out = &study->said};
    struct gw_error err;

    gw_text_clear(&study->said);
    assert_true(gw_report_book_make(&book, &study->rig.list, &err));
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

    report_rig_add(&study->rig, "dbt", 2, 0, 4.0);
    report_rig_add(&study->rig, "mirror", 2, 0, 2.0);
    report_rig_add(&study->rig, "mirror", 4, 0, 2.0);
    assert_says(study, " at oio=2, the only one with several rows to compare, 2.00");
    report_rig_add(&study->rig, "dbt", 4, 0, 4.0)->outcome = GW_NOT_CONVERGED;
    study->rig.results[2].outcome = GW_FAILED;
    assert_says(study, " at oio=2, the only one where a variant completed all of its runs, 2.00");
}

static void
test_all_are_cells_with_several_rows(void **state)
{
    struct study *study = *state;

    for (int oio = 1; oio <= 5; oio++) {
        enum gw_outcome outcome = oio > 3 ? GW_NOT_CONVERGED : GW_COMPLETED;

        report_rig_add(&study->rig, "dbt", oio, 0, 4.0)->outcome = outcome;
        report_rig_add(&study->rig, "mirror", oio, 0, 2.0)->outcome = outcome;
    }
    report_rig_add(&study->rig, "mirror", 6, 0, 2.0);
    assert_says(study, "<strong>IO Mirroring</strong> at 3 of 5 values of oio, 2.00");
}

/* One of three values of oio has the pairs for an interval. */
static void
test_downtime_without_interval(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 4; i++) {
        int oio = i < 2 ? 1 : i;

        report_rig_add(&study->rig, "dbt", oio, i % 2, 4.0 + 0.01 * i)
            ->metric[GW_METRIC_DOWNTIME_S] = 3.0;
        report_rig_add(&study->rig, "mirror", oio, i % 2, 2.0)->metric[GW_METRIC_DOWNTIME_S] = 1.0;
    }
    assert_says(study, "; its downtime is 3.00\xC2\xA0s against 1.00\xC2\xA0s, longer at 1 of 3 "
                       "values of oio, without an interval at 2.</li>");
}

static void
test_no_interval_of_no_time(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 3; i++) {
        report_rig_add(&study->rig, "dbt", 2, i, 4.0);
        report_rig_add(&study->rig, "mirror", 2, i, i == 0 ? 0.0 : 2.0);
    }
    assert_says(study, " times as long as IO Mirroring (no interval: a run took no time)");
}

/* A run without a partner may have come to anything. */
static void
test_twins_have_as_many_runs(void **state)
{
    struct study *study = *state;

    for (int i = 0; i < 4; i++) {
        struct gw_result *result =
            report_rig_add(&study->rig, i < 2 ? "dbt" : "heat", 2, i % 2, 4.0);

        memcpy(result->metric, study->rig.results[0].metric, sizeof result->metric);
    }
    assert_says(study, " did the same as ");
    report_rig_add(&study->rig, "heat", 2, 2, 9.0);
    assert_says(study, "DBT with heat");
    assert_null(strstr(study->said.bytes, " did the same as "));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_cell_with_a_best_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_are_cells_with_several_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_downtime_without_interval, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_interval_of_no_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_twins_have_as_many_runs, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
