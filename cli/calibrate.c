/* calibrate.c - godwit calibrate: fit settings of a scenario to published numbers; the way with
 *               measured migrations branches off here.
 *
 * Idea      One evaluation writes the values as overrides, runs every case with all replications
 *           on the threads, and adds up ((metric - expected) / (expected tolerance))^2 of the
 *           means over the replications. Values are rounded before they are run, so the file
 *           that is written holds what was measured.
 *           A run that does not complete costs far more than any number that is off, and the more
 *           the less its last pass shrank what was dirty: so the fit knows the way back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/calibration.h"
#include "cli/exit_code.h"
#include "cli/host_calibration.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "results/output.h"
#include "sim/study.h"

enum { OVERRIDES_MAX = 4096 };

static const double INCOMPLETE_COST = 1e4; /* of one run; more than any wanted fit has */
static const double ENOUGH = 0.04;         /* a target: a fifth of its tolerance off */

struct session {
    struct gw_calibration calibration;
    const struct gw_calibrate_options *options;
    struct gw_diagnostics diagnostics;
    struct gw_progress_line progress;
    struct gw_scenario **scenarios; /* one a case */
    struct gw_job *jobs;            /* case by case */
    size_t job_count;
    size_t evaluations;
    struct gw_calibration_finding *now, *best; /* one a target */
    double best_cost;
};

const struct gw_option gw_calibrate_options[] = {
    {"output", 'o', GW_OPTION_TEXT, offsetof(struct gw_calibrate_options, output), "FILE",
     "write the fitted values there, to be included by scenarios; default: standard output"},
    {"host", 0, GW_OPTION_TEXT, offsetof(struct gw_calibrate_options, host), "FILE",
     "measured migrations: what is known of the host, which scenarios and the file include"},
    {"starts", 0, GW_OPTION_COUNT, offsetof(struct gw_calibrate_options, starts), "N",
     "measured migrations: points that the fit starts from; the best wins; default: 3"},
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct gw_calibrate_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_ROW_FORMAT(struct gw_calibrate_options),
    GW_OPTION_END,
};

/* ---- one evaluation -------------------------------------------------------------------------- */

struct words {
    char *owned[OVERRIDES_MAX];
    size_t owned_count;
    const char *items[OVERRIDES_MAX]; /* the owned ones, then those of a case */
    size_t count;
};

/* "workload.write_rate=600.0/s" of every key of every parameter. */
static bool
add_parameters(const struct gw_calibration *calibration, const double *values, struct words *words)
{
    for (size_t i = 0; i < calibration->parameter_count; i++) {
        const struct gw_calibration_parameter *parameter = &calibration->parameters[i];

        for (size_t k = 0; k < parameter->key_count; k++) {
            struct gw_text text = {0};

            gw_text_format(&text, "%s=", parameter->keys[k]);
            gw_calibration_value(parameter, values[i], &text);
            words->owned[words->owned_count] = gw_text_take(&text);
            if (words->owned[words->owned_count] == NULL) {
                return false;
            }
            words->items[words->owned_count] = words->owned[words->owned_count];
            words->owned_count++;
        }
    }
    return true;
}

static void
drop_scenarios(struct session *session)
{
    for (size_t i = 0; i < session->calibration.case_count; i++) {
        gw_scenario_destroy(session->scenarios[i]);
        session->scenarios[i] = NULL;
    }
}

/* The scenarios of all cases at these values; false: see diagnostics. */
static bool
load_scenarios(struct session *session, const double *values)
{
    const struct gw_calibration *calibration = &session->calibration;
    struct words words = {.count = 0};
    bool fine = add_parameters(calibration, values, &words);

    for (size_t i = 0; fine && i < calibration->case_count; i++) {
        const struct gw_calibration_case *one = &calibration->cases[i];

        words.count = words.owned_count;
        for (size_t k = 0; k < one->override_count && words.count < OVERRIDES_MAX; k++) {
            words.items[words.count++] = one->overrides[k];
        }
        session->scenarios[i] = gw_scenario_load(calibration->scenario, words.items, words.count,
                                                 &session->diagnostics);
        fine = session->scenarios[i] != NULL;
    }
    for (size_t i = 0; i < words.owned_count; i++) {
        free(words.owned[i]);
    }
    return fine;
}

/* How little the last pass shrank what it found dirty; 1 when it is not known. */
static double
shrink_ratio(const struct gw_result *result)
{
    enum { COPIED = 3, DIRTY = 4 };
    const struct gw_series *series = &result->series[GW_SERIES_ITERATION];
    const double *last;

    if (series->rows == 0) {
        return 1;
    }
    last = &series->values[(series->rows - 1) * series->columns];
    return last[COPIED] > 0 ? fmin(last[DIRTY] / last[COPIED], 10) : 1;
}

static void
judge(const struct session *session, size_t index, struct gw_calibration_finding *out)
{
    const struct gw_calibration_target *target = &session->calibration.targets[index];
    size_t count = (size_t)session->calibration.replications;
    double sum = 0;
    double off;

    out->cost = 0;
    for (size_t i = 0; i < count; i++) {
        const struct gw_result *result = session->jobs[target->case_index * count + i].results;
        double got = result->metric[target->metric];

        if (result->outcome != GW_COMPLETED || !isfinite(got)) {
            out->cost += INCOMPLETE_COST * (1 + shrink_ratio(result)) / (double)count;
            got = NAN;
        }
        sum += got;
    }
    out->mean = sum / (double)count;
    off = (out->mean - target->expected) / (target->expected * target->tolerance);
    out->cost += isnan(off) ? 0 : fmin(off * off, INCOMPLETE_COST);
}

static bool
waiting(void *self, size_t done)
{
    struct session *session = self;

    gw_progress_show(&session->progress, session->evaluations * session->job_count + done);
    return gw_interrupted() != 0;
}

static void
lay_out_jobs(struct session *session)
{
    size_t count = (size_t)session->calibration.replications;

    for (size_t i = 0; i < session->job_count; i++) {
        session->jobs[i] = (struct gw_job){.scenario = session->scenarios[i / count],
                                           .replication = (int64_t)(i % count)};
    }
}

static bool
check_jobs(const struct session *session, struct gw_error *err)
{
    for (size_t i = 0; i < session->job_count; i++) {
        const struct gw_job *job = &session->jobs[i];

        if (job->error.code != GW_OK) {
            return gw_fail(err, job->error.code, "replication %lld: %s",
                           (long long)job->replication, job->error.message);
        }
        if (job->result_count == 0) {
            return gw_fail(err, GW_EINVAL, "%s: no guest is migrated",
                           session->calibration.scenario);
        }
    }
    return true;
}

static double
judge_all(struct session *session)
{
    size_t bytes = session->calibration.target_count * sizeof *session->now;
    double cost = 0;

    for (size_t i = 0; i < session->calibration.target_count; i++) {
        judge(session, i, &session->now[i]);
        cost += session->now[i].cost;
    }
    if (cost < session->best_cost) {
        session->best_cost = cost;
        memcpy(session->best, session->now, bytes);
    }
    return cost;
}

static bool
evaluate(void *self, const double *values, double *cost, struct gw_error *err)
{
    struct session *session = self;
    struct gw_study study = {.jobs = session->jobs,
                             .count = session->job_count,
                             .threads = (size_t)session->options->threads,
                             .on_wait = waiting,
                             .self = session};
    bool fine = load_scenarios(session, values);

    if (!fine) {
        drop_scenarios(session);
        return gw_fail(err, GW_EINVAL, "the scenario refuses the values");
    }
    lay_out_jobs(session);
    fine = gw_study_run(&study, err) && check_jobs(session, err);
    if (fine) {
        *cost = judge_all(session);
        session->evaluations++;
    }
    for (size_t i = 0; i < session->job_count; i++) {
        gw_job_clear(&session->jobs[i]);
    }
    drop_scenarios(session);
    return fine;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static int
print_cells(const struct session *session)
{
    const struct gw_calibration *calibration = &session->calibration;
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)session->options->format,
                               .colour = gw_colour_wanted(stdout)};
    struct gw_cell *cells = calloc(calibration->target_count, sizeof *cells);
    struct gw_error err = {.code = GW_OK};
    int code = GW_EXIT_IO;

    if (cells == NULL) {
        return code;
    }
    for (size_t i = 0; i < calibration->target_count; i++) {
        const struct gw_calibration_target *target = &calibration->targets[i];
        double mean = session->best[i].mean;
        double off = mean / target->expected - 1;

        cells[i] = (struct gw_cell){
            .case_name = target->name,
            .metric = gw_metric_info[target->metric].key,
            .expected = {.number = target->expected},
            .got = {.text = isnan(mean) ? "did not complete" : NULL, .number = mean},
            .error_pct = 100 * off,
            .verdict = fabs(off) <= target->tolerance ? GW_VERDICT_OK : GW_VERDICT_NOT_OK,
            .kind = "fitted",
        };
    }
    code = gw_cells_ok(cells, calibration->target_count) ? GW_EXIT_FINE : GW_EXIT_FINDING;
    if (!gw_output_cells(&output, cells, calibration->target_count, &err)) {
        code = gw_report_error(&err);
    }
    free(cells);
    return code;
}

static bool
is_met(const struct session *session)
{
    for (size_t i = 0; i < session->calibration.target_count; i++) {
        const struct gw_calibration_target *target = &session->calibration.targets[i];

        if (!(fabs(session->best[i].mean / target->expected - 1) <= target->tolerance)) {
            return false;
        }
    }
    return true;
}

static int
report(const struct session *session, const struct gw_fit_outcome *outcome)
{
    char *text = gw_calibration_write(&session->calibration, session->best, outcome);
    struct gw_error err = {.code = GW_OK};
    bool fine = text != NULL || gw_fail(&err, GW_ENOMEM, "out of memory");

    if (fine && session->options->output == NULL) {
        fputs(text, stdout);
    } else if (fine) {
        fine = gw_calibration_replace_file(session->options->output, text, &err);
    }
    free(text);
    if (!fine) {
        return gw_report_error(&err);
    }
    if (session->options->output == NULL) {
        return is_met(session) ? GW_EXIT_FINE : GW_EXIT_FINDING;
    }
    return print_cells(session);
}

static int
fit(struct session *session)
{
    const struct gw_calibration *calibration = &session->calibration;
    struct gw_fit wanted = {
        .parameters = calibration->bounds,
        .parameter_count = calibration->parameter_count,
        .budget = (size_t)calibration->evaluations,
        .enough = ENOUGH * (double)calibration->target_count,
        .evaluate = evaluate,
        .self = session,
    };
    struct gw_fit_outcome outcome;
    struct gw_error err = {.code = GW_OK};
    bool fine;

    gw_interrupt_catch();
    gw_progress_begin(&session->progress, session->job_count * wanted.budget);
    fine = gw_fit_run(&wanted, &outcome, &err);
    gw_progress_end(&session->progress);
    if (fine) {
        return report(session, &outcome);
    }
    if (gw_interrupted() != 0) {
        fprintf(stderr, "godwit: interrupted: nothing was written\n");
        return GW_EXIT_SIGNAL + gw_interrupted();
    }
    return session->diagnostics.errors > 0 ? gw_report_diagnostics(&session->diagnostics)
                                           : gw_report_error(&err);
}

/* A bound that the scenario refuses is found before hours of runs, not after. */
static bool
check_bounds(struct session *session)
{
    const struct gw_calibration *calibration = &session->calibration;
    double least[GW_FIT_PARAMETERS_MAX];
    double most[GW_FIT_PARAMETERS_MAX];
    bool fine;

    for (size_t i = 0; i < calibration->parameter_count; i++) {
        least[i] = calibration->bounds[i].least;
        most[i] = calibration->bounds[i].most;
    }
    fine = load_scenarios(session, least);
    drop_scenarios(session);
    fine = fine && load_scenarios(session, most);
    drop_scenarios(session);
    return fine;
}

static int
prepare_and_fit(struct session *session)
{
    const struct gw_calibration *calibration = &session->calibration;
    struct gw_error err = {.code = GW_OK};

    session->job_count = calibration->case_count * (size_t)calibration->replications;
    session->scenarios = calloc(calibration->case_count, sizeof(struct gw_scenario *));
    session->jobs = calloc(session->job_count, sizeof *session->jobs);
    session->now = calloc(calibration->target_count, sizeof *session->now);
    session->best = calloc(calibration->target_count, sizeof *session->best);
    session->best_cost = INFINITY;
    if (session->scenarios == NULL || session->jobs == NULL || session->now == NULL ||
        session->best == NULL) {
        gw_fail(&err, GW_ENOMEM, "out of memory");
        return gw_report_error(&err);
    }
    return check_bounds(session) ? fit(session) : gw_report_diagnostics(&session->diagnostics);
}

static int
calibrate(const struct gw_calibrate_options *options, const struct gw_words *operands)
{
    struct session session = {.options = options};
    struct gw_error err;
    int code;

    if (operands->count != 1) {
        gw_fail(&err, GW_EINVAL,
                "calibrate: name one calibration file, or measured migrations (*.json)");
        return gw_report_error(&err);
    }
    if (options->host != NULL) {
        gw_fail(&err, GW_EINVAL, "calibrate: --host is for measured migrations (*.json)");
        return gw_report_error(&err);
    }
    code = gw_calibration_load(&session.calibration, operands->items[0], &session.diagnostics)
               ? prepare_and_fit(&session)
               : gw_report_diagnostics(&session.diagnostics);
    free(session.scenarios);
    free(session.jobs);
    free(session.now);
    free(session.best);
    gw_calibration_clear(&session.calibration);
    gw_diagnostics_clear(&session.diagnostics);
    return code;
}

static bool
are_measured(const struct gw_words *operands)
{
    for (size_t i = 0; i < operands->count; i++) {
        const char *end = strrchr(operands->items[i], '.');

        if (end == NULL || strcmp(end, ".json") != 0) {
            return false;
        }
    }
    return operands->count > 0;
}

int
gw_verb_calibrate(int argc, char **argv)
{
    struct gw_calibrate_options options = {0};
    struct gw_words operands = {0};
    struct gw_error err;
    int code;

    if (!gw_options_parse(gw_calibrate_options, argc, argv, &options, &operands, &err)) {
        code = gw_report_error(&err);
    } else {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        if (options.threads == 0) {
            options.threads = processors > 0 ? processors : 1;
        }
        code = are_measured(&operands) ? gw_calibrate_host(&options, &operands)
                                       : calibrate(&options, &operands);
    }
    gw_options_clear(gw_calibrate_options, &options, &operands);
    return code;
}
