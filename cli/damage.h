/* damage.h - runs of a database that are not what was stored.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DAMAGE_H
#define GW_DAMAGE_H

#include "results/store.h"

/* Opens a database to be read, and warns on stderr of runs that were changed since they were stored.
 * NULL and err as gw_store_open, and when the file is damaged (GW_EDB). */
struct gw_store *gw_open_to_read(const char *path, struct gw_error *err);

/* Takes damaged runs out of the database, and tells of them on stderr. */
bool gw_mend(struct gw_store *store, struct gw_error *err);

#endif
