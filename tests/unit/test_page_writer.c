/* test_page_writer.c - pins the page writer: sequential order and wrapping, the hot range and its
 * shares, Zipf's places, phases, bursts, recorded traces with their errors, that count never
 * needs more room than it says and hands over all writes, and that the same key gives the same
 * writes. The laws of the random patterns are in tests/oracle/test_oracle_pages.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/settings.h"
#include "workloads/page_writer.h"

enum { PAGES = 1000 };

static const int64_t MS = 1000000;

static char scratch[] = "/tmp/test_page_writer.XXXXXX";

static struct gw_region_settings
settings_of(int writes)
{
    return (struct gw_region_settings){
        .writes = writes, .hot_pages = 0.1, .hot_writes = 0.9, .zipf_exponent = 1.2};
}

static struct gw_page_writer *
make(const struct gw_region_settings *settings, uint32_t page_count, uint64_t seed)
{
    struct gw_page_writer_key key = {.seed = seed, .object = 2, .region = 1};
    struct gw_error err = {0};
    struct gw_page_writer *writer = gw_page_writer_create(settings, page_count, &key, &err);

    if (writer == NULL) {
        fail_msg("%s", err.message);
    }
    return writer;
}

static void
refused(const struct gw_region_settings *settings, enum gw_code code, const char *words)
{
    struct gw_page_writer_key key = {.seed = 1};
    struct gw_error err = {0};

    assert_null(gw_page_writer_create(settings, PAGES, &key, &err));
    assert_int_equal(err.code, code);
    if (strstr(err.message, words) == NULL) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
}

static void
sequential_goes_round(void **state)
{
    struct gw_region_settings settings = settings_of(GW_WRITES_SEQUENTIAL);
    struct gw_page_writer *writer = make(&settings, 10, 1);
    struct gw_page_count out[10];
    uint32_t pages[25];

    (void)state;
    gw_page_writer_draw(writer, 25, pages);
    for (uint32_t i = 0; i < 25; i++) {
        assert_int_equal(pages[i], i % 10);
    }
    assert_int_equal(gw_page_writer_count(writer, 7, out), 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(out[i].page, (5 + i) % 10);
        assert_int_equal(out[i].writes, 1);
    }
    assert_int_equal(gw_page_writer_count(writer, 43, out), 10);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(out[i].page, (2 + i) % 10);
        assert_int_equal(out[i].writes, i < 3 ? 5 : 4);
    }
    assert_int_equal(gw_page_writer_count(writer, 0, out), 0);
    gw_page_writer_draw(writer, 1, pages);
    assert_int_equal(pages[0], 5);
    gw_page_writer_destroy(writer);
}

static void
count_fits_its_room_and_loses_nothing(void **state)
{
    static const uint32_t widths[] = {1, 2, 7, 100, 1000, 5000};
    static const uint32_t writes[] = {0,    1,    2,    3,     50,     99,      499,
                                      500,  501,  2500, 6000,  20000,  300000,  3000000,
                                      9999, 1250, 4095, 40000, 123456, 40000000};
    struct gw_page_count *out = malloc((5000 + 1) * sizeof *out);

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < 4 * sizeof widths / sizeof widths[0]; i++) {
        struct gw_region_settings settings = settings_of(GW_WRITES_UNIFORM + (int)(i % 4));
        uint32_t width = widths[i / 4];
        struct gw_page_writer *writer = make(&settings, width, i);

        for (size_t k = 0; k < sizeof writes / sizeof writes[0]; k++) {
            uint32_t room = writes[k] < width ? writes[k] : width;
            uint64_t sum = 0;

            out[room] = (struct gw_page_count){12345678, 87654321};
            uint32_t found = gw_page_writer_count(writer, writes[k], out);

            assert_true(found <= room);
            assert_int_equal(out[room].page, 12345678);
            assert_int_equal(out[room].writes, 87654321);
            for (uint32_t entry = 0; entry < found; entry++) {
                assert_true(out[entry].page < width && out[entry].writes > 0);
                sum += out[entry].writes;
            }
            assert_int_equal(sum, writes[k]);
        }
        gw_page_writer_destroy(writer);
    }
    free(out);
}

/* Writes of n draws and of n counted ones that fall into first .. first + width - 1, wrapping. */
static double
share_in(struct gw_page_writer *writer, uint32_t first, uint32_t width, uint32_t n, bool counted)
{
    static uint32_t pages[100000];
    static struct gw_page_count out[PAGES];
    uint64_t inside = 0;

    assert_true(n <= 100000);
    if (!counted) {
        gw_page_writer_draw(writer, n, pages);
        for (uint32_t i = 0; i < n; i++) {
            inside += (pages[i] + PAGES - first) % PAGES < width;
        }
        return (double)inside / n;
    }
    uint32_t found = gw_page_writer_count(writer, n, out);

    for (uint32_t i = 0; i < found; i++) {
        inside += (out[i].page + PAGES - first) % PAGES < width ? out[i].writes : 0;
    }
    return (double)inside / n;
}

static void
hot_range_has_its_share_and_moves(void **state)
{
    enum { WRITES = 100000 };
    struct gw_region_settings settings = settings_of(GW_WRITES_HOT);
    double error = sqrt(0.9 * 0.1 / WRITES);

    (void)state;
    settings.phase_ns = 10 * MS;
    struct gw_page_writer *writer = make(&settings, PAGES, 5);

    for (int64_t phase = 0; phase < 12; phase++) {
        uint32_t first = (uint32_t)(phase * 100 % PAGES);

        gw_page_writer_seek(writer, phase * 10 * MS + phase);
        assert_int_equal(gw_page_writer_phase_end_ns(writer), (phase + 1) * 10 * MS);
        assert_true(fabs(share_in(writer, first, 100, WRITES, false) - 0.9) < 4 * error);
        assert_true(fabs(share_in(writer, first, 100, WRITES, true) - 0.9) < 4 * error);
    }
    gw_page_writer_destroy(writer);
    settings = settings_of(GW_WRITES_HOT);
    writer = make(&settings, PAGES, 5);
    gw_page_writer_seek(writer, INT64_MAX);
    assert_int_equal(gw_page_writer_phase_end_ns(writer), INT64_MAX);
    assert_true(fabs(share_in(writer, 0, 100, WRITES, false) - 0.9) < 4 * error);
    gw_page_writer_destroy(writer);
}

static void
hot_edges(void **state)
{
    struct gw_region_settings settings = settings_of(GW_WRITES_HOT);

    (void)state;
    settings.hot_pages = 0.29;
    settings.hot_writes = 1;
    struct gw_page_writer *writer = make(&settings, 100, 1);
    uint32_t pages[2000];
    uint32_t most = 0;

    gw_page_writer_draw(writer, 2000, pages);
    for (int i = 0; i < 2000; i++) {
        most = pages[i] > most ? pages[i] : most;
    }
    assert_int_equal(most, 28);
    gw_page_writer_destroy(writer);
    settings.hot_pages = 0;
    writer = make(&settings, PAGES, 1);
    assert_true(share_in(writer, 0, 1, 500, true) == 1);
    gw_page_writer_destroy(writer);
    settings.hot_pages = 1;
    settings.hot_writes = 0.5;
    writer = make(&settings, PAGES, 1);
    assert_true(fabs(share_in(writer, 0, 500, 50000, true) - 0.5) < 0.01);
    assert_true(fabs(share_in(writer, 0, 500, 50000, false) - 0.5) < 0.01);
    gw_page_writer_destroy(writer);
}

static uint32_t
favourite(struct gw_page_writer *writer)
{
    static struct gw_page_count out[PAGES];
    uint32_t found = gw_page_writer_count(writer, 50000, out);
    uint32_t best = 0;

    for (uint32_t i = 0; i < found; i++) {
        best = out[i].writes > out[best].writes ? i : best;
    }
    return out[best].page;
}

static void
zipf_places_are_scattered_and_move(void **state)
{
    struct gw_region_settings settings = settings_of(GW_WRITES_ZIPF);
    bool seen[PAGES] = {false};
    uint32_t moved = 0;

    (void)state;
    settings.phase_ns = MS;
    struct gw_page_writer *writer = make(&settings, PAGES, 7);
    struct gw_page_writer *other = make(&settings, PAGES, 8);

    assert_int_not_equal(favourite(writer), favourite(other));
    for (int64_t phase = 0; phase < 100; phase++) {
        gw_page_writer_seek(writer, phase * MS + MS - 1);
        uint32_t page = favourite(writer);

        moved += !seen[page];
        seen[page] = true;
    }
    assert_int_equal(moved, 100);
    gw_page_writer_destroy(writer);
    gw_page_writer_destroy(other);
}

static uint64_t
hash_of(struct gw_page_writer *writer)
{
    static uint32_t pages[3000];
    static struct gw_page_count out[PAGES];
    uint64_t hash = 0;

    for (uint32_t round = 0; round < 20; round++) {
        uint32_t n = 1 + round * 149;
        uint32_t found;

        gw_page_writer_draw(writer, n, pages);
        for (uint32_t i = 0; i < n; i++) {
            hash = (hash ^ pages[i]) * 0x9E3779B97F4A7C15 + (hash >> 29);
        }
        found = gw_page_writer_count(writer, n * (1 + round * round), out);
        for (uint32_t i = 0; i < found; i++) {
            uint64_t entry = (uint64_t)out[i].page << 32 | out[i].writes;

            hash = (hash ^ entry) * 0x9E3779B97F4A7C15 + (hash >> 29);
        }
    }
    return hash;
}

/* Our own output: the same with gcc and clang, all levels. */
static void
same_key_same_writes(void **state)
{
    static const struct {
        int writes;
        uint64_t hash;
    } cases[] = {{GW_WRITES_UNIFORM, 0xa88b7bbc223960b7},
                 {GW_WRITES_SEQUENTIAL, 0x6c34f0f6841c25c3},
                 {GW_WRITES_HOT, 0xdf8b6ad1559c8177},
                 {GW_WRITES_ZIPF, 0x26f64bde21bba6fe}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gw_region_settings settings = settings_of(cases[i].writes);
        struct gw_page_writer *writer = make(&settings, PAGES, 9);
        struct gw_page_writer *other = make(&settings, PAGES, 10);
        uint64_t hash = hash_of(writer);

        if (hash != cases[i].hash) {
            fail_msg("pattern %d: hash 0x%llx", cases[i].writes, (unsigned long long)hash);
        }
        assert_true((hash_of(other) == hash) == (cases[i].writes == GW_WRITES_SEQUENTIAL));
        gw_page_writer_destroy(writer);
        gw_page_writer_destroy(other);
    }
}

static void
bursts_are_on_and_off(void **state)
{
    struct gw_region_settings settings = settings_of(GW_WRITES_UNIFORM);

    (void)state;
    assert_true(gw_page_writer_is_on(&settings, 12345));
    assert_int_equal(gw_page_writer_on_ns(&settings, 5, 12345), 12340);
    assert_int_equal(gw_page_writer_edge_ns(&settings, 7), INT64_MAX);
    settings.burst_on_ns = 30;
    settings.burst_off_ns = 70;
    for (int64_t from = 0; from < 250; from++) {
        int64_t on = 0;

        for (int64_t to = from; to < 250; to++) {
            assert_int_equal(gw_page_writer_on_ns(&settings, from, to), on);
            assert_int_equal(gw_page_writer_is_on(&settings, to), to % 100 < 30);
            on += to % 100 < 30;
        }
        int64_t edge = gw_page_writer_edge_ns(&settings, from);

        assert_true(edge > from && (edge % 100 == 0 || edge % 100 == 30) && edge <= from + 70);
        assert_true(gw_page_writer_is_on(&settings, from) ==
                    gw_page_writer_is_on(&settings, edge - 1));
    }
    settings.burst_on_ns = 0;
    assert_false(gw_page_writer_is_on(&settings, 0));
    assert_int_equal(gw_page_writer_on_ns(&settings, 0, 1000), 0);
    assert_int_equal(gw_page_writer_edge_ns(&settings, 0), INT64_MAX);
}

static void
write_scratch(const char *text)
{
    FILE *file = fopen(scratch, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
replay_gives_each_line_once(void **state)
{
    static const uint32_t wanted[] = {7, 0, 999, 7, 7, 3};
    struct gw_region_settings settings = settings_of(GW_WRITES_REPLAY);
    uint32_t pages[8];
    uint32_t taken = 0;

    (void)state;
    write_scratch("# guest writes\n0,7\n0.5,0\n0.500001,999\r\n\n10,7\n10,7\n2000.25,3");
    settings.trace = scratch;
    struct gw_page_writer *writer = make(&settings, PAGES, 1);

    assert_true(fabs(gw_page_writer_replay_rate(writer) - 6 / 2.00025) < 1e-9);
    assert_int_equal(gw_page_writer_replay_next_ns(writer), 0);
    assert_int_equal(gw_page_writer_replay(writer, 0, pages, 8), 0);
    taken += gw_page_writer_replay(writer, 500001, pages, 8);
    assert_int_equal(taken, 2);
    assert_int_equal(gw_page_writer_replay_next_ns(writer), 500001);
    taken += gw_page_writer_replay(writer, 11 * MS, pages + 2, 2);
    assert_int_equal(taken, 4);
    taken += gw_page_writer_replay(writer, 11 * MS, pages + 4, 2);
    assert_int_equal(taken, 5);
    assert_int_equal(gw_page_writer_replay_next_ns(writer), INT64_C(2000250000));
    taken += gw_page_writer_replay(writer, INT64_MAX, pages + 5, 2);
    assert_int_equal(taken, 6);
    assert_memory_equal(pages, wanted, sizeof wanted);
    assert_int_equal(gw_page_writer_replay(writer, INT64_MAX, pages, 8), 0);
    assert_int_equal(gw_page_writer_replay_next_ns(writer), INT64_MAX);
    gw_page_writer_destroy(writer);
}

static void
bad_traces_are_errors(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"0,1\n1,x\n", ":2: '1,x'"},
        {"0,1\n\n1;2\n", ":3: '1;2'"},
        {"1.,2\n", ":1: '1.,2'"},
        {"-1,2\n", ":1: '-1,2'"},
        {"1.1234567,2\n", ":1: '1.1234567,2'"},
        {"99999999999999,2\n", ":1: "},
        {"1,2,3\n", ":1: '1,2,3'"},
        {"1\n", ":1: '1'"},
        {"1,1000\n", ":1: page 1000: the region has pages 0 to 999"},
        {"1,99999999999999999999\n", ":1: "},
        {"2,1\n1,1\n", ":2: time 1000000 ns is before"},
        {"", "no page write"},
        {"# nothing\n", "no page write"},
    };
    struct gw_region_settings settings = settings_of(GW_WRITES_REPLAY);
    char line[600];

    (void)state;
    settings.trace = scratch;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_scratch(cases[i].text);
        refused(&settings, GW_EIO, cases[i].words);
        refused(&settings, GW_EIO, scratch);
    }
    memset(line, '1', sizeof line);
    line[sizeof line - 1] = '\0';
    write_scratch(line);
    refused(&settings, GW_EIO, ":1: line of more than");
    settings.trace = (char[]){"/nowhere/x.csv"};
    refused(&settings, GW_ENOENT, "/nowhere/x.csv");
    settings.trace = (char[]){"/tmp"};
    refused(&settings, GW_EIO, "/tmp");
    settings.trace = NULL;
    refused(&settings, GW_EINVAL, "'trace' must name a file");
}

static void
settings_out_of_range_are_refused(void **state)
{
    struct gw_region_settings settings = settings_of(GW_WRITES_HOT);

    (void)state;
    settings.hot_pages = 1.5;
    refused(&settings, GW_EINVAL, "hot_pages 1.5");
    settings.hot_pages = 0.1;
    settings.hot_writes = NAN;
    refused(&settings, GW_EINVAL, "hot_writes nan");
    settings = settings_of(GW_WRITES_ZIPF);
    settings.zipf_exponent = -1;
    refused(&settings, GW_EINVAL, "zipf_exponent -1");
    settings = settings_of(GW_WRITES_UNIFORM);
    settings.phase_ns = -1;
    refused(&settings, GW_EINVAL, "phase");
}

static void
resolve(const struct gw_setting *table, void *blob, size_t bytes, const char *size)
{
    struct gw_config_node *map = gw_config_node_create(GW_CONFIG_MAP, NULL, NULL);
    struct gw_diagnostics diagnostics = {0};
    struct gw_settings_target target = {
        .table = table, .blob = blob, .blob_bytes = bytes, .subject = "memory"};

    assert_true(size == NULL || gw_config_put(map, "size", size, false));
    assert_true(gw_settings_resolve(&target, map, &diagnostics));
    gw_config_node_destroy(map);
}

static void
tables_resolve_to_their_presets(void **state)
{
    struct gw_region_settings region;
    struct gw_guest_service_settings service;

    (void)state;
    resolve(gw_region_settings_table, &region, sizeof region, "16MiB");
    assert_int_equal(region.size_bytes, 16 << 20);
    assert_int_equal(region.content, GW_CONTENT_RANDOM);
    assert_int_equal(region.writes, GW_WRITES_NONE);
    assert_int_equal(region.change_content, GW_CONTENT_RANDOM);
    assert_int_equal(region.change_bytes, 64);
    assert_int_equal(region.backlog_ns, 50 * MS);
    assert_true(region.hot_pages == 0.1 && region.hot_writes == 0.9);
    assert_null(region.trace);
    gw_settings_clear(gw_region_settings_table, &region);
    resolve(gw_guest_service_table, &service, sizeof service, NULL);
    assert_int_equal(service.vcpus, 0);
}

static int
make_scratch(void **state)
{
    int handle = mkstemp(scratch);

    (void)state;
    return handle < 0 || close(handle) != 0;
}

static int
remove_scratch(void **state)
{
    (void)state;
    return unlink(scratch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequential_goes_round),
        cmocka_unit_test(count_fits_its_room_and_loses_nothing),
        cmocka_unit_test(hot_range_has_its_share_and_moves),
        cmocka_unit_test(hot_edges),
        cmocka_unit_test(zipf_places_are_scattered_and_move),
        cmocka_unit_test(same_key_same_writes),
        cmocka_unit_test(bursts_are_on_and_off),
        cmocka_unit_test(replay_gives_each_line_once),
        cmocka_unit_test(bad_traces_are_errors),
        cmocka_unit_test(settings_out_of_range_are_refused),
        cmocka_unit_test(tables_resolve_to_their_presets),
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
