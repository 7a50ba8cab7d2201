/* turnstile.c - lines by flow number, the waiting ones in a list of indices.
 *
 * Indices and not pointers link the lines, because the table moves when it grows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "models/turnstile.h"

#include <stdlib.h>

struct gw_turnstile_line {
    struct gw_fifo fifo;
    uint32_t next; /* line whose turn is next; valid unless last */
};

static void
reserve(struct gw_turnstile *turnstile, uint32_t flow)
{
    uint32_t count = turnstile->line_count == 0 ? 1 : turnstile->line_count;
    struct gw_turnstile_line *lines;

    gw_assert(flow < GW_FLOW_MOST);
    while (count <= flow) {
        count *= 2;
    }
    lines = realloc(turnstile->lines, count * sizeof *lines);
    gw_assert(lines != NULL);
    for (uint32_t i = turnstile->line_count; i < count; i++) {
        lines[i] = (struct gw_turnstile_line){0};
    }
    turnstile->lines = lines;
    turnstile->line_count = count;
}

static void
append_line(struct gw_turnstile *turnstile, uint32_t flow)
{
    if (turnstile->busy) {
        turnstile->lines[turnstile->last].next = flow;
        turnstile->last = flow;
        return;
    }
    turnstile->busy = true;
    turnstile->first = flow;
    turnstile->last = flow;
}

void
gw_turnstile_push(struct gw_turnstile *turnstile, struct gw_request *request, uint32_t flow)
{
    bool waiting;

    if (flow >= turnstile->line_count) {
        reserve(turnstile, flow);
    }
    waiting = turnstile->lines[flow].fifo.head != NULL;
    gw_fifo_push(&turnstile->lines[flow].fifo, request);
    if (!waiting) {
        append_line(turnstile, flow);
    }
}

struct gw_request *
gw_turnstile_head(const struct gw_turnstile *turnstile)
{
    return turnstile->busy ? turnstile->lines[turnstile->first].fifo.head : NULL;
}

void
gw_turnstile_pop(struct gw_turnstile *turnstile)
{
    uint32_t flow = turnstile->first;
    struct gw_turnstile_line *line = &turnstile->lines[flow];

    gw_assert(turnstile->busy);
    gw_fifo_pop(&line->fifo);
    turnstile->busy = flow != turnstile->last;
    turnstile->first = line->next;
    if (line->fifo.head != NULL) {
        append_line(turnstile, flow);
    }
}

void
gw_turnstile_stop(struct gw_turnstile *turnstile)
{
    free(turnstile->lines);
    *turnstile = (struct gw_turnstile){0};
}
