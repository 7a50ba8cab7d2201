/* memory_rig_parts.h - what the files of the memory rig share: see memory_rig.h.
 *
 * memory_rig.c         events, clock, vcpus, report; the run and its verdict
 * memory_rig_source.c  the guest's bytes, the log of its writes, the cache, the workers
 * memory_rig_wire.c    channels, bursts, the target's bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_RIG_PARTS_H
#define GW_MEMORY_RIG_PARTS_H

#include "base/compress.h"
#include "base/event.h"
#include "tests/support/memory_rig.h"

enum { RIG_EVENTS = 1024, RIG_TIMERS = 3, RIG_TASKS = 4 * RIG_WORKERS, RIG_PACKED_BYTES = 4608 };

enum rig_event_kind {
    RIG_TIMER,
    RIG_SENT,
    RIG_DRAINED,
    RIG_LOAD,
    RIG_PAUSED,
    RIG_RESUMED,
    RIG_ACCESS, /* a vCPU on the target touches a page */
    RIG_LIMIT
};

struct rig_event {
    int64_t at_ns;
    uint64_t order;
    enum rig_event_kind kind;
    uint32_t number; /* timer, channel, queue */
};

/* One page on its way. */
struct rig_record {
    uint64_t page;
    enum gw_page_kind kind;
    uint32_t channel;
    bool streamed; /* part of the channel's continuing stream */
    uint32_t length;
    uint8_t *bytes; /* owned */
};

struct rig_burst {
    struct rig_record *records; /* owned */
    uint32_t count, size;
    int64_t bytes;
    struct rig_burst *next;
};

enum { RIG_BULK, RIG_URGENT, RIG_QUEUES };

struct rig_channel {
    struct rig_burst *filling; /* owned */
    bool flushing;
    bool puts_lost;
    void (*sent)(void *owner, enum gw_code result);
    void *owner;
    enum gw_code result;
};

struct rig_queue {
    struct rig_burst *first, *last; /* on the way, owned */
    int64_t free_ns;                /* the wire has taken all */
    int64_t loaded_ns;              /* the target has loaded all */
};

/* A task with a worker, or finished and not taken back. */
struct rig_job {
    struct gw_task *task;
    uint32_t worker;
    uint64_t given;    /* serial number */
    uint64_t finished; /* 0: not yet */
    uint32_t length;
    uint8_t *bytes; /* what the codec made of it: RIG_PACKED_BYTES */
    uint8_t *copy;  /* the page */
};

struct rig {
    const struct memory_rig_plan *plan;
    struct memory_rig_verdict *verdict;
    struct gw_stream dice;
    int64_t now_ns;
    void *state;
    /* ports */
    struct gw_clock clock;
    struct gw_memory memory;
    struct gw_crew crew;
    struct gw_wire wire;
    struct gw_vcpus vcpus;
    struct gw_report report;
    struct gw_memory_ports ports;
    struct gw_ram_block blocks[2];
    /* events */
    struct rig_event events[RIG_EVENTS];
    size_t event_count;
    uint64_t order;
    /* guest */
    bool runs;
    bool changing; /* a pause or a resume is under way */
    enum gw_side side;
    int64_t written_until_ns;
    double write_debt;
    uint32_t throttle[RIG_VCPUS];
    int64_t sleep_ns[RIG_VCPUS];
    bool missing[RIG_PAGES];
    uint64_t missing_count;
    uint64_t waited_for; /* page that the target's vCPU waits for, or GW_BITMAP_NONE */
    /* log */
    bool logging;
    bool logged[RIG_PAGES], open[RIG_PAGES], reported[RIG_PAGES];
    /* cache */
    uint64_t slots;
    uint8_t (*slot)[GW_PAGE_BYTES];
    uint8_t delta[GW_PAGE_BYTES]; /* of the last memory->delta */
    uint32_t delta_bytes;
    /* crew */
    struct rig_job jobs[RIG_TASKS];
    uint64_t given, finished;
    uint32_t outstanding;
    /* wire */
    struct rig_channel channels[RIG_CHANNELS];
    struct rig_queue queues[RIG_QUEUES];
    bool lost;
    void (*drained)(void *owner, enum gw_code result);
    void *drain_owner;
    enum gw_code drain_result;
    bool finished_told;
    /* From here on not cleared by the start of a run. */
    uint8_t source[RIG_PAGES][GW_PAGE_BYTES];
    uint8_t target[RIG_PAGES][GW_PAGE_BYTES];
    uint8_t truth[RIG_PAGES][GW_PAGE_BYTES]; /* once it runs on the target */
    uint8_t job_bytes[RIG_TASKS][RIG_PACKED_BYTES];
    uint8_t job_copy[RIG_TASKS][GW_PAGE_BYTES];
};

uint64_t rig_draw(struct rig *rig, uint64_t bound);
bool rig_chance(struct rig *rig, uint32_t percent);
void rig_at(struct rig *rig, enum rig_event_kind kind, uint32_t number, int64_t at_ns);
/* Costs of a call: a little time of the thread. */
void rig_charge(struct rig *rig, struct gw_work *work, int64_t most_ns);

void rig_source_open(struct rig *rig);
void rig_source_close(struct rig *rig);
/* The guest writes for as long as it has run since the last time. */
void rig_guest_write(struct rig *rig);
/* One write of the guest, to where it runs. */
void rig_write_page(struct rig *rig, uint64_t page);
/* Workers get on with some of what they have. */
void rig_crew_work(struct rig *rig);
const struct rig_job *rig_job_of(const struct rig *rig, const struct gw_task *task);
const uint8_t *rig_page(const struct rig *rig, uint64_t page);

void rig_wire_open(struct rig *rig);
void rig_wire_close(struct rig *rig);
/* A worker puts one page of a packet on its channel, and sends what it has put. */
void rig_wire_packet_page(struct rig *rig, struct gw_task *task, uint64_t page);
void rig_wire_send(struct rig *rig, uint32_t channel);
void rig_wire_load(struct rig *rig, uint32_t queue);
/* A page has come to the target. */
void rig_page_came(struct rig *rig, uint64_t page);
void rig_fail_at_page(struct rig *rig, const char *what, uint64_t page);

#endif
