/* link_share.c - max-min sharing by virtual time.
 *
 * Idea       The active flows stand in order of their caps. A prefix of them is `bound`: each
 *            runs at its cap. The rest share what is left equally, so one virtual clock of bytes
 *            per sharing flow serves all of them: a head that started at virtual time v with n
 *            bytes ends at v + n whatever comes and goes. Two heaps give the next end of a
 *            sharing flow (virtual) and of a bound one (real time).
 * Source     Bertsekas and Gallager, Data Networks, section 6.5 (max-min, progressive filling);
 *            processor sharing by virtual time as in Parekh and Gallager, 1993.
 * Invariant  bound_rate is the sum of the bound caps; a flow at place i of by_cap is bound if
 *            and only if i < bound. The test for moving the border is in whole numbers and
 *            exact, so it cannot swing.
 * Cost       O(log n) an event, and a memmove over n indices when a flow comes or goes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/link_share.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/wide.h"

#define NO_CAP INT64_MAX
/* The virtual clock is set back before its resolution gets worse than the slack. */
#define VIRTUAL_MOST 1e9
#define SLACK_BYTES 1e-3

struct flow {
    struct gw_transfer *head, *tail;
    double finish; /* of the head: virtual bytes when sharing, ns when bound */
    int64_t cap;
    uint32_t place; /* in its heap */
    bool bound;
};

struct heap {
    uint32_t *flow; /* owned */
    uint32_t count;
};

struct gw_link {
    struct gw_agenda *agenda;
    struct gw_event due;
    int64_t rate, flow_cap;
    int64_t bound_rate, sent_bytes;
    double virtual_bytes;
    int64_t updated_ns;
    uint32_t allocated, active, bound;
    struct flow *flows; /* by number; owned */
    uint32_t *by_cap;   /* the active ones, smallest cap first; owned */
    struct heap sharing_heap, bound_heap;
};

/* ---- heap of flows by finish, then number ---- */

static bool
sooner(const struct gw_link *link, uint32_t a, uint32_t b)
{
    if (link->flows[a].finish < link->flows[b].finish) {
        return true;
    }
    return link->flows[a].finish <= link->flows[b].finish && a < b;
}

static void
put(struct gw_link *link, struct heap *heap, uint32_t place, uint32_t flow)
{
    heap->flow[place] = flow;
    link->flows[flow].place = place;
}

static void
sift_up(struct gw_link *link, struct heap *heap, uint32_t place)
{
    uint32_t flow = heap->flow[place];

    while (place > 0 && sooner(link, flow, heap->flow[(place - 1) / 2])) {
        put(link, heap, place, heap->flow[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(link, heap, place, flow);
}

static void
sift_down(struct gw_link *link, struct heap *heap, uint32_t place)
{
    uint32_t flow = heap->flow[place];

    while (2 * place + 1 < heap->count) {
        uint32_t child = 2 * place + 1;

        if (child + 1 < heap->count && sooner(link, heap->flow[child + 1], heap->flow[child])) {
            child++;
        }
        if (!sooner(link, heap->flow[child], flow)) {
            break;
        }
        put(link, heap, place, heap->flow[child]);
        place = child;
    }
    put(link, heap, place, flow);
}

static void
heap_add(struct gw_link *link, struct heap *heap, uint32_t flow)
{
    heap->flow[heap->count++] = flow;
    sift_up(link, heap, heap->count - 1);
}

static void
heap_remove(struct gw_link *link, struct heap *heap, uint32_t place)
{
    uint32_t last = heap->flow[--heap->count];

    if (place == heap->count) {
        return;
    }
    put(link, heap, place, last);
    sift_down(link, heap, place);
    sift_up(link, heap, link->flows[last].place);
}

/* ---- rates ---- */

static double
share_a_ns(const struct gw_link *link)
{
    return (double)(link->rate - link->bound_rate) / (double)(link->active - link->bound) / 1e9;
}

static void
set_back(struct gw_link *link)
{
    for (uint32_t i = 0; i < link->sharing_heap.count; i++) {
        link->flows[link->sharing_heap.flow[i]].finish -= link->virtual_bytes;
    }
    link->virtual_bytes = 0;
}

/* Brings the virtual clock up to now. */
static void
advance(struct gw_link *link)
{
    int64_t now_ns = link->agenda->now_ns;

    if (link->active > link->bound) {
        link->virtual_bytes += (double)(now_ns - link->updated_ns) * share_a_ns(link);
        if (link->virtual_bytes > VIRTUAL_MOST) {
            set_back(link);
        }
    }
    link->updated_ns = now_ns;
}

static void
bind_next(struct gw_link *link)
{
    uint32_t number = link->by_cap[link->bound];
    struct flow *flow = &link->flows[number];
    double left_bytes = flow->finish - link->virtual_bytes;

    heap_remove(link, &link->sharing_heap, flow->place);
    flow->bound = true;
    flow->finish = (double)link->updated_ns + left_bytes * 1e9 / (double)flow->cap;
    heap_add(link, &link->bound_heap, number);
    link->bound_rate += flow->cap;
    link->bound++;
}

static void
unbind_last(struct gw_link *link)
{
    uint32_t number = link->by_cap[link->bound - 1];
    struct flow *flow = &link->flows[number];
    double left_bytes = (flow->finish - (double)link->updated_ns) * (double)flow->cap / 1e9;

    heap_remove(link, &link->bound_heap, flow->place);
    flow->bound = false;
    flow->finish = link->virtual_bytes + left_bytes;
    heap_add(link, &link->sharing_heap, number);
    link->bound_rate -= flow->cap;
    link->bound--;
}

/* Whether a flow of this cap wants more than an equal part of the rest. */
static bool
exceeds_share(const struct gw_link *link, int64_t cap)
{
    gw_i128 rest = (gw_i128)link->rate - link->bound_rate;
    uint32_t sharing = link->active - link->bound;

    return sharing == 0 ? rest < 0 : (gw_i128)cap * sharing > rest;
}

/* Moves the border between bound and sharing flows to where it belongs. */
static void
fill(struct gw_link *link)
{
    while (link->bound > 0 && exceeds_share(link, link->flows[link->by_cap[link->bound - 1]].cap)) {
        unbind_last(link);
    }
    while (link->bound < link->active) {
        gw_i128 rest = (gw_i128)link->rate - link->bound_rate;
        int64_t cap = link->flows[link->by_cap[link->bound]].cap;

        if ((gw_i128)cap * (link->active - link->bound) >= rest) {
            break;
        }
        bind_next(link);
    }
}

static void
plan(struct gw_link *link)
{
    double wake_ns = (double)GW_TIME_NEVER;
    int64_t at_ns;

    if (link->bound_heap.count > 0) {
        wake_ns = link->flows[link->bound_heap.flow[0]].finish;
    }
    if (link->sharing_heap.count > 0) {
        double left = link->flows[link->sharing_heap.flow[0]].finish - link->virtual_bytes;
        double end_ns = (double)link->updated_ns + left / share_a_ns(link);

        wake_ns = end_ns < wake_ns ? end_ns : wake_ns;
    }
    if (link->bound_heap.count + link->sharing_heap.count == 0) {
        gw_cancel(link->agenda, &link->due);
        return;
    }
    at_ns = (int64_t)wake_ns;
    at_ns += (double)at_ns < wake_ns;
    at_ns = at_ns > link->updated_ns ? at_ns : link->updated_ns;
    if (gw_event_pending(&link->due) && link->due.at_ns == at_ns) {
        return;
    }
    gw_cancel(link->agenda, &link->due);
    gw_schedule(link->agenda, &link->due, at_ns);
}

/* ---- flows that come and go ---- */

static uint32_t
rank(const struct gw_link *link, uint32_t number)
{
    uint32_t low = 0, high = link->active;
    int64_t cap = link->flows[number].cap;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int64_t other = link->flows[link->by_cap[middle]].cap;

        if (other < cap || (other == cap && link->by_cap[middle] < number)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The flow's head starts now. It joins the sharing part, or the bound one if it stands there. */
static void
activate(struct gw_link *link, uint32_t number)
{
    struct flow *flow = &link->flows[number];
    uint32_t place = rank(link, number);

    memmove(link->by_cap + place + 1, link->by_cap + place,
            (link->active - place) * sizeof *link->by_cap);
    link->by_cap[place] = number;
    link->active++;
    flow->bound = false;
    flow->finish = link->virtual_bytes + (double)flow->head->length_bytes;
    heap_add(link, &link->sharing_heap, number);
    if (place < link->bound) {
        heap_remove(link, &link->sharing_heap, flow->place);
        flow->bound = true;
        flow->finish =
            (double)link->updated_ns + (double)flow->head->length_bytes * 1e9 / (double)flow->cap;
        heap_add(link, &link->bound_heap, number);
        link->bound_rate += flow->cap;
        link->bound++;
    }
}

static void
deactivate(struct gw_link *link, uint32_t number)
{
    struct flow *flow = &link->flows[number];
    uint32_t place = rank(link, number);

    if (flow->bound) {
        heap_remove(link, &link->bound_heap, flow->place);
        link->bound_rate -= flow->cap;
        link->bound--;
    } else {
        heap_remove(link, &link->sharing_heap, flow->place);
    }
    link->active--;
    memmove(link->by_cap + place, link->by_cap + place + 1,
            (link->active - place) * sizeof *link->by_cap);
}

/* Takes the finished head off and starts the next one where it ended. */
static struct gw_transfer *
finish_head(struct gw_link *link, uint32_t number)
{
    struct flow *flow = &link->flows[number];
    struct gw_transfer *done = flow->head;

    flow->head = done->next;
    link->sent_bytes += done->length_bytes;
    if (flow->head == NULL) {
        deactivate(link, number);
        return done;
    }
    if (flow->bound) {
        flow->finish += (double)flow->head->length_bytes * 1e9 / (double)flow->cap;
        sift_down(link, &link->bound_heap, flow->place);
        return done;
    }
    flow->finish += (double)flow->head->length_bytes;
    sift_down(link, &link->sharing_heap, flow->place);
    return done;
}

static bool
bound_head_ended(const struct gw_link *link)
{
    return link->bound_heap.count > 0 &&
           link->flows[link->bound_heap.flow[0]].finish <= (double)link->updated_ns;
}

static bool
sharing_head_ended(const struct gw_link *link)
{
    return link->sharing_heap.count > 0 &&
           link->flows[link->sharing_heap.flow[0]].finish <= link->virtual_bytes + SLACK_BYTES;
}

static void
due(struct gw_event *event)
{
    struct gw_link *link = gw_container(event, struct gw_link, due);
    struct gw_transfer *done = NULL;
    struct gw_transfer **end = &done;

    advance(link);
    while (bound_head_ended(link)) {
        *end = finish_head(link, link->bound_heap.flow[0]);
        end = &(*end)->next;
    }
    while (sharing_head_ended(link)) {
        *end = finish_head(link, link->sharing_heap.flow[0]);
        end = &(*end)->next;
    }
    *end = NULL;
    fill(link);
    plan(link);
    while (done != NULL) {
        struct gw_transfer *transfer = done;

        done = transfer->next;
        transfer->sent(transfer);
    }
}

static void *
resized(void *memory, uint32_t count, size_t size)
{
    memory = realloc(memory, count * size);
    gw_assert(memory != NULL);
    return memory;
}

static void
reserve(struct gw_link *link, uint32_t flow)
{
    uint32_t count = link->allocated == 0 ? 4 : link->allocated;

    gw_assert(flow < GW_LINK_FLOW_MOST);
    if (flow < link->allocated) {
        return;
    }
    while (count <= flow) {
        count *= 2;
    }
    link->flows = resized(link->flows, count, sizeof *link->flows);
    link->by_cap = resized(link->by_cap, count, sizeof *link->by_cap);
    link->sharing_heap.flow = resized(link->sharing_heap.flow, count, sizeof(uint32_t));
    link->bound_heap.flow = resized(link->bound_heap.flow, count, sizeof(uint32_t));
    for (uint32_t i = link->allocated; i < count; i++) {
        link->flows[i] = (struct flow){.cap = link->flow_cap};
    }
    link->allocated = count;
}

void
gw_link_send(struct gw_link *link, struct gw_transfer *transfer)
{
    struct flow *flow;

    gw_assert(transfer->length_bytes >= 0);
    reserve(link, transfer->flow);
    flow = &link->flows[transfer->flow];
    transfer->next = NULL;
    if (flow->head != NULL) {
        flow->tail->next = transfer;
        flow->tail = transfer;
        return;
    }
    flow->head = transfer;
    flow->tail = transfer;
    advance(link);
    activate(link, transfer->flow);
    fill(link);
    plan(link);
}

void
gw_link_set_cap(struct gw_link *link, uint32_t number, int64_t cap)
{
    struct flow *flow;
    double left_bytes;

    reserve(link, number);
    flow = &link->flows[number];
    cap = cap > 0 ? cap : NO_CAP;
    if (flow->head == NULL) {
        flow->cap = cap;
        return;
    }
    advance(link);
    left_bytes = flow->finish - link->virtual_bytes;
    if (flow->bound) {
        left_bytes = (flow->finish - (double)link->updated_ns) * (double)flow->cap / 1e9;
    }
    deactivate(link, number);
    flow->cap = cap;
    while (link->bound > 0) {
        unbind_last(link);
    }
    activate(link, number);
    flow->finish = link->virtual_bytes + left_bytes;
    sift_up(link, &link->sharing_heap, flow->place);
    sift_down(link, &link->sharing_heap, flow->place);
    fill(link);
    plan(link);
}

void
gw_link_set_rate(struct gw_link *link, int64_t rate)
{
    gw_assert(rate >= 1);
    advance(link);
    link->rate = rate;
    fill(link);
    plan(link);
}

double
gw_link_flow_rate(const struct gw_link *link, uint32_t flow)
{
    if (flow >= link->allocated || link->flows[flow].head == NULL) {
        return 0;
    }
    return link->flows[flow].bound ? (double)link->flows[flow].cap : share_a_ns(link) * 1e9;
}

int64_t
gw_link_bytes_sent(const struct gw_link *link)
{
    return link->sent_bytes;
}

struct gw_link *
gw_link_create(struct gw_agenda *agenda, int64_t rate, int64_t flow_cap, struct gw_error *err)
{
    struct gw_link *link;

    if (rate < 1) {
        gw_fail(err, GW_EINVAL, "link rate %lld B/s: must be at least 1 B/s", (long long)rate);
        return NULL;
    }
    link = calloc(1, sizeof *link);
    if (link == NULL) {
        gw_fail(err, GW_ENOMEM, "out of memory for a link");
        return NULL;
    }
    link->agenda = agenda;
    link->due.fire = due;
    link->rate = rate;
    link->flow_cap = flow_cap > 0 ? flow_cap : NO_CAP;
    link->updated_ns = agenda->now_ns;
    return link;
}

void
gw_link_destroy(struct gw_link *link)
{
    if (link == NULL) {
        return;
    }
    gw_cancel(link->agenda, &link->due);
    free(link->flows);
    free(link->by_cap);
    free(link->sharing_heap.flow);
    free(link->bound_heap.flow);
    free(link);
}
