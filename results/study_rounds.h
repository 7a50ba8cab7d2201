/* study_rounds.h - studies whose plan grows with what was found: more runs, and the values to
 * decide it by.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STUDY_ROUNDS_H
#define GW_STUDY_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "results/store.h"

/* Runs of a study from a place in its order on. */
struct gw_study_more {
    const char *study;
    int64_t position;
    const char (*run_ids)[33];
    size_t count;
};

/* Adds runs to a study that was put; places that are taken are left alone. Errors: GW_EDB. */
bool gw_store_put_more(struct gw_store *store, const struct gw_study_more *more,
                       struct gw_error *err);

/* The values of one metric over the stored replications of one guest at one point of a study, in
 * their order; NAN: it had none, or the migration did not complete. */
struct gw_study_sample {
    const double *values;
    size_t count;
};

/* Tells of all of them. Points that come to the same settings are one. */
bool gw_store_each_sample(struct gw_store *store, const char *study, enum gw_metric metric,
                          void (*tell)(void *self, const struct gw_study_sample *sample),
                          void *self, struct gw_error *err);

#endif
