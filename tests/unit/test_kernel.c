/* test_kernel.c - pins the order of events, cancelling, until, stop, and that no distribution of
 * times breaks them; against a list that is searched from end to end. Does not pin speed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/variate.h"
#include "sim/kernel.h"

enum { OBJECTS = 600, OPERATIONS = 30000, KINDS = 7, SEEDS = 8 };

struct object {
    struct gw_event event;
    struct world *world;
    uint64_t turn; /* of scheduling, kept apart from the kernel's own order */
};

struct world {
    struct gw_kernel *kernel;
    struct gw_stream stream;
    struct object object[OBJECTS];
    uint64_t turn;
    uint64_t fired;
    int kind;
};

/* Increments: smooth, all the same, far apart, bimodal, zero, heavy-tailed, end of time. */
static int64_t
increment_ns(struct world *world)
{
    struct gw_stream *stream = &world->stream;
    int64_t smooth_ns = gw_exponential_ns(stream, 100000);
    bool rare = gw_stream_below(stream, 16) == 0;

    switch (world->kind) {
    case 0:
        return smooth_ns;
    case 1:
        return 50;
    case 2:
        return smooth_ns << 30;
    case 3:
        return rare ? smooth_ns << 20 : smooth_ns & 1023;
    case 4:
        return 0;
    case 5:
        return (int64_t)(10 * gw_exp(gw_exponential(stream, 1 / 0.3))) & 0xFFFFFFFFFFFFF;
    default:
        return rare ? GW_TIME_NEVER : smooth_ns & ~0x3FFF;
    }
}

static struct object *
earliest(struct world *world)
{
    struct object *best = NULL;

    for (size_t i = 0; i < OBJECTS; i++) {
        struct object *object = &world->object[i];

        if (!gw_event_pending(&object->event)) {
            continue;
        }
        if (best == NULL || object->event.at_ns < best->event.at_ns ||
            (object->event.at_ns == best->event.at_ns &&
             (object->event.priority < best->event.priority ||
              (object->event.priority == best->event.priority && object->turn < best->turn)))) {
            best = object;
        }
    }
    return best;
}

static void
plan(struct world *world, struct object *object)
{
    int64_t now_ns = world->kernel->agenda.now_ns;
    int64_t delay_ns = increment_ns(world);
    int64_t at_ns = delay_ns > GW_TIME_NEVER - now_ns ? GW_TIME_NEVER : now_ns + delay_ns;

    object->turn = world->turn++;
    object->event.priority = (int32_t)gw_stream_below(&world->stream, 6) - 1;
    object->event.priority = object->event.priority > 1 ? 0 : object->event.priority;
    gw_schedule(&world->kernel->agenda, &object->event, at_ns);
}

static void
fire(struct gw_event *event)
{
    struct object *object = gw_container(event, struct object, event);
    struct world *world = object->world;

    assert_int_equal(world->kernel->agenda.now_ns, event->at_ns);
    assert_false(gw_event_pending(event));
    world->fired++;
    if (world->kernel->agenda.now_ns < GW_TIME_NEVER / 2 &&
        gw_stream_below(&world->stream, 4) != 0) {
        plan(world, object);
    }
}

static void
step(struct world *world)
{
    struct object *expected = earliest(world);
    uint64_t fired = world->fired;

    if (expected == NULL) {
        assert_false(gw_kernel_step(world->kernel));
        return;
    }
    int64_t at_ns = expected->event.at_ns;

    assert_int_equal(gw_kernel_next_ns(world->kernel), at_ns);
    uint64_t turn = expected->turn;

    assert_true(gw_kernel_step(world->kernel));
    assert_int_equal(world->fired, fired + 1);
    assert_int_equal(world->kernel->agenda.now_ns, at_ns);
    assert_true(!gw_event_pending(&expected->event) || expected->turn != turn);
}

static void
operate(struct world *world)
{
    struct object *object = &world->object[gw_stream_below(&world->stream, OBJECTS)];
    uint64_t choice = gw_stream_below(&world->stream, 10);

    if (choice < 4 && world->kernel->agenda.now_ns < GW_TIME_NEVER / 2) {
        if (!gw_event_pending(&object->event)) {
            plan(world, object);
        }
        return;
    }
    if (choice == 4) {
        gw_cancel(&world->kernel->agenda, &object->event);
        assert_false(gw_event_pending(&object->event));
        return;
    }
    step(world);
}

static void
run_world(int kind, uint64_t seed)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    world->kernel = gw_kernel_create(NULL);
    world->kind = kind;
    gw_stream_open(&world->stream, seed, 0, "test", (uint64_t)kind);
    for (size_t i = 0; i < OBJECTS; i++) {
        world->object[i].event.fire = fire;
        world->object[i].world = world;
    }
    /* Some worlds begin full, some empty. */
    for (size_t i = 0; seed % 2 == 0 && i < OBJECTS; i++) {
        plan(world, &world->object[i]);
    }
    for (int i = 0; i < OPERATIONS / (seed % 2 == 0 ? 4 : 1); i++) {
        operate(world);
    }
    uint64_t pending = 0;

    for (size_t i = 0; i < OBJECTS; i++) {
        pending += gw_event_pending(&world->object[i].event);
    }
    assert_int_equal(gw_kernel_pending_count(world->kernel), pending);
    assert_int_equal(gw_kernel_fired_count(world->kernel), world->fired);
    gw_kernel_destroy(world->kernel);
    free(world);
}

static void
test_matches_a_naive_list(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            run_world(kind, seed);
        }
    }
}

struct tick {
    struct gw_event event;
    struct gw_kernel *kernel;
    struct gw_stream *stream;
    struct tick *all;
    int64_t spread_ns;
    int64_t last_ns;
    uint64_t left;
};

/* Checks only that time never goes back: for numbers of events where a list would take too long. */
static void
hop(struct gw_event *event)
{
    struct tick *tick = gw_container(event, struct tick, event);
    struct tick *first = tick->all;

    assert_true(event->at_ns >= first->last_ns);
    first->last_ns = event->at_ns;
    if (first->left == 0) {
        gw_kernel_stop(tick->kernel);
        return;
    }
    first->left--;
    uint64_t other = gw_stream_below(tick->stream, 64);

    gw_kernel_cancel(tick->kernel, &tick->all[other].event);
    gw_kernel_schedule(tick->kernel, &tick->all[other].event, event->at_ns);
    if (!gw_event_pending(event)) {
        gw_kernel_schedule(tick->kernel, event,
                           event->at_ns + gw_exponential_ns(tick->stream, tick->spread_ns));
    }
}

static void
hold_many(uint32_t count, int64_t spread_ns)
{
    struct gw_kernel *kernel = gw_kernel_create(NULL);
    struct tick *all = calloc(count, sizeof *all);
    struct gw_stream stream;

    gw_stream_open(&stream, 3, 0, "hold", count);
    all[0].left = 3 * (uint64_t)count;
    for (uint32_t i = 0; i < count; i++) {
        all[i].event.fire = hop;
        all[i].kernel = kernel;
        all[i].stream = &stream;
        all[i].all = all;
        all[i].spread_ns = spread_ns;
        gw_kernel_schedule(kernel, &all[i].event, gw_exponential_ns(&stream, spread_ns));
    }
    gw_kernel_run(kernel, GW_TIME_NEVER);
    assert_true(gw_kernel_fired_count(kernel) > 3 * (uint64_t)count);
    for (uint32_t i = 0; i < count; i++) {
        gw_kernel_cancel(kernel, &all[i].event);
    }
    assert_int_equal(gw_kernel_pending_count(kernel), 0);
    assert_false(gw_kernel_step(kernel));
    free(all);
    gw_kernel_destroy(kernel);
}

static void
test_time_never_goes_back(void **state)
{
    (void)state;
    hold_many(1000, 100);
    hold_many(50000, 1000000);
    hold_many(50000, 3);
    hold_many(20000, 0);
    hold_many(20000, (int64_t)1 << 50);
}

static void
count_up(struct gw_event *event)
{
    struct tick *tick = gw_container(event, struct tick, event);

    tick->left++;
}

static void
test_until_leaves_the_clock_there(void **state)
{
    struct gw_kernel *kernel = gw_kernel_create(NULL);
    struct tick tick = {.event = {.fire = count_up}};

    (void)state;
    gw_kernel_schedule(kernel, &tick.event, 100);
    gw_kernel_run(kernel, 99);
    assert_int_equal(tick.left, 0);
    assert_int_equal(kernel->agenda.now_ns, 99);
    gw_kernel_run(kernel, 100);
    assert_int_equal(tick.left, 1);
    gw_kernel_run(kernel, GW_TIME_NEVER);
    assert_int_equal(kernel->agenda.now_ns, 100);
    gw_kernel_schedule(kernel, &tick.event, 100);
    assert_true(gw_event_pending(&tick.event));
    gw_kernel_cancel(kernel, &tick.event);
    gw_kernel_cancel(kernel, &tick.event);
    assert_int_equal(gw_kernel_next_ns(kernel), GW_TIME_NEVER);
    gw_kernel_destroy(kernel);
}

static void
stop_it(struct gw_event *event)
{
    gw_kernel_stop(gw_container(event, struct tick, event)->kernel);
}

static void
test_stop_ends_the_run_after_the_event(void **state)
{
    struct gw_kernel *kernel = gw_kernel_create(NULL);
    struct tick stopper = {.event = {.fire = stop_it}, .kernel = kernel};
    struct tick later = {.event = {.fire = count_up}};

    (void)state;
    gw_kernel_schedule(kernel, &later.event, 5);
    gw_kernel_schedule(kernel, &stopper.event, 5);
    stopper.event.priority = 0;
    gw_kernel_cancel(kernel, &stopper.event);
    stopper.event.priority = -1;
    gw_kernel_schedule(kernel, &stopper.event, 5);
    gw_kernel_run(kernel, 10);
    assert_int_equal(later.left, 0);
    assert_int_equal(kernel->agenda.now_ns, 5);
    gw_kernel_run(kernel, 10);
    assert_int_equal(later.left, 1);
    assert_int_equal(kernel->agenda.now_ns, 10);
    gw_kernel_destroy(kernel);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_a_naive_list),
        cmocka_unit_test(test_time_never_goes_back),
        cmocka_unit_test(test_until_leaves_the_clock_there),
        cmocka_unit_test(test_stop_ends_the_run_after_the_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
