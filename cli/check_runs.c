/* check_runs.c - the runs of a check: planned by case, made by worker processes, kept in order.
 *
 * Idea      A change that crashes a run is what a gate is for, so runs are made in processes of
 *           their own and a crash is a finding like others.
 * Invariant Results of a case stand by replication within each variation, whatever was run when.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/process_pool.h"
#include "cli/progress.h"

enum { WINDOW_A_WORKER = 16 };

struct task {
    size_t case_index, variation;
    int64_t replication;
};

struct work {
    struct gw_check_runs *runs;
    struct task *tasks;
    size_t count;
    struct gw_progress_line progress;
    struct gw_error error;
};

/* ---- in a worker -------------------------------------------------------------------------------------- */

static void
work(void *self, size_t number, struct gw_text *reply)
{
    const struct work *all = self;
    const struct task *task = &all->tasks[number];
    const struct gw_run_plan *plan = &all->runs->cases[task->case_index].plan;
    struct gw_job job = {.scenario = plan->scenarios[task->variation],
                         .variation = &plan->variations.items[task->variation],
                         .replication = task->replication};

    gw_job_run(&job);
    gw_wire_put_text(reply, job.error.code == GW_OK ? NULL : job.error.message);
    gw_wire_put_number(reply, job.error.code == GW_OK ? job.result_count : 0);
    for (size_t i = 0; i < job.result_count && job.error.code == GW_OK; i++) {
        gw_wire_put_result(reply, &job.results[i]);
    }
    gw_job_clear(&job);
}

/* ---- in the caller ------------------------------------------------------------------------------------ */

static bool
set_trouble(struct gw_check_case *one, const struct task *task, const char *what)
{
    struct gw_text text = {0};

    if (one->trouble != NULL) {
        return true;
    }
    gw_text_format(&text, "did not run: %s, replication %lld: %s",
                   one->plan.scenarios[task->variation]->name, (long long)task->replication, what);
    one->trouble = gw_text_take(&text);
    return one->trouble != NULL;
}

static bool
take_result(struct gw_check_case *one, struct gw_wire_bytes *bytes, struct gw_wire_words *words)
{
    if (one->count == one->allocated) {
        size_t wanted = 2 * one->allocated + 16;
        struct gw_result *results = realloc(one->results, wanted * sizeof *results);

        if (results == NULL) {
            return false;
        }
        one->results = results;
        one->allocated = wanted;
    }
    if (!gw_wire_take_result(bytes, words, &one->results[one->count])) {
        return false;
    }
    one->count++;
    return true;
}

static bool
take_reply(struct work *all, const struct task *task, const struct gw_pool_reply *reply)
{
    struct gw_check_case *one = &all->runs->cases[task->case_index];
    struct gw_wire_bytes bytes = {reply->bytes, reply->length, false};
    char *message = gw_wire_take_text(&bytes);
    uint64_t count = gw_wire_take_number(&bytes);
    bool fine = true;

    if (message != NULL) {
        fine = set_trouble(one, task, message);
    }
    for (uint64_t i = 0; fine && message == NULL && i < count; i++) {
        fine = take_result(one, &bytes, &all->runs->words);
    }
    free(message);
    return fine;
}

static bool
replied(void *self, size_t number, const struct gw_pool_reply *reply)
{
    struct work *all = self;
    const struct task *task = &all->tasks[number];
    bool fine = reply->bytes == NULL
                    ? set_trouble(&all->runs->cases[task->case_index], task, reply->death)
                    : take_reply(all, task, reply);

    return fine || gw_fail(&all->error, GW_ENOMEM, "out of memory for results");
}

static bool
waiting(void *self, size_t done)
{
    struct work *all = self;

    gw_progress_show(&all->progress, done);
    return gw_interrupted() != 0;
}

/* The tasks that are wanted and not done; NULL: memory out. */
static struct task *
list_tasks(struct gw_check_runs *runs, size_t *count)
{
    struct task *tasks;
    size_t most = 0;

    *count = 0;
    for (size_t i = 0; i < runs->count; i++) {
        struct gw_check_case *one = &runs->cases[i];

        if (one->wanted > one->done) {
            most += one->plan.scenario_count * (size_t)(one->wanted - one->done);
        }
    }
    tasks = calloc(most + 1, sizeof *tasks);
    for (size_t i = 0; tasks != NULL && i < runs->count; i++) {
        struct gw_check_case *one = &runs->cases[i];

        for (size_t variation = 0; one->trouble == NULL && variation < one->plan.scenario_count;
             variation++) {
            for (int64_t replication = one->done; replication < one->wanted; replication++) {
                tasks[(*count)++] = (struct task){i, variation, replication};
            }
        }
    }
    return tasks;
}

static void
point_at_results(struct gw_check_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        struct gw_check_case *one = &runs->cases[i];

        free(one->pointers);
        one->pointers = calloc(one->count + 1, sizeof(struct gw_result *));
        gw_assert(one->pointers != NULL);
        for (size_t k = 0; k < one->count; k++) {
            one->pointers[k] = &one->results[k];
        }
        one->done = one->wanted > one->done ? one->wanted : one->done;
    }
}

bool
gw_check_runs_make(struct gw_check_runs *runs, struct gw_error *err)
{
    struct work all = {.runs = runs};
    bool fine = true;

    all.tasks = list_tasks(runs, &all.count);
    if (all.tasks == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the runs");
    }
    if (all.count > 0) {
        const struct gw_pool pool = {.tasks = all.count,
                                     .workers = runs->workers,
                                     .window = runs->workers * WINDOW_A_WORKER,
                                     .work = work,
                                     .on_reply = replied,
                                     .on_wait = waiting,
                                     .self = &all};

        gw_progress_begin(&all.progress, all.count);
        fine = gw_pool_run(&pool, err);
        gw_progress_end(&all.progress);
    }
    free(all.tasks);
    if (!fine && all.error.code != GW_OK) {
        *err = all.error;
    }
    if (fine) {
        point_at_results(runs);
    }
    return fine;
}

/* ---- plans -------------------------------------------------------------------------------------------- */

static char *
first_diagnostic(const struct gw_diagnostics *diagnostics)
{
    const struct gw_diagnostic *first = &diagnostics->items[0];
    struct gw_text text = {0};

    gw_assert(diagnostics->count > 0);
    gw_text_format(&text, "cannot be run: %s%s%s", first->where == NULL ? "" : first->where,
                   first->where == NULL ? "" : ": ", first->message);
    return gw_text_take(&text);
}

static bool
same_key(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");

    return length == strcspn(b, "=") && strncmp(a, b, length) == 0;
}

/* The words of the case, but for keys that the what-if settings have, and then these. */
static size_t
join_settings(const struct gw_baseline_case *from, const struct gw_check_settings *settings,
              const char **words)
{
    size_t count = 0;

    for (size_t i = 0; i < from->setting_count; i++) {
        bool replaced = false;

        for (size_t k = 0; k < settings->count; k++) {
            replaced = replaced || same_key(from->settings[i], settings->items[k]);
        }
        if (!replaced) {
            words[count++] = from->settings[i];
        }
    }
    for (size_t k = 0; k < settings->count; k++) {
        words[count++] = settings->items[k];
    }
    return count;
}

static bool
plan_case(struct gw_check_case *one, const struct gw_baseline_case *from,
          const struct gw_check_settings *settings, int64_t seed)
{
    const char **words = calloc(from->setting_count + settings->count + 1, sizeof(char *));
    const char *const scenario = from->scenario;
    struct gw_diagnostics diagnostics = {0};
    bool fine = true;

    if (words == NULL) {
        return false;
    }
    const struct gw_run_request request = {.scenarios = &scenario,
                                           .scenario_count = 1,
                                           .settings = words,
                                           .setting_count = join_settings(from, settings, words),
                                           .seed = seed >= 0 ? seed : from->seed,
                                           .replications = 1};
    one->wanted = from->replications;
    if (!gw_run_plan_make(&one->plan, &request, &diagnostics)) {
        one->trouble = first_diagnostic(&diagnostics);
        fine = one->trouble != NULL;
    }
    gw_diagnostics_clear(&diagnostics);
    free(words);
    return fine;
}

bool
gw_check_runs_open(struct gw_check_runs *runs, const struct gw_baseline *baseline,
                   const struct gw_check_settings *settings, int64_t seed, struct gw_error *err)
{
    *runs = (struct gw_check_runs){.workers = 1};
    runs->cases = calloc(baseline->case_count + 1, sizeof *runs->cases);
    if (runs->cases == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the runs");
    }
    for (size_t i = 0; i < baseline->case_count; i++) {
        runs->count++;
        if (!plan_case(&runs->cases[i], &baseline->cases[i], settings, seed)) {
            gw_check_runs_close(runs);
            return gw_fail(err, GW_ENOMEM, "out of memory for the runs");
        }
    }
    return true;
}

void
gw_check_runs_close(struct gw_check_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        struct gw_check_case *one = &runs->cases[i];

        for (size_t k = 0; k < one->count; k++) {
            gw_result_clear(&one->results[k]);
        }
        free(one->results);
        free(one->pointers);
        free(one->trouble);
        gw_run_plan_clear(&one->plan);
    }
    free(runs->cases);
    gw_wire_words_clear(&runs->words);
    *runs = (struct gw_check_runs){0};
}
