/* disk_buffer.c - segments found by a scan; the live one grows by the clock, not by events.
 *
 * Source  Ruemmler and Wilkes, IEEE Computer 27(3), 1994: read-ahead into segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/disk_buffer.h"

#include <stdlib.h>

bool
gw_disk_buffer_start(struct gw_disk_buffer *buffer, uint32_t count, int64_t ahead_bytes,
                     struct gw_error *err)
{
    *buffer = (struct gw_disk_buffer){.count = count, .live = count, .ahead_bytes = ahead_bytes};
    buffer->segments = calloc(count + 1U, sizeof *buffer->segments);
    return buffer->segments != NULL || gw_fail(err, GW_ENOMEM, "out of memory for a disk buffer");
}

void
gw_disk_buffer_stop(struct gw_disk_buffer *buffer)
{
    free(buffer->segments);
    buffer->segments = NULL;
}

void
gw_disk_buffer_grow(struct gw_disk_buffer *buffer, const struct gw_disk_geometry *geometry,
                    int64_t now_ns)
{
    struct gw_disk_segment *segment = &buffer->segments[buffer->live];
    int64_t passed_ns = now_ns - buffer->live_since_ns;
    int64_t limit_bytes = segment->limit_bytes;
    double turns;

    if (buffer->live == buffer->count || passed_ns <= 0) {
        return;
    }
    buffer->live_since_ns = now_ns;
    turns = (double)passed_ns / geometry->turn_ns;
    segment->end_bytes +=
        (int64_t)(turns / geometry->turns_a_byte[gw_disk_zone(geometry, segment->end_bytes)]);
    if (limit_bytes > (int64_t)geometry->capacity) {
        limit_bytes = (int64_t)geometry->capacity;
    }
    if (segment->end_bytes > limit_bytes) {
        segment->end_bytes = limit_bytes;
    }
}

void
gw_disk_buffer_freeze(struct gw_disk_buffer *buffer)
{
    buffer->live = buffer->count;
}

struct gw_disk_segment *
gw_disk_buffer_find(struct gw_disk_buffer *buffer, int64_t offset_bytes)
{
    for (uint32_t i = 0; i < buffer->count; i++) {
        struct gw_disk_segment *segment = &buffer->segments[i];
        uint64_t length_bytes = (uint64_t)(segment->end_bytes - segment->begin_bytes);

        /* One comparison for both ends: the processor guesses it right nearly always. */
        if ((uint64_t)(offset_bytes - segment->begin_bytes) <= length_bytes) {
            segment->used = ++buffer->clock;
            return segment;
        }
    }
    return NULL;
}

static uint32_t
least_recent(const struct gw_disk_buffer *buffer)
{
    uint32_t least = 0;

    for (uint32_t i = 1; i < buffer->count; i++) {
        if (buffer->segments[i].used < buffer->segments[least].used) {
            least = i;
        }
    }
    return least;
}

void
gw_disk_buffer_read(struct gw_disk_buffer *buffer, struct gw_disk_segment *segment,
                    struct gw_extent extent, int64_t finished_ns)
{
    if (buffer->count == 0) {
        return;
    }
    if (segment == NULL) {
        segment = &buffer->segments[least_recent(buffer)];
        segment->begin_bytes = extent.offset_bytes;
        segment->used = ++buffer->clock;
    }
    segment->end_bytes = gw_extent_end(extent);
    segment->limit_bytes = segment->end_bytes + buffer->ahead_bytes;
    if (segment->end_bytes - segment->begin_bytes > 2 * buffer->ahead_bytes) {
        segment->begin_bytes = segment->end_bytes - 2 * buffer->ahead_bytes;
    }
    buffer->live = (uint32_t)(segment - buffer->segments);
    buffer->live_since_ns = finished_ns;
}

void
gw_disk_buffer_write(struct gw_disk_buffer *buffer, int64_t begin_bytes, int64_t end_bytes)
{
    for (uint32_t i = 0; i < buffer->count; i++) {
        struct gw_disk_segment *segment = &buffer->segments[i];

        if (segment->begin_bytes < end_bytes && begin_bytes < segment->end_bytes) {
            segment->end_bytes = segment->begin_bytes;
        }
    }
}
