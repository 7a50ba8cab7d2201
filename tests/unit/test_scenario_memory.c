/* test_scenario_memory.c - pins: what a memory scenario becomes, its canonical form as a fixed
 * point, digests of the files it reads, and every refusal that ties sections together, with its
 * place. It brings its own list of architectures. Does not pin: YAML, overrides and disk
 * scenarios (test_scenario), values of the tables (test_tables).
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

static const struct gw_memory_architecture walk = {.name = "walk"};
static const struct gw_memory_architecture run = {.name = "run"};

const struct gw_memory_architecture *const gw_memory_architectures[] = {&walk, &run, NULL};

/* ---- helpers ------------------------------------------------------------------------------------ */

static const char good[] = "warmup: 5s\n"
                           "link: {rate: 10Gbps}\n"
                           "host: {setup: 3ms}\n"
                           "codec_costs:\n"
                           "  - {codec: zstd, level: 3, content: text, encode: 9us, decode: 4us}\n"
                           "delta_cost: {page_ns: 500}\n"
                           "memory: {name: db, size: 1GiB, vcpus: 4}\n"
                           "regions:\n"
                           "  - {name: heap, size: 256MiB, writes: hot, rate: 10k/s}\n"
                           "  - {size: 512MiB, content: text, vcpus: 2, first_vcpu: 2}\n"
                           "service: {rate: 100/s, vcpus: 1}\n"
                           "migration: {architecture: run, downtime_limit: 50ms}\n";

static struct gw_scenario *
parse(const char *text, const char *override, struct gw_diagnostics *diagnostics)
{
    return gw_scenario_parse("dir/sample.yaml", text, strlen(text), &override,
                             override == NULL ? 0 : 1, diagnostics);
}

static struct gw_scenario *
parse_fine(const char *text, const char *override)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario = parse(text, override, &diagnostics);

    if (scenario == NULL) {
        fail_msg("%s", diagnostics.items[0].message);
    }
    return scenario;
}

/* All messages of a text that must fail: each of `says` (NULL-ended) and no more errors. */
static void
expect_errors(const char *text, const char *override, const char *const *says)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_text out = {0};
    size_t count = 0;

    assert_null(parse(text, override, &diagnostics));
    gw_diagnostics_write(&diagnostics, false, &out);
    for (; says[count] != NULL; count++) {
        if (strstr(out.bytes, says[count]) == NULL) {
            fail_msg("'%s' is not in: %s", says[count], out.bytes);
        }
    }
    assert_int_equal(diagnostics.errors, count);
    gw_text_clear(&out);
    gw_diagnostics_clear(&diagnostics);
}

/* The only error when `good` has one key set. */
static void
expect_error(const char *override, const char *says)
{
    expect_errors(good, override, (const char *const[]){says, NULL});
}

/* ---- what it becomes ---------------------------------------------------------------------------- */

static void
fills_the_plan(void **state)
{
    struct gw_scenario *scenario = parse_fine(good, NULL);
    const struct gw_memory_plan *plan = scenario->memory;
    (void)state;

    assert_non_null(plan);
    assert_int_equal(scenario->guest_count, 0);
    assert_int_equal(scenario->device_count, 0);
    assert_int_equal(scenario->warmup_ns, INT64_C(5000000000));
    assert_string_equal(plan->vm_name, "db");
    assert_int_equal(plan->memory_bytes, INT64_C(1) << 30);
    assert_int_equal(plan->vcpus, 4);
    assert_int_equal(plan->region_count, 2);
    assert_string_equal(plan->regions[0].name, "heap");
    assert_string_equal(plan->regions[1].name, "region1");
    assert_int_equal(plan->regions[0].writes, GW_WRITES_HOT);
    assert_int_equal(plan->regions[1].first_vcpu, 2);
    assert_int_equal(plan->link.rate, INT64_C(1250000000));
    assert_int_equal(plan->link.latency_ns, 50000);
    assert_int_equal(plan->link.socket_bytes, 4 << 20);
    assert_int_equal(plan->host.setup_ns, 3000000);
    assert_int_equal(plan->codec_cost_count, 1);
    assert_int_equal(plan->codec_costs[0].codec, GW_CODEC_ZSTD);
    assert_int_equal(plan->codec_costs[0].encode_ns, 9000);
    assert_true(plan->delta_cost.page_ns > 499.0 && plan->delta_cost.page_ns < 501.0);
    assert_int_equal(plan->service.vcpus, 1);
    assert_ptr_equal(plan->architecture, &run);
    assert_int_equal(plan->settings.downtime_limit_ns, 50000000);
    gw_scenario_destroy(scenario);
}

static void
little_is_needed(void **state)
{
    struct gw_scenario *scenario = parse_fine("memory: {size: 64KiB}\n"
                                              "link: {rate: 1Gbps}\n"
                                              "migration: {architecture: walk}\n",
                                              NULL);
    (void)state;

    assert_string_equal(scenario->memory->vm_name, "vm");
    assert_int_equal(scenario->memory->vcpus, 1);
    assert_int_equal(scenario->memory->region_count, 0);
    assert_null(scenario->memory->regions);
    gw_scenario_destroy(scenario);
}

static void
overrides_reach_lists(void **state)
{
    struct gw_scenario *scenario = parse_fine(good, "regions.1.size=4KiB");
    (void)state;

    assert_int_equal(scenario->memory->regions[1].size_bytes, 4096);
    gw_scenario_destroy(scenario);
    scenario = parse_fine(good, "migration.compress_threads=16");
    assert_int_equal(scenario->memory->settings.compress_threads, 16);
    gw_scenario_destroy(scenario);
    scenario = parse_fine(good, "regions=[]");
    assert_int_equal(scenario->memory->region_count, 0);
    gw_scenario_destroy(scenario);
    expect_error("regions.2.size=4KiB", "expected an index below it");
}

static void
canonical_is_a_fixed_point(void **state)
{
    struct gw_scenario *first = parse_fine(good, NULL);
    char *canonical = gw_scenario_canonical(first, NULL, 0);
    char *shown = gw_scenario_show(first);
    struct gw_scenario *second = parse_fine(canonical, NULL);
    struct gw_scenario *third = parse_fine(shown, NULL);
    struct gw_scenario *other = parse_fine(good, "regions.1.content=word");
    char *again = gw_scenario_canonical(second, NULL, 0);
    char *again_shown = gw_scenario_canonical(third, NULL, 0);
    char *changed = gw_scenario_canonical(other, NULL, 0);
    (void)state;

    assert_string_equal(again, canonical);
    assert_string_equal(again_shown, canonical);
    assert_string_not_equal(changed, canonical);
    assert_null(strstr(canonical, "devices"));
    assert_null(strstr(canonical, "until_workload_end"));
    assert_non_null(strstr(canonical, "\"architecture\":\"run\""));
    free(canonical);
    free(shown);
    free(again);
    free(again_shown);
    free(changed);
    gw_scenario_destroy(first);
    gw_scenario_destroy(second);
    gw_scenario_destroy(third);
    gw_scenario_destroy(other);
}

static void
identity_sees_every_section(void **state)
{
    static const char *const overrides[] = {"seed=2",
                                            "memory.vcpus=5",
                                            "regions.0.rate=11k/s",
                                            "service.rate=99/s",
                                            "link.latency=1s",
                                            "host.fault=3us",
                                            "codec_costs.0.level=4",
                                            "delta_cost.run_ns=1",
                                            "memory.name=x",
                                            "regions.1.name=x",
                                            "migration.estimate=pages",
                                            "migration.architecture=walk"};
    struct gw_scenario *scenario = parse_fine(good, NULL);
    char *canonical = gw_scenario_canonical(scenario, NULL, 0);
    (void)state;

    gw_scenario_destroy(scenario);
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        scenario = parse_fine(good, overrides[i]);
        char *changed = gw_scenario_canonical(scenario, NULL, 0);
        assert_string_not_equal(changed, canonical);
        free(changed);
        gw_scenario_destroy(scenario);
    }
    free(canonical);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void
files_enter_by_their_bytes(void **state)
{
    static const char path[] = "test_scenario_memory.tmp";
    struct gw_scenario *scenario = parse_fine(
        good, "regions=[{name: a, size: 4KiB, content: file, file: test_scenario_memory.tmp, "
              "trace: unused.csv}, {name: b, size: 4KiB, file: unused.bin, writes: replay, trace: "
              "test_scenario_memory.tmp}]");
    struct gw_file_digests digests;
    struct gw_error err = {.code = GW_OK};
    FILE *file = fopen(path, "w");
    (void)state;

    assert_non_null(file);
    fputs("godwit", file);
    fclose(file);
    assert_true(gw_scenario_digest_files(scenario->memory, &digests, &err));
    assert_int_equal(digests.count, 2);
    char *canonical = gw_scenario_canonical(scenario, digests.items, digests.count);
    assert_null(strstr(canonical, path));
    assert_non_null(strstr(canonical, digests.items[0].digest));
    assert_non_null(strstr(canonical, "unused.csv"));
    free(canonical);
    gw_file_digests_clear(&digests);
    remove(path);
    assert_false(gw_scenario_digest_files(scenario->memory, &digests, &err));
    assert_int_equal(err.code, GW_ENOENT);
    gw_scenario_destroy(scenario);
}

/* ---- refusals ----------------------------------------------------------------------------------- */

static void
kinds_do_not_mix(void **state)
{
    (void)state;
    expect_error("devices={}", "'devices' is for disk scenarios: this one has 'memory'");
    expect_error("vm={}", "'vm' is for disk scenarios");
    expect_error("workload={}", "'workload' is for disk scenarios");
    expect_error("neighbours=[]", "'neighbours' is for disk scenarios");
    expect_error("until_workload_end=true", "'until_workload_end' is for disk scenarios");
    expect_errors(
        "devices: {a: {kind: ssd}}\n"
        "vm: {source: a, target: a, disks: [{size: 1GiB}]}\n"
        "workload: {kind: idle}\n"
        "migration: {architecture: none}\n"
        "regions: []\n",
        NULL,
        (const char *const[]){"sample.yaml:5:1: error: 'regions' is for memory scenarios", NULL});
}

static void
missing_parts(void **state)
{
    (void)state;
    expect_errors("memory: {}\n", NULL,
                  (const char *const[]){"missing key 'size' of memory",
                                        "missing key 'rate' of link",
                                        "missing key 'architecture' of migration", NULL});
    expect_error("migration.architecture=none", "expected one of walk, run");
    expect_error("migration.speed=3", "unknown key 'speed' of migration");
    expect_error("regions=7", "'regions' must be a list");
    expect_error("regions=[7]", "a region must be a map");
}

static void
regions_are_checked(void **state)
{
    (void)state;
    expect_errors(good, "memory.size=600000kB",
                  (const char *const[]){"size 600000000B is not a multiple of 4KiB",
                                        "region 'region1' of 536870912B", NULL});
    expect_error("regions.0.size=5kB", "size 5000B is not a multiple of 4KiB");
    expect_error("regions.0.size=513MiB",
                 "10:12: error: region 'region1' of 536870912B: only 535822336B of the memory");
    expect_error("memory.size=786428KiB", "region 'region1'");
    gw_scenario_destroy(parse_fine(good, "memory.size=786432KiB"));
    expect_error("regions.1.name=heap", "two regions are named 'heap'");
    expect_error("regions.0.content=file", "'content: file' needs a 'file'");
    expect_error("regions.0.writes=replay", "'writes: replay' needs a 'trace'");
}

static void
vcpus_are_there(void **state)
{
    (void)state;
    expect_error("regions.1.first_vcpu=3", "2 vcpus from number 3 on: the guest has 4");
    expect_error("regions.0.first_vcpu=4", "1 vcpus from number 4 on");
    expect_error("regions.0.vcpus=5", "5 vcpus from number 0 on");
    expect_error("service.first_vcpu=4", "1 vcpus from number 4 on");
    expect_error("memory.vcpus=3", "2 vcpus from number 2 on");
}

static void
encodings_exclude_each_other(void **state)
{
    static const char *const pairs[][2] = {
        {"{architecture: run, xbzrle_cache: 5MiB}", "must be a power of two"},
        {"{architecture: run, xbzrle: true, multifd_channels: 2}", "xbzrle is for the main stream"},
        {"{architecture: run, compress: zlib, multifd_channels: 2}", "use multifd_compress"},
        {"{architecture: run, compress: zlib, xbzrle: true}", "compress and xbzrle"},
        {"{architecture: run, multifd_compress: zstd}", "needs multifd_channels"},
        {"{architecture: run, throttle: dirty-limit}", "needs 'protection: ring'"},
        {"{architecture: run, throttle_initial: 60, throttle_most: 50}", "above throttle_most"},
        {"{architecture: run, compress: zlib, compress_level: 10}", "levels 0 to 9"},
        {"{architecture: run, multifd_channels: 1, multifd_compress: zlib, multifd_level: 10}",
         "levels 0 to 9"},
    };
    struct gw_text override = {0};
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        gw_text_clear(&override);
        gw_text_format(&override, "migration=%s", pairs[i][0]);
        expect_error(override.bytes, pairs[i][1]);
    }
    gw_text_clear(&override);
    expect_error("codec_costs.0.codec=none", "name the codec");
    gw_scenario_destroy(
        parse_fine(good, "migration={architecture: run, compress: zstd, compress_level: 19}"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_plan),
        cmocka_unit_test(little_is_needed),
        cmocka_unit_test(overrides_reach_lists),
        cmocka_unit_test(canonical_is_a_fixed_point),
        cmocka_unit_test(identity_sees_every_section),
        cmocka_unit_test(files_enter_by_their_bytes),
        cmocka_unit_test(kinds_do_not_mix),
        cmocka_unit_test(missing_parts),
        cmocka_unit_test(regions_are_checked),
        cmocka_unit_test(vcpus_are_there),
        cmocka_unit_test(encodings_exclude_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
