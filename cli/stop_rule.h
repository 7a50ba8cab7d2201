/* stop_rule.h - the rule by which points of a sweep get their replications, held to values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STOP_RULE_H
#define GW_STOP_RULE_H

#include "cli/options.h"
#include "results/stopping.h"
#include "results/study_rounds.h"
#include "results/study_store.h"
#include "sim/sweep.h"

/* The settings of --set, and those that say what --stop says: "METRIC" or "METRIC=SHARE" each. */
struct gw_stop_words {
    const char **items; /* owned; its texts are borrowed but for `rule` */
    size_t count;
    char *rule;
};

/* Errors: GW_ENOMEM. */
bool gw_stop_words_make(struct gw_stop_words *words, const struct gw_words *set,
                        const struct gw_words *stop, struct gw_error *err);
void gw_stop_words_clear(struct gw_stop_words *words);

/* What the values of one of its metrics, number `metric`, come to. */
void gw_stop_look(const struct gw_sweep_stop *stop, size_t metric, const double *values,
                  size_t count, struct gw_stopping_look *look);
/* Replications of a point that this look asks for, which has `count` of them. */
int64_t gw_stop_wanted(const struct gw_sweep_stop *stop, const struct gw_stopping_look *look,
                       size_t count);

/* What a study wants beyond the runs that it has noted, all of which are there. */
struct gw_stop_open {
    int64_t points; /* guests of points, as a database sees them */
    int64_t runs;   /* of the next round alone, at least */
};

/* Without a rule nothing is open. Errors: GW_EINVAL (the rule cannot be read), of the store. */
bool gw_stop_find_open(struct gw_store *store, const struct gw_study_state *state,
                       struct gw_stop_open *open, struct gw_error *err);

#endif
