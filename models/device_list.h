/* device_list.h - all device kinds: a new one costs its file and one line in device_list.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DEVICE_LIST_H
#define GW_DEVICE_LIST_H

#include "models/device.h"

extern const struct gw_device_kind *const gw_device_kinds[]; /* NULL-terminated */

#endif
