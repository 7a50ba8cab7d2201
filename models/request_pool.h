/* request_pool.h - requests that a composite device sends to its children.
 *
 * A pool grows to the largest number ever in use and gives its memory back on destroy. Items may
 * be larger than a subrequest: a device that needs more puts struct gw_subrequest first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_REQUEST_POOL_H
#define GW_REQUEST_POOL_H

#include "models/device.h"

struct gw_subrequest {
    struct gw_request request; /* what the child sees */
    struct gw_device *owner;   /* the composite */
    struct gw_request *parent; /* the request that it serves, or NULL */
    struct gw_subrequest *next;
};

struct gw_request_pool {
    size_t item_bytes;
    struct gw_subrequest *spare;
    struct gw_request_chunk *chunks; /* owned */
};

void gw_request_pool_start(struct gw_request_pool *pool, size_t item_bytes);
void gw_request_pool_stop(struct gw_request_pool *pool);

/* A subrequest with op, flow, offset and length of `parent` (flow 0 and nothing else without one).
 * Memory out is a bug. */
struct gw_subrequest *gw_request_pool_take(struct gw_request_pool *pool, struct gw_device *owner,
                                           struct gw_request *parent);
void gw_request_pool_give(struct gw_request_pool *pool, struct gw_subrequest *sub);

/* Sends sub to child; done gets &sub->request. */
static inline void
gw_subrequest_send(struct gw_subrequest *sub, struct gw_device *child,
                   void (*done)(struct gw_request *))
{
    sub->request.done = done;
    child->submit(child, &sub->request);
}

static inline struct gw_subrequest *
gw_subrequest_of(struct gw_request *request)
{
    return gw_container(request, struct gw_subrequest, request);
}

#endif
