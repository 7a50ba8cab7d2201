/* metric_list.c - which metrics a report is about, and whose runs count.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/metric_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/quantity.h"

static const double USUAL_CONFIDENCE = 0.95;

static const enum gw_metric usual[] = {GW_METRIC_MIGRATION_TIME_S, GW_METRIC_DOWNTIME_S,
                                       GW_METRIC_GUEST_PENALTY_S};

static bool
add_named(struct gw_metric_list *list, const char *name, struct gw_error *err)
{
    const char *names[GW_METRIC_COUNT + 1] = {NULL};

    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        names[i] = gw_metric_info[i].key;
        if (strcmp(names[i], name) == 0 && list->count < GW_METRIC_COUNT) {
            list->items[list->count++] = (enum gw_metric)i;
            return true;
        }
    }
    const char *nearest = gw_nearest_word(name, names);
    return gw_fail(err, GW_EINVAL, "unknown metric '%.60s': 'godwit list metrics' shows all%s%s%s",
                   name, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "'?");
}

bool
gw_metric_list_parse(const char *words, struct gw_metric_list *list, struct gw_error *err)
{
    char name[64];
    bool fine = true;

    *list = (struct gw_metric_list){.count = 0};
    while (fine) {
        size_t length = strcspn(words, ",");

        snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), words);
        fine = add_named(list, name, err);
        words += length;
        if (*words == '\0') {
            break;
        }
        words++;
    }
    return fine;
}

static bool
is_known(enum gw_metric metric, const struct gw_result *const *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (isfinite(results[i]->metric[metric])) {
            return true;
        }
    }
    return false;
}

void
gw_metric_list_choose(const struct gw_result *const *results, size_t count, size_t most,
                      struct gw_metric_list *list)
{
    *list = (struct gw_metric_list){.count = 0};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && i < most; i++) {
        enum gw_metric metric = usual[i];

        if (metric == GW_METRIC_MIGRATION_TIME_S && !is_known(metric, results, count)) {
            metric = GW_METRIC_TOTAL_TIME_S;
        }
        if (is_known(metric, results, count)) {
            list->items[list->count++] = metric;
        }
    }
}

size_t
gw_count_completed(const struct gw_result *const *results, size_t count)
{
    size_t completed = 0;

    for (size_t i = 0; i < count; i++) {
        completed += results[i]->outcome == GW_COMPLETED;
    }
    return completed;
}

bool
gw_metric_needs_completion(enum gw_metric metric)
{
    return strcmp(gw_metric_info[metric].unit, "s") == 0;
}

bool
gw_confidence_parse(const char *text, double *confidence, struct gw_error *err)
{
    union gw_quantity value;

    if (text == NULL) {
        *confidence = USUAL_CONFIDENCE;
        return true;
    }
    if (!gw_quantity_parse(GW_SETTING_SHARE, text, &value, err)) {
        return gw_fail_within(err, "confidence");
    }
    if (!(value.real > 0.0 && value.real < 1.0)) {
        return gw_fail(err, GW_EINVAL,
                       "confidence %.40s: wanted between 0%% and 100%%, such as 95%%", text);
    }
    *confidence = value.real;
    return true;
}
