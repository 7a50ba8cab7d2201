/* world.h - joins a scenario, the models and the algorithms, and runs one replication.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WORLD_H
#define GW_WORLD_H

#include "base/result.h"
#include "sim/device_build.h"
#include "sim/kernel.h"
#include "sim/migration.h"
#include "sim/scenario.h"

struct gw_world_guest {
    const struct gw_guest_plan *plan;
    struct gw_disk_room room;
    struct gw_sim_volume volumes[2];      /* by side */
    struct gw_sim_volume home_volumes[2]; /* used where the home is on another device */
    struct gw_sim_disk *disks[2];         /* disk_count each; the second only if migrated */
    struct gw_sim_disk homes[2];
    struct gw_disk **ports[2];
    struct gw_sim_disk **moved[2]; /* the migrated disks */
    uint32_t *number;              /* guest's disk -> migrated one */
    int64_t *disk_bytes;
    uint32_t disk_count;
    struct gw_oracle oracle;
    struct gw_sim_guest guest;
    struct gw_migration migration; /* architecture NULL: stays */
    struct gw_result result;
    struct gw_disk_counts seen[2]; /* guest IO at the last sample, by side */
    struct gw_progress sampled;
    bool right; /* audit at the end */
};

struct gw_world {
    const struct gw_scenario *scenario;
    int64_t replication;
    struct gw_kernel *kernel;
    struct gw_device_set devices;
    struct gw_world_guest *guests;
    size_t guest_count;
    struct gw_guest_counts *settling; /* IO of each guest before counting began */
    size_t migrating;                 /* guests whose migration is not over */
    struct gw_event settle;           /* end of the settling part of the warm-up */
    struct gw_event request;
    struct gw_event sample;
    struct gw_event limit;
    struct gw_event end;
    struct gw_error error; /* met inside an event */
    bool failed;
    bool over;
};

/* Builds everything; nothing runs yet. NULL and err on failure. */
struct gw_world *gw_world_create(const struct gw_scenario *scenario, int64_t replication,
                                 struct gw_error *err);
/* Runs to the end and fills the results of all migrated guests . */
bool gw_world_run(struct gw_world *world, struct gw_error *err);
void gw_world_destroy(struct gw_world *world);

/* Result of the number-th migrated guest, or NULL; owned by the world. */
struct gw_result *gw_world_result(struct gw_world *world, size_t number);

#endif
