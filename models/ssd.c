/* ssd.c - `kind: ssd`: flash dies in parallel behind a write buffer and one host interface.
 *
 * Idea       A read occupies the dies that hold its pages, in order of arrival at each die. A
 *            write is acknowledged when the buffer has taken it; the buffer drains as a fluid at
 *            the rate of all dies programming at once, divided by the write amplification that
 *            stands for garbage collection. Reads take die time from the drain; while it runs,
 *            a read that finds its die otherwise idle waits for the program in progress there.
 * Source     the usual structure (Agrawal et al., "Design tradeoffs for SSD performance", USENIX
 *            ATC 2008); default figures are typical for an enterprise SATA/NVMe MLC drive.
 * Departs    No mapping table, no wear, no garbage-collection pauses: amplification is a mean.
 * Invariant  0 <= buffered bytes <= buffer, but for a single write larger than the buffer.
 * Cost       one event a request, two for a write that waits for room; O(dies touched).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/pace.h"

extern const struct gw_device_kind gw_ssd_kind;

struct ssd_settings {
    int64_t capacity_bytes, channels, dies, page_bytes;
    int64_t read_ns, program_ns, overhead_ns, flush_ns;
    int64_t buffer_bytes, interface_rate;
    double write_amplification;
    bool protected_buffer;
};

struct ssd {
    struct gw_device device;
    struct gw_ledger ledger;
    struct ssd_settings settings;
    struct gw_pace interface;
    int64_t interface_free_ns[2]; /* to the host, from the host */
    uint32_t die_count;
    int64_t *die_free_ns;  /* die_count, owned */
    double program_a_byte; /* die time of a byte written, ns */
    double backlog_ns;     /* die time still to do: reads first, then the drain */
    double dirty_ns;       /* of that, the drain */
    int64_t updated_ns;
    struct gw_fifo waiting; /* writes without room */
    struct gw_event room;
};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct ssd_settings, field), preset, least, most, NULL, help           \
    }

static const struct gw_setting settings_table[] = {
    ROW("capacity", GW_SETTING_BYTES, capacity_bytes, "400GB", "1MB", "1PB", "size"),
    ROW("channels", GW_SETTING_COUNT, channels, "8", "1", "1024", "flash channels"),
    ROW("dies", GW_SETTING_COUNT, dies, "4", "1", "64", "dies a channel, all working at once"),
    ROW("page", GW_SETTING_BYTES, page_bytes, "16KiB", "512B", "1MiB", "flash page"),
    ROW("read_time", GW_SETTING_TIME, read_ns, "60us", NULL, "1s", "one page, to the controller"),
    ROW("program_time", GW_SETTING_TIME, program_ns, "800us", NULL, "1s",
        "one page, with its share of the erase"),
    ROW("write_amplification", GW_SETTING_NUMBER, write_amplification, "1.5", "1", "100",
        "flash pages written for a page of the host (garbage collection)"),
    ROW("buffer", GW_SETTING_BYTES, buffer_bytes, "64MiB", "4KiB", "64GiB", "write buffer"),
    ROW("protected", GW_SETTING_FLAG, protected_buffer, "true", NULL, NULL,
        "the buffer survives a power loss, so a flush need not drain it"),
    ROW("overhead", GW_SETTING_TIME, overhead_ns, "20us", NULL, "1s", "added to every request"),
    ROW("flush_time", GW_SETTING_TIME, flush_ns, "20us", NULL, "1s", "a flush, beyond the drain"),
    ROW("interface_rate", GW_SETTING_RATE, interface_rate, "550MB/s", NULL, NULL,
        "bytes a second each way; 0B/s means no limit"),
    GW_SETTING_END,
};

#undef ROW

static struct ssd *
ssd_of(struct gw_device *device)
{
    return gw_container(device, struct ssd, device);
}

static void
served(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);

    gw_device_release(&ssd_of(request->device)->ledger, request);
}

/* Lets the dies work up to now: reads have precedence, the drain gets the rest. */
static void
update(struct ssd *ssd)
{
    int64_t now_ns = ssd->device.agenda->now_ns;

    ssd->backlog_ns -= (double)(now_ns - ssd->updated_ns) * ssd->die_count;
    ssd->updated_ns = now_ns;
    if (ssd->backlog_ns < 0) {
        ssd->backlog_ns = 0;
    }
    if (ssd->dirty_ns > ssd->backlog_ns) {
        ssd->dirty_ns = ssd->backlog_ns;
    }
}

/* Moment at which `bytes` that are ready at ready_ns have passed the interface. */
static int64_t
transfer(struct ssd *ssd, int way, int64_t bytes, int64_t ready_ns)
{
    int64_t now_ns = ssd->device.agenda->now_ns;
    int64_t *free_ns = &ssd->interface_free_ns[way];
    int64_t duration_ns = gw_pace_ns(ssd->interface, bytes);

    *free_ns = (*free_ns > now_ns ? *free_ns : now_ns) + duration_ns;
    return *free_ns > ready_ns + duration_ns ? *free_ns : ready_ns + duration_ns;
}

static int64_t
read_die(struct ssd *ssd, uint32_t die, int64_t pages)
{
    int64_t now_ns = ssd->updated_ns;
    int64_t start_ns = ssd->die_free_ns[die];

    if (start_ns <= now_ns) {
        start_ns = now_ns;
        if (ssd->dirty_ns > 0 && ssd->settings.program_ns > 0) {
            /* Programs run back to back, staggered over the dies. */
            int64_t program_ns = ssd->settings.program_ns;
            int64_t stagger_ns = program_ns / ssd->die_count * die;

            start_ns += program_ns - (now_ns + stagger_ns) % program_ns;
        }
    }
    ssd->die_free_ns[die] = start_ns + pages * ssd->settings.read_ns;
    return ssd->die_free_ns[die];
}

static void
start_read(struct ssd *ssd, struct gw_request *request)
{
    int64_t page_bytes = ssd->settings.page_bytes;
    int64_t first = request->offset_bytes / page_bytes;
    int64_t last = (request->offset_bytes + request->length_bytes - 1) / page_bytes;
    int64_t pages = last - first + 1;
    int64_t touched = pages < ssd->die_count ? pages : ssd->die_count;
    uint32_t die = (uint32_t)(first % ssd->die_count);
    int64_t ready_ns = 0;

    for (int64_t i = 0; i < touched; i++) {
        int64_t on_die = (pages - 1 - i) / ssd->die_count + 1;
        int64_t done_ns = read_die(ssd, die, on_die);

        ready_ns = done_ns > ready_ns ? done_ns : ready_ns;
        die = die + 1 < ssd->die_count ? die + 1 : 0;
    }
    ssd->backlog_ns += (double)(pages * ssd->settings.read_ns);
    gw_request_wait(request, served,
                    transfer(ssd, 0, request->length_bytes, ready_ns) + ssd->settings.overhead_ns);
}

/* Die time that must pass before `bytes` fit, <= 0 when they do. */
static double
missing_ns(const struct ssd *ssd, int64_t bytes)
{
    int64_t most_bytes = ssd->settings.buffer_bytes;
    double rest_ns = (double)(bytes < most_bytes ? most_bytes - bytes : 0) * ssd->program_a_byte;

    return ssd->dirty_ns - rest_ns;
}

static void
take_write(struct ssd *ssd, struct gw_request *request)
{
    double work_ns = (double)request->length_bytes * ssd->program_a_byte;

    ssd->ledger.stats.queue_ns += ssd->updated_ns - request->arrived_ns;
    ssd->backlog_ns += work_ns;
    ssd->dirty_ns += work_ns;
    gw_request_wait(request, served,
                    transfer(ssd, 1, request->length_bytes, 0) + ssd->settings.overhead_ns);
}

static void
wait_for_room(struct ssd *ssd)
{
    double missing = missing_ns(ssd, ssd->waiting.head->length_bytes);
    double reads_ns = ssd->backlog_ns - ssd->dirty_ns;
    int64_t delay_ns = (int64_t)((missing + reads_ns) / ssd->die_count) + 1;

    gw_schedule(ssd->device.agenda, &ssd->room, ssd->updated_ns + delay_ns);
}

static void
room(struct gw_event *event)
{
    struct ssd *ssd = gw_container(event, struct ssd, room);

    update(ssd);
    while (ssd->waiting.head != NULL && missing_ns(ssd, ssd->waiting.head->length_bytes) <= 0) {
        take_write(ssd, gw_fifo_pop(&ssd->waiting));
    }
    if (ssd->waiting.head != NULL) {
        wait_for_room(ssd);
    }
}

static void
start_write(struct ssd *ssd, struct gw_request *request)
{
    if (ssd->waiting.head == NULL && missing_ns(ssd, request->length_bytes) <= 0) {
        take_write(ssd, request);
        return;
    }
    gw_fifo_push(&ssd->waiting, request);
    if (!gw_event_pending(&ssd->room)) {
        wait_for_room(ssd);
    }
}

static void
start_flush(struct ssd *ssd, struct gw_request *request)
{
    int64_t drain_ns =
        ssd->settings.protected_buffer ? 0 : (int64_t)(ssd->backlog_ns / ssd->die_count) + 1;

    gw_request_wait(request, served, request->arrived_ns + drain_ns + ssd->settings.flush_ns);
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct ssd *ssd = ssd_of(device);

    if (!gw_device_admit(device, &ssd->ledger, request)) {
        return;
    }
    update(ssd);
    switch (request->op) {
    case GW_IO_READ:
        start_read(ssd, request);
        return;
    case GW_IO_WRITE:
        start_write(ssd, request);
        return;
    case GW_IO_FLUSH:
        start_flush(ssd, request);
        return;
    case GW_IO_ZERO:
    case GW_IO_TRIM:
    case GW_IO_STATUS:
        break;
    }
    gw_request_wait(request, served, request->arrived_ns + ssd->settings.overhead_ns);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct ssd)->ledger, device->agenda->now_ns, out);
}

static void
destroy(struct gw_device *device)
{
    struct ssd *ssd = ssd_of(device);

    gw_cancel(device->agenda, &ssd->room);
    free(ssd->die_free_ns);
    free(ssd);
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct ssd_settings *given = settings;
    struct ssd *ssd = calloc(1, sizeof *ssd);
    int64_t *die_free_ns = calloc((size_t)(given->channels * given->dies), sizeof *die_free_ns);

    (void)children;
    if (ssd == NULL || die_free_ns == NULL) {
        free(ssd);
        free(die_free_ns);
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    ssd->device = (struct gw_device){
        .kind = &gw_ssd_kind,
        .agenda = context->agenda,
        .capacity_bytes = given->capacity_bytes,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    ssd->settings = *given;
    ssd->interface = gw_pace_of(given->interface_rate);
    ssd->die_free_ns = die_free_ns;
    ssd->die_count = (uint32_t)(given->channels * given->dies);
    ssd->program_a_byte =
        (double)given->program_ns * given->write_amplification / (double)given->page_bytes;
    ssd->updated_ns = context->agenda->now_ns;
    ssd->room.fire = room;
    return &ssd->device;
}

const struct gw_device_kind gw_ssd_kind = {
    .name = "ssd",
    .title = "flash dies in parallel behind a write buffer",
    .source = "Agrawal et al., USENIX ATC 2008 (structure); typical figures",
    .settings = settings_table,
    .settings_bytes = sizeof(struct ssd_settings),
    .create = create,
};
