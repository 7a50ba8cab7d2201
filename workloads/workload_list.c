/* workload_list.c - the table of workload kinds: one line a kind.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/workload_list.h"

#include <stddef.h>

#define KINDS(X)                                                                                   \
    X(closed)                                                                                      \
    X(exchange)                                                                                    \
    X(idle)                                                                                        \
    X(open)                                                                                        \
    X(phases)                                                                                      \
    X(replay)

#define DECLARE(name) extern const struct gw_workload_kind gw_workload_##name;
#define LIST(name) &gw_workload_##name,

KINDS(DECLARE)

const struct gw_workload_kind *const gw_workload_kinds[] = {KINDS(LIST) NULL};
