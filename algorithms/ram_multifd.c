/* ram_multifd.c - pages in packets over several channels.
 *
 * The migration thread only fills packets of 128 pages; the channels' threads test for zero
 * pages, compress and send. All channels are waited for at the end of every pass.
 *
 * Source: QEMU 8.1 to 9.0 migration/multifd.c, as described in docs/model-memory-migration.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algorithms/ram.h"

void
gw_ram_collect_packet(struct gw_ram *ram, const struct gw_task *task)
{
    ram->stats.duplicate_pages += task->zero_pages;
    ram->stats.normal_pages += task->page_count - task->zero_pages;
    ram->stats.multifd_bytes += task->bytes;
    gw_ram_account(ram, task->bytes);
}

void
gw_ram_close_packet(struct gw_ram *ram)
{
    struct gw_task *task = ram->packet;

    if (task == NULL) {
        return;
    }
    ram->packet = NULL;
    gw_page_pool_give(ram->pool, task, &ram->work);
}

static void
add(struct gw_ram *ram, uint64_t page)
{
    struct gw_task *task = ram->packet;

    if (task == NULL) {
        task = gw_page_pool_get(ram->pool, &ram->work);
        gw_assert(task != NULL);
        task->kind = GW_TASK_PACKET;
        task->page_count = 0;
        task->check_zero = ram->settings->zero_detection == GW_ZERO_MULTIFD;
        ram->packet = task;
    }
    task->page[task->page_count++] = page;
    if (task->page_count == GW_TASK_PAGES_MAX) {
        gw_ram_close_packet(ram);
    }
}

/* Zero pages that the migration thread finds go over the main channel; the mask tells them. */
static uint64_t
send_zeros(struct gw_ram *ram, const uint64_t *pages, uint32_t count)
{
    struct gw_memory *memory = ram->ports->memory;
    struct gw_page_record records[GW_RAM_BATCH];
    uint64_t zero;
    uint32_t zeros = 0;

    if (ram->settings->zero_detection != GW_ZERO_LEGACY) {
        return 0;
    }
    zero = memory->ops->zero_pages(memory, pages, count, &ram->work);
    for (uint64_t left = zero; left != 0; left &= left - 1) {
        records[zeros++] = (struct gw_page_record){
            .page = pages[__builtin_ctzll(left)], .kind = GW_PAGE_ZERO, .bytes = GW_RAM_ZERO_BYTES};
    }
    ram->stats.duplicate_pages += zeros;
    gw_ram_put(ram, GW_RAM_CHANNEL, records, zeros);
    return zero;
}

uint32_t
gw_ram_send_packets(struct gw_ram *ram, uint32_t most)
{
    uint64_t pages[GW_RAM_BATCH];
    uint32_t count = gw_ram_next_pages(ram, most, pages);
    uint64_t zero = count == 0 ? 0 : send_zeros(ram, pages, count);

    for (uint32_t i = 0; i < count; i++) {
        if ((zero >> i & 1) == 0) {
            add(ram, pages[i]);
        }
    }
    gw_ram_count_handled(ram, count);
    return count;
}
