/* test_include.c - pins: what an included file gives and what it cannot override, lists and files
 * in files, paths seen from the including file, the canonical form and --set, and every refusal
 * with the place in its own file.
 * Does not pin: reading of the merged tree (test_scenario).
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/scenario.h"

/* ---- kinds of the test -------------------------------------------------------------------------- */

struct settings {
    int64_t rate;
    int64_t outstanding;
};

static const struct gw_setting device_rows[] = {
    {"rate", GW_SETTING_RATE, offsetof(struct settings, rate), "100MB/s", "1B/s", NULL, NULL, "r"},
    GW_SETTING_END,
};
static const struct gw_setting workload_rows[] = {
    {"oio", GW_SETTING_COUNT, offsetof(struct settings, outstanding), "16", "1", "1024", NULL, "o"},
    GW_SETTING_END,
};

static const struct gw_device_kind disk_kind = {
    .name = "disk", .settings = device_rows, .settings_bytes = sizeof(struct settings)};
static const struct gw_workload_kind closed_kind = {
    .name = "closed", .settings = workload_rows, .settings_bytes = sizeof(struct settings)};
static const struct gw_architecture plain = {.name = "plain"};

const struct gw_device_kind *const gw_device_kinds[] = {&disk_kind, NULL};
const struct gw_workload_kind *const gw_workload_kinds[] = {&closed_kind, NULL};
const struct gw_architecture *const gw_architectures[] = {&plain, NULL};

/* ---- a directory of files ----------------------------------------------------------------------- */

static const char rest[] = "vm: {disks: [{size: 1GiB}]}\n"
                           "migration: {architecture: plain}\n";
static const char *const names[] = {"main.yaml",     "base.yaml",     "other.yaml",
                                    "sub/deep.yaml", "sub/side.yaml", "whole.yaml"};

static char directory[] = "/tmp/godwit-include-XXXXXX";

static char *
path_of(const char *name)
{
    struct gw_text text = {0};

    gw_text_format(&text, "%s/%s", directory, name);
    return gw_text_take(&text);
}

static void
write_file(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* main.yaml: these lines, and what no test varies. */
static void
write_main(const char *lines)
{
    struct gw_text text = {0};

    gw_text_format(&text, "%s%s", lines, rest);
    write_file("main.yaml", text.bytes);
    gw_text_clear(&text);
}

static int
set_up(void **state)
{
    char *sub;

    (void)state;
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    sub = path_of("sub");
    mkdir(sub, 0700);
    free(sub);
    return 0;
}

static int
tear_down(void **state)
{
    char *sub = path_of("sub");

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = path_of(names[i]);

        unlink(path);
        free(path);
    }
    rmdir(sub);
    free(sub);
    return rmdir(directory);
}

static struct gw_scenario *
load(const char *name, const char *override)
{
    struct gw_diagnostics diagnostics = {0};
    char *path = path_of(name);
    struct gw_scenario *scenario =
        gw_scenario_load(path, &override, override == NULL ? 0 : 1, &diagnostics);

    if (scenario == NULL) {
        fail_msg("%s: %s", diagnostics.items[0].where, diagnostics.items[0].message);
    }
    free(path);
    return scenario;
}

static int64_t
rate_of(const struct gw_scenario *scenario, size_t device)
{
    const struct settings *settings = scenario->devices[device].settings;

    return settings->rate;
}

static int64_t
outstanding_of(const struct gw_scenario *scenario)
{
    const struct settings *settings = scenario->guests[0].workload_settings;

    return settings->outstanding;
}

/* main.yaml must fail with a message that holds this. */
static void
expect_error(const char *says)
{
    struct gw_diagnostics diagnostics = {0};
    char *path = path_of("main.yaml");
    struct gw_scenario *scenario = gw_scenario_load(path, NULL, 0, &diagnostics);
    struct gw_text out = {0};

    gw_diagnostics_write(&diagnostics, false, &out);
    if (scenario != NULL || strstr(out.bytes == NULL ? "" : out.bytes, says) == NULL) {
        fail_msg("wanted: %s\ngot: %s", says, out.bytes == NULL ? "nothing" : out.bytes);
    }
    assert_int_equal(diagnostics.code, GW_EINVAL);
    gw_text_clear(&out);
    gw_diagnostics_clear(&diagnostics);
    free(path);
}

/* ---- tests -------------------------------------------------------------------------------------- */

static void
test_own_keys_win_and_maps_merge(void **state)
{
    struct gw_scenario *scenario;

    (void)state;
    write_file("base.yaml", "seed: 5\n"
                            "warmup: 3s\n"
                            "devices:\n"
                            "  source: {kind: disk, rate: 7MB/s}\n"
                            "  target: {rate: 8MB/s}\n"
                            "workload: {oio: 3}\n"
                            "vm: {disks: [{size: 2GiB}, {size: 3GiB}]}\n");
    write_main("include: base.yaml\n"
               "seed: 6\n"
               "devices:\n"
               "  source: {rate: 9MB/s}\n"
               "  target: {kind: disk}\n"
               "workload: {kind: closed}\n");
    scenario = load("main.yaml", NULL);
    assert_int_equal(scenario->seed, 6);
    assert_int_equal(scenario->warmup_ns, 3000000000);
    assert_int_equal(scenario->device_count, 2);
    assert_int_equal(rate_of(scenario, 0), 9000000);
    assert_int_equal(rate_of(scenario, 1), 8000000);
    assert_int_equal(outstanding_of(scenario), 3);
    assert_int_equal(scenario->guests[0].disk_count, 1);
    assert_string_equal(scenario->name, "main");
    gw_scenario_destroy(scenario);
}

static void
test_set_wins_over_both(void **state)
{
    struct gw_scenario *scenario;

    (void)state;
    scenario = load("main.yaml", "workload.oio=4");
    assert_int_equal(outstanding_of(scenario), 4);
    gw_scenario_destroy(scenario);
    scenario = load("main.yaml", "devices.source.rate=1MB/s");
    assert_int_equal(rate_of(scenario, 0), 1000000);
    gw_scenario_destroy(scenario);
}

static void
test_canonical_does_not_know_files(void **state)
{
    struct gw_scenario *merged = load("main.yaml", "name=same");
    char *canonical = gw_scenario_canonical(merged, NULL, 0);
    struct gw_scenario *whole;
    char *again;

    (void)state;
    write_file("whole.yaml", "seed: 6\n"
                             "warmup: 3s\n"
                             "devices:\n"
                             "  source: {kind: disk, rate: 9MB/s}\n"
                             "  target: {kind: disk, rate: 8MB/s}\n"
                             "workload: {kind: closed, oio: 3}\n"
                             "vm: {disks: [{size: 1GiB}]}\n"
                             "migration: {architecture: plain}\n");
    whole = load("whole.yaml", "name=same");
    again = gw_scenario_canonical(whole, NULL, 0);
    assert_string_equal(canonical, again);
    assert_null(strstr(canonical, "include"));
    free(canonical);
    free(again);
    gw_scenario_destroy(merged);
    gw_scenario_destroy(whole);
}

static void
test_lists_and_files_in_files(void **state)
{
    struct gw_scenario *scenario;

    (void)state;
    write_file("sub/side.yaml", "seed: 1\nwarmup: 1s\ncooldown: 1s\n");
    write_file("sub/deep.yaml", "include: side.yaml\nwarmup: 2s\n"
                                "devices: {source: {kind: disk}, target: {kind: disk}}\n");
    write_file("other.yaml", "warmup: 4s\nworkload: {kind: closed}\n");
    write_main("include: [sub/deep.yaml, other.yaml]\n");
    scenario = load("main.yaml", NULL);
    assert_int_equal(scenario->seed, 1);
    assert_int_equal(scenario->cooldown_ns, 1000000000);
    assert_int_equal(scenario->warmup_ns, 4000000000);
    gw_scenario_destroy(scenario);
    write_main("include: [other.yaml, sub/deep.yaml]\n");
    scenario = load("main.yaml", NULL);
    assert_int_equal(scenario->warmup_ns, 2000000000);
    gw_scenario_destroy(scenario);
}

static void
test_same_file_twice_is_no_cycle(void **state)
{
    struct gw_scenario *scenario;

    (void)state;
    write_file("other.yaml", "include: sub/deep.yaml\nworkload: {kind: closed}\n");
    write_main("include: [sub/deep.yaml, other.yaml]\n");
    scenario = load("main.yaml", NULL);
    gw_scenario_destroy(scenario);
}

static void
test_errors_keep_their_file(void **state)
{
    (void)state;
    write_file("base.yaml", "seed: 1\nwarmup: 3\n"
                            "devices: {source: {kind: disk}, target: {kind: disk}}\n"
                            "workload: {kind: closed}\n");
    write_main("include: base.yaml\n");
    expect_error("/base.yaml:2:9: error: ");
    write_file("base.yaml", "seed: 1\nwarmupp: 3s\n"
                            "devices: {source: {kind: disk}, target: {kind: disk}}\n"
                            "workload: {kind: closed}\n");
    expect_error("/base.yaml:2:1: error: unknown key 'warmupp'; did you mean 'warmup'?");
    write_file("base.yaml", "seed: [\n");
    expect_error("/base.yaml:");
    write_file("base.yaml", "- 1\n");
    expect_error("/base.yaml:1:1: error: an included file must be a map, not a list");
}

static void
test_refusals(void **state)
{
    (void)state;
    write_main("include: nowhere.yaml\n");
    expect_error("/main.yaml:1:10: error: include '");
    expect_error("nowhere.yaml': No such file or directory");
    write_main("include: {a: b}\n");
    expect_error("main.yaml:1:10: error: 'include' must be the name of a file or a list of names");
    write_main("include: [[a]]\n");
    expect_error("main.yaml:1:11: error: 'include' must be");
    write_main("include: sub\n");
    expect_error("cannot be read: Is a directory");
    write_main("include: main.yaml\n");
    expect_error("main.yaml': includes itself");
    write_file("base.yaml", "include: [other.yaml]\n");
    write_file("other.yaml", "include: sub/../base.yaml\n");
    write_main("include: base.yaml\n");
    expect_error("/other.yaml:1:10: error: include '");
    expect_error("base.yaml': includes itself");
}

static void
test_too_many_files(void **state)
{
    struct gw_text text = {0};

    (void)state;
    write_file("base.yaml", "seed: 1\n");
    gw_text_add(&text, "include: [base.yaml");
    for (int i = 0; i < 64; i++) {
        gw_text_add(&text, ", base.yaml");
    }
    gw_text_add(&text, "]\n");
    write_main(text.bytes);
    expect_error("base.yaml': too many files");
    gw_text_clear(&text);
}

static void
test_include_below_the_top_is_no_key(void **state)
{
    (void)state;
    write_main("devices: {source: {kind: disk}, target: {kind: disk}}\n"
               "workload: {kind: closed, include: base.yaml}\n");
    expect_error("main.yaml:2:26: error: unknown key 'include'");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_keys_win_and_maps_merge),
        cmocka_unit_test(test_set_wins_over_both),
        cmocka_unit_test(test_canonical_does_not_know_files),
        cmocka_unit_test(test_lists_and_files_in_files),
        cmocka_unit_test(test_same_file_twice_is_no_cycle),
        cmocka_unit_test(test_errors_keep_their_file),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_many_files),
        cmocka_unit_test(test_include_below_the_top_is_no_key),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
