/* test_dirty_log.c - pins the dirty log against one flag a page, for all five protections.
 *
 * Pins: what syncs report, which writes fault and what they, syncs and protections cost, under
 * random schedules of writes, syncs, protections and reaps; the rule of lazy protection (a page
 * written again before it is protected is not reported twice, one written after it is); the
 * levels of the fast protection; full rings. Does not pin: speed, the default costs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/dirty_log.h"

enum { PAGES = 5000, VCPUS = 3, RING = 64, STEPS = 60000 };

static struct gw_memory_host
host_of(int protection)
{
    return (struct gw_memory_host){.protection = protection,
                                   .ring_entries = RING,
                                   .fault_ns = 1000,
                                   .table_fault_ns = 300,
                                   .ring_exit_ns = 70000,
                                   .setup_ns = 5,
                                   .sync_ns = 11,
                                   .sync_page_ns = 0.5,
                                   .protect_page_ns = 16};
}

/* The naive model: flags a page. */
struct model {
    int protection;
    bool written[PAGES], reported[PAGES], dirty[PAGES];
    bool table[3][PAGES];
    int in_ring[PAGES]; /* vCPU + 1 */
    int used[VCPUS];
};

static struct model model;
static struct gw_dirty_log dirty_log;
static struct gw_bitmap dirty;

static void
model_reap(int vcpu)
{
    for (int i = 0; i < PAGES; i++) {
        if (model.in_ring[i] == vcpu + 1) {
            model.in_ring[i] = 0;
            model.written[i] = false;
            model.reported[i] = true;
        }
    }
    model.used[vcpu] = 0;
}

static struct gw_dirty_tally
model_write(int vcpu, uint64_t page)
{
    struct gw_dirty_tally tally = {0};

    if (model.written[page]) {
        return tally;
    }
    model.written[page] = true;
    tally.fresh = 1;
    tally.faults = model.protection != GW_PROTECT_DIRTY_BIT;
    tally.cost_ns = tally.faults * 1000;
    for (int i = 0; model.protection == GW_PROTECT_FAST && i < 3; i++) {
        bool *entry = &model.table[i][page >> 9 * (i + 1)];

        tally.cost_ns += *entry ? 0 : 300;
        *entry = true;
    }
    if (model.protection == GW_PROTECT_RING) {
        model.in_ring[page] = vcpu + 1;
        if (++model.used[vcpu] == RING) {
            model_reap(vcpu);
            tally.ring_exits = 1;
            tally.cost_ns += 70000;
        }
    }
    return tally;
}

static void
check_write(struct gw_stream *stream)
{
    uint32_t vcpu = (uint32_t)gw_stream_below(stream, VCPUS);
    uint64_t page = gw_stream_below(stream, gw_stream_below(stream, 2) == 0 ? PAGES : 50);
    struct gw_dirty_tally got = {0};
    struct gw_dirty_tally wanted = model_write((int)vcpu, page);

    assert_true(wanted.cost_ns <= gw_dirty_log_fault_most_ns(&dirty_log));
    gw_dirty_log_write(&dirty_log, vcpu, page, &got);
    assert_memory_equal(&got, &wanted, sizeof got);
}

static void
check_sync(struct gw_stream *stream)
{
    double cost_ns = 0;
    double protected = 0;
    uint64_t fresh = 0;
    bool chunked = model.protection == GW_PROTECT_CHUNKED;
    bool ring = model.protection == GW_PROTECT_RING;

    for (int i = 0; i < PAGES && gw_stream_below(stream, 3) != 0; i++) {
        model.dirty[i] = false;
        (void)gw_bitmap_clear(&dirty, (uint64_t)i);
    }
    for (int i = 0; i < PAGES; i++) {
        protected += ring ? model.in_ring[i] != 0 : model.written[i];
    }
    for (int i = 0; ring && i < VCPUS; i++) {
        model_reap(i);
    }
    for (int i = 0; i < PAGES; i++) {
        bool seen = ring ? model.reported[i] : model.written[i];

        fresh += seen && !model.dirty[i];
        model.dirty[i] |= seen;
        model.reported[i] = chunked && seen;
        model.written[i] &= chunked;
    }
    memset(model.table, 0, sizeof model.table);
    protected = model.protection == GW_PROTECT_WRITE ? PAGES : protected;
    protected = chunked || model.protection == GW_PROTECT_FAST ? 0 : protected;
    assert_int_equal(gw_dirty_log_sync(&dirty_log, &dirty, &cost_ns), fresh);
    assert_true(cost_ns == 11 + 0.5 * PAGES + 16 * protected);
    for (uint64_t i = 0; i < PAGES; i++) {
        assert_int_equal(gw_bitmap_test(&dirty, i), model.dirty[i]);
    }
}

static void
check_protect(struct gw_stream *stream)
{
    uint64_t first = gw_stream_below(stream, PAGES);
    uint64_t count = gw_stream_below(stream, PAGES - first + 1);
    double cost_ns = 0;

    for (uint64_t i = first; model.protection == GW_PROTECT_CHUNKED && i < first + count; i++) {
        cost_ns += model.reported[i] && model.written[i] ? 16 : 0;
        model.written[i] &= !model.reported[i];
        model.reported[i] = false;
    }
    assert_true(gw_dirty_log_protect(&dirty_log, first, count) == cost_ns);
}

static void
check_protection(int protection)
{
    struct gw_memory_host host = host_of(protection);
    struct gw_stream stream;

    memset(&model, 0, sizeof model);
    model.protection = protection;
    gw_stream_open(&stream, 7, 0, "dirty_log", (uint64_t)protection);
    assert_true(gw_dirty_log_create(&dirty_log, &host, PAGES, VCPUS, NULL));
    assert_true(gw_bitmap_create(&dirty, PAGES, NULL));
    double setup_ns = gw_dirty_log_start(&dirty_log);

    assert_true(setup_ns == 5 + (protection == GW_PROTECT_CHUNKED || protection == GW_PROTECT_FAST
                                     ? 0.0
                                     : 16.0 * PAGES));
    memset(model.written, protection == GW_PROTECT_CHUNKED, sizeof model.written);
    for (int i = 0; i < STEPS; i++) {
        uint64_t what = gw_stream_below(&stream, 200);

        if (what == 0) {
            check_sync(&stream);
        } else if (what == 1) {
            check_protect(&stream);
        } else if (what == 2 && protection == GW_PROTECT_RING) {
            for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
                model_reap(vcpu);
            }
            gw_dirty_log_reap(&dirty_log);
        } else {
            check_write(&stream);
        }
    }
    gw_bitmap_destroy(&dirty);
    gw_dirty_log_destroy(&dirty_log);
}

static void
test_matches_flags(void **state)
{
    (void)state;
    for (int i = GW_PROTECT_CHUNKED; i <= GW_PROTECT_RING; i++) {
        check_protection(i);
    }
}

/* Facts of KVM's manual protection, one by one. */
static void
test_lazy_protection(void **state)
{
    struct gw_memory_host host = host_of(GW_PROTECT_CHUNKED);
    struct gw_dirty_tally tally = {0};
    double cost_ns = 0;

    (void)state;
    assert_true(gw_dirty_log_create(&dirty_log, &host, 128, 1, NULL));
    assert_true(gw_bitmap_create(&dirty, 128, NULL));
    (void)gw_dirty_log_start(&dirty_log);
    assert_int_equal(gw_dirty_log_sync(&dirty_log, &dirty, &cost_ns), 128); /* all at first */
    assert_true(gw_dirty_log_protect(&dirty_log, 0, 128) == 128 * 16.0);
    gw_bitmap_clear_all(&dirty);
    gw_dirty_log_write(&dirty_log, 0, 5, &tally);
    assert_int_equal(tally.faults, 1);
    assert_int_equal(gw_dirty_log_sync(&dirty_log, &dirty, &cost_ns), 1);
    gw_dirty_log_write(&dirty_log, 0, 5, &tally); /* before it is protected: no fault */
    gw_dirty_log_write(&dirty_log, 0, 6, &tally); /* new: stays for the next sync */
    assert_int_equal(tally.faults, 2);
    (void)gw_dirty_log_protect(&dirty_log, 0, 128);
    (void)gw_dirty_log_protect(&dirty_log, 0, 128); /* once more: nothing */
    gw_bitmap_clear_all(&dirty);
    assert_int_equal(gw_dirty_log_sync(&dirty_log, &dirty, &cost_ns), 1);
    assert_true(gw_bitmap_test(&dirty, 6));
    (void)gw_dirty_log_protect(&dirty_log, 0, 128);
    gw_dirty_log_write(&dirty_log, 0, 5, &tally); /* after it: a fault */
    assert_int_equal(tally.faults, 3);
    gw_dirty_log_stop(&dirty_log);
    gw_dirty_log_write(&dirty_log, 0, 7, &tally);
    assert_int_equal(tally.faults, 3);
    gw_bitmap_destroy(&dirty);
    gw_dirty_log_destroy(&dirty_log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_flags),
        cmocka_unit_test(test_lazy_protection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
