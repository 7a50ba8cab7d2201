/* atc11.h - the studies of the pack atc11 and their judges.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_ATC11_H
#define GW_ATC11_H

#include "cli/pack.h"

enum atc11_study {
    ATC11_EXCHANGE,
    ATC11_OLTP,
    ATC11_SLOW,
    ATC11_HEAT,
    ATC11_HEAT_UNIFORM,
    ATC11_GOALS,
    ATC11_LIGHT,
    ATC11_STUDIES
};

void atc11_judge_exchange(const struct gw_pack_runs *runs, struct gw_pack_report *report);
void atc11_judge_claims(const struct gw_pack_runs *runs, struct gw_pack_report *report);

#endif
