/* report_facts.h - what a report says of a database beside its results.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REPORT_FACTS_H
#define GW_REPORT_FACTS_H

#include "results/store.h"

struct gw_report_version {
    char *engine; /* "0.1.0" */
    int64_t runs;
};

struct gw_report_failure {
    char *error, *repro; /* what it said last; the command that repeats it */
};

struct gw_report_facts {
    struct gw_report_version *versions; /* by name */
    size_t version_count;
    struct gw_report_failure *failures; /* runs that crashed; by run id */
    size_t failure_count;
};

/* Of the runs of a study; NULL: of all. Errors: GW_EDB, GW_ENOMEM; nothing to clear then. */
bool gw_report_facts_read(struct gw_report_facts *facts, struct gw_store *store, const char *study,
                          struct gw_error *err);
void gw_report_facts_clear(struct gw_report_facts *facts);

#endif
