/* trace.c - the part of reading a trace that all formats share.
 *
 * Idea      One pass, bounded memory. Formats know their records; this file knows files, lines,
 *           places of damage, the digest of all bytes, and what a sound record is.
 * Invariant After GW_TRACE_END every byte of the file was read and is in the digest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR_BYTES = 512 };

enum gw_trace_step
gw_trace_damage(const struct gw_trace_reader *reader, struct gw_error *err, const char *format, ...)
{
    bool is_text = reader->format == NULL || reader->format->is_text;
    char sentence[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    gw_fail(err, GW_EIO, is_text ? "%s:%lld: %s" : "%s@%lld: %s", reader->path,
            (long long)(is_text ? reader->line : reader->offset_bytes), sentence);
    return GW_TRACE_DAMAGED;
}

/* ---- opening --------------------------------------------------------------------------------- */

static const struct gw_trace_format *
find_format(const unsigned char *head, size_t length)
{
    for (size_t i = 0; gw_trace_formats[i] != NULL; i++) {
        if (gw_trace_formats[i]->probe(head, length)) {
            return gw_trace_formats[i];
        }
    }
    return NULL;
}

static bool
open_file(struct gw_trace_reader *reader, struct gw_error *err)
{
    unsigned char head[GW_TRACE_HEAD_MAX];
    size_t length;

    errno = 0;
    reader->file = fopen(reader->path, "rb");
    if (reader->file == NULL) {
        return gw_fail(err, errno == ENOENT ? GW_ENOENT : GW_EIO, "trace %s: %s", reader->path,
                       strerror(errno));
    }
    length = fread(head, 1, sizeof head, reader->file);
    if (ferror(reader->file) || fseek(reader->file, 0, SEEK_SET) != 0) {
        return gw_fail(err, GW_EIO, "trace %s: cannot be read: %s", reader->path, strerror(errno));
    }
    if (reader->format == NULL) {
        reader->format = find_format(head, length);
    }
    if (reader->format == NULL) {
        return gw_fail(err, GW_EINVAL,
                       "trace %s: its format is none of those known; set format if it is one",
                       reader->path);
    }
    return true;
}

struct gw_trace_reader *
gw_trace_open(const char *path, const struct gw_trace_format *format, const char *device,
              struct gw_error *err)
{
    struct gw_trace_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL) {
        gw_fail(err, GW_ENOMEM, "trace %s: out of memory", path);
        return NULL;
    }
    reader->format = format;
    reader->path = strdup(path);
    reader->device = device != NULL ? strdup(device) : NULL;
    reader->hash = gw_hash_create();
    if (reader->path == NULL || reader->hash == NULL ||
        (device != NULL && reader->device == NULL)) {
        gw_fail(err, GW_ENOMEM, "trace %s: out of memory", path);
        gw_trace_close(reader);
        return NULL;
    }
    if (!open_file(reader, err)) {
        gw_trace_close(reader);
        return NULL;
    }
    return reader;
}

void
gw_trace_close(struct gw_trace_reader *reader)
{
    if (reader->file != NULL) {
        fclose(reader->file);
    }
    if (reader->hash != NULL) {
        gw_hash_destroy(reader->hash);
    }
    free(reader->seen_device);
    free(reader->device);
    free(reader->path);
    free(reader);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static enum gw_trace_step
unreadable(const struct gw_trace_reader *reader, struct gw_error *err)
{
    return gw_trace_damage(reader, err, "cannot be read: %s", strerror(errno));
}

enum gw_trace_step
gw_trace_bytes(struct gw_trace_reader *reader, unsigned char *out, size_t length,
               struct gw_error *err)
{
    size_t got = fread(out, 1, length, reader->file);

    reader->offset_bytes = reader->read_bytes;
    reader->read_bytes += (int64_t)got;
    gw_hash_add(reader->hash, out, got);
    if (got == length) {
        return GW_TRACE_RECORD;
    }
    if (ferror(reader->file)) {
        return unreadable(reader, err);
    }
    if (got == 0) {
        return GW_TRACE_END;
    }
    return gw_trace_damage(reader, err, "last record is cut off: %zu of %zu bytes are missing",
                           length - got, length);
}

static void
split_fields(struct gw_trace_reader *reader)
{
    char *rest = NULL;
    char *field = strtok_r(reader->text, " \t\r\n", &rest);

    reader->field_count = 0;
    while (field != NULL && reader->field_count < GW_TRACE_FIELDS_MAX) {
        reader->field[reader->field_count++] = field;
        field = strtok_r(NULL, " \t\r\n", &rest);
    }
}

/* Length of the line in `text`, with its line feed; 0 and damage when it is none. fgets leaves the
 * fill of line feeds behind its end, so the first zero byte tells where an unended line stops. */
static size_t
line_length(const struct gw_trace_reader *reader, struct gw_error *err)
{
    const char *end = memchr(reader->text, '\n', sizeof reader->text);
    const char *zero;

    if (end == NULL) {
        gw_trace_damage(reader, err, "line is longer than %d bytes", GW_TRACE_LINE_MAX - 2);
        return 0;
    }
    zero = memchr(reader->text, '\0', (size_t)(end - reader->text));
    if (zero == NULL) {
        return (size_t)(end - reader->text) + 1;
    }
    if (zero + 1 != end || !feof(reader->file)) {
        gw_trace_damage(reader, err, "zero byte in the line: not a text");
        return 0;
    }
    if (!reader->format->end_is_plain) {
        gw_trace_damage(reader, err, "last line has no line feed: is the file cut off");
        return 0;
    }
    return (size_t)(zero - reader->text);
}

static enum gw_trace_step
read_line(struct gw_trace_reader *reader, struct gw_error *err)
{
    size_t length;

    memset(reader->text, '\n', sizeof reader->text);
    if (fgets(reader->text, sizeof reader->text, reader->file) == NULL) {
        return ferror(reader->file) ? unreadable(reader, err) : GW_TRACE_END;
    }
    reader->line++;
    length = line_length(reader, err);
    if (length == 0) {
        return GW_TRACE_DAMAGED;
    }
    reader->offset_bytes = reader->read_bytes;
    reader->read_bytes += (int64_t)length;
    gw_hash_add(reader->hash, reader->text, length);
    return GW_TRACE_RECORD;
}

enum gw_trace_step
gw_trace_line(struct gw_trace_reader *reader, struct gw_error *err)
{
    enum gw_trace_step step;

    do {
        step = read_line(reader, err);
        if (step != GW_TRACE_RECORD) {
            return step;
        }
        split_fields(reader);
    } while (reader->field_count == 0);
    return GW_TRACE_RECORD;
}

bool
gw_trace_number(const struct gw_trace_reader *reader, size_t index, int64_t most, int64_t *out,
                struct gw_error *err)
{
    const char *text = index < reader->field_count ? reader->field[index] : "";
    int64_t value = 0;

    for (const char *digit = text; *digit != '\0'; digit++) {
        int64_t add = *digit - '0';

        if (add < 0 || add > 9 || add > most || value > (most - add) / 10) {
            gw_trace_damage(reader, err, "field %zu is '%.40s': must be a whole number 0 .. %lld",
                            index + 1, text, (long long)most);
            return false;
        }
        value = value * 10 + add;
    }
    if (text[0] == '\0') {
        gw_trace_damage(reader, err, "field %zu is missing: the line has %zu", index + 1,
                        reader->field_count);
        return false;
    }
    *out = value;
    return true;
}

enum gw_trace_step
gw_trace_of_device(struct gw_trace_reader *reader, const char *device, struct gw_trace_record *out,
                   struct gw_error *err)
{
    if (reader->device != NULL) {
        if (strcmp(reader->device, "all") != 0 && strcmp(reader->device, device) != 0) {
            reader->elsewhere++;
            out->extent.length_bytes = 0;
        }
        return GW_TRACE_RECORD;
    }
    if (reader->seen_device == NULL) {
        reader->seen_device = strdup(device);
        return reader->seen_device != NULL ? GW_TRACE_RECORD
                                           : gw_trace_damage(reader, err, "out of memory");
    }
    if (strcmp(reader->seen_device, device) == 0) {
        return GW_TRACE_RECORD;
    }
    return gw_trace_damage(reader, err,
                           "device %.80s after device %.80s: set device to one of them or to all",
                           device, reader->seen_device);
}

/* ---- records --------------------------------------------------------------------------------- */

static bool
is_sound(const struct gw_trace_reader *reader, const struct gw_trace_record *record,
         struct gw_error *err)
{
    struct gw_extent extent = record->extent;

    if (extent.offset_bytes > INT64_MAX / 2 - extent.length_bytes) {
        gw_trace_damage(reader, err, "IO of %lld bytes at %lld: too large",
                        (long long)extent.length_bytes, (long long)extent.offset_bytes);
        return false;
    }
    if ((extent.offset_bytes | extent.length_bytes) % SECTOR_BYTES != 0) {
        gw_trace_damage(reader, err, "IO of %lld bytes at %lld: both must be multiples of 512",
                        (long long)extent.length_bytes, (long long)extent.offset_bytes);
        return false;
    }
    return true;
}

enum gw_trace_step
gw_trace_next(struct gw_trace_reader *reader, struct gw_trace_record *out, struct gw_error *err)
{
    for (;;) {
        enum gw_trace_step step = reader->format->next(reader, out, err);

        if (step != GW_TRACE_RECORD) {
            return step;
        }
        if (out->extent.length_bytes != 0) {
            return is_sound(reader, out, err) ? GW_TRACE_RECORD : GW_TRACE_DAMAGED;
        }
        reader->skipped++;
    }
}

static void
count_op(struct gw_trace_summary *summary, const struct gw_trace_record *record)
{
    bool is_read = record->op == GW_IO_READ;
    bool is_trim = record->op == GW_IO_TRIM;

    summary->reads += is_read;
    summary->trims += is_trim;
    summary->writes += !is_read && !is_trim;
    summary->bytes_read += is_read ? record->extent.length_bytes : 0;
    summary->bytes_written += is_read || is_trim ? 0 : record->extent.length_bytes;
}

void
gw_trace_account(struct gw_trace_summary *summary, const struct gw_trace_record *record)
{
    int64_t end_bytes = gw_extent_end(record->extent);
    bool first = summary->count == 0;

    count_op(summary, record);
    summary->count++;
    summary->unsorted |= !first && record->at_ns < summary->previous_ns;
    summary->previous_ns = record->at_ns;
    if (first || record->at_ns < summary->first_ns) {
        summary->first_ns = record->at_ns;
    }
    if (first || record->at_ns > summary->last_ns) {
        summary->last_ns = record->at_ns;
    }
    if (end_bytes > summary->end_bytes) {
        summary->end_bytes = end_bytes;
    }
    if (record->extent.length_bytes > summary->length_most_bytes) {
        summary->length_most_bytes = record->extent.length_bytes;
    }
    summary->bits |= record->extent.offset_bytes | record->extent.length_bytes;
}

void
gw_trace_finish(struct gw_trace_summary *summary, const struct gw_trace_reader *reader)
{
    summary->skipped = reader->skipped;
    summary->elsewhere = reader->elsewhere;
    gw_hash_text(reader->hash, summary->digest);
}
