/* migration.h - one migration in the simulated world: the ports of one architecture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MIGRATION_H
#define GW_MIGRATION_H

#include "base/result.h"
#include "sim/sim_guest.h"

struct gw_migration_timer {
    struct gw_event event;
    struct gw_migration *migration;
    uint32_t number;
};

/* What the guest had done when a phase first began; at_ns 0: it never did. */
struct gw_migration_moment {
    int64_t at_ns;
    int64_t ios; /* since the request */
};

struct gw_migration {
    /* Set by the world before open: */
    const struct gw_architecture *architecture;
    const void *settings;
    const struct gw_migration_settings *common;
    struct gw_sim_guest *guest;
    struct gw_agenda *agenda;
    uint32_t disk_count;         /* migrated ones */
    struct gw_sim_disk **source; /* disk_count each */
    struct gw_sim_disk **target;
    struct gw_sim_disk *source_home;
    struct gw_sim_disk *target_home;
    struct gw_sim_volume *source_volume;
    struct gw_sim_volume *target_volume;
    const uint32_t *number; /* guest's disk -> migrated disk, or UINT32_MAX */
    uint64_t seed;
    uint64_t replication;
    uint64_t object;
    struct gw_result *result; /* series, histograms, outcome go here */
    void (*on_finish)(struct gw_migration *migration);
    void *world;
    /* Its own: */
    struct gw_clock clock;
    struct gw_report report;
    struct gw_ports ports;
    struct gw_disk **source_ports;
    struct gw_disk **target_ports;
    struct gw_stream chance;
    struct gw_migration_timer timers[GW_TIMER_COUNT];
    void *state;
    bool running;
    bool finished;
    bool limit_reached;
    bool switch_checked; /* target was compared with the oracle at the switch */
    bool switch_right;
    int64_t requested_ns;
    int64_t finished_ns;
    struct gw_migration_moment ready, complete, switching;        /* when they first came */
    int64_t bytes_sent, source_bytes_written, target_guest_bytes; /* at the end */
    struct gw_progress last;                                      /* at the end */
};

/* Makes the ports. Errors: GW_ENOMEM. */
bool gw_migration_open(struct gw_migration *migration, struct gw_error *err);
void gw_migration_close(struct gw_migration *migration);

/* The request: attaches the architecture to the guest and starts it. */
bool gw_migration_request(struct gw_migration *migration, struct gw_error *err);
/* The time limit has passed. */
void gw_migration_expire(struct gw_migration *migration);

/* Compares where the guest's data lie now with what the guest is owed; false: see the note. */
bool gw_migration_audit(const struct gw_migration *migration, enum gw_side side, char *note,
                        size_t note_bytes);

#endif
