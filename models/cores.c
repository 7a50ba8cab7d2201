/* cores.c - processor sharing by mean field.
 *
 * Idea      A fair scheduler gives each of n runnable threads min(1, cores / n) of a processor, so
 *           work takes max(1, n / cores) times as long. n is not followed from event to event:
 *           each other thread counts as runnable with the chance that it was so in the last
 *           period, independently of the others. The stretch is the mean over all n.
 * Equation  stretch = sum over k of P(k others runnable) max(1, (1 + k) / cores).
 * Why       Threads hand work to each other within microseconds, far below what the rest of the
 *           simulation looks at. A thread that is always runnable counts always, and one that
 *           never is does not count at all, so both ends are exact, and processors are never
 *           given out twice in the mean.
 * Departs   Time to wake up and to move between processors is not here. A real scheduler favours a
 *           thread that has slept over one that never sleeps.
 * Invariant what was told beyond the period (bursts are priced ahead) is carried to the next one,
 *           and so is what was told below nothing (a wait is counted before the step it is in).
 * Cost      threads^2 a period of at least 1 ms, none when there are no more threads than cores.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/cores.h"

#include <stdlib.h>

enum { PERIOD_NS = 1000000 };

bool
gw_cores_open(struct gw_cores *cores, int64_t count, const struct gw_cores_crowd *crowds,
              struct gw_error *err)
{
    size_t threads = 0;

    *cores = (struct gw_cores){.cores = count};
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        cores->crowd[i] = crowds[i];
        cores->crowd[i].stretch = 1;
        threads += crowds[i].threads;
    }
    cores->chance = calloc(threads + 1, sizeof *cores->chance);
    return cores->chance != NULL || gw_fail(err, GW_ENOMEM, "out of memory for processors");
}

void
gw_cores_close(struct gw_cores *cores)
{
    free(cores->chance);
    cores->chance = NULL;
}

bool
gw_cores_are_due(const struct gw_cores *cores, int64_t now_ns)
{
    return cores->cores > 0 && now_ns - cores->settled_ns >= PERIOD_NS;
}

static void
take_share(struct gw_cores_crowd *crowd, double period_ns)
{
    double whole_ns = period_ns * crowd->threads;
    double taken_ns = crowd->runnable_ns < whole_ns ? crowd->runnable_ns : whole_ns;

    taken_ns = taken_ns > 0 ? taken_ns : 0;
    crowd->share = whole_ns > 0 ? taken_ns / whole_ns : 0;
    crowd->runnable_ns -= taken_ns;
}

/* Of these, `most` may be runnable already: one more thread joins. Returns how many may be now. */
static uint32_t
join(double *chance, uint32_t most, double share)
{
    chance[most + 1] = 0;
    for (uint32_t i = most + 1; i > 0; i--) {
        chance[i] = chance[i] * (1 - share) + chance[i - 1] * share;
    }
    chance[0] *= 1 - share;
    return most + 1;
}

/* The distribution of how many threads of the host are runnable beside one of this crowd. */
static uint32_t
others(struct gw_cores *cores, enum gw_crowd own)
{
    uint32_t most = 0;

    cores->chance[0] = 1;
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        const struct gw_cores_crowd *crowd = &cores->crowd[i];
        uint32_t threads = crowd->threads - (i == (int)own && crowd->threads > 0);

        if (crowd->host != cores->crowd[own].host || crowd->share <= 0) {
            continue;
        }
        for (uint32_t k = 0; k < threads; k++) {
            most = join(cores->chance, most, crowd->share);
        }
    }
    return most;
}

static double
stretch_of(struct gw_cores *cores, enum gw_crowd own)
{
    uint32_t most = others(cores, own);
    double count = (double)cores->cores;
    double stretch = 0;

    if (1 + most <= cores->cores) {
        return 1;
    }
    for (uint32_t k = 0; k <= most; k++) {
        stretch += cores->chance[k] * (1 + k > cores->cores ? (1 + k) / count : 1);
    }
    return stretch > 1 ? stretch : 1;
}

void
gw_cores_settle(struct gw_cores *cores, int64_t now_ns)
{
    double period_ns = (double)(now_ns - cores->settled_ns);

    gw_assert(cores->cores > 0 && period_ns > 0);
    cores->settled_ns = now_ns;
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        take_share(&cores->crowd[i], period_ns);
    }
    for (int i = 0; i < GW_CROWD_COUNT; i++) {
        cores->crowd[i].stretch = stretch_of(cores, (enum gw_crowd)i);
    }
}
