/* memory_list.h - all memory architectures: a new one costs its file and one line in the list.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_LIST_H
#define GW_MEMORY_LIST_H

#include "base/memory.h"

extern const struct gw_memory_architecture *const gw_memory_architectures[]; /* NULL-terminated */

extern const struct gw_memory_architecture gw_precopy;
extern const struct gw_memory_architecture gw_postcopy;
extern const struct gw_memory_architecture gw_hybrid;
extern const struct gw_memory_architecture gw_stop_and_copy;

#endif
