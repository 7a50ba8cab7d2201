/* study.h - runs many replications of many scenarios on some threads; results in fixed order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STUDY_H
#define GW_STUDY_H

#include "base/result.h"
#include "sim/scenario.h"

/* One replication of one scenario; the scenario is borrowed and may be shared by many. */
struct gw_job {
    const struct gw_scenario *scenario;
    const struct gw_variation *variation; /* what was set, for the result; or NULL */
    int64_t replication;
    /* After the run: */
    struct gw_result *results; /* one a migrated guest; owned */
    size_t result_count;
    struct gw_error error; /* code GW_OK: it ran */
    bool done;
};

struct gw_study {
    struct gw_job *jobs;
    size_t count;
    size_t threads; /* >= 1 */
    /* Called in the order of the jobs from the calling thread, for each that is done; false
     * stops the study. May be NULL. */
    bool (*on_done)(void *self, struct gw_job *job);
    /* Called now and then, with the number of jobs that are done. May be NULL. True = stop. */
    bool (*on_wait)(void *self, size_t done);
    void *self;
};

/* Runs one job here and now: fills its results, or its error. */
void gw_job_run(struct gw_job *job);
/* Errors: GW_ENOMEM (threads), GW_ECANCELED (a callback stopped it). Errors of a job stay in it. */
bool gw_study_run(struct gw_study *study, struct gw_error *err);
void gw_job_clear(struct gw_job *job);

#endif
