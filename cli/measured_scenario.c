/* measured_scenario.c - the set-up of a measured memory migration as a scenario.
 *
 * Idea      The guest fills memory from 16 MiB upwards; its working set is a part of that, and all
 *           else was never written and is zero. A guest that is bound by its processor is given
 *           the speed that it had before the migration, because its own calibration misses the
 *           wanted one by some per cent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "base/text.h"
#include "cli/measured_setup.h"

enum {
    RUN_IN_MS = 1208, /* of the guest, after its own warm-up and before the request */
    IMAGE_KIB = 232,  /* of the guest's program, in the lowest memory; with its stack: 61 pages */
    STACK_KIB = 12,
    ROM_KIB = 44, /* that hold anything, of ROM_ALL_KIB beside the memory */
    ROM_ALL_KIB = 328
};

static const char *const contents[] = {"zero", "prose", "random"};

static void
add_general(struct gw_text *text, const struct gw_measured_setup *setup, const char *name,
            const char *host)
{
    gw_text_add(text, "name: ");
    gw_text_add_json(text, name);
    if (host != NULL) {
        gw_text_add(text, "\ninclude: ");
        gw_text_add_json(text, host);
    }
    gw_text_format(text,
                   "\nwarmup: %lldms\ncooldown: 200ms\ntime_limit: %llds\n"
                   "sample_interval: 100ms\n",
                   (long long)setup->warm_ms + RUN_IN_MS, (long long)setup->time_limit_s);
    if (setup->link > 0) {
        gw_text_format(text,
                       "link: {rate: %lldB/s, latency: 50us, socket_buffer: 208KiB, "
                       "write_size: 128KiB}\n",
                       (long long)setup->link);
    } else {
        gw_text_add(text, "link: {rate: 400Gbps, latency: 20us, socket_buffer: 208KiB, "
                          "write_size: 128KiB}\n");
    }
    gw_text_format(text, "memory: {size: %lldKiB, vcpus: 1}\n",
                   (long long)setup->ram_mib * 1024 + ROM_ALL_KIB);
}

static void
add_pattern(struct gw_text *text, const struct gw_measured_setup *setup)
{
    if (setup->zipf > 0) {
        gw_text_format(text, ", writes: zipf, zipf_exponent: %.6g", setup->zipf);
    } else if (setup->pattern[0] == 's') {
        gw_text_add(text, ", writes: sequential");
    } else if (setup->pattern[0] == 'h') {
        gw_text_format(text, ", writes: hot, hot_pages: %lld%%, hot_writes: %lld%%",
                       (long long)setup->hot_pages_pct, (long long)setup->hot_writes_pct);
    } else {
        gw_text_add(text, ", writes: uniform");
    }
}

static void
add_pace(struct gw_text *text, const struct gw_measured_setup *setup)
{
    double rate = setup->rate_before > 0 ? setup->rate_before : (double)setup->rate;
    long long write_ns = rate > 0 && rate < 1e9 ? (long long)(1e9 / rate + 0.5) : 1;

    if (setup->rate == 0) {
        gw_text_format(text, ", pacing: cpu, rate: 0/s, write_time: %lldns", write_ns);
    } else if (setup->mode[0] == 'c') {
        gw_text_format(text, ", pacing: cpu, rate: %.0f/s, write_time: %lldns", rate, write_ns);
    } else {
        gw_text_format(text, ", pacing: clock, rate: %lld/s", (long long)setup->rate);
    }
}

static void
add_working_set(struct gw_text *text, const struct gw_measured_setup *setup)
{
    gw_text_format(text, "  - {name: ws, size: %lldKiB, content: %s",
                   (long long)setup->set * GW_MEASURED_PAGE_KIB, contents[setup->fill_content]);
    add_pattern(text, setup);
    add_pace(text, setup);
    gw_text_format(text, ", change_size: %lldB, change_content: %s", (long long)setup->change_bytes,
                   contents[setup->change_content]);
    if (setup->change_offset != NULL && strcmp(setup->change_offset, "r") == 0) {
        gw_text_add(text, ", change: slot");
    }
    if (setup->scattered > 0) {
        gw_text_add(text, ", change: scattered");
    }
    if (setup->burst_on_ms > 0) {
        gw_text_format(text, ", burst_on: %lldms, burst_off: %lldms", (long long)setup->burst_on_ms,
                       (long long)setup->burst_off_ms);
    }
    gw_text_add(text, "}\n");
}

static void
add_filled(struct gw_text *text, const struct gw_measured_setup *setup, const char *name,
           int64_t pages)
{
    if (pages > 0) {
        gw_text_format(text, "  - {name: %s, size: %lldKiB, content: %s}\n", name,
                       (long long)pages * GW_MEASURED_PAGE_KIB, contents[setup->fill_content]);
    }
}

static void
add_untouched(struct gw_text *text, const char *name, int64_t size_kib)
{
    if (size_kib > 0) {
        gw_text_format(text, "  - {name: %s, size: %lldKiB, content: zero, resident: false}\n",
                       name, (long long)size_kib);
    }
}

static void
add_regions(struct gw_text *text, const struct gw_measured_setup *setup)
{
    int64_t above_kib = (setup->ram_mib - GW_MEASURED_FILLED_FROM_MIB) * 1024;

    gw_text_format(text,
                   "regions:\n  - {name: image, size: %dKiB, content: random}\n"
                   "  - {name: stack, size: %dKiB, content: random, writes: uniform, rate: 60/s}\n",
                   IMAGE_KIB, STACK_KIB);
    add_untouched(text, "low", GW_MEASURED_FILLED_FROM_MIB * 1024 - IMAGE_KIB - STACK_KIB);
    add_filled(text, setup, "front", setup->set_offset);
    if (setup->set > 0) {
        add_working_set(text, setup);
    }
    add_filled(text, setup, "fill", setup->fill - setup->set_offset - setup->set);
    add_untouched(text, "free", above_kib - setup->fill * GW_MEASURED_PAGE_KIB);
    gw_text_format(text, "  - {name: rom, size: %dKiB, content: random}\n", ROM_KIB);
}

static void
add_host(struct gw_text *text, const struct gw_measured_setup *setup)
{
    if (setup->compress) {
        gw_text_format(text, "host: {decompress_threads: %lld}\n",
                       (long long)setup->decompress_threads);
    }
}

static void
add_migration(struct gw_text *text, const struct gw_measured_setup *setup)
{
    gw_text_format(
        text,
        "migration: {architecture: precopy, max_bandwidth: %lldB/s, downtime_limit: %lldms, "
        "clock_tick: 1ms",
        (long long)setup->max_bandwidth, (long long)setup->downtime_limit_ms);
    if (setup->compress) {
        gw_text_format(text,
                       ", compress: zlib, compress_level: %lld, compress_threads: %lld, "
                       "compress_wait: %s",
                       (long long)setup->compress_level, (long long)setup->compress_threads,
                       setup->compress_wait ? "true" : "false");
    }
    if (setup->xbzrle) {
        gw_text_format(text, ", xbzrle: true, xbzrle_cache: %lldB",
                       (long long)setup->xbzrle_cache_bytes);
    }
    if (setup->auto_converge) {
        gw_text_format(text,
                       ", throttle: auto-converge, throttle_initial: %lld, "
                       "throttle_increment: %lld, throttle_most: %lld",
                       (long long)setup->throttle_initial, (long long)setup->throttle_increment,
                       (long long)setup->throttle_most);
    }
    gw_text_add(text, "}\n");
}

char *
gw_measured_scenario(const struct gw_measured_setup *setup, const char *name, const char *host)
{
    struct gw_text text = {0};

    add_general(&text, setup, name, host);
    add_regions(&text, setup);
    add_host(&text, setup);
    add_migration(&text, setup);
    return gw_text_take(&text);
}
