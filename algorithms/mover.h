/* mover.h - the data mover: copies pieces from source to target, so many at a time.
 *
 * It asks its owner for the next piece whenever a slot is free, reads it, writes it, and tells
 * the owner. Pieces that were never stored on either side are skipped when the scenario says so;
 * a hole that the target may hold data under is written as zeroes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MOVER_H
#define GW_MOVER_H

#include "algorithms/blockmap.h"

enum { GW_TIMER_MOVER = 0 }; /* the mover's timer; its owner passes on_timer(0) to it */

struct gw_mover_slot {
    struct gw_io io;
    struct gw_payload *payload;
    struct gw_mover *mover;
    struct gw_mover_slot *next_free;
    struct gw_piece piece;
};

struct gw_mover_owner {
    /* The next piece to copy, at most mover_io bytes; false = none for now. */
    bool (*next)(void *owner, struct gw_piece *out);
    /* A piece arrived on the target, or failed; it may start what waited for it. */
    void (*copied)(void *owner, struct gw_piece piece, enum gw_code result);
    /* Nothing is in flight and `next` had nothing; called once for each gw_mover_run. */
    void (*idle)(void *owner);
};

struct gw_mover {
    const struct gw_ports *ports;
    const struct gw_mover_owner *calls;
    void *owner;
    struct gw_disk **from; /* disk_count each */
    struct gw_disk **to;
    struct gw_mover_slot *slots;
    struct gw_mover_slot *free;
    int64_t in_flight;
    int64_t copied_bytes; /* since start */
    int64_t next_read_ns; /* earliest next read under the rate cap */
    int64_t held_ns;      /* earliest next read that the owner wants */
    int64_t rate;         /* bytes/s; 0 = no cap; owner may change it between calls */
    bool running;
};

/* Takes the buffers. Errors: GW_ENOMEM. `from`, `to` and `calls` are kept until stop. */
bool gw_mover_start(struct gw_mover *mover, const struct gw_ports *ports,
                    const struct gw_mover_owner *calls, void *owner, struct gw_error *err);
void gw_mover_stop(struct gw_mover *mover);

/* Copies until `next` has nothing more; then calls `idle`, from a later event or at once when
 * nothing was there to do. Also to be called when `next` has something again. */
void gw_mover_run(struct gw_mover *mover);
/* No read starts within the next so many ns. */
void gw_mover_delay(struct gw_mover *mover, int64_t delay_ns);
/* The timer GW_TIMER_MOVER fired. To end early, let `next` refuse: `idle` still comes. */
void gw_mover_on_timer(struct gw_mover *mover);

#endif
