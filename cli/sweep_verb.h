/* sweep_verb.h - what the files of the verb sweep share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_VERB_H
#define GW_SWEEP_VERB_H

#include "base/result_wire.h"
#include "cli/campaign.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/stop_rule.h"
#include "results/study_store.h"

struct gw_sweep_options {
    struct gw_words set;
    struct gw_words sweep;
    struct gw_words stop;
    const char *seed;
    int64_t replications;
    const char *study;
    const char *database;
    int64_t workers; /* 0: the processors of this machine */
    const char *run_timeout;
    const char *shard;
    const char *out;
    int64_t publish_s;
    bool require_complete;
    int64_t probes;
    bool slurm;
    bool dry_run;
    int64_t shards;
    const char *over, *from, *to, *limit, *precision; /* of a frontier */
    const char *metric, *confidence;                  /* of a frontier and all reports */
    const char *by, *base, *test;                     /* of differences */
    bool steady;                                      /* of describe */
    enum gw_format format;
};

/* A campaign and what it was made of. */
struct gw_sweep_task {
    const struct gw_sweep_options *options;
    struct gw_campaign_request request;
    struct gw_campaign campaign;
    struct gw_stop_words settings; /* of the request */
    struct gw_shard shard;
    int64_t run_timeout_ns; /* 0: none */
    const char *study;
    bool is_part; /* of a search that reports itself: no study is noted, nothing is printed */
};

/* The actions. Operands do not hold the action's own name. They return exit codes. */
int gw_sweep_show_plan(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_run(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_resume(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_merge(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_submit(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_frontier(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_status(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_differences(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_effects(const struct gw_sweep_options *options, const struct gw_words *operands);
int gw_sweep_describe(const struct gw_sweep_options *options, const struct gw_words *operands);

/* Plans; on failure everything was reported, and *code is the exit code. */
bool gw_sweep_task_make(struct gw_sweep_task *task, const struct gw_sweep_options *options,
                        const struct gw_words *operands, int *code);
void gw_sweep_task_clear(struct gw_sweep_task *task);
/* Processes to use. */
size_t gw_sweep_workers(const struct gw_sweep_options *options);

/* Runs what is missing of a campaign and stores it; returns the exit code. */
int gw_sweep_execute(const struct gw_sweep_task *task);

/* Adds the name of a study as a part of a file name. */
void gw_sweep_add_name(struct gw_text *text, const char *study);
/* The file that is written when --db is not given. Caller frees; NULL: memory is out. */
char *gw_sweep_database(const struct gw_sweep_task *task);

/* The study by its name, or the only one. NULL and err. */
const struct gw_study_state *gw_sweep_choose_study(const struct gw_study_states *states,
                                                   const struct gw_sweep_options *options,
                                                   struct gw_error *err);

/* The runs of the study that the options name; of a database that knows none, all. With series and
 * histograms, or metrics alone. */
bool gw_sweep_read_runs(const struct gw_sweep_options *options, bool with_series,
                        struct gw_result_list *list, struct gw_error *err);

/* Plans the replications that all points have, of a campaign with a rule to stop: more than were
 * planned at first, maybe. Says on stderr what that leaves out. */
bool gw_sweep_plan_shared(const struct gw_campaign *whole, const struct gw_result_list *list,
                          struct gw_campaign *shared, struct gw_error *err);

/* Plans a study of the database again, with the words that it was planned with unless there are
 * operands, and hands it to `use`. Returns what that returns, or the exit code of what was
 * reported: it is planned otherwise now. */
typedef int gw_sweep_use(const struct gw_sweep_task *task);
int gw_sweep_again(const char *action, const struct gw_sweep_options *options,
                   const struct gw_words *operands, gw_sweep_use *use);

/* Prints a row for each study that is `only`, or all when that is NULL; GW_EXIT_FINE,
 * GW_EXIT_CRASHED, GW_EXIT_INCOMPLETE, or the code of an error that was reported. Failures go to
 * stderr with the commands that repeat them. */
int gw_sweep_report(struct gw_store *store, const char *only, enum gw_format format);

/* ---- the work itself: sweep_work.c ---------------------------------------------------------------- */

/* What a worker keeps: the scenario of the point that it did last. */
struct gw_sweep_worker {
    const struct gw_campaign *campaign;
    struct gw_scenario *scenario; /* owned; NULL at first */
    size_t sweep, point;
};

/* Runs one and writes the reply for gw_sweep_reply_take. */
void gw_sweep_work(struct gw_sweep_worker *worker, const struct gw_campaign_run *run,
                   struct gw_text *reply);

struct gw_sweep_reply {
    struct gw_error error; /* code GW_OK: it ran */
    struct gw_result *results;
    size_t count;
};

/* Checks that the results are those that the plan speaks of. What is wrong is put into
 * reply->error. */
void gw_sweep_reply_take(const struct gw_campaign *campaign, const struct gw_campaign_run *run,
                         struct gw_wire_bytes bytes, struct gw_wire_words *words,
                         struct gw_sweep_reply *reply);
void gw_sweep_reply_clear(struct gw_sweep_reply *reply);

#endif
