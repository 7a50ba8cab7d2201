/* phases.c - a load that works and rests by the clock.
 *
 * Idea      Each period begins with a busy part at full intensity; in the rest the intensity is
 *           `idle_intensity`. An open load changes its rate; a closed load changes how many IOs
 *           it keeps outstanding: one stream works always, the other in busy parts only.
 * Source    Own. For day and night, batch windows, and migrations that wait for a quiet moment.
 * Invariant Only moments depend on the phase; demand k of a stream does not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "workloads/arrival.h"
#include "workloads/mix.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_phases;

enum phases_load { LOAD_CLOSED, LOAD_OPEN };

static const char *const load_words[] = {"closed", "open", NULL};

struct phases_settings {
    int64_t period_ns;
    double busy_share, idle_intensity;
    int load;
    int64_t oio;
    int64_t think_ns;
    int think_law;
    double rate;
    int law;
    struct gw_mix_settings mix;
};

static const struct gw_setting phases_rows[] = {
    {"period", GW_SETTING_TIME, offsetof(struct phases_settings, period_ns), "60s", "1ms", NULL,
     NULL, "length of one busy part and one quiet part together"},
    {"busy_share", GW_SETTING_SHARE, offsetof(struct phases_settings, busy_share), "50%", NULL,
     NULL, NULL, "share of the period at full intensity; it comes first"},
    {"idle_intensity", GW_SETTING_SHARE, offsetof(struct phases_settings, idle_intensity), "0%",
     NULL, NULL, NULL, "intensity in the rest of the period"},
    {"load", GW_SETTING_CHOICE, offsetof(struct phases_settings, load), "closed", NULL, NULL,
     load_words, "what kind of load is modulated"},
    {"oio", GW_SETTING_COUNT, offsetof(struct phases_settings, oio), "8", "1", "65536", NULL,
     "closed: outstanding IOs at full intensity"},
    {"think_time", GW_SETTING_TIME, offsetof(struct phases_settings, think_ns), "0s", NULL, NULL,
     NULL, "closed: pause between a completion and the next IO of its slot"},
    {"think_law", GW_SETTING_CHOICE, offsetof(struct phases_settings, think_law), "constant", NULL,
     NULL, gw_think_laws, "closed: how think times are spread round think_time"},
    {"rate", GW_SETTING_IOPS, offsetof(struct phases_settings, rate), "400/s", NULL, NULL, NULL,
     "open: arrivals a second at full intensity"},
    {"arrival", GW_SETTING_CHOICE, offsetof(struct phases_settings, law), "poisson", NULL, NULL,
     gw_arrival_laws, "open: how arrivals are spread"},
    GW_MIX_ROWS(struct phases_settings, mix),
    GW_SETTING_END,
};

enum { STREAMS_MOST = 2 };

struct part {
    struct gw_mix mix;
    struct gw_think think;
    bool busy_only;
};

struct phases {
    struct gw_workload workload;
    uint32_t concurrency[STREAMS_MOST];
    struct part part[STREAMS_MOST];
    struct gw_arrival arrival;
    int64_t period_ns, busy_ns;
};

/* The moment itself in a busy part, else the begin of the next one. */
static int64_t
busy_moment(const struct phases *phases, int64_t at_ns)
{
    int64_t into_ns = at_ns % phases->period_ns;

    return into_ns < phases->busy_ns ? at_ns : at_ns + phases->period_ns - into_ns;
}

static bool
next_closed(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct phases *phases = gw_container(workload, struct phases, workload);
    struct part *part = &phases->part[stream];

    gw_mix_next(&part->mix, out);
    out->at_ns = now_ns + gw_think_ns(&part->think);
    if (part->busy_only) {
        out->at_ns = busy_moment(phases, out->at_ns);
    }
    return true;
}

static bool
next_open(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct phases *phases = gw_container(workload, struct phases, workload);

    gw_mix_next(&phases->part[stream].mix, out);
    out->at_ns = gw_arrival_due(&phases->arrival, now_ns, INT64_MAX);
    return out->at_ns != GW_TIME_NEVER;
}

static void
phases_destroy(struct gw_workload *workload)
{
    free(gw_container(workload, struct phases, workload));
}

static bool
add_part(struct phases *phases, const struct gw_workload_context *context,
         const struct phases_settings *wanted, bool busy_only, struct gw_error *err)
{
    struct part *part = &phases->part[phases->workload.stream_count++];
    const char *name = busy_only ? "phases.busy" : "phases.always";

    part->busy_only = busy_only;
    gw_think_init(&part->think, wanted->think_ns, wanted->think_law, context, name);
    return gw_mix_init(&part->mix, &wanted->mix, context, name, err);
}

static bool
set_up_closed(struct phases *phases, const struct gw_workload_context *context,
              const struct phases_settings *wanted, struct gw_error *err)
{
    uint32_t all = (uint32_t)wanted->oio;
    uint32_t always = (uint32_t)((double)all * wanted->idle_intensity + 0.5);

    phases->workload.next = next_closed;
    if (always > 0) {
        phases->concurrency[phases->workload.stream_count] = always;
        if (!add_part(phases, context, wanted, false, err)) {
            return false;
        }
    }
    if (all > always) {
        phases->concurrency[phases->workload.stream_count] = all - always;
        return add_part(phases, context, wanted, true, err);
    }
    return true;
}

static bool
set_up_open(struct phases *phases, const struct gw_workload_context *context,
            const struct phases_settings *wanted, struct gw_error *err)
{
    struct gw_arrival_plan plan = {
        .law = (enum gw_arrival_law)wanted->law,
        .rate = wanted->rate,
        .level = {1, wanted->idle_intensity},
        .length_ns = {phases->busy_ns, phases->period_ns - phases->busy_ns}};

    phases->workload.next = next_open;
    gw_arrival_init(&phases->arrival, &plan, context, "phases");
    return add_part(phases, context, wanted, false, err);
}

static bool
set_up(struct phases *phases, const struct gw_workload_context *context,
       const struct phases_settings *wanted, struct gw_error *err)
{
    phases->period_ns = wanted->period_ns;
    phases->busy_ns = (int64_t)((double)wanted->period_ns * wanted->busy_share);
    if (phases->busy_ns <= 0) {
        return gw_fail(err, GW_EINVAL, "busy_share %.4g%%: must be more than 0%%",
                       wanted->busy_share * 100);
    }
    return wanted->load == LOAD_OPEN ? set_up_open(phases, context, wanted, err)
                                     : set_up_closed(phases, context, wanted, err);
}

static struct gw_workload *
phases_create(const struct gw_workload_context *context, const void *settings, struct gw_error *err)
{
    struct phases *phases = calloc(1, sizeof *phases);

    if (phases == NULL) {
        gw_fail(err, GW_ENOMEM, "workload phases: out of memory");
        return NULL;
    }
    phases->workload = (struct gw_workload){
        .kind = &gw_workload_phases, .concurrency = phases->concurrency, .destroy = phases_destroy};
    if (!set_up(phases, context, settings, err)) {
        free(phases);
        return NULL;
    }
    phases->workload.alignment_bytes = phases->part[0].mix.alignment_bytes;
    return &phases->workload;
}

const struct gw_workload_kind gw_workload_phases = {
    .name = "phases",
    .title = "a closed or open load that works and rests by the clock",
    .source = "own",
    .settings = phases_rows,
    .settings_bytes = sizeof(struct phases_settings),
    .create = phases_create,
};
