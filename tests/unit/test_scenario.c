/* test_scenario.c - pins: reading of YAML, devices nested and shared, overrides, the
 * canonical form as a fixed point, every refusal with its place, and that no text crashes the
 * reader. It brings its own small lists of kinds, so that it does not depend on any model.
 * Does not pin: values of real kinds (test_tables), the command line (tests/cli).
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

enum { MUTATIONS = 20000 };

/* ---- kinds of the test -------------------------------------------------------------------------- */

struct settings {
    int64_t rate;
    int64_t outstanding;
    int64_t lock_bytes;
    char *trace;
};

static const struct gw_setting device_rows[] = {
    {"rate", GW_SETTING_RATE, offsetof(struct settings, rate), "100MB/s", "1B/s", NULL, NULL, "r"},
    GW_SETTING_END,
};
static const struct gw_setting workload_rows[] = {
    {"oio", GW_SETTING_COUNT, offsetof(struct settings, outstanding), "16", "1", "1024", NULL, "o"},
    {"trace", GW_SETTING_TEXT, offsetof(struct settings, trace), NULL, NULL, NULL, NULL, "t"},
    GW_SETTING_END,
};
static const struct gw_setting mirror_rows[] = {
    {"lock_range", GW_SETTING_BYTES, offsetof(struct settings, lock_bytes), "32MiB", "256KiB",
     "1GiB", NULL, "l"},
    GW_SETTING_END,
};

static const char *const backing_keys[] = {"backing", NULL};

static const struct gw_device_kind disk_kind = {
    .name = "disk", .settings = device_rows, .settings_bytes = sizeof(struct settings)};
static const struct gw_device_kind limiter_kind = {.name = "limiter",
                                                   .settings = device_rows,
                                                   .settings_bytes = sizeof(struct settings),
                                                   .children = backing_keys};
static const struct gw_workload_kind closed_kind = {
    .name = "closed", .settings = workload_rows, .settings_bytes = sizeof(struct settings)};
static const struct gw_architecture mirror = {
    .name = "mirror", .settings = mirror_rows, .settings_bytes = sizeof(struct settings)};
static const struct gw_architecture plain = {.name = "plain"};

const struct gw_device_kind *const gw_device_kinds[] = {&disk_kind, &limiter_kind, NULL};
const struct gw_workload_kind *const gw_workload_kinds[] = {&closed_kind, NULL};
const struct gw_architecture *const gw_architectures[] = {&plain, &mirror, NULL};

/* ---- helpers ------------------------------------------------------------------------------------ */

static const char good[] = "# sample\n"
                           "seed: 7\n"
                           "description: \"two: disks\"\n"
                           "devices:\n"
                           "  target: {kind: limiter, rate: 80MB/s, backing: array}\n"
                           "  array: {kind: disk}\n"
                           "  source:\n"
                           "    kind: limiter\n"
                           "    backing: {kind: limiter, backing: {kind: disk, rate: 1GB/s}}\n"
                           "  other: {kind: limiter, backing: array}\n"
                           "host: {suspend: 250ms}\n"
                           "vm:\n"
                           "  disks:\n"
                           "    - {size: 6GiB}\n"
                           "    - size: 32GiB\n"
                           "      zero: 0.5%\n"
                           "      migrate: false\n"
                           "workload: {kind: closed, oio: 8, trace: data/a.trace}\n"
                           "migration:\n"
                           "  architecture: mirror\n"
                           "  mover_io: 128KiB\n"
                           "  mirror: {lock_range: 64MiB}\n"
                           "neighbours:\n"
                           "  - vm: {source: other, disks: [{size: 1GiB}]}\n"
                           "    workload: {kind: closed}\n";

static struct gw_scenario *
parse(const char *text, const char *override, struct gw_diagnostics *diagnostics)
{
    return gw_scenario_parse("dir/sample.yaml", text, strlen(text), &override,
                             override == NULL ? 0 : 1, diagnostics);
}

static struct gw_scenario *
parse_good(const char *override)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario = parse(good, override, &diagnostics);

    if (scenario == NULL) {
        fail_msg("%s", diagnostics.items[0].message);
    }
    return scenario;
}

static size_t
device(const struct gw_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->device_count; i++) {
        if (strcmp(scenario->devices[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no device %s", name);
    return 0;
}

/* The only message of a text that must fail, with its place: "2:7: error: ...". */
static void
expect_error(const char *text, const char *override, const char *says)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario = parse(text, override, &diagnostics);
    struct gw_text out = {0};

    gw_diagnostics_write(&diagnostics, false, &out);
    if (scenario != NULL || strstr(out.bytes == NULL ? "" : out.bytes, says) == NULL) {
        fail_msg("wanted: %s\ngot: %s", says, out.bytes == NULL ? "nothing" : out.bytes);
    }
    gw_text_clear(&out);
    gw_diagnostics_clear(&diagnostics);
}

/* The good text with one part replaced. */
static void
expect_error_with(const char *part, const char *instead, const char *says)
{
    const char *at = strstr(good, part);
    struct gw_text text = {0};

    assert_non_null(at);
    gw_text_add_bytes(&text, good, (size_t)(at - good));
    gw_text_add(&text, instead);
    gw_text_add(&text, at + strlen(part));
    expect_error(text.bytes, NULL, says);
    gw_text_clear(&text);
}

/* ---- tests -------------------------------------------------------------------------------------- */

static void
reads_everything(void **state)
{
    struct gw_scenario *scenario = parse_good(NULL);
    const struct gw_guest_plan *guest = &scenario->guests[0];
    const struct settings *own = guest->architecture_settings;
    const struct settings *workload = guest->workload_settings;
    (void)state;

    assert_string_equal(scenario->name, "sample");
    assert_string_equal(scenario->description, "two: disks");
    assert_int_equal(scenario->seed, 7);
    assert_int_equal(scenario->warmup_ns, INT64_C(30000000000));
    assert_int_equal(scenario->host.suspend_ns, 250000000);
    assert_int_equal(scenario->host.snapshot_stun_ns, 1000000000);
    assert_int_equal(guest->disk_count, 2);
    assert_int_equal(guest->disks[0].size_bytes, INT64_C(6) << 30);
    assert_true(guest->disks[0].migrate && !guest->disks[1].migrate);
    assert_true(guest->disks[1].zero == 0.005 && guest->disks[1].allocated == 1);
    assert_int_equal(workload->outstanding, 8);
    assert_string_equal(workload->trace, "data/a.trace");
    assert_ptr_equal(guest->architecture, &mirror);
    assert_int_equal(own->lock_bytes, 64 << 20);
    assert_int_equal(guest->migration.mover_io_bytes, 128 << 10);
    assert_int_equal(guest->migration.mover_outstanding, 16);
    gw_scenario_destroy(scenario);
}

static void
builds_devices_nested_and_shared(void **state)
{
    struct gw_scenario *scenario = parse_good(NULL);
    size_t array = device(scenario, "array");
    size_t inner = device(scenario, "source.backing");
    size_t innermost = device(scenario, "source.backing.backing");
    (void)state;

    assert_int_equal(scenario->device_count, 6);
    assert_int_equal(array, 0);
    assert_int_equal(scenario->devices[device(scenario, "target")].children[0], array);
    assert_int_equal(scenario->devices[device(scenario, "other")].children[0], array);
    assert_int_equal(scenario->devices[array].parent_count, 2);
    assert_int_equal(scenario->devices[device(scenario, "source")].children[0], inner);
    assert_int_equal(scenario->devices[inner].children[0], innermost);
    assert_int_equal(((const struct settings *)scenario->devices[innermost].settings)->rate,
                     1000000000);
    assert_int_equal(scenario->guests[0].source, device(scenario, "source"));
    assert_int_equal(scenario->guests[0].target, device(scenario, "target"));
    assert_int_equal(scenario->guests[0].home[GW_SOURCE], scenario->guests[0].source);
    assert_int_equal(scenario->guests[0].home[GW_TARGET], scenario->guests[0].target);
    gw_scenario_destroy(scenario);
}

static void
a_guest_may_have_a_home_of_its_own(void **state)
{
    struct gw_scenario *scenario = parse_good("vm.home=other");
    char *canonical = gw_scenario_canonical(scenario, NULL, 0);
    (void)state;

    assert_int_equal(scenario->guests[0].home[GW_SOURCE], device(scenario, "other"));
    assert_int_equal(scenario->guests[0].home[GW_TARGET], device(scenario, "other"));
    assert_non_null(strstr(canonical, "\"home\":\"other\""));
    free(canonical);
    gw_scenario_destroy(scenario);
}

static void
builds_neighbours(void **state)
{
    struct gw_scenario *scenario = parse_good(NULL);
    const struct gw_guest_plan *guest = &scenario->guests[1];
    (void)state;

    assert_int_equal(scenario->guest_count, 2);
    assert_string_equal(guest->name, "neighbour1");
    assert_null(guest->architecture);
    assert_int_equal(guest->source, device(scenario, "other"));
    assert_int_equal(guest->target, guest->source);
    gw_scenario_destroy(scenario);
}

static void
canonical_is_a_fixed_point(void **state)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *first = parse_good(NULL);
    char *canonical = gw_scenario_canonical(first, NULL, 0);
    char *shown = gw_scenario_show(first);
    struct gw_scenario *second = parse(canonical, NULL, &diagnostics);
    struct gw_scenario *third = parse(shown, NULL, &diagnostics);
    char *again, *again_shown;
    (void)state;

    assert_non_null(second);
    assert_non_null(third);
    again = gw_scenario_canonical(second, NULL, 0);
    again_shown = gw_scenario_canonical(third, NULL, 0);
    assert_string_equal(again, canonical);
    assert_string_equal(again_shown, canonical);
    assert_non_null(strstr(canonical, "\"lock_range\":\"67108864B\""));
    assert_null(strstr(canonical, "replications"));
    free(canonical);
    free(shown);
    free(again);
    free(again_shown);
    gw_scenario_destroy(first);
    gw_scenario_destroy(second);
    gw_scenario_destroy(third);
}

static void
identity_ignores_what_does_not_matter(void **state)
{
    struct gw_scenario *first = parse_good(NULL);
    struct gw_scenario *second = parse_good("replications=9");
    struct gw_scenario *third = parse_good("seed=8");
    const struct gw_trace_digest digest = {"data/a.trace", "xxh3:0123"};
    char *a = gw_scenario_canonical(first, &digest, 1);
    char *b = gw_scenario_canonical(second, &digest, 1);
    char *c = gw_scenario_canonical(third, &digest, 1);
    (void)state;

    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_non_null(strstr(a, "\"trace\":\"xxh3:0123\""));
    assert_null(strstr(a, "a.trace"));
    free(a);
    free(b);
    free(c);
    gw_scenario_destroy(first);
    gw_scenario_destroy(second);
    gw_scenario_destroy(third);
}

static void
overrides_reach_every_key(void **state)
{
    struct gw_scenario *scenario = parse_good("vm.disks.1.size=3GiB");
    (void)state;

    assert_int_equal(scenario->guests[0].disks[1].size_bytes, INT64_C(3) << 30);
    gw_scenario_destroy(scenario);
    scenario = parse_good("vm.disks=[{size: 1GiB}, {size: 2GiB}, {size: 3GiB}]");
    assert_int_equal(scenario->guests[0].disk_count, 3);
    gw_scenario_destroy(scenario);
    scenario = parse_good("migration.architecture=plain");
    assert_ptr_equal(scenario->guests[0].architecture, &plain);
    gw_scenario_destroy(scenario);
    scenario = parse_good("migration.architecture=none");
    assert_null(scenario->guests[0].architecture);
    gw_scenario_destroy(scenario);
    scenario = parse_good("neighbours.0.migration.architecture=none");
    gw_scenario_destroy(scenario);
    scenario = parse_good("name=\"a=b,c\"");
    assert_string_equal(scenario->name, "a=b,c");
    gw_scenario_destroy(scenario);
}

static void
overrides_err_precisely(void **state)
{
    (void)state;

    expect_error(good, "workload.oio=x",
                 "--set workload.oio=x: error: 'x' is not a count: expected a value such as 16\n"
                 "  workload.oio=x\n"
                 "               ^\n");
    expect_error(good, "workload.oi=1",
                 "unknown key 'oi'; did you mean 'oio'?\n"
                 "  workload.oi=1\n"
                 "           ^~\n");
    expect_error(good, "workload", "expected KEY=VALUE");
    expect_error(good, "=1", "an empty key");
    expect_error(good, "workload..oio=1", "an empty key");
    expect_error(good, "seed.x=1", "has a value, not a map");
    expect_error(good, "vm.disks.2.size=1GiB", "a list of 2");
    expect_error(good, "vm.disks.one.size=1GiB", "a list of 2");
    expect_error(good, "seed=", "'seed' has no value");
    expect_error(good, "vm.disks=[{sise: 1GiB}]",
                 "  vm.disks=[{sise: 1GiB}]\n"
                 "             ^~~~\n");
    expect_error(good, "vm.disks=[{", "--set vm.disks=[{: error: ");
    expect_error(good, "name=\xff", "not valid UTF-8");
    expect_error(good, "name=\xc0\x80", "not valid UTF-8");
}

struct replaced {
    const char *part, *instead, *says;
};

static void
refuses_with_places(void **state)
{
    static const struct replaced cases[] = {
        {"seed: 7", "sede: 7",
         "dir/sample.yaml:2:1: error: unknown key 'sede'; did you mean 'seed'?"},
        {"seed: 7", "seed: 1\nseed: 2", "3:1: error: duplicate key 'seed'"},
        {"seed: 7", "seed: 1\nseed: 2", "2:1: note: 'seed' was first set here"},
        {"seed: 7", "seed: &a 7", "2:7: error: anchors are refused"},
        {"seed: 7", "seed: !!int 7", "2:7: error: tags are refused"},
        {"seed: 7", "seed: *a", "2:7: error: aliases are refused"},
        {"seed: 7", "seed: -7", "2:7: error: negative count '-7'"},
        {"seed: 7", "seed: [7]", "'seed' must be a count, not a list"},
        {"seed: 7", "? [a]\n: 7", "a key must be a word"},
        {"seed: 7", "seed: \"a\\0b\"", "a NUL character"},
        {"seed: 7", "seed: 7\n---\nseed: 8", "a second document"},
        {"seed: 7", "seed: {", "did not find"},
        {"seed: 7", "seed: \xff", "2:7: error: "},
        {"size: 6GiB", "size: 6K", "14:14: error: ambiguous unit 'K' in '6K'"},
        {"size: 6GiB", "size: 6", "B, KiB, MiB"},
        {"size: 6GiB", "size: 9223372036854775807B",
         "14:14: error: '9223372036854775807B' is out of"},
        {"size: 6GiB", "size: 9223372036854775808B", "is too large"},
        {"size: 6GiB", "size: 65537B", "not a multiple of 4KiB"},
        {"size: 6GiB", "size: 4KiB", "'size' is 64KiB to 1PiB"},
        {"{size: 6GiB}", "{zero: 1%}", "missing key 'size' of a disk"},
        {"backing: array}\n  array", "backing: aray}\n  array",
         "unknown device 'aray'; did you mean 'array'?"},
        {"backing: array}\n  array", "backing: target}\n  array",
         "device 'target' would contain itself"},
        {"backing: array}\n  array", "backing: source.backing}\n  array", "unknown device"},
        {"backing: array}\n  array", "backing: [array]}\n  array", "not a list"},
        {", backing: array}\n  array", "}\n  array",
         "missing key 'backing' of device kind 'limiter'"},
        {"{kind: disk}", "{kind: disc}", "unknown kind 'disc'; did you mean 'disk'?"},
        {"{kind: disk}", "{rate: 1MB/s}",
         "missing key 'kind' of device 'array': one of disk, limiter"},
        {"array: {kind: disk}", "a.b: {kind: disk}", "device name 'a.b'"},
        {"source: other", "source: othr", "unknown device 'othr'; did you mean 'other'?"},
        {"source: other", "home: othr", "unknown device 'othr'; did you mean 'other'?"},
        {"vm: {source", "vm: {name: vm, source", "two guests are named 'vm'"},
        {"architecture: mirror", "architecture: mirrow", "did you mean 'mirror'?"},
        {"architecture: mirror", "mover_rate: 1MB/s", "missing key 'architecture'"},
        {"architecture: mirror", "architecture: mirror\n  plain: 3", "must be a map, not a value"},
        {"architecture: mirror", "architecture: plain\n  none: 3", "unknown key 'none'"},
        {"lock_range", "lok_range",
         "22:12: error: unknown key 'lok_range'; did you mean 'lock_range'?"},
        {"kind: closed, oio", "kind: open, oio",
         "unknown kind 'open' of workload: expected one of closed"},
        {"- vm: {", "- vn: {", "unknown key 'vn'"},
        {"suspend", "supsend", "did you mean 'suspend'?"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_error_with(cases[i].part, cases[i].instead, cases[i].says);
    }
}

static void
refuses_poor_texts(void **state)
{
    (void)state;

    expect_error("", NULL, "missing key 'devices'");
    expect_error("a", NULL, "a scenario must be a map, not a value");
    expect_error("- a\n", NULL, "a scenario must be a map, not a list");
    expect_error("devices: {}\nvm: {disks: []}\n", NULL, "0 disks: a vm has 1 to 64");
    expect_error("devices:\n", NULL, "'devices' must be a map, not a value");
    expect_error("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", NULL, "nested too deeply");
}

/* Errors come in the order of the text, all at once. */
static void
sorts_errors(void **state)
{
    struct gw_diagnostics diagnostics = {0};
    (void)state;

    assert_null(parse("zzz: 1\nvm: {zzz: 1}\nseed: x\ndevices: {b: 1, a: 2}\nhost: {zzz: 1}\n",
                      NULL, &diagnostics));
    assert_true(diagnostics.errors >= 6);
    for (size_t i = 1; i < diagnostics.count; i++) {
        assert_true(diagnostics.items[i].line_number >= diagnostics.items[i - 1].line_number);
    }
    gw_diagnostics_clear(&diagnostics);
}

static uint64_t
next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Flips, copies, deletes or plants pieces of a text; returns the new length. */
static size_t
mutate(char *text, size_t length, uint64_t *seed)
{
    static const char planted[] = "{}[],:-&*!|>%@`'\"\n\t #?~\\\xff\xc3\0019KGms";
    size_t rounds = 1 + next_random(seed) % 6;

    for (; rounds > 0 && length > 8; rounds--) {
        size_t at = next_random(seed) % (length - 4);
        size_t from = next_random(seed) % (length - 4);
        size_t run = 1 + next_random(seed) % 4;

        switch (next_random(seed) % 4) {
        case 0:
            text[at] = (char)(next_random(seed) & 0xff);
            break;
        case 1:
            text[at] = planted[next_random(seed) % (sizeof planted - 1)];
            break;
        case 2:
            memmove(text + at, text + from, run);
            break;
        default:
            memmove(text + at, text + at + run, length - at - run);
            length -= run;
        }
    }
    return length;
}

/* What was accepted is accepted in its canonical form, with the same result. */
static void
check_fixed_point(const struct gw_scenario *scenario)
{
    struct gw_diagnostics diagnostics = {0};
    char *canonical = gw_scenario_canonical(scenario, NULL, 0);
    struct gw_scenario *again;
    char *repeated;

    assert_non_null(canonical);
    again = parse(canonical, NULL, &diagnostics);
    if (again == NULL) {
        fail_msg("%s: %s", diagnostics.items[0].message, canonical);
    }
    repeated = gw_scenario_canonical(again, NULL, 0);
    assert_string_equal(repeated, canonical);
    free(canonical);
    free(repeated);
    gw_scenario_destroy(again);
}

static void
survives_any_text(void **state)
{
    uint64_t seed = 5;
    size_t accepted = 0;
    (void)state;

    for (int i = 0; i < MUTATIONS; i++) {
        char text[sizeof good];
        struct gw_diagnostics diagnostics = {0};
        struct gw_scenario *scenario;
        struct gw_text out = {0};
        size_t length;

        memcpy(text, good, sizeof good);
        length = mutate(text, sizeof good - 1, &seed);
        scenario = gw_scenario_parse("fuzz", text, length, NULL, 0, &diagnostics);
        gw_diagnostics_write(&diagnostics, true, &out);
        assert_int_equal(scenario == NULL, diagnostics.errors > 0);
        if (scenario != NULL) {
            accepted++;
            check_fixed_point(scenario);
        }
        gw_text_clear(&out);
        gw_diagnostics_clear(&diagnostics);
        gw_scenario_destroy(scenario);
    }
    assert_true(accepted > 100 && accepted < MUTATIONS);
}

static void
survives_any_override(void **state)
{
    static const char sample[] = "vm.disks=[{size: 1GiB, zero: \"1%\"}, {size: 3GiB}]";
    uint64_t seed = 6;
    (void)state;

    for (int i = 0; i < MUTATIONS / 10; i++) {
        char text[sizeof sample];
        const char *override = text;
        struct gw_diagnostics diagnostics = {0};
        struct gw_variations variations;

        memcpy(text, sample, sizeof sample);
        text[mutate(text, sizeof sample - 1, &seed)] = '\0';
        gw_scenario_destroy(parse(good, override, &diagnostics));
        gw_variations_expand(&variations, &override, 1, &diagnostics);
        gw_variations_clear(&variations);
        gw_diagnostics_clear(&diagnostics);
    }
}

static void
misses_files_clearly(void **state)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_error err = {.code = GW_OK};
    (void)state;

    assert_null(gw_scenario_load("no/such/file.yaml", NULL, 0, &diagnostics));
    assert_int_equal(diagnostics.code, GW_ENOENT);
    gw_diagnostics_clear(&diagnostics);
    assert_null(gw_scenario_find("no/such", &err));
    assert_int_equal(err.code, GW_ENOENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_everything),
        cmocka_unit_test(builds_devices_nested_and_shared),
        cmocka_unit_test(a_guest_may_have_a_home_of_its_own),
        cmocka_unit_test(builds_neighbours),
        cmocka_unit_test(canonical_is_a_fixed_point),
        cmocka_unit_test(identity_ignores_what_does_not_matter),
        cmocka_unit_test(overrides_reach_every_key),
        cmocka_unit_test(overrides_err_precisely),
        cmocka_unit_test(refuses_with_places),
        cmocka_unit_test(refuses_poor_texts),
        cmocka_unit_test(sorts_errors),
        cmocka_unit_test(survives_any_text),
        cmocka_unit_test(survives_any_override),
        cmocka_unit_test(misses_files_clearly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
