/* test_agenda.c - events in a heap by time, priority, order of scheduling.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "tests/support/test_agenda.h"

#include <stdlib.h>

#include "base/error.h"

static bool
sooner(const struct gw_event *a, const struct gw_event *b)
{
    if (a->at_ns != b->at_ns) {
        return a->at_ns < b->at_ns;
    }
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }
    return a->order < b->order;
}

static void
put(struct test_agenda *self, size_t place, struct gw_event *event)
{
    self->heap[place] = event;
    event->place = (uint32_t)place;
}

static void
sift(struct test_agenda *self, size_t place)
{
    struct gw_event *event = self->heap[place];

    while (place > 1 && sooner(event, self->heap[place / 2])) {
        put(self, place, self->heap[place / 2]);
        place /= 2;
    }
    for (size_t child = 2 * place; child <= self->count; child = 2 * place) {
        child += child < self->count && sooner(self->heap[child + 1], self->heap[child]);
        if (!sooner(self->heap[child], event)) {
            break;
        }
        put(self, place, self->heap[child]);
        place = child;
    }
    put(self, place, event);
}

static void
schedule(struct gw_agenda *agenda, struct gw_event *event, int64_t at_ns)
{
    struct test_agenda *self = gw_container(agenda, struct test_agenda, agenda);

    gw_assert(event->place == 0);
    gw_assert(event->fire != NULL);
    gw_assert(at_ns >= agenda->now_ns);
    if (self->count + 2 > self->allocated) {
        self->allocated = self->allocated == 0 ? 64 : self->allocated * 2;
        self->heap = realloc(self->heap, self->allocated * sizeof(struct gw_event *));
        gw_assert(self->heap != NULL);
    }
    event->at_ns = at_ns;
    event->order = self->sequence++;
    put(self, ++self->count, event);
    sift(self, self->count);
}

static void
cancel(struct gw_agenda *agenda, struct gw_event *event)
{
    struct test_agenda *self = gw_container(agenda, struct test_agenda, agenda);
    size_t place = event->place;
    struct gw_event *last;

    if (place == 0) {
        return;
    }
    event->place = 0;
    last = self->heap[self->count--];
    if (last != event) {
        put(self, place, last);
        sift(self, place);
    }
}

void
test_agenda_start(struct test_agenda *self)
{
    static const struct gw_agenda_ops ops = {schedule, cancel};

    *self = (struct test_agenda){.agenda = {.ops = &ops}};
}

void
test_agenda_stop(struct test_agenda *self)
{
    free(self->heap);
}

void
test_agenda_run(struct test_agenda *self, int64_t until_ns)
{
    while (self->count > 0 && self->heap[1]->at_ns <= until_ns) {
        struct gw_event *event = self->heap[1];

        cancel(&self->agenda, event);
        self->agenda.now_ns = event->at_ns;
        self->fired++;
        event->fire(event);
    }
    if (until_ns != GW_TIME_NEVER) {
        self->agenda.now_ns = until_ns;
    }
}
