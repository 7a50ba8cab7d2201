/* pending.c - a calendar of unsorted buckets, each sorted only when its time comes.
 *
 * Idea      Three tiers. The ring holds the near future in buckets of equal width, unsorted: an
 *           insertion is a store. When time reaches a bucket, it is sorted into the run, from
 *           whose end events are popped; what is due inside the opened bucket is inserted into
 *           the run directly. The heap takes whatever fits neither: the far future, and
 *           insertions deep into a long run. The next event is the earlier of the end of the
 *           run and the top of the heap, so that the heap alone would be correct; the ring only
 *           makes the usual case O(1).
 *           While there are few events there is no ring, and the run holds them all.
 * Width     Every now and then (when as many entries passed through ring and heap as are
 *           pending) the mean gap between events is measured anew; a bucket should hold
 *           BUCKET_TARGET events. The ring is rebuilt if it is far off that.
 * Source    Brown, "Calendar queues", CACM 31(10), 1988; lazily sorted buckets: Tang, Goh and
 *           Thng, "Ladder queue", ACM TOMACS 15(3), 2005. The heap instead of rungs is ours.
 * Invariant Entries of the ring lie in buckets cursor .. cursor + ring_count - 1; run_limit_ns
 *           is the start of bucket `cursor`. Only the newest chunk of a bucket is not full.
 * Cost      O(1) amortised with a stable distribution; O(log n) with any.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/pending.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUCKET_TARGET = 16, /* events in a bucket when it is opened, at most, on average */
    RING_SHARE = 2,     /* events per bucket over the whole ring */
    FEW_EVENTS = 24,    /* below: no ring */
    MANY_EVENTS = 48,   /* above: a ring */
    RING_LEAST = 64,
    RING_MOST = 1 << 20,
    EFFORT_LEAST = 64,
    GAPS_LEAST = 32, /* fired events that make a mean gap worth trusting */
    SAMPLE = 63,
    SHIFT_MOST = 50,
    CANCEL_DEPTH = 64 /* deepest entry of the run that is closed up on a cancel */
};

static const struct gw_entry end_of_time = {INT64_MAX, UINT64_MAX, NULL};

static bool
grow(void **array, size_t old_bytes, size_t new_bytes)
{
    void *larger = aligned_alloc(64, (new_bytes + 63) / 64 * 64);

    if (larger == NULL) {
        return false;
    }
    if (old_bytes > 0) {
        memcpy(larger, *array, old_bytes);
    }
    free(*array);
    *array = larger;
    return true;
}

void
gw_pending_reserve(struct gw_entry **array, uint32_t *capacity, uint32_t count)
{
    if (count <= *capacity) {
        return;
    }
    uint32_t larger = *capacity * 2 > count ? *capacity * 2 : count;
    void *memory = *array;

    gw_assert(grow(&memory, *capacity * sizeof **array, larger * sizeof **array));
    *array = memory;
    *capacity = larger;
}

bool
gw_pending_init(struct gw_pending *pending, struct gw_error *err)
{
    enum { FIRST = 128 };
    void *run = NULL;
    void *heap = NULL;
    void *head = calloc(1, sizeof *pending->head);

    if (!grow(&run, 0, FIRST * sizeof *pending->run) ||
        !grow(&heap, 0, FIRST * sizeof *pending->heap) || head == NULL) {
        free(run);
        free(heap);
        free(head);
        return gw_fail(err, GW_ENOMEM, "no memory for pending events");
    }
    *pending = (struct gw_pending){.run = run,
                                   .heap = heap,
                                   .head = head,
                                   .run_limit_ns = INT64_MAX,
                                   .run_capacity = FIRST,
                                   .heap_capacity = FIRST,
                                   .next_bucket = INT64_MAX,
                                   .chunk_fresh = 1,
                                   .effort_due = EFFORT_LEAST};
    pending->heap[0] = end_of_time;
    return true;
}

void
gw_pending_clear(struct gw_pending *pending)
{
    free(pending->run);
    free(pending->heap);
    free(pending->head);
    free(pending->occupied);
    free(pending->chunk);
    free(pending->spare);
}

static uint32_t
live_count(const struct gw_pending *pending)
{
    return pending->run_count - pending->run_dead + pending->heap_count + pending->ring_live;
}

/* ---- chunks and buckets ---------------------------------------------------------------------- */

static uint32_t
chunk_take(struct gw_pending *pending)
{
    uint32_t index = pending->chunk_free;

    if (index != 0) {
        pending->chunk_free = pending->chunk[index].next;
        return index;
    }
    if (pending->chunk_fresh >= pending->chunk_capacity) {
        uint32_t larger = pending->chunk_capacity < 64 ? 128 : pending->chunk_capacity * 2;
        void *memory = pending->chunk;

        gw_assert(larger < UINT32_MAX >> 5);
        gw_assert(grow(&memory, pending->chunk_capacity * sizeof *pending->chunk,
                       larger * sizeof *pending->chunk));
        pending->chunk = memory;
        pending->chunk_capacity = larger;
    }
    return pending->chunk_fresh++;
}

static void
chunk_give(struct gw_pending *pending, uint32_t index)
{
    pending->chunk[index].next = pending->chunk_free;
    pending->chunk_free = index;
}

static void
bucket_add(struct gw_pending *pending, int64_t bucket, const struct gw_entry *entry)
{
    uint32_t slot = (uint32_t)bucket & (pending->ring_mask);
    uint32_t head = pending->head[slot];
    uint32_t used = head & 7;
    uint32_t index = head >> 3;

    if (head == 0 || used == GW_CHUNK_ENTRIES) {
        uint32_t fresh = chunk_take(pending);

        pending->chunk[fresh].next = index;
        pending->occupied[slot / 64] |= (uint64_t)1 << slot % 64;
        index = fresh;
        used = 0;
    }
    pending->chunk[index].entry[used] = *entry;
    pending->head[slot] = index << 3 | (used + 1);
    pending->ring_live++;
    entry->event->place = (index << 3 | used) << 2 | GW_TIER_RING;
    if (bucket < pending->next_bucket) {
        pending->next_bucket = bucket;
    }
}

/* First bucket at or after `from` that holds something; INT64_MAX if none does. */
static int64_t
find_bucket(const struct gw_pending *pending, int64_t from)
{
    if (pending->ring_live == 0) {
        return INT64_MAX;
    }
    uint32_t mask = pending->ring_mask;
    uint32_t slot = (uint32_t)from & mask;
    uint64_t word = pending->occupied[slot / 64] >> slot % 64;

    if (word != 0) {
        return from + __builtin_ctzll(word);
    }
    from += 64 - slot % 64;
    for (;;) {
        slot = (uint32_t)from & mask;
        word = pending->occupied[slot / 64];
        if (word != 0) {
            return from + __builtin_ctzll(word);
        }
        from += 64;
    }
}

/* Takes an entry out of its bucket and closes the gap with the newest one. */
static void
bucket_remove(struct gw_pending *pending, const struct gw_event *event)
{
    uint32_t slot = (uint32_t)(event->at_ns >> pending->shift) & (pending->ring_mask);
    uint32_t head = pending->head[slot];
    uint32_t used = (head & 7) - 1;
    uint32_t index = head >> 3;
    uint32_t hole = event->place >> 2;
    struct gw_entry *newest = &pending->chunk[index].entry[used];
    struct gw_entry *entry = &pending->chunk[hole >> 3].entry[hole & 7];

    gw_assert(entry->event == event);
    newest->event->place = event->place;
    *entry = *newest;
    pending->ring_live--;
    if (used > 0) {
        pending->head[slot] = index << 3 | used;
        return;
    }
    uint32_t older = pending->chunk[index].next;

    pending->head[slot] = older == 0 ? 0 : older << 3 | GW_CHUNK_ENTRIES;
    chunk_give(pending, index);
    if (older == 0) {
        pending->occupied[slot / 64] &= ~((uint64_t)1 << slot % 64);
    }
}

/* ---- opening a bucket ------------------------------------------------------------------------ */

static int64_t
bucket_start_ns(const struct gw_pending *pending, int64_t bucket)
{
    return bucket > INT64_MAX >> pending->shift ? INT64_MAX
                                                : (int64_t)((uint64_t)bucket << pending->shift);
}

/* Moves the cursor; everything before it must be out of the ring, and the run empty. */
static void
set_cursor(struct gw_pending *pending, int64_t bucket)
{
    pending->cursor = bucket;
    pending->run_limit_ns = bucket_start_ns(pending, bucket);
}

/* The run is empty: fills it with `next_bucket`. Marking every event also fetches it into the
 * cache, all of them at once, before they are needed one after the other. */
static void
open_bucket(struct gw_pending *pending)
{
    int64_t bucket = pending->next_bucket;
    uint32_t slot = (uint32_t)bucket & (pending->ring_mask);
    uint32_t index = pending->head[slot] >> 3;
    uint32_t used = pending->head[slot] & 7;
    uint32_t count = 0;

    while (index != 0) {
        const struct gw_chunk *chunk = &pending->chunk[index];
        uint32_t older = chunk->next;

        gw_pending_reserve(&pending->spare, &pending->spare_capacity, count + GW_CHUNK_ENTRIES);
        for (uint32_t i = 0; i < used; i++) {
            gw_entry_copy(&pending->spare[count], &chunk->entry[i]);
            chunk->entry[i].event->place = GW_TIER_RUN;
            count++;
        }
        chunk_give(pending, index);
        index = older;
        used = GW_CHUNK_ENTRIES;
    }
    pending->head[slot] = 0;
    pending->occupied[slot / 64] &= ~((uint64_t)1 << slot % 64);
    pending->ring_live -= count;
    pending->run_count = count;
    pending->effort += count;
    set_cursor(pending, bucket + 1);
    pending->next_bucket = find_bucket(pending, bucket + 1);
    if (pending->ring_live > 0) {
        slot = (uint32_t)pending->next_bucket & (pending->ring_mask);
        __builtin_prefetch(&pending->chunk[pending->head[slot] >> 3]);
        __builtin_prefetch((char *)&pending->chunk[pending->head[slot] >> 3] + 64);
    }
    gw_pending_sort(pending);
}

/* ---- tuning ---------------------------------------------------------------------------------- */

static void
insert(struct gw_pending *pending, const struct gw_entry *entry)
{
    int64_t bucket = entry->at_ns >> pending->shift;

    if (pending->ring_count > 0 && bucket >= pending->cursor &&
        bucket - pending->cursor < (int64_t)pending->ring_count) {
        bucket_add(pending, bucket, entry);
        return;
    }
    gw_pending_heap_push(pending, entry);
    pending->effort++;
}

/* Empties all tiers into `spare` and returns the number of entries there. */
static uint32_t
collect(struct gw_pending *pending)
{
    uint32_t count = 0;
    struct gw_entry *all;

    gw_pending_reserve(&pending->spare, &pending->spare_capacity, live_count(pending));
    all = pending->spare;
    for (uint32_t i = 0; i < pending->run_count; i++) {
        if (pending->run[i].event != NULL) {
            all[count++] = pending->run[i];
        }
    }
    for (uint32_t i = 0; i < pending->heap_count; i++) {
        all[count++] = pending->heap[i];
    }
    for (uint32_t slot = 0; slot < pending->ring_count; slot++) {
        uint32_t used = pending->head[slot] & 7;

        for (uint32_t i = pending->head[slot] >> 3; i != 0; i = pending->chunk[i].next) {
            memcpy(all + count, pending->chunk[i].entry, used * sizeof *all);
            count += used;
            used = GW_CHUNK_ENTRIES;
        }
    }
    pending->run_count = pending->run_dead = pending->heap_count = pending->ring_live = 0;
    pending->heap[0] = end_of_time;
    pending->chunk_free = 0;
    pending->chunk_fresh = 1;
    pending->next_bucket = INT64_MAX;
    return count;
}

static void
make_ring(struct gw_pending *pending, uint32_t ring_count)
{
    if (ring_count > pending->ring_count) {
        free(pending->head);
        free(pending->occupied);
        pending->head = malloc(ring_count * sizeof *pending->head);
        pending->occupied = malloc(ring_count / 64 * sizeof *pending->occupied);
        gw_assert(pending->head != NULL && pending->occupied != NULL);
    }
    if (ring_count > 0) {
        memset(pending->head, 0, ring_count * sizeof *pending->head);
        memset(pending->occupied, 0, ring_count / 64 * sizeof *pending->occupied);
    }
    pending->ring_count = ring_count;
    pending->ring_mask = ring_count > 0 ? ring_count - 1 : 0;
}

static void
rebuild(struct gw_pending *pending, uint32_t ring_count, uint32_t shift, int64_t now_ns)
{
    uint32_t count = collect(pending);

    make_ring(pending, ring_count);
    pending->shift = shift;
    if (ring_count == 0) {
        for (uint32_t i = 0; i < count; i++) {
            pending->spare[i].event->place = GW_TIER_RUN;
        }
        pending->run_count = count;
        pending->run_limit_ns = INT64_MAX;
        gw_pending_sort(pending);
        return;
    }
    set_cursor(pending, now_ns >> shift);
    for (uint32_t i = 0; i < count; i++) {
        insert(pending, &pending->spare[i]);
    }
}

static int
compare_times(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/* Before anything was fired: the median delay of some events of the heap says how dense they
 * lie (half of them within that time). Negative: too few to say. */
static int64_t
guess_gap_ns(const struct gw_pending *pending, int64_t now_ns)
{
    int64_t sample[SAMPLE];
    uint32_t count = pending->heap_count;

    if (count < SAMPLE) {
        return -1;
    }
    for (uint32_t i = 0; i < SAMPLE; i++) {
        sample[i] = pending->heap[(uint64_t)i * count / SAMPLE].at_ns;
    }
    qsort(sample, SAMPLE, sizeof sample[0], compare_times);
    return (sample[SAMPLE / 2] - now_ns) / (count / 2);
}

static int64_t
mean_gap_ns(const struct gw_pending *pending, int64_t now_ns)
{
    uint64_t popped = pending->popped - pending->popped_last;

    if (popped < GAPS_LEAST) {
        return guess_gap_ns(pending, now_ns);
    }
    return (now_ns - pending->tuned_ns) / (int64_t)popped;
}

static uint32_t
wanted_shift(const struct gw_pending *pending, int64_t now_ns)
{
    int64_t gap_ns = mean_gap_ns(pending, now_ns);
    uint32_t shift = 0;

    if (gap_ns < 0) {
        return pending->shift;
    }
    if (gap_ns > (int64_t)1 << SHIFT_MOST) {
        return SHIFT_MOST;
    }
    while (gap_ns * BUCKET_TARGET >= (int64_t)2 << shift) {
        shift++;
    }
    return shift;
}

static uint32_t
wanted_ring(uint32_t live)
{
    uint32_t ring_count = RING_LEAST;

    while (ring_count < RING_MOST && ring_count < live / RING_SHARE) {
        ring_count *= 2;
    }
    return ring_count;
}

/* Whether the ring as it is would do, roughly, for what is wanted. The cursor runs ahead of
 * time when somebody looks at a far event without firing it, and puts nearer ones in. */
static bool
ring_fits(const struct gw_pending *pending, uint32_t ring_count, uint32_t shift, int64_t now_ns)
{
    return ring_count <= pending->ring_count && ring_count * 8 > pending->ring_count &&
           shift + 1 >= pending->shift && shift <= pending->shift + 1 &&
           pending->cursor <= (now_ns >> pending->shift) + 1;
}

static void
retune(struct gw_pending *pending, int64_t now_ns)
{
    uint32_t live = live_count(pending);
    uint32_t most = pending->ring_count > 0 ? FEW_EVENTS : MANY_EVENTS;
    uint32_t ring_count = live <= most ? 0 : wanted_ring(live);
    uint32_t shift = ring_count == 0 ? 0 : wanted_shift(pending, now_ns);

    if (ring_count == 0 ? pending->ring_count > 0
                        : !ring_fits(pending, ring_count, shift, now_ns)) {
        rebuild(pending, ring_count, shift, now_ns);
    }
    pending->effort = 0;
    pending->effort_due = live > EFFORT_LEAST ? live : EFFORT_LEAST;
    pending->popped_last = pending->popped;
    pending->tuned_ns = now_ns;
}

/* ---- ways in and out ------------------------------------------------------------------------- */

void
gw_pending_push_slow(struct gw_pending *pending, struct gw_event *event, int64_t now_ns)
{
    struct gw_entry entry = {event->at_ns, event->order, event};
    bool opened = event->at_ns < pending->run_limit_ns;

    if (opened && pending->run_count == pending->run_capacity) {
        gw_pending_reserve(&pending->run, &pending->run_capacity, pending->run_count + 1);
        gw_pending_push(pending, event, now_ns);
        return;
    }
    if (opened) {
        gw_pending_heap_push(pending, &entry);
        pending->effort++;
    }
    if (!opened) {
        insert(pending, &entry);
    }
    if (pending->effort >= pending->effort_due) {
        retune(pending, now_ns);
    }
}

static void
drop_dead(struct gw_pending *pending)
{
    while (pending->run_count > 0 && pending->run[pending->run_count - 1].event == NULL) {
        pending->run_count--;
        pending->run_dead--;
    }
}

const struct gw_entry *
gw_pending_front_slow(struct gw_pending *pending, int64_t now_ns)
{
    drop_dead(pending);
    while (pending->run_count == 0) {
        if (pending->effort >= pending->effort_due) {
            retune(pending, now_ns);
            continue;
        }
        if (pending->ring_live > 0 &&
            bucket_start_ns(pending, pending->next_bucket) <= pending->heap[0].at_ns) {
            open_bucket(pending);
            continue;
        }
        if (pending->ring_count > 0 && now_ns >> pending->shift > pending->cursor) {
            set_cursor(pending, now_ns >> pending->shift);
        }
        return pending->heap_count > 0 ? pending->heap : NULL;
    }
    const struct gw_entry *last = &pending->run[pending->run_count - 1];

    return gw_entry_before(last, pending->heap) ? last : pending->heap;
}

static uint32_t
find_in_run(const struct gw_pending *pending, const struct gw_event *event)
{
    struct gw_entry key = {event->at_ns, event->order, NULL};
    uint32_t low = 0;
    uint32_t high = pending->run_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (gw_entry_before(&key, &pending->run[middle])) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    gw_assert(low < pending->run_count && pending->run[low].event == event);
    return low;
}

static void
sweep_run(struct gw_pending *pending)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < pending->run_count; i++) {
        if (pending->run[i].event != NULL) {
            pending->run[count++] = pending->run[i];
        }
    }
    pending->run_count = count;
    pending->run_dead = 0;
}

static void
run_remove(struct gw_pending *pending, const struct gw_event *event)
{
    uint32_t place = find_in_run(pending, event);
    uint32_t after = pending->run_count - place - 1;

    if (after <= CANCEL_DEPTH) {
        memmove(&pending->run[place], &pending->run[place + 1], after * sizeof *pending->run);
        pending->run_count--;
        return;
    }
    pending->run[place].event = NULL;
    pending->run_dead++;
    if (pending->run_dead > pending->run_count / 2) {
        sweep_run(pending);
    }
}

void
gw_pending_remove(struct gw_pending *pending, struct gw_event *event)
{
    uint32_t tier = event->place & 3;

    if (tier == GW_TIER_RUN) {
        run_remove(pending, event);
    }
    if (tier == GW_TIER_HEAP) {
        gw_assert(pending->heap[event->place >> 2].event == event);
        gw_pending_heap_remove(pending, event->place >> 2);
    }
    if (tier == GW_TIER_RING) {
        bucket_remove(pending, event);
    }
    event->place = 0;
}
