/* throttle.c - when to slow the guest down, and auto-converge: by how much.
 *
 * Idea      A period is bad when the guest dirtied more than the trigger's share of what was
 *           sent. Each second bad period is a step. A good period between two bad ones changes
 *           nothing: QEMU does not forget, and neither do we.
 * Source    QEMU migration/ram.c (migration_trigger_throttle, mig_throttle_guest_down), by its
 *           behaviour.
 * Departs   the initial percentage too is cut at the most that is allowed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/throttle.h"

#include "algorithms/throttle_kinds.h"
#include "base/wide.h"

enum { BAD_PERIODS_A_STEP = 2, PERCENT_MOST = 99 };

static void
apply_to_all(struct gw_throttle *throttle)
{
    for (uint32_t i = 0; i < throttle->vcpus->count; i++) {
        throttle->vcpus->ops->throttle(throttle->vcpus, i, throttle->percent);
    }
}

/* The increment; in the tail less, if less brings the dirty rate down to the limit. */
static int64_t
increment(const struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes)
{
    int64_t full = throttle->settings->throttle_increment;
    int64_t share_now = 100 - (int64_t)throttle->percent;
    int64_t share_ideal, less;

    if (!throttle->settings->throttle_tailslow) {
        return full;
    }
    share_ideal = (int64_t)((gw_i128)share_now * limit_bytes / dirtied_bytes);
    less = share_now - share_ideal;
    return less < full ? less : full;
}

static void
raise_percent(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes)
{
    int64_t most = throttle->settings->throttle_most;
    int64_t percent = throttle->settings->throttle_initial;

    if (throttle->percent > 0) {
        percent = throttle->percent + increment(throttle, dirtied_bytes, limit_bytes);
    }
    percent = percent < most ? percent : most;
    percent = percent < PERCENT_MOST ? percent : PERCENT_MOST;
    throttle->percent = (uint32_t)(percent > 1 ? percent : 1);
    if (throttle->percent > throttle->percent_most) {
        throttle->percent_most = throttle->percent;
    }
}

static void
step_all(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes)
{
    raise_percent(throttle, dirtied_bytes, limit_bytes);
    apply_to_all(throttle);
}

static void
step_io(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes)
{
    raise_percent(throttle, dirtied_bytes, limit_bytes);
    gw_throttle_io_apply(throttle);
}

static void
step_limit(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes)
{
    (void)dirtied_bytes;
    (void)limit_bytes;
    gw_throttle_limit_start(throttle);
}

struct kind {
    void (*step)(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t limit_bytes);
    void (*adjust)(struct gw_throttle *throttle); /* NULL: never due */
    int64_t (*interval_ns)(const struct gw_throttle *throttle);
};

static const struct kind kinds[] = {
    [GW_THROTTLE_NONE] = {0},
    [GW_THROTTLE_AUTO_CONVERGE] = {.step = step_all},
    [GW_THROTTLE_IO_AWARE] = {step_io, gw_throttle_io_apply, gw_throttle_io_interval_ns},
    [GW_THROTTLE_DIRTY_LIMIT] = {step_limit, gw_throttle_limit_adjust,
                                 gw_throttle_limit_interval_ns},
};

static const struct kind *
kind_of(const struct gw_throttle *throttle)
{
    return &kinds[throttle->settings->throttle];
}

void
gw_throttle_start(struct gw_throttle *throttle, const struct gw_memory_settings *settings,
                  struct gw_vcpus *vcpus)
{
    gw_assert(vcpus->count <= GW_THROTTLE_VCPUS_MAX);
    *throttle = (struct gw_throttle){.settings = settings, .vcpus = vcpus};
}

void
gw_throttle_period(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t sent_bytes)
{
    int64_t limit_bytes =
        (int64_t)((gw_i128)sent_bytes * throttle->settings->throttle_trigger / 100);

    if (kind_of(throttle)->step == NULL || dirtied_bytes <= limit_bytes) {
        return;
    }
    if (++throttle->bad_periods >= BAD_PERIODS_A_STEP) {
        throttle->bad_periods = 0;
        kind_of(throttle)->step(throttle, dirtied_bytes, limit_bytes);
    }
}

void
gw_throttle_adjust(struct gw_throttle *throttle)
{
    if (gw_throttle_adjust_interval_ns(throttle) > 0) {
        kind_of(throttle)->adjust(throttle);
    }
}

int64_t
gw_throttle_adjust_interval_ns(const struct gw_throttle *throttle)
{
    return kind_of(throttle)->adjust == NULL ? 0 : kind_of(throttle)->interval_ns(throttle);
}

void
gw_throttle_stop(struct gw_throttle *throttle)
{
    struct gw_vcpus *vcpus = throttle->vcpus;

    for (uint32_t i = 0; i < vcpus->count; i++) {
        if (throttle->percent > 0) {
            vcpus->ops->throttle(vcpus, i, 0);
        }
        if (throttle->limiting) {
            vcpus->ops->ring_sleep(vcpus, i, 0);
        }
        throttle->sleep_ns[i] = 0;
        throttle->share[i] = 0;
        throttle->spared[i] = false;
    }
    throttle->percent = 0;
    throttle->limiting = false;
    throttle->bad_periods = 0;
}

int64_t
gw_throttle_ring_sleep_ns(const struct gw_throttle *throttle)
{
    int64_t most_ns = 0;

    for (uint32_t i = 0; i < throttle->vcpus->count; i++) {
        most_ns = throttle->sleep_ns[i] > most_ns ? throttle->sleep_ns[i] : most_ns;
    }
    return most_ns;
}
