/* trace_vscsi.c - disk traces of VMware ESX (vscsiStats), versions 1 and 2.
 *
 * Source    Little-endian records: version 1, 32 bytes: u32 serial, length, segments; u16
 *           command, version; u64 block, time. Version 2, 40 bytes: u16 command, version; u32
 *           serial, length, segments; u64 block, time, response time. The upper byte of `version`
 *           is 1 or 2, `command` is the SCSI operation code, blocks have 512 bytes, times are
 *           microseconds.
 * Departs   WRITE SAME counts as a write of zeroes: its pattern is not in the trace. Commands
 *           that carry no data extent (flush, unmap, inquiry ...) are skipped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/trace.h"

enum { FIRST_BYTES = 32, SECOND_BYTES = 40, BLOCK_BYTES = 512, NS_PER_US = 1000 };

extern const struct gw_trace_format gw_trace_vscsi;

struct layout {
    size_t record_bytes, command, version, length, block, stamp;
};

static const struct layout layouts[] = {
    {FIRST_BYTES, 12, 14, 4, 16, 24},
    {SECOND_BYTES, 0, 2, 8, 16, 24},
};

static const struct {
    unsigned char code;
    enum gw_io_op op;
} commands[] = {
    {0x28, GW_IO_READ},  {0x2a, GW_IO_WRITE}, {0x88, GW_IO_READ},  {0x8a, GW_IO_WRITE},
    {0x08, GW_IO_READ},  {0x0a, GW_IO_WRITE}, {0xa8, GW_IO_READ},  {0xaa, GW_IO_WRITE},
    {0x2e, GW_IO_WRITE}, {0x8e, GW_IO_WRITE}, {0xae, GW_IO_WRITE}, {0x41, GW_IO_ZERO},
    {0x93, GW_IO_ZERO},
};

static uint64_t
little_endian(const unsigned char *bytes, size_t length)
{
    uint64_t value = 0;

    while (length-- > 0) {
        value = value << 8 | bytes[length];
    }
    return value;
}

/* 1 or 2 when a record at `bytes` could have that version, else 0. */
static int
version_of(const unsigned char *bytes)
{
    if (bytes[layouts[0].version + 1] == 1) {
        return 1;
    }
    return bytes[layouts[1].version + 1] == 2 ? 2 : 0;
}

static bool
vscsi_probe(const unsigned char *head, size_t length)
{
    return length >= FIRST_BYTES && version_of(head) != 0;
}

static bool
is_data_command(uint64_t code, enum gw_io_op *op)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].code == code) {
            *op = commands[i].op;
            return true;
        }
    }
    return false;
}

static enum gw_trace_step
decode(const struct gw_trace_reader *reader, const unsigned char *bytes,
       struct gw_trace_record *out, struct gw_error *err)
{
    const struct layout *layout = &layouts[reader->version - 1];
    uint64_t stamp_us = little_endian(bytes + layout->stamp, 8);
    uint64_t block = little_endian(bytes + layout->block, 8);

    if (bytes[layout->version + 1] != reader->version) {
        return gw_trace_damage(reader, err, "record of version %d in a trace of version %d",
                               bytes[layout->version + 1], reader->version);
    }
    if (stamp_us > INT64_MAX / 2 / NS_PER_US) {
        return gw_trace_damage(reader, err, "time %llu us: beyond the range of time",
                               (unsigned long long)stamp_us);
    }
    out->extent.length_bytes = (int64_t)little_endian(bytes + layout->length, 4);
    out->at_ns = (int64_t)stamp_us * NS_PER_US;
    if (!is_data_command(little_endian(bytes + layout->command, 2), &out->op)) {
        out->extent.length_bytes = 0;
        return GW_TRACE_RECORD;
    }
    if (block > INT64_MAX / 4 / BLOCK_BYTES) {
        return gw_trace_damage(reader, err, "block %llu: beyond any disk",
                               (unsigned long long)block);
    }
    out->extent.offset_bytes = (int64_t)block * BLOCK_BYTES;
    return GW_TRACE_RECORD;
}

static enum gw_trace_step
read_record(struct gw_trace_reader *reader, unsigned char bytes[SECOND_BYTES], struct gw_error *err)
{
    enum gw_trace_step step;

    if (reader->version != 0) {
        return gw_trace_bytes(reader, bytes, layouts[reader->version - 1].record_bytes, err);
    }
    step = gw_trace_bytes(reader, bytes, FIRST_BYTES, err);
    if (step != GW_TRACE_RECORD) {
        return step;
    }
    reader->version = version_of(bytes);
    if (reader->version == 0) {
        return gw_trace_damage(reader, err, "no vSCSI record: its version is neither 1 nor 2");
    }
    if (reader->version == 2) {
        step = gw_trace_bytes(reader, bytes + FIRST_BYTES, SECOND_BYTES - FIRST_BYTES, err);
        reader->offset_bytes = 0;
        return step == GW_TRACE_END ? gw_trace_damage(reader, err,
                                                      "last record is cut off: %d of %d bytes are "
                                                      "missing",
                                                      SECOND_BYTES - FIRST_BYTES, SECOND_BYTES)
                                    : step;
    }
    return GW_TRACE_RECORD;
}

static enum gw_trace_step
vscsi_next(struct gw_trace_reader *reader, struct gw_trace_record *out, struct gw_error *err)
{
    unsigned char bytes[SECOND_BYTES];
    enum gw_trace_step step = read_record(reader, bytes, err);

    if (step != GW_TRACE_RECORD) {
        return step;
    }
    step = decode(reader, bytes, out, err);
    return step == GW_TRACE_RECORD && out->extent.length_bytes != 0
               ? gw_trace_of_device(reader, "0", out, err)
               : step;
}

const struct gw_trace_format gw_trace_vscsi = {
    .name = "vscsi",
    .title = "VMware vscsiStats records, version 1 or 2",
    .probe = vscsi_probe,
    .next = vscsi_next,
};
