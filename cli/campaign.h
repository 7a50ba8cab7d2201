/* campaign.h - all runs of one or several sweeps, each with its ids, before anything runs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CAMPAIGN_H
#define GW_CAMPAIGN_H

#include "sim/sweep.h"

struct gw_campaign_request {
    const char *const *scenarios; /* as gw_scenario_find takes them */
    size_t scenario_count;
    const char *const *settings; /* --set words */
    size_t setting_count;
    const char *const *sweeps; /* --sweep words */
    size_t sweep_count;
    int64_t seed;         /* < 0: the scenario's */
    int64_t replications; /* 0: the sweep's or the scenario's */
};

struct gw_campaign_run {
    size_t sweep, point;
    int64_t replication;
    size_t first_id; /* into ids: one id a migrated guest */
    size_t id_count;
};

struct gw_campaign {
    const struct gw_campaign_request *request;
    struct gw_sweep *sweeps;
    char **names; /* of the scenario of each sweep's first point */
    size_t sweep_count;
    bool is_part;                 /* its sweeps are those of another campaign */
    const int64_t *counts;        /* replications of each point, or NULL; borrowed */
    struct gw_sweep_stop stop;    /* of all sweeps; count 0: none */
    struct gw_campaign_run *runs; /* by scenario, point, replication */
    size_t run_count;
    size_t run_allocated;
    char (*ids)[33];
    size_t id_count;
    size_t id_allocated;
    char hash[33]; /* of all ids in order: the same plan, the same hash */
};

/* Plans all sweeps and loads the scenario of every point once, so that what is wrong is seen
 * before anything runs. The request is kept. False: see diagnostics. */
bool gw_campaign_plan(struct gw_campaign *campaign, const struct gw_campaign_request *request,
                      struct gw_diagnostics *diagnostics);
void gw_campaign_clear(struct gw_campaign *campaign);
/* Plans other points of the first sweep of a campaign; both are borrowed until clear. */
bool gw_campaign_plan_points(struct gw_campaign *campaign, const struct gw_campaign *whole,
                             struct gw_sweep_point *points, size_t count,
                             struct gw_diagnostics *diagnostics);

/* Plans the same points with other numbers of replications, one for each point of all sweeps; 0
 * leaves a point out. Both are borrowed until clear. */
bool gw_campaign_plan_counts(struct gw_campaign *campaign, const struct gw_campaign *whole,
                             const int64_t *counts, struct gw_diagnostics *diagnostics);

/* Points of all sweeps. */
size_t gw_campaign_points(const struct gw_campaign *campaign);
/* The number of a run's point among them. */
size_t gw_campaign_point(const struct gw_campaign *campaign, const struct gw_campaign_run *run);
/* How many runs from this first one of a point on are of the same point. */
size_t gw_campaign_runs_of_point(const struct gw_campaign *campaign, size_t first);

const struct gw_variation *gw_campaign_variation(const struct gw_campaign *campaign,
                                                 const struct gw_campaign_run *run);
/* The scenario of a run. Caller destroys. NULL: see diagnostics. */
struct gw_scenario *gw_campaign_scenario(const struct gw_campaign *campaign,
                                         const struct gw_campaign_run *run,
                                         struct gw_diagnostics *diagnostics);

/* Adds a word for a shell, after a space unless it is the first. */
void gw_shell_add(struct gw_text *out, const char *word);

/* The command that repeats one run alone, for a shell. */
void gw_campaign_repro(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                       struct gw_text *out);
/* The words that make this plan again, as a JSON array. */
void gw_campaign_arguments(const struct gw_campaign *campaign, struct gw_text *out);

/* A share of the runs: those whose first id, as a number, is `index` modulo `count`. With a rule to
 * stop, the first id of a point decides for all of its runs, as one shard must see all of them. */
struct gw_shard {
    uint64_t index, count; /* count 0: all runs */
};

/* "K/N". Errors: GW_EINVAL. */
bool gw_shard_parse(const char *text, struct gw_shard *shard, struct gw_error *err);
bool gw_shard_has(const struct gw_shard *shard, const char *run_id);
/* The id of which it depends whose run this is. */
const char *gw_campaign_shard_id(const struct gw_campaign *campaign, size_t run);

#endif
