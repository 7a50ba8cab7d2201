/* test_replay.c - pins the replay of a trace: times, laps, places, memory against streaming.
 *
 * Formats and their damages are pinned by test_trace.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"

static char scratch[] = "/tmp/gw-test-replay-XXXXXX";

static int
make_scratch(void **state)
{
    (void)state;
    return close(mkstemp(scratch));
}

static int
remove_scratch(void **state)
{
    (void)state;
    return unlink(scratch);
}

static void
write_scratch(const char *text)
{
    FILE *file = fopen(scratch, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const struct workload_rig rig = {{MIB(4), MIB(2)}, 2, 3, 0};

static struct gw_workload *
replay(const struct workload_rig *on, const char *const *pairs)
{
    struct gw_error err = {0};
    struct gw_workload *workload = rig_create(on, "replay", pairs, &err);

    if (workload == NULL) {
        fail_msg("%s", err.message);
    }
    return workload;
}

static void
refused(const char *const *pairs, enum gw_code code, const char *sentence)
{
    struct gw_error err = {0};

    assert_null(rig_create(&rig, "replay", pairs, &err));
    assert_int_equal(err.code, code);
    if (strstr(err.message, sentence) == NULL) {
        fail_msg("'%s' does not hold '%s'", err.message, sentence);
    }
}

static void
next_is(struct gw_workload *workload, int64_t now_us, int64_t at_us, int64_t offset_bytes)
{
    struct gw_demand demand;

    assert_true(workload->next(workload, 0, now_us * 1000, &demand));
    assert_int_equal(demand.at_ns, at_us * 1000);
    assert_int_equal(demand.extent.offset_bytes, offset_bytes);
}

static void
ends(struct gw_workload *workload)
{
    struct gw_demand demand;

    assert_false(workload->next(workload, 0, 0, &demand));
    assert_false(workload->next(workload, 0, 0, &demand));
    assert_null(workload->fault(workload));
}

static void
times_count_from_the_first_io(void **state)
{
    struct gw_workload *workload = replay(&rig, RIG_PAIRS("trace", rig_data("small-v1.vscsi")));

    (void)state;
    assert_int_equal(workload->stream_count, 1);
    assert_int_equal(workload->concurrency[0], 0);
    assert_int_equal(workload->alignment_bytes, 512);
    assert_int_equal(strlen(workload->digest), 32);
    next_is(workload, 0, 0, 0);
    next_is(workload, 0, 250, 8192);
    next_is(workload, 5000, 5000, 512000);
    ends(workload);
    workload->destroy(workload);
}

static void
operations_and_disk_are_kept(void **state)
{
    struct gw_workload *workload =
        replay(&rig, RIG_PAIRS("trace", rig_data("small-v2.iolog"), "disk", "0"));
    const enum gw_io_op wanted[] = {GW_IO_WRITE, GW_IO_READ, GW_IO_TRIM};
    struct gw_demand demand;

    (void)state;
    assert_int_equal(workload->alignment_bytes, KIB(4));
    for (int i = 0; i < 3; i++) {
        assert_true(workload->next(workload, 0, 0, &demand));
        assert_int_equal(demand.op, wanted[i]);
        assert_int_equal(demand.disk, 0);
    }
    workload->destroy(workload);
}

/* Span 2000 us over three IOs: the next lap begins a mean gap, 1000 us, after the last IO. */
static void
loop_and_scale_stretch_time(void **state)
{
    const char *const limits[] = {"4194304", "1"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gw_workload *workload =
            replay(&rig, RIG_PAIRS("trace", rig_data("small-v2.iolog"), "loop", "true",
                                   "time_scale", "1.5", "resident_limit", limits[i]));

        for (int64_t lap_us = 0; lap_us < 45000; lap_us += 4500) {
            next_is(workload, 0, lap_us, 0);
            next_is(workload, 0, lap_us + 2250, 8192);
            next_is(workload, 0, lap_us + 3000, 1048576);
        }
        assert_null(workload->fault(workload));
        workload->destroy(workload);
    }
}

static void
limit_takes_the_first_ios(void **state)
{
    struct gw_workload *workload =
        replay(&rig, RIG_PAIRS("trace", rig_data("small.mqsim"), "limit", "2"));

    (void)state;
    next_is(workload, 0, 0, 0);
    next_is(workload, 0, 250, 32768);
    ends(workload);
    workload->destroy(workload);
}

static void
late_damage_is_found_before_the_start(void **state)
{
    (void)state;
    write_scratch("1 0 0 8 0\n2 0 0 8 0\n3 0 0 8 x\n");
    refused(RIG_PAIRS("trace", scratch, "limit", "1"), GW_EIO, ":3: field 5");
    refused(RIG_PAIRS("trace", scratch, "resident_limit", "1"), GW_EIO, ":3: field 5");
}

static void
unsorted_stamps_are_sorted_and_ties_keep_their_order(void **state)
{
    struct gw_workload *workload;

    (void)state;
    write_scratch("5000 0 0 8 0\n3000 0 8 8 0\n5000 0 16 8 0\n3000 0 24 8 0\n1000 0 32 8 0\n"
                  "5000 0 40 8 0\n4000 0 48 8 0\n");
    workload = replay(&rig, RIG_PAIRS("trace", scratch));
    next_is(workload, 0, 0, 32 * 512);
    next_is(workload, 0, 2, 8 * 512);
    next_is(workload, 0, 2, 24 * 512);
    next_is(workload, 0, 3, 48 * 512);
    next_is(workload, 0, 4, 0 * 512);
    next_is(workload, 0, 4, 16 * 512);
    next_is(workload, 0, 4, 40 * 512);
    ends(workload);
    workload->destroy(workload);
    refused(RIG_PAIRS("trace", scratch, "resident_limit", "3"), GW_EINVAL, "sort it");
}

static void
offsets_beyond_the_disk_are_refused_or_moved(void **state)
{
    struct gw_workload *workload;

    (void)state;
    write_scratch("0 0 0 8 0\n1000 0 6144 8 0\n2000 0 4090 16 0\n");
    refused(RIG_PAIRS("trace", scratch), GW_EINVAL,
            "trace reaches 0.00293GiB, disk is 0.00195GiB: enlarge vm.disks or set remap");
    workload = replay(&rig, RIG_PAIRS("trace", scratch, "remap", "modulo"));
    next_is(workload, 0, 0, 0);
    next_is(workload, 0, 1, 6144 * 512 - MIB(2));
    next_is(workload, 0, 2, MIB(2) - 16 * 512);
    workload->destroy(workload);
    workload = replay(&rig, RIG_PAIRS("trace", scratch, "remap", "clamp"));
    next_is(workload, 0, 0, 0);
    next_is(workload, 0, 1, MIB(2) - 8 * 512);
    next_is(workload, 0, 2, MIB(2) - 16 * 512);
    workload->destroy(workload);
    write_scratch("0 0 0 8192 0\n");
    refused(RIG_PAIRS("trace", scratch, "remap", "clamp"), GW_EINVAL, "trace has an IO of");
}

/* A disk that is no multiple of the trace's alignment: moved IOs stay aligned and inside. */
static void
moved_ios_stay_aligned(void **state)
{
    const struct workload_rig odd = {{MIB(1) + 512}, 1, 3, 0};
    const char *const remaps[] = {"modulo", "clamp"};
    struct gw_demand demand;

    (void)state;
    write_scratch("0 0 0 8 0\n1000 0 4096 8 0\n2000 0 9992 8 0\n3000 0 2048 8 0\n");
    for (int i = 0; i < 2; i++) {
        struct gw_workload *workload =
            replay(&odd, RIG_PAIRS("trace", scratch, "remap", remaps[i]));

        assert_int_equal(workload->alignment_bytes, KIB(4));
        while (workload->next(workload, 0, 0, &demand)) {
            assert_int_equal(demand.extent.offset_bytes % KIB(4), 0);
            assert_true(gw_extent_end(demand.extent) <= MIB(1) + 512);
        }
        workload->destroy(workload);
    }
}

static void
streamed_is_the_same_as_resident(void **state)
{
    struct gw_workload *a = replay(&rig, RIG_PAIRS("trace", rig_data("small-v3.iolog")));
    struct gw_workload *b =
        replay(&rig, RIG_PAIRS("trace", rig_data("small-v3.iolog"), "resident_limit", "2"));
    struct gw_demand from_a, from_b;

    (void)state;
    assert_string_equal(a->digest, b->digest);
    for (int i = 0; i < 3; i++) {
        assert_true(a->next(a, 0, 0, &from_a));
        assert_true(b->next(b, 0, 777, &from_b));
        assert_int_equal(from_a.op, from_b.op);
        assert_int_equal(from_a.extent.offset_bytes, from_b.extent.offset_bytes);
        assert_int_equal(from_a.extent.length_bytes, from_b.extent.length_bytes);
        assert_int_equal(from_b.at_ns, from_a.at_ns > 777 ? from_a.at_ns : 777);
    }
    ends(a);
    ends(b);
    a->destroy(a);
    b->destroy(b);
}

static void
trace_that_shrinks_is_a_fault(void **state)
{
    struct gw_workload *workload;
    struct gw_demand demand;

    (void)state;
    write_scratch("0 0 0 8 0\n1000 0 8 8 0\n2000 0 16 8 0\n");
    workload = replay(&rig, RIG_PAIRS("trace", scratch, "resident_limit", "1"));
    write_scratch("0 0 0 8 0\n");
    assert_true(workload->next(workload, 0, 0, &demand));
    assert_false(workload->next(workload, 0, 0, &demand));
    assert_non_null(workload->fault(workload));
    assert_non_null(strstr(workload->fault(workload), "changed"));
    assert_false(workload->next(workload, 0, 0, &demand));
    workload->destroy(workload);
}

static void
trace_that_vanishes_is_a_fault(void **state)
{
    struct gw_workload *workload;
    struct gw_demand demand;

    (void)state;
    write_scratch("0 0 0 8 0\n1000 0 8 8 0\n");
    workload = replay(&rig, RIG_PAIRS("trace", scratch, "resident_limit", "1"));
    assert_int_equal(unlink(scratch), 0);
    assert_false(workload->next(workload, 0, 0, &demand));
    assert_non_null(strstr(workload->fault(workload), scratch));
    workload->destroy(workload);
    write_scratch("");
}

static void
trace_without_times_needs_a_bound(void **state)
{
    struct gw_workload *workload;

    (void)state;
    write_scratch("fio version 2 iolog\nf read 0 512\nf read 512 512\n");
    refused(RIG_PAIRS("trace", scratch), GW_EINVAL, "set outstanding");
    workload = replay(&rig, RIG_PAIRS("trace", scratch, "outstanding", "4"));
    assert_int_equal(workload->concurrency[0], 4);
    next_is(workload, 9, 9, 0);
    next_is(workload, 10, 10, 512);
    ends(workload);
    workload->destroy(workload);
}

static void
nonsense_is_refused(void **state)
{
    (void)state;
    refused(NULL, GW_EINVAL, "trace: must be given");
    refused(RIG_PAIRS("trace", "/nowhere/at.all"), GW_ENOENT, "/nowhere/at.all");
    refused(RIG_PAIRS("trace", rig_data("small.mqsim"), "format", "fio"), GW_EIO, ":1: ");
    refused(RIG_PAIRS("trace", rig_data("small.mqsim"), "format", "vscsi"), GW_EIO, "@0: ");
    refused(RIG_PAIRS("trace", rig_data("small.mqsim"), "device", "5"), GW_EINVAL, "holds no IO");
    refused(RIG_PAIRS("trace", rig_data("small.mqsim"), "disk", "9"), GW_EINVAL, "disk 9");
}

/* The folder of the real traces; see test_trace.c. */
static void
real_trace_is_replayed_whole(void **state)
{
    const struct workload_rig big = {{GIB(32)}, 1, 3, 0};
    const struct workload_rig small = {{GIB(20)}, 1, 3, 0};
    const char *shared = getenv("GW_SHARED");
    const char *root = getenv("GW_SOURCE_DIR");
    struct gw_demand demand = {0};
    struct gw_workload *workload;
    struct gw_error err = {0};
    int64_t count = 0, writes = 0, previous_ns = 0;
    char command[800];

    (void)state;
    snprintf(command, sizeof command, "xz -dc '%s%s/data/traces/cloudPhysicsIO.vscsi.xz' > '%s'",
             shared != NULL ? shared
             : root != NULL ? root
                            : ".",
             shared != NULL ? "" : "/../shared", scratch);
    if (system(command) != 0) {
        fprintf(stderr, "no real trace: skipped\n");
        skip();
    }
    workload = replay(&big, RIG_PAIRS("trace", scratch));
    assert_int_equal(workload->alignment_bytes, 512);
    while (workload->next(workload, 0, 0, &demand)) {
        assert_true(demand.at_ns >= previous_ns);
        previous_ns = demand.at_ns;
        count++;
        writes += demand.op == GW_IO_WRITE;
    }
    assert_int_equal(count, 113872);
    assert_int_equal(writes, 66898);
    workload->destroy(workload);
    assert_null(rig_create(&small, "replay", RIG_PAIRS("trace", scratch), &err));
    assert_string_equal(err.message,
                        "trace reaches 31.3GiB, disk is 20GiB: enlarge vm.disks or set remap");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_count_from_the_first_io),
        cmocka_unit_test(operations_and_disk_are_kept),
        cmocka_unit_test(loop_and_scale_stretch_time),
        cmocka_unit_test(limit_takes_the_first_ios),
        cmocka_unit_test(late_damage_is_found_before_the_start),
        cmocka_unit_test(unsorted_stamps_are_sorted_and_ties_keep_their_order),
        cmocka_unit_test(offsets_beyond_the_disk_are_refused_or_moved),
        cmocka_unit_test(moved_ios_stay_aligned),
        cmocka_unit_test(streamed_is_the_same_as_resident),
        cmocka_unit_test(trace_that_shrinks_is_a_fault),
        cmocka_unit_test(trace_that_vanishes_is_a_fault),
        cmocka_unit_test(trace_without_times_needs_a_bound),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(real_trace_is_replayed_whole),
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
