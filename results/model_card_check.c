/* model_card_check.c - whether a scenario lies inside of what was measured.
 *
 * Idea      Inside means: every fact is one that a measured case had, or lies between two. A box
 *           is more than its cases, so inside is no promise; outside is a warning. Reasons are
 *           put in the order in which they matter: what is of another kind, what is beyond a
 *           range that was varied, what was never varied, other costs of the host.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/model_card_shared.h"

enum grade { GRADE_KIND, GRADE_RANGE, GRADE_CONSTANT, GRADE_HOST, GRADE_UNKNOWN, GRADE_COUNT };

/* Settings that came through decimals and back. */
static const double SLACK = 1e-9;

struct checking {
    const struct gw_card *card;
    const struct gw_facts *facts;
    struct gw_validity *validity;
};

char *
gw_card_fact_text(const struct gw_card_fact *fact)
{
    struct gw_text text = {0};
    char least[48];
    char most[48];

    for (size_t i = 0; i < fact->text_count; i++) {
        gw_text_add(&text, i == 0 ? "" : ", ");
        gw_text_add(&text, fact->texts[i]);
    }
    if (fact->text_count == 0) {
        gw_fact_number_text(fact->least, fact->unit, least);
        gw_fact_number_text(fact->most, fact->unit, most);
        gw_text_add(&text, least);
        if (strcmp(least, most) != 0) {
            gw_text_format(&text, " to %s", most);
        }
    }
    return gw_text_take(&text);
}

static const struct gw_card_fact *
find_fact(const struct gw_card *card, const char *key)
{
    for (size_t i = 0; i < card->fact_count; i++) {
        if (strcmp(card->facts[i].key, key) == 0) {
            return &card->facts[i];
        }
    }
    return NULL;
}

static bool
is_covered(const struct gw_card_fact *known, const struct gw_fact *fact)
{
    double slack = SLACK * (known->most > -known->least ? known->most : -known->least);

    if (fact->text == NULL) {
        return known->text_count == 0 && fact->number >= known->least - slack &&
               fact->number <= known->most + slack;
    }
    for (size_t i = 0; i < known->text_count; i++) {
        if (strcmp(known->texts[i], fact->text) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_of_host(const char *key)
{
    static const char *const prefixes[] = {"host.", "codec_costs.", "delta_cost."};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(key, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* GRADE_COUNT: nothing is wrong with it. */
static enum grade
grade_of(const struct gw_card *card, const struct gw_fact *fact)
{
    const struct gw_card_fact *known = find_fact(card, fact->key);

    if (known != NULL && is_covered(known, fact)) {
        return GRADE_COUNT;
    }
    if (is_of_host(fact->key)) {
        return GRADE_HOST;
    }
    if (known == NULL) {
        return GRADE_UNKNOWN;
    }
    if (fact->text != NULL) {
        return GRADE_KIND;
    }
    return known->most > known->least ? GRADE_RANGE : GRADE_CONSTANT;
}

/* Takes the text over; the same is not said twice. False: memory out. */
static bool
add_reason(struct gw_validity *validity, struct gw_text *text)
{
    char *reason = gw_text_take(text);
    char **reasons = realloc(validity->reasons, (validity->reason_count + 1) * sizeof(char *));

    if (reasons != NULL) {
        validity->reasons = reasons;
    }
    if (reason == NULL || reasons == NULL) {
        free(reason);
        return false;
    }
    for (size_t i = 0; i < validity->reason_count; i++) {
        if (strcmp(reasons[i], reason) == 0) {
            free(reason);
            return true;
        }
    }
    reasons[validity->reason_count++] = reason;
    return true;
}

static bool
add_difference(struct checking *checking, const struct gw_fact *fact)
{
    char *measured = gw_card_fact_text(find_fact(checking->card, fact->key));
    struct gw_text text = {0};
    char number[48];

    if (measured == NULL) {
        return false;
    }
    gw_fact_number_text(fact->number, fact->unit, number);
    gw_text_format(&text, "%s %s (validated: %s)", fact->key,
                   fact->text != NULL ? fact->text : number, measured);
    free(measured);
    return add_reason(checking->validity, &text);
}

/* One reason for all facts of a grade, with their keys. */
static bool
add_list(struct checking *checking, enum grade grade, const char *what)
{
    struct gw_text text = {0};
    const char *last = "";

    for (size_t i = 0; i < checking->facts->count; i++) {
        const struct gw_fact *fact = &checking->facts->items[i];

        if (grade_of(checking->card, fact) == grade && strcmp(fact->key, last) != 0) {
            gw_text_add(&text, text.length == 0 ? what : ", ");
            gw_text_add(&text, fact->key);
            last = fact->key;
        }
    }
    return text.length == 0 || add_reason(checking->validity, &text);
}

static bool
add_reasons(struct checking *checking)
{
    for (int grade = GRADE_KIND; grade <= GRADE_CONSTANT; grade++) {
        for (size_t i = 0; i < checking->facts->count; i++) {
            const struct gw_fact *fact = &checking->facts->items[i];

            if ((int)grade_of(checking->card, fact) == grade && !add_difference(checking, fact)) {
                return false;
            }
        }
    }
    return add_list(checking, GRADE_HOST, "costs of another host: ") &&
           add_list(checking, GRADE_UNKNOWN, "settings that no case had: ");
}

static bool
say_not_measured(struct gw_validity *validity, const struct gw_cards *cards, const char *technique)
{
    struct gw_text text = {0};

    if (cards == NULL || cards->count == 0) {
        gw_text_add(&text, "there is no card file");
    } else {
        gw_text_format(&text, "%s was never measured", technique);
    }
    return add_reason(validity, &text);
}

bool
gw_cards_check(const struct gw_cards *cards, const char *canonical, struct gw_validity *validity,
               struct gw_error *err)
{
    struct gw_facts facts;
    bool fine;

    *validity = (struct gw_validity){0};
    if (!gw_facts_read(&facts, canonical, err)) {
        return false;
    }
    validity->card = cards == NULL ? NULL : gw_cards_find(cards, facts.technique);
    if (validity->card == NULL) {
        fine = say_not_measured(validity, cards, facts.technique);
    } else {
        struct checking checking = {validity->card, &facts, validity};

        fine = add_reasons(&checking);
    }
    gw_facts_clear(&facts);
    if (!fine) {
        gw_validity_clear(validity);
        return gw_fail(err, GW_ENOMEM, "out of memory for the model cards");
    }
    validity->inside = validity->reason_count == 0;
    return true;
}

void
gw_validity_clear(struct gw_validity *validity)
{
    for (size_t i = 0; i < validity->reason_count; i++) {
        free(validity->reasons[i]);
    }
    free(validity->reasons);
    *validity = (struct gw_validity){0};
}
