/* metric_list.h - which metrics a report is about, and whose runs count.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_METRIC_LIST_H
#define GW_METRIC_LIST_H

#include "base/result.h"

struct gw_metric_list {
    enum gw_metric items[GW_METRIC_COUNT];
    size_t count;
};

/* "downtime_s,bytes_sent". Errors: GW_EINVAL. */
bool gw_metric_list_parse(const char *words, struct gw_metric_list *list, struct gw_error *err);

/* Of migration time, downtime and guest penalty the first `most`, those that any of the results
 * has; the total time instead of the migration time where only that is known. */
void gw_metric_list_choose(const struct gw_result *const *results, size_t count, size_t most,
                           struct gw_metric_list *list);

size_t gw_count_completed(const struct gw_result *const *results, size_t count);

/* A time, or lost time: of a run that did not complete it says how long somebody waited before
 * giving up, and is not counted. */
bool gw_metric_needs_completion(enum gw_metric metric);

/* A share between 0 and 1: "95%", which NULL stands for. Errors: GW_EINVAL. */
bool gw_confidence_parse(const char *text, double *confidence, struct gw_error *err);

#endif
