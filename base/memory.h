/* memory.h - the ports of a memory migration: what its algorithms may see of the world.
 *
 * A migration thread works in steps. Inside a step it calls ports that answer at once and books
 * what each call cost on its struct gw_work; at the end of the step it hands over a burst or arms
 * a timer. The simulator adds modelled costs to the work; on real memory the time has passed by
 * itself and the work stays 0. As everywhere, nothing calls back from inside a call (port.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_H
#define GW_MEMORY_H

#include "base/bitmap.h"
#include "base/memory_settings.h"
#include "base/memory_stats.h"
#include "base/port.h"

enum { GW_PAGE_BYTES = 4096 };

/* CPU time that a thread has spent since its step began: its own clock is now + spent_ns. */
struct gw_work {
    int64_t spent_ns;
};

/* ---- memory: the guest's pages and the log of its writes -------------------------------------- */

struct gw_ram_block {
    const char *name; /* "pc.ram": goes over the wire with the first page of the block */
    uint64_t first_page;
    uint64_t page_count;
};

struct gw_memory;

struct gw_memory_ops {
    void (*log_start)(struct gw_memory *memory, struct gw_work *work);
    void (*log_stop)(struct gw_memory *memory);
    /* Adds the pages written since they were last protected to `dirty`; returns how many bits
     * were not set before. Where the log is cleared lazily the pages stay writable until
     * protect; else they are protected at once. */
    uint64_t (*sync)(struct gw_memory *memory, struct gw_bitmap *dirty, struct gw_work *work);
    /* Protects what the last sync reported of these pages: writes from now on show at the next
     * sync. Does nothing where sync has done it. */
    void (*protect)(struct gw_memory *memory, uint64_t first_page, uint64_t page_count,
                    struct gw_work *work);
    /* Of up to 64 pages, those whose bytes are all 0 now: bit i stands for pages[i]. */
    uint64_t (*zero_pages)(struct gw_memory *memory, const uint64_t *pages, uint32_t count,
                           struct gw_work *work);
    /* A cache of page copies, slots 0 .. slots-1; 0 slots drops it. Errors: GW_ENOMEM. */
    bool (*cache_resize)(struct gw_memory *memory, uint64_t slots, struct gw_error *err);
    /* The slot holds the page as it is now (`page` = GW_BITMAP_NONE: 4096 zero bytes). */
    void (*cache_put)(struct gw_memory *memory, uint64_t slot, uint64_t page, struct gw_work *work);
    /* XBZRLE of the page, taken as a private copy, against the slot: bytes, 0 = equal,
     * -1 = overflow. With `update`, the slot holds the private copy unless equal. */
    int32_t (*delta)(struct gw_memory *memory, uint64_t slot, uint64_t page, bool update,
                     struct gw_work *work);
};

struct gw_memory {
    const struct gw_memory_ops *ops;
    const struct gw_ram_block *blocks;
    size_t block_count;
    uint64_t page_count;        /* of all blocks; they follow each other without gaps from page 0 */
    uint64_t clear_chunk_pages; /* pages that one lazy protect should cover; 0 = sync protects */
};

/* ---- crew: worker threads that run a codec on pages -------------------------------------------- */

enum { GW_TASK_PAGES_MAX = 128 };

/* What a worker does with the pages of a task. */
enum gw_task_kind {
    GW_TASK_COMPRESS, /* zero test, else compress, one page */
    GW_TASK_DELTA,    /* zero test, else XBZRLE against cache slot `slot`, one page */
    GW_TASK_PACKET    /* multifd: zero test of all pages, compress if asked, send on a channel */
};

struct gw_task {
    enum gw_task_kind kind;
    uint32_t page_count;
    uint64_t page[GW_TASK_PAGES_MAX];
    uint64_t slot;    /* delta */
    bool update;      /* delta: as gw_memory_ops.delta */
    bool check_zero;  /* packet: test for zero pages in the worker */
    uint32_t channel; /* packet: wire channel that the worker sends it on */
    /* Results, valid once taken back: */
    uint32_t zero_pages; /* how many of the pages were zero */
    int32_t bytes;       /* of the codec's output for the rest; delta: 0 equal, -1 overflow */
    int64_t decode_ns;   /* modelled time that the target needs to unpack it; real ones: 0 */
    uint64_t content;    /* the adapter's: what the pages held when the worker copied them */
    void *world;         /* the adapter's room */
    struct gw_task *next;
};

struct gw_crew;

struct gw_crew_ops {
    /* Puts the task into the worker's own queue and wakes the worker if it sleeps. How many may
     * lie there is for the caller to keep. */
    void (*give)(struct gw_crew *crew, uint32_t worker, struct gw_task *task, struct gw_work *work);
    /* The oldest finished task of that worker, given back, or NULL. */
    struct gw_task *(*take)(struct gw_crew *crew, uint32_t worker, struct gw_work *work);
    /* The task that was finished first of all workers', given back, or NULL. */
    struct gw_task *(*take_any)(struct gw_crew *crew, struct gw_work *work);
    /* Waits until some worker has finished a task that was not taken back; at once when there is
     * one. Only with tasks given and not taken back: a worker always ends. */
    void (*wait)(struct gw_crew *crew, struct gw_work *work);
};

struct gw_crew {
    const struct gw_crew_ops *ops;
    uint32_t workers;
};

/* ---- wire: the stream to the target -------------------------------------------------------------- */

enum gw_page_kind {
    GW_PAGE_NORMAL,
    GW_PAGE_ZERO,
    GW_PAGE_DELTA,      /* XBZRLE, as the last memory->delta on this page or the task found it */
    GW_PAGE_COMPRESSED, /* of a task */
    GW_PAGE_KINDS
};

struct gw_page_record {
    uint64_t page;
    enum gw_page_kind kind;
    uint32_t bytes;             /* on the wire, with its header */
    const struct gw_task *task; /* whose output it is; NULL: the page as it is now */
    bool from_cache;            /* the copy in `slot` is sent, not the live page */
    uint64_t slot;              /* delta: what it was encoded against */
};

struct gw_wire;

struct gw_wire_ops {
    /* Appends to the burst that the thread of this channel puts together. */
    void (*put)(struct gw_wire *wire, uint32_t channel, const struct gw_page_record *records,
                uint32_t count, struct gw_work *work);
    /* The same for bytes without pages: markers, device state. */
    void (*put_bytes)(struct gw_wire *wire, uint32_t channel, int64_t bytes);
    /* Sends what was put, from now + work on. `sent` comes when the thread may go on: its work
     * is done and the socket has taken everything; GW_EIO: the connection is lost. One flush a
     * channel at a time. */
    void (*flush)(struct gw_wire *wire, uint32_t channel, const struct gw_work *work,
                  void (*sent)(void *owner, enum gw_code result), void *owner);
    /* `drained` comes when the target has loaded all that was flushed on all channels, and its
     * answer has come back. */
    void (*drain)(struct gw_wire *wire, void (*drained)(void *owner, enum gw_code result),
                  void *owner);
};

struct gw_wire {
    const struct gw_wire_ops *ops;
    uint32_t channels; /* 0 is the main one; then those of multifd */
};

/* ---- vcpus: the running guest ------------------------------------------------------------------- */

struct gw_vcpus;

struct gw_vcpus_ops {
    /* on_guest_paused comes when all vCPUs stand. */
    void (*pause)(struct gw_vcpus *vcpus);
    /* on_guest_resumed comes when they run on that side. With `missing` (post-copy, target) the
     * pages set there are not there until they are loaded: an access asks for the page by
     * on_page_request, and the vCPU waits for it. The bitmap is copied. */
    void (*resume)(struct gw_vcpus *vcpus, enum gw_side side, const struct gw_bitmap *missing);
    /* Share of time, per cent 0..99, that the vCPU is put to sleep. */
    void (*throttle)(struct gw_vcpus *vcpus, uint32_t vcpu, uint32_t percent);
    /* Guest IOs a second that the vCPU served lately. */
    double (*io_rate)(const struct gw_vcpus *vcpus, uint32_t vcpu);
    /* Bytes a second that the vCPU dirtied lately, from its dirty ring; 0 without rings. */
    double (*dirty_rate)(const struct gw_vcpus *vcpus, uint32_t vcpu);
    /* Sleep of the vCPU at each ring-full exit; 0 lifts it. */
    void (*ring_sleep)(struct gw_vcpus *vcpus, uint32_t vcpu, int64_t sleep_ns);
};

struct gw_vcpus {
    const struct gw_vcpus_ops *ops;
    uint32_t count;
    int64_t ring_bytes; /* memory that a full dirty ring stands for; 0 = no rings */
};

/* ---- the migration --------------------------------------------------------------------------------- */

struct gw_memory_ports {
    struct gw_clock *clock;
    struct gw_memory *memory;
    struct gw_crew *crew; /* as many workers as settings ask for */
    struct gw_wire *wire;
    struct gw_vcpus *vcpus;
    struct gw_report *report; /* port.h; range and observe(DEFERRED) are not used */
    int64_t device_state_bytes;
};

/* A way to migrate memory: one table, one line in memory_list.c. */
struct gw_memory_architecture {
    const char *name;
    const char *title;
    const char *source;
    size_t state_bytes; /* zeroed by the driver, given to every call; the driver frees it */
    /* Settings are shared by all of them (memory_settings.h), kept until stop. */
    bool (*start)(void *state, const struct gw_memory_ports *ports,
                  const struct gw_memory_settings *settings, struct gw_error *err);
    void (*on_timer)(void *state, uint32_t timer);
    void (*on_guest_paused)(void *state);
    void (*on_guest_resumed)(void *state);
    /* Post-copy: a vCPU on the target waits for this page. */
    void (*on_page_request)(void *state, uint64_t page);
    /* Asks to give up: ends in finish(outcome, reason) with the guest on the source, unless the
     * target already runs. */
    void (*cancel)(void *state, enum gw_outcome outcome, const char *reason);
    void (*stats)(const void *state, struct gw_memory_stats *out);
    void (*stop)(void *state); /* releases what start took, also after a failed start */
};

#endif
