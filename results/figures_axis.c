/* figures_axis.c - what was varied as an axis, and the runs in the middle of it.
 *
 * Idea      Values are as users write them, so one parameter may be 500Mbps in one run and 1Gbps in
 *           the next: they are read as quantities of the first type that takes all of them. The axis
 *           has the unit of the largest value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gsl/gsl_sort.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "results/figures_shared.h"
#include "results/style.h"

static double
number_of(enum gw_setting_type type, const char *text)
{
    union gw_quantity value = {0};

    gw_quantity_parse(type, text, &value, NULL);
    return gw_quantity_is_real(type) ? value.real : (double)value.whole;
}

static bool
all_parse(const struct gw_study *study, const char *parameter, enum gw_setting_type type)
{
    for (size_t i = 0; i < study->count; i++) {
        union gw_quantity value;
        if (!gw_quantity_parse(type, gw_result_parameter(study->results[i], parameter), &value,
                               NULL)) {
            return false;
        }
    }
    return study->count > 0;
}

static bool
find_type(const struct gw_study *study, const char *parameter, enum gw_setting_type *type)
{
    static const enum gw_setting_type types[] = {GW_SETTING_NUMBER, GW_SETTING_BYTES,
                                                 GW_SETTING_TIME,   GW_SETTING_RATE,
                                                 GW_SETTING_IOPS,   GW_SETTING_SHARE};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (all_parse(study, parameter, types[i])) {
            *type = types[i];
            return true;
        }
    }
    return false;
}

bool
gw_study_varies(const struct gw_study *study, const char *parameter)
{
    enum gw_setting_type type;

    return gw_study_takes_several(study, parameter) && find_type(study, parameter, &type);
}

static const char *
unit_of(const char *text)
{
    char *unit = NULL;

    strtod(text, &unit);
    return unit + strspn(unit, " ");
}

static void
set_unit(struct gw_axis *axis, const struct gw_study *study)
{
    const char *largest = gw_result_parameter(study->results[0], axis->parameter);
    const char *first_unit = unit_of(largest);
    double most = number_of(axis->type, largest);

    axis->one_unit = true;
    for (size_t i = 1; i < study->count; i++) {
        const char *text = gw_result_parameter(study->results[i], axis->parameter);
        double value = number_of(axis->type, text);
        axis->one_unit = axis->one_unit && strcmp(unit_of(text), first_unit) == 0;
        if (value > most) {
            most = value;
            largest = text;
        }
    }
    snprintf(axis->unit, sizeof axis->unit, "%.20s", unit_of(largest));
    axis->scale = most > 0.0 ? strtod(largest, NULL) / most : 1.0;
}

bool
gw_axis_make(const struct gw_study *study, const char *parameter, struct gw_axis *axis)
{
    const char *name = parameter;

    *axis = (struct gw_axis){.parameter = parameter};
    if (!gw_study_takes_several(study, parameter) || !find_type(study, parameter, &axis->type)) {
        return false;
    }
    set_unit(axis, study);
    if (strcmp(parameter, "workload.oio") == 0) {
        name = "Workload OIO";
    }
    if (axis->unit[0] == '\0' || !axis->one_unit) { /* then the tics have units */
        snprintf(axis->label, sizeof axis->label, "%.80s", name);
    } else {
        snprintf(axis->label, sizeof axis->label, "%.80s (%s)", name, axis->unit);
    }
    return true;
}

double
gw_axis_place(const struct gw_axis *axis, const struct gw_result *result)
{
    const char *text = gw_result_parameter(result, axis->parameter);

    return axis->one_unit ? strtod(text, NULL) : axis->scale * number_of(axis->type, text);
}

static bool
is_at(const struct gw_study *study, const struct gw_axis *axis, size_t index, double place)
{
    double own = gw_axis_place(axis, study->results[index]);

    return !(own < place) && !(own > place);
}

static size_t
architectures_at(const struct gw_study *study, const struct gw_axis *axis, double place)
{
    size_t count = 0;

    for (size_t i = 0; i < study->count; i++) {
        bool first = is_at(study, axis, i, place);
        for (size_t k = 0; first && k < i; k++) {
            first = !is_at(study, axis, k, place) ||
                    strcmp(study->results[i]->architecture, study->results[k]->architecture) != 0;
        }
        count += first;
    }
    return count;
}

/* Keeps the places that most architectures have. */
static size_t
keep_common(const struct gw_study *study, const struct gw_axis *axis, double *places, size_t count)
{
    size_t most = 0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t here = architectures_at(study, axis, places[i]);
        kept = here > most ? 0 : kept;
        most = here > most ? here : most;
        if (here == most) {
            places[kept++] = places[i];
        }
    }
    return kept;
}

/* The middle one of its values, not of the runs, among those that most architectures have; the upper
 * one of two. */
static bool
middle_of(const struct gw_study *study, const struct gw_axis *axis, double *middle)
{
    double *places = calloc(study->count + 1, sizeof *places);
    size_t distinct = 0;

    if (places == NULL) {
        return false;
    }
    for (size_t i = 0; i < study->count; i++) {
        places[i] = gw_axis_place(axis, study->results[i]);
    }
    gsl_sort(places, 1, study->count);
    for (size_t i = 0; i < study->count; i++) {
        if (distinct == 0 || places[distinct - 1] < places[i]) {
            places[distinct++] = places[i];
        }
    }
    *middle = places[keep_common(study, axis, places, distinct) / 2];
    free(places);
    return true;
}

static bool
keep_middle(struct gw_study *subset, const char *parameter)
{
    struct gw_axis axis;
    double middle;
    size_t kept = 0;

    if (gw_study_is_architecture(subset, parameter) || !gw_axis_make(subset, parameter, &axis)) {
        return true;
    }
    if (!middle_of(subset, &axis, &middle)) {
        return false;
    }
    for (size_t i = 0; i < subset->count; i++) {
        if (is_at(subset, &axis, i, middle)) {
            subset->results[kept++] = subset->results[i];
        }
    }
    subset->count = kept;
    return true;
}

bool
gw_study_typical(const struct gw_study *study, struct gw_study *subset)
{
    bool ok = true;

    *subset = (struct gw_study){calloc(study->count + 1, sizeof *subset->results), study->count,
                                study->panel};
    if (subset->results == NULL) {
        return false;
    }
    for (size_t i = 0; i < study->count; i++) {
        subset->results[i] = study->results[i];
    }
    for (size_t i = 0; ok && i < study->results[0]->parameter_count; i++) {
        ok = keep_middle(subset, study->results[0]->parameter_names[i]);
    }
    if (!ok) {
        free(subset->results);
        subset->results = NULL;
    }
    return ok;
}

/* The first run of the same legend that has the series. */
static const struct gw_result *
run_like(const struct gw_study *study, const struct gw_result *first, enum gw_series_id id)
{
    for (size_t i = 0; i < study->count; i++) {
        const struct gw_result *result = study->results[i];

        gw_assert(result != NULL);
        if (result->series[id].rows > 0 && gw_study_same_legend(study, NULL, first, result)) {
            return result;
        }
    }
    return NULL;
}

/* Puts at most `room` cases into `cases`; how many there are. */
static size_t
find_cases(const struct gw_study *study, enum gw_series_id id, const struct gw_result **cases,
           size_t room)
{
    struct gw_study subset;
    size_t *firsts = calloc(study->count + 1, sizeof *firsts);
    size_t count = 0;

    if (gw_study_typical(study, &subset) && firsts != NULL) {
        size_t legends = gw_study_legends(&subset, NULL, firsts);
        for (size_t i = 0; i < legends; i++) {
            const struct gw_result *run = run_like(&subset, subset.results[firsts[i]], id);
            if (run != NULL && count < room) {
                cases[count] = run;
            }
            count += run != NULL;
        }
    }
    free(subset.results);
    free(firsts);
    return count;
}

size_t
gw_study_cases(const struct gw_study *study, enum gw_series_id id,
               const struct gw_result *cases[GW_CASES_MOST])
{
    size_t count = find_cases(study, id, cases, GW_CASES_MOST);

    if (count == 0) { /* the middle ones kept none */
        cases[0] = gw_study_run_with(study, NULL, id);
        count = cases[0] != NULL;
    }
    return count < GW_CASES_MOST ? count : (size_t)GW_CASES_MOST;
}

size_t
gw_study_count_cases(const struct gw_study *study, enum gw_series_id id)
{
    return find_cases(study, id, NULL, 0);
}

void
gw_study_say_shown(size_t shown, size_t all, char out[GW_SHOWN_BYTES])
{
    out[0] = '\0';
    if (shown < all) {
        snprintf(out, GW_SHOWN_BYTES, "; %zu of %zu are shown", shown, all);
    }
}

static void
style_among(const char *architecture, size_t before, bool alone, char out[GW_STYLE_BYTES])
{
    if (alone) {
        snprintf(out, GW_STYLE_BYTES, "series#%zu", before);
        return;
    }
    snprintf(out, GW_STYLE_BYTES, before == 0 ? "%.48s" : "%.48s#%zu", architecture, before);
}

void
gw_study_style(const struct gw_study *study, const size_t *firsts, size_t count, size_t index,
               char out[GW_STYLE_BYTES])
{
    const char *architecture = study->results[firsts[index]]->architecture;
    size_t before = 0;
    size_t same = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(study->results[firsts[i]]->architecture, architecture) == 0) {
            same++;
            before += i < index;
        }
    }
    style_among(architecture, before, same == count && count > 1, out);
}

void
gw_cases_style(const struct gw_result *const *cases, size_t count, size_t index,
               char out[GW_STYLE_BYTES])
{
    size_t before = 0;
    size_t same = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i]->architecture, cases[index]->architecture) == 0) {
            same++;
            before += i < index;
        }
    }
    style_among(cases[index]->architecture, before, same == count && count > 1, out);
}
