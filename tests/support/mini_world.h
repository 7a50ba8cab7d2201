/* mini_world.h - one architecture on tiny disks without devices; the test chooses what comes next.
 *
 * Every IO that the architecture submits becomes a pending thing, and so do the start, stuns,
 * timers, the guest's next operation and a cancel. At each step a chooser picks one of those that
 * can happen. The world keeps the rules of base/port.h, sees that the architecture keeps its own,
 * and judges: what the guest reads; after every step that the side which the commit record names
 * holds all that was acknowledged (a crash then loses nothing); the target at the switch; the
 * side on which the guest is left at the end; that there is an end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MINI_WORLD_H
#define MINI_WORLD_H

#include "base/port.h"
#include "tests/support/mini_judge.h"

enum { MINI_GRANULE_BYTES = 512, MINI_SETTINGS_BYTES = 256 };

/* An architecture with its settings. */
struct mini_variant {
    const char *name;
    const struct gw_architecture *architecture;
    const char *settings; /* "lock_range=1024 drain=1": common ones or its own, base units */
    bool copies_once;     /* the data mover must write every granule exactly once */
    bool copies_less;     /* it may leave out granules */
    bool long_only;       /* not among the exhaustive ones in a short run */
};

/* Settings resolved once for many runs. */
struct mini_settings {
    const struct mini_variant *variant;
    struct gw_migration_settings common;
    _Alignas(16) unsigned char own[MINI_SETTINGS_BYTES];
};

/* What can happen. */
enum mini_event {
    MINI_START,
    MINI_IO,
    MINI_PAUSED,
    MINI_RESUMED,
    MINI_GUEST,
    MINI_TIMER,
    MINI_CANCEL
};

/* A kind of port call that can fail. */
enum mini_fault_kind {
    MINI_FAULT_NONE,
    MINI_FAULT_READ,
    MINI_FAULT_WRITE,
    MINI_FAULT_FLUSH,
    MINI_FAULT_HOME_WRITE,
    MINI_FAULT_HOME_READ,
    MINI_FAULT_CREATE, /* of a file on a volume */
    MINI_FAULT_HOME,   /* both of the home */
    MINI_FAULT_ANY,    /* all but reads of the home: those must end once */
    MINI_FAULT_COUNT
};

struct mini_fault {
    enum mini_fault_kind kind;
    uint32_t nth;    /* the call of that kind that fails, from 1 */
    uint32_t length; /* and how many from there on */
    bool lands;      /* a failed write is there nevertheless */
};

struct mini_plan {
    const struct mini_settings *settings;
    const struct mini_op *ops;
    uint32_t op_count;
    uint32_t outstanding_most; /* guest operations in flight */
    uint32_t disk_count;
    uint32_t granules;    /* of each disk */
    uint32_t holes;       /* bit g: granule g was never stored on the source */
    bool target_is_hole;  /* else it holds garbage */
    bool sample_late;     /* reads see the disk when they complete, not when submitted */
    bool timers;          /* any timer may fire at any moment; else when nothing else can */
    bool cancel;          /* may be cancelled at any moment */
    bool trace;           /* tell every step on stderr */
    uint32_t audit_every; /* steps between two audits of the whole disks; 0 = never */
    struct mini_fault fault;
    /* Picks one of count >= 1 events. */
    uint32_t (*choose)(void *self, const enum mini_event *events, uint32_t count);
    void *self;
};

struct mini_verdict {
    bool right;
    char note[160]; /* what was wrong */
    enum gw_outcome outcome;
    uint32_t steps;
    bool fault_met;
    bool cancelled;
};

void mini_world_run(const struct mini_plan *plan, struct mini_verdict *verdict);

#endif
