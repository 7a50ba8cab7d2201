/* ram_start.c - how a memory migration begins, and what is given back when it is over.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

static void
arm_timers(struct gw_ram *ram)
{
    int64_t now_ns = gw_ram_now_ns(ram);

    if (ram->settings->throttle != GW_THROTTLE_NONE && ram->settings->throttle_sync_ns > 0) {
        ram->ports->clock->ops->arm(ram->ports->clock, GW_RAM_TIMER_SYNC,
                                    now_ns + ram->settings->throttle_sync_ns);
    }
    if (ram->settings->throttle == GW_THROTTLE_IO_AWARE ||
        ram->settings->throttle == GW_THROTTLE_DIRTY_LIMIT) {
        ram->ports->clock->ops->arm(ram->ports->clock, GW_RAM_TIMER_ADJUST,
                                    now_ns + GW_RAM_WINDOW_NS);
    }
}

/* The list of blocks goes first: total size, then name and size of each. */
static int64_t
setup_bytes(const struct gw_memory *memory)
{
    int64_t bytes = GW_RAM_HEADER_BYTES + GW_RAM_SECTION_BYTES;

    for (size_t i = 0; i < memory->block_count; i++) {
        bytes += 1 + (int64_t)__builtin_strlen(memory->blocks[i].name) + GW_RAM_HEADER_BYTES;
    }
    return bytes;
}

bool
gw_ram_start(struct gw_ram *ram, enum gw_ram_mode mode, const struct gw_memory_ports *ports,
             const struct gw_memory_settings *settings, struct gw_error *err)
{
    struct gw_memory *memory = ports->memory;
    uint64_t chunk = memory->clear_chunk_pages;

    ram->ports = ports;
    ram->settings = settings;
    ram->mode = mode;
    if (!gw_bitmap_create(&ram->dirty, memory->page_count, err) ||
        !gw_bitmap_create(&ram->requested, memory->page_count, err) ||
        (chunk > 0 &&
         !gw_bitmap_create(&ram->unprotected, (memory->page_count + chunk - 1) / chunk, err)) ||
        !gw_ram_prepare_pages(ram, err)) {
        return false;
    }
    gw_bitmap_set_range(&ram->dirty, 0, memory->page_count);
    gw_throttle_start(&ram->throttle, settings, ports->vcpus);
    ram->begun_ns = gw_ram_now_ns(ram);
    gw_ram_begin_window(ram, ram->begun_ns);
    ports->report->ops->phase(ports->report, "pre-copy");
    memory->ops->log_start(memory, &ram->work);
    ram->log_running = true;
    gw_ram_sync(ram);
    ram->setup_ns = ram->work.spent_ns;
    arm_timers(ram);
    gw_ram_put_bytes(ram, setup_bytes(memory));
    gw_ram_flush(ram);
    return true;
}

void
gw_ram_stop(struct gw_ram *ram)
{
    if (ram->phase != GW_RAM_OVER) {
        gw_ram_collect(ram); /* the driver ends without waiting: no task stays with a worker */
    }
    gw_bitmap_destroy(&ram->dirty);
    gw_bitmap_destroy(&ram->requested);
    gw_bitmap_destroy(&ram->unprotected);
    gw_page_cache_destroy(&ram->cache);
    gw_page_pool_destroy(ram->pool);
}
