/* pending_heap.c - the heap behind the calendar: whatever does not fit the buckets.
 *
 * Idea      A 4-ary heap whose entries tell their events where they are, so that any of them
 *           can be taken out in O(log n). heap[0] is always readable: while the heap is empty
 *           it holds an entry later than all others, which saves a test in every pop.
 * Source    D. B. Johnson, "Priority queues with update and finding minimum spanning trees", 1975.
 * Invariant heap[i].event->place names i.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/pending.h"

enum { WAYS = 4 };

static void
put(struct gw_pending *pending, uint32_t index, const struct gw_entry *entry)
{
    pending->heap[index] = *entry;
    entry->event->place = index << 2 | GW_TIER_HEAP;
}

static void
sift_up(struct gw_pending *pending, uint32_t index, const struct gw_entry *entry)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / WAYS;

        if (!gw_entry_before(entry, &pending->heap[parent])) {
            break;
        }
        put(pending, index, &pending->heap[parent]);
        index = parent;
    }
    put(pending, index, entry);
}

static uint32_t
least_child(const struct gw_pending *pending, uint32_t first)
{
    uint32_t end = first + WAYS < pending->heap_count ? first + WAYS : pending->heap_count;
    uint32_t least = first;

    for (uint32_t i = first + 1; i < end; i++) {
        if (gw_entry_before(&pending->heap[i], &pending->heap[least])) {
            least = i;
        }
    }
    return least;
}

static void
sift_down(struct gw_pending *pending, uint32_t index, const struct gw_entry *entry)
{
    for (;;) {
        uint32_t first = index * WAYS + 1;

        if (first >= pending->heap_count) {
            break;
        }
        uint32_t child = least_child(pending, first);

        if (!gw_entry_before(&pending->heap[child], entry)) {
            break;
        }
        put(pending, index, &pending->heap[child]);
        index = child;
    }
    put(pending, index, entry);
}

void
gw_pending_heap_push(struct gw_pending *pending, const struct gw_entry *entry)
{
    gw_assert(pending->heap_count < UINT32_MAX >> 3);
    gw_pending_reserve(&pending->heap, &pending->heap_capacity, pending->heap_count + 1);
    pending->heap_count++;
    sift_up(pending, pending->heap_count - 1, entry);
}

void
gw_pending_heap_remove(struct gw_pending *pending, uint32_t index)
{
    gw_assert(index < pending->heap_count);
    struct gw_entry last = pending->heap[--pending->heap_count];

    if (pending->heap_count == 0) {
        pending->heap[0] = (struct gw_entry){INT64_MAX, UINT64_MAX, NULL};
        return;
    }
    if (index == pending->heap_count) {
        return;
    }
    if (index > 0 && gw_entry_before(&last, &pending->heap[(index - 1) / WAYS])) {
        sift_up(pending, index, &last);
        return;
    }
    sift_down(pending, index, &last);
}
