/* prefetch.h - sequential streams of reads: found by flow, read ahead of, served from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_PREFETCH_H
#define GW_PREFETCH_H

#include "models/admission.h"
#include "models/request_pool.h"

enum { GW_PREFETCH_STREAMS = 32 };

struct gw_prefetch_stream {
    uint32_t flow;
    uint32_t run;                       /* reads in a row that continued the one before */
    int64_t next_bytes;                 /* where the next read of the stream would begin */
    int64_t begin_bytes;                /* of what the stream holds or has asked for */
    int64_t asked_bytes;                /* end of what was asked for */
    int64_t ready_bytes;                /* end of what has come without a gap */
    struct gw_subrequest *fetches;      /* under way or come out of order, by address */
    struct gw_subrequest *fetches_last; /* valid while fetches is set */
    struct gw_fifo waiting;             /* reads that wait for ready_bytes, in order of arrival */
    int64_t read_bytes;                 /* asked for by the reader since the stream began */
    int64_t skipped_bytes;              /* left out by the reader: read ahead for nothing */
    bool sparse;                        /* given up: more was skipped than read */
    uint64_t used;
};

struct gw_prefetch {
    struct gw_device *owner;      /* whose capacity bounds it */
    struct gw_device *backing;    /* borrowed */
    struct gw_request_pool *pool; /* borrowed */
    int64_t ahead_bytes;          /* how far ahead of the reader; 0 = never */
    int64_t unit_bytes;           /* size of one fetch */
    uint32_t after;               /* continuations before a stream counts as sequential */
    bool (*held)(const struct gw_request *request); /* its data lie in another cache */
    void (*ready)(struct gw_request *request);      /* its data are there (or result is an error) */
    void (*fetched)(struct gw_request *fetch);      /* owner's; calls gw_prefetch_fetched */
    uint64_t clock;
    struct gw_prefetch_stream streams[GW_PREFETCH_STREAMS];
};

enum gw_prefetch_answer {
    GW_PREFETCH_NO,   /* not of a sequential stream: the caller serves it */
    GW_PREFETCH_HIT,  /* the data are there, or held: the caller answers it */
    GW_PREFETCH_TAKEN /* comes back by `ready` */
};

/* Takes a fetch back in; calls `ready` for the reads that it completes. */
void gw_prefetch_fetched(struct gw_prefetch *prefetch, struct gw_request *fetch);

/* Notes a read and says what becomes of it. Never calls `ready` from inside. */
enum gw_prefetch_answer gw_prefetch_read(struct gw_prefetch *prefetch, struct gw_request *request);

#endif
