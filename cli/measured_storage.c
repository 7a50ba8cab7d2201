/* measured_storage.c - reads a measured storage migration: its case and what came out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/measured_storage.h"

bool
gw_measured_storage_read(struct gw_measured *measured, const json_t *root, const char *host,
                         struct gw_error *err)
{
    (void)measured;
    (void)root;
    (void)host;
    return gw_fail(err, GW_EINVAL, "measured storage migrations are not read yet");
}
