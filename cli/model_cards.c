/* model_cards.c - loads the card file and lists what it says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/model_cards.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sheet.h"
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

static void
put_spread(struct gw_sheet *sheet, const struct gw_spread *spread)
{
    const double percents[] = {spread->median, spread->p90, spread->worst};

    gw_sheet_format(sheet, "%zu", spread->count);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        if (isfinite(percents[i])) {
            gw_sheet_format(sheet, "%.1f", percents[i]);
        } else {
            gw_sheet_text(sheet, NULL);
        }
    }
}

static void
put_error(struct gw_sheet *sheet, const struct gw_card *card, const struct gw_card_error *error)
{
    gw_sheet_text(sheet, card->technique);
    gw_sheet_format(sheet, "%zu", card->cases);
    gw_sheet_format(sheet, "%zu", card->fitted);
    gw_sheet_format(sheet, "%zu of %zu", card->right, card->judged);
    gw_sheet_text(sheet, error->metric);
    put_spread(sheet, &error->all);
    put_spread(sheet, &error->predicted);
}

static void
put_errors(struct gw_sheet *sheet, const struct gw_cards *cards)
{
    static const struct {
        const char *name;
        bool is_number;
    } columns[] = {
        {"technique", false},
        {"cases", true},
        {"fitted", true},
        {"right", false},
        {"metric", false},
        {"n", true},
        {"median %", true},
        {"p90 %", true},
        {"worst %", true},
        {"predicted n", true},
        {"predicted median %", true},
        {"predicted p90 %", true},
        {"predicted worst %", true},
    };

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        gw_sheet_column(sheet, columns[i].name, columns[i].is_number);
    }
    for (size_t i = 0; i < cards->count; i++) {
        const struct gw_card *card = &cards->items[i];

        for (size_t k = 0; k < card->error_count; k++) {
            if (is_headline(card->errors[k].metric)) {
                put_error(sheet, card, &card->errors[k]);
            }
        }
    }
}

static void
put_facts(struct gw_sheet *sheet, const struct gw_card *card)
{
    gw_sheet_column(sheet, "setting", false);
    gw_sheet_column(sheet, "validated", false);
    for (size_t i = 0; i < card->fact_count; i++) {
        char *fact = gw_card_fact_text(&card->facts[i]);

        sheet->failed = sheet->failed || fact == NULL;
        gw_sheet_text(sheet, card->facts[i].key);
        gw_sheet_text(sheet, fact);
        free(fact);
    }
}

static bool
list(const struct gw_cards *cards, const char *technique, enum gw_format format,
     struct gw_error *err)
{
    const struct gw_card *card = technique == NULL ? NULL : gw_cards_find(cards, technique);
    struct gw_sheet sheet = {.name = card == NULL ? "cards" : "facts", .format = format};
    bool fine;

    if (technique != NULL && card == NULL) {
        return gw_fail(err, GW_EINVAL, "no card is of the technique '%.80s': see list cards",
                       technique);
    }
    if (card == NULL) {
        put_errors(&sheet, cards);
    } else {
        put_facts(&sheet, card);
    }
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
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
