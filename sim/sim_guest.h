/* sim_guest.h - the simulated guest: makes the IO that its workload demands, and is stunned.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_GUEST_H
#define GW_SIM_GUEST_H

#include "base/port.h"
#include "base/result.h"
#include "sim/oracle.h"
#include "sim/sim_disk.h"
#include "workloads/workload.h"

enum gw_guest_state { GW_GUEST_RUNNING, GW_GUEST_DRAINING, GW_GUEST_STUNNED, GW_GUEST_RESUMING };

/* Parts of a run, for statistics. */
enum gw_period { GW_BEFORE, GW_DURING, GW_AFTER, GW_PERIOD_COUNT };

struct gw_guest_counts {
    int64_t reads, writes, bytes_written;
};

struct gw_guest_slot;
struct gw_guest_stream;

/* Where guest IO and news of the guest's state go while a migration is attached. */
struct gw_guest_handler {
    void (*on_guest_io)(void *self, struct gw_guest_io *io);
    void (*on_paused)(void *self);
    void (*before_resume)(void *self, enum gw_side side); /* still stunned and drained */
    void (*on_resumed)(void *self);
    void *self;
};

struct gw_sim_guest {
    struct gw_guest port; /* first */
    struct gw_agenda *agenda;
    struct gw_workload *workload;
    struct gw_oracle *oracle;
    struct gw_disk **disks[2]; /* by side */
    uint32_t disk_count;
    enum gw_side side; /* where it runs */
    enum gw_guest_state state;
    struct gw_guest_handler handler; /* on_guest_io NULL: straight to the disks */
    int64_t stun_cost_ns[GW_STUN_COUNT];
    int64_t resume_cost_ns; /* after a switch-over stun */
    enum gw_stun stun;
    enum gw_side resume_side;
    struct gw_event stun_event; /* end of the stun's cost, or of the resume's */
    int64_t stunned_ns;         /* pause was asked for */
    int64_t in_flight;
    struct gw_guest_stream *streams;
    struct gw_guest_slot *slots_free;
    struct gw_guest_slot *held, *held_tail; /* due while stunned or throttled */
    void **blocks;
    uint32_t block_count;
    int64_t granule_bytes;
    bool check_reads;
    bool quiet; /* the run is over: issue nothing more */
    /* throttle */
    int64_t interval_ns;
    int64_t next_issue_ns;
    struct gw_event throttle_event;
    /* statistics */
    enum gw_period period;
    struct gw_guest_counts counts[GW_PERIOD_COUNT];
    struct gw_histogram latency[GW_PERIOD_COUNT];
    struct gw_histogram stuns;
    int64_t downtime_ns, longest_stun_ns, stun_count;
    int64_t deferred_ns, deferred_count;
    struct { /* of the current sample interval */
        int64_t reads, writes, latency_ns, latency_most_ns;
    } recent;
    int64_t errors;          /* guest IO that came back with one */
    uint64_t *region_writes; /* all disks end to end in equal regions; NULL = not wanted */
    int64_t region_bytes, region_count;
    const int64_t *disk_bytes; /* of each disk */
};

/* Fields agenda, workload, oracle, disks, costs and granule are set before. GW_ENOMEM. */
bool gw_sim_guest_start(struct gw_sim_guest *guest, struct gw_error *err);
void gw_sim_guest_stop(struct gw_sim_guest *guest);

/* How many IOs it keeps outstanding: the closed streams' concurrency. */
int64_t gw_sim_guest_concurrency(const struct gw_sim_guest *guest);

/* True when every stream has ended and nothing is in flight. */
bool gw_sim_guest_is_done(const struct gw_sim_guest *guest);

#endif
