/* test_disk.c - pins the spinning disk against arithmetic on its own settings.
 *
 * Pins: media rate of a sequential read at both ends; random reads and writes at depth 1 = seek +
 * half a turn + transfer; schedulers that gain with depth; no starvation; a copy and random guest
 * IO that slow each other, more with more load; the write cache and its flush; the seek curve.
 * Does not pin: the figures of a particular drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/disk_geometry.h"
#include "tests/support/device_rig.h"

#define CAPACITY INT64_C(300000000000)

static struct rig_load load, copy;

struct bench {
    struct test_agenda agenda;
    struct gw_device *disk;
};

static void
bench_start(struct bench *bench, const char *settings)
{
    test_agenda_start(&bench->agenda);
    bench->disk = rig_make(&bench->agenda, "disk", settings, NULL);
}

static void
bench_stop(struct bench *bench)
{
    bench->disk->destroy(bench->disk);
    test_agenda_stop(&bench->agenda);
}

static double
random_iops(const char *settings, int64_t outstanding, double read_share)
{
    struct bench bench;
    double iops;

    bench_start(&bench, settings);
    load = (struct rig_load){.device = bench.disk,
                             .outstanding = outstanding,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .read_share = read_share};
    rig_load_start(&load);
    iops = rig_iops(&bench.agenda, &load, SECOND, 100 * SECOND);
    bench_stop(&bench);
    return iops;
}

static double
sequential_rate(const char *settings, int64_t start_bytes, int64_t outstanding, double read_share)
{
    struct bench bench;
    double iops;

    bench_start(&bench, settings);
    load = (struct rig_load){.device = bench.disk,
                             .outstanding = outstanding,
                             .size_bytes = KIB(256),
                             .span_bytes = CAPACITY,
                             .read_share = read_share,
                             .sequential = true};
    load.next_offset_bytes = start_bytes;
    rig_load_start(&load);
    iops = rig_iops(&bench.agenda, &load, SECOND, 10 * SECOND);
    bench_stop(&bench);
    return iops * (double)KIB(256);
}

static void
reads_sequentially_at_media_rate(void **state)
{
    /* Zones are 1/32 of the disk: the first has the rate at 1/64 of the way from 125 to 73. */
    (void)state;
    ASSERT_NEAR(sequential_rate("", 0, 1, 1), 124.19e6, 0.005);
    ASSERT_NEAR(sequential_rate("", 0, 16, 1), 124.19e6, 0.005);
    ASSERT_NEAR(sequential_rate("", CAPACITY - INT64_C(4000000000), 1, 1), 73.81e6, 0.005);
    ASSERT_NEAR(sequential_rate("", 0, 16, 0), 124.19e6, 0.005);
    /* Without a queue each write misses its place by the overhead: nearly a turn is lost. */
    ASSERT_NEAR(sequential_rate("", 0, 1, 0), 256 * 1024 / (256 * 1024 / 124.19e6 + 4e-3), 0.03);
}

static void
random_depth_one_is_seek_and_half_a_turn(void **state)
{
    /* Mean media rate 99 MB/s: 8 KiB take 0.083 ms; overhead 0.1 ms. */
    (void)state;
    ASSERT_NEAR(random_iops("segments=0", 1, 1), 1e3 / (3.4 + 2.0 + 0.083 + 0.1), 0.02);
    ASSERT_NEAR(random_iops("segments=0", 1, 0), 1e3 / (3.9 + 2.0 + 0.083 + 0.1), 0.02);
    ASSERT_NEAR(random_iops("segments=0 scheduling=fifo", 16, 1), 1e3 / (3.4 + 2.0 + 0.083), 0.02);
}

static void
schedulers_gain_with_depth(void **state)
{
    double fifo = random_iops("scheduling=fifo depth=64", 64, 1);
    double sstf = random_iops("scheduling=sstf depth=64", 64, 1);
    double elevator = random_iops("scheduling=elevator depth=64", 64, 1);

    (void)state;
    assert_true(elevator > 1.3 * fifo);
    assert_true(sstf > 1.3 * fifo);
    assert_true(random_iops("scheduling=sstf depth=64", 64, 1) >
                random_iops("scheduling=sstf depth=64", 8, 1));
    /* What the disk does not see it cannot sort. */
    ASSERT_NEAR(random_iops("scheduling=sstf depth=1", 64, 1), fifo, 0.01);
}

/* A crowd at the start of the disk, one reader at its end. */
static void
patience_bounds_the_wait(void **state)
{
    struct bench bench;

    (void)state;
    bench_start(&bench, "scheduling=sstf patience=200ms depth=32");
    load = (struct rig_load){
        .device = bench.disk, .outstanding = 20, .size_bytes = 8192, .span_bytes = MIB(64)};
    copy = (struct rig_load){.device = bench.disk,
                             .outstanding = 1,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .read_share = 1,
                             .sequential = true};
    copy.next_offset_bytes = CAPACITY - MIB(512);
    rig_load_start(&load);
    rig_load_start(&copy);
    test_agenda_run(&bench.agenda, 20 * SECOND);
    assert_true(copy.completed > 50);
    assert_true(copy.latency_max_ns > 200 * MILLISECOND);
    assert_true(copy.latency_max_ns < 230 * MILLISECOND);
    bench_stop(&bench);
}

/* A copy with `movers` outstanding beside a guest with `guests`. */
static void
run_together(const char *settings, int64_t movers, int64_t guests)
{
    struct bench bench;

    bench_start(&bench, settings);
    copy = (struct rig_load){.device = bench.disk,
                             .outstanding = movers,
                             .size_bytes = KIB(256),
                             .span_bytes = CAPACITY / 2,
                             .read_share = 1,
                             .sequential = true,
                             .flow = 1};
    load = (struct rig_load){.device = bench.disk,
                             .outstanding = guests,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .read_share = 0.7};
    rig_load_start(&copy);
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, 20 * SECOND);
    bench_stop(&bench);
}

static void
copy_and_guest_slow_each_other(void **state)
{
    static const int64_t steps[] = {0, 1, 2, 4, 8, 16};
    double last_copy = 1e18, last_guest = 1e18;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        run_together("scheduling=fifo depth=64", 4, steps[i]);
        assert_true((double)copy.bytes < last_copy);
        last_copy = (double)copy.bytes;
        run_together("scheduling=fifo depth=64", steps[i], 4);
        assert_true((double)load.completed < last_guest);
        last_guest = (double)load.completed;
    }
    run_together("", 16, 0);
    last_copy = (double)copy.bytes;
    run_together("", 16, 16);
    assert_true((double)copy.bytes < 0.8 * last_copy);
}

static void
one_writer_interleaved_costs_a_seek(void **state)
{
    (void)state;
    run_together("scheduling=fifo segments=16", 1, 1);
    /* Alternating: the copy's IO, then the guest's, each with a seek and a rotation. */
    assert_true(copy.completed <= load.completed + 1);
    assert_true(load.completed <= copy.completed + 1);
    assert_true(copy.completed < 20 * 130);
}

static void
cached_writes_answer_at_once_and_a_flush_waits(void **state)
{
    struct bench bench;

    (void)state;
    bench_start(&bench, "write_cache=true cache=1MiB");
    load = (struct rig_load){.device = bench.disk,
                             .outstanding = 1,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .limit = 100};
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, 100 * MILLISECOND);
    assert_int_equal(load.completed, 100);
    assert_true(load.latency_max_ns < MILLISECOND);
    copy = (struct rig_load){.device = bench.disk,
                             .outstanding = 1,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .flush_share = 1,
                             .limit = 1};
    rig_load_start(&copy);
    test_agenda_run(&bench.agenda, GW_TIME_NEVER);
    assert_int_equal(copy.completed, 1);
    assert_true(copy.latency_max_ns > 150 * MILLISECOND);
    bench_stop(&bench);
    ASSERT_NEAR(random_iops("write_cache=true scheduling=fifo", 1, 0),
                random_iops("scheduling=fifo", 16, 0), 0.03);
}

/* One read, a long pause, then a run: what was read ahead comes at once, no more. */
static void
read_ahead_ends_at_its_limit(void **state)
{
    struct bench bench;

    (void)state;
    bench_start(&bench, "interface_rate=0B/s read_ahead=512KiB");
    load = (struct rig_load){.device = bench.disk,
                             .outstanding = 1,
                             .size_bytes = 8192,
                             .span_bytes = CAPACITY,
                             .read_share = 1,
                             .sequential = true,
                             .limit = 1};
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, SECOND);
    copy = (struct rig_load){.device = bench.disk,
                             .outstanding = 1,
                             .size_bytes = MIB(32),
                             .span_bytes = CAPACITY,
                             .read_share = 1,
                             .sequential = true,
                             .limit = 1,
                             .next_offset_bytes = 8192};
    rig_load_start(&copy);
    test_agenda_run(&bench.agenda, GW_TIME_NEVER);
    assert_true((double)copy.latency_sum_ns > 1e9 * (double)(MIB(32) - KIB(512)) / 124.2e6);
    assert_true((double)copy.latency_sum_ns < 1e9 * (double)(MIB(32)) / 124.2e6 + 8e6);
    bench_stop(&bench);
}

static void
seek_curve_meets_its_three_numbers(void **state)
{
    struct gw_disk_shape shape = {CAPACITY, 15000, 125000000, 73000000, 200000, 3400000, 6600000};
    struct gw_disk_geometry geometry;
    struct gw_stream stream;
    double sum = 0, last = 0;

    (void)state;
    assert_true(gw_disk_geometry_init(&geometry, &shape, NULL));
    gw_stream_open(&stream, 1, 0, "test.seek", 0);
    for (int i = 0; i < 200000; i++) {
        int64_t a = (int64_t)gw_stream_below(&stream, CAPACITY);
        int64_t b = (int64_t)gw_stream_below(&stream, CAPACITY);

        sum += gw_disk_seek_ns(&geometry, a - b);
    }
    ASSERT_NEAR(sum / 200000, 3.4e6, 0.005);
    ASSERT_NEAR(gw_disk_seek_ns(&geometry, -CAPACITY), 6.6e6, 1e-9);
    ASSERT_NEAR(gw_disk_seek_ns(&geometry, 500000), 0.2e6, 0.05);
    for (int64_t distance = 0; distance <= CAPACITY; distance += CAPACITY / 1000) {
        assert_true(gw_disk_seek_ns(&geometry, distance) >= last);
        last = gw_disk_seek_ns(&geometry, distance);
    }
}

static void
refuses_impossible_figures(void **state)
{
    struct test_agenda agenda;
    struct gw_error err = {0};

    (void)state;
    test_agenda_start(&agenda);
    assert_null(rig_device(&agenda, "disk", "seek_average=9ms", NULL, &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_null(rig_device(&agenda, "disk", "inner_rate=200MB/s", NULL, &err));
    test_agenda_stop(&agenda);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_sequentially_at_media_rate),
        cmocka_unit_test(random_depth_one_is_seek_and_half_a_turn),
        cmocka_unit_test(schedulers_gain_with_depth),
        cmocka_unit_test(patience_bounds_the_wait),
        cmocka_unit_test(copy_and_guest_slow_each_other),
        cmocka_unit_test(one_writer_interleaved_costs_a_seek),
        cmocka_unit_test(cached_writes_answer_at_once_and_a_flush_waits),
        cmocka_unit_test(read_ahead_ends_at_its_limit),
        cmocka_unit_test(seek_curve_meets_its_three_numbers),
        cmocka_unit_test(refuses_impossible_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
