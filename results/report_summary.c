/* report_summary.c - what came out, in sentences.
 *
 * Idea      Outcomes first; then who is the best in each figure and in how many cells. Of runs that
 *           are all of one kind there is nothing to compare: their means are said.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"

enum { PLACES_MOST = 4 };

static const char NOTE[] =
    "<p class=\"note\">Ratios are geometric means over pairs of runs that met the same guest. Each "
    "interval holds for itself at 95&nbsp;%, not for all of them at once.";
static const char NOTE_OF_CELLS[] = " A cell is one choice of everything else that was varied.";

void
gw_report_add_variant(const struct gw_report_group *group, const struct gw_report_row *row,
                      struct gw_text *out)
{
    struct gw_text name = {0};

    gw_report_variant(group, row, &name);
    gw_html_text(out, name.bytes);
    out->failed |= name.failed;
    gw_text_clear(&name);
}

bool
gw_report_is_first_of_variant(const struct gw_report_group *group, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(group->rows[i].variant, group->rows[index].variant) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

/* " at all 5 values of oio", " in 2 of 3 cells". */
void
gw_report_add_cells(const struct gw_report_group *group, size_t count, size_t all,
                    struct gw_text *out)
{
    bool values = group->name_count == 1;

    gw_text_add(out, values ? " at " : " in ");
    if (count < all) {
        gw_text_format(out, "%zu of %zu", count, all);
    } else if (all == 2) {
        gw_text_add(out, "both");
    } else {
        gw_text_format(out, "all %zu", all);
    }
    if (!values) {
        gw_text_add(out, " cells");
        return;
    }
    gw_text_add(out, " values of ");
    gw_html_text(out, gw_result_short_name(group->names[0]));
}

/* "All 20 runs", "Both runs", "The run". */
static void
add_all_runs(const char *all, const char *both, const char *one, size_t count, struct gw_text *out)
{
    if (count > 2) {
        gw_text_format(out, "%s %zu runs", all, count);
    } else {
        gw_text_add(out, count == 2 ? both : one);
    }
}

static void
add_unfinished_row(const struct gw_report_group *group, const struct gw_report_cell *cell,
                   const struct gw_report_row *row, size_t count, struct gw_text *out)
{
    gw_report_add_variant(group, row, out);
    if (count < row->count) {
        gw_text_format(out, " in %zu of %zu runs", count, row->count);
    } else if (row->count > 1) {
        add_all_runs(" in all", " in both runs", "", row->count, out);
    }
    if (cell->name[0] != '\0') {
        gw_text_add(out, " at ");
        gw_html_text(out, cell->name);
    }
}

/* Why, where all of them have one reason. */
static void
add_reason(const struct gw_report_group *group, enum gw_outcome outcome, struct gw_text *out)
{
    const char *reason = NULL;

    for (size_t i = 0; i < group->count; i++) {
        const struct gw_result *run = group->runs[i];
        if (run->outcome != outcome) {
            continue;
        }
        if (run->reason == NULL || (reason != NULL && strcmp(reason, run->reason) != 0)) {
            return;
        }
        reason = run->reason;
    }
    if (reason != NULL && reason[0] != '\0') {
        gw_text_add(out, " The reason: ");
        gw_html_text(out, reason);
        gw_text_add(out, ".");
    }
}

static void
add_unfinished(const struct gw_report_group *group, enum gw_outcome outcome, const char *words,
               struct gw_text *out)
{
    const char *separator = words;
    size_t places = 0;

    for (size_t k = 0; k < group->cell_count; k++) {
        const struct gw_report_cell *cell = &group->cells[k];
        for (size_t i = cell->first_row; i < cell->first_row + cell->row_count; i++) {
            const struct gw_report_row *row = &group->rows[i];
            if (row->outcomes[outcome] == 0 || places++ >= PLACES_MOST) {
                continue;
            }
            gw_text_add(out, separator);
            add_unfinished_row(group, cell, row, row->outcomes[outcome], out);
            separator = "; ";
        }
    }
    if (places > PLACES_MOST) {
        gw_text_format(out, "; and %zu more rows of the <a href=\"#verdicts\">table</a>",
                       places - PLACES_MOST);
    }
    if (places > 0) {
        gw_text_add(out, ".");
        add_reason(group, outcome, out);
    }
}

static void
add_proof(size_t completed, size_t verified, size_t count, struct gw_text *out)
{
    if (verified < completed) {
        gw_text_format(out,
                       " <strong>In %zu of the %zu completed runs the target is not what the "
                       "guest is owed</strong>: see the <a href=\"#runs\">runs</a>.",
                       completed - verified, completed);
    } else if (completed == count) {
        gw_text_add(out, " At the end the target held what the guest was owed, compared piece by "
                         "piece.");
    } else if (completed > 0) {
        gw_text_format(out,
                       " In the %zu run%s that completed the target held what the guest was owed, "
                       "compared piece by piece.",
                       completed, completed == 1 ? "" : "s");
    }
}

static void
add_outcomes(const struct gw_report_group *group, struct gw_text *out)
{
    size_t completed = 0;
    size_t verified = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool is_completed = group->runs[i]->outcome == GW_COMPLETED;
        completed += is_completed;
        verified += is_completed && group->runs[i]->verified;
    }
    gw_text_add(out, "<p>");
    if (completed == group->count) {
        add_all_runs("All", "Both runs", "The run", group->count, out);
        gw_text_add(out, " completed.");
    } else if (completed == 0) {
        gw_text_add(out, "<strong>No run completed.</strong>");
    } else {
        gw_text_format(out, "<strong>%zu of %zu runs completed.</strong>", completed, group->count);
    }
    add_unfinished(group, GW_NOT_CONVERGED, " Did not converge: ", out);
    add_unfinished(group, GW_FAILED, " Failed: ", out);
    add_proof(completed, verified, group->count, out);
    gw_text_add(out, "</p>\n");
}

/* ---- the best -------------------------------------------------------------------------------- */

/* Cells in which the variant is the best. */
static size_t
cells_won(const struct gw_report_group *group, const char *variant,
          const struct gw_report_metric *metric)
{
    size_t won = 0;

    for (size_t i = 0; i < group->cell_count; i++) {
        size_t best = gw_report_best_row(group, &group->cells[i], metric);
        won += best != SIZE_MAX && strcmp(group->rows[best].variant, variant) == 0;
    }
    return won;
}

/* The first row of the variant with the most cells; SIZE_MAX: no cell has a best one. */
static size_t
winner(const struct gw_report_group *group, const struct gw_report_metric *metric, size_t *won)
{
    size_t best = SIZE_MAX;

    *won = 0;
    for (size_t i = 0; i < group->row_count; i++) {
        size_t cells = gw_report_is_first_of_variant(group, i)
                           ? cells_won(group, group->rows[i].variant, metric)
                           : 0;
        if (cells > *won) {
            *won = cells;
            best = i;
        }
    }
    return best;
}

/* Rows of the cell beside the best one that are not told apart from it. */
static size_t
count_alike(const struct gw_report_group *group, const struct gw_report_cell *cell, size_t best,
            enum gw_metric metric)
{
    size_t alike = 0;

    for (size_t i = cell->first_row; i < cell->first_row + cell->row_count; i++) {
        alike +=
            i != best && gw_report_is_alike(group, &group->rows[best], &group->rows[i], metric);
    }
    return alike;
}

/* Cells of the variant in which another one is not told apart from it. */
static size_t
cells_shared(const struct gw_report_group *group, const char *variant,
             const struct gw_report_metric *metric)
{
    size_t shared = 0;

    for (size_t i = 0; i < group->cell_count; i++) {
        size_t best = gw_report_best_row(group, &group->cells[i], metric);
        shared += best != SIZE_MAX && strcmp(group->rows[best].variant, variant) == 0 &&
                  count_alike(group, &group->cells[i], best, metric->metric) > 0;
    }
    return shared;
}

bool
gw_report_is_complete(const struct gw_report_row *row)
{
    return row->outcomes[GW_COMPLETED] == row->count;
}

static bool
is_only_complete(const struct gw_report_group *group, size_t best)
{
    for (size_t i = 0; i < group->row_count; i++) {
        if (i != best && gw_report_is_complete(&group->rows[i])) {
            return false;
        }
    }
    return true;
}

/* "IO Mirroring, 0.219 s, not told apart from 1 other". */
static void
add_only_winner(const struct gw_report_group *group, size_t best,
                const struct gw_report_metric *metric, struct gw_text *out)
{
    struct gw_summary summary;
    struct gw_text value = {0};
    size_t alike = count_alike(group, &group->cells[0], best, metric->metric);

    gw_report_summarize(&group->rows[best], metric->metric, &summary);
    gw_report_value(&value, metric, &summary);
    if (alike + 1 == group->row_count) {
        gw_text_add(out, "no difference is seen; the best mean is that of ");
        gw_report_add_variant(group, &group->rows[best], out);
    } else {
        gw_text_add(out, "<strong>");
        gw_report_add_variant(group, &group->rows[best], out);
        gw_text_add(out, "</strong>");
    }
    gw_text_add(out, ", ");
    gw_html_text(out, value.bytes);
    if (alike > 0 && alike + 1 < group->row_count) {
        gw_text_format(out, ", not told apart from %zu other%s", alike, alike == 1 ? "" : "s");
    }
    if (is_only_complete(group, best)) {
        gw_text_add(out, ", the only one to complete all of its runs");
    }
    out->failed |= value.failed;
    gw_text_clear(&value);
}

/* ", 0.272 to 0.332 s": the means of the variant where it is the best. */
static void
add_best_means(const struct gw_report_group *group, const char *variant,
               const struct gw_report_metric *metric, struct gw_text *out)
{
    double least = INFINITY;
    double most = -INFINITY;

    for (size_t i = 0; i < group->cell_count; i++) {
        size_t best = gw_report_best_row(group, &group->cells[i], metric);
        if (best != SIZE_MAX && strcmp(group->rows[best].variant, variant) == 0) {
            struct gw_summary summary;
            gw_report_summarize(&group->rows[best], metric->metric, &summary);
            least = fmin(least, summary.mean);
            most = fmax(most, summary.mean);
        }
    }
    gw_text_add(out, ", ");
    gw_report_range(out, metric, least, most);
}

/* Cells with several rows to compare; a best one has only that where a row completed all its runs. */
static size_t
count_contested(const struct gw_report_group *group)
{
    size_t count = 0;

    for (size_t i = 0; i < group->cell_count; i++) {
        count += group->cells[i].row_count > 1;
    }
    return count;
}

/* Cells that have a best one. */
static size_t
count_judged(const struct gw_report_group *group, const struct gw_report_metric *metric,
             const struct gw_report_cell **last)
{
    size_t count = 0;

    for (size_t i = 0; i < group->cell_count; i++) {
        if (gw_report_best_row(group, &group->cells[i], metric) != SIZE_MAX) {
            *last = &group->cells[i];
            count++;
        }
    }
    return count;
}

/* " at oio=2, the only one with several rows to compare", " at 3 of 5 values of oio". */
static void
add_won(const struct gw_report_group *group, size_t won, const struct gw_report_metric *metric,
        struct gw_text *out)
{
    const struct gw_report_cell *judged = NULL;
    size_t contested = count_contested(group);

    if (count_judged(group, metric, &judged) > 1) {
        gw_report_add_cells(group, won, contested, out);
        return;
    }
    gw_assert(judged != NULL);
    gw_html_format(out, " at %s", judged->name);
    if (metric == &gw_report_metrics[0]) {
        gw_text_add(out, contested == 1 ? ", the only one with several rows to compare"
                                        : ", the only one where a variant completed all of its "
                                          "runs");
    }
}

static void
add_winners(const struct gw_report_group *group, const struct gw_report_metric *metric,
            struct gw_text *out)
{
    const char *separator = "";

    gw_text_format(out, "<li>%s: ", metric->best);
    for (size_t i = 0; i < group->row_count; i++) {
        const char *variant = group->rows[i].variant;
        size_t cells =
            gw_report_is_first_of_variant(group, i) ? cells_won(group, variant, metric) : 0;
        if (cells == 0) {
            continue;
        }
        gw_text_add(out, separator);
        if (group->cell_count == 1) {
            add_only_winner(group, i, metric, out);
            continue;
        }
        gw_text_add(out, "<strong>");
        gw_report_add_variant(group, &group->rows[i], out);
        gw_text_add(out, "</strong>");
        add_won(group, cells, metric, out);
        add_best_means(group, variant, metric, out);
        size_t shared = cells_shared(group, variant, metric);
        if (shared > 0) {
            gw_text_format(out, " (in %zu not told apart from another)", shared);
        }
        separator = "; ";
    }
    gw_text_add(out, ".</li>\n");
}

/* ---- all of a group --------------------------------------------------------------------------- */

/* Nothing is compared: what the runs came to. */
static void
add_lone_row(const struct gw_report_group *group, struct gw_text *out)
{
    gw_text_add(out, "<ul>\n");
    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        const struct gw_report_metric *metric = &gw_report_metrics[i];
        struct gw_summary summary;
        struct gw_text value = {0};

        if (!gw_report_has_metric(group, metric->metric)) {
            continue;
        }
        gw_report_summarize(&group->rows[0], metric->metric, &summary);
        gw_report_value(&value, metric, &summary);
        gw_text_format(out, "<li>%s: ", metric->label);
        gw_html_text(out, value.bytes);
        gw_text_add(out, "</li>\n");
        out->failed |= value.failed;
        gw_text_clear(&value);
    }
    gw_text_add(out, "</ul>\n");
}

static void
add_group(const struct gw_report_book *book, const struct gw_report_group *group,
          struct gw_text *out)
{
    size_t won = 0;
    size_t best = winner(group, &gw_report_metrics[0], &won);

    if (book->group_count > 1) {
        gw_text_add(out, "<h3>");
        gw_html_format(out, "%s, guest %s", group->scenario, group->vm);
        gw_text_add(out, "</h3>\n");
    }
    add_outcomes(group, out);
    if (group->row_count == 1 && group->rows[0].outcomes[GW_COMPLETED] > 0) {
        add_lone_row(group, out);
    }
    if (best == SIZE_MAX) {
        return;
    }
    gw_text_add(out, "<ul>\n");
    for (size_t i = 0; i < GW_REPORT_METRICS; i++) {
        size_t cells = 0;
        if (gw_report_metrics[i].is_judged &&
            winner(group, &gw_report_metrics[i], &cells) != SIZE_MAX) {
            add_winners(group, &gw_report_metrics[i], out);
        }
        if (group->cell_count == 1 && is_only_complete(group, best)) {
            break; /* the least of one says nothing; the table has its figures */
        }
    }
    gw_text_add(out, "</ul>\n");
    gw_report_duels(group, best, out);
}

/* Runs without a result are in none of the sentences that follow. */
static void
add_crashed(const struct gw_report_input *report, struct gw_text *out)
{
    size_t count = report == NULL ? 0 : report->facts->failure_count;

    if (count > 0) {
        gw_text_format(out,
                       "<p><strong>%zu run%s crashed or took too long and %s no result</strong>: "
                       "see the end of the <a href=\"#runs\">runs</a>.</p>\n",
                       count, count == 1 ? "" : "s", count == 1 ? "has" : "have");
    }
}

bool
gw_report_summary(const struct gw_report_page *page, struct gw_error *err)
{
    struct gw_text *out = page->out;

    (void)err;
    gw_text_add(out, "<section id=\"summary\">\n<h2>Summary</h2>\n");
    bool compared = false;
    bool cells = false;
    add_crashed(page->report, out);
    for (size_t i = 0; i < page->book->group_count; i++) {
        add_group(page->book, &page->book->groups[i], out);
        compared |= page->book->groups[i].row_count > 1;
        cells |= page->book->groups[i].name_count > 1;
    }
    if (compared) {
        gw_text_format(out, "%s%s</p>\n", NOTE, cells ? NOTE_OF_CELLS : "");
    }
    gw_text_add(out, "</section>\n");
    return true;
}
