/* model_card.h - for which scenarios predictions were held to measurements, and how well they did.
 *
 * A card is about one technique: the ranges of all facts of its measured cases and the errors
 * seen there. Cards are made of cases, kept in a file, and asked about a scenario.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MODEL_CARD_H
#define GW_MODEL_CARD_H

#include "results/scenario_facts.h"
#include "results/statistics.h"

/* What the cases had of one fact: a range of numbers or a set of texts. */
struct gw_card_fact {
    char *key;
    double least, most;
    char unit[8];
    char **texts; /* sorted; NULL: numbers */
    size_t text_count;
};

struct gw_card_error {
    char *metric;
    struct gw_spread all, predicted; /* without the fitted cases */
};

struct gw_card {
    char *technique;
    size_t cases, fitted;       /* fitted: to which costs of the host were fitted */
    size_t judged, right;       /* outcomes */
    struct gw_card_fact *facts; /* sorted by key */
    size_t fact_count;
    struct gw_card_error *errors;
    size_t error_count;
};

struct gw_cards {
    struct gw_card *items; /* in the order in which techniques first came */
    size_t count;
};

void gw_cards_clear(struct gw_cards *cards);

/* Takes a case in; out: its card. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_cards_add_case(struct gw_cards *cards, const char *canonical, struct gw_card **out,
                       struct gw_error *err);
bool gw_card_add_error(struct gw_card *card, const char *metric, const struct gw_spread *all,
                       const struct gw_spread *predicted, struct gw_error *err);
const struct gw_card *gw_cards_find(const struct gw_cards *cards, const char *technique);

/* CSV. Errors: GW_EINVAL (with the line), GW_ENOENT, GW_EIO, GW_ENOMEM. */
bool gw_cards_write(const struct gw_cards *cards, const char *path, struct gw_error *err);
bool gw_cards_read(struct gw_cards *cards, const char *path, struct gw_error *err);

/* "512 MiB to 2 GiB", "1", "random, uniform". Caller frees; NULL: memory out. */
char *gw_card_fact_text(const struct gw_card_fact *fact);

/* The answer about one scenario. */
struct gw_validity {
    bool inside;
    const struct gw_card *card; /* borrowed; NULL: none is of the technique */
    char **reasons;             /* why it is outside; the gravest first; owned */
    size_t reason_count;
};

/* cards NULL or empty: outside, there is no card file. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_cards_check(const struct gw_cards *cards, const char *canonical,
                    struct gw_validity *validity, struct gw_error *err);
void gw_validity_clear(struct gw_validity *validity);

#endif
