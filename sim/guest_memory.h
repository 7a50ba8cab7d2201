/* guest_memory.h - the memory and vCPUs of a modelled guest, advanced when somebody looks.
 *
 * Nothing is scheduled: advance() plays the guest from where it stands up to a time, in slices
 * of at most GW_GUEST_SLICE_NS. The writes of a slice are drawn together, exactly in
 * distribution; each marks the dirty log and counts up the version of its page. A vCPU's time is
 * spent on writes, on faults of first writes, on serving IO, and is taken by throttling, stuns
 * and stalls; what is lost is booked by cause.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_GUEST_MEMORY_H
#define GW_GUEST_MEMORY_H

#include "base/bitmap.h"
#include "base/histogram.h"
#include "base/memory.h"
#include "models/memory_host.h"
#include "workloads/memory_region.h"

enum { GW_GUEST_SLICE_NS = 10000000 };

/* Why vCPU time was lost. */
enum gw_lost { GW_LOST_FAULTS, GW_LOST_THROTTLE, GW_LOST_STUN, GW_LOST_PAGE_WAIT, GW_LOST_COUNT };

struct gw_guest_memory_plan {
    const struct gw_region_settings *const *regions;
    size_t region_count;
    int64_t memory_bytes; /* all; beyond the regions: zero and never written */
    uint32_t vcpus;
    const struct gw_guest_service_settings *service;
    const struct gw_memory_host *host;
    uint64_t seed, replication, object;
};

struct gw_guest_memory;

/* Errors: GW_EINVAL (a region that does not fit), GW_ENOENT, GW_EIO (trace), GW_ENOMEM. */
struct gw_guest_memory *gw_guest_memory_create(const struct gw_guest_memory_plan *plan,
                                               struct gw_error *err);
void gw_guest_memory_destroy(struct gw_guest_memory *guest);

/* Plays up to now_ns (>= the last one). Call before anything below. */
void gw_guest_memory_advance(struct gw_guest_memory *guest, int64_t now_ns);

/* Where it stands. */
int64_t gw_guest_memory_time_ns(const struct gw_guest_memory *guest);

/* ---- dirty log: see gw_memory_ops; the costs are the thread's, ns ---------------------------------- */

double gw_guest_memory_log_start(struct gw_guest_memory *guest);
void gw_guest_memory_log_stop(struct gw_guest_memory *guest);
uint64_t gw_guest_memory_sync(struct gw_guest_memory *guest, struct gw_bitmap *dirty,
                              double *cost_ns);
double gw_guest_memory_protect(struct gw_guest_memory *guest, uint64_t first_page,
                               uint64_t page_count);

/* ---- vCPUs ------------------------------------------------------------------------------------------ */

void gw_guest_memory_pause(struct gw_guest_memory *guest);
void gw_guest_memory_resume(struct gw_guest_memory *guest);
void gw_guest_memory_throttle(struct gw_guest_memory *guest, uint32_t vcpu, uint32_t percent);
void gw_guest_memory_ring_sleep(struct gw_guest_memory *guest, uint32_t vcpu, int64_t sleep_ns);
double gw_guest_memory_io_rate(const struct gw_guest_memory *guest, uint32_t vcpu);
double gw_guest_memory_dirty_rate(const struct gw_guest_memory *guest, uint32_t vcpu);

/* All vCPUs take so many times as long for what they do, from now on; >= 1. */
void gw_guest_memory_stretch(struct gw_guest_memory *guest, double stretch);

/* ---- post-copy ------------------------------------------------------------------------------------- */

/* From now on accesses to pages set in `missing` (NULL: none) stop their vCPU. */
void gw_guest_memory_set_missing(struct gw_guest_memory *guest, const struct gw_bitmap *missing);
/* The next vCPU that has run into a missing page since the last call, and the page; false: none.
 * advance stops nothing else: other vCPUs play on. */
bool gw_guest_memory_next_wait(struct gw_guest_memory *guest, uint32_t *vcpu, uint64_t *page);
/* The page has come (now_ns of the last advance): its waiters go on. */
void gw_guest_memory_arrived(struct gw_guest_memory *guest, uint64_t page);

/* ---- what happened ----------------------------------------------------------------------------------- */

struct gw_guest_memory_counts {
    int64_t writes;                 /* page writes of all vCPUs */
    int64_t faults;                 /* first writes that met protection */
    int64_t lost_ns[GW_LOST_COUNT]; /* vCPU time */
    int64_t requests;               /* of the service, answered */
    int64_t busy_ns;                /* of vCPUs with writes, their faults and requests */
};

/* Since the start; subtract to get an interval. */
const struct gw_guest_memory_counts *gw_guest_memory_counts(const struct gw_guest_memory *guest);
/* Latency of the service's requests answered since the last call, merged into `into`. */
void gw_guest_memory_take_latency(struct gw_guest_memory *guest, struct gw_histogram *into);
/* Writes a second that the guest would do undisturbed. */
double gw_guest_memory_write_rate(const struct gw_guest_memory *guest);

/* Version of a page: counts its writes. Pages beyond the regions: 0. */
uint32_t gw_guest_memory_version(const struct gw_guest_memory *guest, uint64_t page);
const uint32_t *gw_guest_memory_versions(const struct gw_guest_memory *guest); /* all pages */
/* Region of a page; region_count: beyond. */
size_t gw_guest_memory_region(const struct gw_guest_memory *guest, uint64_t page);
uint64_t gw_guest_memory_region_first_page(const struct gw_guest_memory *guest, size_t region);

#endif
