/* settings_difference.h - which settings two canonical scenarios do not share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SETTINGS_DIFFERENCE_H
#define GW_SETTINGS_DIFFERENCE_H

#include "base/text.h"

/* "link.rate 125 MB/s -> 250 MB/s, migration.throttle none -> auto-converge", nothing when there is
 * none. Names, seeds and times around the migration do not count. A scenario that cannot be read
 * has no settings. */
void gw_settings_difference(const char *canonical_a, const char *canonical_b, struct gw_text *out);

#endif
