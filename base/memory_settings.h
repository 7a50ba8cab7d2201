/* memory_settings.h - the settings that all memory architectures share, as a table.
 *
 * Named after QEMU's migration parameters, with `_` for `-`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_MEMORY_SETTINGS_H
#define GW_MEMORY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/setting.h"

enum gw_codec { GW_CODEC_NONE, GW_CODEC_ZLIB, GW_CODEC_ZSTD, GW_CODEC_LZ4, GW_CODEC_COUNT };

/* How pages are handed to compression workers. */
enum gw_pool_policy {
    GW_POOL_LOCKED,   /* one slot a worker under a global lock: QEMU 2.4 .. 9.0 */
    GW_POOL_LOCKLESS, /* a ring of 4 a worker, one done ring: the talk */
    GW_POOL_CHANNELS  /* multifd's: one slot a channel, the next free one in turn; no setting */
};

enum gw_zero_detection { GW_ZERO_NONE, GW_ZERO_LEGACY, GW_ZERO_MULTIFD };

enum gw_estimate {
    GW_ESTIMATE_WIRE, /* bandwidth in wire bytes, as QEMU has it */
    GW_ESTIMATE_PAGES /* in raw bytes of handled pages: our answer to the trap of equal pages */
};

/* What slows the guest down when it does not converge. */
enum gw_throttle_kind {
    GW_THROTTLE_NONE,
    GW_THROTTLE_AUTO_CONVERGE,
    GW_THROTTLE_IO_AWARE, /* spares vCPUs that serve IO */
    GW_THROTTLE_DIRTY_LIMIT
};

struct gw_memory_settings {
    int64_t max_bandwidth; /* bytes/s; 0 = no limit */
    int64_t downtime_limit_ns;
    int64_t switchover_bandwidth; /* bytes/s in the threshold instead of the estimate; 0 = off */
    int estimate;                 /* enum gw_estimate */
    int64_t clock_tick_ns;        /* windows, iterations and periods end on it */
    int zero_detection;           /* enum gw_zero_detection */
    int64_t rounds_most;          /* syncs before giving up; 0 = no limit */
    int64_t pause_after_rounds;   /* syncs before the guest is stopped for good; 0 = never */
    /* compression */
    int compress; /* enum gw_codec; workers compress page by page */
    int64_t compress_level;
    int64_t compress_threads;
    bool compress_wait;  /* wait for a worker, else send raw */
    int pool;            /* enum gw_pool_policy; also of threaded XBZRLE */
    bool compress_flush; /* drain the workers after every iterate call (QEMU before 3.1) */
    /* XBZRLE */
    bool xbzrle;
    int64_t xbzrle_cache_bytes;
    int64_t xbzrle_threads; /* 0: in the migration thread */
    /* throttling */
    int throttle;               /* enum gw_throttle_kind */
    int64_t throttle_trigger;   /* per cent of bytes sent */
    int64_t throttle_initial;   /* per cent */
    int64_t throttle_increment; /* per cent */
    int64_t throttle_most;      /* per cent */
    bool throttle_tailslow;
    int64_t throttle_sync_ns; /* periodic sync while throttling is on; 0 = off */
    double io_vcpu_rate;      /* IO-aware: a vCPU that serves more a second is spared */
    int64_t io_vcpu_most;     /* IO-aware: most per cent for such a vCPU */
    int64_t vcpu_dirty_limit; /* bytes/s */
    int64_t vcpu_dirty_period_ns;
    /* multifd */
    int64_t multifd_channels; /* 0 = off */
    int multifd_compress;     /* enum gw_codec: one continuing stream a channel */
    int64_t multifd_level;
    /* post-copy */
    int64_t postcopy_after_rounds; /* syncs before the switch to post-copy (hybrid) */
    int64_t postcopy_bandwidth;    /* background push, bytes/s; 0 = no limit */
    bool postcopy_preempt;         /* requested pages do not queue behind pushed ones */
};

extern const struct gw_setting gw_memory_settings_table[];

#endif
