/* memory_rig.h - a memory migration on real bytes: a small double of all ports of base/memory.h.
 *
 * A guest of some pages writes at random whenever it runs, also while the migration thread is
 * inside a port call. What is put on the wire becomes bytes at once, with the real codecs, and is
 * applied to the target's bytes when it is loaded: a page that was not sent again, or a delta on a
 * wrong base, shows as a difference. All delays are drawn; a run is a function of its plan.
 *
 * The ports check their callers: one flush a channel, no put of a slot that a worker reads, no page
 * with two workers, a pause of a running guest only, one finish, nothing after it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_RIG_H
#define GW_MEMORY_RIG_H

#include "algorithms/memory_list.h"
#include "base/random.h"

enum { RIG_PAGES = 256, RIG_WORKERS = 8, RIG_VCPUS = 2, RIG_CHANNELS = RIG_WORKERS + 2 };

struct memory_rig_plan {
    const struct gw_memory_architecture *architecture;
    struct gw_memory_settings settings;
    uint64_t pages;       /* at most RIG_PAGES */
    uint64_t chunk_pages; /* lazy protect; 0: sync protects */
    uint64_t seed;
    int64_t rate;          /* of the wire, bytes a second */
    double writes_a_ms;    /* of the guest, at full speed */
    uint32_t hot_pages;    /* that most writes go to; 0: all */
    uint32_t same_percent; /* writes that change nothing */
    bool restless;         /* it writes at every second port call, and often zeros */
    int64_t limit_ns;      /* then it is cancelled as not converged */
    bool lazy_crew;        /* workers do nothing until they are waited for */
    /* Faults; 0 = never. */
    uint32_t lost_at;   /* flush or drain at which the connection is lost, for good */
    uint32_t cancel_at; /* callback before which cancel comes */
    bool no_cache;      /* the memory has no room for a cache */
    /* NULL, or what to be told: */
    void (*on_sync)(void *owner, int64_t now_ns, const struct gw_memory_stats *stats);
    void (*on_sent)(void *owner, int64_t now_ns, int64_t bytes); /* bytes put in a step */
    void (*on_throttle)(void *owner, int64_t now_ns, uint32_t vcpu, uint32_t percent);
    void *owner;
    bool steady; /* no chance: a step costs nothing but the wire's time */
};

struct memory_rig_verdict {
    bool started;
    enum gw_outcome outcome;
    const char *reason;
    enum gw_side side;   /* where the guest runs in the end */
    uint32_t callbacks;  /* that came */
    uint32_t wire_calls; /* flushes and drains */
    uint32_t requests;   /* pages that the target's guest asked for */
    int64_t put_bytes;   /* on all channels */
    int64_t records[GW_PAGE_KINDS];
    int64_t writes; /* of the guest */
    struct gw_memory_stats stats;
};

/* Runs it, and checks all that must hold of every run (gw_assert). */
void memory_rig_run(const struct memory_rig_plan *plan, struct memory_rig_verdict *verdict);

/* The settings at their presets. */
void memory_rig_presets(struct gw_memory_settings *settings);

#endif
