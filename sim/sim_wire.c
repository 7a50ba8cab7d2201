/* sim_wire.c - see sim_wire.h.
 *
 * Equations  accepted = when the socket has room; start = max(accepted, link free);
 *            end = start + bytes / rate; loaded = max(end + latency, loader free + load cost,
 *            workers free). The urgent channel shares the link half and half with the bulk and
 *            has a loader of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sim/sim_wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { QUEUE_FIRST = 1024, BULK = 0, URGENT = 1 };

static const double NS = 1e9;

static struct gw_sim_wire *
of(struct gw_wire *wire)
{
    return gw_container(wire, struct gw_sim_wire, wire);
}

static int64_t
most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- queues ----------------------------------------------------------------------------------------- */

/* Doubles a ring whose live part is first .. end - 1. */
static void *
grow_ring(void *ring, uint64_t *size, uint64_t first, uint64_t end, size_t item_bytes)
{
    uint64_t larger = *size == 0 ? QUEUE_FIRST : 2 * *size;
    char *fresh = malloc(larger * item_bytes);

    if (fresh == NULL) {
        return NULL;
    }
    for (uint64_t i = first; i < end; i++) {
        memcpy(fresh + (i & (larger - 1)) * item_bytes,
               (char *)ring + (i & (*size - 1)) * item_bytes, item_bytes);
    }
    free(ring);
    *size = larger;
    return fresh;
}

bool
gw_sim_wire_grow(struct gw_sim_wire *wire, struct gw_wire_queue *queue)
{
    void *fresh = grow_ring(queue->pages, &queue->pages_size, queue->pages_first, queue->pages_end,
                            sizeof *queue->pages);

    if (fresh == NULL) {
        wire->failed = true;
        return false;
    }
    queue->pages = fresh;
    return true;
}

static bool
push_burst(struct gw_wire_queue *queue, const struct gw_wire_burst *burst)
{
    if (queue->end - queue->first == queue->bursts_size) {
        void *fresh =
            grow_ring(queue->bursts, &queue->bursts_size, queue->first, queue->end, sizeof *burst);

        if (fresh == NULL) {
            return false;
        }
        queue->bursts = fresh;
    }
    queue->bursts[queue->end++ & (queue->bursts_size - 1)] = *burst;
    queue->in_socket_bytes += burst->bytes;
    return true;
}

static struct gw_wire_burst *
burst_at(struct gw_wire_queue *queue, uint64_t number)
{
    return &queue->bursts[number & (queue->bursts_size - 1)];
}

/* ---- the target ------------------------------------------------------------------------------------- */

static bool
base_is_right(const struct gw_sim_wire *wire, const struct gw_wire_page *page)
{
    uint32_t loaded = wire->loaded[page->page];

    if (page->base_is_zero) {
        return loaded != 0 && wire->is_zero(wire->owner, page->page, loaded - 1);
    }
    return loaded == page->base + 1;
}

static void
load_page(struct gw_sim_wire *wire, const struct gw_wire_page *page)
{
    bool on_base = page->kind == GW_PAGE_DELTA || page->kind == GW_WIRE_EQUAL;

    if (on_base && !base_is_right(wire, page)) {
        wire->corrupt++;
        return;
    }
    wire->loaded[page->page] = page->version + 1;
    if (wire->on_loaded != NULL) {
        wire->on_loaded(wire->owner, page->page);
    }
}

static void
settle_queue(struct gw_sim_wire *wire, struct gw_wire_queue *queue)
{
    while (queue->first < queue->end) {
        const struct gw_wire_burst burst = *burst_at(queue, queue->first);

        if (burst.loaded_ns > wire->plan.agenda->now_ns) {
            return;
        }
        queue->first++;
        if (queue->window < queue->first) {
            queue->window = queue->first;
            queue->in_socket_bytes -= burst.bytes;
        }
        while (queue->pages_first < burst.pages_end) {
            load_page(wire, &queue->pages[queue->pages_first++ & (queue->pages_size - 1)]);
        }
    }
}

/* While pages are watched: an event at the next burst that will be loaded. */
static void
watch_next(struct gw_sim_wire *wire)
{
    int64_t next_ns = GW_TIME_NEVER;

    gw_cancel(wire->plan.agenda, &wire->load_event);
    if (wire->on_loaded == NULL) {
        return;
    }
    for (int i = BULK; i <= URGENT; i++) {
        struct gw_wire_queue *queue = &wire->queues[i];

        if (queue->first < queue->end && burst_at(queue, queue->first)->loaded_ns < next_ns) {
            next_ns = burst_at(queue, queue->first)->loaded_ns;
        }
    }
    if (next_ns != GW_TIME_NEVER) {
        gw_schedule(wire->plan.agenda, &wire->load_event, most(next_ns, wire->plan.agenda->now_ns));
    }
}

void
gw_sim_wire_settle(struct gw_sim_wire *wire)
{
    settle_queue(wire, &wire->queues[URGENT]);
    settle_queue(wire, &wire->queues[BULK]);
}

static void
load_due(struct gw_event *event)
{
    struct gw_sim_wire *wire = gw_container(event, struct gw_sim_wire, load_event);

    gw_sim_wire_settle(wire);
    watch_next(wire);
}

void
gw_sim_wire_watch(struct gw_sim_wire *wire, void (*on_loaded)(void *owner, uint64_t page))
{
    gw_sim_wire_settle(wire);
    wire->on_loaded = on_loaded;
    watch_next(wire);
}

/* ---- putting ----------------------------------------------------------------------------------------- */

double
gw_sim_wire_fresh_ns(struct gw_sim_wire *wire, uint64_t page, enum gw_page_kind kind)
{
    const struct gw_memory_host *host = wire->plan.host;

    if (wire->backed.bit_count == 0 || kind == GW_PAGE_ZERO || gw_bitmap_set(&wire->backed, page) ||
        (int64_t)wire->backed.count * GW_PAGE_BYTES <= host->ready_memory_bytes) {
        return 0;
    }
    return host->load_fresh_ns;
}

void
gw_sim_wire_put(struct gw_sim_wire *wire, uint32_t channel, const struct gw_wire_page *page,
                uint32_t bytes, double decode_ns)
{
    decode_ns += gw_sim_wire_fresh_ns(wire, page->page, page->kind);
    *gw_sim_wire_add(wire, channel, page->kind, bytes, decode_ns) = *page;
}

uint32_t
gw_sim_wire_put_plain(struct gw_sim_wire *wire, uint32_t channel,
                      const struct gw_page_record *records, uint32_t count,
                      const uint32_t *versions)
{
    struct gw_wire_channel *at = &wire->channels[channel];
    struct gw_wire_queue *queue = at->queue;
    int64_t bytes = 0;
    double load_ns = at->load_ns;
    uint32_t i;

    while (queue->pages_size - (queue->pages_end - queue->pages_first) < count) {
        if (!gw_sim_wire_grow(wire, queue)) {
            return count;
        }
    }
    for (i = 0; i < count && gw_wire_page_is_plain(&records[i]); i++) {
        struct gw_wire_page *page = &queue->pages[(queue->pages_end + i) & (queue->pages_size - 1)];

        page->page = (uint32_t)records[i].page;
        page->version = versions[records[i].page];
        page->kind = (uint8_t)records[i].kind;
        bytes += records[i].bytes;
        load_ns += wire->load_cost[records[i].kind].page_ns +
                   gw_sim_wire_fresh_ns(wire, records[i].page, records[i].kind);
    }
    queue->pages_end += i;
    at->put_bytes += bytes;
    at->load_ns = load_ns;
    return i;
}

static void
put_bytes(struct gw_wire *port, uint32_t channel, int64_t bytes)
{
    of(port)->channels[channel].put_bytes += bytes;
}

/* ---- sending ----------------------------------------------------------------------------------------- */

/* When no more than `limit` bytes are left in the socket: a burst leaves it bit by bit. */
static int64_t
drained_to(struct gw_wire_queue *queue, int64_t limit, int64_t at_ns)
{
    while (queue->window < queue->end && queue->in_socket_bytes > limit) {
        const struct gw_wire_burst *burst = burst_at(queue, queue->window);
        int64_t over = queue->in_socket_bytes - limit;

        if (over < burst->bytes) {
            double part = (double)over / (double)burst->bytes;

            return most(at_ns, burst->begun_ns +
                                   (int64_t)((double)(burst->loaded_ns - burst->begun_ns) * part));
        }
        queue->window++;
        queue->in_socket_bytes -= burst->bytes;
        at_ns = most(at_ns, burst->loaded_ns);
    }
    return at_ns;
}

/* When the last byte has left. */
static int64_t
transmit(struct gw_sim_wire *wire, bool urgent, int64_t bytes, int64_t at_ns)
{
    double wire_ns = (double)bytes * (1.0 + wire->plan.overhead) * NS / (double)wire->plan.rate;
    int64_t start_ns = most(at_ns, urgent ? wire->urgent_free_ns : wire->link_free_ns);

    wire->link_busy_ns += wire_ns;
    if (!urgent) {
        wire->link_free_ns = start_ns + (int64_t)(wire_ns + 0.5);
        return wire->link_free_ns;
    }
    if (wire->link_free_ns > start_ns) {
        wire->link_free_ns += (int64_t)(wire_ns + 0.5);
        wire_ns *= 2;
    }
    wire->urgent_free_ns = start_ns + (int64_t)(wire_ns + 0.5);
    return wire->urgent_free_ns;
}

/* Sends what was put; `pages_end`: pages of the queue that have then gone. */
static int64_t
send_burst(struct gw_sim_wire *wire, uint32_t channel, int64_t at_ns, uint64_t pages_end)
{
    struct gw_wire_channel *at = &wire->channels[channel];
    struct gw_wire_queue *queue = at->queue;
    bool urgent = queue == &wire->queues[URGENT];
    int64_t accepted_ns = drained_to(queue, wire->plan.socket_bytes - 1, at_ns);
    int64_t end_ns = transmit(wire, urgent, at->put_bytes, accepted_ns);
    struct gw_wire_burst burst = {.bytes = at->put_bytes, .pages_end = pages_end};
    int64_t workers = wire->plan.host->decompress_threads;
    int64_t *loader_free_ns = at->own_loader ? &at->loader_free_ns : &queue->loader_free_ns;

    burst.begun_ns = most(*loader_free_ns, accepted_ns + wire->plan.latency_ns);
    burst.loaded_ns =
        most(*loader_free_ns, accepted_ns) + (int64_t)(at->load_ns * wire->load_stretch + 0.5);
    burst.loaded_ns = most(burst.loaded_ns, end_ns + wire->plan.latency_ns);
    if (at->decode_ns > 0) {
        wire->workers_free_ns =
            most(wire->workers_free_ns, accepted_ns) +

            (int64_t)(at->decode_ns * wire->decode_stretch / (double)workers + 0.5);
        burst.loaded_ns = most(burst.loaded_ns, wire->workers_free_ns);
    }
    *loader_free_ns = burst.loaded_ns;
    wire->last_loaded_ns = most(wire->last_loaded_ns, burst.loaded_ns);
    wire->bytes_sent += at->put_bytes;
    wire->loader_busy_ns += at->load_ns;
    wire->decoder_busy_ns += at->decode_ns;
    wire->failed = !push_burst(queue, &burst) || wire->failed;
    at->put_bytes = 0;
    at->load_ns = 0;
    at->decode_ns = 0;
    accepted_ns = drained_to(queue, wire->plan.socket_bytes, accepted_ns);
    settle_queue(wire, queue);
    watch_next(wire);
    return accepted_ns;
}

int64_t
gw_sim_wire_send(struct gw_sim_wire *wire, uint32_t channel, int64_t at_ns)
{
    return send_burst(wire, channel, at_ns, wire->channels[channel].queue->pages_end);
}

/* A thread that fills a buffer of write_bytes, hands it to the socket, and goes on with the next
 * one while the target reads. */
static int64_t
send_in_parts(struct gw_sim_wire *wire, uint32_t channel, int64_t begun_ns, int64_t spent_ns)
{
    struct gw_wire_channel *at = &wire->channels[channel];
    const struct gw_wire_channel all = *at;
    int64_t parts = (all.put_bytes + wire->plan.write_bytes - 1) / wire->plan.write_bytes;
    uint64_t end = at->queue->pages_end;
    uint64_t first = at->queue->end > 0 ? burst_at(at->queue, at->queue->end - 1)->pages_end : 0;
    int64_t accepted_ns = begun_ns;

    for (int64_t i = 0; i < parts; i++) {
        at->put_bytes = all.put_bytes * (i + 1) / parts - all.put_bytes * i / parts;
        at->load_ns = all.load_ns / (double)parts;
        at->decode_ns = all.decode_ns / (double)parts;
        accepted_ns = send_burst(wire, channel,
                                 accepted_ns + spent_ns * (i + 1) / parts - spent_ns * i / parts,
                                 first + (end - first) * (uint64_t)(i + 1) / (uint64_t)parts);
    }
    return accepted_ns;
}

static void
taken(struct gw_event *event)
{
    struct gw_wire_channel *channel = gw_container(event, struct gw_wire_channel, event);

    channel->flushing = false;
    channel->sent(channel->owner, GW_OK);
}

static void
flush(struct gw_wire *port, uint32_t number, const struct gw_work *work,
      void (*sent)(void *owner, enum gw_code result), void *owner)
{
    struct gw_sim_wire *wire = of(port);
    struct gw_wire_channel *channel = &wire->channels[number];
    int64_t ready_ns = wire->plan.agenda->now_ns + work->spent_ns;

    gw_assert(!channel->flushing);
    channel->flushing = true;
    channel->sent = sent;
    channel->owner = owner;
    wire->thread_ns += number == 0 ? work->spent_ns : 0;
    if (wire->plan.write_bytes > 0 && channel->put_bytes > wire->plan.write_bytes) {
        ready_ns = send_in_parts(wire, number, wire->plan.agenda->now_ns, work->spent_ns);
    } else if (channel->put_bytes > 0) {
        ready_ns = gw_sim_wire_send(wire, number, ready_ns);
    }
    gw_schedule(wire->plan.agenda, &channel->event, ready_ns);
}

static void
answered(struct gw_event *event)
{
    struct gw_sim_wire *wire = gw_container(event, struct gw_sim_wire, drain_event);

    gw_sim_wire_settle(wire);
    wire->drained(wire->drain_owner, GW_OK);
}

static void
drain(struct gw_wire *port, void (*drained)(void *owner, enum gw_code result), void *owner)
{
    struct gw_sim_wire *wire = of(port);

    wire->drained = drained;
    wire->drain_owner = owner;
    gw_schedule(wire->plan.agenda, &wire->drain_event,
                most(wire->last_loaded_ns, wire->plan.agenda->now_ns) + wire->plan.latency_ns);
}

const struct gw_wire_ops gw_sim_wire_base_ops = {
    .put = NULL,
    .put_bytes = put_bytes,
    .flush = flush,
    .drain = drain,
};

/* ---- life --------------------------------------------------------------------------------------------- */

static void
set_load_costs(struct gw_sim_wire *wire)
{
    const struct gw_memory_host *host = wire->plan.host;
    double page_ns = host->load_page_ns;
    double give_ns = page_ns + wire->plan.load_give_ns;

    wire->load_cost[GW_PAGE_NORMAL].page_ns = page_ns + host->load_ns;
    wire->load_cost[GW_PAGE_ZERO].page_ns = page_ns + host->load_zero_ns;
    wire->load_cost[GW_PAGE_DELTA] = (struct gw_wire_load_cost){page_ns, host->load_byte_ns};
    wire->load_cost[GW_PAGE_COMPRESSED] = (struct gw_wire_load_cost){give_ns, host->load_byte_ns};
}

/* A counter a page, all 0. Huge pages where there are some: pages come in no order in later
 * passes, and most of the time then goes into finding the page of the counter. */
static uint32_t *
map_loaded(uint64_t pages)
{
    void *memory = mmap(NULL, pages * sizeof(uint32_t), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, pages * sizeof(uint32_t), MADV_HUGEPAGE);
#endif
    return memory;
}

bool
gw_sim_wire_open(struct gw_sim_wire *wire, const struct gw_sim_wire_plan *plan,
                 struct gw_error *err)
{
    wire->plan = *plan;
    wire->load_stretch = 1;
    wire->decode_stretch = 1;
    wire->channels = calloc(plan->channels, sizeof *wire->channels);
    wire->loaded = map_loaded(plan->page_count);
    set_load_costs(wire);
    if (wire->channels == NULL || wire->loaded == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for the target of a migration");
    }
    if (plan->host->load_fresh_ns > 0 && !gw_bitmap_create(&wire->backed, plan->page_count, err)) {
        return false;
    }
    for (uint32_t i = 0; i < plan->channels; i++) {
        bool urgent = plan->urgent && i + 1 == plan->channels;

        wire->channels[i] = (struct gw_wire_channel){
            .event.fire = taken,
            .wire = wire,
            .queue = &wire->queues[urgent ? URGENT : BULK],
            .own_loader = i > 0 && !urgent,
        };
    }
    wire->drain_event.fire = answered;
    wire->load_event.fire = load_due;
    return true;
}

void
gw_sim_wire_close(struct gw_sim_wire *wire)
{
    for (int i = BULK; i <= URGENT; i++) {
        free(wire->queues[i].bursts);
        free(wire->queues[i].pages);
    }
    free(wire->channels);
    gw_bitmap_destroy(&wire->backed);
    if (wire->loaded != NULL) {
        munmap(wire->loaded, wire->plan.page_count * sizeof *wire->loaded);
    }
}
