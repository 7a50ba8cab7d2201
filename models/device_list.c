/* device_list.c - all device kinds, in the order in which they are listed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/device_list.h"

#define DEVICE_KINDS(X)                                                                            \
    X(disk)                                                                                        \
    X(ssd)                                                                                         \
    X(stripe)                                                                                      \
    X(array)                                                                                       \
    X(limiter)                                                                                     \
    X(link)                                                                                        \
    X(servers)                                                                                     \
    X(ideal)

#define DECLARE(name) extern const struct gw_device_kind gw_##name##_kind;
#define LIST(name) &gw_##name##_kind,

DEVICE_KINDS(DECLARE)

const struct gw_device_kind *const gw_device_kinds[] = {DEVICE_KINDS(LIST) NULL};
