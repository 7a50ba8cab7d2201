/* pairs.h - runs that differ in one thing only, side by side: replication by replication.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAIRS_H
#define GW_PAIRS_H

#include "base/error.h"
#include "base/result.h"

/* One cell of a study: all of its replications that both sides have, none when only one side has
 * the cell. Results are borrowed. */
struct gw_pair_group {
    char *cell;         /* what both sides have in common: "oltp, oio=4"; architecture too, if so */
    const char *a_name; /* what tells them apart: "dbt" and "mirror", or two labels; borrowed */
    const char *b_name;
    const struct gw_result **a, **b; /* count; the same replication and guest at each place */
    size_t count;
    size_t a_alone, b_alone; /* runs of this cell without a partner */
};

struct gw_pair_groups {
    struct gw_pair_group *items; /* in the order of the runs; owned */
    size_t count;
};

/* Pairs runs of one study by what they have in a parameter ("architecture", or the name of a varied
 * parameter such as "migration.throttle", also without what is before its last dot): each other
 * value (b) against `base` (a; NULL: the value of the first run). Partners have the same seed. Runs
 * without the parameter are left out. Errors: GW_EINVAL (no such parameter, or it has one value
 * only; no such base value: the message lists what there is), GW_ENOMEM. */
bool gw_pairs_within(const struct gw_result *const *results, size_t count, const char *parameter,
                     const char *base, struct gw_pair_groups *groups, struct gw_error *err);

/* One of two sets of runs, and what it is called. */
struct gw_pair_side {
    const char *name;
    const struct gw_result *const *results;
    size_t count;
};

/* Pairs runs of two sets: same scenario name, guest, architecture, parameters and replication. The
 * seeds and settings may differ: gw_pair_group_same_seed tells. Errors: GW_ENOMEM. No pair at
 * all is no error. */
bool gw_pairs_between(const struct gw_pair_side *a, const struct gw_pair_side *b,
                      struct gw_pair_groups *groups, struct gw_error *err);

void gw_pair_groups_clear(struct gw_pair_groups *groups);

/* Whether all pairs of a group met the same guest: equal seed and replication. */
bool gw_pair_group_same_seed(const struct gw_pair_group *group);

/* A metric of both sides, as gw_contrast_of takes it; each has room for group->count. */
void gw_pair_group_metric(const struct gw_pair_group *group, enum gw_metric metric, double *a,
                          double *b);

#endif
