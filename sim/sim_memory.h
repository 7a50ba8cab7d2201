/* sim_memory.h - a modelled guest behind the ports memory, vcpus, wire and crew.
 *
 * Knows what each page holds (region and version) and what each slot of the delta cache and each
 * task copied, so that every page on the wire carries the version that it really has.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_SIM_MEMORY_H
#define GW_SIM_MEMORY_H

#include "models/cores.h"
#include "sim/guest_memory.h"
#include "sim/page_codec.h"
#include "sim/scenario.h"
#include "sim/sim_crew.h"
#include "sim/sim_wire.h"

/* What a slot of the delta cache holds. */
struct gw_slot_copy {
    uint32_t version;
    bool is_zero; /* 4096 zero bytes, whatever the version */
};

/* A vCPU that waits for a page; page GW_BITMAP_NONE: it does not. */
struct gw_page_wait {
    uint64_t page;
    int64_t since_ns;
};

/* Time of threads since the start, as counted where they are modelled. */
struct gw_sim_ran {
    int64_t thread_ns, vcpu_ns;
    double worker_ns, loader_ns, decoder_ns;
};

struct gw_sim_memory {
    const struct gw_memory_plan *plan;
    struct gw_agenda *agenda;
    struct gw_guest_memory *guest;
    const struct gw_region_settings **regions; /* owned array of borrowed */
    struct gw_page_content **contents;         /* owned, one a region */
    struct gw_page_codec *codec;
    struct gw_slot_copy *slots; /* owned */
    uint64_t slot_count;
    uint32_t last_base; /* of the last delta: what the target must hold */
    bool last_base_is_zero;
    double last_decode_ns;
    struct gw_stream chance; /* spread of workers' times */
    double debt_ns;          /* fraction of a ns not yet booked */
    struct gw_cores cores;
    double worker_wall_ns;     /* workers' time on codecs, stretched */
    struct gw_sim_ran counted; /* what the threads had done when the cores were last shared */
    struct gw_ram_block block;
    const uint32_t *versions; /* of each page; the guest's */
    size_t region;            /* of the page last looked at, its range, and what it may hold */
    uint64_t region_begin, region_end;
    bool region_never_zero;
    /* ports */
    struct gw_memory memory;
    struct gw_vcpus vcpus;
    struct gw_sim_wire wire;
    struct gw_wire_ops wire_ops;
    struct gw_sim_crew *crew; /* NULL: no workers */
    /* the guest's side */
    struct gw_event vcpu_event; /* pause or resume takes its time */
    bool pausing;
    enum gw_side side;
    struct gw_bitmap missing;   /* post-copy: not yet loaded */
    uint64_t wrong;             /* pages that came late and were not what the guest had left */
    struct gw_page_wait *waits; /* owned, one a vCPU */
    struct gw_histogram page_wait;
    bool judged, right;   /* the two memories were compared when the guest went over */
    char note[200];       /* what was found */
    struct gw_event poll; /* post-copy: who waits? */
    void (*on_paused)(void *owner);
    void (*on_resumed)(void *owner);
    void (*on_request)(void *owner, uint64_t page);
    void *owner;
};

/* memory is zeroed; object numbers the guest. Errors: of what it is made of. */
bool gw_sim_memory_open(struct gw_sim_memory *memory, const struct gw_scenario *scenario,
                        int64_t replication, struct gw_agenda *agenda, struct gw_error *err);
void gw_sim_memory_close(struct gw_sim_memory *memory);

/* Plays the guest up to now. */
void gw_sim_memory_look(struct gw_sim_memory *memory);
/* Whether every page that the guest found on the target was as it had left it on the source. */
bool gw_sim_memory_is_right(const struct gw_sim_memory *memory);

#endif
