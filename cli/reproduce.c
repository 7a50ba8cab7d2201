/* reproduce.c - godwit reproduce: published numbers beside ours, with errors and verdicts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/pack.h"
#include "cli/progress.h"
#include "cli/run_plan.h"
#include "cli/verb.h"
#include "results/store.h"

enum { REPLICATIONS = 10 };

struct reproduce_options {
    int64_t replications;
    const char *database;
    enum gw_format format;
    int64_t threads;
};

struct reproduction {
    const struct gw_pack_definition *pack;
    struct gw_run_plan plans[GW_PACK_STUDIES_MAX];
    struct gw_pack_runs runs[GW_PACK_STUDIES_MAX];
    size_t study_count;
    struct gw_pack_runs *current; /* being filled */
    struct gw_store *store;
    struct gw_progress_line progress;
    struct gw_error error;
};

const struct gw_option gw_reproduce_options[] = {
    {"replications", 'n', GW_OPTION_COUNT, offsetof(struct reproduce_options, replications), "N",
     "runs of each point; 10 unless given, and claims are judged from 10 on"},
    {"db", 0, GW_OPTION_TEXT, offsetof(struct reproduce_options, database), "FILE",
     "store all runs in this SQLite database"},
    GW_OPTION_ROW_FORMAT(struct reproduce_options),
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct reproduce_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_END,
};

static const struct gw_pack_definition *
find_pack(const char *name, struct gw_error *err)
{
    const char *names[16] = {NULL};
    const char *nearest;

    for (size_t i = 0; gw_pack_definitions[i] != NULL; i++) {
        names[i] = gw_pack_definitions[i]->name;
        if (strcmp(names[i], name) == 0) {
            return gw_pack_definitions[i];
        }
    }
    nearest = gw_nearest_word(name, names);
    gw_fail(err, GW_EINVAL, "no pack '%s' to reproduce; %s%s", name,
            nearest != NULL ? "did you mean " : "there is: ", nearest != NULL ? nearest : names[0]);
    return NULL;
}

static bool
job_done(void *self, struct gw_job *job)
{
    struct reproduction *work = self;

    if (job->error.code != GW_OK) {
        gw_fail_within(&job->error, "%s, replication %lld", job->scenario->name,
                       (long long)job->replication);
        work->error = job->error;
        return false;
    }
    for (size_t i = 0; i < job->result_count; i++) {
        work->current->results[work->current->count++] = &job->results[i];
        if (work->store != NULL && !gw_store_put(work->store, &job->results[i], &work->error)) {
            return false;
        }
    }
    return true;
}

static bool
waiting(void *self, size_t done)
{
    struct reproduction *work = self;

    gw_progress_show(&work->progress, done);
    return gw_interrupted() != 0;
}

static bool
run_study(struct reproduction *work, size_t number, size_t threads)
{
    struct gw_run_plan *plan = &work->plans[number];
    struct gw_study study = {
        .jobs = plan->jobs,
        .count = plan->job_count,
        .threads = threads,
        .on_done = job_done,
        .on_wait = waiting,
        .self = work,
    };
    struct gw_error err;
    bool ran;

    work->current = &work->runs[number];
    work->current->study = &work->pack->studies[number];
    work->current->results = calloc(plan->job_count + 1, sizeof(struct gw_result *));
    if (work->current->results == NULL) {
        return gw_fail(&work->error, GW_ENOMEM, "out of memory for results");
    }
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "%s: study %zu, %s (%zu runs)\n", work->pack->name, number + 1,
                work->pack->studies[number].name, plan->job_count);
    }
    gw_progress_begin(&work->progress, plan->job_count);
    ran = gw_study_run(&study, &err);
    gw_progress_end(&work->progress);
    if (!ran && work->error.code == GW_OK) {
        work->error = err;
    }
    return ran;
}

static bool
plan_studies(struct reproduction *work, int64_t replications, struct gw_diagnostics *diagnostics)
{
    for (size_t i = 0; work->pack->studies[i].name != NULL; i++) {
        const struct gw_pack_study *study = &work->pack->studies[i];
        struct gw_run_request request = {
            .scenarios = &study->scenario,
            .scenario_count = 1,
            .settings = study->settings,
            .seed = -1,
            .replications = study->replications > 0 && study->replications < replications
                                ? study->replications
                                : replications,
        };

        gw_assert(i < GW_PACK_STUDIES_MAX);
        while (study->settings[request.setting_count] != NULL) {
            request.setting_count++;
        }
        work->study_count = i + 1;
        if (!gw_run_plan_make(&work->plans[i], &request, diagnostics)) {
            return false;
        }
    }
    return true;
}

/* Too few replications say nothing about a claim: it is shown, not judged. */
static void
withhold_claims(struct gw_pack_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->cells[i].case_name, "claim") == 0) {
            report->cells[i].verdict = GW_VERDICT_NONE;
        }
    }
}

static int
print_report(struct reproduction *work, const struct reproduce_options *options)
{
    static struct gw_pack_report report;
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)options->format,
                               .colour = gw_colour_wanted(stdout)};
    struct gw_error err;
    bool ok;

    work->pack->judge(work->runs, &report);
    if (options->replications > 0 && options->replications < REPLICATIONS) {
        withhold_claims(&report);
    }
    if (!gw_output_cells(&output, report.cells, report.count, &err)) {
        return gw_report_error(&err);
    }
    ok = gw_cells_ok(report.cells, report.count);
    gw_pack_report_clear(&report);
    return ok ? GW_EXIT_FINE : GW_EXIT_FINDING;
}

static int
run_and_judge(struct reproduction *work, const struct reproduce_options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t threads = processors > 0 ? (size_t)processors : 1;

    threads = options->threads > 0 ? (size_t)options->threads : threads;
    if (options->database != NULL) {
        work->store = gw_store_open(options->database, true, &work->error);
        if (work->store == NULL ||
            !gw_store_set_engine_version(work->store, GW_VERSION, &work->error)) {
            return gw_report_error(&work->error);
        }
    }
    gw_interrupt_catch();
    for (size_t i = 0; i < work->study_count; i++) {
        if (!run_study(work, i, threads)) {
            return gw_interrupted() != 0 ? GW_EXIT_SIGNAL + gw_interrupted()
                                         : gw_report_error(&work->error);
        }
    }
    return print_report(work, options);
}

static void
clear(struct reproduction *work)
{
    for (size_t i = 0; i < work->study_count; i++) {
        free(work->runs[i].results);
        gw_run_plan_clear(&work->plans[i]);
    }
    gw_store_close(work->store);
}

static int
reproduce(const struct reproduce_options *options, const struct gw_words *operands)
{
    static struct reproduction work;
    struct gw_diagnostics diagnostics = {0};
    int64_t replications = options->replications > 0 ? options->replications : REPLICATIONS;
    int code;

    if (operands->count != 1) {
        gw_fail(&work.error, GW_EINVAL, "reproduce: name one pack (see 'godwit list packs')");
        return gw_report_error(&work.error);
    }
    work.pack = find_pack(operands->items[0], &work.error);
    if (work.pack == NULL) {
        return gw_report_error(&work.error);
    }
    code = plan_studies(&work, replications, &diagnostics) ? run_and_judge(&work, options)
                                                           : gw_report_diagnostics(&diagnostics);
    gw_diagnostics_clear(&diagnostics);
    clear(&work);
    return code;
}

int
gw_verb_reproduce(int argc, char **argv)
{
    struct reproduce_options options = {0};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    code = gw_options_parse(gw_reproduce_options, argc, argv, &options, &operands, &err)
               ? reproduce(&options, &operands)
               : gw_report_error(&err);
    gw_options_clear(gw_reproduce_options, &options, &operands);
    return code;
}
