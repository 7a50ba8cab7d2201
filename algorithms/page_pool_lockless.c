/* page_pool_lockless.c - up to four tasks a worker, one list of finished ones for all.
 *
 * Idea      A private list of free tasks; when it is empty, the task that any worker finished
 *           first is collected and used again. The search for a worker goes on behind the last.
 * Source    KVM Forum 2018 and its patch series v1 of October 2018, by its behaviour.
 * Departs   v1 finds room where a worker has begun a task; here a task counts for its worker
 *           until it is collected. The number of tasks is the same, 4 x workers, and so a busy
 *           pool is: all tasks given, none finished.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/page_pool_policy.h"

enum { DEPTH = 4 };

/* Collects the oldest finished task, if there is one. */
static bool
collect(struct gw_page_pool *pool, struct gw_work *work)
{
    struct gw_task *task = pool->plan.crew->ops->take_any(pool->plan.crew, work);

    if (task == NULL) {
        return false;
    }
    gw_page_pool_taken(pool, task);
    pool->plan.collect(pool->plan.owner, task, work);
    task->next = pool->free;
    pool->free = task;
    return true;
}

/* First worker from the cursor on with room; a free task means that there is one. */
static uint32_t
find_room(const struct gw_page_pool *pool)
{
    uint32_t worker = pool->cursor;

    for (uint32_t looks = 1; pool->load[worker] == DEPTH; looks++) {
        gw_assert(looks < pool->plan.crew->workers);
        worker = worker + 1 == pool->plan.crew->workers ? 0 : worker + 1;
    }
    return worker;
}

static bool
choose(struct gw_page_pool *pool, struct gw_work *work)
{
    bool collected = pool->free == NULL; /* then only its worker has room */

    if (collected && !collect(pool, work)) {
        return false;
    }
    pool->chosen = pool->free;
    pool->free = pool->chosen->next;
    pool->worker = collected ? pool->worker_of[pool->chosen - pool->tasks] : find_room(pool);
    pool->cursor = pool->worker + 1 == pool->plan.crew->workers ? 0 : pool->worker + 1;
    return true;
}

static void
drain(struct gw_page_pool *pool, struct gw_work *work)
{
    while (pool->with_workers > 0) {
        if (!collect(pool, work)) {
            pool->plan.crew->ops->wait(pool->plan.crew, work);
        }
    }
}

const struct gw_page_pool_policy gw_page_pool_lockless = {DEPTH, choose, drain};
