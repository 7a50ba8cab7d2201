/* ram_sync.c - dirty syncs, the periods between them, and what is reckoned from them.
 *
 * A sync is accepted, and rates and throttle are looked at, only when it comes more than a second
 * after the last accepted one; in between, what was found dirty adds up (a page may count twice).
 *
 * Source: QEMU 7.2 migration_bitmap_sync, migration_update_rates, migration_trigger_throttle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

static const int64_t ACCEPT_NS = 1000000000;

static double
share(int64_t part, int64_t whole)
{
    return whole == 0 ? 0.0 : (double)part / (double)whole;
}

static void
update_rates(struct gw_ram *ram, int64_t period_ns)
{
    struct gw_memory_stats *stats = &ram->stats;
    const struct gw_ram_period *period = &ram->period;
    int64_t pages = stats->pages_done - period->pages;
    int64_t deltas = stats->xbzrle.pages - period->xbzrle_pages;
    int64_t delta_bytes = stats->xbzrle.bytes - period->xbzrle_bytes;
    int64_t packed = stats->compression.pages - period->packed_pages;
    int64_t packed_bytes = stats->compression.compressed_bytes - period->packed_bytes;

    stats->dirty_pages_rate = (double)period->dirty_pages * 1000.0 / (double)(period_ns / 1000000);
    if (pages == 0) {
        return;
    }
    stats->compression.busy_rate = share(stats->compression.busy - period->busy, pages);
    stats->xbzrle.cache_miss_rate = share(stats->xbzrle.cache_miss - period->cache_miss, pages);
    stats->xbzrle.encoding_rate = share(deltas * GW_PAGE_BYTES, delta_bytes);
    stats->xbzrle.reduce_rate =
        share(stats->xbzrle.reduced_bytes - period->xbzrle_reduced, deltas * GW_PAGE_BYTES);
    if (packed_bytes > 0) {
        stats->compression.compression_rate = share(packed * GW_PAGE_BYTES, packed_bytes);
        stats->compression.reduce_rate = 1.0 - share(packed_bytes, packed * GW_PAGE_BYTES);
    }
}

static void
begin_period(struct gw_ram *ram, int64_t now_ns)
{
    const struct gw_memory_stats *stats = &ram->stats;

    ram->period = (struct gw_ram_period){
        .begun_ns = now_ns,
        .bytes = ram->bytes_total,
        .pages = stats->pages_done,
        .cache_miss = stats->xbzrle.cache_miss,
        .xbzrle_pages = stats->xbzrle.pages,
        .xbzrle_bytes = stats->xbzrle.bytes,
        .xbzrle_reduced = stats->xbzrle.reduced_bytes,
        .busy = stats->compression.busy,
        .packed_pages = stats->compression.pages,
        .packed_bytes = stats->compression.compressed_bytes,
    };
}

static void
report(struct gw_ram *ram, int64_t new_pages)
{
    struct gw_iteration iteration = {
        .number = ram->stats.sync_count,
        .started_ns = ram->period.begun_ns,
        .ended_ns = gw_ram_now_ns(ram),
        .copied_bytes = ram->bytes_total,
        .dirty_bytes = new_pages * GW_PAGE_BYTES,
    };

    ram->ports->report->ops->iteration(ram->ports->report, &iteration);
}

void
gw_ram_sync(struct gw_ram *ram)
{
    struct gw_memory *memory = ram->ports->memory;
    int64_t now_ns = gw_ram_now_ns(ram);
    int64_t new_pages, period_ns;

    /* A slot that a worker reads must not grow old: it could be given to another page. */
    if (ram->cache.slots != NULL) {
        gw_ram_collect(ram);
    }
    ram->stats.sync_count++;
    if (ram->period.begun_ns == 0) {
        begin_period(ram, now_ns);
    }
    new_pages = (int64_t)memory->ops->sync(memory, &ram->dirty, &ram->work);
    if (memory->clear_chunk_pages > 0) {
        gw_bitmap_set_range(&ram->unprotected, 0, ram->unprotected.bit_count);
    }
    ram->period.dirty_pages += new_pages;
    ram->dirty_bytes_at_sync = (int64_t)ram->dirty.count * GW_PAGE_BYTES;
    report(ram, new_pages);
    now_ns = gw_ram_now_ns(ram);
    period_ns = gw_ram_elapsed_ns(ram, ram->period.begun_ns, now_ns);
    if (period_ns <= ACCEPT_NS) {
        return;
    }
    gw_throttle_period(&ram->throttle, ram->period.dirty_pages * GW_PAGE_BYTES,
                       ram->bytes_total - ram->period.bytes);
    update_rates(ram, period_ns);
    begin_period(ram, now_ns);
}

void
gw_ram_fill_stats(const struct gw_ram *ram, struct gw_memory_stats *out)
{
    bool over = ram->phase == GW_RAM_OVER;
    int64_t end_ns = over ? ram->ended_ns : gw_ram_now_ns(ram);

    *out = ram->stats;
    out->total_time_ns = end_ns - ram->begun_ns;
    out->setup_time_ns = ram->setup_ns;
    out->transferred_bytes = ram->bytes_total;
    out->remaining_bytes = (int64_t)ram->dirty.count * GW_PAGE_BYTES;
    out->total_bytes = (int64_t)ram->ports->memory->page_count * GW_PAGE_BYTES;
    out->throttle_percent =
        ram->throttle.percent > 0 ? ram->throttle.percent : ram->stats.throttle_percent;
    if (over && ram->outcome == GW_COMPLETED) {
        out->expected_downtime_ns = out->downtime_ns;
    }
    out->throttle_percent_most = ram->throttle.percent_most;
    out->dirty_limit_sleep_ns = gw_throttle_ring_sleep_ns(&ram->throttle);
    if (over && ram->outcome == GW_COMPLETED && end_ns - ram->begun_ns > ram->setup_ns) {
        out->mbps = (double)ram->bytes_total * 8.0 /
                    ((double)(end_ns - ram->begun_ns - ram->setup_ns) / 1e9) / 1e6;
    }
}
