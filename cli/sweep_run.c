/* sweep_run.c - godwit sweep run: what is missing is run and stored, one run at a time.
 *
 * Idea      A run that is in the database is not run again, whoever put it there. One that failed
 *           is tried again. Workers never see the database: this process alone writes it. A sweep
 *           with a rule to stop does so round by round.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/damage.h"
#include "cli/exit_code.h"
#include "cli/process_pool.h"
#include "cli/sweep_publish.h"
#include "cli/sweep_rounds.h"
#include "cli/sweep_verb.h"

enum { WINDOW_LEAST = 64, WINDOW_A_WORKER = 8 };

struct sweeping {
    const struct gw_sweep_task *task;
    const struct gw_campaign *campaign; /* of this round, or the only one */
    struct gw_store *store;
    struct gw_publisher publisher;
    size_t *todo; /* numbers of runs */
    size_t todo_count;
    size_t asked; /* runs to be done, of all rounds */
    size_t stored;
    size_t failed;
    struct gw_sweep_worker worker; /* used in the workers alone */
    struct gw_wire_words words;
    struct gw_progress_line progress;
    struct gw_error error; /* of the database */
};

static const struct gw_campaign_run *
run_of(const struct sweeping *sweeping, size_t number)
{
    return &sweeping->campaign->runs[sweeping->todo[number]];
}

/* ---- what is to be done ---------------------------------------------------------------------------- */

/* Notes what was varied for the results of a run that are there already. */
static bool
label(struct sweeping *sweeping, const struct gw_campaign_run *run)
{
    const struct gw_variation *variation = gw_campaign_variation(sweeping->campaign, run);
    struct gw_result result;
    bool fine = true;

    gw_result_init(&result);
    result.parameter_names = (char **)(void *)variation->names;
    result.parameter_values = (char **)(void *)variation->values;
    result.parameter_count = variation->count + variation->labels;
    for (size_t i = 0; i < run->id_count && fine; i++) {
        memcpy(result.run_id, sweeping->campaign->ids[run->first_id + i], sizeof result.run_id);
        fine = gw_store_put_parameters(sweeping->store, &result, &sweeping->error);
    }
    return fine;
}

static bool
is_done(struct sweeping *sweeping, const struct gw_campaign_run *run, bool *done)
{
    *done = true;
    for (size_t i = 0; i < run->id_count && *done; i++) {
        if (!gw_store_has(sweeping->store, sweeping->campaign->ids[run->first_id + i], done,
                          &sweeping->error)) {
            return false;
        }
    }
    return true;
}

static bool
add_missing(struct sweeping *sweeping)
{
    const struct gw_campaign *campaign = sweeping->campaign;

    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct gw_campaign_run *run = &campaign->runs[i];
        bool done = false;

        if (!gw_shard_has(&sweeping->task->shard, gw_campaign_shard_id(campaign, i))) {
            continue;
        }
        if (!is_done(sweeping, run, &done) || (done && !label(sweeping, run))) {
            return false;
        }
        if (!done) {
            sweeping->todo[sweeping->todo_count++] = i;
        }
    }
    return true;
}

struct twin {
    const char *id;
    size_t number;
};

static int
compare_twins(const void *left, const void *right)
{
    const struct twin *a = left;
    const struct twin *b = right;
    int order = strcmp(a->id, b->id);

    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static int
compare_numbers(const void *left, const void *right)
{
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;

    return (a > b) - (a < b);
}

/* Points that come to the same settings are one run. */
static bool
drop_twins(struct sweeping *sweeping)
{
    const struct gw_campaign *campaign = sweeping->campaign;
    struct twin *twins = calloc(sweeping->todo_count + 1, sizeof *twins);
    size_t count = sweeping->todo_count;

    if (twins == NULL) {
        return gw_fail(&sweeping->error, GW_ENOMEM, "out of memory for the plan");
    }
    for (size_t i = 0; i < count; i++) {
        size_t number = sweeping->todo[i];

        twins[i] = (struct twin){campaign->ids[campaign->runs[number].first_id], number};
    }
    qsort(twins, count, sizeof *twins, compare_twins);
    sweeping->todo_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(twins[i - 1].id, twins[i].id) != 0) {
            sweeping->todo[sweeping->todo_count++] = twins[i].number;
        }
    }
    free(twins);
    qsort(sweeping->todo, sweeping->todo_count, sizeof *sweeping->todo, compare_numbers);
    return true;
}

static bool
note_plan(struct sweeping *sweeping)
{
    const struct gw_sweep_task *task = sweeping->task;
    struct gw_text arguments = {0};
    bool replaced = false;
    bool fine;

    gw_campaign_arguments(&task->campaign, &arguments);
    const struct gw_study_plan plan = {
        .name = task->study,
        .hash = task->campaign.hash,
        .arguments = arguments.failed ? "[]" : arguments.bytes,
        .run_ids = (const char(*)[33])task->campaign.ids,
        .count = task->campaign.id_count,
    };
    fine = gw_store_put_study(sweeping->store, &plan, &replaced, &sweeping->error);
    gw_text_clear(&arguments);
    if (replaced) {
        fprintf(stderr, "godwit: study '%s' had another plan, which this one replaces\n",
                task->study);
    }
    return fine;
}

static bool
look_up(struct sweeping *sweeping)
{
    const struct gw_campaign *campaign = sweeping->campaign;

    free(sweeping->todo);
    sweeping->todo_count = 0;
    sweeping->todo = calloc(campaign->run_count + 1, sizeof *sweeping->todo);
    if (sweeping->todo == NULL) {
        return gw_fail(&sweeping->error, GW_ENOMEM, "out of memory for the plan");
    }
    if (!gw_store_begin(sweeping->store, &sweeping->error) ||
        !gw_store_end(sweeping->store, add_missing(sweeping), &sweeping->error) ||
        !drop_twins(sweeping)) {
        return false;
    }
    sweeping->asked += sweeping->todo_count;
    return true;
}

/* ---- runs and their results ------------------------------------------------------------------------ */

static void
work(void *self, size_t number, struct gw_text *reply)
{
    struct sweeping *sweeping = self;

    gw_sweep_work(&sweeping->worker, run_of(sweeping, number), reply);
}

static bool
put_failure(struct sweeping *sweeping, const struct gw_campaign_run *run, const char *error)
{
    const struct gw_campaign *campaign = sweeping->campaign;
    struct gw_text repro = {0};
    bool fine = true;

    gw_campaign_repro(campaign, run, &repro);
    for (size_t i = 0; i < run->id_count && fine; i++) {
        fine = gw_store_put_failure(sweeping->store, campaign->ids[run->first_id + i], error,
                                    repro.failed ? "" : repro.bytes, &sweeping->error);
    }
    if (sweeping->task->is_part) {
        fprintf(stderr, "godwit: %s\n  %s\n", error, repro.failed ? "" : repro.bytes);
    }
    gw_text_clear(&repro);
    sweeping->failed++;
    return fine;
}

static bool
put_results(struct sweeping *sweeping, const struct gw_sweep_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        if (!gw_store_put(sweeping->store, &reply->results[i], &sweeping->error)) {
            return false;
        }
    }
    sweeping->stored++;
    return true;
}

/* The worker lives and says so, but what it lacked the others have. */
static bool
put_error(struct sweeping *sweeping, const struct gw_campaign_run *run, const struct gw_error *err)
{
    const char *hint = err->code == GW_ENOMEM ? ": try fewer jobs (-j)" : "";
    struct gw_text text = {0};
    bool fine;

    gw_text_format(&text, "%s%s", err->message, hint);
    fine = put_failure(sweeping, run, text.failed ? err->message : text.bytes);
    gw_text_clear(&text);
    return fine;
}

static bool
replied(void *self, size_t number, const struct gw_pool_reply *pooled)
{
    struct sweeping *sweeping = self;
    const struct gw_campaign_run *run = run_of(sweeping, number);
    struct gw_wire_bytes bytes = {pooled->bytes, pooled->length, false};
    struct gw_sweep_reply reply;
    bool fine;

    if (pooled->bytes == NULL) {
        /* Whoever stops us may have stopped the worker as well: that says nothing of the run. */
        return gw_interrupted() != 0 || put_failure(sweeping, run, pooled->death);
    }
    gw_sweep_reply_take(sweeping->campaign, run, bytes, &sweeping->words, &reply);
    fine = reply.error.code == GW_OK ? put_results(sweeping, &reply)
                                     : put_error(sweeping, run, &reply.error);
    gw_sweep_reply_clear(&reply);
    return fine;
}

static bool
waiting(void *self, size_t done)
{
    struct sweeping *sweeping = self;

    sweeping->progress.failed = sweeping->failed;
    gw_progress_show(&sweeping->progress, done);
    return !gw_publish_when_due(&sweeping->publisher, sweeping->store, &sweeping->error) ||
           gw_interrupted() != 0;
}

static bool
run_missing(struct sweeping *sweeping)
{
    size_t workers = gw_sweep_workers(sweeping->task->options);
    const struct gw_pool pool = {.tasks = sweeping->todo_count,
                                 .workers = workers,
                                 .window = WINDOW_LEAST + WINDOW_A_WORKER * workers,
                                 .timeout_ns = sweeping->task->run_timeout_ns,
                                 .work = work,
                                 .on_reply = replied,
                                 .on_wait = waiting,
                                 .self = sweeping};
    struct gw_error err;
    bool fine;

    if (sweeping->todo_count == 0) {
        return true;
    }
    sweeping->worker.campaign = sweeping->campaign;
    gw_interrupt_catch();
    gw_progress_begin(&sweeping->progress, sweeping->todo_count);
    fine = gw_pool_run(&pool, &err);
    gw_progress_end(&sweeping->progress);
    if (!fine && sweeping->error.code == GW_OK && gw_interrupted() == 0) {
        sweeping->error = err;
    }
    return fine;
}

/* ---- from beginning to end --------------------------------------------------------------------------- */

/* A shard and a search know their plan by their command alone. */
static void
say_how_to_go_on(const struct sweeping *sweeping, const char *what)
{
    const struct gw_sweep_task *task = sweeping->task;
    char *database = gw_sweep_database(task);
    struct gw_text resume = {0};

    if (!task->is_part && task->shard.count == 0 && database != NULL) {
        const char *const words[] = {"godwit", "sweep",   "resume",   "--db",
                                     database, "--study", task->study};

        gw_text_add(&resume, ", or\n ");
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            gw_shell_add(&resume, words[i]);
        }
    }
    fprintf(stderr, "godwit: %s: %zu of %zu runs are stored; go on with the same command%s\n", what,
            sweeping->stored, sweeping->asked,
            resume.failed || resume.bytes == NULL ? "" : resume.bytes);
    gw_text_clear(&resume);
    free(database);
}

static int
interrupted(const struct sweeping *sweeping)
{
    say_how_to_go_on(sweeping, "interrupted");
    return sweeping->task->shard.count > 0 ? GW_EXIT_INCOMPLETE : GW_EXIT_SIGNAL + gw_interrupted();
}

/* What was acknowledged is on the disk, whatever befell the database then. */
static int
broken_off(const struct sweeping *sweeping)
{
    int code = gw_report_error(&sweeping->error);

    say_how_to_go_on(sweeping, "stopped by this");
    return code;
}

static int
shard_done(const struct sweeping *sweeping)
{
    fprintf(stderr, "godwit: shard %s: %zu runs stored, %zu failed\n",
            sweeping->task->options->shard, sweeping->stored, sweeping->failed);
    return sweeping->failed > 0 ? GW_EXIT_CRASHED : GW_EXIT_FINE;
}

static void
announce(const struct sweeping *sweeping)
{
    const struct gw_sweep_task *task = sweeping->task;

    if (task->shard.count == 0 && !task->is_part) {
        fprintf(stderr, "godwit: study '%s': %zu runs%s, %zu of them to be run\n", task->study,
                task->campaign.run_count, task->campaign.stop.count > 0 ? " at first" : "",
                sweeping->todo_count);
    }
}

/* Looks at a round that was run and plans the next; *open: the points that have one. */
static bool
plan_round(struct sweeping *sweeping, struct gw_rounds *rounds, struct gw_campaign *round,
           size_t *open)
{
    struct gw_diagnostics diagnostics = {0};
    bool fine = gw_rounds_look(rounds, sweeping->campaign, sweeping->store, open, &sweeping->error);

    gw_campaign_clear(round);
    if (!fine || *open == 0) {
        return fine;
    }
    fine = gw_campaign_plan_counts(round, &sweeping->task->campaign, rounds->counts, &diagnostics);
    if (!fine) {
        gw_report_diagnostics(&diagnostics);
        gw_fail(&sweeping->error, GW_EINVAL, "a scenario that was planned cannot be loaded again");
    }
    gw_diagnostics_clear(&diagnostics);
    sweeping->campaign = round;
    return fine && gw_rounds_note(rounds, round, sweeping->store, &sweeping->error) &&
           look_up(sweeping);
}

static bool
run_rounds(struct sweeping *sweeping, struct gw_rounds *rounds)
{
    struct gw_campaign round = {0};
    size_t open = 0;
    bool fine;

    do {
        fine = run_missing(sweeping) && plan_round(sweeping, rounds, &round, &open);
        if (fine && open > 0 && sweeping->todo_count > 0) {
            fprintf(stderr, "godwit: %zu points are not precise: %zu runs more\n", open,
                    sweeping->todo_count);
        }
    } while (fine && open > 0);
    gw_campaign_clear(&round);
    sweeping->campaign = &sweeping->task->campaign;
    return fine && gw_rounds_report(rounds, &sweeping->error);
}

static bool
run_all(struct sweeping *sweeping)
{
    struct gw_rounds rounds;
    bool fine;

    if (sweeping->task->is_part || sweeping->task->campaign.stop.count == 0) {
        return run_missing(sweeping);
    }
    if (!gw_rounds_begin(&rounds, sweeping->task, &sweeping->error)) {
        return false;
    }
    fine = run_rounds(sweeping, &rounds);
    gw_rounds_end(&rounds);
    return fine;
}

static int
run_and_report(struct sweeping *sweeping)
{
    const struct gw_sweep_task *task = sweeping->task;
    bool fine = gw_mend(sweeping->store, &sweeping->error) &&
                gw_publish_restore(&sweeping->publisher, sweeping->store, &sweeping->error) &&
                (task->is_part || note_plan(sweeping)) && look_up(sweeping);

    if (!fine) {
        return gw_report_error(&sweeping->error);
    }
    announce(sweeping);
    fine = run_all(sweeping);
    if (sweeping->error.code == GW_OK &&
        !gw_publish_now(&sweeping->publisher, sweeping->store, &sweeping->error)) {
        fine = false;
    }
    if (sweeping->error.code != GW_OK) {
        return broken_off(sweeping);
    }
    if (!fine) {
        return interrupted(sweeping);
    }
    if (task->is_part) {
        return sweeping->failed > 0 ? GW_EXIT_CRASHED : GW_EXIT_FINE;
    }
    return task->shard.count > 0
               ? shard_done(sweeping)
               : gw_sweep_report(sweeping->store, task->study, task->options->format);
}

void
gw_sweep_add_name(struct gw_text *text, const char *study)
{
    for (; *study != '\0'; study++) {
        char byte = *study == '/' || (unsigned char)*study < ' ' ? '-' : *study;

        gw_text_format(text, "%c", byte);
    }
}

char *
gw_sweep_database(const struct gw_sweep_task *task)
{
    const char *scratch = getenv("TMPDIR");
    struct gw_text text = {0};

    if (task->options->database != NULL) {
        gw_text_add(&text, task->options->database);
    } else if (task->shard.count > 0) {
        gw_text_format(&text, "%s/godwit-",
                       scratch == NULL || scratch[0] == '\0' ? "/tmp" : scratch);
        gw_sweep_add_name(&text, task->study);
        gw_text_format(&text, "-%.8s-%llu-of-%llu.db", task->campaign.hash,
                       (unsigned long long)task->shard.index,
                       (unsigned long long)task->shard.count);
    } else {
        gw_sweep_add_name(&text, task->study);
        gw_text_add(&text, ".db");
    }
    return gw_text_take(&text);
}

int
gw_sweep_execute(const struct gw_sweep_task *task)
{
    struct sweeping sweeping = {.task = task, .campaign = &task->campaign};
    char *database = gw_sweep_database(task);
    int code;

    if (database == NULL) {
        gw_fail(&sweeping.error, GW_ENOMEM, "out of memory");
        return gw_report_error(&sweeping.error);
    }
    if (!gw_publish_begin(&sweeping.publisher, task, database, &sweeping.error) ||
        (sweeping.store = gw_store_open(database, true, &sweeping.error)) == NULL ||
        !gw_store_set_engine_version(sweeping.store, GW_VERSION, &sweeping.error)) {
        code = gw_report_error(&sweeping.error);
    } else {
        code = run_and_report(&sweeping);
    }
    gw_store_close(sweeping.store);
    gw_publish_end(&sweeping.publisher);
    gw_wire_words_clear(&sweeping.words);
    free(sweeping.todo);
    free(database);
    return code;
}

int
gw_sweep_run(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_sweep_task task;
    int code;

    if (!gw_sweep_task_make(&task, options, operands, &code)) {
        return code;
    }
    code = gw_sweep_execute(&task);
    gw_sweep_task_clear(&task);
    return code;
}
