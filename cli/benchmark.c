/* benchmark.c - the verb bench: the real code timed on this machine, in wall time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compress.h"
#include "cli/benchmark.h"
#include "cli/calibration.h"
#include "cli/exit_code.h"
#include "cli/sheet.h"
#include "cli/verb.h"

struct bench_options {
    const char *profile;
    bool quick;
    enum gw_format format;
};

const struct gw_option gw_bench_options[] = {
    {"profile", 0, GW_OPTION_TEXT, offsetof(struct bench_options, profile), "FILE",
     "also write the costs there, to be included by scenarios"},
    {"quick", 0, GW_OPTION_FLAG, offsetof(struct bench_options, quick), NULL,
     "about 2 s instead of 20, less exact"},
    GW_OPTION_ROW_FORMAT(struct bench_options),
    GW_OPTION_END,
};

/* ---- codec ----------------------------------------------------------------------------------- */

enum { SCANS = 6, DECIMALS_BELOW = 1000 /* larger numbers have none */ };

/* A negative number is an empty cell. */
static void
put_number(struct gw_sheet *sheet, double number)
{
    if (number < 0) {
        gw_sheet_text(sheet, NULL);
        return;
    }
    gw_sheet_format(sheet, "%.*f", number < DECIMALS_BELOW ? 1 : 0, number);
}

struct row {
    const char *step, *level, *content;
    double bytes, encode_ns, decode_ns;
};

static void
put_row(struct gw_sheet *sheet, const struct row *row)
{
    gw_sheet_text(sheet, row->step);
    gw_sheet_text(sheet, row->level);
    gw_sheet_text(sheet, row->content);
    put_number(sheet, row->bytes);
    put_number(sheet, row->encode_ns);
    put_number(sheet, row->decode_ns);
    put_number(sheet, row->encode_ns > 0 ? 1000 * GW_PAGE_BYTES / row->encode_ns : -1);
}

static void
put_scans(struct gw_sheet *sheet, const struct gw_bench_scan *scan)
{
    const struct row rows[SCANS] = {
        {"zero scan", "hot", "zero", -1, scan->zero_hot_ns, -1},
        {"zero scan", "cold", "zero", -1, scan->zero_cold_ns, -1},
        {"zero scan", "hot", "other", -1, scan->non_zero_hot_ns, -1},
        {"zero scan", "cold", "other", -1, scan->non_zero_cold_ns, -1},
        {"copy", "hot", NULL, -1, scan->copy_hot_ns, -1},
        {"copy", "cold", NULL, -1, scan->copy_cold_ns, -1},
    };

    for (size_t i = 0; i < SCANS; i++) {
        put_row(sheet, &rows[i]);
    }
}

static void
put_costs(struct gw_sheet *sheet, const struct gw_codec_bench *bench)
{
    for (size_t i = 0; i < GW_BENCH_DELTAS; i++) {
        const struct gw_bench_delta *delta = &bench->deltas[i];
        const struct row row = {
            "xbzrle", NULL, delta->change, delta->bytes, delta->encode_ns, delta->decode_ns};

        put_row(sheet, &row);
    }
    for (size_t i = 0; i < bench->cost_count; i++) {
        const struct gw_codec_cost *cost = &bench->costs[i].cost;
        char level[32];
        const struct row row = {gw_codec_name((enum gw_codec)cost->codec),
                                level,
                                gw_bench_content_name(cost->content),
                                bench->costs[i].bytes,
                                (double)cost->encode_ns,
                                (double)cost->decode_ns};

        snprintf(level, sizeof level, "%lld", (long long)cost->level);
        put_row(sheet, &row);
    }
}

static bool
print(const struct gw_codec_bench *bench, enum gw_format format, struct gw_error *err)
{
    static const char *const texts[] = {"step", "level", "content"};
    static const char *const numbers[] = {"bytes", "encode_ns", "decode_ns", "encode_mb_per_s"};
    struct gw_sheet sheet = {.name = "costs", .format = format};
    bool fine;

    gw_sheet_columns(&sheet, texts, sizeof texts / sizeof texts[0], false);
    gw_sheet_columns(&sheet, numbers, sizeof numbers / sizeof numbers[0], true);
    put_scans(&sheet, &bench->scan);
    put_costs(&sheet, bench);
    fine = gw_sheet_print(&sheet, err);
    gw_sheet_clear(&sheet);
    return fine;
}

/* Told before the measurement, not after it. */
static bool
check_folder(const char *path, struct gw_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    bool fine = folder != NULL && access(folder, W_OK) == 0;

    free(folder);
    return fine || gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "%s: cannot be written: %s",
                           path, strerror(errno));
}

static bool
write_profile(const struct gw_codec_bench *bench, const char *path, struct gw_error *err)
{
    char *text = gw_bench_profile(bench);
    bool fine = text != NULL ? gw_calibration_replace_file(path, text, err)
                             : gw_fail(err, GW_ENOMEM, "out of memory");

    free(text);
    return fine;
}

static bool
bench_codec(const struct bench_options *options, struct gw_error *err)
{
    struct gw_codec_bench *bench;
    bool fine;

    if (options->profile != NULL && !check_folder(options->profile, err)) {
        return false;
    }
    bench = calloc(1, sizeof *bench);
    if (bench == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory");
    }
    fine = gw_bench_scans(options->quick, &bench->scan, err) &&
           gw_bench_deltas(options->quick, bench, err) &&
           gw_bench_codecs(options->quick, bench, err) &&
           (options->profile == NULL || write_profile(bench, options->profile, err)) &&
           print(bench, options->format, err);
    free(bench);
    return fine;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static const struct subject {
    const char *name;
    bool (*run)(const struct bench_options *options, struct gw_error *err);
} subjects[] = {{"codec", bench_codec}};

enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static bool
bench(const struct bench_options *options, const struct gw_words *operands, struct gw_error *err)
{
    if (operands->count != 1) {
        return gw_fail(err, GW_EINVAL, "bench: name what to time: codec");
    }
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (strcmp(subjects[i].name, operands->items[0]) == 0) {
            return subjects[i].run(options, err);
        }
    }
    return gw_fail(err, GW_EINVAL, "bench: cannot time '%.80s'; did you mean 'codec'?",
                   operands->items[0]);
}

int
gw_verb_bench(int argc, char **argv)
{
    struct bench_options options = {.format = GW_FORMAT_TABLE};
    struct gw_words operands = {0};
    struct gw_error err = {.code = GW_OK};
    bool fine = gw_options_parse(gw_bench_options, argc, argv, &options, &operands, &err) &&
                bench(&options, &operands, &err);

    gw_options_clear(gw_bench_options, &options, &operands);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
