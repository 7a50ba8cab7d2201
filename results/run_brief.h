/* run_brief.h - how a stored run ended, without reading all of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RUN_BRIEF_H
#define GW_RUN_BRIEF_H

#include "results/store.h"

enum { GW_BRIEF_METRICS_MOST = 2 };

struct gw_run_brief {
    char architecture[48];
    bool is_completed;
    double values[GW_BRIEF_METRICS_MOST]; /* NAN: without meaning in this run */
};

/* The brief of a run with some of its metrics. Errors: GW_ENOENT (no such run), GW_EDB. */
bool gw_store_brief(struct gw_store *store, const char *run_id, const enum gw_metric *metrics,
                    size_t count, struct gw_run_brief *brief, struct gw_error *err);

#endif
