/* sim_memory_build.c - a simulated guest with its ports, made from the plan of a scenario.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdlib.h>

#include "sim/sim_memory_parts.h"

static bool
open_guest(struct gw_sim_memory *memory, const struct gw_scenario *scenario, int64_t replication,
           struct gw_error *err)
{
    const struct gw_memory_plan *plan = memory->plan;
    struct gw_guest_memory_plan guest = {
        .region_count = plan->region_count,
        .memory_bytes = plan->memory_bytes,
        .vcpus = (uint32_t)plan->vcpus,
        .service = &plan->service,
        .host = &plan->host,
        .seed = (uint64_t)scenario->seed,
        .replication = (uint64_t)replication,
    };

    memory->regions = calloc(plan->region_count + 1, sizeof *memory->regions);
    memory->contents = calloc(plan->region_count + 1, sizeof *memory->contents);
    if (memory->regions == NULL || memory->contents == NULL) {
        return gw_fail(err, GW_ENOMEM, "out of memory for %zu regions", plan->region_count);
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        memory->regions[i] = &plan->regions[i];
        memory->contents[i] =
            gw_page_content_create(memory->regions[i], (uint64_t)scenario->seed + i, err);
        if (memory->contents[i] == NULL) {
            return false;
        }
    }
    guest.regions = memory->regions;
    memory->guest = gw_guest_memory_create(&guest, err);
    if (memory->guest == NULL) {
        return false;
    }
    memory->versions = gw_guest_memory_versions(memory->guest);
    return true;
}

static bool
open_codec(struct gw_sim_memory *memory, struct gw_error *err)
{
    const struct gw_memory_plan *plan = memory->plan;
    bool multifd = plan->settings.multifd_channels > 0;
    struct gw_page_codec_plan codec = {
        .contents = (const struct gw_page_content *const *)memory->contents,
        .regions = memory->regions,
        .region_count = plan->region_count,
        .codec =
            (enum gw_codec)(multifd ? plan->settings.multifd_compress : plan->settings.compress),
        .level = multifd ? plan->settings.multifd_level : plan->settings.compress_level,
        .stream = multifd,
        .costs = plan->codec_costs,
        .cost_count = plan->codec_cost_count,
        .delta = plan->delta_cost,
        .speed = plan->host.codec_speed,
    };

    memory->codec = gw_page_codec_create(&codec, err);
    return memory->codec != NULL;
}

static uint32_t
worker_count(const struct gw_memory_settings *settings)
{
    if (settings->multifd_channels > 0) {
        return (uint32_t)settings->multifd_channels;
    }
    if (settings->compress != GW_CODEC_NONE) {
        return (uint32_t)settings->compress_threads;
    }
    return settings->xbzrle ? (uint32_t)settings->xbzrle_threads : 0;
}

static bool
open_crew(struct gw_sim_memory *memory, struct gw_error *err)
{
    const struct gw_memory_settings *settings = &memory->plan->settings;
    struct gw_sim_crew_plan crew = {
        .agenda = memory->agenda,
        .host = &memory->plan->host,
        .workers = worker_count(settings),
        .locked = settings->pool == GW_POOL_LOCKED && settings->multifd_channels == 0,
        .sleepy = settings->multifd_channels > 0,
        .perform = gw_sim_memory_perform,
        .owner = memory,
    };

    if (crew.workers == 0) {
        return true;
    }
    memory->crew = gw_sim_crew_create(&crew, err);
    return memory->crew != NULL;
}

/* Handing a page to a decompressor: QEMU's target side has the same locks and wake-ups. */
static double
load_give_ns(const struct gw_memory_plan *plan)
{
    const struct gw_memory_host *host = &plan->host;

    if (plan->settings.pool != GW_POOL_LOCKED) {
        return host->load_give_ns;
    }
    return host->load_give_ns + host->wake_ns +
           host->scan_ns * (double)host->decompress_threads / 2;
}

static bool
open_wire(struct gw_sim_memory *memory, struct gw_error *err)
{
    const struct gw_memory_plan *plan = memory->plan;
    struct gw_sim_wire_plan wire = {
        .agenda = memory->agenda,
        .host = &plan->host,
        .rate = plan->link.rate,
        .latency_ns = plan->link.latency_ns,
        .write_bytes = plan->link.write_bytes,
        .socket_bytes = plan->link.socket_bytes,
        .overhead = plan->link.overhead,
        .channels = 2 + (uint32_t)plan->settings.multifd_channels,
        .urgent = true,
        .page_count = memory->memory.page_count,
        .load_give_ns = load_give_ns(plan),
    };

    if (!gw_sim_wire_open(&memory->wire, &wire, err)) {
        return false;
    }
    memory->wire_ops = gw_sim_wire_base_ops;
    memory->wire_ops.put = gw_sim_memory_put;
    memory->wire.wire = (struct gw_wire){&memory->wire_ops, wire.channels};
    memory->wire.version = gw_sim_memory_version;
    memory->wire.is_zero = gw_sim_memory_holds_zero;
    memory->wire.owner = memory;
    return true;
}

static bool
open_waits(struct gw_sim_memory *memory, struct gw_error *err)
{
    memory->waits = calloc(memory->vcpus.count, sizeof *memory->waits);
    for (uint32_t i = 0; memory->waits != NULL && i < memory->vcpus.count; i++) {
        memory->waits[i].page = GW_BITMAP_NONE;
    }
    return memory->waits != NULL || gw_fail(err, GW_ENOMEM, "out of memory for vCPUs");
}

bool
gw_sim_memory_open(struct gw_sim_memory *memory, const struct gw_scenario *scenario,
                   int64_t replication, struct gw_agenda *agenda, struct gw_error *err)
{
    const struct gw_memory_plan *plan = scenario->memory;
    uint64_t pages = (uint64_t)(plan->memory_bytes / GW_PAGE_BYTES);

    memory->plan = plan;
    memory->agenda = agenda;
    memory->block = (struct gw_ram_block){"pc.ram", 0, pages};
    memory->memory = (struct gw_memory){
        .ops = &gw_sim_memory_ops,
        .blocks = &memory->block,
        .block_count = 1,
        .page_count = pages,
        .clear_chunk_pages = plan->host.protection == GW_PROTECT_CHUNKED
                                 ? (uint64_t)(plan->host.clear_chunk_bytes / GW_PAGE_BYTES)
                                 : 0,
    };
    memory->vcpus = (struct gw_vcpus){
        .ops = &gw_sim_vcpus_ops,
        .count = (uint32_t)plan->vcpus,
        .ring_bytes =
            plan->host.protection == GW_PROTECT_RING ? plan->host.ring_entries * GW_PAGE_BYTES : 0,
    };
    gw_stream_open(&memory->chance, (uint64_t)scenario->seed, (uint64_t)replication, "workers", 0);
    memory->vcpu_event.fire = gw_sim_vcpus_changed;
    memory->poll.fire = gw_sim_vcpus_poll;
    return open_guest(memory, scenario, replication, err) && open_codec(memory, err) &&
           open_crew(memory, err) && open_wire(memory, err) &&
           gw_sim_memory_open_cores(memory, err) &&
           gw_bitmap_create(&memory->missing, pages, err) && open_waits(memory, err);
}

void
gw_sim_memory_close(struct gw_sim_memory *memory)
{
    gw_cores_close(&memory->cores);
    gw_sim_wire_close(&memory->wire);
    if (memory->crew != NULL) {
        gw_sim_crew_destroy(memory->crew);
    }
    gw_page_codec_destroy(memory->codec);
    gw_guest_memory_destroy(memory->guest);
    for (size_t i = 0; memory->contents != NULL && i < memory->plan->region_count; i++) {
        gw_page_content_destroy(memory->contents[i]);
    }
    gw_bitmap_destroy(&memory->missing);
    free(memory->contents);
    free(memory->regions);
    free(memory->slots);
    free(memory->waits);
    gw_histogram_clear(&memory->page_wait);
}
