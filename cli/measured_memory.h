/* measured_memory.h - reads a measured memory migration: its set-up and what came out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_MEMORY_H
#define GW_MEASURED_MEMORY_H

#include <jansson.h>

#include "cli/measured.h"

/* host: as in gw_measured_read. Errors: GW_EINVAL, GW_ENOMEM; what was filled is to be cleared. */
bool gw_measured_memory_read(struct gw_measured *measured, const json_t *root, const char *host,
                             struct gw_error *err);

#endif
