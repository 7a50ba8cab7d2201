/* throttle_dirty_limit.c - a quota of dirtied memory for each vCPU, kept by sleeps at full rings.
 *
 * Idea      A vCPU fills its ring the faster the more it writes; it sleeps each time that the
 *           ring is full. Far from the quota the sleep moves by what the ratio of the rates asks
 *           for, near to it by a tenth of the time to fill a ring, within the tolerance not at
 *           all. Only vCPUs that write pay.
 * Source    QEMU softmmu/dirtylimit.c, by its behaviour; MB are MiB, and per cents are cut to
 *           integers, as there.
 * Invariant 0 <= sleep <= 99 times the shortest time seen to fill a ring.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/throttle_kinds.h"

enum { TOLERANCE_MIB = 25, FAR_PERCENT = 50, NEAR_DIVISOR = 10, RINGS_MOST = 99 };

static const double mib = 1048576;

void
gw_throttle_limit_start(struct gw_throttle *throttle)
{
    throttle->limiting = true;
}

/* How much the sleep changes when the rate is off by `difference` of `larger`. */
static double
change_ns(double full_ns, double difference, double larger)
{
    int64_t percent = (int64_t)(difference * 100 / larger);

    if (percent > FAR_PERCENT) {
        return full_ns * (double)percent / (double)(100 - percent);
    }
    return full_ns / NEAR_DIVISOR;
}

static int64_t
next_sleep_ns(const struct gw_throttle *throttle, int64_t sleep_ns, double rate)
{
    double quota = (double)throttle->settings->vcpu_dirty_limit / mib;
    double difference = quota < rate ? rate - quota : quota - rate;
    double full_ns, change, next;

    if (difference <= TOLERANCE_MIB) {
        return sleep_ns;
    }
    if (rate <= 0) {
        return 0;
    }
    full_ns = (double)throttle->vcpus->ring_bytes / mib * 1e9 / throttle->rate_most;
    change = change_ns(full_ns, difference, quota < rate ? rate : quota);
    next = (double)sleep_ns + (quota < rate ? change : -change);
    next = next < full_ns * RINGS_MOST ? next : full_ns * RINGS_MOST;
    return next > 0 ? (int64_t)next : 0;
}

void
gw_throttle_limit_adjust(struct gw_throttle *throttle)
{
    struct gw_vcpus *vcpus = throttle->vcpus;

    for (uint32_t i = 0; i < vcpus->count; i++) {
        double rate = vcpus->ops->dirty_rate(vcpus, i) / mib;

        throttle->rate_most = rate > throttle->rate_most ? rate : throttle->rate_most;
        throttle->sleep_ns[i] = next_sleep_ns(throttle, throttle->sleep_ns[i], rate);
        vcpus->ops->ring_sleep(vcpus, i, throttle->sleep_ns[i]);
    }
}

int64_t
gw_throttle_limit_interval_ns(const struct gw_throttle *throttle)
{
    return throttle->limiting ? throttle->settings->vcpu_dirty_period_ns : 0;
}
