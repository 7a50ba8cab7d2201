/* mann_whitney.h - do the values of one sample tend to be larger than those of another.
 *
 * Asks nothing of the distributions but independence, so one wild replication cannot carry it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MANN_WHITNEY_H
#define GW_MANN_WHITNEY_H

#include <stdbool.h>
#include <stddef.h>

enum { GW_MANN_WHITNEY_EXACT_MOST = 20 }; /* values a sample */

struct gw_mann_whitney {
    size_t count_a, count_b; /* values used */
    double u;                /* pairs in which a is larger; a tie is half a pair */
    double delta;            /* Cliff's delta, -1 .. 1: share of pairs a > b less a < b */
    double p;                /* of a u at least as far from its mean */
    bool exact;              /* p counts all arrangements, ties and all; else normal */
};

/* NAN figures if a sample is empty. Exact up to GW_MANN_WHITNEY_EXACT_MOST values in each. */
void gw_mann_whitney_test(const double *a, size_t count_a, const double *b, size_t count_b,
                          struct gw_mann_whitney *out);

#endif
