/* memory_measure.c - turns what a memory world counted into curves and a result.
 *
 * Penalties are seconds of the whole guest: vCPU time lost divided by the number of vCPUs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/memory_world.h"

static const double NS = 1e-9;

static double
ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

/* ---- marks and curves ------------------------------------------------------------------------------- */

/* CPU time of the migration thread: waiting for workers is asleep with the locked pool only. */
static double
main_cpu_ns(const struct gw_memory_world *world)
{
    const struct gw_sim_memory *memory = &world->memory;
    const struct gw_memory_settings *settings = &world->scenario->memory->settings;
    double thread_ns = (double)memory->wire.thread_ns;

    if (memory->crew == NULL ||
        (settings->pool == GW_POOL_LOCKLESS && settings->multifd_channels == 0)) {
        return thread_ns;
    }
    return thread_ns - (double)gw_sim_crew_waited_ns(memory->crew);
}

static double
worker_cpu_ns(const struct gw_memory_world *world, uint32_t worker)
{
    const struct gw_sim_crew_usage *usage = gw_sim_crew_usage(world->memory.crew, worker);

    return (double)(usage->busy_ns + usage->spin_ns);
}

static uint32_t
worker_count(const struct gw_memory_world *world)
{
    return world->ports.crew == NULL ? 0 : world->ports.crew->workers;
}

void
gw_memory_measure_mark(struct gw_memory_world *world, struct gw_memory_mark *mark)
{
    uint32_t workers = worker_count(world);

    mark->at_ns = world->kernel->agenda.now_ns;
    mark->counts = *gw_guest_memory_counts(world->memory.guest);
    mark->bytes = world->memory.wire.bytes_sent;
    mark->main_ns = main_cpu_ns(world);
    mark->worker_ns = 0;
    for (uint32_t i = 0; i < workers; i++) {
        mark->worker_ns += worker_cpu_ns(world, i) / workers;
    }
}

static void
look_at_stats(const struct gw_memory_world *world, struct gw_memory_stats *stats)
{
    *stats = (struct gw_memory_stats){0};
    if (world->running) {
        world->architecture->stats(world->state, stats);
    }
}

bool
gw_memory_measure_sample(struct gw_memory_world *world)
{
    struct gw_memory_mark now;
    const struct gw_memory_mark *last = &world->sampled;
    struct gw_memory_stats stats;
    double s, rate;

    gw_memory_measure_mark(world, &now);
    look_at_stats(world, &stats);
    s = (double)(now.at_ns - last->at_ns) * NS;
    if (s <= 0) {
        return true;
    }
    rate = (double)(now.counts.writes - last->counts.writes) / s;

    double row[] = {
        (double)stats.remaining_bytes,
        world->finished ? 0 : stats.dirty_pages_rate * GW_PAGE_BYTES,
        (double)(now.bytes - last->bytes) / s,
        world->finished ? 0 : stats.throttle_percent,
        rate,
        ratio(rate, gw_guest_memory_write_rate(world->memory.guest)),
        stats.bandwidth,
        (double)stats.threshold_bytes,
        (double)stats.sync_count,
        (now.main_ns - last->main_ns) * NS / s,
        (now.worker_ns - last->worker_ns) * NS / s,
    };

    world->sampled = now;
    return gw_series_add(&world->result.series[GW_SERIES_MEMORY], GW_SERIES_MEMORY,
                         now.at_ns - world->requested_ns, row);
}

bool
gw_memory_measure_sync(struct gw_memory_world *world, const struct gw_iteration *iteration)
{
    struct gw_memory_stats stats;

    look_at_stats(world, &stats);

    double row[] = {
        (double)iteration->number,     (double)(iteration->dirty_bytes / GW_PAGE_BYTES),
        (double)stats.remaining_bytes, (double)iteration->copied_bytes,
        stats.throttle_percent,
    };

    return gw_series_add(&world->result.series[GW_SERIES_SYNC], GW_SERIES_SYNC,
                         world->kernel->agenda.now_ns - world->requested_ns, row);
}

/* ---- the result -------------------------------------------------------------------------------------- */

static void
fill_stream(double *metric, const struct gw_memory_stats *stats)
{
    metric[GW_METRIC_TOTAL_TIME_S] = (double)stats->total_time_ns * NS;
    metric[GW_METRIC_MIGRATION_TIME_S] = metric[GW_METRIC_TOTAL_TIME_S];
    metric[GW_METRIC_SETUP_TIME_S] = (double)stats->setup_time_ns * NS;
    metric[GW_METRIC_DOWNTIME_S] = (double)stats->downtime_ns * NS;
    metric[GW_METRIC_EXPECTED_DOWNTIME_S] = (double)stats->expected_downtime_ns * NS;
    metric[GW_METRIC_SYNC_COUNT] = (double)stats->sync_count;
    metric[GW_METRIC_ITERATIONS] = (double)stats->sync_count;
    metric[GW_METRIC_BYTES_SENT] = (double)stats->transferred_bytes;
    metric[GW_METRIC_NORMAL_PAGES] = (double)stats->normal_pages;
    metric[GW_METRIC_ZERO_PAGES] = (double)stats->duplicate_pages;
    metric[GW_METRIC_REMAINING_BYTES] = (double)stats->remaining_bytes;
    metric[GW_METRIC_PAGES_PER_SECOND] = stats->pages_per_second;
    metric[GW_METRIC_DIRTY_PAGES_RATE] = stats->dirty_pages_rate;
    metric[GW_METRIC_THROUGHPUT_MBPS] = stats->mbps;
    metric[GW_METRIC_THROTTLE_PCT] = stats->throttle_percent;
    metric[GW_METRIC_THROTTLE_PCT_MOST] = stats->throttle_percent_most;
    metric[GW_METRIC_POSTCOPY_REQUESTS] = (double)stats->postcopy_requests;
    metric[GW_METRIC_PRECOPY_BYTES] = (double)stats->precopy_bytes;
    metric[GW_METRIC_DOWNTIME_BYTES] = (double)stats->downtime_bytes;
    metric[GW_METRIC_POSTCOPY_BYTES] = (double)stats->postcopy_bytes;
    metric[GW_METRIC_MULTIFD_BYTES] = (double)stats->multifd_bytes;
}

static void
fill_codecs(double *metric, const struct gw_memory_settings *settings,
            const struct gw_memory_stats *stats)
{
    if (settings->compress != GW_CODEC_NONE) {
        metric[GW_METRIC_COMPRESSED_PAGES] = (double)stats->compression.pages;
        metric[GW_METRIC_COMPRESSED_BYTES] = (double)stats->compression.compressed_bytes;
        metric[GW_METRIC_COMPRESSION_RATE] = stats->compression.compression_rate;
        metric[GW_METRIC_COMPRESSION_SAVED_SHARE] = stats->compression.reduce_rate;
    }
    if (settings->compress != GW_CODEC_NONE || settings->xbzrle_threads > 0) {
        metric[GW_METRIC_COMPRESSION_BUSY] = (double)stats->compression.busy;
        metric[GW_METRIC_COMPRESSION_BUSY_RATE] = stats->compression.busy_rate;
    }
    if (settings->xbzrle) {
        metric[GW_METRIC_XBZRLE_PAGES] = (double)stats->xbzrle.pages;
        metric[GW_METRIC_XBZRLE_ENCODED_PAGES] = (double)stats->xbzrle.encoded_pages;
        metric[GW_METRIC_XBZRLE_EQUAL_PAGES] = (double)stats->xbzrle.equal_pages;
        metric[GW_METRIC_XBZRLE_BYTES] = (double)stats->xbzrle.bytes;
        metric[GW_METRIC_XBZRLE_CACHE_MISS] = (double)stats->xbzrle.cache_miss;
        metric[GW_METRIC_XBZRLE_OVERFLOW] = (double)stats->xbzrle.overflow;
        metric[GW_METRIC_XBZRLE_ENCODING_RATE] = stats->xbzrle.encoding_rate;
    }
}

static double
writes_a_second(const struct gw_memory_mark *from, const struct gw_memory_mark *to)
{
    return ratio((double)(to->counts.writes - from->counts.writes),
                 (double)(to->at_ns - from->at_ns) * NS);
}

static void
fill_guest(const struct gw_memory_world *world, double *metric)
{
    const struct gw_memory_mark *from = &world->requested, *to = &world->ended;
    double vcpus = (double)world->scenario->memory->vcpus;
    double usual = gw_guest_memory_write_rate(world->memory.guest);
    double before = writes_a_second(&world->settled, from);
    double during = writes_a_second(from, to);
    double time_s = (double)(to->at_ns - from->at_ns) * NS;
    double lost_s[GW_LOST_COUNT];

    for (int i = 0; i < GW_LOST_COUNT; i++) {
        lost_s[i] = (double)(to->counts.lost_ns[i] - from->counts.lost_ns[i]) * NS / vcpus;
    }
    metric[GW_METRIC_GUEST_RATE_BEFORE] = before;
    metric[GW_METRIC_GUEST_RATE_DURING] = during;
    metric[GW_METRIC_GUEST_RATE_RATIO] = ratio(during, isnan(before) ? usual : before);
    metric[GW_METRIC_PENALTY_STUN_S] = lost_s[GW_LOST_STUN];
    metric[GW_METRIC_PENALTY_THROTTLE_S] = lost_s[GW_LOST_THROTTLE];
    metric[GW_METRIC_PENALTY_FAULT_S] = lost_s[GW_LOST_FAULTS];
    metric[GW_METRIC_PENALTY_PAGE_WAIT_S] = lost_s[GW_LOST_PAGE_WAIT];
    metric[GW_METRIC_FAULTS] = (double)(to->counts.faults - from->counts.faults);
    metric[GW_METRIC_PAGE_WRITES] = (double)(to->counts.writes - from->counts.writes);
    metric[GW_METRIC_GUEST_PENALTY_S] =
        usual > during ? time_s * (1.0 - during / usual) : lost_s[GW_LOST_STUN];
    metric[GW_METRIC_STUNS] = metric[GW_METRIC_DOWNTIME_S] > 0;
    metric[GW_METRIC_LONGEST_STUN_S] = metric[GW_METRIC_DOWNTIME_S];
}

static void
fill_hosts(const struct gw_memory_world *world, double *metric)
{
    const struct gw_sim_wire *wire = &world->memory.wire;
    double time_ns = (double)(world->ended.at_ns - world->requested.at_ns);
    double threads = (double)world->scenario->memory->host.decompress_threads;
    uint32_t workers = worker_count(world);
    double ahead_ns = (double)(wire->link_free_ns - world->ended.at_ns); /* of a run cut short */
    double most = 0, least = INFINITY;

    ahead_ns = ahead_ns > 0 ? ahead_ns : 0;

    for (uint32_t i = 0; i < workers; i++) {
        double used = worker_cpu_ns(world, i);

        most = used > most ? used : most;
        least = used < least ? used : least;
    }
    metric[GW_METRIC_SOURCE_MAIN_CPU_SHARE] = ratio(world->ended.main_ns, time_ns);
    metric[GW_METRIC_TARGET_MAIN_CPU_SHARE] = ratio(wire->loader_busy_ns, time_ns);
    metric[GW_METRIC_LINK_UTILISATION] = ratio(wire->link_busy_ns - ahead_ns, time_ns);
    if (workers > 0) {
        metric[GW_METRIC_SOURCE_WORKER_CPU_SHARE_MOST] = ratio(most, time_ns);
        metric[GW_METRIC_SOURCE_WORKER_CPU_SHARE_LEAST] = ratio(least, time_ns);
    }
    if (wire->decoder_busy_ns > 0) {
        metric[GW_METRIC_TARGET_WORKER_CPU_SHARE_MOST] =
            ratio(wire->decoder_busy_ns / threads, time_ns);
        metric[GW_METRIC_TARGET_WORKER_CPU_SHARE_LEAST] =
            metric[GW_METRIC_TARGET_WORKER_CPU_SHARE_MOST];
    }
}

static bool
fill_names(struct gw_memory_world *world, const struct gw_file_digests *files, struct gw_error *err)
{
    struct gw_result *result = &world->result;

    result->canonical = gw_scenario_canonical(world->scenario, files->items, files->count);
    result->scenario = strdup(world->scenario->name);
    result->vm = strdup(world->scenario->memory->vm_name);
    result->architecture = world->architecture->name;
    result->seed = (uint64_t)world->scenario->seed;
    result->replication = world->replication;
    return (result->canonical != NULL && result->scenario != NULL && result->vm != NULL) ||
           gw_fail(err, GW_ENOMEM, "out of memory for a result");
}

static bool
fill_identity(struct gw_memory_world *world, struct gw_error *err)
{
    struct gw_result *result = &world->result;
    struct gw_file_digests files;
    bool named;

    if (!gw_scenario_digest_files(world->scenario->memory, &files, err)) {
        return false;
    }
    named = fill_names(world, &files, err);
    gw_file_digests_clear(&files);
    return named &&
           (gw_scenario_run_id(result->canonical, world->replication, result->vm, result->run_id) ||
            gw_fail(err, GW_ENOMEM, "out of memory for a run id"));
}

bool
gw_memory_measure_result(struct gw_memory_world *world, struct gw_error *err)
{
    struct gw_result *result = &world->result;

    if (!world->finished) {
        result->outcome = GW_NOT_CONVERGED;
        result->reason = "time limit, and still undoing";
        gw_memory_measure_mark(world, &world->ended);
    }
    world->architecture->stats(world->state, &world->stats);
    gw_guest_memory_take_latency(world->memory.guest, &result->distribution[GW_LATENCY_AFTER_NS]);
    gw_histogram_merge(&result->distribution[GW_PAGE_WAIT_NS], &world->memory.page_wait);
    fill_stream(result->metric, &world->stats);
    fill_codecs(result->metric, &world->scenario->memory->settings, &world->stats);
    fill_guest(world, result->metric);
    fill_hosts(world, result->metric);
    result->metric[GW_METRIC_EVENTS] = (double)gw_kernel_fired_count(world->kernel);
    result->verified = gw_sim_memory_is_right(&world->memory);
    snprintf(result->verify_note, sizeof result->verify_note, "%s",
             world->memory.judged ? world->memory.note : "the guest never left the source");
    return fill_identity(world, err);
}
