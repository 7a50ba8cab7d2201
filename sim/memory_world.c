/* memory_world.c - see memory_world.h.
 *
 * Time line  0: the guest starts. Warm-up: the request. End of the migration + cool-down: the end.
 *            The first fifth of the warm-up does not count towards "before".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/memory_world.h"

#include <stdlib.h>

static const int64_t SETTLE_PARTS = 5;
static const int64_t UNDO_NS = 600000000000; /* given to a migration that the limit has ended */

static void
fail(struct gw_memory_world *world)
{
    world->failed = true;
    gw_kernel_stop(world->kernel);
}

static bool
row_added(struct gw_memory_world *world, bool added)
{
    if (!added) {
        gw_fail(&world->error, GW_ENOMEM, "out of memory for a curve");
        fail(world);
    }
    return added;
}

/* ---- clock ------------------------------------------------------------------------------------------ */

static int64_t
clock_now_ns(const struct gw_clock *clock)
{
    const struct gw_memory_world *world =
        gw_container((void *)(uintptr_t)clock, struct gw_memory_world, clock);

    return world->kernel->agenda.now_ns;
}

static void
clock_disarm(struct gw_clock *clock, uint32_t timer)
{
    struct gw_memory_world *world = gw_container(clock, struct gw_memory_world, clock);

    gw_cancel(&world->kernel->agenda, &world->timers[timer].event);
}

static void
clock_arm(struct gw_clock *clock, uint32_t timer, int64_t at_ns)
{
    struct gw_memory_world *world = gw_container(clock, struct gw_memory_world, clock);
    int64_t now_ns = world->kernel->agenda.now_ns;

    clock_disarm(clock, timer);
    gw_schedule(&world->kernel->agenda, &world->timers[timer].event,
                at_ns > now_ns ? at_ns : now_ns);
}

static void
timer_fired(struct gw_event *event)
{
    struct gw_memory_timer *timer = gw_container(event, struct gw_memory_timer, event);

    timer->world->architecture->on_timer(timer->world->state, timer->number);
}

static const struct gw_clock_ops clock_ops = {clock_now_ns, clock_arm, clock_disarm};

/* ---- report ----------------------------------------------------------------------------------------- */

static void
report_phase(struct gw_report *report, const char *name)
{
    struct gw_memory_world *world = gw_container(report, struct gw_memory_world, report);

    row_added(world, gw_result_add_phase(&world->result, name,
                                         world->kernel->agenda.now_ns - world->requested_ns));
}

static void
report_iteration(struct gw_report *report, const struct gw_iteration *iteration)
{
    struct gw_memory_world *world = gw_container(report, struct gw_memory_world, report);

    row_added(world, gw_memory_measure_sync(world, iteration));
}

static void
report_observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    struct gw_memory_world *world = gw_container(report, struct gw_memory_world, report);

    if (what == GW_OBSERVE_STUN_NS) {
        gw_histogram_add(&world->result.distribution[GW_STUN_NS], value);
    }
}

static void
report_range(struct gw_report *report, const struct gw_range *range)
{
    (void)report;
    (void)range;
}

static void
report_finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct gw_memory_world *world = gw_container(report, struct gw_memory_world, report);
    struct gw_agenda *agenda = &world->kernel->agenda;

    gw_assert(!world->finished);
    world->finished = true;
    world->finished_ns = agenda->now_ns;
    world->result.outcome = outcome;
    world->result.reason = reason;
    if (!row_added(world, gw_memory_measure_sample(world))) {
        return;
    }
    gw_memory_measure_mark(world, &world->ended);
    gw_guest_memory_take_latency(world->memory.guest,
                                 &world->result.distribution[GW_LATENCY_DURING_NS]);
    gw_cancel(agenda, &world->limit);
    gw_cancel(agenda, &world->end);
    gw_schedule(agenda, &world->end, agenda->now_ns + world->scenario->cooldown_ns);
}

static const struct gw_report_ops report_ops = {
    .phase = report_phase,
    .iteration = report_iteration,
    .observe = report_observe,
    .range = report_range,
    .finish = report_finish,
};

/* ---- what the guest tells --------------------------------------------------------------------------- */

static void
on_paused(void *owner)
{
    struct gw_memory_world *world = owner;

    world->architecture->on_guest_paused(world->state);
}

static void
on_resumed(void *owner)
{
    struct gw_memory_world *world = owner;

    world->architecture->on_guest_resumed(world->state);
}

static void
on_request(void *owner, uint64_t page)
{
    struct gw_memory_world *world = owner;

    if (!world->finished) {
        world->architecture->on_page_request(world->state, page);
    }
}

/* ---- time line -------------------------------------------------------------------------------------- */

static void
settle(struct gw_event *event)
{
    struct gw_memory_world *world = gw_container(event, struct gw_memory_world, settle);
    struct gw_histogram ignored = {0};

    gw_sim_memory_look(&world->memory);
    gw_memory_measure_mark(world, &world->settled);
    gw_guest_memory_take_latency(world->memory.guest, &ignored);
    gw_histogram_clear(&ignored);
}

static void
request(struct gw_event *event)
{
    struct gw_memory_world *world = gw_container(event, struct gw_memory_world, request);
    struct gw_agenda *agenda = &world->kernel->agenda;

    gw_sim_memory_look(&world->memory);
    gw_memory_measure_mark(world, &world->requested);
    gw_guest_memory_take_latency(world->memory.guest,
                                 &world->result.distribution[GW_LATENCY_BEFORE_NS]);
    world->running = true;
    gw_schedule(agenda, &world->limit, agenda->now_ns + world->scenario->time_limit_ns);
    if (!world->architecture->start(world->state, &world->ports, &world->scenario->memory->settings,
                                    &world->error)) {
        fail(world);
    }
}

static void
limit(struct gw_event *event)
{
    struct gw_memory_world *world = gw_container(event, struct gw_memory_world, limit);
    struct gw_agenda *agenda = &world->kernel->agenda;

    world->limit_reached = true;
    gw_schedule(agenda, &world->end, agenda->now_ns + UNDO_NS);
    world->architecture->cancel(world->state, GW_NOT_CONVERGED, "time limit");
}

static void
sample(struct gw_event *event)
{
    struct gw_memory_world *world = gw_container(event, struct gw_memory_world, sample);
    struct gw_agenda *agenda = &world->kernel->agenda;

    gw_sim_memory_look(&world->memory);
    if (row_added(world, gw_memory_measure_sample(world))) {
        gw_schedule(agenda, &world->sample, agenda->now_ns + world->scenario->sample_interval_ns);
    }
}

static void
end_run(struct gw_event *event)
{
    struct gw_memory_world *world = gw_container(event, struct gw_memory_world, end);

    gw_kernel_stop(world->kernel);
}

/* ---- life --------------------------------------------------------------------------------------------- */

static void
set_up(struct gw_memory_world *world)
{
    world->clock.ops = &clock_ops;
    world->report.ops = &report_ops;
    world->settle.fire = settle;
    world->request.fire = request;
    world->sample.fire = sample;
    world->limit.fire = limit;
    world->end.fire = end_run;
    for (uint32_t i = 0; i < GW_TIMER_COUNT; i++) {
        world->timers[i].event.fire = timer_fired;
        world->timers[i].world = world;
        world->timers[i].number = i;
    }
    world->memory.on_paused = on_paused;
    world->memory.on_resumed = on_resumed;
    world->memory.on_request = on_request;
    world->memory.owner = world;
}

static bool
build(struct gw_memory_world *world, struct gw_error *err)
{
    const struct gw_memory_plan *plan = world->scenario->memory;

    world->kernel = gw_kernel_create(err);
    if (world->kernel == NULL ||
        !gw_sim_memory_open(&world->memory, world->scenario, world->replication,
                            &world->kernel->agenda, err)) {
        return false;
    }
    world->architecture = plan->architecture;
    world->state = calloc(1, plan->architecture->state_bytes);
    if (world->state == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for a migration");
    }
    world->ports = (struct gw_memory_ports){
        .clock = &world->clock,
        .memory = &world->memory.memory,
        .crew = world->memory.crew == NULL ? NULL : gw_sim_crew_port(world->memory.crew),
        .wire = &world->memory.wire.wire,
        .vcpus = &world->memory.vcpus,
        .report = &world->report,
        .device_state_bytes = plan->host.device_state_bytes,
    };
    return true;
}

struct gw_memory_world *
gw_memory_world_create(const struct gw_scenario *scenario, int64_t replication,
                       struct gw_error *err)
{
    struct gw_memory_world *world = calloc(1, sizeof *world);

    if (world == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for a world");
        return NULL;
    }
    world->scenario = scenario;
    world->replication = replication;
    world->requested_ns = scenario->warmup_ns;
    gw_result_init(&world->result);
    set_up(world);
    if (!build(world, err)) {
        gw_memory_world_destroy(world);
        return NULL;
    }
    return world;
}

bool
gw_memory_world_run(struct gw_memory_world *world, struct gw_error *err)
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
    gw_sim_memory_look(&world->memory);
    return gw_memory_measure_result(world, err);
}

void
gw_memory_world_destroy(struct gw_memory_world *world)
{
    if (world == NULL) {
        return;
    }
    if (world->running) {
        world->architecture->stop(world->state);
    }
    free(world->state);
    gw_sim_memory_close(&world->memory);
    if (world->kernel != NULL) {
        gw_kernel_destroy(world->kernel);
    }
    gw_result_clear(&world->result);
    free(world);
}
