/* model_cards.c - loads the card file and lists what it says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/model_cards.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/scenario.h"

/* What is asked first; a list of one technique has them all. */
static const char *const headline_metrics[] = {
    "total_time_s", "downtime_s",   "bytes_sent",        "sync_count",
    "throttle_pct", "ready_time_s", "guest_iops_during", "forced_downtime_s"};

bool
gw_model_cards_load(struct gw_cards *cards, struct gw_error *err)
{
    struct gw_error none = {.code = GW_OK};
    char *path = gw_scenario_find("model-cards.csv", &none);
    bool fine;

    *cards = (struct gw_cards){0};
    if (path == NULL && none.code == GW_ENOENT) {
        return true;
    }
    if (path == NULL) {
        *err = none;
        return false;
    }
    fine = gw_cards_read(cards, path, err);
    free(path);
    return fine;
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct rows {
    const char **cells; /* copies; owned */
    size_t count;
    bool failed;
};

static void
put(struct rows *rows, char *taken)
{
    const char **cells = realloc(rows->cells, (rows->count + 1) * sizeof *cells);

    rows->failed |= cells == NULL || taken == NULL;
    if (cells == NULL) {
        free(taken);
        return;
    }
    rows->cells = cells;
    cells[rows->count++] = taken;
}

static void
put_text(struct rows *rows, const char *text)
{
    put(rows, strdup(text));
}

static void
put_count(struct rows *rows, size_t count)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", count);
    put_text(rows, text);
}

static void
put_percent(struct rows *rows, double percent)
{
    char text[32] = "";

    if (isfinite(percent)) {
        snprintf(text, sizeof text, "%.1f", percent);
    }
    put_text(rows, text);
}

static void
put_spread(struct rows *rows, const struct gw_spread *spread)
{
    put_count(rows, spread->count);
    put_percent(rows, spread->median);
    put_percent(rows, spread->p90);
    put_percent(rows, spread->worst);
}

static bool
print(struct rows *rows, const char *name, const char *const *columns, size_t column_count,
      enum gw_format format)
{
    struct gw_grid grid = {.name = name,
                           .columns = columns,
                           .column_count = column_count,
                           .cells = rows->cells,
                           .row_count = rows->count / column_count};

    if (!rows->failed) {
        gw_grid_print(&grid, format, stdout);
    }
    for (size_t i = 0; i < rows->count; i++) {
        free((char *)(uintptr_t)rows->cells[i]); /* the grid wants them const */
    }
    free(rows->cells);
    return !rows->failed;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool
is_headline(const char *metric)
{
    for (size_t i = 0; i < sizeof headline_metrics / sizeof headline_metrics[0]; i++) {
        if (strcmp(headline_metrics[i], metric) == 0) {
            return true;
        }
    }
    return false;
}

static bool
print_errors(const struct gw_cards *cards, enum gw_format format)
{
    static const char *const columns[] = {"technique",
                                          "cases",
                                          "fitted",
                                          "right",
                                          "metric",
                                          "n",
                                          "median %",
                                          "p90 %",
                                          "worst %",
                                          "predicted n",
                                          "predicted median %",
                                          "predicted p90 %",
                                          "predicted worst %"};
    struct rows rows = {0};

    for (size_t i = 0; i < cards->count; i++) {
        const struct gw_card *card = &cards->items[i];

        for (size_t k = 0; k < card->error_count; k++) {
            const struct gw_card_error *error = &card->errors[k];
            char right[48];

            if (!is_headline(error->metric)) {
                continue;
            }
            snprintf(right, sizeof right, "%zu of %zu", card->right, card->judged);
            put_text(&rows, card->technique);
            put_count(&rows, card->cases);
            put_count(&rows, card->fitted);
            put_text(&rows, right);
            put_text(&rows, error->metric);
            put_spread(&rows, &error->all);
            put_spread(&rows, &error->predicted);
        }
    }
    return print(&rows, "cards", columns, sizeof columns / sizeof columns[0], format);
}

static bool
print_facts(const struct gw_card *card, enum gw_format format)
{
    static const char *const columns[] = {"setting", "validated"};
    struct rows rows = {0};

    for (size_t i = 0; i < card->fact_count; i++) {
        put_text(&rows, card->facts[i].key);
        put(&rows, gw_card_fact_text(&card->facts[i]));
    }
    return print(&rows, "facts", columns, sizeof columns / sizeof columns[0], format);
}

static bool
list(const struct gw_cards *cards, const char *technique, enum gw_format format,
     struct gw_error *err)
{
    const struct gw_card *card = technique == NULL ? NULL : gw_cards_find(cards, technique);
    bool fine;

    if (technique != NULL && card == NULL) {
        return gw_fail(err, GW_EINVAL, "no card is of the technique '%.80s': see list cards",
                       technique);
    }
    fine = card == NULL ? print_errors(cards, format) : print_facts(card, format);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory");
}

bool
gw_model_cards_list(const char *technique, enum gw_format format, struct gw_error *err)
{
    struct gw_cards cards;
    bool fine;

    if (!gw_model_cards_load(&cards, err)) {
        return false;
    }
    fine = list(&cards, technique, format, err);
    gw_cards_clear(&cards);
    return fine;
}
