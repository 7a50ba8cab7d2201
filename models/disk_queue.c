/* disk_queue.c - a small unordered table scanned once a service.
 *
 * A table of 32 entries fits in a dozen cache lines; a tree would cost more than the scan.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/disk_queue.h"

#include <stdlib.h>

bool
gw_disk_queue_start(struct gw_disk_queue *queue, uint32_t depth, struct gw_error *err)
{
    *queue = (struct gw_disk_queue){.depth = depth};
    queue->slots = calloc(depth, sizeof *queue->slots);
    return queue->slots != NULL || gw_fail(err, GW_ENOMEM, "out of memory for a disk queue");
}

void
gw_disk_queue_stop(struct gw_disk_queue *queue)
{
    free(queue->slots);
    queue->slots = NULL;
}

static void
enter(struct gw_disk_queue *queue, struct gw_request *request)
{
    queue->slots[queue->count++] = (struct gw_disk_slot){
        .offset_bytes = request->offset_bytes,
        .sequence = queue->sequence++,
        .request = request,
    };
}

void
gw_disk_queue_push(struct gw_disk_queue *queue, struct gw_request *request)
{
    if (queue->count < queue->depth) {
        enter(queue, request);
        return;
    }
    gw_fifo_push(&queue->outside, request);
}

/* Smaller is sooner. */
static uint64_t
cost(const struct gw_disk_queue *queue, const struct gw_disk_slot *slot, int64_t head_bytes)
{
    int64_t distance = slot->offset_bytes - head_bytes;

    if (queue->policy == GW_DISK_FIFO) {
        return slot->sequence;
    }
    if (queue->policy == GW_DISK_SSTF) {
        return (uint64_t)(distance < 0 ? -distance : distance);
    }
    return distance >= 0 ? (uint64_t)distance : (uint64_t)slot->offset_bytes + (UINT64_C(1) << 63);
}

static uint32_t
best_slot(const struct gw_disk_queue *queue, int64_t head_bytes, int64_t now_ns)
{
    uint32_t best = 0, oldest = 0;
    uint64_t best_cost = UINT64_MAX;

    for (uint32_t i = 0; i < queue->count; i++) {
        const struct gw_disk_slot *slot = &queue->slots[i];
        uint64_t slot_cost = cost(queue, slot, head_bytes);

        if (slot->sequence < queue->slots[oldest].sequence) {
            oldest = i;
        }
        if (slot_cost < best_cost ||
            (slot_cost == best_cost && slot->sequence < queue->slots[best].sequence)) {
            best = i;
            best_cost = slot_cost;
        }
    }
    if (now_ns - queue->slots[oldest].request->arrived_ns > queue->patience_ns) {
        return oldest;
    }
    return best;
}

struct gw_request *
gw_disk_queue_pop(struct gw_disk_queue *queue, int64_t head_bytes, int64_t now_ns)
{
    struct gw_request *request, *next;
    uint32_t chosen;

    if (queue->count == 0) {
        return NULL;
    }
    chosen = best_slot(queue, head_bytes, now_ns);
    request = queue->slots[chosen].request;
    queue->slots[chosen] = queue->slots[--queue->count];
    next = gw_fifo_pop(&queue->outside);
    if (next != NULL) {
        enter(queue, next);
    }
    return request;
}
