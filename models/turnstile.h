/* turnstile.h - a queue of requests, round robin over flows and in order inside each.
 *
 * A zeroed struct is an empty turnstile. With all requests in one flow it is a plain FIFO. Flow
 * numbers are small: memory goes with the largest one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TURNSTILE_H
#define GW_TURNSTILE_H

#include "models/admission.h"

enum { GW_FLOW_MOST = 1 << 20 };

struct gw_turnstile {
    struct gw_turnstile_line *lines; /* one a flow, owned */
    uint32_t line_count;
    uint32_t first, last; /* lines with something waiting, valid while busy */
    bool busy;
};

/* Memory out is a bug, as is a flow of GW_FLOW_MOST or more. */
void gw_turnstile_push(struct gw_turnstile *turnstile, struct gw_request *request, uint32_t flow);
/* Whose turn it is; NULL when empty. */
struct gw_request *gw_turnstile_head(const struct gw_turnstile *turnstile);
/* Takes the head out and moves the turn on. */
void gw_turnstile_pop(struct gw_turnstile *turnstile);
void gw_turnstile_stop(struct gw_turnstile *turnstile);

#endif
