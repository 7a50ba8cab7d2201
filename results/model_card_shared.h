/* model_card_shared.h - how a card is filled, for the files of the model card only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MODEL_CARD_SHARED_H
#define GW_MODEL_CARD_SHARED_H

#include "results/model_card.h"

/* The card of a technique, made when it is new. NULL: memory out. */
struct gw_card *gw_card_of(struct gw_cards *cards, const char *technique);
/* The fact of the card, made in its place when it is new. NULL: memory out. */
struct gw_card_fact *gw_card_fact_of(struct gw_card *card, const char *key);
/* False: memory out. */
bool gw_card_fact_add_text(struct gw_card_fact *fact, const char *text);

#endif
