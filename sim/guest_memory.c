/* guest_memory.c - plays a guest's vCPUs and memory in slices of time.
 *
 * Idea      In a slice every vCPU either runs or stands: slices end where a throttle sleep begins
 *           or ends, where a burst or phase changes, and after GW_GUEST_SLICE_NS. What a running
 *           vCPU has of the slice goes, in this order, to sleeps at full rings, to work that was
 *           done ahead of its time, to the service, and then in fair shares to the regions
 *           (guest_memory_write.c).
 *           Writes fall on ticks of guest time and requests on times of their own, not on slices,
 *           so the law of what happens does not depend on when somebody looks.
 * Departs   Inside a slice the order is not that of time: the service goes first, a full ring's
 *           sleep comes at the end, and the vCPUs play one after the other, each slice beginning
 *           with another one.
 * Invariant Of every vCPU's time in a slice each ns is either run or booked as lost by exactly one
 *           cause; time of faults is booked when they happen.
 * Cost      a slice some 20 ns a vCPU; a write some 10 ns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/guest_memory.h"

#include <stdlib.h>

#include "sim/guest_memory_parts.h"

enum { MISSING_SLICE_NS = 1000000, REAP_NS = 1000000000 };

struct gw_guest_memory *
gw_guest_memory_create(const struct gw_guest_memory_plan *plan, struct gw_error *err)
{
    struct gw_guest_memory *guest = calloc(1, sizeof *guest);

    if (guest == NULL) {
        (void)gw_fail(err, GW_ENOMEM, "no memory for a guest");
        return NULL;
    }
    if (!gw_guest_build(guest, plan, err)) {
        gw_guest_memory_destroy(guest);
        return NULL;
    }
    return guest;
}

void
gw_guest_memory_destroy(struct gw_guest_memory *guest)
{
    if (guest != NULL) {
        gw_guest_dismantle(guest);
        free(guest);
    }
}

/* ---- slices ------------------------------------------------------------------------------------ */

static int64_t
least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Passes phases, bursts and reaps that are due, and finds the next one. */
static void
pass_events(struct gw_guest_memory *guest)
{
    if (guest->reap_ns <= guest->guest_ns) {
        gw_dirty_log_reap(&guest->log);
        guest->reap_ns = guest->guest_ns + REAP_NS;
    }
    guest->event_ns = guest->reap_ns;
    for (size_t i = 0; i < guest->region_count; i++) {
        struct gw_guest_region *region = &guest->region[i];

        if (region->writer == NULL || gw_guest_region_is_replay(region)) {
            continue;
        }
        gw_page_writer_seek(region->writer, guest->guest_ns);
        guest->event_ns = least_of(guest->event_ns, gw_page_writer_phase_end_ns(region->writer));
        if (gw_guest_region_is_bound(region)) {
            guest->event_ns = least_of(guest->event_ns,
                                       gw_page_writer_edge_ns(region->settings, guest->guest_ns));
        }
    }
}

/* The end of the slice that begins now. */
static int64_t
slice_end(const struct gw_guest_memory *guest, int64_t until_ns)
{
    int64_t length_ns = least_of(until_ns - guest->now_ns,
                                 guest->missing != NULL ? MISSING_SLICE_NS : GW_GUEST_SLICE_NS);

    length_ns = least_of(length_ns, guest->event_ns - guest->guest_ns);
    for (uint32_t i = 0; i < guest->vcpu_count; i++) {
        length_ns = least_of(length_ns, guest->vcpu[i].throttle.edge_ns - guest->now_ns);
    }
    return guest->now_ns + length_ns;
}

/* What a vCPU can do in so much time; fine. */
static int64_t
own_time(const struct gw_guest_memory *guest, int64_t wall_ns)
{
    if (guest->stretch <= 1) {
        return wall_ns << GW_FINE_BITS;
    }
    return (int64_t)((double)wall_ns / guest->stretch * (1 << GW_FINE_BITS));
}

/* Takes from the vCPU's time what is not its own. */
static void
begin_slice(struct gw_guest_memory *guest, struct gw_guest_vcpu *vcpu, int64_t end_ns)
{
    int64_t length_ns = end_ns - guest->now_ns;
    int64_t sleep_ns = least_of(vcpu->stall_ns, length_ns);
    int64_t served_ns = 0;

    vcpu->ready = !vcpu->throttle.asleep && !vcpu->waits;
    if (!vcpu->ready) {
        guest->counts.lost_ns[vcpu->throttle.asleep ? GW_LOST_THROTTLE : GW_LOST_PAGE_WAIT] +=
            length_ns;
        return;
    }
    vcpu->stall_ns -= sleep_ns;
    guest->counts.lost_ns[GW_LOST_THROTTLE] += sleep_ns;
    int64_t answered = gw_vcpu_service_run(&vcpu->service, guest->now_ns + sleep_ns, end_ns,
                                           &guest->latency, &served_ns);

    if (answered > 0) {
        guest->counts.requests += answered;
        gw_rate_window_add(&vcpu->answered, guest->now_ns, answered);
    }
    guest->counts.busy_ns += served_ns;
    vcpu->room = least_of(vcpu->room, 0) + own_time(guest, length_ns - sleep_ns - served_ns);
}

static void
play_writes(struct gw_guest_memory *guest, int64_t until_ns)
{
    bool work = guest->greedy;

    for (size_t i = 0; i < guest->region_count; i++) {
        struct gw_guest_region *region = &guest->region[i];

        if (region->writer != NULL && gw_guest_region_is_paced(region)) {
            gw_guest_write_due(guest, region, until_ns);
            work |= region->pending_all > 0;
        }
    }
    for (uint32_t i = 0; work && i < guest->vcpu_count; i++) {
        uint32_t vcpu = (guest->turn + i) % guest->vcpu_count;

        if (guest->vcpu[vcpu].ready) {
            gw_guest_write_play(guest, vcpu, until_ns);
        }
    }
    for (size_t i = 0; work && i < guest->region_count; i++) {
        if (guest->region[i].writer != NULL) {
            gw_guest_write_forget(&guest->region[i], until_ns);
        }
    }
    gw_assert(guest->vcpu_count > 0);
    guest->turn = (guest->turn + 1) % guest->vcpu_count;
}

static void
play_slice(struct gw_guest_memory *guest, int64_t end_ns)
{
    int64_t until_ns = guest->guest_ns + (end_ns - guest->now_ns);

    for (uint32_t i = 0; i < guest->vcpu_count; i++) {
        begin_slice(guest, &guest->vcpu[i], end_ns);
    }
    play_writes(guest, until_ns);
    guest->now_ns = end_ns;
    guest->guest_ns = until_ns;
}

void
gw_guest_memory_advance(struct gw_guest_memory *guest, int64_t now_ns)
{
    gw_assert(now_ns >= guest->now_ns);
    if (guest->paused) {
        guest->counts.lost_ns[GW_LOST_STUN] +=
            (now_ns - guest->now_ns) * (int64_t)guest->vcpu_count;
        guest->now_ns = now_ns;
    }
    while (guest->now_ns < now_ns) {
        if (guest->guest_ns >= guest->event_ns) {
            pass_events(guest);
        }
        for (uint32_t i = 0; i < guest->vcpu_count; i++) {
            gw_vcpu_throttle_pass(&guest->vcpu[i].throttle, guest->now_ns);
        }
        play_slice(guest, slice_end(guest, now_ns));
    }
}

/* ---- dirty log ---------------------------------------------------------------------------------- */

double
gw_guest_memory_log_start(struct gw_guest_memory *guest)
{
    return gw_dirty_log_start(&guest->log);
}

void
gw_guest_memory_log_stop(struct gw_guest_memory *guest)
{
    gw_dirty_log_stop(&guest->log);
}

uint64_t
gw_guest_memory_sync(struct gw_guest_memory *guest, struct gw_bitmap *dirty, double *cost_ns)
{
    return gw_dirty_log_sync(&guest->log, dirty, cost_ns);
}

double
gw_guest_memory_protect(struct gw_guest_memory *guest, uint64_t first_page, uint64_t page_count)
{
    return gw_dirty_log_protect(&guest->log, first_page, page_count);
}

/* ---- vCPUs -------------------------------------------------------------------------------------- */

void
gw_guest_memory_pause(struct gw_guest_memory *guest)
{
    guest->paused = true;
}

void
gw_guest_memory_resume(struct gw_guest_memory *guest)
{
    guest->paused = false;
}

static struct gw_guest_vcpu *
vcpu_of(const struct gw_guest_memory *guest, uint32_t vcpu)
{
    gw_assert(vcpu < guest->vcpu_count);
    return &guest->vcpu[vcpu];
}

void
gw_guest_memory_throttle(struct gw_guest_memory *guest, uint32_t vcpu, uint32_t percent)
{
    gw_vcpu_throttle_set(&vcpu_of(guest, vcpu)->throttle, guest->now_ns, percent);
}

void
gw_guest_memory_ring_sleep(struct gw_guest_memory *guest, uint32_t vcpu, int64_t sleep_ns)
{
    gw_assert(sleep_ns >= 0);
    vcpu_of(guest, vcpu)->ring_sleep_ns = sleep_ns;
}

void
gw_guest_memory_stretch(struct gw_guest_memory *guest, double stretch)
{
    guest->stretch = stretch;
}

double
gw_guest_memory_io_rate(const struct gw_guest_memory *guest, uint32_t vcpu)
{
    return gw_rate_window_rate(&vcpu_of(guest, vcpu)->answered, guest->now_ns);
}

double
gw_guest_memory_dirty_rate(const struct gw_guest_memory *guest, uint32_t vcpu)
{
    return gw_rate_window_rate(&vcpu_of(guest, vcpu)->dirtied, guest->now_ns) * GW_PAGE_BYTES;
}

/* ---- post-copy ---------------------------------------------------------------------------------- */

static void
release(struct gw_guest_memory *guest, uint32_t vcpu)
{
    guest->vcpu[vcpu].waits = false;
    gw_guest_write_one(guest, vcpu, guest->vcpu[vcpu].wait_page);
}

void
gw_guest_memory_set_missing(struct gw_guest_memory *guest, const struct gw_bitmap *missing)
{
    gw_assert(missing == NULL || missing->bit_count == guest->page_count);
    guest->missing = missing;
    for (uint32_t i = 0; missing == NULL && i < guest->vcpu_count; i++) {
        if (guest->vcpu[i].waits) {
            release(guest, i);
        }
    }
}

bool
gw_guest_memory_next_wait(struct gw_guest_memory *guest, uint32_t *vcpu, uint64_t *page)
{
    for (uint32_t i = 0; i < guest->vcpu_count; i++) {
        struct gw_guest_vcpu *who = &guest->vcpu[i];

        if (who->waits && !who->announced) {
            who->announced = true;
            *vcpu = i;
            *page = who->wait_page;
            return true;
        }
    }
    return false;
}

void
gw_guest_memory_arrived(struct gw_guest_memory *guest, uint64_t page)
{
    for (uint32_t i = 0; i < guest->vcpu_count; i++) {
        if (guest->vcpu[i].waits && guest->vcpu[i].wait_page == page) {
            release(guest, i);
        }
    }
}

/* ---- what happened -------------------------------------------------------------------------------- */

const struct gw_guest_memory_counts *
gw_guest_memory_counts(const struct gw_guest_memory *guest)
{
    return &guest->counts;
}

void
gw_guest_memory_take_latency(struct gw_guest_memory *guest, struct gw_histogram *into)
{
    gw_histogram_merge(into, &guest->latency);
    gw_histogram_clear(&guest->latency);
}

static double
region_rate(const struct gw_guest_region *region)
{
    const struct gw_region_settings *settings = region->settings;
    double fastest = (double)region->vcpus * (1 << GW_FINE_BITS) * 1e9 / (double)region->write_fine;
    int64_t cycle_ns = settings->burst_on_ns + settings->burst_off_ns;
    double on = settings->burst_off_ns > 0 ? (double)settings->burst_on_ns / (double)cycle_ns : 1;

    if (gw_guest_region_is_replay(region)) {
        return gw_page_writer_replay_rate(region->writer);
    }
    if (gw_guest_region_is_bound(region) || settings->rate > fastest) {
        return fastest * on;
    }
    return settings->rate * on;
}

double
gw_guest_memory_write_rate(const struct gw_guest_memory *guest)
{
    double rate = 0;

    for (size_t i = 0; i < guest->region_count; i++) {
        rate += guest->region[i].writer != NULL ? region_rate(&guest->region[i]) : 0;
    }
    return rate;
}

uint32_t
gw_guest_memory_version(const struct gw_guest_memory *guest, uint64_t page)
{
    gw_assert(page < guest->page_count);
    return guest->version[page];
}

const uint32_t *
gw_guest_memory_versions(const struct gw_guest_memory *guest)
{
    return guest->version;
}

size_t
gw_guest_memory_region(const struct gw_guest_memory *guest, uint64_t page)
{
    size_t i = 0;

    while (i < guest->region_count &&
           page - guest->region[i].first_page >= guest->region[i].page_count) {
        i++;
    }
    return i;
}

uint64_t
gw_guest_memory_region_first_page(const struct gw_guest_memory *guest, size_t region)
{
    gw_assert(region < guest->region_count);
    return guest->region[region].first_page;
}

int64_t
gw_guest_memory_time_ns(const struct gw_guest_memory *guest)
{
    return guest->now_ns;
}
