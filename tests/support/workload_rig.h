/* workload_rig.h - makes a workload from words, as a scenario would.
 *
 * Settings go through the kind's own table, so the tables are tested on the way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_WORKLOAD_RIG_H
#define GW_WORKLOAD_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "workloads/workload_list.h"

#define KIB(n) ((int64_t)(n) << 10)
#define MIB(n) ((int64_t)(n) << 20)
#define GIB(n) ((int64_t)(n) << 30)

struct workload_rig {
    int64_t disk_bytes[2];
    uint32_t disk_count;
    uint64_t seed, object;
};

static inline const struct gw_workload_kind *
rig_kind(const char *name)
{
    for (size_t i = 0; gw_workload_kinds[i] != NULL; i++) {
        if (strcmp(gw_workload_kinds[i]->name, name) == 0) {
            return gw_workload_kinds[i];
        }
    }
    return NULL;
}

/* `pairs`: key, value, key, value ..., NULL. NULL and err when the workload refuses; the settings
 * table itself must take the words. */
static inline struct gw_workload *
rig_create(const struct workload_rig *rig, const char *name, const char *const *pairs,
           struct gw_error *err)
{
    const struct gw_workload_kind *kind = rig_kind(name);
    struct gw_workload_context context = {rig->disk_bytes, rig->disk_count, rig->seed, 0,
                                          rig->object};
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    size_t blob_bytes = kind->settings_bytes;
    void *blob = calloc(1, blob_bytes + 1);
    struct gw_settings_target target = {kind->settings, blob, blob_bytes, NULL, name};
    struct gw_diagnostics diagnostics = {0};
    struct gw_workload *workload;

    for (size_t i = 0; pairs != NULL && pairs[i] != NULL; i += 2) {
        gw_assert(gw_config_put(map, pairs[i], pairs[i + 1], false));
    }
    if (!gw_settings_resolve(&target, map, &diagnostics)) {
        fprintf(stderr, "%s\n", diagnostics.items[0].message);
        abort();
    }
    workload = kind->create(&context, blob, err);
    gw_settings_clear(kind->settings, blob);
    gw_diagnostics_clear(&diagnostics);
    gw_config_node_destroy(map);
    free(blob);
    return workload;
}

/* Words of a workload in a call: RIG_PAIRS("oio", "4", "block", "4KiB"). */
#define RIG_PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Path of a file of tests/data. */
static inline const char *
rig_data(const char *name)
{
    static char path[4][512];
    static unsigned int turn;
    const char *root = getenv("GW_SOURCE_DIR");

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/tests/data/%s", root != NULL ? root : ".", name);
    return path[turn];
}

/* Whether x lies within `share` of wanted. */
static inline bool
rig_near(double x, double wanted, double share)
{
    double difference = x > wanted ? x - wanted : wanted - x;

    if (difference > share * wanted) {
        fprintf(stderr, "got %g, wanted %g within %g %%\n", x, wanted, share * 100);
    }
    return difference <= share * wanted;
}

#endif
