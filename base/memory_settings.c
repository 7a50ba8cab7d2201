/* memory_settings.c - the settings that all memory architectures share, as a table.
 *
 * Source  defaults of QEMU 7.2 to 9.0 (qapi/migration.json) for what QEMU has; io_vcpu_rate,
 *         io_vcpu_most and the estimate over pages are ours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/memory_settings.h"

static const char *const codecs[] = {"none", "zlib", "zstd", "lz4", NULL};
static const char *const pools[] = {"locked", "lockless", NULL};
static const char *const zero_detections[] = {"none", "legacy", "multifd", NULL};
static const char *const estimates[] = {"wire", "pages", NULL};
static const char *const throttles[] = {"none", "auto-converge", "io-aware", "dirty-limit", NULL};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct gw_memory_settings, field), preset, least, most, NULL, help     \
    }
#define PICK(key, words, field, preset, help)                                                      \
    {                                                                                              \
        key, GW_SETTING_CHOICE, offsetof(struct gw_memory_settings, field), preset, NULL, NULL,    \
            words, help                                                                            \
    }

const struct gw_setting gw_memory_settings_table[] = {
    ROW("max_bandwidth", GW_SETTING_RATE, max_bandwidth, "128MiB/s", NULL, NULL,
        "most bytes a second of the pre-copy, in windows of 100 ms; 0B/s means none"),
    ROW("downtime_limit", GW_SETTING_TIME, downtime_limit_ns, "300ms", "1ms", "2000s",
        "switch over when what is left is estimated to take no longer"),
    ROW("switchover_bandwidth", GW_SETTING_RATE, switchover_bandwidth, "0B/s", NULL, NULL,
        "bandwidth to reckon with at the switch-over; 0B/s: the one measured"),
    ROW("clock_tick", GW_SETTING_TIME, clock_tick_ns, "1ns", "1ns", "1ms",
        "resolution of the clock that windows, iterations and periods go by; QEMU: 1ms"),
    PICK("estimate", estimates, estimate, "wire", "what the bandwidth estimate counts"),
    PICK("zero_detection", zero_detections, zero_detection, "legacy", "who looks for zero pages"),
    ROW("rounds_most", GW_SETTING_COUNT, rounds_most, "0", "0", "1000000",
        "dirty syncs before giving up; 0 means no limit"),
    ROW("pause_after_rounds", GW_SETTING_COUNT, pause_after_rounds, "0", "0", "1000000",
        "dirty syncs before the guest is stopped while the rest is sent; 0 means never"),
    PICK("compress", codecs, compress, "none", "compress each page in a worker with this codec"),
    ROW("compress_level", GW_SETTING_COUNT, compress_level, "1", "0", "22", "level of the codec"),
    ROW("compress_threads", GW_SETTING_COUNT, compress_threads, "8", "1", "255",
        "compression workers"),
    ROW("compress_wait", GW_SETTING_FLAG, compress_wait, "true", NULL, NULL,
        "wait for a free worker instead of sending the page raw"),
    ROW("compress_flush", GW_SETTING_FLAG, compress_flush, "false", NULL, NULL,
        "collect all workers after every iterate call (QEMU before 3.1)"),
    PICK("pool", pools, pool, "locked", "how pages are handed to workers"),
    ROW("xbzrle", GW_SETTING_FLAG, xbzrle, "false", NULL, NULL,
        "send pages as changes against a cache"),
    ROW("xbzrle_cache", GW_SETTING_BYTES, xbzrle_cache_bytes, "64MiB", "4KiB", "16TiB",
        "size of the cache, a power of two"),
    ROW("xbzrle_threads", GW_SETTING_COUNT, xbzrle_threads, "0", "0", "255",
        "workers that encode; 0: the migration thread does"),
    PICK("throttle", throttles, throttle, "none",
         "how a guest that does not converge is slowed down"),
    ROW("throttle_trigger", GW_SETTING_COUNT, throttle_trigger, "50", "1", "100",
        "per cent of the bytes sent that the dirtied ones must exceed, twice"),
    ROW("throttle_initial", GW_SETTING_COUNT, throttle_initial, "20", "1", "99",
        "first throttle, per cent"),
    ROW("throttle_increment", GW_SETTING_COUNT, throttle_increment, "10", "1", "99",
        "further steps, per cent"),
    ROW("throttle_most", GW_SETTING_COUNT, throttle_most, "99", "1", "99",
        "largest throttle, per cent"),
    ROW("throttle_tailslow", GW_SETTING_FLAG, throttle_tailslow, "false", NULL, NULL,
        "smaller steps near the end"),
    ROW("throttle_sync", GW_SETTING_TIME, throttle_sync_ns, "0s", NULL, "1h",
        "sync this often while throttling may start (QEMU 9.2: 5s); 0s means off"),
    ROW("io_vcpu_rate", GW_SETTING_IOPS, io_vcpu_rate, "100/s", NULL, NULL,
        "io-aware: a vcpu that serves more IOs a second is spared"),
    ROW("io_vcpu_most", GW_SETTING_COUNT, io_vcpu_most, "20", "0", "99",
        "io-aware: largest throttle of a spared vcpu, per cent"),
    ROW("vcpu_dirty_limit", GW_SETTING_RATE, vcpu_dirty_limit, "1MB/s", "1B/s", NULL,
        "dirty-limit: quota of each vcpu"),
    ROW("vcpu_dirty_period", GW_SETTING_TIME, vcpu_dirty_period_ns, "1s", "1ms", "1s",
        "dirty-limit: how often it is adjusted"),
    ROW("multifd_channels", GW_SETTING_COUNT, multifd_channels, "0", "0", "255",
        "extra streams that carry the pages; 0 means off"),
    PICK("multifd_compress", codecs, multifd_compress, "none",
         "compress the pages of each channel as one stream"),
    ROW("multifd_level", GW_SETTING_COUNT, multifd_level, "1", "0", "22", "level of that codec"),
    ROW("postcopy_after_rounds", GW_SETTING_COUNT, postcopy_after_rounds, "2", "1", "1000000",
        "hybrid: dirty syncs before the guest is moved"),
    ROW("postcopy_bandwidth", GW_SETTING_RATE, postcopy_bandwidth, "0B/s", NULL, NULL,
        "most bytes a second of the background push; 0B/s means none"),
    ROW("postcopy_preempt", GW_SETTING_FLAG, postcopy_preempt, "true", NULL, NULL,
        "requested pages overtake pushed ones"),
    GW_SETTING_END,
};
