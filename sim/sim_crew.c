/* sim_crew.c - time lines of workers, and a lock that is served in order of arrival.
 *
 * Idea      A task's finish is known when it is given: a busy worker starts it when it is through
 *           with the one before; a polling worker at once; a sleeping one after the wake-up,
 *           which costs the giver time too. So nothing has to be scheduled, and "finished" means
 *           that the finish lies behind the caller's clock.
 * Lock      The lock is a time, lock_free_ns, from which it is free. Giving and taking back hold
 *           it for lock_ns, and also while the worker is woken and the result collected; a worker
 *           holds it for lock_ns when it says that it is done, and the task shows only then. Looks
 *           are part of a search that has the lock already and do not queue for it. Workers that
 *           want the lock in the future are not served before the caller's clock has come there
 *           (settle): so the order of service is the order of arrival.
 * Invariant finished.at_ns[i] is the finish of worker i's oldest task, GW_TIME_NEVER when there is
 *           none or, locked, when it has not had the lock yet; then due.at_ns[i] is when it wants
 *           it.
 * Cost      a pass over `workers` numbers for a task, another one when locked; no allocation after create.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_crew.h"

#include <stdlib.h>

struct lane {
    int64_t idle_from_ns; /* through with all its tasks */
    uint32_t head, count;
    int64_t finish_ns[GW_SIM_CREW_QUEUE];
    struct gw_task *task[GW_SIM_CREW_QUEUE];
    struct gw_sim_crew_usage usage;
};

struct cost {
    int64_t whole_ns;
    double fraction_ns;
};

/* A time of each worker, and whose is the least; of several the first. */
struct line {
    int64_t *at_ns; /* owned */
    uint32_t first;
};

struct gw_sim_crew {
    struct gw_crew port; /* first */
    struct gw_sim_crew_plan plan;
    struct gw_memory_host host;
    struct cost give, scan, wake, collect; /* host's */
    double fraction_ns;                    /* of costs, not booked yet */
    int64_t poll_ns, lock_ns;
    int64_t caller_latency_ns, latency_ns, far_latency_ns; /* from being woken to running */
    int64_t lock_free_ns;
    int64_t waited_ns;
    struct gw_sim_crew_woken woken;
    struct lane *lanes; /* owned */
    struct line finished, due;
};

static struct gw_sim_crew *
from_port(struct gw_crew *port)
{
    return (struct gw_sim_crew *)port;
}

static int64_t
clock_of(const struct gw_sim_crew *crew, const struct gw_work *work)
{
    return crew->plan.agenda->now_ns + work->spent_ns;
}

static struct cost
split(double cost_ns)
{
    int64_t whole = (int64_t)cost_ns;

    return (struct cost){whole, cost_ns - (double)whole};
}

/* Costs are often below or between nanoseconds: what is cut off is booked with the next. */
static inline void
charge(struct gw_sim_crew *crew, struct gw_work *work, const struct cost *cost)
{
    work->spent_ns += cost->whole_ns;
    if (cost->fraction_ns > 0) {
        double sum = crew->fraction_ns + cost->fraction_ns;
        int64_t carry = sum >= 1;

        crew->fraction_ns = sum - (double)carry;
        work->spent_ns += carry;
    }
}

/* What the caller does with the lock in its hand. */
static void
charge_locked(struct gw_sim_crew *crew, struct gw_work *work, const struct cost *cost)
{
    charge(crew, work, cost);
    if (crew->plan.locked) {
        crew->lock_free_ns = clock_of(crew, work);
    }
}

/* The least of both halves at the same time: each look waits for the one before. */
static uint32_t
earliest(const int64_t *time_ns, uint32_t count)
{
    uint32_t half = count / 2;
    uint32_t low = 0, high = count - 1;
    int64_t low_ns = time_ns[low], high_ns = time_ns[high];

    for (uint32_t i = 0; i < half; i++) {
        uint32_t other = count - 1 - i;
        bool low_sooner = time_ns[i] < low_ns;
        bool high_sooner = time_ns[other] <= high_ns;

        low = low_sooner ? i : low;
        low_ns = low_sooner ? time_ns[i] : low_ns;
        high = high_sooner ? other : high;
        high_ns = high_sooner ? time_ns[other] : high_ns;
    }
    if (time_ns[half] < low_ns) {
        low = half;
        low_ns = time_ns[half];
    }
    return high_ns < low_ns ? high : low;
}

static void
set_time(struct line *line, uint32_t workers, uint32_t worker, int64_t at_ns)
{
    bool later = at_ns > line->at_ns[worker];
    int64_t least_ns = line->at_ns[line->first];

    line->at_ns[worker] = at_ns;
    if (worker == line->first && later) {
        line->first = earliest(line->at_ns, workers);
    } else if (at_ns < least_ns || (at_ns == least_ns && worker < line->first)) {
        line->first = worker;
    }
}

/* Serves the workers that want the lock until then. */
static void
settle(struct gw_sim_crew *crew, int64_t until_ns)
{
    while (crew->due.at_ns[crew->due.first] <= until_ns) {
        uint32_t worker = crew->due.first;
        struct lane *lane = &crew->lanes[worker];
        int64_t due_ns = crew->due.at_ns[worker];
        int64_t start_ns = due_ns > crew->lock_free_ns ? due_ns : crew->lock_free_ns;

        crew->lock_free_ns = start_ns + crew->lock_ns;
        lane->idle_from_ns = crew->lock_free_ns;
        lane->usage.busy_ns += crew->lock_ns;
        set_time(&crew->finished, crew->port.workers, worker, crew->lock_free_ns);
        set_time(&crew->due, crew->port.workers, worker, GW_TIME_NEVER);
    }
}

/* The caller gets the lock, and has it until the charge_locked that follows. */
static void
lock(struct gw_sim_crew *crew, struct gw_work *work)
{
    int64_t now_ns;

    if (!crew->plan.locked) {
        return;
    }
    now_ns = clock_of(crew, work);
    settle(crew, now_ns);
    if (crew->lock_free_ns > now_ns) {
        work->spent_ns += crew->lock_free_ns - now_ns;
    }
    work->spent_ns += crew->lock_ns;
}

/* When the worker can start what it is given now. */
static int64_t
start_of(struct gw_sim_crew *crew, struct lane *lane, struct gw_work *work)
{
    int64_t now_ns = clock_of(crew, work);
    int64_t idle_ns = now_ns - lane->idle_from_ns;
    bool near = lane - crew->lanes < crew->host.near_workers;
    int64_t latency_ns = near ? crew->latency_ns : crew->far_latency_ns;

    if (idle_ns < 0) {
        return lane->idle_from_ns;
    }
    if (idle_ns < crew->poll_ns) {
        lane->usage.spin_ns += idle_ns;
        return now_ns;
    }
    lane->usage.spin_ns += crew->poll_ns;
    charge_locked(crew, work, &crew->wake);
    crew->woken.workers_ns += latency_ns;
    return clock_of(crew, work) + latency_ns;
}

static void
queue(struct gw_sim_crew *crew, uint32_t worker, struct gw_task *task, int64_t finish_ns)
{
    struct lane *lane = &crew->lanes[worker];
    uint32_t place = (lane->head + lane->count) % GW_SIM_CREW_QUEUE;

    lane->task[place] = task;
    lane->finish_ns[place] = finish_ns;
    lane->idle_from_ns = finish_ns;
    if (crew->plan.locked) {
        set_time(&crew->due, crew->port.workers, worker, finish_ns);
    } else if (lane->count == 0) {
        set_time(&crew->finished, crew->port.workers, worker, finish_ns);
    }
    lane->count++;
}

static void
give(struct gw_crew *port, uint32_t worker, struct gw_task *task, struct gw_work *work)
{
    struct gw_sim_crew *crew = from_port(port);
    struct lane *lane = &crew->lanes[worker];
    double service_ns = 0;
    int64_t start_ns, busy_ns;

    gw_assert(worker < port->workers);
    gw_assert(lane->count < (crew->plan.locked ? 1 : GW_SIM_CREW_QUEUE));
    charge(crew, work, &crew->give);
    lock(crew, work);
    start_ns = start_of(crew, lane, work);
    crew->plan.perform(crew->plan.owner, task, &service_ns);
    gw_assert(service_ns >= 0);
    busy_ns = (int64_t)(service_ns + 0.5);
    lane->usage.tasks++;
    lane->usage.busy_ns += busy_ns;
    queue(crew, worker, task, start_ns + busy_ns);
}

/* The oldest task of the worker, which is finished. */
static struct gw_task *
take_back(struct gw_sim_crew *crew, uint32_t worker, struct gw_work *work)
{
    struct lane *lane = &crew->lanes[worker];
    struct gw_task *task = lane->task[lane->head];

    lane->head = (lane->head + 1) % GW_SIM_CREW_QUEUE;
    lane->count--;
    set_time(&crew->finished, crew->port.workers, worker,
             lane->count > 0 ? lane->finish_ns[lane->head] : GW_TIME_NEVER);
    lock(crew, work);
    charge_locked(crew, work, &crew->collect);
    return task;
}

/* The caller's clock, at which the crew's state is what it was after this look. */
static int64_t
look(struct gw_sim_crew *crew, struct gw_work *work)
{
    int64_t now_ns;

    charge(crew, work, &crew->scan);
    now_ns = clock_of(crew, work);
    settle(crew, now_ns);
    return now_ns;
}

static struct gw_task *
take(struct gw_crew *port, uint32_t worker, struct gw_work *work)
{
    struct gw_sim_crew *crew = from_port(port);
    int64_t now_ns = look(crew, work);

    gw_assert(worker < port->workers);
    return crew->finished.at_ns[worker] <= now_ns ? take_back(crew, worker, work) : NULL;
}

static struct gw_task *
take_any(struct gw_crew *port, struct gw_work *work)
{
    struct gw_sim_crew *crew = from_port(port);
    int64_t now_ns = look(crew, work);
    uint32_t worker = crew->finished.first;

    return crew->finished.at_ns[worker] <= now_ns ? take_back(crew, worker, work) : NULL;
}

/* A caller that sleeps is woken like a worker; one that polls sees the finish at once. */
static void
wait_for_one(struct gw_crew *port, struct gw_work *work)
{
    struct gw_sim_crew *crew = from_port(port);
    int64_t now_ns = clock_of(crew, work);
    int64_t until_ns;

    settle(crew, now_ns);
    until_ns = crew->finished.at_ns[crew->finished.first];
    if (until_ns == GW_TIME_NEVER) {
        gw_assert(crew->due.at_ns[crew->due.first] != GW_TIME_NEVER);
        settle(crew, crew->due.at_ns[crew->due.first]);
        until_ns = crew->finished.at_ns[crew->finished.first];
    }
    if (until_ns <= now_ns) {
        return;
    }
    if (crew->plan.locked) {
        until_ns += crew->caller_latency_ns;
        crew->woken.caller_ns += crew->caller_latency_ns;
    }
    work->spent_ns += until_ns - now_ns;
    crew->waited_ns += until_ns - now_ns;
}

static const struct gw_crew_ops ops = {
    .give = give, .take = take, .take_any = take_any, .wait = wait_for_one};

struct gw_sim_crew *
gw_sim_crew_create(const struct gw_sim_crew_plan *plan, struct gw_error *err)
{
    struct gw_sim_crew *crew = calloc(1, sizeof *crew);
    size_t count = plan->workers;

    gw_assert(plan->workers > 0);
    if (crew == NULL) {
        goto out;
    }
    *crew = (struct gw_sim_crew){
        .port = {.ops = &ops, .workers = plan->workers},
        .plan = *plan,
        .host = *plan->host,
        .poll_ns = plan->locked || plan->sleepy ? 0 : (int64_t)plan->host->poll_ns,
        .lock_ns = (int64_t)plan->host->lock_ns};
    gw_sim_crew_stretch(crew, 1, 1);
    crew->lanes = calloc(count, sizeof *crew->lanes);
    crew->finished.at_ns = calloc(count, sizeof *crew->finished.at_ns);
    crew->due.at_ns = calloc(count, sizeof *crew->due.at_ns);
    if (crew->lanes == NULL || crew->finished.at_ns == NULL || crew->due.at_ns == NULL) {
        goto out;
    }
    for (uint32_t i = 0; i < plan->workers; i++) {
        crew->lanes[i].idle_from_ns = plan->agenda->now_ns;
        crew->finished.at_ns[i] = GW_TIME_NEVER;
        crew->due.at_ns[i] = GW_TIME_NEVER;
    }
    return crew;
out:
    gw_sim_crew_destroy(crew);
    gw_fail(err, GW_ENOMEM, "out of memory for %u simulated workers", plan->workers);
    return NULL;
}

void
gw_sim_crew_stretch(struct gw_sim_crew *crew, double caller, double workers)
{
    crew->give = split(crew->host.give_ns * caller);
    crew->scan = split(crew->host.scan_ns * caller);
    crew->wake = split(crew->host.wake_ns * caller);
    crew->collect = split(crew->host.collect_ns * caller);
    crew->caller_latency_ns = (int64_t)(crew->host.wake_latency_ns * caller);
    crew->latency_ns = (int64_t)(crew->host.wake_latency_ns * workers);
    crew->far_latency_ns = (int64_t)(crew->host.far_wake_latency_ns * workers);
}

void
gw_sim_crew_destroy(struct gw_sim_crew *crew)
{
    if (crew == NULL) {
        return;
    }
    free(crew->due.at_ns);
    free(crew->finished.at_ns);
    free(crew->lanes);
    free(crew);
}

struct gw_crew *
gw_sim_crew_port(struct gw_sim_crew *crew)
{
    return &crew->port;
}

const struct gw_sim_crew_usage *
gw_sim_crew_usage(const struct gw_sim_crew *crew, uint32_t worker)
{
    return &crew->lanes[worker].usage;
}

int64_t
gw_sim_crew_waited_ns(const struct gw_sim_crew *crew)
{
    return crew->waited_ns;
}

struct gw_sim_crew_woken
gw_sim_crew_woken(const struct gw_sim_crew *crew)
{
    return crew->woken;
}
