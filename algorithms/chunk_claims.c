/* chunk_claims.c - which chunks are dirty, claimed for a copy and in flight, as QEMU's mirror does.
 *
 * Idea      Claiming clears the dirty bits before anything is read, so a write in between sets
 *           them again. An operation that finds no room in the buffer queues at the oldest one in
 *           flight. When that ends, those of its queue look again, and who still finds no room
 *           queues at the oldest in flight by then. So small operations pass large ones, and a
 *           large one may starve until little else is left.
 * Source    QEMU, block/mirror.c, mirror_iteration, mirror_co_read and
 *           mirror_wait_for_free_in_flight_slot (behaviour, not text).
 * Invariant queued is a part of flying; begins is a part of queued. An operation with a bit in
 *           begins is in one queue, any other is in the list of flights until it is done.
 * Cost      O(chunks of the run) a claim; O(operations in flight) for each that looks for room.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/chunk_claims.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct gw_chunk_operation {
    uint64_t serial;             /* of its claim */
    uint32_t next;               /* in its queue, or of the flights */
    struct gw_chunk_queue queue; /* wait for it */
};

static const struct gw_chunk_queue empty = {NONE, NONE};

bool
gw_chunk_claims_start(struct gw_chunk_claims *claims, const struct gw_blockmap *map,
                      int64_t operation_bytes, int64_t buffer_bytes, struct gw_error *err)
{
    uint64_t count = gw_blockmap_count(map);

    claims->map = map;
    claims->run_bytes = buffer_bytes > 0 ? buffer_bytes : operation_bytes;
    claims->operation_bytes =
        operation_bytes < claims->run_bytes ? operation_bytes : claims->run_bytes;
    claims->free_bytes = buffer_bytes > 0 ? buffer_bytes : INT64_MAX;
    if (claims->run_bytes < map->granularity_bytes) {
        return gw_fail(err, GW_EINVAL, "buffer %lld B: must hold a block of %lld B",
                       (long long)claims->run_bytes, (long long)map->granularity_bytes);
    }
    if (count >= NONE) {
        return gw_fail(err, GW_EINVAL, "%llu chunks: at most %lu", (unsigned long long)count,
                       (unsigned long)NONE - 1);
    }
    if (!gw_bitmap_create(&claims->dirty, count, err) ||
        !gw_bitmap_create(&claims->flying, count, err) ||
        !gw_bitmap_create(&claims->queued, count, err) ||
        !gw_bitmap_create(&claims->begins, count, err)) {
        return false;
    }
    claims->operations = malloc(count * sizeof *claims->operations);
    if (claims->operations == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %llu chunks", (unsigned long long)count);
    }
    claims->awake = claims->asleep = empty;
    claims->flights = claims->loop_on = NONE;
    gw_bitmap_set_range(&claims->dirty, 0, count);
    return true;
}

void
gw_chunk_claims_stop(struct gw_chunk_claims *claims)
{
    free(claims->operations);
    gw_bitmap_destroy(&claims->begins);
    gw_bitmap_destroy(&claims->queued);
    gw_bitmap_destroy(&claims->flying);
    gw_bitmap_destroy(&claims->dirty);
}

static uint64_t
find_round(const struct gw_bitmap *set, uint64_t from, uint64_t count)
{
    uint64_t found = gw_bitmap_find_next_set(set, from);

    return found < count ? found : gw_bitmap_find_next_set(set, 0);
}

/* The end of the run that begins at `begin`: dirty, not in flight, on one disk. */
static uint64_t
end_of_run(const struct gw_chunk_claims *claims, uint64_t begin)
{
    uint64_t most = (uint64_t)(claims->run_bytes / claims->map->granularity_bytes);
    uint64_t last = claims->map->first[gw_blockmap_disk(claims->map, begin) + 1];
    uint64_t end = begin + 1;

    while (end < last && end - begin < most && gw_bitmap_test(&claims->dirty, end) &&
           !gw_bitmap_test(&claims->flying, end)) {
        end++;
    }
    return end;
}

static void
push(struct gw_chunk_claims *claims, struct gw_chunk_queue *queue, uint32_t operation)
{
    claims->operations[operation].next = NONE;
    if (queue->first == NONE) {
        queue->first = operation;
    } else {
        claims->operations[queue->last].next = operation;
    }
    queue->last = operation;
}

/* All of `from` go behind those of `to`. */
static void
move_all(struct gw_chunk_claims *claims, struct gw_chunk_queue *to, struct gw_chunk_queue *from)
{
    if (from->first == NONE) {
        return;
    }
    if (to->first == NONE) {
        *to = *from;
    } else {
        claims->operations[to->last].next = from->first;
        to->last = from->last;
    }
    *from = empty;
}

/* A new operation looks for room at once. */
static void
add(struct gw_chunk_claims *claims, uint64_t begin)
{
    gw_bitmap_set(&claims->begins, begin);
    claims->operations[begin].serial = claims->serial++;
    claims->operations[begin].queue = empty;
    push(claims, &claims->awake, (uint32_t)begin);
}

bool
gw_chunk_claims_next(struct gw_chunk_claims *claims)
{
    uint64_t count = gw_blockmap_count(claims->map);
    uint64_t begin = find_round(&claims->dirty, claims->cursor, count);
    uint64_t end;

    claims->awaited = begin < count && gw_bitmap_test(&claims->flying, begin);
    if (begin >= count || claims->awaited) {
        claims->cursor = begin >= count ? claims->cursor : begin;
        return false;
    }
    end = end_of_run(claims, begin);
    gw_bitmap_clear_range(&claims->dirty, begin, end - begin);
    gw_bitmap_set_range(&claims->flying, begin, end - begin);
    claims->cursor = end;
    claims->next = begin;
    claims->end = end;
    return true;
}

int64_t
gw_chunk_claims_left_bytes(const struct gw_chunk_claims *claims)
{
    int64_t run_bytes =
        claims->next < claims->end ? gw_chunk_claims_run(claims).extent.length_bytes : 0;

    return gw_blockmap_bytes(claims->map, &claims->dirty) +
           gw_blockmap_bytes(claims->map, &claims->queued) + run_bytes;
}

struct gw_piece
gw_chunk_claims_run(const struct gw_chunk_claims *claims)
{
    return gw_blockmap_piece(claims->map, claims->next, claims->end);
}

bool
gw_chunk_claims_launch(struct gw_chunk_claims *claims)
{
    uint64_t step = (uint64_t)(claims->operation_bytes / claims->map->granularity_bytes);
    uint64_t end = claims->end - claims->next < step ? claims->end : claims->next + step;

    if (claims->next < end) {
        gw_bitmap_set_range(&claims->queued, claims->next, end - claims->next);
        add(claims, claims->next);
        claims->next = end;
    }
    return claims->next < claims->end;
}

static struct gw_piece
waiting_piece(const struct gw_chunk_claims *claims, uint64_t begin)
{
    uint64_t last = claims->map->first[gw_blockmap_disk(claims->map, begin) + 1];
    uint64_t end = begin + 1;

    while (end < last && gw_bitmap_test(&claims->queued, end) &&
           !gw_bitmap_test(&claims->begins, end)) {
        end++;
    }
    return gw_blockmap_piece(claims->map, begin, end);
}

static uint32_t
oldest_flight(const struct gw_chunk_claims *claims)
{
    const struct gw_chunk_operation *all = claims->operations;
    uint32_t oldest = claims->flights;

    for (uint32_t i = claims->flights; i != NONE; i = all[i].next) {
        oldest = all[i].serial < all[oldest].serial ? i : oldest;
    }
    return oldest;
}

static void
fall_asleep(struct gw_chunk_claims *claims, uint32_t operation)
{
    struct gw_chunk_queue *queue = &claims->asleep;

    if (claims->wait_oldest) {
        queue = &claims->operations[oldest_flight(claims)].queue;
    }
    push(claims, queue, operation);
}

static void
take_off(struct gw_chunk_claims *claims, uint32_t operation, const struct gw_piece *piece)
{
    claims->free_bytes -= piece->extent.length_bytes;
    gw_bitmap_clear(&claims->begins, operation);
    gw_blockmap_unmark(claims->map, &claims->queued, piece->disk, piece->extent);
    claims->operations[operation].next = claims->flights;
    claims->flights = operation;
}

bool
gw_chunk_claims_take(struct gw_chunk_claims *claims, struct gw_piece *out)
{
    while (claims->awake.first != NONE) {
        uint32_t operation = claims->awake.first;

        claims->awake.first = claims->operations[operation].next;
        *out = waiting_piece(claims, operation);
        if (out->extent.length_bytes <= claims->free_bytes) {
            take_off(claims, operation, out);
            return true;
        }
        fall_asleep(claims, operation);
    }
    return false;
}

void
gw_chunk_claims_sleep(struct gw_chunk_claims *claims)
{
    claims->loop_on = oldest_flight(claims);
}

bool
gw_chunk_claims_asleep(const struct gw_chunk_claims *claims)
{
    return claims->loop_on != NONE;
}

static void
take_down(struct gw_chunk_claims *claims, uint32_t operation)
{
    uint32_t *link = &claims->flights;

    while (*link != operation) {
        link = &claims->operations[*link].next;
    }
    *link = claims->operations[operation].next;
}

void
gw_chunk_claims_done(struct gw_chunk_claims *claims, struct gw_piece piece, bool dirty)
{
    uint32_t operation = (uint32_t)gw_blockmap_begin(claims->map, piece.disk, piece.extent);

    take_down(claims, operation);
    move_all(claims, &claims->awake, &claims->operations[operation].queue);
    move_all(claims, &claims->awake, &claims->asleep);
    claims->loop_on = claims->loop_on == operation ? NONE : claims->loop_on;
    claims->free_bytes += piece.extent.length_bytes;
    gw_blockmap_unmark(claims->map, &claims->flying, piece.disk, piece.extent);
    if (dirty) {
        gw_blockmap_mark(claims->map, &claims->dirty, piece.disk, piece.extent);
    }
}

void
gw_chunk_claims_land(struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent)
{
    gw_blockmap_unmark(claims->map, &claims->flying, disk, extent);
}

void
gw_chunk_claims_drop(struct gw_chunk_claims *claims)
{
    while (gw_chunk_claims_launch(claims)) {
    }
    claims->awake = claims->asleep = empty;
    for (uint32_t i = claims->flights; i != NONE; i = claims->operations[i].next) {
        claims->operations[i].queue = empty;
    }
    gw_bitmap_merge(&claims->dirty, &claims->queued);
    for (uint64_t i = gw_bitmap_find_next_set(&claims->queued, 0);
         i < gw_blockmap_count(claims->map); i = gw_bitmap_find_next_set(&claims->queued, i + 1)) {
        gw_bitmap_clear(&claims->flying, i);
    }
    gw_bitmap_clear_all(&claims->queued);
    gw_bitmap_clear_all(&claims->begins);
}

bool
gw_chunk_claims_busy(const struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent)
{
    return gw_bitmap_find_next_set(&claims->flying, gw_blockmap_begin(claims->map, disk, extent)) <
           gw_blockmap_end(claims->map, disk, extent);
}

void
gw_chunk_claims_clean(struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent)
{
    int64_t chunk = claims->map->granularity_bytes;
    int64_t first = (extent.offset_bytes + chunk - 1) / chunk * chunk;
    int64_t last = gw_extent_end(extent) / chunk * chunk;

    if (last > first) {
        struct gw_extent covered = {first, last - first};

        gw_blockmap_unmark(claims->map, &claims->dirty, disk, covered);
    }
}

/* Whether the offset lies inside a dirty chunk. */
static bool
cuts_dirty(const struct gw_chunk_claims *claims, uint32_t disk, int64_t offset_bytes)
{
    struct gw_extent at = {offset_bytes, 0};

    return offset_bytes % claims->map->granularity_bytes != 0 &&
           offset_bytes < claims->map->size_bytes[disk] &&
           gw_bitmap_test(&claims->dirty, gw_blockmap_begin(claims->map, disk, at));
}

struct gw_extent
gw_chunk_claims_rest(const struct gw_chunk_claims *claims, uint32_t disk, struct gw_extent extent)
{
    int64_t chunk = claims->map->granularity_bytes;
    int64_t begin = extent.offset_bytes;
    int64_t end = gw_extent_end(extent);

    if (cuts_dirty(claims, disk, begin)) {
        begin = (begin / chunk + 1) * chunk;
    }
    if (end > begin && cuts_dirty(claims, disk, end)) {
        end = end / chunk * chunk;
    }
    return (struct gw_extent){begin, end > begin ? end - begin : 0};
}
