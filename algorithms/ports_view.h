/* ports_view.h - the ports of a migration for one of its parts: other disks, other data mover
 * settings, an end of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PORTS_VIEW_H
#define GW_PORTS_VIEW_H

#include "base/port.h"

struct gw_ports_view {
    struct gw_ports ports; /* first; what the part is given */
    const struct gw_ports *real;
    struct gw_migration_settings common;
    struct gw_report report;
    /* The part is over; everything else that it reports goes to the real report. */
    void (*finished)(void *owner, enum gw_outcome outcome, const char *reason);
    void *owner;
};

/* Starts as the real ports; the owner changes what differs: ports.source, common, finished. The
 * view must not move. */
void gw_ports_view_init(struct gw_ports_view *view, const struct gw_ports *real);

#endif
