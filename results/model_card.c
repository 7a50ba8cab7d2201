/* model_card.c - makes cards of measured cases.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/model_card_shared.h"

static void
fact_clear(struct gw_card_fact *fact)
{
    for (size_t i = 0; i < fact->text_count; i++) {
        free(fact->texts[i]);
    }
    free(fact->texts);
    free(fact->key);
}

void
gw_cards_clear(struct gw_cards *cards)
{
    for (size_t i = 0; i < cards->count; i++) {
        struct gw_card *card = &cards->items[i];

        for (size_t k = 0; k < card->fact_count; k++) {
            fact_clear(&card->facts[k]);
        }
        for (size_t k = 0; k < card->error_count; k++) {
            free(card->errors[k].metric);
        }
        free(card->facts);
        free(card->errors);
        free(card->technique);
    }
    free(cards->items);
    *cards = (struct gw_cards){0};
}

const struct gw_card *
gw_cards_find(const struct gw_cards *cards, const char *technique)
{
    for (size_t i = 0; i < cards->count; i++) {
        if (strcmp(cards->items[i].technique, technique) == 0) {
            return &cards->items[i];
        }
    }
    return NULL;
}

struct gw_card *
gw_card_of(struct gw_cards *cards, const char *technique)
{
    struct gw_card *items;
    char *copy;

    for (size_t i = 0; i < cards->count; i++) {
        if (strcmp(cards->items[i].technique, technique) == 0) {
            return &cards->items[i];
        }
    }
    items = realloc(cards->items, (cards->count + 1) * sizeof *items);
    copy = strdup(technique);
    if (items != NULL) {
        cards->items = items;
    }
    if (items == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    items[cards->count] = (struct gw_card){.technique = copy};
    return &items[cards->count++];
}

struct gw_card_fact *
gw_card_fact_of(struct gw_card *card, const char *key)
{
    size_t at = 0;
    struct gw_card_fact *facts;
    char *copy;

    while (at < card->fact_count && strcmp(card->facts[at].key, key) < 0) {
        at++;
    }
    if (at < card->fact_count && strcmp(card->facts[at].key, key) == 0) {
        return &card->facts[at];
    }
    facts = realloc(card->facts, (card->fact_count + 1) * sizeof *facts);
    copy = strdup(key);
    if (facts != NULL) {
        card->facts = facts;
    }
    if (facts == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    memmove(&facts[at + 1], &facts[at], (card->fact_count - at) * sizeof *facts);
    facts[at] = (struct gw_card_fact){.key = copy, .least = INFINITY, .most = -INFINITY};
    card->fact_count++;
    return &facts[at];
}

bool
gw_card_fact_add_text(struct gw_card_fact *fact, const char *text)
{
    size_t at = 0;
    char **texts;
    char *copy;

    while (at < fact->text_count && strcmp(fact->texts[at], text) < 0) {
        at++;
    }
    if (at < fact->text_count && strcmp(fact->texts[at], text) == 0) {
        return true;
    }
    texts = realloc(fact->texts, (fact->text_count + 1) * sizeof(char *));
    copy = strdup(text);
    if (texts != NULL) {
        fact->texts = texts;
    }
    if (texts == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    memmove(&texts[at + 1], &texts[at], (fact->text_count - at) * sizeof(char *));
    texts[at] = copy;
    fact->text_count++;
    return true;
}

static bool
take_fact(struct gw_card *card, const struct gw_fact *fact)
{
    struct gw_card_fact *known = gw_card_fact_of(card, fact->key);

    if (known == NULL) {
        return false;
    }
    if (fact->text != NULL) {
        return gw_card_fact_add_text(known, fact->text);
    }
    known->least = fmin(known->least, fact->number);
    known->most = fmax(known->most, fact->number);
    memcpy(known->unit, fact->unit, sizeof known->unit);
    return true;
}

bool
gw_cards_add_case(struct gw_cards *cards, const char *canonical, struct gw_card **out,
                  struct gw_error *err)
{
    struct gw_facts facts;
    bool fine;

    if (!gw_facts_read(&facts, canonical, err)) {
        return false;
    }
    *out = gw_card_of(cards, facts.technique);
    fine = *out != NULL;
    for (size_t i = 0; fine && i < facts.count; i++) {
        fine = take_fact(*out, &facts.items[i]);
    }
    gw_facts_clear(&facts);
    if (!fine) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the model cards");
    }
    (*out)->cases++;
    return true;
}

bool
gw_card_add_error(struct gw_card *card, const char *metric, const struct gw_spread *all,
                  const struct gw_spread *predicted, struct gw_error *err)
{
    struct gw_card_error *errors = realloc(card->errors, (card->error_count + 1) * sizeof *errors);
    char *copy = strdup(metric);

    if (errors != NULL) {
        card->errors = errors;
    }
    if (errors == NULL || copy == NULL) {
        free(copy);
        return gw_fail(err, GW_ENOMEM, "out of memory for the model cards");
    }
    errors[card->error_count++] = (struct gw_card_error){copy, *all, *predicted};
    return true;
}
