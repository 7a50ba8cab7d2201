/* test_exchange.c - pins the streams of the mail server: places, sizes, rates, intensity.
 *
 * Does not pin that the default rates are those of a real server: they are for calibration.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"

enum { READS, WRITES, METADATA, SCAN, LOG, STREAMS, DEMANDS = 50000 };

static const struct workload_rig rig = {{GIB(6), GIB(350)}, 2, 3, 0};

static struct gw_workload *
exchange(const char *const *pairs)
{
    struct gw_error err = {0};
    struct gw_workload *workload = rig_create(&rig, "exchange", pairs, &err);

    if (workload == NULL) {
        fail_msg("%s", err.message);
    }
    return workload;
}

static void
refused(const char *const *pairs, const char *word)
{
    struct gw_error err = {0};

    assert_null(rig_create(&rig, "exchange", pairs, &err));
    assert_int_equal(err.code, GW_EINVAL);
    if (strstr(err.message, word) == NULL) {
        fail_msg("'%s' does not name '%s'", err.message, word);
    }
}

static void
streams_keep_to_their_areas(void **state)
{
    const int64_t begin[] = {MIB(64) + GIB(1), MIB(64) + GIB(1), 0, MIB(64) + GIB(1), MIB(64)};
    const int64_t end[] = {GIB(350), GIB(350), MIB(64), GIB(350), MIB(64) + GIB(1)};
    const bool is_read[] = {true, false, false, true, false};
    struct gw_workload *workload = exchange(NULL);
    struct gw_demand demand;

    (void)state;
    assert_int_equal(workload->stream_count, STREAMS);
    assert_int_equal(workload->alignment_bytes, KIB(4));
    for (uint32_t stream = 0; stream < STREAMS; stream++) {
        assert_true(workload->concurrency[stream] >= 1);
        for (int i = 0; i < DEMANDS; i++) {
            assert_true(workload->next(workload, stream, 0, &demand));
            assert_int_equal(demand.disk, 1);
            assert_int_equal(demand.op == GW_IO_READ, is_read[stream]);
            assert_true(demand.extent.offset_bytes >= begin[stream]);
            assert_true(gw_extent_end(demand.extent) <= end[stream]);
            assert_int_equal(demand.extent.offset_bytes % workload->alignment_bytes, 0);
            assert_int_equal(demand.extent.length_bytes % workload->alignment_bytes, 0);
        }
    }
    workload->destroy(workload);
}

static void
log_goes_round(void **state)
{
    struct gw_workload *workload = exchange(RIG_PAIRS("log_size", "1MiB"));
    struct gw_demand demand;
    int64_t cursor = MIB(64);
    int count[17] = {0};
    int wraps = 0;

    (void)state;
    for (int i = 0; i < DEMANDS; i++) {
        workload->next(workload, LOG, 0, &demand);
        if (demand.extent.offset_bytes != cursor) {
            assert_int_equal(demand.extent.offset_bytes, MIB(64));
            assert_true(cursor + demand.extent.length_bytes > MIB(65));
            wraps++;
        }
        cursor = gw_extent_end(demand.extent);
        assert_in_range(demand.extent.length_bytes, KIB(4), KIB(64));
        count[demand.extent.length_bytes / KIB(4)]++;
    }
    assert_in_range(wraps, 1500, 1900);
    for (int units = 1; units <= 16; units++) {
        assert_true(rig_near(count[units], DEMANDS / 16.0, 0.1));
    }
    workload->destroy(workload);
}

static void
scan_reads_the_database_in_order(void **state)
{
    struct gw_workload *workload = exchange(RIG_PAIRS("region_size", "2GiB", "scan_rate", "10/s"));
    int64_t begin = MIB(64) + GIB(1);
    int64_t blocks = (GIB(2) - begin) / KIB(256);
    struct gw_demand demand;

    (void)state;
    assert_int_equal(workload->concurrency[SCAN], 1);
    for (int64_t i = 0; i < 2 * blocks; i++) {
        workload->next(workload, SCAN, 0, &demand);
        assert_int_equal(demand.extent.offset_bytes, begin + i % blocks * KIB(256));
        assert_int_equal(demand.extent.length_bytes, KIB(256));
        assert_int_equal(demand.at_ns, (i + 1) * 100000000);
    }
    workload->destroy(workload);
}

/* Pages that are read often are those that are written often: of 20 000 writes to 64 Ki pages
 * far more than chance go to pages that were read. */
static void
reads_and_writes_share_their_hot_pages(void **state)
{
    enum { PAGES = 64 << 10, SAMPLES = 20000 };
    static bool was_read[PAGES];
    struct gw_workload *workload =
        exchange(RIG_PAIRS("region_size", "3136MiB", "hot_share", "5%", "hot_io_share", "100%"));
    int64_t begin = MIB(64) + GIB(1);
    struct gw_demand demand;
    int distinct = 0, met = 0, upper_half = 0;

    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        int64_t page;

        workload->next(workload, READS, 0, &demand);
        page = (demand.extent.offset_bytes - begin) / KIB(32);
        distinct += !was_read[page];
        upper_half += !was_read[page] && page >= PAGES / 2;
        was_read[page] = true;
    }
    for (int i = 0; i < SAMPLES; i++) {
        workload->next(workload, WRITES, 0, &demand);
        met += was_read[(demand.extent.offset_bytes - begin) / KIB(32)];
    }
    assert_true(distinct <= PAGES / 20 + 1);
    assert_true(rig_near(upper_half, distinct / 2.0, 0.15));
    assert_true(met > SAMPLES * 9 / 10);
    workload->destroy(workload);
}

static void
few_metadata_blocks_are_hot(void **state)
{
    enum { BLOCKS = 16 << 10 };
    static int count[BLOCKS];
    struct gw_workload *workload = exchange(NULL);
    struct gw_demand demand;
    int busy = 0, share = 0;

    (void)state;
    for (int i = 0; i < DEMANDS; i++) {
        workload->next(workload, METADATA, 0, &demand);
        count[demand.extent.offset_bytes / KIB(4)]++;
    }
    for (int i = 0; i < BLOCKS; i++) {
        busy += count[i] > DEMANDS / 1000;
        share += count[i] > DEMANDS / 1000 ? count[i] : 0;
    }
    assert_in_range(busy, 10, 100);
    assert_true(share > DEMANDS * 3 / 4);
    workload->destroy(workload);
}

/* Twice the intensity: the same demands, twice as fast; the scan is as fast as before. */
static void
intensity_scales_rates_only(void **state)
{
    struct gw_workload *once = exchange(NULL);
    struct gw_workload *twice = exchange(RIG_PAIRS("intensity", "2"));
    struct gw_demand a, b;

    (void)state;
    for (uint32_t stream = 0; stream < STREAMS; stream++) {
        for (int i = 0; i < 10000; i++) {
            assert_true(once->next(once, stream, 0, &a));
            assert_true(twice->next(twice, stream, 0, &b));
            assert_int_equal(a.op, b.op);
            assert_int_equal(a.extent.offset_bytes, b.extent.offset_bytes);
            assert_int_equal(a.extent.length_bytes, b.extent.length_bytes);
        }
        assert_true(rig_near((double)a.at_ns / (double)b.at_ns, stream == SCAN ? 1 : 2, 1e-4));
    }
    once->destroy(once);
    twice->destroy(twice);
}

static void
rates_are_kept(void **state)
{
    const double rate[] = {150, 100, 4, 20, 40};
    struct gw_workload *workload = exchange(NULL);
    struct gw_demand demand;

    (void)state;
    for (uint32_t stream = 0; stream < STREAMS; stream++) {
        for (int i = 0; i < DEMANDS; i++) {
            workload->next(workload, stream, 0, &demand);
        }
        assert_true(rig_near(DEMANDS * 1e9 / (double)demand.at_ns, rate[stream], 0.02));
    }
    workload->destroy(workload);
}

static void
demand_k_depends_on_no_time(void **state)
{
    struct gw_workload *a = exchange(RIG_PAIRS("pattern", "zipf"));
    struct gw_workload *b = exchange(RIG_PAIRS("pattern", "zipf"));
    struct gw_demand from_a, from_b;
    int64_t now_ns = 0;

    (void)state;
    for (int64_t i = 0; i < 20000; i++) {
        uint32_t stream = (uint32_t)(i % STREAMS);

        now_ns += i * 104729 % 30000017;
        assert_true(a->next(a, stream, 0, &from_a));
        assert_true(b->next(b, stream, now_ns, &from_b));
        assert_int_equal(from_a.op, from_b.op);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
        assert_int_equal(from_a.extent.length_bytes, from_b.extent.length_bytes);
        assert_true(from_b.at_ns >= now_ns);
    }
    a->destroy(a);
    b->destroy(b);
}

static void
idle_intensity_leaves_the_scan(void **state)
{
    struct gw_workload *workload = exchange(RIG_PAIRS("intensity", "0"));
    struct gw_demand demand;

    (void)state;
    for (uint32_t stream = 0; stream < STREAMS; stream++) {
        assert_int_equal(workload->next(workload, stream, 0, &demand), stream == SCAN);
    }
    workload->destroy(workload);
}

static void
nonsense_is_refused_by_name(void **state)
{
    (void)state;
    refused(RIG_PAIRS("log_write_least", "64KiB", "log_write_most", "4KiB"), "log_write_least");
    refused(RIG_PAIRS("log_write_most", "5000B"), "multiples of 4KiB");
    refused(RIG_PAIRS("metadata_size", "350GiB"), "do not fit");
    refused(RIG_PAIRS("log_size", "8000000TiB", "metadata_size", "8000000TiB"), "do not fit");
    refused(RIG_PAIRS("region_offset", "400GiB"), "do not fit");
    refused(RIG_PAIRS("region_size", "400GiB"), "do not fit");
    refused(RIG_PAIRS("disk", "7"), "disk 7");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_keep_to_their_areas),
        cmocka_unit_test(log_goes_round),
        cmocka_unit_test(scan_reads_the_database_in_order),
        cmocka_unit_test(reads_and_writes_share_their_hot_pages),
        cmocka_unit_test(few_metadata_blocks_are_hot),
        cmocka_unit_test(intensity_scales_rates_only),
        cmocka_unit_test(rates_are_kept),
        cmocka_unit_test(demand_k_depends_on_no_time),
        cmocka_unit_test(idle_intensity_leaves_the_scan),
        cmocka_unit_test(nonsense_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
