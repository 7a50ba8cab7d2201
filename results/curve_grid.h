/* curve_grid.h - curves of runs at common times, so that runs of different length can be compared.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_CURVE_GRID_H
#define GW_CURVE_GRID_H

#include <stddef.h>

#include "base/error.h"
#include "base/result.h"

/* What is looked at over time; rows in gw_curve_info. A run that has no such series has no such
 * curve. */
enum gw_curve_id {
    GW_CURVE_REMAINING, /* bytes still to be sent or copied */
    GW_CURVE_DIRTY_RATE,
    GW_CURVE_SENT_RATE,
    GW_CURVE_THROTTLE,   /* per cent */
    GW_CURVE_GUEST_RATE, /* pages a second, of memory migrations */
    GW_CURVE_GUEST_IOPS, /* reads and writes a second, of disks */
    GW_CURVE_LATENCY,    /* mean, ms */
    GW_CURVE_COUNT
};

/* Where a curve is: a column of a series; `plus` is a column that is added, or -1. */
struct gw_curve_source {
    enum gw_series_id series;
    int column, plus;
};

enum { GW_CURVE_SOURCES = 2 }; /* of memory migrations, of disks */

struct gw_curve_info {
    const char *key;   /* "remaining_bytes" */
    const char *label; /* "remaining data" */
    const char *unit;  /* "bytes" */
    bool zero_after;   /* it is 0 once the migration is over; else its last value stays */
    size_t source_count;
    struct gw_curve_source sources[GW_CURVE_SOURCES]; /* the first whose series has rows counts */
};

extern const struct gw_curve_info gw_curve_info[GW_CURVE_COUNT];

bool gw_curve_has(const struct gw_result *result, enum gw_curve_id id);

/* From the beginning of the migration to its end, s; of a migration without an end, to the last row
 * of its curves. What a common end_s is made of. */
double gw_curve_length_s(const struct gw_result *result);

/* Values at `points` (2 or more) times from 0 (the migration begins) to `end_s`, both included: a
 * point is the mean of the curve over the step that ends there (the first one: over nothing, its
 * value), with each row of the series holding until the next one, and the first one also before
 * it. A row that is NAN holds what was there before. The result has the curve. Errors:
 * GW_EINVAL (end_s is not above 0). */
bool gw_curve_sample(const struct gw_result *result, enum gw_curve_id id, double end_s,
                     size_t points, double *values, struct gw_error *err);

#endif
