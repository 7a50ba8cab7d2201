/* port.h - what an algorithm may see of the world, and what the world may ask of it.
 *
 * Ports submit, drivers deliver: a completion never arrives inside a submit. An architecture owns
 * no thread, never blocks, holds no static state, takes time only from the clock port and chance
 * only from a stream given to it. The simulator (sim/) and real I/O (live/) implement the ports;
 * both link the same objects of algorithms/.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PORT_H
#define GW_PORT_H

#include <stddef.h>

#include "base/error.h"
#include "base/io.h"
#include "base/random.h"
#include "base/setting.h"

/* Data on the move: a buffer whose content only the world knows (versions or bytes). */
struct gw_payload;

/* A copy from one buffer into another, in memory. */
struct gw_payload_move {
    struct gw_payload *to;
    int64_t to_bytes; /* where in it */
    const struct gw_payload *from;
    int64_t from_bytes;
    int64_t length_bytes;
};

/* ---- disk: a virtual disk image, a redo log, a descriptor ------------------------------------ */

struct gw_disk;

/* For whom an IO is made: devices share fairly between these, statistics are kept apart. */
enum gw_purpose { GW_FOR_GUEST, GW_FOR_MOVER, GW_FOR_METADATA, GW_PURPOSE_COUNT };

/* What the descriptor of a VM says; written to and read from its home disks as io->record. */
enum gw_record { GW_RECORD_NONE, GW_RECORD_PREPARED, GW_RECORD_COMMITTED };

/* One IO of an architecture; embedded in its owner, kept until `done` brought it back. */
struct gw_io {
    enum gw_io_op op;
    enum gw_code result;        /* valid on return */
    struct gw_disk *disk;       /* set by the submit */
    struct gw_extent extent;    /* on that disk */
    struct gw_payload *payload; /* what is written, or where a read goes; NULL for the rest */
    int64_t payload_offset_bytes;
    enum gw_purpose purpose;
    enum gw_record record; /* home disks: written by a write, returned by a read */
    void (*done)(void *owner, struct gw_io *io);
    void *owner;
    void *world; /* the adapter's room */
};

struct gw_disk_ops {
    /* Starts io; op, extent, payload, purpose, done are set. The driver's loop brings it back
     * by io->done(io->owner, io), with a result, never from inside the submit. */
    void (*submit)(struct gw_disk *disk, struct gw_io *io);
    /* Whether nothing was ever stored in the extent (reads as zero); false = unknown or data. */
    bool (*is_hole)(struct gw_disk *disk, struct gw_extent extent);
};

struct gw_disk {
    const struct gw_disk_ops *ops;
    int64_t size_bytes;
    int64_t granule_bytes; /* extents are multiples of it: 512 .. 64 KiB */
};

/* ---- volume: where disks lie; gives and takes back scratch files (redo logs) ----------------- */

struct gw_volume;

struct gw_volume_ops {
    /* A new empty file of at most size_bytes (all holes). NULL and err: GW_ENOSPC, GW_EIO. */
    struct gw_disk *(*create)(struct gw_volume *volume, const char *name, int64_t size_bytes,
                              struct gw_error *err);
    /* Gives back a file made by create; nothing of it may be in flight. */
    void (*remove)(struct gw_volume *volume, struct gw_disk *disk);
};

struct gw_volume {
    const struct gw_volume_ops *ops;
};

/* ---- clock ------------------------------------------------------------------------------------ */

enum { GW_TIMER_COUNT = 8 }; /* one-shot timers 0 .. 7 of an architecture */

struct gw_clock {
    const struct gw_clock_ops *ops;
};

struct gw_clock_ops {
    int64_t (*now_ns)(const struct gw_clock *clock);
    /* Arms timer (re-arms if armed): on_timer comes at or after at_ns. */
    void (*arm)(struct gw_clock *clock, uint32_t timer, int64_t at_ns);
    void (*disarm)(struct gw_clock *clock, uint32_t timer);
};

/* ---- guest: its IO passes through the architecture ------------------------------------------- */

struct gw_guest_io {
    enum gw_io_op op;
    uint32_t disk;           /* index of the guest's disk */
    struct gw_extent extent; /* on that disk */
    struct gw_payload *payload;
    int64_t arrived_ns;
    /* Room of the architecture while it holds the IO: */
    struct gw_io part[2];     /* enough for "source" and "target" */
    struct gw_guest_io *next; /* its queues and lists */
    struct gw_guest_io *previous;
    int64_t since_ns;   /* when it was put off */
    uint32_t pending;   /* parts in flight */
    uint32_t mark;      /* what it decided for this IO */
    enum gw_code worst; /* result so far */
};

enum gw_side { GW_SOURCE, GW_TARGET };

/* Why a guest is stopped: the world charges the cost of that kind of stun (host settings). */
enum gw_stun { GW_STUN_ATTACH, GW_STUN_SNAPSHOT, GW_STUN_SWITCHOVER, GW_STUN_COUNT };

struct gw_guest;

struct gw_guest_ops {
    /* Gives a guest IO back, with its result. */
    void (*complete)(struct gw_guest *guest, struct gw_guest_io *io, enum gw_code result);
    /* The guest stops issuing at once; on_guest_paused comes when everything it had issued was
     * given back and the stun's own cost has passed. The architecture must release what it
     * defers, or this never comes. */
    void (*pause)(struct gw_guest *guest, enum gw_stun why);
    /* Runs again after the resume cost; on_guest_resumed tells. From here on the guest's disks
     * live on `side`: GW_TARGET only after the commit record was written. */
    void (*resume)(struct gw_guest *guest, enum gw_side side);
    /* Least time between two IOs of the guest while throttled; 0 lifts it. */
    void (*throttle)(struct gw_guest *guest, int64_t interval_ns);
    /* Mean latency over the last second and before the migration, ns; 0 = none. */
    int64_t (*latency_ns)(const struct gw_guest *guest, bool before_migration);
};

struct gw_guest {
    const struct gw_guest_ops *ops;
};

/* ---- report: what the architecture tells about itself ---------------------------------------- */

enum gw_outcome { GW_OUTCOME_RUNNING, GW_COMPLETED, GW_NOT_CONVERGED, GW_FAILED };

/* Distributions an architecture may feed. */
enum gw_observation {
    GW_OBSERVE_DEFERRED_NS, /* time a guest IO waited in a queue of the architecture */
    GW_OBSERVE_STUN_NS,     /* one stun of the guest, as the architecture saw it */
    GW_OBSERVE_COUNT
};

/* One pass of an iterating architecture. */
struct gw_iteration {
    int64_t number; /* from 1: the bulk copy */
    int64_t started_ns;
    int64_t ended_ns;
    int64_t copied_bytes; /* moved in this pass */
    int64_t dirty_bytes;  /* found dirty at its end, before the decision */
    int64_t hot_bytes;    /* of them, held back by heat */
};

/* One lock range of IO mirroring. */
struct gw_range {
    uint32_t disk;
    struct gw_extent extent;
    int64_t lock_wait_ns; /* from closing the gate until what had to drain had drained */
    int64_t copy_ns;      /* time that the data mover held the lock */
};

struct gw_report;

/* Phases that mean the same in all architectures: for the first time source and target agree
 * while the guest runs; the wish to switch over after that; the guest is being stopped for it. */
#define GW_PHASE_READY "ready"
#define GW_PHASE_COMPLETE "complete"
#define GW_PHASE_SWITCH_OVER "switch-over"

struct gw_report_ops {
    void (*phase)(struct gw_report *report, const char *name); /* static string: "bulk copy" */
    void (*iteration)(struct gw_report *report, const struct gw_iteration *iteration);
    void (*observe)(struct gw_report *report, enum gw_observation what, int64_t value);
    /* One lock range of a mirror was copied. */
    void (*range)(struct gw_report *report, const struct gw_range *range);
    /* The migration is over: the guest runs on the side of the last resume. Guest IO goes on
     * arriving and is passed through to that side: the target's when completed, the source's when
     * failed, either when not converged. `reason` is a static string. */
    void (*finish)(struct gw_report *report, enum gw_outcome outcome, const char *reason);
};

struct gw_report {
    const struct gw_report_ops *ops;
};

/* ---- what all architectures share of the scenario (table gw_migration_settings_table) ---------- */

struct gw_migration_settings {
    int64_t mover_outstanding; /* data mover IOs in flight */
    int64_t mover_io_bytes;    /* size of one */
    int64_t mover_rate;        /* bytes/s it may read at most; 0 = no cap */
    bool skip_holes;           /* leave out what was never stored */
    int64_t granularity_bytes; /* bytes a dirty bit stands for */
    int64_t downtime_goal_ns;  /* go to switch-over when the final copy is estimated to fit */
    int64_t downtime_most_ns;  /* the longest stun accepted when progress has stalled */
    int64_t iterations_most;
    int64_t stall_limit;         /* passes without progress before it is decided */
    double progress_least;       /* share by which a pass must beat the best to be progress */
    int64_t switchover_limit_ns; /* from the stun to the resume; then back to the source */
};

extern const struct gw_setting gw_migration_settings_table[];

/* ---- the migration and its architecture ------------------------------------------------------- */

struct gw_ports {
    struct gw_clock *clock;
    struct gw_guest *guest;
    struct gw_report *report;
    uint32_t disk_count;
    struct gw_disk **source; /* disk_count each; source[i] and target[i] have the same size */
    struct gw_disk **target;
    struct gw_volume *source_volume;
    struct gw_volume *target_volume;
    struct gw_disk *source_home; /* descriptor of the VM: prepared and commit records go here */
    struct gw_disk *target_home;
    const struct gw_migration_settings *common;
    struct gw_stream *chance; /* the architecture's own stream */
    /* Buffers for data on the move. NULL when memory is out. */
    struct gw_payload *(*payload_create)(const struct gw_ports *ports, int64_t bytes);
    void (*payload_destroy)(const struct gw_ports *ports, struct gw_payload *payload);
    void (*payload_copy)(const struct gw_ports *ports, const struct gw_payload_move *move);
};

/* Seen from outside while it runs: never mutates. */
struct gw_progress {
    int64_t remaining_bytes; /* to copy until source and target agree, if the guest stopped now */
    int64_t copied_bytes;    /* moved by the data mover so far */
    int64_t mirrored_bytes;  /* guest writes sent to the target as they came */
    int64_t iteration;       /* current pass, from 1; 0 before */
    int64_t extra_bytes;     /* redo logs: allocated now beyond the two images */
};

struct gw_architecture {
    const char *name;                  /* "dbt": scenario key and plot legend */
    const char *title;                 /* one line for `godwit list architectures` */
    const char *source;                /* paper and section */
    const struct gw_setting *settings; /* its own knobs */
    size_t settings_bytes;
    size_t state_bytes; /* zeroed by the driver, given to every call; the driver frees it */
    /* Begins the migration; `ports` and `settings` are kept until stop. */
    bool (*start)(void *state, const struct gw_ports *ports, const void *settings,
                  struct gw_error *err);
    void (*on_guest_io)(void *state, struct gw_guest_io *io);
    void (*on_timer)(void *state, uint32_t timer);
    void (*on_guest_paused)(void *state);
    void (*on_guest_resumed)(void *state);
    /* Asks to give up: ends in finish(GW_FAILED, ...) with the guest on the source, unless the
     * commit record is already on its way. */
    void (*cancel)(void *state);
    void (*progress)(const void *state, struct gw_progress *out);
    /* NULL where the guest's data always lie on the side of the last resume; else tells which
     * disk holds a granule now, and where (for audits; not timed). */
    void (*locate)(const void *state, uint32_t disk, int64_t offset_bytes, struct gw_disk **out,
                   int64_t *out_offset_bytes);
    void (*stop)(void *state); /* releases what start took, also after a failed start */
};

#endif
