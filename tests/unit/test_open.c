/* test_open.c - pins the open load: its rate, its bound, and that demand k depends on no time.
 *
 * Laws of arrivals are pinned by test_arrival.c, the mix by test_closed.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"

static const struct workload_rig rig = {{GIB(1)}, 1, 3, 0};

static struct gw_workload *
open_load(const char *const *pairs)
{
    struct gw_error err = {0};
    struct gw_workload *workload = rig_create(&rig, "open", pairs, &err);

    if (workload == NULL) {
        fail_msg("%s", err.message);
    }
    return workload;
}

/* Arrivals a second over `count` demands, each asked for when the one before was issued. */
static double
rate_of(struct gw_workload *workload, int count)
{
    struct gw_demand demand = {0};

    for (int i = 0; i < count; i++) {
        int64_t now_ns = demand.at_ns;

        assert_true(workload->next(workload, 0, now_ns, &demand));
        assert_true(demand.at_ns >= now_ns);
    }
    return count * 1e9 / (double)demand.at_ns;
}

static void
rate_is_kept(void **state)
{
    const char *const *loads[] = {
        RIG_PAIRS("rate", "1k/s"),
        RIG_PAIRS("rate", "1k/s", "arrival", "constant"),
        RIG_PAIRS("rate", "1k/s", "burst_on", "10ms", "burst_off", "90ms", "burst_factor", "20"),
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct gw_workload *workload = open_load(loads[i]);

        assert_int_equal(workload->stream_count, 1);
        assert_int_equal(workload->concurrency[0], 0);
        assert_true(rig_near(rate_of(workload, 100000), 1000, i == 2 ? 0.05 : 0.01));
        workload->destroy(workload);
    }
}

static void
mix_is_the_shared_one(void **state)
{
    struct gw_workload *workload =
        open_load(RIG_PAIRS("block", "4KiB", "region_size", "1MiB", "read_share", "25%"));
    struct gw_demand demand;
    int reads = 0;

    (void)state;
    assert_int_equal(workload->alignment_bytes, KIB(4));
    for (int i = 0; i < 20000; i++) {
        workload->next(workload, 0, 0, &demand);
        assert_true(gw_extent_end(demand.extent) <= MIB(1));
        reads += demand.op == GW_IO_READ;
    }
    assert_true(rig_near(reads, 5000, 0.05));
    workload->destroy(workload);
}

static void
bound_makes_a_partly_open_load(void **state)
{
    struct gw_workload *workload = open_load(
        RIG_PAIRS("rate", "100/s", "arrival", "constant", "outstanding", "4", "catch_up", "50ms"));
    struct gw_demand demand;
    int at_once = 0;

    (void)state;
    assert_int_equal(workload->concurrency[0], 4);
    while (workload->next(workload, 0, 1000000000, &demand) && demand.at_ns == 1000000000) {
        at_once++;
    }
    assert_in_range(at_once, 5, 7);
    workload->destroy(workload);
}

static void
zero_rate_ends_the_stream(void **state)
{
    struct gw_workload *workload = open_load(RIG_PAIRS("rate", "0/s"));
    struct gw_demand demand;

    (void)state;
    assert_false(workload->next(workload, 0, 0, &demand));
    workload->destroy(workload);
}

static void
demand_k_depends_on_no_time(void **state)
{
    const char *const *pairs =
        RIG_PAIRS("rate", "1k/s", "pattern", "hotcold", "burst_on", "1s", "burst_off", "1s");
    struct gw_workload *a = open_load(pairs);
    struct gw_workload *b = open_load(pairs);
    struct gw_demand from_a, from_b;
    int64_t now_ns = 0;

    (void)state;
    for (int64_t i = 0; i < 10000; i++) {
        now_ns += i * 104729 % 3000017;
        assert_true(a->next(a, 0, 0, &from_a));
        assert_true(b->next(b, 0, now_ns, &from_b));
        assert_int_equal(from_a.op, from_b.op);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
        assert_int_equal(from_b.at_ns, from_a.at_ns > now_ns ? from_a.at_ns : now_ns);
    }
    a->destroy(a);
    b->destroy(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_is_kept),
        cmocka_unit_test(mix_is_the_shared_one),
        cmocka_unit_test(bound_makes_a_partly_open_load),
        cmocka_unit_test(zero_rate_ends_the_stream),
        cmocka_unit_test(demand_k_depends_on_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
