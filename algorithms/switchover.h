/* switchover.h - the last act of every architecture: one atomic point, one way back.
 *
 * Stun and drain, final copy (the owner's), flush of every target, "prepared" record, commit
 * record, resume. Until the commit record is on the target home the source is the authority
 * and any error or the time limit leads back to it; from then on the target is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SWITCHOVER_H
#define GW_SWITCHOVER_H

#include "base/port.h"

enum { GW_TIMER_SWITCHOVER = 1, GW_TIMER_RECORD = 2 }; /* timers of the switch-over */

enum gw_switchover_step {
    GW_SWITCHOVER_OFF,
    GW_SWITCHOVER_DRAIN,
    GW_SWITCHOVER_COPY,
    GW_SWITCHOVER_FLUSH,
    GW_SWITCHOVER_PREPARE,
    GW_SWITCHOVER_COMMIT,
    GW_SWITCHOVER_CHECK,  /* the commit came back with an error: what does the record say? */
    GW_SWITCHOVER_RESUME, /* to the target */
    GW_SWITCHOVER_BACK,   /* to the source */
    GW_SWITCHOVER_DONE
};

struct gw_switchover_owner {
    /* The guest is stopped and drained: copy the rest, then call gw_switchover_copied. */
    void (*final_copy)(void *owner);
    /* The guest runs on the target, or again on the source; `code` says why not the target. */
    void (*over)(void *owner, enum gw_side side, enum gw_code code, const char *reason);
};

struct gw_switchover {
    const struct gw_ports *ports;
    const struct gw_switchover_owner *calls;
    void *owner;
    struct gw_io io; /* flush, then records */
    uint32_t disk;   /* being flushed */
    enum gw_switchover_step step;
    enum gw_code code;
    const char *reason;
    int64_t stunned_ns;
    bool io_pending;
    bool back_wanted; /* give up as soon as the IO in flight returns */
};

void gw_switchover_init(struct gw_switchover *over, const struct gw_ports *ports,
                        const struct gw_switchover_owner *calls, void *owner);

/* Stops the guest and goes. */
void gw_switchover_begin(struct gw_switchover *over);
/* As begin, for an owner whose guest is stopped and drained already. */
void gw_switchover_begin_stunned(struct gw_switchover *over);
/* The final copy is on the target, or failed. */
void gw_switchover_copied(struct gw_switchover *over, enum gw_code result);
/* Gives up if the commit record is not on its way yet; false when it is too late for that. */
bool gw_switchover_abort(struct gw_switchover *over, enum gw_code code, const char *reason);
/* True while the owner's final copy must not start anything further. */
bool gw_switchover_aborted(const struct gw_switchover *over);

/* Events that the owner hands on; each returns whether it was for the switch-over. */
bool gw_switchover_on_paused(struct gw_switchover *over);
bool gw_switchover_on_resumed(struct gw_switchover *over);
bool gw_switchover_on_timer(struct gw_switchover *over, uint32_t timer);

#endif
