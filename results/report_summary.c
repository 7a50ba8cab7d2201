/* report_summary.c - what came out, in sentences.
 *
 * Idea      The variant that finishes first in most cells is held against each other one, by runs
 *           that met the same guest. Ratios are geometric means over the pairs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"

enum { COMPARISONS_MOST = 12, PLACES_MOST = 4 };

static void
add_variant(const struct gw_report_group *group, const struct gw_report_row *row,
            struct gw_text *out)
{
    struct gw_text name = {0};

    gw_report_variant(group, row, &name);
    gw_html_text(out, name.bytes);
    out->failed |= name.failed;
    gw_text_clear(&name);
}

/* The row of a variant in a cell; NULL: it has none there. */
static const struct gw_report_row *
row_of(const struct gw_report_group *group, const struct gw_report_cell *cell, const char *variant)
{
    for (size_t i = cell->first_row; i < cell->first_row + cell->row_count; i++) {
        if (strcmp(group->rows[i].variant, variant) == 0) {
            return &group->rows[i];
        }
    }
    return NULL;
}

static bool
is_first_of_variant(const struct gw_report_group *group, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(group->rows[i].variant, group->rows[index].variant) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

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
            add_variant(group, row, out);
            gw_html_format(out, " in %zu of %zu runs%s%s", row->outcomes[outcome], row->count,
                           cell->name[0] == '\0' ? "" : " at ", cell->name);
            separator = "; ";
        }
    }
    if (places > PLACES_MOST) {
        gw_text_format(out, "; and %zu more rows of the <a href=\"#verdicts\">table</a>",
                       places - PLACES_MOST);
    }
    gw_text_add(out, places > 0 ? "." : "");
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
        gw_text_format(out, group->count == 1 ? "The run completed." : "All %zu runs completed.",
                       group->count);
    } else {
        gw_text_format(out, "<strong>%zu of %zu runs completed.</strong>", completed, group->count);
    }
    add_unfinished(group, GW_NOT_CONVERGED, " Did not converge: ", out);
    add_unfinished(group, GW_FAILED, " Failed: ", out);
    if (verified < completed) {
        gw_text_format(out,
                       " <strong>In %zu of them the target is not what the guest is "
                       "owed</strong>: see the <a href=\"#runs\">runs</a>.",
                       completed - verified);
    } else if (completed > 0) {
        gw_text_format(out, " %s the target held what the guest was owed, compared piece by piece.",
                       completed == group->count ? "At the end" : "In those");
    }
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
        size_t cells =
            is_first_of_variant(group, i) ? cells_won(group, group->rows[i].variant, metric) : 0;
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
        add_variant(group, &group->rows[best], out);
    } else {
        gw_text_add(out, "<strong>");
        add_variant(group, &group->rows[best], out);
        gw_text_add(out, "</strong>");
    }
    gw_text_add(out, ", ");
    gw_html_text(out, value.bytes);
    if (alike > 0 && alike + 1 < group->row_count) {
        gw_text_format(out, ", not told apart from %zu other%s", alike, alike == 1 ? "" : "s");
    }
    out->failed |= value.failed;
    gw_text_clear(&value);
}

static void
add_winners(const struct gw_report_group *group, const struct gw_report_metric *metric,
            struct gw_text *out)
{
    const char *separator = "";

    gw_text_format(out, "<li>%s: ", metric->best);
    for (size_t i = 0; i < group->row_count; i++) {
        const char *variant = group->rows[i].variant;
        size_t cells = is_first_of_variant(group, i) ? cells_won(group, variant, metric) : 0;
        if (cells == 0) {
            continue;
        }
        gw_text_add(out, separator);
        if (group->cell_count == 1) {
            add_only_winner(group, i, metric, out);
            continue;
        }
        gw_text_add(out, "<strong>");
        add_variant(group, &group->rows[i], out);
        gw_text_format(out, "</strong> in %zu of %zu cells", cells, group->cell_count);
        size_t shared = cells_shared(group, variant, metric);
        if (shared > 0) {
            gw_text_format(out, " (in %zu not told apart from another)", shared);
        }
        separator = "; ";
    }
    gw_text_add(out, ".</li>\n");
}

/* ---- one against another --------------------------------------------------------------------- */

/* How a variant does against the winner, cell by cell. */
struct duel {
    const struct gw_report_group *group;
    const char *first, *second;     /* variants; ratios are second over first */
    struct gw_contrast least, most; /* cells with the least and the largest ratio */
    const struct gw_report_cell *least_at, *most_at;
    size_t cells;                           /* compared */
    size_t missing;                         /* cells where they cannot be */
    size_t less_downtime, more_downtime;    /* of first; cells whose interval leaves 0 out */
    double downtime_first, downtime_second; /* means of a lone cell, s */
};

static void
look_at_downtime(struct duel *duel, const struct gw_report_row *first,
                 const struct gw_report_row *second)
{
    struct gw_contrast contrast;

    if (!gw_report_contrast(duel->group, first, second, GW_METRIC_DOWNTIME_S, &contrast)) {
        return;
    }
    duel->less_downtime += contrast.low > 0.0;
    duel->more_downtime += contrast.high < 0.0;
    duel->downtime_first = contrast.mean_a;
    duel->downtime_second = contrast.mean_b;
}

static void
look_at_cell(struct duel *duel, const struct gw_report_cell *cell)
{
    const struct gw_report_row *first = row_of(duel->group, cell, duel->first);
    const struct gw_report_row *second = row_of(duel->group, cell, duel->second);
    struct gw_contrast contrast;

    if (first == NULL || second == NULL ||
        !gw_report_contrast(duel->group, first, second, GW_METRIC_MIGRATION_TIME_S, &contrast) ||
        !isfinite(contrast.mean_a) || !(contrast.mean_a > 0.0)) {
        duel->missing++;
        return;
    }
    if (!isfinite(contrast.ratio)) { /* one pair has a ratio, if no interval of it */
        contrast.ratio = contrast.mean_b / contrast.mean_a;
    }
    if (duel->cells == 0 || contrast.ratio < duel->least.ratio) {
        duel->least = contrast;
        duel->least_at = cell;
    }
    if (duel->cells == 0 || contrast.ratio > duel->most.ratio) {
        duel->most = contrast;
        duel->most_at = cell;
    }
    duel->cells++;
    look_at_downtime(duel, first, second);
}

static double
width_of(const struct gw_contrast *contrast)
{
    return isfinite(contrast->ratio_low) ? contrast->ratio_high - contrast->ratio_low : 0.0;
}

static void
add_interval(const struct gw_contrast *contrast, struct gw_text *out)
{
    if (!isfinite(contrast->ratio_low)) {
        gw_text_format(out, "%zu pair%s of runs, too few for an interval", contrast->pairs,
                       contrast->pairs == 1 ? "" : "s");
        return;
    }
    gw_text_add(out, "95&nbsp;% interval ");
    gw_report_ratio(out, contrast->ratio_low, width_of(contrast));
    gw_text_add(out, " to ");
    gw_report_ratio(out, contrast->ratio_high, width_of(contrast));
}

static void
add_seconds(struct gw_text *out, double seconds)
{
    gw_report_ratio(out, seconds, 0.0);
    gw_text_add(out, "&nbsp;s");
}

/* "IO Mirroring finishes 1.50 times sooner than DBT (...), at a downtime of ... against ...". */
static void
add_lone_cell(const struct duel *duel, const char *first, const char *second, struct gw_text *out)
{
    const struct gw_contrast *contrast = &duel->least;
    bool known = isfinite(contrast->ratio_low);
    bool alike = known && contrast->ratio_low <= 1.0 && contrast->ratio_high >= 1.0;
    bool sooner = alike || contrast->ratio >= 1.0;
    struct gw_contrast shown = *contrast;

    if (!sooner) { /* the second one was: the same ratio, turned over */
        shown.ratio = 1.0 / contrast->ratio;
        shown.ratio_low = 1.0 / contrast->ratio_high;
        shown.ratio_high = 1.0 / contrast->ratio_low;
    }
    if (alike) {
        gw_text_format(out, "%s and %s: no difference in migration time is seen, ratio ", first,
                       second);
        gw_report_ratio(out, contrast->ratio, width_of(contrast));
    } else {
        gw_text_format(out, "%s finishes ", sooner ? first : second);
        gw_report_ratio(out, shown.ratio, width_of(&shown));
        gw_text_format(out, " times sooner than %s", sooner ? second : first);
    }
    gw_text_add(out, " (");
    add_interval(&shown, out);
    gw_text_add(out, ")");
    if (isfinite(duel->downtime_first) && isfinite(duel->downtime_second)) {
        gw_text_format(out, "; downtime of %s ", first);
        add_seconds(out, duel->downtime_first);
        gw_text_format(out, ", of %s ", second);
        add_seconds(out, duel->downtime_second);
    }
}

static void
add_place(const struct gw_contrast *contrast, const struct gw_report_cell *cell,
          struct gw_text *out)
{
    gw_report_ratio(out, contrast->ratio, width_of(contrast));
    gw_text_add(out, " times (");
    gw_html_text(out, cell->name);
    gw_text_add(out, "; ");
    add_interval(contrast, out);
    gw_text_add(out, ")");
}

/* "DBT takes 1.05 times (...) to 2.40 times (...) as long as IO Mirroring". */
static void
add_several_cells(const struct duel *duel, const char *first, const char *second,
                  struct gw_text *out)
{
    gw_text_format(out, "%s takes ", second);
    add_place(&duel->least, duel->least_at, out);
    if (duel->most_at != duel->least_at) {
        gw_text_add(out, " to ");
        add_place(&duel->most, duel->most_at, out);
    }
    gw_text_format(out, " as long as %s", first);
    size_t alike = duel->cells - duel->less_downtime - duel->more_downtime;
    gw_text_format(out, "; its downtime is longer in %zu of %zu cells, shorter in %zu",
                   duel->less_downtime, duel->cells, duel->more_downtime);
    if (alike > 0) {
        gw_text_format(out, ", not told apart in %zu", alike);
    }
}

static bool
completes(const struct gw_report_group *group, const char *variant)
{
    for (size_t i = 0; i < group->row_count; i++) {
        if (strcmp(group->rows[i].variant, variant) == 0 &&
            group->rows[i].outcomes[GW_COMPLETED] > 0) {
            return true;
        }
    }
    return false;
}

static void
add_duel(const struct gw_report_group *group, const struct gw_report_row *first,
         const struct gw_report_row *second, struct gw_text *out)
{
    struct duel duel = {.group = group,
                        .first = first->variant,
                        .second = second->variant,
                        .downtime_first = NAN,
                        .downtime_second = NAN};
    struct gw_text names[2] = {{0}, {0}};

    for (size_t i = 0; i < group->cell_count; i++) {
        look_at_cell(&duel, &group->cells[i]);
    }
    add_variant(group, first, &names[0]);
    add_variant(group, second, &names[1]);
    gw_text_add(&names[0], "");
    gw_text_add(&names[1], "");
    out->failed |= names[0].failed || names[1].failed;
    if (!out->failed) {
        gw_text_add(out, "<li>");
        if (duel.cells == 0) {
            gw_text_format(out,
                           completes(group, duel.second)
                               ? "%s and %s: no two completed runs met the same guest"
                               : "%s cannot be compared with %s, which completed no run",
                           names[0].bytes, names[1].bytes);
        } else if (group->cell_count == 1) {
            add_lone_cell(&duel, names[0].bytes, names[1].bytes, out);
        } else {
            add_several_cells(&duel, names[0].bytes, names[1].bytes, out);
        }
        if (duel.cells > 0 && duel.missing > 0) {
            gw_text_format(out, "; in %zu cells one of them completed no run", duel.missing);
        }
        gw_text_add(out, ".</li>\n");
    }
    gw_text_clear(&names[0]);
    gw_text_clear(&names[1]);
}

static void
add_duels(const struct gw_report_group *group, size_t best, struct gw_text *out)
{
    size_t shown = 0;
    size_t others = 0;

    gw_text_add(out, "<ul>\n");
    for (size_t i = 0; i < group->row_count; i++) {
        if (!is_first_of_variant(group, i) ||
            strcmp(group->rows[i].variant, group->rows[best].variant) == 0) {
            continue;
        }
        others++;
        if (shown < COMPARISONS_MOST) {
            add_duel(group, &group->rows[best], &group->rows[i], out);
            shown++;
        }
    }
    if (others > shown) {
        gw_text_format(out, "<li>And %zu more; see the <a href=\"#verdicts\">table</a>.</li>\n",
                       others - shown);
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
    }
    gw_text_add(out, "</ul>\n");
    add_duels(group, best, out);
}

bool
gw_report_summary(const struct gw_report_page *page, struct gw_error *err)
{
    struct gw_text *out = page->out;

    (void)err;
    gw_text_add(out, "<section id=\"summary\">\n<h2>Summary</h2>\n");
    for (size_t i = 0; i < page->book->group_count; i++) {
        add_group(page->book, &page->book->groups[i], out);
    }
    gw_text_add(out, "<p class=\"note\">Ratios are geometric means over pairs of runs that met the "
                     "same guest. Each interval holds for itself at 95&nbsp;%, not for all of them "
                     "at once. A cell is one choice of everything else that was varied.</p>\n"
                     "</section>\n");
    return true;
}
