/* admission.c - the door of a device: what fits, what is counted, how a refusal comes back.
 *
 * A refused request waits on its own event at the present time, because `done` is never called
 * inside submit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/admission.h"

static bool
fits(const struct gw_device *device, const struct gw_request *request)
{
    if (request->op == GW_IO_FLUSH) {
        return request->length_bytes == 0;
    }
    return request->length_bytes > 0 && request->offset_bytes >= 0 &&
           request->offset_bytes <= device->capacity_bytes - request->length_bytes;
}

static void
refused(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    request->result = GW_EINVAL;
    request->done(request);
}

bool
gw_device_admit(struct gw_device *device, struct gw_ledger *ledger, struct gw_request *request)
{
    gw_assert(!gw_event_pending(&request->event));
    request->device = device;
    request->arrived_ns = device->agenda->now_ns;
    request->result = GW_OK;
    request->event.priority = 0;
    if (!fits(device, request)) {
        gw_request_wait(request, refused, request->arrived_ns);
        return false;
    }
    if (ledger->held == 0) {
        ledger->busy_since_ns = request->arrived_ns;
    }
    ledger->held++;
    if (ledger->held > ledger->stats.depth_max) {
        ledger->stats.depth_max = ledger->held;
    }
    return true;
}

void
gw_device_release(struct gw_ledger *ledger, struct gw_request *request)
{
    ledger->held--;
    if (ledger->held == 0) {
        ledger->stats.busy_ns += request->device->agenda->now_ns - ledger->busy_since_ns;
    }
    if (request->op == GW_IO_READ) {
        ledger->stats.reads++;
        ledger->stats.bytes_read += request->length_bytes;
    }
    if (gw_io_modifies(request->op)) {
        ledger->stats.writes++;
        ledger->stats.bytes_written += request->length_bytes;
    }
    request->done(request);
}

void
gw_ledger_report(const struct gw_ledger *ledger, int64_t now_ns, struct gw_device_stats *out)
{
    *out = ledger->stats;
    if (ledger->held > 0) {
        out->busy_ns += now_ns - ledger->busy_since_ns;
    }
}
