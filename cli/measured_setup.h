/* measured_setup.h - what is known of a measured memory migration before it starts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEASURED_SETUP_H
#define GW_MEASURED_SETUP_H

#include <stdbool.h>
#include <stdint.h>

enum { GW_MEASURED_PAGE_KIB = 4, GW_MEASURED_FILLED_FROM_MIB = 16 };

/* Contents: 0 zero, 1 text, 2 random. Texts are borrowed from the file. */
struct gw_measured_setup {
    int64_t ram_mib, vcpus, page_bytes;
    int64_t fill, fill_content, set, set_offset; /* pages; set: the working set */
    int64_t rate, change_bytes, change_content, scattered, warm_ms, burst_on_ms, burst_off_ms;
    int64_t hot_pages_pct, hot_writes_pct;
    int64_t max_bandwidth, downtime_limit_ms, time_limit_s;
    int64_t link; /* bytes/s; 0: none */
    int64_t xbzrle_cache_bytes;
    int64_t compress_level, compress_threads, decompress_threads;
    int64_t throttle_initial, throttle_increment, throttle_most;
    double zipf, rate_before; /* 0: none, not known */
    const char *mode, *pattern, *change_offset;
    bool xbzrle, compress, auto_converge, compress_wait;
};

/* The scenario that predicts it, as YAML; host as in gw_measured_memory_read. Caller frees; NULL:
 * memory out. */
char *gw_measured_scenario(const struct gw_measured_setup *setup, const char *name,
                           const char *host);

#endif
