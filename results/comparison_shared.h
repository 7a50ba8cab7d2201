/* comparison_shared.h - what the files of the comparison share; nobody else includes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPARISON_SHARED_H
#define GW_COMPARISON_SHARED_H

#include "results/comparison.h"

/* Equal, or both NAN. */
bool gw_compared_same(double a, double b);
/* Whether a p is a finding; NAN is none. */
bool gw_compared_is_small(double p, double confidence);

/* Fills the curves of a cell whose group is set. Errors: GW_ENOMEM. */
bool gw_compared_curves_make(const struct gw_comparison_request *request,
                             struct gw_compared_cell *cell, struct gw_error *err);
void gw_compared_curves_clear(struct gw_compared_cell *cell);

#endif
