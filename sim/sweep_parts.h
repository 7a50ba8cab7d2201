/* sweep_parts.h - what the files that plan a sweep share; not for others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_PARTS_H
#define GW_SWEEP_PARTS_H

#include "sim/sweep.h"
#include "sim/sweep_where.h"

#define GW_SWEEP_POINT "point" /* the axis of the named points, as a parameter of where */

/* What one value of an axis sets: one key, or those of a named point. */
struct gw_sweep_choice {
    const char *name;   /* of a named point, or NULL */
    const char **words; /* override, key, value: count times; owned */
    size_t count;
};

struct gw_sweep_axis {
    const char *key;
    struct gw_place place;
    bool is_argument;
    struct gw_sweep_choice *choices; /* owned */
    size_t count;                    /* 0: any value of the range */
    struct gw_sweep_range range;     /* when count is 0 */
};

struct gw_sweep_parts {
    struct gw_diagnostics *diagnostics;
    struct gw_config config; /* the texts that places point into */
    struct gw_sweep_axis *axes;
    size_t axis_count;
    char **strings; /* all that choices and axes point at */
    size_t string_count, strings_allocated;
    bool fine;
};

struct gw_sweep_condition {
    struct gw_where *where; /* owned */
    const struct gw_config_node *node;
};

/* What the key `sweep` says beside the axes. */
struct gw_sweep_orders {
    int design; /* index into gw_sweep_designs */
    int64_t replications, seed, levels;
    int64_t points; /* 0: not given */
    struct gw_place place, design_place, points_place;
    struct gw_sweep_condition *conditions; /* owned */
    size_t condition_count;
    const struct gw_config_node *frontier; /* or NULL */
    const struct gw_config_node *stop;     /* or NULL */
};

/* Words for `design`; the first two need no sampler. */
extern const char *const gw_sweep_designs[];
enum { GW_SWEEP_GRID, GW_SWEEP_ZIP };

void gw_sweep_parts_clear(struct gw_sweep_parts *parts);
void gw_sweep_out_of_memory(struct gw_sweep_parts *parts);

/* Copies; NULL: memory out, reported. */
const char *gw_sweep_keep(struct gw_sweep_parts *parts, const char *bytes, size_t length);

/* Appends "KEY=VALUE,VALUE..." or, for --sweep, "KEY=FROM..TO ...". An axis of the same key that
 * was no argument is replaced. option is "--set" or "--sweep". Errors are reported. */
void gw_sweep_add_argument(struct gw_sweep_parts *parts, const char *option, const char *argument,
                           bool ranges);
/* Appends what `over` says of one key: a list, a range or a value. */
void gw_sweep_add_node(struct gw_sweep_parts *parts, const struct gw_config_node *node);
/* Appends the axis of the named points: a map of maps. */
void gw_sweep_add_points(struct gw_sweep_parts *parts, const struct gw_config_node *points);

/* Reads the key `sweep` of the tree parts->config.root, after what it extends: axes and orders. */
void gw_sweep_read(struct gw_sweep_parts *parts, struct gw_sweep_orders *orders);
void gw_sweep_orders_clear(struct gw_sweep_orders *orders);

/* Reads the key `frontier`; node may be NULL. */
void gw_sweep_read_frontier(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                            struct gw_sweep_frontier *frontier);
/* Its setting must not be an axis. */
void gw_sweep_check_frontier(struct gw_sweep_parts *parts,
                             const struct gw_sweep_frontier *frontier);
void gw_sweep_frontier_clear(struct gw_sweep_frontier *frontier);

/* Reads the key `stop`; node may be NULL. Replications, 0 if not given, are the least ones when the
 * rule has none. */
void gw_sweep_read_stop(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                        int64_t replications, struct gw_sweep_stop *stop);

/* Puts an error of a condition where it is in the text. */
void gw_sweep_refuse_condition(struct gw_sweep_parts *parts, const struct gw_config_node *node,
                               struct gw_where_span span, const struct gw_error *err);

/* The choice of an axis without values of its own, for a share of its range. Free words. */
bool gw_sweep_choose_between(struct gw_sweep_parts *parts, const struct gw_sweep_axis *axis,
                             double share, struct gw_sweep_choice *choice);

/* Points of the cross product, or 0 with an error for more than `most`. */
size_t gw_sweep_grid_count(struct gw_sweep_parts *parts, size_t most);
/* Which choice of each axis point `number` takes: the first axis changes slowest. */
void gw_sweep_grid_pick(const struct gw_sweep_parts *parts, size_t number,
                        const struct gw_sweep_choice **picks);
/* What the picks set, one after the other. False: memory out. */
bool gw_sweep_join(const struct gw_sweep_choice *const *picks, size_t count,
                   struct gw_variation *variation);

#endif
