/* test_oracle_frontier.c - pins the boundary of convergence against a closed form: uniform writes
 * over the whole disk, a copy at a fixed rate, devices that nothing queues at.
 *
 * N blocks of g bytes are copied at C bytes/s; block writes come at rate w, each to any block. A
 * pass over d dirty blocks takes d g / C, so of the next one the share (Poisson writes)
 *
 *     x' = 1 - e^(-a x)        x = d / N,   a = w g / C
 *
 * is dirty. From x = 1 on this falls to its fixed point x*, a = -ln(1 - x*) / x*, which is 0 up to
 * a = 1. The rule (docs/model-storage-migration.md) ends with a final copy as soon as
 * d g / C + switch_cost <= downtime_goal, and gives up when nothing becomes less any more. So it
 * converges exactly when x* is below s = (downtime_goal - switch_cost) C / (N g): up to
 *
 *     w = C / g * -ln(1 - s) / s.
 *
 * That holds for dbt, whose pass takes the whole bitmap over: what a pass leaves does not depend on
 * the order of copying. It wants passes that are not cut short, so there are as many as it takes,
 * and stalled ones are few: chance makes single passes smaller than x* by about
 * sqrt(x* (1 - x*) / N), which the number of blocks makes a small part of 2 %.
 * Does not pin: the campaign, the database and the report of the verb (tests/cli/frontier.sh).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>

#include "results/frontier.h"
#include "tests/support/scenario_rig.h"

/* 8192 blocks of 64 KiB at 100 MiB/s: 5.12 s a disk. */
static const double COPIES = 1600; /* C / g, blocks a second */
static const double PASS_S = 5.12;

static const char *const text =
    "warmup: 1s\ncooldown: 1s\ntime_limit: 1h\n"
    "host: {attach_stun: 0s, snapshot_stun: 0s, suspend: 0s, resume: 0s}\n"
    "devices: {source: {kind: ideal}, target: {kind: ideal}}\n"
    "vm: {disks: [{size: 512MiB}]}\n"
    "workload: {kind: open, rate: 100/s, read_share: 0%, block: 64KiB}\n"
    "migration: {architecture: dbt, mover_rate: 100MiB/s, mover_io: 64KiB,\n"
    "            granularity: 64KiB, mover_outstanding: 1, iterations_most: 1000,\n"
    "            progress_least: 0%, stall_limit: 4, dbt: {switch_cost: 100ms}}\n";

static struct scenario_rig rig;

static bool
converges(double rate, double goal_s, int64_t replication)
{
    char load[60], goal[60], most[60];
    const char *overrides[] = {load, goal, most, NULL};

    snprintf(load, sizeof load, "workload.rate=%.6f/s", rate);
    snprintf(goal, sizeof goal, "migration.downtime_goal=%.0fms", goal_s * 1000);
    snprintf(most, sizeof most, "migration.downtime_most=%.0fms", goal_s * 1000);
    const struct gw_result *result = scenario_rig_run(&rig, text, overrides, replication);
    bool completed = result->outcome == GW_COMPLETED;
    scenario_rig_end(&rig);
    return completed;
}

static double
rate_of(void *self, double share)
{
    (void)self;
    return 1000 + 2000 * share;
}

static const struct gw_frontier_rule rule = {.confidence = 0.95,
                                             .precision = 0.01,
                                             .values = 3,
                                             .replications = 8,
                                             .replications_most = 16,
                                             .value_of = rate_of};

static void
try_open_ones(struct gw_frontier *frontier, double goal_s)
{
    for (size_t i = 0; i < frontier->count; i++) {
        const struct gw_frontier_probe *probe = &frontier->probes[i];
        size_t good = 0;

        if (probe->verdict != GW_FRONTIER_OPEN) {
            continue;
        }
        for (size_t k = 0; k < probe->wanted; k++) {
            good += converges(probe->value, goal_s, (int64_t)k) ? 1 : 0;
        }
        gw_frontier_tell(frontier, i, good, 0.0);
    }
}

static void
expect_boundary(double final_s)
{
    double share = final_s / PASS_S;
    double theory = COPIES * -log(1 - share) / share;
    struct gw_frontier frontier;
    struct gw_frontier_bracket bracket;

    assert_true(gw_frontier_begin(&frontier, &rule, NULL));
    for (size_t last = 0; last != frontier.count || gw_frontier_is_open(&frontier);) {
        last = frontier.count;
        try_open_ones(&frontier, final_s + 0.1);
        if (!gw_frontier_is_open(&frontier)) {
            assert_true(gw_frontier_advance(&frontier, NULL));
        }
    }
    gw_frontier_bracket(&frontier, &bracket);
    print_message("final copy of %.2f s: theory %.1f/s, found %.1f/s in %.1f..%.1f\n", final_s,
                  theory, bracket.middle, bracket.low->value, bracket.high->value);
    if (!(fabs(bracket.middle - theory) <= 0.02 * theory)) {
        fail_msg("boundary %.1f/s, theory %.1f/s", bracket.middle, theory);
    }
    gw_frontier_clear(&frontier);
}

static void
boundary_with_a_small_final_copy(void **state)
{
    (void)state;
    expect_boundary(0.8);
}

static void
boundary_with_a_large_final_copy(void **state)
{
    (void)state;
    expect_boundary(2.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundary_with_a_small_final_copy),
        cmocka_unit_test(boundary_with_a_large_final_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
