/* link_share.h - one direction of a wire, shared max-min fairly by the flows that send.
 *
 * A pure transport: no latency, no device. Each flow sends its transfers in order; flows with
 * something to send share the rate equally, but a flow gets no more than its cap, and what a
 * capped flow leaves goes to the others (progressive filling).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_LINK_SHARE_H
#define GW_LINK_SHARE_H

#include "base/error.h"
#include "base/event.h"

enum { GW_LINK_FLOW_MOST = 1 << 20 };

/* Embedded in its owner, kept until `sent`. */
struct gw_transfer {
    void (*sent)(struct gw_transfer *transfer); /* last byte has left; may send again at once */
    struct gw_transfer *next;                   /* the link's */
    int64_t length_bytes;                       /* >= 0 */
    uint32_t flow;                              /* < GW_LINK_FLOW_MOST; small: memory goes by it */
};

struct gw_link;

/* rate in bytes a second, >= 1; flow_cap for every flow until changed, 0 = none.
 * Errors: GW_EINVAL, GW_ENOMEM. */
struct gw_link *gw_link_create(struct gw_agenda *agenda, int64_t rate, int64_t flow_cap,
                               struct gw_error *err);
/* Nothing that is still to be sent is called back. */
void gw_link_destroy(struct gw_link *link);

/* `sent` comes from the agenda's loop, never from inside. */
void gw_link_send(struct gw_link *link, struct gw_transfer *transfer);
/* Cap of one flow, bytes a second, 0 = none; also while it sends. */
void gw_link_set_cap(struct gw_link *link, uint32_t flow, int64_t cap);
/* Rate of the whole, >= 1; also while flows send. */
void gw_link_set_rate(struct gw_link *link, int64_t rate);
/* Present rate of a flow, bytes a second; 0 when it has nothing to send. */
double gw_link_flow_rate(const struct gw_link *link, uint32_t flow);
int64_t gw_link_bytes_sent(const struct gw_link *link);

#endif
