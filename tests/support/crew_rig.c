/* crew_rig.c - looks and promises: see crew_rig.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/crew_rig.h"

#include <string.h>

enum { WAITS_IN_VAIN_MOST = 3 };

static struct crew_rig *
from_port(struct gw_crew *crew)
{
    return (struct crew_rig *)crew;
}

static void
give(struct gw_crew *crew, uint32_t worker, struct gw_task *task, struct gw_work *work)
{
    struct crew_rig *rig = from_port(crew);

    (void)work;
    gw_assert(worker < crew->workers && rig->load[worker] < rig->depth);
    for (uint32_t i = 0; i < crew->workers; i++) {
        for (uint32_t j = 0; j < rig->load[i]; j++) {
            gw_assert(rig->queue[i][j] != task);
        }
    }
    rig->queue[worker][rig->load[worker]++] = task;
    rig->load_most = rig->load[worker] > rig->load_most ? rig->load[worker] : rig->load_most;
    rig->given[worker]++;
    rig->last_given = worker;
    rig->with_workers++;
}

static struct gw_task *
take_back(struct crew_rig *rig, uint32_t worker)
{
    struct gw_task *task = rig->queue[worker][0];

    rig->load[worker]--;
    memmove(rig->queue[worker], rig->queue[worker] + 1,
            rig->load[worker] * sizeof rig->queue[worker][0]);
    rig->with_workers--;
    rig->last_taken = worker;
    if (rig->possible[worker]) {
        rig->promised = false;
    }
    return task;
}

/* Whether the promise can still be kept when this worker has finished nothing. */
static bool
may_deny(const struct crew_rig *rig, uint32_t worker)
{
    bool other = false;

    for (uint32_t i = 0; i < rig->crew.workers; i++) {
        other = other || (i != worker && rig->possible[i]);
    }
    return !rig->promised || other;
}

static struct gw_task *
take(struct gw_crew *crew, uint32_t worker, struct gw_work *work)
{
    struct crew_rig *rig = from_port(crew);

    (void)work;
    gw_assert(worker < crew->workers);
    rig->waits_in_vain = 0;
    if (rig->load[worker] == 0) {
        return NULL;
    }
    if (may_deny(rig, worker) && rig->choose(rig->chooser, 2) == 1) {
        rig->denied[worker] = true;
        rig->possible[worker] = false;
        return NULL;
    }
    return take_back(rig, worker);
}

static struct gw_task *
take_any(struct gw_crew *crew, struct gw_work *work)
{
    struct crew_rig *rig = from_port(crew);
    uint32_t workers[CREW_RIG_WORKERS], count = 0, pick;

    (void)work;
    rig->waits_in_vain = 0;
    for (uint32_t i = 0; i < crew->workers; i++) {
        if (rig->promised ? rig->possible[i] : rig->load[i] > 0) {
            workers[count++] = i;
        }
    }
    if (count == 0) {
        return NULL;
    }
    pick = rig->choose(rig->chooser, count + !rig->promised);
    if (pick < count) {
        return take_back(rig, workers[pick]);
    }
    memset(rig->denied, true, sizeof rig->denied);
    return NULL;
}

static void
wait_for_one(struct gw_crew *crew, struct gw_work *work)
{
    struct crew_rig *rig = from_port(crew);

    work->spent_ns++;
    gw_assert(rig->with_workers > 0);
    gw_assert(++rig->waits_in_vain < WAITS_IN_VAIN_MOST);
    for (uint32_t i = 0; i < crew->workers && !rig->promised; i++) {
        rig->possible[i] = rig->load[i] > 0;
    }
    rig->promised = true;
}

static const struct gw_crew_ops ops = {
    .give = give, .take = take, .take_any = take_any, .wait = wait_for_one};

void
crew_rig_start(struct crew_rig *rig, uint32_t workers, uint32_t depth)
{
    gw_assert(workers <= CREW_RIG_WORKERS && depth <= CREW_RIG_QUEUE);
    *rig = (struct crew_rig){.crew = {.ops = &ops, .workers = workers}, .depth = depth};
}
