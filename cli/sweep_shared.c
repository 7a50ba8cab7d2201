/* sweep_shared.c - the replications that all points of a study with a rule to stop have.
 *
 * Idea      Points stop at numbers of replications of their own. Those that all have met the same
 *           guests, so that what differs between points is not chance.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sweep_verb.h"

static int
compare_points(const struct gw_result *a, const struct gw_result *b)
{
    int order = strcmp(a->canonical, b->canonical);

    return order != 0 ? order : strcmp(a->vm, b->vm);
}

static int
compare_replications(const void *left, const void *right)
{
    const struct gw_result *const *a = left;
    const struct gw_result *const *b = right;
    int order = compare_points(*a, *b);

    return order != 0
               ? order
               : ((*a)->replication > (*b)->replication) - ((*a)->replication < (*b)->replication);
}

/* `results` is sorted here. */
static int64_t
shared_replications(const struct gw_result **results, size_t count, int64_t least)
{
    int64_t shared = INT64_MAX;
    size_t first = 0;

    qsort(results, count, sizeof *results, compare_replications);
    while (first < count) {
        size_t end = first;

        while (end < count && compare_points(results[first], results[end]) == 0) {
            end++;
        }
        int64_t here = results[end - 1]->replication + 1;
        shared = here < shared ? here : shared;
        first = end;
    }
    return shared < least || count == 0 ? least : shared;
}

static void
tell_unused(const struct gw_result_list *list, int64_t shared)
{
    size_t unused = 0;

    for (size_t i = 0; i < list->count; i++) {
        unused += list->results[i].replication >= shared;
    }
    if (unused > 0) {
        fprintf(stderr,
                "godwit: the %lld replications that all points have are used; %zu runs, further"
                " replications of some points, are not\n",
                (long long)shared, unused);
    }
}

/* 0: memory is out. */
static int64_t
count_shared(const struct gw_campaign *whole, const struct gw_result_list *list)
{
    const struct gw_result **results = calloc(list->count + 1, sizeof *results);
    int64_t shared = 0;

    if (results != NULL) {
        memcpy(results, list->pointers, list->count * sizeof(struct gw_result *));
        shared = shared_replications(results, list->count, whole->stop.least);
    }
    free(results);
    return shared;
}

bool
gw_sweep_plan_shared(const struct gw_campaign *whole, const struct gw_result_list *list,
                     struct gw_campaign *shared, struct gw_error *err)
{
    size_t points = gw_campaign_points(whole);
    int64_t *counts = calloc(points + 1, sizeof *counts);
    int64_t count = count_shared(whole, list);
    struct gw_diagnostics diagnostics = {0};

    if (counts == NULL || count == 0) {
        free(counts);
        return gw_fail(err, GW_ENOMEM, "out of memory for the plan");
    }
    for (size_t i = 0; i < points; i++) {
        counts[i] = count;
    }
    bool fine = gw_campaign_plan_counts(shared, whole, counts, &diagnostics) ||
                gw_fail(err, GW_EINVAL, "a scenario that was planned cannot be loaded again");
    shared->counts = NULL; /* planning alone looks at them */
    gw_diagnostics_clear(&diagnostics);
    free(counts);
    if (fine) {
        tell_unused(list, count);
    }
    return fine;
}
