/* host_calibration.c - measured migrations, and what is predicted for them at given costs.
 *
 * Idea      The scenario of a file is parsed anew for each set of values, with them as overrides:
 *           what is written in the end is what was run. A repeat of a case is run with another
 *           replication, so that chance does not fit the costs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/host_calibration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "cli/host_profile.h"
#include "results/statistics.h"

enum { NUMBERS_MOST = GW_MEASURED_NUMBERS_MOST };

static const double HUBER = 2;    /* standard errors */
static const double OFF_MOST = 3; /* an error above 300 % says no more than one of 300 % */

/* ---- files ----------------------------------------------------------------------------------- */

static void
name_file(struct gw_host_file *file)
{
    const char *slash = strrchr(file->path, '/');
    const char *base = slash == NULL ? file->path : slash + 1;

    snprintf(file->name, sizeof file->name, "%s", base);
    if (strlen(file->name) > 5 && strcmp(file->name + strlen(file->name) - 5, ".json") == 0) {
        file->name[strlen(file->name) - 5] = '\0';
    }
}

static bool
load_file(struct gw_host_calibration *work, const char *path, struct gw_error *err)
{
    struct gw_host_file *file = &work->files[work->file_count];

    *file = (struct gw_host_file){.path = path};
    name_file(file);
    if (!gw_hash_file(path, file->hash, err)) {
        return gw_fail_within(err, "%s", path);
    }
    if (!gw_measured_read(&file->measured, path,
                          work->host == NULL ? GW_MEASURED_NO_HOST : work->host, err)) {
        return false;
    }
    if (file->measured.outcome != GW_COMPLETED) {
        gw_measured_clear(&file->measured);
        work->left_out++;
        return true;
    }
    file->case_index = work->file_count;
    for (size_t i = work->file_count; i-- > 0;) {
        if (gw_host_profile_same_case(work->files[i].measured.id, file->measured.id)) {
            file->repeat++;
            file->case_index = i;
        }
    }
    work->file_count++;
    return true;
}

/* The scenario of a file at these overrides. NULL: see diagnostics. */
static struct gw_scenario *
parse(struct gw_host_calibration *work, const struct gw_host_file *file,
      const char *const *overrides, size_t count)
{
    const char *text = file->measured.scenario;

    return gw_scenario_parse(file->path, text, strlen(text), overrides, count, &work->diagnostics);
}

/* Of a time or a plain number. */
static double
setting_of(const struct gw_setting *settings, const void *blob, const char *key)
{
    const struct gw_setting *row = gw_settings_rows(settings);

    while (row->name != NULL && strcmp(row->name, key) != 0) {
        row++;
    }
    gw_assert(row->name != NULL);
    if (row->type == GW_SETTING_NUMBER) {
        double number;

        memcpy(&number, (const char *)blob + row->offset, sizeof number);
        return number;
    }
    gw_assert(row->type == GW_SETTING_TIME);
    int64_t whole;

    memcpy(&whole, (const char *)blob + row->offset, sizeof whole);
    return (double)whole;
}

/* What is not fitted stays as it is, so the fit starts from there. */
static void
take_starts(struct gw_host_calibration *work, const struct gw_scenario *scenario)
{
    const void *blob = scenario->memory != NULL ? (const void *)&scenario->memory->host
                                                : (const void *)&scenario->host;

    for (size_t i = 0; i < work->tables->parameter_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[i];
        double value = setting_of(work->tables->settings, blob, parameter->key);

        work->starts[i] = fmin(fmax(value, parameter->least), parameter->most);
    }
}

/* Memory and storage have costs of their own: which ones is known by the first file. */
static bool
choose_tables(struct gw_host_calibration *work, struct gw_error *err)
{
    for (size_t i = 0; i < work->file_count; i++) {
        struct gw_scenario *scenario = parse(work, &work->files[i], NULL, 0);
        const struct gw_host_tables *tables;

        if (scenario == NULL) {
            return gw_fail(err, GW_EINVAL, "%s: no scenario", work->files[i].path);
        }
        tables = scenario->memory != NULL ? &gw_host_tables_memory : &gw_host_tables_storage;
        if (work->tables == NULL) {
            work->tables = tables;
            take_starts(work, scenario);
        }
        gw_scenario_destroy(scenario);
        if (work->tables != tables) {
            return gw_fail(err, GW_EINVAL,
                           "%s: migrations of memory and of storage have costs of their own: "
                           "calibrate them apart",
                           work->files[i].path);
        }
    }
    return true;
}

/* ---- residuals ------------------------------------------------------------------------------- */

static const struct gw_measured_number *
number_of(const struct gw_measured *measured, const char *metric)
{
    for (size_t i = 0; i < measured->count; i++) {
        if (strcmp(measured->numbers[i].metric, metric) == 0) {
            return &measured->numbers[i];
        }
    }
    return NULL;
}

/* Of a number over the repeats of a case. Medians: one odd run of three says little. */
struct spread {
    double middle; /* median */
    double share;  /* scaled median of the absolute deviations, over the median; NAN: no repeats */
};

static const double MAD_TO_DEVIATION = 1.4826; /* of a normal law */

/* values: room for one a file; overwritten. */
static double
median_of(double *values, size_t count)
{
    struct gw_summary summary;

    gw_summary_of(values, count, GW_HOST_CONFIDENCE, &summary);
    return summary.median;
}

static struct spread
spread_of(const struct gw_host_calibration *work, size_t case_index, const char *metric)
{
    double *values = work->values;
    size_t count = 0;
    double middle;

    for (size_t i = 0; i < work->file_count; i++) {
        const struct gw_measured_number *number = number_of(&work->files[i].measured, metric);

        if (number != NULL && work->files[i].case_index == case_index) {
            values[count++] = number->expected;
        }
    }
    middle = median_of(values, count);
    if (count < 2 || !(middle > 0)) {
        return (struct spread){middle, (double)NAN};
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = fabs(values[i] - middle);
    }
    return (struct spread){middle, MAD_TO_DEVIATION * median_of(values, count) / middle};
}

/* Of the cases of a group that have repeats: median of their spreads; NAN: none has. A run that was
 * measured once is as little repeatable as most of those like it. */
static double
spread_of_group(const struct gw_host_calibration *work, const char *group, const char *metric)
{
    for (size_t i = 0; i < work->file_count; i++) {
        bool same = strcmp(work->files[i].measured.group, group) == 0;

        work->shares[i] = same ? spread_of(work, i, metric).share : (double)NAN;
    }
    return median_of(work->shares, work->file_count);
}

/* As a share of what was measured: that of the middle would count a run that came out low twice. */
static double
standard_error(const struct gw_host_calibration *work, size_t index,
               const struct gw_host_metric *metric, const struct gw_measured_number *number)
{
    const struct gw_host_file *file = &work->files[index];
    struct spread spread = spread_of(work, file->case_index, metric->metric);

    if (isnan(spread.share)) {
        spread.share = spread_of_group(work, file->measured.group, metric->metric);
    }
    spread.share = fmax(spread.share, metric->floor); /* NAN: the floor */
    return hypot(spread.share * spread.middle, metric->quantum) / number->expected;
}

static void
add_residual(struct gw_host_calibration *work, size_t index, const struct gw_host_metric *metric)
{
    const struct gw_measured_number *number =
        number_of(&work->files[index].measured, metric->metric);

    if (number == NULL || number->expected <= 0 || (number->note != NULL && !metric->in_spite)) {
        return;
    }
    work->residuals[work->residual_count++] = (struct gw_host_residual){
        .file = index,
        .case_index = work->files[index].case_index,
        .number = number,
        .scale = standard_error(work, index, metric, number),
        .predicted = (double)NAN,
    };
}

static bool
add_residuals(struct gw_host_calibration *work, struct gw_error *err)
{
    work->residuals = calloc(work->file_count * NUMBERS_MOST, sizeof *work->residuals);
    if (work->residuals == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < work->file_count; i++) {
        for (size_t k = 0; k < work->tables->metric_count; k++) {
            add_residual(work, i, &work->tables->metrics[k]);
        }
    }
    return work->residual_count > 0 ||
           gw_fail(err, GW_EINVAL, "calibrate: no measured number of these files tells a cost");
}

bool
gw_host_calibration_load(struct gw_host_calibration *work, const char *const *paths, size_t count,
                         struct gw_error *err)
{
    work->files = calloc(count, sizeof *work->files);
    work->shares = calloc(count, sizeof *work->shares);
    work->values = calloc(count, sizeof *work->values);
    if (work->files == NULL || work->shares == NULL || work->values == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        if (!load_file(work, paths[i], err)) {
            return false;
        }
    }
    if (work->file_count == 0) {
        return gw_fail(err, GW_EINVAL,
                       "calibrate: none of the migrations completed: their times tell no cost");
    }
    return choose_tables(work, err) && add_residuals(work, err);
}

void
gw_host_calibration_clear(struct gw_host_calibration *work)
{
    for (size_t i = 0; i < work->file_count; i++) {
        gw_measured_clear(&work->files[i].measured);
    }
    free(work->files);
    free(work->shares);
    free(work->values);
    free(work->residuals);
    gw_diagnostics_clear(&work->diagnostics);
}

/* ---- predictions ----------------------------------------------------------------------------- */

/* "host.fault=4600ns" of each fitted parameter. */
struct words {
    char *items[GW_LEAST_SQUARES_PARAMETERS_MAX];
    size_t count;
};

static bool
make_words(const struct gw_host_calibration *work, const double *values, struct words *words)
{
    for (size_t i = 0; i < work->fitted_count; i++) {
        const struct gw_host_parameter *parameter = &work->tables->parameters[work->fitted[i]];
        struct gw_text text = {0};

        gw_text_format(&text, "host.%s=", parameter->key);
        gw_host_parameter_text(parameter, values[i], &text);
        words->items[i] = gw_text_take(&text);
        if (words->items[i] == NULL) {
            return false;
        }
        words->count++;
    }
    return true;
}

static void
drop_words(struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i]);
    }
}

/* All files at some points: jobs, scenarios and predictions point by point. */
struct batch {
    struct gw_host_calibration *work;
    size_t points;
    struct gw_job *jobs;            /* one a file */
    struct gw_scenario **scenarios; /* the same */
    double *predictions;            /* one a residual; NAN: the run did not complete */
};

static bool
open_batch(struct batch *batch, struct gw_error *err)
{
    size_t runs = batch->points * batch->work->file_count;

    batch->jobs = calloc(runs, sizeof *batch->jobs);
    batch->scenarios = calloc(runs, sizeof(struct gw_scenario *));
    batch->predictions =
        calloc(batch->points * batch->work->residual_count, sizeof *batch->predictions);
    return (batch->jobs != NULL && batch->scenarios != NULL && batch->predictions != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
}

static void
close_batch(struct batch *batch)
{
    size_t runs = batch->points * batch->work->file_count;

    for (size_t i = 0; i < runs; i++) {
        if (batch->jobs != NULL) {
            gw_job_clear(&batch->jobs[i]);
        }
        if (batch->scenarios != NULL) {
            gw_scenario_destroy(batch->scenarios[i]);
        }
    }
    free(batch->jobs);
    free(batch->scenarios);
    free(batch->predictions);
}

static bool
waiting(void *self, size_t done)
{
    struct batch *batch = self;

    gw_progress_show(&batch->work->progress, batch->work->runs + done);
    return gw_interrupted() != 0;
}

/* Keeps the numbers that are asked for, so that results of a batch do not pile up. */
static bool
take_result(void *self, struct gw_job *job)
{
    struct batch *batch = self;
    const struct gw_host_calibration *work = batch->work;
    size_t index = (size_t)(job - batch->jobs);
    double *row = batch->predictions + index / work->file_count * work->residual_count;
    const struct gw_result *result = job->results;

    for (size_t i = 0; i < work->residual_count; i++) {
        const struct gw_host_residual *residual = &work->residuals[i];

        if (residual->file == index % work->file_count) {
            row[i] = result != NULL && result->outcome == GW_COMPLETED
                         ? residual->number->predicted(result, residual->number->index)
                         : (double)NAN;
        }
    }
    gw_job_clear(job);
    return true;
}

static bool
check_jobs(const struct batch *batch, struct gw_error *err)
{
    size_t files = batch->work->file_count;

    for (size_t i = 0; i < batch->points * files; i++) {
        const struct gw_error *own = &batch->jobs[i].error;

        if (own->code != GW_OK) {
            return gw_fail(err, own->code, "%s: %s", batch->work->files[i % files].path,
                           own->message);
        }
    }
    return true;
}

static bool
lay_out(struct batch *batch, const double *values, struct gw_error *err)
{
    struct gw_host_calibration *work = batch->work;
    bool fine = true;

    for (size_t p = 0; fine && p < batch->points; p++) {
        struct words words = {.count = 0};

        fine = make_words(work, values + p * work->fitted_count, &words) ||
               gw_fail(err, GW_ENOMEM, "out of memory");
        for (size_t i = 0; fine && i < work->file_count; i++) {
            struct gw_scenario *scenario =
                parse(work, &work->files[i], (const char *const *)words.items, words.count);

            batch->scenarios[p * work->file_count + i] = scenario;
            batch->jobs[p * work->file_count + i] =
                (struct gw_job){.scenario = scenario, .replication = work->files[i].repeat};
            fine =
                scenario != NULL ||
                gw_fail(err, GW_EINVAL, "%s: its scenario refuses the values", work->files[i].path);
        }
        drop_words(&words);
    }
    return fine;
}

/* Repeats were measured under the same conditions, and so are predicted: by their mean. */
static double
mean_over_repeats(const struct gw_host_calibration *work, const double *predictions, size_t index)
{
    const struct gw_host_residual *own = &work->residuals[index];
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < work->residual_count; i++) {
        const struct gw_host_residual *other = &work->residuals[i];

        if (other->case_index == own->case_index && !isnan(predictions[i]) &&
            strcmp(other->number->metric, own->number->metric) == 0) {
            sum += predictions[i];
            count++;
        }
    }
    return isnan(predictions[index]) ? (double)NAN : sum / (double)count;
}

static void
take_point(struct gw_host_calibration *work, const double *predictions, double *residuals)
{
    for (size_t i = 0; i < work->residual_count; i++) {
        work->residuals[i].predicted = mean_over_repeats(work, predictions, i);
        residuals[i] = gw_host_residual_of(&work->residuals[i]);
    }
}

bool
gw_host_calibration_evaluate(void *self, const double *values, size_t count, double *residuals,
                             struct gw_error *err)
{
    struct gw_host_calibration *work = self;
    struct batch batch = {.work = work, .points = count};
    bool fine = open_batch(&batch, err) && lay_out(&batch, values, err);
    struct gw_study study = {.jobs = batch.jobs,
                             .count = count * work->file_count,
                             .threads = work->threads,
                             .on_done = take_result,
                             .on_wait = waiting,
                             .self = &batch};

    fine = fine && gw_study_run(&study, err) && check_jobs(&batch, err);
    for (size_t p = 0; fine && p < count; p++) {
        take_point(work, batch.predictions + p * work->residual_count,
                   residuals + p * work->residual_count);
    }
    close_batch(&batch);
    work->runs += count * work->file_count;
    return fine;
}

bool
gw_host_calibration_predict(struct gw_host_calibration *work, const double *values,
                            struct gw_error *err)
{
    double *residuals = calloc(work->residual_count + 1, sizeof *residuals);
    bool fine;

    if (residuals == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    fine = gw_host_calibration_evaluate(work, values, 1, residuals, err);
    free(residuals);
    return fine;
}

/* Huber's: its square grows no faster than the distance beyond a few standard errors, so that an
 * odd run does not draw all costs to itself. */
double
gw_host_residual_of(const struct gw_host_residual *residual)
{
    double off = residual->predicted / residual->number->expected - 1;
    double far = (isfinite(off) ? fmin(off, OFF_MOST) : OFF_MOST) / residual->scale;

    return fabs(far) <= HUBER ? far : copysign(sqrt(2 * HUBER * fabs(far) - HUBER * HUBER), far);
}

double
gw_host_calibration_stretch(const struct gw_host_calibration *work)
{
    return fmax(1, sqrt(work->outcome.chi2 / (double)work->outcome.freedom));
}
