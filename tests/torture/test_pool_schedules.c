/* test_pool_schedules.c - pins: on crews of one to three workers, every order in which workers can
 * finish, seen from submit and drain, is right for all policies, with and without waiting: each
 * task is collected once, none too early, no worker holds more than it may, "busy" is said only
 * when every worker is full, no wait without somebody to wait for, and a drain leaves nothing.
 * Random orders on crews of up to 16 workers. Does not pin: times (test_sim_crew), real threads.
 *
 * GW_TORTURE=long takes 25 times as many random schedules.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algorithms/page_pool.h"
#include "base/random.h"
#include "tests/support/crew_rig.h"

enum { PICKS_MAX = 400, TASKS_MAX = 1000, SEEDS = 3000, LONG_FACTOR = 25 };

struct script {
    uint32_t pick[PICKS_MAX], count[PICKS_MAX];
    uint32_t length, position;
};

struct bench {
    struct crew_rig rig;
    struct gw_page_pool *pool;
    enum gw_pool_policy policy;
    bool wait;
    uint32_t cursor;
    uint32_t submitted, busy, collected_in_call, collected;
    bool with_pool[TASKS_MAX]; /* by serial number, kept in page[0] */
};

struct story {
    enum gw_pool_policy policy;
    uint32_t workers, first, second; /* submits before each of two drains */
};

static const uint32_t depths[] = {
    [GW_POOL_LOCKED] = 1, [GW_POOL_LOCKLESS] = 4, [GW_POOL_CHANNELS] = 1};

static char current[120];

static const char *
describe_current(void)
{
    return current;
}

static uint32_t
choose_by_script(void *chooser, uint32_t options)
{
    struct script *script = chooser;

    gw_assert(script->position < PICKS_MAX);
    if (script->position == script->length) {
        script->pick[script->length++] = 0;
    }
    script->count[script->position] = options;
    return script->pick[script->position++];
}

/* The next script in depth-first order; false: that was the last. */
static bool
next_script(struct script *script)
{
    script->length = script->position;
    script->position = 0;
    while (script->length > 0) {
        uint32_t last = script->length - 1;

        if (++script->pick[last] < script->count[last]) {
            return true;
        }
        script->length--;
    }
    return false;
}

static uint32_t
choose_by_dice(void *chooser, uint32_t options)
{
    return (uint32_t)gw_stream_below(chooser, options);
}

static void
collect(void *owner, struct gw_task *task, struct gw_work *work)
{
    struct bench *bench = owner;

    work->spent_ns++;
    gw_assert(task->page[0] < bench->submitted);
    gw_assert(bench->with_pool[task->page[0]]);
    bench->with_pool[task->page[0]] = false;
    bench->collected++;
    bench->collected_in_call++;
}

static void
start(struct bench *bench, const struct story *story, bool wait)
{
    *bench = (struct bench){.policy = story->policy, .wait = wait};
    crew_rig_start(&bench->rig, story->workers, depths[story->policy]);
    bench->pool = gw_page_pool_create(&(struct gw_page_pool_plan){.crew = &bench->rig.crew,
                                                                  .policy = story->policy,
                                                                  .wait = wait,
                                                                  .collect = collect,
                                                                  .owner = bench},
                                      NULL);
    gw_assert(bench->pool != NULL);
}

static void
stop(struct bench *bench)
{
    gw_page_pool_destroy(bench->pool);
}

static void
check_busy(const struct bench *bench)
{
    gw_assert(!bench->wait);
    gw_assert(bench->collected_in_call == 0);
    for (uint32_t i = 0; i < bench->rig.crew.workers; i++) {
        gw_assert(bench->rig.load[i] == bench->rig.depth);
        gw_assert(bench->rig.denied[i]);
    }
}

/* The first worker from the policy's start on that is not full; those passed by were looked at.
 * `load` is from before the task was given. */
static void
check_choice(struct bench *bench, const uint32_t *load)
{
    uint32_t workers = bench->rig.crew.workers;
    uint32_t chosen = bench->rig.last_given;
    uint32_t first = bench->policy == GW_POOL_LOCKED ? 0 : bench->cursor;
    bool slots = bench->policy != GW_POOL_LOCKLESS;

    for (uint32_t i = first; i != chosen; i = (i + 1) % workers) {
        gw_assert(load[i] == bench->rig.depth);
        gw_assert(!slots || bench->rig.denied[i]);
    }
    gw_assert(load[chosen] < bench->rig.depth);
    gw_assert(bench->collected_in_call <= 1);
    gw_assert(!slots || bench->collected_in_call == 0 || bench->rig.last_taken == chosen);
    bench->cursor = (chosen + 1) % workers;
}

static void
submit(struct bench *bench)
{
    struct gw_work work = {0};
    struct gw_task *task;
    uint32_t load[CREW_RIG_WORKERS];

    memset(bench->rig.denied, false, sizeof bench->rig.denied);
    bench->collected_in_call = 0;
    task = gw_page_pool_get(bench->pool, &work);
    if (task == NULL) {
        check_busy(bench);
        bench->busy++;
        return;
    }
    memcpy(load, bench->rig.load, sizeof load);
    task->page[0] = bench->submitted;
    bench->with_pool[bench->submitted++] = true;
    gw_page_pool_give(bench->pool, task, &work);
    check_choice(bench, load);
}

static void
drain(struct bench *bench)
{
    struct gw_work work = {0};

    gw_page_pool_drain(bench->pool, &work);
    gw_assert(bench->rig.with_workers == 0);
    gw_assert(bench->collected == bench->submitted);
}

static void
play(struct bench *bench, const struct story *story)
{
    for (uint32_t i = 0; i < story->first; i++) {
        submit(bench);
    }
    drain(bench);
    for (uint32_t i = 0; i < story->second; i++) {
        submit(bench);
    }
    drain(bench);
    gw_assert(bench->submitted + bench->busy == story->first + story->second);
    gw_assert(!bench->wait || bench->busy == 0);
}

/* Counts out a story; tells whether some schedule was busy and the deepest queue seen. */
static uint64_t
exhaust(const struct story *story, bool wait, bool *was_busy, uint32_t *load_most)
{
    static struct script script;
    static struct bench bench;
    uint64_t schedules = 0;

    script = (struct script){0};
    do {
        start(&bench, story, wait);
        bench.rig.choose = choose_by_script;
        bench.rig.chooser = &script;
        snprintf(current, sizeof current, "policy %d, wait %d, %u workers, schedule %llu",
                 (int)story->policy, wait, story->workers, (unsigned long long)schedules);
        play(&bench, story);
        *was_busy = *was_busy || bench.busy > 0;
        *load_most = bench.rig.load_most > *load_most ? bench.rig.load_most : *load_most;
        stop(&bench);
        schedules++;
    } while (next_script(&script));
    return schedules;
}

static void
test_every_schedule(void **state)
{
    static const struct story stories[] = {
        {GW_POOL_LOCKED, 1, 6, 3},   {GW_POOL_LOCKED, 2, 6, 2},   {GW_POOL_LOCKED, 3, 5, 1},
        {GW_POOL_LOCKLESS, 1, 7, 3}, {GW_POOL_LOCKLESS, 2, 9, 1}, {GW_POOL_LOCKLESS, 3, 6, 1},
        {GW_POOL_CHANNELS, 2, 6, 2}, {GW_POOL_CHANNELS, 3, 5, 1},
    };
    uint64_t schedules = 0;

    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        for (int wait = 0; wait < 2; wait++) {
            bool was_busy = false;
            uint32_t load_most = 0;
            bool fills = stories[i].first > stories[i].workers * depths[stories[i].policy];

            schedules += exhaust(&stories[i], wait, &was_busy, &load_most);
            assert_int_equal(was_busy, fills && !wait);
            assert_true(!fills || load_most == depths[stories[i].policy]);
        }
    }
    print_message("%llu schedules\n", (unsigned long long)schedules);
}

static void
play_at_random(uint64_t seed)
{
    static struct bench bench;
    struct gw_stream dice;
    struct story story = {0};
    bool wait;
    uint32_t patience;

    gw_stream_open(&dice, seed, 0, "test.pool", 0);
    story.policy = (enum gw_pool_policy)gw_stream_below(&dice, sizeof depths / sizeof depths[0]);
    story.workers = 1 + (uint32_t)gw_stream_below(&dice, CREW_RIG_WORKERS);
    wait = gw_stream_below(&dice, 2);
    patience = 1 + (uint32_t)gw_stream_below(&dice, 200);
    snprintf(current, sizeof current, "random schedule, seed %llu", (unsigned long long)seed);
    start(&bench, &story, wait);
    bench.rig.choose = choose_by_dice;
    bench.rig.chooser = &dice;
    for (uint32_t i = 0; i < 400; i++) {
        submit(&bench);
        if (gw_stream_below(&dice, patience) == 0) {
            drain(&bench);
        }
    }
    drain(&bench);
    gw_assert(bench.submitted + bench.busy == 400);
    stop(&bench);
}

static void
test_random_orders(void **state)
{
    const char *torture = getenv("GW_TORTURE");
    uint64_t seeds = SEEDS;

    (void)state;
    seeds *= torture != NULL && strcmp(torture, "long") == 0 ? LONG_FACTOR : 1;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        play_at_random(seed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_schedule),
        cmocka_unit_test(test_random_orders),
    };

    gw_assert_context(describe_current);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
