/* test_faults.c - pins: whichever port call fails, once, twice or from then on, and whether the
 * failed write is there or not, every architecture ends, leaves the guest running on the side that
 * the commit record names, and loses nothing that was acknowledged. The n-th call fails for
 * n = 1, 2, ... until a run passes untouched. Does not pin: which of failed and completed comes
 * out, nor the words of the reason.
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

enum { RHYTHMS = 4, CALLS_MAX = 2000 };

static const struct mini_op ops[] = {
    {GW_IO_WRITE, 0, 0, 3}, {GW_IO_WRITE, 1, 3, 2}, {GW_IO_READ, 0, 1, 4},  {GW_IO_TRIM, 0, 4, 3},
    {GW_IO_WRITE, 0, 2, 1}, {GW_IO_WRITE, 1, 3, 4}, {GW_IO_FLUSH, 0, 0, 1}, {GW_IO_WRITE, 0, 5, 2},
    {GW_IO_READ, 1, 2, 5},  {GW_IO_WRITE, 0, 0, 8}, {GW_IO_WRITE, 1, 6, 1}, {GW_IO_READ, 0, 0, 8},
};

/* Which of the things that can happen comes next: every `period`-th time the last one offered. */
struct rhythm {
    uint32_t period;
    uint32_t step;
};

static char current[200];

static const char *
describe_current(void)
{
    return current;
}

/* A cancel is never offered here, so the last event is the guest or the newest IO. */
static uint32_t
choose(void *self, const enum mini_event *events, uint32_t count)
{
    struct rhythm *rhythm = self;

    (void)events;
    rhythm->step++;
    return rhythm->step % rhythm->period == 0 ? count - 1 : 0;
}

/* Runs with the fault; returns whether the failing call was reached. */
static bool
run_with(const struct mini_settings *settings, struct mini_fault fault, uint32_t period)
{
    struct rhythm rhythm = {.period = period};
    struct mini_plan plan = {
        .settings = settings,
        .ops = ops,
        .op_count = sizeof ops / sizeof ops[0],
        .outstanding_most = 3,
        .disk_count = 2,
        .granules = 8,
        .holes = 0x0c,
        .audit_every = 1,
        .fault = fault,
        .choose = choose,
        .self = &rhythm,
    };
    struct mini_verdict verdict;

    (void)snprintf(
        current, sizeof current, "test_faults: %s, kind %d, call %u, %u times, lands %d, rhythm %u",
        settings->variant->name, (int)fault.kind, fault.nth, fault.length, fault.lands, period);
    mini_world_run(&plan, &verdict);
    if (!verdict.right) {
        print_error("%s\n  %s\n", current, verdict.note);
        plan.trace = true;
        rhythm.step = 0;
        mini_world_run(&plan, &verdict);
        fail();
    }
    assert_int_not_equal(verdict.outcome, GW_OUTCOME_RUNNING);
    return verdict.fault_met;
}

static void
fail_each_call(const struct mini_settings *settings, struct mini_fault fault, uint32_t period)
{
    bool met = true;

    for (fault.nth = 1; met; fault.nth++) {
        assert_true(fault.nth < CALLS_MAX);
        met = run_with(settings, fault, period);
    }
}

static void
torture(void **state)
{
    static const uint32_t lengths[] = {1, 2, UINT32_MAX};
    static const uint32_t periods[RHYTHMS] = {2, 3, 5, 1};
    struct mini_settings settings;

    gw_assert_context(describe_current);
    mini_settings_fill(*state, &settings);
    for (int kind = MINI_FAULT_READ; kind < MINI_FAULT_COUNT; kind++) {
        for (uint32_t i = 0; i < 3 * 2 * RHYTHMS; i++) {
            struct mini_fault fault = {.kind = (enum mini_fault_kind)kind,
                                       .length = lengths[i % 3],
                                       .lands = i / 3 % 2 == 1};

            if (kind == MINI_FAULT_HOME && fault.length > 2) {
                /* Nobody runs while the record cannot be read: some reads must work at last. */
                fault.length = 9;
            }
            fail_each_call(&settings, fault, periods[i / 6]);
        }
    }
}

int
main(void)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    for (const struct mini_variant *variant = mini_variants; variant->name != NULL; variant++) {
        tests[count++] = (struct CMUnitTest){
            .name = variant->name,
            .test_func = torture,
            .initial_state = (void *)(uintptr_t)variant,
        };
    }
    return _cmocka_run_group_tests("faults", tests, count, NULL, NULL);
}
