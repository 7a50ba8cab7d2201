/* test_ssd.c - pins the flash model against arithmetic on its own settings.
 *
 * Pins: latency of one read; random and sequential read limits; write burst into the buffer, then
 * the drain's rate; write amplification; reads that wait for a program, at most one; flush of an
 * unprotected buffer. Does not pin: any particular drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/device_rig.h"

/* 32 dies of 16 KiB pages: 60 us a read, 800 us a program, amplification 1.5. */
#define DRAIN (32 * 16384 / (800e-6 * 1.5))

static struct rig_load load, other;

struct bench {
    struct test_agenda agenda;
    struct gw_device *ssd;
};

static void
bench_start(struct bench *bench, const char *settings)
{
    test_agenda_start(&bench->agenda);
    bench->ssd = rig_make(&bench->agenda, "ssd", settings, NULL);
}

static void
bench_stop(struct bench *bench)
{
    bench->ssd->destroy(bench->ssd);
    test_agenda_stop(&bench->agenda);
}

static double
iops(const char *settings, int64_t outstanding, int64_t size_bytes, double read_share)
{
    struct bench bench;
    double result;

    bench_start(&bench, settings);
    load = (struct rig_load){.device = bench.ssd,
                             .outstanding = outstanding,
                             .size_bytes = size_bytes,
                             .span_bytes = MIB(4096),
                             .read_share = read_share};
    rig_load_start(&load);
    result = rig_iops(&bench.agenda, &load, 2 * SECOND, 2 * SECOND);
    bench_stop(&bench);
    return result;
}

static void
reads_meet_their_limits(void **state)
{
    (void)state;
    ASSERT_NEAR(iops("interface_rate=0B/s", 1, 8192, 1), 1e6 / 80, 1e-3);
    ASSERT_NEAR(iops("interface_rate=550MB/s", 1, 8192, 1), 1e6 / (80 + 14.9), 1e-2);
    ASSERT_NEAR(iops("interface_rate=0B/s", 512, 8192, 1), 32 / 60e-6, 0.06);
    ASSERT_NEAR(iops("", 16, MIB(1), 1), 550e6 / 1048576, 1e-2);
    ASSERT_NEAR(iops("interface_rate=0B/s", 16, MIB(1), 1), 32 / 60e-6 / 64, 1e-2);
}

static void
writes_burst_then_drain(void **state)
{
    struct bench bench;

    (void)state;
    bench_start(&bench, "");
    load = (struct rig_load){
        .device = bench.ssd, .outstanding = 16, .size_bytes = KIB(64), .span_bytes = MIB(4096)};
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, 100 * MILLISECOND);
    ASSERT_NEAR((double)load.bytes, 55e6, 0.03);
    bench_stop(&bench);
    ASSERT_NEAR(iops("", 16, KIB(64), 0) * 65536, DRAIN, 0.01);
    ASSERT_NEAR(iops("write_amplification=3", 16, KIB(64), 0) * 65536, DRAIN / 2, 0.01);
    ASSERT_NEAR(iops("", 2, 8192, 0) * 8192, 8192 / (20e-6 + 14.9e-6) * 2, 0.3);
}

static void
a_read_waits_for_at_most_one_program(void **state)
{
    struct bench bench;
    double alone_ns, beside_ns;

    (void)state;
    bench_start(&bench, "");
    load = (struct rig_load){.device = bench.ssd,
                             .outstanding = 1,
                             .size_bytes = 8192,
                             .span_bytes = MIB(4096),
                             .read_share = 1};
    rig_load_start(&load);
    rig_iops(&bench.agenda, &load, 0, SECOND);
    alone_ns = rig_mean_latency_ns(&load);
    rig_load_mark(&load);
    other = (struct rig_load){.device = bench.ssd,
                              .outstanding = 32,
                              .size_bytes = KIB(64),
                              .span_bytes = MIB(4096),
                              .flow = 1};
    rig_load_start(&other);
    rig_iops(&bench.agenda, &load, SECOND, SECOND);
    beside_ns = rig_mean_latency_ns(&load);
    assert_true(beside_ns > alone_ns + 300e3);
    assert_true(beside_ns < alone_ns + 500e3);
    assert_true(load.latency_max_ns < 1200000);
    bench_stop(&bench);
}

static void
reads_slow_the_drain(void **state)
{
    struct bench bench;
    double alone = iops("", 16, KIB(64), 0);

    (void)state;
    bench_start(&bench, "interface_rate=0B/s");
    load = (struct rig_load){.device = bench.ssd,
                             .outstanding = 64,
                             .size_bytes = 16384,
                             .span_bytes = MIB(4096),
                             .read_share = 1};
    other = (struct rig_load){.device = bench.ssd,
                              .outstanding = 16,
                              .size_bytes = KIB(64),
                              .span_bytes = MIB(4096),
                              .flow = 1};
    rig_load_start(&load);
    rig_load_start(&other);
    assert_true(rig_iops(&bench.agenda, &other, 2 * SECOND, 2 * SECOND) < 0.95 * alone);
    assert_true(other.completed > 0);
    bench_stop(&bench);
}

static void
flush_drains_an_unprotected_buffer(void **state)
{
    static const char *const settings[] = {"", "protected=false"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bench bench;

        bench_start(&bench, settings[i]);
        load = (struct rig_load){.device = bench.ssd,
                                 .outstanding = 16,
                                 .size_bytes = KIB(64),
                                 .span_bytes = MIB(4096),
                                 .limit = 512};
        rig_load_start(&load);
        test_agenda_run(&bench.agenda, 62 * MILLISECOND);
        assert_int_equal(load.completed, 512);
        other = (struct rig_load){.device = bench.ssd,
                                  .outstanding = 1,
                                  .size_bytes = 4096,
                                  .span_bytes = MIB(1),
                                  .flush_share = 1,
                                  .limit = 1};
        rig_load_start(&other);
        test_agenda_run(&bench.agenda, GW_TIME_NEVER);
        if (i == 0) {
            assert_int_equal(other.latency_max_ns, 20000);
        } else {
            ASSERT_NEAR((double)other.latency_max_ns, 1e9 * (512 * 65536 / DRAIN - 0.062), 0.05);
        }
        bench_stop(&bench);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_meet_their_limits),
        cmocka_unit_test(writes_burst_then_drain),
        cmocka_unit_test(a_read_waits_for_at_most_one_program),
        cmocka_unit_test(reads_slow_the_drain),
        cmocka_unit_test(flush_drains_an_unprotected_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
