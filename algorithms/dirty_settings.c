/* dirty_settings.c - the settings of DBT and incremental DBT.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/dirty_settings.h"

const struct gw_setting gw_dirty_settings_table[] = {
    {"switch_cost", GW_SETTING_TIME, offsetof(struct gw_dirty_settings, switch_cost_ns), "200ms",
     NULL, "1h", NULL, "expected cost of stun and resume, added to the estimate of the final copy"},
    GW_SETTING_END,
};
