/* comparison_figure.h - a curve of two sets of runs, one over the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_COMPARISON_FIGURE_H
#define GW_COMPARISON_FIGURE_H

#include "results/comparison.h"
#include "results/figure.h"

/* Both means with the simultaneous band of their difference. The curve was judged: it has means.
 * NULL when memory is out. */
struct gw_figure *gw_compared_curve_figure(const struct gw_compared_cell *cell,
                                           const struct gw_compared_curve *curve,
                                           double confidence);

/* "oltp-dbt-oio-4.remaining_bytes": a name that gw_figure_write takes. `number` is put behind when
 * it is not 0. */
void gw_compared_curve_name(const struct gw_compared_cell *cell,
                            const struct gw_compared_curve *curve, size_t number, char *out,
                            size_t size);

#endif
