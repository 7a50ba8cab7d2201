/* test_oracle_dirty.c - pins migrations against closed forms, where the copy rate is constant and
 * nothing interferes: ideal devices without delay, and a data mover with a rate cap.
 *
 * Each case states its formula and where that comes from. Random cases compare the mean over
 * replications with the formula, within three standard errors that are computed, not measured.
 * Does not pin: behaviour under interference, which the models make.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "tests/support/scenario_rig.h"

enum { BLOCKS = 2048, BLOCK_BYTES = 64 << 10, REPLICATIONS = 12 };

/* 2048 blocks of 64 KiB at 12.5 MiB/s: 5 ms a block, 10.24 s a disk. */
static const double BLOCK_S = 0.005;
static const double PASS_S = 10.24;
static const double DISK_BYTES = (double)BLOCKS * BLOCK_BYTES;

static const char *const text =
    "warmup: 1s\ncooldown: 1s\n"
    "host: {attach_stun: 0s, snapshot_stun: 0s, suspend: 0s, resume: 0s}\n"
    "devices: {source: {kind: ideal}, target: {kind: ideal}}\n"
    "vm: {disks: [{size: 128MiB}]}\n"
    "workload: {kind: open, rate: 100/s, read_share: 0%, block: 64KiB}\n"
    "migration: {architecture: dbt, mover_rate: 12.5MiB/s, mover_io: 64KiB,\n"
    "            granularity: 64KiB, mover_outstanding: 1}\n";

static struct scenario_rig rig;

static void
expect_near(const char *what, double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance)) {
        fail_msg("%s: got %.9g, expected %.9g within %.3g", what, got, expected, tolerance);
    }
}

static double
metric(const struct gw_result *result, enum gw_metric index)
{
    return result->metric[index];
}

/* ---- dirty blocks after one pass ---------------------------------------------------------------- */

/* Mean over replications of the dirty blocks at the end of the first pass. */
static double
mean_dirty_blocks(const char *architecture, double rate)
{
    char chosen[60], load[60];
    const char *overrides[] = {chosen, load, "migration.iterations_most=1", NULL};
    double sum = 0;

    snprintf(chosen, sizeof chosen, "migration.architecture=%s", architecture);
    snprintf(load, sizeof load, "workload.rate=%.6f/s", rate);
    for (int i = 0; i < REPLICATIONS; i++) {
        const struct gw_result *result = scenario_rig_run(&rig, text, overrides, i);

        assert_true(result->verified);
        expect_near("time of the pass", scenario_rig_cell(result, GW_SERIES_ITERATION, 0, 2),
                    PASS_S, 2 * BLOCK_S);
        sum += scenario_rig_cell(result, GW_SERIES_ITERATION, 0, 4) / BLOCK_BYTES;
        scenario_rig_end(&rig);
    }
    return sum / REPLICATIONS;
}

static const double loads[] = {0.05, 0.25, 1, 2, 4};

/* D = N (1 - e^-a), a = w T / N: facts on storage migration, section 4.2 (N blocks, uniform
 * random block writes at rate w, pass time T). Writes are Poisson, so blocks are independent and
 * the variance is N p (1 - p) with p = 1 - e^-a. */
static void
dbt_after_the_first_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        double p = 1 - exp(-loads[i]);
        double error = sqrt(BLOCKS * p * (1 - p) / REPLICATIONS);

        expect_near("dirty blocks", mean_dirty_blocks("dbt", loads[i] * BLOCKS / PASS_S),
                    BLOCKS * p, 3 * error + 1);
    }
}

/* D = N (1 - (1 - e^-a) / a): section 4.3; only writes behind the copy count. A block at share x
 * of the disk is dirty with p(x) = 1 - e^(-a (1 - x)); the variance is the sum of p (1 - p). */
static void
incremental_dbt_after_the_first_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        double a = loads[i], variance = 0;

        for (int block = 0; block < BLOCKS; block++) {
            double clean = exp(-a * (1 - (double)block / BLOCKS));

            variance += clean * (1 - clean);
        }
        expect_near("dirty blocks", mean_dirty_blocks("incremental-dbt", a * BLOCKS / PASS_S),
                    BLOCKS * (1 - (1 - exp(-a)) / a), 3 * sqrt(variance / REPLICATIONS) + 1);
    }
}

/* ---- passes ------------------------------------------------------------------------------------- */

/* Distinct writes at a constant rate of r times the copy rate: pass k takes T r^(k-1); textbook
 * pre-copy (Clark et al., NSDI 2005, section 3). Each pass is whole blocks: within two of them
 * of r times the one before. */
static void
pass_times_are_a_geometric_series(void **state)
{
    static const double ratio = 0.5;
    static const char *const overrides[] = {
        "workload.rate=100/s",          "workload.arrival=constant",
        "workload.pattern=sequential",  "migration.downtime_goal=50ms",
        "migration.dbt.switch_cost=0s", NULL};
    const struct gw_result *result = scenario_rig_run(&rig, text, overrides, 0);
    const struct gw_series *passes = &result->series[GW_SERIES_ITERATION];

    (void)state;
    assert_int_equal(result->outcome, GW_COMPLETED);
    assert_in_range(passes->rows, 8, 10);
    expect_near("pass 1", scenario_rig_cell(result, GW_SERIES_ITERATION, 0, 2), PASS_S,
                2 * BLOCK_S);
    for (size_t i = 1; i + 1 < passes->rows; i++) {
        expect_near("pass", scenario_rig_cell(result, GW_SERIES_ITERATION, i, 2),
                    ratio * scenario_rig_cell(result, GW_SERIES_ITERATION, i - 1, 2), 2 * BLOCK_S);
    }
    scenario_rig_end(&rig);
}

/* A guest that writes nothing: one pass, nothing sent again, the bytes of the disk exactly. */
static void
an_idle_guest_costs_one_pass(void **state)
{
    static const char *const architectures[] = {
        "dbt",  "incremental-dbt", "heat",       "mirror",
        "cold", "write-blocking",  "background", "snapshot"};

    (void)state;
    for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++) {
        char chosen[60];
        const char *overrides[] = {chosen, "workload={kind: idle}", NULL};
        const struct gw_result *result;

        snprintf(chosen, sizeof chosen, "migration.architecture=%s", architectures[i]);
        result = scenario_rig_run(&rig, text, overrides, 0);
        assert_int_equal(result->outcome, GW_COMPLETED);
        assert_true(result->verified);
        expect_near(architectures[i], metric(result, GW_METRIC_BYTES_COPIED), DISK_BYTES, 0);
        expect_near(architectures[i], metric(result, GW_METRIC_MIGRATION_TIME_S), PASS_S,
                    2 * BLOCK_S);
        expect_near(architectures[i], metric(result, GW_METRIC_BYTES_MIRRORED), 0, 0);
        scenario_rig_end(&rig);
    }
}

/* Cold copy = suspend + size / rate + resume, all of it downtime: by definition. Here the source
 * is the bottleneck and gives 64 MiB/s without a pause. */
static void
a_cold_copy_takes_size_over_rate(void **state)
{
    static const char *const overrides[] = {
        "migration.architecture=cold", "devices.source={kind: ideal, rate: 64MiB/s}",
        "migration.mover_rate=0B/s",   "migration.mover_outstanding=16",
        "workload={kind: idle}",       "host.suspend=100ms",
        "host.resume=150ms",           NULL};
    const struct gw_result *result = scenario_rig_run(&rig, text, overrides, 0);

    (void)state;
    expect_near("migration time", metric(result, GW_METRIC_MIGRATION_TIME_S), 2.25, 1e-5);
    expect_near("downtime", metric(result, GW_METRIC_DOWNTIME_S), 2.25, 1e-5);
    scenario_rig_end(&rig);
}

/* ---- mirroring ---------------------------------------------------------------------------------- */

/* Target bytes = S + about half of W T: section 4.5. With lock range L a write is mirrored when
 * it lies below the end of the locked range (inside, it waits and is mirrored then), so the share
 * is 1/2 + L / 2S. Poisson: the variance of the count is its mean. */
static void
a_mirror_sends_the_disk_and_half_of_the_writes(void **state)
{
    static const char *const overrides[] = {"migration.architecture=mirror",
                                            "migration.mirror.lock_range=8MiB", NULL};
    double expected = 100 * PASS_S * (0.5 + 8.0 / 256), sum = 0;

    (void)state;
    for (int i = 0; i < REPLICATIONS; i++) {
        const struct gw_result *result = scenario_rig_run(&rig, text, overrides, i);
        double mirrored = metric(result, GW_METRIC_BYTES_MIRRORED);

        assert_true(result->verified);
        expect_near("copied", metric(result, GW_METRIC_BYTES_COPIED), DISK_BYTES, 0);
        /* and the two records of the switch-over, one granule each */
        expect_near("sent", metric(result, GW_METRIC_BYTES_SENT), DISK_BYTES + mirrored + 8192, 0);
        sum += mirrored / BLOCK_BYTES;
        scenario_rig_end(&rig);
    }
    expect_near("mirrored writes", sum / REPLICATIONS, expected,
                3 * sqrt(expected / REPLICATIONS) + 1);
}

/* ---- snapshot ----------------------------------------------------------------------------------- */

/* Peak space with one round: the log of the base copy, N (1 - e^-a) blocks, is still there when
 * the log of its commit has grown for D / C: the same occupancy formula twice. Files grow by
 * chunks of 256 KiB, so each may be up to 4 blocks larger. */
static void
a_snapshot_needs_the_space_of_two_logs(void **state)
{
    static const char *const overrides[] = {
        "migration.architecture=snapshot", "migration.snapshot.leaf=2MiB",
        "migration.snapshot.small_time=0s", "migration.snapshot.rounds_most=1", NULL};
    double a = 100 * PASS_S / BLOCKS, p = 1 - exp(-a);
    double again = 100 * BLOCKS * p * BLOCK_S / BLOCKS, q = 1 - exp(-again);
    double error = sqrt(BLOCKS * (p * (1 - p) * 4 + q * (1 - q)) / REPLICATIONS);
    double sum = 0;

    (void)state;
    for (int i = 0; i < REPLICATIONS; i++) {
        const struct gw_result *result = scenario_rig_run(&rig, text, overrides, i);

        assert_true(result->verified);
        assert_int_equal(result->outcome, GW_COMPLETED);
        sum += metric(result, GW_METRIC_EXTRA_SPACE_PEAK_BYTES) / BLOCK_BYTES;
        scenario_rig_end(&rig);
    }
    expect_near("blocks in logs", sum / REPLICATIONS, BLOCKS * (p + q) + 4, 3 * error + 5);
}

/* ---- shared resources --------------------------------------------------------------------------- */

/* Two cold copies over one link of rate R, disks S and S / 2: max-min gives R / 2 each, so the
 * small one ends at S / R and the large one, alone from then on, at 1.5 S / R (Bertsekas and
 * Gallager, Data Networks, section 6.5.2). */
static void
two_migrations_share_a_link(void **state)
{
    static const char *const two =
        "warmup: 1s\ncooldown: 20s\n"
        "host: {suspend: 0s, resume: 0s}\n"
        "devices: {source: {kind: ideal},\n"
        "          target: {kind: link, rate: 32MiB/s, latency: 0s, backing: {kind: ideal}}}\n"
        "vm: {disks: [{size: 128MiB}]}\nworkload: {kind: idle}\n"
        "migration: {architecture: cold}\n"
        "neighbours:\n"
        "  - vm: {name: small, disks: [{size: 64MiB}]}\n"
        "    workload: {kind: idle}\n"
        "    migration: {architecture: cold}\n";
    const struct gw_result *large = scenario_rig_run(&rig, two, NULL, 0);
    const struct gw_result *small = gw_world_result(rig.world, 1);

    (void)state;
    assert_non_null(small);
    expect_near("small", metric(small, GW_METRIC_MIGRATION_TIME_S), 4, 0.3);
    expect_near("large", metric(large, GW_METRIC_MIGRATION_TIME_S), 6, 0.02);
    scenario_rig_end(&rig);
}

/* Exact mean value analysis of one station with two classes (Reiser and Lavenberg, JACM 27(2),
 * 1980): R_c(n) = s (1 + Q(n - e_c)), X_c = n_c / (Z_c + R_c). Fills x with the throughputs. */
static void
mean_value_analysis(int guests, int movers, double service_s, double think_s, double x[2])
{
    static double queue[33][33];

    queue[0][0] = 0;
    for (int n = 0; n <= guests; n++) {
        for (int m = 0; m <= movers; m++) {
            double r0 = n == 0 ? 0 : service_s * (1 + queue[n - 1][m]);
            double r1 = m == 0 ? 0 : service_s * (1 + queue[n][m - 1]);

            x[0] = n == 0 ? 0 : n / (think_s + r0);
            x[1] = m == 0 ? 0 : m / r1;
            queue[n][m] = x[0] * r0 + x[1] * r1;
        }
    }
}

/* A guest with 8 slots and exponential think time, and the data mover's 16, at one exponential
 * server; the target takes no time, so the mover is always at the source. */
static void
a_closed_loop_beside_the_copy(void **state)
{
    static const char *const station =
        "warmup: 30s\ncooldown: 1s\n"
        "host: {attach_stun: 0s, suspend: 0s, resume: 0s}\n"
        "devices: {source: {kind: servers, read_time: 1ms, distribution: exponential},\n"
        "          target: {kind: ideal}}\n"
        "vm: {disks: [{size: 2GiB}]}\n"
        "workload: {kind: closed, oio: 8, read_share: 100%, think_time: 20ms,\n"
        "           think_law: exponential}\n"
        "migration: {architecture: dbt, mover_outstanding: 16, mover_io: 64KiB}\n";
    const struct gw_result *result = scenario_rig_run(&rig, station, NULL, 0);
    double alone[2], both[2];

    (void)state;
    mean_value_analysis(8, 0, 0.001, 0.020, alone);
    mean_value_analysis(8, 16, 0.001, 0.020, both);
    expect_near("guest alone", metric(result, GW_METRIC_GUEST_IOPS_BEFORE), alone[0],
                0.04 * alone[0]);
    expect_near("guest beside the copy", metric(result, GW_METRIC_GUEST_IOPS_DURING), both[0],
                0.04 * both[0]);
    expect_near("copy beside the guest", 32768 / metric(result, GW_METRIC_MIGRATION_TIME_S),
                both[1], 0.02 * both[1]);
    scenario_rig_end(&rig);
}

/* One server: a question of 3 ms, a read of 1 ms, and a write of 1 ms at the target, 64 times. */
static void
a_mirror_that_asks_takes_the_time_of_its_questions(void **state)
{
    static const char *const scenario =
        "host: {attach_stun: 0s, suspend: 0s, resume: 0s}\n"
        "devices: {source: {kind: servers, read_time: 1ms, status_time: 3ms},\n"
        "          target: {kind: servers, write_time: 1ms}}\n"
        "vm: {disks: [{size: 64MiB}]}\n"
        "workload: {kind: idle}\n"
        "migration: {architecture: background, mover_io: 1MiB, granularity: 64KiB}\n";
    static const char *const sets[][3] = {
        {"migration.background.buffer=1MiB", NULL},
        {"migration.background.buffer=1MiB", "migration.background.ask_status=true", NULL}};
    double seconds[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        seconds[i] = metric(scenario_rig_run(&rig, scenario, sets[i], 0), GW_METRIC_READY_TIME_S);
        scenario_rig_end(&rig);
    }
    expect_near("without questions", seconds[0], 0.128, 1e-9);
    expect_near("with questions", seconds[1], 0.320, 1e-9);
}

/* Downtime of an idle guest = two records on the home of the guest, each a write: beside its disks,
 * or on a device that takes no time. */
static void
the_records_take_the_time_of_the_home(void **state)
{
    static const char *const scenario =
        "host: {attach_stun: 0s, suspend: 0s, resume: 0s}\n"
        "devices: {source: {kind: ideal}, target: {kind: servers, write_time: 3ms},\n"
        "          memory: {kind: ideal}}\n"
        "vm: {disks: [{size: 64MiB}]}\n"
        "workload: {kind: idle}\n"
        "migration: {architecture: background}\n";
    static const char *const sets[][2] = {{NULL}, {"vm.home=memory", NULL}};
    double seconds[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        seconds[i] = metric(scenario_rig_run(&rig, scenario, sets[i], 0), GW_METRIC_DOWNTIME_S);
        scenario_rig_end(&rig);
    }
    expect_near("records on the target", seconds[0], 0.006, 1e-9);
    expect_near("records in memory", seconds[1], 0, 1e-9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dbt_after_the_first_pass),
        cmocka_unit_test(incremental_dbt_after_the_first_pass),
        cmocka_unit_test(pass_times_are_a_geometric_series),
        cmocka_unit_test(an_idle_guest_costs_one_pass),
        cmocka_unit_test(a_cold_copy_takes_size_over_rate),
        cmocka_unit_test(a_mirror_sends_the_disk_and_half_of_the_writes),
        cmocka_unit_test(a_snapshot_needs_the_space_of_two_logs),
        cmocka_unit_test(two_migrations_share_a_link),
        cmocka_unit_test(a_closed_loop_beside_the_copy),
        cmocka_unit_test(a_mirror_that_asks_takes_the_time_of_its_questions),
        cmocka_unit_test(the_records_take_the_time_of_the_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
