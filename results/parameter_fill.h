/* parameter_fill.h - what a run leaves at its default, said where another run varies it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PARAMETER_FILL_H
#define GW_PARAMETER_FILL_H

#include "results/store.h"

/* Runs of one scenario and guest get the same parameters: one that only some of them varied is added
 * to the others, with the value of their resolved scenario, written as a run that has the same value
 * writes it. Where the scenario has no such setting, nothing is added. Errors: GW_ENOMEM. */
bool gw_parameters_fill(struct gw_result_list *runs, struct gw_error *err);

#endif
