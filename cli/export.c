/* export.c - godwit export: a database as files for other programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/damage.h"
#include "cli/exit_code.h"
#include "cli/verb.h"
#include "results/export_runs.h"

struct export_options {
    const char *format;
    const char *out;
};

const struct gw_option gw_export_options[] = {
    {"format", 0, GW_OPTION_TEXT, offsetof(struct export_options, format), "FORMAT",
     "csv (a row a metric), wide-csv, jsonl, md, latex or omnetpp; default: csv"},
    {"out", 'o', GW_OPTION_TEXT, offsetof(struct export_options, out), "FILE",
     "write to this file; of omnetpp FILE.sca, and FILE.vec beside it"},
    GW_OPTION_END,
};

static const char omnetpp[] = "omnetpp";

static const char *const formats[] = {
    [GW_EXPORT_CSV] = "csv",       [GW_EXPORT_WIDE_CSV] = "wide-csv", [GW_EXPORT_JSONL] = "jsonl",
    [GW_EXPORT_MD] = "md",         [GW_EXPORT_LATEX] = "latex",       [GW_EXPORT_FORMATS] = omnetpp,
    [GW_EXPORT_FORMATS + 1] = NULL};

/* Writes to a file beside it first, so that a half written one is never seen. */
static bool
write_file(struct gw_store *store, enum gw_export_format format, const char *path,
           struct gw_error *err)
{
    struct gw_text part = {0};
    FILE *stream;
    bool fine;

    gw_text_format(&part, "%s.part", path);
    stream = part.failed ? NULL : fopen(part.bytes, "wb");
    if (stream == NULL) {
        gw_text_clear(&part);
        return gw_fail(err, GW_EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    fine = gw_export_runs(store, format, stream, err);
    bool written = ferror(stream) == 0;
    written = fclose(stream) == 0 && written;
    if (fine && (!written || rename(part.bytes, path) != 0)) {
        fine = gw_fail(err, GW_EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (!fine) {
        remove(part.bytes);
    }
    gw_text_clear(&part);
    return fine;
}

/* FILE or FILE.sca: the scalars go to FILE.sca, the vectors to FILE.vec. */
static bool
write_omnetpp(struct gw_store *store, const char *path, struct gw_error *err)
{
    size_t length = path == NULL ? 0 : strlen(path);
    struct gw_text scalars = {0};
    struct gw_text vectors = {0};
    bool fine;

    if (path == NULL) {
        return gw_fail(err, GW_EINVAL, "export: omnetpp writes two files: name them with -o FILE");
    }
    if (length > 4 && strcmp(path + length - 4, ".sca") == 0) {
        length -= 4;
    }
    gw_text_format(&scalars, "%.*s.sca", (int)length, path);
    gw_text_format(&vectors, "%.*s.vec", (int)length, path);
    fine = scalars.failed || vectors.failed
               ? gw_fail(err, GW_ENOMEM, "out of memory")
               : gw_export_omnetpp(store, scalars.bytes, vectors.bytes, err);
    gw_text_clear(&scalars);
    gw_text_clear(&vectors);
    return fine;
}

static bool
write_format(struct gw_store *store, int format, const char *path, struct gw_error *err)
{
    if (format == GW_EXPORT_FORMATS) {
        return write_omnetpp(store, path, err);
    }
    return path == NULL ? gw_export_runs(store, (enum gw_export_format)format, stdout, err)
                        : write_file(store, (enum gw_export_format)format, path, err);
}

static bool
format_of(const char *word, int *format, struct gw_error *err)
{
    for (*format = 0; formats[*format] != NULL; ++*format) {
        if (strcmp(formats[*format], word == NULL ? formats[0] : word) == 0) {
            return true;
        }
    }
    return gw_fail(err, GW_EINVAL,
                   "unknown format '%.40s': expected csv, wide-csv, jsonl, md, latex or omnetpp",
                   word);
}

static bool export(const struct export_options *options, const struct gw_words *operands,
                   struct gw_error *err)
{
    struct gw_store *store;
    int format;
    bool fine;

    if (operands->count != 1) {
        return gw_fail(err, GW_EINVAL, "export: name one database");
    }
    if (!format_of(options->format, &format, err) ||
        (store = gw_open_to_read(operands->items[0], err)) == NULL) {
        return false;
    }
    fine = write_format(store, format, options->out, err);
    gw_store_close(store);
    return fine;
}

int
gw_verb_export(int argc, char **argv)
{
    struct export_options options = {0};
    struct gw_words operands = {0};
    struct gw_error err = {.code = GW_OK};
    bool fine;

    fine = gw_options_parse(gw_export_options, argc, argv, &options, &operands, &err) &&
           export(&options, &operands, &err);
    gw_options_clear(gw_export_options, &options, &operands);
    return fine ? GW_EXIT_FINE : gw_report_error(&err);
}
