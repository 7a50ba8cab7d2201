/* sweep_preview.c - godwit sweep plan: the points, how many runs they are, and how long they will
 * take.
 *
 * Idea      The time is that of the runs of the same scenarios in the database, or of a few runs
 *           that are tried, spread evenly over the plan. Both are means of wall time, so a plan
 *           whose runs differ much is predicted badly by few probes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/process_pool.h"
#include "cli/sweep_verb.h"

/* ---- the matrix -------------------------------------------------------------------------------------- */

enum { NUMBER_BYTES = 24, NUMBERS = 3, COLUMNS_MOST = 256 };

struct matrix {
    const struct gw_campaign *campaign;
    const char *columns[COLUMNS_MOST]; /* number, scenario, the parameters, runs, runs_most */
    bool are_numbers[COLUMNS_MOST];
    size_t parameters_end; /* column behind them */
    size_t count;
    const char **cells;
    char (*numbers)[NUMBER_BYTES]; /* NUMBERS a row: number, runs, runs_most */
    size_t rows;
};

static size_t
column_of(const struct matrix *matrix, const char *name)
{
    size_t i = 2;

    while (i < matrix->parameters_end && strcmp(matrix->columns[i], name) != 0) {
        i++;
    }
    return i;
}

static void
name_number(struct matrix *matrix, const char *name)
{
    matrix->are_numbers[matrix->count] = true;
    matrix->columns[matrix->count++] = name;
}

/* How many runs a point comes to depends on what is found where there is a rule to stop. */
static void
name_columns(struct matrix *matrix)
{
    const struct gw_campaign *campaign = matrix->campaign;

    name_number(matrix, "number");
    matrix->columns[matrix->count++] = "scenario";
    matrix->parameters_end = matrix->count;
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct gw_variation *variation = gw_campaign_variation(campaign, &campaign->runs[i]);

        for (size_t k = 0;
             k < variation->count + variation->labels && matrix->count < COLUMNS_MOST - 2; k++) {
            if (column_of(matrix, variation->names[k]) == matrix->count) {
                matrix->columns[matrix->count++] = variation->names[k];
                matrix->parameters_end = matrix->count;
            }
        }
    }
    name_number(matrix, "runs");
    if (campaign->stop.count > 0) {
        name_number(matrix, "runs_most");
    }
}

static void
fill_row(struct matrix *matrix, const struct gw_campaign_run *run, size_t runs)
{
    const struct gw_variation *variation = gw_campaign_variation(matrix->campaign, run);
    const char **cells = matrix->cells + matrix->rows * matrix->count;
    char(*numbers)[NUMBER_BYTES] = matrix->numbers + NUMBERS * matrix->rows;

    snprintf(numbers[0], NUMBER_BYTES, "%zu", matrix->rows);
    snprintf(numbers[1], NUMBER_BYTES, "%zu", runs);
    snprintf(numbers[2], NUMBER_BYTES, "%lld", (long long)matrix->campaign->stop.most);
    cells[0] = numbers[0];
    cells[1] = matrix->campaign->names[run->sweep];
    for (size_t k = 0; k < variation->count + variation->labels; k++) {
        size_t column = column_of(matrix, variation->names[k]);

        if (column < matrix->parameters_end) {
            cells[column] = variation->values[k];
        }
    }
    for (size_t i = 1; matrix->parameters_end + i <= matrix->count; i++) {
        cells[matrix->parameters_end + i - 1] = numbers[i];
    }
    matrix->rows++;
}

static bool
print_matrix(const struct gw_campaign *campaign, enum gw_format format)
{
    struct matrix matrix = {.campaign = campaign};
    size_t points = gw_campaign_points(campaign);

    name_columns(&matrix);
    matrix.cells = calloc(points * matrix.count + 1, sizeof *matrix.cells);
    matrix.numbers = calloc(NUMBERS * points + 1, sizeof *matrix.numbers);
    if (matrix.cells != NULL && matrix.numbers != NULL) {
        for (size_t i = 0; i < campaign->run_count; i += gw_campaign_runs_of_point(campaign, i)) {
            fill_row(&matrix, &campaign->runs[i], gw_campaign_runs_of_point(campaign, i));
        }
        const struct gw_grid grid = {"points",     matrix.columns, matrix.count,
                                     matrix.cells, matrix.rows,    matrix.are_numbers};
        gw_grid_print(&grid, format, stdout);
    }
    bool fine = matrix.cells != NULL && matrix.numbers != NULL;
    free(matrix.cells);
    free(matrix.numbers);
    return fine;
}

/* ---- how long ---------------------------------------------------------------------------------------- */

struct probing {
    const struct gw_campaign *campaign;
    struct gw_sweep_worker worker;
    struct gw_wire_words words;
    size_t probes;
    double sum_s;
    size_t ran;
};

static const struct gw_campaign_run *
probe_of(const struct probing *probing, size_t number)
{
    return &probing->campaign
                ->runs[(2 * number + 1) * probing->campaign->run_count / (2 * probing->probes)];
}

static void
probe(void *self, size_t number, struct gw_text *reply)
{
    struct probing *probing = self;

    gw_sweep_work(&probing->worker, probe_of(probing, number), reply);
}

static bool
probed(void *self, size_t number, const struct gw_pool_reply *pooled)
{
    struct probing *probing = self;
    struct gw_wire_bytes bytes = {pooled->bytes, pooled->length, false};
    struct gw_sweep_reply reply;

    if (pooled->bytes == NULL) {
        return true;
    }
    gw_sweep_reply_take(probing->campaign, probe_of(probing, number), bytes, &probing->words,
                        &reply);
    if (reply.error.code == GW_OK && reply.count > 0) {
        probing->sum_s += reply.results[0].wall_s;
        probing->ran++;
    }
    gw_sweep_reply_clear(&reply);
    return true;
}

static bool
waiting(void *self, size_t done)
{
    (void)self;
    (void)done;
    return gw_interrupted() != 0;
}

/* NAN when none ran. */
static double
mean_of_probes(const struct gw_sweep_task *task)
{
    struct probing probing = {.campaign = &task->campaign,
                              .worker = {.campaign = &task->campaign},
                              .probes = (size_t)task->options->probes};
    struct gw_pool pool = {.workers = gw_sweep_workers(task->options),
                           .window = 16,
                           .timeout_ns = task->run_timeout_ns,
                           .work = probe,
                           .on_reply = probed,
                           .on_wait = waiting,
                           .self = &probing};
    struct gw_error err;

    if (probing.probes > task->campaign.run_count) {
        probing.probes = task->campaign.run_count;
    }
    pool.tasks = probing.probes;
    gw_interrupt_catch();
    if (probing.probes > 0) {
        gw_pool_run(&pool, &err);
    }
    gw_wire_words_clear(&probing.words);
    return probing.ran > 0 ? probing.sum_s / (double)probing.ran : (double)NAN;
}

static int
compare_ids(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

/* Points that come to the same settings are one run. */
static size_t
count_distinct(const char **ids, size_t count)
{
    size_t distinct = 0;

    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < count; i++) {
        distinct += i == 0 || strcmp(ids[i - 1], ids[i]) != 0 ? 1 : 0;
    }
    return distinct;
}

/* Counts the runs that are not in the database; without one, all. */
static bool
count_missing(const struct gw_campaign *campaign, struct gw_store *store, size_t *missing,
              struct gw_error *err)
{
    const char **ids = calloc(campaign->run_count + 1, sizeof *ids);
    size_t count = 0;
    bool fine = true;

    if (ids == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the plan");
    }
    for (size_t i = 0; i < campaign->run_count && fine; i++) {
        const char *id = campaign->ids[campaign->runs[i].first_id];
        bool has = false;

        fine = store == NULL || gw_store_has(store, id, &has, err);
        if (fine && !has) {
            ids[count++] = id;
        }
    }
    *missing = fine ? count_distinct(ids, count) : 0;
    free(ids);
    return fine;
}

/* Counts the runs that are missing in the database, and takes the mean of those that are there. */
static bool
look_up(const struct gw_sweep_task *task, const char *path, size_t *missing, double *mean_s,
        struct gw_error *err)
{
    const struct gw_campaign *campaign = &task->campaign;
    struct gw_store *store = gw_store_open(path, false, err);
    double sum_s = 0;
    bool fine = store != NULL && count_missing(campaign, store, missing, err);

    for (size_t i = 0; i < campaign->sweep_count && fine; i++) {
        double seconds = 0;

        fine = gw_store_mean_wall(store, campaign->names[i], &seconds, err);
        sum_s += seconds;
    }
    *mean_s = sum_s / (double)campaign->sweep_count;
    gw_store_close(store);
    return fine;
}

static void
say_duration(double seconds)
{
    if (seconds < 120) {
        fprintf(stderr, "about %.0f s", ceil(seconds));
    } else if (seconds < 7200) {
        fprintf(stderr, "about %.0f min", seconds / 60);
    } else {
        fprintf(stderr, "about %.1f h", seconds / 3600);
    }
}

/* What the runs are, and how long they take: those that are missing, and with a rule to stop what
 * all points could ask for at most. */
static void
say_runs(const struct gw_sweep_task *task, size_t missing)
{
    const struct gw_campaign *campaign = &task->campaign;

    fprintf(stderr, "godwit: study '%s': ", task->study);
    if (campaign->stop.count > 0) {
        fprintf(stderr,
                "%lld to %lld replications of %zu points: ", (long long)campaign->stop.least,
                (long long)campaign->stop.most, gw_campaign_points(campaign));
    }
    fprintf(stderr, "%zu runs%s, %zu of them to be run", campaign->run_count,
            campaign->stop.count > 0 ? " at first" : "", missing);
}

static void
say_time(const struct gw_sweep_task *task, size_t missing, double mean_s, bool stored)
{
    size_t workers = gw_sweep_workers(task->options);
    double most = (double)gw_campaign_points(&task->campaign) * (double)task->campaign.stop.most;

    fprintf(stderr, ": ");
    say_duration(mean_s * (double)missing / (double)workers);
    if (task->campaign.stop.count > 0) {
        fprintf(stderr, ", for all that it may come to ");
        say_duration(mean_s * most / (double)workers);
    }
    fprintf(stderr, " on %zu processors (%.2g s a run, %s)", workers, mean_s,
            stored ? "the mean of those stored" : "tried");
}

static int
summarise(const struct gw_sweep_task *task)
{
    size_t missing = 0;
    char *database = gw_sweep_database(task);
    double mean_s = (double)NAN;
    struct gw_error err;

    bool fine = database != NULL && access(database, F_OK) == 0
                    ? look_up(task, database, &missing, &mean_s, &err)
                    : count_missing(&task->campaign, NULL, &missing, &err);
    free(database);
    if (!fine) {
        return gw_report_error(&err);
    }
    bool stored = isfinite(mean_s);
    if (!stored && missing > 0) {
        mean_s = mean_of_probes(task);
    }
    say_runs(task, missing);
    if (isfinite(mean_s)) {
        say_time(task, missing, mean_s, stored);
    }
    fputs("\n", stderr);
    return gw_interrupted() == 0 ? GW_EXIT_FINE : GW_EXIT_SIGNAL + gw_interrupted();
}

int
gw_sweep_show_plan(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    struct gw_sweep_task task;
    struct gw_error err;
    int code;

    if (!gw_sweep_task_make(&task, options, operands, &code)) {
        return code;
    }
    if (!print_matrix(&task.campaign, options->format)) {
        gw_fail(&err, GW_ENOMEM, "out of memory");
        code = gw_report_error(&err);
    } else {
        fflush(stdout);
        code = summarise(&task);
    }
    gw_sweep_task_clear(&task);
    return code;
}
