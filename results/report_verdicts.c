/* report_verdicts.c - the table of verdicts: a row is the replications of one variant.
 *
 * Idea      The best of a cell is marked by a word and a star. Where the paired interval of the
 *           difference to the best holds 0, the row is marked as not told apart from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdint.h>

#include "results/html.h"
#include "results/report_shared.h"

enum { ROWS_MOST = 600 };

static void
add_headings(const struct gw_report_group *group, struct gw_text *out)
{
    gw_text_add(out, "<thead><tr><th scope=\"col\">");
    gw_html_text(out,
                 group->compared == NULL ? "architecture" : gw_result_short_name(group->compared));
    gw_text_add(out, "</th><th scope=\"col\">Outcome</th>");
    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        if (gw_report_has_metric(group, gw_report_metrics[i].metric)) {
            gw_html_element(out, "th", gw_report_metrics[i].label);
        }
    }
    gw_text_add(out, "</tr></thead>\n");
}

static void
add_outcomes(const struct gw_report_row *row, struct gw_text *out)
{
    static const char *const words[] = {[GW_OUTCOME_RUNNING] = "unfinished",
                                        [GW_COMPLETED] = "completed",
                                        [GW_NOT_CONVERGED] = "did not converge",
                                        [GW_FAILED] = "failed"};
    static const enum gw_outcome order[] = {GW_COMPLETED, GW_NOT_CONVERGED, GW_FAILED,
                                            GW_OUTCOME_RUNNING};
    const char *separator = "";

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        size_t count = row->outcomes[order[i]];
        if (count > 0) {
            gw_text_format(out, "%s%s%zu %s%s", separator,
                           order[i] == GW_COMPLETED ? "" : "<strong>", count, words[order[i]],
                           order[i] == GW_COMPLETED ? "" : "</strong>");
            separator = ", ";
        }
    }
}

static void
add_metric(const struct gw_report_group *group, const struct gw_report_row *row,
           const struct gw_report_metric *metric, size_t best, struct gw_text *out)
{
    struct gw_summary summary;
    struct gw_text value = {0};
    bool is_best = best != SIZE_MAX && row == &group->rows[best];
    bool alike = !is_best && best != SIZE_MAX &&
                 gw_report_is_alike(group, &group->rows[best], row, metric->metric);

    gw_report_summarize(row, metric->metric, &summary);
    gw_report_value(&value, metric, &summary);
    gw_text_add(out, is_best ? "<td class=\"best\">" : "<td>");
    gw_html_text(out, value.bytes);
    if (is_best) {
        gw_text_add(out, " <span class=\"mark\">\xE2\x98\x85 best</span>");
    } else if (alike) {
        gw_text_add(out, " <span class=\"mark\">\xE2\x89\x88 best</span>");
    }
    gw_text_add(out, "</td>");
    out->failed |= value.failed;
    gw_text_clear(&value);
}

static void
add_row(const struct gw_report_group *group, const struct gw_report_row *row,
        const size_t best[GW_REPORT_METRICS], struct gw_text *out)
{
    struct gw_text name = {0};

    gw_report_variant(group, row, &name);
    gw_text_add(out, "<tr><th scope=\"row\">");
    gw_html_text(out, name.bytes);
    gw_text_format(out, " <a class=\"ref\" href=\"#scenario-%zu\">S%zu</a></th><td>",
                   row->config + 1, row->config + 1);
    add_outcomes(row, out);
    gw_text_add(out, "</td>");
    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        if (gw_report_has_metric(group, gw_report_metrics[i].metric)) {
            add_metric(group, row, &gw_report_metrics[i], best[i], out);
        }
    }
    gw_text_add(out, "</tr>\n");
    out->failed |= name.failed;
    gw_text_clear(&name);
}

static size_t
columns_of(const struct gw_report_group *group)
{
    size_t columns = 2;

    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        columns += gw_report_has_metric(group, gw_report_metrics[i].metric);
    }
    return columns;
}

static void
add_cell(const struct gw_report_group *group, const struct gw_report_cell *cell,
         struct gw_text *out)
{
    size_t best[GW_REPORT_METRICS];

    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        best[i] = gw_report_metrics[i].is_judged
                      ? gw_report_best_row(group, cell, &gw_report_metrics[i])
                      : SIZE_MAX;
    }
    gw_text_add(out, "<tbody>");
    if (cell->name[0] != '\0') {
        gw_text_format(out, "<tr class=\"cell\"><th colspan=\"%zu\" scope=\"rowgroup\">",
                       columns_of(group));
        gw_html_text(out, cell->name);
        gw_text_add(out, "</th></tr>\n");
    }
    for (size_t i = cell->first_row; i < cell->first_row + cell->row_count; i++) {
        add_row(group, &group->rows[i], best, out);
    }
    gw_text_add(out, "</tbody>\n");
}

static void
add_group(const struct gw_report_book *book, const struct gw_report_group *group, size_t *rows,
          struct gw_text *out)
{
    if (book->group_count > 1) {
        gw_text_add(out, "<h3>");
        gw_html_format(out, "%s, guest %s", group->scenario, group->vm);
        gw_text_add(out, "</h3>\n");
    }
    gw_text_add(out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"verdicts\">\n");
    add_headings(group, out);
    for (size_t i = 0; i < group->cell_count && *rows < ROWS_MOST; i++) {
        add_cell(group, &group->cells[i], out);
        *rows += group->cells[i].row_count;
    }
    gw_text_add(out, "</table></div>\n");
}

bool
gw_report_verdicts(const struct gw_report_page *page, struct gw_error *err)
{
    struct gw_text *out = page->out;
    size_t rows = 0;
    size_t all = 0;

    (void)err;
    gw_text_add(out, "<section id=\"verdicts\">\n<h2>Verdicts</h2>\n");
    for (size_t i = 0; i < page->book->group_count; i++) {
        all += page->book->groups[i].row_count;
        if (rows < ROWS_MOST) {
            add_group(page->book, &page->book->groups[i], &rows, out);
        }
    }
    if (rows < all) {
        gw_text_format(out,
                       "<p>%zu more rows are left out; <code>godwit export</code> has all.</p>\n",
                       all - rows);
    }
    gw_text_add(out,
                "<p class=\"note\">Mean of the completed runs \xC2\xB1 half of its 95&nbsp;% "
                "t-interval; without \xC2\xB1 it is one run, or runs that are all alike. "
                "\xE2\x98\x85: the best mean among rows whose runs all completed. \xE2\x89\x88: "
                "run by run, on the same guests, no difference to the best is seen (the "
                "95&nbsp;% interval of the difference holds 0). S1, S2&nbsp;...: the settings, "
                "<a href=\"#scenarios\">below</a>.</p>\n</section>\n");
    return true;
}
