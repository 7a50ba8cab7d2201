/* calibrate_host.c - godwit calibrate FILE.json...: costs of a host from measured migrations.
 *
 * Idea      First the costs that the files tell are found, then from where to fit these, then they
 *           are fitted, and all files are predicted once more at the values as they are written.
 *           A cost starts from an estimate that has a source of its own; so how far it is moved
 *           counts too, and of many minima the fit takes one near to what was known. What the
 *           files tell less than they seemed to stays there by itself.
 *           Standard errors are stretched by the square root of the reduced chi2 where that is
 *           above 1: what the model cannot explain makes its parameters less sure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/calibration.h"
#include "cli/exit_code.h"
#include "cli/host_calibration.h"
#include "cli/host_profile.h"

enum { STARTS = 3, ITERATIONS_MAX = 15, SHORT_ITERATIONS = 2, LOOKS = 6 };

static const double START_REACH = 0.35; /* of logarithms: starts lie up to a factor of 1.4 away */

/* Of differences, one fit after the other, the short ones first: where a rough response stops one,
 * the next looks over another distance. The last gives the errors. */
static const double SHORT_STEP = 0.2;
static const double steps[] = {0.05, 0.1};
enum { STEP_COUNT = sizeof steps / sizeof steps[0] };

static const double ENOUGH = 1e-3;     /* of a logarithm near 7: less than 1 % of a cost */
static const double LEAST_REACH = 0.1; /* standard errors that a cost times e moves a number */
static const double TOLD_WITHIN = 0.5; /* standard error of a logarithm: up to a factor of 1.6 */

/* Rows for the fitted parameters, in their order. */
static void
set_rows(const struct gw_host_calibration *work, struct gw_least_squares_parameter *rows)
{
    for (size_t i = 0; i < work->fitted_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[work->fitted[i]];

        rows[i] = (struct gw_least_squares_parameter){.least = parameter->least,
                                                      .most = parameter->most,
                                                      .start = work->starts[work->fitted[i]],
                                                      .expected = work->starts[work->fitted[i]],
                                                      .within = parameter->prior};
    }
}

/* Numbers that hang on none of the costs would only make the fit look better than it is. */
static void
drop_idle(struct gw_host_calibration *work, const double *reach)
{
    size_t kept = 0;

    for (size_t i = 0; i < work->residual_count; i++) {
        if (reach[i] > LEAST_REACH) {
            work->residuals[kept++] = work->residuals[i];
        }
    }
    work->idle_count = work->residual_count - kept;
    work->residual_count = kept;
}

static void
take_told(struct gw_host_calibration *work, const struct gw_least_squares_told *told)
{
    work->fitted_count = 0;
    for (size_t i = 0; i < work->tables->parameter_count; i++) {
        work->findings[i] = (struct gw_host_finding){.identified = told->parameters[i],
                                                     .value = work->starts[i],
                                                     .least = (double)NAN,
                                                     .most = (double)NAN};
        if (told->parameters[i] == GW_IDENTIFIED) {
            work->fitted[work->fitted_count++] = i;
        }
    }
    drop_idle(work, told->reach);
}

/* Leaves those parameters and numbers that have to do with each other. */
static bool
choose(struct gw_host_calibration *work, const struct gw_least_squares *fit, struct gw_error *err)
{
    struct gw_least_squares_told told = {.reach = calloc(work->residual_count, sizeof *told.reach)};
    bool fine = told.reach != NULL || gw_fail(err, GW_ENOMEM, "out of memory");

    fine = fine && gw_least_squares_identify(fit, TOLD_WITHIN, &told, err);
    if (fine) {
        take_told(work, &told);
    }
    free(told.reach);
    return fine && (work->fitted_count > 0 ||
                    gw_fail(err, GW_EINVAL, "calibrate: these files tell none of the costs"));
}

static void
take_findings(struct gw_host_calibration *work)
{
    double factor =
        gw_t_factor(GW_HOST_CONFIDENCE, work->outcome.freedom) * gw_host_calibration_stretch(work);

    for (size_t i = 0; i < work->fitted_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[work->fitted[i]];
        struct gw_host_finding *finding = &work->findings[work->fitted[i]];
        double value = work->outcome.values[i];

        finding->value = value;
        finding->least = value * exp(-factor * work->outcome.deviations[i]);
        finding->most = value * exp(factor * work->outcome.deviations[i]);
        finding->at_bound = value <= parameter->least * 1.001 || value >= parameter->most / 1.001;
    }
}

/* From the start in rows on; the outcome is the best of all steps. */
static bool
fit_by_steps(struct gw_host_calibration *work, struct gw_least_squares *fit,
             struct gw_least_squares_parameter *rows, struct gw_error *err)
{
    size_t evaluations = 0;

    for (size_t i = 0; i < STEP_COUNT; i++) {
        fit->step = steps[i];
        if (!gw_least_squares_run(fit, &work->outcome, err)) {
            return false;
        }
        evaluations += work->outcome.evaluations;
        for (size_t k = 0; k < work->fitted_count; k++) {
            rows[k].start = work->outcome.values[k];
        }
    }
    work->outcome.evaluations = evaluations;
    return true;
}

/* Moves rows to where the best of several starts leads. */
static bool
choose_start(struct gw_host_calibration *work, struct gw_least_squares *fit,
             struct gw_least_squares_parameter *rows, struct gw_error *err)
{
    struct gw_least_squares_starts starts = {.count = work->start_count,
                                             .looks = LOOKS,
                                             .reach = START_REACH,
                                             .iterations = SHORT_ITERATIONS};

    fit->parameter_count = work->fitted_count;
    fit->residual_count = work->residual_count;
    fit->step = SHORT_STEP;
    return gw_least_squares_start(fit, &starts, rows, work->tried, err);
}

static bool
fit_told(struct gw_host_calibration *work, struct gw_least_squares *fit,
         struct gw_least_squares_parameter *rows, struct gw_error *err)
{
    set_rows(work, rows);
    if (!choose_start(work, fit, rows, err)) {
        return false;
    }
    fit->parameter_count = work->fitted_count;
    fit->residual_count = work->residual_count;
    if (!fit_by_steps(work, fit, rows, err)) {
        return false;
    }
    take_findings(work);
    return gw_host_calibration_predict(work, work->outcome.values, err);
}

/* A run that does not complete has no slope: nothing would be learned from it. */
static bool
check_start(struct gw_host_calibration *work, struct gw_error *err)
{
    if (!gw_host_calibration_predict(work, work->starts, err)) {
        return false;
    }
    for (size_t i = 0; i < work->residual_count; i++) {
        if (isnan(work->residuals[i].predicted)) {
            return gw_fail(err, GW_EINVAL,
                           "%s: completed, but does not at the costs that the fit starts from: "
                           "give nearer ones with --host",
                           work->files[work->residuals[i].file].path);
        }
    }
    return true;
}

static bool
fit_costs(struct gw_host_calibration *work, struct gw_error *err)
{
    struct gw_least_squares_parameter rows[GW_LEAST_SQUARES_PARAMETERS_MAX];
    struct gw_least_squares fit = {.parameters = rows,
                                   .parameter_count = work->tables->parameter_count,
                                   .residual_count = work->residual_count,
                                   .step = SHORT_STEP,
                                   .enough = ENOUGH,
                                   .iterations = ITERATIONS_MAX,
                                   .evaluate = gw_host_calibration_evaluate,
                                   .self = work};

    work->fitted_count = fit.parameter_count;
    for (size_t i = 0; i < work->fitted_count; i++) {
        work->fitted[i] = i;
    }
    set_rows(work, rows);
    return check_start(work, err) && choose(work, &fit, err) && fit_told(work, &fit, rows, err);
}

/* ---- the report ------------------------------------------------------------------------------ */

static int
report(const struct gw_host_calibration *work, const struct gw_calibrate_options *options)
{
    char *text = gw_host_calibration_write(work, options->output);
    struct gw_error err = {.code = GW_OK};
    bool fine = text != NULL || gw_fail(&err, GW_ENOMEM, "out of memory");

    if (fine && options->output == NULL) {
        fputs(text, stdout);
    } else if (fine) {
        fine = gw_calibration_replace_file(options->output, text, &err) &&
               gw_host_calibration_print(work, options->format, &err);
    }
    free(text);
    if (!fine) {
        return gw_report_error(&err);
    }
    return work->outcome.converged ? GW_EXIT_FINE : GW_EXIT_FINDING;
}

static int
fit_and_report(struct gw_host_calibration *work, const struct gw_calibrate_options *options)
{
    size_t parameters = work->tables->parameter_count;
    struct gw_error err = {.code = GW_OK};
    bool fine;

    gw_interrupt_catch();
    gw_progress_begin(&work->progress,
                      (2 * parameters + 1) * work->file_count *
                          (1 + ITERATIONS_MAX + (1 + SHORT_ITERATIONS) * work->start_count));
    fine = fit_costs(work, &err);
    gw_progress_end(&work->progress);
    if (fine) {
        return report(work, options);
    }
    if (gw_interrupted() != 0) {
        fprintf(stderr, "godwit: interrupted: nothing was written\n");
        return GW_EXIT_SIGNAL + gw_interrupted();
    }
    return work->diagnostics.errors > 0 ? gw_report_diagnostics(&work->diagnostics)
                                        : gw_report_error(&err);
}

int
gw_calibrate_host(const struct gw_calibrate_options *options, const struct gw_words *files)
{
    struct gw_host_calibration work = {.threads = (size_t)options->threads,
                                       .start_count =
                                           options->starts > 0 ? (size_t)options->starts : STARTS};
    struct gw_error err = {.code = GW_OK};
    char *host = NULL;
    int code;

    if (options->starts > GW_LEAST_SQUARES_STARTS_MAX) {
        gw_fail(&err, GW_EINVAL, "--starts=%lld: at most %d", (long long)options->starts,
                GW_LEAST_SQUARES_STARTS_MAX);
        return gw_report_error(&err);
    }
    if (options->host != NULL) {
        host = gw_host_profile_find(options->host, &err);
        if (host == NULL) {
            return gw_report_error(&err);
        }
    }
    work.host = host;
    if (gw_host_calibration_load(&work, files->items, files->count, &err)) {
        code = fit_and_report(&work, options);
    } else {
        code = work.diagnostics.errors > 0 ? gw_report_diagnostics(&work.diagnostics)
                                           : gw_report_error(&err);
    }
    gw_host_calibration_clear(&work);
    free(host);
    return code;
}
