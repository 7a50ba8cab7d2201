/* dirty_settings.h - the settings of DBT and incremental DBT.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DIRTY_SETTINGS_H
#define GW_DIRTY_SETTINGS_H

#include "algorithms/dirty_copy.h"

struct gw_dirty_settings {
    int64_t switch_cost_ns;
};

extern const struct gw_setting gw_dirty_settings_table[];

#endif
