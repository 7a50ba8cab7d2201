/* bench_memory.c - a guest of 60 GiB moves over 10 Gb/s: whole runs of the simulator.
 *
 * guest-60g     plain pre-copy, 100 k page writes a second over 16 GiB: examples/guest-60g.yaml.
 * compress-60g  16 workers compress page by page, with polled queues or under a global lock; the
 *               guest sweeps over half of its memory meanwhile.
 *
 * Everything is in: scenario, guest, dirty log, workers, wire, target, statistics, the comparison
 * of all pages at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "sim/memory_world.h"
#include "tests/bench/bench.h"

static const char plain[] = "name: guest-60g\n"
                            "seed: 1\n"
                            "warmup: 5s\n"
                            "cooldown: 5s\n"
                            "time_limit: 10min\n"
                            "sample_interval: 1s\n"
                            "link: {rate: 10Gbps, latency: 50us}\n"
                            "memory: {name: big, size: 60GiB, vcpus: 16}\n"
                            "regions:\n"
                            "  - {name: heap, size: 16GiB, content: pointers,\n"
                            "     writes: uniform, rate: 100k/s}\n"
                            "  - {name: page-cache, size: 44GiB, content: text}\n"
                            "migration:\n"
                            "  architecture: precopy\n"
                            "  max_bandwidth: 0B/s\n"
                            "  downtime_limit: 300ms\n";

/* Zero pages from 38 GiB on. */
#define COMPRESSED(pool)                                                                           \
    "name: compress-60g\n"                                                                         \
    "seed: 1\n"                                                                                    \
    "warmup: 5s\n"                                                                                 \
    "cooldown: 1s\n"                                                                               \
    "time_limit: 60s\n"                                                                            \
    "sample_interval: 1s\n"                                                                        \
    "link: {rate: 10Gbps, latency: 50us}\n"                                                        \
    "host: {decompress_threads: 16}\n"                                                             \
    "memory: {size: 60GiB, vcpus: 16}\n"                                                           \
    "regions:\n"                                                                                   \
    "  - {name: swept, size: 28GiB, content: word, writes: sequential, rate: 160k/s,\n"            \
    "     change_size: 48B}\n"                                                                     \
    "  - {name: still, size: 10GiB, content: word}\n"                                              \
    "migration:\n"                                                                                 \
    "  architecture: precopy\n"                                                                    \
    "  max_bandwidth: 0B/s\n"                                                                      \
    "  downtime_limit: 300ms\n"                                                                    \
    "  compress: zlib\n"                                                                           \
    "  compress_threads: 16\n"                                                                     \
    "  compress_wait: false\n"                                                                     \
    "  pool: " pool "\n"

static const char *const texts[] = {plain, COMPRESSED("lockless"), COMPRESSED("locked")};

/* Returns the simulated seconds of the migration. */
static uint64_t
run(const struct gw_scenario *scenario)
{
    struct gw_error err = {.message = ""};
    struct gw_memory_world *world = gw_memory_world_create(scenario, 0, &err);
    double simulated_s;

    gw_assert(world != NULL && gw_memory_world_run(world, &err));
    gw_assert(world->result.verified);
    simulated_s = world->result.metric[GW_METRIC_TOTAL_TIME_S];
    gw_memory_world_destroy(world);
    return (uint64_t)simulated_s;
}

uint64_t
gw_bench_memory(const struct gw_bench_row *row, double *seconds)
{
    const char *text = texts[row->size];
    struct gw_diagnostics diagnostics = {0};
    double start_s = gw_bench_now_s();
    struct gw_scenario *scenario =
        gw_scenario_parse("bench.yaml", text, strlen(text), NULL, 0, &diagnostics);
    uint64_t simulated_s;

    gw_assert(scenario != NULL);
    simulated_s = run(scenario);
    gw_scenario_destroy(scenario);
    gw_diagnostics_clear(&diagnostics);
    *seconds = gw_bench_now_s() - start_s;
    return simulated_s;
}
