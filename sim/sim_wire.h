/* sim_wire.h - the modelled stream of a memory migration, up to the pages that the target holds.
 *
 * Idea      A burst is one arithmetic step through socket, link and target; only the moment when
 *           the sending thread may go on is an event. The socket takes `socket_bytes` that the
 *           target has not yet read, so a slow target holds up the source.
 * Proof     the target keeps the version of each page that it loaded; a delta that meets another
 *           base than it was made against counts as corrupt.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_WIRE_H
#define GW_SIM_WIRE_H

#include "base/event.h"
#include "base/memory.h"
#include "models/memory_host.h"

enum { GW_WIRE_CHANNELS_MAX = 258 };

/* A page on its way: what the target will hold when it has loaded it. */
struct gw_wire_page {
    uint32_t page;
    uint32_t version;
    uint32_t base; /* delta and equal: version that the target must hold */
    uint8_t kind;  /* enum gw_page_kind, or GW_WIRE_EQUAL */
    uint8_t base_is_zero;
};

enum { GW_WIRE_EQUAL = GW_PAGE_KINDS }; /* nothing is sent: found equal to what the target has */

struct gw_wire_burst {
    int64_t begun_ns; /* its loading */
    int64_t loaded_ns;
    int64_t bytes;
    uint64_t pages_end; /* number of pages put before its end */
};

/* Bursts on their way, and the pages in them: rings that grow. */
struct gw_wire_queue {
    struct gw_wire_burst *bursts;             /* owned, a power of two */
    uint64_t bursts_size, first, window, end; /* numbers: applied, out of the socket, next */
    struct gw_wire_page *pages;               /* owned, a power of two */
    uint64_t pages_size, pages_first, pages_end;
    int64_t in_socket_bytes;
    int64_t loader_free_ns; /* the target's main thread, or the one of urgent pages */
};

struct gw_wire_channel {
    struct gw_event event; /* the flush is taken */
    struct gw_sim_wire *wire;
    struct gw_wire_queue *queue;
    int64_t put_bytes;
    double load_ns, decode_ns; /* target's time for what was put */
    bool flushing;
    bool own_loader; /* multifd: a thread of the target for itself */
    int64_t loader_free_ns;
    void (*sent)(void *owner, enum gw_code result);
    void *owner;
};

/* Main thread's time at the target for one page: a part for the page and one for each byte. */
struct gw_wire_load_cost {
    double page_ns, byte_ns;
};

struct gw_sim_wire_plan {
    struct gw_agenda *agenda;
    const struct gw_memory_host *host;
    int64_t rate, latency_ns, socket_bytes;
    double overhead; /* share of bytes that lower layers add */
    uint32_t channels;
    bool urgent; /* the last channel overtakes the others */
    uint64_t page_count;
    int64_t write_bytes; /* handed to the socket at a time; 0: all of a burst */
    double load_give_ns; /* the target's main thread hands a page to a decompressor */
};

struct gw_sim_wire {
    struct gw_wire wire;
    struct gw_sim_wire_plan plan;
    struct gw_wire_channel *channels; /* owned */
    struct gw_wire_queue queues[2];   /* bulk, urgent */
    struct gw_wire_load_cost load_cost[GW_PAGE_KINDS + 1];
    struct gw_wire_page lost; /* takes the place of a page that there was no memory for */
    int64_t link_free_ns, urgent_free_ns, workers_free_ns, last_loaded_ns;
    /* version + 1 of each page at the target, 0 = never loaded; owned */
    uint32_t *loaded;
    struct gw_bitmap backed; /* pages that have memory there; empty if that costs nothing */
    uint64_t corrupt;        /* deltas on a wrong base */
    /* how many times as long as by themselves the target's threads take */
    double load_stretch, decode_stretch;
    struct gw_event drain_event;
    void (*drained)(void *owner, enum gw_code result);
    void *drain_owner;
    bool failed; /* memory was out */
    /* what the world adds: */
    uint32_t (*version)(void *owner, uint64_t page); /* now */
    bool (*is_zero)(void *owner, uint64_t page, uint32_t version);
    void *owner;
    /* set while the guest waits for pages: called as each page is loaded */
    void (*on_loaded)(void *owner, uint64_t page);
    struct gw_event load_event;
    /* counted */
    int64_t bytes_sent; /* overhead excluded */
    int64_t thread_ns;  /* work of the main channel's thread, its waiting for workers too */
    double link_busy_ns, loader_busy_ns, decoder_busy_ns;
};

/* The operations of the port that need no knowledge of pages; `put` is the world's. */
extern const struct gw_wire_ops gw_sim_wire_base_ops;

/* `wire` is zeroed; its port's ops are the world's. Errors: GW_ENOMEM. */
bool gw_sim_wire_open(struct gw_sim_wire *wire, const struct gw_sim_wire_plan *plan,
                      struct gw_error *err);
void gw_sim_wire_close(struct gw_sim_wire *wire);

/* Makes more room for pages; false, and the wire has failed: there is no memory. */
bool gw_sim_wire_grow(struct gw_sim_wire *wire, struct gw_wire_queue *queue);

/* Adds a page of this kind, bytes on the wire and decoding time. What is returned is to be filled
 * in at once with all that the simulation knows of the page; its kind is there. */
static inline struct gw_wire_page *
gw_sim_wire_add(struct gw_sim_wire *wire, uint32_t channel, uint8_t kind, uint32_t bytes,
                double decode_ns)
{
    struct gw_wire_channel *at = &wire->channels[channel];
    struct gw_wire_queue *queue = at->queue;
    struct gw_wire_page *page = &wire->lost;

    at->put_bytes += bytes;
    at->load_ns += wire->load_cost[kind].page_ns + (double)bytes * wire->load_cost[kind].byte_ns;
    if (kind == GW_PAGE_COMPRESSED) {
        at->decode_ns += decode_ns;
    } else {
        at->load_ns += decode_ns;
    }
    if (queue->pages_end - queue->pages_first < queue->pages_size ||
        gw_sim_wire_grow(wire, queue)) {
        page = &queue->pages[queue->pages_end++ & (queue->pages_size - 1)];
    }
    page->kind = kind;
    return page;
}

/* Whether a page goes as it is in memory: raw or zero. */
static inline bool
gw_wire_page_is_plain(const struct gw_page_record *record)
{
    return record->task == NULL && record->kind <= GW_PAGE_ZERO;
}

/* What finding memory for a page costs the target, if this is its first content. */
double gw_sim_wire_fresh_ns(struct gw_sim_wire *wire, uint64_t page, enum gw_page_kind kind);
/* Puts the first of these pages, those that are plain; returns how many. */
uint32_t gw_sim_wire_put_plain(struct gw_sim_wire *wire, uint32_t channel,
                               const struct gw_page_record *records, uint32_t count,
                               const uint32_t *versions);
/* Puts a page that is described already. */
void gw_sim_wire_put(struct gw_sim_wire *wire, uint32_t channel, const struct gw_wire_page *page,
                     uint32_t bytes, double decode_ns);
/* The same without a thread that waits: starts at at_ns, returns when the socket has taken it. */
int64_t gw_sim_wire_send(struct gw_sim_wire *wire, uint32_t channel, int64_t at_ns);
/* Loads what is due now. */
void gw_sim_wire_settle(struct gw_sim_wire *wire);
/* From now on on_loaded is called as pages are loaded; NULL ends it. */
void gw_sim_wire_watch(struct gw_sim_wire *wire, void (*on_loaded)(void *owner, uint64_t page));

#endif
