/* array.c - `kind: array`: a storage array's controller: ports, caches, destage.
 *
 * Idea       Every request first occupies one of the controller's ports for a time per IO and
 *            per byte, which bounds the sequential rate. A read is then served from dirty pages,
 *            a sequential stream's prefetch, the LRU read cache, or the child. A write is
 *            acknowledged when its pages are in the write cache; destage writes them to the
 *            child in address order, neighbours together, with more under way the fuller the
 *            cache is. Writes that find it full wait for destage: a burst runs at cache speed, a
 *            sustained random load at the child's.
 * Source     the usual structure of a mid-range array (EMC CX class: 8 KiB pages, watermarks
 *            60 % and 80 %, large writes past the cache); all figures are typical values.
 * Departs    Destaged data leave the cache. A destage that fails is not reported. Both
 *            controllers are one. Prefetched data do not push anything out.
 * Invariant  pages in use = dirty + under way; never more than the cache holds, but for a single
 *            write that is larger than it.
 * Cost       O(1) for a small IO, one event of its own; a word operation for 64 pages.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "models/admission.h"
#include "models/destage_map.h"
#include "models/pace.h"
#include "models/prefetch.h"
#include "models/read_cache.h"
#include "models/request_pool.h"

extern const struct gw_device_kind gw_array_kind;

enum { PORTS_MOST = 64 };

struct array_settings {
    int64_t ports, io_time_ns, port_rate, mirror_rate;
    int64_t page_bytes, read_cache_bytes, ahead_bytes, fetch_bytes, sequential_after;
    int64_t write_cache_bytes, bypass_bytes, destages, trickle, destage_bytes;
    double low, high;
    bool write_back, protected_cache;
};

struct array {
    struct gw_device device;
    struct gw_ledger ledger;
    struct gw_device *backing;
    struct array_settings settings;
    struct gw_request_pool pool;
    struct gw_pace port_pace, mirror_pace;
    int64_t port_free_ns[PORTS_MOST];
    struct gw_read_cache reads;
    struct gw_prefetch prefetch;
    struct gw_destage_map dirty, moving;
    int64_t moving_pages, destages;
    int64_t pages_most, pages_low, pages_high;
    int64_t cursor;         /* page from which destage goes on */
    struct gw_fifo waiting; /* writes without room */
    struct gw_fifo flushes; /* wait for an empty cache */
};

#define ROW(key, type, field, preset, least, most, help)                                           \
    {                                                                                              \
        key, type, offsetof(struct array_settings, field), preset, least, most, NULL, help         \
    }

static const struct gw_setting settings_table[] = {
    ROW("ports", GW_SETTING_COUNT, ports, "2", "1", "64",
        "requests that the controller handles at once"),
    ROW("io_time", GW_SETTING_TIME, io_time_ns, "100us", NULL, "1s", "controller time of an IO"),
    ROW("port_rate", GW_SETTING_RATE, port_rate, "400MB/s", NULL, NULL,
        "bytes a second of one port; 0B/s means no limit"),
    ROW("mirror_rate", GW_SETTING_RATE, mirror_rate, "0B/s", NULL, NULL,
        "writes are copied to the other controller at this rate; 0B/s means they are not"),
    ROW("page", GW_SETTING_BYTES, page_bytes, "8KiB", "512B", "1MiB", "cache page"),
    ROW("read_cache", GW_SETTING_BYTES, read_cache_bytes, "512MiB", NULL, "1TiB", "read cache"),
    ROW("read_ahead", GW_SETTING_BYTES, ahead_bytes, "2MiB", NULL, "1GiB",
        "how far ahead a sequential stream is read; 0B means never"),
    ROW("fetch", GW_SETTING_BYTES, fetch_bytes, "512KiB", "512B", "64MiB",
        "size of one read ahead"),
    ROW("sequential_after", GW_SETTING_COUNT, sequential_after, "2", "1", "1000",
        "reads in a row that make a stream sequential"),
    ROW("write_back", GW_SETTING_FLAG, write_back, "true", NULL, NULL,
        "acknowledge writes from the cache; false: write through"),
    ROW("protected", GW_SETTING_FLAG, protected_cache, "true", NULL, NULL,
        "the cache survives a power loss, so a flush need not empty it"),
    ROW("write_cache", GW_SETTING_BYTES, write_cache_bytes, "512MiB", "64KiB", "1TiB",
        "write cache"),
    ROW("bypass", GW_SETTING_BYTES, bypass_bytes, "1MiB", NULL, NULL,
        "larger writes go past the cache; 0B means none do"),
    ROW("low", GW_SETTING_SHARE, low, "60%", NULL, NULL,
        "share of the cache below which destage trickles"),
    ROW("high", GW_SETTING_SHARE, high, "80%", NULL, NULL, "share from which destage goes all out"),
    ROW("destages", GW_SETTING_COUNT, destages, "32", "1", "4096", "most destage writes under way"),
    ROW("trickle", GW_SETTING_COUNT, trickle, "1", "1", "4096",
        "destage writes under way below the low mark"),
    ROW("destage", GW_SETTING_BYTES, destage_bytes, "512KiB", "512B", "64MiB",
        "largest destage write"),
    GW_SETTING_END,
};

#undef ROW

static void pump(struct array *array);

static struct array *
array_of(struct gw_device *device)
{
    return gw_container(device, struct array, device);
}

static int64_t
first_page(const struct array *array, const struct gw_request *request)
{
    return request->offset_bytes / array->settings.page_bytes;
}

static int64_t
end_page(const struct array *array, const struct gw_request *request)
{
    return (request->offset_bytes + request->length_bytes - 1) / array->settings.page_bytes + 1;
}

static int64_t
pages_in_use(const struct array *array)
{
    return array->dirty.dirty + array->moving_pages;
}

static void
respond(struct gw_request *request)
{
    gw_device_release(&array_of(request->device)->ledger, request);
}

static void
backing_done(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct array *array = array_of(sub->owner);
    struct gw_request *parent = sub->parent;

    parent->result = request->result;
    if (parent->op == GW_IO_READ && parent->result == GW_OK) {
        gw_read_cache_add(&array->reads, first_page(array, parent), end_page(array, parent));
    }
    gw_request_pool_give(&array->pool, sub);
    respond(parent);
}

static void
pass_on(struct array *array, struct gw_request *request)
{
    gw_subrequest_send(gw_request_pool_take(&array->pool, &array->device, request), array->backing,
                       backing_done);
}

/* ---- reads ---- */

static void
fetched(struct gw_request *fetch)
{
    gw_prefetch_fetched(&array_of(gw_subrequest_of(fetch)->owner)->prefetch, fetch);
}

static bool
held(const struct gw_request *request)
{
    struct array *array = array_of(request->device);
    int64_t first = first_page(array, request);
    int64_t end = end_page(array, request);

    return gw_destage_map_all(&array->dirty, first, end) ||
           gw_destage_map_all(&array->moving, first, end) ||
           gw_read_cache_hit(&array->reads, first, end);
}

static void
read_pages(struct array *array, struct gw_request *request)
{
    enum gw_prefetch_answer answer = gw_prefetch_read(&array->prefetch, request);

    if (answer == GW_PREFETCH_TAKEN) {
        array->ledger.stats.cache_misses++;
        return;
    }
    if (answer == GW_PREFETCH_HIT || held(request)) {
        array->ledger.stats.cache_hits++;
        respond(request);
        return;
    }
    array->ledger.stats.cache_misses++;
    pass_on(array, request);
}

/* ---- writes and destage ---- */

static bool
has_room(const struct array *array, const struct gw_request *request)
{
    int64_t first = first_page(array, request);
    int64_t end = end_page(array, request);

    if (array->flushes.head != NULL) {
        return false;
    }
    return pages_in_use(array) + end - first <= array->pages_most || pages_in_use(array) == 0 ||
           gw_destage_map_all(&array->dirty, first, end);
}

static void
take_write(struct array *array, const struct gw_request *request)
{
    gw_destage_map_set(&array->dirty, first_page(array, request), end_page(array, request));
    array->ledger.stats.queue_ns += array->device.agenda->now_ns - request->arrived_ns;
}

static void
write_pages(struct array *array, struct gw_request *request)
{
    if (!array->settings.write_back || (array->settings.bypass_bytes > 0 &&
                                        request->length_bytes > array->settings.bypass_bytes)) {
        gw_destage_map_clear(&array->dirty, first_page(array, request), end_page(array, request));
        pass_on(array, request);
        return;
    }
    if (array->waiting.head != NULL || !has_room(array, request)) {
        gw_fifo_push(&array->waiting, request);
        pump(array);
        return;
    }
    take_write(array, request);
    pump(array);
    respond(request);
}

/* Destage writes that may be under way now. */
static int64_t
destages_wanted(const struct array *array)
{
    int64_t most = array->settings.destages;
    int64_t least = array->settings.trickle < most ? array->settings.trickle : most;
    int64_t used = pages_in_use(array);

    if (used >= array->pages_high || array->waiting.head != NULL || array->flushes.head != NULL) {
        return most;
    }
    if (used <= array->pages_low) {
        return least;
    }
    return least +
           (most - least) * (used - array->pages_low) / (array->pages_high - array->pages_low);
}

/* After a destage: flushes that waited for an empty cache, writes that waited for room. */
static void
release_waiters(struct array *array)
{
    struct gw_fifo written = {0};
    struct gw_request *request;

    while (pages_in_use(array) == 0 && array->flushes.head != NULL) {
        pass_on(array, gw_fifo_pop(&array->flushes));
    }
    while (array->waiting.head != NULL && has_room(array, array->waiting.head)) {
        request = gw_fifo_pop(&array->waiting);
        take_write(array, request);
        gw_fifo_push(&written, request);
    }
    pump(array);
    while ((request = gw_fifo_pop(&written)) != NULL) {
        respond(request);
    }
}

static void
destaged(struct gw_request *request)
{
    struct gw_subrequest *sub = gw_subrequest_of(request);
    struct array *array = array_of(sub->owner);
    int64_t first = first_page(array, request);
    int64_t end = end_page(array, request);

    array->ledger.stats.destaged_bytes += request->length_bytes;
    gw_destage_map_clear(&array->moving, first, end);
    array->moving_pages -= end - first;
    array->destages--;
    gw_request_pool_give(&array->pool, sub);
    release_waiters(array);
}

static void
destage_run(struct array *array)
{
    struct gw_subrequest *sub = gw_request_pool_take(&array->pool, &array->device, NULL);
    int64_t page_bytes = array->settings.page_bytes;
    int64_t most = array->settings.destage_bytes / page_bytes;
    int64_t first = gw_destage_map_next(&array->dirty, array->cursor);
    int64_t count, left_bytes;

    if (first < 0) {
        first = gw_destage_map_next(&array->dirty, 0);
    }
    count = gw_destage_map_run(&array->dirty, first, most > 0 ? most : 1);
    gw_destage_map_clear(&array->dirty, first, first + count);
    gw_destage_map_set(&array->moving, first, first + count);
    array->moving_pages += count;
    array->destages++;
    array->cursor = first + count;
    left_bytes = array->device.capacity_bytes - first * page_bytes;
    sub->request.op = GW_IO_WRITE;
    sub->request.offset_bytes = first * page_bytes;
    sub->request.length_bytes = count * page_bytes < left_bytes ? count * page_bytes : left_bytes;
    gw_subrequest_send(sub, array->backing, destaged);
}

static void
pump(struct array *array)
{
    while (array->dirty.dirty > 0 && array->destages < destages_wanted(array)) {
        destage_run(array);
    }
}

/* ---- the front end ---- */

static void
flush(struct array *array, struct gw_request *request)
{
    if (array->settings.write_back && array->settings.protected_cache) {
        respond(request);
        return;
    }
    if (pages_in_use(array) == 0) {
        pass_on(array, request);
        return;
    }
    gw_fifo_push(&array->flushes, request);
    pump(array);
}

/* Pages that are trimmed whole need no destage. */
static void
forget_trimmed(struct array *array, const struct gw_request *request)
{
    int64_t page_bytes = array->settings.page_bytes;
    int64_t first = (request->offset_bytes + page_bytes - 1) / page_bytes;
    int64_t end = (request->offset_bytes + request->length_bytes) / page_bytes;

    if (first < end) {
        gw_destage_map_clear(&array->dirty, first, end);
    }
}

static void
accepted(struct gw_event *event)
{
    struct gw_request *request = gw_request_of_event(event);
    struct array *array = array_of(request->device);

    switch (request->op) {
    case GW_IO_READ:
        read_pages(array, request);
        return;
    case GW_IO_WRITE:
    case GW_IO_ZERO:
        write_pages(array, request);
        return;
    case GW_IO_FLUSH:
        flush(array, request);
        return;
    case GW_IO_STATUS:
        respond(request);
        return;
    case GW_IO_TRIM:
        break;
    }
    forget_trimmed(array, request);
    pass_on(array, request);
}

static int64_t
port_time_ns(const struct array *array, const struct gw_request *request)
{
    int64_t time_ns = array->settings.io_time_ns;

    if (request->op == GW_IO_READ || request->op == GW_IO_WRITE) {
        time_ns += gw_pace_ns(array->port_pace, request->length_bytes);
    }
    if (request->op == GW_IO_WRITE) {
        time_ns += gw_pace_ns(array->mirror_pace, request->length_bytes);
    }
    return time_ns;
}

static void
submit(struct gw_device *device, struct gw_request *request)
{
    struct array *array = array_of(device);
    int64_t *free_ns = &array->port_free_ns[0];

    if (!gw_device_admit(device, &array->ledger, request)) {
        return;
    }
    /* First come, first served over k ports: whoever is free first takes it. */
    for (int64_t i = 1; i < array->settings.ports; i++) {
        free_ns = array->port_free_ns[i] < *free_ns ? &array->port_free_ns[i] : free_ns;
    }
    if (*free_ns < request->arrived_ns) {
        *free_ns = request->arrived_ns;
    }
    *free_ns += port_time_ns(array, request);
    gw_request_wait(request, accepted, *free_ns);
}

static void
stats(const struct gw_device *device, struct gw_device_stats *out)
{
    gw_ledger_report(&gw_device_self(device, struct array)->ledger, device->agenda->now_ns, out);
}

static void
release_parts(struct array *array)
{
    gw_read_cache_stop(&array->reads);
    gw_destage_map_stop(&array->dirty);
    gw_destage_map_stop(&array->moving);
    gw_request_pool_stop(&array->pool);
    free(array);
}

static void
destroy(struct gw_device *device)
{
    struct array *array = array_of(device);

    array->backing->destroy(array->backing);
    release_parts(array);
}

static bool
check(const struct array_settings *given, const struct gw_device *backing, struct gw_error *err)
{
    if (backing->capacity_bytes == GW_CAPACITY_ANY) {
        return gw_fail(err, GW_EINVAL, "an array needs a backing of known capacity");
    }
    if (given->low > given->high) {
        return gw_fail(err, GW_EINVAL, "low %g%%: must not exceed high %g%%", given->low * 100,
                       given->high * 100);
    }
    return true;
}

static bool
open_caches(struct array *array, struct gw_error *err)
{
    const struct array_settings *settings = &array->settings;
    int64_t pages = (array->device.capacity_bytes - 1) / settings->page_bytes + 1;

    gw_request_pool_start(&array->pool, sizeof(struct gw_subrequest));
    array->port_pace = gw_pace_of(settings->port_rate);
    array->mirror_pace = gw_pace_of(settings->mirror_rate);
    array->pages_most = settings->write_cache_bytes / settings->page_bytes;
    array->pages_low = (int64_t)((double)array->pages_most * settings->low);
    array->pages_high = (int64_t)((double)array->pages_most * settings->high);
    array->prefetch = (struct gw_prefetch){
        .owner = &array->device,
        .backing = array->backing,
        .pool = &array->pool,
        .ahead_bytes = settings->ahead_bytes,
        .unit_bytes = settings->fetch_bytes,
        .after = (uint32_t)settings->sequential_after,
        .held = held,
        .ready = respond,
        .fetched = fetched,
    };
    return gw_read_cache_start(&array->reads, settings->read_cache_bytes / settings->page_bytes,
                               err) &&
           gw_destage_map_start(&array->dirty, pages, err) &&
           gw_destage_map_start(&array->moving, pages, err);
}

static struct gw_device *
create(const struct gw_device_context *context, const void *settings, struct gw_device **children,
       struct gw_error *err)
{
    const struct array_settings *given = settings;
    struct array *array;

    if (!check(given, children[0], err)) {
        return NULL;
    }
    array = calloc(1, sizeof *array);
    if (array == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for device %s", context->name);
        return NULL;
    }
    array->device = (struct gw_device){
        .kind = &gw_array_kind,
        .agenda = context->agenda,
        .capacity_bytes = children[0]->capacity_bytes,
        .submit = submit,
        .stats = stats,
        .destroy = destroy,
    };
    array->backing = children[0];
    array->settings = *given;
    if (!open_caches(array, err)) {
        release_parts(array);
        return NULL;
    }
    return &array->device;
}

static const char *const child_keys[] = {"backing", NULL};

const struct gw_device_kind gw_array_kind = {
    .name = "array",
    .title = "a storage array's controller: ports, read and write cache, destage",
    .source = "structure of a mid-range array (EMC CX class); typical figures",
    .settings = settings_table,
    .settings_bytes = sizeof(struct array_settings),
    .children = child_keys,
    .create = create,
};
