/* model_cards.h - the card file of the installation: what was validated, and how well.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MODEL_CARDS_H
#define GW_MODEL_CARDS_H

#include "cli/options.h"
#include "results/model_card.h"

/* Finds the file as scenarios are found. No cards at all when there is none. False: it cannot be
 * read, or it is broken. */
bool gw_model_cards_load(struct gw_cards *cards, struct gw_error *err);

/* list cards: the errors of all techniques. list cards TECHNIQUE: its errors and ranges. */
bool gw_model_cards_list(const char *technique, enum gw_format format, struct gw_error *err);

#endif
