/* report_runs.c - what the study was, and every run by its id.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"
#include "results/style.h"
#include "results/value_order.h"

enum { RUNS_MOST = 500, VALUES_MOST = 12 };

/* ---- what was asked -------------------------------------------------------------------------- */

static int
compare_texts(const void *a, const void *b)
{
    return gw_values_compare(*(const char *const *)a, *(const char *const *)b);
}

/* The distinct ones in their order, without the empty one; how many there are. */
static size_t
take_values(const struct gw_report_group *group, const char *parameter, const char **values)
{
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++) {
        values[i] = gw_result_parameter(group->runs[i], parameter);
    }
    qsort(values, group->count, sizeof *values, compare_texts);
    for (size_t i = 0; i < group->count; i++) {
        if (values[i][0] != '\0' && (count == 0 || strcmp(values[count - 1], values[i]) != 0)) {
            values[count++] = values[i];
        }
    }
    return count;
}

static void
add_values(const struct gw_report_group *group, const char *parameter, struct gw_text *out)
{
    const char **values = calloc(group->count + 1, sizeof *values);

    out->failed |= values == NULL;
    size_t count = values == NULL ? 0 : take_values(group, parameter, values);
    gw_text_add(out, "<code>");
    gw_html_text(out, parameter);
    gw_text_add(out, "</code> takes ");
    for (size_t i = 0; i < count && i < VALUES_MOST; i++) {
        gw_text_add(out, i == 0 ? "" : ", ");
        gw_html_text(out, values[i]);
    }
    if (count > VALUES_MOST) {
        gw_text_format(out, " and %zu more values", count - VALUES_MOST);
    }
    free(values);
}

static void
add_architectures(const struct gw_report_group *group, struct gw_text *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < group->count; i++) {
        const char *name = group->runs[i]->architecture;
        bool known = false;
        for (size_t k = 0; k < i && !known; k++) {
            known = strcmp(group->runs[k]->architecture, name) == 0;
        }
        if (!known) {
            gw_text_add(out, shown++ == 0 ? "" : ", ");
            gw_html_text(out, gw_style_label(name));
        }
    }
}

static void
add_replications(const struct gw_report_group *group, struct gw_text *out)
{
    size_t least = group->count;
    size_t most = 0;
    bool one_seed = true;

    for (size_t i = 0; i < group->row_count; i++) {
        least = group->rows[i].count < least ? group->rows[i].count : least;
        most = group->rows[i].count > most ? group->rows[i].count : most;
    }
    for (size_t i = 1; i < group->count; i++) {
        one_seed = one_seed && group->runs[i]->seed == group->runs[0]->seed;
    }
    if (least == most && group->row_count > 1) {
        gw_text_format(out, "; %zu run%s of each", least, least == 1 ? "" : "s");
    } else if (least < most) {
        gw_text_format(out, "; %zu to %zu runs of each", least, most);
    }
    if (one_seed) {
        gw_text_format(out, ", seed %" PRIu64, group->runs[0]->seed);
    } else {
        gw_text_add(out, ", with several seeds");
    }
    gw_text_add(out, ".</p>\n");
}

static void
add_group(const struct gw_report_group *group, struct gw_text *out)
{
    const char *separator = "; ";

    gw_text_add(out, "<p>Scenario <strong>");
    gw_html_text(out, group->scenario);
    gw_text_add(out, "</strong>: guest ");
    gw_html_text(out, group->vm);
    gw_text_add(out, " is moved by ");
    add_architectures(group, out);
    if (group->compared != NULL && strcmp(group->compared, "architecture") != 0) {
        gw_text_add(out, separator);
        add_values(group, group->compared, out);
    }
    for (size_t i = 0; i < group->name_count; i++) {
        gw_text_add(out, separator);
        add_values(group, group->names[i], out);
    }
    gw_text_format(out, ". %zu run%s", group->count, group->count == 1 ? "" : "s");
    add_replications(group, out);
}

static void
add_word(const char *word, struct gw_text *out)
{
    struct gw_text quoted = {0};

    if (word == NULL) {
        return;
    }
    if (word[0] == '\0' || strpbrk(word, " $`\"'\\*?;&|<>()[]{}~#!\n\t") != NULL) {
        gw_report_shell_word(&quoted, word);
    } else {
        gw_text_add(&quoted, word);
    }
    gw_text_add(out, " ");
    gw_html_text(out, quoted.bytes);
    out->failed |= quoted.failed;
    gw_text_clear(&quoted);
}

static void
add_study(const struct gw_study_state *study, struct gw_text *out)
{
    json_t *words = json_loads(study->arguments, 0, NULL);

    gw_text_add(out, "<p>Study <strong>");
    gw_html_text(out, study->name);
    gw_text_add(out, "</strong>: ");
    gw_text_format(out, "%" PRId64 " of %" PRId64 " runs done", study->done, study->runs);
    if (study->failed > 0) {
        gw_text_format(out, ", <strong>%" PRId64 " crashed</strong>", study->failed);
    }
    if (json_array_size(words) > 0) {
        gw_text_add(out, "; planned by <code>godwit sweep run");
        for (size_t i = 0; i < json_array_size(words); i++) {
            add_word(json_string_value(json_array_get(words, i)), out);
        }
        gw_text_add(out, "</code>");
    }
    gw_text_add(out, ".</p>\n");
    json_decref(words);
}

bool
gw_report_intro(const struct gw_report_page *page, struct gw_error *err)
{
    const struct gw_report_input *report = page->report;
    struct gw_text *out = page->out;
    const char *separator = "<p>Computed by godwit ";

    (void)err;
    gw_text_add(out, "<section id=\"study\" class=\"lead\">\n");
    for (size_t i = 0; i < page->book->group_count; i++) {
        add_group(&page->book->groups[i], out);
    }
    for (size_t i = 0; i < report->studies->count; i++) {
        add_study(&report->studies->items[i], out);
    }
    for (size_t i = 0; i < report->facts->version_count; i++) {
        gw_text_add(out, separator);
        gw_html_text(out, report->facts->versions[i].engine);
        separator = ", ";
    }
    gw_text_add(out, report->facts->version_count > 0 ? ".</p>\n" : "");
    if (report->facts->version_count > 1) {
        gw_text_add(out, "<p><strong>Runs of several versions are in this database</strong>; a row "
                         "of the tables holds them all. <code>godwit compare</code> holds one "
                         "version against another.</p>\n");
    }
    gw_text_add(out, "</section>\n");
    return true;
}

/* ---- every run ------------------------------------------------------------------------------- */

static void
add_seconds(struct gw_text *out, double seconds)
{
    if (isfinite(seconds)) {
        gw_text_format(out, "<td>%.3f</td>", seconds);
        return;
    }
    gw_text_add(out, "<td>-</td>");
}

static void
add_run(const struct gw_result *run, size_t config, struct gw_text *out)
{
    gw_text_add(out, "<tr><td><code>");
    gw_html_text(out, run->run_id);
    gw_text_format(out,
                   "</code></td><td><a href=\"#scenario-%zu\">S%zu</a></td><td>%" PRId64
                   "</td><td>%" PRIu64 "</td><td>",
                   config + 1, config + 1, run->replication, run->seed);
    gw_html_text(out, gw_outcome_name(run->outcome));
    gw_text_add(out, "</td>");
    add_seconds(out, run->metric[GW_METRIC_MIGRATION_TIME_S]);
    add_seconds(out, run->metric[GW_METRIC_DOWNTIME_S]);
    if (run->outcome == GW_COMPLETED && !run->verified) {
        gw_text_add(out, "<td><strong>NOT EQUAL</strong>: ");
        gw_html_text(out, run->verify_note);
        gw_text_add(out, "</td><td>");
    } else {
        gw_text_add(out, run->verified ? "<td>equal</td><td>" : "<td>-</td><td>");
    }
    gw_html_text(out, run->reason);
    gw_text_add(out, "</td></tr>\n");
}

static void
add_failures(const struct gw_report_facts *facts, struct gw_text *out)
{
    if (facts->failure_count == 0) {
        return;
    }
    gw_text_format(
        out,
        "<h3>Crashed</h3>\n<p><strong>%zu run%s crashed or took too long, and %s missing "
        "above.</strong></p>\n<ul>\n",
        facts->failure_count, facts->failure_count == 1 ? "" : "s",
        facts->failure_count == 1 ? "is" : "are");
    for (size_t i = 0; i < facts->failure_count && i < RUNS_MOST; i++) {
        gw_text_add(out, "<li>");
        gw_html_text(out, facts->failures[i].error);
        gw_html_element(out, "pre", facts->failures[i].repro);
        gw_text_add(out, "</li>\n");
    }
    gw_text_add(out, "</ul>\n");
}

bool
gw_report_runs(const struct gw_report_page *page, struct gw_error *err)
{
    struct gw_text *out = page->out;
    size_t shown = 0;
    size_t all = page->report->runs->count;

    (void)err;
    gw_text_add(out, "<section id=\"runs\">\n<h2>Runs</h2>\n<details><summary>Every run by its "
                     "id</summary><div class=\"scroll\" tabindex=\"0\"><table class=\"words\">"
                     "<thead><tr><th>run id</th><th>scenario</th><th>replication</th><th>seed</th>"
                     "<th>outcome</th><th>migration time, s</th><th>downtime, s</th><th>source and "
                     "target</th><th>reason</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < page->book->group_count; i++) {
        const struct gw_report_group *group = &page->book->groups[i];
        for (size_t k = 0; k < group->row_count; k++) {
            for (size_t n = 0; n < group->rows[k].count && shown < RUNS_MOST; n++, shown++) {
                add_run(group->rows[k].runs[n], group->rows[k].config, out);
            }
        }
    }
    gw_text_add(out, "</tbody></table></div></details>\n");
    if (shown < all) {
        gw_text_format(out, "<p>The first %zu of %zu; <code>godwit export</code> has all.</p>\n",
                       shown, all);
    }
    add_failures(page->report->facts, out);
    gw_text_add(out, "</section>\n");
    return true;
}
