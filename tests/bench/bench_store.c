/* bench_store.c - runs put into a database, beside the runs themselves.
 *
 * store-oltp    a run of the study scenarios/studies/oltp-oio.yaml: mirror at 8 outstanding IOs.
 * store-small   a run that is over in a few milliseconds: a disk of 16 MiB.
 *
 * Ours is gw_store_put: digest, compression and one transaction that is on the disk when it
 * returns. The reference is the run, from reading the scenario to comparing all blocks. Both are wall
 * time, because a commit waits. The share of storing is 1 / (1 + ratio). The file is made in the
 * working folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "results/store.h"
#include "sim/world.h"
#include "tests/bench/bench.h"

enum { PUTS = 40, RUNS_OF_SMALL = 20 };

static const char path[] = "godwit-bench.db";

#define DISK                                                                                       \
    "{kind: servers, servers: 5, read_time: 5500us, write_time: 4ms, distribution: exponential,"   \
    " read_rate: 90MB/s, write_rate: 90MB/s}\n"

static const char *const texts[] = {
    "warmup: 10s\n"
    "cooldown: 5s\n"
    "time_limit: 1h\n"
    "sample_interval: 5s\n"
    "devices:\n"
    "  source: " DISK "  target: " DISK "vm: {disks: [{size: 32GiB}, {size: 6GiB}]}\n"
    "workload: {kind: closed, disk: 0, oio: 8, block: 8KiB, read_share: 70%}\n"
    "migration: {architecture: mirror, progress_least: 33%, downtime_most: 100s}\n",

    "warmup: 1s\n"
    "cooldown: 1s\n"
    "devices: {source: {kind: ideal, rate: 100MB/s}, target: {kind: ideal, rate: 100MB/s}}\n"
    "vm: {disks: [{size: 16MiB}]}\n"
    "workload: {kind: closed, oio: 2, think_time: 10ms}\n"
    "migration: {architecture: mirror, mirror: {lock_range: 4MiB}}\n",
};

static double
wall_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct finished {
    struct gw_scenario *scenario; /* the world looks at it until it goes */
    struct gw_world *world;
};

static struct finished
run(const char *text)
{
    struct gw_error err = {.message = ""};
    struct gw_diagnostics diagnostics = {0};
    struct finished finished;

    finished.scenario = gw_scenario_parse("bench.yaml", text, strlen(text), NULL, 0, &diagnostics);
    gw_diagnostics_clear(&diagnostics);
    gw_assert(finished.scenario != NULL);
    finished.world = gw_world_create(finished.scenario, 0, &err);
    gw_assert(finished.world != NULL && gw_world_run(finished.world, &err));
    gw_assert(gw_world_result(finished.world, 0)->verified);
    return finished;
}

static void
forget(struct finished *finished)
{
    gw_world_destroy(finished->world);
    gw_scenario_destroy(finished->scenario);
}

static void
remove_files(void)
{
    static const char *const names[] = {"godwit-bench.db", "godwit-bench.db-wal",
                                        "godwit-bench.db-shm"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)remove(names[i]);
    }
}

uint64_t
gw_bench_store(const struct gw_bench_row *row, double *seconds)
{
    struct gw_error err = {.message = ""};
    struct finished finished = run(texts[row->size]);
    struct gw_result *result = gw_world_result(finished.world, 0);

    remove_files();
    struct gw_store *store = gw_store_open(path, true, &err);
    gw_assert(store != NULL);
    double start_s = wall_s();
    for (int i = 0; i < PUTS; i++) {
        (void)snprintf(result->run_id, sizeof result->run_id, "%032d", i);
        gw_assert(gw_store_put(store, result, &err));
    }
    *seconds = wall_s() - start_s;
    gw_store_close(store);
    remove_files();
    forget(&finished);
    return PUTS;
}

uint64_t
gw_bench_stored_run(const struct gw_bench_row *row, double *seconds)
{
    int runs = row->size == 0 ? 1 : RUNS_OF_SMALL;
    double start_s = wall_s();

    for (int i = 0; i < runs; i++) {
        struct finished finished = run(texts[row->size]);
        forget(&finished);
    }
    *seconds = wall_s() - start_s;
    return (uint64_t)runs;
}
