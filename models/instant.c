/* instant.c - `kind: ideal`: a rate and a latency, nothing else.
 *
 * Idea   Data pass one after the other at a fixed rate, then a fixed latency is added that does
 *        not hold up those behind. With `duplex`, reads and writes each have the rate.
 * Use    A baseline without queueing effects of its own, and a part for tests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/pace.h"

extern const struct gw_device_kind gw_ideal_kind;

struct ideal_settings {
    int64_t rate, latency_ns, capacity_bytes;
    bool duplex;
};

struct ideal {
    struct gw_device device;
    struct gw_ledger ledger;
    struct gw_pace pace;
    int64_t latency_ns;
    int64_t free_at_ns[2]; /* reads and the rest; only the first without duplex */
    bool duplex;
};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct ideal_settings, field), preset, least, most, NULL, help         \
    }

static const struct gw_setting settings_table[] = {
    ROW("rate", GW_SETTING_RATE, rate, "0B/s", NULL, NULL, "bytes a second; 0B/s means no limit"),
    ROW("latency", GW_SETTING_TIME, latency_ns, "0s", NULL, NULL, "added to every request"),
    ROW("duplex", GW_SETTING_FLAG, duplex, "false", NULL, NULL,
        "reads and writes each have the whole rate"),
    ROW("capacity", GW_SETTING_BYTES, capacity_bytes, "0B", NULL, NULL,
        "size; 0B means as large as needed"),
    GW_SETTING_END,
};

#undef ROW

static struct ideal *
ideal_of(struct gw_device *device)
{
    return gw_container(device, struct ideal, device);
}

static void
served(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    gw_device_release(&ideal_of(request->device)->ledger, request);
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct ideal *ideal = ideal_of(device);
    int64_t now_ns = device->agenda->now_ns;
    int64_t *free_at_ns = &ideal->free_at_ns[ideal->duplex && request->op != GW_IO_READ];

    if (!gw_device_admit(device, &ideal->ledger, request)) {
        return;
    }
    if (*free_at_ns < now_ns) {
        *free_at_ns = now_ns;
    }
    ideal->ledger.stats.queue_ns += *free_at_ns - now_ns;
    if (request->op == GW_IO_READ || request->op == GW_IO_WRITE) {
        *free_at_ns += gw_pace_ns(ideal->pace, request->length_bytes);
    }
    gw_request_wait(request, served, *free_at_ns + ideal->latency_ns);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct ideal)->ledger, device->agenda->now_ns, out);
}

static void
destroy(struct gw_device *device)
{
    free(ideal_of(device));
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct ideal_settings *given = settings;
    struct ideal *ideal = calloc(1, sizeof *ideal);

    (void)children;
    if (ideal == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    ideal->device = (struct gw_device){
        .kind = &gw_ideal_kind,
        .agenda = context->agenda,
        .capacity_bytes = given->capacity_bytes > 0 ? given->capacity_bytes : GW_CAPACITY_ANY,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    ideal->pace = gw_pace_of(given->rate);
    ideal->latency_ns = given->latency_ns;
    ideal->duplex = given->duplex;
    return &ideal->device;
}

const struct gw_device_kind gw_ideal_kind = {
    .name = "ideal",
    .title = "a rate and a latency, nothing else",
    .source = "own; a baseline",
    .settings = settings_table,
    .settings_bytes = sizeof(struct ideal_settings),
    .create = create,
};
