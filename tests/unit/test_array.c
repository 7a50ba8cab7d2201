/* test_array.c - pins the array's controller: ports, caches, destage; and its parts.
 *
 * Pins: the destage map and the read cache against plain ones; sequential rate bounded by the
 * ports and by the child; sparse readers not read ahead of; bursts at cache speed; sustained
 * random writes at the child's speed; hits; write-through; flush of an unprotected cache;
 * coalescing. Does not pin: a real array.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/destage_map.h"
#include "models/read_cache.h"
#include "tests/support/device_rig.h"

static struct rig_load load, other;

struct bench {
    struct test_agenda agenda;
    struct gw_device *array;
};

static void
bench_start(struct bench *bench, const char *settings, const char *kind, const char *child)
{
    test_agenda_start(&bench->agenda);
    bench->array =
        rig_make(&bench->agenda, "array", settings, rig_make(&bench->agenda, kind, child, NULL));
}

static void
bench_stop(struct bench *bench)
{
    bench->array->destroy(bench->array);
    test_agenda_stop(&bench->agenda);
}

static void
set_load(struct bench *bench, int64_t outstanding, int64_t size_bytes, double read_share)
{
    load = (struct rig_load){.device = bench->array,
                             .outstanding = outstanding,
                             .size_bytes = size_bytes,
                             .span_bytes = INT64_C(38) << 30,
                             .read_share = read_share};
}

static void
destage_map_agrees_with_a_plain_one(void **state)
{
    static bool plain[20000];
    struct gw_destage_map map;
    struct gw_stream stream;

    (void)state;
    gw_stream_open(&stream, 3, 0, "test.map", 0);
    memset(plain, 0, sizeof plain);
    assert_true(gw_destage_map_start(&map, 20000, NULL));
    for (int round = 0; round < 4000; round++) {
        int64_t first = (int64_t)gw_stream_below(&stream, 20000);
        int64_t end = first + 1 + (int64_t)gw_stream_below(&stream, 200);
        bool set = gw_stream_below(&stream, 100) < 45;
        int64_t changed = 0, next, run;

        end = end < 20000 ? end : 20000;
        for (int64_t i = first; i < end; i++) {
            changed += plain[i] != set;
            plain[i] = set;
        }
        assert_int_equal(set ? gw_destage_map_set(&map, first, end)
                             : gw_destage_map_clear(&map, first, end),
                         changed);
        assert_true(gw_destage_map_all(&map, first, end) == set);
        first = (int64_t)gw_stream_below(&stream, 20000);
        for (next = first; next < 20000 && !plain[next]; next++) {
        }
        assert_int_equal(gw_destage_map_next(&map, first), next < 20000 ? next : -1);
        if (next < 20000) {
            for (run = 0; run < 150 && next + run < 20000 && plain[next + run]; run++) {
            }
            assert_int_equal(gw_destage_map_run(&map, next, 150), run);
        }
    }
    assert_int_equal(gw_destage_map_next(&map, 20000), -1);
    gw_destage_map_stop(&map);
}

static void
read_cache_is_least_recently_used(void **state)
{
    enum { PAGES = 40, ROOM = 13 };
    struct gw_read_cache cache;
    struct gw_stream stream;
    int used[PAGES] = {0};

    (void)state;
    gw_stream_open(&stream, 4, 0, "test.lru", 0);
    assert_true(gw_read_cache_start(&cache, ROOM, NULL));
    for (int round = 1; round < 5000; round++) {
        int page = (int)gw_stream_below(&stream, PAGES);
        int newer = 0;
        bool held;

        for (int i = 0; i < PAGES; i++) {
            newer += used[i] > used[page];
        }
        held = used[page] > 0 && newer < ROOM;
        assert_true(gw_read_cache_hit(&cache, page, page + 1) == held);
        gw_read_cache_add(&cache, page, page + 1);
        used[page] = round;
    }
    gw_read_cache_stop(&cache);
    assert_true(gw_read_cache_start(&cache, 0, NULL));
    gw_read_cache_add(&cache, 0, 9);
    assert_false(gw_read_cache_hit(&cache, 0, 1));
    gw_read_cache_stop(&cache);
}

static double
sequential_rate(const char *settings, const char *kind, const char *child)
{
    struct bench bench;
    double iops;

    bench_start(&bench, settings, kind, child);
    set_load(&bench, 4, KIB(64), 1);
    load.sequential = true;
    rig_load_start(&load);
    iops = rig_iops(&bench.agenda, &load, SECOND, 5 * SECOND);
    bench_stop(&bench);
    return iops * 65536;
}

static void
sequential_reads_meet_ports_or_media(void **state)
{
    /* A port takes 0.1 ms and 64 KiB at 400 MB/s. */
    double port = 65536 / (0.1e-3 + 65536 / 400e6);

    (void)state;
    ASSERT_NEAR(sequential_rate("ports=2", "ideal", "capacity=300GB"), 2 * port, 0.01);
    ASSERT_NEAR(sequential_rate("ports=1", "ideal", "capacity=300GB"), port, 0.01);
    ASSERT_NEAR(sequential_rate("", "disk", ""), 124e6, 0.02);
    /* A slow wire behind it: reading ahead hides the latency. */
    ASSERT_NEAR(sequential_rate("", "ideal", "capacity=300GB rate=200MB/s latency=3ms"), 200e6,
                0.02);
    assert_true(sequential_rate("read_ahead=0B", "ideal",
                                "capacity=300GB rate=200MB/s latency=3ms") < 100e6);
}

static void
came_back(struct gw_request *request)
{
    request->tag = 1;
}

/* Reads pieces of `size_bytes`, one after another, each `step_bytes` behind the one before; returns
 * what the child had to read for it. */
static int64_t
child_reads(int64_t size_bytes, int64_t step_bytes, int64_t span_bytes)
{
    struct gw_device *child;
    struct gw_device_stats stats;
    struct bench bench;

    test_agenda_start(&bench.agenda);
    child = rig_make(&bench.agenda, "servers", "capacity=1GB read_time=100us", NULL);
    bench.array = rig_make(&bench.agenda, "array", "", child);
    /* Three in a row make a stream of it. */
    for (int64_t at = 0, count = 0; at < span_bytes; count++) {
        struct gw_request request = {
            .op = GW_IO_READ, .offset_bytes = at, .length_bytes = size_bytes, .done = came_back};

        bench.array->submit(bench.array, &request);
        test_agenda_run(&bench.agenda, GW_TIME_NEVER);
        assert_int_equal(request.tag, 1);
        assert_int_equal(request.result, GW_OK);
        at += count < 3 ? size_bytes : step_bytes;
    }
    child->stats(child, &stats);
    bench_stop(&bench);
    return stats.bytes_read;
}

static void
a_reader_that_skips_more_than_it_reads_is_not_read_ahead_of(void **state)
{
    enum { SPAN = 64 << 20 };

    (void)state;
    /* One of eight pieces is wanted: little more than that is read. */
    assert_true(child_reads(KIB(8), KIB(64), SPAN) < SPAN / 8 + SPAN / 16);
    /* Two of three are wanted: reading the whole area ahead is right. */
    ASSERT_NEAR((double)child_reads(KIB(64), KIB(96), SPAN), SPAN, 0.05);
}

static void
writes_burst_at_cache_speed_then_at_the_childs(void **state)
{
    struct bench bench;
    double child;

    (void)state;
    bench_start(&bench, "write_cache=64MiB", "servers", "capacity=100GB servers=4 write_time=4ms");
    set_load(&bench, 16, 8192, 0);
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, SECOND / 4);
    /* Two ports of 0.1 ms and 20.5 us each. */
    ASSERT_NEAR((double)load.completed * 4, 2 / (0.1e-3 + 8192 / 400e6), 0.02);
    child = rig_iops(&bench.agenda, &load, 20 * SECOND, 20 * SECOND);
    ASSERT_NEAR(child, 1000, 0.05);
    bench_stop(&bench);
}

static void
destage_sorts_and_joins(void **state)
{
    struct gw_device_stats stats;
    struct bench bench;
    double random, plain;

    (void)state;
    /* Sustained random writes through the cache beat the bare disk by sorting. */
    bench_start(&bench, "write_cache=64MiB", "disk", "scheduling=fifo");
    set_load(&bench, 16, 8192, 0);
    rig_load_start(&load);
    random = rig_iops(&bench.agenda, &load, 60 * SECOND, 60 * SECOND);
    bench_stop(&bench);
    bench_start(&bench, "write_back=false", "disk", "scheduling=fifo");
    set_load(&bench, 16, 8192, 0);
    rig_load_start(&load);
    plain = rig_iops(&bench.agenda, &load, 10 * SECOND, 60 * SECOND);
    bench_stop(&bench);
    assert_true(random > 1.3 * plain);
    /* Sequential writes are joined: the child sees media rate, not IOs. */
    bench_start(&bench, "write_cache=4MiB", "disk", "");
    set_load(&bench, 1, 8192, 0);
    load.sequential = true;
    rig_load_start(&load);
    assert_true(rig_iops(&bench.agenda, &load, 5 * SECOND, 10 * SECOND) * 8192 > 50e6);
    rig_load_stop(&load);
    test_agenda_run(&bench.agenda, GW_TIME_NEVER);
    bench.array->stats(bench.array, &stats);
    assert_int_equal(stats.destaged_bytes, stats.bytes_written);
    bench_stop(&bench);
}

static void
hits_do_not_touch_the_child(void **state)
{
    struct gw_device_stats stats;
    struct bench bench;

    (void)state;
    bench_start(&bench, "", "servers", "capacity=1GB read_time=100ms");
    set_load(&bench, 1, 8192, 1);
    load.span_bytes = 64 * 8192;
    rig_load_start(&load);
    rig_iops(&bench.agenda, &load, 60 * SECOND, SECOND);
    ASSERT_NEAR(rig_mean_latency_ns(&load), 120480, 0.01);
    bench.array->stats(bench.array, &stats);
    assert_true(stats.cache_hits > 1000);
    /* What was read ahead stays out of the read cache: a page may miss a second time. */
    assert_in_range(stats.cache_misses, 20, 2 * 64);
    bench_stop(&bench);

    /* Dirty data are read back from the cache. */
    bench_start(&bench, "read_cache=0B", "servers", "capacity=1GB read_time=1s write_time=100s");
    set_load(&bench, 1, KIB(512), 0);
    load.limit = 64;
    load.sequential = true;
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, SECOND);
    assert_int_equal(load.completed, 64);
    set_load(&bench, 1, 8192, 1);
    load.span_bytes = MIB(32);
    rig_load_start(&load);
    test_agenda_run(&bench.agenda, 2 * SECOND);
    assert_true(load.completed > 5000);
    bench_stop(&bench);
}

static void
flush_waits_for_an_unprotected_cache(void **state)
{
    static const char *const settings[] = {"", "protected=false"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bench bench;

        bench_start(&bench, settings[i], "servers", "capacity=1GB write_time=100ms");
        set_load(&bench, 1, KIB(64), 0);
        load.span_bytes = MIB(512);
        load.limit = 20;
        rig_load_start(&load);
        test_agenda_run(&bench.agenda, 10 * MILLISECOND);
        assert_int_equal(load.completed, 20);
        other = (struct rig_load){.device = bench.array,
                                  .outstanding = 1,
                                  .size_bytes = 8192,
                                  .span_bytes = MIB(1),
                                  .flush_share = 1,
                                  .limit = 1};
        rig_load_start(&other);
        test_agenda_run(&bench.agenda, GW_TIME_NEVER);
        assert_int_equal(other.completed, 1);
        assert_true((other.latency_max_ns > SECOND) == (i == 1));
        bench_stop(&bench);
    }
}

static void
refuses_bad_figures(void **state)
{
    struct test_agenda agenda;
    struct gw_device *child;
    struct gw_error err = {0};

    (void)state;
    test_agenda_start(&agenda);
    child = rig_make(&agenda, "ideal", "", NULL);
    assert_null(rig_device(&agenda, "array", "", &child, &err));
    assert_int_equal(err.code, GW_EINVAL);
    child->destroy(child);
    child = rig_make(&agenda, "ideal", "capacity=1GB", NULL);
    assert_null(rig_device(&agenda, "array", "low=90%", &child, &err));
    child->destroy(child);
    test_agenda_stop(&agenda);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(destage_map_agrees_with_a_plain_one),
        cmocka_unit_test(read_cache_is_least_recently_used),
        cmocka_unit_test(sequential_reads_meet_ports_or_media),
        cmocka_unit_test(a_reader_that_skips_more_than_it_reads_is_not_read_ahead_of),
        cmocka_unit_test(writes_burst_at_cache_speed_then_at_the_childs),
        cmocka_unit_test(destage_sorts_and_joins),
        cmocka_unit_test(hits_do_not_touch_the_child),
        cmocka_unit_test(flush_waits_for_an_unprotected_cache),
        cmocka_unit_test(refuses_bad_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
