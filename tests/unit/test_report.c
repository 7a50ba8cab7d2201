/* test_report.c - pins how runs become a report: the order of values, what is compared with what,
 * the best among rows whose runs all completed, what is not told apart, ratios by pairs, the page of
 * hostile texts without a tag of theirs, the same bytes twice, the policy that names its scripts. The
 * page in a browser is tests/browser; pages are skipped without gnuplot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* nftw */
#endif

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "results/sha256.h"
#include "tests/support/report_rig.h"

static void
set_text(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
    assert_non_null(*text);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void
test_order(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;

    (void)state;
    report_rig_begin(&rig);
    report_rig_add(&rig, "mirror", 10, 1, 4.0);
    report_rig_add(&rig, "mirror", 10, 0, 4.0);
    report_rig_add(&rig, "dbt", 2, 0, 3.0);
    report_rig_add(&rig, "mirror", 2, 0, 2.0);
    report_rig_add(&rig, "snapshot", 10, 0, 5.0);
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_int_equal(book.group_count, 1);
    const struct gw_report_group *group = &book.groups[0];
    assert_string_equal(group->compared, "architecture");
    assert_int_equal(group->cell_count, 2);
    assert_string_equal(group->cells[0].name, "oio=2");
    assert_string_equal(group->cells[1].name, "oio=10");
    assert_int_equal(group->row_count, 4);
    assert_string_equal(group->rows[0].variant, "dbt");
    assert_string_equal(group->rows[1].variant, "mirror");
    assert_string_equal(group->rows[2].variant, "snapshot");
    assert_int_equal(group->rows[3].count, 2);
    assert_int_equal(group->rows[3].runs[0]->replication, 0);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

static void
test_units_are_sizes(void **state)
{
    static const char *const values[] = {"1MiB", "64KiB", "4KiB", "auto", "1GiB"};
    static const char *const expected[] = {"4KiB", "64KiB", "1MiB", "1GiB", "auto"};
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;

    (void)state;
    report_rig_begin(&rig);
    for (size_t i = 0; i < 5; i++) {
        struct gw_result *result = report_rig_add(&rig, "dbt", 1, 0, 1.0);
        for (size_t k = 0; k < result->parameter_count; k++) {
            if (strcmp(result->parameter_names[k], "workload.oio") == 0) {
                set_text(&result->parameter_values[k], values[i]);
            }
        }
    }
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_string_equal(book.groups[0].compared, "workload.oio");
    assert_int_equal(book.groups[0].cell_count, 1);
    assert_int_equal(book.groups[0].row_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(book.groups[0].rows[i].variant, expected[i]);
    }
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static void
test_best_completed_all(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;

    (void)state;
    report_rig_begin(&rig);
    report_rig_add(&rig, "dbt", 4, 0, 10.0);
    report_rig_add(&rig, "dbt", 4, 1, 10.5)->outcome = GW_NOT_CONVERGED;
    report_rig_add(&rig, "mirror", 4, 0, 20.0);
    report_rig_add(&rig, "mirror", 4, 1, 21.0);
    report_rig_add(&rig, "snapshot", 4, 0, 30.0);
    report_rig_add(&rig, "snapshot", 4, 1, 33.0);
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    const struct gw_report_group *group = &book.groups[0];
    size_t best = gw_report_best_row(group, &group->cells[0], &gw_report_metrics[0]);
    assert_true(best < group->row_count);
    assert_string_equal(group->rows[best].variant, "mirror");
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* Far apart from one replication to the next, but the same difference in each pair. */
static void
test_pairs_tell_apart(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_contrast contrast;
    struct gw_error err;

    (void)state;
    report_rig_begin(&rig);
    for (int i = 0; i < 4; i++) {
        double base = 100.0 * (i + 1);
        report_rig_add(&rig, "dbt", 4, i, 2.0 * base + 0.1 * i);
        report_rig_add(&rig, "mirror", 4, i, base);
        report_rig_add(&rig, "snapshot", 4, i, base + (i % 2 == 0 ? 5.0 : -5.0));
    }
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    const struct gw_report_group *group = &book.groups[0];
    const struct gw_report_row *snapshot = &group->rows[0];
    const struct gw_report_row *dbt = &group->rows[1];
    const struct gw_report_row *mirror = &group->rows[2];
    enum gw_metric time = GW_METRIC_MIGRATION_TIME_S;
    assert_true(gw_report_contrast(group, mirror, dbt, time, &contrast));
    assert_int_equal(contrast.pairs, 4);
    assert_true(fabs(contrast.ratio - 2.0) < 0.01);
    assert_true(contrast.ratio_low > 1.99 && contrast.ratio_high < 2.01);
    assert_true(gw_report_is_alike(group, mirror, snapshot, time));
    assert_false(gw_report_is_alike(group, mirror, dbt, time));
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

static void
test_numbers_as_text(void **state)
{
    static const struct {
        struct gw_summary summary;
        const char *written;
    } rows[] = {
        {{.count = 10, .mean = 302.841, .half_width = 0.2713}, "302.84 \xC2\xB1 0.27 s"},
        {{.count = 3, .mean = 1365.4, .half_width = 27.1}, "1365 \xC2\xB1 27 s"},
        {{.count = 1, .mean = 0.94951, .half_width = NAN}, "0.9495 s"},
        {{.count = 3, .mean = 12.0, .half_width = 0.0}, "12.00 s"},
        {{.count = 2, .mean = 3.0, .half_width = 0.000001}, "3.0000 \xC2\xB1 <0.0001 s"},
        {{.count = 0, .mean = NAN, .half_width = NAN}, "-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gw_text out = {0};
        gw_report_value(&out, &gw_report_metrics[0], &rows[i].summary);
        assert_string_equal(out.bytes, rows[i].written);
        gw_text_clear(&out);
    }
}

/* One cell has one row only; in the other two, heat did what dbt did. */
static void
test_words_of_the_summary(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};

    (void)state;
    report_rig_begin(&rig);
    for (int i = 0; i < 2; i++) {
        for (int oio = 2; oio <= 4; oio += 2) {
            report_rig_add(&rig, "dbt", oio, i, 4.0 + 0.01 * i)->metric[GW_METRIC_DOWNTIME_S] = 3.0;
            report_rig_add(&rig, "heat", oio, i, 4.0 + 0.01 * i)->metric[GW_METRIC_DOWNTIME_S] =
                3.0;
            report_rig_add(&rig, "mirror", oio, i, 2.0 + 0.01 * i)->metric[GW_METRIC_DOWNTIME_S] =
                1.0;
        }
    }
    report_rig_add(&rig, "mirror", 8, 0, 2.0);
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    struct gw_report_page page = {.book = &book, .out = &out};
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(out.bytes, "Shortest migration time: <strong>IO Mirroring</strong> at"
                                      " both values of oio, 2.00\xC2\xA0s.</li>"));
    assert_non_null(strstr(
        out.bytes, "; its downtime is 3.00\xC2\xA0s against 1.00\xC2\xA0s, longer at both values of"
                   " oio; at 1 other value of oio they cannot be compared.</li>"));
    assert_null(strstr(out.bytes, " 0 of "));
    assert_null(strstr(out.bytes, "did the same")); /* neither has the third cell */
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* One pair has no interval: a difference is neither told apart nor not told apart. */
static void
test_words_of_single_pairs(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};
    struct gw_report_page page = {.book = &book, .out = &out};

    (void)state;
    report_rig_begin(&rig);
    for (int oio = 2; oio <= 4; oio += 2) {
        report_rig_add(&rig, "dbt", oio, 0, 2.0 * oio)->metric[GW_METRIC_DOWNTIME_S] = 10.0 * oio;
        report_rig_add(&rig, "mirror", oio, 0, 2.0)->metric[GW_METRIC_DOWNTIME_S] = 0.25;
    }
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(
        out.bytes, "DBT takes from 2.00 times (at oio=2) to 4.00 times (at oio=4) as long as "
                   "IO Mirroring (single pairs of runs, too few for intervals); its downtime "
                   "is 20.0 to 40.0\xC2\xA0s against 0.250\xC2\xA0s.</li>"));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

static void
test_no_ratio_to_no_time(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};
    struct gw_report_page page = {.book = &book, .out = &out};

    (void)state;
    report_rig_begin(&rig);
    report_rig_add(&rig, "dbt", 2, 0, 4.0);
    report_rig_add(&rig, "null", 2, 0, 0.0);
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(out.bytes, "<li>No migration takes no time: there is no ratio to DBT"));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* The ratio to the warm-up is not the speed that figures show. */
static void
test_guest_writes_are_called_so(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};
    struct gw_report_page page = {.book = &book, .out = &out};

    (void)state;
    report_rig_begin(&rig);
    report_rig_add(&rig, "precopy", 2, 0, 4.0)->metric[GW_METRIC_GUEST_RATE_RATIO] = 0.8;
    report_rig_add(&rig, "postcopy", 2, 0, 5.0)->metric[GW_METRIC_GUEST_RATE_RATIO] = 0.5;
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_true(gw_report_verdicts(&page, &err));
    assert_non_null(strstr(out.bytes, "<li>Most guest writes, of those before: "
                                      "<strong>Pre-copy</strong>, 80.00 %"));
    assert_non_null(strstr(out.bytes, "<th>Writes, of before</th>"));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* Who is slower is the subject, whatever the order; what did not end is said with its reason. */
static void
test_words_of_lone_cells_and_outcomes(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};
    struct gw_report_page page = {.book = &book, .out = &out};

    (void)state;
    report_rig_begin(&rig);
    for (int i = 0; i < 2; i++) {
        report_rig_add(&rig, "snapshot", 2, i, 4.0 + 0.01 * i);
        report_rig_add(&rig, "mirror", 2, i, 2.0 + 0.01 * i);
        struct gw_result *dbt = report_rig_add(&rig, "dbt", 2, i, NAN);
        dbt->outcome = GW_NOT_CONVERGED;
        dbt->reason = "it <was> late";
    }
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(out.bytes, "<strong>4 of 6 runs completed.</strong> Did not converge: "
                                      "DBT in both runs. The reason: it &lt;was&gt; late. In the 4 "
                                      "runs that completed the target held"));
    assert_non_null(strstr(out.bytes, "<li>Snapshot takes 1.9"));
    assert_non_null(strstr(out.bytes, " times as long as IO Mirroring (95&nbsp;% interval "));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

static void
test_summary_of_one_row_and_of_twins(void **state)
{
    struct report_rig rig;
    struct gw_report_book book;
    struct gw_error err;
    struct gw_text out = {0};
    struct gw_report_page page = {.book = &book, .out = &out};

    (void)state;
    report_rig_begin(&rig);
    report_rig_add(&rig, "dbt", 2, 0, 4.0);
    report_rig_add(&rig, "dbt", 2, 1, 4.0);
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(out.bytes, "<li>Migration time: 4.000 s</li>"));
    assert_null(strstr(out.bytes, "Ratios"));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    for (int i = 0; i < 2; i++) {
        struct gw_result *heat = report_rig_add(&rig, "heat", 2, i, 4.0);
        memcpy(heat->metric, rig.results[i].metric, sizeof heat->metric);
    }
    assert_true(gw_report_book_make(&book, &rig.list, &err));
    assert_true(gw_report_summary(&page, &err));
    assert_non_null(strstr(out.bytes, "DBT with heat did the same as DBT in every run"));
    gw_text_clear(&out);
    gw_report_book_clear(&book);
    report_rig_end(&rig);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static const char evil[] = "</script><img src=x onerror=\"pwned=1\">'`$(x)`\n\x01\xFF&amp;";

/* The page as text, or NULL when gnuplot is missing; the caller frees. */
static char *
page_of(const struct report_rig *rig, const char *folder, bool scripts)
{
    char path[200];
    char name[] = "evil <b>study</b>";
    char plan[] = "";
    char arguments[] = "[\"a b\",\"<i>\"]";
    char engine[] = "1 <u>";
    char died[] = "died of <s>";
    char repro[] = "godwit run '<em>'";
    struct gw_study_state state = {
        .name = name, .hash = plan, .arguments = arguments, .runs = 3, .done = 2, .failed = 1};
    struct gw_study_states studies = {&state, 1};
    struct gw_report_version version = {engine, 4};
    struct gw_report_failure failure = {died, repro};
    struct gw_report_facts facts = {&version, 1, &failure, 1};
    struct gw_cards cards = {0};
    struct gw_report_input input = {"it's <db>", &rig->list, &studies, &facts,
                                    &cards,      scripts,    folder};
    struct gw_error err = {0};
    size_t length = 0;

    if (!gw_report_write(&input, folder, &err)) {
        assert_non_null(strstr(err.message, "install gnuplot"));
        return NULL;
    }
    snprintf(path, sizeof path, "%s/report.html", folder);
    char *page = gw_report_read_file(path, &length);
    assert_non_null(page);
    assert_int_equal(length, strlen(page));
    return page;
}

static void
make_evil(struct report_rig *rig)
{
    report_rig_begin(rig);
    for (int i = 0; i < 4; i++) {
        struct gw_result *result = report_rig_add(rig, i < 2 ? "mirror" : evil, 4, i % 2, 10.0 + i);
        set_text(&result->scenario, evil);
        set_text(&result->vm, evil);
        set_text(&result->canonical, i == 0 ? "{\"a<b>\":[1,{\"<c>\":\"</pre>\"}]}" : evil);
        set_text(&result->parameter_names[0], evil);
        set_text(&result->parameter_values[0], i == 0 ? evil : "<b>7</b>");
        result->reason = evil;
        result->verified = i != 1;
        snprintf(result->verify_note, sizeof result->verify_note, "%s", evil);
    }
}

static size_t
count_of(const char *page, const char *word)
{
    size_t count = 0;

    for (const char *at = page; (at = strstr(at, word)) != NULL; at++) {
        count++;
    }
    return count;
}

static void
test_hostile_texts(void **state)
{
    static const char *const tags[] = {"<img", "<b>", "<i>",  "<u>",  "<s>",
                                       "<em>", "<c>", "\x01", "\xFF", "<db>"};
    static const char folder[] = "test_report.tmp";
    struct report_rig rig;

    (void)state;
    make_evil(&rig);
    char *page = page_of(&rig, folder, false);
    report_rig_end(&rig);
    if (page == NULL) {
        skip();
    }
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (strstr(page, tags[i]) != NULL) {
            fail_msg("'%s' is in the page: %.100s", tags[i], strstr(page, tags[i]));
        }
    }
    assert_int_equal(count_of(page, "<script"), 0);
    assert_null(strstr(page, "script-src"));
    assert_true(count_of(page, "&lt;/script&gt;&lt;img src=x") > 5);
    assert_non_null(strstr(page, "NOT EQUAL"));
    assert_non_null(strstr(page, "died of &lt;s&gt;"));
    free(page);
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A stand-in for dygraphs: what is in the file is in the page, by its hash. */
static void
test_scripts_and_same_bytes(void **state)
{
    static const char folder[] = "test_report.tmp";
    static const char head[] = "<script>";
    struct report_rig rig;
    char hash[GW_SHA256_BASE64];

    (void)state;
    mkdir(folder, 0777);
    write_file("test_report.tmp/dygraph.min.js", "/* made up */\n//# sourceMappingURL=x.map");
    write_file("test_report.tmp/dygraph.min.css", ".x{}\n/*# sourceMappingURL=x.map */");
    make_evil(&rig);
    char *page = page_of(&rig, folder, true);
    char *again = page == NULL ? NULL : page_of(&rig, folder, true);
    report_rig_end(&rig);
    if (page == NULL) {
        skip();
    }
    assert_string_equal(page, again);
    assert_null(strstr(page, "sourceMappingURL"));
    assert_non_null(strstr(page, "Permission is hereby granted"));
    assert_int_equal(count_of(page, "<script"), 3);
    assert_int_equal(count_of(page, "</script"), 3);
    for (char *at = page; (at = strstr(at, head)) != NULL;) {
        at += strlen(head);
        gw_sha256_base64(at, (size_t)(strstr(at, "</script>") - at), hash);
        assert_int_equal(count_of(page, hash), 1);
    }
    free(page);
    free(again);
}

static void
test_no_runs(void **state)
{
    struct gw_result_list runs = {0};
    struct gw_report_input input = {.database = "empty.db", .runs = &runs};
    struct gw_error err;

    (void)state;
    assert_false(gw_report_write(&input, "test_report.none", &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_string_equal(err.message, "empty.db: has no runs to report");
}

static int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int
remove_folder(void **state)
{
    (void)state;
    nftw("test_report.tmp", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_units_are_sizes),
        cmocka_unit_test(test_best_completed_all),
        cmocka_unit_test(test_pairs_tell_apart),
        cmocka_unit_test(test_numbers_as_text),
        cmocka_unit_test(test_words_of_the_summary),
        cmocka_unit_test(test_words_of_single_pairs),
        cmocka_unit_test(test_guest_writes_are_called_so),
        cmocka_unit_test(test_no_ratio_to_no_time),
        cmocka_unit_test(test_words_of_lone_cells_and_outcomes),
        cmocka_unit_test(test_summary_of_one_row_and_of_twins),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_scripts_and_same_bytes),
        cmocka_unit_test(test_no_runs),
    };

    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
