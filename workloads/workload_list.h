/* workload_list.h - all workload kinds: a new one costs its file and one line in workload_list.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WORKLOAD_LIST_H
#define GW_WORKLOAD_LIST_H

#include "workloads/workload.h"

extern const struct gw_workload_kind *const gw_workload_kinds[]; /* NULL-terminated */

#endif
