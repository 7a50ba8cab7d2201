/* prefetch.c - detection of sequential reads and read-ahead in large units.
 *
 * Idea       A stream is (flow, address where the next read should begin). A read that continues
 *            one raises its count; from `after` on, fetches of unit_bytes keep ahead_bytes in
 *            front of the reader, and reads are served from what has come. Fetches return in any
 *            order; ready_bytes moves over the gapless part.
 *            A stream whose reader skips more than it reads is given up.
 * Departs    What writes make stale in a stream is not dropped: data are not modelled here.
 * Invariant  ready <= asked; a stream with fetches under way is never given up, so the tag of a
 *            fetch, the number of its stream, stays right.
 * Cost       a scan of 32 streams a read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/prefetch.h"

static bool
continues(const struct gw_prefetch_stream *stream, const struct gw_request *request)
{
    if (stream->used == 0 || stream->flow != request->flow || stream->sparse) {
        return false;
    }
    return request->offset_bytes == stream->next_bytes ||
           (request->offset_bytes >= stream->begin_bytes &&
            request->offset_bytes <= stream->asked_bytes &&
            stream->asked_bytes > stream->begin_bytes);
}

static bool
idle(const struct gw_prefetch_stream *stream)
{
    return stream->fetches == NULL && stream->waiting.head == NULL;
}

static struct gw_prefetch_stream *
find(struct gw_prefetch *prefetch, const struct gw_request *request)
{
    struct gw_prefetch_stream *oldest = NULL;

    for (int i = 0; i < GW_PREFETCH_STREAMS; i++) {
        struct gw_prefetch_stream *stream = &prefetch->streams[i];

        if (continues(stream, request)) {
            return stream;
        }
        if (idle(stream) && (oldest == NULL || stream->used < oldest->used)) {
            oldest = stream;
        }
    }
    if (oldest != NULL) {
        *oldest = (struct gw_prefetch_stream){
            .flow = request->flow,
            .begin_bytes = request->offset_bytes,
            .asked_bytes = request->offset_bytes,
            .ready_bytes = request->offset_bytes,
        };
    }
    return oldest;
}

/* Moves over all fetches at the front that have come; gives them back. */
static enum gw_code
collect(struct gw_prefetch *prefetch, struct gw_prefetch_stream *stream)
{
    enum gw_code worst = GW_OK;

    while (stream->fetches != NULL && stream->fetches->request.done == NULL) {
        struct gw_subrequest *sub = stream->fetches;

        stream->fetches = sub->next;
        worst = worst == GW_OK ? sub->request.result : worst;
        stream->ready_bytes = sub->request.offset_bytes + sub->request.length_bytes;
        gw_request_pool_give(prefetch->pool, sub);
    }
    return worst;
}

void
gw_prefetch_fetched(struct gw_prefetch *prefetch, struct gw_request *fetch)
{
    struct gw_prefetch_stream *stream = &prefetch->streams[fetch->tag];
    struct gw_fifo held = stream->waiting;
    struct gw_fifo served = {0};
    struct gw_request *request;
    enum gw_code worst;

    fetch->done = NULL;
    worst = collect(prefetch, stream);
    stream->waiting.head = NULL;
    while ((request = gw_fifo_pop(&held)) != NULL) {
        bool here = request->offset_bytes + request->length_bytes <= stream->ready_bytes;

        gw_fifo_push(here ? &served : &stream->waiting, request);
    }
    /* The stream may be given to another flow from here on. */
    while ((request = gw_fifo_pop(&served)) != NULL) {
        request->result = worst;
        prefetch->ready(request);
    }
}

static void
ask_ahead(struct gw_prefetch *prefetch, struct gw_prefetch_stream *stream)
{
    int64_t capacity_bytes = prefetch->owner->capacity_bytes;
    int64_t goal_bytes = stream->next_bytes + prefetch->ahead_bytes;

    goal_bytes = goal_bytes < capacity_bytes ? goal_bytes : capacity_bytes;
    while (stream->asked_bytes < goal_bytes) {
        struct gw_subrequest *sub = gw_request_pool_take(prefetch->pool, prefetch->owner, NULL);
        int64_t left_bytes = capacity_bytes - stream->asked_bytes;

        sub->next = NULL;
        sub->request.op = GW_IO_READ;
        sub->request.flow = stream->flow;
        sub->request.tag = (uint32_t)(stream - prefetch->streams);
        sub->request.offset_bytes = stream->asked_bytes;
        sub->request.length_bytes =
            prefetch->unit_bytes < left_bytes ? prefetch->unit_bytes : left_bytes;
        stream->asked_bytes += sub->request.length_bytes;
        if (stream->fetches == NULL) {
            stream->fetches = sub;
        } else {
            stream->fetches_last->next = sub;
        }
        stream->fetches_last = sub;
        gw_subrequest_send(sub, prefetch->backing, prefetch->fetched);
    }
}

/* A reader that picks pieces out of an area reads ahead nothing but waste: its stream ends. */
static void
judge(struct gw_prefetch_stream *stream, const struct gw_request *request)
{
    int64_t gap_bytes = request->offset_bytes - stream->next_bytes;

    stream->read_bytes += request->length_bytes;
    if (stream->run > 0 && gap_bytes > 0) {
        stream->skipped_bytes += gap_bytes;
    }
    stream->sparse = stream->skipped_bytes > stream->read_bytes;
}

enum gw_prefetch_answer
gw_prefetch_read(struct gw_prefetch *prefetch, struct gw_request *request)
{
    struct gw_prefetch_stream *stream = find(prefetch, request);
    int64_t end_bytes = request->offset_bytes + request->length_bytes;

    if (stream == NULL) {
        return GW_PREFETCH_NO;
    }
    judge(stream, request);
    if (stream->sparse) {
        return GW_PREFETCH_NO;
    }
    stream->run += stream->used > 0;
    stream->used = ++prefetch->clock;
    stream->next_bytes = end_bytes;
    if (stream->run < prefetch->after || prefetch->ahead_bytes == 0) {
        stream->begin_bytes = end_bytes;
        stream->ready_bytes = end_bytes;
        stream->asked_bytes = end_bytes;
        return GW_PREFETCH_NO;
    }
    ask_ahead(prefetch, stream);
    if (stream->begin_bytes < request->offset_bytes - prefetch->ahead_bytes) {
        stream->begin_bytes = request->offset_bytes - prefetch->ahead_bytes;
    }
    if (end_bytes <= stream->ready_bytes || prefetch->held(request)) {
        return GW_PREFETCH_HIT;
    }
    gw_fifo_push(&stream->waiting, request);
    return GW_PREFETCH_TAKEN;
}
