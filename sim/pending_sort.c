/* pending_sort.c - sorts a bucket that time has reached into the run.
 *
 * Idea      Small blocks by counting ranks, then bottom-up merges to and fro between the run and
 *           the spare array: O(n log n) whatever the bucket holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/pending.h"

enum { SORT_BLOCK = 16 };

/* Sorts at most SORT_BLOCK entries by counting for each how many are later: more comparisons
 * than insertion, but none of them is a branch that the CPU could guess wrong. */
static void
sort_block(const struct gw_entry *from, uint32_t count, struct gw_entry *into)
{
    uint32_t rank[SORT_BLOCK] = {0};

    for (uint32_t i = 1; i < count; i++) {
        uint32_t later = 0;

        for (uint32_t j = 0; j < i; j++) {
            uint32_t before = gw_entry_before(&from[i], &from[j]);

            later += before;
            rank[j] += 1 - before;
        }
        rank[i] = later;
    }
    for (uint32_t i = 0; i < count; i++) {
        gw_entry_copy(&into[rank[i]], &from[i]);
    }
}

static void
merge(const struct gw_entry *from, uint32_t middle, uint32_t end, struct gw_entry *into)
{
    uint32_t a = 0;
    uint32_t b = middle;

    for (uint32_t i = 0; i < end; i++) {
        bool left = b == end || (a < middle && gw_entry_before(&from[b], &from[a]));

        into[i] = from[left ? a++ : b++];
    }
}

static void
swap_run_and_spare(struct gw_pending *pending)
{
    struct gw_entry *run = pending->run;
    uint32_t capacity = pending->run_capacity;

    pending->run = pending->spare;
    pending->run_capacity = pending->spare_capacity;
    pending->spare = run;
    pending->spare_capacity = capacity;
}

void
gw_pending_sort(struct gw_pending *pending)
{
    uint32_t count = pending->run_count;

    gw_pending_reserve(&pending->run, &pending->run_capacity, count);
    for (uint32_t i = 0; i < count; i += SORT_BLOCK) {
        sort_block(pending->spare + i, count - i < SORT_BLOCK ? count - i : SORT_BLOCK,
                   pending->run + i);
    }
    if (count > SORT_BLOCK) {
        gw_pending_reserve(&pending->spare, &pending->spare_capacity, count);
    }
    for (uint64_t width = SORT_BLOCK; width < count; width *= 2) {
        for (uint64_t i = 0; i < count; i += 2 * width) {
            uint64_t end = count - i < 2 * width ? count - i : 2 * width;
            uint64_t middle = end < width ? end : width;

            merge(pending->run + i, (uint32_t)middle, (uint32_t)end, pending->spare + i);
        }
        swap_run_and_spare(pending);
    }
}
