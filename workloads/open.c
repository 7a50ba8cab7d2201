/* open.c - IOs that come at a rate, however long each takes.
 *
 * Idea      A schedule of arrivals, Poisson or evenly spaced, with or without bursts. With
 *           `outstanding` set the schedule waits for a free slot: late arrivals are made good at
 *           once, but a backlog older than `catch_up` is given up.
 * Source    Open and partly open systems: Schroeder, Wierman, Harchol-Balter, "Open versus
 *           closed: a cautionary tale", NSDI 2006.
 * Invariant Demand k and its scheduled moment depend on no completion.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "workloads/arrival.h"
#include "workloads/mix.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_open;

struct open_settings {
    double rate;
    int law;
    int64_t burst_on_ns, burst_off_ns;
    double burst_factor;
    int64_t outstanding;
    int64_t catch_up_ns;
    struct gw_mix_settings mix;
};

static const struct gw_setting open_rows[] = {
    {"rate", GW_SETTING_IOPS, offsetof(struct open_settings, rate), "400/s", NULL, NULL, NULL,
     "mean arrivals a second over a long time"},
    {"arrival", GW_SETTING_CHOICE, offsetof(struct open_settings, law), "poisson", NULL, NULL,
     gw_arrival_laws, "how arrivals are spread"},
    {"burst_on", GW_SETTING_TIME, offsetof(struct open_settings, burst_on_ns), "0s", NULL, NULL,
     NULL, "mean length of a burst; 0s = no bursts"},
    {"burst_off", GW_SETTING_TIME, offsetof(struct open_settings, burst_off_ns), "0s", NULL, NULL,
     NULL, "mean time between bursts; 0s = no bursts"},
    {"burst_factor", GW_SETTING_NUMBER, offsetof(struct open_settings, burst_factor), "10", "1",
     "1000000", NULL, "rate in a burst over the rate between bursts"},
    {"outstanding", GW_SETTING_COUNT, offsetof(struct open_settings, outstanding), "0", NULL,
     "65536", NULL, "most IOs in flight; 0 = no bound"},
    {"catch_up", GW_SETTING_TIME, offsetof(struct open_settings, catch_up_ns), "1h", NULL, NULL,
     NULL, "longest backlog that is made good later"},
    GW_MIX_ROWS(struct open_settings, mix),
    GW_SETTING_END,
};

struct open_load {
    struct gw_workload workload;
    uint32_t concurrency;
    int64_t catch_up_ns;
    struct gw_arrival arrival;
    struct gw_mix mix;
};

static bool
open_next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct open_load *load = gw_container(workload, struct open_load, workload);

    (void)stream;
    gw_mix_next(&load->mix, out);
    out->at_ns = gw_arrival_due(&load->arrival, now_ns, load->catch_up_ns);
    return out->at_ns != GW_TIME_NEVER;
}

static void
open_destroy(struct gw_workload *workload)
{
    free(gw_container(workload, struct open_load, workload));
}

static struct gw_workload *
open_create(const struct gw_workload_context *context, const void *settings, struct gw_error *err)
{
    const struct open_settings *wanted = settings;
    struct gw_arrival_plan plan =
        gw_arrival_bursts(gw_arrival_steady((enum gw_arrival_law)wanted->law, wanted->rate),
                          wanted->burst_on_ns, wanted->burst_off_ns, wanted->burst_factor);
    struct open_load *load = calloc(1, sizeof *load);

    if (load == NULL) {
        gw_fail(err, GW_ENOMEM, "workload open: out of memory");
        return NULL;
    }
    if (!gw_mix_init(&load->mix, &wanted->mix, context, "open", err)) {
        free(load);
        return NULL;
    }
    gw_arrival_init(&load->arrival, &plan, context, "open");
    load->concurrency = (uint32_t)wanted->outstanding;
    load->catch_up_ns = wanted->catch_up_ns;
    load->workload = (struct gw_workload){.kind = &gw_workload_open,
                                          .stream_count = 1,
                                          .alignment_bytes = load->mix.alignment_bytes,
                                          .concurrency = &load->concurrency,
                                          .next = open_next,
                                          .destroy = open_destroy};
    return &load->workload;
}

const struct gw_workload_kind gw_workload_open = {
    .name = "open",
    .title = "IOs at a rate, Poisson, even or in bursts, however long each takes",
    .source = "Schroeder et al., NSDI 2006; Fischer and Meier-Hellstern 1993 (bursts)",
    .settings = open_rows,
    .settings_bytes = sizeof(struct open_settings),
    .create = open_create,
};
