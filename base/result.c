/* result.c - the metric vocabulary as tables, and the life of a result.
 *
 * Idea      Every consumer (JSON, SQLite, tables, figures) walks these tables, so a metric has
 *           one name, one unit and one sentence of help everywhere.
 * Invariant The digest covers what the run computed. The parameters are left out: they say what a
 *           study varied, and the same run may stand in two studies. wall_s is left out as well.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

const struct gw_metric_info gw_metric_info[GW_METRIC_COUNT] = {
    [GW_METRIC_MIGRATION_TIME_S] = {"migration_time_s", "s",
                                    "from the request to the target alone"},
    [GW_METRIC_DOWNTIME_S] = {"downtime_s", "s", "sum of the guest's stuns"},
    [GW_METRIC_GUEST_PENALTY_S] = {"guest_penalty_s", "s", "effective lost workload time"},
    [GW_METRIC_PENALTY_STUN_S] = {"penalty_stun_s", "s", "penalty because the guest was stopped"},
    [GW_METRIC_PENALTY_DEFER_S] = {"penalty_defer_s", "s",
                                   "penalty because guest io waited in the architecture"},
    [GW_METRIC_PENALTY_SHARING_S] = {"penalty_sharing_s", "s",
                                     "the rest of the penalty: devices shared with the migration"},
    [GW_METRIC_ITERATIONS] =
        {"iterations", "", "passes of the data mover, the bulk copy included; memory: dirty syncs"},
    [GW_METRIC_BYTES_SENT] =
        {"bytes_sent", "bytes",
         "to the target: data mover, mirrored writes, metadata; memory: the stream"},
    [GW_METRIC_BYTES_COPIED] = {"bytes_copied", "bytes", "moved by the data mover"},
    [GW_METRIC_BYTES_MIRRORED] = {"bytes_mirrored", "bytes",
                                  "guest writes sent to the target as they came"},
    [GW_METRIC_SOURCE_BYTES_WRITTEN] = {"source_bytes_written", "bytes",
                                        "written to the source volume"},
    [GW_METRIC_EXTRA_SPACE_PEAK_BYTES] = {"extra_space_peak_bytes", "bytes",
                                          "largest space beyond the two images"},
    [GW_METRIC_STUNS] = {"stuns", "", "times that the guest was stopped"},
    [GW_METRIC_LONGEST_STUN_S] = {"longest_stun_s", "s", "longest single stop of the guest"},
    [GW_METRIC_GUEST_IOPS_BEFORE] = {"guest_iops_before", "1/s",
                                     "guest ios completed a second before the migration"},
    [GW_METRIC_GUEST_IOPS_DURING] = {"guest_iops_during", "1/s",
                                     "guest ios completed a second during the migration"},
    [GW_METRIC_GUEST_IOPS_AFTER] = {"guest_iops_after", "1/s",
                                    "guest ios completed a second after the migration"},
    [GW_METRIC_GUEST_READS] = {"guest_reads", "", "guest reads completed in the whole run"},
    [GW_METRIC_GUEST_WRITES] = {"guest_writes", "", "guest writes completed in the whole run"},
    [GW_METRIC_GUEST_BYTES_WRITTEN] = {"guest_bytes_written", "bytes",
                                       "written by the guest in the whole run"},
    [GW_METRIC_DEFERRED_IOS] = {"deferred_ios", "", "guest ios that waited in the architecture"},
    [GW_METRIC_EVENTS] = {"events", "", "events of the simulation kernel"},
    [GW_METRIC_READY_TIME_S] = {"ready_time_s", "s",
                                "from the request until source and target first agree"},
    [GW_METRIC_GUEST_IOPS_UNTIL_READY] =
        {"guest_iops_until_ready", "1/s",
         "guest ios completed a second until then, or until the guest was stopped"},
    [GW_METRIC_GUEST_IOPS_READY] = {"guest_iops_ready", "1/s",
                                    "guest ios completed a second from then to the wish to switch"},
    [GW_METRIC_SWITCH_TIME_S] = {"switch_time_s", "s",
                                 "from the wish to switch over to the target alone"},
    [GW_METRIC_TOTAL_TIME_S] =
        {"total_time_s", "s", "request to the end of the migration, as the hypervisor reports it"},
    [GW_METRIC_SETUP_TIME_S] = {"setup_time_s", "s", "of it, setting up streams and dirty logging"},
    [GW_METRIC_EXPECTED_DOWNTIME_S] = {"expected_downtime_s", "s",
                                       "remaining at the last sync over the bandwidth"},
    [GW_METRIC_SYNC_COUNT] = {"sync_count", "", "times that the dirty log was fetched"},
    [GW_METRIC_NORMAL_PAGES] = {"normal_pages", "", "pages sent whole"},
    [GW_METRIC_ZERO_PAGES] = {"zero_pages", "", "pages sent as zero"},
    [GW_METRIC_REMAINING_BYTES] = {"remaining_bytes", "bytes", "not yet sent at the end"},
    [GW_METRIC_PAGES_PER_SECOND] = {"pages_per_second", "1/s",
                                    "pages handled a second in the last window of 100 ms"},
    [GW_METRIC_DIRTY_PAGES_RATE] = {"dirty_pages_rate", "1/s",
                                    "pages newly found dirty a second over the last period"},
    [GW_METRIC_THROUGHPUT_MBPS] =
        {"throughput_mbps", "Mbit/s",
         "1e6 bits a second on the wire; of the whole run when completed"},
    [GW_METRIC_THROTTLE_PCT] = {"throttle_pct", "%", "throttle of the vcpus when it was lifted"},
    [GW_METRIC_THROTTLE_PCT_MOST] = {"throttle_pct_most", "%",
                                     "largest throttle that was asked for"},
    [GW_METRIC_GUEST_RATE_BEFORE] = {"guest_rate_before", "1/s",
                                     "page writes a second before the migration"},
    [GW_METRIC_GUEST_RATE_DURING] = {"guest_rate_during", "1/s",
                                     "page writes a second during the migration"},
    [GW_METRIC_GUEST_RATE_RATIO] = {"guest_rate_ratio", "ratio",
                                    "page writes during the migration over those before it"},
    [GW_METRIC_PENALTY_THROTTLE_S] = {"penalty_throttle_s", "s",
                                      "penalty of throttling: vcpu time over vcpus"},
    [GW_METRIC_PENALTY_FAULT_S] = {"penalty_fault_s", "s",
                                   "penalty of faults of dirty logging: vcpu time over vcpus"},
    [GW_METRIC_PENALTY_PAGE_WAIT_S] =
        {"penalty_page_wait_s", "s",
         "penalty of waits for pages (post-copy): vcpu time over vcpus"},
    [GW_METRIC_FAULTS] = {"faults", "", "first writes that met protection"},
    [GW_METRIC_PAGE_WRITES] = {"page_writes", "", "page writes of the guest during the migration"},
    [GW_METRIC_COMPRESSED_PAGES] = {"compressed_pages", "", "pages compressed by workers"},
    [GW_METRIC_COMPRESSED_BYTES] = {"compressed_bytes", "bytes",
                                    "of compressed pages, 4 a page for the length included"},
    [GW_METRIC_COMPRESSION_BUSY] = {"compression_busy", "",
                                    "pages sent raw because no worker was free"},
    [GW_METRIC_COMPRESSION_BUSY_RATE] = {"compression_busy_rate", "ratio",
                                         "busy over pages handled, last period"},
    [GW_METRIC_COMPRESSION_RATE] = {"compression_rate", "ratio",
                                    "raw over compressed bytes, last period (QEMU 3.1 and later)"},
    [GW_METRIC_COMPRESSION_SAVED_SHARE] =
        {"compression_saved_share", "ratio",
         "saved share of the raw bytes of compressed pages, last period (KVM Forum 2018)"},
    [GW_METRIC_XBZRLE_PAGES] = {"xbzrle_pages", "",
                                "cache hits: encoded, overflowed and equal pages"},
    [GW_METRIC_XBZRLE_ENCODED_PAGES] = {"xbzrle_encoded_pages", "", "pages sent as changes"},
    [GW_METRIC_XBZRLE_EQUAL_PAGES] = {"xbzrle_equal_pages", "",
                                      "pages equal to their cached copy, not sent"},
    [GW_METRIC_XBZRLE_BYTES] = {"xbzrle_bytes", "bytes",
                                "of changes and overflowed pages, without page headers"},
    [GW_METRIC_XBZRLE_CACHE_MISS] = {"xbzrle_cache_miss", "", "pages that the cache did not hold"},
    [GW_METRIC_XBZRLE_OVERFLOW] = {"xbzrle_overflow", "",
                                   "pages whose changes took more than a page"},
    [GW_METRIC_XBZRLE_ENCODING_RATE] = {"xbzrle_encoding_rate", "ratio",
                                        "raw over encoded bytes, last period"},
    [GW_METRIC_SOURCE_MAIN_CPU_SHARE] = {"source_main_cpu_share", "ratio",
                                         "of one cpu: migration thread of the source"},
    [GW_METRIC_SOURCE_WORKER_CPU_SHARE_MOST] = {"source_worker_cpu_share_most", "ratio",
                                                "of one cpu: busiest worker of the source"},
    [GW_METRIC_SOURCE_WORKER_CPU_SHARE_LEAST] = {"source_worker_cpu_share_least", "ratio",
                                                 "of one cpu: idlest worker of the source"},
    [GW_METRIC_TARGET_MAIN_CPU_SHARE] = {"target_main_cpu_share", "ratio",
                                         "of one cpu: loading thread of the target"},
    [GW_METRIC_TARGET_WORKER_CPU_SHARE_MOST] = {"target_worker_cpu_share_most", "ratio",
                                                "of one cpu: busiest worker of the target"},
    [GW_METRIC_TARGET_WORKER_CPU_SHARE_LEAST] = {"target_worker_cpu_share_least", "ratio",
                                                 "of one cpu: idlest worker of the target"},
    [GW_METRIC_POSTCOPY_REQUESTS] = {"postcopy_requests", "", "pages that the target asked for"},
    [GW_METRIC_PRECOPY_BYTES] = {"precopy_bytes", "bytes",
                                 "sent while the guest ran on the source"},
    [GW_METRIC_DOWNTIME_BYTES] = {"downtime_bytes", "bytes", "sent while the guest stood"},
    [GW_METRIC_POSTCOPY_BYTES] = {"postcopy_bytes", "bytes",
                                  "sent while the guest ran on the target"},
    [GW_METRIC_MULTIFD_BYTES] = {"multifd_bytes", "bytes", "sent on the extra channels"},
    [GW_METRIC_LINK_UTILISATION] = {"link_utilisation", "ratio",
                                    "share of the link's rate that the migration used"},
};

const struct gw_metric_info gw_distribution_info[GW_DISTRIBUTION_COUNT] = {
    [GW_LATENCY_BEFORE_NS] = {"latency_before", "ns", "guest io latency before the migration"},
    [GW_LATENCY_DURING_NS] = {"latency_during", "ns", "guest io latency during the migration"},
    [GW_LATENCY_AFTER_NS] = {"latency_after", "ns", "guest io latency after the migration"},
    [GW_LOCK_WAIT_NS] = {"lock_wait", "ns", "from closing the gate of a lock range to its drain"},
    [GW_RANGE_COPY_NS] = {"range_copy", "ns", "data mover time of one lock range"},
    [GW_DEFERRED_NS] = {"deferred", "ns", "time a guest io waited in the architecture"},
    [GW_STUN_NS] = {"stun", "ns", "one stop of the guest"},
    [GW_PAGE_WAIT_NS] = {"page_wait", "ns", "time a vcpu waited for a page (post-copy)"},
};

#define COLUMNS(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct gw_series_info gw_series_info[GW_SERIES_COUNT] = {
    [GW_SERIES_PROGRESS] = {"progress", COLUMNS("remaining_bytes", "copied_bytes", "mirrored_bytes",
                                                "dirty_bytes_per_s", "copied_bytes_per_s",
                                                "iteration", "extra_bytes")},
    [GW_SERIES_IOPS] = {"iops", COLUMNS("guest_read_iops", "guest_write_iops", "source_read_iops",
                                        "source_write_iops", "target_write_iops", "latency_mean_ms",
                                        "latency_max_ms")},
    [GW_SERIES_ITERATION] = {"iteration", COLUMNS("number", "started_s", "duration_s",
                                                  "copied_bytes", "dirty_bytes", "hot_bytes")},
    [GW_SERIES_RANGE] = {"range", COLUMNS("disk", "offset_bytes", "lock_wait_ms", "copy_ms")},
    [GW_SERIES_PHASE] = {"phase", COLUMNS("phase")},
    [GW_SERIES_HEAT] = {"heat", COLUMNS("region_offset_bytes", "writes")},
    [GW_SERIES_MEMORY] = {"memory",
                          COLUMNS("remaining_bytes", "dirty_bytes_per_s", "sent_bytes_per_s",
                                  "throttle_pct", "guest_rate", "guest_speed_share",
                                  "bandwidth_estimate", "threshold_bytes", "sync_count",
                                  "cpu_main_share", "cpu_worker_share")},
    [GW_SERIES_SYNC] = {"sync", COLUMNS("number", "dirty_pages_found", "remaining_bytes",
                                        "sent_bytes", "throttle_pct")},
};

void
gw_result_init(struct gw_result *result)
{
    *result = (struct gw_result){0};
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        result->metric[i] = __builtin_nan("");
    }
}

static void
free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

void
gw_result_clear(struct gw_result *result)
{
    free(result->scenario);
    free(result->canonical);
    free(result->vm);
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        gw_histogram_clear(&result->distribution[i]);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        free(result->series[i].t_ns);
        free(result->series[i].values);
    }
    free_texts(result->parameter_names, result->parameter_count);
    free_texts(result->parameter_values, result->parameter_count);
    gw_result_init(result);
}

const char *
gw_result_parameter(const struct gw_result *result, const char *name)
{
    for (size_t i = 0; i < result->parameter_count; i++) {
        if (strcmp(result->parameter_names[i], name) == 0) {
            return result->parameter_values[i];
        }
    }
    return "";
}

const char *
gw_result_short_name(const char *parameter)
{
    const char *dot = strrchr(parameter, '.');

    return dot == NULL || dot[1] == '\0' ? parameter : dot + 1;
}

size_t
gw_series_columns(enum gw_series_id id)
{
    size_t count = 0;

    while (gw_series_info[id].columns[count] != NULL) {
        count++;
    }
    return count;
}

static bool
series_grow(struct gw_series *series)
{
    size_t rows = series->rows_allocated == 0 ? 64 : 2 * series->rows_allocated;

    gw_assert(series->columns > 0);
    int64_t *t_ns = realloc(series->t_ns, rows * sizeof *t_ns);
    if (t_ns == NULL) {
        return false;
    }
    series->t_ns = t_ns;
    double *values = realloc(series->values, rows * series->columns * sizeof *values);
    if (values == NULL) {
        return false;
    }
    series->values = values;
    series->rows_allocated = rows;
    return true;
}

bool
gw_series_add(struct gw_series *series, enum gw_series_id id, int64_t t_ns, const double *values)
{
    if (series->columns == 0) {
        series->columns = gw_series_columns(id);
    }
    if (series->rows == series->rows_allocated && !series_grow(series)) {
        return false;
    }
    series->t_ns[series->rows] = t_ns;
    memcpy(series->values + series->rows * series->columns, values,
           series->columns * sizeof *values);
    series->rows++;
    return true;
}

bool
gw_result_add_phase(struct gw_result *result, const char *name, int64_t t_ns)
{
    size_t index = 0;
    double value;

    while (index < result->phase_count && result->phase_names[index] != name) {
        index++;
    }
    gw_assert(index < GW_PHASES_MAX);
    if (index == result->phase_count) {
        result->phase_names[result->phase_count++] = name;
    }
    value = (double)index;
    return gw_series_add(&result->series[GW_SERIES_PHASE], GW_SERIES_PHASE, t_ns, &value);
}

const char *
gw_outcome_name(enum gw_outcome outcome)
{
    static const char *const names[] = {
        [GW_OUTCOME_RUNNING] = "running",
        [GW_COMPLETED] = "completed",
        [GW_NOT_CONVERGED] = "not_converged",
        [GW_FAILED] = "failed",
    };

    gw_assert((size_t)outcome < sizeof names / sizeof names[0]);
    return names[outcome];
}

static void
digest_histogram(struct gw_hash *hash, const struct gw_histogram *histogram)
{
    gw_u128 sum = (gw_u128)histogram->sum;

    gw_hash_add_u64(hash, histogram->total);
    gw_hash_add_u64(hash, (uint64_t)histogram->least);
    gw_hash_add_u64(hash, (uint64_t)histogram->most);
    gw_hash_add_u64(hash, (uint64_t)sum);
    gw_hash_add_u64(hash, (uint64_t)(sum >> 64));
    for (size_t i = 0; histogram->total > 0 && i < GW_HISTOGRAM_BUCKETS; i++) {
        if (histogram->count[i] > 0) {
            gw_hash_add_u64(hash, i);
            gw_hash_add_u64(hash, histogram->count[i]);
        }
    }
}

static void
digest_series(struct gw_hash *hash, const struct gw_series *series)
{
    gw_hash_add_u64(hash, series->rows);
    for (size_t row = 0; row < series->rows; row++) {
        gw_hash_add_u64(hash, (uint64_t)series->t_ns[row]);
        for (size_t i = 0; i < series->columns; i++) {
            gw_hash_add_double(hash, series->values[row * series->columns + i]);
        }
    }
}

static void
digest_identity(struct gw_hash *hash, const struct gw_result *result)
{
    gw_hash_add_text(hash, result->run_id);
    gw_hash_add_text(hash, result->scenario);
    gw_hash_add_text(hash, result->canonical);
    gw_hash_add_text(hash, result->vm);
    gw_hash_add_text(hash, result->architecture);
    gw_hash_add_u64(hash, result->seed);
    gw_hash_add_u64(hash, (uint64_t)result->replication);
    gw_hash_add_u64(hash, (uint64_t)result->outcome);
    gw_hash_add_text(hash, result->reason);
    gw_hash_add_u64(hash, result->verified ? 1 : 0);
    gw_hash_add_text(hash, result->verify_note);
    gw_hash_add_u64(hash, result->phase_count);
    for (size_t i = 0; i < result->phase_count; i++) {
        gw_hash_add_text(hash, result->phase_names[i]);
    }
}

void
gw_result_digest(const struct gw_result *result, char out[33])
{
    struct gw_hash *hash = gw_hash_create();

    gw_assert(hash != NULL);
    digest_identity(hash, result);
    for (size_t i = 0; i < GW_METRIC_COUNT; i++) {
        gw_hash_add_double(hash, result->metric[i]);
    }
    for (size_t i = 0; i < GW_DISTRIBUTION_COUNT; i++) {
        digest_histogram(hash, &result->distribution[i]);
    }
    for (size_t i = 0; i < GW_SERIES_COUNT; i++) {
        digest_series(hash, &result->series[i]);
    }
    gw_hash_text(hash, out);
    gw_hash_destroy(hash);
}
