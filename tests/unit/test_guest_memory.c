/* test_guest_memory.c - pins how a modelled guest spends its vCPUs' time and dirties its memory.
 *
 * Pins: writes done against time, faults and throttle in closed form; that time is booked
 * completely; latencies of IO under a throttle; what pacing hides and what it cannot; fair
 * sharing; that counted and drawn writes have one law; that no write is lost under any
 * protection; post-copy waits; independence of when somebody looks. Does not pin: which pages
 * (test_page_writer.c), the log by itself (test_dirty_log.c), speed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/variate.h"
#include "sim/guest_memory.h"
#include "tests/support/near.h"

enum { MS = 1000000 };

static const int64_t second_ns = 1000000000;

static struct gw_memory_host host;
static struct gw_region_settings region[3];
static struct gw_guest_service_settings service;
static uint32_t vcpus;

static int
reset(void **state)
{
    (void)state;
    host = (struct gw_memory_host){.protection = GW_PROTECT_WRITE,
                                   .ring_entries = 1024,
                                   .fault_ns = 4600,
                                   .table_fault_ns = 1000,
                                   .ring_exit_ns = 50000};
    for (int i = 0; i < 3; i++) {
        region[i] = (struct gw_region_settings){.size_bytes = INT64_C(4096) * 49152,
                                                .writes = GW_WRITES_UNIFORM,
                                                .rate = 40000,
                                                .pacing = GW_PACED_CPU,
                                                .write_ns = 20,
                                                .backlog_ns = 50 * MS};
    }
    service = (struct gw_guest_service_settings){0};
    vcpus = 1;
    return 0;
}

static struct gw_guest_memory *
make(size_t regions)
{
    const struct gw_region_settings *settings[3] = {&region[0], &region[1], &region[2]};
    struct gw_guest_memory_plan plan = {.regions = settings,
                                        .region_count = regions,
                                        .vcpus = vcpus,
                                        .service = &service,
                                        .host = &host,
                                        .seed = 5};
    struct gw_error err = {0};

    for (size_t i = 0; i < regions; i++) {
        plan.memory_bytes += region[i].size_bytes;
    }
    struct gw_guest_memory *guest = gw_guest_memory_create(&plan, &err);

    assert_string_equal(err.message, "");
    assert_non_null(guest);
    return guest;
}

static int64_t
writes_of(const struct gw_guest_memory *guest)
{
    return gw_guest_memory_counts(guest)->writes;
}

static int64_t
lost_of(const struct gw_guest_memory *guest, enum gw_lost cause)
{
    return gw_guest_memory_counts(guest)->lost_ns[cause];
}

/* n writes with W clear pages take n w + f W (1 - exp(-n / W)). */
static void
test_faults_slow_a_bound_writer_as_computed(void **state)
{
    struct gw_guest_memory *guest = make(1);
    double pages = 49152;

    (void)state;
    gw_guest_memory_advance(guest, second_ns);
    assert_int_equal(writes_of(guest), 40000);
    (void)gw_guest_memory_log_start(guest);
    for (int64_t t_ms = 50; t_ms <= 2000; t_ms += 50) {
        gw_guest_memory_advance(guest, second_ns + t_ms * MS);
        double n = (double)(writes_of(guest) - 40000);
        double faulted = pages * (1 - gw_exp(-n / pages));

        assert_within(n * 25000 + 4600 * faulted, (double)t_ms * MS, 0.004);
        assert_within((double)gw_guest_memory_counts(guest)->faults, faulted, 0.03);
    }
    assert_int_equal(lost_of(guest, GW_LOST_FAULTS), gw_guest_memory_counts(guest)->faults * 4600);
    gw_guest_memory_destroy(guest);
}

static void
test_throttle_slows_a_bound_writer_in_proportion(void **state)
{
    static const uint32_t percents[] = {20, 30, 40, 50, 60, 70, 80, 90, 99};

    (void)state;
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        double share = (100 - percents[i]) / 100.0;
        struct gw_guest_memory *guest = make(1);

        gw_guest_memory_throttle(guest, 0, percents[i]);
        gw_guest_memory_advance(guest, 20 * second_ns);
        assert_within((double)writes_of(guest), 20 * 40000 * share, 0.006);
        assert_within((double)lost_of(guest, GW_LOST_THROTTLE), 20e9 * (1 - share), 0.006);
        int64_t open_ns =
            20 * second_ns - writes_of(guest) * 25000 - lost_of(guest, GW_LOST_THROTTLE);

        assert_true(open_ns >= 0 && open_ns < 25000); /* the write under way */
        gw_guest_memory_throttle(guest, 0, 0);
        int64_t before = writes_of(guest);

        gw_guest_memory_advance(guest, 21 * second_ns);
        assert_in_range(writes_of(guest) - before, 40000, 40001);
        gw_guest_memory_destroy(guest);
    }
}

/* Throttle, faults, stuns, rings, a service and two regions at once: no time goes astray. */
static void
test_all_time_is_booked(void **state)
{
    struct gw_stream stream;
    struct gw_bitmap dirty;
    double cost_ns;

    (void)state;
    gw_stream_open(&stream, 6, 0, "test", 0);
    assert_true(gw_bitmap_create(&dirty, UINT64_C(2) * 49152, NULL));
    for (int protection = GW_PROTECT_CHUNKED; protection <= GW_PROTECT_RING; protection++) {
        host.protection = protection;
        vcpus = 4;
        service = (struct gw_guest_service_settings){
            .rate = 2000, .service_ns = 30000, .first_vcpu = 1, .vcpus = 2};
        region[1].rate = 100000;
        struct gw_guest_memory *guest = make(2);
        int64_t now_ns = 0;
        int64_t work[2] = {100000, 40000}; /* of one write: 4 vCPUs */

        (void)gw_guest_memory_log_start(guest);
        (void)gw_guest_memory_sync(guest, &dirty, &cost_ns);
        (void)gw_guest_memory_protect(guest, 0, dirty.bit_count);
        for (int i = 0; i < 400; i++) {
            uint32_t vcpu = (uint32_t)gw_stream_below(&stream, 4);

            gw_guest_memory_throttle(guest, vcpu, (uint32_t)gw_stream_below(&stream, 100));
            gw_guest_memory_ring_sleep(guest, vcpu, (int64_t)gw_stream_below(&stream, 30) * MS);
            now_ns += (int64_t)gw_stream_below(&stream, 40 * MS);
            gw_guest_memory_advance(guest, now_ns);
            (i % 20 == 7 ? gw_guest_memory_pause : gw_guest_memory_resume)(guest);
        }
        const struct gw_guest_memory_counts *counts = gw_guest_memory_counts(guest);
        int64_t booked_ns = counts->requests * 30000;

        for (uint64_t page = 0; page < UINT64_C(2) * 49152; page++) {
            booked_ns +=
                gw_guest_memory_version(guest, page) * work[gw_guest_memory_region(guest, page)];
        }
        for (int i = 0; i < GW_LOST_COUNT; i++) {
            booked_ns += counts->lost_ns[i];
        }
        assert_true(counts->lost_ns[GW_LOST_STUN] > 0 && counts->lost_ns[GW_LOST_THROTTLE] > 0);
        assert_true((counts->faults > 0) == (protection != GW_PROTECT_DIRTY_BIT));
        /* Open at the end, a vCPU: a write begun in each region and a request. */
        assert_true(booked_ns > 4 * now_ns - 4 * 180000 && booked_ns < 4 * now_ns + 4 * 180000);
        gw_guest_memory_destroy(guest);
    }
    gw_bitmap_destroy(&dirty);
}

static void
test_io_waits_for_sleeping_vcpus(void **state)
{
    struct gw_histogram latency = {0};

    (void)state;
    service = (struct gw_guest_service_settings){.rate = 1000, .service_ns = 1000, .vcpus = 1};
    region[0].writes = GW_WRITES_NONE;
    struct gw_guest_memory *guest = make(1);

    gw_guest_memory_advance(guest, 10 * second_ns);
    gw_guest_memory_take_latency(guest, &latency);
    assert_in_range(latency.total, 9600, 10400);
    assert_true(latency.most < 20000);
    assert_within(gw_guest_memory_io_rate(guest, 0), 1000, 0.15);
    gw_histogram_clear(&latency);
    gw_guest_memory_throttle(guest, 0, 99);
    gw_guest_memory_advance(guest, 40 * second_ns);
    gw_guest_memory_take_latency(guest, &latency);
    assert_in_range(latency.total, 28400, 29600); /* the last 990 ms still wait */
    assert_true(latency.most > 985 * MS && latency.most < 1000 * MS);
    assert_within(gw_histogram_mean(&latency), 0.5 * 0.99 * 990 * MS, 0.05);
    gw_histogram_clear(&latency);
    gw_guest_memory_throttle(guest, 0, 0);
    gw_guest_memory_advance(guest, 41 * second_ns);
    gw_guest_memory_take_latency(guest, &latency);
    gw_histogram_clear(&latency);
    gw_guest_memory_pause(guest);
    gw_guest_memory_advance(guest, 43 * second_ns);
    gw_guest_memory_resume(guest);
    gw_guest_memory_advance(guest, 44 * second_ns);
    gw_guest_memory_take_latency(guest, &latency);
    assert_true(latency.most > INT64_C(1950) * MS && latency.most < INT64_C(2100) * MS);
    gw_histogram_clear(&latency);
    gw_guest_memory_destroy(guest);
}

/* As measured: full rate at 80 per cent; at 90 the sleep of 90 ms is longer than the backlog. */
static void
test_pacing_hides_a_throttle_while_cpu_is_left(void **state)
{
    static const struct {
        uint32_t percent;
        int64_t write_ns;
        double share;
    } cases[] = {{20, 20, 1}, {70, 20, 1}, {80, 20, 1}, {90, 20, 0.6}, {80, 10000, 0.5}};

    (void)state;
    region[0].pacing = GW_PACED_CLOCK;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        region[0].write_ns = cases[i].write_ns;
        struct gw_guest_memory *guest = make(1);

        gw_guest_memory_advance(guest, second_ns);
        assert_int_equal(writes_of(guest), 40000);
        gw_guest_memory_throttle(guest, 0, cases[i].percent);
        gw_guest_memory_advance(guest, 21 * second_ns);
        assert_within((double)(writes_of(guest) - 40000), 800000 * cases[i].share, 0.011);
        gw_guest_memory_destroy(guest);
    }
}

static void
test_paced_writes_are_exact_however_odd_the_rate(void **state)
{
    (void)state;
    vcpus = 3;
    region[0].pacing = GW_PACED_CLOCK;
    region[0].rate = 1234.567;
    region[1] = region[0];
    region[1].burst_on_ns = 20 * MS;
    region[1].burst_off_ns = 80 * MS;
    struct gw_guest_memory *guest = make(2);
    int64_t in[2] = {0};

    gw_guest_memory_advance(guest, 100 * second_ns);
    for (uint64_t page = 0; page < UINT64_C(2) * 49152; page++) {
        in[page >= 49152] += gw_guest_memory_version(guest, page);
    }
    assert_int_equal(in[0], 123456);
    assert_int_equal(in[1], 24691);
    assert_within(gw_guest_memory_write_rate(guest), 1234.567 * 1.2, 1e-9);
    gw_guest_memory_destroy(guest);
}

static void
test_regions_share_a_vcpu_fairly(void **state)
{
    int64_t in[3] = {0};

    (void)state;
    region[2].pacing = GW_PACED_CLOCK;
    region[2].write_ns = 5000; /* 40000 a second take 20 % of the vCPU, less than its share */
    struct gw_guest_memory *guest = make(3);

    for (int64_t now_ns = 0; now_ns < 10 * second_ns; now_ns += 33333) {
        gw_guest_memory_advance(guest, now_ns); /* often: due writes are played ahead and owed */
    }
    for (uint64_t page = 0; page < UINT64_C(3) * 49152; page++) {
        in[gw_guest_memory_region(guest, page)] += gw_guest_memory_version(guest, page);
    }
    assert_within((double)in[0], 0.4 * 400000, 0.01);
    assert_within((double)in[1], 0.4 * 400000, 0.01);
    assert_within((double)in[2], 400000, 0.01);
    gw_guest_memory_destroy(guest);
}

/* Mean and variance of the writes a page: Poisson, drawn (forced by an empty missing set) or
 * counted. */
static void
test_counted_writes_follow_the_law_of_drawn_ones(void **state)
{
    struct gw_bitmap none;

    (void)state;
    region[0].rate = 0;
    region[0].size_bytes = 4096 * 1024;
    assert_true(gw_bitmap_create(&none, 1024, NULL));
    for (int drawn = 0; drawn < 2; drawn++) {
        struct gw_guest_memory *guest = make(1);
        double square = 0;
        double mean = 5e6 / 1024;

        gw_guest_memory_set_missing(guest, drawn == 1 ? &none : NULL);
        gw_guest_memory_advance(guest, 100 * MS);
        assert_int_equal(writes_of(guest), 5000000);
        for (uint64_t page = 0; page < 1024; page++) {
            double off = gw_guest_memory_version(guest, page) - mean;

            square += off * off;
        }
        assert_within(square / 1024, mean, 0.2);
        (void)gw_guest_memory_log_start(guest);
        gw_guest_memory_advance(guest, 200 * MS);
        assert_int_equal(gw_guest_memory_counts(guest)->faults, 1024);
        assert_within((double)writes_of(guest), 1e7 - 1024 * 230.0, 1e-6);
        gw_guest_memory_destroy(guest);
    }
    gw_bitmap_destroy(&none);
}

/* A pre-copy in miniature: sends a page as it is when its dirty bit is cleared. */
static void
send_some(struct gw_guest_memory *guest, struct gw_bitmap *dirty, uint32_t *sent, uint64_t most)
{
    uint64_t chunk = UINT64_MAX;

    for (uint64_t i = 0; i < most && !gw_bitmap_is_empty(dirty); i++) {
        uint64_t page = gw_bitmap_find_next_set(dirty, 0);

        if (page / 512 != chunk) {
            chunk = page / 512;
            (void)gw_guest_memory_protect(guest, chunk * 512, 512);
        }
        (void)gw_bitmap_clear(dirty, page);
        sent[page] = gw_guest_memory_version(guest, page);
    }
}

static void
test_no_write_is_lost(void **state)
{
    static uint32_t sent[8192];
    struct gw_bitmap dirty;
    double cost_ns;

    (void)state;
    vcpus = 4;
    for (int i = 0; i < 2; i++) {
        region[i].size_bytes = 4096 * 4096;
    }
    region[1].pacing = GW_PACED_CLOCK;
    region[1].rate = 3000;
    assert_true(gw_bitmap_create(&dirty, 8192, NULL));
    for (int protection = GW_PROTECT_CHUNKED; protection <= GW_PROTECT_RING; protection++) {
        host.protection = protection;
        struct gw_guest_memory *guest = make(2);
        int64_t now_ns = 0;

        (void)gw_bitmap_set_range(&dirty, 0, 8192);
        (void)gw_guest_memory_log_start(guest);
        for (int i = 0; i < 300; i++) {
            now_ns += 3 * MS + 777;
            gw_guest_memory_advance(guest, now_ns);
            if (i % 17 == 0) {
                (void)gw_guest_memory_sync(guest, &dirty, &cost_ns);
            }
            send_some(guest, &dirty, sent, 700);
        }
        gw_guest_memory_pause(guest);
        (void)gw_guest_memory_sync(guest, &dirty, &cost_ns);
        gw_guest_memory_advance(guest, now_ns + second_ns);
        send_some(guest, &dirty, sent, UINT64_MAX);
        assert_memory_equal(sent, gw_guest_memory_versions(guest), sizeof sent);
        gw_guest_memory_destroy(guest);
    }
    gw_bitmap_destroy(&dirty);
}

static void
test_full_rings_limit_the_dirty_rate(void **state)
{
    (void)state;
    host.protection = GW_PROTECT_RING;
    host.fault_ns = 0;
    host.ring_exit_ns = 0;
    vcpus = 2;
    region[0].rate = 80000;
    struct gw_guest_memory *guest = make(1);

    (void)gw_guest_memory_log_start(guest);
    gw_guest_memory_advance(guest, 5 * second_ns);
    assert_within(gw_guest_memory_dirty_rate(guest, 0), 40000.0 * 4096, 0.05);
    gw_guest_memory_ring_sleep(guest, 0, 75 * MS); /* 1024 pages take 25.6 ms and some repeats */
    gw_guest_memory_advance(guest, 15 * second_ns);
    assert_within(gw_guest_memory_dirty_rate(guest, 0), 1024 * 4096 / 0.1010, 0.12);
    assert_within(gw_guest_memory_dirty_rate(guest, 1), 40000.0 * 4096, 0.05);
    assert_within((double)lost_of(guest, GW_LOST_THROTTLE), 10e9 * 75 / 101, 0.05);
    gw_guest_memory_destroy(guest);
}

static void
test_missing_pages_stop_their_vcpu(void **state)
{
    struct gw_bitmap missing;
    uint32_t vcpu = 9;
    uint64_t page = 0;
    int64_t waits = 0;
    int64_t now_ns = 0;

    (void)state;
    vcpus = 2;
    region[0].vcpus = 1; /* vCPU 1 writes in region 1 alone, where nothing is missing */
    region[1].first_vcpu = 1;
    region[0].size_bytes = 4096 * 100;
    assert_true(gw_bitmap_create(&missing, 100 + 49152, NULL));
    (void)gw_bitmap_set_range(&missing, 0, 100);
    struct gw_guest_memory *guest = make(2);

    gw_guest_memory_set_missing(guest, &missing);
    while (waits < 100) {
        gw_guest_memory_advance(guest, now_ns += MS);
        if (!gw_guest_memory_next_wait(guest, &vcpu, &page)) {
            continue;
        }
        waits++;
        assert_int_equal(vcpu, 0);
        assert_true(page < 100 && gw_guest_memory_version(guest, page) == 0);
        assert_false(gw_guest_memory_next_wait(guest, &vcpu, &page));
        gw_guest_memory_advance(guest, now_ns += 5 * MS);
        assert_int_equal(gw_guest_memory_version(guest, page), 0);
        (void)gw_bitmap_clear(&missing, page);
        gw_guest_memory_arrived(guest, page);
        assert_int_equal(gw_guest_memory_version(guest, page), 1);
    }
    assert_int_equal(lost_of(guest, GW_LOST_PAGE_WAIT) + writes_of(guest) * 25000 - now_ns, now_ns);
    assert_within((double)lost_of(guest, GW_LOST_PAGE_WAIT), 100 * 5.9 * MS, 0.03);
    gw_guest_memory_destroy(guest);
    gw_bitmap_destroy(&missing);
}

/* Looking more often changes what is drawn, not how much. */
static void
test_looks_do_not_matter(void **state)
{
    int64_t writes[2];
    int64_t faults[2];
    uint64_t requests[2];

    (void)state;
    vcpus = 2;
    region[1].pacing = GW_PACED_CLOCK;
    region[1].write_ns = 10000; /* a fifth of each vCPU: work done ahead is not forgotten */
    service = (struct gw_guest_service_settings){.rate = 500, .service_ns = 50000, .vcpus = 2};
    for (int often = 0; often < 2; often++) {
        struct gw_guest_memory *guest = make(2);
        struct gw_histogram latency = {0};

        (void)gw_guest_memory_log_start(guest);
        gw_guest_memory_throttle(guest, 1, 60);
        for (int64_t now_ns = 0; often == 1 && now_ns < 4 * second_ns; now_ns += 33333) {
            gw_guest_memory_advance(guest, now_ns);
        }
        gw_guest_memory_advance(guest, 4 * second_ns);
        writes[often] = writes_of(guest);
        faults[often] = gw_guest_memory_counts(guest)->faults;
        gw_guest_memory_take_latency(guest, &latency);
        requests[often] = latency.total;
        gw_histogram_clear(&latency);
        gw_guest_memory_destroy(guest);
    }
    assert_within((double)writes[1], (double)writes[0], 0.002);
    assert_within((double)faults[1], (double)faults[0], 0.01);
    assert_int_equal(requests[1], requests[0]);
}

static void
test_same_calls_give_the_same_bytes(void **state)
{
    struct gw_guest_memory *guest[2];
    size_t size = 3 * 49152 * sizeof(uint32_t);

    (void)state;
    vcpus = 3;
    region[1].pacing = GW_PACED_CLOCK;
    region[2].rate = 0;
    for (int i = 0; i < 2; i++) {
        guest[i] = make(3);
        (void)gw_guest_memory_log_start(guest[i]);
        gw_guest_memory_throttle(guest[i], 2, 40);
        for (int64_t now_ns = 0; now_ns < second_ns; now_ns += 12345678) {
            gw_guest_memory_advance(guest[i], now_ns);
        }
    }
    assert_memory_equal(gw_guest_memory_versions(guest[0]), gw_guest_memory_versions(guest[1]),
                        size);
    assert_memory_equal(gw_guest_memory_counts(guest[0]), gw_guest_memory_counts(guest[1]),
                        sizeof(struct gw_guest_memory_counts));
    gw_guest_memory_destroy(guest[0]);
    gw_guest_memory_destroy(guest[1]);
}

static void
test_wrong_plans_are_refused(void **state)
{
    const struct gw_region_settings *settings[] = {&region[0]};
    struct gw_guest_memory_plan plan = {.regions = settings,
                                        .region_count = 1,
                                        .vcpus = 2,
                                        .host = &host,
                                        .memory_bytes = INT64_C(4096) * 49151};
    struct gw_error err = {0};

    (void)state;
    assert_null(gw_guest_memory_create(&plan, &err));
    assert_int_equal(err.code, GW_EINVAL);
    plan.memory_bytes += 4096;
    region[0].first_vcpu = 2;
    assert_null(gw_guest_memory_create(&plan, &err));
    region[0].first_vcpu = 1;
    region[0].rate = 0;
    region[0].write_ns = 0;
    assert_null(gw_guest_memory_create(&plan, &err));
    region[0].write_ns = 1;
    struct gw_guest_memory *guest = gw_guest_memory_create(&plan, &err);

    assert_non_null(guest);
    gw_guest_memory_destroy(guest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_faults_slow_a_bound_writer_as_computed, reset),
        cmocka_unit_test_setup(test_throttle_slows_a_bound_writer_in_proportion, reset),
        cmocka_unit_test_setup(test_all_time_is_booked, reset),
        cmocka_unit_test_setup(test_io_waits_for_sleeping_vcpus, reset),
        cmocka_unit_test_setup(test_pacing_hides_a_throttle_while_cpu_is_left, reset),
        cmocka_unit_test_setup(test_paced_writes_are_exact_however_odd_the_rate, reset),
        cmocka_unit_test_setup(test_regions_share_a_vcpu_fairly, reset),
        cmocka_unit_test_setup(test_counted_writes_follow_the_law_of_drawn_ones, reset),
        cmocka_unit_test_setup(test_no_write_is_lost, reset),
        cmocka_unit_test_setup(test_full_rings_limit_the_dirty_rate, reset),
        cmocka_unit_test_setup(test_missing_pages_stop_their_vcpu, reset),
        cmocka_unit_test_setup(test_looks_do_not_matter, reset),
        cmocka_unit_test_setup(test_same_calls_give_the_same_bytes, reset),
        cmocka_unit_test_setup(test_wrong_plans_are_refused, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
