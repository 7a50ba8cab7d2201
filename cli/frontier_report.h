/* frontier_report.h - what a search for boundaries found, as rows and as figures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FRONTIER_REPORT_H
#define GW_FRONTIER_REPORT_H

#include "cli/options.h"
#include "results/figures_frontier.h"
#include "sim/sweep.h"

struct gw_frontier_report {
    const struct gw_frontier_map *map;
    const struct gw_sweep *sweep; /* point i is row i of the map */
};

/* A row for each boundary; as a table also who is fastest where. Errors: GW_ENOMEM. */
bool gw_frontier_print(const struct gw_frontier_report *report, enum gw_format format,
                       struct gw_error *err);
/* frontier.svg and fastest.svg, with their scripts and data. Errors: as gw_figure_write. */
bool gw_frontier_draw(const struct gw_frontier_map *map, const char *directory,
                      struct gw_error *err);

#endif
