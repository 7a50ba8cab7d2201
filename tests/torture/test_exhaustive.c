/* test_exhaustive.c - pins: on a disk of four blocks with two or three guest operations, every
 * order of events is right for every architecture: all orders where they can be counted out, else
 * all orders with at most so many departures from the natural one. Does not pin: many operations,
 * faults (test_random_schedules, test_faults).
 *
 * A schedule is a script of picks; the next one raises the last pick that can be raised (depth
 * first). Natural is pick 0, the oldest IO first; another pick is a departure. The bound of
 * departures grows until the schedules of a case are used up.
 *
 * GW_TORTURE=long takes all variants and 25 times as many schedules.
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

#include "tests/support/mini_variants.h"

enum { PICKS_MAX = 2000, BOUND_MAX = 200, SCHEDULES = 24000, LONG_FACTOR = 25, GRANULES = 8 };

struct script {
    uint32_t pick[PICKS_MAX], count[PICKS_MAX];
    uint32_t length, position;
    uint32_t departures, bound;
    bool cut; /* the bound kept something out */
};

/* What the guest does, on blocks of two granules. */
struct story {
    const char *name;
    struct mini_op ops[3];
    uint32_t op_count;
    bool cancel, timers, sample_late;
};

static const struct story stories[] = {
    {"two writes of one block",
     {{GW_IO_WRITE, 0, 2, 2}, {GW_IO_WRITE, 0, 2, 2}},
     2,
     false,
     false,
     false},
    {"part of a block, late samples",
     {{GW_IO_WRITE, 0, 3, 1}, {GW_IO_WRITE, 0, 2, 2}},
     2,
     false,
     false,
     true},
    {"across a border, and a read",
     {{GW_IO_WRITE, 0, 3, 2}, {GW_IO_READ, 0, 2, 4}},
     2,
     false,
     false,
     false},
    {"three that overlap",
     {{GW_IO_WRITE, 0, 1, 4}, {GW_IO_WRITE, 0, 3, 2}, {GW_IO_WRITE, 0, 0, 2}},
     3,
     false,
     false,
     true},
    {"last block and a trim",
     {{GW_IO_WRITE, 0, 6, 2}, {GW_IO_TRIM, 0, 5, 3}, {GW_IO_READ, 0, 4, 4}},
     3,
     false,
     false,
     false},
    {"cancelled", {{GW_IO_WRITE, 0, 3, 2}, {GW_IO_WRITE, 0, 4, 3}}, 2, true, false, false},
    {"timers fire early", {{GW_IO_WRITE, 0, 5, 2}, {GW_IO_WRITE, 0, 6, 1}}, 2, true, true, true},
    {"whole disk", {{GW_IO_WRITE, 0, 0, 8}, {GW_IO_WRITE, 0, 7, 1}}, 2, false, false, true},
};

enum { STORY_COUNT = sizeof stories / sizeof stories[0] };

static char current[160];

static const char *
describe_current(void)
{
    return current;
}

static uint32_t
choose(void *self, const enum mini_event *events, uint32_t count)
{
    struct script *script = self;

    (void)events;
    gw_assert(script->position < PICKS_MAX);
    if (script->position == script->length) {
        script->pick[script->length] = 0;
        script->count[script->length++] = count;
    }
    gw_assert(script->count[script->position] == count);
    return script->pick[script->position++];
}

/* The next script in the order of the tree; false when there is none within the bound. */
static bool
advance(struct script *script)
{
    while (script->length > 0) {
        uint32_t last = script->length - 1;
        uint32_t before = script->departures - (script->pick[last] > 0);

        if (script->pick[last] + 1 < script->count[last] && before < script->bound) {
            script->pick[last]++;
            script->departures = before + 1;
            return true;
        }
        script->cut = script->cut || script->pick[last] + 1 < script->count[last];
        script->departures = before;
        script->length = last;
    }
    return false;
}

static void
replay(struct mini_plan *plan, struct script *script)
{
    struct mini_verdict verdict;
    char text[600];

    plan->trace = true;
    script->position = 0;
    mini_world_run(plan, &verdict);
    mini_plan_print(plan, text, sizeof text);
    print_error("%s\n  %s\n  %s\n", current, text, verdict.note);
    fail();
}

/* Runs the scripts with at most `bound` departures, at most `most` of them; returns how many. */
static uint32_t
walk(struct mini_plan *plan, struct script *script, uint32_t bound, uint32_t most)
{
    uint32_t done = 0;

    script->length = 0;
    script->departures = 0;
    script->bound = bound;
    script->cut = false;
    do {
        struct mini_verdict verdict;

        script->position = 0;
        mini_world_run(plan, &verdict);
        done++;
        if (!verdict.right) {
            replay(plan, script);
        }
    } while (advance(script) && done < most);
    return done;
}

static uint32_t
run_story(const struct mini_settings *settings, const struct story *story, uint32_t most)
{
    static struct script script;
    uint32_t total = 0;
    struct mini_plan plan = {
        .settings = settings,
        .ops = story->ops,
        .op_count = story->op_count,
        .outstanding_most = story->op_count,
        .disk_count = 1,
        .granules = GRANULES,
        .holes = 0x30,
        .sample_late = story->sample_late,
        .timers = story->timers,
        .cancel = story->cancel,
        .audit_every = 1,
        .choose = choose,
        .self = &script,
    };

    for (uint32_t bound = 1; bound <= BOUND_MAX && total < most; bound++) {
        (void)snprintf(current, sizeof current, "test_exhaustive: %s, %s, %u departures",
                       settings->variant->name, story->name, bound);
        total += walk(&plan, &script, bound, most - total);
        if (script.length == 0 && !script.cut) {
            break;
        }
    }
    return total;
}

static bool
is_long(void)
{
    const char *length = getenv("GW_TORTURE");

    return length != NULL && strcmp(length, "long") == 0;
}

static void
exhaust(void **state)
{
    uint32_t most = is_long() ? SCHEDULES * LONG_FACTOR : SCHEDULES;
    struct mini_settings settings;
    uint32_t total = 0;

    gw_assert_context(describe_current);
    mini_settings_fill(*state, &settings);
    for (size_t i = 0; i < STORY_COUNT; i++) {
        total += run_story(&settings, &stories[i], most);
    }
    assert_true(total > STORY_COUNT);
    print_message("# %s: %u schedules\n", settings.variant->name, total);
}

/* That orders are counted out and not repeated: a tree of known shape. */
static void
scripts_cover_a_tree(void **state)
{
    static struct script script;
    static const enum mini_event events[3] = {MINI_IO, MINI_IO, MINI_IO};
    uint32_t leaves = 0;

    (void)state;
    script.bound = 3;
    do {
        script.position = 0;
        for (uint32_t i = 0; i < 3; i++) {
            (void)choose(&script, events, 3);
        }
        leaves++;
    } while (advance(&script));
    assert_int_equal(leaves, 27);
    assert_false(script.cut);
}

int
main(void)
{
    struct CMUnitTest tests[64] = {cmocka_unit_test(scripts_cover_a_tree)};
    size_t count = 1;

    for (const struct mini_variant *variant = mini_variants; variant->name != NULL; variant++) {
        if (!variant->long_only || is_long()) {
            tests[count++] = (struct CMUnitTest){
                .name = variant->name,
                .test_func = exhaust,
                .initial_state = (void *)(uintptr_t)variant,
            };
        }
    }
    return _cmocka_run_group_tests("exhaustive schedules", tests, count, NULL, NULL);
}
