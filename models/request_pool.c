/* request_pool.c - a free list over chunks; items never move, so their events may be pending.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/request_pool.h"

#include <stdlib.h>

enum { CHUNK_ITEMS = 64 };

struct gw_request_chunk {
    struct gw_request_chunk *next;
    _Alignas(16) unsigned char items[];
};

void
gw_request_pool_start(struct gw_request_pool *pool, size_t item_bytes)
{
    gw_assert(item_bytes >= sizeof(struct gw_subrequest));
    *pool = (struct gw_request_pool){.item_bytes = (item_bytes + 15) & ~(size_t)15};
}

void
gw_request_pool_stop(struct gw_request_pool *pool)
{
    while (pool->chunks != NULL) {
        struct gw_request_chunk *chunk = pool->chunks;

        pool->chunks = chunk->next;
        free(chunk);
    }
    pool->spare = NULL;
}

static void
grow(struct gw_request_pool *pool)
{
    struct gw_request_chunk *chunk = calloc(1, sizeof *chunk + CHUNK_ITEMS * pool->item_bytes);

    gw_assert(chunk != NULL);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    for (size_t i = CHUNK_ITEMS; i > 0; i--) {
        void *item = chunk->items + (i - 1) * pool->item_bytes;
        struct gw_subrequest *sub = item;

        sub->next = pool->spare;
        pool->spare = sub;
    }
}

struct gw_subrequest *
gw_request_pool_take(struct gw_request_pool *pool, struct gw_device *owner,
                     struct gw_request *parent)
{
    struct gw_subrequest *sub;

    if (pool->spare == NULL) {
        grow(pool);
    }
    sub = pool->spare;
    pool->spare = sub->next;
    sub->owner = owner;
    sub->parent = parent;
    sub->request.flow = 0;
    if (parent != NULL) {
        sub->request.op = parent->op;
        sub->request.flow = parent->flow;
        sub->request.offset_bytes = parent->offset_bytes;
        sub->request.length_bytes = parent->length_bytes;
    }
    return sub;
}

void
gw_request_pool_give(struct gw_request_pool *pool, struct gw_subrequest *sub)
{
    sub->next = pool->spare;
    pool->spare = sub;
}
