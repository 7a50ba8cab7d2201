/* memory_region.h - a range of guest memory: what it holds and how it is written, as settings.
 *
 * Regions lie one after the other from page 0. What a region holds at first and what its writes
 * change is for page_content.h; which pages are written when is for page_writer.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_REGION_H
#define GW_MEMORY_REGION_H

#include <stdbool.h>

#include "base/setting.h"

enum gw_content_kind {
    GW_CONTENT_ZERO,
    GW_CONTENT_TEXT,     /* 16 words, spaces: zlib level 1 about 1059 B a page */
    GW_CONTENT_RANDOM,   /* does not compress */
    GW_CONTENT_PROSE,    /* 33 words and numbers in short lines: about 1216 B */
    GW_CONTENT_POINTERS, /* like a heap: about 1980 B */
    GW_CONTENT_WORD,     /* one 8-byte word repeated: about 60 B */
    GW_CONTENT_BYTE,     /* zero but for one byte: about 48 B */
    GW_CONTENT_HALF,     /* half random, half zero: about 2430 B */
    GW_CONTENT_FILE,     /* pages of `file`, in turn */
    GW_CONTENT_COUNT
};

enum gw_write_pattern {
    GW_WRITES_NONE,
    GW_WRITES_UNIFORM,
    GW_WRITES_SEQUENTIAL,
    GW_WRITES_HOT,   /* share hot_writes of the writes uniform in the first hot_pages share */
    GW_WRITES_ZIPF,  /* ranks placed on scattered pages */
    GW_WRITES_REPLAY /* of `trace` */
};

enum gw_write_pacing {
    GW_PACED_CLOCK, /* in ticks of 1 ms of guest time, catches up at most `backlog` */
    GW_PACED_CPU    /* a fixed computation a write: all that slows the vCPU slows the writes */
};

enum gw_change_kind {
    GW_CHANGE_BLOCK,     /* change_bytes at the start of the page */
    GW_CHANGE_SLOT,      /* at a random multiple of 64 */
    GW_CHANGE_SCATTERED, /* one byte every 4096 / change_bytes */
    GW_CHANGE_RANDOM,    /* change_bytes single bytes at random places */
    GW_CHANGE_LINES      /* whole 64-byte lines, change_bytes in all, at random */
};

struct gw_region_settings {
    char *name;
    int64_t size_bytes;
    int content;   /* enum gw_content_kind */
    bool resident; /* has memory of its own before the first write */
    char *file;
    int writes;                   /* enum gw_write_pattern */
    double rate;                  /* page writes a second, all its vCPUs together; 0 with
                                     GW_PACED_CPU: as many as write_ns allows */
    int pacing;                   /* enum gw_write_pacing */
    int64_t write_ns;             /* CPU time of one write on one vCPU, faults excluded */
    int64_t backlog_ns;           /* paced: most that is caught up */
    double hot_pages, hot_writes; /* shares */
    double zipf_exponent;
    int64_t phase_ns; /* the hot range (or Zipf's ranks) moves on this often; 0 = never */
    int64_t burst_on_ns, burst_off_ns; /* writes only in the first part; 0s off = always */
    char *trace;                       /* replay: lines "time_ms,page" of this region, sorted */
    int64_t change_bytes;              /* of a write; 0: the same value is written again */
    int change;                        /* enum gw_change_kind */
    int change_content; /* enum gw_content_kind: what is written (zero, text, random, prose) */
    int64_t first_vcpu, vcpus; /* who writes; vcpus 0 = all */
};

extern const struct gw_setting gw_region_settings_table[];

/* IO that the guest serves: requests that need a vCPU for a moment (packets, ping, disk). */
struct gw_guest_service_settings {
    double rate;               /* requests a second on each of its vCPUs, Poisson */
    int64_t service_ns;        /* vCPU time of one */
    int64_t first_vcpu, vcpus; /* vcpus 0 = none */
};

extern const struct gw_setting gw_guest_service_table[];

#endif
