/* style.h - one look for each architecture, in every figure: colour, dash and marker.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_STYLE_H
#define GW_STYLE_H

#include <stddef.h>

struct gw_style {
    const char *key;
    const char *label;  /* for legends: "IO Mirroring" */
    const char *colour; /* "#0072B2" */
    int dash;           /* from 1 = solid, see gw_style_dash */
    int marker;         /* gnuplot point type */
    double fill;        /* of boxes and areas: 0 empty to 1 full */
};

/* An unknown key gets a look by its letters, always the same, and label NULL. "KEY#2" is its
 * second variant: the colour of KEY with other dashes and markers. "series#N" are looks of their
 * own, for curves that are no architecture. */
struct gw_style gw_style_of(const char *key);

/* gnuplot's words for a dash. */
const char *gw_style_dash(int dash);

/* The label of a key, or the key itself. */
const char *gw_style_label(const char *key);

/* Place in the order of legends: that of the table; unknown keys come last. */
size_t gw_style_rank(const char *key);

#endif
