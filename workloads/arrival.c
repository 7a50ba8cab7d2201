/* arrival.c - when the next IO comes.
 *
 * Idea      Time change: gaps are drawn for intensity 1 and used up at the pace of the present
 *           level, so that a level may end inside a gap. With exponential gaps this is exactly a
 *           Poisson process of piecewise constant rate; with exponential lengths too, a
 *           two-state Markov-modulated Poisson process.
 * Source    Cinlar, "Introduction to stochastic processes", 1975, chapter 4 (time change);
 *           Fischer and Meier-Hellstern, "The Markov-modulated Poisson process cookbook", 1993.
 * Invariant at_ns never falls; draws never depend on now_ns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/arrival.h"

#include <stddef.h>

#include "workloads/mix.h"

/* Half of the range of time: sums of two such moments do not overflow. */
#define FAR_NS (INT64_MAX / 2)

const char *const gw_arrival_laws[] = {"poisson", "constant", NULL};
const char *const gw_think_laws[] = {"constant", "exponential", NULL};

struct gw_arrival_plan
gw_arrival_steady(enum gw_arrival_law law, double rate)
{
    return (struct gw_arrival_plan){.law = law, .rate = rate, .level = {1, 0}};
}

struct gw_arrival_plan
gw_arrival_bursts(struct gw_arrival_plan steady, int64_t on_ns, int64_t off_ns, double factor)
{
    double on_share = (double)on_ns / ((double)on_ns + (double)off_ns);

    if (on_ns == 0 || off_ns == 0) {
        return steady;
    }
    steady.level[0] = 1 / (on_share * factor + 1 - on_share);
    steady.level[1] = steady.level[0] * factor;
    steady.length_ns[0] = off_ns;
    steady.length_ns[1] = on_ns;
    steady.random_lengths = steady.law == GW_ARRIVAL_POISSON;
    return steady;
}

static int64_t
level_end(struct gw_arrival *arrival, int64_t from_ns)
{
    int64_t length_ns = arrival->plan.length_ns[arrival->level];

    if (arrival->plan.length_ns[1] == 0) {
        return GW_TIME_NEVER;
    }
    if (arrival->plan.random_lengths) {
        length_ns = gw_exponential_ns(&arrival->lengths, length_ns);
    }
    return from_ns + length_ns;
}

void
gw_arrival_init(struct gw_arrival *arrival, const struct gw_arrival_plan *plan,
                const struct gw_workload_context *context, const char *name)
{
    bool silent = plan->rate <= 0 || (plan->level[0] <= 0 && plan->level[1] <= 0);

    *arrival = (struct gw_arrival){.plan = *plan, .gap_ns = silent ? 0 : 1e9 / plan->rate};
    gw_guest_stream(&arrival->gaps, context, name, "gaps");
    gw_guest_stream(&arrival->lengths, context, name, "lengths");
    arrival->until_ns = level_end(arrival, 0);
    if (silent) {
        arrival->at_ns = GW_TIME_NEVER;
    }
}

/* Uses up what is left of the present level and begins the other one. */
static double
change_level(struct gw_arrival *arrival, double work_ns)
{
    double room_ns = (double)(arrival->until_ns - arrival->at_ns) - arrival->fraction;

    work_ns -= room_ns * arrival->plan.level[arrival->level];
    arrival->at_ns = arrival->until_ns;
    arrival->fraction = 0;
    arrival->level ^= 1;
    arrival->until_ns = level_end(arrival, arrival->at_ns);
    return work_ns > 0 ? work_ns : 0;
}

static bool
ends_in_level(const struct gw_arrival *arrival, double work_ns)
{
    double room_ns = (double)(arrival->until_ns - arrival->at_ns) - arrival->fraction;

    return arrival->until_ns == GW_TIME_NEVER ||
           work_ns < room_ns * arrival->plan.level[arrival->level];
}

int64_t
gw_arrival_next(struct gw_arrival *arrival)
{
    double work_ns = arrival->gap_ns;

    if (arrival->at_ns >= FAR_NS) {
        return GW_TIME_NEVER;
    }
    if (arrival->plan.law == GW_ARRIVAL_POISSON) {
        work_ns = gw_exponential(&arrival->gaps, arrival->gap_ns);
    }
    while (arrival->at_ns < FAR_NS && !ends_in_level(arrival, work_ns)) {
        work_ns = change_level(arrival, work_ns);
    }
    arrival->fraction += work_ns / arrival->plan.level[arrival->level];
    if (!(arrival->fraction < (double)FAR_NS) || arrival->at_ns >= FAR_NS) {
        arrival->at_ns = GW_TIME_NEVER;
        return GW_TIME_NEVER;
    }
    arrival->at_ns += (int64_t)arrival->fraction;
    arrival->fraction -= (double)(int64_t)arrival->fraction;
    return arrival->at_ns;
}

int64_t
gw_arrival_due(struct gw_arrival *arrival, int64_t now_ns, int64_t catch_up_ns)
{
    int64_t at_ns = gw_arrival_next(arrival);

    if (at_ns >= FAR_NS) {
        return GW_TIME_NEVER;
    }
    at_ns += arrival->slip_ns;
    if (at_ns < now_ns && now_ns - at_ns > catch_up_ns) {
        arrival->slip_ns += now_ns - at_ns - catch_up_ns;
    }
    return at_ns > now_ns ? at_ns : now_ns;
}

void
gw_think_init(struct gw_think *think, int64_t mean_ns, int law,
              const struct gw_workload_context *context, const char *name)
{
    *think = (struct gw_think){.mean_ns = mean_ns, .exponential = law == 1 && mean_ns > 0};
    gw_guest_stream(&think->stream, context, name, "think");
}
