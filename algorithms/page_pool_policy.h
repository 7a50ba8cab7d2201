/* page_pool_policy.h - what a pool is made of, and what its two policies decide.
 *
 * For the files page_pool*.c alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PAGE_POOL_POLICY_H
#define GW_PAGE_POOL_POLICY_H

#include "algorithms/page_pool.h"

struct gw_page_pool_policy {
    uint32_t depth; /* tasks that may be with one worker: queued, in work, finished */
    /* Chooses a worker and a free task for it (pool->worker, pool->chosen), collecting what it
     * must; false: no worker can take one now. */
    bool (*choose)(struct gw_page_pool *pool, struct gw_work *work);
    void (*drain)(struct gw_page_pool *pool, struct gw_work *work);
};

struct gw_page_pool {
    struct gw_page_pool_plan plan;
    const struct gw_page_pool_policy *policy;
    struct gw_task *tasks;  /* owned: depth * workers */
    uint32_t *worker_of;    /* owned: worker that task i was given to */
    uint32_t *load;         /* owned: tasks with worker i */
    struct gw_task *free;   /* lockless: by `next` */
    struct gw_task *chosen; /* between get and give */
    uint32_t worker;        /* for it */
    uint32_t cursor;        /* lockless: where the next search begins */
    uint32_t with_workers;  /* sum of load */
};

extern const struct gw_page_pool_policy gw_page_pool_locked;
extern const struct gw_page_pool_policy gw_page_pool_lockless;
extern const struct gw_page_pool_policy gw_page_pool_channels;

/* One slot a worker: collects what the worker has finished, if it has. */
bool gw_page_pool_collect(struct gw_page_pool *pool, uint32_t worker, struct gw_work *work);
/* One slot a worker: the drain. */
void gw_page_pool_drain_slots(struct gw_page_pool *pool, struct gw_work *work);

/* The task is no longer with its worker. */
void gw_page_pool_taken(struct gw_page_pool *pool, const struct gw_task *task);

#endif
