/* figures_study.c - questions that figure generators ask about the runs of a study.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/figures_shared.h"
#include "results/style.h"

const char *
gw_study_parameter(const struct gw_result *result, const char *name)
{
    for (size_t i = 0; i < result->parameter_count; i++) {
        if (strcmp(result->parameter_names[i], name) == 0) {
            return result->parameter_values[i];
        }
    }
    return "";
}

static bool
takes_several(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 1; i < study->count; i++) {
        if (strcmp(gw_study_parameter(study->results[0], parameter),
                   gw_study_parameter(study->results[i], parameter)) != 0) {
            return true;
        }
    }
    return false;
}

static bool
is_architecture(const struct gw_study *study, const char *parameter)
{
    for (size_t i = 0; i < study->count; i++) {
        if (strcmp(gw_study_parameter(study->results[i], parameter),
                   study->results[i]->architecture) != 0) {
            return false;
        }
    }
    return true;
}

bool
gw_study_varies(const struct gw_study *study, const char *parameter)
{
    char *first_unit = NULL;

    strtod(gw_study_parameter(study->results[0], parameter), &first_unit);
    for (size_t i = 0; i < study->count; i++) {
        const char *value = gw_study_parameter(study->results[i], parameter);
        char *unit = NULL;
        strtod(value, &unit);
        if (unit == value || strcmp(unit, first_unit) != 0) {
            return false;
        }
    }
    return takes_several(study, parameter);
}

void
gw_study_legend(const struct gw_study *study, const struct gw_result *result, const char *parameter,
                char out[GW_LEGEND_BYTES])
{
    int used = snprintf(out, GW_LEGEND_BYTES, "%.60s", gw_style_label(result->architecture));

    for (size_t i = 0; i < result->parameter_count && used < GW_LEGEND_BYTES; i++) {
        const char *name = result->parameter_names[i];
        if ((parameter != NULL && strcmp(name, parameter) == 0) || !takes_several(study, name) ||
            is_architecture(study, name)) {
            continue;
        }
        const char *dot = strrchr(name, '.');
        used += snprintf(out + used, (size_t)(GW_LEGEND_BYTES - used), " %s=%s",
                         dot == NULL ? name : dot + 1, result->parameter_values[i]);
    }
}

static bool
legend_is_known(const struct gw_study *study, const char *parameter, size_t index,
                const size_t *firsts, size_t count)
{
    char legend[GW_LEGEND_BYTES];
    char other[GW_LEGEND_BYTES];

    gw_study_legend(study, study->results[index], parameter, legend);
    for (size_t i = 0; i < count; i++) {
        gw_study_legend(study, study->results[firsts[i]], parameter, other);
        if (strcmp(legend, other) == 0) {
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
        size_t rank = gw_style_rank(study->results[i]->architecture);
        size_t at = count++;
        while (at > 0 && gw_style_rank(study->results[firsts[at - 1]]->architecture) > rank) {
            firsts[at] = firsts[at - 1];
            at--;
        }
        firsts[at] = i;
    }
    return count;
}

const struct gw_result *
gw_study_run_with(const struct gw_study *study, const char *architecture, enum gw_series_id id)
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
