/* baseline.c - the life of a baseline in memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "results/baseline.h"

#include <stdlib.h>
#include <string.h>

void
gw_baseline_group_clear(struct gw_baseline_group *group)
{
    free(group->name);
    free(group->digests);
    for (size_t i = 0; i < GW_GATE_METRIC_COUNT; i++) {
        free(group->metrics[i]);
    }
    for (size_t i = 0; i < GW_CURVE_COUNT; i++) {
        free(group->curves[i]);
    }
    *group = (struct gw_baseline_group){0};
}

void
gw_baseline_case_clear(struct gw_baseline_case *one)
{
    for (size_t i = 0; i < one->group_count; i++) {
        gw_baseline_group_clear(&one->groups[i]);
    }
    for (size_t i = 0; i < one->setting_count; i++) {
        free(one->settings[i]);
    }
    free(one->groups);
    free(one->settings);
    free(one->name);
    free(one->scenario);
    free(one->trouble);
    *one = (struct gw_baseline_case){0};
}

void
gw_baseline_clear(struct gw_baseline *baseline)
{
    for (size_t i = 0; i < baseline->case_count; i++) {
        gw_baseline_case_clear(&baseline->cases[i]);
    }
    free(baseline->cases);
    free(baseline->version);
    free(baseline->reason);
    *baseline = (struct gw_baseline){0};
}

struct gw_baseline_group *
gw_baseline_group_find(const struct gw_baseline_case *one, const char *name)
{
    for (size_t i = 0; i < one->group_count; i++) {
        if (strcmp(one->groups[i].name, name) == 0) {
            return &one->groups[i];
        }
    }
    return NULL;
}

struct gw_baseline_case *
gw_baseline_case_find(const struct gw_baseline *baseline, const char *name)
{
    for (size_t i = 0; i < baseline->case_count; i++) {
        if (strcmp(baseline->cases[i].name, name) == 0) {
            return &baseline->cases[i];
        }
    }
    return NULL;
}
