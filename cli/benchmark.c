/* benchmark.c - the verb bench: the real code timed on this machine, in wall time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/text.h"
#include "cli/benchmark.h"
#include "cli/calibration.h"
#include "cli/exit_code.h"
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

static const char *const columns[] = {"step",      "level",     "content",        "bytes",
                                      "encode_ns", "decode_ns", "encode_mb_per_s"};
static const bool are_numbers[] = {false, false, false, true, true, true, true};

enum {
    COLUMNS = sizeof columns / sizeof columns[0],
    SCANS = 6,
    DECIMALS_BELOW = 1000, /* larger numbers have none */
    ROWS_MAX = SCANS + GW_BENCH_DELTAS + GW_BENCH_COSTS_MAX
};

struct sheet {
    char *cells[ROWS_MAX * COLUMNS]; /* owned */
    size_t count;
    bool failed;
};

static void
put_text(struct sheet *sheet, const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);

    sheet->failed = sheet->failed || (text != NULL && copy == NULL);
    sheet->cells[sheet->count++] = copy;
}

/* A negative number is an empty cell. */
static void
put_number(struct sheet *sheet, double number)
{
    char text[64];

    snprintf(text, sizeof text, "%.*f", number < DECIMALS_BELOW ? 1 : 0, number);
    put_text(sheet, number < 0 ? NULL : text);
}

struct row {
    const char *step, *level, *content;
    double bytes, encode_ns, decode_ns;
};

static void
put_row(struct sheet *sheet, const struct row *row)
{
    put_text(sheet, row->step);
    put_text(sheet, row->level);
    put_text(sheet, row->content);
    put_number(sheet, row->bytes);
    put_number(sheet, row->encode_ns);
    put_number(sheet, row->decode_ns);
    put_number(sheet, row->encode_ns > 0 ? 1000 * GW_PAGE_BYTES / row->encode_ns : -1);
}

static void
put_scans(struct sheet *sheet, const struct gw_bench_scan *scan)
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
put_costs(struct sheet *sheet, const struct gw_codec_bench *bench)
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
    struct sheet *sheet = calloc(1, sizeof *sheet);
    bool fine = false;

    if (sheet != NULL) {
        struct gw_grid grid = {"costs", columns,    COLUMNS, (const char *const *)sheet->cells,
                               0,       are_numbers};

        put_scans(sheet, &bench->scan);
        put_costs(sheet, bench);
        grid.row_count = sheet->count / COLUMNS;
        fine = !sheet->failed;
        if (fine) {
            gw_grid_print(&grid, format, stdout);
        }
        for (size_t i = 0; i < sheet->count; i++) {
            free(sheet->cells[i]);
        }
    }
    free(sheet);
    return fine || gw_fail(err, GW_ENOMEM, "out of memory");
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
