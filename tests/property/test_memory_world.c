/* test_memory_world.c - pins, on simulated memory migrations with drawn guests, hosts, links,
 * architectures and ways to send pages: the target has the guest's memory; the books balance to
 * the byte (pages against bytes, bytes by state of the guest against their sum, what was counted
 * against what went over the wire, saved bytes against sent ones); no window sends more than its
 * budget and a page; an outcome has the reason that it claims; the same seed gives the same digest.
 * Does not pin: any time (test_oracle_precopy).
 *
 * A failure prints the scenario and a line to repeat it: repro: test_memory_world --seed S.
 * GW_TORTURE=long draws 20 times as many worlds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/memory_world.h"

enum { WORLDS = 140, LONG_FACTOR = 20, TEXT_BYTES = 4000 };
enum { HEADER = 8, ZERO = 9, RAW = 4104, SECTION = 18, PACKET = 320, WINDOW_MS = 100 };

#define PICK(stream, list) list[gw_stream_below(stream, sizeof list / sizeof list[0])]

/* ---- drawing a world -------------------------------------------------------------------------------- */

static const char *const architectures[] = {"precopy", "precopy",       "precopy", "hybrid",
                                            "precopy", "stop-and-copy", "postcopy"};

static const char *const techniques[] = {
    "estimate: wire",
    "zero_detection: none",
    "estimate: pages",
    "compress: zlib, compress_threads: 3, pool: locked",
    "compress: zlib, compress_threads: 2, pool: locked, compress_wait: false, compress_flush: true",
    "compress: zlib, compress_threads: 5, pool: lockless",
    "compress: lz4, compress_threads: 1, pool: lockless, compress_wait: false",
    "xbzrle: true, xbzrle_cache: 16MiB",
    "xbzrle: true, xbzrle_cache: 1MiB",
    "xbzrle: true, xbzrle_cache: 4MiB, xbzrle_threads: 3, pool: lockless",
    "xbzrle: true, xbzrle_cache: 8MiB, xbzrle_threads: 2, compress_wait: false",
    "multifd_channels: 3, zero_detection: multifd",
    "multifd_channels: 2, zero_detection: legacy",
    "multifd_channels: 2, zero_detection: multifd, multifd_compress: zlib",
    "multifd_channels: 1, zero_detection: none",
};

static const char *const throttles[] = {
    "throttle: none",
    "throttle: none",
    "throttle: auto-converge, throttle_initial: 40, throttle_increment: 20",
    "throttle: auto-converge, throttle_tailslow: true, throttle_most: 80, throttle_sync: 300ms",
    "throttle: io-aware, io_vcpu_rate: 50/s, throttle_increment: 30",
};

static const char *const limits[] = {
    "max_bandwidth: 40MB/s, downtime_limit: 30ms",
    "max_bandwidth: 0B/s, downtime_limit: 10ms",
    "max_bandwidth: 20MB/s, downtime_limit: 100ms",
    "max_bandwidth: 30MB/s, downtime_limit: 20ms, rounds_most: 12",
    "max_bandwidth: 60MB/s, downtime_limit: 10ms, pause_after_rounds: 6",
    "max_bandwidth: 25MB/s, downtime_limit: 200ms, switchover_bandwidth: 60MB/s",
    "max_bandwidth: 50MB/s, downtime_limit: 30ms, postcopy_after_rounds: 3, postcopy_bandwidth: "
    "20MB/s",
    "max_bandwidth: 50MB/s, downtime_limit: 30ms, postcopy_after_rounds: 4, postcopy_preempt: "
    "false",
};

static const char *const writers[] = {
    "writes: uniform, rate: 1000/s, change_size: 64B, change_content: random",
    "writes: uniform, rate: 12000/s, change_size: 64B, change: slot, change_content: prose",
    "writes: sequential, rate: 9000/s, change_size: 4KiB, change_content: random",
    "writes: hot, rate: 20000/s, hot_pages: 10%, hot_writes: 90%, change_size: 8B",
    "writes: zipf, rate: 15000/s, zipf_exponent: 1.1, change_size: 256B, change: scattered",
    "writes: uniform, rate: 10000/s, change_size: 0B",
    "writes: uniform, rate: 6000/s, change_size: 4KiB, change_content: zero",
    "writes: sequential, pacing: cpu, write_time: 80us, change_size: 64B, change: lines",
    "writes: none",
};

static const char *const contents[] = {"zero", "text", "random", "word", "byte", "half", "prose"};

static const char *const hosts[] = {
    "protection: chunked",
    "protection: chunked, clear_chunk: 1MiB",
    "protection: write",
    "protection: dirty-bit, decompress_threads: 4",
    "protection: fast",
    "protection: ring, ring_entries: 1024",
    "protection: chunked, load_ns: 30000, send_ns: 10000",
    "cores: 2, target_on_source: true",
    "cores: 1, protection: write",
};

static const char *const links[] = {
    "rate: 1Gbps, latency: 100us, socket_buffer: 256KiB",
    "rate: 10Gbps, latency: 20us",
    "rate: 40MB/s, latency: 1ms, socket_buffer: 64KiB",
    "rate: 60MB/s, latency: 50us, overhead: 5%",
};

struct drawn {
    char text[TEXT_BYTES];
    bool workers; /* what a page costs on the wire is known late */
};

static void
draw(uint64_t seed, struct drawn *out)
{
    struct gw_stream stream;
    const char *technique;
    uint64_t first, second;

    gw_stream_open(&stream, seed, 0, "test.memory", 0);
    technique = PICK(&stream, techniques);
    first = 1 + gw_stream_below(&stream, 8);
    second = 1 + gw_stream_below(&stream, 4);
    /* One after the other: the order in which a call's arguments are drawn is the compiler's. */
    const char *limit = PICK(&stream, limits);
    const char *throttle = PICK(&stream, throttles);
    const char *architecture = PICK(&stream, architectures);
    const char *second_writer = PICK(&stream, writers);
    const char *second_content = PICK(&stream, contents);
    const char *first_writer = PICK(&stream, writers);
    const char *first_content = PICK(&stream, contents);
    const char *host = PICK(&stream, hosts);
    const char *link = PICK(&stream, links);
    out->workers = strstr(technique, "threads") != NULL || strstr(technique, "multifd") != NULL;
    (void)snprintf(out->text, sizeof out->text,
                   "name: drawn\nseed: %llu\nwarmup: 300ms\ncooldown: 100ms\ntime_limit: 6s\n"
                   "memory: {size: %lluMiB, vcpus: 2}\n"
                   "link: {%s}\nhost: {%s}\nservice: {vcpus: 1, rate: 100/s, service_time: 50us}\n"
                   "regions:\n  - {name: a, size: %lluMiB, content: %s, %s}\n"
                   "  - {name: b, size: %lluMiB, content: %s, first_vcpu: 1, vcpus: 1, %s}\n"
                   "migration: {architecture: %s, %s, %s, %s}\n",
                   (unsigned long long)seed, (unsigned long long)(first + second + 1), link, host,
                   (unsigned long long)first, first_content, first_writer,
                   (unsigned long long)second, second_content, second_writer, architecture,
                   technique, throttle, limit);
}

static struct gw_scenario *
parse(const char *text)
{
    struct gw_diagnostics diagnostics = {0};
    struct gw_scenario *scenario =
        gw_scenario_parse("drawn.yaml", text, strlen(text), NULL, 0, &diagnostics);

    if (scenario == NULL) {
        fail_msg("%s: %s\n%s", diagnostics.items[0].where, diagnostics.items[0].message, text);
    }
    return scenario;
}

/* ---- what must hold of one run ---------------------------------------------------------------------- */

static char current[TEXT_BYTES + 200];

static const char *
describe_current(void)
{
    return current;
}

struct view {
    const struct gw_memory_world *world;
    const struct gw_memory_stats *stats;
    const struct gw_memory_settings *settings;
    const struct drawn *drawn;
    bool completed;
};

static void
check_outcome(const struct view *view)
{
    const struct gw_memory_world *world = view->world;
    const struct gw_memory_stats *stats = view->stats;
    int64_t rounds = view->settings->rounds_most;
    int64_t time_ns = world->finished_ns - world->requested_ns;

    gw_assert(world->result.verified);
    gw_assert(world->finished && world->result.outcome != GW_FAILED);
    gw_assert(stats->total_bytes == world->scenario->memory->memory_bytes);
    gw_assert(stats->throttle_percent <= stats->throttle_percent_most);
    gw_assert(stats->throttle_percent_most <= view->settings->throttle_most);
    /* Who gives up in the middle of a step counts the step. */
    gw_assert(view->completed ? stats->total_time_ns == time_ns : stats->total_time_ns >= time_ns);
    gw_assert(stats->setup_time_ns >= 0 && stats->setup_time_ns <= stats->total_time_ns);
    if (view->completed) {
        gw_assert(stats->sync_count >= 2 && stats->remaining_bytes == 0);
        gw_assert(stats->downtime_ns > 0 && stats->downtime_ns <= stats->total_time_ns);
        return;
    }
    gw_assert(world->limit_reached || (rounds > 0 && stats->sync_count == rounds + 1));
    gw_assert(!world->limit_reached || stats->total_time_ns >= world->scenario->time_limit_ns);
}

/* Pages that went over the main channel raw or as zeros; multifd: the zeros that it found itself. */
static int64_t
main_channel_bytes(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t deltas = stats->xbzrle.bytes - GW_PAGE_BYTES * stats->xbzrle.overflow;

    if (view->settings->multifd_channels > 0) {
        return view->settings->zero_detection == GW_ZERO_LEGACY ? ZERO * stats->duplicate_pages : 0;
    }
    return RAW * stats->normal_pages + ZERO * stats->duplicate_pages +
           HEADER * (stats->compression.pages + stats->xbzrle.encoded_pages) +
           stats->compression.compressed_bytes + deltas;
}

/* Sections end when a pass or a budget does, or after 50 ms. */
static int64_t
rest_most(const struct view *view)
{
    int64_t sections =
        8 + 4 * view->stats->sync_count + view->stats->total_time_ns / (WINDOW_MS / 4 * 1000000);

    return view->world->scenario->memory->host.device_state_bytes + SECTION * sections + 100;
}

static void
check_bytes(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t sum = stats->precopy_bytes + stats->downtime_bytes + stats->postcopy_bytes;
    int64_t rest = stats->transferred_bytes - stats->multifd_bytes - main_channel_bytes(view);
    const char *name = view->world->result.architecture;
    bool pushes = strcmp(name, "postcopy") == 0 || strcmp(name, "hybrid") == 0;

    gw_assert(sum == stats->transferred_bytes);
    gw_assert(pushes || stats->postcopy_bytes == 0);
    gw_assert(pushes || stats->postcopy_requests == 0);
    gw_assert(view->world->memory.wire.bytes_sent <= stats->transferred_bytes);
    if (view->completed) {
        gw_assert(view->world->memory.wire.bytes_sent == stats->transferred_bytes);
    }
    if (view->settings->multifd_channels > 0 && pushes) {
        return; /* the push goes over the main channel, and its pages are not told apart */
    }
    gw_assert(rest > 0 && rest <= rest_most(view));
}

static void
check_channels(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    bool legacy = view->settings->zero_detection == GW_ZERO_LEGACY;
    int64_t pages = stats->normal_pages + (legacy ? 0 : stats->duplicate_pages);
    int64_t heads = stats->multifd_bytes - GW_PAGE_BYTES * stats->normal_pages - 8 * pages;

    if (view->settings->multifd_channels == 0) {
        gw_assert(stats->multifd_bytes == 0);
        return;
    }
    if (view->settings->multifd_compress != GW_CODEC_NONE || stats->postcopy_bytes > 0) {
        return;
    }
    gw_assert(heads % PACKET == 0);
    gw_assert(heads / PACKET * GW_TASK_PAGES_MAX >= pages);
}

static void
check_pages(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t equal = view->settings->xbzrle_threads > 0 ? stats->xbzrle.equal_pages : 0;

    gw_assert(stats->pages_done == stats->normal_pages + stats->duplicate_pages +
                                       stats->compression.pages + stats->xbzrle.encoded_pages +
                                       equal);
    if (view->completed) {
        gw_assert(stats->pages_done + stats->xbzrle.equal_pages >=
                  stats->total_bytes / GW_PAGE_BYTES);
    }
    if (view->settings->zero_detection == GW_ZERO_NONE) {
        gw_assert(stats->duplicate_pages == 0);
    }
}

static void
check_compression(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t by_main = stats->normal_pages + stats->duplicate_pages - stats->compression.zero_pages;

    if (view->settings->compress == GW_CODEC_NONE) {
        gw_assert(stats->compression.pages == 0 && stats->compression.compressed_bytes == 0);
        return;
    }
    gw_assert(stats->compression.reduced_bytes ==
              GW_PAGE_BYTES * stats->compression.pages - stats->compression.compressed_bytes +
                  (GW_PAGE_BYTES - 1) * stats->compression.zero_pages);
    gw_assert(!view->settings->compress_wait || stats->compression.busy == 0);
    if (stats->postcopy_bytes == 0) {
        /* Busy pages, and the first of the only block. */
        gw_assert(by_main == stats->compression.busy + 1 || stats->pages_done == 0);
    }
}

static void
check_deltas(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t sent = stats->xbzrle.bytes - GW_PAGE_BYTES * stats->xbzrle.overflow;

    gw_assert(stats->xbzrle.pages ==
              stats->xbzrle.encoded_pages + stats->xbzrle.equal_pages + stats->xbzrle.overflow);
    gw_assert(sent >= (3 + 3) * stats->xbzrle.encoded_pages);
    gw_assert(stats->xbzrle.reduced_bytes ==
              GW_PAGE_BYTES * (stats->xbzrle.encoded_pages + stats->xbzrle.equal_pages) -
                  (sent - 3 * stats->xbzrle.encoded_pages));
    gw_assert(stats->normal_pages >= stats->xbzrle.cache_miss + stats->xbzrle.overflow);
    gw_assert(view->settings->xbzrle || stats->xbzrle.pages + stats->xbzrle.cache_miss == 0);
}

/* A window sends its budget, one page more, and the end of a section. */
static void
check_budget(const struct view *view)
{
    const struct gw_memory_stats *stats = view->stats;
    int64_t budget = view->settings->max_bandwidth * WINDOW_MS / 1000;
    int64_t windows = 1 + stats->total_time_ns / (WINDOW_MS * 1000000);
    int64_t slack = RAW + 15 + 2 * SECTION;

    if (view->settings->max_bandwidth == 0 || view->drawn->workers) {
        return;
    }
    gw_assert(stats->precopy_bytes <= windows * (budget + slack) + 100);
}

static void
check_world(const struct gw_memory_world *world, const struct drawn *drawn)
{
    struct view view = {world, &world->stats, &world->scenario->memory->settings, drawn,
                        world->result.outcome == GW_COMPLETED};

    check_outcome(&view);
    check_bytes(&view);
    check_channels(&view);
    check_pages(&view);
    check_compression(&view);
    check_deltas(&view);
    check_budget(&view);
}

/* ---- worlds ----------------------------------------------------------------------------------------- */

struct tally {
    uint64_t completed, deltas, packed, pushed, throttled;
};

static void
run_world(uint64_t seed, struct tally *tally, bool tell, char digest[33])
{
    static struct drawn drawn;
    struct gw_error err = {.message = ""};
    struct gw_scenario *scenario;
    struct gw_memory_world *world;

    draw(seed, &drawn);
    (void)snprintf(current, sizeof current, "repro: test_memory_world --seed %llu\n%s",
                   (unsigned long long)seed, drawn.text);
    scenario = parse(drawn.text);
    world = gw_memory_world_create(scenario, 0, &err);
    gw_assert(world != NULL && gw_memory_world_run(world, &err));
    if (tell) {
        fprintf(stderr, "%s%s, %s\n", drawn.text, world->result.reason, world->result.verify_note);
    }
    check_world(world, &drawn);
    tally->completed += world->result.outcome == GW_COMPLETED;
    tally->deltas += world->stats.xbzrle.encoded_pages > 0;
    tally->packed += world->stats.compression.pages > 0;
    tally->pushed += world->stats.postcopy_requests > 0;
    tally->throttled += world->stats.throttle_percent_most > 0;
    gw_result_digest(&world->result, digest);
    gw_memory_world_destroy(world);
    gw_scenario_destroy(scenario);
}

static void
drawn_worlds_are_right(void **state)
{
    const char *length = getenv("GW_TORTURE");
    uint64_t worlds = length != NULL && strcmp(length, "long") == 0 ? WORLDS * LONG_FACTOR : WORLDS;
    struct tally tally = {0};
    char digest[33];

    (void)state;
    for (uint64_t seed = 1; seed <= worlds; seed++) {
        run_world(seed, &tally, false, digest);
    }
    print_message("# %llu worlds: %llu completed, %llu with deltas, %llu compressed, %llu pushed, "
                  "%llu throttled\n",
                  (unsigned long long)worlds, (unsigned long long)tally.completed,
                  (unsigned long long)tally.deltas, (unsigned long long)tally.packed,
                  (unsigned long long)tally.pushed, (unsigned long long)tally.throttled);
    assert_true(tally.completed > worlds / 2);
    assert_true(tally.deltas > worlds / 50 && tally.packed > worlds / 30);
    assert_true(tally.pushed > worlds / 30 && tally.throttled > worlds / 70);
}

static void
same_seed_same_digest(void **state)
{
    struct tally tally = {0};
    char a[33], b[33];

    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        run_world(seed, &tally, false, a);
        run_world(seed, &tally, false, b);
        assert_string_equal(a, b);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_worlds_are_right),
        cmocka_unit_test(same_seed_same_digest),
    };
    struct tally tally = {0};
    char digest[33];

    gw_assert_context(describe_current);
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        run_world(strtoull(argv[2], NULL, 10), &tally, true, digest);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
