/* dirty_log.c - a bitmap of writable pages, and the five ways to protect them again.
 *
 * Idea      chunked    sync copies `written` to `reported` and clears nothing; protect clears in
 *                      `written` what was reported there. So a page written between the sync and
 *                      its protection is not reported twice. Logging starts with every bit set
 *                      and nothing protected (KVM_DIRTY_LOG_INITIALLY_SET): the first sync
 *                      reports all pages.
 *           write      sync walks and protects every page of the guest.
 *           dirty-bit  sync clears the D bits of the pages that it reports; no fault ever.
 *           fast       sync invalidates the root. A first write below an entry of each of three
 *                      higher levels (512 entries a table) costs a table fault on top.
 *           ring       a first write goes into the vCPU's ring. A full ring is emptied: its pages
 *                      are kept for the next sync and protected at once, so they fault again.
 * Source    KVM API, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 and KVM_CAP_DIRTY_LOG_RING; fast: Xiao,
 *           "Fast write protection", KVM Forum 2017; costs: memory_host.c.
 * Invariant In a ring lie exactly the pages of its vCPU whose bit in `written` is set.
 * Cost      a write O(1); a sync 1 ns a 64 pages or so, less where nothing was written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/dirty_log.h"

#include <stdlib.h>

enum { TABLE_ENTRIES_BITS = 9 };

static bool
create_bitmaps(struct gw_dirty_log *log, uint64_t page_count, struct gw_error *err)
{
    int protection = log->host->protection;
    bool second = protection == GW_PROTECT_CHUNKED || protection == GW_PROTECT_RING;
    bool done = gw_bitmap_create(&log->written, page_count, err) &&
                (!second || gw_bitmap_create(&log->reported, page_count, err));
    uint64_t entries = page_count;

    for (int i = 0; done && protection == GW_PROTECT_FAST && i < GW_DIRTY_TABLE_LEVELS; i++) {
        entries = (entries >> TABLE_ENTRIES_BITS) + 1;
        done = gw_bitmap_create(&log->table[i], entries, err);
    }
    return done;
}

static bool
create_rings(struct gw_dirty_log *log, struct gw_error *err)
{
    if (log->host->protection != GW_PROTECT_RING) {
        return true;
    }
    log->ring = malloc((size_t)log->host->ring_entries * log->vcpus * sizeof *log->ring);
    log->ring_used = calloc(log->vcpus, sizeof *log->ring_used);
    if (log->ring == NULL || log->ring_used == NULL) {
        return gw_fail(err, GW_ENOMEM, "no memory for the dirty rings of %u vCPUs", log->vcpus);
    }
    return true;
}

bool
gw_dirty_log_create(struct gw_dirty_log *log, const struct gw_memory_host *host,
                    uint64_t page_count, uint32_t vcpus, struct gw_error *err)
{
    *log = (struct gw_dirty_log){.host = host, .vcpus = vcpus};
    if (create_bitmaps(log, page_count, err) && create_rings(log, err)) {
        return true;
    }
    gw_dirty_log_destroy(log);
    return false;
}

void
gw_dirty_log_destroy(struct gw_dirty_log *log)
{
    free(log->ring_used);
    free(log->ring);
    for (int i = 0; i < GW_DIRTY_TABLE_LEVELS; i++) {
        gw_bitmap_destroy(&log->table[i]);
    }
    gw_bitmap_destroy(&log->reported);
    gw_bitmap_destroy(&log->written);
}

static void
forget_tables(struct gw_dirty_log *log)
{
    for (int i = 0; i < GW_DIRTY_TABLE_LEVELS; i++) {
        gw_bitmap_clear_all(&log->table[i]);
    }
}

static void
forget_all(struct gw_dirty_log *log)
{
    gw_bitmap_clear_all(&log->written);
    gw_bitmap_clear_all(&log->reported);
    forget_tables(log);
    for (uint32_t i = 0; log->ring_used != NULL && i < log->vcpus; i++) {
        log->ring_used[i] = 0;
    }
}

double
gw_dirty_log_start(struct gw_dirty_log *log)
{
    const struct gw_memory_host *host = log->host;
    uint64_t pages = log->written.bit_count;

    forget_all(log);
    log->active = true;
    if (host->protection == GW_PROTECT_CHUNKED) {
        (void)gw_bitmap_set_range(&log->written, 0, pages);
        return (double)host->setup_ns;
    }
    if (host->protection == GW_PROTECT_FAST) {
        return (double)host->setup_ns;
    }
    return (double)host->setup_ns + host->protect_page_ns * (double)pages;
}

void
gw_dirty_log_stop(struct gw_dirty_log *log)
{
    log->active = false;
    forget_all(log);
}

/* Empties the vCPU's ring; returns how many pages were in it. */
static uint32_t
reap_one(struct gw_dirty_log *log, uint32_t vcpu)
{
    const uint32_t *entry = log->ring + (size_t)log->host->ring_entries * vcpu;
    uint32_t used = log->ring_used[vcpu];

    for (uint32_t i = 0; i < used; i++) {
        (void)gw_bitmap_set(&log->reported, entry[i]);
        (void)gw_bitmap_clear(&log->written, entry[i]);
    }
    log->ring_used[vcpu] = 0;
    return used;
}

static uint64_t
reap_all(struct gw_dirty_log *log)
{
    uint64_t reaped = 0;

    for (uint32_t i = 0; i < log->vcpus; i++) {
        reaped += reap_one(log, i);
    }
    return reaped;
}

void
gw_dirty_log_reap(struct gw_dirty_log *log)
{
    if (log->active && log->host->protection == GW_PROTECT_RING) {
        (void)reap_all(log);
    }
}

/* Hands over what was written; returns how many pages the sync itself had to protect. */
static uint64_t
collect(struct gw_dirty_log *log, struct gw_bitmap *dirty, uint64_t *fresh)
{
    uint64_t touched = log->written.count;

    if (log->host->protection == GW_PROTECT_RING) {
        touched = reap_all(log);
        *fresh = gw_bitmap_merge(dirty, &log->reported);
        gw_bitmap_clear_all(&log->reported);
        return touched;
    }
    *fresh = gw_bitmap_merge(dirty, &log->written);
    if (log->host->protection == GW_PROTECT_CHUNKED) {
        gw_bitmap_copy(&log->reported, &log->written);
        return 0;
    }
    gw_bitmap_clear_all(&log->written);
    if (log->host->protection == GW_PROTECT_FAST) {
        forget_tables(log);
        return 0;
    }
    return log->host->protection == GW_PROTECT_WRITE ? log->written.bit_count : touched;
}

uint64_t
gw_dirty_log_sync(struct gw_dirty_log *log, struct gw_bitmap *dirty, double *cost_ns)
{
    const struct gw_memory_host *host = log->host;
    uint64_t fresh = 0;
    uint64_t protected = 0;

    if (log->active) {
        protected = collect(log, dirty, &fresh);
    }
    *cost_ns = (double)host->sync_ns + host->sync_page_ns * (double)log->written.bit_count +
               host->protect_page_ns * (double)protected;
    return fresh;
}

double
gw_dirty_log_protect(struct gw_dirty_log *log, uint64_t first_page, uint64_t page_count)
{
    if (!log->active || log->host->protection != GW_PROTECT_CHUNKED) {
        return 0;
    }
    uint64_t protected =
        gw_bitmap_remove_range(&log->written, &log->reported, first_page, page_count);

    (void)gw_bitmap_remove_range(&log->reported, &log->reported, first_page, page_count);
    return log->host->protect_page_ns * (double)protected;
}

int64_t
gw_dirty_log_fault_most_ns(const struct gw_dirty_log *log)
{
    const struct gw_memory_host *host = log->host;

    if (!log->active || host->protection == GW_PROTECT_DIRTY_BIT) {
        return 0;
    }
    if (host->protection == GW_PROTECT_FAST) {
        return host->fault_ns + GW_DIRTY_TABLE_LEVELS * host->table_fault_ns;
    }
    return host->fault_ns + (host->protection == GW_PROTECT_RING ? host->ring_exit_ns : 0);
}

static void
fault_tables(struct gw_dirty_log *log, uint64_t page, struct gw_dirty_tally *tally)
{
    uint64_t entry = page;

    for (int i = 0; i < GW_DIRTY_TABLE_LEVELS; i++) {
        entry >>= TABLE_ENTRIES_BITS;
        if (gw_bitmap_set(&log->table[i], entry)) {
            return; /* the levels above were pushed down before this one */
        }
        tally->cost_ns += log->host->table_fault_ns;
    }
}

static void
push(struct gw_dirty_log *log, uint32_t vcpu, uint64_t page, struct gw_dirty_tally *tally)
{
    size_t entries = (size_t)log->host->ring_entries;

    log->ring[entries * vcpu + log->ring_used[vcpu]++] = (uint32_t)page;
    if (log->ring_used[vcpu] == entries) {
        (void)reap_one(log, vcpu);
        tally->ring_exits++;
        tally->cost_ns += log->host->ring_exit_ns;
    }
}

void
gw_dirty_log_fault(struct gw_dirty_log *log, uint32_t vcpu, uint64_t page,
                   struct gw_dirty_tally *tally)
{
    int protection = log->host->protection;

    tally->fresh++;
    if (protection == GW_PROTECT_DIRTY_BIT) {
        return;
    }
    tally->faults++;
    tally->cost_ns += log->host->fault_ns;
    if (protection == GW_PROTECT_FAST) {
        fault_tables(log, page, tally);
    }
    if (protection == GW_PROTECT_RING) {
        push(log, vcpu, page, tally);
    }
}
