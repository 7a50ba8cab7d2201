/* pairs_shared.h - what the files of the pairs share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAIRS_SHARED_H
#define GW_PAIRS_SHARED_H

#include "base/text.h"
#include "results/pairs.h"

/* A run on its way to its partner. */
struct gw_pair_entry {
    const struct gw_result *result; /* borrowed */
    char *key;                      /* equal in all runs of a cell; owned */
    size_t side;                    /* 0: a; the others are compared with it */
    size_t place;                   /* in the order of the runs */
    size_t cell;                    /* place of the first run of the cell */
    bool used;
};

/* What is said of a cell, and what is left out because it tells the sides apart. */
struct gw_pair_labels {
    const char *parameter;     /* that tells the sides apart; NULL: none does */
    bool without_architecture; /* that, or it goes with the parameter */
    bool with_vm;              /* there are several guests */
    const char **names;        /* of the parameters that vary in the runs; texts borrowed */
    size_t name_count;
};

bool gw_pair_is_architecture(const char *parameter);
/* Text of a parameter in a result, or NULL. */
const char *gw_pair_value(const struct gw_result *result, const char *parameter);

/* Finds out what varies; clear frees. False: memory is out. */
bool gw_pair_labels_make(struct gw_pair_labels *labels, const struct gw_pair_entry *entries,
                         size_t count);
void gw_pair_labels_clear(struct gw_pair_labels *labels);
/* The identity of a run's cell, and the text for people. */
void gw_pair_key(const struct gw_pair_labels *labels, const struct gw_result *result,
                 struct gw_text *out);
void gw_pair_cell(const struct gw_pair_labels *labels, const struct gw_result *result,
                  struct gw_text *out);

#endif
