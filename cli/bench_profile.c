/* bench_profile.c - a measurement as a file that scenarios include.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/compress.h"
#include "base/text.h"
#include "cli/benchmark.h"

#ifndef GW_VERSION
#define GW_VERSION "unknown"
#endif

enum { LINE_MAX_BYTES = 256, DATE_BYTES = 16 };

/* "model name" of the first processor, or "an unknown processor". */
static void
add_processor(struct gw_text *out)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[LINE_MAX_BYTES];
    const char *name = NULL;

    while (file != NULL && name == NULL && fgets(line, sizeof line, file) != NULL) {
        name = strncmp(line, "model name", strlen("model name")) == 0 ? strchr(line, ':') : NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    if (name == NULL) {
        gw_text_add(out, "an unknown processor");
        return;
    }
    line[strcspn(line, "\n")] = '\0';
    gw_text_add(out, name + 1 + strspn(name + 1, " "));
}

static void
add_date(struct gw_text *out)
{
    time_t now = time(NULL);
    struct tm parts;
    char date[DATE_BYTES];

    if (gmtime_r(&now, &parts) != NULL && strftime(date, sizeof date, "%Y-%m-%d", &parts) > 0) {
        gw_text_add(out, date);
    }
}

static void
add_head(struct gw_text *out)
{
    gw_text_add(out, "# Written by godwit " GW_VERSION " bench codec: what this host's processor "
                     "takes.\n# Processor: ");
    add_processor(out);
    gw_text_add(out, "\n# Date: ");
    add_date(out);
    gw_text_add(out, "\n# Libraries:");
    for (int codec = GW_CODEC_ZLIB; codec < GW_CODEC_COUNT; codec++) {
        gw_text_format(out, "%s %s %s", codec == GW_CODEC_ZLIB ? "" : ",",
                       gw_codec_name((enum gw_codec)codec), gw_codec_version((enum gw_codec)codec));
    }
    gw_text_add(out, "\n# Wall time on one core, a page of 4 KiB at a time, best of several "
                     "passes; zero scan, copy\n# and XBZRLE over pages out of cache. XBZRLE: a "
                     "line fitted over the runs of changed bytes.\n");
}

char *
gw_bench_profile(const struct gw_codec_bench *bench)
{
    const struct gw_bench_scan *scan = &bench->scan;
    const struct gw_delta_cost *delta = &bench->delta;
    struct gw_text out = {0};

    add_head(&out);
    gw_text_format(&out, "host: {zero_ns: %.2f, non_zero_ns: %.2f, copy_ns: %.2f}\n",
                   scan->zero_cold_ns, scan->non_zero_cold_ns, scan->copy_cold_ns);
    gw_text_format(&out,
                   "delta_cost: {page_ns: %.2f, run_ns: %.3f, decode_ns: %.2f, "
                   "decode_run_ns: %.3f}\n",
                   delta->page_ns, delta->run_ns, delta->decode_ns, delta->decode_run_ns);
    gw_text_add(&out, "codec_costs:\n");
    for (size_t i = 0; i < bench->cost_count; i++) {
        const struct gw_codec_cost *cost = &bench->costs[i].cost;

        gw_text_format(&out,
                       "  - {codec: %s, level: %lld, content: %s, encode: %lldns, "
                       "decode: %lldns}\n",
                       gw_codec_name((enum gw_codec)cost->codec), (long long)cost->level,
                       gw_bench_content_name(cost->content), (long long)cost->encode_ns,
                       (long long)cost->decode_ns);
    }
    return gw_text_take(&out);
}
