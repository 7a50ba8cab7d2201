/* run_plan.h - from scenarios and --set to the list of runs, shared by the verbs that run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RUN_PLAN_H
#define GW_RUN_PLAN_H

#include "sim/study.h"

struct gw_run_request {
    const char *const *scenarios; /* as gw_scenario_find takes them */
    size_t scenario_count;
    const char *const *settings; /* --set words */
    size_t setting_count;
    int64_t seed;         /* < 0: the scenario's */
    int64_t replications; /* 0: the scenario's */
    int64_t only;         /* replication only - 1 alone; 0: all */
};

/* The argument of --seed; NULL gives -1, the scenario's. Errors: GW_EINVAL. */
bool gw_seed_parse(const char *text, int64_t *seed, struct gw_error *err);

struct gw_run_plan {
    struct gw_variations variations;
    struct gw_scenario **scenarios; /* scenario_count x variations, owned */
    size_t scenario_count;
    struct gw_job *jobs; /* owned */
    size_t job_count;
};

/* All errors of all scenarios go to diagnostics; then false. */
bool gw_run_plan_make(struct gw_run_plan *plan, const struct gw_run_request *request,
                      struct gw_diagnostics *diagnostics);
void gw_run_plan_clear(struct gw_run_plan *plan);

#endif
