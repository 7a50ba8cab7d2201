/* sweep_where_parts.h - the tree of a condition, between its reader and its evaluation.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_WHERE_PARTS_H
#define GW_SWEEP_WHERE_PARTS_H

#include "sim/sweep_where.h"

enum { GW_WHERE_NODES_MAX = 1000 };

enum gw_where_kind {
    GW_WHERE_NUMBER, /* text: with its unit */
    GW_WHERE_NAME,   /* text: a parameter or a word */
    GW_WHERE_WORD,   /* text: was in quotes */
    GW_WHERE_NEGATE, /* left */
    GW_WHERE_NOT,    /* left */
    GW_WHERE_AND,    /* left, right; so are all from here on */
    GW_WHERE_OR,
    GW_WHERE_LESS,
    GW_WHERE_LESS_EQUAL,
    GW_WHERE_GREATER,
    GW_WHERE_GREATER_EQUAL,
    GW_WHERE_EQUAL,
    GW_WHERE_UNEQUAL,
    GW_WHERE_ADD,
    GW_WHERE_SUBTRACT,
    GW_WHERE_MULTIPLY,
    GW_WHERE_DIVIDE
};

/* A number and its dimension. */
struct gw_where_number {
    double value;       /* in bytes and ns: times are exact then */
    int bytes, seconds; /* powers */
};

struct gw_where_node {
    enum gw_where_kind kind;
    const struct gw_where_node *left, *right;
    const char *text;
    struct gw_where_number number;
    struct gw_where_span span; /* of the operand or the operator */
};

struct gw_where {
    const struct gw_where_node *root;
    struct gw_where_node *nodes;
    size_t node_count;
    char *texts; /* of the nodes, one after the other */
    size_t texts_used;
};

/* Reads a number with or without a unit. Errors: GW_EINVAL, with the text. */
bool gw_where_number(const char *text, struct gw_where_number *out, struct gw_error *err);

#endif
