/* chunk_loop.c - when the loop of QEMU's mirror claims the next run of chunks.
 *
 * Idea      The loop looks only for whether any of the buffer is free: an operation that needs more
 *           waits on its own, and the loop claims on. It sleeps itself when nothing is free, and
 *           also when nothing is dirty but something is in flight; then what becomes dirty waits
 *           until the oldest operation has ended. A speed is kept by slices of time: a claim that
 *           takes more than the quota of a slice makes it longer.
 * Question  Before each operation QEMU asks the source what it covers: data, zeroes or nothing. A
 *           file answers at once. A server answers when it comes to that, behind what else waits
 *           there, and the whole loop waits with it: so a busy server slows the claims.
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

static void status_told(void *owner, struct gw_io *io);

static void
ask(struct gw_chunk_copy *copy)
{
    struct gw_piece rest = gw_chunk_claims_run(&copy->claims);
    struct gw_disk *source = copy->ports->source[rest.disk];

    copy->asking = true;
    copy->status = (struct gw_io){.op = GW_IO_STATUS,
                                  .extent = rest.extent,
                                  .purpose = GW_FOR_METADATA,
                                  .done = status_told,
                                  .owner = copy};
    source->ops->submit(source, &copy->status);
}

/* All of the run is in operations: the loop may claim the next one after its sleep. */
static void
claimed(struct gw_chunk_copy *copy)
{
    struct gw_clock *clock = copy->ports->clock;
    int64_t now_ns = clock->ops->now_ns(clock);
    int64_t until_ns = now_ns + copy->settings->claim_ns;

    until_ns = until_ns > copy->claim_until_ns ? until_ns : copy->claim_until_ns;
    if (until_ns > now_ns) {
        copy->claiming = true;
        clock->ops->arm(clock, GW_TIMER_CHUNK_CLAIM, until_ns);
    }
}

/* Whatever the answer is: a question that failed does not keep QEMU from copying. */
static void
status_told(void *owner, struct gw_io *io)
{
    struct gw_chunk_copy *copy = owner;

    (void)io;
    copy->asking = false;
    if (gw_chunk_claims_launch(&copy->claims)) {
        ask(copy);
    } else {
        claimed(copy);
    }
    gw_mover_run(&copy->mover);
}

/* Whether the loop would claim a run by now. */
static bool
may_claim(struct gw_chunk_copy *copy)
{
    bool ahead = copy->settings->claim_ahead && copy->mover.rate == 0;

    return !copy->claiming && !copy->asking && !copy->resting && !sleeps(copy) &&
           copy->claims.free_bytes > 0 && copy->mover.free != NULL &&
           (ahead || gw_bitmap_is_empty(&copy->claims.queued));
}

bool
gw_chunk_loop_claim(struct gw_chunk_copy *copy)
{
    struct gw_clock *clock = copy->ports->clock;
    int64_t before_bytes = dirty_bytes(copy);

    if (!may_claim(copy) || !gw_chunk_claims_next(&copy->claims)) {
        return false;
    }
    copy->claim_until_ns =
        clock->ops->now_ns(clock) + slice_delay_ns(copy, before_bytes - dirty_bytes(copy));
    if (copy->settings->ask_status) {
        ask(copy);
        return true;
    }
    while (gw_chunk_claims_launch(&copy->claims)) {
    }
    claimed(copy);
    return true;
}
