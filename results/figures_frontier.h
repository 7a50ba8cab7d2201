/* figures_frontier.h - the map of a search: who converges where, who is fastest where.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_FIGURES_FRONTIER_H
#define GW_FIGURES_FRONTIER_H

#include "results/figure.h"
#include "results/frontier.h"

enum { GW_FRONTIER_AXES_MOST = 2 }; /* that a map can show */

/* The boundary of one architecture at one place of the other axes. */
struct gw_frontier_row {
    char architecture[48];
    const char *axis[GW_FRONTIER_AXES_MOST]; /* values of the other axes as written, or "" */
    struct gw_frontier frontier;             /* costs: what is to be small where it is good */
};

struct gw_frontier_map {
    const char *scenario;
    const char *over;                        /* "workload.rate" */
    const char *axis[GW_FRONTIER_AXES_MOST]; /* names of the other axes, or NULL */
    const char *unit;                        /* of its numbers, "1/s"; NULL: none is said */
    bool is_log;                             /* the range that was searched */
    const struct gw_frontier_rule *rule;     /* of all rows */
    const struct gw_frontier_row *rows;
    size_t count;
};

/* The row with the least cost among those with the same axes as `row` that are good at a value;
 * NULL: none is. *good counts them. */
const struct gw_frontier_row *gw_frontier_fastest(const struct gw_frontier_map *map,
                                                  const struct gw_frontier_row *row, double value,
                                                  size_t *good);
/* Value `index` of those that are tried everywhere. */
double gw_frontier_common_value(const struct gw_frontier_rule *rule, size_t index);
/* The probe of a row at a value, or NULL. */
const struct gw_frontier_probe *gw_frontier_probe_at(const struct gw_frontier *frontier,
                                                     double value);

/* A line with its interval for each architecture over the first axis, a panel for each value of
 * the second. NULL: memory out. */
struct gw_figure *gw_figure_frontier(const struct gw_frontier_map *map);
/* The plane of first axis and searched setting, filled by who is fastest. NULL: memory out. */
struct gw_figure *gw_figure_fastest(const struct gw_frontier_map *map);

#endif
