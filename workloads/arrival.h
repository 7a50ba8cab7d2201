/* arrival.h - when the next IO comes: arrival processes and think time.
 *
 * An arrival process makes an endless schedule of moments from time 0, at a mean rate, with an
 * intensity that may alternate between two levels: bursts (lengths drawn) or phases (lengths
 * fixed). The schedule never depends on how fast the IOs are served.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ARRIVAL_H
#define GW_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "base/variate.h"
#include "workloads/workload.h"

enum gw_arrival_law { GW_ARRIVAL_POISSON, GW_ARRIVAL_CONSTANT };

extern const char *const gw_arrival_laws[]; /* "poisson", "constant" */
extern const char *const gw_think_laws[];   /* "constant", "exponential" */

struct gw_arrival_plan {
    enum gw_arrival_law law;
    double rate;          /* per second at intensity 1 */
    double level[2];      /* intensities, the first one first */
    int64_t length_ns[2]; /* how long (on average) each lasts; length_ns[1] 0: level[0] for ever */
    bool random_lengths;  /* exponential lengths instead of fixed ones */
};

struct gw_arrival {
    struct gw_arrival_plan plan;
    struct gw_stream gaps, lengths;
    double gap_ns;    /* mean gap at intensity 1 */
    int64_t at_ns;    /* last arrival, whole part */
    double fraction;  /* and the rest of it, so that the rate is exact */
    int64_t until_ns; /* end of the present level */
    uint32_t level;
    int64_t slip_ns; /* how far gw_arrival_due has put the schedule off */
};

/* Plan with one level. */
struct gw_arrival_plan gw_arrival_steady(enum gw_arrival_law law, double rate);

/* Plan with mean rate `rate` over a long time, `factor` times as high in bursts (mean length
 * on_ns) as between them (off_ns). on_ns 0 = no bursts. */
struct gw_arrival_plan gw_arrival_bursts(struct gw_arrival_plan steady, int64_t on_ns,
                                         int64_t off_ns, double factor);

void gw_arrival_init(struct gw_arrival *arrival, const struct gw_arrival_plan *plan,
                     const struct gw_workload_context *context, const char *name);

/* Next moment of the schedule, rising; GW_TIME_NEVER when there is none. */
int64_t gw_arrival_next(struct gw_arrival *arrival);

/* Next moment that is not past: the schedule's, or now_ns if that is over. Arrivals late by more
 * than catch_up_ns are forgiven: the whole rest of the schedule is put off by the excess. */
int64_t gw_arrival_due(struct gw_arrival *arrival, int64_t now_ns, int64_t catch_up_ns);

/* Think time of a closed load: constant or exponential, drawn from its own stream. */
struct gw_think {
    struct gw_stream stream;
    int64_t mean_ns;
    bool exponential;
};

void gw_think_init(struct gw_think *think, int64_t mean_ns, int law,
                   const struct gw_workload_context *context, const char *name);

static inline int64_t
gw_think_ns(struct gw_think *think)
{
    return think->exponential ? gw_exponential_ns(&think->stream, think->mean_ns) : think->mean_ns;
}

#endif
