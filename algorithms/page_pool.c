/* page_pool.c - the frame around the ways to hand out tasks.
 *
 * Invariant a task is in one place: free, chosen, or with one worker; load[i] counts the tasks
 *           with worker i, whether finished or not, and never exceeds the policy's depth.
 * Cost      no allocation after create.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/page_pool.h"

#include <stdlib.h>

#include "algorithms/page_pool_policy.h"

static const struct gw_page_pool_policy *const policies[] = {
    [GW_POOL_LOCKED] = &gw_page_pool_locked,
    [GW_POOL_LOCKLESS] = &gw_page_pool_lockless,
    [GW_POOL_CHANNELS] = &gw_page_pool_channels,
};

struct gw_page_pool *
gw_page_pool_create(const struct gw_page_pool_plan *plan, struct gw_error *err)
{
    const struct gw_page_pool_policy *policy = policies[plan->policy];
    uint32_t workers = plan->crew->workers;
    size_t count = (size_t)workers * policy->depth;
    struct gw_page_pool *pool = calloc(1, sizeof *pool);

    gw_assert(workers > 0);
    if (pool == NULL) {
        goto out;
    }
    *pool = (struct gw_page_pool){.plan = *plan, .policy = policy};
    pool->tasks = calloc(count, sizeof *pool->tasks);
    pool->worker_of = calloc(count, sizeof *pool->worker_of);
    pool->load = calloc(workers, sizeof *pool->load);
    if (pool->tasks == NULL || pool->worker_of == NULL || pool->load == NULL) {
        goto out;
    }
    for (size_t i = count; i > 0; i--) {
        pool->tasks[i - 1].next = pool->free;
        pool->free = &pool->tasks[i - 1];
    }
    return pool;
out:
    gw_page_pool_destroy(pool);
    gw_fail(err, GW_ENOMEM, "out of memory for the tasks of %u workers", workers);
    return NULL;
}

void
gw_page_pool_destroy(struct gw_page_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    gw_assert(pool->with_workers == 0);
    free(pool->load);
    free(pool->worker_of);
    free(pool->tasks);
    free(pool);
}

struct gw_task *
gw_page_pool_get(struct gw_page_pool *pool, struct gw_work *work)
{
    gw_assert(pool->chosen == NULL);
    while (!pool->policy->choose(pool, work)) {
        if (!pool->plan.wait) {
            return NULL;
        }
        pool->plan.crew->ops->wait(pool->plan.crew, work);
    }
    return pool->chosen;
}

void
gw_page_pool_give(struct gw_page_pool *pool, struct gw_task *task, struct gw_work *work)
{
    gw_assert(task != NULL && task == pool->chosen);
    pool->chosen = NULL;
    pool->worker_of[task - pool->tasks] = pool->worker;
    pool->load[pool->worker]++;
    pool->with_workers++;
    pool->plan.crew->ops->give(pool->plan.crew, pool->worker, task, work);
}

void
gw_page_pool_drain(struct gw_page_pool *pool, struct gw_work *work)
{
    gw_assert(pool->chosen == NULL);
    pool->policy->drain(pool, work);
}

void
gw_page_pool_taken(struct gw_page_pool *pool, const struct gw_task *task)
{
    pool->load[pool->worker_of[task - pool->tasks]]--;
    pool->with_workers--;
}
