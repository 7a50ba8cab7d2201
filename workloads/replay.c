/* replay.c - a recorded guest: IOs of a trace, each at its own time.
 *
 * Idea      The whole file is read and checked before anything runs: counted, hashed, measured.
 *           Then its IOs are issued from memory, or, if it is long, by reading it again. Times
 *           count from the first IO of the trace.
 * Departs   A recorded guest does not react: IOs come at their stamps whatever the latency was.
 *           `outstanding` bounds how many are in flight; late ones then follow at once.
 * Invariant What is replayed is exactly what was counted: a trace that changes under our feet
 *           ends the stream with a fault, never early and silently.
 * Cost      32 bytes an IO up to `resident_limit` IOs, then a buffer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "workloads/mix.h"
#include "workloads/trace.h"
#include "workloads/workload.h"

extern const struct gw_workload_kind gw_workload_replay;

/* Schedules beyond this are never due: half of the range of time, so that sums are safe. */
#define FAR_NS (INT64_MAX / 2)

enum remap { REMAP_REFUSE, REMAP_MODULO, REMAP_CLAMP };

static const char *const remap_words[] = {"refuse", "modulo", "clamp", NULL};
static const char *const format_words[] = {"auto", "vscsi", "fio", "mqsim", NULL};

struct replay_settings {
    char *trace, *device, *disk;
    int format;
    double time_scale;
    bool loop;
    int64_t limit;
    int remap;
    int64_t outstanding, resident_limit;
};

#define ROW_AT(field) offsetof(struct replay_settings, field)

static const struct gw_setting replay_rows[] = {
    {"trace", GW_SETTING_TEXT, ROW_AT(trace), NULL, NULL, NULL, NULL, "path of the trace"},
    {"format", GW_SETTING_CHOICE, ROW_AT(format), "auto", NULL, NULL, format_words,
     "format of the trace; auto = by its first bytes"},
    {"device", GW_SETTING_TEXT, ROW_AT(device), NULL, NULL, NULL, NULL,
     "device or file name in the trace whose IOs are replayed; all = any"},
    {"disk", GW_SETTING_TEXT, ROW_AT(disk), "last", NULL, NULL, NULL,
     "disk of the guest: its number from 0, or last"},
    {"time_scale", GW_SETTING_NUMBER, ROW_AT(time_scale), "1", "0.000001", "1000000", NULL,
     "factor on all times: 2 = half as fast"},
    {"loop", GW_SETTING_FLAG, ROW_AT(loop), "false", NULL, NULL, NULL,
     "begin again at the end of the trace"},
    {"limit", GW_SETTING_COUNT, ROW_AT(limit), "0", NULL, NULL, NULL,
     "replay the first IOs of the trace only; 0 = all"},
    {"remap", GW_SETTING_CHOICE, ROW_AT(remap), "refuse", NULL, NULL, remap_words,
     "what to do with IOs beyond the end of the disk"},
    {"outstanding", GW_SETTING_COUNT, ROW_AT(outstanding), "0", NULL, "65536", NULL,
     "most IOs in flight; 0 = no bound"},
    {"resident_limit", GW_SETTING_COUNT, ROW_AT(resident_limit), "4194304", "1", "1073741824", NULL,
     "IOs kept in memory, 32 bytes each; longer traces are read again as they run"},
    GW_SETTING_END,
};

struct replay {
    struct gw_workload workload;
    uint32_t concurrency, disk;
    const struct gw_trace_format *format;
    char *path, *device;
    struct gw_trace_summary summary;
    struct gw_trace_record *record; /* NULL: streamed */
    struct gw_trace_reader *reader; /* streamed: open while a lap runs */
    int64_t limit;                  /* IOs of one lap */
    int64_t index;                  /* next IO of the lap */
    int64_t usable_bytes;           /* of the disk, in whole alignment units */
    int64_t lap_ns;                 /* when the present lap began */
    double time_scale;
    int remap;
    bool loop, failed;
    struct gw_error error;
};

/* ---- reading it all before the start --------------------------------------------------------- */

static bool
keep_record(struct replay *replay, const struct gw_trace_record *record, int64_t resident_limit)
{
    int64_t count = replay->summary.count;
    struct gw_trace_record *grown;

    if (count > resident_limit) {
        free(replay->record);
        replay->record = NULL;
        return true;
    }
    if (count == 1 || (count & (count - 1)) == 0) {
        grown = realloc(replay->record, (size_t)count * 2 * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        replay->record = grown;
    }
    replay->record[count - 1] = *record;
    return true;
}

static bool
scan(struct replay *replay, int64_t resident_limit, struct gw_error *err)
{
    struct gw_trace_reader *reader =
        gw_trace_open(replay->path, replay->format, replay->device, err);
    struct gw_trace_record record;
    enum gw_trace_step step = GW_TRACE_DAMAGED;
    bool kept = true;

    if (reader == NULL) {
        return false;
    }
    replay->format = reader->format;
    while (kept && (step = gw_trace_next(reader, &record, err)) == GW_TRACE_RECORD) {
        if (replay->limit == 0 || replay->summary.count < replay->limit) {
            gw_trace_account(&replay->summary, &record);
            kept = keep_record(replay, &record, resident_limit);
        }
    }
    gw_trace_finish(&replay->summary, reader);
    gw_trace_close(reader);
    if (!kept) {
        return gw_fail(err, GW_ENOMEM, "trace %s: out of memory for %lld IOs", replay->path,
                       (long long)replay->summary.count);
    }
    replay->limit = replay->summary.count;
    return step == GW_TRACE_END;
}

/* One merge of two sorted neighbours; the left one wins ties, so the order is stable. */
static void
merge(const struct gw_trace_record *from, struct gw_trace_record *into, size_t middle, size_t end)
{
    size_t left = 0;
    size_t right = middle;

    for (size_t i = 0; i < end; i++) {
        bool take_left = left < middle && (right >= end || from[left].at_ns <= from[right].at_ns);

        into[i] = from[take_left ? left++ : right++];
    }
}

static bool
sort_by_time(struct replay *replay, struct gw_error *err)
{
    size_t count = (size_t)replay->summary.count;
    struct gw_trace_record *spare = malloc(count * sizeof *spare);
    struct gw_trace_record *swapped;

    if (spare == NULL) {
        return gw_fail(err, GW_ENOMEM, "trace %s: out of memory to sort it", replay->path);
    }
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t end = count - at < 2 * width ? count - at : 2 * width;

            merge(replay->record + at, spare + at, end < width ? end : width, end);
        }
        swapped = replay->record;
        replay->record = spare;
        spare = swapped;
    }
    free(spare);
    return true;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool
check_times(struct replay *replay, struct gw_error *err)
{
    const struct gw_trace_summary *summary = &replay->summary;
    int64_t span_ns = summary->last_ns - summary->first_ns;

    if (summary->count == 0) {
        return gw_fail(err, GW_EINVAL, "trace %s: holds no IO to replay (%lld skipped)",
                       replay->path, (long long)summary->skipped);
    }
    if (summary->unsorted && replay->record == NULL) {
        return gw_fail(err, GW_EINVAL,
                       "trace %s: not in order of time and longer than resident_limit: sort it",
                       replay->path);
    }
    if (span_ns == 0 && (summary->count > 1 || replay->loop) && replay->concurrency == 0) {
        return gw_fail(err, GW_EINVAL,
                       "trace %s: all IOs have the same time: set outstanding to replay it as "
                       "fast as the disk allows",
                       replay->path);
    }
    if ((double)span_ns * replay->time_scale >= (double)(FAR_NS / 2)) {
        return gw_fail(err, GW_EINVAL, "time_scale %g: too long for a trace of %lld s",
                       replay->time_scale, (long long)(span_ns / 1000000000));
    }
    return true;
}

static bool
check_places(struct replay *replay, int64_t disk_bytes, struct gw_error *err)
{
    const struct gw_trace_summary *summary = &replay->summary;
    int64_t alignment = gw_alignment_of(summary->bits);
    double gib = 0x1p-30;

    replay->workload.alignment_bytes = alignment;
    replay->usable_bytes = disk_bytes - disk_bytes % alignment;
    if (summary->end_bytes > disk_bytes && replay->remap == REMAP_REFUSE) {
        return gw_fail(err, GW_EINVAL,
                       "trace reaches %.3gGiB, disk is %.3gGiB: enlarge vm.disks or set remap",
                       (double)summary->end_bytes * gib, (double)disk_bytes * gib);
    }
    if (summary->length_most_bytes > replay->usable_bytes) {
        return gw_fail(err, GW_EINVAL, "trace has an IO of %lldB, disk is %lldB: enlarge vm.disks",
                       (long long)summary->length_most_bytes, (long long)disk_bytes);
    }
    return true;
}

/* ---- running --------------------------------------------------------------------------------- */

static int64_t
place(const struct replay *replay, struct gw_extent extent)
{
    int64_t offset = extent.offset_bytes;
    int64_t last = replay->usable_bytes - extent.length_bytes;

    if (offset <= last || replay->remap == REMAP_REFUSE) {
        return offset;
    }
    if (replay->remap == REMAP_MODULO) {
        offset %= replay->usable_bytes;
    }
    return offset <= last ? offset : last;
}

static int64_t
scaled_ns(const struct replay *replay, int64_t span_ns)
{
    if (replay->time_scale == 1.0) {
        return span_ns;
    }
    return (int64_t)((double)span_ns * replay->time_scale + 0.5);
}

/* The next lap begins one mean gap after the last IO of this one. */
static bool
begin_lap(struct replay *replay)
{
    int64_t span_ns = replay->summary.last_ns - replay->summary.first_ns;
    int64_t gap_ns = replay->limit > 1 ? span_ns / (replay->limit - 1) : 0;

    if (!replay->loop || replay->lap_ns >= FAR_NS / 2) {
        return false;
    }
    replay->lap_ns += scaled_ns(replay, span_ns + gap_ns);
    replay->index = 0;
    if (replay->reader != NULL) {
        gw_trace_close(replay->reader);
        replay->reader = NULL;
    }
    return true;
}

/* Next record of a streamed trace; the first pass has seen that it is there. */
static bool
read_again(struct replay *replay, struct gw_trace_record *out)
{
    enum gw_trace_step step;

    if (replay->reader == NULL) {
        replay->reader =
            gw_trace_open(replay->path, replay->format, replay->device, &replay->error);
    }
    if (replay->reader == NULL) {
        return false;
    }
    step = gw_trace_next(replay->reader, out, &replay->error);
    if (step == GW_TRACE_END || (step == GW_TRACE_RECORD &&
                                 (out->at_ns < replay->summary.first_ns ||
                                  gw_extent_end(out->extent) > replay->summary.end_bytes ||
                                  out->extent.length_bytes > replay->summary.length_most_bytes))) {
        return gw_fail(&replay->error, GW_EIO, "trace %s: changed while it was replayed",
                       replay->path);
    }
    return step == GW_TRACE_RECORD;
}

static bool
replay_next(struct gw_workload *workload, uint32_t stream, int64_t now_ns, struct gw_demand *out)
{
    struct replay *replay = gw_container(workload, struct replay, workload);
    struct gw_trace_record record;
    int64_t at_ns;

    (void)stream;
    if (replay->failed || (replay->index == replay->limit && !begin_lap(replay))) {
        return false;
    }
    if (replay->record != NULL) {
        record = replay->record[replay->index];
    } else if (!read_again(replay, &record)) {
        replay->failed = true;
        return false;
    }
    replay->index++;
    at_ns = replay->lap_ns + scaled_ns(replay, record.at_ns - replay->summary.first_ns);
    out->at_ns = at_ns > now_ns ? at_ns : now_ns;
    out->op = record.op;
    out->disk = replay->disk;
    out->extent = (struct gw_extent){place(replay, record.extent), record.extent.length_bytes};
    return true;
}

static const char *
replay_fault(const struct gw_workload *workload)
{
    const struct replay *replay =
        (const struct replay *)((const char *)workload - offsetof(struct replay, workload));

    return replay->failed ? replay->error.message : NULL;
}

static void
replay_destroy(struct gw_workload *workload)
{
    struct replay *replay = gw_container(workload, struct replay, workload);

    if (replay->reader != NULL) {
        gw_trace_close(replay->reader);
    }
    free(replay->record);
    free(replay->device);
    free(replay->path);
    free(replay);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static bool
find_format(int choice, const struct gw_trace_format **format, struct gw_error *err)
{
    const char *word = format_words[choice];

    for (size_t i = 0; gw_trace_formats[i] != NULL; i++) {
        if (strcmp(gw_trace_formats[i]->name, word) == 0) {
            *format = gw_trace_formats[i];
        }
    }
    return *format != NULL || choice == 0 ||
           gw_fail(err, GW_EINVAL, "format %s: no such trace format", word);
}

static bool
set_up(struct replay *replay, const struct gw_workload_context *context,
       const struct replay_settings *wanted, struct gw_error *err)
{
    if (wanted->trace == NULL) {
        return gw_fail(err, GW_EINVAL, "trace: must be given, the path of a trace");
    }
    replay->path = strdup(wanted->trace);
    replay->device = wanted->device != NULL ? strdup(wanted->device) : NULL;
    if (replay->path == NULL || (wanted->device != NULL && replay->device == NULL)) {
        return gw_fail(err, GW_ENOMEM, "workload replay: out of memory");
    }
    replay->time_scale = wanted->time_scale;
    replay->loop = wanted->loop;
    replay->limit = wanted->limit;
    replay->remap = wanted->remap;
    replay->concurrency = (uint32_t)wanted->outstanding;
    return gw_disk_index(context, wanted->disk, &replay->disk, err) &&
           find_format(wanted->format, &replay->format, err) &&
           scan(replay, wanted->resident_limit, err) && check_times(replay, err) &&
           check_places(replay, context->disk_bytes[replay->disk], err) &&
           (!replay->summary.unsorted || sort_by_time(replay, err));
}

static struct gw_workload *
replay_create(const struct gw_workload_context *context, const void *settings, struct gw_error *err)
{
    struct replay *replay = calloc(1, sizeof *replay);

    if (replay == NULL) {
        gw_fail(err, GW_ENOMEM, "workload replay: out of memory");
        return NULL;
    }
    replay->workload = (struct gw_workload){.kind = &gw_workload_replay,
                                            .stream_count = 1,
                                            .digest = replay->summary.digest,
                                            .concurrency = &replay->concurrency,
                                            .next = replay_next,
                                            .fault = replay_fault,
                                            .destroy = replay_destroy};
    if (!set_up(replay, context, settings, err)) {
        replay_destroy(&replay->workload);
        return NULL;
    }
    return &replay->workload;
}

const struct gw_workload_kind gw_workload_replay = {
    .name = "replay",
    .title = "the IOs of a recorded trace, each at its own time",
    .source = "vscsiStats, fio iolog and MQSim traces",
    .settings = replay_rows,
    .settings_bytes = sizeof(struct replay_settings),
    .create = replay_create,
};
