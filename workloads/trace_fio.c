/* trace_fio.c - the iologs of fio, versions 2 and 3.
 *
 * Source    fio's manual, "Trace file format v2" and "v3". Version 2: `file action [offset
 *           length]`, with `wait` lines whose offset is a time in microseconds after the wait
 *           before it. Version 3: `timestamp file action [offset length]`; fio 3.33 writes
 *           microseconds.
 * Departs   add, open and close need not pair up; sync and datasync are skipped, as the guest
 *           model keeps no volatile cache. A trim is a trim.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "workloads/trace.h"

enum { NS_PER_US = 1000 };

extern const struct gw_trace_format gw_trace_fio;

static const char head_start[] = "fio version ";

enum action_kind { ACTION_IO, ACTION_WAIT, ACTION_NOTHING, ACTION_FILE };

static const struct {
    const char *word;
    enum action_kind kind;
    enum gw_io_op op;
} actions[] = {
    {"read", ACTION_IO, GW_IO_READ},       {"write", ACTION_IO, GW_IO_WRITE},
    {"trim", ACTION_IO, GW_IO_TRIM},       {"wait", ACTION_WAIT, GW_IO_READ},
    {"sync", ACTION_NOTHING, GW_IO_FLUSH}, {"datasync", ACTION_NOTHING, GW_IO_FLUSH},
    {"add", ACTION_FILE, GW_IO_READ},      {"open", ACTION_FILE, GW_IO_READ},
    {"close", ACTION_FILE, GW_IO_READ},
};

static bool
fio_probe(const unsigned char *head, size_t length)
{
    return length >= sizeof head_start - 1 && memcmp(head, head_start, sizeof head_start - 1) == 0;
}

static enum gw_trace_step
read_head(struct gw_trace_reader *reader, struct gw_error *err)
{
    enum gw_trace_step step = gw_trace_line(reader, err);
    bool is_head = step == GW_TRACE_RECORD && reader->field_count == 4 &&
                   strcmp(reader->field[0], "fio") == 0 &&
                   strcmp(reader->field[1], "version") == 0 &&
                   strcmp(reader->field[3], "iolog") == 0;

    if (step == GW_TRACE_DAMAGED) {
        return step;
    }
    if (is_head && (strcmp(reader->field[2], "2") == 0 || strcmp(reader->field[2], "3") == 0)) {
        reader->version = reader->field[2][0] - '0';
        return GW_TRACE_RECORD;
    }
    return gw_trace_damage(reader, err,
                           "first line must be 'fio version 2 iolog' or 'fio version 3 iolog'");
}

static size_t
find_action(const struct gw_trace_reader *reader, size_t field)
{
    size_t i = 0;
    size_t count = sizeof actions / sizeof actions[0];

    while (i < count &&
           (field >= reader->field_count || strcmp(reader->field[field], actions[i].word) != 0)) {
        i++;
    }
    return i;
}

static enum gw_trace_step
wait_on(struct gw_trace_reader *reader, size_t at, struct gw_error *err)
{
    int64_t wait_us;

    if (reader->version != 2) {
        return gw_trace_damage(reader, err, "wait: not in version 3, which has time stamps");
    }
    if (!gw_trace_number(reader, at + 1, INT64_MAX / 2 / NS_PER_US, &wait_us, err)) {
        return GW_TRACE_DAMAGED;
    }
    if (wait_us * NS_PER_US > INT64_MAX / 2 - reader->clock_ns) {
        return gw_trace_damage(reader, err, "wait %lld us: beyond the range of time",
                               (long long)wait_us);
    }
    reader->clock_ns += wait_us * NS_PER_US;
    return GW_TRACE_RECORD;
}

static enum gw_trace_step
decode_io(struct gw_trace_reader *reader, size_t at, struct gw_trace_record *out,
          struct gw_error *err)
{
    if (!gw_trace_number(reader, at + 1, INT64_MAX / 4, &out->extent.offset_bytes, err) ||
        !gw_trace_number(reader, at + 2, INT64_MAX / 4, &out->extent.length_bytes, err)) {
        return GW_TRACE_DAMAGED;
    }
    if (reader->field_count != at + 3) {
        return gw_trace_damage(reader, err, "line has %zu fields: must be %zu", reader->field_count,
                               at + 3);
    }
    return out->extent.length_bytes != 0
               ? gw_trace_of_device(reader, reader->field[at - 1], out, err)
               : GW_TRACE_RECORD;
}

/* One line; *is_record tells whether it is to be handed on. */
static enum gw_trace_step
decode(struct gw_trace_reader *reader, struct gw_trace_record *out, bool *is_record,
       struct gw_error *err)
{
    size_t at = reader->version == 3 ? 2 : 1;
    size_t i = find_action(reader, at);
    int64_t stamp_us;

    if (reader->version == 3) {
        if (!gw_trace_number(reader, 0, INT64_MAX / 2 / NS_PER_US, &stamp_us, err)) {
            return GW_TRACE_DAMAGED;
        }
        reader->clock_ns = stamp_us * NS_PER_US;
    }
    if (i == sizeof actions / sizeof actions[0]) {
        return gw_trace_damage(reader, err,
                               "action '%.40s': must be read, write, trim, sync, "
                               "datasync, wait, add, open or close",
                               at < reader->field_count ? reader->field[at] : "");
    }
    *is_record = actions[i].kind == ACTION_IO || actions[i].kind == ACTION_NOTHING;
    *out = (struct gw_trace_record){.at_ns = reader->clock_ns, .op = actions[i].op};
    if (actions[i].kind == ACTION_WAIT) {
        return wait_on(reader, at, err);
    }
    return actions[i].kind == ACTION_IO ? decode_io(reader, at, out, err) : GW_TRACE_RECORD;
}

static enum gw_trace_step
fio_next(struct gw_trace_reader *reader, struct gw_trace_record *out, struct gw_error *err)
{
    enum gw_trace_step step = reader->version == 0 ? read_head(reader, err) : GW_TRACE_RECORD;
    bool is_record = false;

    while (step == GW_TRACE_RECORD && !is_record) {
        step = gw_trace_line(reader, err);
        if (step == GW_TRACE_RECORD) {
            step = decode(reader, out, &is_record, err);
        }
    }
    return step;
}

const struct gw_trace_format gw_trace_fio = {
    .name = "fio",
    .title = "fio iolog, version 2 or 3",
    .is_text = true,
    .probe = fio_probe,
    .next = fio_next,
};
