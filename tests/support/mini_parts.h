/* mini_parts.h - the inside of the mini world, shared by its files; tests see mini_world.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef MINI_PARTS_H
#define MINI_PARTS_H

#include "base/event.h"
#include "tests/support/mini_world.h"

enum { MINI_FILES_MAX = 48, MINI_PENDING_MAX = 160, MINI_PAYLOADS_MAX = 48 };

struct gw_payload {
    uint32_t identity[MINI_GRANULES_MAX];
};

enum mini_role { MINI_IMAGE, MINI_HOME, MINI_REDO_FILE, MINI_REMOVED };

struct mini_disk {
    struct gw_disk disk; /* first */
    struct mini_world *world;
    enum mini_role role;
    enum gw_record record;
    int64_t data_start_bytes; /* what lies before holds metadata, which have no content here */
    uint32_t in_flight;
    uint32_t granules;
    uint32_t identity[MINI_GRANULES_MAX];
    bool stored[MINI_GRANULES_MAX];
    uint32_t mover_writes[MINI_GRANULES_MAX];
};

struct mini_pending {
    struct gw_io *io;
    bool fails, lands;
};

enum mini_guest_state { MINI_RUNNING, MINI_DRAINING, MINI_STUNNED, MINI_RESUMING };

struct mini_guest_op {
    struct gw_guest_io io; /* first */
    struct gw_payload payload;
    bool in_flight;
};

struct mini_world {
    const struct mini_plan *plan;
    struct mini_verdict *verdict;
    struct mini_judge judge;
    struct gw_ports ports;
    struct gw_clock clock;
    struct gw_guest guest;
    struct gw_report report;
    struct gw_volume volume;
    struct gw_stream chance;
    struct mini_disk images[2][MINI_DISKS_MAX]; /* by side */
    struct mini_disk homes[2];
    struct mini_disk files[MINI_FILES_MAX];
    uint32_t file_count;
    struct gw_disk *disks[2][MINI_DISKS_MAX];
    struct gw_payload payloads[MINI_PAYLOADS_MAX];
    uint32_t payload_count;
    struct mini_pending pending[MINI_PENDING_MAX];
    uint32_t pending_count;
    int64_t timer_at_ns[GW_TIMER_COUNT]; /* -1: not armed */
    int64_t now_ns;
    int32_t step;
    enum mini_guest_state state;
    enum gw_side side, resume_side;
    uint32_t issued, in_flight;
    struct mini_guest_op ops[MINI_OPS_MAX];
    uint32_t fault_calls;
    bool started, finished, cancelled;
    void *architecture;
};

/* The first thing that was wrong is kept; the run ends there. */
void mini_wrong(struct mini_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline const struct gw_architecture *
mini_architecture(const struct mini_world *world)
{
    return world->plan->settings->variant->architecture;
}

/* mini_disks.c: fills disks, volume, clock and buffers of the ports. */
void mini_disks_open(struct mini_world *world);
/* Brings a pending IO back. */
void mini_disks_deliver(struct mini_world *world, uint32_t index);
/* Granule of the disk's data that lies at a byte. */
uint32_t mini_disks_granule(const struct mini_disk *disk, int64_t offset_bytes);

/* mini_audit.c */
void mini_audit_crash(struct mini_world *world);
/* The target is to take over. */
void mini_audit_target(struct mini_world *world);
void mini_audit_end(struct mini_world *world);

#endif
