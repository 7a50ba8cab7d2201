/* sim_vcpus.c - the vCPUs of a simulated guest, and the proof when they go over to the target.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/sim_memory_parts.h"

enum { AUDIT_BLOCK = 64 }; /* pages compared without a branch */

static const int64_t POLL_NS = 50000; /* post-copy: how often vCPUs that wait are looked for */

static struct gw_sim_memory *
of_vcpus(const struct gw_vcpus *port)
{
    return gw_container((void *)(uintptr_t)port, struct gw_sim_memory, vcpus);
}

/* ---- proof --------------------------------------------------------------------------------------------- */

/* Whether the target has these pages at the guest's versions: compared without a branch. */
static bool
are_same(const struct gw_sim_memory *memory, uint64_t first, uint64_t end)
{
    uint32_t others = 0;

    for (uint64_t page = first; page < end; page++) {
        others |= memory->wire.loaded[page] ^ (memory->versions[page] + 1);
    }
    return others == 0;
}

/* First page that the target has not and is not to come later; none: the number of pages. */
static uint64_t
find_wrong(const struct gw_sim_memory *memory)
{
    uint64_t count = memory->memory.page_count;

    for (uint64_t page = 0; page < count; page++) {
        bool begins = page % AUDIT_BLOCK == 0 && count - page >= AUDIT_BLOCK;

        if (begins && are_same(memory, page, page + AUDIT_BLOCK)) {
            page += AUDIT_BLOCK - 1;
            continue;
        }
        if (memory->wire.loaded[page] != memory->versions[page] + 1 &&
            !gw_bitmap_test(&memory->missing, page)) {
            return page;
        }
    }
    return count;
}

/* The guest goes over: every page that is not to come later must be there, as it is. */
static bool
audit(struct gw_sim_memory *memory)
{
    uint64_t page;

    gw_sim_wire_settle(&memory->wire);
    if (memory->wire.corrupt > 0) {
        snprintf(memory->note, sizeof memory->note,
                 "%" PRIu64 " deltas met another base than their own", memory->wire.corrupt);
        return false;
    }
    page = find_wrong(memory);
    if (page < memory->memory.page_count) {
        snprintf(memory->note, sizeof memory->note,
                 "page %" PRIu64 ": the target has version %" PRId64 ", the guest %" PRIu32, page,
                 (int64_t)memory->wire.loaded[page] - 1, memory->versions[page]);
        return false;
    }
    snprintf(memory->note, sizeof memory->note, "%" PRIu64 " pages, each at the guest's version%s",
             memory->memory.page_count,
             memory->missing.count > 0 ? "; late ones as they came" : "");
    return true;
}

bool
gw_sim_memory_is_right(const struct gw_sim_memory *memory)
{
    return (!memory->judged || memory->right) && memory->wrong == 0 && !memory->wire.failed;
}

/* ---- vcpus port ---------------------------------------------------------------------------------------- */

void
gw_sim_vcpus_changed(struct gw_event *event)
{
    struct gw_sim_memory *memory = gw_container(event, struct gw_sim_memory, vcpu_event);

    gw_sim_memory_look(memory);
    if (memory->pausing) {
        memory->on_paused(memory->owner);
        return;
    }
    gw_guest_memory_resume(memory->guest);
    memory->on_resumed(memory->owner);
}

static void
pause_vcpus(struct gw_vcpus *port)
{
    struct gw_sim_memory *memory = of_vcpus(port);

    gw_sim_memory_look(memory);
    gw_guest_memory_pause(memory->guest);
    memory->pausing = true;
    gw_schedule(memory->agenda, &memory->vcpu_event,
                memory->agenda->now_ns + memory->plan->host.suspend_ns);
}

static void
end_waits(struct gw_sim_memory *memory, uint64_t page)
{
    for (uint32_t i = 0; i < memory->vcpus.count; i++) {
        struct gw_page_wait *wait = &memory->waits[i];

        if (wait->page == page) {
            wait->page = GW_BITMAP_NONE;
            gw_histogram_add(&memory->page_wait, memory->agenda->now_ns - wait->since_ns);
        }
    }
}

static void
page_came(void *owner, uint64_t page)
{
    struct gw_sim_memory *memory = owner;

    gw_sim_memory_look(memory); /* up to now the guest has run without the page */
    if (!gw_bitmap_clear(&memory->missing, page)) {
        return;
    }
    memory->wrong += memory->wire.loaded[page] != gw_sim_memory_version(memory, page) + 1;
    gw_guest_memory_arrived(memory->guest, page);
    end_waits(memory, page);
    if (memory->missing.count == 0) {
        gw_guest_memory_set_missing(memory->guest, NULL);
    }
}

void
gw_sim_vcpus_poll(struct gw_event *event)
{
    struct gw_sim_memory *memory = gw_container(event, struct gw_sim_memory, poll);
    uint32_t vcpu;
    uint64_t page;

    gw_sim_memory_look(memory);
    while (gw_guest_memory_next_wait(memory->guest, &vcpu, &page)) {
        memory->waits[vcpu] = (struct gw_page_wait){page, memory->agenda->now_ns};
        memory->on_request(memory->owner, page);
    }
    if (memory->missing.count > 0) {
        gw_schedule(memory->agenda, &memory->poll, memory->agenda->now_ns + POLL_NS);
    }
}

static void
resume_vcpus(struct gw_vcpus *port, enum gw_side side, const struct gw_bitmap *missing)
{
    struct gw_sim_memory *memory = of_vcpus(port);

    gw_sim_memory_look(memory);
    memory->pausing = false;
    memory->side = side;
    if (missing != NULL) {
        for (uint64_t page = gw_bitmap_find_next_set(missing, 0); page != GW_BITMAP_NONE;
             page = gw_bitmap_find_next_set(missing, page + 1)) {
            gw_bitmap_set(&memory->missing, page);
        }
        gw_guest_memory_set_missing(memory->guest, &memory->missing);
        gw_sim_wire_watch(&memory->wire, page_came);
        gw_schedule(memory->agenda, &memory->poll,
                    memory->agenda->now_ns + memory->plan->host.resume_ns + POLL_NS);
    }
    if (side == GW_TARGET) {
        memory->judged = true;
        memory->right = audit(memory);
    }
    gw_schedule(memory->agenda, &memory->vcpu_event,
                memory->agenda->now_ns + memory->plan->host.resume_ns);
}

static void
throttle(struct gw_vcpus *port, uint32_t vcpu, uint32_t percent)
{
    gw_sim_memory_look(of_vcpus(port));
    gw_guest_memory_throttle(of_vcpus(port)->guest, vcpu, percent);
}

static double
io_rate(const struct gw_vcpus *port, uint32_t vcpu)
{
    gw_sim_memory_look(of_vcpus(port));
    return gw_guest_memory_io_rate(of_vcpus(port)->guest, vcpu);
}

static double
dirty_rate(const struct gw_vcpus *port, uint32_t vcpu)
{
    gw_sim_memory_look(of_vcpus(port));
    return gw_guest_memory_dirty_rate(of_vcpus(port)->guest, vcpu);
}

static void
ring_sleep(struct gw_vcpus *port, uint32_t vcpu, int64_t sleep_ns)
{
    gw_sim_memory_look(of_vcpus(port));
    gw_guest_memory_ring_sleep(of_vcpus(port)->guest, vcpu, sleep_ns);
}

const struct gw_vcpus_ops gw_sim_vcpus_ops = {
    .pause = pause_vcpus,
    .resume = resume_vcpus,
    .throttle = throttle,
    .io_rate = io_rate,
    .dirty_rate = dirty_rate,
    .ring_sleep = ring_sleep,
};
