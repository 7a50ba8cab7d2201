/* guest_memory_write.c - the page writes of a slice: how many fit, which, and what they cost.
 *
 * Idea      A write costs its own time and that of the fault that it meets, which is known only
 *           once its page is drawn. So writes are drawn in batches that fit even if each of them
 *           faults, until the time is used up. Where a slice has more than two writes a page
 *           they are counted instead: as many as fit if every page that can fault does.
 *           Time left over is carried to the next slice (CPU-bound), time overdrawn by the last
 *           write is owed: so the number of writes does not depend on the slices.
 *           Due writes that need less than a tick are played at once for all vCPUs of the region,
 *           a tick ahead of their time at most.
 * Invariant pending_all is the sum of pending. A vCPU that waits for a page does nothing.
 * Cost      two memory accesses a write, prefetched a batch ahead; counted writes: about the
 *           pages touched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/guest_memory_parts.h"

enum { BULK_WRITES_PER_PAGE = 2, TICK_RATE_SCALE = 1000000000, LIGHT_BATCH = 512, AHEAD = 24 };

static const int64_t ahead_most = (int64_t)GW_GUEST_TICK_NS << GW_FINE_BITS;

/* What one vCPU does for one region in a row. */
struct stint {
    struct gw_guest_region *region;
    uint32_t vcpu;
    int64_t room;     /* fine time */
    int64_t wish;     /* writes */
    int64_t least;    /* fine time that must be there to begin a write */
    int64_t until_ns; /* replay: guest time */
};

/* Books what writes have met; returns the vCPU time of their faults. */
static int64_t
settle(struct gw_guest_memory *guest, uint32_t vcpu, int64_t writes, int64_t write_fine,
       const struct gw_dirty_tally *tally)
{
    struct gw_guest_vcpu *who = &guest->vcpu[vcpu];

    guest->counts.writes += writes;
    guest->counts.busy_ns += (writes * write_fine >> GW_FINE_BITS) + tally->cost_ns;
    if (tally->fresh == 0) {
        return 0;
    }
    guest->counts.faults += tally->faults;
    guest->counts.lost_ns[GW_LOST_FAULTS] += tally->cost_ns;
    who->stall_ns += tally->ring_exits * who->ring_sleep_ns;
    if (guest->reap_ns != INT64_MAX) {
        gw_rate_window_add(&who->dirtied, guest->now_ns, tally->fresh);
    }
    return tally->cost_ns;
}

/* Forced inline: gcc drops calls of a function that does nothing but prefetch. */
__attribute__((always_inline)) static inline void
prefetch(const struct gw_guest_memory *guest, const struct gw_guest_region *region, uint32_t page)
{
    __builtin_prefetch(&guest->version[region->first_page + page], 1);
    gw_dirty_log_prefetch(&guest->log, region->first_page + page);
}

__attribute__((always_inline)) static inline void
prefetch_first(const struct gw_guest_memory *guest, const struct gw_guest_region *region,
               const uint32_t *pages, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < AHEAD; i++) {
        prefetch(guest, region, pages[i]);
    }
}

/* Writes `count` pages of a batch that has `all` from here on; the first AHEAD are prefetched. */
static int64_t
write_pages(struct gw_guest_memory *guest, const struct gw_guest_region *region, uint32_t vcpu,
            const uint32_t *pages, uint32_t count, uint32_t all)
{
    struct gw_dirty_tally tally = {0};

    for (uint32_t i = 0; i < count; i++) {
        uint64_t page = region->first_page + pages[i];

        prefetch(guest, region, pages[i + AHEAD < all ? i + AHEAD : i]);
        guest->version[page]++;
        gw_dirty_log_write(&guest->log, vcpu, page, &tally);
    }
    return settle(guest, vcpu, count, region->write_fine, &tally);
}

static int64_t
write_bulk(struct gw_guest_memory *guest, const struct gw_guest_region *region, uint32_t vcpu,
           uint32_t writes)
{
    struct gw_dirty_tally tally = {0};
    uint32_t pages = gw_page_writer_count(region->writer, writes, guest->bulk);

    for (uint32_t i = 0; i < pages; i++) {
        uint64_t page = region->first_page + guest->bulk[i].page;

        guest->version[page] += guest->bulk[i].writes;
        gw_dirty_log_write(&guest->log, vcpu, page, &tally);
    }
    return settle(guest, vcpu, writes, region->write_fine, &tally);
}

void
gw_guest_write_one(struct gw_guest_memory *guest, uint32_t vcpu, uint64_t page)
{
    struct gw_dirty_tally tally = {0};

    guest->version[page]++;
    gw_dirty_log_write(&guest->log, vcpu, page, &tally);
    guest->vcpu[vcpu].room -= settle(guest, vcpu, 1, 0, &tally) << GW_FINE_BITS;
}

/* Most that a write can take, fine. */
static int64_t
write_most(const struct gw_guest_memory *guest, const struct gw_guest_region *region)
{
    return region->write_fine + (gw_dirty_log_fault_most_ns(&guest->log) << GW_FINE_BITS);
}

/* ---- paced, played at once ------------------------------------------------------------------- */

/* The part of n due writes that falls to the vCPU, counted from the region's first. */
static int64_t
due_share(const struct gw_guest_region *region, int64_t n, uint32_t vcpu)
{
    uint32_t odd = (uint32_t)(n % region->vcpus);
    uint32_t place =
        vcpu >= region->turn ? vcpu - region->turn : vcpu + region->vcpus - region->turn;

    return n / region->vcpus + (place < odd);
}

static bool
is_light(const struct gw_guest_memory *guest, const struct gw_guest_region *region, int64_t n)
{
    int64_t each = n / region->vcpus + 1;
    int64_t most = write_most(guest, region);

    if (guest->missing != NULL || region->pending_all > 0 || each > ahead_most / most) {
        return false;
    }
    for (uint32_t i = 0; i < region->vcpus; i++) {
        const struct gw_guest_vcpu *vcpu = &guest->vcpu[region->first_vcpu + i];

        if (!vcpu->ready || vcpu->stall_ns > 0 || vcpu->room + ahead_most < each * most) {
            return false;
        }
    }
    return true;
}

static void
play_light(struct gw_guest_memory *guest, struct gw_guest_region *region, int64_t n)
{
    uint32_t pages[LIGHT_BATCH];
    uint32_t vcpu = 0;
    int64_t share = due_share(region, n, 0);

    for (int64_t left = n; left > 0;) {
        uint32_t count = left < LIGHT_BATCH ? (uint32_t)left : LIGHT_BATCH;

        gw_page_writer_draw(region->writer, count, pages);
        prefetch_first(guest, region, pages, count);
        left -= count;
        for (uint32_t at = 0; at < count;) {
            while (share == 0) {
                share = due_share(region, n, ++vcpu);
            }
            uint32_t here = share < count - at ? (uint32_t)share : count - at;
            uint32_t who = region->first_vcpu + vcpu;

            guest->vcpu[who].room -= here * region->write_fine;
            guest->vcpu[who].room -= write_pages(guest, region, who, pages + at, here, count - at)
                                     << GW_FINE_BITS;
            share -= here;
            at += here;
        }
    }
}

/* Ticks at whole ms in [guest_ns, until_ns) that are not in a pause between bursts. */
static int64_t
ticks_on(const struct gw_guest_memory *guest, const struct gw_guest_region *region,
         int64_t until_ns)
{
    int64_t first = (guest->guest_ns + GW_GUEST_TICK_NS - 1) / GW_GUEST_TICK_NS;
    int64_t end = (until_ns + GW_GUEST_TICK_NS - 1) / GW_GUEST_TICK_NS;
    int64_t on = 0;

    if (region->settings->burst_off_ns == 0) {
        return end - first;
    }
    for (int64_t tick = first; tick < end; tick++) {
        on += gw_page_writer_is_on(region->settings, tick * GW_GUEST_TICK_NS);
    }
    return on;
}

void
gw_guest_write_due(struct gw_guest_memory *guest, struct gw_guest_region *region, int64_t until_ns)
{
    int64_t units = region->due_rest + region->rate_micro * ticks_on(guest, region, until_ns);
    int64_t n = units / TICK_RATE_SCALE;

    region->due_rest = units % TICK_RATE_SCALE;
    if (n == 0) {
        return;
    }
    if (is_light(guest, region, n)) {
        play_light(guest, region, n);
    } else {
        for (uint32_t i = 0; i < region->vcpus; i++) {
            region->pending[i] += due_share(region, n, i);
        }
        region->pending_all += n;
    }
    gw_assert(region->vcpus > 0);
    region->turn = (uint32_t)((region->turn + n) % region->vcpus);
}

void
gw_guest_write_forget(struct gw_guest_region *region, int64_t until_ns)
{
    uint32_t page[GW_WRITE_BATCH];
    int64_t late_ns = until_ns - region->settings->backlog_ns;

    for (uint32_t i = 0; region->pending_all > 0 && i < region->vcpus; i++) {
        if (region->pending[i] > region->pending_cap) {
            region->pending_all -= region->pending[i] - region->pending_cap;
            region->pending[i] = region->pending_cap;
        }
    }
    while (gw_guest_region_is_replay(region) &&
           gw_page_writer_replay_next_ns(region->writer) < late_ns) {
        (void)gw_page_writer_replay(region->writer, late_ns, page, GW_WRITE_BATCH);
    }
}

/* ---- one vCPU, to the end of its time -------------------------------------------------------- */

/* Sleeps that full rings ask for, in the room that is left; returns whether all are done. */
static bool
sleep_off(struct gw_guest_memory *guest, struct stint *stint)
{
    struct gw_guest_vcpu *vcpu = &guest->vcpu[stint->vcpu];
    int64_t room_ns = stint->room >> GW_FINE_BITS;
    int64_t sleep_ns = vcpu->stall_ns < room_ns ? vcpu->stall_ns : room_ns;

    if (sleep_ns > 0) {
        vcpu->stall_ns -= sleep_ns;
        stint->room -= sleep_ns << GW_FINE_BITS;
        guest->counts.lost_ns[GW_LOST_THROTTLE] += sleep_ns;
    }
    return vcpu->stall_ns == 0;
}

/* How many writes to count in bulk; 0: better draw them. */
static uint32_t
bulk_size(const struct gw_guest_memory *guest, const struct stint *stint)
{
    const struct gw_guest_region *region = stint->region;
    int64_t least = (int64_t)region->page_count * BULK_WRITES_PER_PAGE;
    int64_t fault_ns = gw_dirty_log_fault_most_ns(&guest->log);
    int64_t room = stint->room;

    if (!region->counted || guest->missing != NULL || stint->wish <= least ||
        room / region->write_fine <= least) {
        return 0;
    }
    if (fault_ns > 0) {
        uint64_t open =
            gw_bitmap_count_range(&guest->log.written, region->first_page, region->page_count);
        double rest = (double)room - (double)(region->page_count - open) * (double)fault_ns *
                                         (double)(1 << GW_FINE_BITS);

        room = rest > 0 ? (int64_t)rest : 0;
    }
    int64_t n = room / region->write_fine;

    n = n < stint->wish ? n : stint->wish;
    n = n < UINT32_MAX ? n : UINT32_MAX;
    return n > least ? (uint32_t)n : 0;
}

static uint32_t
batch_size(const struct gw_guest_memory *guest, const struct stint *stint)
{
    int64_t n = stint->room / write_most(guest, stint->region);

    n = guest->missing != NULL || n < 1 ? 1 : n;
    n = n < stint->wish ? n : stint->wish;
    return n < GW_WRITE_BATCH ? (uint32_t)n : GW_WRITE_BATCH;
}

/* Stops the vCPU if the page is not there yet. Its own time is spent; the write is done when the
 * page arrives. */
static bool
must_wait(struct gw_guest_memory *guest, const struct stint *stint, uint32_t page)
{
    struct gw_guest_vcpu *vcpu = &guest->vcpu[stint->vcpu];
    uint64_t global = stint->region->first_page + page;

    if (guest->missing == NULL || !gw_bitmap_test(guest->missing, global)) {
        return false;
    }
    vcpu->waits = true;
    vcpu->announced = false;
    vcpu->wait_page = global;
    return true;
}

static void
play_batch(struct gw_guest_memory *guest, struct stint *stint)
{
    struct gw_guest_region *region = stint->region;
    uint32_t pages[GW_WRITE_BATCH];
    uint32_t asked = batch_size(guest, stint);
    uint32_t count = asked;

    if (gw_guest_region_is_replay(region)) {
        count = gw_page_writer_replay(region->writer, stint->until_ns, pages, asked);
    } else {
        gw_page_writer_draw(region->writer, count, pages);
    }
    stint->wish = count < asked ? 0 : stint->wish - count;
    stint->room -= count * region->write_fine;
    if (count == 1 && must_wait(guest, stint, pages[0])) {
        return;
    }
    prefetch_first(guest, region, pages, count);
    stint->room -= write_pages(guest, region, stint->vcpu, pages, count, count) << GW_FINE_BITS;
}

static void
play_stint(struct gw_guest_memory *guest, struct stint *stint)
{
    const struct gw_guest_vcpu *vcpu = &guest->vcpu[stint->vcpu];

    while (!vcpu->waits && stint->wish > 0 && stint->room >= stint->least &&
           sleep_off(guest, stint) && stint->room >= stint->least) {
        uint32_t bulk = bulk_size(guest, stint);

        if (bulk == 0) {
            play_batch(guest, stint);
            continue;
        }
        stint->wish -= bulk;
        stint->room -= bulk * stint->region->write_fine;
        stint->room -= write_bulk(guest, stint->region, stint->vcpu, bulk) << GW_FINE_BITS;
    }
}

/* Whether the region has something to do for this vCPU. */
static bool
wants(const struct gw_guest_memory *guest, const struct gw_guest_region *region, uint32_t vcpu,
      int64_t until_ns)
{
    if (!gw_guest_region_has(region, vcpu)) {
        return false;
    }
    if (gw_guest_region_is_replay(region)) {
        return gw_page_writer_replay_next_ns(region->writer) < until_ns;
    }
    if (gw_guest_region_is_paced(region)) {
        return region->pending[vcpu - region->first_vcpu] > 0;
    }
    return gw_page_writer_is_on(region->settings, guest->guest_ns);
}

/* Due writes, in a share of the vCPU's room; what is not needed stays there. The last write may
 * overdraw the share: the region then owes it out of its next ones, so that many small slices give
 * it no more than a few large ones. */
static void
play_told(struct gw_guest_memory *guest, struct stint *stint)
{
    struct gw_guest_region *region = stint->region;
    uint32_t local = stint->vcpu - region->first_vcpu;
    bool replay = gw_guest_region_is_replay(region);

    guest->vcpu[stint->vcpu].room -= stint->room;
    stint->least = 1;
    stint->wish = replay ? INT64_MAX : region->pending[local];
    stint->room += region->credit[local];
    play_stint(guest, stint);
    region->credit[local] = stint->room < 0 ? stint->room : 0;
    guest->vcpu[stint->vcpu].room += stint->room > 0 ? stint->room : 0;
    if (!replay) {
        region->pending_all -= region->pending[local] - stint->wish;
        region->pending[local] = stint->wish;
    }
}

/* As many writes as its share of the room allows; the rest of the share is kept for later. */
static void
play_bound(struct gw_guest_memory *guest, struct stint *stint)
{
    struct gw_guest_vcpu *vcpu = &guest->vcpu[stint->vcpu];
    int64_t *credit = &stint->region->credit[stint->vcpu - stint->region->first_vcpu];

    vcpu->room -= stint->room;
    stint->least = stint->region->write_fine;
    stint->wish = INT64_MAX;
    stint->room += *credit;
    play_stint(guest, stint);
    *credit = stint->room;
    if (vcpu->waits) {
        vcpu->room += *credit;
        *credit = 0;
    }
}

/* One round over the regions that want the vCPU: those told first, since they may leave some. */
static void
play_round(struct gw_guest_memory *guest, uint32_t vcpu, int64_t until_ns, int64_t sharers)
{
    for (size_t i = 0; i < 2 * guest->region_count; i++) {
        bool bound = i >= guest->region_count;
        struct gw_guest_region *region = &guest->region[i % guest->region_count];
        struct stint stint = {.region = region, .vcpu = vcpu, .until_ns = until_ns};

        if (gw_guest_region_is_bound(region) != bound || sharers == 0 ||
            guest->vcpu[vcpu].room <= 0 || guest->vcpu[vcpu].waits ||
            !wants(guest, region, vcpu, until_ns)) {
            continue;
        }
        stint.room = guest->vcpu[vcpu].room / sharers--;
        (bound ? play_bound : play_told)(guest, &stint);
    }
}

void
gw_guest_write_play(struct gw_guest_memory *guest, uint32_t vcpu, int64_t until_ns)
{
    struct gw_guest_vcpu *who = &guest->vcpu[vcpu];
    int64_t before = INT64_MAX;

    while (!who->waits && who->room > 0 && who->room < before) {
        int64_t sharers = 0;

        before = who->room;
        for (size_t i = 0; i < guest->region_count; i++) {
            sharers += wants(guest, &guest->region[i], vcpu, until_ns);
        }
        play_round(guest, vcpu, until_ns, sharers);
    }
    if (who->waits && who->room > 0) {
        guest->counts.lost_ns[GW_LOST_PAGE_WAIT] += who->room >> GW_FINE_BITS;
        who->room = 0;
    }
}
