/* throttle_kinds.h - what the controllers of throttle.c differ in.
 *
 * For the files throttle*.c alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_THROTTLE_KINDS_H
#define GW_THROTTLE_KINDS_H

#include "algorithms/throttle.h"

/* IO-aware: brings throttle->percent to the vCPUs, by what they do now. */
void gw_throttle_io_apply(struct gw_throttle *throttle);
int64_t gw_throttle_io_interval_ns(const struct gw_throttle *throttle);

void gw_throttle_limit_start(struct gw_throttle *throttle);
/* Dirty-limit: one look at the rate of each vCPU. */
void gw_throttle_limit_adjust(struct gw_throttle *throttle);
int64_t gw_throttle_limit_interval_ns(const struct gw_throttle *throttle);

#endif
