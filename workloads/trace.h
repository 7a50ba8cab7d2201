/* trace.h - recorded IO: one reader for all formats, one table a format.
 *
 * A reader gives the records of a file one by one, in file order. Every damage is an error that
 * names `file@offset` (binary) or `file:line` (text); nothing is dropped silently: what a trace
 * holds beyond reads, writes and trims is skipped and counted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef GW_TRACE_H
#define GW_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"

enum { GW_TRACE_LINE_MAX = 4096, GW_TRACE_FIELDS_MAX = 8, GW_TRACE_HEAD_MAX = 64 };

struct gw_trace_record {
    int64_t at_ns; /* by the trace's own clock, not from 0 */
    enum gw_io_op op;
    struct gw_extent extent; /* multiples of 512, not empty */
};

enum gw_trace_step { GW_TRACE_RECORD, GW_TRACE_END, GW_TRACE_DAMAGED };

struct gw_trace_format;

struct gw_trace_reader {
    const struct gw_trace_format *format;
    char *path;
    char *device;      /* only records of this device; NULL = there must be only one; "all" */
    char *seen_device; /* the first one met */
    FILE *file;
    struct gw_hash *hash;
    int64_t offset_bytes; /* where the present record begins */
    int64_t read_bytes;   /* read so far */
    int64_t line;         /* of the present record, from 1 */
    int64_t skipped;      /* records passed over: no IO of data, or of another device */
    int64_t elsewhere;    /* how many of them are of another device */
    int64_t clock_ns;     /* room of the format */
    int version;          /* room of the format */
    char text[GW_TRACE_LINE_MAX];
    char *field[GW_TRACE_FIELDS_MAX];
    size_t field_count;
};

struct gw_trace_format {
    const char *name; /* "vscsi": word of the `format` setting */
    const char *title;
    bool is_text;      /* places are lines */
    bool end_is_plain; /* a last line without line feed that reads well is whole */
    /* Whether a file that begins with these bytes has this format. */
    bool (*probe)(const unsigned char *head, size_t length);
    /* Next record; one with an empty extent is skipped and counted. */
    enum gw_trace_step (*next)(struct gw_trace_reader *reader, struct gw_trace_record *out,
                               struct gw_error *err);
};

extern const struct gw_trace_format *const gw_trace_formats[]; /* NULL-terminated */

/* Opens a trace; format NULL = found by its first bytes. Texts are copied.
 * Errors: GW_ENOENT, GW_EIO, GW_EINVAL (unknown format), GW_ENOMEM. */
struct gw_trace_reader *gw_trace_open(const char *path, const struct gw_trace_format *format,
                                      const char *device, struct gw_error *err);
enum gw_trace_step gw_trace_next(struct gw_trace_reader *reader, struct gw_trace_record *out,
                                 struct gw_error *err);
void gw_trace_close(struct gw_trace_reader *reader);

/* What a whole trace holds. */
struct gw_trace_summary {
    int64_t count; /* IOs */
    int64_t reads, writes, trims;
    int64_t bytes_read, bytes_written;
    int64_t skipped, elsewhere;
    int64_t first_ns, last_ns; /* lowest and highest stamp */
    int64_t end_bytes;         /* one past the last byte touched */
    int64_t length_most_bytes;
    int64_t bits;  /* all offsets and lengths or-ed */
    bool unsorted; /* a stamp lies before the one in front of it */
    int64_t previous_ns;
    char digest[GW_HASH_TEXT];
};

/* Adds one record to a zeroed or begun summary. */
void gw_trace_account(struct gw_trace_summary *summary, const struct gw_trace_record *record);
/* Takes over what the reader alone knows, once it has met the end: skips and the digest. */
void gw_trace_finish(struct gw_trace_summary *summary, const struct gw_trace_reader *reader);

/* ---- for formats ----------------------------------------------------------------------------- */

/* Writes "file@offset: ..." or "file:line: ..." with GW_EIO. */
enum gw_trace_step gw_trace_damage(const struct gw_trace_reader *reader, struct gw_error *err,
                                   const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Reads exactly `length` bytes; END at the end of the file, DAMAGED when only a part is there. */
enum gw_trace_step gw_trace_bytes(struct gw_trace_reader *reader, unsigned char *out, size_t length,
                                  struct gw_error *err);
/* Reads a line and splits it at blanks into `field`; empty lines are passed over. */
enum gw_trace_step gw_trace_line(struct gw_trace_reader *reader, struct gw_error *err);
/* Field `index` as a whole number 0 .. most; false and damage otherwise. */
bool gw_trace_number(const struct gw_trace_reader *reader, size_t index, int64_t most, int64_t *out,
                     struct gw_error *err);
/* Decides whether a record of `device` is wanted: empties its extent in `out` when not.
 * DAMAGED when a second device turns up and none was chosen, else RECORD. */
enum gw_trace_step gw_trace_of_device(struct gw_trace_reader *reader, const char *device,
                                      struct gw_trace_record *out, struct gw_error *err);

#endif
