/* ram.c - the migration thread: decide, iterate, keep the rate, switch over.
 *
 * Idea      A state machine that does what QEMU's migration thread does between two calls that
 *           would block there: each step sends at most one batch of pages, then hands over its
 *           burst and goes on when the socket has taken it.
 * Source    QEMU 7.2 migration/migration.c and ram.c, as described in
 *           docs/model-memory-migration.md.
 * Departs   a run of equal pages (XBZRLE) yields now and then, so that the guest goes on writing
 *           meanwhile; neither budget nor clock are looked at before the run is over, as in QEMU.
 * Invariant the guest runs on the target only after all that was flushed has been loaded there
 *           (post-copy: all but what it waits for), and on one side only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

enum { MS = 1000000, WINDOWS_A_SECOND = 10, ITERATE_MOST_NS = 50 * MS };

static const int64_t TRUSTED_BYTES = 10000; /* a window with less says nothing about downtime */

static void step(struct gw_ram *ram);

int64_t
gw_ram_now_ns(const struct gw_ram *ram)
{
    return ram->ports->clock->ops->now_ns(ram->ports->clock) + ram->work.spent_ns;
}

static int64_t
tick_of(const struct gw_ram *ram, int64_t at_ns)
{
    return at_ns - at_ns % ram->settings->clock_tick_ns;
}

int64_t
gw_ram_elapsed_ns(const struct gw_ram *ram, int64_t begun_ns, int64_t now_ns)
{
    return tick_of(ram, now_ns) - tick_of(ram, begun_ns);
}

static void
disarm_all(struct gw_ram *ram)
{
    for (uint32_t timer = GW_RAM_TIMER_WINDOW; timer <= GW_RAM_TIMER_ADJUST; timer++) {
        ram->ports->clock->ops->disarm(ram->ports->clock, timer);
    }
}

/* ---- the end -------------------------------------------------------------------------------------- */

/* Nothing slows the guest down any more: it is about to leave, or to be left alone. */
static void
release_guest(struct gw_ram *ram)
{
    if (ram->throttle.percent > 0) {
        ram->stats.throttle_percent = ram->throttle.percent;
    }
    gw_throttle_stop(&ram->throttle);
    if (ram->log_running) {
        ram->log_running = false;
        ram->ports->memory->ops->log_stop(ram->ports->memory);
    }
}

static void
finish(struct gw_ram *ram)
{
    ram->phase = GW_RAM_OVER;
    ram->ended_ns = gw_ram_now_ns(ram);
    disarm_all(ram);
    release_guest(ram);
    ram->ports->report->ops->finish(ram->ports->report, ram->outcome, ram->reason);
    gw_ram_collect(ram); /* after a cancel: nobody waits for what workers still have */
}

void
gw_ram_complete(struct gw_ram *ram)
{
    ram->outcome = GW_COMPLETED;
    ram->reason = "the target has everything";
    finish(ram);
}

void
gw_ram_give_up(struct gw_ram *ram, enum gw_outcome outcome, const char *reason)
{
    bool stands = ram->phase == GW_RAM_FINAL || ram->phase == GW_RAM_DRAIN || ram->guest_stopped;

    ram->outcome = outcome;
    ram->reason = reason;
    if (!stands) {
        finish(ram);
        return;
    }
    ram->phase = GW_RAM_LEAVING;
    ram->ports->vcpus->ops->resume(ram->ports->vcpus, GW_SOURCE, NULL);
}

/* ---- flushing ------------------------------------------------------------------------------------- */

static void
drained(void *owner, enum gw_code result)
{
    struct gw_ram *ram = owner;

    ram->work.spent_ns = 0;
    if (ram->phase == GW_RAM_PUSH) {
        (result == GW_OK ? gw_ram_complete : gw_ram_lose_guest)(ram);
    }
    if (ram->phase != GW_RAM_DRAIN) {
        return;
    }
    if (result != GW_OK) {
        gw_ram_give_up(ram, GW_FAILED, "the connection was lost in the switch-over");
        return;
    }
    if (ram->cancelled) {
        gw_ram_give_up(ram, ram->outcome, ram->reason);
        return;
    }
    ram->phase = GW_RAM_RESUMING;
    release_guest(ram);
    ram->ports->vcpus->ops->resume(ram->ports->vcpus, GW_TARGET,
                                   ram->dirty.count > 0 ? &ram->dirty : NULL);
}

static void
sent(void *owner, enum gw_code result)
{
    struct gw_ram *ram = owner;

    ram->in_flight = false;
    ram->work.spent_ns = 0;
    if (ram->phase == GW_RAM_OVER) {
        return;
    }
    if (result != GW_OK && ram->phase == GW_RAM_PUSH) {
        gw_ram_lose_guest(ram);
        return;
    }
    if (result != GW_OK) {
        gw_ram_give_up(ram, GW_FAILED, "the connection was lost");
        return;
    }
    step(ram);
}

void
gw_ram_flush(struct gw_ram *ram)
{
    gw_assert(!ram->in_flight);
    ram->in_flight = true;
    ram->ports->wire->ops->flush(ram->ports->wire, GW_RAM_CHANNEL, &ram->work, sent, ram);
    ram->work.spent_ns = 0;
}

void
gw_ram_account(struct gw_ram *ram, int64_t bytes)
{
    ram->bytes_total += bytes;
    if (ram->phase == GW_RAM_PUSH) {
        ram->stats.postcopy_bytes += bytes;
        return;
    }
    *(ram->guest_stopped ? &ram->stats.downtime_bytes : &ram->stats.precopy_bytes) += bytes;
}

void
gw_ram_put_bytes(struct gw_ram *ram, int64_t bytes)
{
    gw_ram_account(ram, bytes);
    ram->ports->wire->ops->put_bytes(ram->ports->wire, GW_RAM_CHANNEL, bytes);
}

/* ---- budget and bandwidth ------------------------------------------------------------------------- */

/* Bytes that may still go in this window; < 0: over. INT64_MAX without a limit. */
static int64_t
budget_left(const struct gw_ram *ram)
{
    int64_t rate = ram->phase == GW_RAM_PUSH ? ram->settings->postcopy_bandwidth
                                             : ram->settings->max_bandwidth;

    if (rate == 0 || ram->last_stage) {
        return INT64_MAX;
    }
    return rate / WINDOWS_A_SECOND - (ram->bytes_total - ram->window.bytes);
}

void
gw_ram_begin_window(struct gw_ram *ram, int64_t now_ns)
{
    ram->window = (struct gw_ram_window){now_ns, ram->bytes_total, ram->pages_total};
}

/* What the estimate goes by: bytes on the wire, or raw bytes of the pages handled. */
static double
window_bytes(const struct gw_ram *ram)
{
    if (ram->settings->estimate == GW_ESTIMATE_PAGES) {
        return (double)(ram->pages_total - ram->window.pages) * GW_PAGE_BYTES;
    }
    return (double)(ram->bytes_total - ram->window.bytes);
}

static void
close_window(struct gw_ram *ram)
{
    struct gw_memory_stats *stats = &ram->stats;
    int64_t now_ns = gw_ram_now_ns(ram);
    double ms = (double)(gw_ram_elapsed_ns(ram, ram->window.begun_ns, now_ns) / MS);
    double sent_bytes = (double)(ram->bytes_total - ram->window.bytes);
    double rate = window_bytes(ram) / ms; /* bytes a ms */
    double usable = ram->settings->switchover_bandwidth > 0
                        ? (double)ram->settings->switchover_bandwidth / 1000.0
                        : rate;

    stats->bandwidth = rate * 1000.0;
    stats->threshold_bytes = (int64_t)(usable * (double)(ram->settings->downtime_limit_ns / MS));
    stats->mbps = sent_bytes * 8.0 / (ms / 1000.0) / 1e6;
    stats->pages_per_second = (double)(ram->pages_total - ram->window.pages) / (ms / 1000.0);
    if (stats->dirty_pages_rate > 0 && sent_bytes > (double)TRUSTED_BYTES && usable > 0) {
        stats->expected_downtime_ns = (int64_t)((double)ram->dirty_bytes_at_sync / usable * MS);
    }
    gw_ram_begin_window(ram, now_ns);
}

bool
gw_ram_keep_the_rate(struct gw_ram *ram)
{
    int64_t now_ns = gw_ram_now_ns(ram);

    if (gw_ram_elapsed_ns(ram, ram->window.begun_ns, now_ns) >= GW_RAM_WINDOW_NS) {
        close_window(ram);
    }
    if (budget_left(ram) >= 0) {
        return false;
    }
    ram->idle = true;
    ram->ports->clock->ops->arm(ram->ports->clock, GW_RAM_TIMER_WINDOW,
                                tick_of(ram, ram->window.begun_ns) + GW_RAM_WINDOW_NS);
    return true;
}

/* ---- deciding -------------------------------------------------------------------------------------- */

static int64_t
pending_bytes(const struct gw_ram *ram)
{
    return (int64_t)ram->dirty.count * GW_PAGE_BYTES;
}

/* Whether what is left fits the downtime; looks closely when it seems to. */
static bool
fits(struct gw_ram *ram)
{
    int64_t threshold_bytes = ram->stats.threshold_bytes;

    if (pending_bytes(ram) < threshold_bytes) {
        gw_ram_sync(ram);
    }
    return pending_bytes(ram) == 0 || pending_bytes(ram) < threshold_bytes;
}

static bool
wants_postcopy(const struct gw_ram *ram)
{
    return ram->mode == GW_RAM_POSTCOPY ||
           (ram->mode == GW_RAM_HYBRID &&
            ram->stats.sync_count >= ram->settings->postcopy_after_rounds);
}

static bool
wants_pause(const struct gw_ram *ram)
{
    int64_t rounds = ram->settings->pause_after_rounds;

    return !ram->guest_stopped &&
           (ram->mode == GW_RAM_STOP_AND_COPY || (rounds > 0 && ram->stats.sync_count > rounds));
}

/* True: the loop is left, or waits. */
static bool
decide(struct gw_ram *ram)
{
    bool fit = fits(ram);
    bool done = fit || wants_postcopy(ram);
    bool stuck = ram->settings->rounds_most > 0 &&
                 ram->stats.sync_count > ram->settings->rounds_most && !ram->guest_stopped;

    if (!done && stuck) {
        gw_ram_give_up(ram, GW_NOT_CONVERGED, "more rounds than allowed");
        return true;
    }
    if (!done && !wants_pause(ram)) {
        return false;
    }
    ram->completing = done;
    ram->to_postcopy = wants_postcopy(ram) && (!fit || ram->mode == GW_RAM_POSTCOPY);
    ram->phase = GW_RAM_PAUSING;
    gw_ram_flush(ram);
    return true;
}

/* ---- iterating ------------------------------------------------------------------------------------- */

/* Pages of the next batch: never more than the budget has room for if none of them shrinks. */
static uint32_t
batch_size(const struct gw_ram *ram)
{
    uint32_t most = GW_RAM_BATCH - ram->iterate_pages;
    int64_t left = budget_left(ram);

    if (left == INT64_MAX) {
        return most;
    }
    left = left / GW_RAM_NORMAL_BYTES + 1;
    return left < most ? (uint32_t)left : most;
}

static void
end_iterate(struct gw_ram *ram)
{
    ram->iterating = false;
    if (ram->pool != NULL && ram->settings->compress_flush) {
        gw_ram_collect(ram);
    }
    gw_ram_put_bytes(ram, GW_RAM_SECTION_BYTES);
    gw_ram_flush(ram);
}

static bool
iterate_is_over(const struct gw_ram *ram)
{
    return budget_left(ram) < 0 ||
           (ram->iterate_pages == 0 &&
            tick_of(ram, gw_ram_now_ns(ram) - ram->iterate_begun_ns) > ITERATE_MOST_NS);
}

static void
iterate(struct gw_ram *ram)
{
    uint32_t count;

    if (!ram->iterating) {
        ram->iterating = true;
        ram->iterate_begun_ns = gw_ram_now_ns(ram);
        ram->iterate_pages = 0;
    }
    if (!ram->searching && iterate_is_over(ram)) {
        end_iterate(ram);
        return;
    }
    count = gw_ram_send_pages(ram, batch_size(ram));
    ram->iterate_pages = (ram->iterate_pages + count) % GW_RAM_BATCH;
    if (count == 0 && !ram->searching) {
        end_iterate(ram);
        return;
    }
    gw_ram_flush(ram);
}

static void
loop_step(struct gw_ram *ram)
{
    if (ram->cancelled && !ram->searching) {
        gw_ram_give_up(ram, ram->outcome, ram->reason);
        return;
    }
    if (!ram->iterating && (gw_ram_keep_the_rate(ram) || decide(ram))) {
        return;
    }
    iterate(ram);
}

/* ---- switch-over ------------------------------------------------------------------------------------ */

static void
final_step(struct gw_ram *ram)
{
    if (ram->cancelled) {
        gw_ram_give_up(ram, ram->outcome, ram->reason);
        return;
    }
    if (!ram->to_postcopy && gw_ram_send_pages(ram, GW_RAM_BATCH) > 0) {
        gw_ram_flush(ram);
        return;
    }
    if (ram->searching) {
        gw_ram_flush(ram);
        return;
    }
    gw_ram_collect(ram);
    gw_ram_put_bytes(ram, GW_RAM_SECTION_BYTES + ram->ports->device_state_bytes);
    ram->phase = GW_RAM_DRAIN;
    gw_ram_flush(ram);
}

static void
pause(struct gw_ram *ram)
{
    if (ram->guest_stopped) {
        ram->phase = GW_RAM_FINAL;
        ram->last_stage = true;
        gw_ram_sync(ram);
        gw_ram_flush(ram);
        return;
    }
    ram->stopped_ns = gw_ram_now_ns(ram);
    ram->ports->vcpus->ops->pause(ram->ports->vcpus);
}

void
gw_ram_drain(struct gw_ram *ram)
{
    ram->ports->wire->ops->drain(ram->ports->wire, drained, ram);
}

static void
step(struct gw_ram *ram)
{
    static void (*const steps[])(struct gw_ram *) = {
        [GW_RAM_LOOP] = loop_step,        [GW_RAM_PAUSING] = pause,
        [GW_RAM_FINAL] = final_step,      [GW_RAM_DRAIN] = gw_ram_drain,
        [GW_RAM_PUSH] = gw_ram_push_step, [GW_RAM_OVER] = NULL,
    };

    if (steps[ram->phase] != NULL) {
        steps[ram->phase](ram);
    }
}

/* ---- what the driver calls -------------------------------------------------------------------------- */

void
gw_ram_paused(struct gw_ram *ram)
{
    ram->work.spent_ns = 0;
    ram->guest_stopped = true;
    if (ram->cancelled) {
        gw_ram_give_up(ram, ram->outcome, ram->reason);
        return;
    }
    if (!ram->completing) {
        ram->phase = GW_RAM_LOOP; /* stopped for good, but sent within the budget */
        gw_ram_flush(ram);
        return;
    }
    ram->phase = GW_RAM_FINAL;
    ram->last_stage = true;
    ram->ports->report->ops->phase(ram->ports->report, "switch-over");
    gw_ram_sync(ram);
    gw_ram_flush(ram);
}

void
gw_ram_resumed(struct gw_ram *ram)
{
    ram->work.spent_ns = 0;
    ram->guest_stopped = false;
    if (ram->stopped_ns > 0) {
        ram->stats.downtime_ns = gw_ram_now_ns(ram) - ram->stopped_ns;
    }
    if (ram->phase == GW_RAM_LEAVING) {
        finish(ram);
        return;
    }
    gw_assert(ram->phase == GW_RAM_RESUMING);
    ram->ports->report->ops->observe(ram->ports->report, GW_OBSERVE_STUN_NS,
                                     ram->stats.downtime_ns);
    if (ram->dirty.count == 0) {
        gw_ram_complete(ram);
        return;
    }
    ram->phase = GW_RAM_PUSH;
    gw_ram_push_begin(ram);
}

static void
periodic_sync(struct gw_ram *ram)
{
    if (ram->phase == GW_RAM_LOOP) {
        if (ram->stats.sync_count > 1 && ram->stats.sync_count == ram->throttle_sync_count) {
            struct gw_work own = ram->work; /* the main loop's time, not the thread's */

            gw_ram_sync(ram);
            ram->work = own;
        }
        ram->throttle_sync_count = ram->stats.sync_count;
    }
    ram->ports->clock->ops->arm(ram->ports->clock, GW_RAM_TIMER_SYNC,
                                gw_ram_now_ns(ram) + ram->settings->throttle_sync_ns);
}

/* Looks again soon even while nothing is to be adjusted: it may become so at any sync. */
static void
adjust(struct gw_ram *ram)
{
    int64_t interval_ns = gw_throttle_adjust_interval_ns(&ram->throttle);

    if (interval_ns > 0) {
        gw_throttle_adjust(&ram->throttle);
    }
    ram->ports->clock->ops->arm(ram->ports->clock, GW_RAM_TIMER_ADJUST,
                                gw_ram_now_ns(ram) +
                                    (interval_ns > 0 ? interval_ns : GW_RAM_WINDOW_NS));
}

void
gw_ram_timer(struct gw_ram *ram, uint32_t timer)
{
    if (timer == GW_RAM_TIMER_SYNC) {
        periodic_sync(ram);
        return;
    }
    if (timer == GW_RAM_TIMER_ADJUST) {
        adjust(ram);
        return;
    }
    ram->idle = false;
    ram->work.spent_ns = 0;
    step(ram);
}

void
gw_ram_wake(struct gw_ram *ram)
{
    if (!ram->idle) {
        return;
    }
    ram->ports->clock->ops->disarm(ram->ports->clock, GW_RAM_TIMER_WINDOW);
    ram->idle = false;
    ram->work.spent_ns = 0;
    step(ram);
}

void
gw_ram_cancel(struct gw_ram *ram, enum gw_outcome outcome, const char *reason)
{
    bool too_late = ram->phase == GW_RAM_RESUMING || ram->phase == GW_RAM_PUSH ||
                    ram->phase == GW_RAM_OVER || ram->phase == GW_RAM_LEAVING;

    if (too_late || ram->cancelled) {
        return;
    }
    ram->cancelled = true;
    ram->outcome = outcome;
    ram->reason = reason;
    gw_ram_wake(ram);
}
