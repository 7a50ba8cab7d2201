/* sweep_effects.c - godwit sweep effects: which parameters of a design matter, and how much.
 *
 * Idea      The study is planned again from its words, so that the results meet the places of the
 *           design that they were run for. Every point counts with the mean of its replications.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/damage.h"
#include "cli/exit_code.h"
#include "cli/metric_list.h"
#include "cli/sheet.h"
#include "cli/sweep_verb.h"
#include "results/effects.h"

enum { RESAMPLES = 1999, BOOTSTRAP_SEED = 1 };

/* One metric of one guest in one sweep. */
struct question {
    const struct gw_campaign *campaign;
    const struct gw_sweep *sweep;
    size_t sweep_number, guest;
    enum gw_metric metric;
    struct gw_design design; /* the sweep's cube, borrowed */
    double *values;          /* [replication * rows + row]; owned */
    size_t replications;
    double confidence;
    size_t runs, missing, incomplete; /* wanted; not there; there, but left out */
};

struct answers {
    struct gw_result_list list;
    const struct gw_result **by_id; /* owned, sorted */
    struct gw_metric_list metrics;
    struct gw_sheet sheet;
    const struct kind *kind;
    bool with_scenario, with_guest;
    double confidence;
};

/* What a design answers. */
struct kind {
    const char *design;
    const char *const *texts; /* columns */
    size_t text_count;
    const char *const *intervals; /* name, name of its low end, of its high end */
    size_t interval_count;
    const char *const *numbers;
    size_t number_count;
    bool (*answer)(struct answers *answers, const struct question *question, struct gw_error *err);
};

static bool
no_memory(struct gw_error *err)
{
    gw_fail(err, GW_ENOMEM, "out of memory for the effects");
    return false;
}

/* ---- the results at their places ------------------------------------------------------------------ */

static int
compare_ids(const void *left, const void *right)
{
    const struct gw_result *const *a = left;
    const struct gw_result *const *b = right;

    return strcmp((*a)->run_id, (*b)->run_id);
}

static int
compare_with_id(const void *run_id, const void *right)
{
    const struct gw_result *const *result = right;

    return strcmp(run_id, (*result)->run_id);
}

static const struct gw_result *
find(const struct answers *answers, const char *run_id)
{
    const struct gw_result **found = bsearch(run_id, answers->by_id, answers->list.count,
                                             sizeof *answers->by_id, compare_with_id);

    return found == NULL ? NULL : *found;
}

/* NAN when the run does not count. */
static double
value_of(struct question *question, const struct gw_result *result)
{
    question->runs++;
    if (result == NULL) {
        question->missing++;
        return NAN;
    }
    if (result->outcome != GW_COMPLETED && gw_metric_needs_completion(question->metric)) {
        question->incomplete++;
        return NAN;
    }
    return result->metric[question->metric];
}

static void
count_replications(struct question *question)
{
    for (size_t i = 0; i < question->campaign->run_count; i++) {
        const struct gw_campaign_run *run = &question->campaign->runs[i];
        size_t number = (size_t)run->replication + 1;

        if (run->sweep == question->sweep_number && number > question->replications) {
            question->replications = number;
        }
    }
}

static bool
take_values(struct question *question, const struct answers *answers)
{
    size_t rows = question->sweep->rows;

    count_replications(question);
    question->values = malloc((question->replications * rows + 1) * sizeof *question->values);
    if (question->values == NULL) {
        return false;
    }
    for (size_t i = 0; i < question->replications * rows; i++) {
        question->values[i] = NAN;
    }
    for (size_t i = 0; i < question->campaign->run_count; i++) {
        const struct gw_campaign_run *run = &question->campaign->runs[i];

        if (run->sweep == question->sweep_number && question->guest < run->id_count) {
            const char *id = question->campaign->ids[run->first_id + question->guest];
            size_t place =
                (size_t)run->replication * rows + question->sweep->points[run->point].row;

            question->values[place] = value_of(question, find(answers, id));
        }
    }
    return true;
}

static struct gw_effects_input
input_of(const struct question *question)
{
    return (struct gw_effects_input){.design = &question->design,
                                     .values = question->values,
                                     .replications = question->replications,
                                     .confidence = question->confidence};
}

/* ---- the answers ----------------------------------------------------------------------------------- */

static const char *
guest_name(const struct answers *answers, const struct question *question)
{
    for (size_t i = 0; i < question->campaign->run_count; i++) {
        const struct gw_campaign_run *run = &question->campaign->runs[i];

        if (run->sweep == question->sweep_number && question->guest < run->id_count) {
            const struct gw_result *result =
                find(answers, question->campaign->ids[run->first_id + question->guest]);

            if (result != NULL) {
                return result->vm;
            }
        }
    }
    return NULL;
}

static void
put_key(struct answers *answers, const struct question *question)
{
    if (answers->with_scenario) {
        gw_sheet_text(&answers->sheet, question->campaign->names[question->sweep_number]);
    }
    if (answers->with_guest) {
        gw_sheet_text(&answers->sheet, guest_name(answers, question));
    }
    gw_sheet_text(&answers->sheet, gw_metric_info[question->metric].key);
}

static void
put_effect(struct answers *answers, const struct question *question, size_t i, size_t j,
           const struct gw_effect_estimate *effect)
{
    const char *const *names = question->sweep->parameters;

    put_key(answers, question);
    if (i == j) {
        gw_sheet_text(&answers->sheet, names[i]);
    } else {
        gw_sheet_format(&answers->sheet, "%s x %s", names[i], names[j]);
    }
    gw_sheet_text(&answers->sheet, i == j ? "main" : "interaction");
    gw_sheet_interval(&answers->sheet, effect->value, effect->low, effect->high);
}

static bool
answer_factorial(struct answers *answers, const struct question *question, struct gw_error *err)
{
    size_t dimensions = question->design.dimensions;
    const struct gw_effects_input input = input_of(question);
    struct gw_effect_estimate *main = calloc(dimensions, sizeof *main);
    struct gw_effect_estimate *pairs = calloc(dimensions * dimensions, sizeof *pairs);
    size_t used = 0;
    bool fine = main != NULL && pairs != NULL
                    ? gw_effects_factorial(&input, main, pairs, &used, err)
                    : no_memory(err);

    for (size_t i = 0; i < dimensions && fine; i++) {
        put_effect(answers, question, i, i, &main[i]);
        gw_sheet_number(&answers->sheet, (double)used);
    }
    for (size_t i = 0; i < dimensions && fine; i++) {
        for (size_t j = i + 1; j < dimensions; j++) {
            put_effect(answers, question, i, j, &pairs[i * dimensions + j]);
            gw_sheet_number(&answers->sheet, (double)used);
        }
    }
    free(main);
    free(pairs);
    return fine;
}

static bool
answer_morris(struct answers *answers, const struct question *question, struct gw_error *err)
{
    size_t dimensions = question->design.dimensions;
    const struct gw_effects_input input = input_of(question);
    struct gw_morris_estimate *estimates = calloc(dimensions, sizeof *estimates);
    bool fine = estimates != NULL ? gw_effects_morris(&input, estimates, err) : no_memory(err);

    for (size_t i = 0; i < dimensions && fine; i++) {
        const struct gw_morris_estimate *found = &estimates[i];

        put_key(answers, question);
        gw_sheet_text(&answers->sheet, question->sweep->parameters[i]);
        gw_sheet_interval(&answers->sheet, found->effect.mu_star, found->low, found->high);
        gw_sheet_number(&answers->sheet, found->effect.mu);
        gw_sheet_number(&answers->sheet, found->effect.sigma);
        gw_sheet_number(&answers->sheet, (double)found->effect.count);
    }
    free(estimates);
    return fine;
}

static bool
indices_of(const struct question *question, struct gw_sobol_index *indices,
           struct gw_sobol_outcome *outcome, struct gw_error *err)
{
    const struct gw_effects_input input = input_of(question);
    const struct gw_sobol_request request = {.dimensions = question->design.dimensions,
                                             .points = question->design.rows /
                                                       (question->design.dimensions + 2),
                                             .resamples = RESAMPLES,
                                             .confidence = question->confidence,
                                             .seed = BOOTSTRAP_SEED};
    double *means = calloc(question->design.rows, sizeof *means);

    if (means == NULL) {
        return no_memory(err);
    }
    gw_effects_means(&input, means);
    bool fine = gw_sobol_indices(&request, means, indices, outcome, err);
    free(means);
    return fine;
}

static bool
answer_saltelli(struct answers *answers, const struct question *question, struct gw_error *err)
{
    size_t dimensions = question->design.dimensions;
    struct gw_sobol_index *indices = calloc(dimensions, sizeof *indices);
    struct gw_sobol_outcome outcome = {0};
    bool fine = indices != NULL ? indices_of(question, indices, &outcome, err) : no_memory(err);

    for (size_t i = 0; i < dimensions && fine; i++) {
        const struct gw_sobol_share *first = &indices[i].first;
        const struct gw_sobol_share *total = &indices[i].total;

        put_key(answers, question);
        gw_sheet_text(&answers->sheet, question->sweep->parameters[i]);
        gw_sheet_interval(&answers->sheet, first->share, first->low, first->high);
        gw_sheet_interval(&answers->sheet, total->share, total->low, total->high);
        gw_sheet_number(&answers->sheet, (double)outcome.used);
    }
    free(indices);
    return fine;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const factorial_texts[] = {"effect", "kind"};
static const char *const factorial_intervals[] = {"estimate", "low", "high"};
static const char *const factorial_numbers[] = {"replications"};
static const char *const morris_texts[] = {"parameter"};
static const char *const morris_intervals[] = {"mu_star", "mu_star_low", "mu_star_high"};
static const char *const morris_numbers[] = {"mu", "sigma", "trajectories"};
static const char *const saltelli_intervals[] = {"first", "first_low", "first_high",
                                                 "total", "total_low", "total_high"};
static const char *const saltelli_numbers[] = {"base_points"};

static const struct kind kinds[] = {
    {"factorial", factorial_texts, COUNT_OF(factorial_texts), factorial_intervals,
     COUNT_OF(factorial_intervals), factorial_numbers, COUNT_OF(factorial_numbers),
     answer_factorial},
    {"morris", morris_texts, COUNT_OF(morris_texts), morris_intervals, COUNT_OF(morris_intervals),
     morris_numbers, COUNT_OF(morris_numbers), answer_morris},
    {"saltelli", morris_texts, COUNT_OF(morris_texts), saltelli_intervals,
     COUNT_OF(saltelli_intervals), saltelli_numbers, COUNT_OF(saltelli_numbers), answer_saltelli},
};

/* ---- the questions --------------------------------------------------------------------------------- */

static void
tell_left_out(const struct question *question)
{
    if (question->missing + question->incomplete > 0) {
        fprintf(stderr,
                "godwit: %s: of %zu runs %zu are missing and %zu did not complete: left out\n",
                gw_metric_info[question->metric].key, question->runs, question->missing,
                question->incomplete);
    }
}

static bool
ask(struct answers *answers, struct question *question, struct gw_error *err)
{
    bool fine;

    if (!take_values(question, answers)) {
        return no_memory(err);
    }
    tell_left_out(question);
    fine = answers->kind->answer(answers, question, err) ||
           gw_fail_within(err, "%s", gw_metric_info[question->metric].key);
    free(question->values);
    return fine;
}

static size_t
guests_of(const struct gw_campaign *campaign, size_t sweep)
{
    size_t guests = 0;

    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct gw_campaign_run *run = &campaign->runs[i];

        guests = run->sweep == sweep && run->id_count > guests ? run->id_count : guests;
    }
    return guests;
}

static bool
ask_sweep(struct answers *answers, const struct gw_campaign *campaign, size_t sweep,
          struct gw_error *err)
{
    const struct gw_sweep *asked = &campaign->sweeps[sweep];
    bool fine = true;

    for (size_t k = 0; k < answers->metrics.count; k++) {
        for (size_t guest = 0; guest < guests_of(campaign, sweep) && fine; guest++) {
            struct question question = {.campaign = campaign,
                                        .sweep = asked,
                                        .sweep_number = sweep,
                                        .guest = guest,
                                        .metric = answers->metrics.items[k],
                                        .design = {asked->cube, asked->rows, asked->dimensions},
                                        .confidence = answers->confidence};

            fine = ask(answers, &question, err);
        }
    }
    return fine;
}

static bool
choose_kind(struct answers *answers, const struct gw_campaign *campaign, struct gw_error *err)
{
    const char *design = campaign->sweeps[0].design;

    for (size_t i = 1; i < campaign->sweep_count; i++) {
        if (strcmp(design, campaign->sweeps[i].design) != 0) {
            return gw_fail(err, GW_EINVAL, "the scenarios of this study have different designs");
        }
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].design, design) == 0) {
            answers->kind = &kinds[i];
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "design '%s' gives no effects: factorial, morris and saltelli do;"
                   " 'godwit sweep differences' compares its runs",
                   design);
}

static void
name_columns(struct answers *answers, const struct gw_campaign *campaign)
{
    const struct kind *kind = answers->kind;
    struct gw_sheet *sheet = &answers->sheet;

    for (size_t i = 0; i < campaign->sweep_count; i++) {
        answers->with_guest |= guests_of(campaign, i) > 1;
    }
    answers->with_scenario = campaign->sweep_count > 1;
    if (answers->with_scenario) {
        gw_sheet_column(sheet, "scenario", false);
    }
    if (answers->with_guest) {
        gw_sheet_column(sheet, "vm", false);
    }
    gw_sheet_column(sheet, "metric", false);
    gw_sheet_columns(sheet, kind->texts, kind->text_count, false);
    for (size_t i = 0; i < kind->interval_count; i += 3) {
        gw_sheet_interval_columns(sheet, &kind->intervals[i]);
    }
    gw_sheet_columns(sheet, kind->numbers, kind->number_count, true);
}

static bool
read_results(struct answers *answers, const struct gw_sweep_options *options, const char *study,
             struct gw_error *err)
{
    struct gw_store *store = gw_open_to_read(options->database, err);
    bool fine = store != NULL && gw_store_read_metrics(store, study, &answers->list, err);

    gw_store_close(store);
    if (fine && answers->list.count == 0) {
        return gw_fail(err, GW_EINVAL,
                       "study '%s' has no runs yet: 'godwit sweep resume --db %s' does them", study,
                       options->database);
    }
    answers->by_id = calloc(answers->list.count + 1, sizeof *answers->by_id);
    if (fine && answers->by_id == NULL) {
        return no_memory(err);
    }
    for (size_t i = 0; i < answers->list.count && fine; i++) {
        answers->by_id[i] = &answers->list.results[i];
    }
    if (fine) {
        qsort(answers->by_id, answers->list.count, sizeof *answers->by_id, compare_ids);
    }
    return fine;
}

static bool
choose_metrics(struct answers *answers, const struct gw_sweep_options *options,
               struct gw_error *err)
{
    if (!gw_confidence_parse(options->confidence, &answers->confidence, err)) {
        return false;
    }
    if (options->metric != NULL) {
        return gw_metric_list_parse(options->metric, &answers->metrics, err);
    }
    gw_metric_list_choose(answers->list.pointers, answers->list.count, 1, &answers->metrics);
    return true;
}

static bool
answer(struct answers *answers, const struct gw_campaign *campaign, struct gw_error *err)
{
    bool fine = true;

    name_columns(answers, campaign);
    for (size_t i = 0; i < campaign->sweep_count && fine; i++) {
        fine = ask_sweep(answers, campaign, i, err);
    }
    return fine && gw_sheet_print(&answers->sheet, err);
}

static bool
answer_all(struct answers *answers, const struct gw_campaign *campaign, struct gw_error *err)
{
    struct gw_campaign shared = {0};
    bool fine;

    if (campaign->stop.count == 0) {
        return answer(answers, campaign, err);
    }
    fine = gw_sweep_plan_shared(campaign, &answers->list, &shared, err) &&
           answer(answers, &shared, err);
    gw_campaign_clear(&shared);
    return fine;
}

static int
report(const struct gw_sweep_task *task)
{
    const struct gw_campaign *campaign = &task->campaign;
    struct answers answers = {.sheet = {.name = "effects", .format = task->options->format}};
    struct gw_error err = {.code = GW_OK};
    bool fine = choose_kind(&answers, campaign, &err) &&
                read_results(&answers, task->options, task->study, &err) &&
                choose_metrics(&answers, task->options, &err);

    fine = fine && answer_all(&answers, campaign, &err);
    gw_sheet_clear(&answers.sheet);
    free(answers.by_id);
    gw_result_list_clear(&answers.list);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}

int
gw_sweep_effects(const struct gw_sweep_options *options, const struct gw_words *operands)
{
    return gw_sweep_again("effects", options, operands, report);
}
