/* run.c - godwit run: simulate scenarios, print and store the results.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/model_cards.h"
#include "cli/progress.h"
#include "cli/run_plan.h"
#include "cli/verb.h"
#include "results/chart.h"
#include "results/output.h"
#include "results/store.h"

struct run_options {
    struct gw_words set;
    const char *seed;
    int64_t replications;
    int64_t replication; /* this one alone; -1: all */
    const char *database;
    enum gw_format format;
    bool chart;
    int64_t threads;
};

struct run_state {
    struct gw_store *store;
    struct gw_progress_line progress;
    struct gw_error error;
    const struct gw_result **results;
    size_t result_count;
    size_t failed;
};

const struct gw_option gw_run_options[] = {
    GW_OPTION_ROW_SET(struct run_options),
    {"seed", 0, GW_OPTION_TEXT, offsetof(struct run_options, seed), "N",
     "seed of the random streams, instead of the scenario's"},
    {"replications", 'n', GW_OPTION_COUNT, offsetof(struct run_options, replications), "N",
     "runs of each variation, instead of the scenario's"},
    {"replication", 0, GW_OPTION_NUMBER, offsetof(struct run_options, replication), "N",
     "run only this one of the replications, counted from 0"},
    {"db", 0, GW_OPTION_TEXT, offsetof(struct run_options, database), "FILE",
     "store the results in this SQLite database"},
    GW_OPTION_ROW_FORMAT(struct run_options),
    {"chart", 0, GW_OPTION_FLAG, offsetof(struct run_options, chart), NULL,
     "draw the curves of convergence and of the guest in the terminal"},
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct run_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_END,
};

static bool
job_done(void *self, struct gw_job *job)
{
    struct run_state *state = self;

    if (job->error.code != GW_OK) {
        state->failed++;
        gw_fail_within(&job->error, "%s, replication %lld", job->scenario->name,
                       (long long)job->replication);
        state->error = job->error;
        return false;
    }
    for (size_t i = 0; i < job->result_count; i++) {
        state->results[state->result_count++] = &job->results[i];
        if (state->store != NULL && !gw_store_put(state->store, &job->results[i], &state->error)) {
            return false;
        }
    }
    return true;
}

static bool
waiting(void *self, size_t done)
{
    struct run_state *state = self;

    gw_progress_show(&state->progress, done);
    return gw_interrupted() != 0;
}

static bool
draw_charts(const struct run_state *state, struct gw_error *err)
{
    struct winsize size = {0};
    const char *lang = getenv("LC_ALL") != NULL ? getenv("LC_ALL") : getenv("LANG");
    struct gw_chart_look look = {.width = 80, .height = 16};

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        look.width = size.ws_col < 120 ? size.ws_col : 120;
    }
    look.utf8 = lang != NULL && (strstr(lang, "UTF-8") != NULL || strstr(lang, "utf8") != NULL);
    look.colour = gw_colour_wanted(stdout);
    return gw_chart_remaining(stdout, state->results, state->result_count, &look, err) &&
           gw_chart_iops(stdout, state->results, state->result_count, &look, err) &&
           gw_chart_memory_remaining(stdout, state->results, state->result_count, &look, err) &&
           gw_chart_memory(stdout, state->results, state->result_count, &look, err);
}

static int
print_results(const struct run_state *state, const struct run_options *options)
{
    struct gw_cards cards;
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)options->format,
                               .colour = gw_colour_wanted(stdout),
                               .cards = &cards};
    struct gw_error err = {.code = GW_OK};
    bool printed;

    if (!gw_model_cards_load(&cards, &err)) {
        return gw_report_error(&err);
    }
    printed = gw_output_runs(&output, state->results, state->result_count, &err);
    gw_cards_clear(&cards);
    if (!printed) {
        return gw_report_error(&err);
    }
    if (options->chart && options->format == GW_FORMAT_TABLE && !draw_charts(state, &err)) {
        return gw_report_error(&err);
    }
    return GW_EXIT_FINE;
}

static int
interrupted(const struct run_state *state, const struct run_options *options)
{
    fprintf(stderr, "godwit: interrupted: %zu results %s\n", state->result_count,
            options->database != NULL ? "are stored; run the same command again for the rest"
                                      : "were computed; with --db FILE they would be kept");
    return GW_EXIT_SIGNAL + gw_interrupted();
}

static size_t
thread_count(const struct run_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->threads > 0) {
        return (size_t)options->threads;
    }
    return processors > 0 ? (size_t)processors : 1;
}

static int
run_all(struct gw_run_plan *plan, struct run_state *state, const struct run_options *options)
{
    struct gw_study study = {
        .jobs = plan->jobs,
        .count = plan->job_count,
        .threads = thread_count(options),
        .on_done = job_done,
        .on_wait = waiting,
        .self = state,
    };
    struct gw_error err;
    bool ran;

    gw_interrupt_catch();
    gw_progress_begin(&state->progress, plan->job_count);
    ran = gw_study_run(&study, &err);
    gw_progress_end(&state->progress);
    if (ran) {
        return print_results(state, options);
    }
    if (gw_interrupted() != 0) {
        return interrupted(state, options);
    }
    return gw_report_error(state->error.code != GW_OK ? &state->error : &err);
}

static int
open_and_run(struct gw_run_plan *plan, const struct run_options *options)
{
    struct run_state state = {0};
    size_t most = 0;
    int code;

    for (size_t i = 0; i < plan->job_count; i++) {
        const struct gw_scenario *scenario = plan->jobs[i].scenario;

        most += scenario->memory != NULL ? 1 : scenario->guest_count;
    }
    if (options->database != NULL) {
        state.store = gw_store_open(options->database, true, &state.error);
        if (state.store == NULL ||
            !gw_store_set_engine_version(state.store, GW_VERSION, &state.error)) {
            gw_store_close(state.store);
            return gw_report_error(&state.error);
        }
    }
    state.results = calloc(most + 1, sizeof(struct gw_result *));
    code = state.results == NULL ? GW_EXIT_IO : run_all(plan, &state, options);
    free(state.results);
    gw_store_close(state.store);
    return code;
}

static int
run_parsed(const struct run_options *options, const struct gw_words *operands)
{
    struct gw_run_plan plan;
    struct gw_diagnostics diagnostics = {0};
    struct gw_error err;
    struct gw_run_request request = {
        .scenarios = operands->items,
        .scenario_count = operands->count,
        .settings = options->set.items,
        .setting_count = options->set.count,
        .replications = options->replications,
        .only = options->replication + 1,
    };
    int code;

    if (operands->count == 0) {
        gw_fail(&err, GW_EINVAL, "run: name at least one scenario (see 'godwit list packs')");
        return gw_report_error(&err);
    }
    if (!gw_seed_parse(options->seed, &request.seed, &err)) {
        return gw_report_error(&err);
    }
    code = gw_run_plan_make(&plan, &request, &diagnostics) ? open_and_run(&plan, options)
                                                           : gw_report_diagnostics(&diagnostics);
    gw_run_plan_clear(&plan);
    gw_diagnostics_clear(&diagnostics);
    return code;
}

int
gw_verb_run(int argc, char **argv)
{
    struct run_options options = {.replication = -1};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    code = gw_options_parse(gw_run_options, argc, argv, &options, &operands, &err)
               ? run_parsed(&options, &operands)
               : gw_report_error(&err);
    gw_options_clear(gw_run_options, &options, &operands);
    return code;
}
