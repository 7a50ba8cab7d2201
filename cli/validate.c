/* validate.c - godwit validate: measured migrations beside what we predict for them.
 *
 * Idea      Every file becomes a scenario; all are read and checked before the first run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/host_profile.h"
#include "cli/progress.h"
#include "cli/validation.h"
#include "cli/verb.h"

enum { REPLICATIONS = 5 };

struct validate_options {
    struct gw_words set;
    const char *host;
    int64_t threads;
    int64_t replications;
    enum gw_format format;
    bool summary;
    struct gw_words combine;
    const char *at_least;
    const char *curves, *figure, *cards;
};

struct validate_state {
    const struct validate_options *options;
    struct gw_summary_request request;
    struct gw_validation work;
    struct gw_variations overrides; /* one, of all --set */
    struct gw_progress_line progress;
    struct gw_diagnostics diagnostics;
    struct gw_error error;
    int refused; /* exit code of what was left out; 0: nothing */
};

const struct gw_option gw_validate_options[] = {
    {"set", 0, GW_OPTION_WORDS, offsetof(struct validate_options, set), "KEY=VALUE",
     "override a setting of all predictions, to see what it is good for"},
    {"host", 0, GW_OPTION_TEXT, offsetof(struct validate_options, host), "FILE",
     "costs of the host, as 'bench codec --profile' or 'calibrate' writes them; none: built-in; "
     "default: those of the pack qemu72"},
    GW_OPTION_ROW_FORMAT(struct validate_options),
    {"summary", 0, GW_OPTION_FLAG, offsetof(struct validate_options, summary), NULL,
     "print the summary alone"},
    {"combine", 0, GW_OPTION_WORDS, offsetof(struct validate_options, combine), "GROUP,GROUP...",
     "a row of the summary for these groups together"},
    {"at-least", 0, GW_OPTION_TEXT, offsetof(struct validate_options, at_least), "TIME",
     "leave shorter migrations out of the summary: 500ms"},
    {"figure", 0, GW_OPTION_TEXT, offsetof(struct validate_options, figure), "DIR",
     "draw predicted against measured times and bytes there"},
    {"curves", 0, GW_OPTION_TEXT, offsetof(struct validate_options, curves), "DIR",
     "draw predicted and measured curves of each case there"},
    {"cards", 0, GW_OPTION_TEXT, offsetof(struct validate_options, cards), "FILE",
     "write the model cards: what was validated, and how well"},
    {"replications", 0, GW_OPTION_COUNT, offsetof(struct validate_options, replications), "N",
     "runs of each case; the median is the prediction; default: 5"},
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct validate_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_END,
};

/* ---- reading --------------------------------------------------------------------------------- */

/* False: see error or diagnostics. */
static bool
load_case(struct validate_state *state, const char *path, const char *host)
{
    struct gw_validation *work = &state->work;
    struct gw_measured *measured = &work->measured[work->count];
    const struct gw_variation *overrides = &state->overrides.items[0];
    struct gw_text where = {0};
    char *name;

    if (!gw_measured_read(measured, path, host, &state->error)) {
        return false;
    }
    gw_text_format(&where, "%s (as a scenario)", path);
    name = gw_text_take(&where);
    if (name == NULL) {
        gw_measured_clear(measured);
        return gw_fail(&state->error, GW_ENOMEM, "out of memory");
    }
    work->scenarios[work->count] =
        gw_scenario_parse(name, measured->scenario, strlen(measured->scenario),
                          overrides->overrides, overrides->count, &state->diagnostics);
    free(name);
    if (work->scenarios[work->count] == NULL) {
        gw_measured_clear(measured);
        return false;
    }
    for (size_t i = 0; i < work->replications; i++) {
        work->jobs[work->count * work->replications + i] =
            (struct gw_job){.scenario = work->scenarios[work->count], .replication = (int64_t)i};
    }
    work->count++;
    return true;
}

/* The file that was named, or GW_MEASURED_NO_HOST for "none". Caller frees; NULL: see err. */
static char *
host_of(const char *given, struct gw_error *err)
{
    char *host;

    if (strcmp(given, "none") != 0) {
        return gw_host_profile_find(given, err);
    }
    host = strdup(GW_MEASURED_NO_HOST);
    if (host == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory");
    }
    return host;
}

static int
report_failure(struct validate_state *state)
{
    return state->diagnostics.errors > 0 ? gw_report_diagnostics(&state->diagnostics)
                                         : gw_report_error(&state->error);
}

/* A file that cannot be predicted is reported and left out; the others are worth the run. */
static bool
load_cases(struct validate_state *state, const struct gw_words *files)
{
    const char *given = state->options->host;
    char *host = given == NULL ? NULL : host_of(given, &state->error);

    if (given != NULL && host == NULL) {
        state->refused = report_failure(state);
        return false;
    }
    for (size_t i = 0; i < files->count; i++) {
        if (!load_case(state, files->items[i], host)) {
            state->refused = report_failure(state);
            gw_diagnostics_clear(&state->diagnostics);
            state->diagnostics = (struct gw_diagnostics){0};
        }
    }
    free(host);
    return state->work.count > 0;
}

/* ---- running --------------------------------------------------------------------------------- */

static bool
job_done(void *self, struct gw_job *job)
{
    struct validate_state *state = self;

    if (job->error.code == GW_OK) {
        gw_assert(job->result_count == 1);
        return true;
    }
    state->error = job->error;
    gw_fail_within(&state->error, "%s", job->scenario->name);
    return false;
}

static bool
waiting(void *self, size_t done)
{
    struct validate_state *state = self;

    gw_progress_show(&state->progress, done);
    return gw_interrupted() != 0;
}

static bool
run_cases(struct validate_state *state)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct gw_study study = {
        .jobs = state->work.jobs,
        .count = state->work.count * state->work.replications,
        .threads = processors > 0 ? (size_t)processors : 1,
        .on_done = job_done,
        .on_wait = waiting,
        .self = state,
    };
    struct gw_error err;
    bool ran;

    if (state->options->threads > 0) {
        study.threads = (size_t)state->options->threads;
    }
    gw_interrupt_catch();
    gw_progress_begin(&state->progress, study.count);
    ran = gw_study_run(&study, &err);
    gw_progress_end(&state->progress);
    if (!ran && state->error.code == GW_OK) {
        state->error = err;
    }
    return ran;
}

/* ---- printing -------------------------------------------------------------------------------- */

static bool
print_cells(const struct validate_state *state, struct gw_error *err)
{
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)state->options->format,
                               .colour = gw_colour_wanted(stdout)};
    struct gw_cells_report report = {.cells = state->work.cells, .count = state->work.cell_count};
    struct gw_cells_summary *rows = NULL;
    bool fine =
        gw_validation_summary(&state->work, &state->request, &rows, &report.summary_count, err);

    report.summary = rows;
    fine = fine &&
           (state->options->summary ? gw_output_summary(&output, rows, report.summary_count, err)
                                    : gw_output_report(&output, &report, err));
    free(rows);
    return fine;
}

static int
print_report(struct validate_state *state)
{
    const struct validate_options *options = state->options;
    const struct gw_validation *work = &state->work;
    struct gw_error err;

    gw_validation_compare(&state->work, options->curves != NULL);
    if (!print_cells(state, &err) ||
        (options->cards != NULL && !gw_validation_write_cards(work, options->cards, &err)) ||
        (options->figure != NULL && !gw_validation_draw_errors(work, options->figure, &err)) ||
        (options->curves != NULL && !gw_validation_draw_curves(work, options->curves, &err))) {
        return gw_report_error(&err);
    }
    return gw_cells_ok(work->cells, work->cell_count) ? GW_EXIT_FINE : GW_EXIT_FINDING;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static int
load_run_and_print(struct validate_state *state, const struct gw_words *files)
{
    int64_t given = state->options->replications;
    size_t replications = given > 0 ? (size_t)given : REPLICATIONS;
    int code;

    if (!gw_validation_init(&state->work, files->count, replications, &state->error)) {
        return report_failure(state);
    }
    if (!load_cases(state, files)) {
        return state->refused;
    }
    if (!run_cases(state)) {
        return gw_interrupted() != 0 ? GW_EXIT_SIGNAL + gw_interrupted()
                                     : gw_report_error(&state->error);
    }
    code = print_report(state);
    return code == GW_EXIT_FINE ? state->refused : code;
}

/* False: see error or diagnostics. */
static bool
check_options(struct validate_state *state, const struct gw_words *files)
{
    const struct validate_options *options = state->options;
    union gw_quantity time = {0};

    if (files->count == 0) {
        return gw_fail(&state->error, GW_EINVAL, "validate: name the files of measured migrations");
    }
    if (options->replications > GW_VALIDATION_REPLICATIONS_MOST) {
        return gw_fail(&state->error, GW_EINVAL, "--replications: at most %d",
                       GW_VALIDATION_REPLICATIONS_MOST);
    }
    if (options->at_least != NULL &&
        !gw_quantity_parse(GW_SETTING_TIME, options->at_least, &time, &state->error)) {
        return gw_fail_within(&state->error, "--at-least");
    }
    state->request = (struct gw_summary_request){options->combine, (double)time.whole / 1e9};
    if (!gw_variations_expand(&state->overrides, options->set.items, options->set.count,
                              &state->diagnostics)) {
        return false;
    }
    return state->overrides.count == 1 ||
           gw_fail(&state->error, GW_EINVAL, "validate: --set takes one value a setting");
}

static int
validate(const struct validate_options *options, const struct gw_words *files)
{
    struct validate_state state = {.options = options};
    int code =
        check_options(&state, files) ? load_run_and_print(&state, files) : report_failure(&state);

    gw_validation_clear(&state.work);
    gw_variations_clear(&state.overrides);
    gw_diagnostics_clear(&state.diagnostics);
    return code;
}

int
gw_verb_validate(int argc, char **argv)
{
    struct validate_options options = {0};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    code = gw_options_parse(gw_validate_options, argc, argv, &options, &operands, &err)
               ? validate(&options, &operands)
               : gw_report_error(&err);
    gw_options_clear(gw_validate_options, &options, &operands);
    return code;
}
