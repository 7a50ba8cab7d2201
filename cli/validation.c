/* validation.c - the cells of measured cases beside what was predicted for them.
 *
 * Idea      An outcome is right or wrong. Numbers are shown with their error and not judged; those
 *           of a migration that was given up, there or here, are left out, because they only say
 *           when somebody lost patience.
 *           A prediction is what most replications come to and the median of their numbers: chance
 *           decides some migrations, and a single draw of it would be compared with another one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/validation.h"

#include <math.h>
#include <stdlib.h>

#include "results/statistics.h"

/* The outcome comes first, the distance of the curves last. */
enum { CELLS_OF_CASE = GW_MEASURED_NUMBERS_MOST + 2 };

bool
gw_validation_init(struct gw_validation *work, size_t files, size_t replications,
                   struct gw_error *err)
{
    *work = (struct gw_validation){
        .measured = calloc(files, sizeof *work->measured),
        .scenarios = calloc(files, sizeof(struct gw_scenario *)),
        .jobs = calloc(files * replications, sizeof *work->jobs),
        .replications = replications,
        .cells = calloc(files * CELLS_OF_CASE, sizeof *work->cells),
        .cell_cases = calloc(files * CELLS_OF_CASE, sizeof *work->cell_cases),
    };
    return (work->measured != NULL && work->scenarios != NULL && work->jobs != NULL &&
            work->cells != NULL && work->cell_cases != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory");
}

void
gw_validation_clear(struct gw_validation *work)
{
    for (size_t i = 0; i < work->count * work->replications; i++) {
        gw_job_clear(&work->jobs[i]);
    }
    for (size_t i = 0; i < work->count; i++) {
        gw_scenario_destroy(work->scenarios[i]);
        gw_measured_clear(&work->measured[i]);
    }
    free(work->measured);
    free(work->scenarios);
    free(work->jobs);
    free(work->cells);
    free(work->cell_cases);
    *work = (struct gw_validation){0};
}

static const struct gw_result *
result_of(const struct gw_validation *work, size_t index, size_t replication)
{
    return &work->jobs[index * work->replications + replication].results[0];
}

static size_t
count_of(const struct gw_validation *work, size_t index, enum gw_outcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < work->replications; i++) {
        count += result_of(work, index, i)->outcome == outcome;
    }
    return count;
}

const struct gw_result *
gw_validation_result(const struct gw_validation *work, size_t index)
{
    const struct gw_result *typical = result_of(work, index, 0);

    for (size_t i = 1; i < work->replications; i++) {
        const struct gw_result *result = result_of(work, index, i);

        if (count_of(work, index, result->outcome) > count_of(work, index, typical->outcome)) {
            typical = result;
        }
    }
    return typical;
}

/* NULL: all that completed are sound. */
static const struct gw_result *
find_unsound(const struct gw_validation *work, size_t index)
{
    for (size_t i = 0; i < work->replications; i++) {
        const struct gw_result *result = result_of(work, index, i);

        if (result->outcome == GW_COMPLETED && !result->verified) {
            return result;
        }
    }
    return NULL;
}

/* The median over the runs that ended as most did; NAN: none has the number. */
static double
predict(const struct gw_validation *work, size_t index, const struct gw_measured_number *number)
{
    enum gw_outcome outcome = gw_validation_result(work, index)->outcome;
    double values[GW_VALIDATION_REPLICATIONS_MOST];
    struct gw_summary summary;

    for (size_t i = 0; i < work->replications; i++) {
        const struct gw_result *result = result_of(work, index, i);
        values[i] =
            result->outcome == outcome ? number->predicted(result, number->index) : (double)NAN;
    }
    gw_summary_of(values, work->replications, 0.95, &summary);
    return summary.median;
}

static struct gw_cell *
new_cell(struct gw_validation *work, size_t index, const char *metric)
{
    struct gw_cell *cell = &work->cells[work->cell_count];

    *cell = (struct gw_cell){.case_name = work->measured[index].id,
                             .metric = metric,
                             .expected = {.number = (double)NAN},
                             .got = {.number = (double)NAN},
                             .error_pct = (double)NAN,
                             .verdict = GW_VERDICT_NONE,
                             .kind = "measured"};
    work->cell_cases[work->cell_count++] = index;
    return cell;
}

static void
add_outcome(struct gw_validation *work, size_t index)
{
    const struct gw_measured *measured = &work->measured[index];
    const struct gw_result *result = gw_validation_result(work, index);
    const struct gw_result *unsound = find_unsound(work, index);
    struct gw_cell *cell = new_cell(work, index, "outcome");
    bool right = result->outcome == measured->outcome;

    cell->expected.text = gw_outcome_name(measured->outcome);
    cell->got.text = gw_outcome_name(result->outcome);
    cell->note = measured->outcome_note;
    if (cell->note == NULL) {
        cell->verdict = right ? GW_VERDICT_OK : GW_VERDICT_NOT_OK;
    }
    if (unsound != NULL) {
        cell->verdict = GW_VERDICT_NOT_OK;
        cell->note = unsound->verify_note;
    }
}

static void
add_number(struct gw_validation *work, size_t index, const struct gw_measured_number *number)
{
    struct gw_cell *cell = new_cell(work, index, number->metric);
    double got = predict(work, index, number);

    cell->expected.number = number->expected;
    cell->got.number = got;
    cell->note = number->note;
    if (number->note == NULL && number->expected > 0) {
        cell->error_pct = 100 * (got / number->expected - 1);
    }
}

static void
add_curve(struct gw_validation *work, size_t index)
{
    double distance =
        gw_validation_curve_distance(&work->measured[index], gw_validation_result(work, index));

    if (isfinite(distance)) {
        struct gw_cell *cell = new_cell(work, index, "remaining_curve_pct");

        cell->got.number = distance;
        cell->error_pct = distance;
    }
}

static void
add_case(struct gw_validation *work, size_t index)
{
    const struct gw_measured *measured = &work->measured[index];
    bool complete = measured->outcome == GW_COMPLETED &&
                    gw_validation_result(work, index)->outcome == GW_COMPLETED;

    add_outcome(work, index);
    for (size_t i = 0; i < measured->count; i++) {
        if (complete || measured->numbers[i].of_incomplete) {
            add_number(work, index, &measured->numbers[i]);
        }
    }
}

void
gw_validation_compare(struct gw_validation *work, bool curves)
{
    for (size_t i = 0; i < work->count; i++) {
        add_case(work, i);
        if (curves) {
            add_curve(work, i);
        }
    }
}
