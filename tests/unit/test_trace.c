/* test_trace.c - pins what each trace format means, and that every damage names its place.
 *
 * A cut at any byte, a wrong field, a second device, a line without end. The real traces are
 * counted where their folder is present (GW_SHARED, or shared/ beside the tree). Does not pin
 * the replay.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/workload_rig.h"
#include "workloads/mix.h"
#include "workloads/trace.h"

static char scratch[] = "/tmp/gw-test-trace-XXXXXX";

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
write_scratch(const void *bytes, size_t length)
{
    FILE *file = fopen(scratch, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static size_t
read_file(const char *path, unsigned char *out, size_t most)
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(out, 1, most, file);
    fclose(file);
    return length;
}

/* Reads a whole trace; the last step is END, or DAMAGED with err. */
static enum gw_trace_step
read_all(const char *path, const char *device, struct gw_trace_summary *summary,
         struct gw_error *err)
{
    struct gw_trace_reader *reader = gw_trace_open(path, NULL, device, err);
    struct gw_trace_record record;
    enum gw_trace_step step;

    *summary = (struct gw_trace_summary){0};
    if (reader == NULL) {
        return GW_TRACE_DAMAGED;
    }
    while ((step = gw_trace_next(reader, &record, err)) == GW_TRACE_RECORD) {
        gw_trace_account(summary, &record);
    }
    gw_trace_finish(summary, reader);
    gw_trace_close(reader);
    return step;
}

static void
damaged(const char *text, const char *place_and_word)
{
    struct gw_trace_summary summary;
    struct gw_error err = {0};
    char wanted[200];

    write_scratch(text, strlen(text));
    snprintf(wanted, sizeof wanted, "%s%s", scratch, place_and_word);
    if (read_all(scratch, NULL, &summary, &err) != GW_TRACE_DAMAGED) {
        fail_msg("no error, wanted '%s'", wanted);
    }
    assert_int_equal(err.code, GW_EIO);
    if (strncmp(err.message, wanted, strlen(wanted)) != 0) {
        fail_msg("'%s' does not begin with '%s'", err.message, wanted);
    }
}

struct expected {
    int64_t at_us;
    enum gw_io_op op;
    int64_t offset, length;
};

static void
holds(const char *name, const char *format, const struct expected *expected, int count,
      int64_t skipped)
{
    struct gw_trace_reader *reader = gw_trace_open(rig_data(name), NULL, NULL, NULL);
    struct gw_trace_record record;

    assert_non_null(reader);
    assert_string_equal(reader->format->name, format);
    for (int i = 0; i < count; i++) {
        assert_int_equal(gw_trace_next(reader, &record, NULL), GW_TRACE_RECORD);
        assert_int_equal(record.at_ns, expected[i].at_us * 1000);
        assert_int_equal(record.op, expected[i].op);
        assert_int_equal(record.extent.offset_bytes, expected[i].offset);
        assert_int_equal(record.extent.length_bytes, expected[i].length);
    }
    assert_int_equal(gw_trace_next(reader, &record, NULL), GW_TRACE_END);
    assert_int_equal(reader->skipped, skipped);
    gw_trace_close(reader);
}

static void
formats_are_found_and_read(void **state)
{
    const struct expected vscsi[] = {{5000000, GW_IO_WRITE, 0, 4096},
                                     {5000250, GW_IO_READ, 8192, 8192},
                                     {5001000, GW_IO_WRITE, 512000, 512}};
    const struct expected second[] = {{0, GW_IO_WRITE, 0, 4096},
                                      {1500, GW_IO_READ, 8192, 8192},
                                      {2000, GW_IO_TRIM, 1048576, 65536}};
    const struct expected third[] = {{1000, GW_IO_WRITE, 4096, 4096},
                                     {1250, GW_IO_READ, 0, 16384},
                                     {3000, GW_IO_WRITE, 12288, 4096}};
    const struct expected mqsim[] = {{1000, GW_IO_WRITE, 0, 4096},
                                     {1250, GW_IO_READ, 32768, 8192},
                                     {4000, GW_IO_WRITE, 1048576, 4096}};

    (void)state;
    holds("small-v1.vscsi", "vscsi", vscsi, 3, 1);
    holds("small-v2.vscsi", "vscsi", vscsi, 3, 1);
    holds("small-v2.iolog", "fio", second, 3, 1);
    holds("small-v3.iolog", "fio", third, 3, 1);
    holds("small.mqsim", "mqsim", mqsim, 3, 0);
}

static void
digest_is_that_of_the_file(void **state)
{
    const char *const names[] = {"small-v1.vscsi", "small-v2.vscsi", "small-v2.iolog",
                                 "small-v3.iolog", "small.mqsim"};
    unsigned char bytes[1000];
    char wanted[GW_HASH_TEXT];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct gw_trace_summary summary;

        gw_hash_bytes(bytes, read_file(rig_data(names[i]), bytes, sizeof bytes), wanted);
        assert_int_equal(read_all(rig_data(names[i]), NULL, &summary, NULL), GW_TRACE_END);
        assert_string_equal(summary.digest, wanted);
    }
}

static void
summary_counts(void **state)
{
    struct gw_trace_summary summary;

    (void)state;
    assert_int_equal(read_all(rig_data("small-v2.iolog"), NULL, &summary, NULL), GW_TRACE_END);
    assert_int_equal(summary.count, 3);
    assert_int_equal(summary.reads, 1);
    assert_int_equal(summary.writes, 1);
    assert_int_equal(summary.trims, 1);
    assert_int_equal(summary.bytes_read, 8192);
    assert_int_equal(summary.bytes_written, 4096);
    assert_int_equal(summary.first_ns, 0);
    assert_int_equal(summary.last_ns, 2000000);
    assert_int_equal(summary.end_bytes, 1048576 + 65536);
    assert_int_equal(summary.length_most_bytes, 65536);
    assert_false(summary.unsorted);
}

/* Cut at every byte: whole records pass, anything else is an error that counts what is missing. */
static void
cut_vscsi_trace_is_an_error(void **state)
{
    const char *const names[] = {"small-v1.vscsi", "small-v2.vscsi"};
    const size_t record[] = {32, 40};
    unsigned char bytes[200];

    (void)state;
    for (int version = 0; version < 2; version++) {
        size_t whole = read_file(rig_data(names[version]), bytes, sizeof bytes);

        for (size_t length = 32; length < whole; length++) {
            size_t rest = length % record[version];
            struct gw_trace_summary summary;
            struct gw_error err = {0};
            char wanted[200];

            write_scratch(bytes, length);
            if (rest == 0) {
                assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_END);
                continue;
            }
            assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_DAMAGED);
            assert_int_equal(err.code, GW_EIO);
            snprintf(wanted, sizeof wanted, "%s@%zu: last record is cut off: %zu of ", scratch,
                     length - rest, record[version] - rest);
            if (length >= record[version]) {
                assert_memory_equal(err.message, wanted, strlen(wanted));
            }
        }
    }
}

/* An iolog needs its last line feed: a length may have lost digits. The one digit at the end of an
 * MQSim line cannot. */
static void
cut_text_trace_is_an_error(void **state)
{
    static const char *const texts[] = {"1000 0 0 8 0\n2000 0 64 16 1\n",
                                        "fio version 2 iolog\nf read 0 8192\n"};
    const size_t first_line[] = {13, 20};

    (void)state;
    for (int i = 0; i < 2; i++) {
        for (size_t length = first_line[i] + 1; length < strlen(texts[i]); length++) {
            bool is_whole = i == 0 && length == strlen(texts[i]) - 1;
            struct gw_trace_summary summary;
            struct gw_error err = {0};
            enum gw_trace_step step;

            write_scratch(texts[i], length);
            step = read_all(scratch, NULL, &summary, &err);
            assert_int_equal(step, is_whole ? GW_TRACE_END : GW_TRACE_DAMAGED);
            assert_true(is_whole || strstr(err.message, ":2: ") != NULL);
        }
    }
}

static void
damaged_vscsi_records_are_errors(void **state)
{
    unsigned char bytes[200];
    size_t length = read_file(rig_data("small-v1.vscsi"), bytes, sizeof bytes);
    struct gw_trace_summary summary;
    struct gw_error err = {0};

    (void)state;
    bytes[32 + 15] = 9;
    write_scratch(bytes, length);
    assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_DAMAGED);
    assert_non_null(strstr(err.message, "@32: record of version 9"));
    bytes[32 + 15] = 1;
    bytes[96 + 31] = 0xff;
    write_scratch(bytes, length);
    assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_DAMAGED);
    assert_non_null(strstr(err.message, "@96: time "));
    bytes[96 + 31] = 0;
    bytes[96 + 23] = 0xff;
    write_scratch(bytes, length);
    assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_DAMAGED);
    assert_non_null(strstr(err.message, "@96: block "));
    bytes[96 + 23] = 0;
    bytes[96 + 4] = 1;
    write_scratch(bytes, length);
    assert_int_equal(read_all(scratch, NULL, &summary, &err), GW_TRACE_DAMAGED);
    assert_non_null(strstr(err.message, "@96: IO of 513 bytes"));
}

static void
damaged_lines_are_errors(void **state)
{
    static char long_line[GW_TRACE_LINE_MAX + 100];

    (void)state;
    damaged("1000 0 0 8 0\n2000 0 x 16 1\n", ":2: field 3 is 'x'");
    damaged("1000 0 0 8 0\n\n2000 0 64 16\n", ":3: field 5 is missing");
    damaged("1000 0 0 8 0\n2000 0 64 16 2\n", ":2: field 5 is '2'");
    damaged("1000 0 0 8 0\n2000 0 64 16 1 1\n", ":2: line has 6 fields");
    damaged("1000 0 0 8 0\n-5 0 64 16 1\n", ":2: field 1 is '-5'");
    damaged("1000 0 0 8 0\n2000 0 99999999999999999999 16 1\n", ":2: field 3 is '99");
    damaged("1000 0 0 8 0\n2000 1 64 16 1\n", ":2: device 1 after device 0");
    damaged("fio version 2 iolog\nf read 0\n", ":2: field 4 is missing");
    damaged("fio version 2 iolog\nf read 0 100\n", ":2: IO of 100 bytes at 0");
    damaged("fio version 2 iolog\nf jump 0 512\n", ":2: action 'jump'");
    damaged("fio version 2 iolog\nf read 0 512 9\n", ":2: line has 5 fields");
    damaged("fio version 2 iolog\nf wait x\n", ":2: field 3 is 'x'");
    damaged("fio version 2 iolog\nf read 0 512\ng read 0 512\n", ":3: device g after device f");
    damaged("fio version 3 iolog\n5 f wait 5\n", ":2: wait: not in version 3");
    damaged("fio version 3 iolog\nf read 0 512\n", ":2: field 1 is 'f'");
    damaged("fio version 4 iolog\n", ":1: first line must be");
    memset(long_line, '7', sizeof long_line - 1);
    memcpy(long_line, "1 0 0 8 0\n", 10);
    damaged(long_line, ":2: line is longer");
}

static void
device_is_chosen(void **state)
{
    static const char text[] = "1 4 0 8 0\n2 3 8 8 1\n3 4 16 8 0\n";
    struct gw_trace_summary summary;

    (void)state;
    write_scratch(text, sizeof text - 1);
    assert_int_equal(read_all(scratch, "4", &summary, NULL), GW_TRACE_END);
    assert_int_equal(summary.count, 2);
    assert_int_equal(summary.elsewhere, 1);
    assert_int_equal(summary.skipped, 1);
    assert_int_equal(read_all(scratch, "all", &summary, NULL), GW_TRACE_END);
    assert_int_equal(summary.count, 3);
    assert_int_equal(summary.skipped, 0);
}

static void
what_is_no_trace_is_refused(void **state)
{
    struct gw_trace_summary summary;
    struct gw_error err = {0};

    (void)state;
    read_all("/nowhere/x.vscsi", NULL, &summary, &err);
    assert_int_equal(err.code, GW_ENOENT);
    assert_non_null(strstr(err.message, "/nowhere/x.vscsi"));
    read_all("/tmp", NULL, &summary, &err);
    assert_int_equal(err.code, GW_EIO);
    write_scratch("hello\n", 6);
    read_all(scratch, NULL, &summary, &err);
    assert_int_equal(err.code, GW_EINVAL);
    write_scratch("", 0);
    read_all(scratch, NULL, &summary, &err);
    assert_int_equal(err.code, GW_EINVAL);
}

/* The folder of the real traces, or NULL after saying that there is none. */
static const char *
shared_traces(void)
{
    static char path[600];
    const char *shared = getenv("GW_SHARED");
    const char *root = getenv("GW_SOURCE_DIR");

    if (shared != NULL) {
        snprintf(path, sizeof path, "%s/data/traces", shared);
    } else {
        snprintf(path, sizeof path, "%s/../shared/data/traces", root != NULL ? root : ".");
    }
    if (access(path, R_OK) == 0) {
        return path;
    }
    fprintf(stderr, "no real traces in %s: skipped\n", path);
    return NULL;
}

static void
real_traces_hold_what_is_known(void **state)
{
    const char *folder = shared_traces();
    struct gw_trace_summary summary;
    struct gw_error err = {0};
    char text[800];

    (void)state;
    if (folder == NULL) {
        skip();
    }
    snprintf(text, sizeof text, "xz -dc '%s/cloudPhysicsIO.vscsi.xz' > '%s'", folder, scratch);
    if (system(text) != 0) {
        fprintf(stderr, "xz cannot unpack the trace: skipped\n");
        skip();
    }
    if (read_all(scratch, NULL, &summary, &err) != GW_TRACE_END) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(summary.count, 113872);
    assert_int_equal(summary.writes, 66898);
    assert_int_equal(summary.reads, 46974);
    assert_int_equal(summary.skipped, 0);
    assert_int_equal(gw_alignment_of(summary.bits), 512);
    assert_true(rig_near((double)summary.bytes_written, 2.24 * 0x1p30, 0.005));
    assert_true(rig_near((double)summary.bytes_read, 1.67 * 0x1p30, 0.005));
    assert_true(rig_near((double)summary.end_bytes, 31.3 * 0x1p30, 0.005));
    assert_true(rig_near((double)(summary.last_ns - summary.first_ns), 7200e9, 0.001));
    snprintf(text, sizeof text, "%s/tpcc-small.trace", folder);
    assert_int_equal(read_all(text, NULL, &summary, &err), GW_TRACE_DAMAGED);
    assert_non_null(strstr(err.message, ":2: device 3 after device 4"));
    assert_int_equal(read_all(text, "all", &summary, &err), GW_TRACE_END);
    assert_int_equal(summary.count, 6999);
    assert_true(rig_near((double)summary.writes, 0.37 * 6999, 0.02));
    snprintf(text, sizeof text, "%s/wsrch-small.trace", folder);
    assert_int_equal(read_all(text, "all", &summary, &err), GW_TRACE_END);
    assert_int_equal(summary.count, 24783);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_found_and_read),
        cmocka_unit_test(digest_is_that_of_the_file),
        cmocka_unit_test(summary_counts),
        cmocka_unit_test(cut_vscsi_trace_is_an_error),
        cmocka_unit_test(cut_text_trace_is_an_error),
        cmocka_unit_test(damaged_vscsi_records_are_errors),
        cmocka_unit_test(damaged_lines_are_errors),
        cmocka_unit_test(device_is_chosen),
        cmocka_unit_test(what_is_no_trace_is_refused),
        cmocka_unit_test(real_traces_hold_what_is_known),
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
