/* memory_rig_wire.c - channels, bursts and the target's bytes: see memory_rig.h.
 *
 * Bursts of all channels but the urgent one are loaded in the order in which they were sent. When
 * the connection is lost, what was sent before is loaded or lost by chance, from some burst on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/xbzrle.h"
#include "tests/support/memory_rig_parts.h"

enum { DELAY_MOST_NS = 300000 };

/* One compressor each: made once, started again by every run. */
static struct gw_compressor *packers[RIG_CHANNELS], *unpackers[RIG_CHANNELS];

static struct rig *
of_wire(struct gw_wire *wire)
{
    return gw_container(wire, struct rig, wire);
}

/* ---- bursts ----------------------------------------------------------------------------------------- */

static void
free_burst(struct rig_burst *burst)
{
    for (uint32_t i = 0; burst != NULL && i < burst->count; i++) {
        free(burst->records[i].bytes);
    }
    if (burst != NULL) {
        free(burst->records);
        free(burst);
    }
}

static struct rig_burst *
filling(struct rig *rig, uint32_t channel)
{
    struct rig_channel *at = &rig->channels[channel];

    gw_assert(channel < rig->wire.channels);
    if (at->filling == NULL) {
        at->filling = calloc(1, sizeof *at->filling);
        gw_assert(at->filling != NULL);
    }
    return at->filling;
}

static void
add_record(struct rig *rig, uint32_t channel, const struct rig_record *record, const uint8_t *bytes)
{
    struct rig_burst *burst = filling(rig, channel);
    struct rig_record *added;

    if (burst->count == burst->size) {
        burst->size = burst->size == 0 ? 16 : 2 * burst->size;
        burst->records = realloc(burst->records, burst->size * sizeof *burst->records);
        gw_assert(burst->records != NULL);
    }
    added = &burst->records[burst->count++];
    *added = *record;
    added->channel = channel;
    added->bytes = malloc(record->length + 1);
    gw_assert(added->bytes != NULL);
    if (record->length > 0) {
        memcpy(added->bytes, bytes, record->length);
    }
    rig->verdict->records[record->kind]++;
}

/* ---- what a record carries -------------------------------------------------------------------------- */

static void
put_task_record(struct rig *rig, uint32_t channel, const struct gw_page_record *record)
{
    const struct rig_job *job = rig_job_of(rig, record->task);
    struct rig_record out = {.page = record->page, .kind = record->kind};

    gw_assert(record->task->page_count == 1 && record->task->page[0] == record->page);
    if (record->kind == GW_PAGE_NORMAL) {
        out.length = GW_PAGE_BYTES;
        add_record(rig, channel, &out, job->copy);
        return;
    }
    out.length = record->kind == GW_PAGE_ZERO ? 0 : job->length;
    add_record(rig, channel, &out, job->bytes);
}

static void
put_record(struct rig *rig, uint32_t channel, const struct gw_page_record *record)
{
    struct rig_record out = {.page = record->page, .kind = record->kind};

    gw_assert(record->page < rig->plan->pages && record->bytes > 8);
    gw_assert(record->kind != GW_PAGE_COMPRESSED || record->task != NULL);
    if (record->task != NULL) {
        put_task_record(rig, channel, record);
        return;
    }
    if (record->kind == GW_PAGE_ZERO) {
        add_record(rig, channel, &out, NULL);
        return;
    }
    if (record->kind == GW_PAGE_DELTA) {
        gw_assert(record->bytes >= 11 + rig->delta_bytes);
        out.length = rig->delta_bytes;
        add_record(rig, channel, &out, rig->delta);
        return;
    }
    gw_assert(!record->from_cache || record->slot < rig->slots);
    gw_assert(record->bytes >= 8 + GW_PAGE_BYTES);
    out.length = GW_PAGE_BYTES;
    add_record(rig, channel, &out,
               record->from_cache ? rig->slot[record->slot] : rig_page(rig, record->page));
}

static void
put(struct gw_wire *port, uint32_t channel, const struct gw_page_record *records, uint32_t count,
    struct gw_work *work)
{
    struct rig *rig = of_wire(port);

    for (uint32_t i = 0; i < count; i++) {
        rig_guest_write(rig);
        put_record(rig, channel, &records[i]);
        filling(rig, channel)->bytes += records[i].bytes;
        rig->verdict->put_bytes += records[i].bytes;
    }
    rig_charge(rig, work, 2000);
}

static void
put_bytes(struct gw_wire *port, uint32_t channel, int64_t bytes)
{
    struct rig *rig = of_wire(port);

    gw_assert(bytes > 0);
    filling(rig, channel)->bytes += bytes;
    rig->verdict->put_bytes += bytes;
}

void
rig_wire_packet_page(struct rig *rig, struct gw_task *task, uint64_t page)
{
    const uint8_t *bytes = rig_page(rig, page);
    struct rig_record out = {.page = page, .kind = GW_PAGE_NORMAL, .length = GW_PAGE_BYTES};
    uint8_t copy[GW_PAGE_BYTES], packed[RIG_PACKED_BYTES];

    memcpy(copy, bytes, sizeof copy);
    if (task->check_zero && gw_is_zero(copy, sizeof copy)) {
        out.kind = GW_PAGE_ZERO;
        out.length = 0;
        task->zero_pages++;
    } else if (rig->plan->settings.multifd_compress != GW_CODEC_NONE) {
        out.kind = GW_PAGE_COMPRESSED;
        out.streamed = true;
        out.length = (uint32_t)gw_compress_packet(packers[task->channel], copy, sizeof copy, packed,
                                                  sizeof packed);
    }
    task->bytes += (int32_t)out.length;
    rig->verdict->put_bytes += out.length;
    add_record(rig, task->channel, &out, out.streamed ? packed : copy);
    filling(rig, task->channel)->bytes += out.length;
}

/* ---- sending ---------------------------------------------------------------------------------------- */

static uint32_t
queue_of(const struct rig *rig, uint32_t channel)
{
    return channel + 1 == rig->wire.channels ? RIG_URGENT : RIG_BULK;
}

/* Puts the burst on the way; returns when the socket has taken it. */
static int64_t
send_burst(struct rig *rig, uint32_t channel, int64_t ready_ns)
{
    struct rig_queue *queue = &rig->queues[queue_of(rig, channel)];
    struct rig_burst *burst = filling(rig, channel);
    int64_t start_ns = ready_ns > queue->free_ns ? ready_ns : queue->free_ns;

    rig->channels[channel].filling = NULL;
    if (rig->plan->on_sent != NULL) {
        rig->plan->on_sent(rig->plan->owner, ready_ns, burst->bytes);
    }
    queue->free_ns = start_ns + (int64_t)((double)burst->bytes * 1e9 / (double)rig->plan->rate);
    if (queue->loaded_ns < queue->free_ns) {
        queue->loaded_ns = queue->free_ns;
    }
    queue->loaded_ns += rig->plan->steady ? 0 : (int64_t)rig_draw(rig, DELAY_MOST_NS);
    if (queue->last != NULL) {
        queue->last->next = burst;
    } else {
        queue->first = burst;
    }
    queue->last = burst;
    rig_at(rig, RIG_LOAD, queue_of(rig, channel), queue->loaded_ns);
    return queue->free_ns;
}

/* What was on the way is lost, from some burst on. */
static void
lose(struct rig *rig)
{
    rig->lost = true;
    for (int i = RIG_BULK; i < RIG_QUEUES; i++) {
        struct rig_burst **link = &rig->queues[i].first;

        rig->queues[i].last = NULL;
        while (*link != NULL && rig_chance(rig, 60)) {
            rig->queues[i].last = *link;
            link = &(*link)->next;
        }
        while (*link != NULL) {
            struct rig_burst *burst = *link;

            *link = burst->next;
            free_burst(burst);
        }
    }
}

static void
count_wire_call(struct rig *rig)
{
    if (++rig->verdict->wire_calls == rig->plan->lost_at) {
        lose(rig);
    }
}

/* A worker sends its packet: the wire tells nobody. */
void
rig_wire_send(struct rig *rig, uint32_t channel)
{
    if (rig->lost) {
        free_burst(rig->channels[channel].filling);
        rig->channels[channel].filling = NULL;
        return;
    }
    send_burst(rig, channel, rig->now_ns);
}

static void
flush(struct gw_wire *port, uint32_t number, const struct gw_work *work,
      void (*sent)(void *owner, enum gw_code result), void *owner)
{
    struct rig *rig = of_wire(port);
    struct rig_channel *channel = &rig->channels[number];
    int64_t at_ns = rig->now_ns + work->spent_ns;

    gw_assert(number < rig->wire.channels && !channel->flushing && !rig->finished_told);
    gw_assert(work->spent_ns >= 0);
    count_wire_call(rig);
    channel->flushing = true;
    channel->sent = sent;
    channel->owner = owner;
    channel->result = rig->lost ? GW_EIO : GW_OK;
    if (rig->lost) {
        rig_wire_send(rig, number);
        at_ns += (int64_t)rig_draw(rig, DELAY_MOST_NS);
    } else {
        at_ns = send_burst(rig, number, at_ns);
    }
    rig_at(rig, RIG_SENT, number, at_ns);
}

static void
drain(struct gw_wire *port, void (*drained)(void *owner, enum gw_code result), void *owner)
{
    struct rig *rig = of_wire(port);
    int64_t at_ns = rig->now_ns;

    gw_assert(rig->drained == NULL && !rig->finished_told);
    count_wire_call(rig);
    for (uint32_t i = 0; i < rig->wire.channels; i++) {
        struct rig_burst *burst = rig->channels[i].filling;

        gw_assert(rig->lost || i + 1 == rig->wire.channels || burst == NULL);
    }
    for (int i = RIG_BULK; i < RIG_QUEUES && !rig->lost; i++) {
        at_ns = rig->queues[i].loaded_ns > at_ns ? rig->queues[i].loaded_ns : at_ns;
    }
    rig->drained = drained;
    rig->drain_owner = owner;
    rig->drain_result = rig->lost ? GW_EIO : GW_OK;
    rig_at(rig, RIG_DRAINED, 0, at_ns + 1);
}

/* ---- the target ------------------------------------------------------------------------------------- */

static void
apply(struct rig *rig, const struct rig_record *record)
{
    uint8_t *page = rig->target[record->page];
    int32_t length = GW_PAGE_BYTES;

    if (rig->side == GW_TARGET && !rig->missing[record->page]) {
        rig_fail_at_page(rig, "came again to a running guest", record->page);
    }
    if (record->kind == GW_PAGE_ZERO) {
        memset(page, 0, GW_PAGE_BYTES);
    } else if (record->kind == GW_PAGE_NORMAL) {
        memcpy(page, record->bytes, GW_PAGE_BYTES);
    } else if (record->kind == GW_PAGE_DELTA) {
        length = gw_xbzrle_decode(record->bytes, record->length, page, GW_PAGE_BYTES);
        gw_assert(length > 0);
    } else if (record->streamed) {
        length = gw_decompress_packet(unpackers[record->channel], record->bytes, record->length,
                                      page, GW_PAGE_BYTES);
        gw_assert(length == GW_PAGE_BYTES);
    } else {
        length = gw_decompress(unpackers[0], record->bytes, record->length, page, GW_PAGE_BYTES);
        gw_assert(length == GW_PAGE_BYTES);
    }
    rig_page_came(rig, record->page);
}

void
rig_wire_load(struct rig *rig, uint32_t number)
{
    struct rig_queue *queue = &rig->queues[number];
    struct rig_burst *burst = queue->first;

    if (burst == NULL) {
        return;
    }
    queue->first = burst->next;
    queue->last = queue->first == NULL ? NULL : queue->last;
    for (uint32_t i = 0; i < burst->count; i++) {
        apply(rig, &burst->records[i]);
    }
    free_burst(burst);
}

/* ---- life ------------------------------------------------------------------------------------------- */

static const struct gw_wire_ops ops = {
    .put = put, .put_bytes = put_bytes, .flush = flush, .drain = drain};

static void
destroy_codecs(void)
{
    for (uint32_t i = 0; i < RIG_CHANNELS; i++) {
        gw_compressor_destroy(packers[i]);
        gw_compressor_destroy(unpackers[i]);
    }
}

void
rig_wire_open(struct rig *rig)
{
    rig->wire.ops = &ops;
    rig->wire.channels = 2 + (uint32_t)rig->plan->settings.multifd_channels;
    gw_assert(rig->wire.channels <= RIG_CHANNELS);
    if (packers[0] == NULL) {
        atexit(destroy_codecs);
    }
    for (uint32_t i = 0; i < rig->wire.channels; i++) {
        if (packers[i] == NULL) {
            packers[i] = gw_compressor_create(GW_CODEC_ZLIB, 1, NULL);
            unpackers[i] = gw_compressor_create(GW_CODEC_ZLIB, 1, NULL);
            gw_assert(packers[i] != NULL && unpackers[i] != NULL);
        }
        if (rig->plan->settings.multifd_compress != GW_CODEC_NONE) {
            gw_compress_stream_start(packers[i]);
            gw_compress_stream_start(unpackers[i]);
        }
    }
}

void
rig_wire_close(struct rig *rig)
{
    for (uint32_t i = 0; i < rig->wire.channels; i++) {
        free_burst(rig->channels[i].filling);
    }
    for (int i = RIG_BULK; i < RIG_QUEUES; i++) {
        while (rig->queues[i].first != NULL) {
            struct rig_burst *burst = rig->queues[i].first;

            rig->queues[i].first = burst->next;
            free_burst(burst);
        }
    }
}
