/* result.h - one run's result: the metric vocabulary that worlds fill and results/ stores.
 *
 * "Did not converge" is a result. A metric without meaning in a run is NAN in memory and NULL in
 * JSON and SQLite, never a number. Owner: whoever called gw_result_init; gw_result_clear frees.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_RESULT_H
#define GW_RESULT_H

#include <stddef.h>

#include "base/histogram.h"
#include "base/port.h"

/* Scalar metrics; each has a row (JSON key with unit, unit, help) in gw_metric_info. */
enum gw_metric {
    GW_METRIC_MIGRATION_TIME_S,
    GW_METRIC_DOWNTIME_S,
    GW_METRIC_GUEST_PENALTY_S,
    GW_METRIC_PENALTY_STUN_S,    /* penalty by cause: the guest was stopped */
    GW_METRIC_PENALTY_DEFER_S,   /* guest IO waited in the architecture */
    GW_METRIC_PENALTY_SHARING_S, /* the rest: devices shared with the migration */
    GW_METRIC_ITERATIONS,
    GW_METRIC_BYTES_SENT,     /* to the target: mover + mirrored + metadata */
    GW_METRIC_BYTES_COPIED,   /* by the data mover */
    GW_METRIC_BYTES_MIRRORED, /* guest writes sent to the target as they came */
    GW_METRIC_SOURCE_BYTES_WRITTEN,
    GW_METRIC_EXTRA_SPACE_PEAK_BYTES,
    GW_METRIC_STUNS,
    GW_METRIC_LONGEST_STUN_S,
    GW_METRIC_GUEST_IOPS_BEFORE,
    GW_METRIC_GUEST_IOPS_DURING,
    GW_METRIC_GUEST_IOPS_AFTER,
    GW_METRIC_GUEST_READS, /* whole run */
    GW_METRIC_GUEST_WRITES,
    GW_METRIC_GUEST_BYTES_WRITTEN,
    GW_METRIC_DEFERRED_IOS,
    GW_METRIC_EVENTS, /* of the kernel */
    GW_METRIC_READY_TIME_S,
    GW_METRIC_GUEST_IOPS_UNTIL_READY,
    GW_METRIC_GUEST_IOPS_READY,
    GW_METRIC_SWITCH_TIME_S,
    GW_METRIC_TOTAL_TIME_S, /* from here on of memory migrations; base/memory_stats.h */
    GW_METRIC_SETUP_TIME_S,
    GW_METRIC_EXPECTED_DOWNTIME_S,
    GW_METRIC_SYNC_COUNT,
    GW_METRIC_NORMAL_PAGES,
    GW_METRIC_ZERO_PAGES,
    GW_METRIC_REMAINING_BYTES,
    GW_METRIC_PAGES_PER_SECOND,
    GW_METRIC_DIRTY_PAGES_RATE,
    GW_METRIC_THROUGHPUT_MBPS,
    GW_METRIC_THROTTLE_PCT,
    GW_METRIC_THROTTLE_PCT_MOST,
    GW_METRIC_GUEST_RATE_BEFORE,
    GW_METRIC_GUEST_RATE_DURING,
    GW_METRIC_GUEST_RATE_RATIO,
    GW_METRIC_PENALTY_THROTTLE_S,
    GW_METRIC_PENALTY_FAULT_S,
    GW_METRIC_PENALTY_PAGE_WAIT_S,
    GW_METRIC_FAULTS,
    GW_METRIC_PAGE_WRITES,
    GW_METRIC_COMPRESSED_PAGES,
    GW_METRIC_COMPRESSED_BYTES,
    GW_METRIC_COMPRESSION_BUSY,
    GW_METRIC_COMPRESSION_BUSY_RATE,
    GW_METRIC_COMPRESSION_RATE,
    GW_METRIC_COMPRESSION_SAVED_SHARE,
    GW_METRIC_XBZRLE_PAGES,
    GW_METRIC_XBZRLE_ENCODED_PAGES,
    GW_METRIC_XBZRLE_EQUAL_PAGES,
    GW_METRIC_XBZRLE_BYTES,
    GW_METRIC_XBZRLE_CACHE_MISS,
    GW_METRIC_XBZRLE_OVERFLOW,
    GW_METRIC_XBZRLE_ENCODING_RATE,
    GW_METRIC_SOURCE_MAIN_CPU_SHARE,
    GW_METRIC_SOURCE_WORKER_CPU_SHARE_MOST,
    GW_METRIC_SOURCE_WORKER_CPU_SHARE_LEAST,
    GW_METRIC_TARGET_MAIN_CPU_SHARE,
    GW_METRIC_TARGET_WORKER_CPU_SHARE_MOST,
    GW_METRIC_TARGET_WORKER_CPU_SHARE_LEAST,
    GW_METRIC_POSTCOPY_REQUESTS,
    GW_METRIC_PRECOPY_BYTES,
    GW_METRIC_DOWNTIME_BYTES,
    GW_METRIC_POSTCOPY_BYTES,
    GW_METRIC_MULTIFD_BYTES,
    GW_METRIC_LINK_UTILISATION,
    GW_METRIC_COUNT
};

struct gw_metric_info {
    const char *key;  /* "migration_time_s" */
    const char *unit; /* "s", "bytes", "1/s", "ratio"; "" counts */
    const char *help;
};

extern const struct gw_metric_info gw_metric_info[GW_METRIC_COUNT];

/* Histograms; rows in gw_distribution_info. */
enum gw_distribution {
    GW_LATENCY_BEFORE_NS, /* guest IO latency, all operations */
    GW_LATENCY_DURING_NS,
    GW_LATENCY_AFTER_NS,
    GW_LOCK_WAIT_NS,
    GW_RANGE_COPY_NS,
    GW_DEFERRED_NS,
    GW_STUN_NS,
    GW_PAGE_WAIT_NS, /* post-copy: a vCPU waits for a page */
    GW_DISTRIBUTION_COUNT
};

extern const struct gw_metric_info gw_distribution_info[GW_DISTRIBUTION_COUNT];

/* Time series: row-wise, first column always t_ns (integer); fixed columns per series. */
enum gw_series_id {
    GW_SERIES_PROGRESS,  /* remaining_bytes, copied_bytes, mirrored_bytes, dirty_bytes_per_s,
                           copied_bytes_per_s, iteration, extra_bytes                             */
    GW_SERIES_IOPS,      /* per interval: guest_read_iops, guest_write_iops, source_read_iops,
                           source_write_iops, target_write_iops, latency_mean_ms, latency_max_ms  */
    GW_SERIES_ITERATION, /* one row a pass: number, started_s, duration_s, copied_bytes,
                           dirty_bytes, hot_bytes                                                 */
    GW_SERIES_RANGE,     /* one row a lock range: disk, offset_bytes, lock_wait_ms, copy_ms */
    GW_SERIES_PHASE,     /* one row a phase begun: phase (index into result->phase_names) */
    GW_SERIES_HEAT,   /* one row a region of all disks, end to end: region_offset_bytes, writes */
    GW_SERIES_MEMORY, /* remaining_bytes, dirty_bytes_per_s, sent_bytes_per_s, throttle_pct,
                           guest_rate, guest_speed_share, bandwidth_estimate, threshold_bytes,
                           sync_count, cpu_main_share, cpu_worker_share                           */
    GW_SERIES_SYNC,   /* one row a sync: number, dirty_pages_found, remaining_bytes, sent_bytes,
                           throttle_pct                                                           */
    GW_SERIES_COUNT
};

struct gw_series_info {
    const char *name;           /* "iops" */
    const char *const *columns; /* names with units, without t_ns, NULL-terminated */
};

extern const struct gw_series_info gw_series_info[GW_SERIES_COUNT];

struct gw_series {
    size_t rows, rows_allocated;
    size_t columns;
    int64_t *t_ns;  /* rows */
    double *values; /* rows x columns, row-major */
};

enum { GW_PHASES_MAX = 64 };

struct gw_result {
    char run_id[33];          /* hash of canonical scenario, replication, engine version, traces */
    char *scenario;           /* name */
    char *canonical;          /* resolved scenario, canonical JSON */
    char *vm;                 /* which guest of the scenario */
    const char *architecture; /* static */
    uint64_t seed;
    int64_t replication;
    enum gw_outcome outcome;
    const char *reason;    /* static sentence */
    bool verified;         /* target equals source, block version by block version, and every
                                 acknowledged guest write is there                                */
    char verify_note[200]; /* first difference, or what was compared */
    double metric[GW_METRIC_COUNT];
    struct gw_histogram distribution[GW_DISTRIBUTION_COUNT];
    struct gw_series series[GW_SERIES_COUNT];
    const char *phase_names[GW_PHASES_MAX]; /* static strings */
    size_t phase_count;
    char **parameter_names;  /* what was varied in this study: "workload.oio" */
    char **parameter_values; /* as written: "16" */
    size_t parameter_count;
    double wall_s; /* not part of the identity, never in a digest */
};

void gw_result_init(struct gw_result *result);
void gw_result_clear(struct gw_result *result);

/* How many columns a series has beside the time. */
size_t gw_series_columns(enum gw_series_id id);

/* Appends a row; values holds the series' column count. False when memory is out. */
bool gw_series_add(struct gw_series *series, enum gw_series_id id, int64_t t_ns,
                   const double *values);

/* Notes that a phase (a static string) began. False when memory is out. */
bool gw_result_add_phase(struct gw_result *result, const char *name, int64_t t_ns);

/* What was varied, as written: "16" of "workload.oio"; "" when this run does not vary it. */
const char *gw_result_parameter(const struct gw_result *result, const char *name);
/* "oio" of "workload.oio"; borrowed of it. */
const char *gw_result_short_name(const char *parameter);

const char *gw_outcome_name(enum gw_outcome outcome); /* "completed", "not_converged", "failed" */

/* XXH3-128 of everything deterministic in the result, as 32 hex digits: same run, same digest. */
void gw_result_digest(const struct gw_result *result, char out[33]);

#endif
