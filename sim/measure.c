/* measure.c - turns what a world counted into samples and results.
 *
 * Penalty   P = T - N / r: migration time less the time that the IOs done in it would have taken
 *           before (the talk plots "effective lost workload time"). Not clipped: noise may make it negative.
 *           By cause: stuns count whole; IOs that the architecture held back count by the time
 *           of the slots that they parked; the rest is devices and paths shared with the move.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/job_identity.h"

static const double NS = 1e-9;

/* ---- samples ---------------------------------------------------------------------------------------- */

static struct gw_disk_counts
guest_io_of(struct gw_sim_disk **disks, uint32_t count)
{
    struct gw_disk_counts sum = {0};

    for (uint32_t i = 0; i < count; i++) {
        sum.reads += disks[i]->counts[GW_FOR_GUEST].reads;
        sum.writes += disks[i]->counts[GW_FOR_GUEST].writes;
    }
    return sum;
}

static void
sample_iops(struct gw_world_guest *guest, int64_t t_ns, double seconds)
{
    struct gw_sim_guest *sim = &guest->guest;
    struct gw_migration *migration = &guest->migration;
    struct gw_disk_counts now[2] = {guest_io_of(guest->moved[0], migration->disk_count),
                                    guest_io_of(guest->moved[1], migration->disk_count)};
    int64_t ios = sim->recent.reads + sim->recent.writes;
    double row[] = {
        (double)sim->recent.reads / seconds,
        (double)sim->recent.writes / seconds,
        (double)(now[0].reads - guest->seen[0].reads) / seconds,
        (double)(now[0].writes - guest->seen[0].writes) / seconds,
        (double)(now[1].writes - guest->seen[1].writes) / seconds,
        ios == 0 ? (double)NAN : (double)sim->recent.latency_ns * 1e-6 / (double)ios,
        ios == 0 ? (double)NAN : (double)sim->recent.latency_most_ns * 1e-6,
    };

    guest->seen[0] = now[0];
    guest->seen[1] = now[1];
    memset(&sim->recent, 0, sizeof sim->recent);
    gw_assert(gw_series_add(&guest->result.series[GW_SERIES_IOPS], GW_SERIES_IOPS, t_ns, row));
}

static void
sample_progress(struct gw_world_guest *guest, int64_t t_ns, double seconds)
{
    struct gw_migration *migration = &guest->migration;
    struct gw_progress now;
    double copied;

    migration->architecture->progress(migration->state, &now);
    copied = (double)(now.copied_bytes - guest->sampled.copied_bytes);
    {
        double dirtied = (double)(now.remaining_bytes - guest->sampled.remaining_bytes) + copied;
        bool first = guest->sampled.iteration == 0;
        double row[] = {
            (double)now.remaining_bytes,
            (double)now.copied_bytes,
            (double)now.mirrored_bytes,
            first || dirtied < 0 ? 0.0 : dirtied / seconds,
            copied / seconds,
            (double)now.iteration,
            (double)now.extra_bytes,
        };

        gw_assert(gw_series_add(&guest->result.series[GW_SERIES_PROGRESS], GW_SERIES_PROGRESS, t_ns,
                                row));
    }
    guest->sampled = now;
}

void
gw_measure_sample(struct gw_world *world, struct gw_world_guest *guest, int64_t interval_ns)
{
    int64_t t_ns = world->kernel->agenda.now_ns - world->scenario->warmup_ns;
    double seconds = (double)interval_ns * NS;

    sample_iops(guest, t_ns, seconds);
    if (guest->migration.running) {
        sample_progress(guest, t_ns, seconds);
    }
}

/* ---- the result --------------------------------------------------------------------------------------- */

static int64_t
ios(const struct gw_guest_counts *counts)
{
    return counts->reads + counts->writes;
}

static double
per_second(int64_t count, int64_t time_ns)
{
    return time_ns <= 0 ? (double)NAN : (double)count / ((double)time_ns * NS);
}

static void
fill_penalty(struct gw_world_guest *guest, double migration_s)
{
    struct gw_sim_guest *sim = &guest->guest;
    double *metric = guest->result.metric;
    double base = metric[GW_METRIC_GUEST_IOPS_BEFORE];
    int64_t slots = gw_sim_guest_concurrency(sim);

    metric[GW_METRIC_PENALTY_STUN_S] = metric[GW_METRIC_DOWNTIME_S];
    if (!(base > 0)) {
        return;
    }
    metric[GW_METRIC_GUEST_PENALTY_S] = migration_s - (double)ios(&sim->counts[GW_DURING]) / base;
    if (slots == 0) {
        return;
    }
    metric[GW_METRIC_PENALTY_DEFER_S] = (double)sim->deferred_ns * NS / (double)slots;
    metric[GW_METRIC_PENALTY_SHARING_S] = metric[GW_METRIC_GUEST_PENALTY_S] -
                                          metric[GW_METRIC_PENALTY_STUN_S] -
                                          metric[GW_METRIC_PENALTY_DEFER_S];
}

static void
fill_ready(struct gw_world_guest *guest)
{
    const struct gw_migration *migration = &guest->migration;
    struct gw_migration_moment ready = migration->ready;
    struct gw_migration_moment stop = ready;
    double *metric = guest->result.metric;

    if (ready.at_ns == 0) {
        return;
    }
    if (migration->switching.at_ns > 0 && migration->switching.at_ns < ready.at_ns) {
        stop = migration->switching;
    }
    metric[GW_METRIC_READY_TIME_S] = (double)(ready.at_ns - migration->requested_ns) * NS;
    metric[GW_METRIC_GUEST_IOPS_UNTIL_READY] =
        per_second(stop.ios, stop.at_ns - migration->requested_ns);
    if (migration->complete.at_ns > 0) {
        metric[GW_METRIC_SWITCH_TIME_S] =
            (double)(migration->finished_ns - migration->complete.at_ns) * NS;
        metric[GW_METRIC_GUEST_IOPS_READY] = per_second(migration->complete.ios - ready.ios,
                                                        migration->complete.at_ns - ready.at_ns);
    }
}

static void
fill_migration(struct gw_world_guest *guest)
{
    const struct gw_migration *migration = &guest->migration;
    double *metric = guest->result.metric;

    fill_ready(guest);
    metric[GW_METRIC_ITERATIONS] = (double)migration->last.iteration;
    metric[GW_METRIC_BYTES_SENT] = (double)migration->bytes_sent;
    metric[GW_METRIC_BYTES_COPIED] = (double)migration->last.copied_bytes;
    metric[GW_METRIC_BYTES_MIRRORED] = (double)migration->last.mirrored_bytes;
    metric[GW_METRIC_SOURCE_BYTES_WRITTEN] = (double)migration->source_bytes_written;
    metric[GW_METRIC_EXTRA_SPACE_PEAK_BYTES] = (double)(guest->volumes[GW_SOURCE].files_peak_bytes +
                                                        guest->volumes[GW_TARGET].files_peak_bytes);
}

static void
fill_guest(const struct gw_world *world, struct gw_world_guest *guest, int64_t requested_ns,
           int64_t finished_ns)
{
    struct gw_sim_guest *sim = &guest->guest;
    double *metric = guest->result.metric;
    int64_t settled_ns = world->settle.at_ns;
    int64_t now_ns = world->kernel->agenda.now_ns;
    struct gw_guest_counts all = world->settling[guest - world->guests];

    for (int i = 0; i < GW_PERIOD_COUNT; i++) {
        all.reads += sim->counts[i].reads;
        all.writes += sim->counts[i].writes;
        all.bytes_written += sim->counts[i].bytes_written;
    }
    metric[GW_METRIC_GUEST_READS] = (double)all.reads;
    metric[GW_METRIC_GUEST_WRITES] = (double)all.writes;
    metric[GW_METRIC_GUEST_BYTES_WRITTEN] = (double)all.bytes_written;
    metric[GW_METRIC_GUEST_IOPS_BEFORE] =
        per_second(ios(&sim->counts[GW_BEFORE]), requested_ns - settled_ns);
    metric[GW_METRIC_GUEST_IOPS_DURING] =
        per_second(ios(&sim->counts[GW_DURING]), finished_ns - requested_ns);
    metric[GW_METRIC_GUEST_IOPS_AFTER] =
        per_second(ios(&sim->counts[GW_AFTER]), now_ns - finished_ns);
    metric[GW_METRIC_DOWNTIME_S] = (double)sim->downtime_ns * NS;
    metric[GW_METRIC_STUNS] = (double)sim->stun_count;
    metric[GW_METRIC_LONGEST_STUN_S] = (double)sim->longest_stun_ns * NS;
    metric[GW_METRIC_DEFERRED_IOS] = (double)sim->deferred_count;
    metric[GW_METRIC_EVENTS] = (double)gw_kernel_fired_count(world->kernel);
}

static bool
fill_distributions(struct gw_world_guest *guest)
{
    struct gw_result *result = &guest->result;
    struct gw_sim_guest *sim = &guest->guest;

    gw_histogram_merge(&result->distribution[GW_LATENCY_BEFORE_NS], &sim->latency[GW_BEFORE]);
    gw_histogram_merge(&result->distribution[GW_LATENCY_DURING_NS], &sim->latency[GW_DURING]);
    gw_histogram_merge(&result->distribution[GW_LATENCY_AFTER_NS], &sim->latency[GW_AFTER]);
    gw_histogram_merge(&result->distribution[GW_STUN_NS], &sim->stuns);
    for (int64_t i = 0; i < sim->region_count; i++) {
        double row[] = {(double)(i * sim->region_bytes), (double)sim->region_writes[i]};

        if (!gw_series_add(&result->series[GW_SERIES_HEAT], GW_SERIES_HEAT, 0, row)) {
            return false;
        }
    }
    return true;
}

void
gw_measure_verdict(struct gw_world_guest *guest)
{
    const struct gw_migration *migration = &guest->migration;
    struct gw_result *result = &guest->result;
    const struct gw_oracle *oracle = &guest->oracle;

    result->verified = guest->right && oracle->reads_wrong == 0;
    if (migration->switch_checked && !migration->switch_right) {
        result->verified = false;
    }
    if (oracle->reads_wrong > 0) {
        memcpy(result->verify_note, oracle->note, sizeof result->verify_note);
    }
}

/* Names the move of one guest in a replication of a scenario: same id, same bytes of results. */
static bool
make_run_id(const struct gw_world *world, const char *vm, char **canonical, char out[33],
            struct gw_error *err)
{
    struct gw_trace_digest *digests = calloc(world->guest_count, sizeof *digests);
    size_t count = 0;

    *canonical = NULL;
    for (size_t i = 0; digests != NULL && i < world->guest_count; i++) {
        const char *digest = world->guests[i].guest.workload->digest;
        const char *trace = gw_identity_trace(world->guests[i].plan);

        if (digest != NULL && trace != NULL) {
            digests[count++] = (struct gw_trace_digest){trace, digest};
        }
    }
    if (digests != NULL) {
        *canonical = gw_scenario_canonical(world->scenario, digests, count);
    }
    free(digests);
    return (*canonical != NULL && gw_scenario_run_id(*canonical, world->replication, vm, out)) ||
           gw_fail(err, GW_ENOMEM, "out of memory for a run id");
}

bool
gw_measure_result(struct gw_world *world, struct gw_world_guest *guest, struct gw_error *err)
{
    struct gw_migration *migration = &guest->migration;
    struct gw_result *result = &guest->result;
    bool moves = migration->architecture != NULL;
    int64_t requested_ns = world->scenario->warmup_ns;
    int64_t now_ns = world->kernel->agenda.now_ns;
    int64_t finished_ns = moves && migration->finished ? migration->finished_ns : now_ns;
    double migration_s = (double)(finished_ns - requested_ns) * NS;

    for (int i = 0; i < GW_METRIC_COUNT; i++) {
        result->metric[i] = (double)NAN;
    }
    if (!make_run_id(world, guest->plan->name, &result->canonical, result->run_id, err)) {
        return false;
    }
    result->scenario = strdup(world->scenario->name);
    result->vm = strdup(guest->plan->name);
    if (result->scenario == NULL || result->vm == NULL || !fill_distributions(guest)) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a result");
    }
    result->architecture = moves ? migration->architecture->name : "none";
    result->seed = (uint64_t)world->scenario->seed;
    result->replication = world->replication;
    fill_guest(world, guest, requested_ns, finished_ns);
    if (moves) {
        if (!migration->finished) {
            result->outcome = GW_NOT_CONVERGED;
            result->reason = "time limit, and still undoing";
        }
        result->metric[GW_METRIC_MIGRATION_TIME_S] = migration_s;
        fill_migration(guest);
        fill_penalty(guest, migration_s);
    }
    return true;
}
