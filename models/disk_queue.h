/* disk_queue.h - the queue inside a disk: which request the arm serves next.
 *
 * At most `depth` requests are seen by the scheduler; later ones wait in order outside. A
 * request older than the patience goes first, whatever the policy, so nothing starves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DISK_QUEUE_H
#define GW_DISK_QUEUE_H

#include "models/admission.h"

enum gw_disk_policy {
    GW_DISK_FIFO,
    GW_DISK_SSTF,    /* nearest address first */
    GW_DISK_ELEVATOR /* upwards only, then back to the lowest (C-LOOK) */
};

struct gw_disk_slot {
    int64_t offset_bytes;
    uint64_t sequence; /* order of arrival */
    struct gw_request *request;
};

struct gw_disk_queue {
    enum gw_disk_policy policy;
    int64_t patience_ns;
    uint32_t depth, count;
    uint64_t sequence;
    struct gw_disk_slot *slots; /* depth of them, in no order; owned */
    struct gw_fifo outside;
};

/* Errors: GW_ENOMEM. */
bool gw_disk_queue_start(struct gw_disk_queue *queue, uint32_t depth, struct gw_error *err);
void gw_disk_queue_stop(struct gw_disk_queue *queue);
void gw_disk_queue_push(struct gw_disk_queue *queue, struct gw_request *request);
/* Next request for an arm at head_bytes; NULL when empty. Ties go to the earlier arrival. */
struct gw_request *gw_disk_queue_pop(struct gw_disk_queue *queue, int64_t head_bytes,
                                     int64_t now_ns);

#endif
