/* test_random_schedules.c - pins: under thousands of random schedules a variant, with reads, trims, zeroes,
 * holes, two disks, short last blocks, cancels, early timers and failing calls, every architecture
 * of the mini world loses nothing, tears nothing and ends. Does not pin: times, devices (see
 * test_world), nor that rare schedules are met: test_exhaustive does that for few writes.
 *
 * A failure prints one line to repeat it with every step told:
 * repro: test_random_schedules --variant V --seed S. GW_TORTURE=long runs 30 times as many.
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

enum { SCHEDULES = 10000, LONG_FACTOR = 30, OPS_MOST = 24 };

/* One random schedule: the plan and the dice. */
struct schedule {
    struct mini_plan plan;
    struct mini_op ops[OPS_MOST];
    uint64_t state;
    uint32_t taste; /* which pending IO it likes: any, the oldest, the newest */
};

static struct {
    const char *variant;
    uint64_t seed;
} current;

static const char *
describe_current(void)
{
    static char text[160];

    (void)snprintf(text, sizeof text, "repro: test_random_schedules --variant %s --seed %llu",
                   current.variant, (unsigned long long)current.seed);
    return text;
}

/* splitmix64: Steele, Lea, Flood, OOPSLA 2014. */
static uint64_t
draw(struct schedule *schedule)
{
    uint64_t z = schedule->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t
below(struct schedule *schedule, uint32_t bound)
{
    return (uint32_t)(draw(schedule) % bound);
}

static bool
one_in(struct schedule *schedule, uint32_t n)
{
    return below(schedule, n) == 0;
}

static uint32_t
choose(void *self, const enum mini_event *events, uint32_t count)
{
    struct schedule *schedule = self;

    for (;;) {
        uint32_t pick = below(schedule, count);
        bool rare = events[pick] == MINI_TIMER || events[pick] == MINI_CANCEL;

        if (schedule->taste == 1 && !rare && !one_in(schedule, 4)) {
            pick = 0;
        }
        if (schedule->taste == 2 && events[pick] == MINI_IO) {
            while (pick + 1 < count && events[pick + 1] == MINI_IO && !one_in(schedule, 3)) {
                pick++;
            }
        }
        if (!rare || count == 1 || one_in(schedule, 12)) {
            return pick;
        }
    }
}

static void
write_script(struct schedule *schedule)
{
    static const enum gw_io_op kinds[] = {GW_IO_WRITE, GW_IO_WRITE, GW_IO_WRITE, GW_IO_READ,
                                          GW_IO_READ,  GW_IO_TRIM,  GW_IO_ZERO,  GW_IO_FLUSH};
    struct mini_plan *plan = &schedule->plan;
    uint32_t narrow = one_in(schedule, 2) ? 4 : plan->granules;

    plan->ops = schedule->ops;
    plan->op_count = below(schedule, OPS_MOST + 1);
    for (uint32_t i = 0; i < plan->op_count; i++) {
        struct mini_op *op = &schedule->ops[i];

        op->op = kinds[below(schedule, 8)];
        op->disk = below(schedule, plan->disk_count);
        op->granule = below(schedule, one_in(schedule, 4) ? plan->granules : narrow);
        op->count = 1 + below(schedule, one_in(schedule, 6) ? 8 : 3);
        if (op->granule + op->count > plan->granules) {
            op->count = plan->granules - op->granule;
        }
    }
}

static void
roll_fault(struct schedule *schedule)
{
    static const uint32_t lengths[] = {1, 1, 3, 100};

    if (!one_in(schedule, 4)) {
        return;
    }
    schedule->plan.fault = (struct mini_fault){
        .kind = (enum mini_fault_kind)(1 + below(schedule, MINI_FAULT_COUNT - 1)),
        .nth = 1 + below(schedule, one_in(schedule, 2) ? 4 : 60),
        .length = lengths[below(schedule, 4)],
        .lands = one_in(schedule, 2),
    };
}

static bool
run_one(const struct mini_settings *settings, uint64_t seed, bool trace)
{
    struct schedule schedule = {.state = seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
    struct mini_plan *plan = &schedule.plan;
    struct mini_verdict verdict;
    char text[900];

    current.variant = settings->variant->name;
    current.seed = seed;
    plan->settings = settings;
    plan->disk_count = 1 + one_in(&schedule, 3);
    plan->granules = 4 + below(&schedule, 13);
    plan->holes = one_in(&schedule, 2) ? (uint32_t)draw(&schedule) | (uint32_t)draw(&schedule) : 0;
    plan->target_is_hole = one_in(&schedule, 2);
    plan->sample_late = one_in(&schedule, 2);
    plan->timers = one_in(&schedule, 5);
    plan->cancel = one_in(&schedule, 3);
    plan->outstanding_most = 1 + below(&schedule, 8);
    plan->audit_every = 3;
    plan->trace = trace;
    plan->choose = choose;
    plan->self = &schedule;
    schedule.taste = below(&schedule, 3);
    write_script(&schedule);
    roll_fault(&schedule);
    mini_world_run(plan, &verdict);
    if (!verdict.right || trace) {
        mini_plan_print(plan, text, sizeof text);
        print_error("%s\n  %s\n  %s\n", describe_current(), text,
                    verdict.right ? "right" : verdict.note);
    }
    return verdict.right;
}

static void
torture(void **state)
{
    const struct mini_variant *variant = *state;
    const char *length = getenv("GW_TORTURE");
    uint64_t schedules =
        length != NULL && strcmp(length, "long") == 0 ? SCHEDULES * LONG_FACTOR : SCHEDULES;
    struct mini_settings settings;

    gw_assert_context(describe_current);
    mini_settings_fill(variant, &settings);
    for (uint64_t seed = 1; seed <= schedules; seed++) {
        assert_true(run_one(&settings, seed, false));
    }
}

static int
repeat(const char *name, uint64_t seed)
{
    struct mini_settings settings;

    for (const struct mini_variant *variant = mini_variants; variant->name != NULL; variant++) {
        if (strcmp(variant->name, name) == 0) {
            gw_assert_context(describe_current);
            mini_settings_fill(variant, &settings);
            return run_one(&settings, seed, true) ? 0 : 1;
        }
    }
    print_error("no variant %s\n", name);
    return 2;
}

int
main(int argc, char **argv)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    if (argc == 5 && strcmp(argv[1], "--variant") == 0 && strcmp(argv[3], "--seed") == 0) {
        return repeat(argv[2], strtoull(argv[4], NULL, 10));
    }
    for (const struct mini_variant *variant = mini_variants; variant->name != NULL; variant++) {
        tests[count++] = (struct CMUnitTest){
            .name = variant->name,
            .test_func = torture,
            .initial_state = (void *)(uintptr_t)variant,
        };
    }
    return _cmocka_run_group_tests("random schedules", tests, count, NULL, NULL);
}
