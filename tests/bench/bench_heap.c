/* bench_heap.c - the reference loop: the same work on a plain binary heap of events.
 *
 * What one writes first: an array of (time, event), sift up, sift down, no cancelling, no
 * priorities, the same variates. It stands for the machine, so that ratios can be compared.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/variate.h"
#include "tests/bench/bench.h"

enum { MEAN_NS = 1000000000 };

struct entry {
    int64_t at_ns;
    uint64_t order;
    uint32_t what;
};

struct heap {
    struct entry *entry; /* 1 .. count */
    uint32_t count;
    uint64_t sequence;
};

static int
before(const struct entry *a, const struct entry *b)
{
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static void
push(struct heap *heap, int64_t at_ns, uint32_t what)
{
    struct entry entry = {at_ns, heap->sequence++, what};
    uint32_t i = ++heap->count;

    for (; i > 1 && before(&entry, &heap->entry[i / 2]); i /= 2) {
        heap->entry[i] = heap->entry[i / 2];
    }
    heap->entry[i] = entry;
}

static struct entry
pop(struct heap *heap)
{
    struct entry first = heap->entry[1];
    struct entry last = heap->entry[heap->count--];
    uint32_t i = 1;

    for (;;) {
        uint32_t child = 2 * i;

        if (child > heap->count) {
            break;
        }
        if (child < heap->count && before(&heap->entry[child + 1], &heap->entry[child])) {
            child++;
        }
        if (!before(&heap->entry[child], &last)) {
            break;
        }
        heap->entry[i] = heap->entry[child];
        i = child;
    }
    heap->entry[i] = last;
    return first;
}

static double
hold(uint32_t size, uint64_t holds)
{
    struct heap heap = {.entry = calloc(size + 2, sizeof *heap.entry)};
    struct gw_stream stream;
    double start_s = 0;

    gw_assert(heap.entry != NULL);
    gw_stream_open(&stream, 1, 0, "hold", 0);
    for (uint32_t i = 0; i < size; i++) {
        push(&heap, gw_exponential_ns(&stream, MEAN_NS), i);
    }
    for (uint64_t i = 0; i < holds + size; i++) {
        if (i == size) {
            start_s = gw_bench_now_s();
        }
        struct entry entry = pop(&heap);

        push(&heap, entry.at_ns + gw_exponential_ns(&stream, MEAN_NS), entry.what);
    }
    start_s = gw_bench_now_s() - start_s;
    free(heap.entry);
    return start_s;
}

uint64_t
gw_bench_heap_hold(const struct gw_bench_row *row, double *seconds)
{
    uint64_t holds = gw_bench_holds(row->size);

    *seconds = hold(row->size, holds);
    return holds;
}

uint64_t
gw_bench_heap_disk(const struct gw_bench_row *row, double *seconds)
{
    enum { SIMULATED_S = 600 };

    (void)row;
    *seconds = hold(GW_BENCH_DISK_PENDING, GW_BENCH_DISK_EVENTS);
    return SIMULATED_S;
}

enum { ARRIVAL, DEPARTURE };

uint64_t
gw_bench_heap_mm1(const struct gw_bench_row *row, double *seconds)
{
    struct entry room[4] = {{0, 0, 0}};
    struct heap heap = {.entry = room};
    struct gw_stream arrivals;
    struct gw_stream services;
    uint64_t left = GW_BENCH_CUSTOMERS;
    uint64_t inside = 0;

    (void)row;
    gw_stream_open(&arrivals, 1, 0, "arrivals", 0);
    gw_stream_open(&services, 1, 0, "services", 0);
    push(&heap, 0, ARRIVAL);
    double start_s = gw_bench_now_s();

    while (heap.count > 0) {
        struct entry entry = pop(&heap);
        uint64_t starts = entry.what == ARRIVAL ? inside++ == 0 : --inside > 0;

        if (starts) {
            push(&heap, entry.at_ns + gw_exponential_ns(&services, MEAN_NS / 4 * 3), DEPARTURE);
        }
        if (entry.what == ARRIVAL && --left > 0) {
            push(&heap, entry.at_ns + gw_exponential_ns(&arrivals, MEAN_NS), ARRIVAL);
        }
    }
    *seconds = gw_bench_now_s() - start_s;
    return GW_BENCH_CUSTOMERS;
}
