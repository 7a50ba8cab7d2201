/* sweep_rounds.h - a sweep whose points stop at a precision of their own: who needs more runs.
 *
 * A round is a campaign. The first is the whole one, with the least replications; look at what it
 * gave, plan the counts, note that, run it, and look again until no point is open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_ROUNDS_H
#define GW_SWEEP_ROUNDS_H

#include "cli/stop_rule.h"
#include "cli/sweep_verb.h"

enum gw_round_state {
    GW_ROUND_OPEN,
    GW_ROUND_PRECISE,
    GW_ROUND_CAPPED,
    GW_ROUND_FAILED, /* runs are missing, so nothing can be decided */
    GW_ROUND_FOREIGN /* of another shard */
};

struct gw_round_point {
    enum gw_round_state state;
    size_t first_run;     /* of the whole campaign */
    size_t guests;        /* ids of a run */
    int64_t position;     /* of its runs beyond the least, in the study */
    int64_t replications; /* that were looked at */
};

struct gw_rounds {
    const struct gw_sweep_task *task;
    struct gw_round_point *points;
    size_t count;
    int64_t *counts;                /* of the next round; 0: the point is not open */
    struct gw_stopping_look *looks; /* points x metrics: that of the guest known worst */
};

/* Errors of all: GW_ENOMEM, and those of the store. The task is borrowed until end. */
bool gw_rounds_begin(struct gw_rounds *rounds, const struct gw_sweep_task *task,
                     struct gw_error *err);
void gw_rounds_end(struct gw_rounds *rounds);

/* Decides for the points of a round that was run. *open: how many need more. */
bool gw_rounds_look(struct gw_rounds *rounds, const struct gw_campaign *round,
                    struct gw_store *store, size_t *open, struct gw_error *err);
/* Puts the runs of a round that is to be run into the study. */
bool gw_rounds_note(const struct gw_rounds *rounds, const struct gw_campaign *round,
                    struct gw_store *store, struct gw_error *err);

/* How precise the points are, as a table on stderr: sweep_precision.c. */
bool gw_rounds_report(const struct gw_rounds *rounds, struct gw_error *err);

#endif
