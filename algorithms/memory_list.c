/* memory_list.c - all memory architectures, in the order in which they are listed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/memory_list.h"

#define GW_MEMORY_ARCHITECTURES(X)                                                                 \
    X(gw_precopy)                                                                                  \
    X(gw_postcopy)                                                                                 \
    X(gw_hybrid)                                                                                   \
    X(gw_stop_and_copy)

#define ADDRESS(name) &(name),

const struct gw_memory_architecture *const gw_memory_architectures[] = {
    GW_MEMORY_ARCHITECTURES(ADDRESS) NULL};
