/* device_build.h - makes the devices of a scenario.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DEVICE_BUILD_H
#define GW_DEVICE_BUILD_H

#include "sim/scenario.h"

/* The devices of a scenario that guests name, by index of their plan; nested ones belong to
 * their parents, shared ones are made once. */
struct gw_device_set {
    struct gw_device **shared; /* plan count; NULL where not made (yet) */
    int64_t *tail_bytes;       /* plan count: first free byte of the volume */
    size_t count;
};

/* Errors: GW_ENOMEM, and whatever a device's create says, with the name of the device. */
bool gw_device_set_create(struct gw_device_set *set, const struct gw_scenario *scenario,
                          struct gw_agenda *agenda, int64_t replication, struct gw_error *err);
void gw_device_set_destroy(struct gw_device_set *set);

#endif
