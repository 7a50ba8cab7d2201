/* measure.h - turns what a world counted into samples and results.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURE_H
#define GW_MEASURE_H

#include "sim/world.h"

/* One row of each time series of a guest; interval_ns since the last one. */
void gw_measure_sample(struct gw_world *world, struct gw_world_guest *guest, int64_t interval_ns);

/* Fills the result of a guest when the run is over. Errors: GW_ENOMEM. */
bool gw_measure_result(struct gw_world *world, struct gw_world_guest *guest, struct gw_error *err);

/* Whether the run proved that the guest's data are right; after the audit. */
void gw_measure_verdict(struct gw_world_guest *guest);

#endif
