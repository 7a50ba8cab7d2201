/* design_kinds.h - the fillers that design.c chooses from; not for others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_DESIGN_KINDS_H
#define GW_DESIGN_KINDS_H

#include "results/design.h"

/* Fill design->points, which has its size already. Errors: GW_ENOMEM. */
typedef bool gw_design_fill(const struct gw_design_request *request, struct gw_design *design,
                            struct gw_error *err);

gw_design_fill gw_design_lhs;
gw_design_fill gw_design_sobol;
gw_design_fill gw_design_halton;
gw_design_fill gw_design_factorial;
gw_design_fill gw_design_one_at_a_time;
gw_design_fill gw_design_morris;
gw_design_fill gw_design_saltelli;

#endif
