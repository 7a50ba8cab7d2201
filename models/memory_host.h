/* memory_host.h - what a host's CPUs take for the steps of a memory migration.
 *
 * Plain numbers with sources in the table (memory_host.c); a measured host is a file made by
 * `godwit bench codec --profile` and included by the scenario. Codec costs are a list beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_HOST_H
#define GW_MEMORY_HOST_H

#include <stdbool.h>

#include "base/setting.h"

/* How the hypervisor learns of writes. */
enum gw_protection {
    GW_PROTECT_CHUNKED,   /* write protection, cleared lazily by chunks (KVM manual protect) */
    GW_PROTECT_WRITE,     /* write protection of all at each sync */
    GW_PROTECT_DIRTY_BIT, /* D bit of the page tables cleared (PML): no fault, cost at sync */
    GW_PROTECT_FAST,      /* top-level protection, pushed down by faults (KVM Forum 2017) */
    GW_PROTECT_RING       /* dirty rings */
};

struct gw_memory_host {
    int64_t cores;         /* processors that its threads share; 0: one for each thread */
    bool target_on_source; /* the target's threads run on the source's processors */
    double codec_speed;    /* codecs run so much faster than the table of their costs says */
    int protection;        /* enum gw_protection */
    int64_t clear_chunk_bytes;
    int64_t ring_entries;   /* a vCPU */
    int64_t fault_ns;       /* first write to a protected page, guest's time */
    int64_t table_fault_ns; /* fast: first write below a table entry of a higher level */
    int64_t ring_exit_ns;   /* ring: exit and reap when it is full */
    int64_t setup_ns;       /* start of logging, streams: fixed part */
    int64_t sync_ns;        /* fixed part of a sync */
    double sync_page_ns;    /* fetching the log: for each page of the guest */
    double protect_page_ns; /* for each page protected (or D bit cleared) */
    /* migration thread, source */
    double page_ns;      /* find, book and head one page */
    double zero_ns;      /* zero test that reads the whole page (zero pages) */
    double untouched_ns; /* the same of a page that was never touched; 0: no difference */
    double non_zero_ns;  /* zero test of any other page */
    double send_ns;      /* 4 KiB into the socket */
    double send_byte_ns; /* anything else, a byte */
    double copy_ns;      /* private copy of a page */
    /* handing tasks to workers */
    double scan_ns;             /* look at one worker's state */
    double give_ns;             /* locks and bookkeeping of one task */
    double wake_ns;             /* waking a sleeping worker: waker's time */
    double wake_latency_ns;     /* until the worker runs */
    int64_t near_workers;       /* the first ones wake so fast; others, on another socket or */
    double far_wake_latency_ns; /* in a deeper sleep, after this time */
    double collect_ns;          /* taking one result back, output copy excluded */
    double poll_ns;             /* a worker that finds nothing polls so long before it sleeps */
    double worker_task_ns; /* a worker's time for any task beside the codec: queue, cold caches */
    double worker_spread;  /* times of workers lie evenly within this share of their mean */
    double lock_ns;        /* locked pool: the global lock, for each worker that wants it */
    /* target */
    double load_ns;             /* 4 KiB from the socket into memory */
    double load_zero_ns;        /* zero page */
    double load_byte_ns;        /* anything else, a byte */
    double load_page_ns;        /* bookkeeping of any page */
    double load_fresh_ns;       /* first content of a page: memory has to be found for it */
    int64_t ready_memory_bytes; /* that the target has at hand, before load_fresh_ns is due */
    double load_give_ns;        /* handing a compressed page to a decompression worker */
    int64_t decompress_threads;
    /* fixed parts of the downtime */
    int64_t suspend_ns, resume_ns;
    int64_t device_state_bytes;
};

extern const struct gw_setting gw_memory_host_table[];

#endif
