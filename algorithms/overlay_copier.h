/* overlay_copier.h - the data movers of a migration by overlays: one for the base, one for frozen
 * overlays, one for the last.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_OVERLAY_COPIER_H
#define GW_OVERLAY_COPIER_H

#include "algorithms/mover.h"
#include "algorithms/overlay_chain.h"
#include "algorithms/overlay_settings.h"
#include "algorithms/ports_view.h"

enum gw_overlay_mover {
    GW_OVERLAY_BASE,   /* settings: the common ones */
    GW_OVERLAY_FROZEN, /* commit_outstanding, commit_io */
    GW_OVERLAY_LAST,   /* final_outstanding, final_io */
    GW_OVERLAY_MOVER_COUNT
};

struct gw_overlay_copier_owner {
    bool (*refused)(const void *owner); /* nothing further is to be started */
    void (*idle)(void *owner);          /* all was copied, or refused, or failed: see `result` */
};

struct gw_overlay_copier {
    const struct gw_ports *ports;
    struct gw_overlay_chain *chain;
    const struct gw_overlay_copier_owner *calls;
    void *owner;
    struct gw_ports_view view[GW_OVERLAY_MOVER_COUNT];
    struct gw_mover mover[GW_OVERLAY_MOVER_COUNT];
    enum gw_overlay_mover which; /* that works, or did last */
    uint32_t disk;
    uint64_t cursor; /* byte of a disk of the base, or cluster */
    int64_t commit_pause_ns;
    int64_t since_ns;
    int64_t since_bytes;
    enum gw_code result;
};

/* `chain`, `calls` and `owner` are kept until stop. Errors: GW_ENOMEM, GW_EINVAL. */
bool gw_overlay_copier_start(struct gw_overlay_copier *copier, struct gw_overlay_chain *chain,
                             const struct gw_overlay_settings *settings,
                             const struct gw_overlay_copier_owner *calls, void *owner,
                             struct gw_error *err);
void gw_overlay_copier_stop(struct gw_overlay_copier *copier);

/* Copies the source disks to the target. */
void gw_overlay_copier_run_base(struct gw_overlay_copier *copier);
/* Commits the oldest overlay into the chain's base; again from the start when called again. */
void gw_overlay_copier_commit(struct gw_overlay_copier *copier, enum gw_overlay_mover which);
void gw_overlay_copier_on_timer(struct gw_overlay_copier *copier);

/* By all movers since start; of the base alone. */
int64_t gw_overlay_copier_bytes(const struct gw_overlay_copier *copier);
static inline int64_t
gw_overlay_copier_base_bytes(const struct gw_overlay_copier *copier)
{
    return copier->mover[GW_OVERLAY_BASE].copied_bytes;
}

/* Reports what was copied last as pass `number`; one overlay is left in the chain. */
void gw_overlay_copier_report(const struct gw_overlay_copier *copier, int64_t number);

#endif
