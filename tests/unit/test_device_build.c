/* test_device_build.c - pins: nested devices, a device that two parents share, copies of a member
 * each with a stream of its own, names in errors, and that everything is given back.
 * Does not pin: the devices, the reading of scenarios.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device_build.h"
#include "tests/support/device_rig.h"
#include "tests/support/scenario_rig.h"

static struct test_agenda agenda;
static struct gw_scenario *scenario;
static struct gw_device_set set;

static void
build(const char *devices)
{
    char text[1000];

    snprintf(text, sizeof text,
             "devices: %s\nvm: {disks: [{size: 1MiB}]}\nworkload: {kind: idle}\n"
             "migration: {architecture: null}\n",
             devices);
    test_agenda_start(&agenda);
    scenario = scenario_rig_parse(text, NULL);
    assert_true(gw_device_set_create(&set, scenario, &agenda.agenda, 0, NULL));
}

static int
tear_down(void **state)
{
    (void)state;
    gw_device_set_destroy(&set);
    gw_scenario_destroy(scenario);
    test_agenda_stop(&agenda);
    return 0;
}

static struct gw_device *
named(const char *name)
{
    for (size_t i = 0; i < scenario->device_count; i++) {
        if (strcmp(scenario->devices[i].name, name) == 0) {
            return set.shared[i];
        }
    }
    fail_msg("no device '%s'", name);
    return NULL;
}

static void
came_back(struct gw_request *request)
{
    request->tag++;
}

/* Reads once from a device; returns how long it took. */
static int64_t
read_once(struct gw_device *device, int64_t offset_bytes)
{
    struct gw_request request = {
        .done = came_back, .op = GW_IO_READ, .offset_bytes = offset_bytes, .length_bytes = KIB(4)};
    int64_t began_ns = agenda.agenda.now_ns;

    device->submit(device, &request);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(request.tag, 1);
    assert_int_equal(request.result, GW_OK);
    return agenda.agenda.now_ns - began_ns;
}

static int64_t
reads_of(const struct gw_device *device)
{
    struct gw_device_stats stats = {0};

    device->stats(device, &stats);
    return stats.reads;
}

static void
a_nested_device_belongs_to_its_parent(void **state)
{
    (void)state;
    build("{source: {kind: link, rate: 8Gbps, latency: 50us, backing: {kind: ideal, latency: 1ms}},"
          " target: {kind: ideal, latency: 3ms}}");
    assert_int_equal(scenario->device_count, 3);
    assert_null(named("source.backing"));
    assert_true(read_once(named("source"), 0) > 1100 * 1000);
    assert_int_equal(read_once(named("target"), 0), 3 * MILLISECOND);
    assert_int_equal(reads_of(named("target")), 1);
}

/* Two links over one station: it is one device, with one queue. */
static void
a_shared_device_is_made_once(void **state)
{
    struct gw_request a = {.done = came_back, .op = GW_IO_READ, .length_bytes = KIB(4)};
    struct gw_request b = a;

    (void)state;
    build("{base: {kind: servers, servers: 1, read_time: 10ms},"
          " source: {kind: link, latency: 0s, backing: base},"
          " target: {kind: link, latency: 0s, backing: base}}");
    named("source")->submit(named("source"), &a);
    named("target")->submit(named("target"), &b);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(a.tag + b.tag, 2);
    assert_int_equal(reads_of(named("base")), 2);
    assert_true(agenda.agenda.now_ns >= 20 * MILLISECOND);
}

/* RAID-0 over three exponential servers: three devices, whose times differ. */
static void
copies_are_devices_of_their_own(void **state)
{
    int64_t took_ns[3];

    (void)state;
    build("{source: {kind: stripe, members: 3, unit: 64KiB, member: {kind: servers,"
          " distribution: exponential, capacity: 1GiB}}, target: {kind: ideal}}");
    for (int i = 0; i < 3; i++) {
        took_ns[i] = read_once(named("source"), i * KIB(64));
    }
    assert_int_equal(named("source")->capacity_bytes, 3 * MIB(1024));
    assert_true(took_ns[0] != took_ns[1] && took_ns[1] != took_ns[2] && took_ns[0] != took_ns[2]);
}

/* Members that name one shared device are proxies of it. */
static void
copies_of_a_shared_device_are_one(void **state)
{
    (void)state;
    build("{base: {kind: servers, capacity: 1GiB}, target: {kind: ideal},"
          " source: {kind: stripe, members: 3, unit: 64KiB, member: base}}");
    for (int i = 0; i < 3; i++) {
        read_once(named("source"), i * KIB(64));
    }
    assert_int_equal(reads_of(named("base")), 3);
}

static void
an_error_names_the_device(void **state)
{
    struct gw_error err = {0};

    (void)state;
    build("{source: {kind: ideal}, target: {kind: ideal}}");
    gw_device_set_destroy(&set);
    gw_scenario_destroy(scenario);
    scenario = scenario_rig_parse(
        "devices: {source: {kind: array, backing: {kind: ideal}}, target: {kind: ideal}}\n"
        "vm: {disks: [{size: 1MiB}]}\nworkload: {kind: idle}\n"
        "migration: {architecture: null}\n",
        NULL);
    assert_false(gw_device_set_create(&set, scenario, &agenda.agenda, 0, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_non_null(strstr(err.message, "device 'source'"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_nested_device_belongs_to_its_parent, tear_down),
        cmocka_unit_test_teardown(a_shared_device_is_made_once, tear_down),
        cmocka_unit_test_teardown(copies_are_devices_of_their_own, tear_down),
        cmocka_unit_test_teardown(copies_of_a_shared_device_are_one, tear_down),
        cmocka_unit_test_teardown(an_error_names_the_device, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
