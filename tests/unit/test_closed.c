/* test_closed.c - pins the closed load and, through it, the mix that all synthetic loads share.
 *
 * Shares, regions, alignment, the disk it works on, refusals, and that demand k depends on no
 * time. Does not pin the laws of the patterns: test_address.c does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"

enum { DEMANDS = 100000 };

static const struct workload_rig rig = {{GIB(6), GIB(32)}, 2, 3, 0};

static struct gw_workload *
closed(const char *const *pairs)
{
    struct gw_error err = {0};
    struct gw_workload *workload = rig_create(&rig, "closed", pairs, &err);

    if (workload == NULL) {
        fail_msg("%s", err.message);
    }
    return workload;
}

static void
refused(const char *const *pairs, const char *word)
{
    struct gw_error err = {0};

    assert_null(rig_create(&rig, "closed", pairs, &err));
    assert_int_equal(err.code, GW_EINVAL);
    if (strstr(err.message, word) == NULL) {
        fail_msg("'%s' does not name '%s'", err.message, word);
    }
}

static void
default_is_the_oltp_load(void **state)
{
    struct gw_workload *workload = closed(NULL);
    struct gw_demand demand;
    int reads = 0;

    (void)state;
    assert_int_equal(workload->stream_count, 1);
    assert_int_equal(workload->concurrency[0], 8);
    assert_int_equal(workload->alignment_bytes, KIB(8));
    assert_null(workload->digest);
    for (int i = 0; i < DEMANDS; i++) {
        assert_true(workload->next(workload, 0, 1000, &demand));
        assert_int_equal(demand.at_ns, 1000);
        assert_int_equal(demand.disk, 1);
        assert_int_equal(demand.extent.length_bytes, KIB(8));
        assert_int_equal(demand.extent.offset_bytes % KIB(8), 0);
        assert_true(demand.extent.offset_bytes >= 0);
        assert_true(gw_extent_end(demand.extent) <= GIB(32));
        reads += demand.op == GW_IO_READ;
    }
    assert_true(rig_near(reads, 0.7 * DEMANDS, 0.01));
    workload->destroy(workload);
}

static void
region_disk_and_alignment_are_kept(void **state)
{
    struct gw_workload *workload =
        closed(RIG_PAIRS("disk", "0", "region_offset", "1MiB", "region_size", "96KiB", "block",
                         "12KiB", "oio", "32"));
    struct gw_demand demand;
    int64_t least = INT64_MAX, most = 0;

    (void)state;
    assert_int_equal(workload->alignment_bytes, KIB(4));
    assert_int_equal(workload->concurrency[0], 32);
    for (int i = 0; i < 1000; i++) {
        workload->next(workload, 0, 0, &demand);
        assert_int_equal(demand.disk, 0);
        least = demand.extent.offset_bytes < least ? demand.extent.offset_bytes : least;
        most = gw_extent_end(demand.extent) > most ? gw_extent_end(demand.extent) : most;
    }
    assert_int_equal(least, MIB(1));
    assert_int_equal(most, MIB(1) + KIB(96));
    workload->destroy(workload);
}

static void
alignment_lies_between_512_and_64_kib(void **state)
{
    struct gw_workload *workload = closed(RIG_PAIRS("block", "1MiB"));

    (void)state;
    assert_int_equal(workload->alignment_bytes, KIB(64));
    workload->destroy(workload);
    workload = closed(RIG_PAIRS("block", "64KiB", "region_offset", "1536B"));
    assert_int_equal(workload->alignment_bytes, 512);
    workload->destroy(workload);
}

static void
operations_have_their_shares(void **state)
{
    struct gw_workload *workload =
        closed(RIG_PAIRS("read_share", "20%", "trim_share", "10%", "zero_share", "30%"));
    struct gw_demand demand;
    int count[5] = {0};

    (void)state;
    for (int i = 0; i < DEMANDS; i++) {
        workload->next(workload, 0, 0, &demand);
        count[demand.op]++;
    }
    assert_true(rig_near(count[GW_IO_READ], 0.20 * DEMANDS, 0.03));
    assert_true(rig_near(count[GW_IO_TRIM], 0.08 * DEMANDS, 0.05));
    assert_true(rig_near(count[GW_IO_ZERO], 0.24 * DEMANDS, 0.03));
    assert_true(rig_near(count[GW_IO_WRITE], 0.48 * DEMANDS, 0.02));
    assert_int_equal(count[GW_IO_FLUSH], 0);
    workload->destroy(workload);
}

static void
extreme_shares_are_exact(void **state)
{
    const char *const shares[] = {"0%", "100%"};
    struct gw_demand demand;

    (void)state;
    for (int s = 0; s < 2; s++) {
        struct gw_workload *workload = closed(RIG_PAIRS("read_share", shares[s]));

        for (int i = 0; i < DEMANDS; i++) {
            workload->next(workload, 0, 0, &demand);
            assert_int_equal(demand.op, s == 1 ? GW_IO_READ : GW_IO_WRITE);
        }
        workload->destroy(workload);
    }
}

static void
sequential_rest_follows_the_last_io(void **state)
{
    struct gw_workload *workload =
        closed(RIG_PAIRS("random_share", "25%", "region_size", "800KiB"));
    struct gw_demand demand;
    int follows = 0;
    int64_t wanted = 0;

    (void)state;
    for (int i = 0; i < DEMANDS; i++) {
        workload->next(workload, 0, 0, &demand);
        follows += demand.extent.offset_bytes == wanted;
        wanted = gw_extent_end(demand.extent) % KIB(800);
    }
    assert_true(rig_near(follows, (0.75 + 0.25 / 100) * DEMANDS, 0.01));
    workload->destroy(workload);
}

static void
sequential_pattern_goes_round(void **state)
{
    struct gw_workload *workload =
        closed(RIG_PAIRS("pattern", "sequential", "region_offset", "8KiB", "region_size", "24KiB"));
    struct gw_demand demand;

    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        workload->next(workload, 0, 0, &demand);
        assert_int_equal(demand.extent.offset_bytes, KIB(8) + i % 3 * KIB(8));
    }
    workload->destroy(workload);
}

static void
hot_part_lies_where_it_is_put(void **state)
{
    struct gw_workload *workload = closed(RIG_PAIRS("pattern", "hotcold", "hot_at", "45%"));
    struct gw_demand demand;
    int hot = 0;

    (void)state;
    for (int i = 0; i < DEMANDS; i++) {
        double at;

        workload->next(workload, 0, 0, &demand);
        at = (double)demand.extent.offset_bytes / (double)GIB(32);
        hot += at >= 0.45 && at < 0.55;
    }
    assert_true(rig_near(hot, 0.9 * DEMANDS, 0.01));
    workload->destroy(workload);
}

static void
think_time_delays_the_next_io(void **state)
{
    struct gw_workload *workload = closed(RIG_PAIRS("think_time", "3ms"));
    struct gw_demand demand;

    (void)state;
    workload->next(workload, 0, 50, &demand);
    assert_int_equal(demand.at_ns, 3000050);
    workload->destroy(workload);
}

static void
demand_k_depends_on_no_time(void **state)
{
    const char *const *pairs = RIG_PAIRS("pattern", "zipf", "think_time", "1ms", "think_law",
                                         "exponential", "random_share", "50%", "trim_share", "10%");
    struct gw_workload *a = closed(pairs);
    struct gw_workload *b = closed(pairs);
    struct gw_demand from_a, from_b;
    int64_t now_ns = 0;

    (void)state;
    for (int64_t i = 0; i < 10000; i++) {
        now_ns += i * 7919 % 100003;
        assert_true(a->next(a, 0, 0, &from_a));
        assert_true(b->next(b, 0, now_ns, &from_b));
        assert_int_equal(from_a.op, from_b.op);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
        assert_int_equal(from_a.at_ns, from_b.at_ns - now_ns);
    }
    a->destroy(a);
    b->destroy(b);
}

static void
read_share_moves_no_address(void **state)
{
    struct gw_workload *a = closed(RIG_PAIRS("read_share", "10%"));
    struct gw_workload *b = closed(RIG_PAIRS("read_share", "90%"));
    struct gw_demand from_a, from_b;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        a->next(a, 0, 0, &from_a);
        b->next(b, 0, 0, &from_b);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
    }
    a->destroy(a);
    b->destroy(b);
}

static void
guests_differ(void **state)
{
    struct workload_rig other = rig;
    struct gw_workload *a = closed(NULL);
    struct gw_workload *b;
    struct gw_demand from_a, from_b;
    int same = 0;

    (void)state;
    other.object = 1;
    b = rig_create(&other, "closed", NULL, NULL);
    for (int i = 0; i < 1000; i++) {
        a->next(a, 0, 0, &from_a);
        b->next(b, 0, 0, &from_b);
        same += from_a.extent.offset_bytes == from_b.extent.offset_bytes;
    }
    assert_true(same < 10);
    a->destroy(a);
    b->destroy(b);
}

static void
nonsense_is_refused_by_name(void **state)
{
    (void)state;
    refused(RIG_PAIRS("block", "1000B"), "block");
    refused(RIG_PAIRS("region_offset", "700B"), "region_offset");
    refused(RIG_PAIRS("region_offset", "33GiB"), "region_offset");
    refused(RIG_PAIRS("region_offset", "31GiB", "region_size", "2GiB"), "region_size");
    refused(RIG_PAIRS("region_size", "4KiB"), "block");
    refused(RIG_PAIRS("trim_share", "60%", "zero_share", "60%"), "trim_share");
    refused(RIG_PAIRS("disk", "2"), "disk 2");
    refused(RIG_PAIRS("disk", "second"), "disk second");
    refused(RIG_PAIRS("disk", "99999999999999999999"), "disk 99999999999999999999");
    refused(RIG_PAIRS("pattern", "hotcold", "hot_share", "0%"), "hot_share");
}

static void
idle_makes_nothing(void **state)
{
    struct gw_workload *workload = rig_create(&rig, "idle", NULL, NULL);

    (void)state;
    assert_non_null(workload);
    assert_int_equal(workload->stream_count, 0);
    assert_int_equal(workload->alignment_bytes, KIB(64));
    workload->destroy(workload);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_is_the_oltp_load),
        cmocka_unit_test(region_disk_and_alignment_are_kept),
        cmocka_unit_test(alignment_lies_between_512_and_64_kib),
        cmocka_unit_test(operations_have_their_shares),
        cmocka_unit_test(extreme_shares_are_exact),
        cmocka_unit_test(sequential_rest_follows_the_last_io),
        cmocka_unit_test(sequential_pattern_goes_round),
        cmocka_unit_test(hot_part_lies_where_it_is_put),
        cmocka_unit_test(think_time_delays_the_next_io),
        cmocka_unit_test(demand_k_depends_on_no_time),
        cmocka_unit_test(read_share_moves_no_address),
        cmocka_unit_test(guests_differ),
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(idle_makes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
