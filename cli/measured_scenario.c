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

enum { RUN_IN_MS = 1200 }; /* of the guest, after its own warm-up and before the request */

static const char *const contents[] = {"zero", "text", "random"};

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
        gw_text_format(text, "link: {rate: %lldB/s, latency: 50us, socket_buffer: 208KiB}\n",
                       (long long)setup->link);
    } else {
        gw_text_add(text, "link: {rate: 40Gbps, latency: 20us, socket_buffer: 208KiB}\n");
    }
    gw_text_format(text, "memory: {size: %lldMiB, vcpus: 1}\n", (long long)setup->ram_mib);
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
add_regions(struct gw_text *text, const struct gw_measured_setup *setup)
{
    gw_text_format(text, "regions:\n  - {name: low, size: %dMiB, content: zero}\n",
                   GW_MEASURED_FILLED_FROM_MIB);
    add_filled(text, setup, "front", setup->set_offset);
    if (setup->set > 0) {
        add_working_set(text, setup);
    }
    add_filled(text, setup, "fill", setup->fill - setup->set_offset - setup->set);
}

/* The first write to a page after a sync costs this much on the host of the measurements. */
static void
add_host(struct gw_text *text, const struct gw_measured_setup *setup, bool included)
{
    if (included && !setup->compress) {
        return;
    }
    gw_text_format(text, "host: {%s", included ? "" : "fault: 4600ns");
    if (setup->compress) {
        gw_text_format(text, "%sdecompress_threads: %lld", included ? "" : ", ",
                       (long long)setup->decompress_threads);
    }
    gw_text_add(text, "}\n");
}

static void
add_migration(struct gw_text *text, const struct gw_measured_setup *setup)
{
    gw_text_format(
        text, "migration: {architecture: precopy, max_bandwidth: %lldB/s, downtime_limit: %lldms",
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
    add_host(&text, setup, host != NULL);
    add_migration(&text, setup);
    return gw_text_take(&text);
}
