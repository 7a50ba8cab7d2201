/* job_identity.h - the ids of the results that a scenario will have, before anything runs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_JOB_IDENTITY_H
#define GW_JOB_IDENTITY_H

#include "sim/scenario.h"

/* The file that the workload of a guest plays back; NULL: it plays none. */
const char *gw_identity_trace(const struct gw_guest_plan *plan);

struct gw_identity {
    char *canonical;
    const char **vms; /* of each result of a replication, in their order; texts of the scenario */
    size_t count;
};

/* Reads the files that the scenario names, for their hashes. Errors: GW_ENOENT, GW_EIO,
 * GW_ENOMEM. */
bool gw_identity_make(const struct gw_scenario *scenario, struct gw_identity *identity,
                      struct gw_error *err);
/* False: memory is out. */
bool gw_identity_run_id(const struct gw_identity *identity, int64_t replication, size_t number,
                        char out[33]);
void gw_identity_clear(struct gw_identity *identity);

#endif
