/* bench_disk.c - 38 GB move under a busy guest: a whole run of the simulator, as a user has it.
 *
 * Two disks (6 and 32 GiB) move from flash to flash, 16 data mover IOs of 256 KiB outstanding, at
 * a rate that takes 600 simulated seconds; the guest makes about 10 k IOs of 8 KiB a second, 70 %
 * reads, uniform over the larger disk. Everything is in: scenario, world, device models, data,
 * the judge of every read, statistics, the comparison of all blocks at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "sim/world.h"
#include "tests/bench/bench.h"

/* Reads of 440 us and four slots give the 10 k IO/s; a small lock range keeps mirroring from
 * parking the slots, so that the event rate stays the same throughout. */
static const char text[] = "name: disk-38g\n"
                           "seed: 1\n"
                           "warmup: 1s\n"
                           "cooldown: 1s\n"
                           "devices:\n"
                           "  source: {kind: ssd, read_time: 440us}\n"
                           "  target: {kind: ssd, read_time: 440us}\n"
                           "vm: {disks: [{size: 6GiB}, {size: 32GiB}]}\n"
                           "workload: {kind: closed, oio: 4, block: 8KiB, read_share: 70%}\n"
                           "migration:\n"
                           "  architecture: mirror\n"
                           "  mover_outstanding: 16\n"
                           "  mover_io: 256KiB\n"
                           "  mover_rate: 68MB/s\n"
                           "  mirror: {lock_range: 1MiB, drain: overlapping}\n";

/* Returns the simulated seconds. */
static uint64_t
run(const struct gw_scenario *scenario)
{
    struct gw_error err = {.message = ""};
    struct gw_world *world = gw_world_create(scenario, 0, &err);
    const struct gw_result *result;
    double simulated_s;

    gw_assert(world != NULL && gw_world_run(world, &err));
    result = gw_world_result(world, 0);
    gw_assert(result->verified && result->outcome == GW_COMPLETED);
    gw_assert(result->metric[GW_METRIC_EVENTS] >= GW_BENCH_DISK_EVENTS);
    simulated_s = result->metric[GW_METRIC_MIGRATION_TIME_S];
    gw_world_destroy(world);
    return (uint64_t)simulated_s;
}

uint64_t
gw_bench_disk(const struct gw_bench_row *row, double *seconds)
{
    struct gw_diagnostics diagnostics = {0};
    double start_s = gw_bench_now_s();
    struct gw_scenario *scenario =
        gw_scenario_parse("disk-38g.yaml", text, strlen(text), NULL, 0, &diagnostics);
    uint64_t simulated_s;

    (void)row;
    gw_assert(scenario != NULL);
    simulated_s = run(scenario);
    gw_scenario_destroy(scenario);
    gw_diagnostics_clear(&diagnostics);
    *seconds = gw_bench_now_s() - start_s;
    return simulated_s;
}
