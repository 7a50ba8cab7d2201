/* ram_postcopy.c - the guest runs on the target; pages it lacks are asked for, the rest pushed.
 *
 * Source    QEMU 7.2 migration/ram.c (get_queued_page: requested pages first, the push goes on
 *           behind them), postcopy-preempt: a channel of its own for requested pages.
 * Invariant a page is sent once: its dirty bit is cleared when it is sent, by push or request.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

static void urgent_step(struct gw_ram *ram);

static uint32_t
urgent_channel(const struct gw_ram *ram)
{
    return ram->ports->wire->channels - 1;
}

/* Pages that are asked for and not yet sent, in the order of their addresses. */
static uint32_t
take_requested(struct gw_ram *ram, uint64_t *pages)
{
    uint32_t count = 0;
    uint64_t page;

    while (count < GW_RAM_BATCH && gw_bitmap_take_bits(&ram->requested, 0, 1, &page) == 1) {
        if (gw_bitmap_test(&ram->dirty, page)) {
            gw_ram_claim(ram, page);
            pages[count++] = page;
        }
    }
    return count;
}

void
gw_ram_lose_guest(struct gw_ram *ram)
{
    gw_ram_give_up(ram, GW_FAILED, "the connection was lost in post-copy: so is the guest");
}

static void
urgent_sent(void *owner, enum gw_code result)
{
    struct gw_ram *ram = owner;

    ram->urgent_in_flight = false;
    if (ram->phase != GW_RAM_PUSH) {
        return;
    }
    if (result != GW_OK) {
        gw_ram_lose_guest(ram);
        return;
    }
    urgent_step(ram);
}

static void
urgent_step(struct gw_ram *ram)
{
    uint64_t pages[GW_RAM_BATCH];
    struct gw_work own = ram->work; /* the preempt thread's time, not the push's */
    uint32_t count = take_requested(ram, pages);

    if (count > 0) {
        ram->work.spent_ns = 0;
        gw_ram_send_plain(ram, urgent_channel(ram), pages, count);
        ram->urgent_in_flight = true;
        ram->ports->wire->ops->flush(ram->ports->wire, urgent_channel(ram), &ram->work, urgent_sent,
                                     ram);
    }
    ram->work = own;
}

void
gw_ram_push_request(struct gw_ram *ram, uint64_t page)
{
    ram->stats.postcopy_requests++;
    gw_bitmap_set(&ram->requested, page);
    if (ram->phase != GW_RAM_PUSH) {
        return;
    }
    if (!ram->settings->postcopy_preempt) {
        gw_ram_wake(ram);
    } else if (!ram->urgent_in_flight) {
        urgent_step(ram);
    }
}

void
gw_ram_push_begin(struct gw_ram *ram)
{
    ram->last_stage = false;
    ram->ports->report->ops->phase(ram->ports->report, "post-copy");
    gw_ram_push_step(ram);
}

/* Nothing is left to send: what is under way is waited for. */
static void
end_push(struct gw_ram *ram)
{
    if (ram->push_ended) {
        gw_ram_drain(ram);
        return;
    }
    ram->push_ended = true;
    gw_ram_put_bytes(ram, GW_RAM_SECTION_BYTES);
    gw_ram_flush(ram);
}

void
gw_ram_push_step(struct gw_ram *ram)
{
    uint64_t pages[GW_RAM_BATCH];
    uint32_t count = ram->settings->postcopy_preempt ? 0 : take_requested(ram, pages);

    if (count > 0) {
        ram->position = pages[count - 1] + 1;
        gw_ram_send_plain(ram, GW_RAM_CHANNEL, pages, count);
        gw_ram_flush(ram);
        return;
    }
    if (ram->dirty.count == 0) {
        end_push(ram);
        return;
    }
    if (gw_ram_keep_the_rate(ram)) {
        return;
    }
    gw_ram_send_pages(ram, GW_RAM_BATCH);
    gw_ram_flush(ram);
}
