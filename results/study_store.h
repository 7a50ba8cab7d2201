/* study_store.h - which runs a study consists of, and how far it is.
 *
 * A study is a name and a list of run ids. Whether a run is done is seen from the runs, so two
 * studies share what they have in common.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STUDY_STORE_H
#define GW_STUDY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "results/store.h"

struct gw_study_plan {
    const char *name;
    const char *hash;      /* of the ids, in order */
    const char *arguments; /* JSON array: the words that make this plan again */
    const char (*run_ids)[33];
    size_t count;
};

/* Notes the plan; another plan under the same name is replaced, and *replaced says so. */
bool gw_store_put_study(struct gw_store *store, const struct gw_study_plan *plan, bool *replaced,
                        struct gw_error *err);

/* Notes that a run crashed, and counts how often. It is forgotten when the run is put. */
bool gw_store_put_failure(struct gw_store *store, const char *run_id, const char *error,
                          const char *repro, struct gw_error *err);

struct gw_study_state {
    char *name;
    char *hash;
    char *arguments;
    int64_t runs, done, failed;
};

struct gw_study_states {
    struct gw_study_state *items; /* by name */
    size_t count;
};

bool gw_store_studies(struct gw_store *store, struct gw_study_states *states, struct gw_error *err);
void gw_study_states_clear(struct gw_study_states *states);

/* Tells of each failed run of a study, in the order of the study. */
bool gw_store_each_failure(struct gw_store *store, const char *study,
                           void (*tell)(void *self, const char *error, const char *repro,
                                        int64_t attempts),
                           void *self, struct gw_error *err);

/* Mean wall time of the stored runs of a scenario; NAN when there is none. */
bool gw_store_mean_wall(struct gw_store *store, const char *scenario, double *seconds,
                        struct gw_error *err);

#endif
