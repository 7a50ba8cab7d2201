/* throttle.h - slows down a guest that dirties faster than the migration sends.
 *
 * Three controllers behind one call, made at each accepted sync (more than 1 s after the last):
 * auto-converge (all vCPUs alike), IO-aware (vCPUs that serve IO are spared, the others pay), and
 * dirty-limit (a quota a vCPU, through sleeps at full dirty rings).
 *
 * Source: QEMU migration/ram.c and softmmu/dirtylimit.c as described in
 * docs/model-memory-migration.md; IO-aware is our design after the talk (KVM Forum 2018, p. 15).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_THROTTLE_H
#define GW_THROTTLE_H

#include "base/memory.h"

enum { GW_THROTTLE_VCPUS_MAX = 1024 };

struct gw_throttle {
    const struct gw_memory_settings *settings;
    struct gw_vcpus *vcpus;
    uint32_t percent;                        /* asked for, 0 = not throttling */
    uint32_t percent_most;                   /* highest so far */
    uint32_t bad_periods;                    /* since the last step: not reset by a good one */
    bool limiting;                           /* dirty-limit is on */
    int64_t sleep_ns[GW_THROTTLE_VCPUS_MAX]; /* dirty-limit: at a full ring */
    uint8_t share[GW_THROTTLE_VCPUS_MAX];    /* IO-aware: per cent that the vCPU sleeps now */
    bool spared[GW_THROTTLE_VCPUS_MAX];      /* IO-aware: it serves IO */
    double rate_most;                        /* dirty-limit: largest rate seen, MB/s */
};

void gw_throttle_start(struct gw_throttle *throttle, const struct gw_memory_settings *settings,
                       struct gw_vcpus *vcpus);
/* At an accepted sync: bytes dirtied and sent in the period. */
void gw_throttle_period(struct gw_throttle *throttle, int64_t dirtied_bytes, int64_t sent_bytes);
/* Every vcpu_dirty_period while `limiting` (dirty-limit), and every 500 ms while throttling
 * IO-aware, so that vCPUs that begin or cease to serve IO are treated as what they are. */
void gw_throttle_adjust(struct gw_throttle *throttle);
/* How long until adjust is due again; 0 = never. */
int64_t gw_throttle_adjust_interval_ns(const struct gw_throttle *throttle);
/* Lifts everything. */
void gw_throttle_stop(struct gw_throttle *throttle);
/* Largest sleep at a full ring over all vCPUs. */
int64_t gw_throttle_ring_sleep_ns(const struct gw_throttle *throttle);

#endif
