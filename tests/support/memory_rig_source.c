/* memory_rig_source.c - the guest's bytes, the log of its writes, the cache, the workers: see
 * memory_rig.h.
 *
 * A write to a protected page is logged and opens the page; writes to an open page leave no trace.
 * With lazy protection all pages are open when logging begins, and stay so until protect.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "algorithms/xbzrle.h"
#include "tests/support/memory_rig_parts.h"

/* For compressed pages, not streams. */
static struct gw_compressor *packer;

static struct rig *
of_memory(struct gw_memory *memory)
{
    return gw_container(memory, struct rig, memory);
}

static struct rig *
of_crew(struct gw_crew *crew)
{
    return gw_container(crew, struct rig, crew);
}

const uint8_t *
rig_page(const struct rig *rig, uint64_t page)
{
    return rig->source[page];
}

/* ---- the guest -------------------------------------------------------------------------------------- */

static void
log_write(struct rig *rig, uint64_t page)
{
    if (rig->logging && rig->side == GW_SOURCE && !rig->open[page]) {
        rig->logged[page] = true;
        rig->open[page] = true;
    }
}

/* Few bytes, many, a page of zeros or of one pattern, or what is there already. Pages that come
 * back to what they were show a copy that is not the target's. */
static void
change(struct rig *rig, uint8_t *page)
{
    uint64_t kind = rig_draw(rig, rig->plan->restless ? 4 : 16);

    if (rig_chance(rig, rig->plan->same_percent)) {
        return;
    }
    if (kind == 0) {
        memset(page, 0, GW_PAGE_BYTES);
        return;
    }
    if (kind == 2) {
        memset(page, 0, GW_PAGE_BYTES);
        for (size_t i = 0; i < GW_PAGE_BYTES; i += 64) {
            page[i] = 0x5a;
        }
        return;
    }
    if (kind == 1) {
        for (size_t i = 0; i < GW_PAGE_BYTES; i += 2) {
            page[i] = (uint8_t)rig_draw(rig, 256);
        }
        return;
    }
    for (uint64_t left = 1 + rig_draw(rig, 12); left > 0; left--) {
        page[rig_draw(rig, GW_PAGE_BYTES)] = (uint8_t)rig_draw(rig, 256);
    }
}

void
rig_write_page(struct rig *rig, uint64_t page)
{
    rig->verdict->writes++;
    log_write(rig, page);
    if (rig->side == GW_SOURCE) {
        change(rig, rig->source[page]);
        return;
    }
    change(rig, rig->truth[page]);
    memcpy(rig->target[page], rig->truth[page], GW_PAGE_BYTES);
}

static uint64_t
pick_page(struct rig *rig)
{
    uint32_t hot = rig->plan->hot_pages;

    return rig_draw(rig, hot > 0 && rig_chance(rig, 90) ? hot : rig->plan->pages);
}

void
rig_guest_write(struct rig *rig)
{
    int64_t time_ns = rig->now_ns - rig->written_until_ns;
    uint32_t speed = 100 - rig->throttle[0];
    uint32_t often = rig->plan->restless ? 2 : 20;

    rig->written_until_ns = rig->now_ns;
    if (!rig->runs || rig->side != GW_SOURCE) {
        return;
    }
    rig->write_debt += (double)time_ns * 1e-6 * rig->plan->writes_a_ms * speed / 100;
    /* Between two port calls no time passes, and a guest writes all the same. */
    if (!rig->plan->steady && rig->plan->writes_a_ms > 0 && rig_chance(rig, speed / often)) {
        rig->write_debt += 1;
    }
    for (; rig->write_debt >= 1; rig->write_debt -= 1) {
        rig_write_page(rig, pick_page(rig));
    }
}

/* ---- log -------------------------------------------------------------------------------------------- */

static void
log_start(struct gw_memory *port, struct gw_work *work)
{
    struct rig *rig = of_memory(port);
    bool lazy = port->clear_chunk_pages > 0;

    gw_assert(!rig->logging);
    rig->logging = true;
    for (uint64_t i = 0; i < port->page_count; i++) {
        rig->open[i] = lazy;
        rig->reported[i] = lazy;
    }
    rig_charge(rig, work, 1000000);
}

static void
log_stop(struct gw_memory *port)
{
    struct rig *rig = of_memory(port);

    gw_assert(rig->logging);
    rig->logging = false;
}

static uint64_t
sync_log(struct gw_memory *port, struct gw_bitmap *dirty, struct gw_work *work)
{
    struct rig *rig = of_memory(port);
    uint64_t fresh = 0;

    gw_assert(rig->logging);
    rig_guest_write(rig);
    for (uint64_t i = 0; i < port->page_count; i++) {
        if (rig->logged[i]) {
            fresh += !gw_bitmap_set(dirty, i);
            rig->logged[i] = false;
            rig->reported[i] = true;
            rig->open[i] = port->clear_chunk_pages > 0;
        }
    }
    rig_charge(rig, work, 100000);
    return fresh;
}

static void
protect(struct gw_memory *port, uint64_t first, uint64_t count, struct gw_work *work)
{
    struct rig *rig = of_memory(port);

    gw_assert(port->clear_chunk_pages > 0 && first % port->clear_chunk_pages == 0);
    gw_assert(count > 0 && first + count <= port->page_count);
    rig_guest_write(rig);
    for (uint64_t i = first; i < first + count; i++) {
        if (rig->reported[i]) {
            rig->open[i] = false;
            rig->reported[i] = false;
        }
    }
    rig_charge(rig, work, 10000);
}

/* ---- pages ------------------------------------------------------------------------------------------ */

static uint64_t
zero_pages(struct gw_memory *port, const uint64_t *pages, uint32_t count, struct gw_work *work)
{
    struct rig *rig = of_memory(port);
    uint64_t mask = 0;

    gw_assert(count >= 1 && count <= 64);
    for (uint32_t i = 0; i < count; i++) {
        rig_guest_write(rig);
        mask |= (uint64_t)gw_is_zero(rig_page(rig, pages[i]), GW_PAGE_BYTES) << i;
    }
    rig_guest_write(rig);
    rig_charge(rig, work, 1000);
    return mask;
}

static bool
cache_resize(struct gw_memory *port, uint64_t slots, struct gw_error *err)
{
    struct rig *rig = of_memory(port);

    free(rig->slot);
    rig->slot = NULL;
    rig->slots = slots;
    if (slots == 0) {
        return true;
    }
    rig->slot = rig->plan->no_cache ? NULL : calloc(slots, sizeof *rig->slot);
    return rig->slot != NULL || gw_fail(err, GW_ENOMEM, "no room for a cache");
}

/* No worker reads or changes the slot. */
static bool
is_quiet(const struct rig *rig, uint64_t slot)
{
    bool quiet = true;

    for (uint32_t i = 0; i < RIG_TASKS; i++) {
        const struct rig_job *job = &rig->jobs[i];

        quiet = quiet && (job->task == NULL || job->finished > 0 ||
                          job->task->kind != GW_TASK_DELTA || job->task->slot != slot);
    }
    return quiet;
}

static void
cache_put(struct gw_memory *port, uint64_t slot, uint64_t page, struct gw_work *work)
{
    struct rig *rig = of_memory(port);

    gw_assert(slot < rig->slots && is_quiet(rig, slot));
    rig_guest_write(rig);
    if (page == GW_BITMAP_NONE) {
        memset(rig->slot[slot], 0, GW_PAGE_BYTES);
    } else {
        memcpy(rig->slot[slot], rig_page(rig, page), GW_PAGE_BYTES);
    }
    rig_charge(rig, work, 1000);
}

static int32_t
delta(struct gw_memory *port, uint64_t slot, uint64_t page, bool update, struct gw_work *work)
{
    struct rig *rig = of_memory(port);
    uint8_t copy[GW_PAGE_BYTES];
    int32_t bytes;

    gw_assert(slot < rig->slots && is_quiet(rig, slot));
    rig_guest_write(rig);
    memcpy(copy, rig_page(rig, page), sizeof copy);
    bytes = gw_xbzrle_encode(rig->slot[slot], copy, sizeof copy, rig->delta, sizeof rig->delta);
    rig->delta_bytes = bytes > 0 ? (uint32_t)bytes : 0;
    if (update && bytes != 0) {
        memcpy(rig->slot[slot], copy, sizeof copy);
    }
    rig_guest_write(rig);
    rig_charge(rig, work, 600000);
    return bytes;
}

/* ---- crew ------------------------------------------------------------------------------------------- */

static void
perform_delta(struct rig *rig, struct rig_job *job)
{
    struct gw_task *task = job->task;
    uint8_t *slot = rig->slot[task->slot];

    if (task->zero_pages > 0) {
        memset(slot, 0, GW_PAGE_BYTES);
        return;
    }
    task->bytes = gw_xbzrle_encode(slot, job->copy, GW_PAGE_BYTES, job->bytes, GW_PAGE_BYTES);
    job->length = task->bytes > 0 ? (uint32_t)task->bytes : 0;
    if (task->update && task->bytes != 0) {
        memcpy(slot, job->copy, GW_PAGE_BYTES);
    }
}

static void
perform_compress(struct rig *rig, struct rig_job *job)
{
    (void)rig;
    if (job->task->zero_pages == 0) {
        job->task->bytes =
            gw_compress(packer, job->copy, GW_PAGE_BYTES, job->bytes, RIG_PACKED_BYTES);
        job->length = (uint32_t)job->task->bytes;
    }
}

static void
perform_packet(struct rig *rig, struct rig_job *job)
{
    struct gw_task *task = job->task;

    task->bytes = 320 + 8 * (int32_t)task->page_count;
    rig->wire.ops->put_bytes(&rig->wire, task->channel, task->bytes);
    for (uint32_t i = 0; i < task->page_count; i++) {
        rig_guest_write(rig);
        rig_wire_packet_page(rig, task, task->page[i]);
    }
    rig_wire_send(rig, task->channel);
}

static void
perform(struct rig *rig, struct rig_job *job)
{
    struct gw_task *task = job->task;

    task->zero_pages = 0;
    task->bytes = 0;
    job->length = 0;
    job->finished = ++rig->finished;
    if (task->kind == GW_TASK_PACKET) {
        perform_packet(rig, job);
        return;
    }
    memcpy(job->copy, rig_page(rig, task->page[0]), GW_PAGE_BYTES);
    task->zero_pages = gw_is_zero(job->copy, GW_PAGE_BYTES);
    if (task->kind == GW_TASK_DELTA) {
        perform_delta(rig, job);
        return;
    }
    perform_compress(rig, job);
}

/* The job of the worker (any: RIG_WORKERS) that was given or finished first; NULL: none. */
static struct rig_job *
find_job(struct rig *rig, uint32_t worker, bool finished)
{
    struct rig_job *best = NULL;

    for (uint32_t i = 0; i < RIG_TASKS; i++) {
        struct rig_job *job = &rig->jobs[i];
        bool fits = job->task != NULL && (job->finished > 0) == finished &&
                    (worker == RIG_WORKERS || job->worker == worker);
        uint64_t age = finished ? job->finished : job->given;

        if (fits && (best == NULL || age < (finished ? best->finished : best->given))) {
            best = job;
        }
    }
    return best;
}

/* Some worker, by chance, does its oldest task. */
static bool
one_worker_works(struct rig *rig)
{
    uint32_t first = (uint32_t)rig_draw(rig, rig->crew.workers);

    for (uint32_t i = 0; i < rig->crew.workers; i++) {
        struct rig_job *job = find_job(rig, (first + i) % rig->crew.workers, false);

        if (job != NULL) {
            perform(rig, job);
            return true;
        }
    }
    return false;
}

void
rig_crew_work(struct rig *rig)
{
    uint32_t diligence = rig->plan->lazy_crew ? 0 : 40;

    while (rig->outstanding > 0 && rig_chance(rig, diligence) && one_worker_works(rig)) {
        rig_guest_write(rig);
    }
}

const struct rig_job *
rig_job_of(const struct rig *rig, const struct gw_task *task)
{
    const struct rig_job *found = NULL;

    for (uint32_t i = 0; i < RIG_TASKS; i++) {
        found = rig->jobs[i].task == task ? &rig->jobs[i] : found;
    }
    if (found == NULL) { /* taken back last: its results are the task's until the pool's again */
        found = task->world;
    }
    return found;
}

static void
give(struct gw_crew *crew, uint32_t worker, struct gw_task *task, struct gw_work *work)
{
    struct rig *rig = of_crew(crew);
    struct rig_job *free_job = NULL;

    gw_assert(worker < crew->workers && task->page_count > 0);
    for (uint32_t i = 0; i < RIG_TASKS; i++) {
        struct rig_job *job = &rig->jobs[i];
        const struct gw_task *other = job->task;

        free_job = other == NULL ? job : free_job;
        gw_assert(other != task);
        for (uint32_t j = 0; other != NULL && j < other->page_count; j++) {
            gw_assert(other->page[j] != task->page[0]); /* a page with two workers */
        }
    }
    gw_assert(free_job != NULL);
    gw_assert(task->kind != GW_TASK_DELTA ||
              (task->slot < rig->slots && is_quiet(rig, task->slot)));
    free_job->task = task;
    free_job->worker = worker;
    free_job->given = ++rig->given;
    free_job->finished = 0;
    rig->outstanding++;
    rig_charge(rig, work, 1000);
    rig_crew_work(rig);
}

static struct gw_task *
take_back(struct rig *rig, struct rig_job *job)
{
    struct gw_task *task;

    if (job == NULL) {
        return NULL;
    }
    task = job->task;
    task->world = job;
    job->task = NULL;
    rig->outstanding--;
    return task;
}

static struct gw_task *
take(struct gw_crew *crew, uint32_t worker, struct gw_work *work)
{
    struct rig *rig = of_crew(crew);
    struct rig_job *job;

    rig_charge(rig, work, 500);
    rig_crew_work(rig);
    job = find_job(rig, worker, true);
    return take_back(rig, job);
}

static struct gw_task *
take_any(struct gw_crew *crew, struct gw_work *work)
{
    struct rig *rig = of_crew(crew);

    rig_charge(rig, work, 500);
    rig_crew_work(rig);
    return take_back(rig, find_job(rig, RIG_WORKERS, true));
}

static void
wait_for_one(struct gw_crew *crew, struct gw_work *work)
{
    struct rig *rig = of_crew(crew);

    gw_assert(rig->outstanding > 0);
    rig_charge(rig, work, 50000);
    if (find_job(rig, RIG_WORKERS, true) == NULL) {
        gw_assert(one_worker_works(rig));
    }
}

/* ---- life ------------------------------------------------------------------------------------------- */

static const struct gw_memory_ops memory_ops = {
    .log_start = log_start,
    .log_stop = log_stop,
    .sync = sync_log,
    .protect = protect,
    .zero_pages = zero_pages,
    .cache_resize = cache_resize,
    .cache_put = cache_put,
    .delta = delta,
};

static const struct gw_crew_ops crew_ops = {
    .give = give, .take = take, .take_any = take_any, .wait = wait_for_one};

static void
destroy_packer(void)
{
    gw_compressor_destroy(packer);
}

/* A third of the pages is zero, a third repeats a few bytes, a third is random. */
static void
fill(struct rig *rig)
{
    for (uint64_t i = 0; i < rig->plan->pages; i++) {
        uint64_t kind = rig_draw(rig, 3);
        size_t step = kind == 1 ? 64 : 1;

        memset(rig->source[i], 0, GW_PAGE_BYTES);
        memset(rig->target[i], 0xa5, GW_PAGE_BYTES);
        for (size_t j = 0; kind > 0 && j < GW_PAGE_BYTES; j += step) {
            rig->source[i][j] = (uint8_t)gw_stream_u32(&rig->dice);
        }
    }
}

void
rig_source_open(struct rig *rig)
{
    const struct memory_rig_plan *plan = rig->plan;

    gw_assert(plan->pages <= RIG_PAGES);
    if (packer == NULL) {
        packer = gw_compressor_create(GW_CODEC_ZLIB, 1, NULL);
        gw_assert(packer != NULL);
        atexit(destroy_packer);
    }
    rig->blocks[0] = (struct gw_ram_block){"pc.ram", 0, plan->pages - plan->pages / 4};
    rig->blocks[1] = (struct gw_ram_block){"vga.vram", rig->blocks[0].page_count, plan->pages / 4};
    rig->memory = (struct gw_memory){.ops = &memory_ops,
                                     .blocks = rig->blocks,
                                     .block_count = plan->pages >= 4 ? 2 : 1,
                                     .page_count = plan->pages,
                                     .clear_chunk_pages = plan->chunk_pages};
    rig->crew.ops = &crew_ops;
    rig->crew.workers =
        (uint32_t)(plan->settings.multifd_channels > 0        ? plan->settings.multifd_channels
                   : plan->settings.compress != GW_CODEC_NONE ? plan->settings.compress_threads
                                                              : plan->settings.xbzrle_threads);
    gw_assert(rig->crew.workers <= RIG_WORKERS);
    for (uint32_t i = 0; i < RIG_TASKS; i++) {
        rig->jobs[i].bytes = rig->job_bytes[i];
        rig->jobs[i].copy = rig->job_copy[i];
    }
    fill(rig);
}

void
rig_source_close(struct rig *rig)
{
    free(rig->slot);
}
