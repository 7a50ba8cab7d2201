/* test_golden_memory.c - pins: the dirty syncs and every fifth sample of the migration of the guest
 * of memory.yaml, by every memory architecture and by the ways to send pages, byte by byte.
 *
 * The curves are our own output: they prove that nothing has changed, not that it is right; the
 * closed forms of tests/oracle do that. Does not pin: CPU shares, latencies, other scenarios.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/memory_world.h"
#include "tests/support/golden_rig.h"
#include "tests/support/scenario_rig.h"

enum { SAMPLES_A_ROW = 5, OVERRIDES = 6 };

/* Columns of the memory series. */
enum { REMAINING, SENT_RATE = 2, THROTTLE, THRESHOLD = 7, SYNCS };

struct curve {
    const char *name; /* of the file: memory.NAME.csv */
    const char *overrides[OVERRIDES];
};

static const struct curve curves[] = {
    {"precopy", {NULL}},
    {"hybrid", {"migration.architecture=hybrid", "migration.postcopy_after_rounds=2", NULL}},
    {"postcopy", {"migration.architecture=postcopy", NULL}},
    {"stop-and-copy", {"migration.architecture=stop-and-copy", NULL}},
    {"compress-locked",
     {"migration.compress=zlib", "migration.compress_threads=2", "migration.pool=locked", NULL}},
    {"compress-lockless",
     {"migration.compress=zlib", "migration.compress_threads=2", "migration.pool=lockless",
      "migration.compress_wait=false", NULL}},
    {"xbzrle", {"migration.xbzrle=true", "migration.xbzrle_cache=16MiB", NULL}},
    {"xbzrle-threads",
     {"migration.xbzrle=true", "migration.xbzrle_cache=16MiB", "migration.xbzrle_threads=2",
      "migration.pool=lockless", NULL}},
    {"auto-converge",
     {"migration.throttle=auto-converge", "migration.max_bandwidth=15MB/s",
      "migration.throttle_initial=40", "migration.throttle_increment=20", NULL}},
    {"io-aware",
     {"migration.throttle=io-aware", "migration.max_bandwidth=15MB/s",
      "migration.throttle_initial=40", "migration.throttle_increment=20", NULL}},
    {"multifd",
     {"migration.multifd_channels=2", "migration.zero_detection=multifd",
      "migration.multifd_compress=zlib", NULL}},
    {"dirty-limit",
     {"migration.throttle=dirty-limit", "migration.max_bandwidth=15MB/s", "host.protection=ring",
      "host.ring_entries=1024", "migration.vcpu_dirty_limit=2MB/s", NULL}},
};

static char scenario_text[GOLDEN_BYTES];

static size_t
write_row(const struct gw_series *series, size_t row, const int *columns, char *out)
{
    size_t length = (size_t)snprintf(out, 40, "%lld", (long long)series->t_ns[row]);

    for (; *columns >= 0; columns++) {
        double value = series->values[row * series->columns + (size_t)*columns];

        /* Without samples yet a rate is no number. */
        length +=
            (size_t)snprintf(out + length, 40, ",%lld", value == value ? (long long)value : -1LL);
    }
    out[length++] = '\n';
    out[length] = '\0';
    return length;
}

static void
write_curve(const struct gw_result *result, char *out)
{
    static const int sync_columns[] = {0, 1, 2, 3, 4, -1};
    static const int columns[] = {REMAINING, SENT_RATE, THROTTLE, THRESHOLD, SYNCS, -1};
    const struct gw_series *syncs = &result->series[GW_SERIES_SYNC];
    const struct gw_series *samples = &result->series[GW_SERIES_MEMORY];
    size_t length = (size_t)snprintf(out, 200,
                                     "%s\nt_ns,sync,dirty_pages,remaining_bytes,"
                                     "sent_bytes,throttle_pct\n",
                                     result->reason);

    for (size_t i = 0; i < syncs->rows; i++) {
        length += write_row(syncs, i, sync_columns, out + length);
        assert_true(length < GOLDEN_BYTES / 2);
    }
    length += (size_t)snprintf(out + length, 200,
                               "t_ns,remaining_bytes,sent_bytes_per_s,"
                               "throttle_pct,threshold_bytes,syncs\n");
    for (size_t i = 0; i < samples->rows; i += SAMPLES_A_ROW) {
        length += write_row(samples, i, columns, out + length);
        assert_true(length < GOLDEN_BYTES - 1000);
    }
}

static void
curve_is_as_stored(void **state)
{
    static char text[GOLDEN_BYTES];
    const struct curve *curve = *state;
    struct gw_scenario *scenario = scenario_rig_parse(scenario_text, curve->overrides);
    struct gw_error err = {.message = ""};
    struct gw_memory_world *world = gw_memory_world_create(scenario, 0, &err);
    char name[80];

    if (world == NULL || !gw_memory_world_run(world, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(world->result.verified);
    write_curve(&world->result, text);
    gw_memory_world_destroy(world);
    gw_scenario_destroy(scenario);
    snprintf(name, sizeof name, "memory.%s.csv", curve->name);
    golden_compare(name, text);
}

/* Every architecture has its curve. */
static void
none_is_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; gw_memory_architectures[i] != NULL; i++) {
        bool found = false;

        for (size_t j = 0; j < sizeof curves / sizeof curves[0]; j++) {
            found = found || strcmp(curves[j].name, gw_memory_architectures[i]->name) == 0;
        }
        assert_true(found);
    }
}

int
main(void)
{
    enum { COUNT = sizeof curves / sizeof curves[0] };
    struct CMUnitTest tests[COUNT + 1] = {cmocka_unit_test(none_is_forgotten)};

    if (!golden_read("memory.yaml", scenario_text)) {
        fprintf(stderr, "no tests/golden/memory.yaml below $GW_SOURCE_DIR\n");
        return 1;
    }
    for (size_t i = 0; i < COUNT; i++) {
        tests[i + 1] = (struct CMUnitTest){
            .name = curves[i].name,
            .test_func = curve_is_as_stored,
            .initial_state = (void *)(uintptr_t)&curves[i],
        };
    }
    return _cmocka_run_group_tests("golden memory", tests, COUNT + 1, NULL, NULL);
}
