/* page_pool_locked.c - one task a worker, always searched from worker 0.
 *
 * Idea      Task i belongs to worker i. The output of its last page stays with the worker until
 *           it gets the next page, or until the drain. Low-numbered workers get most of the work.
 * Source    QEMU migration/ram.c 2.4 .. 9.0 (compress_page_with_multi_thread, flush), by its
 *           behaviour. The locks themselves are the crew's.
 * Departs   QEMU's flush waits for all workers and then writes their output; we write what is
 *           there while we wait for the rest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/page_pool_policy.h"

bool
gw_page_pool_collect(struct gw_page_pool *pool, uint32_t worker, struct gw_work *work)
{
    struct gw_task *task = pool->plan.crew->ops->take(pool->plan.crew, worker, work);

    if (task == NULL) {
        return false;
    }
    gw_assert(task == &pool->tasks[worker]);
    gw_page_pool_taken(pool, task);
    pool->plan.collect(pool->plan.owner, task, work);
    return true;
}

static bool
choose(struct gw_page_pool *pool, struct gw_work *work)
{
    for (uint32_t i = 0; i < pool->plan.crew->workers; i++) {
        if (pool->load[i] == 0 || gw_page_pool_collect(pool, i, work)) {
            pool->chosen = &pool->tasks[i];
            pool->worker = i;
            return true;
        }
    }
    return false;
}

void
gw_page_pool_drain_slots(struct gw_page_pool *pool, struct gw_work *work)
{
    struct gw_crew *crew = pool->plan.crew;

    while (pool->with_workers > 0) {
        for (uint32_t i = 0; i < crew->workers; i++) {
            if (pool->load[i] > 0) {
                gw_page_pool_collect(pool, i, work);
            }
        }
        if (pool->with_workers > 0) {
            crew->ops->wait(crew, work);
        }
    }
}

const struct gw_page_pool_policy gw_page_pool_locked = {1, choose, gw_page_pool_drain_slots};
