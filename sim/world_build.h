/* world_build.h - makes and unmakes the guests of a world.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WORLD_BUILD_H
#define GW_WORLD_BUILD_H

#include "sim/world.h"

bool gw_world_guest_build(struct gw_world *world, size_t index, struct gw_error *err);
void gw_world_guest_clear(struct gw_world_guest *guest);

#endif
