/* page_pool_channels.c - multifd: one packet a channel, the next free channel in turn.
 *
 * Worker i is the thread of wire channel 1 + i.
 *
 * Source: QEMU 8.1 migration/multifd.c, multifd_send_pages, by its behaviour.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/page_pool_policy.h"

static bool
choose(struct gw_page_pool *pool, struct gw_work *work)
{
    uint32_t channels = pool->plan.crew->workers;

    for (uint32_t i = 0; i < channels; i++) {
        uint32_t worker = (pool->cursor + i) % channels;

        if (pool->load[worker] == 0 || gw_page_pool_collect(pool, worker, work)) {
            pool->cursor = (worker + 1) % channels;
            pool->worker = worker;
            pool->chosen = &pool->tasks[worker];
            pool->chosen->channel = 1 + worker;
            return true;
        }
    }
    return false;
}

const struct gw_page_pool_policy gw_page_pool_channels = {1, choose, gw_page_pool_drain_slots};
