/* dirty_log.h - how the hypervisor learns which pages were written, and what that costs.
 *
 * A page whose bit in `written` is set can be written without a fault. A sync reports the set
 * bits; a page is protected when its bit is cleared again: by protect where the log is cleared
 * lazily (GW_PROTECT_CHUNKED), by the sync itself elsewhere. Costs come back in ns: those of sync,
 * start and protect are the migration thread's, those of a write the vCPU's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DIRTY_LOG_H
#define GW_DIRTY_LOG_H

#include "base/bitmap.h"
#include "models/memory_host.h"

enum { GW_DIRTY_TABLE_LEVELS = 3 };

/* What writes met; adds up. */
struct gw_dirty_tally {
    int64_t fresh;      /* pages that became dirty in the log */
    int64_t faults;     /* first writes that met protection */
    int64_t cost_ns;    /* of faults and of ring exits */
    int64_t ring_exits; /* full rings */
};

struct gw_dirty_log {
    const struct gw_memory_host *host; /* borrowed */
    bool active;
    uint32_t vcpus;
    struct gw_bitmap written;                      /* since it was protected */
    struct gw_bitmap reported;                     /* chunked: by the last sync, not yet protected;
                                                      ring: reaped since the last sync */
    struct gw_bitmap table[GW_DIRTY_TABLE_LEVELS]; /* fast: entry made writable since the sync */
    uint32_t *ring;                                /* ring: entries, a row a vCPU; owned */
    uint32_t *ring_used;                           /* owned */
};

/* Nothing is logged before start. Errors: GW_ENOMEM. */
bool gw_dirty_log_create(struct gw_dirty_log *log, const struct gw_memory_host *host,
                         uint64_t page_count, uint32_t vcpus, struct gw_error *err);
void gw_dirty_log_destroy(struct gw_dirty_log *log);

double gw_dirty_log_start(struct gw_dirty_log *log);
void gw_dirty_log_stop(struct gw_dirty_log *log);

/* Adds to `dirty`, of as many bits; returns how many were not set there before. */
uint64_t gw_dirty_log_sync(struct gw_dirty_log *log, struct gw_bitmap *dirty, double *cost_ns);
double gw_dirty_log_protect(struct gw_dirty_log *log, uint64_t first_page, uint64_t page_count);

/* Ring: empties all rings and protects their pages, as the reaper does once a second. */
void gw_dirty_log_reap(struct gw_dirty_log *log);

/* Most that one write can cost now. */
int64_t gw_dirty_log_fault_most_ns(const struct gw_dirty_log *log);

/* The part of a write that is rare; called by gw_dirty_log_write. */
void gw_dirty_log_fault(struct gw_dirty_log *log, uint32_t vcpu, uint64_t page,
                        struct gw_dirty_tally *tally);

static inline void
gw_dirty_log_write(struct gw_dirty_log *log, uint32_t vcpu, uint64_t page,
                   struct gw_dirty_tally *tally)
{
    if (log->active && !gw_bitmap_set(&log->written, page)) {
        gw_dirty_log_fault(log, vcpu, page, tally);
    }
}

static inline void
gw_dirty_log_prefetch(const struct gw_dirty_log *log, uint64_t page)
{
    __builtin_prefetch(&log->written.word[page / 64], 1);
}

#endif
