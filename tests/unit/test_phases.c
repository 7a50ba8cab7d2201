/* test_phases.c - pins when a load of phases works and when it rests.
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

#define SECOND INT64_C(1000000000)

static const struct workload_rig rig = {{GIB(1)}, 1, 3, 0};

static struct gw_workload *
phases(const char *const *pairs)
{
    struct gw_error err = {0};
    struct gw_workload *workload = rig_create(&rig, "phases", pairs, &err);

    if (workload == NULL) {
        fail_msg("%s", err.message);
    }
    return workload;
}

static void
closed_load_waits_for_the_busy_part(void **state)
{
    struct gw_workload *workload = phases(RIG_PAIRS("period", "10s", "busy_share", "30%"));
    struct gw_demand demand;

    (void)state;
    assert_int_equal(workload->stream_count, 1);
    assert_int_equal(workload->concurrency[0], 8);
    for (int64_t now_ns = 0; now_ns < 100 * SECOND; now_ns += SECOND / 2) {
        int64_t into_ns = now_ns % (10 * SECOND);

        assert_true(workload->next(workload, 0, now_ns, &demand));
        assert_int_equal(demand.at_ns,
                         into_ns < 3 * SECOND ? now_ns : now_ns - into_ns + 10 * SECOND);
    }
    workload->destroy(workload);
}

static void
idle_intensity_keeps_some_outstanding(void **state)
{
    struct gw_workload *workload = phases(
        RIG_PAIRS("period", "10s", "busy_share", "30%", "oio", "10", "idle_intensity", "20%"));
    struct gw_demand demand;

    (void)state;
    assert_int_equal(workload->stream_count, 2);
    assert_int_equal(workload->concurrency[0], 2);
    assert_int_equal(workload->concurrency[1], 8);
    workload->next(workload, 0, 5 * SECOND, &demand);
    assert_int_equal(demand.at_ns, 5 * SECOND);
    workload->next(workload, 1, 5 * SECOND, &demand);
    assert_int_equal(demand.at_ns, 10 * SECOND);
    workload->destroy(workload);
}

static void
full_idle_intensity_is_a_plain_load(void **state)
{
    struct gw_workload *workload = phases(RIG_PAIRS("idle_intensity", "100%"));

    (void)state;
    assert_int_equal(workload->stream_count, 1);
    assert_int_equal(workload->concurrency[0], 8);
    workload->destroy(workload);
}

static void
think_time_may_end_in_the_next_part(void **state)
{
    struct gw_workload *workload =
        phases(RIG_PAIRS("period", "10s", "busy_share", "30%", "think_time", "2s"));
    struct gw_demand demand;

    (void)state;
    workload->next(workload, 0, 2 * SECOND, &demand);
    assert_int_equal(demand.at_ns, 10 * SECOND);
    workload->next(workload, 0, 9 * SECOND, &demand);
    assert_int_equal(demand.at_ns, 11 * SECOND);
    workload->destroy(workload);
}

static void
open_load_changes_its_rate(void **state)
{
    struct gw_workload *workload = phases(RIG_PAIRS("load", "open", "rate", "1k/s", "period", "4s",
                                                    "busy_share", "25%", "idle_intensity", "10%"));
    struct gw_demand demand = {0};
    int count[4] = {0};

    (void)state;
    assert_int_equal(workload->stream_count, 1);
    assert_int_equal(workload->concurrency[0], 0);
    while (workload->next(workload, 0, demand.at_ns, &demand) && demand.at_ns < 400 * SECOND) {
        count[demand.at_ns / SECOND % 4]++;
    }
    assert_true(rig_near(count[0], 100000, 0.02));
    assert_true(rig_near(count[1] + count[2] + count[3], 30000, 0.03));
    workload->destroy(workload);
}

static void
demand_k_depends_on_no_time(void **state)
{
    const char *const *pairs = RIG_PAIRS("idle_intensity", "50%", "pattern", "zipf");
    struct gw_workload *a = phases(pairs);
    struct gw_workload *b = phases(pairs);
    struct gw_demand from_a, from_b;
    int64_t now_ns = 0;

    (void)state;
    for (int64_t i = 0; i < 10000; i++) {
        uint32_t stream = (uint32_t)(i % 2);

        now_ns += i * 104729 % 300000017;
        a->next(a, stream, 0, &from_a);
        b->next(b, stream, now_ns, &from_b);
        assert_int_equal(from_a.op, from_b.op);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
        assert_true(from_b.at_ns >= now_ns);
    }
    a->destroy(a);
    b->destroy(b);
}

static void
never_busy_is_refused(void **state)
{
    struct gw_error err = {0};

    (void)state;
    assert_null(rig_create(&rig, "phases", RIG_PAIRS("busy_share", "0%"), &err));
    assert_int_equal(err.code, GW_EINVAL);
    assert_non_null(strstr(err.message, "busy_share"));
    assert_null(rig_create(&rig, "phases", RIG_PAIRS("block", "1000B"), &err));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_load_waits_for_the_busy_part),
        cmocka_unit_test(idle_intensity_keeps_some_outstanding),
        cmocka_unit_test(full_idle_intensity_is_a_plain_load),
        cmocka_unit_test(think_time_may_end_in_the_next_part),
        cmocka_unit_test(open_load_changes_its_rate),
        cmocka_unit_test(demand_k_depends_on_no_time),
        cmocka_unit_test(never_busy_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
