/* vcpu_time.c - run slices and sleeps, a queue without a queue, counts in slots of 100 ms.
 *
 * Idea      Service: arrivals are a stream of their own, so a request is drawn only when the one
 *           before it has been answered; a vCPU that stands for long leaves nothing to store,
 *           and a request that came meanwhile is found to have come in the past.
 * Source    Throttle: QEMU's cpu-throttle, a time slice of 10 ms and a sleep of
 *           10 ms * p / (100 - p). Service: the M/D/1 queue with server vacations.
 * Departs   QEMU has one timer for all vCPUs; here each counts from its own first throttle, which
 *           is the same moment for all where all are throttled alike.
 * Invariant left_ns > 0 unless service_ns is 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/vcpu_time.h"

#include <string.h>

#include "base/error.h"
#include "base/variate.h"

enum { SLOT_NS = 100000000 };

int64_t
gw_vcpu_throttle_sleep_ns(uint32_t percent)
{
    gw_assert(percent <= 99);
    return (int64_t)GW_THROTTLE_SLICE_NS * percent / (100 - percent);
}

void
gw_vcpu_throttle_init(struct gw_vcpu_throttle *throttle)
{
    *throttle = (struct gw_vcpu_throttle){.edge_ns = INT64_MAX};
}

void
gw_vcpu_throttle_set(struct gw_vcpu_throttle *throttle, int64_t now_ns, uint32_t percent)
{
    gw_assert(percent <= 99);
    if (percent == 0) {
        gw_vcpu_throttle_init(throttle);
        return;
    }
    if (throttle->percent == 0) {
        throttle->edge_ns = now_ns + GW_THROTTLE_SLICE_NS;
    }
    throttle->percent = percent;
}

void
gw_vcpu_throttle_pass(struct gw_vcpu_throttle *throttle, int64_t now_ns)
{
    while (throttle->edge_ns <= now_ns) {
        throttle->asleep = !throttle->asleep;
        throttle->edge_ns +=
            throttle->asleep ? gw_vcpu_throttle_sleep_ns(throttle->percent) : GW_THROTTLE_SLICE_NS;
    }
}

static void
next_request(struct gw_vcpu_service *service)
{
    service->arrival_ns += (int64_t)(gw_exponential(&service->stream, service->mean_ns) + 0.5);
    service->left_ns = service->service_ns;
}

void
gw_vcpu_service_start(struct gw_vcpu_service *service, double rate, int64_t service_ns)
{
    gw_assert(rate > 0 && service_ns >= 0);
    service->mean_ns = 1e9 / rate;
    service->service_ns = service_ns;
    service->arrival_ns = 0;
    next_request(service);
}

int64_t
gw_vcpu_service_run(struct gw_vcpu_service *service, int64_t from_ns, int64_t to_ns,
                    struct gw_histogram *latency, int64_t *used_ns)
{
    int64_t at_ns = from_ns;
    int64_t answered = 0;

    *used_ns = 0;
    if (service->mean_ns <= 0) {
        return 0;
    }
    for (;;) {
        at_ns = at_ns > service->arrival_ns ? at_ns : service->arrival_ns;
        if (at_ns >= to_ns) {
            return answered;
        }
        int64_t work_ns = service->left_ns < to_ns - at_ns ? service->left_ns : to_ns - at_ns;

        at_ns += work_ns;
        *used_ns += work_ns;
        service->left_ns -= work_ns;
        if (service->left_ns > 0) {
            return answered;
        }
        gw_histogram_add(latency, at_ns - service->arrival_ns);
        answered++;
        next_request(service);
    }
}

void
gw_rate_window_add(struct gw_rate_window *window, int64_t now_ns, int64_t count)
{
    int64_t slot = now_ns / SLOT_NS;

    gw_assert(slot >= window->slot);
    if (slot - window->slot >= GW_RATE_SLOTS) {
        memset(window->count, 0, sizeof window->count);
        window->slot = slot;
    }
    while (window->slot < slot) {
        window->slot++;
        window->count[window->slot % GW_RATE_SLOTS] = 0;
    }
    window->count[slot % GW_RATE_SLOTS] += count;
}

double
gw_rate_window_rate(const struct gw_rate_window *window, int64_t now_ns)
{
    int64_t first = now_ns / SLOT_NS - (GW_RATE_SLOTS - 1);
    int64_t sum = 0;

    first = first < 0 ? 0 : first;
    for (int64_t slot = first; slot <= window->slot; slot++) {
        sum += window->count[slot % GW_RATE_SLOTS];
    }
    int64_t covered_ns = now_ns - first * SLOT_NS;

    return covered_ns > 0 ? (double)sum * 1e9 / (double)covered_ns : 0;
}
