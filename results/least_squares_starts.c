/* least_squares_starts.c - where a fit starts from, when there may be several minima.
 *
 * Idea      Points spread around the given start are looked at, the best of them are started from,
 *           and the given one always. A short fit from each tells them apart better than the
 *           points themselves: a good valley looks bad from its slope. Only the best is worth a
 *           long fit.
 * Source    Halton, Numerische Mathematik 2 (1960): the same points each time, without chance.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/design.h"
#include "results/least_squares.h"

enum { PARAMETERS_MAX = GW_LEAST_SQUARES_PARAMETERS_MAX, LOOKS_AT_A_TIME = 32 };

struct look {
    double values[PARAMETERS_MAX];
    double squares;
};

struct field {
    const struct gw_least_squares *fit;
    struct look *looks; /* the given start first */
    size_t count;
    double *values, *residuals; /* of LOOKS_AT_A_TIME */
};

static bool
open_field(struct field *field, struct gw_error *err)
{
    const struct gw_least_squares *fit = field->fit;

    field->looks = calloc(field->count, sizeof *field->looks);
    field->values = calloc(LOOKS_AT_A_TIME * fit->parameter_count, sizeof *field->values);
    field->residuals = calloc(LOOKS_AT_A_TIME * fit->residual_count, sizeof *field->residuals);
    return (field->looks != NULL && field->values != NULL && field->residuals != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory for the starts");
}

static void
close_field(struct field *field)
{
    free(field->looks);
    free(field->values);
    free(field->residuals);
}

/* A point of the unit cube around the start. */
static void
place(const struct gw_least_squares *fit, const double *unit, double reach, double *values)
{
    gw_assert(values != NULL);
    for (size_t k = 0; k < fit->parameter_count; k++) {
        const struct gw_least_squares_parameter *parameter = &fit->parameters[k];
        double value = parameter->start * exp(reach * (2 * unit[k] - 1));

        values[k] = fmin(fmax(value, parameter->least), parameter->most);
    }
}

static bool
spread(struct field *field, double reach, struct gw_error *err)
{
    const struct gw_least_squares *fit = field->fit;
    struct gw_design_request request = {.dimensions = fit->parameter_count, .points = field->count};
    struct gw_design design;

    if (!gw_design_make("halton", &request, &design, err)) {
        return false;
    }
    for (size_t i = 0; i < field->count; i++) {
        place(fit, design.points + i * design.dimensions, i == 0 ? 0 : reach,
              field->looks[i].values);
    }
    gw_design_clear(&design);
    return true;
}

static bool
look_at(struct field *field, size_t first, size_t count, struct gw_error *err)
{
    const struct gw_least_squares *fit = field->fit;

    for (size_t i = 0; i < count; i++) {
        memcpy(field->values + i * fit->parameter_count, field->looks[first + i].values,
               fit->parameter_count * sizeof *field->values);
    }
    if (!fit->evaluate(fit->self, field->values, count, field->residuals, err)) {
        return false;
    }
    for (size_t i = first; i < first + count; i++) {
        field->looks[i].squares = gw_least_squares_prior(fit, field->looks[i].values);
    }
    for (size_t i = 0; i < count * fit->residual_count; i++) {
        field->looks[first + i / fit->residual_count].squares +=
            field->residuals[i] * field->residuals[i];
    }
    return true;
}

static bool
look_at_all(struct field *field, struct gw_error *err)
{
    bool fine = true;

    for (size_t i = 0; fine && i < field->count; i += LOOKS_AT_A_TIME) {
        size_t left = field->count - i;

        fine = look_at(field, i, left < LOOKS_AT_A_TIME ? left : LOOKS_AT_A_TIME, err);
    }
    return fine;
}

/* Of points that are equally good the earlier comes first: no order of qsort is left open. */
static int
by_squares(const void *left, const void *right)
{
    const struct look *a = left;
    const struct look *b = right;

    if (a->squares != b->squares) {
        return a->squares < b->squares ? -1 : 1;
    }
    for (size_t k = 0; k < PARAMETERS_MAX; k++) {
        if (a->values[k] != b->values[k]) {
            return a->values[k] < b->values[k] ? -1 : 1;
        }
    }
    return 0;
}

static bool
try_each(struct field *field, const struct gw_least_squares_starts *starts,
         struct gw_least_squares_parameter *parameters, struct gw_least_squares_start *tried,
         struct gw_error *err)
{
    struct gw_least_squares_parameter rows[PARAMETERS_MAX];
    struct gw_least_squares fit = *field->fit;
    double best = (double)INFINITY;

    memcpy(rows, parameters, fit.parameter_count * sizeof *rows);
    fit.parameters = rows;
    fit.iterations = starts->iterations;
    for (size_t i = 0; i < starts->count; i++) {
        struct gw_least_squares_outcome outcome;
        double end;

        for (size_t k = 0; k < fit.parameter_count; k++) {
            rows[k].start = field->looks[i].values[k];
        }
        if (!gw_least_squares_run(&fit, &outcome, err)) {
            return false;
        }
        end = outcome.chi2 + outcome.chi2_prior;
        tried[i] = (struct gw_least_squares_start){field->looks[i].squares, end};
        for (size_t k = 0; end < best && k < fit.parameter_count; k++) {
            parameters[k].start = outcome.values[k];
        }
        best = fmin(best, end);
    }
    return true;
}

bool
gw_least_squares_start(const struct gw_least_squares *fit,
                       const struct gw_least_squares_starts *starts,
                       struct gw_least_squares_parameter *parameters,
                       struct gw_least_squares_start *tried, struct gw_error *err)
{
    struct field field = {.fit = fit, .count = 1 + (starts->count - 1) * starts->looks};
    bool fine;

    gw_assert(starts->count >= 1 && starts->count <= GW_LEAST_SQUARES_STARTS_MAX);
    fine =
        open_field(&field, err) && spread(&field, starts->reach, err) && look_at_all(&field, err);
    if (fine) {
        qsort(field.looks + 1, field.count - 1, sizeof *field.looks, by_squares);
        fine = try_each(&field, starts, parameters, tried, err);
    }
    close_field(&field);
    return fine;
}
