/* address.c - which block comes next.
 *
 * Idea      One function a pattern behind a pointer that is chosen once: no choice per draw.
 * Source    Bounded draws: Lemire, "Fast random integer generation in an interval", TOMACS 2019
 *           (multiply, reject the few low halves that would bias). Hot/cold: two uniform classes,
 *           as in studies of caches and log cleaning. Zipf: zipf_table.c.
 * Invariant A draw depends on the plan and on the stream alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/address.h"

#include <stddef.h>

#include "base/variate.h"

const char *const gw_address_patterns[] = {"uniform", "sequential", "hotcold", "zipf", NULL};

uint64_t
gw_share_threshold(double share)
{
    return (uint64_t)(share * 0x1p32 + 0.5);
}

static struct gw_range
range_of(uint64_t count)
{
    struct gw_range range = {count, 0};

    if (count > 0 && count <= UINT32_MAX) {
        range.reject = (uint32_t)((UINT64_C(0x100000000) - count) % count);
    }
    return range;
}

static inline uint64_t
range_draw(const struct gw_range *range, struct gw_stream *stream)
{
    uint64_t product;

    if (range->count > UINT32_MAX) {
        return gw_stream_below(stream, range->count);
    }
    do {
        product = gw_stream_u32(stream) * range->count;
    } while (__builtin_expect((uint32_t)product < range->reject, 0));
    return product >> 32;
}

static uint64_t
draw_uniform(struct gw_address *address, struct gw_stream *stream)
{
    return range_draw(&address->all, stream);
}

static uint64_t
draw_sequential(struct gw_address *address, struct gw_stream *stream)
{
    uint64_t block = address->cursor;

    (void)stream;
    address->cursor = block + 1 == address->all.count ? 0 : block + 1;
    return block;
}

/* Hot blocks have the low ranks. */
static uint64_t
draw_rank(struct gw_address *address, struct gw_stream *stream)
{
    if (gw_stream_u32(stream) < address->hot_below) {
        return range_draw(&address->hot, stream);
    }
    return address->hot.count + range_draw(&address->cold, stream);
}

static uint64_t
draw_hot_piece(struct gw_address *address, struct gw_stream *stream)
{
    uint64_t block = draw_rank(address, stream) + address->hot_first;

    return block < address->all.count ? block : block - address->all.count;
}

static uint64_t
draw_hot_scattered(struct gw_address *address, struct gw_stream *stream)
{
    return gw_scatter(draw_rank(address, stream), address->all.count, address->key);
}

static uint64_t
draw_zipf(struct gw_address *address, struct gw_stream *stream)
{
    return gw_scatter(gw_zipf_table_draw(&address->zipf, stream), address->all.count, address->key);
}

static bool
prepare_hot(struct gw_address *address, const struct gw_address_plan *plan, struct gw_error *err)
{
    uint64_t hot = (uint64_t)((double)plan->count * plan->hot_share + 0.5);

    if (hot == 0 || hot >= plan->count) {
        return gw_fail(err, GW_EINVAL,
                       "hot_share %.4g%% of %llu blocks: both the hot and the cold part need at "
                       "least one block",
                       plan->hot_share * 100, (unsigned long long)plan->count);
    }
    address->hot = range_of(hot);
    address->cold = range_of(plan->count - hot);
    address->hot_below = gw_share_threshold(plan->hot_io_share);
    address->hot_first = (uint64_t)((double)plan->count * plan->hot_at) % plan->count;
    address->draw = plan->hot_scattered ? draw_hot_scattered : draw_hot_piece;
    return true;
}

bool
gw_address_init(struct gw_address *address, const struct gw_address_plan *plan,
                struct gw_error *err)
{
    gw_assert(plan->count > 0);
    *address =
        (struct gw_address){.draw = draw_uniform, .all = range_of(plan->count), .key = plan->key};
    if (plan->pattern == GW_ADDRESS_SEQUENTIAL) {
        address->draw = draw_sequential;
    }
    if (plan->pattern == GW_ADDRESS_ZIPF) {
        address->draw = draw_zipf;
        return gw_zipf_table_init(&address->zipf, plan->count, plan->zipf_exponent, err);
    }
    return plan->pattern != GW_ADDRESS_HOTCOLD || prepare_hot(address, plan, err);
}
