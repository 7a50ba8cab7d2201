/* disk_buffer.h - the segments of a disk's read buffer: what was read and what the idle head
 * reads ahead.
 *
 * At most one segment is `live`: the head stands at its end and keeps reading until something
 * else wants the arm or the segment is full.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DISK_BUFFER_H
#define GW_DISK_BUFFER_H

#include "base/io.h"
#include "models/disk_geometry.h"

struct gw_disk_segment {
    int64_t begin_bytes, end_bytes; /* held; empty when equal */
    int64_t limit_bytes;            /* read-ahead stops here */
    uint64_t used;                  /* for least recently used */
};

struct gw_disk_buffer {
    struct gw_disk_segment *segments; /* owned */
    uint32_t count;
    uint32_t live;         /* index, or count when none */
    int64_t live_since_ns; /* when the head had reached the live segment's end_bytes */
    int64_t ahead_bytes;   /* most read beyond the last request */
    uint64_t clock;
};

/* Errors: GW_ENOMEM. A count of 0 is a disk without buffer. */
bool gw_disk_buffer_start(struct gw_disk_buffer *buffer, uint32_t count, int64_t ahead_bytes,
                          struct gw_error *err);
void gw_disk_buffer_stop(struct gw_disk_buffer *buffer);

/* Brings the live segment up to now. */
void gw_disk_buffer_grow(struct gw_disk_buffer *buffer, const struct gw_disk_geometry *geometry,
                         int64_t now_ns);
/* The head leaves: nothing is live any more. Call grow first. */
void gw_disk_buffer_freeze(struct gw_disk_buffer *buffer);
/* Segment that holds offset_bytes or ends there, or NULL. */
struct gw_disk_segment *gw_disk_buffer_find(struct gw_disk_buffer *buffer, int64_t offset_bytes);
/* A read of [begin, end) goes into `segment` (NULL: the least recently used one) and leaves the
 * head at `end` at that moment, where it goes on reading. */
void gw_disk_buffer_read(struct gw_disk_buffer *buffer, struct gw_disk_segment *segment,
                         struct gw_extent extent, int64_t finished_ns);
/* Forgets what a write made stale. */
void gw_disk_buffer_write(struct gw_disk_buffer *buffer, int64_t begin_bytes, int64_t end_bytes);

#endif
