/* pending.h - the set of pending events: earliest first, in a total order.
 *
 * Part of the kernel; everybody else goes through kernel.h. The hot paths are inline here, the
 * rest is in pending.c, pending_heap.c and pending_sort.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PENDING_H
#define GW_PENDING_H

#include <stddef.h>

#include "base/error.h"
#include "base/event.h"
#include "base/wide.h"

enum {
    GW_CHUNK_ENTRIES = 7, /* at most 7: head keeps the count in 3 bits */
    GW_RUN_DEPTH = 48     /* deepest sorted insertion before the heap is cheaper */
};

/* Where an event waits: the low bits of gw_event.place; the rest is an index. */
enum gw_tier { GW_TIER_NONE, GW_TIER_RUN, GW_TIER_HEAP, GW_TIER_RING };

struct gw_entry {
    int64_t at_ns;
    uint64_t order;
    struct gw_event *event; /* NULL in the run: cancelled there */
};

struct gw_chunk {
    uint32_t next; /* older chunk of the same bucket, always full; 0 = none */
    uint32_t reserved;
    struct gw_entry entry[GW_CHUNK_ENTRIES];
};

struct gw_pending {
    struct gw_entry *run;  /* sorted, latest first: the next event is the last entry */
    struct gw_entry *heap; /* 4-ary; heap[0] is a sentinel at the end of time while empty */
    int64_t run_limit_ns;  /* start of the first bucket not yet opened */
    uint32_t run_count, run_capacity, run_dead;
    uint32_t heap_count, heap_capacity;
    uint32_t ring_count;    /* buckets, a power of two; 0 = few events, the run holds them all */
    uint32_t ring_mask;     /* ring_count - 1, or 0 */
    uint32_t shift;         /* a bucket is 2^shift ns wide */
    int64_t cursor;         /* number (at_ns >> shift) of the first bucket not yet opened */
    int64_t next_bucket;    /* no bucket before it holds anything; INT64_MAX = ring is empty */
    uint32_t *head;         /* per bucket: newest chunk * 8 + entries in it; 0 = empty */
    uint64_t *occupied;     /* a bit a bucket */
    struct gw_chunk *chunk; /* chunk[0] is never used */
    uint32_t chunk_capacity, chunk_free, chunk_fresh;
    uint32_t ring_live;
    struct gw_entry *spare; /* merge sort and rebuild */
    uint32_t spare_capacity;
    /* What retuning looks at: */
    uint64_t popped; /* entries that left by gw_pending_pop */
    uint64_t effort, effort_due, popped_last;
    int64_t tuned_ns;
};

bool gw_pending_init(struct gw_pending *pending, struct gw_error *err);
void gw_pending_clear(struct gw_pending *pending);

/* The ways in and out that are not inline; now_ns is the time of the kernel. */
void gw_pending_push_slow(struct gw_pending *pending, struct gw_event *event, int64_t now_ns);
const struct gw_entry *gw_pending_front_slow(struct gw_pending *pending, int64_t now_ns);
void gw_pending_remove(struct gw_pending *pending, struct gw_event *event);

/* pending_sort.c: run_count entries of `spare` into the run, latest first. */
void gw_pending_sort(struct gw_pending *pending);

/* pending_heap.c; `index` is the place of an entry in the heap. */
void gw_pending_heap_push(struct gw_pending *pending, const struct gw_entry *entry);
void gw_pending_heap_remove(struct gw_pending *pending, uint32_t index);

/* An array of entries of at least `count`, grown geometrically; out of memory is a bug here. */
void gw_pending_reserve(struct gw_entry **array, uint32_t *capacity, uint32_t count);

/* One comparison of 128 bits, because a branch on "same time?" costs more. Times are >= 0. */
static inline bool
gw_entry_before(const struct gw_entry *a, const struct gw_entry *b)
{
    return ((gw_u128)(uint64_t)a->at_ns << 64 | a->order) <
           ((gw_u128)(uint64_t)b->at_ns << 64 | b->order);
}

/* Copies in three words. The empty asm keeps the compiler from pairing them in one 16-byte load,
 * which would stall on an entry that has just been stored in pieces. */
static inline void
gw_entry_copy(struct gw_entry *into, const struct gw_entry *from)
{
    int64_t at_ns = from->at_ns;

    __asm__("" : "+r"(at_ns));
    into->at_ns = at_ns;
    into->order = from->order;
    into->event = from->event;
}

/* Takes the event in; its at_ns and order are set. Inline: into the run where it is short
 * enough, into a bucket whose newest chunk has room. */
static inline void
gw_pending_push(struct gw_pending *pending, struct gw_event *event, int64_t now_ns)
{
    struct gw_entry entry = {event->at_ns, event->order, event};

    if (entry.at_ns < pending->run_limit_ns) {
        struct gw_entry *run = pending->run;
        uint32_t i = pending->run_count;

        if (__builtin_expect(
                i == pending->run_capacity ||
                    (i > GW_RUN_DEPTH && gw_entry_before(&run[i - GW_RUN_DEPTH - 1], &entry)),
                0)) {
            gw_pending_push_slow(pending, event, now_ns);
            return;
        }
        pending->run_count = i + 1;
        event->place = GW_TIER_RUN;
        for (; i > 0 && gw_entry_before(&run[i - 1], &entry); i--) {
            gw_entry_copy(&run[i], &run[i - 1]);
        }
        run[i] = entry;
        return;
    }
    int64_t bucket = entry.at_ns >> pending->shift;
    uint32_t slot = (uint32_t)bucket & pending->ring_mask;
    uint32_t head = pending->head[slot];

    if (__builtin_expect(bucket - pending->cursor > (int64_t)pending->ring_mask ||
                             (head & 7) - 1 >= GW_CHUNK_ENTRIES - 1,
                         0)) {
        gw_pending_push_slow(pending, event, now_ns);
        return;
    }
    pending->chunk[head >> 3].entry[head & 7] = entry;
    pending->head[slot] = head + 1;
    pending->ring_live++;
    event->place = head << 2 | GW_TIER_RING;
}

/* The earliest entry, or NULL; valid until the next call. */
static inline const struct gw_entry *
gw_pending_front(struct gw_pending *pending, int64_t now_ns)
{
    if (__builtin_expect(pending->run_count > 0, 1)) {
        const struct gw_entry *last = &pending->run[pending->run_count - 1];

        if (__builtin_expect(last->event != NULL && gw_entry_before(last, pending->heap), 1)) {
            return last;
        }
    }
    return gw_pending_front_slow(pending, now_ns);
}

/* Takes out the entry that gw_pending_front has just returned. */
static inline void
gw_pending_pop(struct gw_pending *pending, const struct gw_entry *front)
{
    pending->popped++;
    if (__builtin_expect(front != pending->heap, 1)) {
        pending->run_count--;
        return;
    }
    gw_pending_heap_remove(pending, 0);
}

#endif
