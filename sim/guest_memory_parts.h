/* guest_memory_parts.h - the modelled guest from the inside; for guest_memory*.c alone.
 *
 * Vocabulary: "fine" is a time in units of 2^-16 ns, so that a write of 20 ns is exact enough.
 * Guest time is time without the stuns: it drives ticks, bursts, phases and traces.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GUEST_MEMORY_PARTS_H
#define GW_GUEST_MEMORY_PARTS_H

#include "models/dirty_log.h"
#include "models/vcpu_time.h"
#include "sim/guest_memory.h"
#include "workloads/page_writer.h"

enum { GW_FINE_BITS = 16, GW_GUEST_TICK_NS = 1000000, GW_WRITE_BATCH = 64 };

struct gw_guest_region {
    const struct gw_region_settings *settings;
    uint64_t first_page;
    uint32_t page_count;
    struct gw_page_writer *writer; /* NULL: never written */
    bool counted;                  /* may be written in bulk: guest.bulk has room for it */
    uint32_t first_vcpu, vcpus;
    int64_t write_fine;  /* time of one write */
    int64_t rate_micro;  /* paced: writes in 10^6 s */
    int64_t due_rest;    /* paced: part of a write that is due, 10^-9 */
    uint32_t turn;       /* paced: vCPU, counted from the first, that takes the odd write */
    int64_t pending_all; /* paced: sum of pending */
    int64_t *pending;    /* paced: writes that are due, a vCPU */
    int64_t pending_cap; /* paced: most that is caught up, a vCPU */
    int64_t *credit;     /* fine time towards the next write, below 0: overdrawn; a vCPU */
};

struct gw_guest_vcpu {
    struct gw_vcpu_throttle throttle;
    struct gw_vcpu_service service;
    struct gw_rate_window answered, dirtied;
    int64_t ring_sleep_ns; /* at each full ring */
    int64_t stall_ns;      /* of it still to be slept */
    int64_t room;          /* fine time left in this slice; below 0: worked ahead */
    bool ready;            /* runs in this slice */
    bool waits, announced; /* for a missing page */
    uint64_t wait_page;
};

struct gw_guest_memory {
    struct gw_guest_region *region;
    size_t region_count;
    struct gw_guest_vcpu *vcpu;
    uint32_t vcpu_count;
    uint32_t turn; /* vCPU that plays first in this slice */
    uint64_t page_count;
    uint32_t *version;
    struct gw_dirty_log log;
    struct gw_page_count *bulk; /* room of the largest region that is counted */
    int64_t now_ns;
    int64_t guest_ns; /* guest time of now_ns */
    int64_t event_ns; /* guest time at which a phase, a burst or a reap is next due */
    int64_t reap_ns;  /* guest time of the next reap of all rings; INT64_MAX: no rings */
    double stretch;   /* how many times as long as on processors of their own vCPUs take */
    bool greedy;      /* some region writes without being told by ticks */
    bool paused;
    const struct gw_bitmap *missing; /* NULL: none */
    struct gw_histogram latency;
    struct gw_guest_memory_counts counts;
};

/* Whether its writes are due by the clock, by a trace, or whenever there is time. */
static inline bool
gw_guest_region_is_replay(const struct gw_guest_region *region)
{
    return region->settings->writes == GW_WRITES_REPLAY;
}

static inline bool
gw_guest_region_is_paced(const struct gw_guest_region *region)
{
    return region->settings->pacing == GW_PACED_CLOCK && !gw_guest_region_is_replay(region);
}

static inline bool
gw_guest_region_is_bound(const struct gw_guest_region *region)
{
    return region->settings->pacing == GW_PACED_CPU && !gw_guest_region_is_replay(region);
}

static inline bool
gw_guest_region_has(const struct gw_guest_region *region, uint32_t vcpu)
{
    return region->writer != NULL && vcpu - region->first_vcpu < region->vcpus;
}

/* Settings to regions and vCPUs; guest_memory_build.c. */
bool gw_guest_build(struct gw_guest_memory *guest, const struct gw_guest_memory_plan *plan,
                    struct gw_error *err);
void gw_guest_dismantle(struct gw_guest_memory *guest);

/* guest_memory_write.c. The ticks from guest_ns to the guest time until_ns are due: plays at once
 * what fits easily, keeps the rest for play. */
void gw_guest_write_due(struct gw_guest_memory *guest, struct gw_guest_region *region,
                        int64_t until_ns);
/* The vCPU works in its room: all that waits for it and lies before the guest time until_ns. */
void gw_guest_write_play(struct gw_guest_memory *guest, uint32_t vcpu, int64_t until_ns);
/* Forgets what is too late to be caught up at the guest time until_ns. */
void gw_guest_write_forget(struct gw_guest_region *region, int64_t until_ns);
/* One write of a page of the guest by a vCPU. */
void gw_guest_write_one(struct gw_guest_memory *guest, uint32_t vcpu, uint64_t page);

#endif
