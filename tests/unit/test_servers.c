/* test_servers.c - pins the station and the plain device against queueing theory.
 *
 * Pins: waiting times of M/D/1, M/M/1 and M/M/4; throughput of a closed loop; bytes at the rate;
 * split queues that take turns; a rate shared by all servers; a question for holes waits its turn
 * and has its own time; refusals; the mean of the lognormal. Does not pin: tails.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/device_rig.h"

static struct rig_load load;

/* Mean latency of 400 000 Poisson arrivals at a share of 1 ms servers' capacity. */
static double
mean_latency_ms(const char *settings, double arrivals_a_second)
{
    struct test_agenda agenda;
    struct gw_device *device;

    test_agenda_start(&agenda);
    device = rig_make(&agenda, "servers", settings, NULL);
    load = (struct rig_load){.device = device,
                             .arrivals_a_second = arrivals_a_second,
                             .size_bytes = 8192,
                             .span_bytes = MIB(1024),
                             .read_share = 0.7,
                             .limit = 400000};
    rig_load_start(&load);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(load.completed, 400000);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return rig_mean_latency_ns(&load) / 1e6;
}

static void
waits_as_m_d_1(void **state)
{
    (void)state;
    /* Pollaczek-Khinchine: 1 + 0.8 / (2 * 0.2) ms. */
    ASSERT_NEAR(mean_latency_ms("", 800), 3.0, 0.03);
}

static void
waits_as_m_m_1(void **state)
{
    (void)state;
    ASSERT_NEAR(mean_latency_ms("distribution=exponential", 700), 1 / 0.3, 0.04);
}

static void
waits_as_m_m_k(void **state)
{
    /* Erlang C for 4 servers and load 3.2: wait probability 0.5964, mean wait 0.5964 / 0.8 ms. */
    (void)state;
    ASSERT_NEAR(mean_latency_ms("distribution=exponential servers=4", 3200), 1 + 0.5964 / 0.8,
                0.03);
}

static void
lognormal_has_its_mean(void **state)
{
    (void)state;
    ASSERT_NEAR(mean_latency_ms("distribution=lognormal sigma=0.8 servers=1000", 100), 1.0, 0.01);
}

/* IOPS of a closed loop over ten seconds. */
static double
closed_iops(const char *kind, const char *settings, int64_t outstanding)
{
    struct test_agenda agenda;
    struct gw_device *device;

    test_agenda_start(&agenda);
    device = rig_make(&agenda, kind, settings, NULL);
    load = (struct rig_load){.device = device,
                             .outstanding = outstanding,
                             .size_bytes = 8192,
                             .span_bytes = MIB(512),
                             .read_share = 0.7};
    rig_load_start(&load);
    test_agenda_run(&agenda, 10 * SECOND);
    device->destroy(device);
    test_agenda_stop(&agenda);
    return (double)load.completed / 10;
}

static void
eight_servers_of_two_ms_scale_with_depth(void **state)
{
    const char *eight = "servers=8 read_time=2ms write_time=2ms";

    (void)state;
    ASSERT_NEAR(closed_iops("servers", eight, 2), 1000, 0.001);
    ASSERT_NEAR(closed_iops("servers", eight, 8), 4000, 0.001);
    ASSERT_NEAR(closed_iops("servers", eight, 32), 4000, 0.001);
}

static void
bytes_take_time_at_the_rate(void **state)
{
    (void)state;
    /* 8192 bytes at 8.192 MB/s take 1 ms, after a service of 1 ms. */
    ASSERT_NEAR(closed_iops("servers", "read_rate=8192kB/s write_rate=8192kB/s", 1), 500, 0.001);
    ASSERT_NEAR(closed_iops("ideal", "rate=8192kB/s", 4), 1000, 0.001);
    ASSERT_NEAR(closed_iops("ideal", "rate=8192kB/s latency=1ms", 1), 500, 0.001);
    ASSERT_NEAR(closed_iops("ideal", "latency=1ms", 8), 8000, 0.001);
}

static void
split_queues_take_turns(void **state)
{
    static struct rig_load reads, writes;
    struct test_agenda agenda;
    struct gw_device *device;
    struct gw_device_stats stats;

    (void)state;
    test_agenda_start(&agenda);
    device = rig_make(&agenda, "servers", "queues=split", NULL);
    reads = (struct rig_load){.device = device,
                              .outstanding = 30,
                              .size_bytes = 4096,
                              .span_bytes = MIB(1),
                              .read_share = 1};
    writes = (struct rig_load){
        .device = device, .outstanding = 3, .size_bytes = 4096, .span_bytes = MIB(1), .flow = 1};
    rig_load_start(&reads);
    rig_load_start(&writes);
    test_agenda_run(&agenda, 10 * SECOND);
    ASSERT_NEAR((double)reads.completed, 5000, 0.01);
    ASSERT_NEAR((double)writes.completed, 5000, 0.01);
    device->stats(device, &stats);
    assert_int_equal(stats.reads, reads.completed);
    assert_int_equal(stats.writes, writes.completed);
    assert_int_equal(stats.bytes_read, reads.bytes);
    assert_int_equal(stats.depth_max, 33);
    assert_int_equal(stats.busy_ns, 10 * SECOND);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static int64_t answered_ns[2];

static void
answered(struct gw_request *request)
{
    answered_ns[request->tag] = request->device->agenda->now_ns;
}

/* One server: a read of 1 ms, with a sleep that ends late, that empties the bucket; then the
 * question, which takes no bytes and no sleep. */
static void
a_question_waits_its_turn(void **state)
{
    struct gw_request read = {.done = answered, .op = GW_IO_READ, .tag = 0, .length_bytes = 104857};
    struct gw_request question = {
        .done = answered, .op = GW_IO_STATUS, .tag = 1, .length_bytes = MIB(1)};
    struct test_agenda agenda;
    struct gw_device *device;
    struct gw_device_stats stats;

    (void)state;
    test_agenda_start(&agenda);
    device =
        rig_make(&agenda, "servers", "late=100us status_time=20us shared_read_rate=1MiB/s", NULL);
    device->submit(device, &read);
    device->submit(device, &question);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(answered_ns[0], 1100000);
    assert_int_equal(answered_ns[1], answered_ns[0] + 20000);
    device->stats(device, &stats);
    assert_int_equal(stats.reads, 1);
    assert_int_equal(stats.writes, 0);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

static void
refuses_what_does_not_fit(void **state)
{
    static const struct {
        int64_t offset, length;
        enum gw_io_op op;
        bool fits;
    } cases[] = {
        {0, 4096, GW_IO_READ, true},
        {MIB(1) - 4096, 4096, GW_IO_WRITE, true},
        {MIB(1) - 4095, 4096, GW_IO_WRITE, false},
        {-1, 10, GW_IO_READ, false},
        {INT64_MAX, 4096, GW_IO_TRIM, false},
        {0, 0, GW_IO_READ, false},
        {0, 0, GW_IO_FLUSH, true},
        {MIB(1) - 4096, 4096, GW_IO_STATUS, true},
        {MIB(1), 4096, GW_IO_STATUS, false},
    };

    (void)state;
    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        bool leaf = gw_device_kinds[i]->children == NULL;
        const char *name = gw_device_kinds[i]->name;
        struct test_agenda agenda;
        struct gw_device *device, *child;

        test_agenda_start(&agenda);
        child = rig_make(&agenda, "ideal", "capacity=1MiB", NULL);
        device = child;
        if (!leaf) {
            device = rig_make(&agenda, name, gw_device_kinds[i]->copies ? "members=1" : "", child);
        }
        for (size_t j = 0; j < sizeof cases / sizeof *cases; j++) {
            load = (struct rig_load){.device = device, .limit = 1};
            load.size_bytes = cases[j].length > 0 ? cases[j].length : 1;
            load.span_bytes = load.size_bytes;
            load.outstanding = 0;
            load.arrivals_a_second = 1;
            rig_load_start(&load);
            rig_load_stop(&load);
            test_agenda_run(&agenda, GW_TIME_NEVER);
            load.ios[0].request.op = cases[j].op;
            load.ios[0].request.offset_bytes = cases[j].offset;
            load.ios[0].request.length_bytes = cases[j].length;
            load.ios[0].under_way = true;
            load.submitting = true;
            device->submit(device, &load.ios[0].request);
            load.submitting = false;
            test_agenda_run(&agenda, GW_TIME_NEVER);
            assert_int_equal(load.completed, 1);
            assert_int_equal(load.ios[0].request.result, cases[j].fits ? GW_OK : GW_EINVAL);
        }
        device->destroy(device);
        test_agenda_stop(&agenda);
    }
}

/* 1 MiB writes at a shared 100 MiB/s: ten a 100 ms, whatever the number of servers, once the
 * burst is gone. */
static void
a_shared_rate_holds_all_servers(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device = rig_make(&agenda, "servers",
                      "servers=8 read_time=0s write_time=1ms shared_write_rate=100MiB/s "
                      "shared_burst=100ms",
                      NULL);
    load = (struct rig_load){.device = device,
                             .outstanding = 16,
                             .size_bytes = MIB(1),
                             .span_bytes = MIB(1024),
                             .read_share = 0,
                             .limit = 1000};
    rig_load_start(&load);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    ASSERT_NEAR((double)agenda.agenda.now_ns / 1e9, (1000 - 10) / 100.0, 0.1);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_as_m_d_1),
        cmocka_unit_test(waits_as_m_m_1),
        cmocka_unit_test(waits_as_m_m_k),
        cmocka_unit_test(lognormal_has_its_mean),
        cmocka_unit_test(eight_servers_of_two_ms_scale_with_depth),
        cmocka_unit_test(bytes_take_time_at_the_rate),
        cmocka_unit_test(split_queues_take_turns),
        cmocka_unit_test(a_shared_rate_holds_all_servers),
        cmocka_unit_test(a_question_waits_its_turn),
        cmocka_unit_test(refuses_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
