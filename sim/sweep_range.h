/* sweep_range.h - values between two ends: "1..64 x7 log".
 *
 *   FROM..TO [xSTEPS] [by STEP] [log]       or {from:, to:, steps:, by:, scale: linear|log}
 *
 * Both ends belong to it and are of one type: plain number, size, time, rate, IO rate or share.
 * Whole ends give whole values (1..64), ends with a point fractions (1.0..64.0). `by` keeps to
 * FROM, FROM + STEP and so on. Without steps (and without a linear `by`) any value between is one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWEEP_RANGE_H
#define GW_SWEEP_RANGE_H

#include "base/quantity.h"

struct gw_sweep_range {
    enum gw_setting_type type;
    union gw_quantity from, to; /* from < to */
    union gw_quantity by;       /* 0: none */
    bool is_log;
    bool is_spaced; /* by `by` alone: the last value may be below `to` */
    size_t count;   /* of its values; 0: any value between */
};

/* What a range is made of; NULL = not given. */
struct gw_sweep_range_words {
    const char *from, *to, *steps, *by;
    bool is_log;
};

/* Whether the text is meant as a short form: a number, perhaps a unit, and two dots. */
bool gw_sweep_range_is_short(const char *text);

/* Errors of both: GW_EINVAL, GW_ENOMEM. */
bool gw_sweep_range_parse(const char *text, struct gw_sweep_range *range, struct gw_error *err);
bool gw_sweep_range_make(const struct gw_sweep_range_words *words, struct gw_sweep_range *range,
                         struct gw_error *err);

/* Value `index` of range->count. */
void gw_sweep_range_value(const struct gw_sweep_range *range, size_t index,
                          char out[GW_QUANTITY_TEXT_MAX]);
/* The value at a share of the way, 0..1; with a count the one whose equal share of 0..1 it is in. */
void gw_sweep_range_value_at(const struct gw_sweep_range *range, double share,
                             char out[GW_QUANTITY_TEXT_MAX]);

#endif
