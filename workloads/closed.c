/* closed.c - a load generator with a fixed number of outstanding IOs.
 *
 * Idea      `oio` IOs are in flight at all times; when one returns, the next is issued after a
 *           think time. Throughput follows latency: a slow disk slows the load.
 * Source    Iometer (worker with N outstanding IOs and one access specification); the OLTP-like
 *           set-up of Mashtizadeh et al., USENIX ATC 2011: 8 KiB, 70 % reads, all random.
 * Invariant Demand k is the same whatever the IOs before it took.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "workloads/arrival.h"
#include "workloads/mix.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_closed;

struct closed_settings {
    int64_t oio;
    int64_t think_ns;
    int think_law;
    struct gw_mix_settings mix;
};

static const struct gw_setting closed_rows[] = {
    {"oio", GW_SETTING_COUNT, offsetof(struct closed_settings, oio), "8", "1", "65536", NULL,
     "outstanding IOs"},
    {"think_time", GW_SETTING_TIME, offsetof(struct closed_settings, think_ns), "0s", NULL, NULL,
     NULL, "pause between a completion and the next IO of its slot"},
    {"think_law", GW_SETTING_CHOICE, offsetof(struct closed_settings, think_law), "constant", NULL,
     NULL, gw_think_laws, "how think times are spread round think_time"},
    GW_MIX_ROWS(struct closed_settings, mix),
    GW_SETTING_END,
};

struct closed {
    struct gw_workload workload;
    uint32_t concurrency;
    struct gw_think think;
    struct gw_mix mix;
};

static bool
closed_next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct closed *closed = gw_container(workload, struct closed, workload);

    (void)stream;
    gw_mix_next(&closed->mix, out);
    out->at_ns = now_ns + gw_think_ns(&closed->think);
    return true;
}

static void
closed_destroy(struct gw_workload *workload)
{
    free(gw_container(workload, struct closed, workload));
}

static struct gw_workload *
closed_create(const struct gw_workload_context *context, const void *settings, struct gw_error *err)
{
    const struct closed_settings *wanted = settings;
    struct closed *closed = calloc(1, sizeof *closed);

    if (closed == NULL) {
        gw_fail(err, GW_ENOMEM, "workload closed: out of memory");
        return NULL;
    }
    if (!gw_mix_init(&closed->mix, &wanted->mix, context, "closed", err)) {
        free(closed);
        return NULL;
    }
    gw_think_init(&closed->think, wanted->think_ns, wanted->think_law, context, "closed");
    closed->concurrency = (uint32_t)wanted->oio;
    closed->workload = (struct gw_workload){.kind = &gw_workload_closed,
                                            .stream_count = 1,
                                            .alignment_bytes = closed->mix.alignment_bytes,
                                            .concurrency = &closed->concurrency,
                                            .next = closed_next,
                                            .destroy = closed_destroy};
    return &closed->workload;
}

const struct gw_workload_kind gw_workload_closed = {
    .name = "closed",
    .title = "a fixed number of outstanding IOs, as Iometer makes them",
    .source = "Iometer; Mashtizadeh et al., USENIX ATC 2011",
    .settings = closed_rows,
    .settings_bytes = sizeof(struct closed_settings),
    .create = closed_create,
};
