/* ram_page.c - how a dirty page is sent: as zero, compressed, as a delta, or raw.
 *
 * Source    QEMU 7.2 ram_save_target_page, ram_save_compressed_page, save_xbzrle_page;
 *           threaded XBZRLE after the talk (KVM Forum 2018), design questions answered in
 *           docs/model-memory-migration.md.
 * Invariant what is sent for a page that the XBZRLE cache holds is what the cache holds after:
 *           the target decodes on top of it. A slot that a worker reads is protected by its age
 *           until the pass is over, and workers are collected at the end of every pass, so no
 *           page is ever with two workers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

static const int64_t YIELD_NS = 1000000; /* of equal pages in one step */

/* ---- finding --------------------------------------------------------------------------------------- */

/* The search has come to the end of memory: a pass is over. */
static void
wrap(struct gw_ram *ram)
{
    ram->position = 0;
    ram->round++;
    gw_ram_collect(ram);
}

/* Protects the page's chunk; where the next one begins. */
static uint64_t
protect(struct gw_ram *ram, uint64_t page)
{
    struct gw_memory *memory = ram->ports->memory;
    uint64_t chunk = memory->clear_chunk_pages;
    uint64_t first, count;

    if (ram->unprotected.count == 0) {
        return UINT64_MAX;
    }
    first = page / chunk * chunk;
    count = memory->page_count - first;
    if (gw_bitmap_clear(&ram->unprotected, page / chunk)) {
        memory->ops->protect(memory, first, count < chunk ? count : chunk, &ram->work);
    }
    return first + chunk;
}

void
gw_ram_claim(struct gw_ram *ram, uint64_t page)
{
    gw_bitmap_clear(&ram->dirty, page);
    (void)protect(ram, page);
}

/* As gw_ram_next_pages, but protection is left to the caller: each page before it is sent. */
static uint32_t
take_pages(struct gw_ram *ram, uint32_t most, uint64_t *pages)
{
    uint32_t count = gw_bitmap_take_bits(&ram->dirty, ram->position, most, pages);

    if (count == 0) {
        wrap(ram);
        count = gw_bitmap_take_bits(&ram->dirty, ram->position, most, pages);
    }
    if (count > 0) {
        ram->position = pages[count - 1] + 1;
    }
    return count;
}

/* Pages of the last take, or its end, that are not sent after all: the search goes on there. */
static void
put_back(struct gw_ram *ram, const uint64_t *pages, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        gw_bitmap_set(&ram->dirty, pages[i]);
    }
    ram->position = count > 0 ? pages[0] : ram->position;
}

uint32_t
gw_ram_next_pages(struct gw_ram *ram, uint32_t most, uint64_t *pages)
{
    uint32_t count = take_pages(ram, most, pages);
    uint64_t safe_end = 0; /* pages below it are protected */

    for (uint32_t i = 0; i < count; i++) {
        if (pages[i] >= safe_end) {
            safe_end = protect(ram, pages[i]);
        }
    }
    return count;
}

/* ---- putting ---------------------------------------------------------------------------------------- */

static const struct gw_ram_block *
block_of(const struct gw_memory *memory, uint64_t page)
{
    const struct gw_ram_block *block = memory->blocks;

    while (page >= block->first_page + block->page_count) {
        block++;
    }
    return block;
}

static bool
in_last_block(const struct gw_ram *ram, uint64_t page)
{
    return ram->last_block != NULL && page >= ram->last_block->first_page &&
           page < ram->last_block->first_page + ram->last_block->page_count;
}

/* Header bytes beyond 8: the block's name when the block changes. */
static uint32_t
block_bytes(struct gw_ram *ram, uint64_t page)
{
    if (in_last_block(ram, page)) {
        return 0;
    }
    ram->last_block = block_of(ram->ports->memory, page);
    return 1 + (uint32_t)__builtin_strlen(ram->last_block->name);
}

void
gw_ram_put(struct gw_ram *ram, uint32_t channel, struct gw_page_record *records, uint32_t count)
{
    int64_t bytes = 0;
    bool stays =
        count > 0 && in_last_block(ram, records[0].page) &&
        in_last_block(ram, records[count - 1].page); /* pages ascend, blocks have no gaps */

    for (uint32_t i = 0; i < count; i++) {
        if (!stays) {
            records[i].bytes += block_bytes(ram, records[i].page);
        }
        bytes += records[i].bytes;
    }
    gw_ram_account(ram, bytes);
    ram->ports->wire->ops->put(ram->ports->wire, channel, records, count, &ram->work);
}

static void
put_one(struct gw_ram *ram, struct gw_page_record record)
{
    gw_ram_put(ram, GW_RAM_CHANNEL, &record, 1);
}

void
gw_ram_count_handled(struct gw_ram *ram, uint32_t pages)
{
    ram->stats.pages_done += pages;
    ram->pages_total += pages;
}

void
gw_ram_send_plain(struct gw_ram *ram, uint32_t channel, const uint64_t *pages, uint32_t count)
{
    struct gw_page_record records[GW_RAM_BATCH];
    struct gw_memory *memory = ram->ports->memory;
    uint64_t zero = 0;
    uint32_t zeros;

    if (ram->settings->zero_detection != GW_ZERO_NONE) {
        zero = memory->ops->zero_pages(memory, pages, count, &ram->work);
    }
    for (uint32_t i = 0; i < count; i++) {
        bool is_zero = zero >> i & 1;

        records[i] = (struct gw_page_record){
            .page = pages[i],
            .kind = is_zero ? GW_PAGE_ZERO : GW_PAGE_NORMAL,
            .bytes = is_zero ? GW_RAM_ZERO_BYTES : GW_RAM_NORMAL_BYTES,
        };
    }
    zeros = (uint32_t)__builtin_popcountll(zero);
    ram->stats.duplicate_pages += zeros;
    ram->stats.normal_pages += count - zeros;
    gw_ram_count_handled(ram, count);
    gw_ram_put(ram, channel, records, count);
}

/* ---- XBZRLE ----------------------------------------------------------------------------------------- */

static bool
xbzrle_is_on(const struct gw_ram *ram)
{
    return ram->cache.slots != NULL && ram->round > 0 && ram->phase != GW_RAM_PUSH;
}

/* The target will know the page from what goes raw now: so must the cache. */
static void
cache_raw(struct gw_ram *ram, uint64_t page, struct gw_page_record *record)
{
    struct gw_memory *memory = ram->ports->memory;

    if (ram->last_stage || !gw_page_cache_insert(&ram->cache, page, ram->stats.sync_count)) {
        return;
    }
    record->slot = gw_page_cache_slot(&ram->cache, page);
    record->from_cache = true;
    memory->ops->cache_put(memory, record->slot, page, &ram->work);
}

static void
send_raw(struct gw_ram *ram, uint64_t page, bool cached)
{
    struct gw_page_record record = {
        .page = page, .kind = GW_PAGE_NORMAL, .bytes = GW_RAM_NORMAL_BYTES};

    if (cached) {
        cache_raw(ram, page, &record);
    }
    ram->stats.normal_pages++;
    put_one(ram, record);
}

static void
send_zero(struct gw_ram *ram, uint64_t page)
{
    struct gw_memory *memory = ram->ports->memory;

    if (gw_page_cache_insert(&ram->cache, page, ram->stats.sync_count)) {
        memory->ops->cache_put(memory, gw_page_cache_slot(&ram->cache, page), GW_BITMAP_NONE,
                               &ram->work);
    }
    ram->stats.duplicate_pages++;
    put_one(ram, (struct gw_page_record){
                     .page = page, .kind = GW_PAGE_ZERO, .bytes = GW_RAM_ZERO_BYTES});
}

/* What came out for a page that was in the cache; true: something is sent. */
static bool
send_delta(struct gw_ram *ram, struct gw_page_record record, int32_t bytes)
{
    struct gw_memory_stats *stats = &ram->stats;

    stats->xbzrle.pages++;
    if (bytes == 0) {
        stats->xbzrle.equal_pages++;
        stats->xbzrle.reduced_bytes += GW_PAGE_BYTES;
        return false;
    }
    if (bytes < 0) {
        stats->xbzrle.overflow++;
        stats->xbzrle.bytes += GW_PAGE_BYTES;
        stats->normal_pages++;
        record.kind = GW_PAGE_NORMAL;
        record.bytes = GW_RAM_NORMAL_BYTES;
        record.from_cache = record.task == NULL && !ram->last_stage;
        put_one(ram, record);
        return true;
    }
    stats->xbzrle.encoded_pages++;
    stats->xbzrle.bytes += 3 + bytes;
    stats->xbzrle.reduced_bytes += GW_PAGE_BYTES - bytes;
    record.kind = GW_PAGE_DELTA;
    record.bytes = GW_RAM_DELTA_BYTES + (uint32_t)bytes;
    put_one(ram, record);
    return true;
}

static bool
is_zero(struct gw_ram *ram, uint64_t page)
{
    struct gw_memory *memory = ram->ports->memory;

    return ram->settings->zero_detection != GW_ZERO_NONE &&
           memory->ops->zero_pages(memory, &page, 1, &ram->work) != 0;
}

/* One page by the migration thread; 1 = handled, 0 = equal to what the target has. */
static uint32_t
send_by_cache(struct gw_ram *ram, uint64_t page)
{
    struct gw_memory *memory = ram->ports->memory;
    struct gw_page_record record = {.page = page};
    int32_t bytes;

    ram->pages_total++;
    if (is_zero(ram, page)) {
        send_zero(ram, page);
        ram->stats.pages_done++;
        return 1;
    }
    if (!gw_page_cache_hit(&ram->cache, page, ram->stats.sync_count)) {
        ram->stats.xbzrle.cache_miss++;
        send_raw(ram, page, true);
        ram->stats.pages_done++;
        return 1;
    }
    record.slot = gw_page_cache_slot(&ram->cache, page);
    bytes = memory->ops->delta(memory, record.slot, page, !ram->last_stage, &ram->work);
    if (!send_delta(ram, record, bytes)) {
        return 0;
    }
    ram->stats.pages_done++;
    return 1;
}

/* Sends pages of one take until `most` are handled or time is up; how many were looked at. */
static uint32_t
send_taken(struct gw_ram *ram, const uint64_t *pages, uint32_t count, uint32_t most,
           uint32_t *handled)
{
    uint64_t safe_end = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (pages[i] >= safe_end) {
            safe_end = protect(ram, pages[i]);
        }
        ram->searching = send_by_cache(ram, pages[i]) == 0;
        *handled += !ram->searching;
        if (*handled == most || (ram->searching && ram->work.spent_ns > YIELD_NS)) {
            return i + 1;
        }
    }
    return count;
}

/* Equal pages do not count: in a run of them as many are taken as there is room for. */
static uint32_t
send_cached_pages(struct gw_ram *ram, uint32_t most)
{
    uint64_t pages[GW_RAM_BATCH];
    uint32_t handled = 0;

    ram->searching = false;
    while (handled < most) {
        uint32_t count = take_pages(ram, ram->searching ? GW_RAM_BATCH : most - handled, pages);
        uint32_t looked = send_taken(ram, pages, count, most, &handled);

        put_back(ram, pages + looked, count - looked);
        if (count == 0) {
            break;
        }
        if (ram->searching && ram->work.spent_ns > YIELD_NS) {
            return handled;
        }
    }
    ram->searching = false;
    return handled;
}

/* ---- workers ---------------------------------------------------------------------------------------- */

static void
collect_packed(struct gw_ram *ram, const struct gw_task *task)
{
    struct gw_memory_stats *stats = &ram->stats;
    struct gw_page_record record = {
        .page = task->page[0], .kind = GW_PAGE_COMPRESSED, .task = task};

    if (task->zero_pages > 0) {
        stats->duplicate_pages++;
        stats->compression.zero_pages++;
        record.kind = GW_PAGE_ZERO;
        record.bytes = GW_RAM_ZERO_BYTES;
    } else {
        stats->compression.pages++;
        stats->compression.compressed_bytes += 4 + task->bytes;
        record.bytes = GW_RAM_PACKED_BYTES + (uint32_t)task->bytes;
    }
    stats->compression.reduced_bytes +=
        GW_PAGE_BYTES - ((int64_t)record.bytes - GW_RAM_HEADER_BYTES);
    put_one(ram, record);
}

static void
collect_delta(struct gw_ram *ram, const struct gw_task *task)
{
    struct gw_page_record record = {.page = task->page[0], .slot = task->slot, .task = task};

    if (task->zero_pages == 0) {
        send_delta(ram, record, task->bytes);
        return;
    }
    ram->stats.duplicate_pages++;
    record.kind = GW_PAGE_ZERO;
    record.bytes = GW_RAM_ZERO_BYTES;
    put_one(ram, record);
}

static void
collected(void *owner, struct gw_task *task, struct gw_work *work)
{
    struct gw_ram *ram = owner;

    static void (*const collectors[])(struct gw_ram *, const struct gw_task *) = {
        [GW_TASK_COMPRESS] = collect_packed,
        [GW_TASK_DELTA] = collect_delta,
        [GW_TASK_PACKET] = gw_ram_collect_packet,
    };

    gw_assert(work == &ram->work);
    collectors[task->kind](ram, task);
}

void
gw_ram_collect(struct gw_ram *ram)
{
    if (ram->pool == NULL) {
        return;
    }
    gw_ram_close_packet(ram);
    gw_page_pool_drain(ram->pool, &ram->work);
}

/* Gives one page to a worker; false: none is free. */
static bool
submit(struct gw_ram *ram, enum gw_task_kind kind, uint64_t page)
{
    struct gw_task *task = gw_page_pool_get(ram->pool, &ram->work);

    if (task == NULL) {
        return false;
    }
    task->kind = kind;
    task->page_count = 1;
    task->page[0] = page;
    task->update = !ram->last_stage;
    task->slot = kind == GW_TASK_DELTA ? gw_page_cache_slot(&ram->cache, page) : 0;
    gw_page_pool_give(ram->pool, task, &ram->work);
    return true;
}

/* The first page of a block goes raw: its name must be on the wire before its other pages. */
static void
send_packed(struct gw_ram *ram, uint64_t page)
{
    if (!in_last_block(ram, page)) {
        gw_ram_collect(ram);
        gw_ram_send_plain(ram, GW_RAM_CHANNEL, &page, 1);
        return;
    }
    if (!submit(ram, GW_TASK_COMPRESS, page)) {
        ram->stats.compression.busy++;
        gw_ram_send_plain(ram, GW_RAM_CHANNEL, &page, 1);
        return;
    }
    gw_ram_count_handled(ram, 1);
}

/* Hits go to workers; misses are copied and sent by this thread. */
static void
send_threaded_delta(struct gw_ram *ram, uint64_t page)
{
    gw_ram_count_handled(ram, 1);
    if (!gw_page_cache_hit(&ram->cache, page, ram->stats.sync_count)) {
        if (is_zero(ram, page)) {
            send_zero(ram, page);
            return;
        }
        ram->stats.xbzrle.cache_miss++;
        send_raw(ram, page, true);
        return;
    }
    if (!submit(ram, GW_TASK_DELTA, page)) {
        ram->stats.compression.busy++;
        send_raw(ram, page, true);
    }
}

static uint32_t
send_each(struct gw_ram *ram, uint32_t most, void (*send)(struct gw_ram *, uint64_t))
{
    uint64_t pages[GW_RAM_BATCH];
    uint32_t done = 0;
    uint32_t count;

    while (done < most && (count = take_pages(ram, most - done, pages)) > 0) {
        uint64_t safe_end = 0;

        for (uint32_t i = 0; i < count; i++) {
            if (pages[i] >= safe_end) {
                safe_end = protect(ram, pages[i]);
            }
            send(ram, pages[i]);
        }
        done += count;
    }
    return done;
}

uint32_t
gw_ram_send_pages(struct gw_ram *ram, uint32_t most)
{
    uint64_t pages[GW_RAM_BATCH];
    uint32_t count;

    if (ram->settings->multifd_channels > 0 && ram->phase != GW_RAM_PUSH) {
        return gw_ram_send_packets(ram, most);
    }
    if (xbzrle_is_on(ram)) {
        return ram->pool == NULL ? send_cached_pages(ram, most)
                                 : send_each(ram, most, send_threaded_delta);
    }
    if (ram->settings->compress != GW_CODEC_NONE && ram->phase != GW_RAM_PUSH) {
        return send_each(ram, most, send_packed);
    }
    count = gw_ram_next_pages(ram, most, pages);
    if (count > 0) {
        gw_ram_send_plain(ram, GW_RAM_CHANNEL, pages, count);
    }
    return count;
}

bool
gw_ram_prepare_pages(struct gw_ram *ram, struct gw_error *err)
{
    const struct gw_memory_settings *settings = ram->settings;
    bool multifd = settings->multifd_channels > 0;
    struct gw_page_pool_plan plan = {
        .crew = ram->ports->crew,
        .policy = multifd ? GW_POOL_CHANNELS : (enum gw_pool_policy)settings->pool,
        .wait = multifd || settings->compress_wait,
        .collect = collected,
        .owner = ram,
    };
    bool threaded = multifd || settings->compress != GW_CODEC_NONE ||
                    (settings->xbzrle && settings->xbzrle_threads > 0);

    if (settings->xbzrle) {
        struct gw_memory *memory = ram->ports->memory;

        if (!gw_page_cache_create(&ram->cache, settings->xbzrle_cache_bytes, err) ||
            !memory->ops->cache_resize(memory, ram->cache.count, err)) {
            return false;
        }
        ram->stats.xbzrle.cache_bytes = settings->xbzrle_cache_bytes;
    }
    if (!threaded) {
        return true;
    }
    ram->pool = gw_page_pool_create(&plan, err);
    return ram->pool != NULL;
}
