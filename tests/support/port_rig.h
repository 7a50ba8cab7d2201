/* port_rig.h - the ports of an architecture with nothing behind them: a test plays the world.
 *
 * IO waits in a queue until the test lets it finish, with the result that the test wants. Disks
 * keep one number a granule, 0 = never stored. For tests of parts of algorithms/, alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PORT_RIG_H
#define GW_PORT_RIG_H

#include "base/port.h"

enum { PORT_RIG_DISKS = 3, PORT_RIG_GRANULES = 64, PORT_RIG_GRANULE = 4096, PORT_RIG_QUEUE = 64 };

struct port_rig_disk {
    struct gw_disk disk; /* first */
    struct port_rig *rig;
    int data[PORT_RIG_GRANULES];
    enum gw_record record;
    int reads, writes, zeroes, flushes;
};

struct port_rig {
    struct gw_ports ports;
    struct gw_migration_settings common;
    struct gw_clock clock;
    struct gw_guest guest;
    struct gw_report report;
    struct port_rig_disk source[PORT_RIG_DISKS], target[PORT_RIG_DISKS], home[2];
    struct gw_disk *sources[PORT_RIG_DISKS], *targets[PORT_RIG_DISKS];
    struct gw_io *queue[PORT_RIG_QUEUE]; /* submitted, oldest first */
    int queued, queued_most;
    int64_t now_ns;
    int64_t timer_ns[GW_TIMER_COUNT]; /* -1: not armed */
    int payloads, payloads_left;      /* alive; how many more may be made */
    int pauses, resumes, completions, stuns;
    enum gw_stun stun;
    enum gw_side side;
    const char *phase;
    enum gw_outcome outcome;
    const char *reason;
};

/* disk_count disks of 64 granules of 4 KiB on each side, all holes. */
void port_rig_start(struct port_rig *rig, uint32_t disk_count);

/* Finishes the queued IO at `index` with a result; a GW_OK write or read moves its data. */
void port_rig_finish(struct port_rig *rig, int index, enum gw_code result);

/* Finishes all, oldest first, also those that come while it does. */
void port_rig_finish_all(struct port_rig *rig);

#endif
