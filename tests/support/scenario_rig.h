/* scenario_rig.h - runs a scenario that a test has written, and fails the test when it cannot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SCENARIO_RIG_H
#define GW_SCENARIO_RIG_H

#include "sim/world.h"

struct scenario_rig {
    struct gw_scenario *scenario;
    struct gw_world *world;
};

/* A scenario from YAML; NULL-ended `overrides` ("seed=3") or NULL. Prints and aborts on errors. */
struct gw_scenario *scenario_rig_parse(const char *text, const char *const *overrides);

/* Runs one replication; returns the result of the first migrated guest, owned by the rig. */
const struct gw_result *scenario_rig_run(struct scenario_rig *rig, const char *text,
                                         const char *const *overrides, int64_t replication);
void scenario_rig_end(struct scenario_rig *rig);

/* Value of a column of a time series. */
static inline double
scenario_rig_cell(const struct gw_result *result, enum gw_series_id id, size_t row, size_t column)
{
    const struct gw_series *series = &result->series[id];

    gw_assert(row < series->rows && column < series->columns);
    return series->values[row * series->columns + column];
}

#endif
