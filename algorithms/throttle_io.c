/* throttle_io.c - IO-aware throttling: vCPUs that serve IO are spared, the others pay.
 *
 * Idea      Auto-converge puts all vCPUs to sleep at once; while the one that serves IO sleeps,
 *           every client waits. We ask auto-converge's controller how much the guest must be
 *           slowed, and take it from the vCPUs that only compute, so that the mean over the
 *           vCPUs is what was asked for.
 *           Serving is judged by IOs a second of the time in which the vCPU was let run: else a
 *           vCPU that begins to serve while it sleeps 90 % would look ten times less busy than
 *           it is. A spared vCPU stays spared until its rate falls below half of the limit, so
 *           that it does not change sides at each look.
 * Source    our own design, after the aim named in KVM Forum 2018, page 15.
 * Invariant a spared vCPU sleeps at most min(percent, io_vcpu_most); no vCPU sleeps more than
 *           throttle_most. Where the others cannot pay for all, the mean stays below `percent`
 *           and the controller may step on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/throttle_kinds.h"

enum { INTERVAL_NS = 500000000 };

static bool
serves_io(const struct gw_throttle *throttle, uint32_t vcpu)
{
    double limit = throttle->settings->io_vcpu_rate;
    double rate = throttle->vcpus->ops->io_rate(throttle->vcpus, vcpu);
    double running_rate = rate * 100 / (100 - throttle->share[vcpu]);

    return throttle->spared[vcpu] ? running_rate >= limit / 2 : running_rate > limit;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void
gw_throttle_io_apply(struct gw_throttle *throttle)
{
    struct gw_vcpus *vcpus = throttle->vcpus;
    int64_t most = throttle->settings->throttle_most;
    int64_t spared_percent =
        least(least(throttle->percent, throttle->settings->io_vcpu_most), most);
    int64_t to_share = (int64_t)throttle->percent * vcpus->count;
    int64_t payers = 0;

    for (uint32_t i = 0; i < vcpus->count; i++) {
        throttle->spared[i] = serves_io(throttle, i);
        to_share -= throttle->spared[i] ? spared_percent : 0;
        payers += !throttle->spared[i];
    }
    for (uint32_t i = 0; i < vcpus->count; i++) {
        int64_t percent = spared_percent;

        if (!throttle->spared[i] && payers > 0) {
            /* What is left over an even share goes to the first ones: one per cent each. */
            percent = least((to_share + payers - 1) / payers, most);
            to_share -= (to_share + payers - 1) / payers;
            payers--;
        }
        throttle->share[i] = (uint8_t)percent;
        vcpus->ops->throttle(vcpus, i, (uint32_t)percent);
    }
}

int64_t
gw_throttle_io_interval_ns(const struct gw_throttle *throttle)
{
    return throttle->percent > 0 ? INTERVAL_NS : 0;
}
