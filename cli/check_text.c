/* check_text.c - a check as a table with sentences, for terminals and as Markdown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cli/check.h"
#include "cli/options.h"
#include "results/table.h"

static const enum gw_table_tone tones[] = {[GW_GATE_IDENTICAL] = GW_TONE_GOOD,
                                           [GW_GATE_SAME] = GW_TONE_GOOD,
                                           [GW_GATE_OPEN] = GW_TONE_QUIET,
                                           [GW_GATE_MOVED] = GW_TONE_BAD,
                                           [GW_GATE_BROKEN] = GW_TONE_BAD};

struct counts {
    size_t tests, open, moved;
};

static struct counts
count_tests(const struct gw_gate_report *report, size_t index)
{
    struct counts counts = {0};

    for (size_t i = 0; i < report->test_count; i++) {
        const struct gw_gate_test *test = &report->tests[i];

        if (test->case_index == index) {
            counts.tests++;
            counts.open += test->verdict == GW_GATE_OPEN;
            counts.moved += test->verdict == GW_GATE_MOVED;
        }
    }
    return counts;
}

static void
add_row(struct gw_table *table, const struct gw_check *check, size_t index)
{
    const struct gw_gate_case *one = &check->report.cases[index];
    struct counts counts = count_tests(&check->report, index);

    gw_table_add(table, check->before->cases[index].name);
    gw_table_add_toned(table, tones[one->verdict], gw_gate_verdict_name(one->verdict));
    gw_table_format(table, "%zu", check->runs.cases[index].count);
    if (one->runs > 0) {
        gw_table_format(table, "%zu of %zu", one->changed, one->runs);
    } else {
        gw_table_add(table, "-");
    }
    gw_table_format(table, "%zu", counts.tests);
    gw_table_format(table, "%zu", counts.open);
    gw_table_format(table, "%zu", counts.moved);
}

static bool
print_table(const struct gw_check *check, FILE *stream, enum gw_table_style style)
{
    static const char *const headings[] = {"case",       "verdict", ">runs", ">changed",
                                           ">looked at", ">open",   ">moved"};
    const size_t columns = sizeof headings / sizeof headings[0];
    struct gw_table table;
    bool fine;

    gw_table_init(&table, columns);
    for (size_t i = 0; i < columns; i++) {
        gw_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < check->report.case_count; i++) {
        add_row(&table, check, i);
    }
    fine =
        gw_table_print(&table, stream, style, style == GW_TABLE_TEXT && gw_colour_wanted(stream));
    gw_table_clear(&table);
    return fine;
}

void
gw_check_conclude(const struct gw_check_view *view, struct gw_text *out)
{
    const struct gw_gate_report *report = &view->check->report;
    size_t counts[GW_GATE_BROKEN + 1] = {0};
    const char *comma = "";

    gw_text_format(out,
                   "%s: ", gw_check_fails(report->verdict, view->strict) ? "failed" : "passed");
    for (size_t i = 0; i < report->case_count; i++) {
        counts[report->cases[i].verdict]++;
    }
    for (size_t i = GW_GATE_BROKEN + 1; i-- > 0;) {
        if (counts[i] > 0) {
            gw_text_format(out, "%s%zu %s", comma, counts[i],
                           gw_gate_verdict_name((enum gw_gate_verdict)i));
            comma = ", ";
        }
    }
    if (report->family > 0) {
        gw_text_format(out, "; alpha %.3g over %zu tests", view->check->alpha, report->family);
    }
    if (counts[GW_GATE_OPEN] > 0) {
        gw_text_format(out, "; open is neither shown to have moved nor to be the same, and %s",
                       view->strict ? "fails with --strict" : "passes without --strict");
    }
}

static bool
print(const struct gw_check_view *view, FILE *stream, bool markdown, struct gw_error *err)
{
    const struct gw_check *check = view->check;
    struct gw_text text = {0};
    bool fine = print_table(check, stream, markdown ? GW_TABLE_MARKDOWN : GW_TABLE_TEXT);

    for (size_t verdict = GW_GATE_BROKEN; verdict > GW_GATE_IDENTICAL; verdict--) {
        for (size_t i = 0; i < check->report.case_count; i++) {
            if (check->report.cases[i].verdict == verdict) {
                gw_text_add(&text, markdown ? "\n- " : "\n");
                gw_gate_case_say(&check->report, check->before, i, &text);
                gw_text_add(&text, "\n");
            }
        }
    }
    gw_text_add(&text, markdown ? "\n**" : "\n");
    gw_check_conclude(view, &text);
    gw_text_add(&text, markdown ? "**\n" : "\n");
    fine = fine && !text.failed;
    if (fine) {
        fputs(text.bytes, stream);
    }
    gw_text_clear(&text);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory for the report");
}

bool
gw_check_print_text(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    return print(view, stream, false, err);
}

bool
gw_check_print_md(const struct gw_check_view *view, FILE *stream, struct gw_error *err)
{
    fprintf(stream, "### godwit check: %s\n\n", view->path);
    return print(view, stream, true, err);
}
