/* link.c - `kind: link`: a wire to a device, shared by flows.
 *
 * Idea    A write crosses the wire to the child and its answer comes back; a read's command goes
 *         there and its data cross back. Each direction is a max-min share (link_share.h); the
 *         propagation latency is paid once each way and holds nobody up. Commands and answers
 *         have no bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/link_share.h"
#include "models/request_pool.h"

extern const struct gw_device_kind gw_link_kind;

struct link_settings {
    int64_t rate, flow_rate, latency_ns;
    bool duplex;
};

struct wire {
    struct gw_device device;
    struct gw_ledger ledger;
    struct gw_device *backing;
    struct gw_request_pool pool;
    struct gw_link *way[2]; /* to the child, back; the same one when not duplex */
    int64_t latency_ns;
};

struct crossing {
    struct gw_subrequest sub; /* first */
    struct gw_transfer transfer;
};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct link_settings, field), preset, least, most, NULL, help          \
    }

static const struct gw_setting settings_table[] = {
    ROW("rate", GW_SETTING_RATE, rate, "8Gbps", "1B/s", NULL, "payload rate of a direction"),
    ROW("flow_rate", GW_SETTING_RATE, flow_rate, "0B/s", NULL, NULL,
        "most that one flow gets; 0B/s means no cap"),
    ROW("latency", GW_SETTING_TIME, latency_ns, "50us", NULL, "1h", "propagation, each way"),
    ROW("duplex", GW_SETTING_FLAG, duplex, "true", NULL, NULL, "each direction has the whole rate"),
    GW_SETTING_END,
};

#undef ROW

static struct wire *
wire_of(struct gw_device *device)
{
    return gw_container(device, struct wire, device);
}

static void
answered(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    gw_device_release(&wire_of(request->device)->ledger, request);
}

static void
answer(struct gw_request *request)
{
    struct wire *wire = wire_of(request->device);

    gw_request_wait(request, answered, wire->device.agenda->now_ns + wire->latency_ns);
}

static void
data_back(struct gw_transfer *transfer)
{
    struct crossing *crossing = gw_container(transfer, struct crossing, transfer);
    struct gw_request *parent = crossing->sub.parent;

    gw_request_pool_give(&wire_of(crossing->sub.owner)->pool, &crossing->sub);
    answer(parent);
}

static void
child_done(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct crossing *crossing = gw_container(sub, struct crossing, sub);
    struct gw_request *parent = sub->parent;
    struct wire *wire = wire_of(sub->owner);

    parent->result = request->result;
    if (parent->op == GW_IO_READ && parent->result == GW_OK) {
        crossing->transfer.sent = data_back;
        crossing->transfer.length_bytes = parent->length_bytes;
        crossing->transfer.flow = parent->flow;
        gw_link_send(wire->way[1], &crossing->transfer);
        return;
    }
    gw_request_pool_give(&wire->pool, sub);
    answer(parent);
}

static void
arrived(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);
    struct wire *wire = wire_of(request->device);

    gw_subrequest_send(gw_request_pool_take(&wire->pool, &wire->device, request), wire->backing,
                       child_done);
}

static void
data_there(struct gw_transfer *transfer)
{
    struct crossing *crossing = gw_container(transfer, struct crossing, transfer);
    struct gw_request *parent = crossing->sub.parent;
    struct wire *wire = wire_of(crossing->sub.owner);

    gw_request_pool_give(&wire->pool, &crossing->sub);
    gw_request_wait(parent, arrived, wire->device.agenda->now_ns + wire->latency_ns);
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct wire *wire = wire_of(device);
    struct crossing *crossing;

    if (!gw_device_admit(device, &wire->ledger, request)) {
        return;
    }
    if (request->op != GW_IO_WRITE) {
        gw_request_wait(request, arrived, request->arrived_ns + wire->latency_ns);
        return;
    }
    crossing =
        gw_container(gw_request_pool_take(&wire->pool, device, request), struct crossing, sub);
    crossing->transfer.sent = data_there;
    crossing->transfer.length_bytes = request->length_bytes;
    crossing->transfer.flow = request->flow;
    gw_link_send(wire->way[0], &crossing->transfer);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct wire)->ledger, device->agenda->now_ns, out);
}

static void
release_parts(struct wire *wire)
{
    if (wire->way[1] != wire->way[0]) {
        gw_link_destroy(wire->way[1]);
    }
    gw_link_destroy(wire->way[0]);
    gw_request_pool_stop(&wire->pool);
    free(wire);
}

static void
destroy(struct gw_device *device)
{
    struct wire *wire = wire_of(device);

    wire->backing->destroy(wire->backing);
    release_parts(wire);
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct link_settings *given = settings;
    struct wire *wire = calloc(1, sizeof *wire);

    if (wire == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    wire->device = (struct gw_device){
        .kind = &gw_link_kind,
        .agenda = context->agenda,
        .capacity_bytes = children[0]->capacity_bytes,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    wire->backing = children[0];
    wire->latency_ns = given->latency_ns;
    gw_request_pool_start(&wire->pool, sizeof(struct crossing));
    wire->way[0] = gw_link_create(context->agenda, given->rate, given->flow_rate, err);
    wire->way[1] = wire->way[0];
    if (given->duplex && wire->way[0] != NULL) {
        wire->way[1] = gw_link_create(context->agenda, given->rate, given->flow_rate, err);
    }
    if (wire->way[0] == NULL || wire->way[1] == NULL) {
        release_parts(wire);
        return NULL;
    }
    return &wire->device;
}

static const char *const child_keys[] = {"backing", NULL};

const struct gw_device_kind gw_link_kind = {
    .name = "link",
    .title = "a wire to a device, shared max-min by flows",
    .source = "Bertsekas and Gallager, Data Networks, section 6.5",
    .settings = settings_table,
    .settings_bytes = sizeof(struct link_settings),
    .children = child_keys,
    .create = create,
};
