/* architecture_list.h - all architectures: a new one costs its file and one line in the list.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ARCHITECTURE_LIST_H
#define GW_ARCHITECTURE_LIST_H

#include "base/port.h"

extern const struct gw_architecture *const gw_architectures[]; /* NULL-terminated */

extern const struct gw_architecture gw_snapshot;
extern const struct gw_architecture gw_overlay_commit;
extern const struct gw_architecture gw_stream_pull;
extern const struct gw_architecture gw_dbt;
extern const struct gw_architecture gw_incremental_dbt;
extern const struct gw_architecture gw_heat_dbt;
extern const struct gw_architecture gw_mirror;
extern const struct gw_architecture gw_write_blocking;
extern const struct gw_architecture gw_background;
extern const struct gw_architecture gw_cold;
extern const struct gw_architecture gw_null;
extern const struct gw_architecture gw_skeleton;

#endif
