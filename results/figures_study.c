/* figures_study.c - questions that figure generators ask about the runs of a study.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"
#include "results/value_order.h"

bool
gw_study_takes_several(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 1; i < study->count; i++) {
        if (strcmp(gw_result_parameter(study->results[0], parameter),
                   gw_result_parameter(study->results[i], parameter)) != 0) {
            return true;
        }
    }
    return false;
}

bool
gw_study_is_architecture(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 0; i < study->count; i++) {
        if (strcmp(gw_result_parameter(study->results[i], parameter),
                   study->results[i]->architecture) != 0) {
            return false;
        }
    }
    return true;
}

void
gw_study_legend(const struct gw_study *study, const struct gw_result *result, const char *parameter,
                char out[GW_LEGEND_BYTES])
{
    int used = snprintf(out, GW_LEGEND_BYTES, "%.60s", gw_style_label(result->architecture));

    for (size_t i = 0; i < result->parameter_count && used < GW_LEGEND_BYTES; i++) {
        const char *name = result->parameter_names[i];
        if ((parameter != NULL && strcmp(name, parameter) == 0) ||
            !gw_study_takes_several(study, name) ||
            (study->panel != NULL && strcmp(name, study->panel) == 0) ||
            gw_study_is_architecture(study, name)) {
            continue;
        }
        used += snprintf(out + used, (size_t)(GW_LEGEND_BYTES - used), " %s=%s",
                         gw_result_short_name(name), result->parameter_values[i]);
    }
}

/* What is on the x axis or has panels. */
static bool
is_hidden(const struct gw_study *study, const char *parameter, const char *name)
{
    return (parameter != NULL && strcmp(name, parameter) == 0) ||
           (study->panel != NULL && strcmp(name, study->panel) == 0);
}

/* Of one architecture, the values that differ are those that the legend names. */
bool
gw_study_same_legend(const struct gw_study *study, const char *parameter, const struct gw_result *a,
                     const struct gw_result *b)
{
    if (strcmp(gw_style_label(a->architecture), gw_style_label(b->architecture)) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->parameter_count; i++) {
        const char *name = a->parameter_names[i];
        if (!is_hidden(study, parameter, name) &&
            strcmp(a->parameter_values[i], gw_result_parameter(b, name)) != 0) {
            return false;
        }
    }
    return true;
}

/* Architectures in the order of the style table, their settings by value. */
static int
compare_legends(const struct gw_study *study, const char *parameter, const struct gw_result *a,
                const struct gw_result *b)
{
    size_t rank_a = gw_style_rank(a->architecture);
    size_t rank_b = gw_style_rank(b->architecture);

    if (rank_a != rank_b) {
        return rank_a < rank_b ? -1 : 1;
    }
    for (size_t i = 0; i < a->parameter_count; i++) {
        const char *name = a->parameter_names[i];
        int order = is_hidden(study, parameter, name)
                        ? 0
                        : gw_values_compare(a->parameter_values[i], gw_result_parameter(b, name));
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static bool
legend_is_known(const struct gw_study *study, const char *parameter, size_t index,
                const size_t *firsts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (gw_study_same_legend(study, parameter, study->results[index],
                                 study->results[firsts[i]])) {
            return true;
        }
    }
    return false;
}

size_t
gw_study_legends(const struct gw_study *study, const char *parameter, size_t *firsts)
{
    size_t count = 0;

    for (size_t i = 0; i < study->count; i++) {
        if (legend_is_known(study, parameter, i, firsts, count)) {
            continue;
        }
        size_t at = count++;
        while (at > 0 && compare_legends(study, parameter, study->results[firsts[at - 1]],
                                         study->results[i]) > 0) {
            firsts[at] = firsts[at - 1];
            at--;
        }
        firsts[at] = i;
    }
    return count;
}

static const struct gw_result *
first_with(const struct gw_study *study, const char *architecture, enum gw_series_id id)
{
    for (size_t i = 0; i < study->count; i++) {
        const struct gw_result *result = study->results[i];
        if (result->series[id].rows > 0 &&
            (architecture == NULL || strcmp(result->architecture, architecture) == 0)) {
            return result;
        }
    }
    return NULL;
}

const struct gw_result *
gw_study_run_with(const struct gw_study *study, const char *architecture, enum gw_series_id id)
{
    struct gw_study typical;
    const struct gw_result *result = NULL;

    if (gw_study_typical(study, &typical)) {
        result = first_with(&typical, architecture, id);
        free(typical.results);
    }
    return result != NULL ? result : first_with(study, architecture, id);
}
