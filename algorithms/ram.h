/* ram.h - the migration thread of a memory migration: what its files share; not for others.
 *
 * ram_start.c    begin and end of life
 * ram.c          the loop: decide, iterate, rate window, switch-over
 * ram_page.c     how a dirty page is sent: zero, compressed, delta, raw
 * ram_multifd.c  the same by packets over several channels
 * ram_sync.c     dirty syncs, periods, statistics, throttling
 * ram_postcopy.c the part after a post-copy switch
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RAM_H
#define GW_RAM_H

#include "algorithms/page_cache.h"
#include "algorithms/page_pool.h"
#include "algorithms/throttle.h"

enum {
    GW_RAM_BATCH = 64, /* pages between two looks at the clock, as in QEMU */
    GW_RAM_CHANNEL = 0,
    GW_RAM_HEADER_BYTES = 8,
    GW_RAM_ZERO_BYTES = GW_RAM_HEADER_BYTES + 1,
    GW_RAM_NORMAL_BYTES = GW_RAM_HEADER_BYTES + GW_PAGE_BYTES,
    GW_RAM_DELTA_BYTES = GW_RAM_HEADER_BYTES + 3,
    GW_RAM_PACKED_BYTES = GW_RAM_HEADER_BYTES + 4,
    GW_RAM_SECTION_BYTES = 18 /* header 5, end mark 8, footer 5 */
};

/* Timers of the clock port, and the length of a window. */
enum { GW_RAM_TIMER_WINDOW, GW_RAM_TIMER_SYNC, GW_RAM_TIMER_ADJUST };
enum { GW_RAM_WINDOW_NS = 100000000 };

/* When the guest goes over to the target. */
enum gw_ram_mode { GW_RAM_PRECOPY, GW_RAM_STOP_AND_COPY, GW_RAM_POSTCOPY, GW_RAM_HYBRID };

enum gw_ram_phase {
    GW_RAM_LOOP,     /* deciding and sending, the guest runs (or was stopped for good) */
    GW_RAM_PAUSING,  /* waiting for the vCPUs to stand */
    GW_RAM_FINAL,    /* sending the rest, the guest stands */
    GW_RAM_DRAIN,    /* the target loads what is under way */
    GW_RAM_RESUMING, /* the guest starts on the target */
    GW_RAM_PUSH,     /* post-copy: the guest runs on the target */
    GW_RAM_LEAVING,  /* giving up: the guest starts again on the source */
    GW_RAM_OVER
};

struct gw_ram_window { /* 100 ms: budget and bandwidth estimate */
    int64_t begun_ns;
    int64_t bytes, pages; /* totals when it began */
};

struct gw_ram_period {   /* between two accepted syncs */
    int64_t begun_ns;    /* 0: no sync yet */
    int64_t dirty_pages; /* newly set since */
    int64_t bytes;       /* totals when it began: */
    int64_t pages;
    int64_t cache_miss, xbzrle_pages, xbzrle_bytes, xbzrle_reduced;
    int64_t busy, packed_pages, packed_bytes;
};

struct gw_ram {
    const struct gw_memory_ports *ports;
    const struct gw_memory_settings *settings;
    enum gw_ram_mode mode;
    enum gw_ram_phase phase;
    struct gw_work work; /* of the present step */
    bool in_flight;      /* a flush of the main channel has not come back */
    bool idle;           /* sleeping until the window ends */
    bool cancelled;
    bool completing;    /* the pause is for the switch-over */
    bool to_postcopy;   /* and leaves the rest for post-copy */
    bool guest_stopped; /* for good */
    bool last_stage;
    bool log_running;
    /* dirty pages */
    struct gw_bitmap dirty;
    struct gw_bitmap unprotected;          /* chunks not yet protected since the last sync */
    uint64_t position;                     /* search goes on here */
    uint64_t round;                        /* times that the search wrapped */
    const struct gw_ram_block *last_block; /* block of the last page sent */
    /* an iterate call */
    bool iterating;
    bool searching; /* in a run of equal pages: neither budget nor clock are looked at */
    int64_t iterate_begun_ns;
    uint32_t iterate_pages; /* modulo GW_RAM_BATCH */
    /* helpers */
    struct gw_page_cache cache; /* slots NULL: no XBZRLE */
    struct gw_page_pool *pool;  /* NULL: no workers */
    struct gw_throttle throttle;
    int64_t throttle_sync_count; /* sync count at the last tick of the periodic sync */
    /* time and totals */
    int64_t begun_ns, setup_ns, stopped_ns, ended_ns;
    int64_t bytes_total;
    int64_t pages_total; /* for pages-per-second: equal pages too */
    struct gw_ram_window window;
    struct gw_ram_period period;
    int64_t dirty_bytes_at_sync;
    struct gw_memory_stats stats;
    /* post-copy */
    struct gw_bitmap requested; /* pages that a vCPU waits for */
    bool urgent_in_flight;
    bool push_ended;
    /* multifd */
    struct gw_task *packet; /* being filled, or NULL */
    enum gw_outcome outcome;
    const char *reason;
};

/* ---- ram_start.c ------------------------------------------------------------------------------------- */

bool gw_ram_start(struct gw_ram *ram, enum gw_ram_mode mode, const struct gw_memory_ports *ports,
                  const struct gw_memory_settings *settings, struct gw_error *err);
void gw_ram_stop(struct gw_ram *ram);

/* ---- ram.c ---------------------------------------------------------------------------------------- */

/* What the driver calls; see struct gw_memory_architecture. */
void gw_ram_timer(struct gw_ram *ram, uint32_t timer);
void gw_ram_paused(struct gw_ram *ram);
void gw_ram_resumed(struct gw_ram *ram);
void gw_ram_cancel(struct gw_ram *ram, enum gw_outcome outcome, const char *reason);
/* The thread's own clock inside a step. */
int64_t gw_ram_now_ns(const struct gw_ram *ram);
/* The time between two moments on a clock that shows whole ticks. */
int64_t gw_ram_elapsed_ns(const struct gw_ram *ram, int64_t begun_ns, int64_t now_ns);
/* A new window begins now. */
void gw_ram_begin_window(struct gw_ram *ram, int64_t now_ns);
/* Closes the window when it is over. True: the budget is used up and the thread sleeps. */
bool gw_ram_keep_the_rate(struct gw_ram *ram);
/* All is flushed: `drained` ends the migration when the target has loaded it. */
void gw_ram_drain(struct gw_ram *ram);
/* Ends the sleep of keep_the_rate. */
void gw_ram_wake(struct gw_ram *ram);
/* Ends the step: sends what was put; the next step comes when the thread is free again. */
void gw_ram_flush(struct gw_ram *ram);
/* Books bytes of the stream, by the state that the guest is in. */
void gw_ram_account(struct gw_ram *ram, int64_t bytes);
/* Adds bytes without pages to the main channel. */
void gw_ram_put_bytes(struct gw_ram *ram, int64_t bytes);
/* The connection is lost, or a limit is reached: gives up. */
void gw_ram_give_up(struct gw_ram *ram, enum gw_outcome outcome, const char *reason);
/* The guest runs on the target and nothing is left to send. */
void gw_ram_complete(struct gw_ram *ram);

/* ---- ram_page.c ------------------------------------------------------------------------------------- */

/* Sends at most `most` (1 .. GW_RAM_BATCH) dirty pages from the position on, round robin.
 * Returns how many; 0: none is left, or `searching`. */
uint32_t gw_ram_send_pages(struct gw_ram *ram, uint32_t most);
/* Waits for the workers and puts what they have. */
void gw_ram_collect(struct gw_ram *ram);
/* Makes pool and cache as the settings ask. Errors: GW_EINVAL, GW_ENOMEM. */
bool gw_ram_prepare_pages(struct gw_ram *ram, struct gw_error *err);
/* Takes a dirty page for sending: clears its bit, protects its chunk. */
void gw_ram_claim(struct gw_ram *ram, uint64_t page);
/* Up to `most` dirty pages from the position on, claimed; does not go on beyond a wrap. */
uint32_t gw_ram_next_pages(struct gw_ram *ram, uint32_t most, uint64_t *pages);
/* Puts records on a channel; their bytes grow by the block's name where the block changes. */
void gw_ram_put(struct gw_ram *ram, uint32_t channel, struct gw_page_record *records,
                uint32_t count);
void gw_ram_count_handled(struct gw_ram *ram, uint32_t pages);
/* Zero test in this thread, else raw. */
void gw_ram_send_plain(struct gw_ram *ram, uint32_t channel, const uint64_t *pages, uint32_t count);

/* ---- ram_multifd.c ---------------------------------------------------------------------------------- */

uint32_t gw_ram_send_packets(struct gw_ram *ram, uint32_t most);
/* Hands over the packet that is being filled. */
void gw_ram_close_packet(struct gw_ram *ram);
void gw_ram_collect_packet(struct gw_ram *ram, const struct gw_task *task);

/* ---- ram_sync.c ------------------------------------------------------------------------------------- */

void gw_ram_sync(struct gw_ram *ram);
void gw_ram_fill_stats(const struct gw_ram *ram, struct gw_memory_stats *out);

/* ---- ram_postcopy.c --------------------------------------------------------------------------------- */

/* The target's guest has just been resumed with pages missing. */
void gw_ram_push_begin(struct gw_ram *ram);
void gw_ram_push_step(struct gw_ram *ram);
/* The connection is lost while the target's guest still lacks pages. */
void gw_ram_lose_guest(struct gw_ram *ram);
void gw_ram_push_request(struct gw_ram *ram, uint64_t page);

#endif
