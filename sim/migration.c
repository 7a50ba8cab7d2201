/* migration.c - one migration in the simulated world: the ports of one architecture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/migration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/guest_path.h"

/* ---- clock ----------------------------------------------------------------------------------------- */

static int64_t
clock_now_ns(const struct gw_clock *clock)
{
    const struct gw_migration *migration =
        gw_container((void *)(uintptr_t)clock, struct gw_migration, clock);

    return migration->agenda->now_ns;
}

static void
clock_disarm(struct gw_clock *clock, uint32_t timer)
{
    struct gw_migration *migration = gw_container(clock, struct gw_migration, clock);

    gw_cancel(migration->agenda, &migration->timers[timer].event);
}

static void
clock_arm(struct gw_clock *clock, uint32_t timer, int64_t at_ns)
{
    struct gw_migration *migration = gw_container(clock, struct gw_migration, clock);
    int64_t now_ns = migration->agenda->now_ns;

    clock_disarm(clock, timer);
    gw_schedule(migration->agenda, &migration->timers[timer].event,
                at_ns > now_ns ? at_ns : now_ns);
}

static void
timer_fired(struct gw_event *event)
{
    struct gw_migration_timer *timer = gw_container(event, struct gw_migration_timer, event);

    timer->migration->architecture->on_timer(timer->migration->state, timer->number);
}

static const struct gw_clock_ops clock_ops = {clock_now_ns, clock_arm, clock_disarm};

/* ---- report ---------------------------------------------------------------------------------------- */

static int64_t
since_request_ns(const struct gw_migration *migration)
{
    return migration->agenda->now_ns - migration->requested_ns;
}

static void
note_moment(struct gw_migration *migration, const char *name)
{
    const struct gw_guest_counts *counts = &migration->guest->counts[GW_DURING];
    struct {
        const char *name;
        struct gw_migration_moment *moment;
    } watched[] = {{GW_PHASE_READY, &migration->ready},
                   {GW_PHASE_COMPLETE, &migration->complete},
                   {GW_PHASE_SWITCH_OVER, &migration->switching}};

    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        if (strcmp(name, watched[i].name) == 0 && watched[i].moment->at_ns == 0) {
            *watched[i].moment = (struct gw_migration_moment){migration->agenda->now_ns,
                                                              counts->reads + counts->writes};
        }
    }
}

static void
report_phase(struct gw_report *report, const char *name)
{
    struct gw_migration *migration = gw_container(report, struct gw_migration, report);

    gw_assert(gw_result_add_phase(migration->result, name, since_request_ns(migration)));
    note_moment(migration, name);
}

static void
report_iteration(struct gw_report *report, const struct gw_iteration *iteration)
{
    struct gw_migration *migration = gw_container(report, struct gw_migration, report);
    double row[] = {
        (double)iteration->number,
        (double)(iteration->started_ns - migration->requested_ns) * 1e-9,
        (double)(iteration->ended_ns - iteration->started_ns) * 1e-9,
        (double)iteration->copied_bytes,
        (double)iteration->dirty_bytes,
        (double)iteration->hot_bytes,
    };

    gw_assert(gw_series_add(&migration->result->series[GW_SERIES_ITERATION], GW_SERIES_ITERATION,
                            since_request_ns(migration), row));
}

static void
report_observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    struct gw_migration *migration = gw_container(report, struct gw_migration, report);
    struct gw_result *result = migration->result;

    if (what == GW_OBSERVE_DEFERRED_NS) {
        gw_histogram_add(&result->distribution[GW_DEFERRED_NS], value);
        migration->guest->deferred_ns += value;
        migration->guest->deferred_count++;
    }
}

static void
report_range(struct gw_report *report, const struct gw_range *range)
{
    struct gw_migration *migration = gw_container(report, struct gw_migration, report);
    struct gw_result *result = migration->result;
    double row[] = {(double)range->disk, (double)range->extent.offset_bytes,
                    (double)range->lock_wait_ns * 1e-6, (double)range->copy_ns * 1e-6};

    gw_histogram_add(&result->distribution[GW_LOCK_WAIT_NS], range->lock_wait_ns);
    gw_histogram_add(&result->distribution[GW_RANGE_COPY_NS], range->copy_ns);
    gw_assert(gw_series_add(&result->series[GW_SERIES_RANGE], GW_SERIES_RANGE,
                            since_request_ns(migration), row));
}

static int64_t
bytes_written(const struct gw_sim_disk *disk)
{
    int64_t sum = 0;

    for (int i = 0; i < GW_PURPOSE_COUNT; i++) {
        sum += disk->counts[i].bytes_written;
    }
    return sum;
}

static void
freeze_counts(struct gw_migration *migration)
{
    for (uint32_t i = 0; i < migration->disk_count; i++) {
        migration->bytes_sent += bytes_written(migration->target[i]);
        migration->target_guest_bytes += migration->target[i]->counts[GW_FOR_GUEST].bytes_written;
        migration->source_bytes_written += bytes_written(migration->source[i]);
    }
    migration->bytes_sent += bytes_written(migration->target_home);
    migration->architecture->progress(migration->state, &migration->last);
}

static void
report_finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct gw_migration *migration = gw_container(report, struct gw_migration, report);
    struct gw_result *result = migration->result;

    gw_assert(!migration->finished);
    migration->finished = true;
    migration->running = false;
    migration->finished_ns = migration->agenda->now_ns;
    result->outcome = outcome;
    result->reason = reason;
    if (migration->limit_reached && outcome != GW_COMPLETED) {
        result->outcome = GW_NOT_CONVERGED;
        result->reason = "time limit";
    }
    freeze_counts(migration);
    migration->on_finish(migration);
}

static const struct gw_report_ops report_ops = {report_phase, report_iteration, report_observe,
                                                report_range, report_finish};

/* ---- the guest's side --------------------------------------------------------------------------------- */

static void
bypass_done(void *owner, struct gw_io *part)
{
    struct gw_sim_guest *guest = owner;

    guest->port.ops->complete(&guest->port, gw_guest_of_part(part, 0), part->result);
}

static void
on_guest_io(void *self, struct gw_guest_io *io)
{
    struct gw_migration *migration = self;
    uint32_t number = migration->number[io->disk];

    if (number == UINT32_MAX) {
        /* A disk that stays where it is. */
        gw_guest_send(io, 0, migration->guest->disks[GW_SOURCE][io->disk], bypass_done,
                      migration->guest);
        return;
    }
    io->disk = number;
    migration->architecture->on_guest_io(migration->state, io);
}

static void
on_paused(void *self)
{
    struct gw_migration *migration = self;

    migration->architecture->on_guest_paused(migration->state);
}

static void
before_resume(void *self, enum gw_side side)
{
    struct gw_migration *migration = self;
    struct gw_result *result = migration->result;

    if (side != GW_TARGET) {
        return;
    }
    migration->switch_checked = true;
    migration->switch_right =
        gw_migration_audit(migration, GW_TARGET, result->verify_note, sizeof result->verify_note);
    if (migration->target_home->record != GW_RECORD_COMMITTED) {
        migration->switch_right = false;
        snprintf(result->verify_note, sizeof result->verify_note,
                 "resumed on the target without a commit record");
    }
}

static void
on_resumed(void *self)
{
    struct gw_migration *migration = self;

    migration->architecture->on_guest_resumed(migration->state);
}

/* Where a granule of a guest disk lies now. */
static uint32_t
identity_at(const struct gw_migration *migration, uint32_t disk, int64_t offset_bytes)
{
    struct gw_disk *port;
    const struct gw_sim_disk *holder;
    int64_t place;

    migration->architecture->locate(migration->state, disk, offset_bytes, &port, &place);
    holder = gw_container(port, struct gw_sim_disk, disk);
    return gw_image_get(&holder->image, (uint64_t)(place / port->granule_bytes));
}

static uint64_t
difference_located(const struct gw_migration *migration, uint32_t disk,
                   const struct gw_image *truth)
{
    int64_t granule_bytes = migration->source[disk]->disk.granule_bytes;

    for (uint64_t granule = 0; granule < truth->granules; granule++) {
        uint32_t expected = gw_image_get(truth, granule);

        if (expected != GW_ID_GARBAGE &&
            expected != identity_at(migration, disk, (int64_t)granule * granule_bytes)) {
            return granule;
        }
    }
    return truth->granules;
}

static uint64_t
difference(const struct gw_migration *migration, uint32_t guest_disk, enum gw_side side)
{
    const struct gw_oracle *oracle = migration->guest->oracle;
    uint32_t disk = migration->number[guest_disk];
    bool chained = migration->state != NULL && migration->architecture->locate != NULL &&
                   side == GW_SOURCE && migration->guest->handler.self == migration;

    if (chained) {
        return difference_located(migration, disk, &oracle->image[guest_disk]);
    }
    return gw_oracle_difference(oracle, guest_disk,
                                side == GW_SOURCE ? &migration->source[disk]->image
                                                  : &migration->target[disk]->image);
}

bool
gw_migration_audit(const struct gw_migration *migration, enum gw_side side, char *note,
                   size_t note_bytes)
{
    const struct gw_oracle *oracle = migration->guest->oracle;
    uint64_t granules = 0;

    for (uint32_t i = 0; i < oracle->disk_count; i++) {
        uint64_t first;

        if (migration->number[i] == UINT32_MAX) {
            continue;
        }
        first = difference(migration, i, side);
        if (first < oracle->image[i].granules) {
            snprintf(note, note_bytes, "%s differs from the guest's data on disk %u at byte %lld",
                     side == GW_SOURCE ? "the source" : "the target", i,
                     (long long)first * (long long)oracle->granule_bytes);
            return false;
        }
        granules += oracle->image[i].granules;
    }
    snprintf(note, note_bytes, "%llu blocks of %lld B compared", (unsigned long long)granules,
             (long long)oracle->granule_bytes);
    return true;
}

/* ---- life ----------------------------------------------------------------------------------------------- */

bool
gw_migration_open(struct gw_migration *migration, struct gw_error *err)
{
    migration->source_ports = calloc(migration->disk_count, sizeof(struct gw_disk *));
    migration->target_ports = calloc(migration->disk_count, sizeof(struct gw_disk *));
    migration->state = calloc(1, migration->architecture->state_bytes);
    if (migration->source_ports == NULL || migration->target_ports == NULL ||
        migration->state == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a migration");
    }
    for (uint32_t i = 0; i < migration->disk_count; i++) {
        migration->source_ports[i] = &migration->source[i]->disk;
        migration->target_ports[i] = &migration->target[i]->disk;
    }
    for (uint32_t i = 0; i < GW_TIMER_COUNT; i++) {
        migration->timers[i] = (struct gw_migration_timer){
            .event = {.fire = timer_fired}, .migration = migration, .number = i};
    }
    gw_stream_open(&migration->chance, migration->seed, migration->replication, "migration.chance",
                   migration->object);
    migration->clock.ops = &clock_ops;
    migration->report.ops = &report_ops;
    migration->ports = (struct gw_ports){
        .clock = &migration->clock,
        .guest = &migration->guest->port,
        .report = &migration->report,
        .disk_count = migration->disk_count,
        .source = migration->source_ports,
        .target = migration->target_ports,
        .source_volume = &migration->source_volume->volume,
        .target_volume = &migration->target_volume->volume,
        .source_home = &migration->source_home->disk,
        .target_home = &migration->target_home->disk,
        .common = migration->common,
        .chance = &migration->chance,
        .payload_create = gw_sim_payload_create,
        .payload_destroy = gw_sim_payload_destroy,
        .payload_copy = gw_sim_payload_copy,
    };
    return true;
}

void
gw_migration_close(struct gw_migration *migration)
{
    if (migration->state != NULL && migration->ports.clock != NULL) {
        migration->architecture->stop(migration->state);
    }
    free(migration->state);
    free(migration->source_ports);
    free(migration->target_ports);
    migration->state = NULL;
}

bool
gw_migration_request(struct gw_migration *migration, struct gw_error *err)
{
    migration->requested_ns = migration->agenda->now_ns;
    migration->running = true;
    migration->guest->period = GW_DURING;
    migration->guest->handler = (struct gw_guest_handler){
        .on_guest_io = on_guest_io,
        .on_paused = on_paused,
        .before_resume = before_resume,
        .on_resumed = on_resumed,
        .self = migration,
    };
    return migration->architecture->start(migration->state, &migration->ports, migration->settings,
                                          err);
}

void
gw_migration_expire(struct gw_migration *migration)
{
    if (migration->running) {
        migration->limit_reached = true;
        migration->architecture->cancel(migration->state);
    }
}
