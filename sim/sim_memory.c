/* sim_memory.c - see sim_memory.h.
 *
 * Pages on the wire are taken at the version that the guest had when it was last played, at most
 * LOOK_NS ago. That is late enough: the guest is played up to now whenever the log is synced or
 * pages are protected, so an older version misses only writes that came after the page was
 * protected, and those make it dirty again. Only how fresh a page is that is tested for zeros,
 * packed or compared depends on LOOK_NS.
 * A page that the delta codec finds equal is proved equal by the codec, and the target's version
 * moves on with it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/sim_memory_parts.h"

static const int64_t LOOK_NS = 1000000;

static struct gw_sim_memory *
of_memory(struct gw_memory *port)
{
    return gw_container(port, struct gw_sim_memory, memory);
}

/* Books time on a thread, fractions of a ns kept for later. */
static void
book(struct gw_sim_memory *memory, struct gw_work *work, double ns)
{
    int64_t whole;

    ns = ns * memory->cores.crowd[GW_CROWD_MIGRATION].stretch + memory->debt_ns;
    whole = (int64_t)ns;
    memory->debt_ns = ns - (double)whole;
    work->spent_ns += whole;
}

void
gw_sim_memory_look(struct gw_sim_memory *memory)
{
    gw_sim_memory_share_cores(memory);
    gw_guest_memory_advance(memory->guest, memory->agenda->now_ns);
}

/* ---- what pages hold --------------------------------------------------------------------------------- */

void
gw_sim_memory_find_region(struct gw_sim_memory *memory, uint64_t page)
{
    size_t count = memory->plan->region_count;

    memory->region = gw_guest_memory_region(memory->guest, page);
    memory->region_begin = page;
    memory->region_end = memory->memory.page_count;
    memory->region_never_zero = false;
    if (memory->region < count) {
        memory->region_begin = gw_guest_memory_region_first_page(memory->guest, memory->region);
        memory->region_end =
            memory->region_begin +
            (uint64_t)(memory->regions[memory->region]->size_bytes / GW_PAGE_BYTES);
        memory->region_never_zero = gw_page_content_never_zero(memory->contents[memory->region]);
    }
}

uint32_t
gw_sim_memory_version(void *owner, uint64_t page)
{
    struct gw_sim_memory *memory = owner;

    return memory->versions[page];
}

bool
gw_sim_memory_holds_zero(void *owner, uint64_t page, uint32_t version)
{
    struct gw_sim_memory *memory = owner;
    size_t region = gw_sim_memory_region(memory, page);

    return region == memory->plan->region_count ||
           gw_page_content_is_zero(memory->contents[region], page - memory->region_begin, version);
}

/* A page that nobody touched is read as the one zero page of the kernel, which stays in the cache;
 * one that was filled with zeros comes from memory. */
double
gw_sim_memory_zero_ns(struct gw_sim_memory *memory, uint64_t page)
{
    const struct gw_memory_host *host = &memory->plan->host;
    size_t region = gw_sim_memory_region(memory, page);
    bool touched = region < memory->plan->region_count &&
                   (memory->regions[region]->resident || memory->versions[page] > 0);

    return touched || host->untouched_ns <= 0 ? host->zero_ns : host->untouched_ns;
}

/* ---- memory port ------------------------------------------------------------------------------------- */

static void
log_start(struct gw_memory *port, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);

    gw_sim_memory_look(memory);
    book(memory, work, gw_guest_memory_log_start(memory->guest));
}

static void
log_stop(struct gw_memory *port)
{
    struct gw_sim_memory *memory = of_memory(port);

    gw_sim_memory_look(memory);
    gw_guest_memory_log_stop(memory->guest);
}

static uint64_t
sync_log(struct gw_memory *port, struct gw_bitmap *dirty, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);
    double cost_ns = 0;
    uint64_t fresh;

    gw_sim_memory_look(memory);
    fresh = gw_guest_memory_sync(memory->guest, dirty, &cost_ns);
    book(memory, work, cost_ns);
    return fresh;
}

static void
protect(struct gw_memory *port, uint64_t first, uint64_t count, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);

    gw_sim_memory_look(memory);
    book(memory, work, gw_guest_memory_protect(memory->guest, first, count));
}

/* One step tests, caches, encodes and puts one version of a page: the guest is brought up to now
 * before the first of these, and the clock stands until the step is over. */
static void
keep_up(struct gw_sim_memory *memory)
{
    if (memory->agenda->now_ns - gw_guest_memory_time_ns(memory->guest) > LOOK_NS) {
        gw_sim_memory_look(memory);
    }
}

static uint64_t
zero_pages(struct gw_memory *port, const uint64_t *pages, uint32_t count, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);
    uint64_t mask = 0;
    double cost_ns = 0;

    keep_up(memory);
    for (uint32_t i = 0; i < count; i++) {
        (void)gw_sim_memory_region(memory, pages[i]);
        if (!memory->region_never_zero) {
            bool is_zero = gw_sim_memory_holds_zero(memory, pages[i], memory->versions[pages[i]]);

            mask |= (uint64_t)is_zero << i;
            cost_ns += is_zero ? gw_sim_memory_zero_ns(memory, pages[i]) : 0;
        }
    }
    book(memory, work,
         cost_ns + (count - (uint32_t)__builtin_popcountll(mask)) * memory->plan->host.non_zero_ns);
    return mask;
}

static bool
cache_resize(struct gw_memory *port, uint64_t slots, struct gw_error *err)
{
    struct gw_sim_memory *memory = of_memory(port);

    free(memory->slots);
    memory->slot_count = slots;
    memory->slots = slots == 0 ? NULL : calloc(slots, sizeof *memory->slots);
    return memory->slots != NULL || slots == 0 ||
           gw_fail(err, GW_ENOMEM, "out of memory for %" PRIu64 " cache slots", slots);
}

static void
cache_put(struct gw_memory *port, uint64_t slot, uint64_t page, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);
    bool is_zero = page == GW_BITMAP_NONE;

    keep_up(memory);
    memory->slots[slot] =
        (struct gw_slot_copy){is_zero ? 0 : gw_sim_memory_version(memory, page), is_zero};
    book(memory, work, memory->plan->host.copy_ns);
}

/* The target has what the slot has: nothing is sent, but its version moves on. */
static void
note_equal(struct gw_sim_memory *memory, uint64_t page, const struct gw_slot_copy *old,
           uint32_t version)
{
    struct gw_wire_page *equal;

    if (!old->is_zero && old->version == version) {
        return;
    }
    equal = gw_sim_wire_add(&memory->wire, 0, GW_WIRE_EQUAL, 0, 0);
    equal->page = (uint32_t)page;
    equal->version = version;
    equal->base = old->version;
    equal->base_is_zero = old->is_zero;
}

void
gw_sim_memory_encode(struct gw_sim_memory *memory, uint64_t slot, uint64_t page, bool update,
                     struct gw_codec_answer *answer)
{
    struct gw_slot_copy *old = &memory->slots[slot];
    uint32_t version = memory->versions[page];
    size_t region = gw_sim_memory_region(memory, page);

    *answer = (struct gw_codec_answer){0};
    if (region < memory->plan->region_count) {
        *answer = gw_page_codec_delta(memory->codec, region, page - memory->region_begin, version,
                                      old->version, old->is_zero);
    }
    memory->last_base = old->version;
    memory->last_base_is_zero = old->is_zero;
    if (answer->bytes == 0) {
        note_equal(memory, page, old, version);
    }
    if (update || answer->bytes == 0) {
        *old = (struct gw_slot_copy){version, answer->bytes == 0 && old->is_zero};
    }
}

static int32_t
delta(struct gw_memory *port, uint64_t slot, uint64_t page, bool update, struct gw_work *work)
{
    struct gw_sim_memory *memory = of_memory(port);
    const struct gw_memory_host *host = &memory->plan->host;
    struct gw_codec_answer answer;

    keep_up(memory);
    gw_sim_memory_encode(memory, slot, page, update, &answer);
    memory->last_decode_ns = answer.decode_ns;
    book(memory, work,
         host->copy_ns + answer.encode_ns + (answer.bytes == 0 ? host->page_ns : 0) +
             (update && answer.bytes != 0 ? host->copy_ns : 0));
    return answer.bytes;
}

const struct gw_memory_ops gw_sim_memory_ops = {
    .log_start = log_start,
    .log_stop = log_stop,
    .sync = sync_log,
    .protect = protect,
    .zero_pages = zero_pages,
    .cache_resize = cache_resize,
    .cache_put = cache_put,
    .delta = delta,
};

/* ---- wire port --------------------------------------------------------------------------------------- */

/* Puts a page that comes from a task or is a delta. */
static void
put_packed(struct gw_sim_memory *memory, uint32_t channel, const struct gw_page_record *record)
{
    const struct gw_task *task = record->task;
    bool is_delta = task == NULL && record->kind == GW_PAGE_DELTA;
    double packed_ns = task != NULL ? (double)task->decode_ns : 0;
    double decode_ns = (is_delta ? memory->last_decode_ns : packed_ns) +
                       gw_sim_wire_fresh_ns(&memory->wire, record->page, record->kind);
    struct gw_wire_page *page =
        gw_sim_wire_add(&memory->wire, channel, (uint8_t)record->kind, record->bytes, decode_ns);

    page->page = (uint32_t)record->page;
    if (task != NULL) {
        page->version = (uint32_t)task->content;
        page->base = (uint32_t)(task->content >> 32);
        page->base_is_zero = task->world != NULL;
        return;
    }
    page->version = memory->versions[record->page];
    if (is_delta) {
        page->base = memory->last_base;
        page->base_is_zero = memory->last_base_is_zero;
    }
}

void
gw_sim_memory_put(struct gw_wire *port, uint32_t channel, const struct gw_page_record *records,
                  uint32_t count, struct gw_work *work)
{
    struct gw_sim_wire *wire = gw_container(port, struct gw_sim_wire, wire);
    struct gw_sim_memory *memory = wire->owner;
    const struct gw_memory_host *host = &memory->plan->host;
    double cost_ns = 0;

    for (uint32_t done = 0; done < count;) {
        if (!gw_wire_page_is_plain(&records[done])) {
            put_packed(memory, channel, &records[done++]);
            continue;
        }
        done +=
            gw_sim_wire_put_plain(wire, channel, records + done, count - done, memory->versions);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct gw_page_record *record = &records[i];

        cost_ns +=
            host->page_ns +
            (record->kind == GW_PAGE_NORMAL ? host->send_ns : record->bytes * host->send_byte_ns);
    }
    book(memory, work, cost_ns);
    keep_up(memory); /* not before: what was tested, copied or compared is what goes */
}
