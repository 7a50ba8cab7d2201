/* run_versions.h - which engine version made the runs that were read from a database.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RUN_VERSIONS_H
#define GW_RUN_VERSIONS_H

#include "results/store.h"

struct gw_run_versions {
    char **names; /* those that there are, in the order of the runs; owned */
    size_t count;
    size_t *of; /* for each run of the list: index of its version; owned */
};

/* Errors: GW_EDB, GW_ENOMEM; nothing to clear then. */
bool gw_run_versions_read(struct gw_store *store, const struct gw_result_list *list,
                          struct gw_run_versions *versions, struct gw_error *err);
void gw_run_versions_clear(struct gw_run_versions *versions);

#endif
