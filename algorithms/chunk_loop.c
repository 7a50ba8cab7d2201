/* chunk_loop.c - when the loop of QEMU's mirror claims the next run of chunks.
 *
 * Idea      The loop looks only for whether any of the buffer is free: an operation that needs more
 *           waits on its own, and the loop claims on. It sleeps itself when nothing is free, and
 *           also when nothing is dirty but something is in flight; then what becomes dirty waits
 *           until the oldest operation has ended. A speed is kept by slices of time: a claim that
 *           takes more than the quota of a slice makes it longer.
 * Source    QEMU, block/mirror.c, mirror_run, and include/qemu/ratelimit.h (behaviour, not text).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/chunk_loop.h"

#include "base/wide.h"

/* Once it is ready the loop does not keep to its speed: QEMU 7.2 sleeps only when it is clean. */
static int64_t
slice_delay_ns(struct gw_chunk_copy *copy, int64_t bytes)
{
    int64_t slice_ns = copy->settings->slice_ns;
    int64_t now_ns = copy->ports->clock->ops->now_ns(copy->ports->clock);
    int64_t rate = copy->ports->common->mover_rate;
    int64_t spent_ns;

    if (slice_ns == 0 || rate == 0 || copy->driver.ready) {
        return 0;
    }
    if (copy->slice_end_ns < now_ns) {
        copy->slice_begin_ns = now_ns;
        copy->slice_end_ns = now_ns + slice_ns;
        copy->slice_bytes = 0;
    }
    copy->slice_bytes += bytes;
    spent_ns = (int64_t)((gw_i128)copy->slice_bytes * 1000000000 / rate);
    if (spent_ns < slice_ns) {
        return 0;
    }
    copy->slice_end_ns = copy->slice_begin_ns + spent_ns;
    return copy->slice_end_ns > now_ns ? copy->slice_end_ns - now_ns : 0;
}

static bool
sleeps(struct gw_chunk_copy *copy)
{
    if (copy->settings->wait_oldest && !gw_chunk_claims_asleep(&copy->claims) &&
        (copy->claims.free_bytes == 0 || copy->mover.free == NULL ||
         gw_bitmap_is_empty(&copy->claims.dirty))) {
        gw_chunk_claims_sleep(&copy->claims);
    }
    return gw_chunk_claims_asleep(&copy->claims);
}

static int64_t
dirty_bytes(const struct gw_chunk_copy *copy)
{
    return gw_blockmap_bytes(&copy->map, &copy->claims.dirty);
}

bool
gw_chunk_loop_claim(struct gw_chunk_copy *copy, int64_t *sleep_ns)
{
    bool evenly = copy->mover.rate != 0;
    bool ahead = copy->settings->claim_ahead && !evenly;
    int64_t before_bytes = dirty_bytes(copy);

    if (sleeps(copy) || copy->claims.free_bytes == 0 || copy->mover.free == NULL ||
        (!ahead && !gw_bitmap_is_empty(&copy->claims.queued)) ||
        !gw_chunk_claims_next(&copy->claims)) {
        return false;
    }
    *sleep_ns = slice_delay_ns(copy, before_bytes - dirty_bytes(copy));
    *sleep_ns = *sleep_ns > copy->settings->claim_ns ? *sleep_ns : copy->settings->claim_ns;
    return true;
}
