/* sweep_precision.c - how precise the points of a sweep became, as a table for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>

#include "cli/sweep_rounds.h"
#include "results/table.h"

/* From here on only what is not precise is shown. */
enum { ROWS_SHOWN = 100 };

static const char *const state_words[] = {[GW_ROUND_OPEN] = "open",
                                          [GW_ROUND_PRECISE] = "precise",
                                          [GW_ROUND_CAPPED] = "capped",
                                          [GW_ROUND_FAILED] = "failed"};

static void
add_point(struct gw_table *table, const struct gw_campaign *campaign,
          const struct gw_round_point *point)
{
    const struct gw_campaign_run *run = &campaign->runs[point->first_run];
    const struct gw_variation *variation = gw_campaign_variation(campaign, run);
    struct gw_text text = {0};

    if (campaign->sweep_count > 1 || variation->count == 0) {
        gw_text_add(&text, campaign->names[run->sweep]);
    }
    for (size_t i = 0; i < variation->count + variation->labels; i++) {
        gw_text_format(&text, "%s%s=%s", text.length > 0 ? " " : "", variation->names[i],
                       variation->values[i]);
    }
    table->failed = table->failed || text.failed;
    gw_table_add(table, text.bytes);
    gw_text_clear(&text);
}

static void
add_width(struct gw_table *table, const struct gw_stopping_look *look)
{
    if (isfinite(look->reached)) {
        gw_table_format(table, "%.2f %%", 100.0 * look->reached);
        return;
    }
    /* A mean of zero has no share. */
    gw_table_add(table, look->half_width <= 0.0 ? "0" : "-");
}

static void
add_row(struct gw_table *table, const struct gw_rounds *rounds, size_t number, size_t metric)
{
    const struct gw_campaign *campaign = &rounds->task->campaign;
    const struct gw_round_point *point = &rounds->points[number];
    const struct gw_stopping_look *look = &rounds->looks[number * campaign->stop.count + metric];
    bool precise = look->verdict == GW_STOPPING_PRECISE;
    enum gw_round_state state = precise ? GW_ROUND_PRECISE : GW_ROUND_CAPPED;

    state = point->state == GW_ROUND_FAILED ? GW_ROUND_FAILED : state;
    add_point(table, campaign, point);
    gw_table_add(table, gw_metric_info[campaign->stop.metrics[metric].metric].key);
    gw_table_format(table, "%lld", (long long)point->replications);
    gw_table_format(table, "%zu", look->count);
    if (look->count > 0) {
        gw_table_format(table, "%.4g", look->mean);
    } else {
        gw_table_add(table, "-");
    }
    add_width(table, look);
    gw_table_add_toned(table, state == GW_ROUND_PRECISE ? GW_TONE_GOOD : GW_TONE_BAD,
                       state_words[state]);
}

static bool
print_table(const struct gw_rounds *rounds, struct gw_error *err)
{
    static const char *const headings[] = {"point", "metric",      ">runs", ">values",
                                           ">mean", ">half width", ""};
    enum { COLUMNS = sizeof headings / sizeof headings[0] };
    size_t metrics = rounds->task->campaign.stop.count;
    bool all = rounds->count * metrics <= ROWS_SHOWN;
    struct gw_table table;

    gw_table_init(&table, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        gw_table_add(&table, headings[i]);
    }
    for (size_t i = 0; i < rounds->count * metrics; i++) {
        enum gw_round_state state = rounds->points[i / metrics].state;

        if (state != GW_ROUND_FOREIGN && (all || state != GW_ROUND_PRECISE)) {
            add_row(&table, rounds, i / metrics, i % metrics);
        }
    }
    bool fine = gw_table_print(&table, stderr, GW_TABLE_TEXT, gw_colour_wanted(stderr)) ||
                gw_fail(err, GW_ENOMEM, "out of memory for a table");
    gw_table_clear(&table);
    return fine;
}

/* Runs of a point that gave no value for some metric. */
static size_t
count_empty(const struct gw_rounds *rounds, size_t number)
{
    size_t metrics = rounds->task->campaign.stop.count;
    size_t runs = (size_t)rounds->points[number].replications;
    size_t most = 0;

    for (size_t i = 0; i < metrics; i++) {
        size_t empty = runs - rounds->looks[number * metrics + i].count;

        most = empty > most ? empty : most;
    }
    return most;
}

bool
gw_rounds_report(const struct gw_rounds *rounds, struct gw_error *err)
{
    size_t states[GW_ROUND_FOREIGN + 1] = {0};
    size_t runs = 0;
    size_t empty = 0;

    for (size_t i = 0; i < rounds->count; i++) {
        states[rounds->points[i].state]++;
        runs += (size_t)rounds->points[i].replications;
        empty += count_empty(rounds, i);
    }
    bool fine = print_table(rounds, err);
    fprintf(stderr, "godwit: %zu of %zu points are precise, %zu capped, %zu failed; %zu runs\n",
            states[GW_ROUND_PRECISE], rounds->count - states[GW_ROUND_FOREIGN],
            states[GW_ROUND_CAPPED], states[GW_ROUND_FAILED], runs);
    if (empty > 0) {
        fprintf(stderr,
                "godwit: %zu runs gave no value, as those that did not converge; they count as"
                " replications\n",
                empty);
    }
    return fine;
}
