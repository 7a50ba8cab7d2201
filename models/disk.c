/* disk.c - `kind: disk`: one spinning disk, by geometry.
 *
 * Idea       A service is command overhead, seek, rotation to the first byte, transfer at the
 *            zone's rate. The angle of the platter follows from the time, so a continuation that
 *            was queued in time loses nothing and a random place costs half a turn on average.
 *            The idle head reads ahead behind a read; whatever moves the arm ends that, and the
 *            stream pays a seek and a rotation to come back: so guest IO slows a copy.
 * Source     Ruemmler and Wilkes, IEEE Computer 27(3), 1994. Default figures: class of a 15000 rpm
 *            FC disk of 2008 (Seagate Cheetah 15K.5: 3.4 ms average read seek, 3.9 ms write,
 *            73 to 125 MB/s); track, full-stroke and overhead times are typical values.
 * Departs    No cylinder or head switches (perfect skew), no thermal recalibration, no defects.
 * Invariant  one media operation at a time; a flush waits for all cached writes.
 * Cost       one event a request; a scan of the queue and of the buffer segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/disk_buffer.h"
#include "models/disk_geometry.h"
#include "models/disk_queue.h"
#include "models/pace.h"
#include "models/request_pool.h"

extern const struct gw_device_kind gw_disk_kind;

struct disk_settings {
    struct gw_disk_shape shape;
    int64_t settle_ns, overhead_ns, interface_rate;
    int64_t depth, patience_ns, segments, ahead_bytes, cache_bytes;
    int policy;
    bool write_cache;
};

struct disk {
    struct gw_device device;
    struct gw_ledger ledger;
    struct disk_settings settings;
    struct gw_disk_geometry geometry;
    struct gw_disk_queue queue;
    struct gw_disk_buffer buffer;
    struct gw_pace interface;
    struct gw_request_pool pool; /* writes that were acknowledged from the cache */
    struct gw_fifo flushes;      /* wait for dirty_bytes == 0 */
    int64_t dirty_bytes;
    int64_t head_bytes; /* where the arm stands, unless a buffer segment is live */
    bool busy;
};

static const char *const policies[] = {"fifo", "sstf", "elevator", NULL};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct disk_settings, field), preset, least, most, NULL, help          \
    }

static const struct gw_setting settings_table[] = {
    ROW("capacity", GW_SETTING_BYTES, shape.capacity_bytes, "300GB", "1MB", "1PB", "size"),
    ROW("rpm", GW_SETTING_COUNT, shape.rotations_a_minute, "15000", "1000", "100000",
        "revolutions a minute"),
    ROW("outer_rate", GW_SETTING_RATE, shape.outer_rate, "125MB/s", "1kB/s", NULL,
        "media rate of the first zone"),
    ROW("inner_rate", GW_SETTING_RATE, shape.inner_rate, "73MB/s", "1kB/s", NULL,
        "media rate of the last zone"),
    ROW("seek_track", GW_SETTING_TIME, shape.seek_track_ns, "200us", NULL, "1s",
        "seek to the next track"),
    ROW("seek_average", GW_SETTING_TIME, shape.seek_average_ns, "3.4ms", NULL, "1s",
        "mean seek between independent uniform places"),
    ROW("seek_full", GW_SETTING_TIME, shape.seek_full_ns, "6.6ms", NULL, "1s",
        "seek over the full stroke"),
    ROW("write_settle", GW_SETTING_TIME, settle_ns, "500us", NULL, "1s",
        "added to the seek before a write"),
    ROW("overhead", GW_SETTING_TIME, overhead_ns, "100us", NULL, "1s",
        "command processing, overlapped with the service before it"),
    ROW("interface_rate", GW_SETTING_RATE, interface_rate, "400MB/s", NULL, NULL,
        "bytes a second between host and buffer; 0B/s means no limit"),
    ROW("depth", GW_SETTING_COUNT, depth, "16", "1", "4096", "requests that the scheduler sees"),
    {"scheduling", GW_SETTING_CHOICE, offsetof(struct disk_settings, policy), "sstf", NULL, NULL,
     policies, "which queued request is served next"},
    ROW("patience", GW_SETTING_TIME, patience_ns, "500ms", NULL, NULL,
        "a request that waited longer goes first"),
    ROW("segments", GW_SETTING_COUNT, segments, "16", NULL, "1024",
        "streams that the read buffer holds; 0 means no buffer"),
    ROW("read_ahead", GW_SETTING_BYTES, ahead_bytes, "512KiB", NULL, "1GiB",
        "most read beyond the last request of a stream"),
    ROW("write_cache", GW_SETTING_FLAG, write_cache, "false", NULL, NULL,
        "acknowledge writes from the cache (volatile)"),
    ROW("cache", GW_SETTING_BYTES, cache_bytes, "8MiB", NULL, "1GiB", "size of the write cache"),
    GW_SETTING_END,
};

#undef ROW

static void start_next(struct disk *disk);
static void media_done(struct gw_event *event);

static struct disk *
disk_of(struct gw_device *device)
{
    return gw_container(device, struct disk, device);
}

static int64_t
later(int64_t a_ns, int64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

static void
answered(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    gw_device_release(&disk_of(request->device)->ledger, request);
}

/* Moment at which the arm, free from begin_ns, has passed [offset, end). */
static int64_t
mechanics_ns(const struct disk *disk, int64_t begin_ns, int64_t offset_bytes, int64_t end_bytes,
             bool writes)
{
    const struct gw_disk_geometry *geometry = &disk->geometry;
    double seek_ns = gw_disk_seek_ns(geometry, offset_bytes - disk->head_bytes);
    double target = gw_disk_turns(geometry, offset_bytes);
    double arrived, wait;

    if (writes && offset_bytes != disk->head_bytes) {
        seek_ns += (double)disk->settings.settle_ns;
    }
    arrived = ((double)begin_ns + seek_ns) / geometry->turn_ns;
    wait = target - arrived;
    wait -= (double)(int64_t)wait;
    if (wait < 0) {
        wait += 1;
    }
    /* A continuation must not lose a turn to the rounding of its start to whole ns. */
    if (wait > 1 - 2e-4) {
        wait = 0;
    }
    return begin_ns +
           (int64_t)(seek_ns + 0.5 +
                     (wait + gw_disk_turns(geometry, end_bytes) - target) * geometry->turn_ns);
}

/* Where the arm is now; ends the read-ahead. */
static void
stop_reading_ahead(struct disk *disk)
{
    if (disk->buffer.live < disk->buffer.count) {
        disk->head_bytes = disk->buffer.segments[disk->buffer.live].end_bytes;
    }
    gw_disk_buffer_freeze(&disk->buffer);
}

/* Answers a read that the buffer holds already; false when the media are needed. */
static bool
answer_from_buffer(struct disk *disk, struct gw_request *request, struct gw_disk_segment *segment)
{
    int64_t now_ns = disk->device.agenda->now_ns;
    int64_t end_bytes = request->offset_bytes + request->length_bytes;

    if (segment == NULL || end_bytes > segment->end_bytes ||
        (segment == &disk->buffer.segments[disk->buffer.live] &&
         disk->buffer.live_since_ns > now_ns)) {
        return false;
    }
    if (segment->limit_bytes < end_bytes + disk->settings.ahead_bytes) {
        segment->limit_bytes = end_bytes + disk->settings.ahead_bytes;
    }
    disk->ledger.stats.cache_hits++;
    gw_request_wait(request, answered,
                    later(now_ns, request->arrived_ns + disk->settings.overhead_ns) +
                        gw_pace_ns(disk->interface, request->length_bytes));
    return true;
}

static int64_t
read_ns(struct disk *disk, const struct gw_request *request, struct gw_disk_segment *segment,
        int64_t begin_ns)
{
    int64_t from_bytes = request->offset_bytes;
    int64_t end_bytes = request->offset_bytes + request->length_bytes;
    int64_t finish_ns;

    if (segment != NULL) {
        from_bytes = segment->end_bytes;
    }
    if (segment != NULL && segment == &disk->buffer.segments[disk->buffer.live] &&
        from_bytes < segment->limit_bytes) {
        double turns =
            gw_disk_turns(&disk->geometry, end_bytes) - gw_disk_turns(&disk->geometry, from_bytes);

        finish_ns = disk->buffer.live_since_ns + (int64_t)(turns * disk->geometry.turn_ns + 0.5);
    } else {
        stop_reading_ahead(disk);
        finish_ns = mechanics_ns(disk, begin_ns, from_bytes, end_bytes, false);
    }
    gw_disk_buffer_read(&disk->buffer, segment,
                        (struct gw_extent){request->offset_bytes, request->length_bytes},
                        finish_ns);
    return later(finish_ns, begin_ns + gw_pace_ns(disk->interface, request->length_bytes));
}

static int64_t
write_ns(struct disk *disk, const struct gw_request *request, int64_t begin_ns)
{
    int64_t end_bytes = request->offset_bytes + request->length_bytes;
    int64_t finish_ns;

    stop_reading_ahead(disk);
    gw_disk_buffer_write(&disk->buffer, request->offset_bytes, end_bytes);
    finish_ns = mechanics_ns(disk, begin_ns, request->offset_bytes, end_bytes, true);
    return later(finish_ns, begin_ns + gw_pace_ns(disk->interface, request->length_bytes));
}

static void
start_on_media(struct disk *disk, struct gw_request *request, struct gw_disk_segment *segment)
{
    int64_t now_ns = disk->device.agenda->now_ns;
    int64_t begin_ns = later(now_ns, request->arrived_ns + disk->settings.overhead_ns);
    int64_t finish_ns = request->op == GW_IO_READ ? read_ns(disk, request, segment, begin_ns)
                                                  : write_ns(disk, request, begin_ns);

    disk->busy = true;
    disk->head_bytes = request->offset_bytes + request->length_bytes;
    disk->ledger.stats.queue_ns += now_ns - request->arrived_ns;
    gw_request_wait(request, media_done, finish_ns);
}

static void
serve(struct disk *disk, struct gw_request *request)
{
    struct gw_disk_segment *segment = NULL;

    if (request->op == GW_IO_READ) {
        segment = gw_disk_buffer_find(&disk->buffer, request->offset_bytes);
        if (answer_from_buffer(disk, request, segment)) {
            return;
        }
    }
    start_on_media(disk, request, segment);
}

static void
start_next(struct disk *disk)
{
    int64_t now_ns = disk->device.agenda->now_ns;

    gw_disk_buffer_grow(&disk->buffer, &disk->geometry, now_ns);
    while (!disk->busy) {
        struct gw_request *request = gw_disk_queue_pop(&disk->queue, disk->head_bytes, now_ns);

        if (request == NULL) {
            return;
        }
        serve(disk, request);
    }
}

static void
cached_write_done(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct disk *disk = disk_of(sub->owner);
    struct gw_fifo flushes = disk->flushes;
    struct gw_request *flush;

    disk->dirty_bytes -= request->length_bytes;
    gw_request_pool_give(&disk->pool, sub);
    if (disk->dirty_bytes > 0) {
        return;
    }
    disk->flushes.head = NULL;
    while ((flush = gw_fifo_pop(&flushes)) != NULL) {
        gw_device_release(&disk->ledger, flush);
    }
}

static void
media_done(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);
    struct disk *disk = disk_of(request->device);

    disk->busy = false;
    start_next(disk);
    if (request->done == cached_write_done) {
        cached_write_done(request);
        return;
    }
    gw_device_release(&disk->ledger, request);
}

static void
enqueue(struct disk *disk, struct gw_request *request)
{
    gw_disk_queue_push(&disk->queue, request);
    if (!disk->busy) {
        start_next(disk);
    }
}

/* Takes a write into the cache if it has room; it is then written behind. */
static bool
cache_write(struct disk *disk, struct gw_request *request)
{
    struct gw_subrequest *sub;

    if (!disk->settings.write_cache || !gw_io_modifies(request->op) || disk->flushes.head != NULL ||
        disk->dirty_bytes + request->length_bytes > disk->settings.cache_bytes) {
        return false;
    }
    sub = gw_request_pool_take(&disk->pool, &disk->device, request);
    sub->request.device = &disk->device;
    sub->request.done = cached_write_done;
    sub->request.arrived_ns = request->arrived_ns;
    disk->dirty_bytes += request->length_bytes;
    enqueue(disk, &sub->request);
    gw_request_wait(request, answered,
                    request->arrived_ns + disk->settings.overhead_ns +
                        gw_pace_ns(disk->interface, request->length_bytes));
    return true;
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct disk *disk = disk_of(device);

    if (!gw_device_admit(device, &disk->ledger, request)) {
        return;
    }
    if (request->op == GW_IO_FLUSH && disk->dirty_bytes > 0) {
        gw_fifo_push(&disk->flushes, request);
        return;
    }
    if (request->op == GW_IO_FLUSH || request->op == GW_IO_TRIM || request->op == GW_IO_STATUS) {
        gw_request_wait(request, answered, request->arrived_ns + disk->settings.overhead_ns);
        return;
    }
    if (cache_write(disk, request)) {
        return;
    }
    /* What the buffer holds need not wait for the arm. */
    if (disk->busy && request->op == GW_IO_READ &&
        answer_from_buffer(disk, request,
                           gw_disk_buffer_find(&disk->buffer, request->offset_bytes))) {
        return;
    }
    enqueue(disk, request);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct disk)->ledger, device->agenda->now_ns, out);
}

static void
destroy(struct gw_device *device)
{
    struct disk *disk = disk_of(device);

    gw_disk_queue_stop(&disk->queue);
    gw_disk_buffer_stop(&disk->buffer);
    gw_request_pool_stop(&disk->pool);
    free(disk);
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct disk_settings *given = settings;
    struct disk *disk = calloc(1, sizeof *disk);

    (void)children;
    if (disk == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    disk->device = (struct gw_device){
        .kind = &gw_disk_kind,
        .agenda = context->agenda,
        .capacity_bytes = given->shape.capacity_bytes,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    disk->settings = *given;
    disk->interface = gw_pace_of(given->interface_rate);
    gw_request_pool_start(&disk->pool, sizeof(struct gw_subrequest));
    if (!gw_disk_geometry_init(&disk->geometry, &given->shape, err) ||
        !gw_disk_queue_start(&disk->queue, (uint32_t)given->depth, err) ||
        !gw_disk_buffer_start(&disk->buffer, (uint32_t)given->segments, given->ahead_bytes, err)) {
        destroy(&disk->device);
        return NULL;
    }
    disk->queue.policy = (enum gw_disk_policy)given->policy;
    disk->queue.patience_ns = given->patience_ns;
    return &disk->device;
}

const struct gw_device_kind gw_disk_kind = {
    .name = "disk",
    .title = "one spinning disk: seek, rotation, zones, read-ahead, scheduling",
    .source = "Ruemmler and Wilkes, IEEE Computer 27(3), 1994; class of a 15000 rpm FC disk",
    .settings = settings_table,
    .settings_bytes = sizeof(struct disk_settings),
    .create = create,
};
