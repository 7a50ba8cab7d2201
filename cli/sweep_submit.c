/* sweep_submit.c - godwit sweep submit: a sweep as jobs of a cluster.
 *
 * Idea      An array of jobs, one a shard, and a job that merges. The merge waits for the end of
 *           the array whatever that is (afterok would cancel it when one job fails once and is
 *           started again), and checks itself whether all runs are there. A shard that was stopped
 *           says so by its exit status and asks to be queued again. Nothing is believed of the
 *           scheduler: submitting again does what is missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE 1 /* environ */

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/sweep_verb.h"

enum { RESTARTS_MOST = 50, JOB_BYTES = 64 };

struct submission {
    const struct gw_sweep_task *task;
    char program[PATH_MAX];
    char out[PATH_MAX]; /* absolute */
    char here[PATH_MAX];
};

/* ---- the scripts -------------------------------------------------------------------------------------- */

static void
add_head(const struct submission *submission, struct gw_text *text, const char *log)
{
    gw_text_format(text,
                   "#!/bin/sh\n"
                   "#SBATCH --job-name=godwit\n"
                   "#SBATCH --ntasks=1\n"
                   "#SBATCH --requeue\n"
                   "#SBATCH --open-mode=append\n"
                   "#SBATCH --output=%s/%s\n"
                   "#SBATCH --chdir=%s\n",
                   submission->out, log, submission->here);
}

/* The words of the plan for a shell. */
static void
add_plan(const struct gw_campaign_request *request, struct gw_text *line)
{
    for (size_t i = 0; i < request->scenario_count; i++) {
        gw_shell_add(line, request->scenarios[i]);
    }
    for (size_t i = 0; i < request->setting_count; i++) {
        gw_shell_add(line, "--set");
        gw_shell_add(line, request->settings[i]);
    }
    for (size_t i = 0; i < request->sweep_count; i++) {
        gw_shell_add(line, "--sweep");
        gw_shell_add(line, request->sweeps[i]);
    }
    if (request->seed >= 0) {
        gw_text_format(line, " --seed %lld", (long long)request->seed);
    }
    if (request->replications > 0) {
        gw_text_format(line, " --replications %lld", (long long)request->replications);
    }
}

static void
add_shard_script(const struct submission *submission, struct gw_text *text)
{
    const struct gw_sweep_options *options = submission->task->options;
    long long workers = options->workers > 0 ? options->workers : 1;
    struct gw_text line = {0};

    add_head(submission, text, "shard-%a.log");
    gw_text_format(text, "#SBATCH --array=0-%lld\n#SBATCH --cpus-per-task=%lld\n\n",
                   (long long)options->shards - 1, workers);
    gw_shell_add(&line, submission->program);
    gw_text_add(&line, " sweep run");
    add_plan(&submission->task->request, &line);
    gw_text_add(&line, " --study");
    gw_shell_add(&line, submission->task->study);
    if (options->run_timeout != NULL) {
        gw_text_add(&line, " --run-timeout");
        gw_shell_add(&line, options->run_timeout);
    }
    gw_text_format(&line, " --publish %lld -j %lld --out", (long long)options->publish_s, workers);
    gw_shell_add(&line, submission->out);
    gw_text_format(text,
                   "%s --shard \"$SLURM_ARRAY_TASK_ID/%lld\"\n"
                   "status=$?\n"
                   "if [ $status = %d ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt %d ]; then\n"
                   "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
                   "fi\n"
                   "exit $status\n",
                   line.bytes, (long long)options->shards, GW_EXIT_INCOMPLETE, RESTARTS_MOST);
    text->failed = text->failed || line.failed;
    gw_text_clear(&line);
}

static void
add_merge_script(const struct submission *submission, struct gw_text *text)
{
    struct gw_text line = {0};
    struct gw_text result = {0};

    gw_text_format(&result, "%s/", submission->out);
    gw_sweep_add_name(&result, submission->task->study);
    gw_text_add(&result, ".db");
    add_head(submission, text, "merge.log");
    gw_shell_add(&line, submission->program);
    gw_text_add(&line, " sweep merge");
    gw_shell_add(&line, submission->out);
    gw_text_add(&line, " --require-complete -o");
    gw_shell_add(&line, result.bytes);
    gw_text_format(text,
                   "\n%s\n"
                   "status=$?\n"
                   "[ $status != %d ] || echo 'runs are missing: submit the sweep again'\n"
                   "exit $status\n",
                   line.bytes, GW_EXIT_INCOMPLETE);
    text->failed = text->failed || line.failed || result.failed;
    gw_text_clear(&line);
    gw_text_clear(&result);
}

static bool
write_script(const struct submission *submission, const char *name,
             void (*add)(const struct submission *submission, struct gw_text *text),
             struct gw_text *path, struct gw_error *err)
{
    struct gw_text text = {0};
    FILE *file;
    bool fine;

    gw_text_format(path, "%s/%s", submission->out, name);
    add(submission, &text);
    file = text.failed || path->failed ? NULL : fopen(path->bytes, "w");
    fine = file != NULL && fputs(text.bytes, file) >= 0;
    if (file != NULL) {
        fine = fclose(file) == 0 && fine;
    }
    gw_text_clear(&text);
    return fine || gw_fail(err, GW_EIO, "%s/%s cannot be written: %s", submission->out, name,
                           strerror(errno));
}

/* ---- to the scheduler --------------------------------------------------------------------------------- */

/* Runs a program and takes the first line that it prints. */
static bool
ask(char *const *words, char line[JOB_BYTES])
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    int status = -1;
    pid_t child;
    FILE *answer;
    bool fine;

    if (pipe(ends) != 0) {
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    fine = posix_spawnp(&child, words[0], &actions, NULL, words, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    answer = fdopen(ends[0], "r");
    fine = answer != NULL && fgets(line, JOB_BYTES, answer) != NULL && fine;
    if (answer == NULL) {
        close(ends[0]);
    } else {
        fclose(answer);
    }
    return fine && waitpid(child, &status, 0) == child && status == 0;
}

/* Runs sbatch and takes the number of the job that it prints. */
static bool
submit(const char *dependency, const char *script, char job[JOB_BYTES], struct gw_error *err)
{
    char after[JOB_BYTES + 32];
    char *words[] = {(char[]){"sbatch"}, (char[]){"--parsable"}, after, NULL, NULL};
    char *own = strdup(script);
    bool fine;

    if (own == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    words[2] = dependency == NULL ? own : after;
    words[3] = dependency == NULL ? NULL : own;
    snprintf(after, sizeof after, "--dependency=afterany:%s", dependency == NULL ? "" : dependency);
    fine = ask(words, job);
    free(own);
    if (fine) {
        job[strcspn(job, ";\r\n")] = '\0';
    }
    return fine || gw_fail(err, GW_EIO, "sbatch did not take %s", script);
}

static bool
submit_both(const char *shards, const char *merge, struct gw_error *err)
{
    char array[JOB_BYTES];
    char last[JOB_BYTES];

    if (!submit(NULL, shards, array, err) || !submit(array, merge, last, err)) {
        return false;
    }
    printf("array %s\nmerge %s\n", array, last);
    return true;
}

static bool
look_around(struct submission *submission, struct gw_error *err)
{
    const char *out = submission->task->options->out;
    ssize_t length =
        readlink("/proc/self/exe", submission->program, sizeof submission->program - 1);

    if (mkdir(out, 0777) != 0 && errno != EEXIST) {
        return gw_fail(err, GW_EIO, "--out '%s' cannot be made: %s", out, strerror(errno));
    }
    if (length < 0 || realpath(out, submission->out) == NULL ||
        getcwd(submission->here, sizeof submission->here) == NULL) {
        return gw_fail(err, GW_EIO, "--out '%s' cannot be found: %s", out, strerror(errno));
    }
    /* Slurm reads the lines of #SBATCH itself, word by word. */
    return (strpbrk(submission->out, " \t\n\"'\\%") == NULL &&
            strpbrk(submission->here, " \t\n\"'\\%") == NULL) ||
           gw_fail(err, GW_EINVAL, "'%s' and '%s': a script of Slurm cannot hold such names",
                   submission->out, submission->here);
}

static bool
write_and_submit(const struct gw_sweep_task *task, struct gw_error *err)
{
    struct submission *submission = calloc(1, sizeof *submission);
    struct gw_text shards = {0};
    struct gw_text merge = {0};
    bool fine;

    if (submission == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    submission->task = task;
    fine = look_around(submission, err) &&
           write_script(submission, "shards.sh", add_shard_script, &shards, err) &&
           write_script(submission, "merge.sh", add_merge_script, &merge, err) &&
           (task->options->dry_run || submit_both(shards.bytes, merge.bytes, err));
    gw_text_clear(&shards);
    gw_text_clear(&merge);
    free(submission);
    return fine;
}

int
gw_sweep_submit(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_sweep_task task;
    struct gw_error err;
    bool fine;
    int code;

    if (!options->slurm || options->out == NULL || options->shard != NULL || options->shards == 0) {
        gw_fail(&err, GW_EINVAL, "sweep submit: wanted SCENARIO... --slurm --shards N --out DIR");
        return gw_report_error(&err);
    }
    if (!gw_sweep_task_make(&task, options, operands, &code)) {
        return code;
    }
    fine = write_and_submit(&task, &err);
    gw_sweep_task_clear(&task);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
