/* test_guestperf.c - pins: each scenario of scenarios/guestperf against the comparison of QEMU's
 * guestperf after which it is named: guest, bandwidth, downtime, when it gives up; what is varied,
 * that the command in the file varies it so, that each value loads and arrives, and that the file's
 * own value is one of them. Does not pin: what comes out.
 *
 * Source: QEMU tests/migration/guestperf (comparison.py, scenario.py, hardware.py), by its values.
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

#include "sim/scenario.h"

enum { VALUES = 6, TEXT_BYTES = 8192 };

static const int64_t MIB = 1048576;

#define FIELD(member) offsetof(struct gw_memory_settings, member)

/* One comparison; numbers are those that the values stand for, in the setting's base unit. */
struct comparison {
    const char *name;
    const char *key;
    size_t field; /* int64_t of struct gw_memory_settings; or `choice`, an int */
    bool choice;
    const char *values[VALUES];
    int64_t numbers[VALUES];
    const char *architecture;
    bool slow; /* its bandwidth is varied, or given */
};

static const struct comparison comparisons[] = {
    {"pause-iters",
     "migration.pause_after_rounds",
     FIELD(pause_after_rounds),
     false,
     {"1", "5", "20"},
     {1, 5, 20},
     "precopy",
     false},
    {"post-copy-iters",
     "migration.postcopy_after_rounds",
     FIELD(postcopy_after_rounds),
     false,
     {"1", "5", "20"},
     {1, 5, 20},
     "hybrid",
     false},
    {"post-copy-bandwidth",
     "migration.max_bandwidth",
     FIELD(max_bandwidth),
     false,
     {"12MiB/s", "37MiB/s", "125MiB/s", "1250MiB/s", "12500MiB/s"},
     {12 * 1048576LL, 37 * 1048576LL, 125 * 1048576LL, 1250 * 1048576LL, 12500 * 1048576LL},
     "hybrid",
     true},
    {"auto-converge-iters",
     "migration.throttle_increment",
     FIELD(throttle_increment),
     false,
     {"5", "10", "20"},
     {5, 10, 20},
     "precopy",
     false},
    {"auto-converge-bandwidth",
     "migration.max_bandwidth",
     FIELD(max_bandwidth),
     false,
     {"12MiB/s", "37MiB/s", "125MiB/s", "1250MiB/s", "12500MiB/s"},
     {12 * 1048576LL, 37 * 1048576LL, 125 * 1048576LL, 1250 * 1048576LL, 12500 * 1048576LL},
     "precopy",
     true},
    {"compr-mt",
     "migration.compress_threads",
     FIELD(compress_threads),
     false,
     {"1", "2", "4"},
     {1, 2, 4},
     "precopy",
     false},
    {"compr-xbzrle",
     "migration.xbzrle_cache",
     FIELD(xbzrle_cache_bytes),
     false,
     {"64MiB", "128MiB", "256MiB", "512MiB"},
     {64 * 1048576LL, 128 * 1048576LL, 256 * 1048576LL, 512 * 1048576LL},
     "precopy",
     false},
    {"compr-multifd",
     "migration.multifd_channels",
     FIELD(multifd_channels),
     false,
     {"4", "8", "32", "64"},
     {4, 8, 32, 64},
     "precopy",
     false},
    {"compr-multifd-compression",
     "migration.multifd_compress",
     FIELD(multifd_compress),
     true,
     {"zlib", "zstd"},
     {GW_CODEC_ZLIB, GW_CODEC_ZSTD},
     "precopy",
     false},
    {"compr-dirty-limit-period",
     "migration.vcpu_dirty_period",
     FIELD(vcpu_dirty_period_ns),
     false,
     {"500ms", "800ms", "1s"},
     {500000000, 800000000, 1000000000},
     "precopy",
     false},
    {"compr-dirty-limit",
     "migration.vcpu_dirty_limit",
     FIELD(vcpu_dirty_limit),
     false,
     {"10MB/s", "20MB/s", "50MB/s"},
     {10000000, 20000000, 50000000},
     "precopy",
     false},
};

static void
path_of(char *path, size_t bytes, const char *name)
{
    const char *root = getenv("GW_SOURCE_DIR");

    snprintf(path, bytes, "%s/scenarios/guestperf/%s.yaml", root == NULL ? "." : root, name);
}

static struct gw_scenario *
load(const char *name, const char *override)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario;
    char path[4096];

    path_of(path, sizeof path, name);
    scenario = gw_scenario_load(path, &override, override != NULL, &diagnostics);
    if (scenario == NULL) {
        fail_msg("%s: %s", diagnostics.items[0].where, diagnostics.items[0].message);
    }
    gw_diagnostics_clear(&diagnostics);
    return scenario;
}

static int64_t
value_of(const struct gw_scenario *scenario, const struct comparison *comparison)
{
    const char *field = (const char *)&scenario->memory->settings + comparison->field;
    int64_t value;
    int choice;

    if (comparison->choice) {
        memcpy(&choice, field, sizeof choice);
        return choice;
    }
    memcpy(&value, field, sizeof value);
    return value;
}

/* What all scenarios of guestperf share: hardware.py and scenario.py when told nothing. */
static void
check_ground(const struct gw_scenario *scenario, const char *name)
{
    const struct gw_memory_plan *plan = scenario->memory;
    char full_name[80];

    assert_non_null(plan);
    snprintf(full_name, sizeof full_name, "guestperf-%s", name);
    assert_string_equal(scenario->name, full_name);
    assert_int_equal(plan->vcpus, 1);
    assert_string_equal(plan->regions[0].name, "stress");
    assert_int_equal(plan->regions[0].size_bytes, 1024 * MIB);
    assert_int_equal(plan->regions[0].writes, GW_WRITES_SEQUENTIAL);
    assert_int_equal(plan->regions[0].pacing, GW_PACED_CPU);
    assert_int_equal(plan->regions[0].change_bytes, GW_PAGE_BYTES);
    assert_int_equal(plan->settings.downtime_limit_ns, 500000000);
    assert_int_equal(plan->settings.rounds_most, 30);
    assert_int_equal(scenario->time_limit_ns, 300000000000);
    assert_int_equal(scenario->warmup_ns, 15000000000);
    assert_int_equal(scenario->cooldown_ns, 15000000000);
}

static void
defaults_are_guestperfs(void **state)
{
    struct gw_scenario *scenario = load("defaults", NULL);

    (void)state;
    check_ground(scenario, "defaults");
    assert_int_equal(scenario->memory->settings.max_bandwidth, 125000 * MIB);
    assert_string_equal(scenario->memory->architecture->name, "precopy");
    gw_scenario_destroy(scenario);
}

/* The command in the file names the key and all values (compr-mt: pairs, told in words). */
static void
check_command(const struct comparison *comparison)
{
    char path[4096], text[TEXT_BYTES], command[200];
    size_t length = 0, used;
    FILE *file;

    path_of(path, sizeof path, comparison->name);
    file = fopen(path, "rb");
    assert_non_null(file);
    used = fread(text, 1, sizeof text - 1, file);
    text[used] = '\0';
    fclose(file);
    length += (size_t)snprintf(command, sizeof command, "--set %s=", comparison->key);
    for (size_t i = 0; i < VALUES && comparison->values[i] != NULL; i++) {
        length += (size_t)snprintf(command + length, sizeof command - length, "%s%s",
                                   i == 0 ? "" : ",", comparison->values[i]);
    }
    if (strcmp(comparison->name, "compr-mt") != 0 && strstr(text, command) == NULL) {
        fail_msg("%s does not say: %s", path, command);
    }
}

static void
comparison_is_guestperfs(void **state)
{
    const struct comparison *comparison = *state;
    struct gw_scenario *scenario = load(comparison->name, NULL);
    int64_t preset = value_of(scenario, comparison);
    bool found = false;

    check_ground(scenario, comparison->name);
    assert_string_equal(scenario->memory->architecture->name, comparison->architecture);
    assert_true(scenario->memory->settings.max_bandwidth ==
                (comparison->slow ? 125 * MIB : 125000 * MIB));
    gw_scenario_destroy(scenario);
    check_command(comparison);
    for (size_t i = 0; i < VALUES && comparison->values[i] != NULL; i++) {
        char override[120];

        snprintf(override, sizeof override, "%s=%s", comparison->key, comparison->values[i]);
        scenario = load(comparison->name, override);
        assert_int_equal(value_of(scenario, comparison), comparison->numbers[i]);
        gw_scenario_destroy(scenario);
        found = found || preset == comparison->numbers[i];
    }
    assert_true(found);
}

int
main(void)
{
    enum { COUNT = sizeof comparisons / sizeof comparisons[0] };
    struct CMUnitTest tests[COUNT + 1] = {cmocka_unit_test(defaults_are_guestperfs)};

    for (size_t i = 0; i < COUNT; i++) {
        tests[i + 1] = (struct CMUnitTest){
            .name = comparisons[i].name,
            .test_func = comparison_is_guestperfs,
            .initial_state = (void *)(uintptr_t)&comparisons[i],
        };
    }
    return _cmocka_run_group_tests("guestperf", tests, COUNT + 1, NULL, NULL);
}
