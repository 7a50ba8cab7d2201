/* stopping.h - how many replications are enough: stop when the mean is known well enough.
 *
 * Ask after each replication, with the values of all of them. For several metrics stop when each
 * of them says so.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STOPPING_H
#define GW_STOPPING_H

#include <stddef.h>

struct gw_stopping_rule {
    double confidence; /* between 0 and 1 */
    double relative;   /* wanted: error of at most this share of the true mean, above 0 */
    size_t least;      /* values before the first stop, >= 2; 10 or more keeps the confidence */
    size_t most;       /* replications after which it stops in any case, >= least */
};

enum gw_stopping {
    GW_STOPPING_MORE,    /* run another replication */
    GW_STOPPING_PRECISE, /* the mean is known as wanted */
    GW_STOPPING_CAPPED   /* the most replications were run, and it is not */
};

struct gw_stopping_look {
    enum gw_stopping verdict;
    size_t count; /* values that are not NAN */
    double mean, half_width;
    double reached; /* half width over |mean| */
    size_t wanted;  /* replications in all, by today's deviation; at most the rule's most */
};

/* A NAN counts against the most, as a replication that gave no value. */
void gw_stopping_decide(const struct gw_stopping_rule *rule, const double *values, size_t count,
                        struct gw_stopping_look *out);

#endif
