/* frontier.h - a search for the value up to which runs are good, from counts of good runs.
 *
 * Low values are good and high ones are not: of an arrival rate, say. The search names the values
 * to try and how many runs each needs; the caller runs them, tells how many were good, and asks
 * again. Values are shares of the range, 0..1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FRONTIER_H
#define GW_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum gw_frontier_verdict {
    GW_FRONTIER_OPEN, /* runs are missing */
    GW_FRONTIER_GOOD, /* more than half of all runs at this value would be good */
    GW_FRONTIER_BAD,  /* less than half */
    GW_FRONTIER_UNDECIDED
};

struct gw_frontier_rule {
    double confidence;   /* of each verdict */
    double precision;    /* width of the interval over its middle */
    size_t values;       /* evenly spread ones that are tried first, >= 2 */
    size_t replications; /* runs of a value at first; twice as many as long as it is undecided */
    size_t replications_most;
    /* What a share stands for: never falls with it. Values that are the same are tried once. */
    double (*value_of)(void *self, double share);
    void *self;
};

struct gw_frontier_probe {
    double share, value;
    size_t wanted; /* runs */
    size_t good;   /* of them */
    double cost;   /* as told */
    enum gw_frontier_verdict verdict;
};

struct gw_frontier {
    const struct gw_frontier_rule *rule;
    struct gw_frontier_probe *probes; /* by share; owned */
    size_t count;
};

/* Whether the most replications can decide anything. Errors: GW_EINVAL. */
bool gw_frontier_check(const struct gw_frontier_rule *rule, struct gw_error *err);

/* The rule is borrowed. Errors: GW_ENOMEM; clear then too. */
bool gw_frontier_begin(struct gw_frontier *frontier, const struct gw_frontier_rule *rule,
                       struct gw_error *err);
void gw_frontier_clear(struct gw_frontier *frontier);

/* Of the `wanted` runs of an open probe, so many were good. `cost` is kept for the caller. */
void gw_frontier_tell(struct gw_frontier *frontier, size_t probe, size_t good, double cost);

/* When no probe is open: adds those that the search needs next, none when it is done. Errors:
 * GW_ENOMEM. */
bool gw_frontier_advance(struct gw_frontier *frontier, struct gw_error *err);
bool gw_frontier_is_open(const struct gw_frontier *frontier);

/* Where the boundary lies. */
enum gw_frontier_end {
    GW_FRONTIER_BETWEEN, /* low and high are there */
    GW_FRONTIER_ALWAYS,  /* good in the whole range: high is NULL */
    GW_FRONTIER_NEVER,   /* low is NULL */
    GW_FRONTIER_UNKNOWN  /* an end is missing because values there stayed undecided */
};

struct gw_frontier_bracket {
    enum gw_frontier_end end;
    const struct gw_frontier_probe *low;  /* the largest good value below the smallest bad one */
    const struct gw_frontier_probe *high; /* the smallest bad one */
    double middle;                        /* of the two values; NAN without both */
    size_t undecided;                     /* values between */
    bool is_monotone;                     /* no good value lies above a bad one */
};

void gw_frontier_bracket(const struct gw_frontier *frontier, struct gw_frontier_bracket *out);

extern const char *const gw_frontier_ends[]; /* "between", "always", "never", "unknown" */

#endif
