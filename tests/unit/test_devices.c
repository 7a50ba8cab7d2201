/* test_devices.c - pins what holds for every device: random trees under random loads.
 *
 * Pins: every request comes back exactly once, never from inside submit, without error; bytes and
 * counts agree with the statistics; the same seed gives the same times to the ns; names and
 * tables of all kinds are complete. Does not pin: how fast anything is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/device_rig.h"

enum { MEMBERS_MOST = 6 };

static struct rig_load loads[3];
static uint64_t digest;

static const char *
one_of(struct gw_stream *stream, const char *const *words)
{
    uint64_t count = 0;

    while (words[count] != NULL) {
        count++;
    }
    return words[gw_stream_below(stream, count)];
}

static struct gw_device *
random_leaf(struct test_agenda *agenda, struct gw_stream *stream)
{
    static const char *const disk_words[] = {"capacity=2GB scheduling=fifo",
                                             "capacity=2GB scheduling=elevator depth=4",
                                             "capacity=2GB write_cache=true",
                                             "capacity=2GB write_cache=true cache=64KiB segments=2",
                                             "capacity=2GB segments=0 patience=20ms depth=64",
                                             NULL};
    static const char *const ssd_words[] = {"capacity=2GB",
                                            "capacity=2GB protected=false buffer=128KiB",
                                            "capacity=2GB channels=1 dies=1 buffer=8KiB", NULL};
    static const char *const servers_words[] = {
        "capacity=2GB servers=3 distribution=exponential", "capacity=2GB queues=split",
        "capacity=2GB servers=8 distribution=lognormal read_rate=100MB/s flush_time=1ms", NULL};
    static const char *const ideal_words[] = {"capacity=2GB",
                                              "capacity=2GB rate=100MB/s duplex=true", NULL};

    switch (gw_stream_below(stream, 4)) {
    case 0:
        return rig_make(agenda, "disk", one_of(stream, disk_words), NULL);
    case 1:
        return rig_make(agenda, "ssd", one_of(stream, ssd_words), NULL);
    case 2:
        return rig_make(agenda, "servers", one_of(stream, servers_words), NULL);
    default:
        return rig_make(agenda, "ideal", one_of(stream, ideal_words), NULL);
    }
}

static struct gw_device *
random_stripe(struct test_agenda *agenda, struct gw_stream *stream)
{
    static const char *const levels[] = {"raid0", "raid10", "raid5", NULL};
    int members = 4 + 2 * (int)gw_stream_below(stream, 2);
    struct gw_device *children[MEMBERS_MOST];
    char words[80];

    for (int i = 0; i < members; i++) {
        children[i] = random_leaf(agenda, stream);
    }
    snprintf(words, sizeof words, "members=%d unit=%dKiB level=%s", members,
             16 << gw_stream_below(stream, 4), one_of(stream, levels));
    return rig_device(agenda, "stripe", words, children, NULL);
}

static struct gw_device *
random_tree(struct test_agenda *agenda, struct gw_stream *stream)
{
    static const char *const array_words[] = {
        "write_cache=256KiB read_cache=1MiB", "write_back=false read_ahead=0B",
        "write_cache=4MiB protected=false bypass=32KiB trickle=3",
        "write_cache=64KiB bypass=0B ports=1 page=16KiB fetch=64KiB mirror_rate=500MB/s", NULL};
    static const char *const limiter_words[] = {
        "rate=20MB/s", "iops=300/s borrow=false", "read_rate=9MB/s write_iops=100/s order=flows",
        "rate=30MB/s queues=single order=flows burst=1ms borrow=false", NULL};
    static const char *const link_words[] = {"rate=1Gbps", "rate=100MB/s flow_rate=30MB/s",
                                             "rate=50MB/s duplex=false latency=0s", NULL};
    struct gw_device *device = gw_stream_below(stream, 2) == 0 ? random_leaf(agenda, stream)
                                                               : random_stripe(agenda, stream);

    for (uint64_t level = gw_stream_below(stream, 4); level > 0; level--) {
        uint64_t which = gw_stream_below(stream, 3);

        if (which == 0) {
            device = rig_make(agenda, "array", one_of(stream, array_words), device);
        } else if (which == 1) {
            device = rig_make(agenda, "limiter", one_of(stream, limiter_words), device);
        } else {
            device = rig_make(agenda, "link", one_of(stream, link_words), device);
        }
    }
    return device;
}

static void
mix_in(struct rig_load *from, const struct gw_request *request)
{
    digest = (digest ^ (uint64_t)from->device->agenda->now_ns) * UINT64_C(0x100000001B3);
    digest = (digest ^ (uint64_t)request->offset_bytes) * UINT64_C(0x100000001B3);
}

static void
random_load(struct rig_load *load, struct gw_device *device, struct gw_stream *stream)
{
    bool open = gw_stream_below(stream, 3) == 0;

    load->device = device;
    load->outstanding = open ? 0 : 1 + (int64_t)gw_stream_below(stream, 40);
    load->arrivals_a_second = open ? 2000 : 0;
    load->size_bytes = INT64_C(512) << gw_stream_below(stream, 11);
    load->span_bytes = device->capacity_bytes;
    load->read_share = gw_stream_unit(stream);
    load->flush_share = 0.02;
    load->trim_share = 0.03;
    load->zero_share = 0.03;
    load->sequential = gw_stream_below(stream, 2) == 0;
    load->limit = 400;
    load->on_done = mix_in;
}

static void
run_tree(uint64_t seed)
{
    struct test_agenda agenda;
    struct gw_device_stats stats;
    struct gw_device *device;
    struct gw_stream stream;
    int64_t reads = 0, writes = 0, bytes = 0;

    test_agenda_start(&agenda);
    gw_stream_open(&stream, seed, 0, "test.tree", 0);
    device = random_tree(&agenda, &stream);
    digest = seed;
    for (uint32_t i = 0; i < 3; i++) {
        loads[i] = (struct rig_load){.seed = seed, .flow = i};
        random_load(&loads[i], device, &stream);
        rig_load_start(&loads[i]);
    }
    test_agenda_run(&agenda, GW_TIME_NEVER);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(loads[i].completed, 400);
        assert_int_equal(loads[i].failed, 0);
        reads += loads[i].reads;
        writes += loads[i].writes;
        bytes += loads[i].bytes;
    }
    device->stats(device, &stats);
    assert_int_equal(stats.reads, reads);
    assert_int_equal(stats.writes, writes);
    assert_int_equal(stats.bytes_read + stats.bytes_written, bytes);
    assert_true(stats.busy_ns <= agenda.agenda.now_ns && stats.queue_ns >= 0);
    device->destroy(device);
    assert_int_equal(agenda.count, 0);
    test_agenda_stop(&agenda);
}

static void
every_request_comes_back_once(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        uint64_t first;

        run_tree(seed);
        first = digest;
        if (seed % 8 == 0) {
            run_tree(seed);
            assert_true(digest == first);
        }
    }
}

static void
kinds_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; gw_device_kinds[i] != NULL; i++) {
        const struct gw_device_kind *kind = gw_device_kinds[i];
        bool found = kind->copies == NULL;

        assert_true(strlen(kind->name) > 0 && strlen(kind->title) > 0 && strlen(kind->source) > 0);
        for (const struct gw_setting *row = kind->settings; row->name != NULL; row++) {
            assert_true(row->offset < kind->settings_bytes);
            assert_non_null(row->help);
            found |= kind->copies != NULL && strcmp(row->name, kind->copies) == 0 &&
                     row->type == GW_SETTING_COUNT;
        }
        assert_true(found);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(kind->name, gw_device_kinds[j]->name);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_comes_back_once),
        cmocka_unit_test(kinds_are_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
