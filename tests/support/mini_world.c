/* mini_world.c - one architecture on tiny disks without devices; the test chooses what comes next.
 *
 * Invariant a completion is delivered from the loop alone, never from inside a submit. A step is
 *           one event; a run is decided by its plan and the chooser's answers, so it can be
 *           repeated.
 * Cost      no allocation but the architecture's own: a run takes some microseconds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/mini_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 200, STEPS_MAX = 6000 };

static const int64_t STEP_NS = 1000000;

void
mini_wrong(struct mini_world *world, const char *format, ...)
{
    va_list arguments;

    if (!world->verdict->right) {
        return;
    }
    world->verdict->right = false;
    va_start(arguments, format);
    (void)vsnprintf(world->verdict->note, sizeof world->verdict->note, format, arguments);
    va_end(arguments);
}

/* ---- guest ------------------------------------------------------------------------------------------ */

static void
guest_complete(struct gw_guest *port, struct gw_guest_io *io, enum gw_code result)
{
    struct mini_world *world = gw_container(port, struct mini_world, guest);
    struct mini_guest_op *op = gw_container(io, struct mini_guest_op, io);
    uint32_t number = (uint32_t)(op - world->ops);
    const struct mini_op *script = &world->plan->ops[number];

    if (!op->in_flight) {
        mini_wrong(world, "guest IO %u was given back twice", number);
        return;
    }
    op->in_flight = false;
    world->in_flight--;
    if (result != GW_OK && !world->verdict->fault_met) {
        mini_wrong(world, "guest IO %u failed without a fault", number);
    }
    for (uint32_t i = 0; result == GW_OK && io->op == GW_IO_READ && i < script->count; i++) {
        if (!mini_judge_allows_read(&world->judge, number, i, op->payload.identity[i])) {
            mini_wrong(world, "guest read %u: granule %u holds %u", number, script->granule + i,
                       op->payload.identity[i]);
        }
    }
    mini_judge_ended(&world->judge, number, result == GW_OK, world->step);
}

static void
guest_pause(struct gw_guest *port, enum gw_stun why)
{
    struct mini_world *world = gw_container(port, struct mini_world, guest);

    (void)why;
    if (world->state != MINI_RUNNING || world->finished) {
        mini_wrong(world, "pause of a guest that is stopped, or after the end");
    }
    world->state = MINI_DRAINING;
}

static void
guest_resume(struct gw_guest *port, enum gw_side side)
{
    struct mini_world *world = gw_container(port, struct mini_world, guest);
    bool committed = world->homes[GW_TARGET].record == GW_RECORD_COMMITTED;

    if (world->state != MINI_STUNNED) {
        mini_wrong(world, "resume of a guest that is not stunned");
    }
    if (committed != (side == GW_TARGET)) {
        mini_wrong(world, "resume on the %s, and the record says otherwise",
                   side == GW_TARGET ? "target" : "source");
    }
    if (side == GW_TARGET) {
        mini_audit_target(world);
    }
    world->state = MINI_RESUMING;
    world->resume_side = side;
}

static void
guest_throttle(struct gw_guest *port, int64_t interval_ns)
{
    (void)port;
    (void)interval_ns;
}

static int64_t
guest_latency_ns(const struct gw_guest *port, bool before_migration)
{
    (void)port;
    (void)before_migration;
    return 0;
}

static const struct gw_guest_ops guest_ops = {guest_complete, guest_pause, guest_resume,
                                              guest_throttle, guest_latency_ns};

static void
direct_done(void *owner, struct gw_io *part)
{
    struct mini_world *world = owner;

    guest_complete(&world->guest, gw_container(part, struct gw_guest_io, part[0]), part->result);
}

static void
guest_issue(struct mini_world *world)
{
    uint32_t number = world->issued++;
    const struct mini_op *script = &world->plan->ops[number];
    struct mini_guest_op *op = &world->ops[number];
    struct gw_disk *source = world->disks[GW_SOURCE][script->disk];

    op->io = (struct gw_guest_io){
        .op = script->op,
        .disk = script->disk,
        .extent = {(int64_t)script->granule * MINI_GRANULE_BYTES,
                   (int64_t)script->count * MINI_GRANULE_BYTES},
        .payload = &op->payload,
        .arrived_ns = world->now_ns,
    };
    for (uint32_t i = 0; i < script->count; i++) {
        op->payload.identity[i] = script->op == GW_IO_WRITE ? number + 1 : (uint32_t)MINI_GARBAGE;
    }
    op->in_flight = true;
    world->in_flight++;
    mini_judge_issued(&world->judge, number, world->step);
    if (world->started) {
        mini_architecture(world)->on_guest_io(world->architecture, &op->io);
        return;
    }
    op->io.part[0] = (struct gw_io){.op = op->io.op,
                                    .extent = op->io.extent,
                                    .payload = op->io.payload,
                                    .done = direct_done,
                                    .owner = world};
    source->ops->submit(source, &op->io.part[0]);
}

/* ---- report ------------------------------------------------------------------------------------------ */

static void
report_phase(struct gw_report *report, const char *name)
{
    struct mini_world *world = gw_container(report, struct mini_world, report);

    if (world->plan->trace) {
        (void)fprintf(stderr, "        phase %s\n", name);
    }
}

static void
report_iteration(struct gw_report *report, const struct gw_iteration *iteration)
{
    (void)report;
    gw_assert(iteration->copied_bytes >= 0 && iteration->dirty_bytes >= 0);
}

static void
report_observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    (void)report;
    (void)what;
    gw_assert(value >= 0);
}

static void
report_range(struct gw_report *report, const struct gw_range *range)
{
    (void)report;
    gw_assert(range->extent.length_bytes > 0);
}

static void
report_finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct mini_world *world = gw_container(report, struct mini_world, report);

    if (world->plan->trace) {
        (void)fprintf(stderr, "        finish %d: %s\n", (int)outcome, reason);
    }
    if (world->finished || reason == NULL) {
        mini_wrong(world, "finished twice, or without a reason");
    }
    for (uint32_t i = 0; i < world->pending_count; i++) {
        if (world->pending[i].io->op == GW_IO_STATUS) {
            mini_wrong(world, "finished while it waits for an answer");
        }
    }
    /* A move that did not converge in time may have been forced to its end. */
    if (world->state != MINI_RUNNING ||
        (outcome != GW_NOT_CONVERGED &&
         world->side != (outcome == GW_COMPLETED ? GW_TARGET : GW_SOURCE))) {
        mini_wrong(world, "finished with the guest stopped or on the wrong side");
    }
    world->finished = true;
    world->verdict->outcome = outcome;
}

static const struct gw_report_ops report_ops = {report_phase, report_iteration, report_observe,
                                                report_range, report_finish};

/* ---- the loop ------------------------------------------------------------------------------------------ */

struct choices {
    enum mini_event events[EVENTS_MAX];
    uint32_t arguments[EVENTS_MAX];
    uint32_t count;
};

static void
offer(struct choices *choices, enum mini_event event, uint32_t argument)
{
    gw_assert(choices->count < EVENTS_MAX);
    choices->events[choices->count] = event;
    choices->arguments[choices->count++] = argument;
}

static bool
is_over(const struct mini_world *world)
{
    return world->finished && world->pending_count == 0 && world->in_flight == 0 &&
           world->issued == world->plan->op_count;
}

static uint32_t
earliest_timer(const struct mini_world *world)
{
    uint32_t best = GW_TIMER_COUNT;

    for (uint32_t i = 0; i < GW_TIMER_COUNT; i++) {
        if (world->timer_at_ns[i] >= 0 &&
            (best == GW_TIMER_COUNT || world->timer_at_ns[i] < world->timer_at_ns[best])) {
            best = i;
        }
    }
    return best;
}

static void
offer_timers(const struct mini_world *world, struct choices *choices)
{
    uint32_t earliest = earliest_timer(world);

    if (!world->plan->timers && choices->count == 0 && earliest < GW_TIMER_COUNT) {
        offer(choices, MINI_TIMER, earliest);
    }
    for (uint32_t i = 0; world->plan->timers && i < GW_TIMER_COUNT; i++) {
        if (world->timer_at_ns[i] >= 0) {
            offer(choices, MINI_TIMER, i);
        }
    }
}

/* Everything that can happen next, the most natural first. */
static void
offer_all(const struct mini_world *world, struct choices *choices)
{
    choices->count = 0;
    if (!world->started) {
        offer(choices, MINI_START, 0);
    }
    for (uint32_t i = 0; i < world->pending_count; i++) {
        offer(choices, MINI_IO, i);
    }
    if (world->state == MINI_DRAINING && world->in_flight == 0) {
        offer(choices, MINI_PAUSED, 0);
    }
    if (world->state == MINI_RESUMING) {
        offer(choices, MINI_RESUMED, 0);
    }
    if (world->state == MINI_RUNNING && world->issued < world->plan->op_count &&
        world->in_flight < world->plan->outstanding_most) {
        offer(choices, MINI_GUEST, 0);
    }
    offer_timers(world, choices);
    if (choices->count > 0 && world->plan->cancel && world->started && !world->finished &&
        !world->cancelled) {
        offer(choices, MINI_CANCEL, 0);
    }
}

static void
deliver_timer(struct mini_world *world, uint32_t timer)
{
    if (world->timer_at_ns[timer] > world->now_ns) {
        world->now_ns = world->timer_at_ns[timer];
    }
    world->timer_at_ns[timer] = -1;
    mini_architecture(world)->on_timer(world->architecture, timer);
}

static void
begin(struct mini_world *world)
{
    struct gw_error err;

    world->started = true;
    if (!mini_architecture(world)->start(world->architecture, &world->ports,
                                         world->plan->settings->own, &err)) {
        mini_wrong(world, "start: %s", err.message);
    }
}

static void
deliver(struct mini_world *world, enum mini_event event, uint32_t argument)
{
    switch (event) {
    case MINI_START:
        begin(world);
        return;
    case MINI_IO:
        mini_disks_deliver(world, argument);
        return;
    case MINI_PAUSED:
        world->state = MINI_STUNNED;
        mini_architecture(world)->on_guest_paused(world->architecture);
        return;
    case MINI_RESUMED:
        world->state = MINI_RUNNING;
        world->side = world->resume_side;
        mini_architecture(world)->on_guest_resumed(world->architecture);
        return;
    case MINI_GUEST:
        guest_issue(world);
        return;
    case MINI_TIMER:
        deliver_timer(world, argument);
        return;
    case MINI_CANCEL:
        world->cancelled = true;
        mini_architecture(world)->cancel(world->architecture);
        return;
    }
}

static void
tell(const struct mini_world *world, const struct choices *choices, uint32_t pick)
{
    static const char *const names[] = {"start", "io",    "paused", "resumed",
                                        "guest", "timer", "cancel"};
    const struct gw_io *io;

    if (!world->plan->trace) {
        return;
    }
    (void)fprintf(stderr, "%5d %u/%u %s %u", world->step, pick, choices->count,
                  names[choices->events[pick]], choices->arguments[pick]);
    if (choices->events[pick] == MINI_IO) {
        const struct mini_disk *disk;

        io = world->pending[choices->arguments[pick]].io;
        disk = gw_container(io->disk, struct mini_disk, disk);
        (void)fprintf(stderr, ": %s %s for %d at %lld+%lld%s", gw_io_op_name(io->op),
                      disk->role == MINI_HOME ? "home"
                      : disk->role == MINI_REDO_FILE
                          ? "log"
                          : (disk >= world->images[GW_TARGET] ? "target" : "source"),
                      (int)io->purpose, (long long)io->extent.offset_bytes,
                      (long long)io->extent.length_bytes,
                      world->pending[choices->arguments[pick]].fails ? " FAILS" : "");
    }
    (void)fprintf(stderr, "\n");
}

static void
run(struct mini_world *world)
{
    uint32_t audit_every = world->plan->audit_every;
    struct choices choices;

    while (world->verdict->right && !is_over(world)) {
        uint32_t pick;

        offer_all(world, &choices);
        if (choices.count == 0) {
            mini_wrong(world, "nothing can happen: finished %d, %u guest IOs never came back",
                       world->finished, world->in_flight);
            return;
        }
        pick = world->plan->choose(world->plan->self, choices.events, choices.count);
        tell(world, &choices, pick);
        deliver(world, choices.events[pick], choices.arguments[pick]);
        world->step++;
        world->now_ns += STEP_NS;
        if (audit_every != 0 && (uint32_t)world->step % audit_every == 0) {
            mini_audit_crash(world);
        }
        if (world->step > STEPS_MAX) {
            mini_wrong(world, "no end after %d steps", STEPS_MAX);
        }
    }
}

/* Timers that are still armed at the end must have no effect. */
static void
fire_the_rest(struct mini_world *world)
{
    for (uint32_t i = 0; i < GW_TIMER_COUNT; i++) {
        if (world->verdict->right && world->timer_at_ns[i] >= 0) {
            deliver_timer(world, i);
        }
    }
    if (world->pending_count > 0 || world->state != MINI_RUNNING) {
        mini_wrong(world, "a timer after the end woke something");
    }
}

static void
open_world(struct mini_world *world)
{
    const struct mini_plan *plan = world->plan;

    mini_judge_start(&world->judge, plan->ops, plan->holes);
    memset(world->timer_at_ns, 0xff, sizeof world->timer_at_ns);
    world->guest.ops = &guest_ops;
    world->report.ops = &report_ops;
    world->ports = (struct gw_ports){
        .clock = &world->clock,
        .guest = &world->guest,
        .report = &world->report,
        .disk_count = plan->disk_count,
        .source = world->disks[GW_SOURCE],
        .target = world->disks[GW_TARGET],
        .source_volume = &world->volume,
        .target_volume = &world->volume,
        .source_home = &world->homes[GW_SOURCE].disk,
        .target_home = &world->homes[GW_TARGET].disk,
        .common = &plan->settings->common,
        .chance = &world->chance,
    };
    mini_disks_open(world);
}

void
mini_world_run(const struct mini_plan *plan, struct mini_verdict *verdict)
{
    static struct mini_world world; /* large: one after the other */

    memset(&world, 0, offsetof(struct mini_world, files));
    memset(&world.file_count, 0,
           offsetof(struct mini_world, payloads) - offsetof(struct mini_world, file_count));
    memset(&world.payload_count, 0, sizeof world - offsetof(struct mini_world, payload_count));
    *verdict = (struct mini_verdict){.right = true};
    world.plan = plan;
    world.verdict = verdict;
    world.architecture = calloc(1, plan->settings->variant->architecture->state_bytes);
    gw_assert(world.architecture != NULL);
    open_world(&world);
    run(&world);
    if (verdict->right) {
        mini_audit_end(&world);
        fire_the_rest(&world);
    }
    verdict->steps = (uint32_t)world.step;
    verdict->cancelled = world.cancelled;
    if (world.started) {
        plan->settings->variant->architecture->stop(world.architecture);
    }
    free(world.architecture);
}
