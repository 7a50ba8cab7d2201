/* validation_cards.c - the cells of a validation as model cards, a card a technique.
 *
 * Idea      The technique of a case is read from its scenario, never from its name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/validation.h"
#include "results/model_card.h"

struct carding {
    const struct gw_validation *work;
    struct gw_cards cards;
    size_t *card_of_case; /* index into cards */
    double *errors, *predicted;
};

static bool
take_case(struct carding *carding, size_t index, struct gw_error *err)
{
    const struct gw_result *result = gw_validation_result(carding->work, index);
    struct gw_card *card;

    if (!gw_cards_add_case(&carding->cards, result->canonical, &card, err)) {
        return false;
    }
    carding->card_of_case[index] = (size_t)(card - carding->cards.items);
    card->fitted += carding->work->measured[index].fitted;
    return true;
}

static bool
is_of(const struct carding *carding, size_t cell, size_t card)
{
    return carding->card_of_case[carding->work->cell_cases[cell]] == card;
}

static void
count_outcomes(struct carding *carding, size_t index)
{
    struct gw_card *card = &carding->cards.items[index];

    for (size_t i = 0; i < carding->work->cell_count; i++) {
        const struct gw_cell *cell = &carding->work->cells[i];

        if (is_of(carding, i, index) && cell->verdict != GW_VERDICT_NONE) {
            card->judged++;
            card->right += cell->verdict == GW_VERDICT_OK;
        }
    }
}

static bool
add_metric(struct carding *carding, size_t index, const char *metric, struct gw_error *err)
{
    struct gw_spread all;
    struct gw_spread predicted;
    size_t count = 0;
    size_t predicted_count = 0;

    for (size_t i = 0; i < carding->work->cell_count; i++) {
        const struct gw_cell *cell = &carding->work->cells[i];

        if (is_of(carding, i, index) && strcmp(cell->metric, metric) == 0 &&
            isfinite(cell->error_pct)) {
            carding->errors[count++] = cell->error_pct;
            if (!carding->work->measured[carding->work->cell_cases[i]].fitted) {
                carding->predicted[predicted_count++] = cell->error_pct;
            }
        }
    }
    gw_spread_of(carding->errors, count, &all);
    gw_spread_of(carding->predicted, predicted_count, &predicted);
    return count == 0 ||
           gw_card_add_error(&carding->cards.items[index], metric, &all, &predicted, err);
}

static bool
is_first_of_metric(const struct carding *carding, size_t cell, size_t card)
{
    for (size_t i = 0; i < cell; i++) {
        if (is_of(carding, i, card) &&
            strcmp(carding->work->cells[i].metric, carding->work->cells[cell].metric) == 0) {
            return false;
        }
    }
    return is_of(carding, cell, card);
}

static bool
fill_card(struct carding *carding, size_t index, struct gw_error *err)
{
    count_outcomes(carding, index);
    for (size_t i = 0; i < carding->work->cell_count; i++) {
        if (is_first_of_metric(carding, i, index) &&
            !add_metric(carding, index, carding->work->cells[i].metric, err)) {
            return false;
        }
    }
    return true;
}

static bool
make_cards(struct carding *carding, struct gw_error *err)
{
    if (carding->card_of_case == NULL || carding->errors == NULL || carding->predicted == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the model cards");
    }
    for (size_t i = 0; i < carding->work->count; i++) {
        if (!take_case(carding, i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < carding->cards.count; i++) {
        if (!fill_card(carding, i, err)) {
            return false;
        }
    }
    return true;
}

bool
gw_validation_write_cards(const struct gw_validation *work, const char *path, struct gw_error *err)
{
    struct carding carding = {
        .work = work,
        .card_of_case = calloc(work->count + 1, sizeof(size_t)),
        .errors = calloc(work->cell_count + 1, sizeof(double)),
        .predicted = calloc(work->cell_count + 1, sizeof(double)),
    };
    bool fine = make_cards(&carding, err) && gw_cards_write(&carding.cards, path, err);

    gw_cards_clear(&carding.cards);
    free(carding.card_of_case);
    free(carding.errors);
    free(carding.predicted);
    return fine;
}
