/* page_pool.h - hands tasks to the workers of a crew by one of two policies.
 *
 * GW_POOL_LOCKED    QEMU 2.4 .. 9.0: one task a worker, always searched from worker 0; what a
 *                   worker had finished is collected when it gets its next task.
 * GW_POOL_LOCKLESS  the talk (KVM Forum 2018) and its patch series v1: up to 4 requests a worker,
 *                   searched from a cursor; 4 x workers requests; finished ones are collected
 *                   when a request is needed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_POOL_H
#define GW_PAGE_POOL_H

#include "base/memory.h"

struct gw_page_pool;

struct gw_page_pool_plan {
    struct gw_crew *crew;
    enum gw_pool_policy policy;
    bool wait; /* for a worker, else submit returns NULL */
    /* A task is finished: called from submit and from drain, never twice for one task; the
     * results are in it. It is the pool's again when this returns. */
    void (*collect)(void *owner, struct gw_task *task, struct gw_work *work);
    void *owner;
};

/* Errors: GW_ENOMEM. */
struct gw_page_pool *gw_page_pool_create(const struct gw_page_pool_plan *plan,
                                         struct gw_error *err);
/* Tasks still with workers must have been drained. */
void gw_page_pool_destroy(struct gw_page_pool *pool);

/* A task to fill in, for a worker that can take it; NULL: no worker is free (busy) and the plan
 * does not wait. Collects what it must. */
struct gw_task *gw_page_pool_get(struct gw_page_pool *pool, struct gw_work *work);
/* Hands the task that get gave to its worker. */
void gw_page_pool_give(struct gw_page_pool *pool, struct gw_task *task, struct gw_work *work);
/* Waits for all workers and collects everything. */
void gw_page_pool_drain(struct gw_page_pool *pool, struct gw_work *work);

#endif
