/* memory_stats.h - what a memory migration counts, named as QEMU's query-migrate names it.
 *
 * Source: QEMU qapi/migration.json and ram.c, as described in the model page
 * (docs/model-memory-migration.md); both definitions of the compression rate are kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_STATS_H
#define GW_MEMORY_STATS_H

#include <stdbool.h>
#include <stdint.h>

struct gw_memory_stats {
    int64_t total_time_ns; /* request to the end, or to now */
    int64_t setup_time_ns;
    int64_t downtime_ns;          /* of the switch-over; 0 before */
    int64_t expected_downtime_ns; /* remaining at the last sync over the bandwidth */
    int64_t transferred_bytes;    /* all of the stream: headers and device state too */
    int64_t precopy_bytes, downtime_bytes, postcopy_bytes; /* of them, by state of the guest */
    int64_t multifd_bytes;
    int64_t remaining_bytes;
    int64_t total_bytes;
    int64_t normal_pages;
    int64_t duplicate_pages; /* zero pages */
    int64_t sync_count;
    int64_t pages_done;      /* handled in the present or last period and before */
    double dirty_pages_rate; /* newly set bits a second over the last period */
    double mbps;             /* 1e6 bit/s: last window, or the whole run when completed */
    double pages_per_second;
    int64_t threshold_bytes; /* pending below it: exact look, then switch-over */
    double bandwidth;        /* estimate of the last window, bytes a second */
    int64_t postcopy_requests;
    uint32_t throttle_percent;      /* now, or when it was lifted */
    uint32_t throttle_percent_most; /* highest seen */
    int64_t dirty_limit_sleep_ns;   /* largest sleep at a full ring, over vCPUs */
    struct {
        int64_t cache_bytes;
        int64_t bytes; /* 3 + n a delta, 4096 an overflow; page headers excluded */
        int64_t pages; /* cache hits: encoded, overflowed and equal */
        int64_t encoded_pages;
        int64_t equal_pages;
        int64_t cache_miss;
        double cache_miss_rate; /* misses over pages done, last period */
        double encoding_rate;   /* raw over encoded bytes, last period */
        int64_t overflow;
        int64_t reduced_bytes; /* the talk's: sum of 4096 - n over hits */
        double reduce_rate;    /* the talk's: saved share, last period */
    } xbzrle;
    struct {
        int64_t pages;      /* compressed by workers; the talk adds zero_pages */
        int64_t zero_pages; /* found by workers; part of duplicate_pages, not so in the talk */
        int64_t busy;
        double busy_rate;         /* busy over pages done, last period */
        int64_t compressed_bytes; /* sum of 4 + n */
        double compression_rate;  /* QEMU 3.1+: raw over compressed bytes, last period */
        int64_t reduced_bytes;    /* the talk's: sum of 4096 - (4 + n) */
        double reduce_rate;       /* the talk's: saved share, last period */
    } compression;
};

#endif
