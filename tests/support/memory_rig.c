/* memory_rig.c - events, clock, vcpus, report, and the run: see memory_rig.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/memory_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/settings.h"
#include "tests/support/memory_rig_parts.h"

enum { PAUSE_MOST_NS = 4000000, ACCESS_MOST_NS = 10000000, CALLBACKS_MOST = 200000 };

static const int64_t BEGIN_NS = 1000000000;

void
rig_fail_at_page(struct rig *rig, const char *what, uint64_t page)
{
    fprintf(stderr, "page %llu of %llu %s\n", (unsigned long long)page,
            (unsigned long long)rig->plan->pages, what);
    gw_assert(false && "the target's page is right");
}

uint64_t
rig_draw(struct rig *rig, uint64_t bound)
{
    return gw_stream_below(&rig->dice, bound);
}

bool
rig_chance(struct rig *rig, uint32_t percent)
{
    return percent > 0 && rig_draw(rig, 100) < percent;
}

void
rig_charge(struct rig *rig, struct gw_work *work, int64_t most_ns)
{
    if (!rig->plan->steady) {
        work->spent_ns += (int64_t)rig_draw(rig, (uint64_t)most_ns);
    }
}

/* ---- events ----------------------------------------------------------------------------------------- */

void
rig_at(struct rig *rig, enum rig_event_kind kind, uint32_t number, int64_t at_ns)
{
    gw_assert(rig->event_count < RIG_EVENTS);
    rig->events[rig->event_count++] =
        (struct rig_event){at_ns > rig->now_ns ? at_ns : rig->now_ns, rig->order++, kind, number};
}

static bool
is_earlier(const struct rig_event *a, const struct rig_event *b)
{
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static size_t
find_earliest(const struct rig *rig)
{
    size_t best = 0;

    for (size_t i = 1; i < rig->event_count; i++) {
        best = is_earlier(&rig->events[i], &rig->events[best]) ? i : best;
    }
    return best;
}

static void
forget(struct rig *rig, enum rig_event_kind kind, uint32_t number)
{
    for (size_t i = 0; i < rig->event_count;) {
        if (rig->events[i].kind == kind && rig->events[i].number == number) {
            rig->events[i] = rig->events[--rig->event_count];
            continue;
        }
        i++;
    }
}

/* ---- clock ------------------------------------------------------------------------------------------ */

static int64_t
clock_now_ns(const struct gw_clock *clock)
{
    return gw_container((void *)(uintptr_t)clock, struct rig, clock)->now_ns;
}

static void
clock_disarm(struct gw_clock *clock, uint32_t timer)
{
    gw_assert(timer < RIG_TIMERS);
    forget(gw_container(clock, struct rig, clock), RIG_TIMER, timer);
}

static void
clock_arm(struct gw_clock *clock, uint32_t timer, int64_t at_ns)
{
    struct rig *rig = gw_container(clock, struct rig, clock);

    clock_disarm(clock, timer);
    rig_at(rig, RIG_TIMER, timer, at_ns);
}

static const struct gw_clock_ops clock_ops = {clock_now_ns, clock_arm, clock_disarm};

/* ---- vcpus ------------------------------------------------------------------------------------------ */

static struct rig *
of_vcpus(const struct gw_vcpus *vcpus)
{
    return gw_container((void *)(uintptr_t)vcpus, struct rig, vcpus);
}

static void
pause_guest(struct gw_vcpus *vcpus)
{
    struct rig *rig = of_vcpus(vcpus);

    gw_assert(rig->runs && !rig->changing && rig->side == GW_SOURCE);
    rig->changing = true;
    rig_at(rig, RIG_PAUSED, 0,
           rig->now_ns + (rig->plan->steady ? 0 : (int64_t)rig_draw(rig, PAUSE_MOST_NS)));
}

/* What the target must have when the guest begins there. */
static void
check_target(struct rig *rig)
{
    for (uint64_t i = 0; i < rig->plan->pages; i++) {
        if (!rig->missing[i] && memcmp(rig->target[i], rig->source[i], GW_PAGE_BYTES) != 0) {
            rig_fail_at_page(rig, "has other bytes when the guest begins on the target", i);
        }
    }
}

static void
resume_guest(struct gw_vcpus *vcpus, enum gw_side side, const struct gw_bitmap *missing)
{
    struct rig *rig = of_vcpus(vcpus);

    gw_assert(!rig->runs && !rig->changing && rig->side == GW_SOURCE);
    gw_assert(side == GW_TARGET || missing == NULL);
    rig->changing = true;
    for (uint64_t i = 0; i < rig->plan->pages; i++) {
        rig->missing[i] = missing != NULL && gw_bitmap_test(missing, i);
        rig->missing_count += rig->missing[i];
    }
    if (side == GW_TARGET) {
        check_target(rig);
        memcpy(rig->truth, rig->source, rig->plan->pages * GW_PAGE_BYTES);
    }
    rig->side = side;
    rig_at(rig, RIG_RESUMED, 0,
           rig->now_ns + (rig->plan->steady ? 0 : (int64_t)rig_draw(rig, PAUSE_MOST_NS)));
}

static void
throttle(struct gw_vcpus *vcpus, uint32_t vcpu, uint32_t percent)
{
    struct rig *rig = of_vcpus(vcpus);

    gw_assert(vcpu < vcpus->count && percent <= 99);
    rig_guest_write(rig);
    rig->throttle[vcpu] = percent;
    if (rig->plan->on_throttle != NULL) {
        rig->plan->on_throttle(rig->plan->owner, rig->now_ns, vcpu, percent);
    }
}

static double
io_rate(const struct gw_vcpus *vcpus, uint32_t vcpu)
{
    return vcpu == 0 ? 0.0 : (double)rig_draw(of_vcpus(vcpus), 400);
}

static double
dirty_rate(const struct gw_vcpus *vcpus, uint32_t vcpu)
{
    return vcpu == 0 ? (double)rig_draw(of_vcpus(vcpus), 400000000) : 0.0;
}

static void
ring_sleep(struct gw_vcpus *vcpus, uint32_t vcpu, int64_t sleep_ns)
{
    gw_assert(vcpu < vcpus->count && sleep_ns >= 0);
    of_vcpus(vcpus)->sleep_ns[vcpu] = sleep_ns;
}

static const struct gw_vcpus_ops vcpus_ops = {
    .pause = pause_guest,
    .resume = resume_guest,
    .throttle = throttle,
    .io_rate = io_rate,
    .dirty_rate = dirty_rate,
    .ring_sleep = ring_sleep,
};

/* ---- report ----------------------------------------------------------------------------------------- */

static struct rig *
of_report(struct gw_report *report)
{
    return gw_container(report, struct rig, report);
}

static void
report_phase(struct gw_report *report, const char *name)
{
    gw_assert(name != NULL && !of_report(report)->finished_told);
}

static void
report_iteration(struct gw_report *report, const struct gw_iteration *iteration)
{
    struct rig *rig = of_report(report);
    struct gw_memory_stats stats;

    gw_assert(iteration->ended_ns >= iteration->started_ns);
    if (rig->plan->on_sync != NULL) {
        rig->plan->architecture->stats(rig->state, &stats);
        rig->plan->on_sync(rig->plan->owner, rig->now_ns, &stats);
    }
}

static void
report_observe(struct gw_report *report, enum gw_observation what, int64_t value)
{
    (void)report;
    gw_assert(what == GW_OBSERVE_STUN_NS && value >= 0);
}

static void
report_finish(struct gw_report *report, enum gw_outcome outcome, const char *reason)
{
    struct rig *rig = of_report(report);

    gw_assert(!rig->finished_told && reason != NULL);
    gw_assert(!rig->logging && rig->runs && !rig->changing);
    rig->finished_told = true;
    rig->verdict->outcome = outcome;
    rig->verdict->reason = reason;
    for (size_t i = 0; i < rig->event_count; i++) {
        gw_assert(rig->events[i].kind != RIG_TIMER);
    }
    for (uint32_t i = 0; i < RIG_VCPUS; i++) {
        gw_assert(rig->throttle[i] == 0 && rig->sleep_ns[i] == 0);
    }
    forget(rig, RIG_ACCESS, 0);
    forget(rig, RIG_LIMIT, 0);
}

static const struct gw_report_ops report_ops = {
    .phase = report_phase,
    .iteration = report_iteration,
    .observe = report_observe,
    .finish = report_finish,
};

/* ---- the guest on the target ------------------------------------------------------------------------ */

static void
plan_access(struct rig *rig)
{
    if (!rig->finished_told) {
        rig_at(rig, RIG_ACCESS, 0, rig->now_ns + (int64_t)rig_draw(rig, ACCESS_MOST_NS));
    }
}

static void
access_page(struct rig *rig)
{
    uint64_t page = rig_draw(rig, rig->plan->pages);

    if (!rig->missing[page]) {
        rig_write_page(rig, page);
        plan_access(rig);
        return;
    }
    rig->waited_for = page;
    rig->verdict->requests++;
    rig->plan->architecture->on_page_request(rig->state, page);
}

void
rig_page_came(struct rig *rig, uint64_t page)
{
    if (rig->side == GW_SOURCE) {
        return;
    }
    rig->missing[page] = false;
    rig->missing_count--;
    if (memcmp(rig->target[page], rig->truth[page], GW_PAGE_BYTES) != 0) {
        rig_fail_at_page(rig, "came with other bytes", page);
    }
    if (rig->waited_for == page) {
        rig->waited_for = GW_BITMAP_NONE;
        rig_write_page(rig, page);
        plan_access(rig);
    }
}

/* ---- the run ---------------------------------------------------------------------------------------- */

static void
timer_came(struct rig *rig, uint32_t number)
{
    gw_assert(!rig->finished_told);
    rig->plan->architecture->on_timer(rig->state, number);
}

static void
sent_came(struct rig *rig, uint32_t number)
{
    struct rig_channel *channel = &rig->channels[number];

    channel->flushing = false;
    channel->sent(channel->owner, channel->result);
}

static void
drained_came(struct rig *rig, uint32_t number)
{
    void (*drained)(void *owner, enum gw_code result) = rig->drained;

    (void)number;
    gw_assert(rig->drain_result != GW_OK || rig->lost || rig->queues[RIG_BULK].first == NULL);
    rig->drained = NULL;
    drained(rig->drain_owner, rig->drain_result);
}

static void
paused_came(struct rig *rig, uint32_t number)
{
    (void)number;
    rig->changing = false;
    rig->runs = false;
    rig->plan->architecture->on_guest_paused(rig->state);
}

static void
resumed_came(struct rig *rig, uint32_t number)
{
    (void)number;
    rig->changing = false;
    rig->runs = true;
    if (rig->side == GW_TARGET) {
        plan_access(rig);
    }
    rig->plan->architecture->on_guest_resumed(rig->state);
}

static void
access_came(struct rig *rig, uint32_t number)
{
    (void)number;
    access_page(rig);
}

static void
limit_came(struct rig *rig, uint32_t number)
{
    (void)number;
    rig->plan->architecture->cancel(rig->state, GW_NOT_CONVERGED, "time limit");
}

static void (*const handlers[])(struct rig *rig, uint32_t number) = {
    [RIG_TIMER] = timer_came,   [RIG_SENT] = sent_came,     [RIG_DRAINED] = drained_came,
    [RIG_LOAD] = rig_wire_load, [RIG_PAUSED] = paused_came, [RIG_RESUMED] = resumed_came,
    [RIG_ACCESS] = access_came, [RIG_LIMIT] = limit_came,
};

static bool
is_callback(enum rig_event_kind kind)
{
    return kind != RIG_LOAD && kind != RIG_LIMIT;
}

/* False: nothing is left to come. */
static bool
turn(struct rig *rig)
{
    size_t next;
    struct rig_event event;

    if (rig->event_count == 0) {
        return false;
    }
    next = find_earliest(rig);
    if (is_callback(rig->events[next].kind)) {
        if (++rig->verdict->callbacks == rig->plan->cancel_at && !rig->finished_told) {
            rig->plan->architecture->cancel(rig->state, GW_FAILED, "cancelled");
            return true;
        }
    }
    event = rig->events[next];
    rig->events[next] = rig->events[--rig->event_count];
    rig->now_ns = event.at_ns;
    rig_guest_write(rig);
    rig_crew_work(rig);
    gw_assert(rig->verdict->callbacks < CALLBACKS_MOST);
    handlers[event.kind](rig, event.number);
    return true;
}

static void
check_end(struct rig *rig)
{
    const struct memory_rig_verdict *verdict = rig->verdict;

    gw_assert(rig->finished_told && rig->runs && !rig->changing && !rig->logging);
    gw_assert(rig->outstanding == 0 && rig->drained == NULL);
    gw_assert(verdict->outcome != GW_COMPLETED || rig->side == GW_TARGET);
    if (verdict->outcome != GW_COMPLETED) {
        /* Lost with the connection after a post-copy switch; else it is where it was. */
        gw_assert(rig->side == GW_SOURCE || (rig->lost && verdict->outcome == GW_FAILED));
        return;
    }
    gw_assert(rig->missing_count == 0 && verdict->stats.remaining_bytes == 0);
    for (uint64_t i = 0; i < rig->plan->pages; i++) {
        if (memcmp(rig->target[i], rig->truth[i], GW_PAGE_BYTES) != 0) {
            rig_fail_at_page(rig, "has other bytes in the end", i);
        }
    }
}

static void
open_rig(struct rig *rig, const struct memory_rig_plan *plan, struct memory_rig_verdict *verdict)
{
    memset(rig, 0, offsetof(struct rig, source));
    *verdict = (struct memory_rig_verdict){0};
    rig->plan = plan;
    rig->verdict = verdict;
    rig->now_ns = BEGIN_NS;
    rig->written_until_ns = BEGIN_NS;
    rig->runs = true;
    rig->waited_for = GW_BITMAP_NONE;
    gw_stream_open(&rig->dice, plan->seed, 0, "test.memory", 0);
    rig->clock.ops = &clock_ops;
    rig->report.ops = &report_ops;
    rig->vcpus = (struct gw_vcpus){
        .ops = &vcpus_ops, .count = RIG_VCPUS, .ring_bytes = 1024 * GW_PAGE_BYTES};
    rig_source_open(rig);
    rig_wire_open(rig);
    rig->ports = (struct gw_memory_ports){
        .clock = &rig->clock,
        .memory = &rig->memory,
        .crew = rig->crew.workers == 0 ? NULL : &rig->crew,
        .wire = &rig->wire,
        .vcpus = &rig->vcpus,
        .report = &rig->report,
        .device_state_bytes = 5000,
    };
    rig->state = calloc(1, plan->architecture->state_bytes);
    gw_assert(rig->state != NULL);
}

static void
run(struct rig *rig)
{
    const struct memory_rig_plan *plan = rig->plan;
    struct gw_error err;

    rig->verdict->started =
        plan->architecture->start(rig->state, &rig->ports, &plan->settings, &err);
    if (!rig->verdict->started) {
        gw_assert(!rig->logging && rig->event_count == 0 && rig->verdict->wire_calls == 0);
        return;
    }
    rig_at(rig, RIG_LIMIT, 0, rig->now_ns + plan->limit_ns);
    while (turn(rig)) {
    }
    gw_assert(rig->finished_told);
    plan->architecture->stats(rig->state, &rig->verdict->stats);
    check_end(rig);
}

void
memory_rig_run(const struct memory_rig_plan *plan, struct memory_rig_verdict *verdict)
{
    static struct rig the_rig;
    struct rig *rig = &the_rig;

    open_rig(rig, plan, verdict);
    run(rig);
    verdict->side = rig->side;
    plan->architecture->stop(rig->state);
    free(rig->state);
    rig_source_close(rig);
    rig_wire_close(rig);
}

void
memory_rig_presets(struct gw_memory_settings *settings)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_config_node empty = {.type = GW_CONFIG_MAP};
    struct gw_settings_target target = {gw_memory_settings_table, settings, sizeof *settings, NULL,
                                        "migration"};

    gw_assert(gw_settings_resolve(&target, &empty, &diagnostics));
    gw_diagnostics_clear(&diagnostics);
}
