/* trace_mqsim.c - the text traces of MQSim and DiskSim: arrival, device, sector, sectors, type.
 *
 * Source    MQSim's README: times in nanoseconds, sectors of 512 bytes, type 0 = write, 1 = read.
 * Departs   Files in use lack the last line feed. The last field has one digit, so a last line
 *           with five fields is whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "workloads/trace.h"

enum { SECTOR_BYTES = 512, FIELDS = 5 };

extern const struct gw_trace_format gw_trace_mqsim;

/* A first line of digits and blanks with five numbers. */
static bool
mqsim_probe(const unsigned char *head, size_t length)
{
    size_t fields = 0;
    bool inside = false;

    for (size_t i = 0; i < length && head[i] != '\n'; i++) {
        bool is_digit = head[i] >= '0' && head[i] <= '9';

        if (!is_digit && head[i] != ' ' && head[i] != '\t' && head[i] != '\r') {
            return false;
        }
        fields += is_digit && !inside;
        inside = is_digit;
    }
    return fields == FIELDS;
}

static enum gw_trace_step
mqsim_next(struct gw_trace_reader *reader, struct gw_trace_record *out, struct gw_error *err)
{
    enum gw_trace_step step = gw_trace_line(reader, err);
    int64_t device, sector, sectors, type;

    if (step != GW_TRACE_RECORD) {
        return step;
    }
    if (!gw_trace_number(reader, 0, INT64_MAX / 2, &out->at_ns, err) ||
        !gw_trace_number(reader, 1, UINT32_MAX, &device, err) ||
        !gw_trace_number(reader, 2, INT64_MAX / 4 / SECTOR_BYTES, &sector, err) ||
        !gw_trace_number(reader, 3, UINT32_MAX, &sectors, err) ||
        !gw_trace_number(reader, 4, 1, &type, err)) {
        return GW_TRACE_DAMAGED;
    }
    if (reader->field_count != FIELDS) {
        return gw_trace_damage(reader, err, "line has %zu fields: must be %d", reader->field_count,
                               FIELDS);
    }
    out->op = type == 0 ? GW_IO_WRITE : GW_IO_READ;
    out->extent = (struct gw_extent){sector * SECTOR_BYTES, sectors * SECTOR_BYTES};
    return sectors != 0 ? gw_trace_of_device(reader, reader->field[1], out, err) : GW_TRACE_RECORD;
}

const struct gw_trace_format gw_trace_mqsim = {
    .name = "mqsim",
    .title = "MQSim or DiskSim text: arrival_ns device sector sectors type",
    .is_text = true,
    .end_is_plain = true,
    .probe = mqsim_probe,
    .next = mqsim_next,
};
