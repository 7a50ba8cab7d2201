/* scenario_rig.c - runs a scenario that a test has written, and fails the test when it cannot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/scenario_rig.h"

#include <stdio.h>
#include <string.h>

struct gw_scenario *
scenario_rig_parse(const char *text, const char *const *overrides)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario;
    size_t count = 0;

    while (overrides != NULL && overrides[count] != NULL) {
        count++;
    }
    scenario = gw_scenario_parse("test.yaml", text, strlen(text), overrides, count, &diagnostics);
    for (size_t i = 0; i < diagnostics.count; i++) {
        fprintf(stderr, "%s: %s\n", diagnostics.items[i].where, diagnostics.items[i].message);
    }
    gw_assert(scenario != NULL);
    gw_diagnostics_clear(&diagnostics);
    return scenario;
}

const struct gw_result *
scenario_rig_run(struct scenario_rig *rig, const char *text, const char *const *overrides,
                 int64_t replication)
{
    struct gw_error err = {.message = ""};
    bool ran;

    rig->scenario = scenario_rig_parse(text, overrides);
    rig->world = gw_world_create(rig->scenario, replication, &err);
    ran = rig->world != NULL && gw_world_run(rig->world, &err);
    if (!ran) {
        fprintf(stderr, "%s\n", err.message);
    }
    gw_assert(ran);
    return gw_world_result(rig->world, 0);
}

void
scenario_rig_end(struct scenario_rig *rig)
{
    gw_world_destroy(rig->world);
    gw_scenario_destroy(rig->scenario);
    *rig = (struct scenario_rig){0};
}
