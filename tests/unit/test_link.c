/* test_link.c - pins max-min sharing against a slow oracle, and the device on top of it.
 *
 * Pins: equal parts; caps and what they leave; changes while sending; completion times of random
 * transfers on random flows equal to a fluid simulation that fills step by step; order inside a
 * flow; duplex and latency of the device. Does not pin: any transport protocol.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/link_share.h"
#include "tests/support/device_rig.h"

enum { FLOWS = 12, TRANSFERS = 120 };

static struct rig_load load, other;

struct sending {
    struct gw_transfer transfer;
    struct gw_event start;
    struct gw_link *link;
    struct gw_agenda *agenda;
    int64_t start_ns, sent_ns;
    double left_bytes, oracle_ns; /* of the oracle */
    bool begun, over;
};

static struct sending sendings[TRANSFERS];
static int64_t caps[FLOWS];

static void
sent(struct gw_transfer *transfer)
{
    struct sending *sending = gw_container(transfer, struct sending, transfer);

    assert_int_equal(sending->sent_ns, -1);
    sending->sent_ns = sending->agenda->now_ns;
}

static void
begin(struct gw_event *event)
{
    struct sending *sending = gw_container(event, struct sending, start);

    gw_link_send(sending->link, &sending->transfer);
}

/* Which transfer each flow has at its head, -1 for none. */
static void
oracle_heads(int64_t heads[FLOWS])
{
    for (int64_t f = 0; f < FLOWS; f++) {
        heads[f] = -1;
        for (int64_t i = TRANSFERS - 1; i >= 0; i--) {
            if (sendings[i].begun && !sendings[i].over && sendings[i].transfer.flow == f) {
                heads[f] = i;
            }
        }
    }
}

/* Progressive filling: the smallest cap below an equal part is given, until none is. */
static void
oracle_rates(const int64_t heads[FLOWS], double rate, double rates[FLOWS])
{
    bool fixed[FLOWS] = {false};
    int open = 0;

    for (int f = 0; f < FLOWS; f++) {
        open += heads[f] >= 0;
        fixed[f] = heads[f] < 0;
    }
    for (bool again = true; again;) {
        again = false;
        for (int f = 0; f < FLOWS; f++) {
            if (!fixed[f] && caps[f] > 0 && (double)caps[f] < rate / open) {
                rates[f] = (double)caps[f];
                rate -= rates[f];
                fixed[f] = true;
                open--;
                again = true;
            }
        }
    }
    for (int f = 0; f < FLOWS; f++) {
        if (!fixed[f]) {
            rates[f] = rate / open;
        }
    }
}

static void
oracle(double rate)
{
    double now_ns = 0;

    for (;;) {
        int64_t heads[FLOWS];
        double rates[FLOWS] = {0}, step_ns = 1e300;

        oracle_heads(heads);
        oracle_rates(heads, rate, rates);
        for (int f = 0; f < FLOWS; f++) {
            double end_ns = heads[f] < 0 ? 1e300 : sendings[heads[f]].left_bytes * 1e9 / rates[f];

            step_ns = end_ns < step_ns ? end_ns : step_ns;
        }
        for (int64_t i = 0; i < TRANSFERS; i++) {
            double wait_ns = (double)sendings[i].start_ns - now_ns;

            step_ns = !sendings[i].begun && wait_ns < step_ns ? wait_ns : step_ns;
        }
        if (step_ns > 1e299) {
            return;
        }
        now_ns += step_ns;
        for (int f = 0; f < FLOWS; f++) {
            struct sending *head = heads[f] < 0 ? NULL : &sendings[heads[f]];

            if (head != NULL) {
                head->left_bytes -= rates[f] * step_ns / 1e9;
                head->over = head->left_bytes < 1e-4;
                head->oracle_ns = now_ns;
            }
        }
        for (int64_t i = 0; i < TRANSFERS; i++) {
            sendings[i].begun |= (double)sendings[i].start_ns <= now_ns + 1e-3;
        }
    }
}

static void
random_transfers_end_as_in_the_oracle(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct test_agenda agenda;
        struct gw_stream stream;
        struct gw_link *link;
        int64_t start_ns = 0;

        test_agenda_start(&agenda);
        gw_stream_open(&stream, seed, 0, "test.link", 0);
        link = gw_link_create(&agenda.agenda, 100000000, 0, NULL);
        for (uint32_t f = 0; f < FLOWS; f++) {
            caps[f] = (int64_t)gw_stream_below(&stream, 2) *
                      (int64_t)(1000000 + gw_stream_below(&stream, 30) * 1000000);
            gw_link_set_cap(link, f, caps[f]);
        }
        for (int i = 0; i < TRANSFERS; i++) {
            struct sending *sending = &sendings[i];

            start_ns += (int64_t)gw_stream_below(&stream, 2000000);
            *sending = (struct sending){
                .link = link, .agenda = &agenda.agenda, .start_ns = start_ns, .sent_ns = -1};
            sending->transfer.sent = sent;
            sending->transfer.flow = (uint32_t)gw_stream_below(&stream, FLOWS);
            sending->transfer.length_bytes = (int64_t)gw_stream_below(&stream, 200000) + 1;
            sending->left_bytes = (double)sending->transfer.length_bytes;
            sending->start.fire = begin;
            gw_schedule(&agenda.agenda, &sending->start, start_ns);
        }
        test_agenda_run(&agenda, GW_TIME_NEVER);
        oracle(1e8);
        for (int i = 0; i < TRANSFERS; i++) {
            assert_true(sendings[i].over);
            /* Ends are rounded up to whole ns: at most one for each end before. */
            assert_in_range(sendings[i].sent_ns - (int64_t)sendings[i].oracle_ns + 2, 0,
                            TRANSFERS + 2);
        }
        gw_link_destroy(link);
        test_agenda_stop(&agenda);
    }
}

static void
send_now(struct test_agenda *agenda, struct gw_link *link, int i, uint32_t flow, int64_t bytes)
{
    sendings[i] = (struct sending){.agenda = &agenda->agenda, .sent_ns = -1};
    sendings[i].transfer = (struct gw_transfer){sent, NULL, bytes, flow};
    gw_link_send(link, &sendings[i].transfer);
}

static void
shares_follow_caps_and_changes(void **state)
{
    struct test_agenda agenda;
    struct gw_link *link;

    (void)state;
    test_agenda_start(&agenda);
    link = gw_link_create(&agenda.agenda, 1000, 0, NULL);
    send_now(&agenda, link, 0, 0, 1000000);
    send_now(&agenda, link, 1, 1, 1000000);
    assert_true(gw_link_flow_rate(link, 0) == 500);
    gw_link_set_cap(link, 1, 100);
    assert_true(gw_link_flow_rate(link, 0) == 900);
    assert_true(gw_link_flow_rate(link, 1) == 100);
    send_now(&agenda, link, 2, 2, 1000000);
    assert_true(gw_link_flow_rate(link, 2) == 450);
    gw_link_set_rate(link, 240);
    assert_true(gw_link_flow_rate(link, 1) == 80);
    gw_link_set_rate(link, 1000);
    gw_link_set_cap(link, 1, 0);
    assert_true(gw_link_flow_rate(link, 1) > 333 && gw_link_flow_rate(link, 1) < 334);
    assert_true(gw_link_flow_rate(link, 7) == 0);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(gw_link_bytes_sent(link), 3000000);
    assert_in_range(agenda.agenda.now_ns, 3000 * SECOND - 10, 3000 * SECOND + 10);
    gw_link_destroy(link);
    assert_null(gw_link_create(&agenda.agenda, 0, 0, NULL));
    test_agenda_stop(&agenda);
}

static void
nothing_takes_no_time_but_comes_later(void **state)
{
    struct test_agenda agenda;
    struct gw_link *link;

    (void)state;
    test_agenda_start(&agenda);
    link = gw_link_create(&agenda.agenda, 1000, 0, NULL);
    send_now(&agenda, link, 0, 3, 0);
    assert_int_equal(sendings[0].sent_ns, -1);
    test_agenda_run(&agenda, GW_TIME_NEVER);
    assert_int_equal(sendings[0].sent_ns, 0);
    gw_link_destroy(link);
    test_agenda_stop(&agenda);
}

static void
device_is_duplex_and_pays_latency_twice(void **state)
{
    struct test_agenda agenda;
    struct gw_device *device;

    (void)state;
    test_agenda_start(&agenda);
    device =
        rig_make(&agenda, "link", "rate=100MB/s latency=1ms", rig_make(&agenda, "ideal", "", NULL));
    load = (struct rig_load){.device = device,
                             .outstanding = 1,
                             .size_bytes = 100000,
                             .span_bytes = MIB(1),
                             .read_share = 1};
    other = (struct rig_load){
        .device = device, .outstanding = 1, .size_bytes = 100000, .span_bytes = MIB(1), .flow = 1};
    rig_load_start(&load);
    rig_load_start(&other);
    test_agenda_run(&agenda, 3 * SECOND);
    ASSERT_NEAR((double)load.completed, 1000, 0.002);
    ASSERT_NEAR((double)other.completed, 1000, 0.002);
    device->destroy(device);
    test_agenda_stop(&agenda);

    test_agenda_start(&agenda);
    device = rig_make(&agenda, "link", "rate=100MB/s duplex=false flow_rate=60MB/s",
                      rig_make(&agenda, "ideal", "", NULL));
    load = (struct rig_load){.device = device,
                             .outstanding = 8,
                             .size_bytes = 100000,
                             .span_bytes = MIB(1),
                             .read_share = 1};
    rig_load_start(&load);
    test_agenda_run(&agenda, agenda.agenda.now_ns + SECOND);
    ASSERT_NEAR((double)load.completed, 600, 0.02);
    device->destroy(device);
    test_agenda_stop(&agenda);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_transfers_end_as_in_the_oracle),
        cmocka_unit_test(shares_follow_caps_and_changes),
        cmocka_unit_test(nothing_takes_no_time_but_comes_later),
        cmocka_unit_test(device_is_duplex_and_pays_latency_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
