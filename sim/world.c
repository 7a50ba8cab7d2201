/* world.c - joins a scenario, the models and the algorithms, and runs one replication.
 *
 * Time line  0: the guests start. A fifth of the warm-up: counting begins. Warm-up: the request.
 *            End of the last migration + cool-down (or end of the workload, where the scenario
 *            asks for it): the guests stop issuing, what is in flight drains, the disks are
 *            compared with what the guests are owed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure.h"
#include "sim/world_build.h"

static const int64_t SETTLE_PARTS = 5;
static const int64_t UNDO_NS = 600000000000; /* given to a migration that the limit has ended */
static const int64_t DRAIN_NS = 3600000000000;

static void
fail(struct gw_world *world)
{
    world->failed = true;
    gw_kernel_stop(world->kernel);
}

/* Ends the run, unless the workload is to be played to its end first. */
static void
end_run(struct gw_event *event)
{
    struct gw_world *world = gw_container(event, struct gw_world, end);

    world->over = true;
    for (size_t i = 0; world->scenario->until_workload_end && i < world->guest_count; i++) {
        world->over = world->over && gw_sim_guest_is_done(&world->guests[i].guest);
    }
    if (world->over) {
        gw_kernel_stop(world->kernel);
        return;
    }
    gw_schedule(&world->kernel->agenda, &world->end,
                world->kernel->agenda.now_ns + world->scenario->sample_interval_ns);
}

static void
plan_end(struct gw_world *world, int64_t at_ns)
{
    gw_cancel(&world->kernel->agenda, &world->end);
    gw_schedule(&world->kernel->agenda, &world->end, at_ns);
}

static void
migration_finished(struct gw_migration *migration)
{
    struct gw_world *world = migration->world;

    migration->guest->period = GW_AFTER;
    world->migrating--;
    if (world->migrating == 0) {
        plan_end(world, world->kernel->agenda.now_ns + world->scenario->cooldown_ns);
    }
}

/* The first part of the warm-up does not count towards "before". */
static void
settle(struct gw_event *event)
{
    struct gw_world *world = gw_container(event, struct gw_world, settle);

    for (size_t i = 0; i < world->guest_count; i++) {
        struct gw_sim_guest *guest = &world->guests[i].guest;

        world->settling[i] = guest->counts[GW_BEFORE];
        guest->counts[GW_BEFORE] = (struct gw_guest_counts){0};
        gw_histogram_clear(&guest->latency[GW_BEFORE]);
    }
}

static void
request(struct gw_event *event)
{
    struct gw_world *world = gw_container(event, struct gw_world, request);
    int64_t now_ns = world->kernel->agenda.now_ns;

    for (size_t i = 0; i < world->guest_count; i++) {
        if (world->guests[i].migration.architecture == NULL) {
            world->guests[i].guest.period = GW_AFTER;
            continue;
        }
        world->migrating++;
        world->guests[i].migration.on_finish = migration_finished;
        if (!gw_migration_request(&world->guests[i].migration, &world->error)) {
            fail(world);
            return;
        }
    }
    gw_schedule(&world->kernel->agenda, &world->limit, now_ns + world->scenario->time_limit_ns);
    if (world->migrating == 0) {
        plan_end(world, now_ns + world->scenario->cooldown_ns);
    }
}

static void
limit(struct gw_event *event)
{
    struct gw_world *world = gw_container(event, struct gw_world, limit);

    if (world->migrating == 0) {
        return;
    }
    plan_end(world, world->kernel->agenda.now_ns + UNDO_NS);
    for (size_t i = 0; i < world->guest_count; i++) {
        if (world->guests[i].migration.architecture != NULL) {
            gw_migration_expire(&world->guests[i].migration);
        }
    }
}

static void
sample(struct gw_event *event)
{
    struct gw_world *world = gw_container(event, struct gw_world, sample);
    int64_t interval_ns = world->scenario->sample_interval_ns;

    for (size_t i = 0; i < world->guest_count; i++) {
        gw_measure_sample(world, &world->guests[i], interval_ns);
    }
    gw_schedule(&world->kernel->agenda, &world->sample, world->kernel->agenda.now_ns + interval_ns);
}

static bool
build(struct gw_world *world, struct gw_error *err)
{
    const struct gw_scenario *scenario = world->scenario;

    world->kernel = gw_kernel_create(err);
    if (world->kernel == NULL ||
        !gw_device_set_create(&world->devices, scenario, &world->kernel->agenda, world->replication,
                              err)) {
        return false;
    }
    world->guests = calloc(scenario->guest_count, sizeof *world->guests);
    world->settling = calloc(scenario->guest_count, sizeof *world->settling);
    if (world->guests == NULL || world->settling == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %zu guests", scenario->guest_count);
    }
    for (size_t i = 0; i < scenario->guest_count; i++) {
        world->guest_count = i + 1;
        if (!gw_world_guest_build(world, i, err)) {
            return false;
        }
    }
    return true;
}

struct gw_world *
gw_world_create(const struct gw_scenario *scenario, int64_t replication, struct gw_error *err)
{
    struct gw_world *world = calloc(1, sizeof *world);

    if (world == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for a world");
        return NULL;
    }
    world->scenario = scenario;
    world->replication = replication;
    world->settle.fire = settle;
    world->request.fire = request;
    world->sample.fire = sample;
    world->limit.fire = limit;
    world->end.fire = end_run;
    if (!build(world, err)) {
        gw_world_destroy(world);
        return NULL;
    }
    return world;
}

/* Guests issue nothing more; what is in flight comes home; then their disks are judged. */
static void
drain_and_judge(struct gw_world *world)
{
    for (size_t i = 0; i < world->guest_count; i++) {
        world->guests[i].guest.quiet = true;
    }
    gw_cancel(&world->kernel->agenda, &world->sample);
    gw_kernel_run(world->kernel, world->kernel->agenda.now_ns + DRAIN_NS);
    for (size_t i = 0; i < world->guest_count; i++) {
        struct gw_world_guest *guest = &world->guests[i];
        char note[sizeof guest->result.verify_note];

        guest->right = guest->guest.in_flight == 0;
        if (!guest->right) {
            snprintf(guest->result.verify_note, sizeof guest->result.verify_note,
                     "guest IO never came back");
            continue;
        }
        if (guest->migration.architecture != NULL) {
            guest->right =
                gw_migration_audit(&guest->migration, guest->guest.side, note, sizeof note);
            if (!guest->migration.switch_checked || !guest->right) {
                memcpy(guest->result.verify_note, note, sizeof note);
            }
        }
    }
}

static bool
trace_was_whole(const struct gw_world *world, struct gw_error *err)
{
    for (size_t i = 0; i < world->guest_count; i++) {
        const struct gw_workload *workload = world->guests[i].guest.workload;
        const char *fault = workload->fault == NULL ? NULL : workload->fault(workload);

        if (fault != NULL) {
            return gw_fail(err, GW_EIO, "%s", fault);
        }
    }
    return true;
}

bool
gw_world_run(struct gw_world *world, struct gw_error *err)
{
    const struct gw_scenario *scenario = world->scenario;
    struct gw_agenda *agenda = &world->kernel->agenda;

    gw_schedule(agenda, &world->settle, scenario->warmup_ns / SETTLE_PARTS);
    gw_schedule(agenda, &world->request, scenario->warmup_ns);
    gw_schedule(agenda, &world->sample, scenario->sample_interval_ns);
    gw_kernel_run(world->kernel, GW_TIME_NEVER);
    if (world->failed) {
        *err = world->error;
        return false;
    }
    world->end.at_ns = agenda->now_ns;
    for (size_t i = 0; i < world->guest_count; i++) {
        if (!gw_measure_result(world, &world->guests[i], err)) {
            return false;
        }
    }
    drain_and_judge(world);
    for (size_t i = 0; i < world->guest_count; i++) {
        gw_measure_verdict(&world->guests[i]);
    }
    return trace_was_whole(world, err);
}

void
gw_world_destroy(struct gw_world *world)
{
    if (world == NULL) {
        return;
    }
    for (size_t i = 0; i < world->guest_count; i++) {
        gw_world_guest_clear(&world->guests[i]);
    }
    gw_device_set_destroy(&world->devices);
    if (world->kernel != NULL) {
        gw_kernel_destroy(world->kernel);
    }
    free(world->guests);
    free(world->settling);
    free(world);
}

struct gw_result *
gw_world_result(struct gw_world *world, size_t number)
{
    for (size_t i = 0; i < world->guest_count; i++) {
        bool has = world->guests[i].migration.architecture != NULL;

        if (has && number-- == 0) {
            return &world->guests[i].result;
        }
    }
    return NULL;
}
