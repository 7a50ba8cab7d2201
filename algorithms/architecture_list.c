/* architecture_list.c - all architectures, in the order in which they are listed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/architecture_list.h"

#define GW_ARCHITECTURES(X)                                                                        \
    X(gw_snapshot)                                                                                 \
    X(gw_overlay_commit)                                                                           \
    X(gw_stream_pull)                                                                              \
    X(gw_dbt)                                                                                      \
    X(gw_incremental_dbt)                                                                          \
    X(gw_heat_dbt)                                                                                 \
    X(gw_mirror)                                                                                   \
    X(gw_write_blocking)                                                                           \
    X(gw_background)                                                                               \
    X(gw_cold)                                                                                     \
    X(gw_null)                                                                                     \
    X(gw_skeleton)

#define ADDRESS(name) &(name),

const struct gw_architecture *const gw_architectures[] = {GW_ARCHITECTURES(ADDRESS) NULL};
