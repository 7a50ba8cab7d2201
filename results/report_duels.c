/* report_duels.c - one variant against another, in sentences.
 *
 * Idea      The variant that finishes first in most cells is held against each other one, by runs
 *           that met the same guest. Ratios are geometric means over the pairs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <string.h>

#include "results/html.h"
#include "results/report_shared.h"

enum { COMPARISONS_MOST = 12 };

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

/* Least and largest of some means. */
struct range {
    double least, most;
};

/* How a variant does against the winner, cell by cell. */
struct duel {
    const struct gw_report_group *group;
    const char *first, *second;     /* variants; ratios are second over first */
    struct gw_contrast least, most; /* cells with the least and the largest ratio */
    const struct gw_report_cell *least_at, *most_at;
    bool timeless;                                /* first took no time: there is no ratio */
    size_t cells;                                 /* compared */
    size_t missing;                               /* cells where they cannot be */
    size_t judged, less_downtime, more_downtime;  /* of first; cells with an interval, and whose
                                                      interval leaves 0 out */
    struct range downtime_first, downtime_second; /* s; least above most: none */
};

static void
widen(struct range *range, double value)
{
    range->least = fmin(range->least, value);
    range->most = fmax(range->most, value);
}

/* Pairs that are too few for an interval have a mean all the same. */
static void
look_at_downtime(struct duel *duel, const struct gw_report_row *first,
                 const struct gw_report_row *second)
{
    struct gw_contrast contrast;

    if (!gw_report_contrast(duel->group, first, second, GW_METRIC_DOWNTIME_S, &contrast)) {
        return;
    }
    duel->judged += isfinite(contrast.low) ? 1U : 0U;
    duel->less_downtime += contrast.low > 0.0;
    duel->more_downtime += contrast.high < 0.0;
    widen(&duel->downtime_first, contrast.mean_a);
    widen(&duel->downtime_second, contrast.mean_b);
}

static void
look_at_cell(struct duel *duel, const struct gw_report_cell *cell)
{
    const struct gw_report_row *first = row_of(duel->group, cell, duel->first);
    const struct gw_report_row *second = row_of(duel->group, cell, duel->second);
    struct gw_contrast contrast;

    bool paired =
        first != NULL && second != NULL &&
        gw_report_contrast(duel->group, first, second, GW_METRIC_MIGRATION_TIME_S, &contrast) &&
        isfinite(contrast.mean_a);
    if (!paired || !(contrast.mean_a > 0.0)) {
        duel->timeless |= paired;
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
    if (!isfinite(contrast->ratio_low) && contrast->pairs > 1) {
        gw_text_add(out, "no interval: a run took no time");
        return;
    }
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

/* "longer at 1 of 5 values of oio, shorter at 4", "shorter in all 5 cells". */
static void
add_downtime_cells(const struct duel *duel, struct gw_text *out)
{
    const struct {
        const char *word;
        size_t cells;
    } parts[] = {{"longer", duel->less_downtime},
                 {"shorter", duel->more_downtime},
                 {"not told apart", duel->judged - duel->less_downtime - duel->more_downtime},
                 {"without an interval", duel->cells - duel->judged}};
    size_t said = 0;

    if (duel->judged == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].cells == 0) {
            continue;
        }
        gw_text_format(out, ", %s", parts[i].word);
        if (duel->cells > 1 && said++ == 0) {
            gw_report_add_cells(duel->group, parts[i].cells, duel->cells, out);
        } else if (duel->cells > 1) {
            gw_text_format(out, " %s %zu", duel->group->name_count == 1 ? "at" : "in",
                           parts[i].cells);
        }
    }
}

/* "; its downtime is 11.6 s against 0.272 s": of the second one, or turned over. */
static void
add_downtimes(const struct duel *duel, bool turned, struct gw_text *out)
{
    const struct range *ranges[] = {&duel->downtime_second, &duel->downtime_first};
    const struct gw_report_metric *downtime = &gw_report_metrics[GW_REPORT_DOWNTIME];

    if (!(ranges[0]->least <= ranges[0]->most)) {
        return;
    }
    gw_text_add(out, "; its downtime is ");
    gw_report_range(out, downtime, ranges[turned]->least, ranges[turned]->most);
    gw_text_add(out, " against ");
    gw_report_range(out, downtime, ranges[!turned]->least, ranges[!turned]->most);
    if (duel->group->cell_count > 1) {
        add_downtime_cells(duel, out);
    } else if (duel->judged > 0 && duel->less_downtime + duel->more_downtime == 0) {
        gw_text_add(out, ", not told apart");
    }
}

/* "DBT takes 1.50 times as long as IO Mirroring (...); its downtime is ... against ...". */
static void
add_lone_cell(const struct duel *duel, const char *first, const char *second, struct gw_text *out)
{
    const struct gw_contrast *contrast = &duel->least;
    bool known = isfinite(contrast->ratio_low);
    bool alike = known && contrast->ratio_low <= 1.0 && contrast->ratio_high >= 1.0;
    bool turned = !alike && contrast->ratio < 1.0;
    struct gw_contrast shown = *contrast;

    if (turned) { /* the second one is faster: the same ratio, turned over */
        shown.ratio = 1.0 / contrast->ratio;
        shown.ratio_low = 1.0 / contrast->ratio_high;
        shown.ratio_high = 1.0 / contrast->ratio_low;
    }
    gw_text_format(out, "%s takes ", turned ? first : second);
    gw_report_ratio(out, shown.ratio, width_of(&shown));
    gw_text_format(out, " times as long as %s (", turned ? second : first);
    add_interval(&shown, out);
    gw_text_add(out, alike ? "): no difference in migration time is seen" : ")");
    add_downtimes(duel, turned, out);
}

static void
add_place(const struct gw_contrast *contrast, const struct gw_report_cell *cell, bool interval,
          struct gw_text *out)
{
    gw_report_ratio(out, contrast->ratio, width_of(contrast));
    gw_text_add(out, " times (at ");
    gw_html_text(out, cell->name);
    if (interval) {
        gw_text_add(out, "; ");
        add_interval(contrast, out);
    }
    gw_text_add(out, ")");
}

/* "DBT takes from 1.05 times (at oio=2; ...) to 2.40 times (at oio=32; ...) as long as Snapshot". */
static void
add_several_cells(const struct duel *duel, const char *first, const char *second,
                  struct gw_text *out)
{
    bool range = duel->most_at != duel->least_at;
    bool known = duel->least.pairs > 1 || duel->most.pairs > 1;

    gw_text_format(out, "%s takes %s", second, range ? "from " : "");
    add_place(&duel->least, duel->least_at, known || !range, out);
    if (range) {
        gw_text_add(out, " to ");
        add_place(&duel->most, duel->most_at, known, out);
    }
    gw_text_format(out, " as long as %s", first);
    if (range && !known) {
        gw_text_add(out, " (single pairs of runs, too few for intervals)");
    }
    add_downtimes(duel, false, out);
}

/* "; in 2 other cells they cannot be compared", "; at 1 other value of oio ...". */
static void
add_missing(const struct duel *duel, struct gw_text *out)
{
    bool values = duel->group->name_count == 1;

    gw_text_format(out, "; %s %zu other %s%s", values ? "at" : "in", duel->missing,
                   values ? "value" : "cell", duel->missing == 1 ? "" : "s");
    if (values) {
        gw_text_add(out, " of ");
        gw_html_text(out, gw_result_short_name(duel->group->names[0]));
    }
    gw_text_add(out, " they cannot be compared");
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

/* Where no cell could be compared. */
static void
add_none(const struct duel *duel, const char *first, const char *second, struct gw_text *out)
{
    if (duel->timeless) {
        gw_text_format(out, "%s takes no time: there is no ratio to %s", first, second);
    } else if (completes(duel->group, duel->second)) {
        gw_text_format(out, "%s and %s: no two completed runs met the same guest", first, second);
    } else {
        gw_text_format(out, "%s cannot be compared with %s, which completed no run", first, second);
    }
}

static void
add_duel(const struct gw_report_group *group, const struct gw_report_row *first,
         const struct gw_report_row *second, struct gw_text *out)
{
    struct duel duel = {.group = group,
                        .first = first->variant,
                        .second = second->variant,
                        .downtime_first = {INFINITY, -INFINITY},
                        .downtime_second = {INFINITY, -INFINITY}};
    struct gw_text names[2] = {{0}, {0}};

    for (size_t i = 0; i < group->cell_count; i++) {
        look_at_cell(&duel, &group->cells[i]);
    }
    gw_report_add_variant(group, first, &names[0]);
    gw_report_add_variant(group, second, &names[1]);
    gw_text_add(&names[0], "");
    gw_text_add(&names[1], "");
    out->failed |= names[0].failed || names[1].failed;
    if (!out->failed) {
        gw_text_add(out, "<li>");
        if (duel.cells == 0) {
            add_none(&duel, names[0].bytes, names[1].bytes, out);
        } else if (group->cell_count == 1) {
            add_lone_cell(&duel, names[0].bytes, names[1].bytes, out);
        } else {
            add_several_cells(&duel, names[0].bytes, names[1].bytes, out);
        }
        if (duel.cells > 0 && duel.missing > 0) {
            add_missing(&duel, out);
        }
        gw_text_add(out, ".</li>\n");
    }
    gw_text_clear(&names[0]);
    gw_text_clear(&names[1]);
}

/* Equal to the last bit in all that is judged, in every cell. */
static bool
are_twins(const struct gw_report_group *group, const char *a, const char *b)
{
    for (size_t i = 0; i < group->cell_count * GW_REPORT_METRICS; i++) {
        const struct gw_report_cell *cell = &group->cells[i / GW_REPORT_METRICS];
        const struct gw_report_metric *metric = &gw_report_metrics[i % GW_REPORT_METRICS];
        const struct gw_report_row *first = row_of(group, cell, a);
        const struct gw_report_row *second = row_of(group, cell, b);
        struct gw_contrast contrast;

        if (first == NULL || second == NULL || !gw_report_is_complete(first) ||
            !gw_report_is_complete(second)) {
            return false;
        }
        if (!metric->is_judged || !gw_report_has_metric(group, metric->metric)) {
            continue;
        }
        if (!gw_report_contrast(group, first, second, metric->metric, &contrast) ||
            contrast.pairs < first->count || contrast.pairs < second->count ||
            contrast.difference < 0.0 || contrast.difference > 0.0 || contrast.low < 0.0 ||
            contrast.high > 0.0) {
            return false;
        }
    }
    return true;
}

static void
add_twins(const struct gw_report_group *group, struct gw_text *out)
{
    for (size_t i = 0; i < group->row_count && i < COMPARISONS_MOST; i++) {
        for (size_t k = 0; gw_report_is_first_of_variant(group, i) && k < i; k++) {
            if (!gw_report_is_first_of_variant(group, k) ||
                !are_twins(group, group->rows[k].variant, group->rows[i].variant)) {
                continue;
            }
            gw_text_add(out, "<li>");
            gw_report_add_variant(group, &group->rows[i], out);
            gw_text_add(out, " did the same as ");
            gw_report_add_variant(group, &group->rows[k], out);
            gw_text_add(out, " in every run: all figures above are equal.</li>\n");
            break;
        }
    }
}

void
gw_report_duels(const struct gw_report_group *group, size_t best, struct gw_text *out)
{
    size_t shown = 0;
    size_t others = 0;

    gw_text_add(out, "<ul>\n");
    for (size_t i = 0; i < group->row_count; i++) {
        if (!gw_report_is_first_of_variant(group, i) ||
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
    add_twins(group, out);
    gw_text_add(out, "</ul>\n");
}
