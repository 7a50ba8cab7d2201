/* idle.c - a guest that touches no disk.
 *
 * Idea      Zero streams: every cost of a migration that is left is the migration's own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "workloads/mix.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_idle;

static const struct gw_setting idle_rows[] = {GW_SETTING_END};

static bool
idle_next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    (void)workload;
    (void)stream;
    (void)now_ns;
    (void)out;
    return false;
}

static void
idle_destroy(struct gw_workload *workload)
{
    free(workload);
}

static struct gw_workload *
idle_create(const struct gw_workload_context *context, const void *settings, struct gw_error *err)
{
    struct gw_workload *workload = calloc(1, sizeof *workload);

    (void)context;
    (void)settings;
    if (workload == NULL) {
        gw_fail(err, GW_ENOMEM, "workload idle: out of memory");
        return NULL;
    }
    *workload = (struct gw_workload){.kind = &gw_workload_idle,
                                     .alignment_bytes = gw_alignment_of(0),
                                     .next = idle_next,
                                     .destroy = idle_destroy};
    return workload;
}

const struct gw_workload_kind gw_workload_idle = {
    .name = "idle",
    .title = "no IO at all",
    .source = "own",
    .settings = idle_rows,
    .create = idle_create,
};
