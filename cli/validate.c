/* validate.c - godwit validate: measured migrations beside what we predict for them.
 *
 * Idea      Every file becomes a scenario, all are read and checked before the first run, and each
 *           is run once: what was measured was run once too. An outcome is right or wrong. Numbers
 *           are shown with their error and not judged; those of a migration that was given up,
 *           there or here, are left out, because they only say when somebody lost patience.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/measured.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "results/output.h"
#include "results/table.h"
#include "sim/study.h"

enum { CELLS_OF_CASE = GW_MEASURED_NUMBERS_MOST + 1 }; /* the outcome comes first */

struct validate_options {
    const char *host;
    int64_t threads;
    enum gw_format format;
};

struct validation {
    const struct validate_options *options;
    struct gw_measured *measured; /* one a file, and so for the next two */
    struct gw_scenario **scenarios;
    struct gw_job *jobs;
    size_t count;
    struct gw_cell *cells;
    const char **cell_groups; /* one a cell */
    size_t cell_count;
    struct gw_progress_line progress;
    struct gw_diagnostics diagnostics;
    struct gw_error error;
};

const struct gw_option gw_validate_options[] = {
    {"host", 0, GW_OPTION_TEXT, offsetof(struct validate_options, host), "FILE",
     "costs of the host, as 'bench codec --profile' writes them; default: built-in"},
    GW_OPTION_ROW_FORMAT(struct validate_options),
    {"jobs", 'j', GW_OPTION_COUNT, offsetof(struct validate_options, threads), "N",
     "runs at a time; default: the processors of this machine"},
    GW_OPTION_END,
};

/* ---- reading --------------------------------------------------------------------------------- */

/* False: see error or diagnostics. */
static bool
load_case(struct validation *work, const char *path, const char *host)
{
    struct gw_measured *measured = &work->measured[work->count];
    struct gw_text where = {0};
    char *name;

    if (!gw_measured_read(measured, path, host, &work->error)) {
        return false;
    }
    gw_text_format(&where, "%s (as a scenario)", path);
    name = gw_text_take(&where);
    if (name == NULL) {
        gw_measured_clear(measured);
        return gw_fail(&work->error, GW_ENOMEM, "out of memory");
    }
    work->scenarios[work->count] = gw_scenario_parse(
        name, measured->scenario, strlen(measured->scenario), NULL, 0, &work->diagnostics);
    work->jobs[work->count].scenario = work->scenarios[work->count];
    work->count++;
    free(name);
    return work->scenarios[work->count - 1] != NULL;
}

static bool
load_cases(struct validation *work, const struct gw_words *files)
{
    const char *given = work->options->host;
    char *host = given == NULL ? NULL : realpath(given, NULL);
    bool fine = true;

    if (given != NULL && host == NULL) {
        return gw_fail(&work->error, errno == ENOENT ? GW_ENOENT : GW_EIO,
                       "%s: cannot be opened: %s", given, strerror(errno));
    }
    for (size_t i = 0; fine && i < files->count; i++) {
        fine = load_case(work, files->items[i], host);
    }
    free(host);
    return fine;
}

/* ---- running --------------------------------------------------------------------------------- */

static bool
job_done(void *self, struct gw_job *job)
{
    struct validation *work = self;

    if (job->error.code == GW_OK) {
        gw_assert(job->result_count == 1);
        return true;
    }
    work->error = job->error;
    gw_fail_within(&work->error, "%s", job->scenario->name);
    return false;
}

static bool
waiting(void *self, size_t done)
{
    struct validation *work = self;

    gw_progress_show(&work->progress, done);
    return gw_interrupted() != 0;
}

static bool
run_cases(struct validation *work)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct gw_study study = {
        .jobs = work->jobs,
        .count = work->count,
        .threads = processors > 0 ? (size_t)processors : 1,
        .on_done = job_done,
        .on_wait = waiting,
        .self = work,
    };
    struct gw_error err;
    bool ran;

    if (work->options->threads > 0) {
        study.threads = (size_t)work->options->threads;
    }
    gw_interrupt_catch();
    gw_progress_begin(&work->progress, work->count);
    ran = gw_study_run(&study, &err);
    gw_progress_end(&work->progress);
    if (!ran && work->error.code == GW_OK) {
        work->error = err;
    }
    return ran;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static struct gw_cell *
new_cell(struct validation *work, const struct gw_measured *measured, const char *metric)
{
    struct gw_cell *cell = &work->cells[work->cell_count];

    *cell = (struct gw_cell){.case_name = measured->id,
                             .metric = metric,
                             .expected = {.number = (double)NAN},
                             .got = {.number = (double)NAN},
                             .error_pct = (double)NAN,
                             .verdict = GW_VERDICT_NONE,
                             .kind = "measured"};
    work->cell_groups[work->cell_count++] = measured->group;
    return cell;
}

static void
add_outcome(struct validation *work, const struct gw_measured *measured,
            const struct gw_result *result)
{
    struct gw_cell *cell = new_cell(work, measured, "outcome");
    bool right = result->outcome == measured->outcome;

    cell->expected.text = gw_outcome_name(measured->outcome);
    cell->got.text = gw_outcome_name(result->outcome);
    cell->note = measured->outcome_note;
    if (cell->note == NULL) {
        cell->verdict = right ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
    }
    if (result->outcome == GW_COMPLETED && !result->verified) {
        cell->verdict = GW_VERDICT_NOT_OK;
        cell->note = result->verify_note;
    }
}

static void
add_number(struct validation *work, const struct gw_measured *measured,
           const struct gw_measured_number *number, double got)
{
    struct gw_cell *cell = new_cell(work, measured, number->metric);

    cell->expected.number = number->expected;
    cell->got.number = got;
    cell->note = number->note;
    if (number->note == NULL && number->expected > 0) {
        cell->error_pct = 100 * (got / number->expected - 1);
    }
}

static void
add_case(struct validation *work, size_t index)
{
    const struct gw_measured *measured = &work->measured[index];
    const struct gw_result *result = &work->jobs[index].results[0];
    bool complete = measured->outcome == GW_COMPLETED && result->outcome == GW_COMPLETED;

    add_outcome(work, measured, result);
    for (size_t i = 0; i < measured->count; i++) {
        const struct gw_measured_number *number = &measured->numbers[i];

        if (complete || number->of_incomplete) {
            add_number(work, measured, number, number->predicted(result, number->index));
        }
    }
}

/* ---- summary --------------------------------------------------------------------------------- */

static int
compare_doubles(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

/* The least value that at least `share` of the sorted ones do not exceed. */
static double
quantile(const double *sorted, size_t count, double share)
{
    size_t rank = (size_t)ceil(share * (double)count);

    return sorted[rank == 0 ? 0 : rank - 1];
}

static double
median(const double *sorted, size_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static bool
belongs(const struct validation *work, size_t cell, const char *group, const char *metric)
{
    return (group == NULL || strcmp(work->cell_groups[cell], group) == 0) &&
           strcmp(work->cells[cell].metric, metric) == 0;
}

/* group: NULL for all. */
static void
add_outcomes_row(const struct validation *work, const char *group, struct gw_table *table)
{
    size_t right = 0;
    size_t count = 0;

    for (size_t i = 0; i < work->cell_count; i++) {
        if (belongs(work, i, group, "outcome")) {
            count++;
            right += work->cells[i].verdict == GW_VERDICT_OK;
        }
    }
    gw_table_add(table, group == NULL ? "all" : group);
    gw_table_add(table, "outcome");
    gw_table_format(table, "%zu", count);
    gw_table_add(table, "");
    gw_table_add(table, "");
    gw_table_format(table, "%zu", right);
}

/* errors: room for one of each cell. */
static void
add_errors_row(const struct validation *work, const char *group, const char *metric,
               struct gw_table *table, double *errors)
{
    size_t count = 0;

    for (size_t i = 0; i < work->cell_count; i++) {
        if (belongs(work, i, group, metric) && isfinite(work->cells[i].error_pct)) {
            errors[count++] = fabs(work->cells[i].error_pct);
        }
    }
    if (count == 0) {
        return;
    }
    qsort(errors, count, sizeof *errors, compare_doubles);
    gw_table_add(table, group == NULL ? "all" : group);
    gw_table_add(table, metric);
    gw_table_format(table, "%zu", count);
    gw_table_format(table, "%.1f", median(errors, count));
    gw_table_format(table, "%.1f", quantile(errors, count, 0.9));
    gw_table_add(table, "");
}

/* Whether no cell before this one is of its metric, in the group or anywhere. */
static bool
is_first_of_metric(const struct validation *work, size_t cell, const char *group)
{
    const char *metric = work->cells[cell].metric;

    for (size_t i = 0; i < cell; i++) {
        if (belongs(work, i, group, metric)) {
            return false;
        }
    }
    return belongs(work, cell, group, metric) && strcmp(metric, "outcome") != 0;
}

static void
add_group(const struct validation *work, const char *group, struct gw_table *table, double *errors)
{
    add_outcomes_row(work, group, table);
    for (size_t i = 0; i < work->cell_count; i++) {
        if (is_first_of_metric(work, i, group)) {
            add_errors_row(work, group, work->cells[i].metric, table, errors);
        }
    }
}

/* Whether no case before this one is of its group. */
static bool
is_first_of_group(const struct validation *work, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(work->measured[i].group, work->measured[index].group) == 0) {
            return false;
        }
    }
    return true;
}

static bool
print_summary(const struct validation *work, const struct gw_output *output)
{
    static const char *const headings[] = {"group",   "metric",          ">n",
                                           ">median", ">p90 of |err| %", ">right"};
    const size_t heading_count = sizeof headings / sizeof headings[0];
    double *errors = calloc(work->cell_count + 1, sizeof *errors);
    struct gw_table table;
    bool fine = errors != NULL;

    gw_table_init(&table, heading_count);
    for (size_t i = 0; i < heading_count; i++) {
        gw_table_add(&table, headings[i]);
    }
    for (size_t i = 0; fine && i < work->count; i++) {
        if (is_first_of_group(work, i)) {
            add_group(work, work->measured[i].group, &table, errors);
        }
    }
    if (fine) {
        add_group(work, NULL, &table, errors);
    }
    fputs("\n", output->stream);
    fine = fine && gw_table_print(&table, output->stream, GW_TABLE_TEXT, output->colour);
    gw_table_clear(&table);
    free(errors);
    return fine;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static int
print_report(struct validation *work)
{
    struct gw_output output = {.stream = stdout,
                               .format = (enum gw_output_format)work->options->format,
                               .colour = gw_colour_wanted(stdout)};
    struct gw_error err;

    for (size_t i = 0; i < work->count; i++) {
        add_case(work, i);
    }
    if (!gw_output_cells(&output, work->cells, work->cell_count, &err)) {
        return gw_report_error(&err);
    }
    if (output.format == GW_OUTPUT_TABLE && !print_summary(work, &output)) {
        gw_fail(&err, GW_ENOMEM, "out of memory for the summary");
        return gw_report_error(&err);
    }
    return gw_cells_ok(work->cells, work->cell_count) ? GW_EXIT_FINE : GW_EXIT_FINDING;
}

static int
load_run_and_print(struct validation *work, const struct gw_words *files)
{
    if (!load_cases(work, files)) {
        return work->diagnostics.errors > 0 ? gw_report_diagnostics(&work->diagnostics)
                                            : gw_report_error(&work->error);
    }
    if (!run_cases(work)) {
        return gw_interrupted() != 0 ? GW_EXIT_SIGNAL + gw_interrupted()
                                     : gw_report_error(&work->error);
    }
    return print_report(work);
}

static bool
make_room(struct validation *work, size_t files)
{
    work->measured = calloc(files, sizeof *work->measured);
    work->scenarios = calloc(files, sizeof(struct gw_scenario *));
    work->jobs = calloc(files, sizeof *work->jobs);
    work->cells = calloc(files * CELLS_OF_CASE, sizeof *work->cells);
    work->cell_groups = calloc(files * CELLS_OF_CASE, sizeof(const char *));
    return (work->measured != NULL && work->scenarios != NULL && work->jobs != NULL &&
            work->cells != NULL && work->cell_groups != NULL) ||
           gw_fail(&work->error, GW_ENOMEM, "out of memory");
}

static void
clear(struct validation *work)
{
    for (size_t i = 0; i < work->count; i++) {
        gw_job_clear(&work->jobs[i]);
        gw_scenario_destroy(work->scenarios[i]);
        gw_measured_clear(&work->measured[i]);
    }
    free(work->measured);
    free(work->scenarios);
    free(work->jobs);
    free(work->cells);
    free(work->cell_groups);
    gw_diagnostics_clear(&work->diagnostics);
}

static int
validate(const struct validate_options *options, const struct gw_words *files)
{
    struct validation work = {.options = options};
    int code;

    if (files->count == 0) {
        gw_fail(&work.error, GW_EINVAL, "validate: name the files of measured migrations");
        return gw_report_error(&work.error);
    }
    code = make_room(&work, files->count) ? load_run_and_print(&work, files)
                                          : gw_report_error(&work.error);
    clear(&work);
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
