/* test_vcpu_time.c - pins the throttle's sleeps, the service's latencies and the rate window.
 *
 * Pins: sleep and period of every percentage in QEMU's table; when edges fall; the mean wait of
 * an M/D/1 queue against Pollaczek and Khinchine; that where a run is cut makes no difference to
 * the bit; a vacation of 990 ms; rates over the last second. Does not pin: QEMU's timers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/vcpu_time.h"

enum { MS = 1000000 };

static void
test_sleeps_are_those_of_the_table(void **state)
{
    static const struct {
        uint32_t percent;
        int64_t sleep_us;
    } table[] = {{0, 0},      {20, 2500},  {30, 4285},  {40, 6666},  {50, 10000},
                 {60, 15000}, {70, 23333}, {80, 40000}, {90, 90000}, {99, 990000}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(gw_vcpu_throttle_sleep_ns(table[i].percent) / 1000, table[i].sleep_us);
    }
}

static void
test_edges(void **state)
{
    struct gw_vcpu_throttle throttle;

    (void)state;
    gw_vcpu_throttle_init(&throttle);
    gw_vcpu_throttle_pass(&throttle, 1000 * MS);
    assert_false(throttle.asleep);
    gw_vcpu_throttle_set(&throttle, 1000 * MS, 50);
    assert_int_equal(throttle.edge_ns, 1010 * MS);
    gw_vcpu_throttle_pass(&throttle, 1010 * MS);
    assert_true(throttle.asleep);
    assert_int_equal(throttle.edge_ns, 1020 * MS);
    gw_vcpu_throttle_set(&throttle, 1012 * MS, 99); /* from the next sleep on */
    assert_int_equal(throttle.edge_ns, 1020 * MS);
    gw_vcpu_throttle_pass(&throttle, 1035 * MS); /* over two edges at once */
    assert_true(throttle.asleep);
    assert_int_equal(throttle.edge_ns, INT64_C(2020) * MS);
    gw_vcpu_throttle_set(&throttle, 1100 * MS, 0);
    assert_false(throttle.asleep);
    assert_true(throttle.edge_ns == INT64_MAX);
}

static void
start(struct gw_vcpu_service *service, double rate, int64_t service_ns)
{
    *service = (struct gw_vcpu_service){0};
    gw_stream_open(&service->stream, 3, 0, "guest.service", 0);
    gw_vcpu_service_start(service, rate, service_ns);
}

static void
test_queue_waits_as_the_formula_says(void **state)
{
    const double load = 0.8;
    struct gw_vcpu_service service;
    struct gw_histogram latency = {0};
    int64_t used_ns = 0;
    double wanted_ns = 20000 * (1 + load / (2 * (1 - load)));

    (void)state;
    start(&service, load * 1e9 / 20000, 20000);
    int64_t answered = gw_vcpu_service_run(&service, 0, INT64_C(60000) * MS, &latency, &used_ns);

    assert_int_equal(latency.total, answered);
    assert_in_range((uint64_t)answered, 2388000, 2412000);
    assert_true(used_ns - answered * 20000 >= 0 && used_ns - answered * 20000 < 20000);
    assert_true(gw_histogram_mean(&latency) > 0.97 * wanted_ns);
    assert_true(gw_histogram_mean(&latency) < 1.03 * wanted_ns);
    assert_int_equal(latency.least, 20000);
    gw_histogram_clear(&latency);
}

static void
test_cuts_change_nothing(void **state)
{
    struct gw_vcpu_service service;
    struct gw_stream cuts;
    struct gw_histogram whole = {0};
    struct gw_histogram pieces = {0};
    int64_t used_ns = 0;
    int64_t sum_ns = 0;
    int64_t part_ns = 0;
    int64_t at_ns = 0;
    int64_t count = 0;

    (void)state;
    gw_stream_open(&cuts, 4, 0, "cuts", 0);
    start(&service, 10000, 50000);
    int64_t answered = gw_vcpu_service_run(&service, 0, 1000 * MS, &whole, &used_ns);

    start(&service, 10000, 50000);
    while (at_ns < 1000 * MS) {
        int64_t to_ns = at_ns + 1 + (int64_t)gw_stream_below(&cuts, 100000);

        to_ns = to_ns < 1000 * MS ? to_ns : 1000 * MS;
        count += gw_vcpu_service_run(&service, at_ns, to_ns, &pieces, &part_ns);
        sum_ns += part_ns;
        at_ns = to_ns;
    }
    assert_int_equal(count, answered);
    assert_int_equal(sum_ns, used_ns);
    assert_true(pieces.sum == whole.sum && pieces.most == whole.most);
    gw_histogram_clear(&whole);
    gw_histogram_clear(&pieces);
}

static void
test_requests_wait_for_a_vacation(void **state)
{
    struct gw_vcpu_service service;
    struct gw_histogram latency = {0};
    int64_t used_ns = 0;

    (void)state;
    start(&service, 1000, 1000);
    (void)gw_vcpu_service_run(&service, 990 * MS, 1000 * MS, &latency, &used_ns);
    assert_true(latency.total > 900);
    assert_true(latency.most > 970 * MS && latency.most <= 991 * MS);
    assert_true(gw_histogram_mean(&latency) > 450.0 * MS);
    gw_histogram_clear(&latency);
}

static void
test_rate_of_the_last_second(void **state)
{
    struct gw_rate_window window = {0};

    (void)state;
    assert_true(gw_rate_window_rate(&window, 0) == 0);
    for (int64_t ms = 0; ms < 3000; ms++) {
        gw_rate_window_add(&window, ms * MS, 2);
    }
    double rate = gw_rate_window_rate(&window, INT64_C(2999) * MS);

    assert_true(rate > 1995 && rate < 2005);
    rate = gw_rate_window_rate(&window, INT64_C(3450) * MS);
    assert_true(rate > 1000 && rate < 1200);
    assert_true(gw_rate_window_rate(&window, INT64_C(4100) * MS) == 0);
    gw_rate_window_add(&window, INT64_C(9000) * MS, 5);
    rate = gw_rate_window_rate(&window, INT64_C(9050) * MS);
    assert_true(rate > 5 && rate < 5.5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sleeps_are_those_of_the_table),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_queue_waits_as_the_formula_says),
        cmocka_unit_test(test_cuts_change_nothing),
        cmocka_unit_test(test_requests_wait_for_a_vacation),
        cmocka_unit_test(test_rate_of_the_last_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
