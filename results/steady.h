/* steady.h - the mean of one long run whose values hang together: warm-up and batch means.
 *
 * For what a guest does all the time, as its latency. What ends, as a migration, is replicated
 * instead and summed up by statistics.h. Values stand in the order of time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STEADY_H
#define GW_STEADY_H

#include <stdbool.h>
#include <stddef.h>

struct gw_warm_up {
    size_t count;     /* values that are not NAN */
    size_t truncated; /* of them, how many to leave out at the start; a multiple of 5 */
    bool trusted;     /* false: more than half, or fewer than 100 values; the run is too short */
};

/* MSER-5. The cut likes to take early peaks away: in a short run of bursts the mean of the rest is
 * a little low (by 1 % for 8,000 customers of a queue at half load). Not trusted: nothing is to be left out, a longer run is to be made. */
void gw_steady_warm_up(const double *values, size_t count, struct gw_warm_up *out);

struct gw_batch_means {
    size_t batches;
    size_t batch_size; /* values; what does not fill a batch is left out at the start */
    double mean;
    double half_width;  /* of the two-sided t-interval */
    double correlation; /* of a batch mean with the next one */
    double p;           /* of batches that hang together no less, if in truth they do not */
};

/* batches >= 3. Fewer values than batches: NAN figures and a batch_size of 0. */
void gw_steady_batch_means(const double *values, size_t count, size_t batches, double confidence,
                           struct gw_batch_means *out);

/* As many batches as seem independent: 40, 20 or 10, with p above 0.1. If even p of 10 is not, the
 * interval is too short: that is seen in out->p. */
void gw_steady_interval(const double *values, size_t count, double confidence,
                        struct gw_batch_means *out);

#endif
